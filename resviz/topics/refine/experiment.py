"""Residual networks run with finer steps than they were trained with."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from resviz.nets.plane import Blocks, finer
from resviz.probes.plane import grid, picture, row, signs, trajectories
from resviz.topics.refine.question import DRAWN, FINER, NETS, SHOWN, SPLITS, Refine, Refined, RefineSpec
from resviz.train.plane import CELLS
from resviz.train.twins.descent import train_together
from resviz.train.twins.plane import Learner, Points, points
from resviz.words.text import Vector

EFFORT = 0.003  # as flow.PlaneSpec's default


def refine(spec: RefineSpec) -> Iterator[Refine | None]:
    """Train both networks on the same points. Yields what finer steps do to them now and then and at the end, and None after
    each step. Equal specs give the same last record, bit for bit, in one thread."""
    data = points(spec.data)
    learners = {}
    for name in NETS:
        net = Blocks(
            "residual",
            spec.blocks,
            spec.hidden,
            h=spec.h,
            alike=name == "smooth",
            generator=torch.Generator().manual_seed(spec.seed),
        )
        learners[name] = Learner(net, spec.steps, spec.lr, EFFORT, spec.smooth if name == "smooth" else 0.0)
    yield from train_together(
        learners, spec.steps, data.x, data.y, lambda step, curve: _record(spec, data, learners, step)
    )


def change(net: Blocks) -> Vector:
    """Return |weights of block k + 1 - weights of block k| / |weights of block k|, a block's weights as one vector: (N - 1,)."""
    flat = torch.cat([w.detach().flatten(1) for w in net.layers], dim=1)
    return row(flat.diff(dim=0).norm(dim=1) / flat[:-1].norm(dim=1).clamp_min(1e-12))


@torch.no_grad()
def _record(spec: RefineSpec, data: Points, learners: dict[str, Learner], step: int) -> Refine:
    every = max(1, len(data.test_x) // SHOWN)
    reached = {
        name: [finer(learner.net, m, "shared").states(data.test_x) for m in FINER] for name, learner in learners.items()
    }
    drawn = {
        name: [[s[::every][:SHOWN] for s in states] for m, states in zip(FINER, several, strict=True) if m in DRAWN]
        for name, several in reached.items()
    }
    box = picture([states for several in drawn.values() for states in several])
    ends = {name: [states[-1] for states in several] for name, several in reached.items()}
    nets = {name: _net(learners[name], drawn[name], ends[name], data, box) for name in NETS}
    labels = tuple(int(v) for v in data.test_y[::every][:SHOWN].tolist())
    return Refine(spec, step / spec.steps, step, box, labels, nets)


def _net(
    learner: Learner,
    drawn: list[list[Tensor]],
    shared: list[Tensor],
    data: Points,
    box: tuple[float, float, float, float],
) -> Refined:
    """Return the results of one network. `shared`: the end points at each factor of FINER; the first is the net as trained."""
    net = learner.net
    own = shared[0]
    between = [own, *(finer(net, m, "interpolated").states(data.test_x)[-1] for m in FINER[1:])]
    spread = (own - own.mean(0)).norm(dim=1).mean().item()
    accuracy: dict[str, tuple[float | None, ...]] = {}
    moved: dict[str, tuple[float | None, ...]] = {}
    for way, ends in zip(SPLITS, (shared, between), strict=True):
        fine = [bool(end.isfinite().all()) for end in ends]
        accuracy[way] = tuple(_right(net, end, data.test_y) if ok else None for end, ok in zip(ends, fine, strict=True))
        moved[way] = tuple(
            (end - own).norm(dim=1).mean().item() / spread if ok and spread else None
            for end, ok in zip(ends, fine, strict=True)
        )
    last = regions_at_end(net, box)
    both = list(map(trajectories, drawn))
    return Refined(
        learner.loss,
        accuracy,
        moved,
        change(net),
        tuple(x for x, _ in both),
        tuple(y for _, y in both),
        last,
        learner.stopped,
    )


def regions_at_end(net: Blocks, box: tuple[float, float, float, float]) -> str:
    """Return the head's class for a point in each cell of the picture, in the format of flow.ArmFlow.regions."""
    (found,) = signs(net.logit(grid(box, CELLS)), CELLS**2)
    return found


def _right(net: Blocks, ends: Tensor, y: Tensor) -> float:
    return ((net.logit(ends) > 0) == (y > 0)).float().mean().item()
