"""The texts of this view: the finding, the explanation and the claims of the literature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from resviz.families.resnet.spec import FIELDS, Spec
from resviz.nets.settings import ORDERS
from resviz.topics.depthtime.question import DepthTime, Walk, chance, nothing, settings_at, signed
from resviz.words.claims import SANDER_2022, Claim
from resviz.words.say import times
from resviz.words.text import listed

CLAIMS = (
    Claim(
        "ResNet-50 is Euler’s method on an image.",
        "Stride and projections change the space, and the ReLU behind the addition is no part of x + h f(x): the form holds "
        "inside a stage, and with nothing after the sum.",
        SANDER_2022,
    ),
)

WHY = (
    "If blocks were steps of one flow, each would move $x$ by a little, and neighbours would move it alike. "
    "Measured on unseen images: $|F(x)| / |x|$ with $x$ as the shortcut carries it and $F$ as it enters the "
    "sum, and the cosine of $F_k(x_k)$ and $F_{k+1}(x_{k+1})$, which would be near 1 for a smooth flow and is "
    "near 0 for steps that have nothing to do with each other. The Train page leads here with its own "
    "settings."
)


ALIKE = 0.5  # share of the distance from chance to 1; beyond it directions are nearer to equal than to unrelated


MOMENTUM = 0.1  # of batch normalisation's running statistics, torch's default


SETTLED = 0.05  # share of their initial values above which running statistics still show them


def finding(record: DepthTime) -> str:
    """Return what the blocks' steps are like, in paragraphs separated by an empty line; one sentence during training."""
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
    """Say which blocks have no step, and why."""
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
            texts.append(f"Blocks {listed(numbers)} have no step: {several}.")
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
    """Return what `chance` gives for the mean over all pairs that have a cosine; there must be at least one. For random
    directions the cosines are uncorrelated, so that their variances add up."""
    found = [chance(now, walk, k) for k, value in enumerate(walk.next, start=1) if value is not None]
    return found[0][0], math.sqrt(math.fsum(width * width for _, width in found)) / len(found)


def _path(record: DepthTime, walk: Walk) -> str:
    if walk.straightness is None or walk.length is None or walk.distance is None or walk.right_angles is None:
        return ""
    if walk.longest < 2:
        return ""  # for a single step, length and distance are equal
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
    """Say what a mean cosine shows if chance gives `middle`, plus or minus `width`."""
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


def _times_as_long(ratio: float) -> str:
    return "about as long" if times(ratio) == "1" else f"{times(ratio)} times as long"


def _known(values: Sequence[float | None]) -> list[float]:
    return [v for v in values if v is not None]


def _steps(count: int) -> str:
    return f"{count:,} step{'' if count == 1 else 's'}"
