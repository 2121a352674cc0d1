"""TODO"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from resviz.families.resnet.inside import InsideSpec
from resviz.train.records import Training
from resviz.words.fields import setting_field


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


def attenuation(share: Sequence[float]) -> float | None:
    """What a path's gradient is multiplied by for each branch on it, if it were the same everywhere: a of Binomial(n, a / (1 +
    a)), from the mean length; None where it would be infinite."""
    blocks, mean = len(share) - 1, mean_length(share)
    return mean / (blocks - mean) if mean < blocks else None
