"""TODO"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean


def apart(heights: Sequence[float], gap: float, within: tuple[float, float]) -> list[float]:
    """These heights moved as little as need be, so that no two are closer than `gap`, in the order they have; of equal
    ones the first stays above. All of them stay between the ends of `within`, as long as there is room."""
    order = sorted(range(len(heights)), key=lambda i: (heights[i], -i))
    groups: list[tuple[float, list[int]]] = []  # middle, members from below
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
    """Ascending values moved as little as need be to be `apart`, between `low` and, if there is room, `high`.

    That is isotonic regression of what is left of them without the gaps: neighbours too close share their middle.
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
