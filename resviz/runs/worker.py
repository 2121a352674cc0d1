"""A worker process: computes records from specs, one job at a time, while other jobs stay parked where they stopped.

Started as `python -m resviz.runs.worker LANE` (runs.pool); exchanges `messages` over its standard input and output. A job is a
run, or a question of one of the kinds of runs.questions.
"""

from __future__ import annotations

import functools
import gc
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

from resviz.runs import memory
from resviz.runs.messages import (
    STATES_FOLDER,
    TRAINING,
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
from resviz.runs.questions import KINDS, answerer
from resviz.runs.states import RunStates, States
from resviz.train.records import Event, Record
from resviz.train.spec import TrainingSpec, default_spec, spec_from_json
from resviz.words.fields import Worded

# Answers to clicks go first; with the training processes at 0, the 95th percentile of thirty browsers goes from 34 ms to 177 ms.
# People watch the panels while they are computed: at 12, a busy browser on the same machine costs them 50 ms.
NICENESS = {"click": 0, "panels": 5, "runs": 15}
LISTEN_SECONDS = 0.06  # about the time until the new branch is requested
MAX_PARKED = 6  # most jobs parked where they stopped; older ones would start over, with the same numbers
END: Any = object()


class OpenRun(Protocol):
    """The only interface between runs and experiments: `train.twins.lockstep.train`, or anything else that makes records."""

    def __call__(self, spec: TrainingSpec, *, after: int, keeper: RunStates) -> Iterator[Event]:
        """Yield a Start, then the records past step `after`."""


class Job:
    """One job in this process: its generator and how far it is. Only a run has a `keeper`."""

    def __init__(self, want: Want, spec: Worded, events: Iterator[Any], keeper: RunStates | None = None) -> None:
        self.spec, self.events, self.keeper, self.attempt = spec, events, keeper, want.attempt
        self.divisible = want.kind == TRAINING or KINDS[want.kind].parts
        self.step = want.have if keeper else 0
        self.seconds = 0.0
        self.forks: list[int] = []  # the tickets of those who wait for a state to branch from

    def next(self) -> Any:
        """Return the next event, END, or None where there is nothing new but the job can be stopped; counts the time it took."""
        began = time.perf_counter()
        event = next(self.events, END)
        self.seconds += time.perf_counter() - began
        if isinstance(event, Record) and self.keeper:
            self.step = event.step
        return event


class Worker:
    """The main loop of the process, and its jobs."""

    def __init__(
        self,
        inbox: queue.Queue[Any],
        say: Callable[[Any], None],
        open_run: OpenRun,
        states: States | None = None,
        answerer: Callable[[str], Callable[..., Any]] = answerer,
    ) -> None:
        self.inbox, self.say, self.open_run, self.states = inbox, say, open_run, states or States(None)
        self.answerer = functools.cache(answerer)
        self.jobs: dict[str, Job] = {}  # the most recently used last
        self.want: Want | None = None
        self.tidied = time.monotonic()

    def loop(self) -> None:
        while True:
            message = self._receive()
            if message is None:
                return
            if isinstance(message, Want):
                if self.want is not None and self.want.key != message.key:
                    self._answer(self.want.key, 0)
                self.want = message
            elif isinstance(message, Drop):
                self._forget(message.key)
            elif isinstance(message, Fork):
                self._fork(message)
            while self.want is not None and self.inbox.empty():
                self._advance(self.want)
                self._tidy()

    def _tidy(self) -> None:
        """Search for garbage if that is due: between two answers, so that none waits for it."""
        if (now := time.monotonic()) >= self.tidied + memory.TIDY_SECONDS:
            self.tidied = now
            gc.collect()

    def _receive(self) -> Any:
        """Wait for a message; after a while without one, the memory that this process does not use is returned."""
        try:
            return self.inbox.get(timeout=memory.IDLE_SECONDS)
        except queue.Empty:
            memory.give_back()
            return self.inbox.get()

    def _advance(self, want: Want) -> None:
        """Compute and send one event of the wanted job, or report that it has reached `want.until`, is done or has failed."""
        if (old := self.jobs.get(want.key)) and old.attempt != want.attempt:
            self._close(want.key)
        if want.key not in self.jobs:
            if want.until <= want.have:
                return self._park(want)
            self.jobs[want.key] = self._open(want)
        job = self.jobs[want.key] = self.jobs.pop(want.key)
        if job.step >= want.until:
            return self._park(want)
        try:
            event = job.next()
        except Exception as error:
            if not is_expected(error):
                traceback.print_exc()
            self._forget(want.key)
            self.want = None
            missing = job.spec.needs if is_missing_data(error) else ""
            return self.say(Failed(want.key, explain(error), missing, job.attempt))
        if event is END:
            self._forget(want.key)
            self.want = None
            self.say(Done(want.key, job.seconds, job.attempt))
        elif event is not None:
            self.say(Happened(want.key, event, job.attempt))
            if not job.divisible:
                return self._advance(want)  # to its end, whatever messages have arrived meanwhile
            if job.forks and job.keeper and job.keeper.fork is not None and job.step >= job.keeper.fork:
                self._answer(want.key, job.keeper.fork)
                self._listen()

    def _open(self, want: Want) -> Job:
        if want.kind != TRAINING:
            question = KINDS[want.kind].read(want.spec)
            return Job(want, question, self._parts(want, question))
        spec = spec_from_json(want.spec)
        keeper = self.states.of(spec)
        return Job(want, spec, self.open_run(spec, after=want.have, keeper=keeper), keeper)

    def _parts(self, want: Want, spec: Worded) -> Iterator[Any]:
        """Yield the parts of an answer; an answer that does not come in parts is one part."""
        found = self.answerer(want.kind)(spec, *([want.image] if want.image else []))
        if isinstance(found, Iterator):
            yield from found
        else:
            yield found

    def _listen(self) -> None:
        """Wait a moment for a message: whoever branches a run mostly wants the branch next, and another step would delay it."""
        deadline = time.perf_counter() + LISTEN_SECONDS
        while self.inbox.empty() and time.perf_counter() < deadline:
            time.sleep(0.002)

    def _fork(self, message: Fork) -> None:
        job = self.jobs.get(message.key)
        if job is None or job.keeper is None or self.want is None or self.want.key != message.key:
            self.say(Forked(message.ticket, 0))
            return
        if not job.forks:
            job.keeper.ask(job.step)
        job.forks.append(message.ticket)

    def _answer(self, key: str, step: int) -> None:
        """Send `step` to those who wait to branch a run."""
        if job := self.jobs.get(key):
            for ticket in job.forks:
                self.say(Forked(ticket, step))
            job.forks.clear()

    def _park(self, want: Want) -> None:
        self.want = None
        self._answer(want.key, 0)
        for key in list(self.jobs)[:-MAX_PARKED]:
            self._forget(key)
        self.say(Parked(want.ticket))

    def _forget(self, key: str) -> None:
        self._close(key)
        if self.want is not None and self.want.key == key:
            self.want = None

    def _close(self, key: str) -> None:
        self._answer(key, 0)
        if job := self.jobs.pop(key, None):
            close = getattr(job.events, "close", None)
            if close:
                close()


def is_missing_data(error: Exception) -> bool:
    from resviz.data.tensors import DataUnavailable

    return isinstance(error, DataUnavailable)


def is_expected(error: Exception) -> bool:
    """Return whether the error's own message is a sentence written for users."""
    from resviz.train.twins.lockstep import DeviceUnavailable
    from resviz.words.text import Mistake

    return is_missing_data(error) or isinstance(error, DeviceUnavailable | Mistake)


def explain(error: Exception) -> str:
    """Describe an exception in one sentence, for the person who asked for the job."""
    if is_expected(error):
        return str(error)
    if "out of memory" in str(error).lower() or isinstance(error, MemoryError):
        return "There was not enough memory for this: try a smaller depth, width or batch."
    return f"This stopped with {type(error).__name__}: {str(error)[:300]}"


def warm_up(lane: str, worker: Worker) -> None:
    """Prepare for what a lane is mostly asked, and send Hello as soon as its first job would be fast."""
    if lane == "runs":
        return worker.say(measure_speed())
    first, *others = [name for name, kind in KINDS.items() if kind.asked.warm and kind.lane == lane] or [""]
    if first:  # a first pass builds kernels, and allocates memory for them
        _try(worker, first, KINDS[first].spec())
    worker.say(Hello())
    for name in others:
        _try(worker, name, KINDS[name].spec())


def _try(worker: Worker, kind: str, spec: Worded) -> None:
    try:
        worker.answerer(kind)(spec)
    except Exception:
        traceback.print_exc()


def measure_speed() -> Hello:
    """Measure this machine by training the default twins for a few steps: the first ones build kernels, the rest are timed."""
    from resviz.train.twins.lockstep import train

    spec = default_spec().replace(epochs=1)
    run = train(spec)
    for _ in islice(run, 3):
        pass
    began = time.perf_counter()
    steps = sum(1 for _ in islice(run, 3))
    seconds = (time.perf_counter() - began) / steps
    run.close()  # type: ignore[attr-defined]
    return Hello(spec.family.of("cost")(spec).macs / spec.steps / seconds)


def connect(niceness: int) -> tuple[BinaryIO, queue.Queue[Any]]:
    """Connect this process to the server; returns where to send messages, and the queue where they arrive."""
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
            os._exit(0)  # the server has ended

    threading.Thread(target=listen, daemon=True).start()
    return out, inbox


def main() -> None:
    lane = sys.argv[1]
    out, inbox = connect(NICENESS[lane])

    from resviz.train.twins.lockstep import one_thread, resolve_device, train
    from resviz.train.twins.machine import machine_of

    one_thread()
    device = resolve_device("auto")
    send(out, Found(device, machine_of(device)))
    home = os.environ.get(STATES_FOLDER)
    worker = Worker(inbox, lambda message: send(out, message), train, States(Path(home) if home else None))
    warm_up(lane, worker)
    memory.settle()
    worker.loop()


if __name__ == "__main__":
    main()
