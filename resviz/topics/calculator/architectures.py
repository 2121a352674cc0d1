"""Networks as stages of layers in closed form, and the sums over them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from resviz.count.layers import FLOAT, Layers, Path, Stage, Tally, tally, total
from resviz.topics.calculator.presets import Blocks
from resviz.topics.calculator.question import CountSpec

# Huang 2017, arXiv 1608.06993, Table 1: growth, layers of each dense block, channels of the stem.
DENSENETS = {
    "densenet121": (32, (6, 12, 24, 16), 64),
    "densenet161": (48, (6, 12, 36, 24), 96),
    "densenet169": (32, (6, 12, 32, 32), 64),
    "densenet201": (32, (6, 12, 48, 32), 64),
}
BOTTLENECK_WIDTH = 4  # output channels of its 1x1 convolutions, as a multiple of the growth
# Simonyan 2015, arXiv 1409.1556, Table 1, D and E: convolutions of each stage, and their width.
VGGS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
VGG_WIDTHS = (64, 128, 256, 512, 512)
VGG_HIDDEN = 4096
VGG_GRID = 7  # feature maps are averaged to 7 x 7 before the fully connected layers


def stages_of(spec: CountSpec) -> tuple[Stage, ...]:
    """Return every stage, input first; a single block is one stage.

    >>> [stage.shape for stage in stages_of(CountSpec.of({"net": "resnet50"}))][1:3]
    [(256, 56, 56), (512, 28, 28)]
    """
    path = Path(
        spec.inputs if spec.net == "block" else spec.channels, spec.input, spec.bias == "yes", spec.norm != "none"
    )
    match spec.family_name:
        case "vgg":
            _vgg(spec, path)
        case "densenet":
            _densenet(spec, path)
        case "cifar_densenet":
            _cifar_densenet(spec, path)
        case "block":
            path.image = 0  # x is already counted as kept by the layer that produced it
            _blocks(spec, path, spec.plan[0])
            path.end("block")
        case _:
            _residual(spec, path)
    return tuple(path.stages)


def _residual(spec: CountSpec, path: Path) -> None:
    if spec.stem == "imagenet":
        path.conv(spec.stem_width, 7, 2)
    else:
        path.conv(spec.stem_width, 3)
    if spec.order == "original":
        path.norm()
        path.relu()
    if spec.stem == "imagenet":
        path.max_pool(3, 2, 1)
    path.end("stem")
    for number, blocks in enumerate(spec.plan, start=1):
        _blocks(spec, path, blocks)
        path.end(f"stage {number}", blocks.times)
    if spec.order == "full":
        path.norm()
        path.relu()
    path.average_all()
    path.linear(spec.classes, last=True)
    path.end("head")


def _blocks(spec: CountSpec, path: Path, blocks: Blocks) -> None:
    """Add the first block, which may change the shape, and the others."""
    for times, stride in ((1, blocks.stride), (blocks.times - 1, 1)):
        if times:
            path.times = times
            _block(spec, path, blocks.inner, stride)
    path.times = 1


def convs_of(spec: CountSpec, inner: int, stride: int) -> list[tuple[int, int, int, int]]:
    """Return (channels out, kernel, stride, groups) of each convolution of a block's branch."""
    inside, outputs = spec.widths(inner)
    if spec.block == "basic":
        return [(inside, 3, stride, spec.groups), (outputs, 3, 1, spec.groups)]
    first, second = (stride, 1) if spec.convention == "v1" else (1, stride)
    return [(inside, 1, first, 1), (inside, 3, second, spec.groups), (outputs, 1, 1, 1)]


def _block(spec: CountSpec, path: Path, inner: int, stride: int) -> None:
    inputs, pre = path.channels, spec.order == "full"
    convs = convs_of(spec, inner, stride)
    for number, (channels, kernel, stepped, groups) in enumerate(convs, start=1):
        if pre:
            path.norm()
            path.relu()
        path.conv(channels, kernel, stepped, groups=groups)
        if not pre:
            path.norm()
            if number < len(convs):
                path.relu()
    changes = inputs != path.channels or stride != 1
    path.shortcut(inputs, project=spec.shortcut == "C" or (spec.shortcut == "B" and changes), norm=not pre)
    if not pre:
        path.relu()


def _vgg(spec: CountSpec, path: Path) -> None:
    for number, (convs, width) in enumerate(zip(VGGS[spec.net], VGG_WIDTHS, strict=True), start=1):
        for _ in range(convs):
            path.conv(width, 3)
            path.norm()
            path.relu()
        path.max_pool(2, 2)
        path.end(f"stage {number}", convs)
    path.average_to(VGG_GRID)
    for _ in range(2):
        path.linear(VGG_HIDDEN)
        path.relu(dropout=True)
    path.linear(spec.classes, last=True)
    path.end("head")


