"""Is depth like time in the image network that was trained? What its blocks add to x, measured, and in words. No torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from resviz.families.resnet.spec import FIELDS, Spec
from resviz.nets.settings import ORDERS
from resviz.words.say import times
from resviz.words.text import write_numbers

IMAGES = 256  # of the test half, evenly spaced
MOST_SHOWN = 64  # blocks in the matrix of all cosines
ALIKE = 0.5  # of the way from what chance gives to 1: beyond it directions are nearer to equal than to unrelated
MOMENTUM = 0.1  # of batch normalisation's running statistics, torch's default
SETTLED = 0.05  # share of their first values at which running statistics still show them

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


def finding(record: DepthTime) -> str:
    """What the blocks' steps are like, in paragraphs with an empty line between; short while training is under way."""
    if why := nothing(record.spec):
        return why
    if record.done < 1:
        return _under_way(record)
    if record.now is None:
        return "Nothing has been measured."
    parts = (_stopped(record), _sizes(record, record.now), _neighbours(record, record.now), _path(record, record.now))
    return "\n\n".join(part for part in (*parts, _conclusion(record, record.now)) if part)


def _under_way(record: DepthTime) -> str:
    made = f"After {record.step:,} of {record.spec.steps:,} training steps"
    walk = record.now or record.before
    if walk is None:
        return f"{made}: the network is being built."
    sizes, cosines = _known(walk.size), _known(walk.next)
    if not sizes:
        return f"{made} no step can be measured."
    measured = (
        "" if walk.at == record.step else f", measured {f'after {_steps(walk.at)}' if walk.at else 'before training'}"
    )
    text = f"{made} a block's F(x) is {_times_as_long(median(sizes))} as its x (median{measured})"
    return f"{text}; neighbours' cosine: {signed(fmean(cosines))} (mean)." if cosines else f"{text}."


def _stopped(record: DepthTime) -> str:
    texts = []
    if record.ended:
        weights = f"Measured are the weights after {_steps(record.step)}." if record.step else "It made no step at all."
        texts.append(f"The residual network stopped at step {record.step + 1}: {record.ended} {weights}")
    left = (1 - MOMENTUM) ** record.step
    if record.spec.norm == "batch" and record.step and left > SETTLED:
        texts.append(
            f"After only {_steps(record.step)}, {100 * left:.0f}% of the running means and variances that batch normalisation "
            "uses for test images are still the 0 and 1 that they began with, and what is measured shows that too."
        )
    return " ".join(texts)


def _sizes(record: DepthTime, walk: Walk) -> str:
    now = settings_at(record.spec, walk.at)
    gone = _gone(now)
    there = [(value, k) for k, value in enumerate(walk.size, start=1) if value is not None]
    if not there:
        empty = "What the shortcuts carry is 0 for every image, so that no step can be compared with it."
        return " ".join(filter(None, (_lost(walk) or empty, gone)))
    low, high = min(there), max(there)
    begun = f"After {_steps(walk.at)} of training" if walk.at else "Before training"
    long = f"{_times_as_long(median(v for v, _ in there))} as the x that its shortcut carries"
    if len(there) == 1:
        text = f"{begun} the F(x) that block {low[1]} adds is {long}"
    else:
        text = (
            f"{begun} the F(x) that a block adds is {long} (the median of {len(there)} blocks), from {times(low[0])} (block "
            f"{low[1]}) to {times(high[0])} (block {high[1]})"
        )
    first = _known(record.before.size) if record.before else []
    if first and walk.at:
        text += f"; before training {'it' if len(first) == 1 else 'the median'} was {times(median(first))}"
    return " ".join(filter(None, (f"{text}.", _after_the_sum(now), gone, _lost(walk))))


def _after_the_sum(now: Spec) -> str:
    act = FIELDS["activation"].choices[now.activation]
    behind = ORDERS[now.order].after
    if not behind:
        last = f" Its {act} is the last thing in F." if now.order == "relu_before" else ""
        return f"F(x) is taken as it enters the sum, and nothing comes after the sum.{last}"
    both = "norm" in behind and now.norm != "none"
    come = f"normalisation and {act} come" if both else f"the {act} comes"
    return f"F(x) is taken as it enters the sum; {come} after it."


def _gone(now: Spec) -> str:
    """Which blocks have no step, and why."""
    out = tuple(now.remove)
    cut = tuple(k for k in now.cut if k not in out)
    texts = []
    for numbers, single, several in (
        (
            cut,
            "its shortcut is cut, so F(x) is added to nothing",
            "their shortcuts are cut, so F(x) is added to nothing",
        ),
        (out, "it is taken out", "they are taken out"),
    ):
        if len(numbers) == 1:
            texts.append(f"Block {numbers[0]} has no step: {single}.")
        elif numbers:
            texts.append(f"Blocks {write_numbers(numbers)} have no step: {several}.")
    return " ".join(texts)


def _lost(walk: Walk) -> str:
    return f"At block {walk.lost} numbers leave the range of float32 (up to 3.4 × 10³⁸)." if walk.lost else ""


