"""How many networks are inside a residual one: its paths, and what is left when blocks are taken out or change places. No torch.

Veit 2016, arXiv 1605.06431.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from resviz.fields import setting_field
from resviz.findings import percent, same_accuracy, times
from resviz.inside.network import InsideSpec, Training, early, under_way
from resviz.records import ARMS, Vector
from resviz.words import Numbers, Problem, write_numbers

HARDLY = 0.05  # of error more, at most, where a network hardly notices
CLOSE = 0.05  # of the blocks: mean path lengths nearer than that are much the same


def _images(default: int = 360) -> Any:
    return setting_field(
        default, "images", "How many unseen images, evenly spaced; all there are, if there are fewer.", ge=1, le=2000
    )


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
    images: int = _images()

    def _conflict(self) -> tuple[Problem, Any] | None:
        for name, noun, most in (("lesion", "blocks", self.blocks), ("sever", "shortcuts", self.shortcuts)):
            numbers = getattr(self, name)
            if strange := [n for n in numbers if not 1 <= n <= most]:
                there = f"has {noun} 1 to {most}" if most else f"has no {noun}"
                problem = Problem(name, write_numbers(strange), f"depth {self.depth} {there}")
                return problem, tuple(n for n in numbers if n not in strange)
        return super()._conflict()


class SeveralSpec(InsideSpec):
    """Several blocks of both trained networks at once, drawn at random: taken out, or in another order."""

    draws: int = setting_field(8, "draws", "How many random choices for each number of blocks.", ge=1, le=50)
    images: int = _images()
    draw: int = setting_field(0, "draw", "Fixes the random choices.", ge=0, le=2**31 - 1)


class LengthsSpec(InsideSpec):
    """The gradient along single paths of the trained residual network."""

    images: int = setting_field(
        64, "images", "How many unseen images, evenly spaced; each goes its own way.", ge=1, le=1000
    )
    repeats: int = setting_field(2, "paths an image", "Random paths of each length for every image.", ge=1, le=50)
    draw: int = setting_field(0, "draw", "Fixes the random paths.", ge=0, le=2**31 - 1)


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


@dataclass(frozen=True, slots=True)
class Lengths:
    """blocks: with a choice, past the branch or through it. norm: by length, from 0: mean norm of the gradient that one path
    brings to the first block, over images and paths; None where that has not been measured. whole: mean norm of the gradient
    along all paths together. sampled: paths for each length."""

    spec: LengthsSpec
    done: float
    training: Training = field(default_factory=Training)
    blocks: int = 0
    norm: tuple[float | None, ...] = ()
    whole: float = 0.0
    sampled: int = 0


# -- path lengths ----------------------------------------------------------------------------------


def binomial(blocks: int, p: float = 0.5) -> list[float]:
    """The share of all paths that have length 0 to `blocks`, where each goes through a branch with probability p."""
    if p in (0.0, 1.0):
        return [float(k == round(p * blocks)) for k in range(blocks + 1)]
    return [
        math.exp(
            math.lgamma(blocks + 1)
            - math.lgamma(k + 1)
            - math.lgamma(blocks - k + 1)
            + k * math.log(p)
            + (blocks - k) * math.log1p(-p)
        )
        for k in range(blocks + 1)
    ]


def shares(norm: Sequence[float | None]) -> list[float]:
    """The share of the gradient by path length: how many paths there are times what one of them brings (Veit 2016, section
    5, Fig. 6c). Zero where nothing was measured."""
    blocks = len(norm) - 1
    logs = [
        math.lgamma(blocks + 1) - math.lgamma(k + 1) - math.lgamma(blocks - k + 1) + math.log(v) if v else -math.inf
        for k, v in enumerate(norm)
    ]
    top = max(logs, default=-math.inf)
    if top == -math.inf:
        return [0.0] * len(norm)
    weights = [math.exp(v - top) for v in logs]
    return [w / math.fsum(weights) for w in weights]


def mean_length(share: Sequence[float]) -> float:
    return math.fsum(k * s for k, s in enumerate(share))


def middle(share: Sequence[float], part: float = 0.9) -> tuple[int, int]:
    """The shortest range of lengths, both ends in it, that holds this part; of several the one that holds most."""
    best = (len(share), 0.0, 0, len(share) - 1)
    for low in range(len(share)):
        held = 0.0
        for high in range(low, len(share)):
            held += share[high]
            if held >= part:
                best = min(best, (high - low, -held, low, high))
                break
    return best[2:]


def attenuation(share: Sequence[float]) -> float | None:
    """What a path's gradient is multiplied by for each branch on it, if it were the same everywhere: a of Binomial(n, a / (1 +
    a)), from the mean length; None where it would be infinite."""
    blocks, mean = len(share) - 1, mean_length(share)
    return mean / (blocks - mean) if mean < blocks else None


# -- in words --------------------------------------------------------------------------------------


def lesion_finding(record: Lesions) -> str:
    """What taking out single blocks does, and those that are out now."""
    if not record.whole:
        return under_way(record.spec, record.training)
    if not record.spec.blocks:
        return f"At depth {record.spec.depth} these networks have no block to take out."
    parts = (_whole(record), _together(record), _single(record), early(record.spec, record.training))
    return "\n\n".join(part for part in parts if part)


def _whole(record: Lesions | Several) -> str:
    reads = " and ".join(f"{percent(record.whole[arm])} in the {arm} network" for arm in ARMS)
    return f"Whole, of {record.images:,} unseen images are read wrong: {reads}."


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


def several_finding(record: Several) -> str:
    """How errors grow with the number of blocks taken out, and with disorder."""
    if not record.whole:
        return under_way(record.spec, record.training)
    if not record.spec.blocks:
        return f"At depth {record.spec.depth} these networks have no block to take out."
    parts = [_whole(record)]
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


def lengths_finding(record: Lengths) -> str:
    """How long paths are, and which of them the gradient takes."""
    if not record.norm:
        return under_way(record.spec, record.training)
    if not record.blocks:
        return "No block of this network has a shortcut, so that there is one path: through all of them."
    n, paths = record.blocks, binomial(record.blocks)
    low, high = middle(paths)
    many = f"{2**n:,}" if n <= 40 else f"2^{n} ≈ {times(2.0**n)}" if n < 1000 else f"2^{n}"
    blocks = "1 block makes" if n == 1 else f"{n} blocks make"
    text = f"{blocks} {many} paths of {n / 2:g} branches on average; 90% of them have {low} to {high}."
    if any(v is None for v in record.norm):
        return f"{text} So far the gradient has been sent along paths of up to {sum(v is not None for v in record.norm) - 1}."
    share = shares(record.norm)
    if not any(share):
        return f"{text} No gradient comes back along any of the paths that were sampled."
    mean, (low, high) = mean_length(share), middle(share)
    held = math.fsum(paths[low : high + 1])
    which = "takes much the same" if abs(mean - n / 2) < CLOSE * n else "takes others"
    text += (
        f" The gradient {which}: {times(mean) if mean else '0'} branches on average, and 90% of it comes along paths of {low} to "
        f"{high}, which are {percent(held) if held >= 5e-4 else times(100 * held) + '%'} of all."
    )
    a = attenuation(share)
    if a:
        text += (
            f" That is the mean length that one would have if every branch on a path multiplied its gradient by {times(a)}: "
            "Binomial(n, a / (1 + a)), the thin line."
        )
    return "\n\n".join(filter(None, [text, early(record.spec, record.training)]))
