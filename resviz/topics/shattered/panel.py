"""The settings that this view offers, and who answers."""

from __future__ import annotations

from resviz.topics.shattered.figures import figures
from resviz.topics.shattered.question import LARGEST, ShatteredSpec
from resviz.topics.shattered.words import finding
from resviz.ui.panel import Panel
from resviz.ui.sources import Computed
from resviz.words.text import Mistake


def affordable(spec: ShatteredSpec) -> None:
    """Raises Mistake for what would keep a shared server busy for long."""
    if (size := spec.seeds * spec.depth * spec.width**2) > LARGEST:
        raise Mistake(f"seeds x depth x width² is {size:,}; allowed are {LARGEST:,} here")


PANEL = Panel(
    ShatteredSpec,
    Computed("shattered", affordable),
    figures,
    finding,
    verb="Measure",
)
