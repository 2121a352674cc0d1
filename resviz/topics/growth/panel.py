"""The panel of this view: its settings, figures and finding; the answer is computed at once."""

from __future__ import annotations

from resviz.topics.growth.figures import figures
from resviz.topics.growth.question import GrowthSpec, growth
from resviz.topics.growth.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Instant

PANEL = Panel(
    GrowthSpec,
    Instant(growth),
    figures,
    finding,
    (Control("blocks", (1, 2, 5, 10, 20, 50, 100, 200)), Control("scale", width=150)),
    (Control("width"), Control("seed")),
    at_once=True,
    verb="Measure",
)
