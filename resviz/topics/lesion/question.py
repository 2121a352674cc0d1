"""The question what error is left when blocks are taken out of both networks (Veit 2016, arXiv 1605.06431). No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from resviz.families.resnet.inside import InsideSpec, images_field
from resviz.train.records import Training
from resviz.words.fields import setting_field
from resviz.words.text import Numbers, Problem, write_numbers


class LesionSpec(InsideSpec):
    """Blocks taken out of both trained networks: each by itself, and some together."""

    lesion: Numbers = setting_field(
        (), "take out", "Numbers of the blocks taken out of the trained networks together, such as 3,7,10-12."
    )
    sever: Numbers = setting_field(
        (),
        "cut in the trained network",
        "Numbers of the blocks whose shortcut is cut in the trained residual network: x + F(x) becomes F(x).",
    )
    images: int = images_field()

    def _conflict(self) -> tuple[Problem, Any] | None:
        for name, noun, most in (("lesion", "blocks", self.blocks), ("sever", "shortcuts", self.shortcuts)):
            numbers = getattr(self, name)
            if strange := [n for n in numbers if not 1 <= n <= most]:
                there = f"has {noun} 1 to {most}" if most else f"has no {noun}"
                problem = Problem(name, write_numbers(strange), f"depth {self.depth} {there}")
                return problem, tuple(n for n in numbers if n not in strange)
        return super()._conflict()


@dataclass(frozen=True, slots=True)
class Lesions:
    """The answer: shares of unseen images misclassified. whole: by the unchanged networks; single: (blocks,) with one block
    taken out, None if not measured yet or if the block was removed in training; together: with all of `spec.lesion` out and
    all of `spec.sever` cut, empty while that is measured. changes: the blocks after which shapes change, from 1. lost and
    lost_together: of the images, those on which an arm's numbers left the range of float32, complete and so changed; they
    count as misclassified."""

    spec: LesionSpec
    done: float
    training: Training = field(default_factory=Training)
    whole: Mapping[str, float] = field(default_factory=dict)
    single: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    together: Mapping[str, float] = field(default_factory=dict)
    changes: tuple[int, ...] = ()
    images: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)
    lost_together: Mapping[str, int] = field(default_factory=dict)
