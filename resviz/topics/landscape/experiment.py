"""The loss on a plane through the weights of both networks of a run, on finer and finer grids (Li 2018, arXiv 1712.09913)."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.families.resnet.family import ARMS
from resviz.nets.resnet import ResNet
from resviz.topics.landscape.nets import Folded, filters
from resviz.topics.landscape.question import SIZES, Landscape, LandscapeSpec, Slice, Step
from resviz.train.twins.lockstep import Keeper, Lanes
from resviz.train.twins.trained import Trained, trained
from resviz.words.say import rounded

TOLD_SECONDS = 0.25  # between two moments at which it can be given up
DRAWN_SECONDS = 1.0  # between two pictures of one grid; the first is drawn when it is whole
MARGIN = 1.25  # of the plane around a training path
BACKWARD = 3.0  # a training step in forward passes
FIRST_WAY = 10  # moments of the way between two whose real loss goes with the first picture
DIGITS = 5
short = partial(rounded, digits=DIGITS)

Point = tuple[int, int]  # column and row on the finest grid


def landscape(spec: LandscapeSpec, *, keeper: Keeper | None = None) -> Iterator[Landscape | None]:
    """Train both networks of the run, recording their way, then measure the loss around where they end.

    A record for each grid, the same grid at a time growing finer; None is a moment to give up at.
    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    work = [BACKWARD * spec.batch * spec.steps, float(spec.images * max(spec.sizes) ** 2)]
    part = work[0] / sum(work)
    found = None
    for found in trained(spec.run, keeper=keeper, course=True):
        if not found.over:
            yield Landscape(spec, part * found.share, found.told)
    assert found is not None
    yield from _measured(spec, found, part)


