"""The texts of the lesions view: claims checked against the literature, the explanation and the finding."""

from __future__ import annotations

import math
from statistics import median

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import early, misreads, under_way, whole
from resviz.topics.lesion.question import Lesions, LesionSpec
from resviz.words.claims import VEIT_2016, Claim
from resviz.words.say import percent
from resviz.words.text import listed

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
    """Return what those parts do together that are out now, and what taking out single blocks does."""
    if not record.whole:
        return under_way(record.spec, record.training)
    if not record.spec.blocks:
        return f"At depth {record.spec.depth} these networks have no block to take out."
    parts = (
        _together(record) or whole(record.whole, record.images, record.lost),
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
    if whole is None or record.done < 1 or not known or record.lost.get("residual"):
        return None
    spared = sum(v <= whole + DEARER for v in known)
    choice = 0 if not spared else 3 if spared == len(known) else 1 if 2 * spared < len(known) else 2
    return SPARED[choice], (
        f"Without {spared} of its {len(known)} blocks, each by itself, it misreads at most 5 in 100 more than the "
        f"{percent(whole)} of the complete network."
    )


def changed(spec: LesionSpec) -> str:
    """Return what is out, in words: "without block 3 and with shortcut 5 cut"; empty if nothing is."""
    out, cut = spec.lesion, spec.sever
    blocks = f"without block{'s' * (len(out) > 1)} {listed(out)}" if out else ""
    shortcuts = f"with shortcut{'s' * (len(cut) > 1)} {listed(cut)} cut" if cut else ""
    return " and ".join(part for part in (blocks, shortcuts) if part)


def _together(record: Lesions) -> str:
    if not (text := changed(record.spec)):
        return ""
    text = f"**{text[:1].upper()}{text[1:]}**"
    if not record.together:
        return f"{text}: both networks learn as before, then this is measured."
    if any(record.lost.values()) or any(record.lost_together.values()):
        told = [
            f"the {arm} network {misreads(record.together[arm], record.images, record.lost_together.get(arm, 0))} (complete, it "
            f"{misreads(record.whole[arm], record.images, record.lost.get(arm, 0))})"
            for arm in ARMS
        ]
        return f"{text}, of {record.images:,} new images {told[0]}, and {told[1]}."
    now, before = (
        [f"{round(errors[arm] * record.images):,}" for arm in ARMS] for errors in (record.together, record.whole)
    )
    return (
        f"{text} the residual network misreads {now[0]} of {record.images:,} new images instead of {before[0]}, the plain "
        f"one {now[1]} instead of {before[1]}."
    )


def _single(record: Lesions) -> str:
    chance = 1 - 1 / record.spec.data.classes
    told = []
    for arm in ARMS:
        known = [(v, k) for k, v in enumerate(record.single[arm], start=1) if v is not None]
        if not known or record.lost.get(arm):
            continue  # nothing is lost by a block without which no more overflows
        worst, where = max(known)
        lost = sum(v >= chance - 2 * math.sqrt(chance * (1 - chance) / record.images) for v, _ in known)
        told.append(
            f"With one block out, the {arm} network misreads {percent(median(v for v, _ in known))} in the median, and "
            f"{percent(worst)} at worst, without block {where}{', where the shape changes' if where in record.changes else ''}."
            + (f" {_lost(lost)} of {len(known)} without which it does no better than guessing." if lost else "")
        )
    return " ".join(told)


def _lost(count: int) -> str:
    return "There is 1 block" if count == 1 else f"There are {count} blocks"
