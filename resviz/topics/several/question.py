"""The question how errors grow as more blocks are taken out or swapped at random, and its answer. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from resviz.families.resnet.inside import InsideSpec, images_field
from resviz.train.records import Training
from resviz.words.fields import setting_field
from resviz.words.text import Vector


class SeveralSpec(InsideSpec):
    """Several blocks of both trained networks at once, drawn at random: taken out, or in another order."""

    draws: int = setting_field(8, "draws", "How many random choices for each number of blocks.", ge=1, le=50)
    images: int = images_field()
    draw: int = setting_field(0, "draw", "Fixes the random choices.", ge=0, le=2**31 - 1)


@dataclass(frozen=True, slots=True)
class Several:
    """The answer: shares of unseen images misclassified, by arm, with the same draws for both arms. whole: by the unchanged
    networks; lost: of the images, those on which an arm's numbers left the range of float32, which count as misclassified.
    counts: numbers of blocks taken out; out: for each of them the errors of all draws. swaps: numbers of pairs swapped; tau:
    (swaps, draws) Kendall's rank correlation of the new order with the old; order: the errors, as `out`."""

    spec: SeveralSpec
    done: float
    training: Training = field(default_factory=Training)
    whole: Mapping[str, float] = field(default_factory=dict)
    counts: tuple[int, ...] = ()
    out: Mapping[str, tuple[Vector, ...]] = field(default_factory=dict)
    swaps: tuple[int, ...] = ()
    tau: tuple[Vector, ...] = ()
    order: Mapping[str, tuple[Vector, ...]] = field(default_factory=dict)
    images: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)
