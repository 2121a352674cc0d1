"""Initial weights by name, drawn so that a plain and a residual network with the same seed start with the same weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import init

from resviz.nets.blocks import Block

Scheme = Callable[[Tensor, torch.Generator], object]

# How each scheme draws a weight (out, in, k, k), and its standard deviation, with fan_in = in k k and fan_out = out k k.
SCHEMES: dict[str, Scheme] = {
    # sqrt(2 / fan_out): He 2015b (arXiv 1502.01852) eq. 14, for the backward pass, as in torchvision's ResNets
    "he": lambda w, g: init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu", generator=g),
    # sqrt(2 / (fan_in + fan_out)): Glorot and Bengio 2010 eq. 16
    "xavier": lambda w, g: init.xavier_normal_(w, generator=g),
    # 1 / sqrt(3 fan_in), uniform: the default of nn.Conv2d and nn.Linear
    "torch": lambda w, g: init.kaiming_uniform_(w, a=math.sqrt(5), generator=g),
    # Orthogonal (Saxe 2014, arXiv 1312.6120), times the ReLU gain sqrt(2)
    "orthogonal": lambda w, g: init.orthogonal_(w, gain=math.sqrt(2), generator=g),
}
SCHEMES["zero_gamma"] = SCHEMES["he"]
SCHEMES["fixup"] = SCHEMES["he"]


def _draw(scheme: Scheme, weight: Tensor, generator: torch.Generator) -> None:
    """Draw a weight in place; the numbers do not depend on its device or its layout in memory."""
    drawn = torch.empty(weight.shape)
    scheme(drawn, generator)
    weight.copy_(drawn)


@torch.no_grad()
def initialise(layers: Sequence[nn.Conv2d | nn.Linear], blocks: Sequence[Block], scheme: str, seed: int) -> None:
    """Draw all weights in place from `seed`.

    `layers` are the layers on the path through all branches, input first, the head last. Projections and gates on shortcuts
    are drawn after them, so that networks with and without those start with the same other weights.
    """
    draw = partial(_draw, SCHEMES[scheme])
    generator = torch.Generator().manual_seed(seed)
    *convs, last = layers
    assert isinstance(last, nn.Linear)
    head = last
    for layer in convs:
        draw(layer.weight, generator)
    bound = 1 / math.sqrt(head.weight.shape[1])
    draw_uniform = partial(_draw, lambda w, g: init.uniform_(w, -bound, bound, generator=g))
    if scheme in ("xavier", "orthogonal"):
        draw(head.weight, generator)
    else:
        draw_uniform(head.weight, generator)
    assert head.bias is not None
    draw_uniform(head.bias, generator)

    _draw_shortcuts(blocks, draw, generator)
    if scheme == "zero_gamma":
        _zero_gamma(blocks)
    elif scheme == "fixup":
        init.zeros_(head.weight)
        init.zeros_(head.bias)
        _fixup(blocks)


@torch.no_grad()
def initialise_block(block: Block, scheme: str, generator: torch.Generator) -> None:
    """Draw the weights of one block in place, as if it were the only block of a network."""
    for layer in block.branch:
        if isinstance(layer, nn.Conv2d):
            _draw(SCHEMES[scheme], layer.weight, generator)
    _draw_shortcuts([block], partial(_draw, SCHEMES[scheme]), generator)
    if scheme == "zero_gamma":
        _zero_gamma([block])
    elif scheme == "fixup":
        _fixup([block])


def _draw_shortcuts(blocks: Sequence[Block], draw: Scheme, generator: torch.Generator) -> None:
    for block in blocks:
        for part in block.shortcut.modules():
            if isinstance(part, nn.Conv2d):
                draw(part.weight, generator)
    for block in blocks:
        if (gate := block.shortcut_gate) is not None:
            draw(gate.conv.weight, generator)
            assert gate.conv.bias is not None
            init.constant_(gate.conv.bias, gate.opening)


def _zero_gamma(blocks: Sequence[Block]) -> None:
    for block in blocks:
        block.last_norm().get_parameter("weight").zero_()


def _fixup(blocks: Sequence[Block]) -> None:
    """Apply rules 1 and 2 of Fixup (Zhang 2019, arXiv 1901.09321) to L blocks: set the last layer of every branch to 0, and
    multiply the other layers of a branch of m layers by L^(-1 / (2m - 2)). `initialise` sets the head to 0. Rule 3, scalar
    biases and multipliers, is left out because it would add parameters."""
    for block in blocks:
        convs = [m for m in block.branch if isinstance(m, nn.Conv2d)]
        *others, last = convs
        for layer in others:
            layer.weight.mul_(len(blocks) ** (-1 / (2 * len(convs) - 2)))
        init.zeros_(last.weight)
