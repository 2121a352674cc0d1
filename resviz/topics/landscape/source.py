"""Where the ways come from: what the package holds is shown at once, other networks are trained and measured only at a press."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from resviz.count.cost import seconds
from resviz.runs.limits import OVERHEAD_PER_LAYER_STEP, duration
from resviz.topics.landscape.figures import Shown
from resviz.topics.landscape.question import LandscapeSpec, Ways, WaysSpec, rows
from resviz.ui.server import scheduler
from resviz.ui.sources import Computed, Look, affordable

FIRST = "Measure both ways"


@dataclass
class Measured:
    """The source of the ways of the networks that a spec of the whole page is about."""

    ways: Computed = field(default_factory=lambda: Computed("ways", affordable))

    def ask(self, spec: LandscapeSpec, viewer: str, anew: bool) -> None:
        self.ways.ask(spec.ways, viewer, anew)

    def stay(self, spec: LandscapeSpec, viewer: str) -> None:
        self.ways.stay(spec.ways, viewer)

    def moment(self, spec: LandscapeSpec) -> object:
        return self.ways.moment(spec.ways)

    def stop(self, spec: LandscapeSpec, viewer: str) -> None:
        self.ways.stop(spec.ways, viewer)

    def look(self, spec: LandscapeSpec, viewer: str = "") -> Look:
        found = self.ways.look(spec.ways, viewer)
        state = f"{found.share:.4f}-{found.running}-{bool(found.made)}"
        version = f"{spec.ways.digest}-{state}"  # the same for all settings that only the panel below has
        if found.record is not None:
            return replace(found, record=Shown(found.record, found.running), version=version)
        takes = "" if found.running else _takes(spec.ways, scheduler().macs_per_second)
        return replace(found, record=Shown(Ways(spec.ways, 0.0), found.running, takes), version=version, verb=FIRST)


def _takes(spec: WaysSpec, macs_per_second: float) -> str:
    """The time until both ways are measured, in words; the loss of an image costs a third of learning from it."""
    training = seconds(spec.family.of("cost")(spec.run), macs_per_second, OVERHEAD_PER_LAYER_STEP)
    finest = max(spec.sizes)
    losses = spec.images * finest * rows(finest) / (3 * spec.steps * spec.examples_in_a_step)
    return f"about {duration(max(1.0, training * (1 + losses)))} here"
