"""The loss around two trained networks, on a plane through their weights (Li 2018, arXiv 1712.09913). No torch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from resviz.families.resnet.inside import InsideSpec
from resviz.train.records import Training
from resviz.words.fields import setting_field

SIZES = (9, 17, 33, 65)  # points per side; each grid contains all points of the one before it
Number = float | None
Grid = tuple[tuple[Number, ...], ...]


class LandscapeSpec(InsideSpec):
    """A plane through the weights of both networks of a run, and how to measure the loss on it."""

    directions: Literal["random", "path"] = setting_field(
        "random",
        "directions",
        "Random: two random directions, each filter of them as long as the network's own filter. Path: the two directions in "
        "which the weights moved most while they learnt.",
        choices={"random": "random, filter-normalised", "path": "of the training path"},
    )
    span: float = setting_field(
        1.0,
        "how far",
        "Random: from the middle to the edge, in lengths of the filters. Path: 1 shows the whole way with a margin.",
        ge=0.01,
        le=100.0,
    )
    finest: Literal["9", "17", "33", "65"] = setting_field(
        "33",
        "finest grid",
        "Points a side of the last picture; it is refined from 9 on.",
        choices={str(n): f"{n} × {n}" for n in SIZES},
    )
    on: Literal["train", "test"] = setting_field(
        "train",
        "loss on",
        "Which images: those that both networks learn from, or others.",
        choices={"train": "training images", "test": "unseen images"},
    )
    images: int = setting_field(
        64, "images", "How many of them, evenly spaced; all there are, if there are fewer.", ge=1, le=10_000
    )
    statistics: Literal["kept", "own"] = setting_field(
        "own",
        "normalise by",
        "What batch normalisation uses at every point: the means and variances that the images have with the weights there, or "
        "those that training has kept, as Li 2018 does. These do not fit far from the trained weights, and raise the loss there.",
        choices={"own": "means at each point", "kept": "means kept by training"},
    )
    draw: int = setting_field(0, "draw", "Which two random directions.", ge=0, le=2**31 - 1)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the grids that are computed, coarse to fine."""
        return tuple(n for n in SIZES if n <= int(self.finest))


@dataclass(frozen=True, slots=True)
class Step:
    """The weights after `step` training steps: their projection (x, y) onto the plane, and their real loss."""

    step: int
    x: float
    y: float
    loss: Number


@dataclass(frozen=True, slots=True)
class Slice:
    """The plane of one arm.

    loss: rows by y, columns by x, over the same images at every point; None where it left the range of float32.
    error: share of these images misclassified with the trained weights. path: the trajectory of the weights, projected
    orthogonally onto the plane; explained: shares of the trajectory's variation around its end, over all parameters, that lie
    along x and in the plane. norms: lengths of the two directions.
    """

    loss: Grid
    error: float
    path: tuple[Step, ...]
    explained: tuple[float, float]
    norms: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Landscape:
    """The answer: both arms, on grids of `size` points per side, evenly spaced from middle - half to middle + half on x and y.

    images: number of images that the loss is averaged over. moved: how many parameters of the residual network a direction
    changes, and how many it has.
    """

    spec: LandscapeSpec
    done: float
    training: Training = field(default_factory=Training)
    size: int = 0
    middle: tuple[float, float] = (0.0, 0.0)
    half: float = 1.0
    arms: Mapping[str, Slice] = field(default_factory=dict)
    images: int = 0
    moved: tuple[int, int] = (0, 0)

    def axis(self, which: int) -> list[float]:
        """Return the coordinates of the points on x (0) or y (1)."""
        return [self.middle[which] + self.half * (2 * k / (self.size - 1) - 1) for k in range(self.size)]


# -- what the grids show ---------------------------------------------------------------------------


def values(slice_: Slice) -> Iterator[float]:
    """Yield all losses that are in the range of float32."""
    return (v for row in slice_.loss for v in row if v is not None)


def outside(slice_: Slice) -> int:
    """Return at how many points the loss left the range of float32."""
    return sum(v is None for row in slice_.loss for v in row)


def here(record: Landscape, arm: str) -> float:
    """Return the loss with the trained weights, infinite where it left the range of float32."""
    last = record.arms[arm].path[-1].loss
    return math.inf if last is None else last
