"""Train a Neural ODE and a residual network on the same points in the plane; torchdiffeq solves the ODE and its adjoint."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional
from torchdiffeq import odeint, odeint_adjoint

from resviz.nets.plane import Blocks, Field
from resviz.probes.plane import grid, picture, regions, row, signs, trajectories
from resviz.topics.ode.question import BETWEEN, BLOCKS, TOLERANCES, Learnt, Memory, NeuralOde, NeuralOdeSpec
from resviz.train.plane import CELLS, COARSE, SHOWN
from resviz.train.twins.descent import Descent
from resviz.train.twins.plane import Learner, Points, points

EVERY_SECONDS = 0.6  # between two pictures; each takes a tenth of a second
MOST_EVALUATIONS = 2000  # of the field in one solution: a field that needs more has become too stiff to train
EFFORT = 0.003  # as flow.PlaneSpec's default, for the residual network
DISTANCE = 0.01  # factor of the flow's squared distance from start to end in the loss: it holds points in the picture
TARGET = 0.95


class GaveUp(RuntimeError):
    """Raised when the solver does not reach the end; the message is a sentence."""


class Flowing(nn.Module):
    """A field and a head: points follow the field from time 0 to 1, then a straight line separates the classes."""

    def __init__(self, hidden: int, augment: int, generator: torch.Generator) -> None:
        super().__init__()
        self.augment = augment
        self.field = Field(hidden, dimension=2 + augment, generator=generator)
        self.head = nn.Parameter(torch.randn(2 + augment, generator=generator))
        self.bias = nn.Parameter(torch.zeros(()))

    def enter(self, x: Tensor) -> Tensor:
        """Return x (P, 2) with its extra dimensions, set to 0: (P, d)."""
        return functional.pad(x, (0, self.augment))

    def solve(self, x: Tensor, times: Tensor, tol: float, gradient: str = "backprop") -> Tensor:
        """Return the states of x (P, d) at each of `times` (T,): (T, P, d). Raises GaveUp."""
        solver: Callable[..., Any] = odeint_adjoint if gradient == "adjoint" else odeint
        # The error control leaves out the adjoint of the parameters: Kidger 2021, "Hey, that's not an ODE".
        limit = {"max_num_steps": MOST_EVALUATIONS // 6}
        more = {"adjoint_options": {"norm": "seminorm", **limit}} if gradient == "adjoint" else {}
        try:
            found: Tensor = solver(
                self.field,
                x,
                times,
                method="dopri5",
                rtol=tol,
                atol=tol,
                options=limit,
                **more,
            )
        except AssertionError as error:  # raised when a step underflows or there are too many steps
            raise GaveUp(explained(str(error))) from error
        return found

    def logit(self, x: Tensor) -> Tensor:
        """Return the logit of the second class. x: (P, d), out: (P,)."""
        return x @ self.head + self.bias


def explained(message: str) -> str:
    """Return the message of torchdiffeq's assertion as a sentence for people."""
    if "underflow" in message:
        return "The solver’s step underflowed: no step was short enough for the tolerance."
    if "max_num_steps" in message:
        return (
            f"The solver gave up after {MOST_EVALUATIONS:,} evaluations of the field. A larger tolerance takes fewer."
        )
    return "The solver met a number that left float range."


