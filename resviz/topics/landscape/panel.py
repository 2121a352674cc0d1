"""The panels of the loss landscape page: the ways of both networks, and the loss around their ends in other directions."""

from __future__ import annotations

from resviz.topics.landscape.figures import drawn, figures
from resviz.topics.landscape.question import LandscapeSpec
from resviz.topics.landscape.source import Measured
from resviz.topics.landscape.words import about, finding, ways_finding
from resviz.ui.asking import NETWORKS, TRAINING
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed, affordable

_FIRST = ("depth", "norm", "lr", "seed")
WAY = Panel(
    LandscapeSpec,
    Measured(),
    drawn,
    ways_finding,
    (NETWORKS, *(Control(name) for name in _FIRST)),
    tuple(Control(name) for name in TRAINING if name not in _FIRST),
    below=True,
    by_press=lambda spec: True,
    verb="Measure",
    about=about,
)

PANEL = Panel(
    LandscapeSpec,
    Computed("landscape", affordable),
    figures,
    finding,
    (
        Control("directions"),
        Control("span", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)),
        Control("finest"),
    ),
    tuple(Control(n) for n in ("statistics", "on", "images", "draw")),
    verb="Measure",
)
