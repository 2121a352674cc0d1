"""A block as text: its formula in LaTeX, its PyTorch code, its counts, and the finding."""

from __future__ import annotations

from math import gcd

from resviz.families.resnet.published import published
from resviz.nets.settings import ORDERS
from resviz.topics.block.question import BlockRecord, BlockSpec
from resviz.words.say import percent, times

_NORM = {"batch": r"\mathrm{BN}", "layer": r"\mathrm{LN}", "group": r"\mathrm{GN}", "none": ""}
_ACT = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "gelu": "GELU", "silu": "SiLU", "tanh": "tanh"}
_TORCH_NORM = {
    "batch": "nn.BatchNorm2d({c})",
    "layer": "nn.GroupNorm(1, {c})",
    "group": "nn.GroupNorm({g}, {c})",
}
_TORCH_ACT = {
    "relu": "functional.relu({})",
    "leaky_relu": "functional.leaky_relu({}, 0.01)",
    "gelu": "functional.gelu({})",
    "silu": "functional.silu({})",
    "tanh": "torch.tanh({})",
}
_TORCH_INIT = {
    "he": 'nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")',
    "xavier": "nn.init.xavier_normal_(module.weight)",
    "torch": "nn.init.kaiming_uniform_(module.weight, a=5**0.5)",
    "orthogonal": "nn.init.orthogonal_(module.weight, gain=2**0.5)",
}
_TORCH_INIT |= {"zero_gamma": _TORCH_INIT["he"], "fixup": _TORCH_INIT["he"]}


def convolutions(spec: BlockSpec) -> list[tuple[int, int, int, int]]:
    """(inputs, outputs, kernel, stride) of each convolution of F."""
    if spec.block == "bottleneck":
        return [
            (spec.inputs, spec.width, 1, 1),
            (spec.width, spec.width, 3, spec.stride),
            (spec.width, spec.outputs, 1, 1),
        ]
    return [(spec.inputs, spec.width, 3, spec.stride), (spec.width, spec.outputs, 3, 1)]


