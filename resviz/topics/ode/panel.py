"""The panel of this view: its settings, figures and finding, and the source of its answers."""

from __future__ import annotations

from resviz.topics.ode.figures import figures
from resviz.topics.ode.question import NeuralOdeSpec
from resviz.topics.ode.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed

PANEL = Panel(
    NeuralOdeSpec,
    Computed("ode"),
    figures,
    finding,
    (
        Control("data"),
        Control("gradient"),
        Control("tol", (0.1, 0.03, 0.01, 0.003, 0.001, 0.0001, 0.00001)),
        Control("augment", tuple(range(6))),
    ),
    (Control("hidden"), Control("steps"), Control("lr"), Control("seed")),
)