class FlowLearner:
    """The flow and its optimiser; every step uses all points."""

    def __init__(self, spec: NeuralOdeSpec) -> None:
        self.spec = spec
        self.net = Flowing(spec.hidden, spec.augment, torch.Generator().manual_seed(spec.seed))
        self.descent = Descent(self.net, spec.steps, spec.lr)
        self.optimizer = self.descent.optimizer
        self.curve: list[float] = []
        self.forward: list[int] = []
        self.backward: list[int] = []
        self.stopped = ""

    def step(self, x: Tensor, y: Tensor) -> None:
        """Make one training step. If the solver gives up or a number leaves float range, undo the step before it and stop."""
        if self.stopped:
            return
        try:
            loss, forward, backward = self.passed(x, y, self.spec.tol, self.spec.gradient)
        except GaveUp as error:
            self.descent.back(len(self.curve) + 1)
            self.stopped = f"Training of the flow ended at step {len(self.curve) + 1:,}. {error}"
            return
        self.descent.keep()
        self.descent.advance()
        self.curve.append(loss)
        self.forward.append(forward)
        self.backward.append(backward)

    def passed(self, x: Tensor, y: Tensor, tol: float, gradient: str) -> tuple[float, int, int]:
        """Run one forward and backward pass. Returns the loss and the evaluations of the field in each. Raises GaveUp."""
        net = self.net
        self.optimizer.zero_grad(set_to_none=True)
        net.field.evaluations = 0
        out = net.solve(net.enter(x), torch.tensor([0.0, 1.0]), tol, gradient)[-1]
        loss = functional.binary_cross_entropy_with_logits(net.logit(out), y)
        moved = (out - net.enter(x)).square().sum(1).mean()
        forward, net.field.evaluations = net.field.evaluations, 0
        if not math.isfinite(loss.item()):  # the adjoint would report that its step underflowed
            raise GaveUp("The loss left float range.")
        try:
            (loss + DISTANCE * moved).backward()
        except AssertionError as error:
            raise GaveUp(explained(str(error))) from error
        return loss.item(), forward, net.field.evaluations

    def memory(self, x: Tensor, y: Tensor, tol: float) -> Memory:
        """Measure the peak memory that autograd holds in a forward and backward pass, with and without the adjoint."""
        own = (*self.net.parameters(), x, y)
        found: dict[str, int | None] = {}
        forward = backward = None
        for gradient in ("adjoint", "backprop"):
            holding = Holding(own)
            try:
                with saved_tensors_hooks(holding.save, lambda kept: kept.tensor):
                    _, ahead, back = self.passed(x, y, tol, gradient)
                found[gradient] = holding.most
                if gradient == "adjoint":
                    forward, backward = ahead, back
            except GaveUp:
                found[gradient] = None
        self.optimizer.zero_grad(set_to_none=True)
        return Memory(tol, found["adjoint"], found["backprop"], forward, backward)


class Holding:
    """The bytes that autograd holds for the backward pass, now and at the peak: the storages of all saved tensors, each counted
    once for as long as one of its tensors is saved. The storages of `own`, which exist anyway, are not counted."""

    def __init__(self, own: Iterable[Tensor]) -> None:
        self.own = {t.untyped_storage().data_ptr() for t in own}
        self.held: Counter[int] = Counter()
        self.now = self.most = 0

    def save(self, tensor: Tensor) -> _Saved:
        return _Saved(tensor, self)


class _Saved:
    """One tensor saved by autograd; its memory is released when autograd drops this object."""

    def __init__(self, tensor: Tensor, holding: Holding) -> None:
        self.tensor, self.holding = (
            tensor.detach(),
            holding,
        )  # without detach, a result and the node that made it would refer to each other
        storage = tensor.untyped_storage()
        self.place, self.size = storage.data_ptr(), storage.nbytes()
        if self.place not in holding.own:
            if not holding.held[self.place]:
                holding.now += self.size
                holding.most = max(holding.most, holding.now)
            holding.held[self.place] += 1

    def __del__(self) -> None:
        holding = self.holding
        if self.place not in holding.own:
            holding.held[self.place] -= 1
            if not holding.held[self.place]:
                holding.now -= self.size


def neuralode(spec: NeuralOdeSpec) -> Iterator[NeuralOde | None]:
    """Train both networks on the same points. Yields a record every EVERY_SECONDS and at the end, and None after other steps.

    Equal specs give the same last record, except for its seconds, in one thread.
    """
    data = points(spec.data)
    flow = FlowLearner(spec)
    residual = Learner(
        Blocks("residual", BLOCKS, spec.hidden, generator=torch.Generator().manual_seed(spec.seed)),
        spec.steps,
        0.02,
        EFFORT,
    )
    watch = _Watch(spec, data, flow, residual)
    last = -math.inf
    for step in range(spec.steps):
        if time.monotonic() - last > EVERY_SECONDS:
            yield watch.record(step)
            last = time.monotonic()
        watch.step(step)
        yield None
        if flow.stopped:
            break
    tolerances = sorted({*TOLERANCES, spec.tol}, reverse=True)
    memory = []
    for tol in tolerances:
        memory.append(flow.memory(data.x, data.y, tol))
        yield None
    yield watch.record(spec.steps, tuple(memory))


