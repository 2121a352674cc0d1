"""Measure what the blocks of a trained network add to x, image by image: how much, and in which directions.

Only the residual arm is trained here, by the same steps as in `train` and to the same bits; its twin is not needed and would
double the cost.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn

from resviz.data.tensors import Data, load
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import ResNet
from resviz.nets.settings import EXPANSION
from resviz.topics.depthtime.question import IMAGES, DepthTime, Walk, nothing, settings_at, shown
from resviz.train.twins.lockstep import Keeper, Lanes, plans_past, prepared
from resviz.train.twins.trained import latest, step
from resviz.train.twins.trainer import Trainer

T = TypeVar("T")

EVERY = 0.5  # seconds between two records
LOOKING_SHARE = 0.1  # of the time may go into measurements during training
FEWEST = 16  # images at least, however large they are
AT_ONCE = 2**25  # limit on the numbers that one layer gives for all images
IN_CHUNK = 2**24  # limit on the numbers in the residuals of all shown blocks, for the images of one chunk


def depthtime(spec: Spec, *, keeper: Keeper | None = None) -> Iterator[DepthTime]:
    """Train the residual network of a spec and measure what its blocks add, before, during and after training.

    Continues from the latest state that `keeper` has of this run, or from the first step if it has none. The last record is
    the same in both cases. Networks without a step to measure are not trained: one record says so.

    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    device = prepared(spec)
    record = DepthTime(spec, 0.0)
    if nothing(spec):
        yield replace(record, done=1.0)
        return
    yield record  # reading data and building a deep network take a moment
    data = load(spec.dataset, spec.examples and spec.train_examples).for_kind(spec.kind).to(device)
    arm = Trainer(spec, "residual", device)
    lanes = Lanes(("residual",) if device.type == "cpu" else ())
    try:
        yield from _course(record, data, arm, lanes, keeper)
    finally:
        lanes.close()


def _course(record: DepthTime, data: Data, arm: Trainer, lanes: Lanes, keeper: Keeper | None) -> Iterator[DepthTime]:
    spec, images = record.spec, chosen(record.spec, data)

    def run(function: Callable[[], T]) -> T:
        return lanes.submit("residual", function)()

    record = replace(record, images=len(images), before=run(partial(walk_of, arm, images, 0, own=True)))
    yield record
    done = 0
    if keeper and (kept := latest(spec, keeper, ("residual",))):
        done = kept[0]
        arm.apply(spec.during(done))
        arm.load(kept[1]["residual"])
    told = looked = time.monotonic()
    pause = EVERY
    for task in plans_past(spec, data, done, spec.steps, None):
        if isinstance(made := run(partial(step, arm, task)), str):
            record = replace(record, ended=made)
            break
        done = task.step
        now = time.monotonic()
        if done == spec.steps or now - told < EVERY:
            continue
        record = replace(record, done=done / (spec.steps + 1), step=done)  # the last measurement is work too
        if now - looked >= pause:
            record = replace(record, now=run(partial(walk_of, arm, images, done, own=True)))
            looked = time.monotonic()
            pause = (looked - now) / LOOKING_SHARE
        yield record
        told = time.monotonic()
    arm.apply(settings_at(spec, done))
    # The running statistics of batch normalisation are of use once it has seen images.
    last = run(partial(walk_of, arm, images, done, own=done == 0))
    yield replace(record, done=1.0, step=done, now=last)


# -- measuring -------------------------------------------------------------------------------------


