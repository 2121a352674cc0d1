"""A block in words: its code and its formula are run beside the block itself, its sentences held against its numbers."""

import contextlib
import io
import re
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from resviz.families.resnet.published import PUBLISHED_ERRORS, published
from resviz.nets.blocks import ACTIVATIONS
from resviz.nets.settings import ORDERS
from resviz.topics.block.experiment import Through, made
from resviz.topics.block.question import BLOCK_FIELDS, BlockSpec
from resviz.topics.block.words import (
    WHAT_Y_IS,
    block_finding,
    branch_name,
    code,
    convolutions,
    counts,
    formula,
    numbers,
    reported,
    shortcut_in_words,
    what_y_is,
)
from resviz.words.say import percent, times
from tests.examples import examples

THROUGH = Through()
SMALL = {"image": "digit", "inputs": 4, "width": 4}


def spec_of(**words) -> BlockSpec:
    return BlockSpec.read({**SMALL, **words})[0]


def choices(name: str) -> st.SearchStrategy:
    return st.sampled_from(list(BLOCK_FIELDS[name].choices))


SPECS = st.fixed_dictionaries(
    {
        **{n: choices(n) for n in ("block", "order", "norm", "activation", "init", "shortcut", "gate", "entering")},
        "inputs": st.integers(1, 9),
        "width": st.integers(1, 9),
        "stride": st.integers(1, 2),
        "gate_bias": st.sampled_from([-6.0, 0.0, 1.5]),
        "shortcut_dropout": st.sampled_from([0.0, 0.0, 0.3]),
        "shortcut_scale": st.sampled_from([1.0, 1.0, 0.0, 0.5, 2.25]),
        "branch_scale": st.sampled_from([1.0, 1.0, 0.0, 0.125, 3.0]),
        "seed": st.integers(0, 5),
    }
).map(lambda words: spec_of(**words))


def stirred(spec: BlockSpec) -> nn.Module:
    """Our block of a spec with random weights everywhere, so that nothing is 1 or 0 by chance; dropout drops nothing."""
    block = made(spec)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for p in block.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.5 + 0.1)
    if block.shortcut_dropout is not None:
        block.shortcut_dropout.p = 0.0
        block.shortcut_dropout.reseed(0, "cpu")
    return block


def images(spec: BlockSpec) -> torch.Tensor:
    return torch.randn(3, *spec.shapes[0], generator=torch.Generator().manual_seed(2))


# -- the code ------------------------------------------------------------------------------------


def run(spec: BlockSpec) -> tuple[nn.Module, str]:
    """The block that the code makes, and what it prints."""
    torch.manual_seed(0)
    scope, out = {}, io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code(spec), "block.py", "exec"), scope)
    return scope["block"], out.getvalue()


def lend(block: nn.Module, theirs: nn.Module) -> None:
    """Put our block's weights into the code's, in the order in which each names its own."""
    paths = [block.branch, block.shortcut, block.shortcut_gate, block.after]
    ours = [p for path in paths if path is not None for p in path.parameters()]
    given = list(theirs.parameters())
    assert [p.shape for p in ours] == [p.shape for p in given]
    with torch.no_grad():
        for a, b in zip(ours, given, strict=True):
            b.copy_(a)
    for module in theirs.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()  # the code has run once


def check_code(spec: BlockSpec) -> None:
    block = stirred(spec)
    theirs, printed = run(spec)
    parameters = sum(p.numel() for p in block.parameters())
    assert sum(p.numel() for p in theirs.parameters()) == parameters
    assert printed == f"{(1, *spec.shapes[1])} {parameters:,} parameters\n"
    lend(block, theirs)
    x = images(spec)
    kept = x.clone()
    # In training a normalisation takes what it meets, and the code's own dropout what it likes.
    modes = [False] if spec.shortcut_dropout else [True, False]
    carried = [0.0]
    if block.shortcut_gate is not None:
        block.shortcut.register_forward_hook(
            lambda _, __, s: carried.append(spec.shortcut_scale * float(s.abs().max()))
        )
    with torch.no_grad():
        for training in modes:
            ours, other = block.train(training)(x), theirs.train(training)(x)
            assert torch.equal(x, kept)
            # An open gate takes nearly all of s away, s - g s here and (1 - g) s there: what is left has the errors of s.
            largest = max(float(ours.abs().max()), carried[-1])
            assert torch.allclose(ours, other, rtol=1e-6, atol=1e-6 * largest)


