"""The residual block in all its orders, with all options for its shortcut; `Block.add` makes it residual or plain."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.nets.settings import EXPANSION, ORDERS

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    # In place where possible: the backward pass does not need the input of a ReLU.
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
    """A convolution without bias, as in He 2015; at stride 1 it preserves height and width."""
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


class Pad(nn.Module):
    """Option A (He 2015, section 4.1): take every `stride`-th pixel and fill new channels with zeros, without parameters."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride, :: self.stride]
        return functional.pad(x, (0, 0, 0, 0, 0, self.channels - x.shape[1]))


def path_past(option: str, inputs: int, outputs: int, stride: int, norm: str) -> nn.Module:
    """The shortcut by option A, B or C (He 2015): A and B are the identity where the shape of x does not change."""
    changes = stride != 1 or inputs != outputs
    if option == "C" or (option == "B" and changes):
        projection = conv(inputs, outputs, 1, stride)
        return nn.Sequential(projection) if norm == "none" else nn.Sequential(projection, NORMS[norm](outputs))
    return Pad(outputs, stride) if changes else nn.Identity()


def without_parameters(path: nn.Module) -> nn.Module:
    """The same shortcut without parameters: a projection is replaced by option A."""
    if not isinstance(path, nn.Sequential):
        return path
    projection = path[0]
    assert isinstance(projection, nn.Conv2d)
    stride = projection.stride[0]
    changes = stride != 1 or projection.in_channels != projection.out_channels
    return Pad(projection.out_channels, stride) if changes else nn.Identity()


class Gate(nn.Module):
    """A gate g = sigmoid(W x + bias), W a 1x1 convolution (Srivastava 2015, arXiv 1505.00387; He 2016, section 3.1)."""

    def __init__(self, channels: int, bias: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 1)
        self.opening = bias  # the initial value of every bias

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.conv(x))


class Dropout(nn.Module):
    """nn.Dropout with its own random generator, so that a step drops the same numbers whatever else is drawn at random.

    Call `reseed` at the start of every training step. In evaluation mode nothing is dropped.
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
    """A residual block, y = after(b s(x) + a F(x)), with a shortcut s and a branch F.

    F has two 3x3 convolutions, or 1x1, 3x3 and 1x1 in a bottleneck (He 2015, Fig. 5), with normalisations and activations in
    one of the orders of He 2016, Fig. 4. `scale` is a, `shortcut_scale` is b.

    x: (N, inputs, H, W), y: (N, width * EXPANSION, H / stride, W / stride). A bottleneck has its stride in the 3x3
    convolution, as in torchvision ("v1.5"); He 2015 has it in the first 1x1.

    If `connected` is False, the shortcut is cut, so that x + F(x) becomes F(x). If `removed` is True, the network skips the
    block and uses `past`. Both may be changed between two training steps; nothing is rebuilt. With a `survival` p below 1,
    training leaves out the branch while the block is `asleep`, and evaluation uses p F(x) (Huang 2016, arXiv 1603.09382,
    equations 2 and 5).
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
        """Return b s(x) + a F(x), or a F(x) if the shortcut is cut. `branch` is F(x)."""
        path, branch = self.terms(x, branch)
        return branch if path is None else branch + path

    def terms(self, x: Tensor, branch: Tensor) -> tuple[Tensor | None, Tensor]:
        """Return both terms of the sum; the first is None if the shortcut is cut. With an exclusive gate g they are
        b (1 - g) s(x) and a g F(x); if g gates only the shortcut, the second is a F(x)."""
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
        """Return the output of the block when it is removed: the shortcut of x, without gate, scale or dropout."""
        return self.shortcut(x)

    def make_plain(self) -> None:
        """Cut the shortcut for good, and drop its parameters."""
        self.connected = False
        self.shortcut = without_parameters(self.shortcut)
        self.shortcut_gate = self.shortcut_dropout = None

    def activate(self, activation: str) -> None:
        """Replace every activation of this block."""
        for path in (self.branch, self.after):
            for name, _ in list(path.named_children()):
                if name.startswith("act"):
                    path.add_module(name, ACTIVATIONS[activation]())
        self._spare_x()

    def _spare_x(self) -> None:
        """Make a leading activation of the branch not in place: it would overwrite x, which the sum still needs."""
        first = self.branch[0]
        if isinstance(first, nn.ReLU | nn.LeakyReLU):
            first.inplace = False

    def last_norm(self) -> nn.Module:
        """The normalisation at the end of F, whose gamma the zero-gamma scheme sets to 0. Raises ValueError if F does not end
        in one."""
        last = self.branch[-1]
        if not isinstance(last, nn.BatchNorm2d | nn.GroupNorm):
            raise ValueError(f"the branch ends in {type(last).__name__}, which is no normalisation")
        return last
