"""Whose turn it is: viewers who have had less of the processes' time go before those who have had more."""

from __future__ import annotations

from collections.abc import Collection

from resviz.latest import Latest

MOST_VIEWERS = 2000
GRAIN_SECONDS = 1.0  # a smaller difference is none: who came first goes first


class Turns:
    """Seconds of computing by viewer, as start-time fair queueing counts them (Goyal, Vin and Cheng 1996): whoever comes to wait
    begins where those stand who are served at the moment, so that having been away is neither an advantage nor a debt."""

    def __init__(self) -> None:
        self.spent: Latest[str, float] = Latest(MOST_VIEWERS)
        self.now = 0.0  # where those stand who are served

    def joins(self, viewer: str) -> None:
        """The viewer comes to wait for something."""
        self.spent[viewer] = max(self.spent.get(viewer, 0.0), self.now)

    def charge(self, viewers: Collection[str], seconds: float) -> None:
        """These have had a job computed for so long; what several watch costs each of them a share."""
        for viewer in viewers:
            self.spent[viewer] = self.spent.get(viewer, self.now) + seconds / len(viewers)

    def served(self, viewers: Collection[str]) -> None:
        """Something that these wait for is begun or goes on."""
        if viewers:
            self.now = max(self.now, min(self.spent.get(viewer, self.now) for viewer in viewers))

    def rank(self, viewers: Collection[str]) -> int:
        """The lowest goes first: by the one of them who has had least."""
        return min((int(self.spent.get(viewer, self.now) / GRAIN_SECONDS) for viewer in viewers), default=0)
