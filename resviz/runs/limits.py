"""Limits on the runs that a shared server accepts, and the message when it refuses one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from resviz.count.cost import seconds
from resviz.train.spec import TrainingSpec
from resviz.words.environment import number
from resviz.words.text import Mistake

OVERHEAD_PER_LAYER_STEP = 1.2e-4  # seconds that a small layer takes beyond its arithmetic, forward and backward pass
ASSUMED_MACS_PER_SECOND = 4e10  # until a worker has measured this machine


class Refused(Mistake):
    """Raised for a run past the limits; the message says how much it would take and what the limit is."""


def _memory() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return 8e9


@dataclass(frozen=True)
class Limits:
    """Largest run that the server accepts: seconds of computing and bytes of memory."""

    seconds: float = field(default_factory=lambda: 60 * number("RESVIZ_MAX_MINUTES", 20))
    bytes: float = field(default_factory=lambda: 1e9 * number("RESVIZ_MAX_GB", 0) or _memory() / 3)

    def check(self, spec: TrainingSpec, macs_per_second: float) -> None:
        """Raise Refused, with an estimate, if `spec` is past a limit."""
        need = spec.family.of("cost")(spec)
        time = seconds(need, macs_per_second, OVERHEAD_PER_LAYER_STEP)
        if time > self.seconds or need.bytes > self.bytes:
            raise Refused(
                f"This run would take about {duration(time)} and {size(need.bytes)} here; the limit is "
                f"{duration(self.seconds)} and {size(self.bytes)}. Choose fewer epochs or training images, or a smaller "
                f"depth, width or batch. The command line has no such limit: resviz train {spec.command()}".rstrip()
            )


def duration(value: float) -> str:
    """Seconds in words: "40 s", "12 min", "3 h", "5 days"."""
    for unit, length, upto in (("s", 1, 90), ("min", 60, 5400), ("h", 3600, 172_800)):
        if value < upto:
            return f"{value / length:.0f} {unit}"
    return f"{value / 86_400:,.0f} days"


def size(value: float) -> str:
    """Bytes in words: "300 MB", "9 GB"."""
    return (
        f"{value / 1e6:.0f} MB"
        if value < 1e9
        else f"{value / 1e9:.2g} GB"
        if value < 1e10
        else f"{value / 1e9:,.0f} GB"
    )
