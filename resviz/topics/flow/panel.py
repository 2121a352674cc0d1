"""The panel of this view: its settings, figures and finding, and the source of its answers."""

from __future__ import annotations

from resviz.topics.flow.figures import figures
from resviz.topics.flow.question import PlaneSpec
from resviz.topics.flow.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed

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
    ),
    (Control("hidden"), Control("effort"), Control("steps"), Control("lr")),
)
