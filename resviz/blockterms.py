"""A counted block term by term, and beside a block of the other kind."""

from __future__ import annotations

from dataclasses import dataclass

from resviz.architectures import Counted
from resviz.counting import Layers
from resviz.countspec import CountSpec


@dataclass(frozen=True)
class Term:
    """One layer of a block. formula: in words; figures: the same with the numbers put in. sees: pixels of x, in a row."""

    layer: str
    formula: str
    figures: str
    parameters: int
    operations: int
    sees: int


def terms(counted: Counted) -> list[Term]:
    """Every term of a block's sum: its convolutions, the projection, all normalisations, biases. Terms that are 0 are left
    out; so are operations without parameters, which `rest` counts."""
    spec, layers = counted.spec, counted.parts[0].stage.layers
    found: list[Term] = []
    sees, step, names = 1, 1, _channel_names(spec)
    strides = _strides(spec)
    convs = [each for each in layers if each.name == "conv"]
    for each, stride, (taken, given) in zip(convs, strides, names, strict=True):
        kernel = 3 if each.taps == 9 else 1
        sees += (kernel - 1) * step
        step *= stride
        split = each.groups > 1
        layer = f"{kernel}×{kernel}, {each.inputs:,} → {each.outputs:,}" + (f", stride {stride}" if stride > 1 else "")
        layer += f", {each.groups:,} groups" if split else ""
        formula = f"{'9 · ' if kernel == 3 else ''}{taken} · {given}{' / groups' if split else ''}"
        found.append(Term(layer, formula, _figures(each), each.weights, _counts(spec, each), sees))
    for each in layers:
        if each.name == "projection":
            formula = "in · out"
            layer = f"1×1 on the shortcut, {each.inputs:,} → {each.outputs:,}" + (
                f", stride {spec.stride}" if spec.stride > 1 else ""
            )
            found.append(Term(layer, formula, _figures(each), each.weights, _counts(spec, each), 1))
    norms = [each.outputs for each in layers if each.kind == "norm"]
    if norms:
        operations = sum(2 * each.floats for each in layers if each.kind == "norm" and "norm" in spec.counted)
        figures = f"2 · ({' + '.join(f'{n:,}' for n in norms)})"
        found.append(Term("normalisations", "2 for every channel", figures, 2 * sum(norms), operations, 0))
    biases = [each for each in layers if each.bias]
    if biases:
        operations = sum(each.floats for each in biases) if "bias" in spec.counted else 0
        figures = " + ".join(f"{each.outputs:,}" for each in biases)
        found.append(
            Term("biases", "1 for every channel", figures, sum(each.outputs for each in biases), operations, 0)
        )
    for name, layer in (("relu", "ReLU"), ("add", "the sum")):
        operations = sum(each.floats for each in layers if each.kind == name and name in spec.counted)
        if operations:
            found.append(Term(layer, "1 for every number", "", 0, operations, 0))
    return found


def _figures(layers: Layers) -> str:
    split = f" / {layers.groups:,}" if layers.groups > 1 else ""
    taps = f"{layers.taps} · " if layers.taps > 1 else ""
    return f"{taps}{layers.inputs:,} · {layers.outputs:,}{split}"


def _counts(spec: CountSpec, layers: Layers) -> int:
    """Multiply-accumulates of a convolution, in the spec's unit, if they are counted."""
    return layers.weights * layers.pixels * (2 if spec.unit == "flops" else 1) * (layers.name in spec.counted)


def _channel_names(spec: CountSpec) -> list[tuple[str, str]]:
    if spec.block == "bottleneck":
        return [("in", "inside"), ("inside", "inside"), ("inside", "out")]
    return [("in", "inside"), ("inside", "out")]


def _strides(spec: CountSpec) -> list[int]:
    if spec.block != "bottleneck":
        return [spec.stride, 1]
    return [spec.stride, 1, 1] if spec.convention == "v1" else [1, spec.stride, 1]


@dataclass(frozen=True)
class Comparison:
    """This block's weights against another kind's, both repeated: with as many channels in as out. formulas: with numbers."""

    title: str
    this: str
    this_weights: int
    that: str
    that_weights: int

    @property
    def ratio(self) -> float:
        """How many times as many weights the larger-named kind, the other one, has."""
        return self.that_weights / self.this_weights


def comparisons(spec: CountSpec) -> list[Comparison]:
    """The block against the other kind, at equal width outside, and at equal width inside: two different questions."""
    inside, out = spec.widths(spec.inner)
    split = f" / {spec.groups}" if spec.groups > 1 else ""
    if spec.block == "bottleneck":
        this = f"2 · {out:,} · {inside:,} + 9 · {inside:,}²{split}"
        weights = 2 * out * inside + 9 * inside**2 // spec.groups
        return [
            Comparison(f"Equal outside, {out:,} channels", this, weights, f"18 · {out:,}²", 18 * out**2),
            Comparison(f"Equal inside, {inside:,} channels", this, weights, f"18 · {inside:,}²", 18 * inside**2),
        ]
    this = f"18 · {out:,} · {inside:,}{split}" if inside != out else f"18 · {out:,}²{split}"
    weights = 18 * out * inside // spec.groups
    found = []
    if out % 4 == 0:
        narrow = out // 4
        that = f"2 · {out:,} · {narrow:,} + 9 · {narrow:,}²"
        found.append(
            Comparison(f"Equal outside, {out:,} channels", this, weights, that, 2 * out * narrow + 9 * narrow**2)
        )
    wide = 4 * inside
    that = f"2 · {wide:,} · {inside:,} + 9 · {inside:,}²"
    found.append(
        Comparison(f"Equal inside, {inside:,} channels", this, weights, that, 2 * wide * inside + 9 * inside**2)
    )
    return found
