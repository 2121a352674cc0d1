"""Settings and record of attribution: maps of the pixels that speak for a class in two trained networks. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from resviz.families.resnet.inside import InsideSpec, own_field, own_trouble
from resviz.probes.methods import METHODS, MethodName, Seen
from resviz.train.records import Training
from resviz.words.fields import setting_field
from resviz.words.text import Problem

MOST_CLASSES = 100
FIRST_WRONG = -1  # value of `image`
GALLERY = 18  # images to choose from


class AttributionSpec(InsideSpec):
    """The image, class and method of a map, made for both networks of a run."""

    method: MethodName = setting_field(
        "integrated", "method", "How the map is made.", choices={name: method.label for name, method in METHODS.items()}
    )
    image: int = setting_field(
        FIRST_WRONG,
        "image",
        "The number of an unseen image; −1 is the first that the residual network reads wrong, or else the plain one.",
        ge=FIRST_WRONG,
        le=60_000,
    )
    target: int = setting_field(
        -1,
        "class",
        "The class that the map speaks of; −1 is the one that the residual network reads.",
        ge=-1,
        le=MOST_CLASSES - 1,
    )
    destroyed: Literal["no", "yes"] = setting_field(
        "no",
        "compare with random weights",
        "Draw all weights anew and make the same map: one that stays the same never told anything about what was learnt (Adebayo "
        "2018, arXiv 1810.03292).",
        choices={"no": "no", "yes": "yes"},
    )
    steps_between: int = setting_field(
        50, "steps", "Images between the black one and this one, for the methods that go along a line.", ge=2, le=500
    )
    noise: float = setting_field(
        0.15, "noise", "SmoothGrad: deviation of the noise, as a share of the image's range.", ge=0.0, le=2.0
    )
    window: int = setting_field(2, "window", "Occlusion: pixels a side of what is made black.", ge=1, le=32)
    own: str = own_field()

    def _conflict(self) -> tuple[Problem, Any] | None:
        classes, test = self.data.classes, self.data.test
        if self.target >= classes:
            return self._wrong(
                "target", f"{self.data.label} has classes 0 to {classes - 1}; −1 is the one that is read"
            )
        if self.image >= test:
            return self._wrong("image", f"{self.data.label} has unseen images 0 to {test - 1}")
        side = min(self.data.shape[1:])
        if self.window > side > 1:  # points have side 1, so that a window can only cover everything
            problem = Problem("window", str(self.window), f"an image has {side} pixels a side")
            return problem, side
        if trouble := own_trouble(self.own, self.data):
            return self._wrong("own", trouble)
        return super()._conflict()

    @property
    def stride(self) -> int:
        """Pixels that the black square of occlusion moves by."""
        return 1


@dataclass(frozen=True, slots=True)
class Example:
    """An unseen image: its number, its class, and the class that each arm reads."""

    number: int
    truth: int
    reads: Mapping[str, int]
    pixels: str  # base 64 of (C, H, W) bytes


@dataclass(frozen=True, slots=True)
class Attribution:
    """The maps of one image in both networks. number: of the unseen image; None for the user's own image, whose class is unknown.
    wrong: how many of the `test` unseen images each arm reads wrong."""

    spec: AttributionSpec
    done: float
    training: Training = field(default_factory=Training)
    number: int | None = None
    truth: int | None = None
    target: int = 0
    pixels: str = ""
    arms: Mapping[str, Seen] = field(default_factory=dict)
    gallery: tuple[Example, ...] = ()
    wrong: Mapping[str, int] = field(default_factory=dict)
    test: int = 0
