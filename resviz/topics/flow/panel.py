"""The panel of this view: its settings, figures and finding, and the source of its answers."""

from __future__ import annotations

from resviz.topics.flow.figures import figures
from resviz.topics.flow.question import PlaneSpec
from resviz.topics.flow.words import LONGER, finding, longer
from resviz.ui.panel import Control, Guess, Guessed, Panel
from resviz.ui.sources import Computed

_ASKED = (
    "**Guess first:** without shortcuts, how long is the way of a point through the blocks, beside the straight line from its "
    "start to its end?"
)
PANEL = Panel(
    PlaneSpec,
    Computed("flow"),
    figures,
    finding,
    (
        Control("data"),
        Control("blocks", tuple(range(1, 25))),
        Control("h", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)),
        Control("activation"),
        Control("seed", tuple(range(10))),
        Guess([Guessed(_ASKED, LONGER)], longer),
    ),
    (Control("hidden"), Control("effort"), Control("steps"), Control("lr")),
)
