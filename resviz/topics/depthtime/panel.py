"""The panel of this view: its settings, figures and finding, and the source of its answers."""

from __future__ import annotations

from resviz.families.resnet.spec import Spec
from resviz.topics.depthtime.figures import figures
from resviz.topics.depthtime.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Computed, affordable

PANEL = Panel(
    Spec,
    Computed("depthtime", affordable),
    figures,
    finding,
    (
        Control("depth"),
        Control("order"),
        Control("norm"),
        Control("stages", (1, 2, 3)),
    ),
    tuple(Control(n) for n in ("dataset", "shortcut", "branch_scale", "init", "width", "epochs", "lr", "seed")),
    verb="Measure",
)
