"""Parameters, operations and training memory of stacks of equal layers, in closed form. No network is built, and torch is
not needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

FLOAT = 4  # bytes of a float32
INDEX = 8  # bytes of an int64; max pooling stores one for every output

Kind = Literal["conv", "linear", "norm", "relu", "pool", "add"]
# The kinds of layers by which operations are counted. A projection is the convolution on a shortcut.
KINDS = {
    "conv": "convolutions",
    "projection": "projections on shortcuts",
    "linear": "fully connected layers",
    "norm": "normalisation",
    "relu": "ReLU",
    "pool": "pooling",
    "add": "additions of shortcuts",
    "bias": "biases",
}
PRODUCTS = ("conv", "projection", "linear")  # kinds whose operations are multiply-accumulates
PARAMETERS = ("conv", "projection", "norm", "linear", "bias")


@dataclass(slots=True)  # not frozen: that would double the time of a count
class Layers:
    """`times` equal layers. Do not change an instance.

    inputs, outputs: channels. pixels: height x width of the output. taps: numbers of one input channel that each output
    depends on, 9 for a 3x3 kernel. kept: bytes per image that autograd stores for the backward pass of one such layer.
    """

    kind: Kind
    inputs: int
    outputs: int
    pixels: int
    times: int = 1
    taps: int = 1
    groups: int = 1
    bias: bool = False
    shortcut: bool = False
    kept: int = 0

    @property
    def weights(self) -> int:
        """The number of weights of convolutions or fully connected layers."""
        return self.times * self.taps * self.inputs * self.outputs // self.groups

    @property
    def floats(self) -> int:
        """The number of outputs."""
        return self.times * self.outputs * self.pixels

    @property
    def name(self) -> str:
        """The kind, one of KINDS, under which the operations are counted."""
        return "projection" if self.shortcut and self.kind == "conv" else self.kind


@dataclass(slots=True)
class Tally:
    """Sums over layers, for one image.

    parameters: by kind, one of PARAMETERS. Biases of convolutions and fully connected layers are a kind of their own;
    normalisation includes its scale and shift. operations: by kind, one of KINDS. A multiply-accumulate counts as one;
    normalisation takes two per number (scale and shift), a ReLU, an addition or a bias one, and pooling one for every number
    in its window. kept: bytes that autograd stores for the backward pass.
    """

    parameters: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARAMETERS, 0))
    operations: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    kept: int = 0

    def add(self, layers: Layers) -> None:
        name = layers.name
        match layers.kind:
            case "conv" | "linear":
                self.parameters[name] += layers.weights
                self.operations[name] += layers.weights * layers.pixels
                if layers.bias:
                    self.parameters["bias"] += layers.times * layers.outputs
                    self.operations["bias"] += layers.floats
            case "norm":
                self.parameters["norm"] += 2 * layers.times * layers.outputs
                self.operations["norm"] += 2 * layers.floats
            case _:
                self.operations[name] += layers.taps * layers.floats
        self.kept += layers.times * layers.kept

    @property
    def all_parameters(self) -> int:
        return sum(self.parameters.values())

    @property
    def conv_weights(self) -> int:
        return self.parameters["conv"] + self.parameters["projection"]

    def work(self, unit: str, counted: Iterable[str]) -> int:
        """Operations of the kinds in `counted`, in "macs" or "flops"."""
        return self.macs(counted) if unit == "macs" else self.flops(counted)

    def macs(self, counted: Iterable[str] = PRODUCTS) -> int:
        """Operations of the kinds in `counted`; a multiply-accumulate counts as one."""
        return sum(self.operations[name] for name in counted)

    def flops(self, counted: Iterable[str] = PRODUCTS) -> int:
        """Operations of the kinds in `counted`; a multiply-accumulate counts as two, as in torch's FlopCounterMode."""
        return sum(self.operations[name] * (2 if name in PRODUCTS else 1) for name in counted)


def tally(layers: Iterable[Layers]) -> Tally:
    """The tally of all these layers."""
    total = Tally()
    for each in layers:
        total.add(each)
    return total


