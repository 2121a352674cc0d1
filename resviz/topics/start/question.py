"""The questions of the Start page: how two networks come to read unseen images, and what is left with one wire cut. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from resviz.families.resnet.inside import InsideSpec, images_field, own_field, own_trouble
from resviz.train.records import Training
from resviz.words.fields import setting_field
from resviz.words.text import Problem

MOST_BLOCKS = 600
TILES = 112  # images on a wall, where there are as many
FIRST = 48  # of them on a narrow screen


class WallSpec(InsideSpec):
    """Both networks of a run, and the unseen images that they read while they learn."""

    images: int = images_field()


class EditSpec(WallSpec):
    """One shortcut or one block of the trained residual network, taken out of it."""

    sever: int = setting_field(
        0,
        "wire cut",
        "Number of the block whose shortcut is cut in the trained residual network; 0 is none.",
        ge=0,
        le=MOST_BLOCKS,
    )
    lesion: int = setting_field(
        0,
        "block torn out",
        "Number of the block taken out of the trained residual network; 0 is none.",
        ge=0,
        le=MOST_BLOCKS,
    )

    own: str = own_field()

    def _conflict(self) -> tuple[Problem, Any] | None:
        for name, noun, most in (("lesion", "blocks", self.blocks), ("sever", "shortcuts", self.shortcuts)):
            if getattr(self, name) > most:
                return self._wrong(
                    name, f"depth {self.depth} has {noun} 1 to {most}" if most else f"depth {self.depth} has no {noun}"
                )
        if trouble := own_trouble(self.own, self.data):
            return self._wrong("own", trouble)
        if self.sever and self.lesion:
            return self._wrong("lesion", f"sever={self.sever} is cut already: one wire or one block at a time")
        return super()._conflict()

    @property
    def edited(self) -> bool:
        return bool(self.sever or self.lesion)

    @property
    def whole(self) -> EditSpec:
        """The same question about networks that learn with all their shortcuts and blocks: those that this page trains."""
        return self.replace(cut=(), remove=(), own="")

    @property
    def wall(self) -> WallSpec:
        """The question about both networks without the edit."""
        return WallSpec.model_construct(**{name: getattr(self.whole, name) for name in WallSpec.model_fields})


def singles() -> Iterator[EditSpec]:
    """The default run whole, and without each shortcut and each block: the questions to which the package holds the answers."""
    default = EditSpec.of({})
    yield default
    for name, most in (("sever", default.shortcuts), ("lesion", default.blocks)):
        for number in range(1, most + 1):
            yield default.replace(**{name: number})


class ReadSpec(InsideSpec):
    """An image of a person's own, which both trained networks of a run read."""

    own: str = own_field()

    def _conflict(self) -> tuple[Problem, Any] | None:
        if trouble := own_trouble(self.own, self.data):
            return self._wrong("own", trouble)
        return super()._conflict()

    @property
    def whole(self) -> ReadSpec:
        """The same about networks that learn with all their shortcuts and blocks."""
        return self.replace(cut=(), remove=())

    @property
    def wall(self) -> WallSpec:
        """The question that has these networks trained."""
        return WallSpec.model_construct(
            **{name: getattr(self.whole, name, WallSpec.model_fields[name].default) for name in WallSpec.model_fields}
        )


@dataclass(frozen=True, slots=True)
class Wall:
    """What both networks read in the unseen images, at some steps of their training.

    images: how many, N. truth: their classes, one character each, `letter` of the class. pixels: base 64 of (N, C, H, W) bytes;
    `places` instead if they are points: (N,) of x and y from 0 to 1. weights: (blocks,) parameters of each block's branch.
    steps: (frames,), 0 before training. reads: by arm, (frames,) of what is read in each image, as in `truth`; an arm that left
    the range of float32 has fewer.
    """

    spec: WallSpec
    done: float
    training: Training = field(default_factory=Training)
    images: int = 0
    truth: str = ""
    pixels: str = ""
    places: tuple[tuple[float, float], ...] = ()
    weights: tuple[int, ...] = ()
    steps: tuple[int, ...] = ()
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def right(self, arm: str, frame: int = -1) -> int:
        """How many images an arm reads correctly at one of the steps."""
        return right(self.reads[arm][frame], self.truth)


@dataclass(frozen=True, slots=True)
class Edit:
    """What the trained residual network reads without one shortcut or one block: in the first images, as far as they are read.
    anew: the same with the averages of its normalisations measured anew on training images, no weight changed; "" if it keeps no
    averages. All strings are as in `Wall`."""

    spec: EditSpec
    done: float
    training: Training = field(default_factory=Training)
    reads: str = ""
    anew: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What both trained networks read in an image: by arm, the share that the softmax gives to each class, (classes,)."""

    spec: ReadSpec
    done: float
    training: Training = field(default_factory=Training)
    shares: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def letter(number: int) -> str:
    """A class as one character; 0 to 9 are the digits. A space for a number below 0: nothing is read."""
    return chr(ord("0") + number) if number >= 0 else " "


def right(reads: str, truth: str) -> int:
    return sum(a == b for a, b in zip(reads, truth, strict=False))


def tiles(wall: Wall) -> tuple[int, ...]:
    """The numbers of the images on the wall: evenly spaced ones, and all those that the trained residual network misreads, as far
    as a third of a narrow wall has place for them."""
    count = min(TILES, len(wall.truth))
    found = [k * len(wall.truth) // count for k in range(count)]
    if not wall.reads.get("residual"):
        return tuple(found)
    first = min(FIRST, count)
    missing = [
        k
        for k, (a, b) in enumerate(zip(wall.reads["residual"][-1], wall.truth, strict=True))
        if a != b and k not in found[:first]
    ]
    room = [
        place
        for k in range(first)
        if wall.truth[found[place := (7 * k + 3) % first]] == wall.reads["residual"][-1][found[place]]
    ]
    for place, number in zip(room, missing[: first // 3], strict=False):
        if number in found:
            found[found.index(number)] = found[place]
        found[place] = number
    return tuple(found)
