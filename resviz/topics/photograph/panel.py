"""The Photograph panel: its settings, and the source of its answers."""

from __future__ import annotations

from resviz.topics.photograph.figures import figures
from resviz.topics.photograph.question import SIDE, PhotographSpec
from resviz.topics.photograph.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Pictured

PANEL = Panel(
    PhotographSpec,
    Pictured("photograph"),
    figures,
    finding,
    (
        *(Control(n) for n in ("network", "weights", "method", "image")),
        Control("own", upload="panel/photograph/picture", also={"image": "own"}),
        Control("destroyed"),
    ),
    tuple(Control(n) for n in ("target", "steps_between", "noise", "window", "seed")),
    verb="Compute",
    picture=SIDE,
)
