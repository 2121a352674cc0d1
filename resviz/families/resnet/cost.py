"""Parameters, multiply-accumulates and memory of a spec in closed form: nothing is built, and torch is not needed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

from resviz.count.cost import Cost
from resviz.count.layers import FLOAT
from resviz.families.resnet.spec import Spec
from resviz.nets.settings import EXPANSION, ORDERS


@dataclass(frozen=True)
class Count:
    """The counts of one network.

    `macs`: multiply-accumulates of the convolutions and the fully connected layer in one forward pass of one image.
    He 2015 calls these FLOPs (its Table 1); torch's FlopCounterMode reports twice as many.
    `activations`: floats that autograd stores per image for the backward pass: the image, the input of every
    normalisation, its mean and deviation if they are computed per image, the output of every activation (and the input,
    for GELU and SiLU), the pooled features, the loss's log-probabilities. With gates or dropout it is an upper bound.
    """

    parameters: int
    macs: int
    activations: int


@dataclass(frozen=True)
class _Convs:
    """`times` equal convolutions. `taps` is kernel height x width, `pixels` height x width of the output."""

    times: int
    inputs: int
    outputs: int
    taps: int
    pixels: int

    @property
    def weights(self) -> int:
        return self.times * self.inputs * self.outputs * self.taps

    @property
    def channels(self) -> int:
        return self.times * self.outputs

    @property
    def floats(self) -> int:
        return self.channels * self.pixels


@dataclass(frozen=True)
class Blocks:
    """`times` equal blocks, numbered from `first`, that take `inputs` channels of `pixels_in` pixels each."""

    first: int
    times: int
    inputs: int
    inner: int
    outputs: int
    pixels_in: int
    pixels: int
    strided: bool

    @property
    def changes(self) -> bool:
        """Whether the output has another shape than the input."""
        return self.inputs != self.outputs or self.strided

    @property
    def floats(self) -> int:
        return self.outputs * self.pixels

    def branch(self, block: str, taps: int) -> Iterator[_Convs]:
        if block == "bottleneck":  # its stride is in the 3x3, so the first 1x1 still works on `pixels_in`
            yield _Convs(self.times, self.inputs, self.inner, 1, self.pixels_in)
            yield _Convs(self.times, self.inner, self.inner, taps, self.pixels)
            yield _Convs(self.times, self.inner, self.outputs, 1, self.pixels)
        else:
            yield _Convs(self.times, self.inputs, self.outputs, taps, self.pixels)
            yield _Convs(self.times, self.outputs, self.outputs, taps, self.pixels)

    def projections(self, option: str, cut: tuple[int, ...] = ()) -> _Convs:
        """Return the projections on the shortcuts that are not cut; zero of them if the option needs none."""
        needed = option == "C" or (option == "B" and self.changes)
        return _Convs(self.connected(cut) * needed, self.inputs, self.outputs, 1, self.pixels)

    def gates(self, cut: tuple[int, ...] = ()) -> _Convs:
        """Return the gates on the shortcuts that are not cut."""
        return _Convs(self.connected(cut), self.outputs, self.outputs, 1, self.pixels)

    def connected(self, cut: tuple[int, ...]) -> int:
        return self.times - (bisect_left(cut, self.first + self.times) - bisect_left(cut, self.first))


def blocks_of(spec: Spec) -> Iterator[Blocks]:
    """Yield every stage in two parts: the block that changes the shape, and the others. At most six parts."""
    _, height, width = spec.input_shape
    first, inputs, pixels_in = 1, spec.width, height * width
    for stage, times in enumerate(spec.blocks_per_stage):
        if stage > 0:
            height, width = -(-height // 2), -(-width // 2)
        inner, pixels = spec.width * 2**stage, height * width
        outputs = inner * EXPANSION[spec.block]
        yield Blocks(first, 1, inputs, inner, outputs, pixels_in, pixels, stage > 0)
        yield Blocks(first + 1, times - 1, outputs, inner, outputs, pixels, pixels, False)
        first, inputs, pixels_in = first + times, outputs, pixels


def _statistics(norm: str, channels: int) -> int:
    """Return the floats that a normalisation stores besides its input: mean and deviation of each group of each image."""
    return {"batch": 0, "layer": 2, "group": 2 * gcd(4, channels)}[norm]  # batch statistics are shared by all images


def count(spec: Spec, arm: str) -> Count:
    """Count the network of one arm, "plain" or "residual". Raises ValueError for any other.

    The plain arm has no shortcuts, so no projections. A projection whose shortcut is cut still has its parameters,
    but nothing passes through it.

    >>> count(Spec(depth=20, stages=3, dataset="cifar10"), "residual").parameters  # He 2015, section 4.2
    269722
    """
    if arm not in ("plain", "residual"):
        raise ValueError(f"arm {arm!r}: allowed is plain or residual")
    channels, height, width = spec.input_shape
    classes, plain = spec.data.classes, arm == "plain" or spec.block == "plain"
    made = _layers_of(spec, plain=plain)
    features = made.path[-1].outputs
    parameters = sum(c.weights for c in made.path + made.projections + made.gates) + (features + 1) * classes
    parameters += sum(c.channels for c in made.gates)  # their biases
    if spec.norm != "none":
        # For every convolution of the path there is a normalisation with as many channels as its output.
        normed = made.path + (made.projections if ORDERS[spec.order].sums_normed else [])
        parameters += 2 * sum(c.channels for c in normed)
    return Count(
        parameters=parameters,
        macs=sum(c.weights * c.pixels for c in made.path + made.connected + made.open_gates) + features * classes,
        activations=channels * height * width + _saved(spec, made, plain=plain) + features + classes,
    )


@dataclass(frozen=True)
class _Layers:
    """The convolutions of a network: on the path, and on the shortcuts (all of them, and those that are not cut)."""

    blocks: list[Blocks]
    cut: tuple[int, ...]
    path: list[_Convs]
    projections: list[_Convs]
    connected: list[_Convs]
    gates: list[_Convs]
    open_gates: list[_Convs]


def _layers_of(spec: Spec, *, plain: bool) -> _Layers:
    channels, height, width = spec.input_shape
    taps, image = spec.kernel**2, height * width
    option = "A" if plain else spec.shortcut  # A has no projections
    gated = spec.gate != "none" and not plain
    blocks = list(blocks_of(spec))
    cut = tuple(sorted(set(spec.cut) - set(spec.remove)))  # a removed block leaves only its shortcut, cut or not
    return _Layers(
        blocks,
        cut,
        path=[
            _Convs(1, channels, spec.width, taps, image),
            _Convs(spec.stem_convs - 1, spec.width, spec.width, taps, image),
            *(convs for b in blocks for convs in b.branch(spec.block, taps)),
        ],
        projections=[b.projections(option) for b in blocks],
        connected=[b.projections(option, cut) for b in blocks],
        gates=[b.gates() for b in blocks if gated],
        open_gates=[b.gates(cut) for b in blocks if gated],
    )


def _saved(spec: Spec, made: _Layers, *, plain: bool) -> int:
    """Return the floats stored per image for the backward pass, between the input and the average pooling."""
    order, has_norm = ORDERS[spec.order], spec.norm != "none"
    last = made.path[-1].outputs * made.path[-1].pixels
    outputs = sum(c.floats for c in made.path)
    kept = outputs
    if has_norm:
        normed = made.path + (made.connected if order.sums_normed else [])
        kept += sum(c.floats + c.times * _statistics(spec.norm, c.outputs) for c in normed)
    keeps_inputs = spec.activation in ("gelu", "silu")  # activations that store their input
    if keeps_inputs:
        kept += outputs - last  # average pooling stores nothing of the last layer's output
    if not order.before and not order.after and not keeps_inputs:
        # The last activation of a branch stores its output. The next block's first convolution stores the block's output,
        # which is another tensor if something is added to the branch or the branch is scaled. (With GELU and SiLU only
        # one of the two is stored, as everywhere.)
        apart = 0 if plain else sum(b.connected(made.cut) * b.floats for b in made.blocks)
        ends_apart = not plain and spec.blocks not in made.cut
        if spec.branch_scale != 1.0:
            apart, ends_apart = sum(b.times * b.floats for b in made.blocks), True
        kept += apart - (last if made.blocks and ends_apart else 0)
    if order.before and not (has_norm and "norm" in order.before) and not keeps_inputs:
        # The first activation of a block reads x itself, out of place. Leaky ReLU stores x, and so does a projection.
        for b, c in zip(made.blocks, made.connected, strict=True):
            kept += (b.times if spec.activation == "leaky_relu" else c.times) * b.inputs * b.pixels_in
    if not plain:
        extra = {"none": 0, "shortcut_only": 2, "exclusive": 3}[spec.gate] + (spec.shortcut_dropout > 0)
        kept += extra * sum(b.connected(made.cut) * b.floats for b in made.blocks)
    return kept


def cost(spec: Spec) -> Cost:
    """Return the cost of training both arms of a spec, with changes during training. A removed block counts as present."""
    # The backward pass computes each product of the forward pass twice: for the weights and for the input.
    passes = 3
    macs, most = 0, 0
    ends = [*(after for after, _ in spec.segments[1:]), spec.steps]
    for (after, now), end in zip(spec.segments, ends, strict=True):
        # Copies of the weights: the weights themselves, their gradients, and momentum (SGD) or two moments (Adam).
        copies = 2 + (2 if now.optimizer != "sgd" else int(now.momentum > 0))
        counts = [count(now, arm) for arm in ("plain", "residual")]
        macs += passes * sum(c.macs for c in counts) * spec.batch * (end - after)
        most = max(most, FLOAT * sum(c.activations * spec.batch + c.parameters * copies for c in counts))
    return Cost(macs, most, layer_steps=2 * spec.depth * spec.steps)
