"""The panel of the several-at-once view: the settings it offers, and what computes the answer."""

from __future__ import annotations

from resviz.topics.several.figures import figures
from resviz.topics.several.question import SeveralSpec
from resviz.topics.several.words import finding
from resviz.ui.asking import NETWORKS, TRAINING
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed, affordable

PANEL = Panel(
    SeveralSpec,
    Computed("several", affordable),
    figures,
    finding,
    (
        NETWORKS,
        Control("depth"),
        Control("survival", (0.3, 0.5, 0.7, 0.9, 1.0)),
        Control("draws", (1, 2, 4, 8, 12, 20, 50)),
        Control("draw", tuple(range(10))),
    ),
    tuple(Control(n) for n in ("images", *TRAINING)),
)
