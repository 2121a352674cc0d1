"""Training the twins: both arms in lockstep on the same batches, one record a step."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from resviz.data import Data, batches, load
from resviz.experiments.arm import Arm, NotFinite
from resviz.nets import checksum
from resviz.records import ARMS, PROBE_EVERY, ArmRecord, ArmStart, Event, Record, Start
from resviz.spec import Spec

T = TypeVar("T")

# Steps that an arm may be ahead of its twin: with none, whatever holds up one core for a moment holds up both.
AHEAD = 2
EVALUATION_SHARE = 0.1  # of a run's time may go into test accuracy


class DeviceUnavailable(RuntimeError):
    """The device that was asked for is not in this machine."""


def resolve_device(name: str) -> str:
    """ "auto" as the best device of this machine. Raises DeviceUnavailable for one that it does not have."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, found in there.items() if found)
    if not there[name]:
        raise DeviceUnavailable(
            f"device={name}: this machine has {', '.join(d for d, found in there.items() if found)}"
        )
    return name


def evaluate_every(spec: Spec) -> int:
    """Steps between two test accuracies, so that they take about a tenth of the time: a forward pass costs a
    third of a step."""
    return max(1, round(spec.data.test / spec.batch / 3 / EVALUATION_SHARE))


def train(spec: Spec, *, data: Data | None = None) -> Iterator[Event]:
    """Yield a Start, then a Record for each step; ends early only if both arms leave the range of float32.

    Same spec, same device: same numbers, bit for bit. Each arm has its own thread and computes in one thread, so
    that neither the twin nor the number of cores changes the order of any sum.
    Raises DeviceUnavailable, and DataUnavailable if the data set is not here.
    """
    device = torch.device(resolve_device(spec.device))
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
    data = (data or load(spec.dataset, spec.examples and spec.train_examples)).to(device)
    arms = {name: Arm(spec, name, device) for name in ARMS}
    yield Start(
        device=device.type,
        arms={name: ArmStart(sum(p.numel() for p in arm.parameters), checksum(arm.net)) for name, arm in arms.items()},
    )
    # On a GPU both arms share one queue of work; threads would only contend for it.
    lanes = Lanes(arms if device.type == "cpu" else ())
    try:
        yield from _steps(spec, data, arms, lanes)
    finally:
        lanes.close()


@dataclass(frozen=True)
class Task:
    """What both arms do at one step: the batch x (N, C, H, W), y (N,), and what to measure beside the gradients."""

    x: Tensor
    y: Tensor
    lr: float
    probe: bool
    test: bool
    last: bool


def _steps(spec: Spec, data: Data, arms: dict[str, Arm], lanes: Lanes) -> Iterator[Record]:
    tasks = _tasks(spec, data)
    waiting: deque[tuple[Task, dict[str, Callable[[], ArmRecord | str | None]]]] = deque()
    for step in range(1, spec.steps + 1):
        while len(waiting) <= AHEAD and (task := next(tasks, None)):
            pending = {name: lanes.submit(name, partial(_advance, data, task, arm)) for name, arm in arms.items()}
            waiting.append((task, pending))
        task, pending = waiting.popleft()
        results = {name: wait() for name, wait in pending.items()}
        ended = {name: result for name, result in results.items() if isinstance(result, str)}
        records = {name: result for name, result in results.items() if isinstance(result, ArmRecord)}
        if records or ended:
            yield Record(step, 1 + (step - 1) // spec.steps_per_epoch, task.lr, records, ended)
        if not records:
            return


def _tasks(spec: Spec, data: Data) -> Iterator[Task]:
    order = batches(len(data.train_y), spec.batch, spec.seed)
    every = evaluate_every(spec)
    for step in range(1, spec.steps + 1):
        chosen = next(order).to(data.train_y.device)
        edge = step in (1, spec.steps)
        yield Task(
            data.inputs(data.train_x[chosen]),
            data.train_y[chosen],
            spec.lr_at(step, spec.steps),
            probe=edge or step % PROBE_EVERY == 0,
            test=edge or step % every == 0,
            last=step == spec.steps,
        )


def _advance(data: Data, task: Task, arm: Arm) -> ArmRecord | str | None:
    """One step of one arm; a string says why it could not be made, None that the arm had ended before."""
    if arm.ended:
        return None
    try:
        record = arm.step(task.x, task.y, task.lr, task.probe)
    except NotFinite as error:
        return str(error)
    if task.test:
        record = replace(record, test_accuracy=arm.accuracy(data, data.test_x, data.test_y))
    if task.last:
        record = replace(record, train_accuracy=arm.accuracy(data, data.train_x, data.train_y))
    return record


class Lanes:
    """A thread for each arm, computing with one thread itself; for names not given, the caller's own, when waited for.

    Measured at depth 56 on two cores: side by side 61 ms a step for both arms, one after the other with two threads
    each 90.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.pools = {name: ThreadPoolExecutor(1, name, initializer=lambda: torch.set_num_threads(1)) for name in names}

    def submit(self, name: str, function: Callable[[], T]) -> Callable[[], T]:
        """Start `function` in the lane, after what was submitted there before. Returns what waits for its result."""
        return self.pools[name].submit(function).result if name in self.pools else function

    def close(self) -> None:
        for pool in self.pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