def total(parts: Iterable[Tally]) -> Tally:
    """The sum of several tallies."""
    whole = Tally()
    for part in parts:
        for name, value in part.parameters.items():
            whole.parameters[name] += value
        for name, value in part.operations.items():
            whole.operations[name] += value
        whole.kept += part.kept
    return whole


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a network.

    shape: (channels, height, width) of the output. sees: side in image pixels of the receptive field of an output, through
    the branches; None after a layer whose every output depends on the whole image. step: distance in image pixels between
    neighbouring outputs.
    """

    name: str
    blocks: int
    layers: tuple[Layers, ...]
    shape: tuple[int, int, int]
    sees: int | None
    step: int

    @property
    def field(self) -> int | str:
        """The receptive field as every table and file says it: its side in pixels, or "all" for the whole image."""
        return "all" if self.sees is None else self.sees


class Path:
    """Records the layers that an image passes through. While `times` is n, each added layer counts n times (n equal blocks)."""

    def __init__(self, channels: int, side: int, bias: bool = False, norm: bool = True) -> None:
        self.channels, self.side, self.bias, self.normed = channels, side, bias, norm
        self.times, self.sees, self.step = 1, 1, 1
        self.whole = False  # an output depends on the whole image
        self.image = FLOAT * channels * side * side  # bytes of the image; 0 once a layer has stored it
        self.stages: list[Stage] = []
        self.noted: list[Layers] = []

    def conv(self, outputs: int, kernel: int, stride: int = 1, *, groups: int = 1) -> None:
        """Add a convolution, padded so that only its stride makes the image smaller. The first one stores the image; the
        inputs of the others are stored already."""
        inputs, self.channels = self.channels, outputs
        self._window(kernel, stride, kernel // 2)
        self._note("conv", inputs, kernel * kernel, groups=groups, bias=self.bias, kept=self.image)
        self.image = 0

    def norm(self) -> None:
        """Add a normalisation, if this path has any; it stores its input."""
        if self.normed:
            self._note("norm", self.channels, kept=FLOAT * self.channels * self.side**2)

    def relu(self, *, dropout: bool = False) -> None:
        """Add a ReLU; it stores its output, and with dropout after it also a factor for each number."""
        kept = FLOAT * self.channels * self.side**2
        self._note("relu", self.channels, kept=kept * (2 if dropout else 1))

    def max_pool(self, kernel: int, stride: int, padding: int = 0, *, copied: bool = False) -> None:
        """Add max pooling; it stores the index of each maximum, and its output unless the next layer works on a copy."""
        self._window(kernel, stride, padding)
        kept = (INDEX + (0 if copied else FLOAT)) * self.channels * self.side**2
        self._note("pool", self.channels, kernel * kernel, kept=kept)

    def average(self, kernel: int, stride: int) -> None:
        """Add average pooling; it stores its input."""
        kept = FLOAT * self.channels * self.side**2
        self._window(kernel, stride, 0)
        self._note("pool", self.channels, kernel * kernel, kept=kept)

    def average_all(self) -> None:
        """Add global average pooling, with one output per channel; it stores nothing."""
        pixels, self.side, self.whole = self.side**2, 1, True
        self._note("pool", self.channels, pixels)

    def average_to(self, side: int) -> None:
        """Add average pooling to side x side outputs, over windows that may overlap; its input is stored already."""
        windows = sum(-(-(i + 1) * self.side // side) - i * self.side // side for i in range(side))
        self.side = side
        self.note(Layers("pool", self.channels, self.channels, windows**2))

    def linear(self, outputs: int, *, last: bool = False) -> None:
        """Add a fully connected layer; it stores its input. After the `last`, the loss stores a log-probability per class."""
        inputs, self.channels, self.side = self.channels * self.side**2, outputs, 1
        self.whole = True
        self._note("linear", inputs, bias=True, kept=FLOAT * (inputs + outputs * last))

    def shortcut(self, inputs: int, *, project: bool, norm: bool) -> None:
        """Add the projection of a shortcut, if any, and the sum. Call it after the branch has been added."""
        if project:
            outputs, pixels = self.channels, self.side**2
            self.note(Layers("conv", inputs, outputs, pixels, self.times, bias=self.bias, shortcut=True))
            if norm and self.normed:
                kept = FLOAT * outputs * pixels
                self.note(Layers("norm", outputs, outputs, pixels, self.times, shortcut=True, kept=kept))
        self._note("add", self.channels)

    def note(self, *layers: Layers) -> None:
        self.noted += layers

    def end(self, name: str, blocks: int = 1) -> None:
        """Close a stage of this name: all layers added since the last call of `end`."""
        layers, self.noted = tuple(self.noted), []
        shape, sees = (self.channels, self.side, self.side), None if self.whole else self.sees
        self.stages.append(Stage(name, blocks, layers, shape, sees, self.step))

    def _window(self, kernel: int, stride: int, padding: int) -> None:
        self.side = (self.side + 2 * padding - kernel) // stride + 1
        self.sees += self.times * (kernel - 1) * self.step
        self.step *= stride

    def _note(
        self, kind: Kind, inputs: int, taps: int = 1, *, groups: int = 1, bias: bool = False, kept: int = 0
    ) -> None:
        self.noted.append(Layers(kind, inputs, self.channels, self.side**2, self.times, taps, groups, bias, kept=kept))
