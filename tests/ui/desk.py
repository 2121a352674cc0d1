"""A prober whose process is the test."""

import time
from io import BytesIO
from types import SimpleNamespace

from resviz.runs.prober import Prober
from resviz.runs.questions import Question
from resviz.runs.store import Store

DEADLINE = 30.0


def wait(condition, what="that"):
    end = time.monotonic() + DEADLINE
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {DEADLINE:g} s for {what}"
        time.sleep(0.002)
    return found


class Desk(Prober):
    """It begins, tells parts, and ends when the test says so."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.process = SimpleNamespace(stdin=BytesIO(), kill=lambda: None)

    def begin(self) -> Question:
        """The next question, as `_serve` takes it."""
        viewer, (question, self.future) = self.waiting.popitem(last=False)
        assert self.future.set_running_or_notify_cancel()
        self.answering, self.at_work = viewer, question
        return question

    def tell(self, record) -> None:
        self.so_far[self.at_work.key] = record

    @property
    def told_enough(self) -> bool:
        return bool(self.process.stdin.getvalue())

    def end(self, answer) -> None:
        """With an answer, or an error."""
        question, self.process.stdin = self.at_work, BytesIO()
        self.answering, self.at_work = "", None
        self.so_far.pop(question.key, None)
        if isinstance(answer, Exception):
            self.future.set_exception(answer)
        else:
            self.known[question.key] = answer
            self.future.set_result(answer)

    def waits_for(self) -> list:
        return [question.spec for question, _ in self.waiting.values()]
