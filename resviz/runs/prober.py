"""Measuring what takes one pass or a few: a process of its own, so that a click need not wait for whatever is training.

Here is the server's side; `python -m resviz.runs.prober` is the process, which speaks `messages`.
"""

from __future__ import annotations

import itertools
import logging
import queue
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, BinaryIO

from resviz.latest import Latest
from resviz.records import Record
from resviz.runs import messages
from resviz.runs.limits import Limits
from resviz.runs.messages import STATES_FOLDER, Enough, Look, Looked
from resviz.runs.questions import KINDS, Question, answerer
from resviz.runs.seats import hire
from resviz.runs.store import Store
from resviz.spec import Spec

log = logging.getLogger(__name__)

NICENESS = 0  # before the trainers: someone has just clicked
SLOW_NICENESS = 5  # of the one that answers what takes seconds; at 12 a busy browser beside it costs it 50 ms
IN_MEMORY = 500
ATTEMPTS = 2  # a process that dies of one question is replaced; asked twice, it is the question
ONE_PASS_SECONDS = 60.0
STOPPED = "Stopped."
TURN_SECONDS = 90.0  # of what comes in parts, after which others who wait have theirs
TURN_OVER = (
    f"This had run for {TURN_SECONDS:.0f} seconds, and others were waiting: they go first. Choose fewer steps, or start "
    "it again when nobody waits."
)
COMMAND = (sys.executable, "-m", "resviz.runs.prober")
COLD = (*COMMAND, "cold")  # one that does not warm up for the most frequent question