def _parts(spec: BlockSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of F and those after the sum; without normalisations if the spec has none."""
    order = ORDERS[spec.order]
    paths = order.branch(spec.convs_per_block), order.after
    before, after = (tuple(p for p in path if p != "norm" or spec.norm != "none") for path in paths)
    return before, after


def formula(spec: BlockSpec) -> str:
    """Return the formula of y for this block in LaTeX: W are convolutions, * applies one, P pads with zeros, g is the gate."""
    branch, after = _parts(spec)
    text, number = "x", 0
    for part in branch:
        if part == "conv":
            number += 1
            text = f"W_{number} * {text}"
        else:
            text = _call(part, spec, text)
    factor = spec.branch_scale != 1 or (spec.gate == "exclusive" and spec.block != "plain")
    f = f"{_number(spec.branch_scale)}{_grouped(text, factor)}"
    if spec.block == "plain":
        total = f
    else:
        if spec.gate == "exclusive":
            f = rf"g \odot {f}"
        path = _shortcut_term(spec)
        if spec.gate != "none":
            path = rf"(1 - g) \odot {path}"
        if spec.shortcut_dropout:
            path = rf"\mathrm{{dropout}}_{{{spec.shortcut_dropout:g}}}" + (
                path if path.startswith("(W") else f"({path})"
            )
        total = f"{_number(spec.shortcut_scale)}{path} + {f}"
    for part in after:
        total = _call(part, spec, total)
    if spec.gate == "none" or spec.block == "plain":
        return f"y = {total}"
    return rf"\begin{{gathered}} y = {total} \\ g = \sigma(W_g * {_shortcut_term(spec)} + b_g) \end{{gathered}}"


def _call(part: str, spec: BlockSpec, text: str) -> str:
    name = _NORM[spec.norm] if part == "norm" else rf"\mathrm{{{_ACT[spec.activation]}}}"
    big = text.count("(") > 1
    return rf"{name}\bigl({text}\bigr)" if big else f"{name}({text})"


def _number(value: float) -> str:
    return "" if value == 1 else rf"{value:g}\,"


def _grouped(text: str, needed: bool) -> str:
    return f"({text})" if needed and text.startswith("W") else text


def _shortcut_term(spec: BlockSpec) -> str:
    if spec.shortcut == "C" or (spec.shortcut == "B" and spec.changes):
        text = "W_s * x"
        return f"{_NORM[spec.norm]}({text})" if ORDERS[spec.order].sums_normed and spec.norm != "none" else f"({text})"
    return r"\mathrm{P}x" if spec.changes else "x"


def shortcut_in_words(spec: BlockSpec) -> str:
    """Return what the shortcut does to x, as a label for the drawing."""
    if spec.block == "plain":
        return "no shortcut"
    projects = spec.shortcut == "C" or (spec.shortcut == "B" and spec.changes)
    parts = ["1×1 convolution" if projects else "zero-padded" if spec.changes else "identity"]
    if spec.gate != "none":
        parts.append("times 1 − g")
    if spec.shortcut_dropout:
        parts.append(f"dropout {spec.shortcut_dropout:g}")
    if spec.shortcut_scale != 1:
        parts.append(f"times {spec.shortcut_scale:g}")
    return ", ".join(parts if len(parts) == 1 or projects or spec.changes else parts[1:])


def branch_name(spec: BlockSpec) -> str:
    """Return the branch's term of the sum, as text."""
    gate = "g · " if spec.gate == "exclusive" and spec.block != "plain" else ""
    scale = "" if spec.branch_scale == 1 else f"{spec.branch_scale:g} "
    return f"{gate}{scale}F(x)"


def numbers(record: BlockRecord) -> list[list[str]]:
    """Return a table of every part with its shape and numbers; its first row is the header."""
    head = ["part", "channels", "height", "width", "norm", "negative", "exactly 0"]
    rows = [[n.part, *map(str, n.shape), f"{n.norm:.5g}", f"{n.negative:.4f}", f"{n.zero:.4f}"] for n in record.nodes]
    return [head, *rows]


def code(spec: BlockSpec) -> str:
    """Return this block as PyTorch code with its initial weights; it runs with torch alone."""
    branch, after = _parts(spec)
    written = _Code(spec)
    for part in branch:
        written.put(part, "f")
    tail = _initial_weights(spec, written)
    if spec.block == "plain":
        written.steps.append(f"y = {_number_code(spec.branch_scale)}f")
    else:
        made, steps = _shortcut_code(spec)
        written.made += made
        written.steps += [*steps, "y = s + f"]
    for part in after:
        written.put(part, "y")

    label = ORDERS[spec.order].label
    first, second = ("x".join(map(str, shape)) for shape in spec.shapes)
    lines = [
        "import torch",
        "from torch import nn",
        "from torch.nn import functional",
        "",
        "",
        "class Block(nn.Module):",
        f'    """{label[:1].upper()}{label[1:]}: x {first} to y {second} (channels x height x width)."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for line in written.made),
        "        for module in self.modules():",
        "            if isinstance(module, nn.Conv2d):",
        f"                {_TORCH_INIT[spec.init]}",
        *(f"        {line}" for line in tail),
        "",
        "    def forward(self, x):",
        *(f"        {line}" for line in written.steps),
        "        return y",
        "",
        "",
        "block = Block()",
        f"x = torch.randn(1, {', '.join(map(str, spec.shapes[0]))})",
        'print(tuple(block(x).shape), f"{sum(p.numel() for p in block.parameters()):,} parameters")',
    ]
    return "\n".join(lines) + "\n"


class _Code:
    """Collects the code lines of a module: `made` creates its parts, `steps` is its forward pass."""

    def __init__(self, spec: BlockSpec) -> None:
        self.spec, self.convs = spec, convolutions(spec)
        self.made, self.steps = list[str](), list[str]()
        self.number, self.norms, self.channels = 0, 0, spec.inputs

    def put(self, part: str, into: str) -> None:
        """Write the next part; its result is assigned to the name `into`."""
        taken = into if self.steps else "x"
        if part == "conv":
            self.number += 1
            inputs, outputs, kernel, stride = self.convs[self.number - 1]
            strided = f", stride={stride}" if stride != 1 else ""
            padded = ", padding=1" if kernel == 3 else ""
            self.made.append(
                f"self.conv{self.number} = nn.Conv2d({inputs}, {outputs}, {kernel}{strided}{padded}, bias=False)"
            )
            self.steps.append(f"{into} = self.conv{self.number}({taken})")
            self.channels = outputs
        elif part == "norm":
            self.norms += 1
            norm = _TORCH_NORM[self.spec.norm].format(c=self.channels, g=gcd(4, self.channels))
            self.made.append(f"self.norm{self.norms} = {norm}")
            self.steps.append(f"{into} = self.norm{self.norms}({taken})")
        else:
            self.steps.append(f"{into} = " + _TORCH_ACT[self.spec.activation].format(taken))


def _initial_weights(spec: BlockSpec, branch: _Code) -> list[str]:
    """Return code lines for weights with initial values of their own. The branch must be written already."""
    found = []
    if spec.init == "zero_gamma":
        found.append(f"nn.init.zeros_(self.norm{branch.norms}.weight)  # the branch begins at 0")
    if spec.init == "fixup":
        found.append(f"nn.init.zeros_(self.conv{branch.number}.weight)  # the branch begins at 0")
    if spec.gate != "none" and spec.block != "plain":
        found.append(f"nn.init.constant_(self.gate.bias, {spec.gate_bias:g})")
    return found


def _number_code(value: float) -> str:
    return "" if value == 1 else f"{value!r} * "


def _shortcut_code(spec: BlockSpec) -> tuple[list[str], list[str]]:
    """Return code lines that create the modules of the shortcut, and lines that compute both terms of the sum."""
    made, steps = [], []
    inputs, outputs = spec.inputs, spec.outputs
    strided = f", stride={spec.stride}" if spec.stride != 1 else ""
    if spec.shortcut == "C" or (spec.shortcut == "B" and spec.changes):
        made.append(f"self.projection = nn.Conv2d({inputs}, {outputs}, 1{strided}, bias=False)")
        steps.append("s = self.projection(x)")
        if ORDERS[spec.order].sums_normed and spec.norm != "none":
            from math import gcd

            made.append(f"self.projection_norm = {_TORCH_NORM[spec.norm].format(c=outputs, g=gcd(4, outputs))}")
            steps.append("s = self.projection_norm(s)")
    elif spec.changes:
        pixels = f"x[:, :, ::{spec.stride}, ::{spec.stride}]" if spec.stride != 1 else "x"
        steps.append(f"s = functional.pad({pixels}, (0, 0, 0, 0, 0, {outputs - inputs}))  # empty channels")
    else:
        steps.append("s = x")
    if spec.gate != "none":
        made.append(f"self.gate = nn.Conv2d({outputs}, {outputs}, 1)")
        steps += ["g = torch.sigmoid(self.gate(s))", "s = (1 - g) * s"]
        if spec.gate == "exclusive":
            steps.append("f = g * f")
    if spec.shortcut_dropout:
        steps.append(f"s = functional.dropout(s, {spec.shortcut_dropout!r}, self.training)")
    if spec.shortcut_scale != 1:
        steps.append(f"s = {spec.shortcut_scale!r} * s")
    if spec.branch_scale != 1:
        steps.append(f"f = {spec.branch_scale!r} * f")
    return made, steps


def counts(spec: BlockSpec, record: BlockRecord) -> str:
    """Return the number of parameters, term by term, and of multiply-accumulates, as text."""
    convs = " + ".join(
        f"{kernel * kernel}·{inputs}·{outputs}" if kernel > 1 else f"{inputs}·{outputs}"
        for inputs, outputs, kernel, _ in convolutions(spec)
    )
    weights = sum(kernel * kernel * inputs * outputs for inputs, outputs, kernel, _ in convolutions(spec))
    others = record.parameters - weights
    rest = f" + {others:,} for {_others(spec)}" if others else ""
    return f"**{record.parameters:,}** parameters: {convs}{rest}. **{record.macs:,}** MACs for this image."


NOT_REPORTED = "He 2015 and He 2016 report no error for this mixture: their tables change one thing at a time."


def reported(spec: BlockSpec) -> list[list[str]]:
    """Return the results that papers report for this choice, one row for each network: error, network, data, source."""
    rows: dict[tuple[str, str], list[str]] = {}
    for p in published(spec, plain=spec.block == "plain"):
        source = f"{p.source.partition(',')[0]}, {p.source.rpartition(', ')[2]}"
        # A result that is in two tables is listed once.
        rows.setdefault((p.network, p.text), [f"**{p.text}**", p.network, p.data, source])
    return list(rows.values())


def _others(spec: BlockSpec) -> str:
    there = [
        "normalisation" if spec.norm != "none" else "",
        "the projection"
        if spec.block != "plain" and (spec.shortcut == "C" or (spec.shortcut == "B" and spec.changes))
        else "",
        "the gate" if spec.block != "plain" and spec.gate != "none" else "",
    ]
    return " and ".join(filter(None, there))


def block_finding(spec: BlockSpec, record: BlockRecord) -> str:
    """Return what this image shows about this block, as paragraphs separated by an empty line."""
    x, f, total = record.node("x"), record.node("F"), record.node("sum")
    assert x is not None
    assert f is not None
    assert total is not None
    if x.norm == 0:
        return "x is 0 everywhere: this image has nothing to show."
    branch = branch_name(spec)
    text = f"{branch} is {times(f.norm / x.norm)} times as large as x" if f.norm else f"{branch} is exactly 0"
    if spec.block == "plain":
        return f"{text}, and there is no shortcut: x itself is gone."
    if record.same_as_x == 0:
        same = "y is x, to the last bit"
        if spec.order == "original" and spec.activation == "relu":
            same += ": it is max(0, x), and nothing in x is negative" if x.negative == 0 else ""
        text = f"{text}, so {same}." if not f.norm else f"{text}; {same}."
    elif record.relu_of_x:
        text += (
            f", so y is max(0, x), to the last bit, and not x: {percent(x.negative)} of the numbers in x are negative, and the "
            "ReLU after the sum sets them to 0."
        )
    else:
        text += f"; the sum is {times(total.norm / x.norm)} times as large as x." if f.norm else "."
    still = [name for name, norm in record.gradients.items() if name.startswith("conv") and norm == 0]
    gamma = next(
        (n for name, n in reversed(record.gradients.items()) if name.startswith("norm") and name.endswith("weight")),
        0.0,
    )
    if spec.init == "zero_gamma" and still and gamma:
        text += (
            f"\n\nThe {len(still)} convolutions of the branch get a gradient of exactly 0 now, and the last normalisation’s γ "
            f"one of {gamma:.3g}: the first step opens the branch, and its convolutions begin to learn after that."
        )
    return text


WHAT_Y_IS = ("0", "x", "max(0, x)", "something else")
# Situations in which the user guesses what y is: a description, and the settings.
GUESSED = (
    ("The γ of the branch’s last normalisation is **0**, and x has passed a ReLU already.", {"init": "zero_gamma"}),
    ("γ is 0 again, but half of the numbers in x are **negative**.", {"init": "zero_gamma", "entering": "signed"}),
    (
        "γ is 0, x has negative numbers, and both ReLUs stand **inside** the branch (ReLU-only pre-activation).",
        {"init": "zero_gamma", "entering": "signed", "order": "relu_only"},
    ),
)


def what_y_is(record: BlockRecord) -> tuple[str, str]:
    """Return which of WHAT_Y_IS y equals to the last bit, and a sentence with the numbers."""
    x, f, y = record.node("x"), record.node("F"), record.node("y")
    assert x is not None
    assert f is not None
    assert y is not None
    negative = (
        "no number in x is negative" if x.negative == 0 else f"{percent(x.negative)} of the numbers in x are negative"
    )
    adds = "The branch adds 0" if f.norm == 0 else "What the branch adds is too small to count"
    if y.norm == 0:
        return WHAT_Y_IS[0], f"Nothing is left of x, whose size is {x.norm:.3g}."
    if record.same_as_x == 0:
        after = any(node.role == "after" for node in record.nodes)
        ends = (
            "the last activation has nothing to cut off" if after else "nothing comes after the sum to cut anything off"
        )
        return WHAT_Y_IS[1], f"{adds}, and {ends}: {negative}."
    if record.relu_of_x:
        return WHAT_Y_IS[2], f"{adds}, and the last ReLU sets what is below 0 to 0: {negative}."
    return WHAT_Y_IS[3], f"The size of x is {x.norm:.3g}, of y {y.norm:.3g}, and {negative}."
