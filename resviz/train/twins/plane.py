"""TODO"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from resviz.data.tensors import load
from resviz.nets.plane import Blocks
from resviz.train.twins.descent import Descent

EXAMPLES = 512


SCALE = 2.0  # of the data sets' points, whose farthest lie at about 1


EVERY_SECONDS = 0.3  # between two pictures of what is being learnt


@dataclass(frozen=True, eq=False)
class Points:
    """x (P, 2) float32 and classes (P,) float32, 0 or 1; to learn from, and unseen."""

    x: Tensor
    y: Tensor
    test_x: Tensor
    test_y: Tensor


def points(name: str) -> Points:
    """A data set of the plane, as large as a picture wants it."""
    data = load(name, EXAMPLES)
    half = lambda x: x.flatten(1) * SCALE  # noqa: E731
    return Points(half(data.train_x), data.train_y.float(), half(data.test_x), data.test_y.float())


class Learner(Descent):
    """One arm, on all points at once. `effort` is the price of moving, `smooth` that of weights that change with depth."""

    def __init__(self, net: Blocks, steps: int, lr: float, effort: float, smooth: float = 0.0) -> None:
        super().__init__(net, steps, lr)
        self.net: Blocks = net
        self.effort, self.smooth = effort, smooth

    def step(self, number: int, x: Tensor, y: Tensor) -> None:
        """Step `number`, counted from 1."""
        if self.stopped:
            return
        states = self.net.states(x)
        price: Tensor | float = 0.0
        if self.effort:
            branches = torch.stack(states[1:])
            if self.net.arm == "residual":
                branches = branches - torch.stack(states[:-1])
            price = self.effort * branches.square().sum(2).mean(1).sum()
        if self.smooth:
            price = price + self.smooth * roughness(self.net)
        self.descend(number, self.of(states, y), price)

    def of(self, states: list[Tensor], y: Tensor) -> Tensor:
        """The loss of points on their way."""
        return functional.binary_cross_entropy_with_logits(self.net.logit(states[-1]), y)

    @torch.no_grad()
    def end(self, number: int, x: Tensor, y: Tensor) -> None:
        """After the last step, `number`."""
        self.finish(number, self.of(self.net.states(x), y))


def roughness(net: Blocks) -> Tensor:
    """How much the weights change from block to block: the sum of squared differences over h, which stays the same as blocks
    are halved if the weights are a smooth function of depth."""
    return sum((w.diff(dim=0).square().sum() for w in net.layers), torch.zeros(())) / net.h
