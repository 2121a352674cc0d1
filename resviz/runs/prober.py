"""Measuring networks before training: a process of its own, so that a click need not wait for whatever is training.

Here is the server's side; `python -m resviz.runs.prober` is the process, which speaks `messages`.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections import OrderedDict
from concurrent.futures import Future
from contextlib import suppress

from resviz.records import Record
from resviz.runs import messages
from resviz.runs.limits import Limits
from resviz.runs.messages import Look, Looked
from resviz.runs.seats import hire
from resviz.runs.store import Store
from resviz.spec import Spec

NICENESS = 5  # before the trainers: someone has just clicked
IN_MEMORY = 500
ATTEMPTS = 2  # a process that dies of one question is replaced; asked twice, it is the question
ONE_PASS_SECONDS = 60.0
COMMAND = (sys.executable, "-m", "resviz.runs.prober")


class LookFailed(RuntimeError):
    """The networks could not be measured; the message is a sentence for people. `missing` names a data set."""

    def __init__(self, message: str, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing


class Superseded(RuntimeError):
    """The same viewer has asked for something else meanwhile."""


class Prober:
    """Answers by digest from memory, the store, or the process; each viewer waits for the latest question only."""

    def __init__(self, store: Store, *, limits: Limits | None = None, command: tuple[str, ...] = COMMAND) -> None:
        self.store, self.command = store, command
        self.limits = limits or Limits(seconds=ONE_PASS_SECONDS)
        self.known: OrderedDict[str, Record] = OrderedDict()
        self.waiting: OrderedDict[str, tuple[Spec, Future[Record]]] = OrderedDict()  # by viewer
        self.wake = threading.Condition()
        self.process: subprocess.Popen[bytes] | None = None
        self.closing = False
        self.measured = 0  # passes made, for tests and the curious
        self.anonymous = itertools.count()

    def start(self) -> None:
        self.process = hire(self.command)
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
        future: Future[Record] = Future()
        record = self.recall(spec)
        if record is None:
            self.limits.check(spec.replace(epochs=1, examples=spec.batch), macs_per_second)
        with self.wake:
            old = self.waiting.pop(viewer, None)
            if record is None:
                self.waiting[viewer or f" {next(self.anonymous)}"] = (spec, future)
                self.wake.notify_all()
        if old and old[1].set_running_or_notify_cancel():
            old[1].set_exception(Superseded())
        if record is not None:
            future.set_result(record)
        return future

    def recall(self, spec: Spec) -> Record | None:
        """The record of a spec that has been measured before."""
        digest = spec.during(1).digest
        with self.wake:
            if (record := self.known.get(digest)) is not None:
                self.known.move_to_end(digest)
                return record
        record = self.store.look(digest)
        if record is not None:
            self._remember(digest, record)
        return record

    def _remember(self, digest: str, record: Record) -> None:
        with self.wake:
            self.known[digest] = record
            while len(self.known) > IN_MEMORY:
                self.known.popitem(last=False)

    def _serve(self) -> None:
        while True:
            with self.wake:
                while not self.waiting and not self.closing:
                    self.wake.wait()
                if self.closing:
                    return
                _, (spec, future) = self.waiting.popitem(last=False)
            if not future.set_running_or_notify_cancel():  # given up
                continue
            try:
                if record := self.recall(spec):  # another viewer may have asked the same
                    future.set_result(record)
                    continue
                record = self._ask(spec)
                self.measured += 1
                self._remember(spec.digest, record)
                future.set_result(record)
                self.store.keep_look(spec.digest, record)
            except Exception as error:  # whatever one question does, the next one is answered
                if not future.done():
                    future.set_exception(error if isinstance(error, LookFailed) else LookFailed(str(error)))

    def _ask(self, spec: Spec) -> Record:
        for _ in range(ATTEMPTS):
            process = self.process
            assert process is not None
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(OSError, EOFError):
                messages.send(process.stdin, Look(spec.model_dump_json()))  # type: ignore[arg-type]
                answer: Looked = messages.receive(process.stdout)  # type: ignore[arg-type]
                if answer.record is None:
                    raise LookFailed(answer.message, answer.missing)
                return answer.record
            code = process.wait()
            with self.wake:
                if self.closing:
                    break
                self.process = hire(self.command)
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise LookFailed(f"The process that measures networks was ended ({how}) while it looked at this one.")


def main() -> None:
    from resviz.runs.worker import connect, explain, is_expected, is_missing_data

    out, inbox = connect(NICENESS)
    import traceback

    from resviz.experiments.initial import Initial

    initial = Initial()
    try:  # the first pass builds kernels, and memory for them
        initial(Spec())
    except Exception:
        traceback.print_exc()
    while isinstance(message := inbox.get(), Look):
        spec = Spec.model_validate_json(message.spec)
        try:
            answer = Looked(initial(spec))
        except Exception as error:
            if not is_expected(error):
                traceback.print_exc()
            answer = Looked(None, explain(error), spec.dataset if is_missing_data(error) else "")
        messages.send(out, answer)


if __name__ == "__main__":
    main()
