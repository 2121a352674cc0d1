"""The texts of the several-at-once view: claims checked against the literature, the explanation and the finding."""

from __future__ import annotations

from itertools import takewhile
from statistics import fmean

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import early, under_way, whole
from resviz.topics.several.question import Several
from resviz.words.claims import VEIT_2016, Claim
from resviz.words.say import percent, same_accuracy

CLAIMS = (
    Claim(
        "A residual network is an ensemble.",
        "“Ensemble-like”: error grows smoothly as blocks are taken out. The paths share their weights and are trained together, "
        "which the members of an ensemble are not.",
        VEIT_2016,
    ),
)

WHY = (
    "If a residual network behaves like an ensemble of its paths, its error should grow smoothly with the "
    "number of blocks taken out, and with disorder (Veit 2016, sections 4.2 and 4.3). “Ensemble-like” is the "
    "paper’s word: the paths share their weights and were trained together. Stochastic depth (Huang 2016) "
    "leaves blocks out at random in every training step: choose a survival below 1 and look again."
)


HARDLY = 0.05  # an increase in error up to this counts as tolerated


def finding(record: Several) -> str:
    """Return how errors grow with the number of blocks taken out, and with disorder."""
    if not record.whole:
        return under_way(record.spec, record.training)
    if not record.spec.blocks:
        return f"At depth {record.spec.depth} these networks have no block to take out."
    parts = [whole(record.whole, record.images, record.lost)]
    for arm in ARMS:
        means = [(n, fmean(errors)) for n, errors in zip(record.counts, record.out.get(arm, ()), strict=False)]
        if not means or record.lost.get(arm):
            continue  # of a network whose numbers overflow, nothing is lost with a block
        draws = f"{record.spec.draws} draw{'s' * (record.spec.draws != 1)}"
        held = [n for n, _ in takewhile(lambda mean: mean[1] - record.whole[arm] <= HARDLY, means)]  # noqa: B023
        lost = (
            f"up to {held[-1]} random blocks out, at most 5 points are lost"
            if held
            else "even one random block costs more than 5 points"
        )
        parts.append(
            f"{arm.capitalize()}: {lost}, on average over {draws}; with {means[-1][0]} of {record.spec.blocks} out it misreads "
            f"{percent(means[-1][1])}."
        )
    if record.tau and all(record.order.get(arm) for arm in ARMS) and not any(record.lost.values()):
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
    if same and len(same) == len(record.counts) and not any(record.lost.values()):
        parts.append("No difference between both networks here.")
    return "\n\n".join(filter(None, [" ".join(parts), early(record.spec, record.training)]))


def _pairs(record: Several) -> list[tuple[float, float]]:
    return [(fmean(r), fmean(p)) for r, p in zip(*(record.out.get(arm, ()) for arm in ARMS), strict=False)]