@pytest.mark.parametrize(
    ("order", "block", "norm", "stride"),
    [*product(ORDERS, ["plain", "basic", "bottleneck"], BLOCK_FIELDS["norm"].choices, [1, 2])],
)
def test_the_code_of_every_order_gives_what_the_block_gives(order, block, norm, stride):
    check_code(spec_of(order=order, block=block, norm=norm, stride=stride, width=8))


@pytest.mark.parametrize(
    ("activation", "order"), [*product(BLOCK_FIELDS["activation"].choices, ["original", "relu_only"])]
)
def test_the_code_of_every_activation_gives_what_the_block_gives(activation, order):
    check_code(spec_of(activation=activation, order=order))


@pytest.mark.parametrize(
    ("shortcut", "gate", "stride", "order"),
    [*product("ABC", BLOCK_FIELDS["gate"].choices, [1, 2], ["original", "full"])],
)
def test_the_code_of_whatever_sits_on_the_shortcut_gives_what_the_block_gives(shortcut, gate, stride, order):
    check_code(spec_of(shortcut=shortcut, gate=gate, stride=stride, order=order, shortcut_scale=0.5, branch_scale=3.0))


@examples(60)
@given(SPECS)
def test_the_code_of_any_block_gives_what_the_block_gives(spec):
    check_code(spec)


@pytest.mark.parametrize("order", ["original", "relu_only"])
@pytest.mark.parametrize("norm", ["batch", "group"])
def test_zero_gamma_is_in_the_code(order, norm):
    theirs, _ = run(spec_of(init="zero_gamma", order=order, norm=norm, shortcut="C"))
    zero = [name for name, p in theirs.named_parameters() if name.endswith("weight") and not p.any()]
    assert zero == ["norm2.weight"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("block", "last"), [("basic", "conv2"), ("bottleneck", "conv3"), ("plain", "conv2")])
def test_fixup_is_in_the_code(order, block, last):
    theirs, _ = run(spec_of(init="fixup", order=order, block=block, norm="none", shortcut="C"))
    assert [name for name, p in theirs.named_parameters() if not p.any()] == [f"{last}.weight"]


@pytest.mark.parametrize("init", ["he", "xavier", "torch", "orthogonal", "zero_gamma", "fixup"])
def test_the_code_draws_its_weights_as_the_block_does(init):
    """Other numbers of the same spread and kind."""
    spec = spec_of(init=init, inputs=64, width=128, gate="exclusive", gate_bias=-2.5, shortcut="B")
    ours, (theirs, _) = made(spec), run(spec)
    pairs = [
        (ours.branch.conv1, theirs.conv1),
        (ours.branch.conv2, theirs.conv2),
        (ours.shortcut[0], theirs.projection),
        (ours.shortcut_gate.conv, theirs.gate),
    ]
    for a, b in pairs:
        assert float(b.weight.detach().std()) == pytest.approx(float(a.weight.detach().std()), rel=0.05)
        # the largest of so many tells a normal distribution from a uniform one
        assert float(b.weight.detach().abs().max()) == pytest.approx(float(a.weight.detach().abs().max()), rel=0.3)
    assert theirs.gate.bias.tolist() == ours.shortcut_gate.conv.bias.tolist() == [-2.5] * 128
    if init == "orthogonal":
        rows = theirs.conv2.weight.detach().flatten(1)
        assert torch.allclose(rows @ rows.T, 2 * torch.eye(128), atol=1e-4)


@examples(25)
@given(SPECS)
def test_the_code_needs_torch_alone_and_has_no_line_too_long(spec):
    text = code(spec)
    assert set(re.findall(r"^(?:import|from) (\w+)", text, re.M)) == {"torch"}
    assert all(len(line) <= 100 for line in text.splitlines()), max(text.splitlines(), key=len)
    assert text.endswith("\n")
    assert "  \n" not in text
    x, y = ("x".join(map(str, shape)) for shape in spec.shapes)
    assert f"{ORDERS[spec.order].label.lower()}: x {x} to y {y} (channels x height x width)." in text.lower()


# -- the formula ---------------------------------------------------------------------------------

