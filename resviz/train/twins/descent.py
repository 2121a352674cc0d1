"""Training with Adam on all points at once and a learning rate that rises and falls; a step to non-finite values is undone."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

Record = TypeVar("Record")

WARM_UP = 0.3  # share of the steps in which the learning rate rises
EVERY_SECONDS = 0.3  # between two records of a training
CURVE_POINTS = 100  # about as many steps of a training have their losses kept


class Descent:
    """Trains a network with Adam and the learning rate of `one_cycle`. A step that leaves the range of float32 is undone and
    is the last: `stopped` is its number. `loss` is the loss at the last step, None after a step that was undone."""

    def __init__(self, net: nn.Module, steps: int, lr: float) -> None:
        self.net = net
        self.optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=lr)
        # With fewer than four steps the two halves of torch's own schedule would share one.
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: one_cycle(step, steps))
        self.loss: float | None = None
        self.stopped: int | None = None
        self.keep()

    def keep(self) -> None:
        """Store the current weights, so that `back` can restore them."""
        self.kept = {name: value.clone() for name, value in self.net.state_dict().items()}

    def back(self, number: int) -> None:
        """Restore the stored weights; step `number` is the last."""
        self.net.load_state_dict(self.kept)
        self.stopped, self.loss = number, None

    def descend(self, number: int, loss: Tensor, price: Tensor | float = 0.0) -> None:
        """Take step `number`, counted from 1, on the sum of the loss and `price`, a penalty."""
        if not math.isfinite(loss.item()):
            return self.back(number)
        self.keep()
        self.loss = loss.item()
        self.optimizer.zero_grad(set_to_none=True)
        (loss + price).backward()
        self.advance()
        # The sum is finite only if all of them are.
        if not all(p.sum().isfinite() for p in self.net.parameters()):
            self.back(number)

    def advance(self) -> None:
        """Take one Adam step with the current gradients, and one step of the learning rate schedule."""
        self.optimizer.step()
        self.schedule.step()

    def finish(self, number: int, loss: Tensor) -> None:
        """Undo the last step, `number`, if `loss`, the loss after it, is not finite: no later step checks this."""
        if self.stopped is None and not math.isfinite(loss.item()):
            self.back(number)


def one_cycle(step: int, steps: int) -> float:
    """Return the learning rate for step `step` of 0..steps - 1 as a share of its maximum: it rises along a cosine, then falls
    to nearly 0 (Smith 2018, arXiv 1708.07120)."""
    up = WARM_UP * steps
    if step < up:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * step / up)) / 2
    return max((1 + math.cos(math.pi * (step - up) / max(steps - up, 1))) / 2, 1e-4)


class Learns(Protocol):
    """What can be trained beside others on the same points."""

    loss: float | None

    def step(self, number: int, x: Tensor, y: Tensor) -> None:
        """Take training step `number`, counted from 1."""

    def end(self, number: int, x: Tensor, y: Tensor) -> None:
        """Check the last step, `number`."""


class Curve:
    """The training loss of each learner after the steps `at`: every step, or every few of a long training, and the last."""

    def __init__(self, names: Iterable[str], steps: int) -> None:
        self.at: list[int] = []
        self.loss: dict[str, list[float | None]] = {name: [] for name in names}
        self.steps, self.every = steps, max(1, steps // CURVE_POINTS)

    def add(self, step: int, learners: Mapping[str, Learns]) -> None:
        """Keep the losses after step `step`, counted from 0, if it is one of those that are kept."""
        if step % self.every == 0 or step == self.steps - 1:
            self.at.append(step + 1)
            for name, learner in learners.items():
                self.loss[name].append(learner.loss)


def train_together(
    learners: Mapping[str, Learns], steps: int, x: Tensor, y: Tensor, record: Callable[[int, Curve], Record]
) -> Iterator[Record | None]:
    """Train all learners on the points x (P, d) with targets y (P,), side by side. Yields `record(steps taken, curve)` every
    EVERY_SECONDS, before a step, and at the end; and None after each step."""
    curve = Curve(learners, steps)
    last = -math.inf
    for step in range(steps):
        if time.monotonic() - last > EVERY_SECONDS:
            yield record(step, curve)
            last = time.monotonic()
        for learner in learners.values():
            learner.step(step + 1, x, y)
        curve.add(step, learners)
        yield None
    for learner in learners.values():
        learner.end(steps, x, y)
    yield record(steps, curve)