class LookFailed(RuntimeError):
    """The networks could not be measured; the message is a sentence for people. `missing` names a download."""

    def __init__(self, message: str, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing


class Superseded(RuntimeError):
    """The same viewer has asked for something else meanwhile."""

    def __init__(self) -> None:
        super().__init__("Something else was asked for meanwhile.")


class Prober:
    """Answers by digest from memory, the store, or the process; each viewer waits for the latest question only. `heard` is called
    when the process has told a part of an answer, or the end of one."""

    def __init__(
        self,
        store: Store,
        *,
        limits: Limits | None = None,
        command: tuple[str, ...] = COMMAND,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self.store, self.command, self.heard = store, command, heard
        self.limits = limits or Limits(seconds=ONE_PASS_SECONDS)
        self.known: Latest[str, Any] = Latest(IN_MEMORY)
        self.waiting: OrderedDict[str, tuple[Question, Future[Any]]] = OrderedDict()  # by viewer
        self.wake = threading.Condition()
        self.process: subprocess.Popen[bytes] | None = None
        self.closing = False
        self.answering = ""  # the viewer whose question the process has
        self.at_work: Question | None = None
        self.given_up = False  # that question
        self.unsent = False  # the process has not heard of it yet
        self.so_far: dict[str, Any] = {}  # by key, of what comes in parts: the latest
        self.talking = threading.Lock()
        self.measured = 0  # passes made, for tests and the curious
        self.anonymous = itertools.count()

    def start(self) -> None:
        self.process = self._hire()
        threading.Thread(target=self._serve, name="prober", daemon=True).start()

    def close(self) -> None:
        with self.wake:
            self.closing = True
            left = [future for _, future in self.waiting.values()]
            self.waiting.clear()
            self.wake.notify_all()
        for future in left:
            if future.set_running_or_notify_cancel():
                future.set_exception(LookFailed("The server was ended."))
        if self.process:  # the last one: none is hired once we are closing
            self.process.kill()
            self.process.wait(timeout=10)

    def look(self, spec: Spec, macs_per_second: float, viewer: str = "") -> Future[Record]:
        """What `experiments.initial` measures of a spec whose device is not "auto".

        Raises Refused past the limits. The future raises LookFailed or Superseded.
        """
        spec = spec.during(1)
        question = Question("initial", spec)
        if self.remembered(question) is None:
            self.check(spec, macs_per_second)
        return self.ask(question, viewer)

    def check(self, spec: Spec, macs_per_second: float) -> None:
        """Raises Refused for networks through which one pass takes too long here."""
        self.limits.check(spec.replace(epochs=1, examples=spec.batch), macs_per_second)

    def ask(self, question: Question, viewer: str = "") -> Future[Any]:
        """The answer of its kind. The future raises LookFailed or Superseded. What the process is at for this viewer ends, if it
        comes in parts and nobody else waits for it."""
        future: Future[Any] = Future()
        answer = self.remembered(question)
        with self.wake:
            if viewer and viewer == self.answering and self.at_work and self.at_work.key != question.key:
                self._enough(viewer)
            old = self.waiting.pop(viewer, None)
            if answer is None:
                self.waiting[viewer or f" {next(self.anonymous)}"] = (question, future)
                self.wake.notify_all()
        if old and old[1].set_running_or_notify_cancel():
            old[1].set_exception(Superseded())
        if answer is not None:
            future.set_result(answer)
        return future

    def give_up(self, viewer: str, *, interrupt: bool = True) -> None:
        """Nobody waits for this viewer's question any more: its future raises LookFailed, and a process that is at work on it
        stops where it can, or, with `interrupt`, is replaced."""
        with self.wake:
            waiting = self.waiting.pop(viewer, None)
            if viewer == self.answering and self.process and not self._enough(viewer) and interrupt:
                self.given_up = True
                self.process.kill()
        if waiting and waiting[1].set_running_or_notify_cancel():
            waiting[1].set_exception(LookFailed(STOPPED))

    def _enough(self, viewer: str) -> bool:
        """Tell the process to stop at the next part, unless somebody else waits for the same; False for what has no parts."""
        question = self.at_work
        assert question is not None
        if not KINDS[question.kind].parts:
            return False
        if question.key in (q.key for name, (q, _) in self.waiting.items() if name != viewer):
            return True
        if self.unsent:
            self.given_up = True
        elif self.process and self.process.stdin:
            with self.talking, suppress(OSError):
                messages.send(self.process.stdin, Enough())  # type: ignore[arg-type]
        return True

    def ahead(self, question: Question) -> int:
        """How many other questions are answered before this one; 0 also for one that is at work, or that nobody asked."""
        with self.wake:
            at_work = [self.at_work.key] if self.at_work else []
            keys = list(dict.fromkeys([*at_work, *(q.key for q, _ in self.waiting.values())]))
            return keys.index(question.key) if question.key in keys else 0

    def remembered(self, question: Question) -> Any:
        """The answer to a question that has been asked before, or None."""
        key, kind = question.key, KINDS[question.kind]
        if (answer := self.known.get(key)) is not None:
            return answer
        if kind.from_text and (text := self.store.look_text(key)) is not None:
            try:
                answer = kind.from_text(text)
            except ValueError as error:
                log.warning("the kept answer %s is not what was written, and is computed again: %s", key, error)
                return None
            self.known[key] = answer
        return answer

    def forget(self, question: Question) -> None:
        """Measure it anew when it is asked again."""
        self.known.pop(question.key, None)
        self.store.forget_look_text(question.key)

    def _serve(self) -> None:
        while True:
            with self.wake:
                while not self.waiting and not self.closing:
                    self.wake.wait()
                if self.closing:
                    return
                viewer, (question, future) = self.waiting.popitem(last=False)
                self.answering, self.at_work, self.given_up, self.unsent = viewer, question, False, True
            if not future.set_running_or_notify_cancel():  # given up
                with self.wake:
                    self.answering, self.at_work = "", None
                continue
            try:
                if (answer := self.remembered(question)) is not None:  # another viewer may have asked the same
                    future.set_result(answer)
                    continue
                answer = self._ask(question)
                self.measured += 1
                self.known[question.key] = answer
                future.set_result(answer)
                self.heard()  # before it is written to the disk
                to_text = KINDS[question.kind].to_text
                if to_text and not question.image:  # what a person's own picture shows is not written to disk
                    self.store.keep_look_text(question.key, to_text(answer))
            except LookFailed as error:
                future.set_exception(error)
            except Exception as error:  # whatever one question does, the next one is answered
                if future.done():
                    log.exception(
                        "the answer to %s could not be kept, and is computed again after a restart", question.key
                    )
                else:
                    log.exception("the question %s could not be asked", question.key)
                    future.set_exception(LookFailed(f"{type(error).__name__} in the server, whose log says more."))
            finally:
                with self.wake:
                    self.answering, self.at_work = "", None
                    self.so_far.pop(question.key, None)
                self.heard()

    def _hire(self) -> subprocess.Popen[bytes]:
        return hire(self.command, **{STATES_FOLDER: str(self.store.root / "states")})

    def _ask(self, question: Question) -> Any:
        look = Look(question.spec.model_dump_json(), question.kind, question.image)
        for _ in range(ATTEMPTS):
            process = self.process
            assert process is not None
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(OSError, EOFError):
                with self.wake:
                    if self.given_up:
                        raise LookFailed(STOPPED)
                    self.unsent = False
                    with self.talking:
                        messages.send(process.stdin, look)  # type: ignore[arg-type]
                began, over = time.monotonic(), False
                answer: Looked = messages.receive(process.stdout)  # type: ignore[arg-type]
                while answer.more:
                    self.so_far[question.key] = answer.record
                    self.heard()
                    if not over and self.waiting and time.monotonic() - began > TURN_SECONDS:
                        over = True
                        with self.talking:
                            messages.send(process.stdin, Enough())  # type: ignore[arg-type]
                    answer = messages.receive(process.stdout)  # type: ignore[arg-type]
                if answer.record is None:
                    raise LookFailed(
                        TURN_OVER if over and answer.message == STOPPED else answer.message, answer.missing
                    )
                return answer.record
            code = process.wait()
            with self.wake:
                if self.closing:
                    break
                self.process = self._hire()
                if self.given_up:
                    raise LookFailed(STOPPED)
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise LookFailed(f"The process that measures networks was ended ({how}) while it looked at this one.")


def main() -> None:
    from resviz.runs.worker import connect, explain, is_expected, is_missing_data

    cold = "cold" in sys.argv
    out, inbox = connect(SLOW_NICENESS if cold else NICENESS)
    import traceback

    import torch

    torch.set_num_threads(1)  # the order of sums, and so the last bit of every answer, depends on it
    answerers: dict[str, Callable[..., Any]] = {}
    if not cold:
        answerers["initial"] = answerer("initial")
        try:  # the first pass builds kernels, and memory for them
            answerers["initial"](Spec())
        except Exception:
            traceback.print_exc()
    while True:
        look = inbox.get()
        if not isinstance(look, Look):  # enough of what has just ended by itself
            continue
        spec: Any = None
        try:
            spec = KINDS[look.kind].spec.model_validate_json(look.spec)
            if look.kind not in answerers:
                answerers[look.kind] = answerer(look.kind)
            found = answerers[look.kind](spec, *([look.image] if look.image else []))
            answer = _last(found, inbox, out) if isinstance(found, Iterator) else Looked(found)
        except Exception as error:
            if not is_expected(error):
                traceback.print_exc()
            missing = spec.needs if spec is not None and is_missing_data(error) else ""
            answer = Looked(None, explain(error), missing)
        messages.send(out, answer)


def _last(parts: Iterator[Any], inbox: queue.Queue[Any], out: BinaryIO) -> Looked:
    """Send every part as it comes; the last one is the answer. None is no part: only a moment to say that it is enough."""
    last: Any = None
    for part in parts:
        if part is not None:
            last = part
            messages.send(out, Looked(part, more=True))
        if not inbox.empty():  # all that can come meanwhile is that it is enough
            inbox.get()
            return Looked(None, STOPPED)
    return Looked(last)


if __name__ == "__main__":
    main()