FORMULAS = {
    "original": r"y = \mathrm{ReLU}\bigl(x + \mathrm{BN}\bigl("
    r"W_2 * \mathrm{ReLU}\bigl(\mathrm{BN}(W_1 * x)\bigr)\bigr)\bigr)",
    "bn_after": r"y = \mathrm{ReLU}\bigl(\mathrm{BN}\bigl(x + W_2 * \mathrm{ReLU}\bigl(\mathrm{BN}(W_1 * x)\bigr)\bigr)\bigr)",
    "relu_before": r"y = x + \mathrm{ReLU}\bigl(\mathrm{BN}\bigl(W_2 * \mathrm{ReLU}\bigl(\mathrm{BN}(W_1 * x)\bigr)\bigr)\bigr)",
    "relu_only": r"y = x + \mathrm{BN}\bigl(W_2 * \mathrm{ReLU}\bigl(\mathrm{BN}\bigl(W_1 * \mathrm{ReLU}(x)\bigr)\bigr)\bigr)",
    "full": r"y = x + W_2 * \mathrm{ReLU}\bigl(\mathrm{BN}\bigl(W_1 * \mathrm{ReLU}\bigl(\mathrm{BN}(x)\bigr)\bigr)\bigr)",
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_formula_of_every_order(order):
    def tight(text: str) -> str:
        return re.sub(r"\\bigl|\\bigr", "", text)

    found = formula(spec_of(order=order))
    assert tight(found) == tight(FORMULAS[order])
    assert r"\bigl(" in found


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            {"block": "plain", "norm": "none"},
            r"y = \mathrm{ReLU}(W_2 * \mathrm{ReLU}(W_1 * x))",
        ),
        (
            {"block": "plain", "norm": "none", "order": "full", "branch_scale": 0.5},
            r"y = 0.5\,(W_2 * \mathrm{ReLU}(W_1 * \mathrm{ReLU}(x)))",
        ),
        (
            {"order": "full", "norm": "none", "stride": 2, "width": 8, "activation": "tanh"},
            r"y = \mathrm{P}x + W_2 * \mathrm{tanh}(W_1 * \mathrm{tanh}(x))",
        ),
        (
            {"order": "full", "norm": "none", "shortcut": "C", "shortcut_scale": 0.5},
            r"y = 0.5\,(W_s * x) + W_2 * \mathrm{ReLU}(W_1 * \mathrm{ReLU}(x))",
        ),
        (
            {"order": "full", "norm": "none", "gate": "exclusive"},
            r"\begin{gathered} y = (1 - g) \odot x + g \odot (W_2 * \mathrm{ReLU}(W_1 * \mathrm{ReLU}(x))) \\ "
            r"g = \sigma(W_g * x + b_g) \end{gathered}",
        ),
    ],
    ids=str,
)
def test_the_formula_of_what_sits_on_the_shortcut(words, says):
    assert re.sub(r"\\bigl|\\bigr", "", formula(spec_of(**words))) == says


@examples(60)
@given(SPECS)
def test_a_formula_can_be_typeset(spec):
    text = formula(spec)
    for opens, closes in ("{}", "()"):
        waiting, pairs = [], set()
        for at, letter in enumerate(text.replace(r"\bigl", "").replace(r"\bigr", "")):
            if letter == opens:
                waiting.append(at)
            elif letter == closes:
                pairs.add((waiting.pop(), at))
        assert not waiting
        assert not [pair for pair in pairs if (pair[0] + 1, pair[1] - 1) in pairs], "a pair around a pair says nothing"
    assert text.count(r"\bigl(") == text.count(r"\bigr)")
    assert set(re.findall(r"\\([a-zA-Z]+)", text)) <= {"mathrm", "bigl", "bigr", "odot", "sigma", "begin", "end"}
    assert text.count(r"\begin{gathered}") == text.count(r"\end{gathered}") == (" g = " in text)
    for number in re.findall(r"W_(\d)", text):
        assert int(number) <= spec.convs_per_block


class Applied:
    """A convolution that `*` applies, as in the formula."""

    def __init__(self, conv: nn.Conv2d) -> None:
        self.conv = conv

    def __mul__(self, x: torch.Tensor) -> torch.Tensor:
        return functional.conv2d(x, self.conv.weight, None, self.conv.stride, self.conv.padding)


