"""Build the networks that the Calculator counts: torchvision's where it has them, our own for the others."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional

from resviz.topics.calculator.architectures import BOTTLENECK_WIDTH, cifar_dense_blocks, cifar_stem, compressed
from resviz.topics.calculator.question import CountSpec


def torchvisions_name(spec: CountSpec) -> str:
    """Return torchvision's name of exactly this network, or "". For bottlenecks the position of the stride must match too."""
    if spec.family_name == "vgg":
        return f"{spec.net}_bn" if spec.norm == "batch" else spec.net
    same = spec.shortcut == "B" and (spec.convention == "v1.5" or spec.block == "basic")
    return spec.net if spec.family_name == "densenet" or (spec.family_name == "resnet" and same) else ""


def build(spec: CountSpec) -> nn.Module:
    """Build the network with the default weights of its layers. It maps (N, channels, input, input) to (N, classes); a single
    block takes (N, inputs, input, input)."""
    if name := torchvisions_name(spec):
        return _torchvisions(name, spec)
    if spec.family_name == "cifar_densenet":
        return CifarDenseNet(spec)
    if spec.net == "block":
        return Block(spec, spec.inputs, spec.inner, spec.stride)
    return Residual(spec)


def _torchvisions(name: str, spec: CountSpec) -> nn.Module:
    net: nn.Module = torchvision.models.get_model(name, weights=None, num_classes=spec.classes)
    if spec.channels != 3:
        key, first = next((key, m) for key, m in net.named_modules() if isinstance(m, nn.Conv2d))
        like: Any = {what: getattr(first, what) for what in ("kernel_size", "stride", "padding")}
        bias = first.bias is not None
        net.set_submodule(key, nn.Conv2d(spec.channels, first.out_channels, bias=bias, **like))
    return net


class Block(nn.Module):
    """One block: maps (N, inputs, H, W) to (N, outputs, H / stride, W / stride), rounded up."""

    def __init__(self, spec: CountSpec, inputs: int, inner: int, stride: int) -> None:
        super().__init__()
        inside, outputs = spec.widths(inner)
        self.pre, self.stride, self.padding = spec.order == "full", stride, outputs - inputs
        if spec.block == "bottleneck":
            at_first = spec.convention == "v1"
            plan = [
                (inputs, inside, 1, stride if at_first else 1, 1),
                (inside, inside, 3, 1 if at_first else stride, spec.groups),
                (inside, outputs, 1, 1, 1),
            ]
        else:
            plan = [(inputs, inside, 3, stride, spec.groups), (inside, outputs, 3, 1, spec.groups)]
        self.convs = nn.ModuleList(conv(spec, *each) for each in plan)
        self.norms = nn.ModuleList(norm(spec, each[0] if self.pre else each[1]) for each in plan)
        self.projection: nn.Module | None = None
        if spec.shortcut == "C" or (spec.shortcut == "B" and (stride != 1 or inputs != outputs)):
            projection = conv(spec, inputs, outputs, 1, stride)
            self.projection = projection if self.pre else nn.Sequential(projection, norm(spec, outputs))

    def forward(self, x: Tensor) -> Tensor:
        f = x
        for number, (convolution, normalise) in enumerate(zip(self.convs, self.norms, strict=True), start=1):
            if self.pre:
                f = functional.relu(normalise(f))
                if number == 1 and self.projection is not None:
                    x = f  # Zagoruyko 2016 projects the normalised x
            f = convolution(f)
            if not self.pre:
                f = normalise(f)
                f = functional.relu(f, inplace=True) if number < len(self.convs) else f
        if self.projection is not None:
            x = self.projection(x)
        elif self.stride != 1 or self.padding:
            x = functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.padding))
        return f + x if self.pre else functional.relu(f + x, inplace=True)


class Residual(nn.Module):
    """A residual network: stem, stages of blocks, head."""

    def __init__(self, spec: CountSpec) -> None:
        super().__init__()
        pre, width = spec.order == "full", spec.stem_width
        large = spec.stem == "imagenet"
        stem = [conv(spec, spec.channels, width, 7 if large else 3, 2 if large else 1)]
        stem += [] if pre else [norm(spec, width), nn.ReLU(inplace=True)]
        stem += [nn.MaxPool2d(3, 2, 1)] if large else []
        self.stem = nn.Sequential(*stem)
        blocks: list[nn.Module] = []
        for stage in spec.plan:
            for number in range(stage.times):
                blocks.append(Block(spec, width, stage.inner, stage.stride if number == 0 else 1))
                width = spec.widths(stage.inner)[1]
        self.blocks = nn.Sequential(*blocks)
        self.last = nn.Sequential(norm(spec, width), nn.ReLU(inplace=True)) if pre else nn.Identity()
        self.linear = nn.Linear(width, spec.classes)

    def forward(self, x: Tensor) -> Tensor:
        features = self.last(self.blocks(self.stem(x)))
        return self.linear(features.mean((2, 3)))


class DenseLayer(nn.Module):
    """One layer of a dense block: maps all that came before, (N, C, H, W) together, to (N, growth, H, W)."""

    def __init__(self, spec: CountSpec, inputs: int) -> None:
        super().__init__()
        widths = [inputs, *([BOTTLENECK_WIDTH * spec.growth] if spec.bottleneck == "yes" else []), spec.growth]
        parts: list[nn.Module] = []
        for number, (taken, given) in enumerate(pairwise(widths), start=2 - (len(widths) > 2)):
            parts += [norm(spec, taken), nn.ReLU(inplace=True), conv(spec, taken, given, 1 if number == 1 else 3, 1)]
        self.parts = nn.Sequential(*parts)

    def forward(self, before: list[Tensor]) -> Tensor:
        made: Tensor = self.parts(torch.cat(before, 1))
        return made


class DenseBlock(nn.Module):
    """Layers each of which sees all that came before: maps (N, inputs, H, W) to (N, inputs + layers * growth, H, W)."""

    def __init__(self, spec: CountSpec, inputs: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DenseLayer(spec, inputs + n * spec.growth) for n in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        before = [x]
        for layer in self.layers:
            before.append(layer(before))
        return torch.cat(before, 1)


class CifarDenseNet(nn.Module):
    """Huang 2017, arXiv 1608.06993, section 4.2, for CIFAR: stem, three dense blocks, two transitions, head."""

    def __init__(self, spec: CountSpec) -> None:
        super().__init__()
        width = cifar_stem(spec)
        parts = [conv(spec, spec.channels, width, 3, 1)]
        for number, layers in enumerate(cifar_dense_blocks(spec)):
            if number:
                kept = compressed(width, spec.compression)
                through = [norm(spec, width), nn.ReLU(inplace=True), conv(spec, width, kept, 1, 1), nn.AvgPool2d(2)]
                parts.append(nn.Sequential(*through))
                width = kept
            parts.append(DenseBlock(spec, width, layers))
            width += layers * spec.growth
        self.features = nn.Sequential(*parts)  # stem, blocks and transitions, in their order
        self.last = nn.Sequential(norm(spec, width), nn.ReLU(inplace=True))
        self.linear = nn.Linear(width, spec.classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.last(self.features(x)).mean((2, 3)))


def conv(spec: CountSpec, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> nn.Module:
    """A convolution padded so that only its stride makes the image smaller."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=spec.bias == "yes")


def norm(spec: CountSpec, channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels) if spec.norm == "batch" else nn.Identity()
