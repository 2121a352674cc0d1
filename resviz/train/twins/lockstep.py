"""Training both arms in lockstep on the same batches, with one record per step."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from resviz.data.tensors import Data, batches
from resviz.train.records import CALM, PROBE_EVERY, ArmRecord, ArmStart, Event, Record, Start
from resviz.train.spec import TrainingSpec
from resviz.train.twins.machine import machine_of
from resviz.train.twins.task import Task
from resviz.train.twins.trainer import NotFinite, State, Trainer

T = TypeVar("T")

# Steps that an arm may be ahead of the other: with 0, a short delay on one core would delay both.
AHEAD = 2
EVALUATION_SHARE = 0.1  # share of a run's time that test accuracy may take


class DeviceUnavailable(RuntimeError):
    """The requested device is not in this machine."""


def resolve_device(name: str) -> str:
    """Return the device, with "auto" as the best of this machine. Raises DeviceUnavailable for one that it does not have."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, found in there.items() if found)
    if not there[name]:
        raise DeviceUnavailable(
            f"device={name}: this machine has {', '.join(d for d, found in there.items() if found)}"
        )
    return name


def one_thread() -> None:
    """Make this process compute in one thread: the order of sums, and so the last bit of every answer, depends on it."""
    torch.set_num_threads(1)


def evaluate_every(spec: TrainingSpec) -> int:
    """Return the number of steps between two test scores, so that they take about a tenth of the time: a forward pass costs a
    third of a step."""
    return max(1, round(spec.test_examples / spec.examples_in_a_step / 3 / EVALUATION_SHARE))


class Keeper(Protocol):
    """Stores states of a run during training, so that going back need not start at the first step. `fork` is the step after
    which a branch waits to start, the latest such step asked for."""

    fork: int | None

    def wants(self, step: int) -> bool:
        """Return whether to store the state after this step; called shortly before the step is made."""

    def begins(self, arm: str, step: int) -> bool:
        """Called in the arm's own thread just before it makes a step. Returns whether to store the state after that step, for
        reasons that arose since `wants` was called. Must answer the same for both arms."""

    def keep(self, spec: TrainingSpec, step: int, state: dict[str, State]) -> None:
        """Store the state of both arms after `step`. Nothing else uses its tensors."""

    def nearest(self, spec: TrainingSpec, step: int) -> tuple[int, dict[str, State]] | None:
        """Return the latest stored state of this run up to `step`, as (step, state), or None."""


def train(
    spec: TrainingSpec, *, data: Data | None = None, after: int = 0, keeper: Keeper | None = None
) -> Iterator[Event]:
    """Yield a Start, then a Record for each step past `after`; ends early only if both arms leave the range of float32.

    The same spec on the same device gives the same numbers, bit for bit, whether it starts at the first step or from a
    state that `keeper` has. Each arm has its own thread and computes in one thread, so that neither the other arm nor the
    number of cores changes the order of any sum.
    Raises DeviceUnavailable, and DataUnavailable if the data set is missing.
    """
    device = prepared(spec)
    data = loaded(spec, device, data)
    arms = {name: Trainer(spec, name, device) for name in spec.arms}
    yield Start(
        device=device.type,
        arms={
            name: ArmStart(sum(p.numel() for p in arm.parameters), arm.twin.checksum()) for name, arm in arms.items()
        },
        machine=machine_of(device.type),
    )
    done, state = (keeper and after and keeper.nearest(spec, after)) or (0, None)
    for name, arm in arms.items():
        if state:
            arm.apply(spec.during(done))
            arm.load(state[name])
    # On a GPU both arms share one queue of work; threads would only contend for it.
    lanes, waits = Lanes(arms if device.type == "cpu" else ()), True
    try:
        for record in _steps(spec, plans_past(spec, data, done, after, keeper), data, arms, lanes, keeper):
            if record.step > after:
                yield record
    except KeyboardInterrupt:
        waits = False
        raise
    finally:
        lanes.close(waits)


def prepared(spec: TrainingSpec) -> torch.device:
    """Return the device of a spec, set up to give the same numbers every time. Raises DeviceUnavailable."""
    device = torch.device(resolve_device(spec.device))
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
    return device


def loaded(spec: TrainingSpec, device: torch.device, given: Data | None = None) -> Data:
    """Return the data of a run on a device, either `given` or read from disk. Raises DataUnavailable."""
    task = task_of(spec)
    return task.fit(spec, given or task.read(*task.source(spec)), device)


def task_of(spec: TrainingSpec) -> Task:
    """Return the task of a run."""
    task: Task = spec.family.of("task")()
    return task


def first_plan(spec: TrainingSpec, data: Data) -> Plan:
    """Return the plan of step 1."""
    return next(plans_past(spec, data, 0, 0, None))


