"""The terms of a counted block, and its comparison with a block of the other kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resviz.count.layers import Layers, tally
from resviz.topics.calculator.architectures import Counted, convs_of
from resviz.topics.calculator.question import CountSpec


@dataclass(frozen=True)
class Term:
    """One layer of a block. formula: in words; figures: with numbers. sees: side of its receptive field, in pixels of x."""

    layer: str
    formula: str
    figures: str
    parameters: int
    operations: int
    sees: int


def terms(counted: Counted) -> list[Term]:
    """Return every term of a block's sum: convolutions, projection, normalisations, biases, and layers without parameters whose
    operations are counted. Terms that the block lacks are left out."""
    spec, layers = counted.spec, counted.parts[0].stage.layers
    found: list[Term] = []

    def term(layer: str, formula: str, figures: str, of: Sequence[Layers], kind: str, sees: int = 0) -> None:
        """Add a term: the parameters and operations of one of KINDS in some layers."""
        sums = tally(of)
        work = sums.work(spec.unit, [kind] if kind in spec.counted else [])
        found.append(Term(layer, formula, figures, sums.parameters.get(kind, 0), work, sees))

    sees, step, taken = 1, 1, "in"
    plan = convs_of(spec, spec.inner, spec.stride)
    branch = [each for each in layers if each.name == "conv"]
    for number, (each, (_, kernel, stride, groups)) in enumerate(zip(branch, plan, strict=True), start=1):
        sees += (kernel - 1) * step
        step *= stride
        given = "inside" if number < len(plan) else "out"
        formula = f"{'9 · ' if kernel == 3 else ''}{taken} · {given}{' / groups' if groups > 1 else ''}"
        split = f", {groups:,} groups" if groups > 1 else ""
        term(f"{kernel}×{kernel}, {_widths(each, stride)}{split}", formula, _figures(each), [each], "conv", sees)
        taken = given
    for each in layers:
        if each.name == "projection":
            layer = f"1×1 on the shortcut, {_widths(each, spec.stride)}"
            term(layer, "in · out", _figures(each), [each], "projection", 1)
    if norms := [each for each in layers if each.kind == "norm"]:
        term("normalisations", "2 for every channel", f"2 · ({_summed(norms)})", norms, "norm")
    if biases := [each for each in layers if each.bias]:
        term("biases", "1 for every channel", _summed(biases), biases, "bias")
    for kind, layer in (("relu", "ReLU"), ("add", "the sum")):
        if kind in spec.counted and (of := [each for each in layers if each.kind == kind]):
            term(layer, "1 for every number", "", of, kind)
    return found


def _widths(layers: Layers, stride: int) -> str:
    return f"{layers.inputs:,} → {layers.outputs:,}" + (f", stride {stride}" if stride > 1 else "")


def _summed(layers: Sequence[Layers]) -> str:
    return " + ".join(f"{each.outputs:,}" for each in layers)


def _figures(layers: Layers) -> str:
    split = f" / {layers.groups:,}" if layers.groups > 1 else ""
    taps = f"{layers.taps} · " if layers.taps > 1 else ""
    return f"{taps}{layers.inputs:,} · {layers.outputs:,}{split}"


def other_kind(spec: CountSpec) -> str:
    """Return the kind of block that this one is compared with."""
    return "basic" if spec.block == "bottleneck" else "bottleneck"


@dataclass(frozen=True)
class Comparison:
    """Weights of this block and of the other kind, both with as many channels in as out. this, that: formulas with numbers."""

    title: str
    this: str
    this_weights: int
    that: str
    that_weights: int

    @property
    def ratio(self) -> float:
        """The weights of the other kind divided by those of this block."""
        return self.that_weights / self.this_weights


def comparisons(spec: CountSpec) -> list[Comparison]:
    """Compare the block with the other kind at equal width outside, and at equal width inside."""
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
