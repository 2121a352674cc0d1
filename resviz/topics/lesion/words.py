"""The texts of the lesions view: claims checked against the literature, the explanation and the finding."""

from __future__ import annotations

import math
from statistics import median

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import early, under_way, whole
from resviz.topics.lesion.question import Lesions
from resviz.words.claims import VEIT_2016, Claim
from resviz.words.say import percent
from resviz.words.text import write_numbers

CLAIMS = (
    Claim(
        "Any block can be taken out.",
        "Of a residual network nearly any: the blocks that halve the image matter more, and with 20 out the error is severe. "
        "Of VGG no single layer: without any of them it guesses.",
        f"{VEIT_2016}, section 4",
    ),
)

WHY = (
    "A residual block computes $y_k = y_{k-1} + f_k(y_{k-1})$. Taking it out leaves $y_k = y_{k-1}$: half of "
    "all paths through the network are gone, and half are left. In a plain network, $y_k = f_k(y_{k-1})$, all "
    "of them are gone (Veit 2016, section 4.1). Cutting a shortcut of the trained network is another thing: "
    "then $y_k = f_k(y_{k-1})$, and what the later blocks were trained to receive is gone."
)


def finding(record: Lesions) -> str:
    """Return what taking out single blocks does, and what those that are out now do together."""
    if not record.whole:
        return under_way(record.spec, record.training)
    if not record.spec.blocks:
        return f"At depth {record.spec.depth} these networks have no block to take out."
    parts = (
        whole(record.whole, record.images),
        _together(record),
        _single(record),
        early(record.spec, record.training),
    )
    return "\n\n".join(part for part in parts if part)


SPARED = ("none", "fewer than half", "half or more", "all of them")
DEARER = 0.05  # of the unseen images: a block without which more are misread cannot be spared


def truth(record: Lesions) -> tuple[str, str] | None:
    """Return how many blocks of the residual network can be spared, each by itself, and a sentence; None before the end."""
    whole, single = record.whole.get("residual"), record.single.get("residual", ())
    known = [v for v in single if v is not None]
    if whole is None or record.done < 1 or not known:
        return None
    spared = sum(v <= whole + DEARER for v in known)
    choice = 0 if not spared else 3 if spared == len(known) else 1 if 2 * spared < len(known) else 2
    return SPARED[choice], (
        f"Without {spared} of its {len(known)} blocks, each by itself, it misreads at most 5 in 100 more than the "
        f"{percent(whole)} of the complete network."
    )


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
