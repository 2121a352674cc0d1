"""A worker process: turns specs into records, one run at a time, others parked where they stopped.

Started as `python -m resviz.runs.worker`; speaks `messages` over its standard input and output.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from resviz.records import Event, Record, Start
from resviz.runs.messages import Done, Drop, Failed, Found, Happened, Hello, Parked, Want, receive, send
from resviz.spec import Spec

NICENESS = 15  # with trainers at 0, thirty browsers' p95 goes from 34 ms to 177 ms
MAX_PARKED = 3  # runs kept where they stopped; older ones would start over, to the same numbers
WARM_UP = Spec(epochs=1)


class Job:
    """One run in this process: its generator and how far it is."""

    def __init__(self, want: Want, open_run: Callable[[Spec], Iterator[Event]]) -> None:
        self.spec = Spec.model_validate_json(want.spec)
        self.events = open_run(self.spec)
        self.attempt = want.attempt
        self.step = 0
        self.seconds = 0.0
        self.skip = want.have  # records that the server has from before; made again to get here, not sent again

    def next(self) -> Event | None:
        """The next event, or None at the end; counts the time it took."""
        began = time.perf_counter()
        event = next(self.events, None)
        self.seconds += time.perf_counter() - began
        if isinstance(event, Record):
            self.step = event.step
        return event


class Worker:
    """The loop of the process. `open_run` is the one seam between runs and experiments."""

    def __init__(
        self, inbox: queue.Queue[Any], say: Callable[[Any], None], open_run: Callable[[Spec], Iterator[Event]]
    ) -> None:
        self.inbox, self.say, self.open_run = inbox, say, open_run
        self.jobs: dict[str, Job] = {}  # the youngest last
        self.want: Want | None = None

    def loop(self) -> None:
        while True:
            message = self.inbox.get()
            if message is None:
                return
            if isinstance(message, Want):
                self.want = message
            elif isinstance(message, Drop):
                self._forget(message.digest)
            while self.want is not None and self.inbox.empty():
                self._advance(self.want)

    def _advance(self, want: Want) -> None:
        """One event of the wanted run, or the news that there is nothing left to do for this wish."""
        if (old := self.jobs.get(want.digest)) and old.attempt != want.attempt:
            self._close(want.digest)
        if want.digest not in self.jobs:
            if want.until <= want.have:
                return self._park(want)
            self.jobs[want.digest] = Job(want, self.open_run)
        job = self.jobs[want.digest] = self.jobs.pop(want.digest)
        if job.step >= want.until:
            return self._park(want)
        try:
            event = job.next()
        except Exception as error:
            if not is_expected(error):
                traceback.print_exc()
            self._forget(want.digest)
            self.want = None
            missing = job.spec.dataset if is_missing_data(error) else ""
            return self.say(Failed(want.digest, explain(error), missing, job.attempt))
        if event is None:
            self._forget(want.digest)
            self.want = None
            self.say(Done(want.digest, job.seconds, job.attempt))
        elif isinstance(event, Start) or event.step > job.skip:
            self.say(Happened(want.digest, event, job.attempt))

    def _park(self, want: Want) -> None:
        self.want = None
        for digest in list(self.jobs)[:-MAX_PARKED]:
            self._forget(digest)
        self.say(Parked(want.ticket))

    def _forget(self, digest: str) -> None:
        self._close(digest)
        if self.want is not None and self.want.digest == digest:
            self.want = None

    def _close(self, digest: str) -> None:
        if job := self.jobs.pop(digest, None):
            close = getattr(job.events, "close", None)
            if close:
                close()


def is_missing_data(error: Exception) -> bool:
    from resviz.data import DataUnavailable

    return isinstance(error, DataUnavailable)


def is_expected(error: Exception) -> bool:
    """Whether the error's own message is a sentence for people."""
    from resviz.experiments.train import DeviceUnavailable

    return is_missing_data(error) or isinstance(error, DeviceUnavailable)


def explain(error: Exception) -> str:
    """An exception as one sentence for the person who asked for the run."""
    if is_expected(error):
        return str(error)
    if "out of memory" in str(error).lower() or isinstance(error, MemoryError):
        return "There was not enough memory for this run: try a smaller depth, width or batch."
    return f"The run stopped with {type(error).__name__}: {str(error)[:300]}"


def warm_up() -> Hello:
    """Train the default twins for a few steps: the first ones build kernels, the rest measure this machine."""
    from resviz.counting import cost
    from resviz.experiments.train import train

    run = train(WARM_UP)
    for _ in islice(run, 3):
        pass
    began = time.perf_counter()
    steps = sum(1 for _ in islice(run, 3))
    seconds = (time.perf_counter() - began) / steps
    run.close()  # type: ignore[attr-defined]
    return Hello(cost(WARM_UP).macs / WARM_UP.steps / seconds)


def main() -> None:
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # Anything that a library prints must not get between the messages.
    out: BinaryIO = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    inbox: queue.Queue[Any] = queue.Queue()

    def listen() -> None:
        try:
            while True:
                inbox.put(receive(sys.stdin.buffer))
        except EOFError:
            os._exit(0)  # the server is gone; nobody is left to train for

    threading.Thread(target=listen, daemon=True).start()
    from resviz.experiments.train import resolve_device, train

    send(out, Found(resolve_device("auto")))
    send(out, warm_up())
    Worker(inbox, lambda message: send(out, message), train).loop()


if __name__ == "__main__":
    main()
