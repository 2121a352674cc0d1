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
    """One viewer's wish to see the job reach step `until`, good until `expires` (time.monotonic seconds).

    It yields to the wishes of others once it is not `open`, or is older than `fresh`: its viewer's stream has closed, they have
    not been heard of for a while, or they only look beside another run. It then outlives a reload.
    """

    until: int
    expires: float
    open: bool = True
    fresh: float = math.inf

    @property
    def waits(self) -> bool:
        """Whether its viewer waits before the screen."""
        return self.open and time.monotonic() < self.fresh


@dataclass(kw_only=True, eq=False)
class Job:
    """What is common to a run and an answer. A job that is not `divisible` has no parts between which it could be parked."""

    status: Status = "queued"
    message: str = ""
    missing: str = ""  # the data set that is not on this machine, where that made the job fail
    seconds: float = 0.0
    leases: dict[str, Lease] = field(default_factory=dict)
    attempt: int = 0  # how often it was started over
    begun: bool = False  # whether this attempt has been given to a worker
    since: float = 0.0  # when it came to wait (time.monotonic), for first come, first served; 0 while it does not
    born: float = field(default_factory=time.monotonic)
    place: object = None  # the seat in whose process it is parked, or was last

    lane: ClassVar[str]
    divisible: ClassVar[bool] = True
    young_seconds: ClassVar[float] = 0.0  # so long it is not forgotten though nobody waits for it

    @property
    def key(self) -> str:
        """Names it among all jobs."""
        raise NotImplementedError

    @property
    def steps_done(self) -> int:
        """How many of its steps the server has; a wish for no more than these is fulfilled."""
        return 0

    @property
    def steps(self) -> int:
        """How many there are to come in all, or FOREVER where that shows only at the end."""
        return FOREVER

    def want(self, ticket: int, until: int) -> Want:
        """What is told to a worker who is to carry it on to step `until`."""
        raise NotImplementedError

    def accept(self, event: Any) -> None:
        """Take in what a worker has made."""
        raise NotImplementedError

    def done(self) -> None:
        """It is complete; called under the lock of the pool."""

    def keep(self) -> str:
        """Write it to the disk. Called without the lock, for it may take long; returns what went wrong, in words."""
        return ""

    def fail(self, message: str, missing: str = "") -> None:
        self.status, self.message, self.missing = "failed", message, missing

    def bereaved(self, how: str) -> None:
        """The process that was at it was ended; `how` says by what."""
        raise NotImplementedError

    def wanted_until(self, *, closed: bool) -> int:
        """The furthest step that a viewer waits for; with `closed`, viewers who have left lately count too."""
        now = time.monotonic()
        for viewer in [v for v, lease in self.leases.items() if lease.expires < now]:
            del self.leases[viewer]
        return max((lease.until for lease in self.leases.values() if closed or lease.waits), default=0)

    def viewers(self) -> int:
        return sum(lease.open for lease in list(self.leases.values()))  # asked without the lock
