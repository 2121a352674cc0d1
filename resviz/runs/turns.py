"""Whose turn it is: viewers who have used less computing time go before those who have used more."""

from __future__ import annotations

from collections.abc import Collection

from resviz.latest import Latest

MOST_VIEWERS = 2000
GRAIN_SECONDS = 1.0  # smaller differences are ignored: who came first goes first


class Turns:
    """Seconds of computing per viewer, counted as in start-time fair queueing (Goyal, Vin and Cheng 1996): a viewer who begins to
    wait starts no lower than the count of those being served, so that having been away is neither an advantage nor a drawback."""

    def __init__(self) -> None:
        self.spent: Latest[str, float] = Latest(MOST_VIEWERS)
        self.now = 0.0  # the count of the viewers being served

    def joins(self, viewer: str) -> None:
        """Called when a viewer begins to wait for something."""
        self.spent[viewer] = max(self.spent.get(viewer, 0.0), self.now)

    def charge(self, viewers: Collection[str], seconds: float) -> None:
        """Charge these viewers for `seconds` of computing on a job, in equal shares."""
        for viewer in viewers:
            self.spent[viewer] = self.spent.get(viewer, self.now) + seconds / len(viewers)

    def served(self, viewers: Collection[str]) -> None:
        """Called when a job that these viewers wait for is begun or goes on: raises `now` to the lowest of their counts."""
        if viewers:
            self.now = max(self.now, min(self.spent.get(viewer, self.now) for viewer in viewers))

    def rank(self, viewers: Collection[str]) -> int:
        """Return the rank of a job with these viewers, set by the one who has used least; the lowest rank goes first."""
        return min((int(self.spent.get(viewer, self.now) / GRAIN_SECONDS) for viewer in viewers), default=0)
