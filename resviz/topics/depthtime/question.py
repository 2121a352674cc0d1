"""What the blocks of a trained image network add to x: the record, and the cosines that chance gives. No torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from resviz.families.resnet.spec import Spec

IMAGES = 256  # test images, evenly spaced
MOST_SHOWN = 64  # blocks in the matrix of all cosines

Numbers = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """How images move through the blocks of the residual network, with its weights after `at` training steps.

    Block k computes y = after(s + F): s is what its shortcut carries of x, F what it adds, with scales and gates as they
    enter the sum (nets.blocks.Block.terms). What comes after the sum (a ReLU in He 2015, nothing in the pre-activation
    orders of He 2016) is not part of s or F, but it is part of y, which is the next block's x.

    size: (blocks,) |F| / |s|, Euclidean norms of one image's numbers, mean over images.
    numbers: (blocks,) how many numbers F has for one image; 0 if the block has no step.
    next: (blocks - 1,) cosine between F of a block and F of the one after it, mean over images.
    cosines: the same for every pair of `shown(blocks)`.
    longest: how many steps the longest run has. A run is a sequence of blocks with a step, whose x and y have one shape.
    length: sum of |y - x| over all runs; distance: between the first x and the last y of a run, summed over all runs.
    straightness: distance / length; right_angles: what straightness would be if the steps of a run had the same lengths
    and were at right angles to one another. All four are means over images.
    lost: the first block, from 1, whose output is not finite for at least one image.

    None: there is no such number. A block whose shortcut is cut (x + F becomes F), or that is taken out, has no step; one
    whose F or s is 0 for every image has no direction or nothing to compare with; two F of different shapes have no cosine;
    and a value that is not finite is not stored.

    The ratio that is recorded during training (records.ArmRecord.residual_ratio) is another average of the same quantity:
    a |branch(x)| / |x|, both norms over all images of a training batch together, and with the statistics of that batch. Its
    x is the block's input, so that it differs by more than the averaging if the shortcut projects, scales or is gated.
    """

    at: int
    size: Numbers
    numbers: tuple[int, ...]
    next: Numbers
    cosines: tuple[Numbers, ...]
    longest: int
    length: float | None
    distance: float | None
    straightness: float | None
    right_angles: float | None
    lost: int | None


@dataclass(frozen=True, slots=True)
class DepthTime:
    """A training run so far: `step` steps of the residual network, a share `done` of the work.

    before: measured with the initial weights; now: with the latest weights that were measured. In the last record `now` uses
    the running statistics of batch normalisation, as tests do; all other measurements use the statistics of the measured
    images, since the running ones begin at mean 0 and variance 1 and have seen no image yet.
    images: how many are averaged. ended: why training ended early, at step `step` + 1; the weights are those before it.
    """

    spec: Spec
    done: float
    step: int = 0
    before: Walk | None = None
    now: Walk | None = None
    images: int = 0
    ended: str = ""


def shown(blocks: int) -> tuple[int, ...]:
    """Return the blocks of the matrix, from 1: all, or MOST_SHOWN of them, evenly spaced."""
    count = min(blocks, MOST_SHOWN)
    return tuple(1 + (i * (blocks - 1)) // max(1, count - 1) for i in range(count))


def stepping(now: Spec) -> tuple[int, ...]:
    """Return the blocks with a step, from 1: those neither cut nor taken out. `now` must be without further changes."""
    if now.block == "plain":
        return ()
    return tuple(k for k in range(1, now.blocks + 1) if k not in now.cut and k not in now.remove)


def settings_at(spec: Spec, at: int) -> Spec:
    """Return the settings under which the weights after `at` steps are measured: those that they were trained with."""
    return spec.during(max(1, at))


def nothing(spec: Spec) -> str:
    """Return why no block of the trained network has a step, or "" if one has."""
    if spec.blocks == 0:
        return (
            f"At depth {spec.depth} this network has no block: nothing is added to x, so there is no step to measure."
        )
    if spec.block == "plain":
        return "These blocks have no shortcut: F(x) takes the place of x and is not added to it. There is no step to measure."
    if not stepping(spec.during(spec.steps)):
        return (
            "At the end every block of this network is cut from its shortcut or taken out: there is no step to measure."
        )
    return ""


# -- what chance gives -----------------------------------------------------------------------------

_ACT: dict[str, Callable[[float], float]] = {
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: max(z, 0.01 * z),
    "gelu": lambda z: z * (1 + math.erf(z / math.sqrt(2))) / 2,
    "silu": lambda z: z / (1 + math.exp(-z)),
    "tanh": math.tanh,
}


def aligned(activation: str) -> float:
    """Return the cosine that two unrelated vectors of activations tend to as their dimension grows: (E a(z))^2 / E a(z)^2, z
    standard normal. 1/pi for ReLU, whose values are never negative; 0 for tanh."""
    grid = [-8 + n / 100 for n in range(1601)]
    weights = [math.exp(-z * z / 2) for z in grid]
    values = [_ACT[activation](z) for z in grid]
    mean = math.fsum(w * v for w, v in zip(weights, values, strict=True)) / math.fsum(weights)
    square = math.fsum(w * v * v for w, v in zip(weights, values, strict=True)) / math.fsum(weights)
    return mean * mean / square


def chance(spec: Spec, walk: Walk, pair: int) -> tuple[float, float]:
    """Return the cosine of unrelated residuals of blocks pair and pair + 1, from 1: its mean, and about how far it deviates
    from that by chance, 1 / sqrt(dimension). The mean is 0 unless F ends in its activation."""
    middle = aligned(spec.activation) if spec.order == "relu_before" and spec.activation != "tanh" else 0.0
    numbers = walk.numbers[pair - 1] or walk.numbers[pair]
    return middle, 1 / math.sqrt(numbers) if numbers else 0.0


# -- parts -----------------------------------------------------------------------------------------


def signed(value: float) -> str:
    """Write a cosine as a person says it: "−0.031", "0.5", "0"."""
    text = f"{abs(value):.2g}" if abs(value) >= 0.01 else f"{abs(value):.3f}"
    text = f"{float(text):g}"
    return text if value >= 0 or text == "0" else f"−{text}"
