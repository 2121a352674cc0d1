"""A process for the Calculator's tests that answers when the test says so."""

from concurrent.futures import Future

from resviz.architectures import count
from resviz.countspec import CountSpec
from resviz.counttext import rows
from resviz.runs.prober import LookFailed, Prober


class Slow(Prober):
    """A prober without a process. `answers`, where it is set, makes every answer at once, or raises; else all wait."""

    def __init__(self, store):
        super().__init__(store)
        self.asked, self.answers = [], None

    def ask(self, question, viewer=""):
        self.asked.append(question)
        if self.answers is None:
            return super().ask(question, viewer)
        future = Future()
        self._answer(future, question, self.answers)
        return future

    def answer_waiting(self, answers):
        """What `_serve` does, for all that wait."""
        while self.waiting:
            _, (question, future) = self.waiting.popitem(last=False)
            future.set_running_or_notify_cancel()
            self._answer(future, question, answers)

    def _answer(self, future, question, answers):
        try:
            answer = answers(question)
        except LookFailed as error:
            future.set_exception(error)
        else:
            self.known[question.key] = answer
            future.set_result(answer)


def totals(**words):
    """Parameters, operations and memory of a network, exact."""
    return rows(count(CountSpec.of(words)))[-1][3:6]
