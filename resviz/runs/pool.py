"""The processes that compute, in three lanes (lanes.py): which job is computed where and when.

No job waits for jobs of another lane. A free seat (the place of one process) of lane "runs" also takes jobs of lane "panels" that
come in parts, and is given back at the next part when a run needs it. Within a lane, jobs of the viewers who have used the least
computing time go first, then those that came first. A job whose turn is over is parked (paused in its process) while others wait.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from resviz.runs.forks import Forks
from resviz.runs.jobs import ENDED, FOREVER, Job, Lease
from resviz.runs.lanes import COMMANDS, HELPS, LANES, LATER, TURN_SECONDS
from resviz.runs.limits import ASSUMED_MACS_PER_SECOND
from resviz.runs.memory import ENVIRONMENT
from resviz.runs.messages import STATES_FOLDER, Done, Drop, Failed, Fork, Forked, Found, Happened, Hello, Parked
from resviz.runs.seats import Seat, hire
from resviz.runs.store import Store
from resviz.runs.turns import Turns
from resviz.train.records import UNKNOWN

log = logging.getLogger(__name__)

MOST_BEGUN = 3  # most jobs that take turns in one process, because each of them stays in its memory
KEPT_IN_MEMORY = {"click": 100, "panels": 100, "runs": 40}
GRACE_SECONDS = 90.0  # how long a job that nobody watches goes on while no other waits
BROKEN_AFTER = 3  # a lane is broken after this many of its processes in a row ended before they sent Hello


class Pool:
    """The processes and their jobs. All public methods are safe from any thread; all but `fork` return at once. `heard` is called
    after every change that somebody may wait for."""

    def __init__(
        self,
        store: Store,
        seats: Mapping[str, int],
        *,
        commands: Mapping[str, Sequence[str]] = COMMANDS,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self.store, self.commands, self.heard = store, commands, heard
        self.lock = threading.RLock()
        self.jobs: dict[str, Job] = {}  # the most recently requested is last
        self.keeping: list[Job] = []  # complete, and being written to the disk
        self.seats = [Seat(lane) for lane, count in seats.items() for _ in range(count)]
        self.turns, self.forks, self.tickets = Turns(), Forks(), itertools.count(1)
        self.begun = dict.fromkeys(LANES, 0)  # by lane: number of attempts begun, for tests and `Scheduler.status`
        self.deaths = dict.fromkeys(LANES, 0)
        self.broken: dict[str, str] = {}  # by lane: why nothing can be computed there
        self.device = store.fact("device")
        self.machine = UNKNOWN  # what computes on it, once a process has said so
        self.macs_per_second = float(store.fact("macs_per_second") or ASSUMED_MACS_PER_SECOND)
        self.known_device, self.closing = threading.Event(), threading.Event()
        if self.device:
            self.known_device.set()

    # -- start and end ---------------------------------------------------------------------------

    def start(self) -> None:
        """Start the processes, and the thread that checks every second for leases that have expired."""
        with self.lock:
            for seat in self.seats:
                if seat.lane not in LATER:
                    self._hire(seat)
        threading.Thread(target=self._clock, name="leases", daemon=True).start()

    def close(self) -> None:
        """End the processes."""
        self.closing.set()
        with self.lock:
            self.forks.lost()
            processes = [seat.process for seat in self.seats if seat.process]
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(timeout=10)
        self.heard()

    # -- jobs ----------------------------------------------------------------------------------------

    def get(self, key: str) -> Job | None:
        """Return a job by its key, or None, and mark it as the most recently requested."""
        with self.lock:
            job = self.jobs.pop(key, None)
            if job is not None:
                self.jobs[key] = job
            return job

    def add(self, job: Job) -> None:
        """Add a job. If its lane has too many in memory, drop those requested longest ago for which nobody waits."""
        with self.lock:
            self.jobs[job.key] = job
            lane = [other for other in self.jobs.values() if other.lane == job.lane]
            for old in lane[: -KEPT_IN_MEMORY[job.lane]]:
                young = time.monotonic() - old.born < old.young_seconds
                if not young and not old.wanted_until(closed=True) and all(seat.job is not old for seat in self.seats):
                    del self.jobs[old.key]
                    self.drop(old)

    def drop(self, job: Job) -> None:
        """Make all processes forget the job."""
        with self.lock:
            for seat in self.seats:
                seat.free(job)
                seat.tell(Drop(job.key))
            job.place = None

    def watch(self, job: Job, viewer: str, lease: Lease) -> Lease:
        """Give a viewer a lease on a job, and return it; they renew it by moving its `expires`."""
        with self.lock:
            if viewer not in job.leases:
                self.turns.joins(viewer)
            job.leases[viewer] = lease
            self.arrange()
            return lease

    def renew(self, job: Job, viewer: str, seconds: float, *, stream: bool = False) -> Lease | None:
        """Extend a viewer's lease on a job to `seconds` from now, and return it; None if they have no lease.

        `stream` says that the viewer has an open stream: a lease that was closed with their earlier stream (`leave`) opens again.
        """
        with self.lock:
            if lease := job.leases.get(viewer):
                lease.expires = time.monotonic() + seconds
                if stream and not lease.open:
                    lease.open = True
                    self.arrange()
            return lease

    def aim(self, job: Job, viewer: str, until: int) -> None:
        """Change the step up to which a viewer who is watching wants to see the job."""
        with self.lock:
            if lease := job.leases.get(viewer):
                lease.until = until
                self.arrange()

    def leave(self, job: Job, viewer: str, lease: Lease) -> None:
        """Close a viewer's lease when their stream has closed: it lasts a while longer, but counts only if nobody else waits."""
        with self.lock:
            if job.leases.get(viewer) is lease:
                lease.open, lease.expires = False, time.monotonic() + GRACE_SECONDS
                self.arrange()

    def position(self, job: Job) -> int:
        """Return the number of jobs of its lane that go before this one; 0 if it is not waiting."""
        with self.lock:
            queue = [other for other in self._queue() if other.lane == job.lane]
            busy = sum(seat.job is not None for seat in self.seats if seat.lane == job.lane)
            return queue.index(job) + busy if job in queue else 0

    def fork(self, job: Job) -> int:
        """Have a worker store the state of a run after the next step not begun yet. Returns that step, or 0 if the run is not
        under way."""
        with self.lock:
            seat = next((seat for seat in self.seats if seat.job is job and job.status == "running"), None)
            if seat is None:
                return 0
            ticket = next(self.tickets)
            answer = self.forks.expect(ticket, seat)
            seat.tell(Fork(ticket, job.key))
        step = answer.wait()
        with self.lock:
            self.forks.give(ticket, 0)  # stop waiting: a later reply is ignored
        return step

    # -- scheduling ------------------------------------------------------------------------------------

    def _queue(self) -> list[Job]:
        """Return the jobs that a viewer waits for and no process computes, in their order; then those whose viewers have left."""
        busy = {id(job) for job in (*self.keeping, *(seat.job for seat in self.seats))}
        idle = [job for job in self.jobs.values() if job.status not in ENDED and id(job) not in busy]
        watched = [job for job in idle if job.wanted_until(closed=False) > job.steps_done]
        others = [job for job in idle if job not in watched and job.wanted_until(closed=True) > job.steps_done]
        for job in watched + others:
            job.since = job.since or time.monotonic()
        return sorted(watched, key=lambda job: (self.turns.rank(_waiting(job)), job.since)) + sorted(
            others, key=lambda job: job.since
        )

    def arrange(self) -> None:
        """Assign jobs to processes according to what viewers want. Called, under the lock, on every change."""
        queue = self._queue()
        for seat in self.seats:
            if seat.job is not None:
                self._attend(seat, seat.job, queue)
        free = [seat for seat in self.seats if seat.ready and seat.job is None]
        for helps in (False, True):  # first the jobs of a seat's own lane
            for job in [job for job in queue if job.status != "running"]:
                if place := self._place(job, free, helps=helps):
                    free.remove(place)
                    job.status, job.since = "running", 0.0
                    self._ask(place, job, job.wanted_until(closed=True))
        waiting = [job for job in queue if job.status != "running"]
        for job in waiting:
            job.status = "queued"
            self._open(job.lane)
        for job in self.jobs.values():
            if job.status == "queued" and job not in waiting:
                job.status, job.since = "paused", 0.0

    def _attend(self, seat: Seat, job: Job, queue: Sequence[Job]) -> None:
        """Charge the viewers of a seat's job for the time, and decide how far the job goes on while the jobs in `queue` wait."""
        now, viewers = time.monotonic(), _waiting(job)
        self.turns.charge(viewers, now - seat.charged)
        self.turns.served(viewers)
        seat.charged = now
        free = sum(s.ready and s.job is None for s in self.seats if s.lane == seat.lane)
        waiting = [other for other in queue if other.lane == seat.lane and _waiting(other)][free:]
        # A job whose viewers have left goes on only while nobody else waits for the seat.
        until = job.wanted_until(closed=not waiting)
        if until and waiting and (job.lane != seat.lane or self._turn_is_over(seat, job, waiting)):
            until = 0
        if until != seat.until:
            self._ask(seat, job, until)
        if not until and not job.divisible and seat.lane in LATER and seat.process:
            seat.process.kill()  # a job without parts cannot be stopped otherwise; another process takes its place

    def _turn_is_over(self, seat: Seat, job: Job, waiting: Sequence[Job]) -> bool:
        """Return whether the job must give way to the first of the `waiting` jobs for which the seat has room."""
        if not job.divisible or time.monotonic() - seat.began < TURN_SECONDS[seat.lane]:
            return False
        next_one = next((other for other in waiting if self._has_room(seat, other)), None)
        return next_one is not None and self.turns.rank(_waiting(next_one)) < self.turns.rank(_waiting(job))

    def _has_room(self, seat: Seat, job: Job) -> bool:
        """Return whether the process of a seat can take a job without forgetting another that it has begun and still computes.
        A run that its viewers have paused does not count: it goes on from its kept state."""
        begun = [other for other in self.jobs.values() if other.place is seat and other.status not in ENDED]
        active = [other for other in begun if other.wanted_until(closed=True) > other.steps_done]
        return job.place is seat or len(active) < MOST_BEGUN

    def _place(self, job: Job, free: Sequence[Seat], *, helps: bool) -> Seat | None:
        """Return the free seat where a job can go on, preferably the one where it is parked, or None. With `helps` it is a seat
        of another lane, and only for a job that can be stopped between parts."""
        if helps and not job.divisible:
            return None
        lanes = [seat for seat in free if (HELPS.get(seat.lane) if helps else seat.lane) == job.lane]
        fits = [seat for seat in lanes if self._has_room(seat, job)]
        return next((seat for seat in fits if seat is job.place), fits[0] if fits else None)

    def _ask(self, seat: Seat, job: Job, until: int) -> None:
        if until >= job.steps:
            until = FOREVER  # the generator decides when a job ends, not a count of steps
        if seat.job is job and seat.until == until:
            return
        if seat.job is not job:
            seat.began = seat.charged = time.monotonic()
            if job.place is not seat and isinstance(job.place, Seat):
                job.place.tell(Drop(job.key))
        seat.job, seat.ticket, seat.until = job, next(self.tickets), until
        self.begun[job.lane] += not job.begun
        job.begun, job.place = True, seat
        seat.tell(job.want(seat.ticket, until))

    def _clock(self) -> None:
        while not self.closing.wait(1.0):
            with self.lock:
                self.arrange()

    # -- processes -------------------------------------------------------------------------------------

    def _open(self, lane: str) -> None:
        """Start a process in a lane whose processes start on demand (LATER), unless one is starting already."""
        if lane not in LATER or lane in self.broken or self.closing.is_set():
            return
        empty = [seat for seat in self.seats if seat.lane == lane and seat.process is None]
        if empty and not any(seat.process and not seat.ready for seat in self.seats if seat.lane == lane):
            self._hire(empty[0])

    def _hire(self, seat: Seat) -> None:
        environment = {**ENVIRONMENT, **os.environ, STATES_FOLDER: str(self.store.root / "states")}
        seat.fill(hire(self.commands[seat.lane], environment), self.hear, self._on_end)

    def hear(self, seat: Seat, message: Any) -> None:
        """Handle a message from the process of a seat. An error in the server fails only the job concerned."""
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
            afterwards = None
            try:
                afterwards = handlers[type(message)](seat, message)
            except Exception as error:
                log.exception("a message of the lane %s could not be taken in: %s", seat.lane, type(message).__name__)
                if job := self.jobs.get(getattr(message, "key", "")):
                    seat.free(job)
                    job.fail(f"{type(error).__name__} in the server, whose log says more.")
        self.heard()
        if afterwards:  # outside the lock, because it takes long
            afterwards()

    def _on_end(self, seat: Seat, code: int) -> None:
        with self.lock:
            if not self.closing.is_set():
                self._on_death(seat, code)
        self.heard()

    def _on_found(self, seat: Seat, found: Found) -> None:
        self.device, self.machine = found.device, found.machine
        self.store.learn("device", found.device)
        self.known_device.set()

    def _on_hello(self, seat: Seat, hello: Hello) -> None:
        seat.ready, self.deaths[seat.lane] = True, 0
        self.broken.pop(seat.lane, None)
        if hello.macs_per_second:
            self.macs_per_second = hello.macs_per_second
            self.store.learn("macs_per_second", repr(hello.macs_per_second))
        self.arrange()

    def _on_happened(self, seat: Seat, message: Happened) -> None:
        if job := self._current(message):
            job.accept(message.event)

    def _on_forked(self, seat: Seat, message: Forked) -> None:
        self.forks.give(message.ticket, message.step)

    def _on_parked(self, seat: Seat, message: Parked) -> None:
        if message.ticket == seat.ticket and seat.job is not None:
            seat.job.status = "paused"
            seat.free(seat.job)
            self.arrange()

    def _on_done(self, seat: Seat, message: Done) -> Callable[[], None] | None:
        job = self._current(message)
        if job:
            job.seconds = message.seconds
            job.done()
            seat.free(job)
            self.keeping.append(job)
        self.arrange()
        return partial(self._keep, job) if job else None

    def _keep(self, job: Job) -> None:
        """Write a job to the disk, and only then mark it as finished: whoever sees it finished may end the server."""
        trouble = job.keep()
        with self.lock:
            self.keeping.remove(job)
            if job.status not in ENDED:
                job.status, job.message = "finished", trouble
        self.heard()

    def _on_failed(self, seat: Seat, message: Failed) -> None:
        if job := self._current(message):
            seat.free(job)
            job.fail(message.message, message.missing)
        self.arrange()

    def _current(self, message: Happened | Done | Failed) -> Job | None:
        """Return the job that a message is about, or None if it was cancelled or started over since."""
        job = self.jobs.get(message.key)
        return job if job and job.status not in ENDED and job.attempt == message.attempt else None

    def _on_death(self, seat: Seat, code: int) -> None:
        """Tell the job of a process that has ended (`bereaved`), unless nobody waits for it, and start another process."""
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        for parked in self.jobs.values():
            if parked.place is seat:
                parked.place = None
        if job := seat.job:
            seat.free(job)
            job.status = "paused"
            if job.wanted_until(closed=True):
                job.bereaved(how)
        self.forks.lost(seat)
        self.deaths[seat.lane] += not seat.ready
        if self.deaths[seat.lane] >= BROKEN_AFTER:
            self.broken[seat.lane] = (
                f"Nothing can be {'trained' if seat.lane == 'runs' else 'measured'} here: the worker process ends with "
                f"{how} before it is ready. The server's log says why."
            )
            seat.process, seat.ready = None, False
            self.known_device.set()
            return
        self._hire(seat)
        self.arrange()


def _waiting(job: Job) -> list[str]:
    """Return the viewers who are waiting for the job right now (`Lease.waits`)."""
    return [viewer for viewer, lease in job.leases.items() if lease.waits]
