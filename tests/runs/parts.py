"""A prober whose process is the real loop with made-up answers (tests/runs/madeup.py), and a say in when they come."""

import threading
from concurrent.futures import Future
from pathlib import Path

from resviz.euler.flow import Flow, PlaneSpec
from resviz.records import Record
from resviz.runs.limits import Limits
from resviz.runs.prober import Prober
from resviz.runs.questions import Question
from resviz.runs.store import Store
from resviz.spec import Spec
from tests.forked import Forks
from tests.runs.madeup import a_part, a_record
from tests.runs.waiting import DEADLINE, wait

SPEED = 4e10


def spec(seed: int, **changes) -> Spec:
    return Spec(seed=seed, device="cpu", **changes)


def answer_to(seed: int) -> Record:
    return a_record(spec(seed))


def question(seed: int, parts: int = 3) -> Question:
    return Question("flow", PlaneSpec(seed=seed, steps=parts))


def part(asked: Question, number: int) -> Flow:
    return a_part(asked.spec, number)


class Noted(dict):
    """What has come so far, and in what order it came."""

    def __init__(self) -> None:
        self.came = []

    def __setitem__(self, key, value) -> None:
        self.came.append((key, value))
        super().__setitem__(key, value)

    def of(self, asked: Question) -> list[int]:
        return [value.step for key, value in self.came if key == asked.key]


class Office:
    def __init__(self, folder: Path, forks: Forks) -> None:
        self.folder, self.forks = folder, forks
        self.open()

    def open(self) -> None:
        """Start, or start again as after a restart of the server."""
        command = self.forks.command("tests.runs.madeup:main", self.folder)
        self.prober = Prober(Store(self.folder / "home"), limits=Limits(60.0, 8e9), command=command)
        self.prober.so_far = self.came = Noted()
        self.prober.start()

    def close(self) -> None:
        self.prober.close()
        for thread in [t for t in threading.enumerate() if t.name == "prober"]:
            thread.join(DEADLINE)
        self.prober.store.close()

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().split() if path.exists() else []

    def begun(self) -> list[int]:
        """The seeds of the questions that the process has begun to answer, in their order."""
        return [int(line) for line in self._lines("log")]

    def told_enough(self) -> int:
        """How often the process has read that it is enough."""
        return len(self._lines("enough"))

    # -- looks before training -------------------------------------------------------------------

    def look(self, seed: int, viewer: str = "", **changes) -> Future[Record]:
        return self.prober.look(spec(seed, **changes), SPEED, viewer)

    def set_look(self, what: str, seed: int) -> Path:
        path = self.folder / f"{what}-{seed}"
        path.touch()
        return path

    def looking(self, viewer: str = "somebody") -> tuple[Future[Record], Path]:
        """The process at a look that it does not answer until the file is gone."""
        gate = self.set_look("hold", 100)
        future = self.look(100, viewer)
        wait(lambda: 100 in self.begun(), "the question")
        return future, gate

    # -- what comes in parts -----------------------------------------------------------------------

    def ask(self, asked: Question, viewer: str = "") -> Future:
        return self.prober.ask(asked, viewer)

    def set(self, what: str, asked: Question, number: int) -> Path:
        path = self.folder / f"{what}-{asked.spec.seed}-{number}"
        path.touch()
        return path

    def busy(self, viewer: str = "a", what: str = "hold") -> tuple[Question, Future, Path]:
        """The process between the first and the second part of question 100."""
        asked = question(100)
        gate = self.set(what, asked, 2)
        future = self.ask(asked, viewer)
        wait(lambda: asked.key in self.came, "the first part")
        if what == "deaf":
            wait((self.folder / "waits-100-2").exists, "the gate")
        return asked, future, gate
