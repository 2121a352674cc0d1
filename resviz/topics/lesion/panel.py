"""The panel of the lesions view: the settings it offers, and what computes the answer."""

from __future__ import annotations

from resviz.topics.lesion.figures import figures
from resviz.topics.lesion.question import LesionSpec
from resviz.topics.lesion.source import Standing
from resviz.topics.lesion.words import SPARED, finding, truth
from resviz.ui.asking import NETWORKS, TRAINING
from resviz.ui.panel import Control, Guess, Guessed, Panel
from resviz.ui.sources import affordable

_ASKED = "**Guess first:** how many blocks can be spared, each by itself: without it, at most 5 in 100 more images are misread?"
_GUESS = Guess([Guessed(_ASKED, SPARED)], truth)
PANEL = Panel(
    LesionSpec,
    Standing("lesion", affordable),
    figures,
    finding,
    (
        NETWORKS,
        Control("depth"),
        Control("survival", (0.3, 0.5, 0.7, 0.9, 1.0)),
        Control("epochs", (1, 2, 4, 8, 12, 20, 40)),
        _GUESS,
    ),
    tuple(Control(n) for n in ("lesion", "sever", "images", *TRAINING) if n != "epochs"),
)