def computed(spec: BlockSpec, block: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """What the formula says of x, term by term as it is written, with the weights of our block."""
    bare = formula(spec).replace(r"\begin{gathered} ", "").replace(r" \end{gathered}", "")
    text, _, gate = bare.removeprefix("y = ").partition(r" \\ g = ")
    convs = [m for m in block.branch if isinstance(m, nn.Conv2d)]
    names = {f"W_{i}": Applied(c) for i, c in enumerate(convs, start=1)} | {"x": x}
    if isinstance(block.shortcut, nn.Sequential):
        names["W_s"] = Applied(block.shortcut[0])
    else:
        names["P_x"] = block.shortcut(x)
    kinds = nn.BatchNorm2d | nn.GroupNorm

    def value(part: str, norms: list[nn.Module]) -> torch.Tensor:
        # Python, too, takes the innermost first, and what stands on the left of a sum before what stands on its right.
        waiting = iter(norms)
        scope = names | {"Norm": lambda t: next(waiting)(t), "act": lambda t: ACTIVATIONS[spec.activation]()(t.clone())}
        part = (
            re.sub(r"\\bigl|\\bigr", "", part).replace(r"\mathrm{P}x", "P_x").replace(r"\odot", "*").replace(r"\,", "*")
        )
        part = re.sub(r"\\mathrm\{dropout\}_\{[\d.]+\}", "", part)
        part = re.sub(r"\\mathrm\{(BN|LN|GN)\}", "Norm", part)
        part = re.sub(r"\\mathrm\{\w+\}", "act", part).replace(r"\sigma", "sigmoid")
        found = eval(part, {"__builtins__": {}, "sigmoid": torch.sigmoid}, scope)
        assert next(waiting, None) is None
        return found

    past = [m for m in block.shortcut.modules() if isinstance(m, kinds)]
    if gate:
        names |= {"W_g": Applied(block.shortcut_gate.conv), "b_g": block.shortcut_gate.conv.bias[:, None, None]}
        names["g"] = value(gate, past)
    inside = [m for path in (block.branch, block.after) for m in path if isinstance(m, kinds)]
    return value(text, past + inside)


@examples(50)
@given(SPECS)
def test_the_formula_computed_as_written_is_what_the_block_gives(spec):
    block, x = stirred(spec), images(spec)
    with torch.no_grad():
        expected = block(x)
        found = computed(spec, block, x)
    assert torch.allclose(found, expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


# -- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({}, "identity"),
        ({"stride": 2}, "zero-padded"),
        ({"width": 8}, "zero-padded"),
        ({"shortcut": "B"}, "identity"),
        ({"shortcut": "B", "stride": 2}, "1×1 convolution"),
        ({"shortcut": "C"}, "1×1 convolution"),
        ({"block": "plain", "shortcut": "C", "gate": "exclusive"}, "no shortcut"),
        ({"gate": "exclusive"}, "times 1 − g"),
        ({"shortcut": "C", "gate": "shortcut_only"}, "1×1 convolution, times 1 − g"),
        ({"shortcut_dropout": 0.5}, "dropout 0.5"),
        ({"shortcut_scale": 0.25, "stride": 2}, "zero-padded, times 0.25"),
        ({"gate": "exclusive", "shortcut_dropout": 0.1, "shortcut_scale": 2}, "times 1 − g, dropout 0.1, times 2"),
    ],
    ids=str,
)
def test_what_sits_on_the_shortcut_in_words(words, says):
    assert shortcut_in_words(spec_of(**words)) == says


@examples(40)
@given(SPECS)
def test_counts_add_up_to_what_they_count(spec):
    record = THROUGH(spec)
    text = counts(spec, record)
    head, macs = re.fullmatch(
        r"\*\*([\d,]+)\*\* parameters: (.*)\. \*\*([\d,]+)\*\* MACs for this image\.", text
    ).group(1, 3)
    assert (int(head.replace(",", "")), int(macs.replace(",", ""))) == (record.parameters, record.macs)
    total = 0
    for part in re.search(r"parameters: (.*)\. \*\*", text)[1].split(" + "):
        words, _, what = part.partition(" for ")
        factor = 1
        for number in words.split("·"):
            factor *= int(number.replace(",", ""))
        total += factor
        if what:
            there = {
                "normalisation": spec.norm != "none",
                "the projection": spec.block != "plain" and shortcut_in_words(spec).startswith("1×1"),
                "the gate": spec.block != "plain" and spec.gate != "none",
            }
            assert what == " and ".join(name for name, is_there in there.items() if is_there)
    assert total == record.parameters
    assert next(m for m in made(spec).branch if isinstance(m, nn.Conv2d)).kernel_size[0] == convolutions(spec)[0][2]


