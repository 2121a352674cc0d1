"""Threads that wait for a worker to say after which step the run that it is at can be branched."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

SECONDS = 20.0  # how long to wait for the step under way; beyond, a branch goes back to a kept state


@dataclass
class Answer:
    """What came back; `wait` gives the step, or 0 if there is none."""

    worker: object
    came: threading.Event = field(default_factory=threading.Event)
    step: int = 0

    def wait(self) -> int:
        self.came.wait(SECONDS)
        return self.step


class Forks:
    """By ticket; called under the scheduler's lock, while `Answer.wait` is not."""

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
        """The worker has died, or, without one named, all have: nobody will answer."""
        for ticket, answer in list(self.waiting.items()):
            if worker is None or answer.worker is worker:
                self.give(ticket, 0)
