"""A count as text: tables, findings, comparisons, and what other tools would count."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resviz.count.layers import KINDS
from resviz.topics.calculator.architectures import Counted, Part, count
from resviz.topics.calculator.claims import network_error
from resviz.topics.calculator.presets import HOW
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.terms import comparisons, other_kind, terms
from resviz.words.say import enumerated, percent
from resviz.words.text import table

HEAD = ("stage", "blocks", "output", "parameters", "operations", "training memory, bytes", "sees, pixels")
UNITS = {"macs": "MACs", "flops": "FLOPs"}


def short(number: float, unit: str = "") -> str:
    """Format a number with three digits: 25557032 is "25.6 M"."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= 0.9995 * size:
            return f"{_three(number / size)} {letter}{unit}"
    return f"{number:,.0f} {unit}".strip()


def _three(value: float) -> str:
    texts = [f"{value:.{places}f}" for places in (2, 1, 0)]
    return next((text for text in texts if len(text) <= len("1.23")), texts[-1])


# -- tables --------------------------------------------------------------------------------------


def head(spec: CountSpec) -> list[str]:
    """Return the column names of the table."""
    return [UNITS[spec.unit] if name == "operations" else name for name in HEAD]


def rows(counted: Counted) -> list[list[str]]:
    """Return every stage and their sum with exact numbers, as rows of text."""
    return [
        [
            part.stage.name,
            f"{part.stage.blocks:,}" if part.stage.name != "total" else "",
            " × ".join(map(str, part.stage.shape)),
            f"{part.sums.all_parameters:,}",
            f"{counted.operations(part):,}",
            f"{part.sums.kept:,}",
            f"{part.stage.sees:,}" if part.stage.sees else str(part.stage.field),
        ]
        for part in (*counted.parts, counted.total)
    ]


def to_csv(counted: Sequence[Counted]) -> str:
    """Return all stages of all networks as CSV, one a line."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = [name for name, _ in _numbers(counted[0], counted[0].total)]
    writer.writerow(["network", "stage", *names])
    for each in counted:
        for part in (*each.parts, each.total):
            values = [value for _, value in _numbers(each, part)]
            writer.writerow(
                [
                    each.spec.label,
                    part.stage.name,
                    *("x".join(map(str, v)) if isinstance(v, list) else v for v in values),
                ]
            )
    return file.getvalue()


def to_markdown(counted: Sequence[Counted]) -> str:
    """Return a Markdown table for each network."""
    text = []
    for each in counted:
        stages = table(head(each.spec), rows(each), numbers=range(1, len(HEAD)))
        text += [f"### {each.spec.label}", "", stages, "", how(each.spec), ""]
    return "\n".join(text)


def to_text(counted: Counted) -> str:
    """Return a network as a table with its finding, or a block as terms with comparisons, for a terminal."""
    spec, total = counted.spec, counted.total
    if spec.net != "block":
        return "\n\n".join([spec.label, _aligned([head(spec), *rows(counted)], 1), how(spec), network_finding(counted)])
    lines = [["layer", "formula", "with numbers", *head(spec)[3:5]]]
    lines += [[t.layer, t.formula, t.figures, f"{t.parameters:,}", f"{t.operations:,}"] for t in terms(counted)]
    lines.append(["total", "", "", f"{total.sums.all_parameters:,}", f"{counted.operations(total):,}"])
    pairs = [
        f"{c.title}: {spec.block} {c.this} = {c.this_weights:,} weights, {other_kind(spec)} {c.that} = {c.that_weights:,}, "
        f"{c.ratio:.3g} times as many"
        for c in comparisons(spec)
    ]
    return "\n\n".join([spec.label, _aligned(lines, 3), how(spec), "\n".join(pairs)])


def _aligned(table: Sequence[Sequence[str]], left: int) -> str:
    """Align a table in columns: the first `left` columns to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if i < left else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in table
    )


def as_json(counted: Counted) -> dict[str, Any]:
    """Return the sums of the network and of every stage, as the command line prints them."""
    spec = counted.spec
    sums = dict(_numbers(counted, counted.total))
    del sums["blocks"], sums["shape"], sums["receptive_field"]
    return {
        "network": spec.label,
        "settings": spec.words(),
        "convention": spec.convention,
        "counted": list(spec.counted),
        **sums,
        "parameters": counted.total.sums.parameters,
        "operations": counted.total.sums.operations,
        "stages": [{"name": part.stage.name, **dict(_numbers(counted, part))} for part in counted.parts],
    }


