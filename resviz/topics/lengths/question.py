"""TODO"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from resviz.families.resnet.inside import InsideSpec, early, under_way
from resviz.train.records import Training
from resviz.words.fields import setting_field
from resviz.words.say import percent, times

CLOSE = 0.05  # of the blocks: mean path lengths nearer than that are much the same


class LengthsSpec(InsideSpec):
    """The gradient along single paths of the trained residual network."""

    images: int = setting_field(
        64, "images", "How many unseen images, evenly spaced; each goes its own way.", ge=1, le=1000
    )
    repeats: int = setting_field(2, "paths an image", "Random paths of each length for every image.", ge=1, le=50)
    draw: int = setting_field(0, "draw", "Fixes the random paths.", ge=0, le=2**31 - 1)


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


def finding(record: Lengths) -> str:
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
