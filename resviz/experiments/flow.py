"""Both arms learn points in the plane; what each block then does to the points, and to the plane around them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resviz.data import load
from resviz.euler.flow import ARROWS, CELLS, COARSE, SHOWN, ArmFlow, Flow, PlaneSpec
from resviz.experiments.descent import Descent
from resviz.nets.plane import Blocks
from resviz.records import ARMS, Vector

EXAMPLES = 512
SCALE = 2.0  # of the data sets' points, whose farthest lie at about 1
EVERY_SECONDS = 0.3  # between two pictures of what is being learnt
CURVE_POINTS = 100
JACOBIANS = 12  # points at which each block's Jacobian is taken
MARGIN = 0.08  # of the picture around the points
EDGE = 0.995  # share of the points that the picture is sure to hold
SMALLEST = 1e-15  # in a picture: less is 0
POWERS = np.array([float(f"1e{k}") for k in range(40)])


@dataclass(frozen=True, eq=False)
class Points:
    """x (P, 2) float32 and classes (P,) float32, 0 or 1; to learn from, and unseen."""

    x: Tensor
    y: Tensor
    test_x: Tensor
    test_y: Tensor


def points(name: str) -> Points:
    """A data set of the plane, as large as a picture wants it."""
    data = load(name, EXAMPLES)
    half = lambda x: x.flatten(1) * SCALE  # noqa: E731
    return Points(half(data.train_x), data.train_y.float(), half(data.test_x), data.test_y.float())


class Learner(Descent):
    """One arm, on all points at once. `effort` is the price of moving, `smooth` that of weights that change with depth."""

    def __init__(self, net: Blocks, steps: int, lr: float, effort: float, smooth: float = 0.0) -> None:
        super().__init__(net, steps, lr)
        self.net: Blocks = net
        self.effort, self.smooth = effort, smooth

    def step(self, number: int, x: Tensor, y: Tensor) -> None:
        """Step `number`, counted from 1."""
        if self.stopped:
            return
        states = self.net.states(x)
        price: Tensor | float = 0.0
        if self.effort:
            branches = torch.stack(states[1:])
            if self.net.arm == "residual":
                branches = branches - torch.stack(states[:-1])
            price = self.effort * branches.square().sum(2).mean(1).sum()
        if self.smooth:
            price = price + self.smooth * roughness(self.net)
        self.descend(number, self.of(states, y), price)

    def of(self, states: list[Tensor], y: Tensor) -> Tensor:
        """The loss of points on their way."""
        return functional.binary_cross_entropy_with_logits(self.net.logit(states[-1]), y)

    @torch.no_grad()
    def end(self, number: int, x: Tensor, y: Tensor) -> None:
        """After the last step, `number`."""
        self.finish(number, self.of(self.net.states(x), y))


def roughness(net: Blocks) -> Tensor:
    """How much the weights change from block to block: the sum of squared differences over h, which stays the same as blocks
    are halved if the weights are a smooth function of depth."""
    return sum((w.diff(dim=0).square().sum() for w in net.layers), torch.zeros(())) / net.h


def flow(spec: PlaneSpec) -> Iterator[Flow | None]:
    """Train both arms on the same points, from the same weights; yield what they do, now and then, and at the end; None after
    the other steps.

    Equal specs give the same last record, bit for bit, computed in one thread.
    """
    data = points(spec.data)
    learners = {arm: Learner(_net(arm, spec), spec.steps, spec.lr, spec.effort) for arm in ARMS}
    every = max(1, spec.steps // CURVE_POINTS)
    curve: dict[str, list[float | None]] = {arm: [] for arm in ARMS}
    at: list[int] = []
    last = -math.inf
    for step in range(spec.steps):
        if time.monotonic() - last > EVERY_SECONDS:
            yield _record(spec, data, learners, step, at, curve)
            last = time.monotonic()
        for learner in learners.values():
            learner.step(step + 1, data.x, data.y)
        if step % every == 0 or step == spec.steps - 1:
            at.append(step + 1)
            for arm, learner in learners.items():
                curve[arm].append(learner.loss)
        yield None
    for learner in learners.values():
        learner.end(spec.steps, data.x, data.y)
    yield _record(spec, data, learners, spec.steps, at, curve)


def _net(arm: str, spec: PlaneSpec) -> Blocks:
    return Blocks(
        arm,  # type: ignore[arg-type]
        spec.blocks,
        spec.hidden,
        h=spec.h,
        activation=spec.activation,
        generator=torch.Generator().manual_seed(spec.seed),
    )


@torch.no_grad()
def _record(
    spec: PlaneSpec,
    data: Points,
    learners: dict[str, Learner],
    step: int,
    at: list[int],
    curve: dict[str, list[float | None]],
) -> Flow:
    tests = {arm: learner.net.states(data.test_x) for arm, learner in learners.items()}
    box = picture(list(tests.values()))
    cells = CELLS if step == spec.steps else COARSE
    arms = {arm: _arm(learners[arm], tests[arm], data, box, cells) for arm in ARMS}
    if step == spec.steps:  # what takes long, and no picture of the training shows
        net = learners["residual"].net
        arms["residual"] = replace(arms["residual"], eigenvalues=eigenvalues(net, tests["residual"]))
    labels = tuple(int(v) for v in data.test_y[:: _stride(data)][:SHOWN].tolist())
    curves = {arm: tuple(values) for arm, values in curve.items()}
    return Flow(spec, step / spec.steps, step, box, labels, arms, tuple(at), curves)


def _stride(data: Points) -> int:
    """Every so many of the test points are shown; odd, so that both classes are: they come one after the other."""
    return max(1, len(data.test_x) // SHOWN)


def picture(arms: list[list[Tensor]]) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of a square that holds nearly all points of all arms at all blocks."""
    everything = torch.cat([torch.cat(states) for states in arms])
    everything = everything[everything.isfinite().all(1)]
    low, high = (everything.quantile(q, dim=0) for q in (1 - EDGE, EDGE))
    middle, half = (low + high) / 2, ((high - low).max() / 2 * (1 + 2 * MARGIN)).clamp(0.5, 1e4)
    half = torch.maximum(half, middle.abs().max() / 100)  # or four digits would not tell its sides apart
    left, bottom = (middle - half).tolist()
    right, top = (middle + half).tolist()
    return short(left), short(right), short(bottom), short(top)


