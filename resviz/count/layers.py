"""Stacks of equal layers in closed form: parameters, operations, memory for training. Nothing is built, and torch is not
needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

FLOAT = 4  # bytes of a float32
INDEX = 8  # bytes of an int64, which max pooling keeps for every number that it gives

Kind = Literal["conv", "linear", "norm", "relu", "pool", "add"]
# What an operation may be of. A projection is the convolution on a shortcut.
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
PRODUCTS = ("conv", "projection", "linear")  # what is made of multiply-accumulates
PARAMETERS = ("conv", "projection", "norm", "linear", "bias")


@dataclass(slots=True)  # not frozen: setting its fields would take as long as all the rest of a count
class Layers:
    """`times` equal layers, not to be changed.

    inputs, outputs: channels. pixels: height x width of what comes out. taps: numbers of one channel that each output looks
    at, 9 of a 3x3. kept: bytes that autograd keeps of one image for the backward pass because of one such layer.
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
        """Of convolutions and fully connected layers."""
        return self.times * self.taps * self.inputs * self.outputs // self.groups

    @property
    def floats(self) -> int:
        """Numbers that come out."""
        return self.times * self.outputs * self.pixels

    @property
    def name(self) -> str:
        """Which of KINDS its operations are of."""
        return "projection" if self.shortcut and self.kind == "conv" else self.kind


@dataclass(slots=True)
class Tally:
    """Sums over layers, for one image.

    parameters: by kind, one of PARAMETERS; the bias of convolutions and fully connected layers apart, normalisation with
    its scale and its shift. operations: by kind, one of KINDS. A multiply-accumulate is one of them; normalisation makes two
    per number (scale and shift), ReLU, an addition and a bias one, pooling one for every number under its window.
    kept: bytes that autograd keeps for the backward pass.
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
        """Operations of the kinds counted, in "macs" or "flops"."""
        return self.macs(counted) if unit == "macs" else self.flops(counted)

    def macs(self, counted: Iterable[str] = PRODUCTS) -> int:
        """Operations of the kinds counted, a multiply-accumulate as one."""
        return sum(self.operations[name] for name in counted)

    def flops(self, counted: Iterable[str] = PRODUCTS) -> int:
        """The same with a multiply-accumulate as two, as torch's FlopCounterMode has it."""
        return sum(self.operations[name] * (2 if name in PRODUCTS else 1) for name in counted)


def tally(layers: Iterable[Layers]) -> Tally:
    """Sum over layers."""
    total = Tally()
    for each in layers:
        total.add(each)
    return total


def total(parts: Iterable[Tally]) -> Tally:
    """Sum over sums."""
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

    shape: (channels, height, width) of what comes out. sees: pixels of the image, in a row, that one number of it depends
    on (its receptive field, through the branches). step: pixels of the image between two neighbours.
    """

    name: str
    blocks: int
    layers: tuple[Layers, ...]
    shape: tuple[int, int, int]
    sees: int
    step: int


class Path:
    """Follows an image through layers, and notes them. `times` repeats what is added while it is set: equal blocks."""

    def __init__(self, channels: int, side: int, bias: bool = False, norm: bool = True) -> None:
        self.channels, self.side, self.bias, self.normed = channels, side, bias, norm
        self.times, self.sees, self.step = 1, 1, 1
        self.image = FLOAT * channels * side * side  # bytes of it, until a layer has kept it
        self.stages: list[Stage] = []
        self.noted: list[Layers] = []

    def conv(self, outputs: int, kernel: int, stride: int = 1, *, groups: int = 1) -> None:
        """A convolution that pads so that only its stride makes the image smaller. The first one keeps the image; what others
        take has been kept."""
        inputs, self.channels = self.channels, outputs
        self._window(kernel, stride, kernel // 2)
        self._note("conv", inputs, kernel * kernel, groups=groups, bias=self.bias, kept=self.image)
        self.image = 0

    def norm(self) -> None:
        """Keeps what it takes."""
        if self.normed:
            self._note("norm", self.channels, kept=FLOAT * self.channels * self.side**2)

    def relu(self, *, dropout: bool = False) -> None:
        """Keeps what it gives; with dropout behind it, also a factor for each number."""
        kept = FLOAT * self.channels * self.side**2
        self._note("relu", self.channels, kept=kept * (2 if dropout else 1))

    def max_pool(self, kernel: int, stride: int, padding: int = 0, *, copied: bool = False) -> None:
        """Keeps where each maximum was, and what it gives unless the next layer works on a copy."""
        self._window(kernel, stride, padding)
        kept = (INDEX + (0 if copied else FLOAT)) * self.channels * self.side**2
        self._note("pool", self.channels, kernel * kernel, kept=kept)

    def average(self, kernel: int, stride: int) -> None:
        """Average pooling; keeps what it takes."""
        kept = FLOAT * self.channels * self.side**2
        self._window(kernel, stride, 0)
        self._note("pool", self.channels, kernel * kernel, kept=kept)

    def average_all(self) -> None:
        """One number for each channel; keeps nothing."""
        pixels, self.side = self.side**2, 1
        self._note("pool", self.channels, pixels)

    def average_to(self, side: int) -> None:
        """Averages over a grid of windows that may overlap, whatever comes in; what it takes has been kept."""
        windows = sum(-(-(i + 1) * self.side // side) - i * self.side // side for i in range(side))
        self.side = side
        self.note(Layers("pool", self.channels, self.channels, windows**2))

    def linear(self, outputs: int, *, last: bool = False) -> None:
        """Takes all numbers in a row, and keeps them. Behind the last one the loss keeps a log-probability for each class."""
        inputs, self.channels, self.side = self.channels * self.side**2, outputs, 1
        self._note("linear", inputs, bias=True, kept=FLOAT * (inputs + outputs * last))

    def shortcut(self, inputs: int, *, project: bool, norm: bool) -> None:
        """What the shortcut needs, and the sum. To be called when the branch has been noted."""
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
        """What has been noted since the last end is a stage of this name."""
        layers, self.noted = tuple(self.noted), []
        self.stages.append(Stage(name, blocks, layers, (self.channels, self.side, self.side), self.sees, self.step))

    def _window(self, kernel: int, stride: int, padding: int) -> None:
        self.side = (self.side + 2 * padding - kernel) // stride + 1
        self.sees += self.times * (kernel - 1) * self.step
        self.step *= stride

    def _note(
        self, kind: Kind, inputs: int, taps: int = 1, *, groups: int = 1, bias: bool = False, kept: int = 0
    ) -> None:
        self.noted.append(Layers(kind, inputs, self.channels, self.side**2, self.times, taps, groups, bias, kept=kept))