def _neighbours(record: DepthTime, walk: Walk) -> str:
    known = [(value, k) for k, value in enumerate(walk.next, start=1) if value is not None]
    if not known:
        return (
            "No two neighbouring blocks have steps whose directions can be compared." if record.spec.blocks > 1 else ""
        )
    low, high = min(known), max(known)
    now = settings_at(record.spec, walk.at)
    if len(known) == 1:
        text = f"The residuals of blocks {low[1]} and {low[1] + 1} have a cosine of {signed(low[0])}"
    else:
        text = (
            f"The residuals of neighbouring blocks have a cosine of {signed(fmean(v for v, _ in known))} (the mean of "
            f"{len(known)} pairs), from {signed(low[0])} (blocks {low[1]} and {low[1] + 1}) to {signed(high[0])} (blocks "
            f"{high[1]} and {high[1] + 1})"
        )
    first = _known(record.before.next) if record.before else []
    if first and walk.at:
        text += f"; before training it was {signed(fmean(first))}"
    widest = max((k for _, k in known), key=lambda k: chance(now, walk, k)[1])
    (middle, width), numbers = chance(now, walk, widest), walk.numbers[widest - 1]
    if middle:
        act = FIELDS["activation"].choices[now.activation]
        text += (
            f". F ends in its {act} here, so even unrelated residuals point in similar directions: for random numbers behind a "
            f"{act} the cosine is about {times(middle)}, give or take {times(width)} in {numbers:,} dimensions"
        )
    else:
        text += f". Two random directions in {numbers:,} dimensions have one of 0, give or take {times(width)} (1/√{numbers:,})"
    if len(known) == 1:
        return f"{text}."
    far = sum(abs(value - chance(now, walk, k)[0]) > 2 * chance(now, walk, k)[1] for value, k in known)
    count = "all" if far == len(known) else far or "none"
    spread = chance_of_mean(now, walk)[1]
    return (
        f"{text}, the mean of {len(known)} such pairs give or take {times(spread)}; {count} of the {len(known)} pairs here "
        f"{'is' if far == 1 else 'are'} more than twice as far from {times(middle)} as chance gives."
    )


def chance_of_mean(now: Spec, walk: Walk) -> tuple[float, float]:
    """What `chance` gives for the mean over all pairs that have a cosine, at least one: for random directions those are
    uncorrelated, so that the squares of their sizes add up."""
    found = [chance(now, walk, k) for k, value in enumerate(walk.next, start=1) if value is not None]
    return found[0][0], math.sqrt(math.fsum(width * width for _, width in found)) / len(found)


def _path(record: DepthTime, walk: Walk) -> str:
    if walk.straightness is None or walk.length is None or walk.distance is None or walk.right_angles is None:
        return ""
    if walk.longest < 2:
        return ""  # of one step, the way is the distance
    whole = walk.longest == sum(n > 0 for n in walk.numbers)
    anew = "" if whole else " (counted anew wherever the shape changes or a shortcut is cut)"
    return (
        f"On its way through the blocks{anew} x covers {times(walk.length)} in all and ends {times(walk.distance)} from where "
        f"it began: {times(walk.straightness)} of the way (1 would be a straight line). Steps of the same lengths at right "
        f"angles to one another would give {times(walk.right_angles)}."
    )


def _conclusion(record: DepthTime, walk: Walk) -> str:
    sizes, cosines = _known(walk.size), _known(walk.next)
    if not sizes or not cosines or record.ended or walk.lost:
        return ""
    return (
        "The form x + F(x) is that of Euler's method with a step of 1, but form alone does not make depth like time: the gap to "
        "a differential equation does not vanish with depth unless residuals change smoothly from block to block (Sander 2022, "
        f"arXiv 2205.14612). Here a step is {_times_as_long(median(sizes))} as x (median), and "
        f"{'this one pair of neighbours is' if len(cosines) == 1 else 'neighbours, in the mean, are'} "
        f"{_alike(fmean(cosines), *chance_of_mean(settings_at(record.spec, walk.at), walk))}."
    )


def _alike(mean: float, middle: float, width: float) -> str:
    """What a mean cosine says, against the chance of middle, give or take width."""
    if mean < middle - 2 * width:
        if mean < 0:
            return "turned against each other: a block takes back part of what the one before it added"
        return "less alike than chance would have it"
    if mean <= middle + 2 * width:
        return "no more alike than chance would have it"
    if mean < middle + ALIKE * (1 - middle):
        return "more alike than chance would have it, yet nearer to unrelated than to equal directions"
    return (
        "nearer to equal directions than to unrelated ones, as residuals that change smoothly would be; whether the gap closes "
        "with depth, one depth cannot say"
    )


# -- parts -----------------------------------------------------------------------------------------


def signed(value: float) -> str:
    """A cosine as a person says it: "−0.031", "0.5", "0"."""
    text = f"{abs(value):.2g}" if abs(value) >= 0.01 else f"{abs(value):.3f}"
    text = f"{float(text):g}"
    return text if value >= 0 or text == "0" else f"−{text}"


def _times_as_long(ratio: float) -> str:
    return "about as long" if times(ratio) == "1" else f"{times(ratio)} times as long"


def _known(values: Sequence[float | None]) -> list[float]:
    return [v for v in values if v is not None]


def _steps(count: int) -> str:
    return f"{count:,} step{'' if count == 1 else 's'}"
