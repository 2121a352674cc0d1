"""The panel of the lesions view: the settings it offers, and what computes the answer."""

from __future__ import annotations

from resviz.topics.lesion.figures import figures
from resviz.topics.lesion.question import LesionSpec
from resviz.topics.lesion.words import finding
from resviz.ui.asking import NETWORKS, TRAINING
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed, affordable

PANEL = Panel(
    LesionSpec,
    Computed("lesion", affordable),
    figures,
    finding,
    (
        NETWORKS,
        Control("depth"),
        Control("survival", (0.3, 0.5, 0.7, 0.9, 1.0)),
        Control("epochs", (1, 2, 4, 8, 12, 20, 40)),
    ),
    tuple(Control(n) for n in ("lesion", "sever", "images", *TRAINING) if n != "epochs"),
)
