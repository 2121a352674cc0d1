"""The panel of this view: its settings, figures and finding, and the source of its answers."""

from __future__ import annotations

from resviz.topics.rollout.figures import figures
from resviz.topics.rollout.question import RolloutSpec
from resviz.topics.rollout.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed

PANEL = Panel(
    RolloutSpec,
    Computed("rollout"),
    figures,
    finding,
    (
        Control("system"),
        Control("dt", (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)),
        Control("blocks", tuple(range(1, 13))),
        Control("noise", (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)),
    ),
    tuple(Control(name) for name in ("hidden", "examples", "branch", "steps", "lr", "horizon", "seed")),
)
