"""A pool whose processes are the real loop with made-up runs and answers (tests/runs/madeup.py), and a say in when they come."""

from pathlib import Path

from resviz.families.resnet.spec import Spec
from resviz.runs.answers import Answer, Answers
from resviz.runs.lanes import LANES
from resviz.runs.limits import Limits
from resviz.runs.pool import Pool
from resviz.runs.questions import Question
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.topics.flow.question import Flow, PlaneSpec
from resviz.train.records import Record
from tests.forked import Forks
from tests.runs.madeup import a_part, a_record
from tests.runs.waiting import wait


def spec(seed: int, **changes) -> Spec:
    return Spec(seed=seed, device="cpu", **changes)


def answer_to(seed: int) -> Record:
    return a_record(spec(seed))


def look(seed: int, **changes) -> Question:
    """What is measured before training, answered in the lane of clicks."""
    return Question("initial", spec(seed, **changes).during(1))


def question(seed: int, parts: int = 3) -> Question:
    """What comes in parts, in the lane of panels."""
    return Question("flow", PlaneSpec(seed=seed, steps=parts))


def part(asked: Question, number: int) -> Flow:
    return a_part(asked.spec, number)


class Noting(Answer):
    """It notes what has come, by key, for all of them."""

    came: list[tuple[str, int]] = []  # noqa: RUF012  # set anew by each office

    def accept(self, event) -> None:
        if isinstance(event, Flow):
            self.came.append((self.question.key, event.step))
        super().accept(event)


class Office:
    """`seats` by lane."""

    def __init__(self, folder: Path, forks: Forks, **seats: int) -> None:
        self.folder, self.forks, self.seats = folder, forks, {"click": 1, "panels": 1, **seats}
        self.open()

    def open(self) -> None:
        """Start, or start again as after a restart of the server."""
        command = self.forks.command("tests.runs.madeup:main", self.folder)
        self.store = Store(self.folder / "home")
        self.pool = Pool(self.store, self.seats, commands=dict.fromkeys(LANES, command))
        self.answers = Answers(self.pool, limits=Limits(60.0, 8e9))
        self.runs = Scheduler(self.store, self.pool, limits=Limits(1e9, 1e12))
        Noting.came = []
        self.pool.start()

    def close(self) -> None:
        self.pool.close()
        self.store.close()

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def begun(self) -> list[int]:
        """The seeds of the questions that processes have begun to answer, in their order; "begin 1" for a run."""
        return [int(line) if line.isdecimal() else line for line in self._lines("log")]

    def heard(self, what: str) -> int:
        """How many messages that begin so the processes have read."""
        return sum(line.startswith(what) for line in self._lines("heard"))

    def process(self, lane: str):
        return next(seat.process for seat in self.pool.seats if seat.lane == lane)

    def ask(self, asked: Question, viewer: str = "a", **how) -> Question:
        self.answers.ask(viewer, asked, **how)
        return asked

    def status(self, asked: Question) -> str:
        job = self.answers.job(asked)
        return job.status if job else ""

    def answer(self, asked: Question):
        """Wait for the end of it; the answer, or why there is none."""
        wait(lambda: self.status(asked) in ("finished", "failed"), "the answer")
        job = self.answers.job(asked)
        return self.answers.remembered(asked) if job.status == "finished" else job.message

    def came(self, asked: Question) -> list[int]:
        """The parts that have come, by number."""
        return [number for key, number in Noting.came if key == asked.key]

    def set(self, what: str, asked: Question, *number: int) -> Path:
        path = self.folder / "-".join(map(str, (what, asked.spec.seed, *number)))
        path.touch()
        return path

    def looking(self, viewer: str = "somebody") -> tuple[Question, Path]:
        """The process of clicks at a look that it does not answer until the file is gone."""
        asked = look(100)
        gate = self.set("hold", asked)
        self.ask(asked, viewer)
        wait(lambda: 100 in self.begun(), "the question")
        return asked, gate

    def busy(self, viewer: str = "a", what: str = "hold", seed: int = 100) -> tuple[Question, Path]:
        """A process between the first and the second part of a question."""
        asked = question(seed)
        gate = self.set(what, asked, 2)
        self.ask(asked, viewer)
        wait(lambda: self.came(asked), "the first part")
        if what == "deaf":
            wait((self.folder / f"waits-{seed}-2").exists, "the gate")
        return asked, gate
