"""Residual blocks. Each forward reads as its equation; a block is residual or plain by one line, `add`."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from torch import Tensor, nn
from torch.nn import functional

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    # In place where the backward pass allows it: the input of a ReLU is needed by no one else.
    "relu": partial(nn.ReLU, inplace=True),
    "leaky_relu": partial(nn.LeakyReLU, 0.01, inplace=True),
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}

NORMS: dict[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm2d,
    "layer": lambda channels: nn.GroupNorm(1, channels),
    "group": lambda channels: nn.GroupNorm(math.gcd(4, channels), channels),
    "none": lambda channels: nn.Identity(),
}


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps height and width at stride 1; no bias, as in He 2015."""
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


class Pad(nn.Module):
    """Option A (He 2015, section 4.1): every `stride`-th pixel, new channels filled with zeros, no parameters."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride, :: self.stride]
        return functional.pad(x, (0, 0, 0, 0, 0, self.channels - x.shape[1]))


def shortcut(option: str, inputs: int, outputs: int, stride: int, norm: str) -> nn.Module:
    """What sits on the shortcut: identity where shapes allow it, else by option A, B or C."""
    changes = stride != 1 or inputs != outputs
    if option == "C" or (option == "B" and changes):
        return nn.Sequential(conv(inputs, outputs, 1, stride), NORMS[norm](outputs))
    return Pad(outputs, stride) if changes else nn.Identity()


def without_parameters(path: nn.Module) -> nn.Module:
    """The way past a block that has no weights: a projection becomes what option A would do."""
    if not isinstance(path, nn.Sequential):
        return path
    projection = path[0]
    assert isinstance(projection, nn.Conv2d)
    stride = projection.stride[0]
    changes = stride != 1 or projection.in_channels != projection.out_channels
    return Pad(projection.out_channels, stride) if changes else nn.Identity()


class Block(nn.Module):
    """The sum that makes a block residual, and the switches that change it at once.

    `connected` cuts the shortcut (x + F(x) becomes F(x)), `removed` the block (it becomes x); both may be changed on a
    living network between two steps, and nothing is rebuilt. `scale` is a in x + a F(x).
    """

    def __init__(self, shortcut: nn.Module, scale: float) -> None:
        super().__init__()
        self.shortcut = shortcut
        self.scale = scale
        self.connected = True
        self.removed = False

    def add(self, x: Tensor, branch: Tensor) -> Tensor:
        """shortcut(x) + a F(x), or a F(x) where the shortcut is cut."""
        if self.scale != 1.0:
            branch = self.scale * branch
        return branch + self.shortcut(x) if self.connected else branch

    def activate(self, activation: str) -> None:
        """Put another nonlinearity in every place of this block."""
        for name, _ in list(self.named_children()):
            if name.startswith("act"):
                setattr(self, name, ACTIVATIONS[activation]())


class BasicBlock(Block):
    """y = act(x + norm(conv(act(norm(conv(x)))))), two 3x3 convolutions (He 2015, Fig. 5 left).

    x: (N, inputs, H, W) to y: (N, width, H / stride, W / stride).
    """

    def __init__(
        self, inputs: int, width: int, stride: int, kernel: int, norm: str, activation: str, option: str, scale: float
    ) -> None:
        super().__init__(shortcut(option, inputs, width, stride, norm), scale)
        self.conv1, self.norm1, self.act1 = (
            conv(inputs, width, kernel, stride),
            NORMS[norm](width),
            ACTIVATIONS[activation](),
        )
        self.conv2, self.norm2, self.act2 = conv(width, width, kernel), NORMS[norm](width), ACTIVATIONS[activation]()

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return self.act2(self.add(x, y))


class Bottleneck(Block):
    """y = act(x + F(x)), F narrowing by 1x1, working by 3x3, widening by 1x1 (He 2015, Fig. 5 right).

    The stride stands in the 3x3, as in torchvision ("v1.5"); He 2015 has it in the first 1x1.
    x: (N, inputs, H, W) to y: (N, 4 width, H / stride, W / stride).
    """

    def __init__(
        self, inputs: int, width: int, stride: int, kernel: int, norm: str, activation: str, option: str, scale: float
    ) -> None:
        super().__init__(shortcut(option, inputs, 4 * width, stride, norm), scale)
        self.conv1, self.norm1, self.act1 = conv(inputs, width, 1), NORMS[norm](width), ACTIVATIONS[activation]()
        self.conv2, self.norm2, self.act2 = (
            conv(width, width, kernel, stride),
            NORMS[norm](width),
            ACTIVATIONS[activation](),
        )
        self.conv3, self.norm3, self.act3 = conv(width, 4 * width, 1), NORMS[norm](4 * width), ACTIVATIONS[activation]()

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(self.norm1(self.conv1(x)))
        y = self.act2(self.norm2(self.conv2(y)))
        y = self.norm3(self.conv3(y))
        return self.act3(self.add(x, y))


class PreActBlock(Block):
    """y = x + conv(act(norm(conv(act(norm(x)))))): nothing stands on the path of x (He 2016, Fig. 4e).

    x: (N, inputs, H, W) to y: (N, width, H / stride, W / stride).
    """

    def __init__(
        self, inputs: int, width: int, stride: int, kernel: int, norm: str, activation: str, option: str, scale: float
    ) -> None:
        super().__init__(shortcut(option, inputs, width, stride, "none"), scale)
        self.norm1, self.act1, self.conv1 = (
            NORMS[norm](inputs),
            ACTIVATIONS[activation](),
            conv(inputs, width, kernel, stride),
        )
        self.norm2, self.act2, self.conv2 = NORMS[norm](width), ACTIVATIONS[activation](), conv(width, width, kernel)
        self._spare_x()

    def activate(self, activation: str) -> None:
        super().activate(activation)
        self._spare_x()

    def _spare_x(self) -> None:
        """Without a normalisation act1 meets x itself, which the sum below still needs as it was."""
        if isinstance(self.norm1, nn.Identity) and isinstance(self.act1, nn.ReLU | nn.LeakyReLU):
            self.act1.inplace = False

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(self.act1(self.norm1(x)))
        y = self.conv2(self.act2(self.norm2(y)))
        return self.add(x, y)


# "plain" is the basic block; the network cuts its shortcuts.
BLOCKS: dict[str, type[BasicBlock | Bottleneck | PreActBlock]] = {
    "plain": BasicBlock,
    "basic": BasicBlock,
    "bottleneck": Bottleneck,
    "preact": PreActBlock,
}


def branch_end(block: nn.Module) -> nn.Module:
    """The module whose output is F(x): the last normalisation, or the last convolution of a pre-activation block."""
    assert isinstance(block, Block)
    return block.conv2 if isinstance(block, PreActBlock) else last_norm(block)


def last_norm(block: nn.Module) -> nn.Module:
    """The normalisation that scales the whole branch, whose gamma the zero-gamma scheme zeroes."""
    norms = [m for name, m in block.named_children() if name.startswith("norm")]
    return norms[-1]
