"""The texts of the path lengths view: claims checked against the literature, the explanation and the finding."""

from __future__ import annotations

import math
from collections.abc import Sequence

from resviz.families.resnet.inside import early, under_way
from resviz.topics.lengths.question import Lengths, attenuation, binomial, mean_length, shares
from resviz.words.claims import VEIT_2016, Claim
from resviz.words.say import percent, times

CLAIMS = (
    Claim(
        "The gradient flows through all of its depth.",
        "In a network of 54 blocks nearly all of it came through paths of 5 to 17 branches, which are 0.45% of all paths; "
        "paths of 19 to 35 branches are 98% of them.",
        f"{VEIT_2016}, section 5",
    ),
)

WHY = (
    "Each block is passed or gone through, so that of $2^n$ paths $\\binom nk$ have $k$ branches on them: "
    "Binomial$(n, 1/2)$. To measure what one path brings, the backward pass goes through the branches of $k$ "
    "blocks chosen at random, and past all others (Veit 2016, section 5). Times the number of such paths, "
    "that is the share of the gradient by path length. If every branch multiplied the gradient by $a$, it "
    "would be Binomial$(n, a / (1 + a))$."
)


CLOSE = 0.05  # share of the blocks: mean path lengths that differ by less count as much the same


def middle(share: Sequence[float], part: float = 0.9) -> tuple[int, int]:
    """Return the shortest range of lengths, both ends included, that holds this part of the share; of several, the fullest."""
    best = (len(share), 0.0, 0, len(share) - 1)
    for low in range(len(share)):
        held = 0.0
        for high in range(low, len(share)):
            held += share[high]
            if held >= part:
                best = min(best, (high - low, -held, low, high))
                break
    return best[2:]


def finding(record: Lengths) -> str:
    """Return how long paths are, and which of them the gradient takes."""
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
            "Binomial(n, a / (1 + a)), the dotted line."
        )
    return "\n\n".join(filter(None, [text, early(record.spec, record.training)]))
