"""Panels by name, as topics declare them."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from resviz.topic import topics
from resviz.ui.panel import Panel


class Panels(MutableMapping[str, Panel]):
    """Panels, each imported with all that it needs when it is first asked for: a page waits for its own alone."""

    def __init__(self) -> None:
        self.named = {name: (topic, shown.panel) for topic in topics().values() for name, shown in topic.shows.items()}
        self.made: dict[str, Panel] = {}

    def __getitem__(self, name: str) -> Panel:
        if name not in self.made:
            topic, reference = self.named[name]
            self.made[name] = topic.named(reference)
        return self.made[name]

    def __setitem__(self, name: str, panel: Panel) -> None:
        self.made[name] = panel

    def __delitem__(self, name: str) -> None:
        del self.made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.named or name in self.made

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.named, *self.made]))

    def __len__(self) -> int:
        return len(list(iter(self)))


PANELS = Panels()
