"""Training with Adam on all points at once and a learning rate that rises and falls; a step to non-finite values is undone."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

WARM_UP = 0.3  # share of the steps in which the learning rate rises


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
