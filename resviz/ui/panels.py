"""Panels by name, as topics declare them."""

from __future__ import annotations

from resviz.topic import topics
from resviz.ui.panel import Panel

PANELS: dict[str, Panel] = {
    name: topic.named(shown.panel) for topic in topics().values() for name, shown in topic.shows.items()
}
