"""The question which path lengths the gradient takes (Veit 2016, section 5), its answer, and binomial shares. No torch."""

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
    """The answer. blocks: number of blocks at which a path can take the branch or the shortcut. norm: by length, from 0: mean
    norm, over images and paths, of the gradient at the first block along one path; None where not measured or not finite.
    whole: mean norm of the gradient along all paths together. sampled: number of paths for each length."""

    spec: LengthsSpec
    done: float
    training: Training = field(default_factory=Training)
    blocks: int = 0
    norm: tuple[float | None, ...] = ()
    whole: float = 0.0
    sampled: int = 0


def binomial(blocks: int, p: float = 0.5) -> list[float]:
    """Return the share of paths of each length 0 to `blocks`, if a path takes each branch with probability p."""
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
    """Return the share of the gradient by path length: the number of paths times the gradient norm along one of them (Veit 2016,
    section 5, Fig. 6c). Zero where nothing was measured."""
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
    """Return the factor by which each branch multiplies a path's gradient, if all branches had the same: the a of
    Binomial(n, a / (1 + a)) with this mean length; None where it would be infinite."""
    blocks, mean = len(share) - 1, mean_length(share)
    return mean / (blocks - mean) if mean < blocks else None
