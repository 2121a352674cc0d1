"""The residual block in all its orders and with all that may sit on its shortcut; residual or plain by one line, `add`."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.nets.settings import EXPANSION, ORDERS

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


def path_past(option: str, inputs: int, outputs: int, stride: int, norm: str) -> nn.Module:
    """The way of x past a branch: identity where shapes allow it, else by option A, B or C."""
    changes = stride != 1 or inputs != outputs
    if option == "C" or (option == "B" and changes):
        projection = conv(inputs, outputs, 1, stride)
        return nn.Sequential(projection) if norm == "none" else nn.Sequential(projection, NORMS[norm](outputs))
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


class Gate(nn.Module):
    """g = sigmoid(W x + bias), W a 1x1 convolution (Srivastava 2015, arXiv 1505.00387; He 2016, section 3.1)."""

    def __init__(self, channels: int, bias: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 1)
        self.opening = bias  # what every bias is at the start

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.conv(x))


class Dropout(nn.Module):
    """nn.Dropout with numbers of its own, so that a step drops the same ones whatever else draws at random.

    Every training step begins with `reseed`; in evaluation mode nothing is dropped.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: torch.Generator | None = None

    def reseed(self, seed: int, device: torch.device | str) -> None:
        if self.generator is None or self.generator.device != torch.device(device):
            self.generator = torch.Generator(device)
        self.generator.manual_seed(seed)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.p
        return x * (kept.to(x.dtype) / (1 - self.p))


class Block(nn.Module):
    """y = after(s(x) + a F(x)), F two 3x3 convolutions, or a bottleneck's 1x1, 3x3, 1x1 (He 2015, Fig. 5), with their
    normalisations and activations in one of the orders of He 2016, Fig. 4.

    x: (N, inputs, H, W) to y: (N, width * EXPANSION, H / stride, W / stride). A bottleneck's stride stands in its 3x3, as
    in torchvision ("v1.5"); He 2015 has it in the first 1x1.

    `connected` cuts the shortcut (x + F(x) becomes F(x)), `removed` the block (it becomes x); both may be changed on a
    living network between two steps, and nothing is rebuilt. `scale` is a in x + a F(x), `shortcut_scale` b in
    b x + a F(x). With a `survival` p below 1, training leaves the branch out where the block is `asleep`, and evaluation takes
    p F(x) (Huang 2016, arXiv 1603.09382, equations 2 and 5).
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        stride: int = 1,
        *,
        kernel: int = 3,
        block: str = "basic",
        order: str = "original",
        norm: str = "batch",
        activation: str = "relu",
        shortcut: str = "A",
        shortcut_scale: float = 1.0,
        gate: str = "none",
        gate_bias: float = -6.0,
        shortcut_dropout: float = 0.0,
        branch_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.scale, self.shortcut_scale = branch_scale, shortcut_scale
        self.connected = True
        self.removed = False
        self.survival, self.asleep = 1.0, False
        outputs = width * EXPANSION[block]
        # (inputs, outputs, kernel, stride) of each convolution of F
        convs = [(inputs, width, kernel, stride), (width, outputs, kernel, 1)]
        if block == "bottleneck":
            convs = [(inputs, width, 1, 1), (width, width, kernel, stride), (width, outputs, 1, 1)]
        chosen = ORDERS[order]
        self.shortcut = path_past(shortcut, inputs, outputs, stride, norm if chosen.sums_normed else "none")
        self.shortcut_gate = Gate(outputs, gate_bias) if gate != "none" else None
        self.exclusive = gate == "exclusive"
        self.shortcut_dropout = Dropout(shortcut_dropout) if shortcut_dropout else None
        self.branch, self.after = nn.Sequential(), nn.Sequential()
        channels, number = inputs, 0
        parts = chosen.branch(len(convs))
        for into, part in [(self.branch, part) for part in parts] + [(self.after, part) for part in chosen.after]:
            number += into is self.branch and part == chosen.unit[0]
            if part == "conv":
                into.add_module(f"conv{number}", conv(*convs[number - 1]))
                channels = convs[number - 1][1]
            elif part == "act":
                into.add_module(f"act{number}", ACTIVATIONS[activation]())
            elif norm != "none":
                into.add_module(f"norm{number}", NORMS[norm](channels))
        self._spare_x()

    def forward(self, x: Tensor) -> Tensor:
        left_out = self.asleep and self.training
        return self.after(self.add(x, x.new_zeros(()) if left_out else self.branch(x)))

    def add(self, x: Tensor, branch: Tensor) -> Tensor:
        """b s(x) + a F(x), or a F(x) where the shortcut is cut."""
        path, branch = self.terms(x, branch)
        return branch if path is None else branch + path

    def terms(self, x: Tensor, branch: Tensor) -> tuple[Tensor | None, Tensor]:
        """Both terms of the sum. With a gate g they are b (1 - g) s(x) and a g F(x), or, where it gates the shortcut only,
        b (1 - g) s(x) and a F(x); the first is None where the shortcut is cut."""
        path: Tensor | None = None
        if self.connected:
            path = self.shortcut(x)
            if self.shortcut_gate is not None:
                gate = self.shortcut_gate(path)
                path = path - gate * path
                if self.exclusive:
                    branch = gate * branch
            if self.shortcut_dropout is not None:
                path = self.shortcut_dropout(path)
            if self.shortcut_scale != 1.0:
                path = self.shortcut_scale * path
        if self.scale != 1.0:
            branch = self.scale * branch
        if self.connected and not self.training and self.survival != 1.0:
            branch = self.survival * branch
        return path, branch

    def past(self, x: Tensor) -> Tensor:
        """What is left of x where the block is taken out: all that the shortcut carries of it, ungated."""
        return self.shortcut(x)

    def make_plain(self) -> None:
        """Without a shortcut, and without the parameters that stood on it."""
        self.connected = False
        self.shortcut = without_parameters(self.shortcut)
        self.shortcut_gate = self.shortcut_dropout = None

    def activate(self, activation: str) -> None:
        """Put another nonlinearity in every place of this block."""
        for path in (self.branch, self.after):
            for name, _ in list(path.named_children()):
                if name.startswith("act"):
                    path.add_module(name, ACTIVATIONS[activation]())
        self._spare_x()

    def _spare_x(self) -> None:
        """A branch that begins with its activation meets x itself, which the sum still needs as it was."""
        first = self.branch[0]
        if isinstance(first, nn.ReLU | nn.LeakyReLU):
            first.inplace = False

    def last_norm(self) -> nn.Module:
        """The normalisation at the end of F, whose gamma the zero-gamma scheme zeroes. Raises ValueError if F ends in
        something else."""
        last = self.branch[-1]
        if not isinstance(last, nn.BatchNorm2d | nn.GroupNorm):
            raise ValueError(f"the branch ends in {type(last).__name__}, which is no normalisation")
        return last