def chosen(spec: Spec, data: Data) -> Tensor:
    """Return evenly spaced test images as the network takes them: (N, C, H, W), N up to IMAGES; fewer if a layer is large."""
    there = len(data.test_x)
    count = min(there, max(FEWEST, min(IMAGES, AT_ONCE // _largest(spec))))
    return data.inputs(data.test_x[torch.arange(count, device=data.test_x.device) * there // count])


def _largest(spec: Spec) -> int:
    """Return the largest count of numbers that a block gives for one image."""
    _, height, width = spec.input_shape
    stages = range(len(spec.blocks_per_stage))
    return max(spec.width * 2**n * EXPANSION[spec.block] * -(-height // 2**n) * -(-width // 2**n) for n in stages)


def walk_of(arm: Trainer, images: Tensor, at: int, *, own: bool) -> Walk:
    """Measure what the current blocks of an arm, after `at` training steps, do with images (N, C, H, W). The arm stays
    unchanged.

    Runs in evaluation mode, with the running statistics of batch normalisation; `own` replaces those by the statistics of
    the images for the time being. Computes in the calling thread.
    """
    now = arm.now
    assert isinstance(now, Spec)
    size = max(1, IN_CHUNK // (_largest(now) * len(shown(now.blocks))))
    arm.net.eval()
    try:
        with torch.no_grad(), own_statistics(arm.net, images) if own else nullcontext():
            return _walk([_chunk(arm.net, part, arm.dtype) for part in images.split(size)], at)
    finally:
        arm.net.train()


@contextmanager
def own_statistics(net: ResNet, images: Tensor) -> Iterator[None]:
    """Let batch normalisation in evaluation mode use mean and variance (unbiased) of these images within the context."""
    layers = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    kept = [(b, b.clone()) for b in net.buffers()]
    usual = [m.momentum for m in layers]
    for m in layers:
        m.train()
        m.momentum = 1.0
    if layers:
        net(images)
    for m, momentum in zip(layers, usual, strict=True):
        m.eval()
        m.momentum = momentum
    try:
        yield
    finally:
        for buffer, before in kept:
            buffer.copy_(before)


def passing(net: ResNet, x: Tensor) -> Iterator[tuple[Tensor, Tensor | None, Tensor | None, Tensor]]:
    """Yield for each block its x, what its shortcut carries of x, what its branch adds to that, and the block's output.
    Carried and added are None in a block without a step. The operations are those of the network's own forward pass."""
    x = net.stem(x)
    for block in net.residual_blocks():
        if block.removed:
            y = block.past(x)
            yield x, None, None, y
        elif block.connected:
            carried, added = block.terms(x, block.branch(x))
            assert carried is not None
            y = block.after(added + carried)
            yield x, carried, added, y
        else:
            y = block(x)
            yield x, None, None, y
        x = y


class Trail:
    """How far n images have moved: `length` of all steps; `distance` from start to end and `right`, the root of the sum of the
    squared steps, both summed over the runs that have ended: (n,) each, in `dtype`. `longest`: steps of the longest run."""

    def __init__(self, images: int, dtype: torch.dtype, device: torch.device) -> None:
        self.length, self.distance, self.right, self.squares = torch.zeros(4, images, dtype=dtype, device=device)
        self.run: tuple[Tensor, Tensor] | None = None  # its first state and its current one
        self.steps = self.longest = 0

    def step(self, x: Tensor, y: Tensor) -> None:
        """Add a step from x to y, both (n, C, H, W). It continues the run if that ends at this very tensor x, else begins one."""
        if self.run is None or self.run[1] is not x:
            self.stop()
            self.run = x, x
        moved = self.between(x, y)
        self.length = self.length + moved
        self.squares = self.squares + moved.square()
        self.run = self.run[0], y
        self.steps += 1
        self.longest = max(self.longest, self.steps)

    def stop(self) -> None:
        """End the run, if there is one."""
        if self.run is not None:
            self.distance = self.distance + self.between(*self.run)
            self.right = self.right + self.squares.sqrt()
        self.run, self.steps, self.squares = None, 0, torch.zeros_like(self.squares)

    def between(self, x: Tensor, y: Tensor) -> Tensor:
        return _norms(y.to(self.length.dtype) - x.to(self.length.dtype))


@dataclass
class Chunk:
    """The measurements of n images, on the CPU. added, carried: (blocks, n) norms, and inner: (blocks, n) inner products of F
    with that of the block before, NaN where there is none; finite: (blocks, n) whether the output is; trail: (3, n) length,
    distance and right of the Trail. cosines, both: (shown, shown) sums over images of the cosine of two F, and how many images
    have one."""

    numbers: tuple[int, ...]
    longest: int
    added: Tensor
    carried: Tensor
    inner: Tensor
    finite: Tensor
    trail: Tensor
    cosines: Tensor
    both: Tensor


def _chunk(net: ResNet, images: Tensor, dtype: torch.dtype) -> Chunk:
    none = torch.full((len(images),), math.nan, dtype=dtype, device=images.device)
    trail = Trail(len(images), dtype, images.device)
    rows = {block: row for row, block in enumerate(shown(len(net.blocks)))}
    numbers: list[int] = []
    added, carried, inner, finite = [], [], [], []
    directions: dict[int, Tensor] = {}  # by row of the matrix
    before: Tensor | None = None
    for block, (x, s, f, y) in enumerate(passing(net, images), start=1):
        f, s = (None if t is None else t.to(dtype) for t in (f, s))
        numbers.append(0 if f is None else f[0].numel())
        added.append(none if f is None else _norms(f))
        carried.append(none if s is None else _norms(s))
        finite.append(y.isfinite().flatten(1).all(1))
        if f is not None and before is not None and f.shape == before.shape:
            inner.append((f * before).flatten(1).sum(1))
        else:
            inner.append(none)
        before = f
        if f is not None and x.shape == y.shape:
            trail.step(x, y)
        if f is not None and block in rows:
            length = torch.where(added[-1] == 0, 1.0, added[-1])
            directions[rows[block]] = (f / length[:, None, None, None]).float()
    trail.stop()
    cosines, both = _products(directions, len(rows))
    return Chunk(
        numbers=tuple(numbers),
        longest=trail.longest,
        added=torch.stack(added).cpu(),
        carried=torch.stack(carried).cpu(),
        inner=torch.stack(inner).cpu(),
        finite=torch.stack(finite).cpu(),
        trail=torch.stack([trail.length, trail.distance, trail.right]).cpu(),
        cosines=cosines,
        both=both,
    )


def _products(directions: dict[int, Tensor], rows: int) -> tuple[Tensor, Tensor]:
    """Return the sums over images of the inner products of all pairs of directions (n, C, H, W) of the same shape, each of
    norm 1 or 0, and how many images have both: (rows, rows) each."""
    cosines, both = torch.zeros(2, rows, rows, dtype=torch.float64)
    for shape in {d.shape for d in directions.values()}:
        group = {row: d for row, d in directions.items() if d.shape == shape}
        at = torch.tensor(list(group))
        flat = torch.stack([d.flatten() for d in group.values()])
        there = torch.stack([(d != 0).flatten(1).any(1).float() for d in group.values()])
        cosines[at[:, None], at] = (flat @ flat.T).cpu().double()
        both[at[:, None], at] = (there @ there.T).cpu().double()
    return cosines, both


def _norms(t: Tensor) -> Tensor:
    """Return the Euclidean norm of each image's numbers: (n, ...) to (n,)."""
    return torch.linalg.vector_norm(t.flatten(1), dim=1)


def _walk(chunks: list[Chunk], at: int) -> Walk:
    added, carried, inner, finite, ways = (
        torch.cat([getattr(chunk, name) for chunk in chunks], dim=1).double()
        for name in ("added", "carried", "inner", "finite", "trail")
    )
    length, distance, right = ways
    both = torch.stack([chunk.both for chunk in chunks]).sum(0)
    cosines = torch.stack([chunk.cosines for chunk in chunks]).sum(0) / both
    moving = chunks[0].longest > 0
    lost = (finite == 0).any(1).nonzero()
    return Walk(
        at=at,
        size=tuple(_mean(f, s) for f, s in zip(added, carried, strict=True)),
        numbers=chunks[0].numbers,
        next=tuple(_mean(p, a * b) for p, a, b in zip(inner[1:], added, added[1:], strict=False)),
        cosines=tuple(tuple(_number(c, 3) for c in row) for row in cosines.tolist()),
        longest=chunks[0].longest,
        length=_mean(length, torch.ones_like(length)) if moving else None,
        distance=_mean(distance, torch.ones_like(length)) if moving else None,
        straightness=_mean(distance, length),
        right_angles=_mean(right, length),
        lost=1 + int(lost[0]) if len(lost) else None,
    )


def _mean(above: Tensor, below: Tensor) -> float | None:
    """Return the mean of above / below over the images with below > 0; None if there are none or if one number is not finite.
    Both (n,)."""
    if not (above.isfinite() & below.isfinite()).all():
        return None
    known = below > 0
    return _number((above[known] / below[known]).mean().item(), 6)


def _number(value: float, digits: int) -> float | None:
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None
