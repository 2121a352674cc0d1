"""Train both arms on points in the plane and record what each block does to the points and to the plane around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from resviz.nets.plane import Blocks, finer
from resviz.probes.plane import eigenvalues, grid, picture, regions, row, rows, trajectories
from resviz.topics.flow.question import ARROWS, ArmFlow, Flow, Halved, PlaneSpec
from resviz.train.plane import ARMS, CELLS, COARSE, SHOWN
from resviz.train.twins.descent import Curve, train_together
from resviz.train.twins.plane import Learner, Points, points


def flow(spec: PlaneSpec) -> Iterator[Flow | None]:
    """Train both arms on the same points from the same initial weights. Yields a record now and then and at the
    end, and None after each step.

    Equal specs give the same last record, bit for bit, when computed in one thread.
    """
    data = points(spec.data)
    learners = {arm: Learner(_net(arm, spec), spec.steps, spec.lr, spec.effort) for arm in ARMS}
    record = partial(_record, spec, data, learners)
    yield from train_together(learners, spec.steps, data.x, data.y, record)


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
    curve: Curve,
) -> Flow:
    tests = {arm: learner.net.states(data.test_x) for arm, learner in learners.items()}
    box = picture(list(tests.values()))
    cells = CELLS if step == spec.steps else COARSE
    arms = {arm: _arm(learners[arm], tests[arm], data, box, cells) for arm in ARMS}
    if step == spec.steps:  # slow to compute, and not shown during training
        net = learners["residual"].net
        values, half = eigenvalues(net, tests["residual"]), _halved(net, data, box)
        arms["residual"] = replace(arms["residual"], eigenvalues=values, halved=half)
    labels = tuple(int(v) for v in data.test_y[:: _stride(data)][:SHOWN].tolist())
    curves = {arm: tuple(values) for arm, values in curve.loss.items()}
    return Flow(spec, step / spec.steps, step, box, labels, arms, tuple(curve.at), curves)


def _stride(data: Points) -> int:
    """Return the stride at which test points are shown. It is odd, so that both classes are shown: they alternate."""
    return max(1, len(data.test_x) // SHOWN)


def _arm(
    learner: Learner, states: list[Tensor], data: Points, box: tuple[float, float, float, float], cells: int
) -> ArmFlow:
    net, shown = learner.net, _shown(states, data)
    nodes = grid(box, ARROWS)
    arrows = [net.block(k, nodes) - nodes for k in range(len(net))]
    lengths = torch.stack(states).diff(dim=0).norm(dim=2)
    return ArmFlow(
        learner.loss,
        _right(net, net.states(data.x)[-1], data.y),
        _right(net, states[-1], data.test_y),
        *trajectories(shown),
        rows(torch.stack(arrows).flatten(1)),
        regions(net, grid(box, cells)),
        row(lengths.mean(1)),
        straightness(states),
        sum(p.numel() for p in net.parameters()),
        stopped=learner.stopped,
    )


def _halved(net: Blocks, data: Points, box: tuple[float, float, float, float]) -> Halved:
    """Return where the test points go with half the step, and how many of them are still classified correctly."""
    fine = finer(net, 2, "shared")
    states = fine.states(data.test_x)
    accuracy = _right(fine, states[-1], data.test_y) if states[-1].isfinite().all() else None
    return Halved(accuracy, *trajectories(_shown(states, data)), regions(fine, grid(box, CELLS), 2))


def _shown(states: list[Tensor], data: Points) -> list[Tensor]:
    """Return the points that are drawn."""
    return [s[:: _stride(data)][:SHOWN] for s in states]


def _right(net: Blocks, ends: Tensor, y: Tensor) -> float:
    return ((net.logit(ends) > 0) == (y > 0)).float().mean().item()


def straightness(states: list[Tensor]) -> float:
    """Return the distance from a point's first place to its last over the length of its trajectory: the mean over all points
    that moved. 1 is a straight line, 0 a return to the start. states: N + 1 of (P, d)."""
    long = torch.stack(states).diff(dim=0).norm(dim=2).sum(0)
    far = (states[-1] - states[0]).norm(dim=1)
    moved = (long > 0) & long.isfinite() & far.isfinite()
    return (far[moved] / long[moved]).mean().item() if moved.any() else 1.0
