"""The process behind a click, which is the test: it measures here and now, and keeps what it was asked."""

from concurrent.futures import Future
from functools import cache

from resviz.runs.prober import Prober
from resviz.runs.questions import answerer

answerers = cache(answerer)


class Here(Prober):
    """`instead`, where it is set, is raised in place of an answer; while `silent` nothing is answered at all."""

    def __init__(self, store):
        super().__init__(store)
        self.instead, self.silent, self.asked = None, False, []

    def ask(self, question, viewer=""):
        future = Future()
        if (known := self.remembered(question)) is not None:
            future.set_result(known)
            return future
        self.asked.append(question)
        if self.silent:
            return future
        if self.instead:
            future.set_exception(self.instead)
            return future
        answer = answerers(question.kind)(question.spec, *([question.image] if question.image else []))
        self.known[question.key] = answer
        future.set_result(answer)
        return future
