"""Labels of a chart, and positions moved apart so that they do not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def apart(heights: Sequence[float], gap: float, within: tuple[float, float]) -> list[float]:
    """Return the heights, moved as little as needed so that no two are closer than `gap`. Their order stays; of equal heights
    the first ends up above. All lie between the ends of `within` if there is room."""
    order = sorted(range(len(heights)), key=lambda i: (heights[i], -i))
    groups: list[tuple[float, list[int]]] = []  # centre, members from the bottom up
    for i in order:
        groups.append((heights[i], [i]))
        while True:
            middle, members = groups[-1]
            half = gap * (len(members) - 1) / 2
            groups[-1] = (max(within[0] + half, min(middle, within[1] - half)), members)
            if len(groups) < 2 or groups[-1][0] - half - (groups[-2][0] + gap * (len(groups[-2][1]) - 1) / 2) >= gap:
                break
            _, lower = groups.pop(-2)
            both = [*lower, *members]
            groups[-1] = (sum(heights[j] for j in both) / len(both), both)
    found = list(heights)
    for middle, members in groups:
        for place, i in enumerate(members):
            found[i] = middle + gap * (place - (len(members) - 1) / 2)
    return found


def spaced(values: list[float], gap: float, low: float, high: float) -> list[float]:
    """Return ascending values, moved as little as needed to be at least `gap` apart, from `low` to `high` if there is room. Of
    equal values the first stays below."""
    return sorted(apart(values, gap, (low, high)))


def label(text: str, color: str, x: float, y: float, **where: Any) -> dict[str, Any]:
    """Return a label of a chart at the point (x, y) of its axes."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"color": color, "size": 13}} | where
