"""A scheduler with made-up workers (tests/paced.py) that take no time for a step, and a say in what they do."""

from pathlib import Path

from resviz.families.resnet.spec import Spec
from resviz.runs.limits import Limits
from resviz.runs.run import Run
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.train.records import Record
from tests import paced
from tests.forked import Forks
from tests.runs.waiting import DEADLINE, wait

STEPS = 20


def made_up(seed: int, **changes) -> Spec:
    """A run of STEPS steps."""
    spec = Spec(depth=2, seed=seed, examples=200, batch=10, epochs=1, lr=1e-4, device="cpu", **changes)
    assert spec.steps == STEPS
    return spec


def records(run: Run) -> list[Record]:
    return run.history.records


def whole(run: Run) -> list[Record]:
    """All records that the made-up run must come to, whichever way it went."""
    return paced.history(run.spec).records


def finished(scheduler: Scheduler, *runs: Run) -> None:
    """Wait for the end of runs, and for their being kept, which happens under the same lock."""
    wait(lambda: all(run.status == "finished" for run in runs), "the end")
    with scheduler.lock:
        pass


class Office:
    def __init__(self, folder: Path, forks: Forks, workers: int = 1) -> None:
        self.folder = folder
        self.command = forks.command("tests.paced:main", folder, 0)
        self.scheduler = Scheduler(
            Store(folder / "home"), workers=workers, limits=Limits(1e9, 1e12), command=self.command
        )

    def another(self) -> Scheduler:
        """A scheduler as after a restart of the server."""
        return Scheduler(Store(self.folder / "home"), limits=Limits(1e9, 1e12), command=self.command)

    def set(self, what: str, name: int | str, step: int) -> Path:
        path = self.folder / f"{what}-{name}-{step}"
        path.touch()
        return path

    def log(self) -> list[str]:
        """Which runs the workers have begun, ended or seen fail."""
        return self._lines("log")

    def messages(self, what: str) -> int:
        """How many messages the workers have read or sent so far, such as "heard Want"."""
        return self._lines("messages").count(what)

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def told(self, what: str, *, before: int) -> None:
        """Wait until the worker has read a message more than `before`; it heeds it after the step it is at."""
        wait(lambda: self.messages(f"heard {what}") > before, f"{what} to be read")

    def held(self, seed: int, step: int = 1) -> tuple[Run, Path]:
        """A run that somebody watches and that is held at a step, so that its worker is busy; and what holds it."""
        gate = self.set("hold", seed, step)
        run = self.scheduler.submit(made_up(seed))
        self.scheduler.watch(run, "holder", seconds=DEADLINE)
        wait(lambda: run.status == "running" and run.history.start and run.steps_done == step - 1, f"run {seed}")
        wait((self.folder / f"held-{seed}-{step}").exists, f"run {seed} to be at step {step}")
        return run, gate
