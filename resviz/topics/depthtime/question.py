"""Is depth like time in the image network that was trained? What its blocks add to x, measured, and in words. No torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from resviz.families.resnet.spec import Spec

IMAGES = 256  # of the test half, evenly spaced
MOST_SHOWN = 64  # blocks in the matrix of all cosines

Numbers = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """How images walk through the blocks of the residual network, with its weights after `at` training steps.

    Block k makes y = after(s + F): s is what its shortcut carries of x, F what it adds, with scales and gates as they
    enter the sum (nets.blocks.Block.terms). What stands after the sum (a ReLU in He 2015, nothing in the pre-activation
    orders of He 2016) is no part of s or F, but it is of y, which is the next block's x.

    size: (blocks,) |F| / |s|, Euclidean norms of one image's numbers, mean over images.
    numbers: (blocks,) how many numbers F has for one image; 0 where the block has no step.
    next: (blocks - 1,) cosine between F of a block and F of the one after it, mean over images.
    cosines: the same for every pair of `shown(blocks)`.
    longest: how many steps the longest run has, a run being blocks in a row with a step, whose x and y have one shape.
    length: sum of |y - x| over all runs; distance: how far x is at the end of a run from where it was at its beginning,
    added up over all runs. straightness: distance / length; right_angles: what it would be if the steps of a run had the
    lengths they have and stood at right angles to one another. All four are means over images.
    lost: the first block whose output is not finite for every image, from 1.

    None: there is no such number. A block whose shortcut is cut (x + F becomes F), or that is taken out, has no step; one
    whose F or s is 0 for every image has no direction or nothing to be compared with; F of two shapes have no cosine;
    and what is not finite is not a number.

    The ratio that training records on the way (records.ArmRecord.residual_ratio) is another average of the same thing:
    a |branch(x)| / |x|, both norms over all images of a training batch together, and with the statistics of that batch. Its
    x is what enters the block, so that it differs by more than the averaging where the shortcut projects, scales or is
    gated.
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
    """A training as far as it has come: `step` steps of the residual network, a share `done` of the work.

    before: with the initial weights; now: with the latest that were measured. The last record's is measured in evaluation
    mode, as test images are read; all others normalise by the statistics of the images that are measured, since those
    that batch normalisation keeps begin at mean 0 and variance 1 and know no image yet.
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
    """The blocks of the matrix, from 1: all, or MOST_SHOWN of them, evenly spaced."""
    count = min(blocks, MOST_SHOWN)
    return tuple(1 + (i * (blocks - 1)) // max(1, count - 1) for i in range(count))


def stepping(now: Spec) -> tuple[int, ...]:
    """The blocks that add something to something, from 1: neither cut nor taken out. `now` has no changes left."""
    if now.block == "plain":
        return ()
    return tuple(k for k in range(1, now.blocks + 1) if k not in now.cut and k not in now.remove)


def settings_at(spec: Spec, at: int) -> Spec:
    """Under which settings the weights after `at` steps are measured: those that made them."""
    return spec.during(max(1, at))


def nothing(spec: Spec) -> str:
    """Why no block of the trained network has a step, or "" where one has."""
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
    """The cosine that two unrelated vectors of activations tend to as they get longer: (E a(z))^2 / E a(z)^2, z standard
    normal. 1/pi for ReLU, since what is never negative cannot point anywhere; 0 for tanh."""
    grid = [-8 + n / 100 for n in range(1601)]
    weights = [math.exp(-z * z / 2) for z in grid]
    values = [_ACT[activation](z) for z in grid]
    mean = math.fsum(w * v for w, v in zip(weights, values, strict=True)) / math.fsum(weights)
    square = math.fsum(w * v * v for w, v in zip(weights, values, strict=True)) / math.fsum(weights)
    return mean * mean / square


def chance(spec: Spec, walk: Walk, pair: int) -> tuple[float, float]:
    """The cosine of unrelated residuals of blocks pair and pair + 1, from 1: its middle, and about how far from there it
    gets by chance, 1 / sqrt(dimension). The middle is 0 unless F ends in its activation."""
    middle = aligned(spec.activation) if spec.order == "relu_before" and spec.activation != "tanh" else 0.0
    numbers = walk.numbers[pair - 1] or walk.numbers[pair]
    return middle, 1 / math.sqrt(numbers) if numbers else 0.0


# -- the finding -----------------------------------------------------------------------------------


# -- parts -----------------------------------------------------------------------------------------


def signed(value: float) -> str:
    """A cosine as a person says it: "−0.031", "0.5", "0"."""
    text = f"{abs(value):.2g}" if abs(value) >= 0.01 else f"{abs(value):.3f}"
    text = f"{float(text):g}"
    return text if value >= 0 or text == "0" else f"−{text}"
