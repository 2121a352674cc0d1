"""One run as the server sees it: its records so far, who watches, and what the stream says of it."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from resviz.findings import train_finding
from resviz.records import ARMS, LAYERWISE, PROBE_EVERY, SCALARS, Event, History, Record
from resviz.spec import Spec

Status = Literal["queued", "running", "paused", "finished", "failed", "cancelled"]
ENDED: tuple[Status, ...] = ("finished", "failed", "cancelled")
FOREVER = 10**9
STREAMED_NUMBERS = 150_000  # per layerwise quantity; longer or deeper runs are thinned on their way to the browser


@dataclass
class Lease:
    """One viewer's wish to see the run reach step `until`, good until `expires` (time.monotonic seconds).

    `open` is false once the viewer's stream has closed, or for one who only looks beside another run: the wish then
    outlives a reload, but yields to others.
    """

    until: int
    expires: float
    open: bool = True


@dataclass
class Run:
    spec: Spec
    status: Status = "queued"
    message: str = ""
    missing: str = ""  # the data set that is not on this machine, where that made the run fail
    seconds: float = 0.0
    leases: dict[str, Lease] = field(default_factory=dict)
    attempt: int = 0  # how often it was started over
    begun: bool = False  # whether this attempt has been given to a worker
    since: float = 0.0  # when it came to wait (time.monotonic), for first come, first served; 0 while it does not
    born: float = field(default_factory=time.monotonic)
    history: History = field(init=False)

    def __post_init__(self) -> None:
        self.history = History(self.spec)
        self._encoded: list[str] = []
        self.received: list[float] = []  # when each record came in; empty for a run from the store

    @property
    def digest(self) -> str:
        return self.spec.digest

    @property
    def steps_done(self) -> int:
        return len(self.history.records)

    def start_over(self) -> None:
        """Forget all records, to be made again from the first step."""
        self.history, self.seconds, self.status, self.message, self.missing = History(self.spec), 0.0, "paused", "", ""
        self.attempt, self.begun = self.attempt + 1, False
        self._encoded.clear()
        self.received.clear()

    def inherit(self, history: History) -> None:
        """Begin with the records of another run that made the same steps."""
        self.history = History(self.spec, history.start, list(history.records))
        self.received = [time.time()] * len(history.records)

    def accept(self, event: Event) -> None:
        """Add an event if it is the next one: a worker that made the run over may repeat earlier ones."""
        if not isinstance(event, Record) or event.step == self.steps_done + 1:
            self.history.add(event)
            if isinstance(event, Record):
                self.received.append(time.time())

    def wanted_until(self, *, closed: bool) -> int:
        """The furthest step that a viewer waits for; with `closed`, viewers who have left lately count too."""
        now = time.monotonic()
        for viewer in [v for v, lease in self.leases.items() if lease.expires < now]:
            del self.leases[viewer]
        return max((lease.until for lease in self.leases.values() if lease.open or closed), default=0)

    def viewers(self) -> int:
        return sum(lease.open for lease in list(self.leases.values()))  # asked without the lock

    # -- what the browser gets ---------------------------------------------------------------------

    def encoded(self, first: int) -> str:
        """Records from index `first` on, as one JSON array. Each record is encoded once for all viewers."""
        while len(self._encoded) < self.steps_done:
            self._encoded.append(self._encode(len(self._encoded)))
        return "[" + ",".join(self._encoded[first:]) + "]"

    def _encode(self, index: int) -> str:
        record = self.history.records[index]
        out = encoded(record, layerwise=not self._is_thinned(record))
        if record.ended or any(a.test_accuracy is not None for a in record.arms.values()):
            out["finding"] = train_finding(self.history.until(record.step))
        return json.dumps(out, separators=(",", ":"))

    def _is_thinned(self, record: Record) -> bool:
        excess = self.spec.depth * self.spec.steps / STREAMED_NUMBERS
        every = PROBE_EVERY * math.ceil(excess / PROBE_EVERY)  # so that activations fall on the steps that stay
        return excess > 1 and record.step not in (1, self.spec.steps) and record.step % every != 0

    def head(self) -> dict[str, Any]:
        """What the browser shows beside the records."""
        start = self.history.start
        return {
            "digest": self.digest,
            "status": self.status,
            "message": self.message,
            "missing": self.missing,
            "steps": self.spec.steps,
            "seconds": round(self.seconds, 2),
            "viewers": self.viewers(),
            "device": start.device if start else self.spec.device,
            "arms": {arm: {"params": start.arms[arm].params, "checksum": start.arms[arm].checksum} for arm in ARMS}
            if start
            else None,
        }


def encoded(record: Record, *, layerwise: bool = True) -> dict[str, Any]:
    """A record as the browser reads it: each arm by its name."""
    out: dict[str, Any] = {"step": record.step, "epoch": record.epoch}
    for arm, a in record.arms.items():
        values: dict[str, Any] = {n: rounded(v) for n in SCALARS if (v := getattr(a, n)) is not None}
        if layerwise:
            values |= {n: [rounded(x) for x in v] for n in LAYERWISE if (v := getattr(a, n)) is not None}
        out[arm] = values
    if record.ended:
        out["ended"] = record.ended
    return out


def rounded(value: float) -> float | None:
    """Four digits, all that a picture shows; None where JSON has no word for it."""
    return float(f"{value:.4g}") if math.isfinite(value) else None
