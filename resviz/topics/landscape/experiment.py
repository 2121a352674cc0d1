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
from resviz.families.resnet.probes import evenly
from resviz.nets.resnet import ResNet
from resviz.topics.landscape.nets import Folded, filters, with_weights
from resviz.topics.landscape.question import SIZES, Landscape, LandscapeSpec, Slice, Step
from resviz.train.twins.lockstep import Keeper, Lanes
from resviz.train.twins.trained import Trained, trained
from resviz.words.say import rounded

TOLD_SECONDS = 0.25  # between two points at which the computation can be stopped
MARGIN = 1.25  # size of the plane, relative to the extent of the training trajectory
BACKWARD = 3.0  # cost of a training step, in forward passes
FIRST_WAY = 10  # the first picture has the real loss of one in so many points of the trajectory
DIGITS = 5
short = partial(rounded, digits=DIGITS)

Point = tuple[int, int]  # column and row on the finest grid


def landscape(spec: LandscapeSpec, *, keeper: Keeper | None = None) -> Iterator[Landscape | None]:
    """Train both networks of the run, storing their trajectories, then measure the loss around the trained weights.

    Yields records while training, then one record for each grid, from coarse to fine; at a None the caller may stop.
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
            # The first picture does not wait for the real loss at every point of the trajectory.
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
    loss: dict[Point, float | None] = field(default_factory=dict)
    real: dict[int, float | None] = field(default_factory=dict)  # by index in the trajectory

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
        net = _with_own_statistics(self.net) if self.spec.statistics == "own" else self.net
        found = with_weights(net, self.course[fresh], self.x)
        self.real |= {k: _finite(_mean_loss(logits, self.y)) for k, logits in zip(fresh, found, strict=True)}

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
    """The loss of a network at W + a d + b e. The directions d and e are lists of tensors, ordered and shaped as `filters`."""

    def __init__(self, net: ResNet, directions: Sequence[list[Tensor]], own: Tensor | None = None) -> None:
        """With images `own`, (N, C, H, W), batch normalisation uses their mean and variance at each point."""
        self.folded = Folded(net if own is None else _with_own_statistics(net), together=own)
        self.directions = [self.folded.direction(d) for d in directions]

    def losses(self, at: Sequence[Sequence[float]], x: Tensor, y: Tensor) -> list[float | None]:
        """Return the mean cross-entropy over images x (N, C, H, W) with classes y (N,) at up to `folded.places` points (a, b);
        None where it is not finite."""
        full = [*at, *[at[-1]] * (self.folded.places - len(at))]
        self.folded.move(*((lengths, d) for lengths, d in zip(zip(*full, strict=True), self.directions, strict=True)))
        return [_finite(_mean_loss(logits, y)) for logits in self.folded.logits(x)[: len(at)]]

    def error(self, x: Tensor, y: Tensor) -> float:
        """Return the share of images misclassified at a = b = 0."""
        self.folded.move()
        return (self.folded.logits(x)[0].argmax(1) != y).double().mean().item()


def _mean_loss(logits: Tensor, y: Tensor) -> float:
    return functional.cross_entropy(logits.double(), y).item()


def _finite(value: float) -> float | None:
    return short(value) if math.isfinite(value) else None


def _places(net: ResNet, own: list[Tensor]) -> Tensor:
    """Return the indices (P,) of the filters' numbers in the flat vector of all parameters."""
    starts, at = {}, 0
    for p in net.parameters():
        starts[id(p)] = at
        at += p.numel()
    return torch.cat([torch.arange(starts[id(w)], starts[id(w)] + w.numel()) for w in own])


def _with_own_statistics(net: ResNet) -> ResNet:
    """Return a copy whose batch normalisations use the mean and variance of the batch at hand."""
    net = copy.deepcopy(net)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = module.running_var = None
    return net
