"""The scale of losses that both networks share, in figures of either kind: the logarithm of the loss, cut off at its top."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.topics.landscape.question import Grid, Landscape, Number
from resviz.words.say import times

MOST = 1e4  # times the loss of guessing: higher losses are drawn at that height


def scale(record: Landscape) -> tuple[float, float]:
    """Return both ends of the loss scale shared by the arms, as log10."""
    losses = (v for arm in ARMS for row in record.arms[arm].loss for v in row)
    return ends(losses, MOST * math.log(record.spec.data.classes))


def ends(losses: Iterable[Number], most: float) -> tuple[float, float]:
    """Return both ends of a scale for these losses, as log10. A loss of 0 counts as the smallest positive one, one that is not
    finite or larger than `most` as that."""
    known = list(losses)
    found = [v for v in known if v] or [1.0]
    low, high = math.log10(min(found)), math.log10(most if None in known else min(max(found), most))
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def clipped(record: Landscape, high: float) -> bool:
    """Return whether any loss lies above the scale."""
    edge = 10**high * (1 + 1e-9)
    return any(v is None or v > edge for arm in ARMS for row in record.arms[arm].loss for v in row)


def heights(loss: Grid, low: float, high: float) -> list[list[float]]:
    """Return the losses as log10, clipped to the scale; a loss that is not finite is at its top."""
    return [
        [round(high if v is None else low if v <= 0 else min(max(math.log10(v), low), high), 4) for v in row]
        for row in loss
    ]


def ticks(low: float, high: float) -> dict[str, Any]:
    powers = list(range(math.ceil(low), math.floor(high) + 1))
    every = max(1, len(powers) // 6)
    shown = powers[::every] if len(powers) > 1 else [low, high]
    return {"tickvals": shown, "ticktext": [times(10.0**p) for p in shown]}