def _numbers(counted: Counted, part: Part) -> list[tuple[str, Any]]:
    sums, kinds = part.sums, counted.spec.counted
    return [
        ("blocks", part.stage.blocks),
        ("shape", list(part.stage.shape)),
        ("params", sums.all_parameters),
        ("conv_weights", sums.conv_weights),
        ("macs", sums.macs(kinds)),
        ("flops", sums.flops(kinds)),
        ("activation_bytes", sums.kept),
        ("receptive_field", part.stage.field),
    ]


def how(spec: CountSpec) -> str:
    """Return a sentence about what is counted, and in which unit."""
    left = [KINDS[name] for name in KINDS if name not in spec.counted]
    unit = "MACs, multiply-accumulates" if spec.unit == "macs" else "FLOPs, two for a multiply-accumulate"
    stride = "in the 3x3" if spec.convention == "v1.5" else "in the first 1x1"
    kinds = " + ".join(KINDS[name] for name in spec.counted) or "nothing"
    bottlenecks = f"; bottlenecks have their stride {stride}" if spec.block == "bottleneck" else ""
    return f"In the {unit}: {kinds}{bottlenecks}. Left out: {', '.join(left) or 'nothing'}. Every parameter is counted."


# -- findings ------------------------------------------------------------------------------------


def network_finding(counted: Counted) -> str:
    """Return which stages have the most parameters, work and memory."""
    total = counted.total
    work = counted.operations(total)
    most = max(counted.parts, key=lambda p: p.sums.all_parameters)
    busiest = max(counted.parts, key=counted.operations)
    fullest = max(counted.parts, key=lambda p: p.sums.kept)
    label = counted.spec.label
    kept = percent(most.sums.all_parameters / total.sums.all_parameters)
    text = f"**{label}** has {kept} of its parameters in {_the(most)}"
    if not work:
        return f"{text}; nothing of what it does is counted."
    share = counted.operations(most) / work
    if most is busiest:
        text += f", which does the most work too: {percent(share)}"
    else:
        text += (
            f", which does {percent(share)} of the work; {_the(busiest)} does the most, "
            f"{percent(counted.operations(busiest) / work)}, "
            f"with {percent(busiest.sums.all_parameters / total.sums.all_parameters)} of the parameters"
        )
    return f"{text}. {_the(fullest).capitalize()} needs the most memory to train, {percent(fullest.sums.kept / total.sums.kept)}."


def _the(part: Part) -> str:
    name = part.stage.name
    return name if name[-1].isdigit() else f"the {name}"


def comparison(one: Counted, other: Counted) -> str:
    """Compare two networks in words, with their published errors where both have one."""
    pairs = (
        ("parameters", one.total.sums.all_parameters, other.total.sums.all_parameters),
        (UNITS[one.spec.unit], one.operations(one.total), other.operations(other.total)),
        ("memory to train", one.total.sums.kept, other.total.sums.kept),
    )
    says = [_more(name, a, b) for name, a, b in pairs if a and b]
    text = f"Beside **{other.spec.label}**, **{one.spec.label}** has {enumerated(says)}."
    errors = [network_error(each.spec.own_words) for each in (one, other)]
    if errors[0] and errors[1] and errors[0].data == errors[1].data:
        a, b = errors[0], errors[1]
        first = f"{a.error:.2f}%" + (f" ({a.source})" if a.source != b.source else "")
        text += f" Their published errors on {a.data}: {first} and {b.error:.2f}% ({b.source})."
    return text


# He 2015, section 4.1: bottlenecks were chosen for depth. The same depth of basic blocks, in stages of the same shares.
DEPTHS: tuple[dict[str, str], ...] = (
    {"net": "resnet34"},
    {"net": "resnet50"},
    {"net": "resnet152"},
    {"net": "custom", "block": "basic", "stages": "4x64,12x128,54x256,5x512"},
    {"net": "custom", "block": "basic", "stages": "4x256,12x512,54x1024,5x2048"},
)


def depths(spec: CountSpec) -> list[Counted]:
    """Count ResNet-34, ResNet-50, and 152 layers three times: of bottlenecks, and of basic blocks as wide as the bottlenecks are
    inside, and outside. Counted as `spec` says."""
    return [count(CountSpec.of({**words, **{name: getattr(spec, name) for name in HOW}})) for words in DEPTHS]