@dataclass(frozen=True)
class Plan:
    """What both arms do at one step: the batch x (N, C, H, W), y (N,), and what to measure besides the gradients.
    `change` holds the settings from this step on, if they differ from those before; `keep` asks for the state after it."""

    step: int
    x: Tensor
    y: Tensor
    lr: float
    probe: bool
    signal: bool
    test: bool
    train: bool
    change: TrainingSpec | None
    keep: bool


Outcome = tuple[ArmRecord | str | None, State | None]


def _steps(
    spec: TrainingSpec, plans: Iterator[Plan], data: Data, arms: dict[str, Trainer], lanes: Lanes, keeper: Keeper | None
) -> Iterator[Record]:
    waiting: deque[tuple[Plan, dict[str, Callable[[], Outcome]]]] = deque()
    while True:
        # While a branch waits to start after a queued step, queue no more: they would delay the branch, which replaces them.
        while len(waiting) <= AHEAD and not (
            waiting and keeper and _holds([plan.step for plan, _ in waiting], keeper.fork)
        ):
            if (plan := next(plans, None)) is None:
                break
            pending = {
                name: lanes.submit(name, partial(_advance, data, plan, arm, keeper)) for name, arm in arms.items()
            }
            waiting.append((plan, pending))
        if not waiting:
            return
        plan, pending = waiting.popleft()
        outcomes = {name: wait() for name, wait in pending.items()}
        ended = {name: result for name, (result, _) in outcomes.items() if isinstance(result, str)}
        records = {name: result for name, (result, _) in outcomes.items() if isinstance(result, ArmRecord)}
        states = {name: state for name, (_, state) in outcomes.items() if state is not None}
        if keeper and len(states) == len(arms):
            keeper.keep(spec, plan.step, states)
        if records or ended:
            yield Record(plan.step, 1 + (plan.step - 1) // spec.steps_per_epoch, plan.lr, records, ended)
        if not records:
            return


def _holds(steps: list[int], fork: int | None) -> bool:
    """Return whether the step to branch after is among these."""
    return fork is not None and steps[0] <= fork <= steps[-1]


def plans_past(spec: TrainingSpec, data: Data, done: int, after: int, keeper: Keeper | None) -> Iterator[Plan]:
    """Yield the plans of the steps past `done`; those up to `after` are only replayed, without measurements that cost extra."""
    order = batches(len(data.train_y), spec.examples_in_a_step, spec.seed)
    every = evaluate_every(spec)
    before = spec.during(max(1, done))
    for step in range(1, spec.steps + 1):
        chosen = next(order).to(data.train_y.device)
        if step <= done:
            continue
        now = spec.during(step)
        told, edge = step > after, step in spec.edges
        yield Plan(
            step,
            data.inputs(data.train_x[chosen]),
            data.train_y[chosen],
            now.lr_at(step, now.steps),
            probe=told and (edge or step % PROBE_EVERY == 0 or step in CALM),
            signal=told and step in CALM,
            test=told and (edge or step % every == 0),
            train=told and step in spec.ends,
            change=now if now is not before else None,
            keep=keeper is not None and keeper.wants(step),
        )
        before = now


def _advance(data: Data, plan: Plan, arm: Trainer, keeper: Keeper | None) -> Outcome:
    """Make one step of one arm. Returns its record, and the state after it if that is wanted; instead of the record, a string
    says why the step could not be made, and None that the arm had ended before."""
    wanted = keeper is not None and keeper.begins(arm.name, plan.step)
    result = None if arm.ended else _make(data, plan, arm)
    return result, arm.state() if plan.keep or wanted else None


def _make(data: Data, plan: Plan, arm: Trainer) -> ArmRecord | str:
    shift = None
    if plan.change and plan.probe:
        shift = arm.shift(plan.step, plan.x, plan.change)
    elif plan.change:
        arm.apply(plan.change)
    try:
        record = arm.step(plan.step, plan.x, plan.y, plan.lr, plan.probe, plan.signal)
    except NotFinite as error:
        return str(error)
    if shift:
        record = replace(record, shift=shift)
    if plan.test:
        record = replace(record, test_accuracy=arm.score(data, data.test_x, data.test_y))
    if plan.train:
        record = replace(record, train_accuracy=arm.score(data, data.train_x, data.train_y))
    return record


class Lanes:
    """A thread for each name, using one torch thread; other names run in the caller's thread when their result is awaited.

    Measured at depth 56 on two cores: 61 ms per step for both arms in parallel, 90 ms one after the other with two
    threads each.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.pools = {name: ThreadPoolExecutor(1, name, initializer=lambda: torch.set_num_threads(1)) for name in names}

    def submit(self, name: str, function: Callable[[], T]) -> Callable[[], T]:
        """Start `function` in the lane, after what was submitted there before. Returns a function that waits for its result."""
        return self.pools[name].submit(function).result if name in self.pools else function

    def close(self, waits: bool = True) -> None:
        """End the threads; `waits` for what they have begun."""
        for pool in self.pools.values():
            pool.shutdown(wait=waits, cancel_futures=True)
