"""Positions for labels, moved apart so that they do not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean


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


def spaced(values: list[float], apart: float, low: float, high: float) -> list[float]:
    """Return ascending values, moved as little as needed to be at least `apart`, above `low` and, if there is room, below `high`.

    Computed by isotonic regression of the values minus the gaps: a group of values that are too close is centred on its mean.
    """
    groups: list[list[float]] = []
    for i, value in enumerate(values):
        groups.append([value - i * apart])
        while len(groups) > 1 and fmean(groups[-2]) > fmean(groups[-1]):
            last = groups.pop()
            groups[-1] += last
    centres = [fmean(group) for group in groups for _ in group]
    most = high - apart * (len(values) - 1)
    return [max(low, min(centre, most)) + i * apart for i, centre in enumerate(centres)]
