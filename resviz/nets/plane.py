"""Small networks whose state is a point in the plane, so that everything they compute can be drawn."""

from __future__ import annotations

import math
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

HEAD_SCALE = 4.0  # scale of the head's initial weights: large, so that points need not move far to be classified
BRANCH_SCALE = 0.5  # scale of each branch's last layer: small, so that the residual network starts near the identity
BIAS_SCALE = 0.5
FIELD_SCALE = 3.0  # scale of a field's first weights and biases: one set has to bend the plane in several places

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class Blocks(nn.Module):
    """N blocks in a row, each with its own field f_k(x) = W2_k act(W1_k x + b1_k) + b2_k.

    A block of the residual arm computes x + h f_k(x), one of the plain arm h f_k(x), without the shortcut. The weights of all
    blocks are stored in four tensors whose first axis is the block, so that depth can be treated like time.
    """

    def __init__(
        self,
        arm: Literal["residual", "plain"],
        blocks: int,
        hidden: int,
        *,
        h: float = 1.0,
        dimension: int = 2,
        activation: str = "tanh",
        alike: bool = False,
        generator: torch.Generator,
    ) -> None:
        """With `alike`, all blocks start with the weights of the first."""
        super().__init__()
        self.arm, self.h, self.activation = arm, h, ACTIVATIONS[activation]
        normal = partial(torch.randn, generator=generator)
        w1 = normal(blocks, dimension, hidden) / math.sqrt(dimension)
        b1 = normal(blocks, 1, hidden) * BIAS_SCALE
        w2 = normal(blocks, hidden, dimension) * BRANCH_SCALE / math.sqrt(hidden)
        weights = [w1, b1, w2, torch.zeros(blocks, 1, dimension)]
        if alike:
            weights = [w[:1].repeat(blocks, 1, 1) for w in weights]
        self.w1, self.b1, self.w2, self.b2 = map(nn.Parameter, weights)
        self.head = nn.Parameter(normal(dimension) * HEAD_SCALE)
        self.bias = nn.Parameter(torch.zeros(()))

    def __len__(self) -> int:
        return len(self.w1)

    @property
    def layers(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The weights of all blocks: (N, d, hidden), (N, 1, hidden), (N, hidden, d), (N, 1, d)."""
        return self.w1, self.b1, self.w2, self.b2

    def field(self, k: int, x: Tensor) -> Tensor:
        """The field f_k at each point. x, out: (P, d)."""
        return self._field(self.w1[k], self.b1[k], self.w2[k], self.b2[k], x)

    def _field(self, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, x: Tensor) -> Tensor:
        return torch.addmm(b2, self.activation(torch.addmm(b1, x, w1)), w2)

    def block(self, k: int, x: Tensor) -> Tensor:
        """The output of block k. x, out: (P, d)."""
        return self._step(x, self.field(k, x))

    def _step(self, x: Tensor, slope: Tensor) -> Tensor:
        return torch.add(x, slope, alpha=self.h) if self.arm == "residual" else self.h * slope

    def states(self, x: Tensor) -> list[Tensor]:
        """The points before the first block and after each block: N + 1 tensors (P, d)."""
        found = [x]
        # Unbound once: the backward pass of each indexing w1[k] would fill a tensor of the size of all blocks.
        for w1, b1, w2, b2 in zip(*(w.unbind() for w in self.layers), strict=True):
            found.append(self._step(found[-1], self._field(w1, b1, w2, b2, found[-1])))
        return found

    def logit(self, x: Tensor) -> Tensor:
        """The logit of the second class, from the points after the last block. x: (P, d), out: (P,)."""
        return x @ self.head + self.bias


def finer(net: Blocks, factor: int, way: str) -> Blocks:
    """Return the same network with `factor` steps of h / factor for each block. "shared" repeats each block's weights;
    "interpolated" interpolates them linearly in depth: step j of block k takes (1 - j / factor) of its weights and j / factor of
    those of block k + 1; the last block takes only its own."""
    made = Blocks("residual", len(net) * factor, net.w1.shape[2], h=net.h / factor, generator=torch.Generator())
    made.activation = net.activation
    share = (torch.arange(factor) / factor).repeat(len(net))[:, None, None]
    if way == "shared":
        share = torch.zeros_like(share)
    with torch.no_grad():
        for ours, theirs in zip(made.layers, net.layers, strict=True):
            following = torch.cat([theirs[1:], theirs[-1:]])
            first, second = (w.repeat_interleave(factor, 0) for w in (theirs, following))
            ours.copy_(torch.lerp(first, second, share))
        made.head.copy_(net.head)
        made.bias.copy_(net.bias)
    return made


class Field(nn.Module):
    """The vector field of a Neural ODE, with one set of weights for all times: f(t, x) = W2 tanh(W1 x + w t + b1) + b2."""

    def __init__(self, hidden: int, *, dimension: int = 2, generator: torch.Generator) -> None:
        super().__init__()
        normal = partial(torch.randn, generator=generator)
        self.w1 = nn.Parameter(normal(dimension, hidden) * FIELD_SCALE / math.sqrt(dimension))
        self.time = nn.Parameter(normal(hidden))
        self.b1 = nn.Parameter(normal(hidden) * FIELD_SCALE * BIAS_SCALE)
        self.w2 = nn.Parameter(normal(hidden, dimension) / math.sqrt(hidden))
        self.b2 = nn.Parameter(torch.zeros(dimension))
        self.evaluations = 0

    def forward(self, t: Tensor, x: Tensor) -> Tensor:
        """The slope of each point at time t, a scalar. x, out: (P, d). Counts the calls in `evaluations`."""
        self.evaluations += 1
        hidden = torch.tanh(torch.addmm(self.b1 + t * self.time, x, self.w1))
        return torch.addmm(self.b2, hidden, self.w2)
