"""The finding of this view: how much x grows over many blocks."""

from __future__ import annotations

from resviz.topics.growth.question import DRAWS, Growth
from resviz.words.say import times

CLOSE = 1.05  # smaller factors count as no change: a reader would see no difference


def finding(record: Growth) -> str:
    """Return how much longer x is at the end, and what the closed form expects."""
    spec, last = record.spec, record.measured[-1]
    blocks = f"{spec.blocks} block{'s' * (spec.blocks != 1)}"
    long, form = times(last), times(record.expected[-1])
    text = f"After {blocks} x is {long} times as long (root mean square of {DRAWS} draws); in closed form {form}."
    if max(last, 1 / last) < CLOSE:
        return f"{text} It hardly changes."
    each = last ** (1 / spec.blocks)
    return f"{text} That is × {each:.3g} per block."
