"""Points in the plane as training data, and the training of one arm on all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from resviz.data.tensors import load
from resviz.nets.plane import Blocks
from resviz.train.twins.descent import Descent

EXAMPLES = 512
SCALE = 2.0  # factor on the data sets' points, the farthest of which have radius about 1


@dataclass(frozen=True, eq=False)
class Points:
    """Points x (P, 2) float32 and their classes y (P,) float32, 0 or 1, for training and for testing."""

    x: Tensor
    y: Tensor
    test_x: Tensor
    test_y: Tensor


def points(name: str) -> Points:
    """Load a data set of the plane with EXAMPLES training points, all coordinates multiplied by SCALE."""
    data = load(name, EXAMPLES)
    half = lambda x: x.flatten(1) * SCALE  # noqa: E731
    return Points(half(data.train_x), data.train_y.float(), half(data.test_x), data.test_y.float())


class Learner(Descent):
    """Trains one arm on all points at once. `effort` weights the penalty on the size of the branches' outputs, `smooth` the
    penalty on weights that change with depth."""

    def __init__(self, net: Blocks, steps: int, lr: float, effort: float, smooth: float = 0.0) -> None:
        super().__init__(net, steps, lr)
        self.net: Blocks = net
        self.effort, self.smooth = effort, smooth

    def step(self, number: int, x: Tensor, y: Tensor) -> None:
        """Take training step `number`, counted from 1; do nothing if training has stopped."""
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
        """Return the loss of points, given their states from the input to the last block."""
        return functional.binary_cross_entropy_with_logits(self.net.logit(states[-1]), y)

    @torch.no_grad()
    def end(self, number: int, x: Tensor, y: Tensor) -> None:
        """Check the loss after the last step, `number`, and undo that step if it is not finite."""
        self.finish(number, self.of(self.net.states(x), y))


def roughness(net: Blocks) -> Tensor:
    """Return how much the weights change from block to block: the sum of squared differences, divided by h. If the weights are
    a smooth function of depth, it stays the same as blocks are halved."""
    return sum((w.diff(dim=0).square().sum() for w in net.layers), torch.zeros(())) / net.h
