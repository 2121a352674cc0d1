"""Train two networks, with and without shortcuts, to predict a system's next state, and run them on their predictions."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from torch import Tensor

from resviz.topics.rollout.question import PAIRS, SHARE, SHOWN, STARTS, TURN, Band, Curve, Point, Rollout, RolloutSpec
from resviz.train.plane import ARMS

States = NDArray[np.float64]  # (..., 2), one state a row

EVERY_SECONDS = 0.3  # between two records
ORBIT = 240  # points of the true orbit
FOR_A_PICTURE = 1e-6  # relative error that a drawn orbit may have
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8  # of Adam, as in torch


# -- the systems -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class System:
    """A field x' = f(x) in the plane; kept: its conserved quantity; least: the lowest value of that; most: the highest drawn."""

    field: Callable[[States], States]
    kept: Callable[[States], States]
    least: float
    most: float


def pendulum(x: States) -> States:
    """θ' = ω, ω' = −sin θ, of states (θ, ω). x, out: (..., 2)."""
    out = np.empty_like(x)  # np.stack of so few numbers takes longer than they do
    out[..., 0], out[..., 1] = x[..., 1], -np.sin(x[..., 0])
    return out


def pendulum_energy(x: States) -> States:
    """ω²/2 − cos θ. x: (..., 2), out: (...)."""
    return x[..., 1] ** 2 / 2 - np.cos(x[..., 0])


def lotka_volterra(x: States) -> States:
    """x' = x − x y, y' = x y − y: all rates are 1. x, out: (..., 2)."""
    prey, hunters, out = x[..., 0], x[..., 1], np.empty_like(x)
    met = prey * hunters
    out[..., 0], out[..., 1] = prey - met, met - hunters
    return out


def lotka_volterra_conserved(x: States) -> States:
    """x − ln x + y − ln y; nan where a number of animals is not above 0. x: (..., 2), out: (...)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((x > 0).all(-1), (x - np.log(x)).sum(-1), np.nan)


SYSTEMS = {
    "pendulum": System(pendulum, pendulum_energy, -1.0, -math.cos(2.0)),
    "lotka_volterra": System(lotka_volterra, lotka_volterra_conserved, 2.0, 3.0),
}


def trajectories(system: System, starts: States, times: NDArray[np.floating[Any]], rtol: float = 1e-10) -> States:
    """Return the true states at ascending times >= 0, by DOP853 (Dormand and Prince, order 8) with relative tolerance `rtol`.

    starts: (N, 2), out: (len(times), N, 2).
    """

    def slope(_: float, flat: States) -> States:
        return system.field(flat.reshape(starts.shape)).ravel()

    span = (0.0, float(times[-1]))
    found: Any = solve_ivp(slope, span, starts.ravel(), method="DOP853", rtol=rtol, atol=rtol / 100, t_eval=times)
    return np.asarray(found.y.T.reshape(len(times), *starts.shape))


def states(name: str, count: int, generator: torch.Generator) -> States:
    """Draw states uniformly from those whose conserved quantity is at most `most`: (count, 2). No motion leaves that region."""
    system, (left, right, bottom, top) = SYSTEMS[name], SHOWN[name].box
    found = np.empty((0, 2))
    while len(found) < count:
        even = torch.rand(2 * count, 2, generator=generator, dtype=torch.float64).numpy()
        drawn = np.array([left, bottom]) + even * np.array([right - left, top - bottom])
        found = np.concatenate([found, drawn[system.kept(drawn) <= system.most]])
    return found[:count]


# -- the networks ----------------------------------------------------------------------------------

Weights = tuple[Tensor, Tensor, Tensor, Tensor]  # W1, b1, W2, b2: of all blocks (first axis: block), or of one


def draw(spec: RolloutSpec, generator: torch.Generator) -> Weights:
    """Draw W1 (blocks, 2, hidden), b1 (blocks, hidden), W2 (blocks, hidden, 2), b2 (blocks, 2): uniform between ±1/√inputs, as
    in torch.nn.Linear, with W2 and b2 multiplied by `spec.branch`."""

    def even(*shape: int, inputs: int) -> Tensor:
        return (2 * torch.rand(spec.blocks, *shape, generator=generator) - 1) / math.sqrt(inputs)

    w1, b1 = even(2, spec.hidden, inputs=2), even(spec.hidden, inputs=2)
    w2, b2 = even(spec.hidden, 2, inputs=spec.hidden), even(2, inputs=spec.hidden)
    return w1, b1, w2 * spec.branch, b2 * spec.branch


def each(weights: Weights) -> list[Weights]:
    """Split the weights of all blocks into the weights of each."""
    return list(zip(*weights, strict=True))


def predict(x: Tensor, weights: Weights, shortcut: bool) -> Tensor:
    """Return the predicted next states. x, out: (N, 2), in spreads."""
    return through(x, each(weights), shortcut)


def through(x: Tensor, blocks: list[Weights], shortcut: bool) -> Tensor:
    """Do the same as `predict` with weights already split into blocks, so that a roll-out splits them only once."""
    for w1, b1, w2, b2 in blocks:
        branch = torch.addmm(b2, torch.tanh(torch.addmm(b1, x, w1)), w2)
        x = x + branch if shortcut else branch
    return x


class Arm:
    """One of the twins and its Adam (Kingma 2015, arXiv 1412.6980, algorithm 1). The twins share nothing."""

    def __init__(self, name: str, weights: Weights) -> None:
        self.shortcut = name == "residual"
        w1, b1, w2, b2 = (w.clone().requires_grad_() for w in weights)
        self.weights: Weights = (w1, b1, w2, b2)
        with torch.no_grad():  # views of the weights, which training changes in place
            self.blocks = each(self.weights)
        self.moments = [(torch.zeros_like(w), torch.zeros_like(w)) for w in weights]
        self.stopped: int | None = None

    def __call__(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            return predict(x, self.weights, self.shortcut)
        return through(x, self.blocks, self.shortcut)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Mean squared error over pairs and coordinates."""
        return (self(x) - y).square().mean()

    def learn(self, x: Tensor, y: Tensor, lr: float, step: int) -> None:
        """Make one training step, counted from 1, on all pairs; do nothing once a loss was not finite."""
        if self.stopped is not None:
            return
        loss = self.loss(x, y)
        if not math.isfinite(loss.item()):
            self.stopped = step
            return
        gradients = torch.autograd.grad(loss, self.weights)
        unbiased1, unbiased2 = 1 - BETA1**step, 1 - BETA2**step
        with torch.no_grad():
            for w, g, (first, second) in zip(self.weights, gradients, self.moments, strict=True):
                first.lerp_(g, 1 - BETA1)
                second.mul_(BETA2).addcmul_(g, g, value=1 - BETA2)
                w.addcdiv_(first, (second / unbiased2).sqrt_().add_(EPS), value=-lr / unbiased1)


