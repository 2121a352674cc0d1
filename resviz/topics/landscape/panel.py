"""The panels of the loss landscape page: the ways of both networks, and the loss around their ends in other directions."""

from __future__ import annotations

from resviz.topics.landscape.figures import drawn, figures
from resviz.topics.landscape.question import LandscapeSpec
from resviz.topics.landscape.source import Measured
from resviz.topics.landscape.words import AS_FAR, about, as_far, finding, ways_finding
from resviz.ui.asking import NETWORKS, TRAINING
from resviz.ui.panel import Box, Control, Guess, Guessed, Panel, Rows
from resviz.ui.sources import Computed, affordable

_FIRST = ("depth", "norm", "lr", "seed")
_MORE = Box("More", tuple(Control(name) for name in TRAINING if name not in _FIRST))


def _rows(spec: LandscapeSpec) -> Rows:
    asked = (
        f"**Guess first:** both networks learn for {spec.steps:,} step{'s' * (spec.steps != 1)}. How far do the weights of the "
        "plain network move, beside those of the residual network?"
    )
    return [(NETWORKS, *(Control(name) for name in _FIRST), Guess([Guessed(asked, AS_FAR)], as_far), _MORE)]


WAY = Panel(
    LandscapeSpec,
    Measured(),
    drawn,
    ways_finding,
    rows=_rows,
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
