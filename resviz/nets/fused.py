"""A network in evaluation mode as a chain of passes over memory: each convolution takes the sum and the ReLU after it along.

On a CPU one pass of oneDNN does all three: "post-ops", https://uxlfoundation.github.io/oneDNN/dev_guide_attributes_post_ops.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from resviz.nets.blocks import Block
from resviz.nets.resnet import ResNet


class Fused(nn.Module):
    """A convolution with an optional sum and an optional ReLU: relu(plus + conv(x)), written in place of `plus`."""

    def __init__(self, conv: nn.Conv2d, relu: bool) -> None:
        super().__init__()
        self.conv, self.relu = conv, relu

    def forward(self, x: Tensor, plus: Tensor | None = None) -> Tensor:
        """x: (N, in, H, W). `plus`, of the shape of the result, is overwritten."""
        if torch.backends.mkldnn.is_available() and x.device.type == "cpu":
            return self._in_one(x, plus)
        y = self.conv(x)
        y = y if plus is None else plus.add_(y)
        return y.relu_() if self.relu else y

    def _in_one(self, x: Tensor, plus: Tensor | None) -> Tensor:
        # These operators are what torch.compile calls; torch has no public name for them.
        operators, c = torch.ops.mkldnn, self.conv
        shape = (c.weight, c.bias, c.padding, c.stride, c.dilation, c.groups)
        if plus is None:
            return operators._convolution_pointwise(x, *shape, "relu" if self.relu else "none", [], "")
        last = "relu" if self.relu else None
        return operators._convolution_pointwise_.binary(plus, x, *shape, "add", 1.0, last, [], "")


class Summed(nn.Module):
    """A block whose branch ends in a convolution, which takes the sum along. It overwrites x if the shortcut is the identity."""

    def __init__(self, block: Block, branch: Sequence[nn.Module], last: Fused, after: Sequence[nn.Module]) -> None:
        super().__init__()
        self.shortcut, self.branch, self.last = block.shortcut, nn.Sequential(*branch), last
        self.after = nn.Sequential(*after)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.branch(x)  # which leaves x as it is (Block._spare_x)
        plus = self.shortcut(x).contiguous(memory_format=torch.channels_last)
        return self.after(self.last(inner, plus))


class Average(nn.Module):
    """Global average pooling, (N, C, H, W) to (N, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


def fused(net: ResNet) -> nn.Sequential:
    """Return the same function as `net` in evaluation mode, made of the same parameters. Batch normalisations that follow a
    convolution must be folded into it and replaced by the identity."""
    blocks = [_block(block) for block in net.residual_blocks()]
    return nn.Sequential(*_chain(net.stem), *blocks, *_chain(net.final), Average(), net.head)


def _chain(modules: Iterable[nn.Module]) -> list[nn.Module]:
    """Return the modules without identities; a convolution takes the ReLU that follows it along."""
    found: list[nn.Module] = []
    for module in modules:
        before = found[-1] if found else None
        if isinstance(module, nn.ReLU) and isinstance(before, Fused) and not before.relu:
            before.relu = True
        elif isinstance(module, nn.Conv2d):
            found.append(Fused(module, relu=False))
        elif not isinstance(module, nn.Identity):
            found.append(module)
    return found


def _block(block: Block) -> nn.Module:
    if block.removed:
        return block.shortcut
    if not block.connected:
        return nn.Sequential(*_chain([*block.branch, *block.after])) if block.scale == 1.0 else block
    branch, after = _chain(block.branch), _chain(block.after)
    last = branch[-1]
    bare = block.shortcut_gate is None and block.shortcut_scale == block.scale == block.survival == 1.0
    if not bare or not isinstance(last, Fused) or last.relu:
        return block
    if after and isinstance(after[0], nn.ReLU):
        last.relu, after = True, after[1:]
    return Summed(block, branch[:-1], last, after)
