"""What a sum of many blocks comes to, in a sentence."""

from __future__ import annotations

from resviz.topics.growth.question import DRAWS, Growth
from resviz.words.say import times

CLOSE = 1.05  # as large as before: a reader would see no difference


def finding(record: Growth) -> str:
    """How much longer x is at the end, and what arithmetic expects."""
    spec, last = record.spec, record.measured[-1]
    blocks = f"{spec.blocks} block{'s' * (spec.blocks != 1)}"
    text = f"Behind {blocks} x is {times(last)} times as long, over {DRAWS} draws; expected are {times(record.expected[-1])}."
    if max(last, 1 / last) < CLOSE:
        return f"{text} It hardly changes."
    each = last ** (1 / spec.blocks)
    return f"{text} That is × {each:.3g} a block."
