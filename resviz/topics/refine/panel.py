"""The panel of this view: its settings, figures and finding, and the source of its answers."""

from __future__ import annotations

from resviz.topics.refine.figures import figures
from resviz.topics.refine.question import RefineSpec
from resviz.topics.refine.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed

PANEL = Panel(
    RefineSpec,
    Computed("refine"),
    figures,
    finding,
    (
        Control("data"),
        Control("blocks", tuple(range(2, 25))),
        Control("h", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)),
        Control("smooth", (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)),
    ),
    (Control("hidden"), Control("steps"), Control("lr"), Control("seed")),
)