def rate(spec: RolloutSpec, step: int) -> float:
    """Return the learning rate of a step, counted from 1: half a cosine from spec.lr to 0, which is one step after the last."""
    return spec.lr * (1 + math.cos(math.pi * (step - 1) / spec.steps)) / 2


# -- the measurement -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """The training and test data, in spreads. x, y: (examples, 2) pairs to learn from, noise included; unseen, after: (PAIRS, 2)
    test pairs; truth: (horizon + 1, STARTS, 2), float64. mean, spread: (2,) used to normalise all of these; `drawn`: the start
    whose roll-out is drawn; orbit: its true trajectory."""

    x: Tensor
    y: Tensor
    unseen: Tensor
    after: Tensor
    truth: States
    mean: States
    spread: States
    drawn: int
    orbit: tuple[Point, ...]


def task(spec: RolloutSpec, generator: torch.Generator) -> Task:
    """Draw states and compute what follows them. The start whose roll-out is drawn has the middle energy of all STARTS."""
    system = SYSTEMS[spec.system]
    before, unseen, starts = (states(spec.system, count, generator) for count in (spec.examples, PAIRS, STARTS))
    noise = spec.noise * torch.randn(2, spec.examples, 2, generator=generator, dtype=torch.float64)
    (after,) = trajectories(system, np.concatenate([before, unseen]), np.array([spec.dt]))
    truth = trajectories(system, starts, spec.dt * np.arange(spec.horizon + 1))
    mean, spread = before.mean(0), before.std(0)
    drawn = int(np.argsort(system.kept(starts), kind="stable")[STARTS // 2])
    end = min(TURN, spec.dt * spec.horizon)
    orbit = trajectories(system, starts[drawn : drawn + 1], np.linspace(0, end, ORBIT), FOR_A_PICTURE)[:, 0]

    def spreads(x: States) -> Tensor:
        return torch.from_numpy((x - mean) / spread)

    return Task(
        (spreads(before) + noise[0]).float(),
        (spreads(after[: spec.examples]) + noise[1]).float(),
        spreads(unseen).float(),
        spreads(after[spec.examples :]).float(),
        spreads(truth).numpy(),
        mean,
        spread,
        drawn,
        points(orbit),
    )


def rollout(spec: RolloutSpec) -> Iterator[Rollout | None]:
    """Train both arms on the CPU in float32 and let them run on their own predictions. Yields a record every so often, and None
    after the other steps.

    The last record, with `done` at 1, is the same bit for bit for equal specs and the same number of threads.
    """
    # Two generators: the weights stay the same whatever the number of examples.
    weights = draw(spec, torch.Generator().manual_seed(2 * spec.seed))
    given = task(spec, torch.Generator().manual_seed(2 * spec.seed + 1))
    arms = {arm: Arm(arm, weights) for arm in ARMS}
    curves = Curves(given)
    curves.add(arms)
    yield record(spec, given, arms, curves, 0)
    shown, cost = time.monotonic(), 0.0
    measured = set(spec.measured)
    for step in range(1, spec.steps + 1):
        for arm in arms.values():
            arm.learn(given.x, given.y, rate(spec, step), step)
        if step in measured:
            curves.add(arms)
        # Long roll-outs of deep networks are costly: they get a fifth of the time at most.
        if (now := time.monotonic()) - shown >= max(EVERY_SECONDS, 4 * cost) or step == spec.steps:
            made = record(spec, given, arms, curves, step)
            shown = time.monotonic()
            cost = shown - now
            yield made
        else:
            yield None


class Curves:
    """The curves measured for both arms during training."""

    def __init__(self, given: Task) -> None:
        self.given = given
        self.loss: dict[str, list[float | None]] = {arm: [] for arm in ARMS}
        self.one_step: dict[str, list[float | None]] = {arm: [] for arm in ARMS}
        self.moves: dict[str, list[float | None]] = {arm: [] for arm in ARMS}

    @torch.no_grad()
    def add(self, arms: dict[str, Arm]) -> None:
        """Measure both arms as they are now."""
        given = self.given
        for name, arm in arms.items():
            predicted = arm(given.unseen)
            self.loss[name].append(number(arm.loss(given.x, given.y).item()))
            self.one_step[name].append(root_mean_square(predicted - given.after))
            self.moves[name].append(root_mean_square(predicted - given.unseen))


def root_mean_square(x: Tensor) -> float | None:
    return number(x.square().mean().sqrt().item())


@torch.no_grad()
def run_freely(arm: Callable[[Tensor], Tensor], start: Tensor, horizon: int) -> States:
    """Return roll-outs: each state is predicted from the prediction before it. start: (N, 2), out: (horizon + 1, N, 2); a
    roll-out that leaves float range is nan from there on."""
    found = [start]
    for _ in range(horizon):
        found.append(arm(found[-1]))
    free = torch.stack(found).double().numpy()
    # A tanh turns an infinite state into a finite one; a roll-out that has left float range stays nan all the same.
    gone = np.logical_or.accumulate(~np.isfinite(free).all(-1), axis=0)
    return np.where(gone[..., None], np.nan, free)


def record(spec: RolloutSpec, given: Task, arms: dict[str, Arm], curves: Curves, step: int) -> Rollout:
    """Return the record of both arms after `step` training steps."""
    system, seen = SYSTEMS[spec.system], list(spec.seen)
    start = torch.from_numpy(given.truth[0]).float()
    error, passes, runs = {}, {}, {}
    for name, arm in arms.items():
        free = run_freely(arm, start, spec.horizon)
        off = np.sqrt(((free - given.truth) ** 2).mean(-1))  # (horizon + 1, STARTS)
        error[name], passes[name] = band(off, seen)
        drawn = free[:, given.drawn] * given.spread + given.mean
        kept = system.kept(drawn) - system.least
        runs[name] = (drawn, kept / kept[0], int((~np.isfinite(off[-1])).sum()))
    return Rollout(
        spec=spec,
        done=step / spec.steps,
        step=step,
        identity=root_mean_square(given.after - given.unseen) or 0.0,
        average=root_mean_square(given.after - given.y.mean(0)) or 0.0,
        loss={arm: tuple(values) for arm, values in curves.loss.items()},
        one_step={arm: tuple(values) for arm, values in curves.one_step.items()},
        moves={arm: tuple(values) for arm, values in curves.moves.items()},
        error=error,
        passes=passes,
        orbit=given.orbit,
        arrival=points(given.truth[-1:, given.drawn] * given.spread + given.mean)[0],
        path={name: points(drawn[: first(~np.isfinite(drawn).all(-1))]) for name, (drawn, _, _) in runs.items()},
        energy={name: numbers(kept[seen]) for name, (_, kept, _) in runs.items()},
        strays={name: number(float(np.nanmax(np.abs(kept - 1)))) for name, (_, kept, _) in runs.items()},
        without={name: first(~np.isfinite(kept)) for name, (_, kept, _) in runs.items()},
        lost={name: first(~np.isfinite(drawn).all(-1)) for name, (drawn, _, _) in runs.items()},
        left={name: left for name, (_, _, left) in runs.items()},
        stopped={name: arm.stopped for name, arm in arms.items()},
    )


def band(off: States, seen: list[int]) -> tuple[Band, int | None]:
    """Return median and range over the starts at the moments `seen`, and the first of all moments at which the median exceeds
    SHARE. off: (horizon + 1, STARTS); values that are not finite count as larger than all others."""
    off = np.sort(np.where(np.isfinite(off), off, np.inf), axis=1)
    middle = off.shape[1] // 2
    median = (off[:, middle - 1] + off[:, middle]) / 2
    return Band(*(numbers(values[seen]) for values in (median, off[:, 0], off[:, -1]))), first(median > SHARE)


def first(found: NDArray[np.bool_] | np.bool_) -> int | None:
    """Return the index of the first True, or None."""
    return int(found.argmax()) if found.any() else None


def number(value: float) -> float | None:
    """Round to six digits, as many as float32 holds reliably; None if the value is not finite."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def numbers(values: States) -> Curve:
    return tuple(map(number, values.tolist()))


def points(x: States) -> tuple[Point, ...]:
    """Round x (N, 2) to five digits, enough for points that are only drawn."""
    return tuple((float(f"{a:.5g}"), float(f"{b:.5g}")) for a, b in x)
