"""The Attribution panel: its settings, and the source of its answers."""

from __future__ import annotations

from resviz.topics.attribution.figures import figures
from resviz.topics.attribution.question import AttributionSpec
from resviz.topics.attribution.words import CHANGES, finding, truth
from resviz.ui.asking import NETWORKS, TRAINING
from resviz.ui.panel import Control, Guess, Guessed, Panel
from resviz.ui.sources import Computed, affordable

_ASKED = "**Guess first:** all weights of the residual network are drawn anew at random. How much does the map change?"
_GUESS = Guess([Guessed(_ASKED, CHANGES, {"destroyed": "yes"})], truth)
PANEL = Panel(
    AttributionSpec,
    Computed("attribution", affordable),
    figures,
    finding,
    (
        NETWORKS,
        Control("depth", width=64),
        Control("method"),
        Control("target", tuple(range(-1, 10)), lambda spec: "as read" if spec.target < 0 else f"{spec.target}"),
        Control("destroyed"),
        _GUESS,
    ),
    tuple(Control(n) for n in ("image", "steps_between", "noise", "window", *TRAINING)),
    verb="Compute",
)
