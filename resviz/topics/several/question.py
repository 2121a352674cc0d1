"""TODO"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean

from resviz.families.resnet.inside import InsideSpec, early, images_field, under_way, whole
from resviz.train.records import ARMS, Training
from resviz.words.fields import setting_field
from resviz.words.say import percent, same_accuracy
from resviz.words.text import Vector

HARDLY = 0.05  # of error more, at most, where a network hardly notices


class SeveralSpec(InsideSpec):
    """Several blocks of both trained networks at once, drawn at random: taken out, or in another order."""

    draws: int = setting_field(8, "draws", "How many random choices for each number of blocks.", ge=1, le=50)
    images: int = images_field()
    draw: int = setting_field(0, "draw", "Fixes the random choices.", ge=0, le=2**31 - 1)


@dataclass(frozen=True, slots=True)
class Several:
    """Shares of unseen images read wrong. counts: how many blocks were taken out; out: for each of them the errors of all draws.
    swaps: how many pairs changed places; tau: (swaps, draws) Kendall's rank correlation of the new order with the old; order: the
    errors. By arm, the same draws for both."""

    spec: SeveralSpec
    done: float
    training: Training = field(default_factory=Training)
    whole: Mapping[str, float] = field(default_factory=dict)
    counts: tuple[int, ...] = ()
    out: Mapping[str, tuple[Vector, ...]] = field(default_factory=dict)
    swaps: tuple[int, ...] = ()
    tau: tuple[Vector, ...] = ()
    order: Mapping[str, tuple[Vector, ...]] = field(default_factory=dict)
    images: int = 0


def finding(record: Several) -> str:
    """How errors grow with the number of blocks taken out, and with disorder."""
    if not record.whole:
        return under_way(record.spec, record.training)
    if not record.spec.blocks:
        return f"At depth {record.spec.depth} these networks have no block to take out."
    parts = [whole(record.whole, record.images)]
    for arm in ARMS:
        means = [(n, fmean(errors)) for n, errors in zip(record.counts, record.out.get(arm, ()), strict=False)]
        if not means:
            continue
        draws = f"{record.spec.draws} draw{'s' * (record.spec.draws != 1)}"
        held = [n for n, error in means if error - record.whole[arm] <= HARDLY]
        some = f"up to {max(held)} out cost at most 5 points" if held else "even one out costs more than 5 points"
        parts.append(
            f"{arm.capitalize()}: {some} on average over {draws}; with {means[-1][0]} of "
            f"{record.spec.blocks} out it reads {percent(means[-1][1])} wrong."
        )
    if record.tau and all(record.order.get(arm) for arm in ARMS):
        last = len(record.order["residual"]) - 1
        told = " and ".join(f"{percent(fmean(record.order[arm][last]))} in the {arm} network" for arm in ARMS)
        pairs = f"{record.swaps[last]} pair{'s' * (record.swaps[last] != 1)}"
        parts.append(
            f"With {pairs} of blocks swapped (rank correlation with the old order {fmean(record.tau[last]):.2f}), read wrong: "
            f"{told}."
        )
    same = [
        n
        for n, (r, p) in zip(record.counts, _pairs(record), strict=False)
        if same_accuracy(1 - r, 1 - p, record.images)
    ]
    if same and len(same) == len(record.counts):
        parts.append("No difference between both networks here.")
    return "\n\n".join(filter(None, [" ".join(parts), early(record.spec, record.training)]))


def _pairs(record: Several) -> list[tuple[float, float]]:
    return [(fmean(r), fmean(p)) for r, p in zip(*(record.out.get(arm, ()) for arm in ARMS), strict=False)]
