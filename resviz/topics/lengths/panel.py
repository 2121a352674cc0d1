"""The panel of the path lengths view: the settings it offers, and what computes the answer."""

from __future__ import annotations

from resviz.topics.lengths.figures import figures
from resviz.topics.lengths.question import LengthsSpec
from resviz.topics.lengths.words import finding
from resviz.ui.asking import NETWORKS, TRAINING
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed, affordable

PANEL = Panel(
    LengthsSpec,
    Computed("lengths", affordable),
    figures,
    finding,
    (
        NETWORKS,
        Control("depth"),
        Control("survival", (0.3, 0.5, 0.7, 0.9, 1.0)),
        Control("repeats", (1, 2, 4, 8, 16, 50)),
        Control("draw", tuple(range(10))),
    ),
    tuple(Control(n) for n in ("images", *TRAINING)),
)