def _densenet(spec: CountSpec, path: Path) -> None:
    growth, dense_blocks, width = DENSENETS[spec.net]
    path.conv(width, 7, 2)
    path.norm()
    path.relu()
    path.max_pool(3, 2, 1, copied=True)
    path.end("stem")
    _dense(spec, path, dense_blocks, growth, True, 0.5)


def _cifar_densenet(spec: CountSpec, path: Path) -> None:
    """Huang 2017, section 4.2: a 3x3 convolution, three dense blocks of equal length, a transition after the first two."""
    bottlenecks = spec.bottleneck == "yes"
    path.conv(cifar_stem(spec), 3)
    path.end("stem")
    _dense(spec, path, cifar_dense_blocks(spec), spec.growth, bottlenecks, spec.compression)


def cifar_stem(spec: CountSpec) -> int:
    """Return the channels of the stem of a CIFAR DenseNet: 16, or twice the growth for DenseNet-BC (Huang 2017, section 4.2)."""
    return 2 * spec.growth if spec.bottleneck == "yes" and spec.compression < 1 else 16


def cifar_dense_blocks(spec: CountSpec) -> tuple[int, ...]:
    """Return the number of layers of each dense block of a CIFAR DenseNet."""
    each, ends = spec.depth_form or (3, 4)
    return ((spec.depth - ends) // each,) * 3


def compressed(channels: int, compression: float) -> int:
    """Return the channels that a transition keeps: the share rounded down, at least one (Huang 2017, section 3)."""
    return max(1, math.floor(channels * compression))


def _dense(
    spec: CountSpec, path: Path, dense_blocks: tuple[int, ...], growth: int, bottlenecks: bool, compression: float
) -> None:
    for number, layers in enumerate(dense_blocks, start=1):
        _dense_block(path, layers, growth, bottlenecks)
        path.end(f"dense block {number}", layers)
        if number < len(dense_blocks):
            path.norm()
            path.relu()
            path.conv(compressed(path.channels, compression), 1)
            path.average(2, 2)
            path.end(f"transition {number}")
    path.norm()
    path.relu()
    path.average_all()
    path.linear(spec.classes, last=True)
    path.end("head")


def _dense_block(path: Path, layers: int, growth: int, bottlenecks: bool) -> None:
    """Add all layers of a dense block at once: each takes all channels before it, which form an arithmetic series."""
    first, pixels, inside = path.channels, path.side**2, BOTTLENECK_WIDTH * growth
    taken = layers * first + growth * layers * (layers - 1) // 2  # input channels of all layers together
    floats = FLOAT * pixels
    path.note(
        Layers("norm", taken, taken, pixels, kept=floats * taken),
        Layers("relu", taken, taken, pixels, kept=floats * taken),
    )
    if bottlenecks:
        path.note(
            Layers("conv", taken, inside, pixels),
            Layers("norm", inside, inside, pixels, layers, kept=floats * inside),
            Layers("relu", inside, inside, pixels, layers, kept=floats * inside),
            Layers("conv", inside, growth, pixels, layers, taps=9),
        )
    else:
        path.note(Layers("conv", taken, growth, pixels, taps=9))
    path.channels = first + layers * growth
    path.sees += 2 * layers * path.step


@dataclass(frozen=True, slots=True)
class Part:
    """One stage of a counted network, or the whole network, with its sums."""

    stage: Stage
    sums: Tally


@dataclass(frozen=True)
class Counted:
    """A network, its stages and their sum."""

    spec: CountSpec
    parts: tuple[Part, ...]
    total: Part

    def operations(self, part: Part) -> int:
        """The operations of a part: of the kinds that the spec counts, in its unit."""
        return part.sums.work(self.spec.unit, self.spec.counted)


def count(spec: CountSpec) -> Counted:
    """Count all stages of a network or of a single block, and their sum. The time does not depend on the depth of a stage."""
    parts = tuple(Part(stage, tally(stage.layers)) for stage in stages_of(spec))
    last = parts[-1].stage
    whole = Stage("total", sum(p.stage.blocks for p in parts), (), last.shape, last.sees, last.step)
    return Counted(spec, parts, Part(whole, total(p.sums for p in parts)))


def count_all(spec: CountSpec) -> list[Counted]:
    """Count the network, and the one beside it if there is one."""
    return [count(each) for each in (spec, spec.against) if each]
