"""Solve a system of systems.py by torchdiffeq's adaptive dopri5 (Dormand and Prince 1980); train blocks to compare with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from resviz.nets.plane import Blocks
from resviz.probes.plane import eigenvalues
from resviz.topics.solve.question import Adaptive, BlocksSpec, SolveSpec, TrainedBlocks
from resviz.topics.solve.solvers import METHODS, real_limit
from resviz.train.twins.plane import Learner, points
from resviz.words.say import written

MOST_EVALUATIONS = 15_000  # a few seconds
LATEST = 20  # steps whose length is compared with the limit of stability
AT_LIMIT = 0.5  # share of that limit from which on it sets the steps
LONG = 1000.0  # times that the fastest part could have died out in the whole time


class _Watched:
    """The field in the form that torchdiffeq takes. Records the solver's accepted steps and counts evaluations and rejections."""

    def __init__(self, spec: SolveSpec) -> None:
        self.field = spec.equations.field
        self.times, self.states = [0.0], [spec.begin]
        self.evaluations = self.rejected = 0

    def __call__(self, t: Tensor, x: Tensor) -> Tensor:
        self.evaluations += 1
        if self.evaluations > MOST_EVALUATIONS:
            raise _TooMany
        return torch.tensor(self.field(tuple(x.tolist())), dtype=torch.float64)

    def callback_accept_step(self, t: Tensor, x: Tensor, dt: Tensor) -> None:
        """Record the state before an accepted step; called by torchdiffeq."""
        time = float(t)
        if time > self.times[-1]:
            self.times.append(time)
            self.states.append(tuple(x.tolist()))

    def callback_reject_step(self, t: Tensor, x: Tensor, dt: Tensor) -> None:
        self.rejected += 1


class _TooMany(Exception):
    pass


def adaptive(spec: SolveSpec) -> Adaptive:
    """Solve to spec.time at tolerance spec.tol. If the step underflows or the solver does not reach the end, `trouble` says so,
    with the time reached; nothing is raised."""
    from torchdiffeq import odeint

    watched, trouble, advice = _Watched(spec), "", ""
    span = torch.tensor([0.0, spec.time], dtype=torch.float64)
    try:
        end = odeint(
            watched, torch.tensor(spec.begin, dtype=torch.float64), span, method="dopri5", rtol=spec.tol, atol=spec.tol
        )[-1]
    except _TooMany:
        trouble = f"gave up after {MOST_EVALUATIONS:,} evaluations of f at t = {written(watched.times[-1])}"
        advice = _advice(spec, watched)
    except AssertionError as error:  # raised when a step underflows or a number is not finite
        what = (
            "its step underflowed: no step is short enough for the tolerance"
            if "underflow" in str(error)
            else str(error)
        )
        trouble = f"stopped at t = {written(watched.times[-1])}; {what}"
    else:
        last = tuple(end.tolist())
        if all(map(math.isfinite, last)):
            watched.times.append(spec.time)
            watched.states.append(last)
        else:
            trouble = f"left the range of floats after t = {written(watched.times[-1])}"
    kept = [(t, x) for t, x in zip(watched.times, watched.states, strict=True) if all(map(math.isfinite, x))]
    return Adaptive(
        tuple(t for t, _ in kept),
        tuple(x for _, x in kept),
        min(watched.evaluations, MOST_EVALUATIONS),
        watched.rejected,
        trouble and f"Dormand–Prince at tolerance {written(spec.tol)} {trouble}.{advice}",
    )


def _advice(spec: SolveSpec, watched: _Watched) -> str:
    """Return why so many steps were taken and what helps. The equation is stiff where stability, not accuracy, sets the steps:
    their length times the fastest decay rate is then near the method's limit (Hairer & Wanner II, section IV.2), and what decays
    at that rate is long gone."""
    steps = [b - a for a, b in pairwise(watched.times)][-LATEST:]
    rate = max((-value.real for value in spec.equations.eigenvalues(watched.states[-1])), default=0.0)
    limit = -real_limit(METHODS["dopri5"])
    if not steps or rate <= 0 or not AT_LIMIT * limit <= sum(steps) / len(steps) * rate or rate * spec.time < LONG:
        return " It takes a shorter time T, or a larger tolerance."
    smaller = " or a smaller μ" if spec.system == "van_der_pol" else ""
    return (
        f" The equation is stiff there: what differs from the solution dies out within 1/{written(rate)} of a unit of time, and "
        f"an explicit method must keep its steps below {written(limit)}/{written(rate)} = {written(limit / rate)} for it, "
        f"however little the solution itself changes. A larger tolerance does not help. An implicit method does, such as "
        f"SciPy’s Radau, which is not among those here; or take a shorter time T{smaller}."
    )


def trained_blocks(spec: BlocksSpec) -> Iterator[TrainedBlocks | None]:
    """Train a residual network on points in the plane. Yields an empty record first, None after each step, and the eigenvalues
    of its blocks at the end.

    Equal specs give the same numbers, bit for bit, when computed in one thread.
    """
    data = points(spec.data)
    net = Blocks("residual", spec.blocks, spec.hidden, generator=torch.Generator().manual_seed(spec.seed))
    learner = Learner(net, spec.steps, spec.lr, spec.effort)
    yield TrainedBlocks(spec, 0.0)
    for step in range(1, spec.steps + 1):
        learner.step(step, data.x, data.y)
        yield None
    learner.end(spec.steps, data.x, data.y)
    with torch.no_grad():
        yield TrainedBlocks(spec, 1.0, eigenvalues(net, net.states(data.test_x)))
