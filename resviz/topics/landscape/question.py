"""The ways that the weights of two networks take while they learn, and the loss on planes through them. No torch.

Source: Li 2018, arXiv 1712.09913.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from resviz.families.resnet.inside import InsideSpec
from resviz.families.resnet.spec import Spec
from resviz.train.records import Training
from resviz.words.fields import setting_field

SIZES = (9, 17, 33, 65)  # points per side; each grid contains all points of the one before it
COLUMNS = (13, 25, 49, 97)  # the same of a map, whose height is half its width
Number = float | None
Grid = tuple[tuple[Number, ...], ...]


def rows(columns: int) -> int:
    """Return how many rows a map of so many columns has: its points are as far apart up as along."""
    return (columns + 1) // 2


class WaysSpec(InsideSpec):
    """The ways that the weights of both networks of a run take, each on the plane in which they move most."""

    columns: Literal["13", "25", "49", "97"] = setting_field(
        "49",
        "finest map",
        "Points along and up of the last map; it is refined from 13 × 7 on.",
        choices={str(n): f"{n} × {rows(n)}" for n in COLUMNS},
    )
    images: int = setting_field(
        64, "images", "How many training images, evenly spaced; all there are, if there are fewer.", ge=1, le=10_000
    )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The columns of the maps that are computed, coarse to fine."""
        return tuple(n for n in COLUMNS if n <= int(self.columns))

    @property
    def plane(self) -> LandscapeSpec:
        """The question that has the same planes, and measures the loss with the same images."""
        return LandscapeSpec.model_construct(**_fields(self.run), directions="path", images=self.images)


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

    @cached_property
    def ways(self) -> WaysSpec:
        """The question about the ways of the same networks; it depends on the run alone."""
        return WaysSpec.model_construct(**_fields(self.run))


def _fields(run: Spec) -> dict[str, Any]:
    return {name: getattr(run, name) for name in Spec.model_fields}


# -- the ways ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """The weights after `step` training steps. x, y: how far they have moved along the two directions of their plane; far: their
    distance from the initial weights, over all parameters; loss: their real loss, None outside the range of float32."""

    step: int
    x: float
    y: float
    far: float
    loss: Number


@dataclass(frozen=True, slots=True)
class Map:
    """The loss on a rectangle of a plane, twice as wide as high: rows by y, columns by x, None outside the range of float32.
    x and y are counted from the initial weights."""

    middle: tuple[float, float]
    half: float  # of its width
    loss: Grid

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The coordinates of its left, right, bottom and top."""
        (x, y), half = self.middle, self.half
        return x - half, x + half, y - half / 2, y + half / 2


@dataclass(frozen=True, slots=True)
class Way:
    """The way of one arm. map: of the same extent in both arms; near: an enlarged part of it where the way is short.

    explained: shares of the way's variation around its end, over all parameters, that lie along x and in the plane. error: share
    of the images misclassified with the trained weights. length: of the vector of the initial weights.
    """

    moments: tuple[Moment, ...]
    map: Map
    near: Map | None
    explained: tuple[float, float]
    error: float
    length: float

    @property
    def far(self) -> float:
        """The distance between the initial and the trained weights."""
        return self.moments[-1].far


@dataclass(frozen=True, slots=True)
class Ways:
    """The answer: the ways of both arms. images: number of images that each loss is averaged over."""

    spec: WaysSpec
    done: float
    training: Training = field(default_factory=Training)
    arms: Mapping[str, Way] = field(default_factory=dict)
    images: int = 0


def rim(grid: Grid) -> list[float]:
    """Return the losses on the edge of a grid, infinite where they left the range of float32."""
    edge = (*grid[0], *grid[-1], *(row[k] for row in grid[1:-1] for k in (0, -1)))
    return [math.inf if v is None else v for v in edge]


# What lies around trained weights, from the loss on the edge of a map or plane, relative to theirs:
STEEP = 10.0  # from this factor on, nearly everywhere, a pit
FLAT = 2.0  # up to this factor, either way, flat ground
NEARLY = 0.9  # the share of the points on the edge that "nearly everywhere" takes
WIDE = 0.5  # the least width of a plateau, in lengths of the weights


def fall(way: Way) -> float:
    """Return how many times the loss is larger with the initial weights than with the trained ones: 0 if the last left the range
    of float32, infinite if only the first did, or if the last is 0."""
    first, last = way.moments[0].loss, way.moments[-1].loss
    if last is None:
        return 0.0
    return math.inf if first is None or not last else first / last


def descent(way: Way) -> int:
    """Return how far down a way leads: 2 if the loss falls to a tenth or less, 0 if it keeps more than half, else 1."""
    factor = fall(way)
    return 0 if factor < FLAT else 1 if factor < STEEP else 2


def is_plateau(way: Way) -> bool:
    """Whether a way leads over a plateau: its largest real loss is at most twice its smallest, although the weights move by
    half their own length or more."""
    losses = [m.loss for m in way.moments]
    known = [v for v in losses if v is not None]
    return way.far >= WIDE * way.length and len(known) == len(losses) and max(known) <= FLAT * min(known)


def is_pit(way: Way) -> bool:
    """Whether a way ends in a pit: the loss falls to a tenth or less, and on nearly all of the edge of the map it is at least ten
    times that of the trained weights."""
    last = way.moments[-1].loss
    return descent(way) == 2 and last is not None and nearly(v >= STEEP * last and v > 0 for v in rim(way.map.loss))


def nearly(found: Iterable[bool]) -> bool:
    """Return whether nine in ten of them are true."""
    each = list(found)
    return sum(each) >= NEARLY * len(each)


# -- the loss around the trained weights ---------------------------------------------------------------


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


def outside(slice_: Slice) -> int:
    """Return at how many points the loss left the range of float32."""
    return sum(v is None for row in slice_.loss for v in row)


def here(record: Landscape, arm: str) -> float:
    """Return the loss with the trained weights, infinite where it left the range of float32."""
    last = record.arms[arm].path[-1].loss
    return math.inf if last is None else last
