"""The panel of the shattered gradients view: the settings it offers, and what computes the answer."""

from __future__ import annotations

from resviz.topics.shattered.figures import figures
from resviz.topics.shattered.question import LARGEST, ShatteredSpec
from resviz.topics.shattered.words import finding
from resviz.ui.panel import Panel
from resviz.ui.sources import Computed
from resviz.words.text import Mistake


def affordable(spec: ShatteredSpec) -> None:
    """Raise Mistake for a spec that would take long to compute on a shared server."""
    if (size := spec.seeds * spec.depth * spec.width**2) > LARGEST:
        raise Mistake(f"seeds x depth x width² is {size:,}; allowed are {LARGEST:,} here")


PANEL = Panel(
    ShatteredSpec,
    Computed("shattered", affordable),
    figures,
    finding,
    verb="Measure",
)
