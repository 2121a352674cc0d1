"""The panel of this view: its settings, figures and finding, and the source of its answers."""

from __future__ import annotations

from resviz.topics.crossing.figures import figures
from resviz.topics.crossing.question import CrossingSpec
from resviz.topics.crossing.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed

PANEL = Panel(
    CrossingSpec,
    Computed("crossing"),
    figures,
    finding,
    (
        Control("task"),
        Control("blocks", tuple(range(1, 13))),
        Control("augment", tuple(range(1, 6))),
        Control("seed"),
    ),
    (Control("hidden"), Control("steps"), Control("lr")),
)