def _arm(
    learner: Learner, states: list[Tensor], data: Points, box: tuple[float, float, float, float], cells: int
) -> ArmFlow:
    net, every = learner.net, _stride(data)
    shown = [s[::every][:SHOWN] for s in states]
    nodes = grid(box, ARROWS)
    arrows = [net.block(k, nodes) - nodes for k in range(len(net))]
    lengths = torch.stack(states).diff(dim=0).norm(dim=2)
    right = lambda x, y: ((net.logit(x) > 0) == (y > 0)).float().mean().item()  # noqa: E731
    return ArmFlow(
        learner.loss,
        right(net.states(data.x)[-1], data.y),
        right(states[-1], data.test_y),
        *ways(shown),
        rows(torch.stack(arrows).flatten(1)),
        regions(net, grid(box, cells)),
        row(lengths.mean(1)),
        straightness(states),
        sum(p.numel() for p in net.parameters()),
        stopped=learner.stopped,
    )


def straightness(states: list[Tensor]) -> float:
    """The distance between a point's first place and its last, as a share of the way it made; mean over all points that moved.
    1 is a straight line, 0 a way back to where it began. states: N + 1 of (P, d)."""
    long = torch.stack(states).diff(dim=0).norm(dim=2).sum(0)
    far = (states[-1] - states[0]).norm(dim=1)
    moved = (long > 0) & long.isfinite() & far.isfinite()
    return (far[moved] / long[moved]).mean().item() if moved.any() else 1.0


def grid(box: tuple[float, float, float, float], count: int) -> Tensor:
    """The middles of count x count cells of a picture, row by row from below: (count^2, 2)."""
    left, right, bottom, top = box
    at = (torch.arange(count) + 0.5) / count
    y, x = torch.meshgrid(bottom + at * (top - bottom), left + at * (right - left), indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


def regions(net: Blocks, nodes: Tensor) -> tuple[str, ...]:
    """For each block, and the end: what the network from there on says of points that stand on the nodes."""
    x = nodes
    for k in range(len(net)):  # all that have started go on together, and the next start behind them
        x = torch.cat([net.block(k, x), nodes])
    return signs(net.logit(x), len(nodes))


def signs(logits: Tensor, count: int) -> tuple[str, ...]:
    """0 or 1 for each, the second class, as strings of `count`."""
    text = ((logits.detach() > 0).byte() + ord("0")).numpy().tobytes().decode()
    return tuple(text[first : first + count] for first in range(0, len(text), count))


def eigenvalues(net: Blocks, states: list[Tensor]) -> tuple[tuple[float, float], ...]:
    """Of h df_k/dx, at a few of the points as they enter each block: |1 + one of them| is how a small difference there grows."""
    found: list[tuple[float, float]] = []
    with torch.enable_grad():
        for k in range(len(net)):
            x = states[k][:: max(1, len(states[k]) // JACOBIANS)][:JACOBIANS].detach().requires_grad_()
            out = net.h * net.field(k, x)
            rows = [torch.autograd.grad(out[:, i].sum(), x, retain_graph=True)[0] for i in range(x.shape[1])]
            jacobians = torch.stack(rows, dim=1)
            jacobians = jacobians[jacobians.isfinite().flatten(1).all(1)]  # LAPACK does not survive the others
            values = torch.linalg.eigvals(jacobians).flatten()
            found += [(short(v.real), short(v.imag)) for v in values.tolist()]
    return tuple(found)


def row(values: Tensor) -> Vector:
    """Numbers for a picture, of (P,), as `rows` has them."""
    return rows(values[None])[0]


def ways(states: list[Tensor]) -> tuple[tuple[Vector, ...], tuple[Vector, ...]]:
    """x and y of points on their way, for a picture. states: K of (P, d >= 2); out: K rows each."""
    x, y = torch.stack(states)[:, :, :2].unbind(2)
    return rows(x), rows(y)


def rows(values: Tensor) -> tuple[Vector, ...]:
    """Numbers for a picture, of (K, P): to four digits, a thousandth of its side; what is not finite far outside of it. `short`
    of each, in a tenth of its time."""
    found = values.detach().double().nan_to_num(1e6, 1e6, -1e6).numpy()
    size = np.abs(found)
    after = 3 - np.floor(np.log10(np.where(size < SMALLEST, 1.0, size))).astype(int)  # places behind the point
    up, down = POWERS[after.clip(0)], POWERS[(-after).clip(0)]
    # A whole number over a power of ten gives the double nearest to that decimal, which is then written with four digits.
    return tuple(map(tuple, np.where(size < SMALLEST, 0.0, np.rint(found / down * up) / up * down).tolist()))


def short(value: float) -> float:
    return float(f"{value:.4g}")
