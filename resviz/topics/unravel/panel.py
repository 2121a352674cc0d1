"""The panel of the unrolled view: the settings it offers, and what computes the answer."""

from __future__ import annotations

from resviz.topics.unravel.figures import figures
from resviz.topics.unravel.question import Unravelled, UnravelSpec
from resviz.topics.unravel.words import finding
from resviz.ui.panel import Control, Panel
from resviz.ui.sources import Instant

PANEL = Panel(
    UnravelSpec,
    Instant(Unravelled),
    figures,
    finding,
    (Control("blocks", (1, 2, 3, 4)), Control("opened", (0, 1, 2, 3, 4))),
    at_once=True,
    verb="Unroll",
)
