"""Train a residual network with large steps, a flow, and a flow with extra dimensions on tasks that a flow cannot solve."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchdiffeq import odeint

from resviz.nets.plane import Blocks, Field
from resviz.probes.plane import grid, picture, rows, signs, trajectories
from resviz.topics.crossing.question import MODELS, SUBSTEPS, Crossing, CrossingSpec, Trajectories
from resviz.train.plane import CELLS, SHOWN
from resviz.train.twins.descent import Curve, Descent, train_together

LINE_POINTS = 40
LEARNT_RING, UNSEEN_RING = 200, 1000  # points of each ring, to learn from and unseen


@dataclass(frozen=True, eq=False)
class Task:
    """Training and test points x (P, d) with y (P,): the target of each point on the line, or its class, 0 or 1."""

    x: Tensor
    y: Tensor
    test_x: Tensor
    test_y: Tensor
    line: bool


def task(name: str) -> Task:
    """Return the data of a task. On the line: evenly spaced points around -1 and 1, whose targets are their negatives; the unseen
    ones lie between them. In the plane: an inner and an outer ring, evenly covered by points all around."""
    if name == "rings":
        return Task(*_rings(LEARNT_RING), *_rings(UNSEEN_RING), False)
    half = torch.linspace(0.8, 1.2, LINE_POINTS // 2)
    x = torch.cat([-half.flip(0), half])[:, None]
    between = (x[1:] + x[:-1])[x[1:, 0] * x[:-1, 0] > 0] / 2
    return Task(x, -x[:, 0], between, -between[:, 0], True)


def _rings(count: int) -> tuple[Tensor, Tensor]:
    """Return points evenly spaced on rings of radius 1 and 2, and 1 for those on the inner one: (2 count, 2), (2 count,)."""
    angle = torch.arange(count) * (2 * math.pi / count)
    ring = torch.stack([angle.cos(), angle.sin()], dim=1)
    return torch.cat([2 * ring, ring]), torch.cat([torch.zeros(count), torch.ones(count)])


class Model(nn.Module):
    """A residual network or a flow: points go through blocks or follow a field, with states at evenly spaced moments."""

    def __init__(self, name: str, spec: CrossingSpec, dimension: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(spec.seed)
        self.extra = spec.augment if name == "augmented" else 0
        self.line = dimension == 1
        wide = dimension + self.extra
        self.blocks: Blocks | None = None
        if name == "residual":
            self.blocks = Blocks("residual", spec.blocks, spec.hidden, dimension=wide, generator=generator)
            if self.line:
                self.blocks.head.requires_grad_(False)
                self.blocks.bias.requires_grad_(False)
        else:
            self.field = Field(spec.hidden, dimension=wide, generator=generator)
            if not self.line:
                self.head = nn.Parameter(torch.randn(wide, generator=generator))
                self.bias = nn.Parameter(torch.zeros(()))

    def states(self, x: Tensor) -> list[Tensor]:
        """Return the states at all moments. x: (P, d), out: K + 1 of (P, d + extra)."""
        x = functional.pad(x, (0, self.extra))
        if self.blocks is not None:
            return self.blocks.states(x)
        return list(odeint(self.field, x, torch.linspace(0, 1, SUBSTEPS + 1), method="rk4"))

    def out(self, end: Tensor) -> Tensor:
        """Return the output for the last state: the position on the line, or the logit. (P,)."""
        if self.line:
            return end[:, 0]
        return self.blocks.logit(end) if self.blocks is not None else end @ self.head + self.bias

    @property
    def learnt(self) -> list[nn.Parameter]:
        return [p for p in self.parameters() if p.requires_grad]


class ModelLearner(Descent):
    """A model and its optimiser; every step uses all points."""

    def __init__(self, model: Model, spec: CrossingSpec) -> None:
        super().__init__(model, spec.steps, spec.lr)
        self.model = model

    def of(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss: the mean squared error on the line, the cross entropy in the plane."""
        out = self.model.out(self.model.states(x)[-1])
        if self.model.line:
            return functional.mse_loss(out, y)
        return functional.binary_cross_entropy_with_logits(out, y)

    def step(self, number: int, x: Tensor, y: Tensor) -> None:
        """Make training step `number`, counted from 1."""
        if not self.stopped:
            self.descend(number, self.of(x, y))

    @torch.no_grad()
    def end(self, number: int, x: Tensor, y: Tensor) -> None:
        """Check the loss after the last step, `number`; undo that step if the loss is not finite."""
        self.finish(number, self.of(x, y))


