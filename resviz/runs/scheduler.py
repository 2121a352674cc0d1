"""Which run is computed where and when: a fixed number of workers, first come, first served, and no run twice."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from resviz.runs.forks import Forks
from resviz.runs.limits import ASSUMED_MACS_PER_SECOND, Limits
from resviz.runs.messages import STATES_FOLDER, Done, Drop, Failed, Fork, Forked, Found, Happened, Hello, Parked, Want
from resviz.runs.room import Room
from resviz.runs.run import ENDED, FOREVER, Lease, Run
from resviz.runs.seats import Seat, hire
from resviz.runs.store import Store
from resviz.spec import Spec

OPEN_SECONDS = 15.0  # how long a viewer counts after the last sign of an open stream
POLL_SECONDS = 90.0  # likewise for one who polls: hidden tabs are throttled to about one request a minute
GRACE_SECONDS = 90.0  # how long an unwatched run goes on while no other waits
KEPT_IN_MEMORY = 40
YOUNG_SECONDS = 60.0
BROKEN_AFTER = 3  # worker deaths in a row, before any said hello
WORKER_COMMAND = (sys.executable, "-m", "resviz.runs.worker")


class Scheduler:
    """All public methods are safe from any thread; all but `branch` and `resolve` return at once."""

    def __init__(
        self, store: Store, *, workers: int = 1, limits: Limits | None = None, command: tuple[str, ...] = WORKER_COMMAND
    ) -> None:
        self.store, self.limits, self.command = store, limits or Limits(), command
        self.room = Room(store)
        self.lock = threading.RLock()
        self.runs: dict[str, Run] = {}  # the latest asked for is last
        self.keeping: list[Run] = []  # done, and on their way to the disk
        self.seats = [Seat() for _ in range(workers)]
        self.tickets = itertools.count(1)
        self.forks = Forks()
        self.trained = 0  # runs started from nothing, for tests and the curious
        self.deaths, self.broken = 0, ""
        self.device = store.fact("device")
        self.macs_per_second = float(store.fact("macs_per_second") or ASSUMED_MACS_PER_SECOND)
        self.known_device, self.closing = threading.Event(), threading.Event()
        if self.device:
            self.known_device.set()

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the workers and the clock that ends leases."""
        self.room.begin()
        with self.lock:
            for seat in self.seats:
                self._hire(seat)
        threading.Thread(target=self._clock, name="leases", daemon=True).start()

    def close(self) -> None:
        """End the workers; finished runs stay in the store."""
        self.closing.set()
        with self.lock:
            self.forks.lost()
            processes = [seat.process for seat in self.seats if seat.process]
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(timeout=10)
        self.store.close()

    # -- what pages and routes ask ------------------------------------------------------------------

    def resolve(self, spec: Spec, timeout: float = 30.0) -> Spec:
        """The spec with device "auto" replaced by the one it stands for here; waits for the first worker if need be."""
        if spec.device != "auto":
            return spec
        self.known_device.wait(timeout)
        return spec.replace(device=self.device or "cpu")

    def submit(self, spec: Spec) -> Run:
        """The run of this spec: one that is kept, under way, or new. Raises Refused past the limits.

        Nothing is computed before someone watches.
        """
        spec = self.resolve(spec)
        with self.lock:
            run = self.get(spec.digest)
            if run is None:
                kept, message = self.store.load(spec.digest)
                if kept is None:
                    self.limits.check(spec, self.macs_per_second)
                run = Run(spec, status="finished" if kept else "paused", message=message)
                if kept:
                    run.history, run.seconds = kept.history, kept.seconds
                else:
                    self._inherit(run)
                self._remember(run)
            return run

    def branch(self, run: Run, viewer: str, at: int | None, changes: Mapping[str, str], until: int = FOREVER) -> Run:
        """The run that shares the steps of `run` up to `at`, and then has other settings; the viewer goes over to it,
        and wants to see step `until`.

        Without `at` it leaves a run under way at the next step that can still be changed, and any other where it stands.
        At a run's last step it trains on for as many epochs again. `run` itself does not change for who else watches it.
        Raises SpecError for what cannot change or a step that cannot be reached, and Refused past the limits.
        """
        at = self._fork(run) if at is None else at
        if at >= run.spec.steps:
            now = run.spec.during(run.spec.steps)
            changes = {"epochs": str(now.epochs + run.spec.epochs), **changes}
        new = self.submit(run.spec.branch(at, **changes))
        with self.lock:
            if new is not run:
                run.leases.pop(viewer, None)
                if until:
                    self.watch(new, viewer, until)
            return new

    def _fork(self, run: Run) -> int:
        """The step to branch a run at, now."""
        with self.lock:
            seat = next((seat for seat in self.seats if seat.run is run and run.status == "running"), None)
            if seat is None:
                return run.steps_done
            ticket = next(self.tickets)
            answer = self.forks.expect(ticket, seat)
            seat.tell(Fork(ticket, run.digest))
        step = answer.wait()
        with self.lock:
            self.forks.give(ticket, 0)  # whoever answers later answers nobody
        return step or run.steps_done

    def get(self, digest: str) -> Run | None:
        """A run by its digest, from memory alone."""
        with self.lock:
            run = self.runs.pop(digest, None)
            if run is not None:
                self.runs[digest] = run
            return run

    def watch(
        self, run: Run, viewer: str, until: int = FOREVER, seconds: float = OPEN_SECONDS, *, waits: bool = True
    ) -> Lease:
        """Viewer `viewer` wants to see the run reach step `until`; they renew that by moving the lease's `expires`.

        One who does not wait has it computed only while nobody else waits for anything.
        """
        with self.lock:
            lease = run.leases[viewer] = Lease(until, time.monotonic() + seconds, waits)
            self._arrange()
            return lease

    def renew(self, run: Run, viewer: str, seconds: float, *, stream: bool = False) -> Lease | None:
        """A sign of life from a viewer: what they wish to see of the run stays wished for. None if they wish for nothing.

        With `stream` it comes from an open one: a stream before it may just have been closed (`leave`).
        """
        with self.lock:
            if lease := run.leases.get(viewer):
                lease.expires = time.monotonic() + seconds
                if stream and not lease.open:
                    lease.open = True
                    self._arrange()
            return lease

    def aim(self, run: Run, viewer: str, until: int) -> None:
        """Change how far a viewer who is watching wants to see the run go."""
        with self.lock:
            if lease := run.leases.get(viewer):
                lease.until = until
                self._arrange()

    def leave(self, run: Run, viewer: str, lease: Lease) -> None:
        """A stream has closed; what its viewer wanted lives on for a while, if nobody else waits."""
        with self.lock:
            if run.leases.get(viewer) is lease:
                lease.open, lease.expires = False, time.monotonic() + GRACE_SECONDS
                self._arrange()

    def cancel(self, run: Run, viewer: str) -> None:
        """The viewer wants no more of it. It ends if nobody else watches; its records so far stay."""
        with self.lock:
            run.leases.pop(viewer, None)
            if run.status not in ENDED and run.wanted_until(closed=False) == 0:
                run.leases.clear()
                run.status, run.message = "cancelled", f"Cancelled after step {run.steps_done} of {run.spec.steps}."
                self._forget(run)
            self._arrange()

    def restart(self, run: Run) -> Run:
        """A cancelled or failed run from its first step again; any other is left as it is."""
        with self.lock:
            if run.status in ("failed", "cancelled"):
                run.start_over()
                self._inherit(run)
                self._arrange()
            return run

    def position(self, run: Run) -> int:
        """How many runs go before this one; 0 if it is not waiting."""
        with self.lock:
            queue = self._queue()
            return queue.index(run) + sum(seat.run is not None for seat in self.seats) if run in queue else 0

    def status(self) -> dict[str, Any]:
        """What is going on, in numbers; `trained` counts runs begun from nothing since the server started."""
        with self.lock:
            states = [run.status for run in self.runs.values()]
            return {
                "device": self.device,
                "workers": sum(seat.ready for seat in self.seats),
                "trained": self.trained,
                "running": states.count("running"),
                "queued": states.count("queued"),
                "broken": self.broken,
            }

    def _inherit(self, run: Run) -> None:
        """Give a branch the steps that it shares with a run known here, the closest one first."""
        for at in sorted({edit.at for edit in run.spec.edits}, reverse=True):
            digest = run.spec.trunk(at).digest
            parent = self.runs.get(digest)
            history = parent.history if parent else None
            if history is None and (kept := self.store.load(digest)[0]):
                history = kept.history
            if history and history.start and history.records:
                run.inherit(history.until(at))
                return

    # -- arranging -------------------------------------------------------------------------------------

    def _remember(self, run: Run) -> None:
        self.runs[run.digest] = run
        for digest, old in list(self.runs.items())[:-KEPT_IN_MEMORY]:
            young = time.monotonic() - old.born < YOUNG_SECONDS  # its page may still be on the way to the browser
            if not young and not old.wanted_until(closed=True) and all(seat.run is not old for seat in self.seats):
                del self.runs[digest]
                self._forget(old)

    def _queue(self) -> list[Run]:
        """Runs that an open viewer waits for and nobody computes, first come first; then those of viewers gone."""
        busy = [*self.keeping, *(seat.run for seat in self.seats)]
        idle = [r for r in self.runs.values() if r.status not in ENDED and r not in busy]
        watched = [r for r in idle if r.wanted_until(closed=False) > r.steps_done]
        others = [r for r in idle if r not in watched and r.wanted_until(closed=True) > r.steps_done]
        for run in watched + others:
            run.since = run.since or time.monotonic()
        return sorted(watched, key=lambda r: r.since) + sorted(others, key=lambda r: r.since)

    def _arrange(self) -> None:
        """Bring what the workers do in line with what viewers want. Called, under the lock, on every change."""
        waiting = any(r.wanted_until(closed=False) > r.steps_done for r in self._queue())
        for seat in self.seats:
            if seat.run is not None:
                # A run whose viewers have left goes on only while nobody else waits for the seat.
                until = seat.run.wanted_until(closed=not waiting)
                if until != seat.until:
                    self._ask(seat, seat.run, until)
        free = [seat for seat in self.seats if seat.ready and seat.run is None]
        queue = self._queue()
        for run, seat in zip(queue, free, strict=False):
            run.status, run.since = "running", 0.0
            self._ask(seat, run, run.wanted_until(closed=True))
        for run in queue[len(free) :]:
            run.status = "queued"
        for run in self.runs.values():
            if run.status == "queued" and run not in queue:
                run.status, run.since = "paused", 0.0

    def _ask(self, seat: Seat, run: Run, until: int) -> None:
        if until >= run.spec.steps:
            until = FOREVER  # the end of a run is the generator's word, not a count
        if seat.run is run and seat.until == until:
            return
        seat.run, seat.ticket, seat.until = run, next(self.tickets), until
        self.trained += not run.begun
        run.begun = True
        seat.tell(Want(seat.ticket, run.digest, run.spec.model_dump_json(), run.steps_done, until, run.attempt))

    def _forget(self, run: Run) -> None:
        for seat in self.seats:
            if seat.run is run:
                seat.run = None
            seat.tell(Drop(run.digest))

    def _clock(self) -> None:
        while not self.closing.wait(1.0):
            with self.lock:
                self._arrange()

    # -- workers ---------------------------------------------------------------------------------------

    def _hire(self, seat: Seat) -> None:
        states = {STATES_FOLDER: str(self.store.root / "states")}
        seat.fill(hire(self.command, **states), self._hear, self._on_end)

    def _hear(self, seat: Seat, message: Any) -> None:
        handlers: dict[type, Callable[[Seat, Any], Callable[[], None] | None]] = {
            Found: self._on_found,
            Hello: self._on_hello,
            Happened: self._on_happened,
            Forked: self._on_forked,
            Parked: self._on_parked,
            Done: self._on_done,
            Failed: self._on_failed,
        }
        with self.lock:
            afterwards = handlers[type(message)](seat, message)
        if afterwards:  # what takes long must not hold everyone else up
            afterwards()

    def _on_end(self, seat: Seat, code: int) -> None:
        with self.lock:
            if not self.closing.is_set():
                self._on_death(seat, code)

    def _on_found(self, seat: Seat, found: Found) -> None:
        self.device = found.device
        self.store.learn("device", found.device)
        self.known_device.set()

    def _on_hello(self, seat: Seat, hello: Hello) -> None:
        seat.ready, self.deaths, self.broken = True, 0, ""
        self.macs_per_second = hello.macs_per_second
        self.store.learn("macs_per_second", repr(hello.macs_per_second))
        self._arrange()

    def _on_happened(self, seat: Seat, message: Happened) -> None:
        if run := self._current(message):
            run.accept(message.event)

    def _on_forked(self, seat: Seat, message: Forked) -> None:
        self.forks.give(message.ticket, message.step)

    def _on_parked(self, seat: Seat, message: Parked) -> None:
        if message.ticket == seat.ticket and seat.run is not None:
            seat.run.status = "paused"
            seat.run, seat.until = None, 0
            self._arrange()

    def _on_done(self, seat: Seat, message: Done) -> Callable[[], None] | None:
        run = self._current(message)
        if run:
            seat.free(run)
            self.keeping.append(run)
            run.seconds = message.seconds
        self._arrange()
        return partial(self._keep, run) if run else None

    def _keep(self, run: Run) -> None:
        """Finished means kept: who sees it may end the server."""
        trouble = ""
        try:
            self.store.keep(run.history, run.seconds)
        except OSError as error:
            trouble = f"The run is finished, but could not be kept on disk: {error.strerror}."
        with self.lock:
            watched = [r for r in self.runs.values() if r.leases or r.status == "running"]
        self.room.make([run, *watched])
        with self.lock:
            self.keeping.remove(run)
            if run.status not in ENDED:
                run.status, run.message = "finished", trouble

    def _on_failed(self, seat: Seat, message: Failed) -> None:
        if run := self._current(message):
            seat.free(run)
            run.status, run.message, run.missing = "failed", message.message, message.missing
        self._arrange()

    def _current(self, message: Happened | Done | Failed) -> Run | None:
        """The run that a message is about, unless it was cancelled or started over since."""
        run = self.runs.get(message.digest)
        return run if run and run.status not in ENDED and run.attempt == message.attempt else None

    def _on_death(self, seat: Seat, code: int) -> None:
        """Fail the run that the worker had, and put another in its place."""
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if run := seat.run:
            run.status = "failed"
            run.message = (
                f"The process that trained this run was ended ({how}) after step {run.steps_done} of "
                f"{run.spec.steps}. A new one has taken its place: run it again."
            )
        self.forks.lost(seat)
        self.deaths += not seat.ready
        if self.deaths >= BROKEN_AFTER:
            self.broken = (
                f"Nothing can be trained here: the worker process ends with {how} before it is ready. "
                "The server's log says why."
            )
            seat.process, seat.ready, seat.run = None, False, None
            self.known_device.set()
            return
        self._hire(seat)
