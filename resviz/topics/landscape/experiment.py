"""The loss on planes through the weights of both networks of a run, on finer and finer grids (Li 2018, arXiv 1712.09913)."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.probes import evenly
from resviz.topics.landscape.nets import (
    Surface,
    filters,
    indices,
    mean_loss,
    short,
    with_own_statistics,
    with_weights,
)
from resviz.topics.landscape.question import (
    COLUMNS,
    SIZES,
    Landscape,
    LandscapeSpec,
    Map,
    Moment,
    Slice,
    Step,
    Way,
    Ways,
    WaysSpec,
    rows,
)
from resviz.train.twins.lockstep import Keeper, Lanes
from resviz.train.twins.trained import Trained, trained

TOLD_SECONDS = 0.25  # between two points at which the computation can be stopped
MARGIN = 1.25  # size of the plane, relative to the extent of the training trajectory
MAP_MARGIN, NEAR_MARGIN = 1.75, 2.75  # the same of the maps of both ways, and of the enlarged part around a short way
BEFORE = 1 / 3  # the share of what a map has beside a way that lies before its beginning: there is more behind its end
NEAR = 3.0  # a way is enlarged where that makes it so many times as large
BACKWARD = 3.0  # cost of a training step, in forward passes
FIRST_WAY = 10  # the first picture has the real loss of one in so many points of the trajectory

Point = tuple[int, int]  # column and row on the finest grid
Place = tuple[float, float]  # coordinates on the plane, in lengths of its two directions


def landscape(spec: LandscapeSpec, *, keeper: Keeper | None = None) -> Iterator[Landscape | None]:
    """Train both networks of the run, storing their trajectories, then measure the loss around the trained weights.

    Yields records while training, then one record for each grid, from coarse to fine; at a None the caller may stop.
    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    part = _share_of_training(spec, max(spec.sizes) ** 2)
    found = yield from _learnt(Landscape(spec, 0.0), part, keeper)
    x, y = _chosen(spec, found)
    lanes = Lanes(ARMS if found.device.type == "cpu" else ())
    try:
        planes = _planes(lanes, spec, found, x, y)
        middle, half = _frame(spec, planes)
        finest = max(spec.sizes)
        done = 0
        for size in spec.sizes:
            fresh = _fresh(finest, finest, size, SIZES[0])
            places = [(p, _place(p, finest, middle, half)) for p in fresh]
            for _ in _measured(lanes, planes, dict.fromkeys(ARMS, places)):
                yield None
            done += len(places)
            # The first picture does not wait for the real loss at every point of the trajectory.
            walked = partial(Plane.walk, every=FIRST_WAY if size < finest and size == SIZES[0] else 1)
            for wait in [lanes.submit(arm, partial(walked, plane)) for arm, plane in planes.items()]:
                wait()
            yield Landscape(
                spec,
                1.0 if size == finest else min(part + (1 - part) * done / finest**2, 0.9999),
                found.told,
                size,
                middle,
                half,
                {arm: plane.slice(size, (finest - 1) // (size - 1)) for arm, plane in planes.items()},
                len(x),
                next(iter(planes.values())).moved,
            )
    finally:
        lanes.close()


def ways(spec: WaysSpec, *, keeper: Keeper | None = None) -> Iterator[Ways | None]:
    """Train both networks of the run, storing their trajectories, then measure the loss along them and on the planes around them.

    Yields records while training, then with finer and finer maps; at a None the caller may stop.
    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    finest = max(spec.sizes)
    part = _share_of_training(spec, finest * rows(finest))
    found = yield from _learnt(Ways(spec, 0.0), part, keeper)
    x, y = _chosen(spec.plane, found)
    lanes = Lanes(ARMS if found.device.type == "cpu" else ())
    try:
        planes = _planes(lanes, spec.plane, found, x, y)
        drawn = {arm: Walk(plane, finest) for arm, plane in planes.items()}
        whole = [corner for walk in drawn.values() for corner in walk.corners]
        for walk in drawn.values():
            walk.frame(_around(whole, MAP_MARGIN))
        for wait in [lanes.submit(arm, partial(plane.walk, every=1)) for arm, plane in planes.items()]:
            wait()
        wanted = {size: {arm: walk.places(size) for arm, walk in drawn.items()} for size in spec.sizes}
        works = {size: max(map(len, places.values())) for size, places in wanted.items()}
        record, done = None, 0
        for size, places in wanted.items():
            for at in _measured(lanes, planes, places):
                share = part + (1 - part) * (done + at) / sum(works.values())
                yield record and replace(record, done=min(share, 0.9999))
            done += works[size]
            record = Ways(spec, share, found.told, {arm: walk.way(size) for arm, walk in drawn.items()}, len(x))
            yield replace(record, done=1.0 if size == finest else share)
    finally:
        lanes.close()


R = TypeVar("R", Landscape, Ways)


def _share_of_training(spec: LandscapeSpec | WaysSpec, points: int) -> float:
    """Return the share of the work that is training, where the loss is then measured at so many points of each plane."""
    training = BACKWARD * spec.batch * spec.steps
    return training / (training + spec.images * points)


def _learnt(record: R, part: float, keeper: Keeper | None) -> Generator[R, None, Trained]:
    """Yield the record with the training progress, `part` of the work, and return the networks with their trajectories."""
    found = None
    for found in trained(record.spec.run, keeper=keeper, course=True):
        if not found.over:
            yield replace(record, done=part * found.share, training=found.told)
    assert found is not None
    return found


def _planes(lanes: Lanes, spec: LandscapeSpec, found: Trained, x: Tensor, y: Tensor) -> dict[str, Plane]:
    waiting = {arm: lanes.submit(arm, partial(Plane, spec, found, arm, x, y)) for arm in ARMS}
    return {arm: wait() for arm, wait in waiting.items()}


def _fresh(columns: int, rows: int, size: int, first: int) -> list[Point]:
    """Return the points of a grid, as columns and rows of the finest one, at which a grid of `size` columns is the first to be
    measured; `first` are the columns of the coarsest grid."""
    every = (columns - 1) // (size - 1)
    return [
        (i, j)
        for j in range(0, rows, every)
        for i in range(0, columns, every)
        if size == first or (i // every) % 2 or (j // every) % 2
    ]


def _place(point: Point, columns: int, middle: tuple[float, float], half: float) -> Place:
    """Return the coordinates of a point of a square grid."""
    i, j = (m + half * (2 * k / (columns - 1) - 1) for k, m in zip(point, middle, strict=True))
    return i, j


def _measured(
    lanes: Lanes, planes: dict[str, Plane], places: Mapping[str, Sequence[tuple[Any, Place]]]
) -> Iterator[int]:
    """Measure the loss at places of each arm's plane, both arms side by side. Yields how many are measured, several times."""
    count, at, most = max(plane.surface.folded.places for plane in planes.values()), 0, max(map(len, places.values()))
    while at < most:
        began = time.monotonic()
        for wait in [
            lanes.submit(arm, partial(planes[arm].measure, each[at : at + count])) for arm, each in places.items()
        ]:
            wait()
        at += count
        took = time.monotonic() - began
        count = max(1, min(500, round(count * min(4.0, TOLD_SECONDS / max(took, 1e-4)))))
        yield min(at, most)


def _chosen(spec: LandscapeSpec, found: Trained) -> tuple[Tensor, Tensor]:
    """Return evenly spaced images, prepared as network input, and their classes: (N, C, H, W), (N,)."""
    data = found.data
    x, y = (data.train_x, data.train_y) if spec.on == "train" else (data.test_x, data.test_y)
    at = evenly(y, spec.images)
    return data.inputs(x[at]), y[at]


def _frame(spec: LandscapeSpec, planes: dict[str, Plane]) -> tuple[tuple[float, float], float]:
    """Return the centre of the picture and half its width, the same for both arms."""
    if spec.directions == "random":
        return (0.0, 0.0), spec.span
    xs, ys = zip(*((x, y) for plane in planes.values() for _, x, y in plane.way), strict=True)
    sides = [(min(v), max(v)) for v in (xs, ys)]
    half = max(high - low for low, high in sides) / 2 or 1.0
    left, below = ((low + high) / 2 for low, high in sides)
    return (left, below), half * MARGIN * spec.span


# -- directions ------------------------------------------------------------------------------------


def filter_normalised(weights: Sequence[Tensor], generator: torch.Generator) -> list[Tensor]:
    """Return random directions of these shapes, each filter w[i] scaled to the norm of the network's own (Li 2018, section 4).
    They are drawn on the CPU, so that every device gets the same numbers."""
    return [_as_long(torch.randn(w.shape, generator=generator).to(w.device), w.detach()) for w in weights]


def _as_long(d: Tensor, w: Tensor) -> Tensor:
    lengths, own = (torch.linalg.vector_norm(t.reshape(len(t), -1), dim=1) for t in (d, w))
    return d * (own / lengths).reshape(-1, *[1] * (d.dim() - 1))


def main_directions(course: Tensor) -> Tensor:
    """Return the two orthogonal unit directions (2, P) along which a trajectory (M, P) varies most around its last point.

    These are the principal components of Li 2018, section 7, computed from the (M, M) Gram matrix, since M is small and P is
    large. A direction that the trajectory lacks is all zeros. The sign is such that the first point has a coordinate >= 0.
    """
    back = (course - course[-1]).double()
    sizes, rows = torch.linalg.eigh(back @ back.T)
    found = []
    for size, row in zip(sizes.flip(0)[:2], rows.flip(1).T[:2], strict=True):
        if size <= 1e-12 * sizes[-1] or sizes[-1] == 0:
            found.append(torch.zeros_like(back[0]))
            continue
        direction = row @ back
        direction = direction / torch.linalg.vector_norm(direction)
        # The sign of an eigenvector is arbitrary, so fix it by the first point of the trajectory.
        found.append(direction if (direction @ back[0]) >= 0 else -direction)
    while len(found) < 2:
        found.append(torch.zeros_like(back[0]))
    return torch.stack(found).to(course.dtype)


# -- one arm ---------------------------------------------------------------------------------------


@dataclass
class Plane:
    """The loss of one arm on its plane. Computes in the calling thread."""

    spec: LandscapeSpec
    found: Trained
    arm: str
    x: Tensor
    y: Tensor
    loss: dict[Any, float | None] = field(default_factory=dict)  # by point
    real: dict[int, float | None] = field(default_factory=dict)  # by index in the trajectory

    def __post_init__(self) -> None:
        net = self.found.net(self.arm)
        own = filters(net)
        self.moved = sum(w.numel() for w in own), sum(p.numel() for p in net.parameters())
        course = torch.stack([weights for _, weights in self.found.course[self.arm]])
        at = indices(net, own)
        directions = self._directions(own, course[:, at])
        self.net, self.course = net, course
        self.way, self.explained = self._course(course, at, directions)
        self.norms = tuple(torch.linalg.vector_norm(d).item() for d in directions)
        parts = [
            [p.view(w.shape) for p, w in zip(d.to(own[0].device).split([w.numel() for w in own]), own, strict=True)]
            for d in directions
        ]
        self.surface = Surface(net, parts, self.x if self.spec.statistics == "own" else None)
        self.error = self.surface.error(self.x, self.y)

    def _directions(self, own: list[Tensor], course: Tensor) -> Tensor:
        """Return both directions as one tensor (2, P), in the order of `filters`."""
        if self.spec.directions == "path":
            return main_directions(course)
        generator = torch.Generator().manual_seed(self.spec.draw)
        drawn = [filter_normalised(own, generator) for _ in range(2)]
        return torch.stack([torch.cat([d.reshape(-1) for d in direction]) for direction in drawn]).cpu()

    def _course(
        self, course: Tensor, at: Tensor, directions: Tensor
    ) -> tuple[list[tuple[int, float, float]], tuple[float, float]]:
        """Project the trajectory (M, parameters and statistics) orthogonally onto the plane. Returns its points as (step, x, y),
        and the shares of its variation around its end that lie along the first direction and in the plane."""
        parameters = sum(p.numel() for p in self.net.parameters())
        back = (course[:, :parameters] - course[-1, :parameters]).double()
        d = directions.double()
        gram = d @ d.T
        inner = back[:, at] @ d.T  # (M, 2)
        places = inner @ torch.linalg.pinv(gram, hermitian=True)
        whole = back.square().sum().item()
        along = (inner[:, 0].square() / gram[0, 0]).sum().item() if gram[0, 0] > 0 else 0.0
        inside = (places * inner).sum().item()
        shares = (along / whole, inside / whole) if whole else (0.0, 0.0)
        steps = [step for step, _ in self.found.course[self.arm]]
        way = [(step, short(x), short(y)) for step, (x, y) in zip(steps, places.tolist(), strict=True)]
        return way, (short(shares[0]), short(shares[1]))

    def walk(self, every: int) -> None:
        """Compute the real loss at both ends of the trajectory and at every `every`-th point, where it is not known yet."""
        last = len(self.way) - 1
        fresh = [k for k in sorted({0, *range(last, 0, -every)}) if k not in self.real]
        net = with_own_statistics(self.net) if self.spec.statistics == "own" else self.net
        found = with_weights(net, self.course[fresh], self.x)
        self.real |= {k: mean_loss(logits, self.y) for k, logits in zip(fresh, found, strict=True)}

    def measure(self, places: Sequence[tuple[Any, Place]]) -> None:
        """Measure the loss at these places, each with the name under which it is then known."""
        together = self.surface.folded.places
        for k in range(0, len(places), together):
            points, at = zip(*places[k : k + together], strict=True)
            self.loss |= dict(zip(points, self.surface.losses(at, self.x, self.y), strict=True))

    def slice(self, size: int, every: int) -> Slice:
        rows = tuple(tuple(self.loss[i * every, j * every] for i in range(size)) for j in range(size))
        path = tuple(Step(*self.way[k], loss=loss) for k, loss in sorted(self.real.items()))
        return Slice(rows, short(self.error), path, self.explained, self.norms)


@dataclass
class Walk:
    """The way of one arm on its plane and the maps around it, of `columns` points along. Coordinates of a way are counted from
    its beginning, and grow towards its end."""

    plane: Plane
    columns: int
    boxes: list[tuple[Place, float]] = field(
        default_factory=list
    )  # middle and half the width, of the map and what is enlarged

    def __post_init__(self) -> None:
        (_, *self.begin), *_ = self.plane.way
        self.at = [(short(self.begin[0] - x), short(self.begin[1] - y)) for _, x, y in self.plane.way]
        xs, ys = zip(*self.at, strict=True)
        self.corners = [(min(xs), min(ys)), (max(xs), max(ys))]

    def frame(self, whole: tuple[Place, float]) -> None:
        """Choose what is mapped: `whole`, and the surroundings of the way where it is short."""
        near = _around(self.corners, NEAR_MARGIN)
        self.boxes = [whole, near] if 0 < near[1] * NEAR <= whole[1] else [whole]

    def places(self, size: int) -> list[tuple[Any, Place]]:
        """Return the places that maps of `size` columns are the first to need. An enlarged part has half as many columns."""
        found = []
        for box, (middle, half) in enumerate(self.boxes):
            columns = self._columns(box)
            fresh = _fresh(columns, rows(columns), self._of(box, size), self._of(box, COLUMNS[0]))
            for i, j in fresh:
                x = middle[0] + half * (2 * i / (columns - 1) - 1)
                y = middle[1] + half * (2 * j / (columns - 1) - 0.5)
                found.append(((box, i, j), (self.begin[0] - x, self.begin[1] - y)))
        return found

    def _of(self, box: int, size: int) -> int:
        return rows(size) if box else size

    def _columns(self, box: int) -> int:
        return self._of(box, self.columns)

    def way(self, size: int) -> Way:
        plane = self.plane
        maps = [self._map(box, self._of(box, size)) for box in range(len(self.boxes))]
        parameters = sum(p.numel() for p in plane.net.parameters())
        course = plane.course[:, :parameters].double()
        far = torch.linalg.vector_norm(course - course[0], dim=1).tolist()
        moments = tuple(
            Moment(step, x, y, short(f), plane.real[k])
            for k, ((step, _, _), (x, y), f) in enumerate(zip(plane.way, self.at, far, strict=True))
        )
        length = torch.linalg.vector_norm(course[0]).item()
        return Way(moments, maps[0], maps[1] if maps[1:] else None, plane.explained, short(plane.error), short(length))

    def _map(self, box: int, size: int) -> Map:
        every, (middle, half) = (self._columns(box) - 1) // (size - 1), self.boxes[box]
        loss = self.plane.loss
        return Map(
            middle,
            half,
            tuple(tuple(loss[box, i * every, j * every] for i in range(size)) for j in range(rows(size))),
        )


def _around(corners: Sequence[Place], margin: float) -> tuple[Place, float]:
    """Return the middle and half the width of a map around these points: twice as wide as high, and `margin` times as large as
    they need; 1 where they are all the same."""
    (left, right), (below, above) = ((min(v), max(v)) for v in zip(*corners, strict=True))
    half = max(right - left, 2 * (above - below)) * margin / 2 or 1.0
    middle = left - BEFORE * (2 * half - (right - left)) + half
    return (short(middle), short((below + above) / 2)), short(half)
