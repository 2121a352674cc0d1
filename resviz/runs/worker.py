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
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from resviz.records import Event, Record
from resviz.runs.messages import (
    STATES_FOLDER,
    Done,
    Drop,
    Failed,
    Fork,
    Forked,
    Found,
    Happened,
    Hello,
    Parked,
    Want,
    receive,
    send,
)
from resviz.runs.states import RunStates, States
from resviz.spec import Spec

NICENESS = 15  # with trainers at 0, thirty browsers' p95 goes from 34 ms to 177 ms
LISTEN_SECONDS = 0.06  # about as long as a branch takes to be asked for
MAX_PARKED = 3  # runs kept where they stopped; older ones would start over, to the same numbers
WARM_UP = Spec(epochs=1)


class OpenRun(Protocol):
    """The one seam between runs and experiments: `experiments.train.train`, or anything else that makes records."""

    def __call__(self, spec: Spec, *, after: int, keeper: RunStates) -> Iterator[Event]:
        """A Start, then the records past step `after`."""


class Job:
    """One run in this process: its generator and how far it is."""

    def __init__(self, want: Want, open_run: OpenRun, states: States) -> None:
        self.spec = Spec.model_validate_json(want.spec)
        self.keeper = states.of(self.spec)
        self.events = open_run(self.spec, after=want.have, keeper=self.keeper)
        self.attempt = want.attempt
        self.step = want.have
        self.seconds = 0.0
        self.forks: list[int] = []  # the tickets of those who wait for a state to branch from

    def next(self) -> Event | None:
        """The next event, or None at the end; counts the time it took."""
        began = time.perf_counter()
        event = next(self.events, None)
        self.seconds += time.perf_counter() - began
        if isinstance(event, Record):
            self.step = event.step
        return event


class Worker:
    """The loop of the process."""

    def __init__(
        self, inbox: queue.Queue[Any], say: Callable[[Any], None], open_run: OpenRun, states: States | None = None
    ) -> None:
        self.inbox, self.say, self.open_run, self.states = inbox, say, open_run, states or States(None)
        self.jobs: dict[str, Job] = {}  # the youngest last
        self.want: Want | None = None

    def loop(self) -> None:
        while True:
            message = self.inbox.get()
            if message is None:
                return
            if isinstance(message, Want):
                if self.want is not None and self.want.digest != message.digest:
                    self._answer(self.want.digest, 0)
                self.want = message
            elif isinstance(message, Drop):
                self._forget(message.digest)
            elif isinstance(message, Fork):
                self._fork(message)
            while self.want is not None and self.inbox.empty():
                self._advance(self.want)

    def _advance(self, want: Want) -> None:
        """One event of the wanted run, or the news that there is nothing left to do for this wish."""
        if (old := self.jobs.get(want.digest)) and old.attempt != want.attempt:
            self._close(want.digest)
        if want.digest not in self.jobs:
            if want.until <= want.have:
                return self._park(want)
            self.jobs[want.digest] = Job(want, self.open_run, self.states)
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
            missing = job.spec.needs if is_missing_data(error) else ""
            return self.say(Failed(want.digest, explain(error), missing, job.attempt))
        if event is None:
            self._forget(want.digest)
            self.want = None
            self.say(Done(want.digest, job.seconds, job.attempt))
        else:
            self.say(Happened(want.digest, event, job.attempt))
            if job.forks and job.keeper.fork is not None and job.step >= job.keeper.fork:
                self._answer(want.digest, job.keeper.fork)
                self._listen()

    def _listen(self) -> None:
        """Whoever has branched mostly wants the branch next: another step of this run would hold it up."""
        deadline = time.perf_counter() + LISTEN_SECONDS
        while self.inbox.empty() and time.perf_counter() < deadline:
            time.sleep(0.002)

    def _fork(self, message: Fork) -> None:
        job = self.jobs.get(message.digest)
        if job is None or self.want is None or self.want.digest != message.digest:
            self.say(Forked(message.ticket, 0))
            return
        if not job.forks:
            job.keeper.ask(job.step)
        job.forks.append(message.ticket)

    def _answer(self, digest: str, step: int) -> None:
        """Tell those who wait to branch a run."""
        if job := self.jobs.get(digest):
            for ticket in job.forks:
                self.say(Forked(ticket, step))
            job.forks.clear()

    def _park(self, want: Want) -> None:
        self.want = None
        self._answer(want.digest, 0)
        for digest in list(self.jobs)[:-MAX_PARKED]:
            self._forget(digest)
        self.say(Parked(want.ticket))

    def _forget(self, digest: str) -> None:
        self._close(digest)
        if self.want is not None and self.want.digest == digest:
            self.want = None

    def _close(self, digest: str) -> None:
        self._answer(digest, 0)
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
    from resviz.words import Mistake

    return is_missing_data(error) or isinstance(error, DeviceUnavailable | Mistake)


def explain(error: Exception) -> str:
    """An exception as one sentence for the person who asked for the run."""
    if is_expected(error):
        return str(error)
    if "out of memory" in str(error).lower() or isinstance(error, MemoryError):
        return "There was not enough memory for this run: try a smaller depth, width or batch."
    return f"The run stopped with {type(error).__name__}: {str(error)[:300]}"


def warm_up() -> Hello:
    """Train the default twins for a few steps: the first ones build kernels, the rest measure this machine."""
    from resviz.cost import cost
    from resviz.experiments.train import train

    run = train(WARM_UP)
    for _ in islice(run, 3):
        pass
    began = time.perf_counter()
    steps = sum(1 for _ in islice(run, 3))
    seconds = (time.perf_counter() - began) / steps
    run.close()  # type: ignore[attr-defined]
    return Hello(cost(WARM_UP).macs / WARM_UP.steps / seconds)


def connect(niceness: int) -> tuple[BinaryIO, queue.Queue[Any]]:
    """Make this process the server's: where to send messages, and where they arrive."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    # Anything that a library prints must not get between the messages.
    out: BinaryIO = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    inbox: queue.Queue[Any] = queue.Queue()

    def listen() -> None:
        try:
            while True:
                inbox.put(receive(sys.stdin.buffer))
        except EOFError:
            os._exit(0)  # the server is gone; nobody is left to work for

    threading.Thread(target=listen, daemon=True).start()
    return out, inbox


def main() -> None:
    out, inbox = connect(NICENESS)
    from resviz.experiments.train import resolve_device, train

    send(out, Found(resolve_device("auto")))
    send(out, warm_up())
    home = os.environ.get(STATES_FOLDER)
    Worker(inbox, lambda message: send(out, message), train, States(Path(home) if home else None)).loop()


if __name__ == "__main__":
    main()
