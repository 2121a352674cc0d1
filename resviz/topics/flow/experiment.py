"""Train both arms on points in the plane and record what each block does to the points and to the plane around them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from resviz.nets.plane import Blocks
from resviz.probes.plane import eigenvalues, grid, picture, regions, row, rows, trajectories
from resviz.topics.flow.question import ARROWS, ArmFlow, Flow, PlaneSpec
from resviz.train.plane import ARMS, CELLS, COARSE, SHOWN
from resviz.train.twins.plane import EVERY_SECONDS, Learner, Points, points

CURVE_POINTS = 100


def flow(spec: PlaneSpec) -> Iterator[Flow | None]:
    """Train both arms on the same points from the same initial weights. Yields a record every EVERY_SECONDS and at the end, and
    None after the other steps.

    Equal specs give the same last record, bit for bit, when computed in one thread.
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
    if step == spec.steps:  # slow to compute, and not shown during training
        net = learners["residual"].net
        arms["residual"] = replace(arms["residual"], eigenvalues=eigenvalues(net, tests["residual"]))
    labels = tuple(int(v) for v in data.test_y[:: _stride(data)][:SHOWN].tolist())
    curves = {arm: tuple(values) for arm, values in curve.items()}
    return Flow(spec, step / spec.steps, step, box, labels, arms, tuple(at), curves)


def _stride(data: Points) -> int:
    """Return the stride at which test points are shown. It is odd, so that both classes are shown: they alternate."""
    return max(1, len(data.test_x) // SHOWN)


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
        *trajectories(shown),
        rows(torch.stack(arrows).flatten(1)),
        regions(net, grid(box, cells)),
        row(lengths.mean(1)),
        straightness(states),
        sum(p.numel() for p in net.parameters()),
        stopped=learner.stopped,
    )


def straightness(states: list[Tensor]) -> float:
    """Return the distance from a point's first place to its last over the length of its trajectory: the mean over all points
    that moved. 1 is a straight line, 0 a return to the start. states: N + 1 of (P, d)."""
    long = torch.stack(states).diff(dim=0).norm(dim=2).sum(0)
    far = (states[-1] - states[0]).norm(dim=1)
    moved = (long > 0) & long.isfinite() & far.isfinite()
    return (far[moved] / long[moved]).mean().item() if moved.any() else 1.0