def depths_finding(found: Sequence[Counted]) -> str:
    """Return what bottlenecks save at depth 152, at equal width inside and outside."""
    *_, bottleneck, inside, outside = found
    one = bottleneck.total.sums
    texts = [
        f"as wide as its blocks are {where}, {_three(other.all_parameters / one.all_parameters)} times the parameters and "
        f"{_three(other.kept / one.kept)} times the memory to train"
        for where, other in (("inside", inside.total.sums), ("outside", outside.total.sums))
    ]
    return f"152 layers of basic blocks instead of **ResNet-152** take, {texts[0]}; {texts[1]}."


def brief(found: Sequence[Counted]) -> list[list[str]]:
    """Return a row for each network: its name, and its three sums."""
    return [
        [
            each.spec.label,
            short(each.total.sums.all_parameters),
            short(each.operations(each.total)),
            short(each.total.sums.kept, "B"),
        ]
        for each in found
    ]


RATIOS = ("less than half", "fewer", "as many or more", "more than twice")


def ratio_of_parameters(one: Counted, other: Counted) -> tuple[str, str]:
    """Return which of RATIOS compares the parameters of the two networks, and a sentence with the numbers."""
    a, b = (each.total.sums.all_parameters for each in (one, other))
    place = 0 if 2 * a < b else 1 if a < b else 2 if a <= 2 * b else 3
    return RATIOS[place], f"{one.spec.label} has {short(a)}, {other.spec.label} {short(b)}."


def _more(name: str, a: int, b: int) -> str:
    if a == b:
        return f"exactly as much {name}" if name.startswith("memory") else f"exactly as many {name}"
    ratio = a / b
    if abs(ratio - 1) < 5e-5:
        return f"almost exactly as {'much' if name.startswith('memory') else 'many'} {name}"
    less = "less" if name.startswith("memory") else "fewer"
    if 0.5 < ratio < 2:
        return f"{percent(abs(ratio - 1))} {'more' if ratio > 1 else less} {name}"
    return f"{_factor(ratio)} times the {name}" if ratio >= 2 else f"{_factor(1 / ratio)} times {less} {name}"


def _factor(value: float) -> str:
    return f"{value:.3g}" if value < 999.5 else f"{float(f'{value:.3g}'):,.0f}"


# -- why tools disagree --------------------------------------------------------------------------

HE_2015_TABLE_1 = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")


@dataclass(frozen=True)
class Step:
    """One more kind of operation counted: what it adds, the sum so far, and who counts that way."""

    what: str
    adds: int
    total: int
    who: str


def tools(spec: CountSpec) -> list[Step]:
    """Return the counts of this network in use, from smallest to largest; steps that add nothing are left out."""
    sums = {name: count(spec.replace(convention=name)).total.sums for name in ("v1", "v1.5")}
    v1, v15 = sums["v1"].macs(), sums["v1.5"].macs()
    operations = sums["v1.5"].operations
    moves = v1 != v15
    printed = spec.net in HE_2015_TABLE_1 and spec.own_words == {"net": spec.net}  # exactly the network in that table
    steps = [
        Step(
            "products of convolutions and of the last layers" + (", stride in the first 1×1" if moves else ""),
            v1,
            v1,
            "He 2015, Table 1 (called FLOPs there)" if printed else "" if moves else "torchvision",
        )
    ]

    def more(what: str, adds: int, who: str) -> None:
        if adds:
            steps.append(Step(what, adds, steps[-1].total + adds, who))

    more("stride in the 3×3 instead", v15 - v1, "torchvision")
    more("normalisation, two for every number", operations["norm"], "tools that look at every layer")
    more("ReLU, one for every number", operations["relu"], "tools that look at every layer")
    more("pooling, one for every number looked at", operations["pool"], "")
    more("additions of shortcuts, and biases", operations["add"] + operations["bias"], "")
    steps.append(Step("or: the products alone, each as two FLOPs", v15, 2 * v15, "torch’s FlopCounterMode"))
    return steps


def tool_rows(counted: Counted) -> list[list[str]]:
    """Return these counts as table rows; the sum of the current settings is bold."""
    here = counted.operations(counted.total)
    return [
        [
            step.what,
            f"{step.adds:,}",
            f"**{step.total:,}**" if step.total == here else f"{step.total:,}",
            f"**{short(step.total)}**" if step.total == here else short(step.total),
            step.who,
        ]
        for step in tools(counted.spec)
    ]
