"""Threads that wait until a worker says after which step its current run can be branched."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

SECONDS = 20.0  # how long to wait for the step under way; after that, a branch starts from a stored state


@dataclass
class Answer:
    """The reply of a worker. `wait` returns the step, or 0 if there is none."""

    worker: object
    came: threading.Event = field(default_factory=threading.Event)
    step: int = 0

    def wait(self) -> int:
        self.came.wait(SECONDS)
        return self.step


class Forks:
    """The expected replies, by ticket. Call its methods under the scheduler's lock, but `Answer.wait` outside it."""

    def __init__(self) -> None:
        self.waiting: dict[int, Answer] = {}

    def expect(self, ticket: int, worker: object) -> Answer:
        answer = self.waiting[ticket] = Answer(worker)
        return answer

    def give(self, ticket: int, step: int) -> None:
        if answer := self.waiting.pop(ticket, None):
            answer.step = step
            answer.came.set()

    def lost(self, worker: object | None = None) -> None:
        """Answer 0 to all who wait for `worker`, because it has died; without a worker, to all who wait."""
        for ticket, answer in list(self.waiting.items()):
            if worker is None or answer.worker is worker:
                self.give(ticket, 0)