# -- the sentence --------------------------------------------------------------------------------

# Everything that it may say.
NOTHING = r"x is 0 everywhere: this image has nothing to show\."
SIZE = r"(?P<branch>.*F\(x\)) is (?:(?P<f>[\d.,]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?) times as large as x|(?P<none>exactly 0))"
PLAIN = rf"{SIZE}(?P<plain>, and there is no shortcut: x itself is gone)\."
SAME = (
    rf"{SIZE}(?:, so|;) (?P<same>y is x, to the last bit)(?P<why>: it is max\(0, x\), and nothing in x is negative)?\."
)
RELU = (
    rf"{SIZE}, so (?P<relu>y is max\(0, x\), to the last bit, and not x): (?P<negative>\S+%) of the numbers in x are "
    r"negative, and the ReLU after the sum sets them to 0\."
)
SUM = rf"{SIZE}(?:; the sum is (?P<sum>[\d.,]+(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?) times as large as x)?\."
STILL = (
    r"The (?P<still>\d) convolutions of the branch get a gradient of exactly 0 now, and the last normalisation’s γ one of "
    r"(?P<gamma>\S+): the first step opens the branch, and its convolutions begin to learn after that\."
)


def check_finding(spec: BlockSpec) -> dict[str, str]:
    """Hold every claim of the finding of `spec` against its numbers; returns the claims made."""
    record = THROUGH(spec)
    x, f, total = (record.node(role) for role in ("x", "F", "sum"))
    first, *more = block_finding(spec, record).split("\n\n")
    matches = [m for form in (NOTHING, PLAIN, SAME, RELU, SUM) if (m := re.fullmatch(form, first))]
    assert matches, first
    found = matches[0].groupdict()
    if re.fullmatch(NOTHING, first):
        assert x.norm == 0
        return {"nothing": first}
    assert found.pop("branch") == branch_name(spec)
    assert (found["none"] is not None) == (f.norm == 0)
    if found["f"]:
        assert found["f"] == times(f.norm / x.norm)
    assert ("plain" in found) == (spec.block == "plain")
    if "same" in found:
        assert record.same_as_x == 0
        assert not found["why"] or x.negative == 0
    if "relu" in found:
        assert record.relu_of_x and record.same_as_x != 0
        assert found["negative"] == percent(x.negative)
        assert x.negative > 0
    if found.get("sum"):
        assert found["sum"] == times(total.norm / x.norm)
    assert len(more) <= 1
    if more:
        told = re.fullmatch(STILL, more[0]).groupdict()
        convs = {name: norm for name, norm in record.gradients.items() if name.startswith("conv")}
        assert int(told["still"]) == len(convs) == spec.convs_per_block
        assert not any(convs.values())
        assert told["gamma"] == f"{record.gradients[f'norm{len(convs)}.weight']:.3g}"
        assert spec.init == "zero_gamma", "another start does not open by a gamma"
        found |= told
    return {name: text for name, text in found.items() if text}


def test_zero_gamma_after_an_activation_is_the_identity_and_says_why():
    found = check_finding(spec_of(init="zero_gamma"))
    assert set(found) == {"none", "same", "why", "still", "gamma"}


def test_zero_gamma_of_a_signed_x_is_a_relu_and_says_of_how_much():
    found = check_finding(BlockSpec(init="zero_gamma", entering="signed"))
    assert set(found) == {"none", "relu", "negative", "still", "gamma"}
    assert 30 < float(found["negative"].removesuffix("%")) < 80


@pytest.mark.parametrize("entering", ["relu", "signed"])
def test_zero_gamma_with_the_relu_first_is_the_identity(entering):
    assert set(check_finding(spec_of(init="zero_gamma", order="relu_only", entering=entering))) == {
        "none",
        "same",
        "still",
        "gamma",
    }


def test_a_plain_block_has_lost_x():
    assert set(check_finding(spec_of(block="plain"))) == {"f", "plain"}
    assert set(check_finding(spec_of(block="plain", init="zero_gamma"))) >= {"none", "plain"}


@pytest.mark.parametrize("order", ORDERS)
def test_the_default_tells_how_large_f_and_the_sum_are(order):
    assert set(check_finding(spec_of(order=order))) == {"f", "sum"}


