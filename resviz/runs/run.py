"""One run as the server sees it: its records so far, who watches, and what is streamed to the browser."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from resviz.runs.jobs import Job
from resviz.runs.messages import TRAINING, Want
from resviz.runs.told import RecordTold, RunHead
from resviz.train.records import LAYERWISE, PROBE_EVERY, SCALARS, Event, History, Record
from resviz.train.spec import TrainingSpec

STREAMED_NUMBERS = 150_000  # most per layerwise quantity; the browser gets fewer steps of longer or deeper runs


@dataclass(eq=False)
class Run(Job):
    """A run and its records. `kept` writes it to the disk, and returns an error message, empty if there is none."""

    spec: TrainingSpec
    kept: Callable[[Run], str] = lambda run: ""
    history: History = field(init=False)

    lane: ClassVar[str] = "runs"
    young_seconds: ClassVar[float] = 60.0  # its page may still be loading in the browser

    def __post_init__(self) -> None:
        self.history = History(self.spec)
        self._encoded: list[str] = []
        self.received: list[float] = []  # when each record arrived; empty for a run from the store

    @property
    def digest(self) -> str:
        return self.spec.digest

    @property
    def key(self) -> str:
        return self.digest

    @property
    def steps_done(self) -> int:
        return len(self.history.records)

    @property
    def steps(self) -> int:
        return self.spec.steps

    def want(self, ticket: int, until: int) -> Want:
        have = self.steps_done
        return Want(ticket, self.key, TRAINING, self.spec.model_dump_json(), have, until, self.attempt)

    def keep(self) -> str:
        return self.kept(self)

    def bereaved(self, how: str) -> None:
        self.fail(
            f"The process that trained this run was ended ({how}) after step {self.steps_done} of {self.spec.steps}. "
            "A new one has taken its place: run it again."
        )

    def start_over(self) -> None:
        """Delete all records, so that they are computed again from the first step."""
        self.history, self.seconds, self.status, self.message, self.missing = History(self.spec), 0.0, "paused", "", ""
        self.attempt, self.begun = self.attempt + 1, False
        self._encoded.clear()
        self.received.clear()

    def inherit(self, history: History) -> None:
        """Begin with the records of another run that made the same steps."""
        self.history = History(self.spec, history.start, list(history.records))
        self.received = [time.time()] * len(history.records)

    def accept(self, event: Event) -> None:
        """Add an event, unless it is a record other than the next: a worker that starts the run over may repeat earlier ones."""
        if not isinstance(event, Record) or event.step == self.steps_done + 1:
            self.history.add(event)
            if isinstance(event, Record):
                self.received.append(time.time())

    # -- what the browser gets ---------------------------------------------------------------------

    def encoded(self, first: int) -> str:
        """Return the records from index `first` on, as one JSON array. Each record is encoded once for all viewers."""
        while len(self._encoded) < self.steps_done:
            self._encoded.append(self._encode(len(self._encoded)))
        return "[" + ",".join(self._encoded[first:]) + "]"

    def _encode(self, index: int) -> str:
        record = self.history.records[index]
        out = encoded(record, layerwise=not self._is_thinned(record))
        if record.ended or any(a.test_accuracy is not None for a in record.arms.values()):
            history = self.history.until(record.step)
            out["finding"] = self.spec.family.of("finding")(history)
            if known := self.spec.family.of("recovery")(history):
                out["truth"] = known
        return json.dumps(out, separators=(",", ":"))

    def _is_thinned(self, record: Record) -> bool:
        excess = self.spec.layers * self.spec.steps / STREAMED_NUMBERS
        every = PROBE_EVERY * math.ceil(excess / PROBE_EVERY)  # so that the steps that stay have activations
        return excess > 1 and record.step not in (1, self.spec.steps) and record.step % every != 0

    def head(self) -> RunHead:
        """Return what the browser shows beside the records."""
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
            "arms": {
                arm: {"params": start.arms[arm].params, "checksum": start.arms[arm].checksum} for arm in self.spec.arms
            }
            if start
            else None,
        }


def encoded(record: Record, *, layerwise: bool = True) -> RecordTold:
    """Return a record as the browser reads it: a dictionary with each arm under its name."""
    out: dict[str, Any] = {"step": record.step, "epoch": record.epoch}
    for arm, a in record.arms.items():
        values: dict[str, Any] = {n: rounded(v) for n in SCALARS if (v := getattr(a, n)) is not None}
        if layerwise:
            values |= {n: [rounded(x) for x in v] for n in LAYERWISE if (v := getattr(a, n)) is not None}
        out[arm] = values
    if record.ended:
        out["ended"] = record.ended
    return cast(RecordTold, out)


def rounded(value: float) -> float | None:
    """Round to four digits, which is all that a figure shows; None for infinities and NaN, which JSON cannot hold."""
    return float(f"{value:.4g}") if math.isfinite(value) else None