class _Watch:
    """Both networks during training, and what is recorded of them."""

    def __init__(self, spec: NeuralOdeSpec, data: Points, flow: FlowLearner, residual: Learner) -> None:
        self.spec, self.data, self.flow, self.residual = spec, data, flow, residual
        self.seconds = {"ode": 0.0, "residual": 0.0}
        self.curve: list[float] = []
        self.at: list[int] = []
        self.accuracy: dict[str, list[float | None]] = {"ode": [], "residual": []}
        self.reached: tuple[int, float] | None = None
        self.every = max(1, spec.steps // 30)

    def step(self, number: int) -> None:
        data = self.data
        began = time.perf_counter()
        self.flow.step(data.x, data.y)
        between = time.perf_counter()
        self.residual.step(number + 1, data.x, data.y)
        if self.residual.loss is not None:
            self.curve.append(self.residual.loss)
        self.seconds["ode"] += between - began
        self.seconds["residual"] += time.perf_counter() - between
        if (number + 1) % self.every == 0 or number == self.spec.steps - 1:
            self.at.append(number + 1)
            reached = self.right(data.test_x, data.test_y)
            self.accuracy["ode"].append(reached)
            ends = self.residual.net.states(data.test_x)[-1]
            self.accuracy["residual"].append(_share(self.residual.net.logit(ends), data.test_y))
            if self.reached is None and (reached or 0.0) >= TARGET:
                self.reached = number + 1, self.seconds["ode"]

    @torch.no_grad()
    def right(self, x: Tensor, y: Tensor) -> float | None:
        net = self.flow.net
        try:
            ends = net.solve(net.enter(x), torch.tensor([0.0, 1.0]), self.spec.tol)[-1]
        except GaveUp:
            return None
        return _share(net.logit(ends), y)

    @torch.no_grad()
    def record(self, step: int, memory: tuple[Memory, ...] = ()) -> NeuralOde:
        spec, data = self.spec, self.data
        every = max(1, len(data.test_x) // SHOWN)
        shown = data.test_x[::every][:SHOWN]
        try:
            moments = torch.linspace(0, 1, BLOCKS * BETWEEN + 1)
            flowing = list(self.flow.net.solve(self.flow.net.enter(shown), moments, spec.tol))
        except GaveUp:
            flowing = [self.flow.net.enter(shown)] * (BLOCKS * BETWEEN + 1)
        passing = self.residual.net.states(shown)
        box = picture([[s[:, :2] for s in flowing], passing])
        cells = CELLS if memory else COARSE
        nets = {
            "ode": self._learnt("ode", self.flow.net, flowing, self.right(data.x, data.y), self._regions(box, cells)),
            "residual": self._learnt(
                "residual",
                self.residual.net,
                passing,
                _share(self.residual.net.logit(self.residual.net.states(data.x)[-1]), data.y),
                regions(self.residual.net, grid(box, cells)),
            ),
        }
        return NeuralOde(
            spec,
            1.0 if memory else min(step / spec.steps, 0.99),
            len(self.flow.curve),
            box,
            tuple(int(v) for v in data.test_y[::every][:SHOWN].tolist()),
            nets,
            tuple(self.at),
            tuple(self.flow.forward),
            tuple(self.flow.backward),
            self.reached,
            memory,
            self.flow.stopped,
        )

    def _learnt(
        self, name: str, net: Flowing | Blocks, states: list[Tensor], train: float | None, shading: tuple[str, ...]
    ) -> Learnt:
        if isinstance(net, Blocks):
            ends: float | None = _share(net.logit(net.states(self.data.test_x)[-1]), self.data.test_y)
        else:
            ends = self.right(self.data.test_x, self.data.test_y)
        return Learnt(
            sum(p.numel() for p in net.parameters()),
            train,
            ends,
            tuple(self.accuracy[name]),
            row(torch.tensor(self.flow.curve if name == "ode" else self.curve)),
            self.seconds[name],
            *trajectories(states),
            shading,
        )

    def _regions(self, box: tuple[float, float, float, float], cells: int) -> tuple[str, ...]:
        """Return, for each moment, the class that the rest of the flow gives to a point in each cell. Solved by RK4 with one step
        a moment, which is as exact as a picture shows; extra dimensions start at 0 in each cell."""
        net, times = self.flow.net, torch.linspace(0, 1, BLOCKS + 1)
        x = nodes = net.enter(grid(box, cells))
        for k in range(BLOCKS):  # all rows so far advance together, then the next cells are appended
            x = torch.cat([odeint(net.field, x, times[k : k + 2], method="rk4")[-1], nodes])
        return signs(net.logit(x), len(nodes))


def _share(logits: Tensor, y: Tensor) -> float:
    return ((logits > 0) == (y > 0)).float().mean().item()
