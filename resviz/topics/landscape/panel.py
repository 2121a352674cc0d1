"""The panel of the loss landscape view: the settings it offers, and what computes the answer."""

from __future__ import annotations

from resviz.topics.landscape.figures import figures
from resviz.topics.landscape.question import LandscapeSpec
from resviz.topics.landscape.words import finding
from resviz.ui.asking import NETWORKS, TRAINING
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed, affordable

PANEL = Panel(
    LandscapeSpec,
    Computed("landscape", affordable),
    figures,
    finding,
    (
        NETWORKS,
        Control("depth"),
        Control("directions"),
        Control("span", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)),
        Control("finest"),
    ),
    tuple(Control(n) for n in ("statistics", "on", "images", "draw", *TRAINING)),
    verb="Measure",
)