@examples(50)
@given(SPECS)
def test_whatever_is_said_of_any_block_is_so(spec):
    check_finding(spec)


@pytest.mark.parametrize(
    "words",
    [
        {"init": "fixup", "order": "bn_after"},
        {"branch_scale": 0.0, "order": "bn_after"},
        {"init": "fixup", "order": "full"},
    ],
    ids=str,
)
def test_only_a_gamma_that_is_0_opens_a_branch(words):
    """One behind the sum gets its gradient from x, and moves nothing in the branch."""
    assert "still" not in check_finding(spec_of(**words))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ({}, "F(x)"),
        ({"branch_scale": 0.0}, "0 F(x)"),
        ({"branch_scale": 0.5, "gate": "shortcut_only"}, "0.5 F(x)"),
        ({"branch_scale": 0.5, "gate": "exclusive"}, "g · 0.5 F(x)"),
        ({"gate": "exclusive", "block": "plain"}, "F(x)"),
    ],
    ids=str,
)
def test_the_term_of_the_sum_is_called_what_it_is(words, name):
    """a F(x) is 0 where F(x) is not."""
    spec = spec_of(**words)
    assert branch_name(spec) == name
    assert block_finding(spec, THROUGH(spec)).startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("words", "y"),
    [
        ({"init": "zero_gamma"}, "x"),
        ({"init": "zero_gamma", "entering": "signed"}, "max(0, x)"),
        ({"init": "zero_gamma", "entering": "signed", "order": "relu_only"}, "x"),
        ({"init": "zero_gamma", "entering": "signed", "shortcut_scale": 0.5}, "something else"),
        ({"init": "zero_gamma", "block": "plain"}, "0"),
        ({"init": "zero_gamma", "shortcut_scale": 0.0}, "0"),
        ({"init": "zero_gamma", "stride": 2}, "something else"),
        ({}, "something else"),
    ],
    ids=str,
)
def test_what_y_is_is_one_of_four_things(words, y):
    spec = spec_of(**words)
    record = THROUGH(spec)
    found, says = what_y_is(record)
    assert found == y
    assert found in WHAT_Y_IS
    x, out = record.node("x"), record.node("y")
    assert (f" {x.norm:.3g}" in says) == (y in ("0", "something else"))
    assert (f"of y {out.norm:.3g}" in says) == (y == "something else")
    assert ("nothing comes after the sum" in says) == (y == "x" and not ORDERS[spec.order].after)
    negative = (
        "no number in x is negative" if x.negative == 0 else f"{percent(x.negative)} of the numbers in x are negative"
    )
    assert negative in says or out.norm == 0
    assert ("The branch adds 0" in says) == (record.node("F").norm == 0 and y in ("x", "max(0, x)"))


def test_the_table_has_a_line_a_part():
    record = THROUGH(spec_of(order="bn_after"))
    head, *rows = numbers(record)
    assert [row[0] for row in rows] == [node.part for node in record.nodes]
    assert {len(row) for row in rows} == {len(head)}
    for row, node in zip(rows, record.nodes, strict=True):
        assert tuple(map(int, row[1:4])) == node.shape
        assert float(row[4]) == pytest.approx(node.norm, rel=1e-4)
        assert [float(cell) for cell in row[5:]] == pytest.approx([node.negative, node.zero], abs=1e-4)


def test_every_published_error_is_told_once_with_its_network():
    """A choice that stands in several tables, and several choices of one table."""
    told = 0
    for words in [{}, *(dict(found.settings) for found in PUBLISHED_ERRORS)]:
        for block in ("basic", "plain"):
            spec = spec_of(**{**words, "block": words.get("block", block)})
            there = {(p.network, p.text) for p in published(spec, plain=spec.block == "plain")}
            rows = reported(spec)
            for network, text in there:
                assert [row[:2] for row in rows].count([f"**{text}**", network]) == 1, (words, network)
            assert len(rows) == len(there) and all(len(row) == 4 and all(row) for row in rows)
            told += len(rows)
    assert told > 20
    assert reported(spec_of(norm="group", order="full", shortcut_scale=0.3)) == []


def test_an_image_of_one_colour_has_nothing_to_show():
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 64), (3, 4, 5)).save(out, "PNG")
    spec = spec_of(image="own")
    assert block_finding(spec, THROUGH(spec, out.getvalue())) == "x is 0 everywhere: this image has nothing to show."
