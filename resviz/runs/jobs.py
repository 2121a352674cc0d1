"""A job as the server sees it: work in one of the lanes of the pool, how far it is, and who waits for it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from resviz.runs.messages import Want

Status = Literal["queued", "running", "paused", "finished", "failed", "cancelled"]
ENDED: tuple[Status, ...] = ("finished", "failed", "cancelled")
FOREVER = 10**9


@dataclass
class Lease:
    """One viewer's wish to see the job reach step `until`, valid until `expires` (time.monotonic seconds).

    Other viewers go first once `open` is false or the time `fresh` has passed: the viewer's stream has closed, they have sent
    nothing for a while, or they watch the job only beside another run. The lease itself stays, so it survives a page reload.
    """

    until: int
    expires: float
    open: bool = True
    fresh: float = math.inf

    @property
    def waits(self) -> bool:
        """Whether the viewer is waiting for the job right now."""
        return self.open and time.monotonic() < self.fresh


@dataclass(kw_only=True, eq=False)
class Job:
    """The base class of a run and an answer. A job that is not `divisible` has no parts between which it could be parked (paused
    in its process)."""

    status: Status = "queued"
    message: str = ""
    missing: str = ""  # the data set that is not on this machine, if that made the job fail
    seconds: float = 0.0
    leases: dict[str, Lease] = field(default_factory=dict)
    attempt: int = 0  # how often it was started over
    begun: bool = False  # whether this attempt has been given to a worker
    since: float = 0.0  # when it began to wait (time.monotonic), for first come, first served; 0 while it does not wait
    born: float = field(default_factory=time.monotonic)
    place: object = None  # the seat whose process has it, running or parked, or had it last

    lane: ClassVar[str]
    divisible: ClassVar[bool] = True
    young_seconds: ClassVar[float] = 0.0  # a younger job stays in memory even if nobody waits for it

    @property
    def key(self) -> str:
        """The unique name of the job."""
        raise NotImplementedError

    @property
    def steps_done(self) -> int:
        """The number of steps whose results the server has; a lease up to this step is fulfilled."""
        return 0

    @property
    def steps(self) -> int:
        """The number of steps in all, or FOREVER if it is known only at the end."""
        return FOREVER

    def want(self, ticket: int, until: int) -> Want:
        """Return the message that tells a worker to continue the job up to step `until`."""
        raise NotImplementedError

    def accept(self, event: Any) -> None:
        """Store an event that a worker has sent: a record of a run, or a part of an answer."""
        raise NotImplementedError

    def done(self) -> None:
        """Called when the job is complete, under the lock of the pool."""

    def keep(self) -> str:
        """Write the job to the disk; returns an error message, empty if there is none. Called outside the lock: this is slow."""
        return ""

    def fail(self, message: str, missing: str = "") -> None:
        self.status, self.message, self.missing = "failed", message, missing

    def bereaved(self, how: str) -> None:
        """Called when the process that computed the job has ended; `how` names the signal or the exit code."""
        raise NotImplementedError

    def wanted_until(self, *, closed: bool) -> int:
        """Return the furthest step that a viewer waits for, or 0; with `closed`, all leases count that have not expired."""
        now = time.monotonic()
        for viewer in [v for v, lease in self.leases.items() if lease.expires < now]:
            del self.leases[viewer]
        return max((lease.until for lease in self.leases.values() if closed or lease.waits), default=0)

    def viewers(self) -> int:
        return sum(lease.open for lease in list(self.leases.values()))  # a copy: called without the lock
