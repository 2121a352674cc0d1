"""A pool whose processes are the test."""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

from resviz.runs.answers import Answer
from resviz.runs.lanes import LATER
from resviz.runs.messages import Done, Failed, Happened, Parked
from resviz.runs.pool import Pool
from resviz.runs.questions import Question, answerer
from resviz.runs.seats import Seat
from resviz.runs.store import Store
from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.words import rows

answerers = cache(answerer)


def here(question: Question) -> Any:
    """The answer, computed here and now."""
    return answerers(question.kind)(question.spec, *([question.image] if question.image else []))


def totals(**words):
    """Parameters, operations and memory of a network, exact."""
    return rows(count(CountSpec.of(words)))[-1][3:6]


class Fails(Exception):
    """What is raised in place of an answer; `missing` names a download that would help."""

    def __init__(self, message: str, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing


class Desk(Pool):
    """It begins, tells parts and ends what it is asked when the test says so; with `answers`, at once. What nobody waits for any
    more stops at once. Runs are never begun."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, {"click": 1, "panels": 1, "runs": 1})
        self.device = "cpu"
        self.known_device.set()
        self.asked: list[Question] = []  # what had to be computed
        self.answers: Callable[[Question], Any] | None = None
        for seat in self.seats:
            if seat.lane != "runs":
                self._hire(seat)

    def _hire(self, seat: Seat) -> None:
        seat.process = SimpleNamespace(stdin=None, kill=lambda: None, wait=lambda timeout: None)  # type: ignore[assignment]
        seat.ready = True

    def add(self, job) -> None:
        super().add(job)
        if isinstance(job, Answer):
            self.asked.append(job.question)

    def watch(self, job, viewer, lease):
        found = super().watch(job, viewer, lease)
        if self.answers:
            self.answer_waiting(self.answers)
        return found

    def arrange(self) -> None:
        super().arrange()
        for seat in self.seats:
            if isinstance(seat.job, Answer) and not seat.until:
                if seat.job.divisible:
                    self._on_parked(seat, Parked(seat.ticket))
                elif seat.lane in LATER:
                    self._on_death(seat, -9)

    # -- what the test does ----------------------------------------------------------------------------

    def _seat(self) -> Seat | None:
        return next((seat for seat in self.seats if isinstance(seat.job, Answer)), None)

    def begin(self) -> Question:
        """The question that a process has been given."""
        seat = self._seat()
        assert seat is not None, "nothing is asked"
        return seat.job.question  # type: ignore[union-attr]

    def tell(self, record: Any) -> None:
        seat = self._seat()
        self.hear(seat, Happened(seat.job.key, record, seat.job.attempt))

    def end(self, answer: Any) -> None:
        """With an answer, or an error."""
        seat = self._seat()
        key, attempt = seat.job.key, seat.job.attempt
        if isinstance(answer, Fails):
            return self.hear(seat, Failed(key, str(answer), answer.missing, attempt))
        self.hear(seat, Happened(key, answer, attempt))
        self.hear(seat, Done(key, 0.0, attempt))

    def answer_waiting(self, answers: Callable[[Question], Any]) -> None:
        """Answer all that wait."""
        while seat := self._seat():
            try:
                answer = answers(seat.job.question)
            except Fails as error:
                answer = error
            self.end(answer)

    def waiting(self) -> list[Question]:
        """What somebody waits for."""
        return [job.question for job in self.jobs.values() if isinstance(job, Answer) and job.status in GOING]

    def waits_for(self) -> list:
        """The specs of what waits and is not begun."""
        return [job.question.spec for job in self._queue() if isinstance(job, Answer)]


GOING = ("queued", "running")
