"""How many networks are inside a residual one: its paths, and what is left when blocks are taken out or change places. No torch.

Veit 2016, arXiv 1605.06431.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from resviz.families.resnet.inside import InsideSpec, early, images_field, under_way, whole
from resviz.train.records import ARMS, Training
from resviz.words.fields import setting_field
from resviz.words.say import percent
from resviz.words.text import Numbers, Problem, write_numbers


class LesionSpec(InsideSpec):
    """Blocks taken out of both trained networks: each by itself, and some together."""

    lesion: Numbers = setting_field(
        (), "take out", "Numbers of the blocks taken out of the trained networks together, such as 3,7,10-12."
    )
    sever: Numbers = setting_field(
        (),
        "cut in the trained network",
        "Numbers of the blocks whose shortcut is cut in the trained residual network: x + F(x) becomes F(x).",
    )
    images: int = images_field()

    def _conflict(self) -> tuple[Problem, Any] | None:
        for name, noun, most in (("lesion", "blocks", self.blocks), ("sever", "shortcuts", self.shortcuts)):
            numbers = getattr(self, name)
            if strange := [n for n in numbers if not 1 <= n <= most]:
                there = f"has {noun} 1 to {most}" if most else f"has no {noun}"
                problem = Problem(name, write_numbers(strange), f"depth {self.depth} {there}")
                return problem, tuple(n for n in numbers if n not in strange)
        return super()._conflict()


@dataclass(frozen=True, slots=True)
class Lesions:
    """Shares of unseen images read wrong. whole: by the networks as they are; single: (blocks,) with one block taken out, None
    where that has not been measured yet, or the block was out already; together: with all of `spec.lesion` out and all of
    `spec.sever` cut. changes: the blocks behind which shapes change, from 1."""

    spec: LesionSpec
    done: float
    training: Training = field(default_factory=Training)
    whole: Mapping[str, float] = field(default_factory=dict)
    single: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    together: Mapping[str, float] = field(default_factory=dict)
    changes: tuple[int, ...] = ()
    images: int = 0


# -- path lengths ----------------------------------------------------------------------------------


# -- in words --------------------------------------------------------------------------------------


def finding(record: Lesions) -> str:
    """What taking out single blocks does, and those that are out now."""
    if not record.whole:
        return under_way(record.spec, record.training)
    if not record.spec.blocks:
        return f"At depth {record.spec.depth} these networks have no block to take out."
    parts = (
        whole(record.whole, record.images),
        _together(record),
        _single(record),
        early(record.spec, record.training),
    )
    return "\n\n".join(part for part in parts if part)


def _together(record: Lesions) -> str:
    done = []
    for verb, noun, numbers in (
        ("without", "block", record.spec.lesion),
        ("with a cut at", "shortcut", record.spec.sever),
    ):
        if numbers:
            done.append(f"{verb} {noun}{'s' * (len(numbers) > 1)} {write_numbers(numbers)}")
    if not done:
        return ""
    told = "; ".join(f"{arm} {percent(record.whole[arm])} → {percent(record.together[arm])}" for arm in ARMS)
    text = " and ".join(done)
    return f"{text[:1].upper()}{text[1:]}, read wrong: {told}."


def _single(record: Lesions) -> str:
    chance = 1 - 1 / record.spec.data.classes
    told = []
    for arm in ARMS:
        known = [(v, k) for k, v in enumerate(record.single[arm], start=1) if v is not None]
        if not known:
            continue
        worst, where = max(known)
        lost = sum(v >= chance - 2 * math.sqrt(chance * (1 - chance) / record.images) for v, _ in known)
        told.append(
            f"in the {arm} network the median error without one block is {percent(median(v for v, _ in known))}, the largest "
            f"{percent(worst)} (block {where}{', where the shape changes' if where in record.changes else ''})"
            + (f"; without {lost} of {len(known)} it does no better than guessing" if lost else "")
        )
    text = ". ".join(f"{t[:1].upper()}{t[1:]}" for t in told)
    return f"{text}." if text else ""