def least_error(x: Tensor, y: Tensor) -> float:
    """Return the mean squared error of the best map from x (P,) to the targets y (P,) that keeps the order of the points.

    Isotonic regression: scikit-learn's `isotonic_regression`.
    """
    from sklearn.isotonic import isotonic_regression

    wanted = y[x.argsort()].double()
    best = torch.from_numpy(isotonic_regression(wanted.numpy()))
    return float((best - wanted).square().mean())


def crossing(spec: CrossingSpec) -> Iterator[Crossing | None]:
    """Train all three models on the same points. Yields a record now and then and at the end, and None after each step.
    Equal specs give the same last record, bit for bit, in one thread."""
    data = task(spec.task)
    learners = {name: ModelLearner(Model(name, spec, data.x.shape[1]), spec) for name in MODELS}
    floors: tuple[float | None, float | None] = None, None  # for unseen points, and for those learnt from
    if data.line:
        floors = least_error(data.test_x[:, 0], data.test_y), least_error(data.x[:, 0], data.y)
    record = partial(_record, spec, data, learners, floors)
    yield from train_together(learners, spec.steps, data.x, data.y, record)


@torch.no_grad()
def _record(
    spec: CrossingSpec,
    data: Task,
    learners: dict[str, ModelLearner],
    floors: tuple[float | None, float | None],
    step: int,
    curve: Curve,
) -> Crossing:
    every = max(1, len(data.test_x) // SHOWN)
    shown = data.test_x[::every][:SHOWN]
    states = {name: learner.model.states(shown) for name, learner in learners.items()}
    flat = [
        [functional.pad(s[:, :1], (0, 1)) if data.line else s[:, :2] for s in several] for several in states.values()
    ]
    box = picture(flat)
    labels = tuple(int(v > 0) for v in data.test_y[::every][:SHOWN].tolist())
    models = {
        name: _way(learner, states[name], shown, data, box, tuple(curve.loss[name]))
        for name, learner in learners.items()
    }
    floor, learning_floor = floors
    return Crossing(spec, step / spec.steps, step, floor, box, labels, models, tuple(curve.at), learning_floor)


def _way(
    learner: ModelLearner,
    states: list[Tensor],
    shown: Tensor,
    data: Task,
    box: tuple[float, float, float, float],
    curve: tuple[float | None, ...],
) -> Trajectories:
    model = learner.model
    out = model.out(model.states(data.test_x)[-1])
    wrong = (out - data.test_y).square() if data.line else ((out > 0) != (data.test_y > 0)).float()
    error = wrong.mean().item()
    ends = states[-1][:, 0]
    return Trajectories(
        sum(p.numel() for p in model.learnt),
        error if math.isfinite(error) else 1e6,
        curve,
        *((rows(torch.stack(states)[:, :, 0]), ()) if data.line else trajectories(states)),
        () if data.line else (_region(model, box, 0), _region(model, box, -1)),
        int((ends.diff() < 0).sum()) if data.line else 0,
        len(ends) - 1 if data.line else 0,
        learner.stopped,
    )


def _region(model: Model, box: tuple[float, float, float, float], at: int) -> str:
    """Return the class that the whole model (at 0) or its head alone (at -1) gives to each cell; extra dimensions are 0."""
    nodes = grid(box, CELLS)
    end = model.states(nodes)[-1] if at == 0 else functional.pad(nodes, (0, model.extra))
    (found,) = signs(model.out(end), CELLS**2)
    return found