def _measured(spec: LandscapeSpec, found: Trained, part: float) -> Iterator[Landscape | None]:
    x, y = _chosen(spec, found)
    lanes = Lanes(ARMS if found.device.type == "cpu" else ())
    try:
        waiting = {arm: lanes.submit(arm, partial(Plane, spec, found, arm, x, y)) for arm in ARMS}
        planes = {arm: wait() for arm, wait in waiting.items()}
        middle, half = _frame(spec, planes)
        finest = max(spec.sizes)
        done = 0
        for size in spec.sizes:
            every = (finest - 1) // (size - 1)
            fresh = [
                (i, j)
                for j in range(0, finest, every)
                for i in range(0, finest, every)
                if size == SIZES[0] or (i // every) % 2 or (j // every) % 2
            ]
            count = max(plane.surface.folded.places for plane in planes.values())
            while fresh:
                now, fresh = fresh[:count], fresh[count:]
                places = [
                    (p, tuple(m + half * (2 * k / (finest - 1) - 1) for k, m in zip(p, middle, strict=True)))
                    for p in now
                ]
                began = time.monotonic()
                for wait in [lanes.submit(arm, partial(planes[arm].measure, places)) for arm in ARMS]:
                    wait()
                took = time.monotonic() - began
                done += len(now)
                count = max(1, min(500, round(count * min(4.0, TOLD_SECONDS / max(took, 1e-4)))))
                yield None
            # The first picture need not wait for the whole way.
            walked = partial(Plane.walk, every=FIRST_WAY if size < finest and size == SIZES[0] else 1)
            for wait in [lanes.submit(arm, partial(walked, plane)) for arm, plane in planes.items()]:
                wait()
            share = part + (1 - part) * done / finest**2
            yield Landscape(
                spec,
                1.0 if size == finest else min(share, 0.9999),
                found.told,
                size,
                middle,
                half,
                {arm: plane.slice(size, every) for arm, plane in planes.items()},
                len(x),
                next(iter(planes.values())).moved,
            )
    finally:
        lanes.close()


def _chosen(spec: LandscapeSpec, found: Trained) -> tuple[Tensor, Tensor]:
    """Images as the networks take them, evenly spaced, and their classes: (N, C, H, W), (N,)."""
    data = found.data
    x, y = (data.train_x, data.train_y) if spec.on == "train" else (data.test_x, data.test_y)
    count = min(spec.images, len(y))
    at = torch.arange(count, device=y.device) * len(y) // count
    return data.inputs(x[at]), y[at]


def _frame(spec: LandscapeSpec, planes: dict[str, Plane]) -> tuple[tuple[float, float], float]:
    """Middle and half the width of the picture, the same for both arms."""
    if spec.directions == "random":
        return (0.0, 0.0), spec.span
    xs, ys = zip(*((x, y) for plane in planes.values() for _, x, y in plane.way), strict=True)
    sides = [(min(v), max(v)) for v in (xs, ys)]
    half = max(high - low for low, high in sides) / 2 or 1.0
    left, below = ((low + high) / 2 for low, high in sides)
    return (left, below), half * MARGIN * spec.span


# -- directions ------------------------------------------------------------------------------------


def filter_normalised(weights: Sequence[Tensor], generator: torch.Generator) -> list[Tensor]:
    """Random directions of these shapes, every filter w[i] with the length of the network's own (Li 2018, section 4). Drawn on
    the CPU, so that every device has the same."""
    return [_as_long(torch.randn(w.shape, generator=generator).to(w.device), w.detach()) for w in weights]


def _as_long(d: Tensor, w: Tensor) -> Tensor:
    lengths, own = (torch.linalg.vector_norm(t.reshape(len(t), -1), dim=1) for t in (d, w))
    return d * (own / lengths).reshape(-1, *[1] * (d.dim() - 1))


def main_directions(course: Tensor) -> Tensor:
    """(2, P): the two directions of most variation of a way (M, P) around its last point, of length 1, at right angles.

    The principal components of Li 2018, section 7, by the (M, M) matrix of products, since M is small and P is not. A way that
    has fewer than two directions gets zeros. The first points from the end to the beginning.
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
        # The sign of an eigenvector is nobody's choice: it is made ours.
        found.append(direction if (direction @ back[0]) >= 0 else -direction)
    while len(found) < 2:
        found.append(torch.zeros_like(back[0]))
    return torch.stack(found).to(course.dtype)


# -- one arm ---------------------------------------------------------------------------------------


@dataclass
class Plane:
    """One arm on its plane. Computes in the thread that calls."""

    spec: LandscapeSpec
    found: Trained
    arm: str
    x: Tensor
    y: Tensor
    loss: dict[Point, float | None] = field(default_factory=dict)
    real: dict[int, float | None] = field(default_factory=dict)  # by moment of the way

    def __post_init__(self) -> None:
        net = self.found.net(self.arm)
        own = filters(net)
        self.moved = sum(w.numel() for w in own), sum(p.numel() for p in net.parameters())
        course = torch.stack([weights for _, weights in self.found.course[self.arm]])
        at = _places(net, own)
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
        """(2, P) in the order of the filters."""
        if self.spec.directions == "path":
            return main_directions(course)
        generator = torch.Generator().manual_seed(self.spec.draw)
        drawn = [filter_normalised(own, generator) for _ in range(2)]
        return torch.stack([torch.cat([d.reshape(-1) for d in direction]) for direction in drawn]).cpu()

    def _course(
        self, course: Tensor, at: Tensor, directions: Tensor
    ) -> tuple[list[tuple[int, float, float]], tuple[float, float]]:
        """The course (M, parameters and statistics), projected at right angles, as (step, x, y); and the shares of its variation
        around its end that are along the first direction, and in the plane."""
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
        """The real losses on the way, of its ends and of each `every`-th moment."""
        last = len(self.way) - 1
        fresh = [k for k in sorted({0, *range(last, 0, -every)}) if k not in self.real]
        losses = _losses(self.net, self.course[fresh], self.spec.statistics == "own", self.x, self.y)
        self.real |= dict(zip(fresh, losses, strict=True))

    def measure(self, places: Sequence[tuple[Point, tuple[float, ...]]]) -> None:
        together = self.surface.folded.places
        for k in range(0, len(places), together):
            points, at = zip(*places[k : k + together], strict=True)
            self.loss |= dict(zip(points, self.surface.losses(at, self.x, self.y), strict=True))

    def slice(self, size: int, every: int) -> Slice:
        rows = tuple(tuple(self.loss[i * every, j * every] for i in range(size)) for j in range(size))
        path = tuple(Step(*self.way[k], loss=loss) for k, loss in sorted(self.real.items()))
        return Slice(rows, short(self.error), path, self.explained, self.norms)


class Surface:
    """The loss of a network at W + a d + b e; d, e as lists in the order of `filters`, of their shapes."""

    def __init__(self, net: ResNet, directions: Sequence[list[Tensor]], own: Tensor | None = None) -> None:
        """With `own`, (N, C, H, W), batch normalisation uses the mean and variance of these images at each point."""
        if own is not None:
            net = copy.deepcopy(net)
            for module in net.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.running_mean = module.running_var = None  # it then uses those of what comes in
        self.folded = Folded(net, together=own)
        self.directions = [self.folded.direction(d) for d in directions]

    def losses(self, at: Sequence[Sequence[float]], x: Tensor, y: Tensor) -> list[float | None]:
        """At up to `folded.places` points (a, b), the mean cross-entropy over images x (N, C, H, W) of classes y (N,); None where
        it is not finite."""
        full = [*at, *[at[-1]] * (self.folded.places - len(at))]
        self.folded.move(*((lengths, d) for lengths, d in zip(zip(*full, strict=True), self.directions, strict=True)))
        return [_finite(_mean_loss(logits, y)) for logits in self.folded.logits(x)[: len(at)]]

    def error(self, x: Tensor, y: Tensor) -> float:
        """Share of images read wrong at a = b = 0."""
        self.folded.move()
        return (self.folded.logits(x)[0].argmax(1) != y).double().mean().item()


def _mean_loss(logits: Tensor, y: Tensor) -> float:
    return functional.cross_entropy(logits.double(), y).item()


def _finite(value: float) -> float | None:
    return short(value) if math.isfinite(value) else None


def _places(net: ResNet, own: list[Tensor]) -> Tensor:
    """Where the numbers of the filters stand among all parameters, (P,)."""
    starts, at = {}, 0
    for p in net.parameters():
        starts[id(p)] = at
        at += p.numel()
    return torch.cat([torch.arange(starts[id(w)], starts[id(w)] + w.numel()) for w in own])


def _losses(net: ResNet, course: Tensor, own: bool, x: Tensor, y: Tensor) -> list[float | None]:
    """The real loss with each of these (M, parameters and statistics); `own` as for a Surface."""
    net = copy.deepcopy(net).eval()
    for module in net.modules():
        if own and isinstance(module, nn.BatchNorm2d):
            module.train()  # it takes those of what comes in,
            module.momentum = 0.0  # and keeps what it had
    parts = [*net.parameters(), *(b for b in net.buffers() if b.is_floating_point())]
    found = []
    with torch.inference_mode():
        for weights in course:
            for part, kept in zip(parts, weights.split([p.numel() for p in parts]), strict=True):
                part.copy_(kept.view(part.shape))
            found.append(_finite(_mean_loss(net(x), y)))
    return found
