"""Learning that can go wrong: Adam on all points at once, a learning rate that rises and falls, and a way back."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

WARM_UP = 0.3  # share of the steps in which the learning rate rises


class Descent:
    """A network and its Adam, the learning rate as `one_cycle` has it. A step that leaves float range is taken back,
    and is the last: `stopped` is its number. `loss` is that of the last step, None after one that was taken back."""

    def __init__(self, net: nn.Module, steps: int, lr: float) -> None:
        self.net = net
        self.optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=lr)
        # With fewer than four steps the two halves of torch's own schedule would share one.
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: one_cycle(step, steps))
        self.loss: float | None = None
        self.stopped: int | None = None
        self.keep()

    def keep(self) -> None:
        """These weights are what a later step is taken back to."""
        self.kept = {name: value.clone() for name, value in self.net.state_dict().items()}

    def back(self, number: int) -> None:
        """To the weights that were kept; there is no step after number `number`."""
        self.net.load_state_dict(self.kept)
        self.stopped, self.loss = number, None

    def descend(self, number: int, loss: Tensor, price: Tensor | float = 0.0) -> None:
        """Step `number`, counted from 1, down the loss and the price added to it."""
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
        """Along the gradients that are there."""
        self.optimizer.step()
        self.schedule.step()

    def finish(self, number: int, loss: Tensor) -> None:
        """After the last step, `number`: what it led to is looked at, for no other step does so. `loss` is that of the end."""
        if self.stopped is None and not math.isfinite(loss.item()):
            self.back(number)


def one_cycle(step: int, steps: int) -> float:
    """The learning rate's share of its largest before step `step` of 0..steps - 1: up in a cosine, then down to nearly 0
    (Smith 2018, arXiv 1708.07120)."""
    up = WARM_UP * steps
    if step < up:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * step / up)) / 2
    return max((1 + math.cos(math.pi * (step - up) / max(steps - up, 1))) / 2, 1e-4)
