"""The trained networks of a run, for questions about them: from the run's stored states if there are any, else trained here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from resviz.data.tensors import Data
from resviz.latest import Latest
from resviz.train.records import Training
from resviz.train.spec import TrainingSpec
from resviz.train.twins.lockstep import Keeper, Lanes, Plan, loaded, plans_past, prepared
from resviz.train.twins.trainer import NotFinite, State, Trainer

TOLD_SECONDS = 0.12  # between two points at which training reports its progress and can be stopped
IN_MEMORY = 3  # runs whose networks stay in this process, so that more questions need no training
ON_THE_WAY = 40  # steps of a course whose weights are stored
COURSE_BYTES = 128e6
CURVE_POINTS = 150


@dataclass
class Trained:
    """Both arms of a run, as far as they are trained; `over` once training has ended.

    course: by arm, (step, weights) during training, the initial ones first and the last ones last; weights are all parameters
    in the order of `net.parameters()`, then the running statistics of the normalisations, flat, on the CPU. The course is
    `whole` only if training started at the first step.
    """

    spec: TrainingSpec
    data: Data
    arms: dict[str, Trainer]
    step: dict[str, int]
    ended: dict[str, str] = field(default_factory=dict)
    loss: dict[str, list[float]] = field(default_factory=dict)  # of each step made here
    course: dict[str, list[tuple[int, Tensor]]] = field(default_factory=dict)
    whole: bool = True
    over: bool = False

    @property
    def device(self) -> torch.device:
        return next(iter(self.arms.values())).device

    @property
    def share(self) -> float:
        """The share of the steps that the slower arm has made; an arm that ended counts as finished."""
        left = [1.0 if name in self.ended else at / self.spec.steps for name, at in self.step.items()]
        return min(left)

    @property
    def told(self) -> Training:
        """The progress so far, as values without torch."""
        curve = {}
        for name, losses in self.loss.items():
            first = self.step[name] - len(losses) + 1
            every = -(-len(losses) // CURVE_POINTS) or 1
            kept = range((len(losses) - 1) % every, len(losses), every)
            curve[name] = tuple(float(first + k) for k in kept), tuple(float(f"{losses[k]:.4g}") for k in kept)
        return Training(dict(self.step), dict(self.ended), {} if self.over else curve)

    def net(self, arm: str) -> Any:
        """Return an arm's network in evaluation mode, as for test images. Its weights must not be changed."""
        net = self.arms[arm].net
        net.eval()
        return net


_known: Latest[str, Trained] = Latest(IN_MEMORY)  # by digest


def trained(spec: TrainingSpec, *, keeper: Keeper | None = None, course: bool = False) -> Iterator[Trained]:
    """Yield the networks of a run, several times during training and once at the end: each time the same object.

    If this process still has them in memory, they are yielded at once; otherwise training starts from the latest state that
    `keeper` has. `course` asks for the weights during training too, which requires training from the first step. The last
    states are given to the keeper.

    Raises DeviceUnavailable, and DataUnavailable if the data set is missing.
    """
    known = _known.get(spec.digest)
    if known is not None and (known.whole or not course):
        yield known
        return
    device = prepared(spec)
    arms = {name: Trainer(spec, name, device) for name in spec.arms}
    found = Trained(spec, loaded(spec, device), arms, dict.fromkeys(arms, 0), loss={name: [] for name in arms})
    lanes = Lanes(arms if device.type == "cpu" else ())
    try:
        yield from _learn(found, lanes, None if course else keeper)
    finally:
        lanes.close()
    found.over = True
    if keeper and not found.ended:
        _keep(found, keeper)
    _known[spec.digest] = found
    yield found


def forget() -> None:
    """Remove all networks from memory; for tests."""
    _known.clear()


def _learn(found: Trained, lanes: Lanes, keeper: Keeper | None) -> Iterator[Trained]:
    spec, begun = found.spec, 0
    if keeper and (kept := latest(spec, keeper, tuple(found.arms))):
        begun, states = kept
        found.whole = False
        for name, arm in found.arms.items():
            arm.apply(spec.during(begun))
            arm.load(states[name])
            found.step[name] = begun
    marks = _marks(found)
    for name in found.arms:
        found.course[name] = [(begun, _weights(found.arms[name]))]
    yield found
    plans = plans_past(spec, found.data, begun, spec.steps, None)
    count = 1
    while not all(name in found.ended for name in found.arms) and (chunk := list(islice(plans, count))):
        told = time.monotonic()
        waiting = [lanes.submit(name, partial(_advance, found, name, chunk, marks)) for name in found.arms]
        for wait in waiting:
            wait()
        took = time.monotonic() - told
        count = max(1, min(1000, round(count * min(4.0, TOLD_SECONDS / max(took, 1e-4)))))
        yield found
    for name, arm in found.arms.items():
        arm.apply(spec.during(max(1, found.step[name])))
        if found.course[name][-1][0] < found.step[name]:
            found.course[name].append((found.step[name], _weights(arm)))


def _advance(found: Trained, name: str, plans: Sequence[Plan], marks: frozenset[int]) -> None:
    """Make some steps of one arm, in the calling thread."""
    arm = found.arms[name]
    for plan in plans:
        if name in found.ended:
            return
        made = step(arm, plan)
        if isinstance(made, str):
            found.ended[name] = made
            return
        found.step[name] = plan.step
        found.loss[name].append(made)
        if plan.step in marks:
            found.course[name].append((plan.step, _weights(arm)))


def step(arm: Trainer, plan: Plan) -> float | str:
    """Make one training step and return the loss of its batch. If the step cannot be made, return the reason; the arm's weights
    and statistics are then unchanged."""
    if plan.change:
        arm.apply(plan.change)
    # A forward pass that leaves the range of float32 also changes the running statistics.
    before = [(b, b.clone()) for b in arm.net.buffers()]
    try:
        return arm.step(plan.step, plan.x, plan.y, plan.lr, probe=False).loss
    except NotFinite as error:
        for buffer, kept in before:
            buffer.copy_(kept)
        return str(error)


def latest(spec: TrainingSpec, keeper: Keeper, names: Sequence[str]) -> tuple[int, dict[str, State]] | None:
    """Return the latest stored state of these arms, as (step, state). A state in which an arm has ended is skipped, since it
    does not contain the step at which the arm ended."""
    at = spec.steps
    while at > 0 and (found := keeper.nearest(spec, at)):
        done, states = found
        if not any(states[name]["ended"] for name in names):
            return done, states
        at = done - 1
    return None


def _marks(found: Trained) -> frozenset[int]:
    """Return the steps after which the weights are stored, evenly spaced."""
    size = sum(p.numel() for arm in found.arms.values() for p in arm.parameters) * 4
    count = int(max(2, min(ON_THE_WAY, COURSE_BYTES / size)))
    return frozenset(round(found.spec.steps * k / count) or 1 for k in range(1, count + 1))


def numbers(net: nn.Module) -> list[Tensor]:
    """Return the tensors of which the weights in a course consist, in their order."""
    return [*net.parameters(), *(b for b in net.buffers() if b.is_floating_point())]


def _weights(arm: Trainer) -> Tensor:
    return torch.cat([t.detach().reshape(-1) for t in numbers(arm.net)]).cpu()


def _keep(found: Trained, keeper: Keeper) -> None:
    """Store the final states for the next process that is asked about this run, unless they are stored already."""
    kept = keeper.nearest(found.spec, found.spec.steps)
    if not kept or kept[0] < found.spec.steps:
        keeper.keep(found.spec, found.spec.steps, {name: arm.state() for name, arm in found.arms.items()})
