"""What is said of two networks or two blocks side by side, and of tools that disagree: all of it is worked out again."""

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resviz.count.layers import FLOAT, KINDS, PRODUCTS
from resviz.topics.calculator.architectures import Counted, count
from resviz.topics.calculator.claims import CLAIMS, NETWORK_ERRORS, network_error
from resviz.topics.calculator.presets import NETS
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.terms import Comparison, comparisons, terms
from resviz.topics.calculator.words import comparison, depths, depths_finding, tool_rows, tools
from tests.examples import examples
from tests.strategies import COUNTED, PUBLISHED, count_specs

NETWORKS = [net for net in NETS if net != "block"]


def counted(**words: Any) -> Counted:
    return count(CountSpec.of(words))


# -- comparisons of networks ---------------------------------------------------------------------


def check_comparison(one: Counted, other: Counted) -> None:
    """Every ratio of the sentence, worked out again."""
    text = comparison(one, other)
    match = re.fullmatch(r"Beside \*\*(.+?)\*\*, \*\*(.+?)\*\* has (.*?)\.(?: Their published errors .*)?", text)
    assert match, text
    assert (match[1], match[2]) == (other.spec.label, one.spec.label)
    said = re.split(", | and ", match[3])
    pairs = [
        ("parameters", one.total.sums.all_parameters, other.total.sums.all_parameters, "many"),
        (
            {"macs": "MACs", "flops": "FLOPs"}[one.spec.unit],
            one.operations(one.total),
            other.operations(other.total),
            "many",
        ),
        ("memory to train", one.total.sums.kept, other.total.sums.kept, "much"),
    ]
    pairs = [pair for pair in pairs if pair[1] and pair[2]]
    assert len(said) == len(pairs)
    for phrase, (name, a, b, word) in zip(said, pairs, strict=True):
        fewer = "fewer" if word == "many" else "less"
        if a == b:
            assert phrase == f"exactly as {word} {name}"
        elif phrase == f"almost exactly as {word} {name}":
            assert abs(a / b - 1) < 5e-5
        elif found := re.fullmatch(rf"(\S+)% (more|{fewer}) {name}", phrase):
            assert found[2] == ("more" if a > b else fewer)
            off = 100 * abs(a / b - 1)
            assert abs(float(found[1]) - off) <= max(0.0051 * off, 0.0051)
            assert b < 2 * a and a < 2 * b
        else:
            less = "less" if name.startswith("memory") else "fewer"
            found = re.fullmatch(rf"(\S+) times (the|{less}) {name}", phrase)
            assert found, phrase
            large, small = (a, b) if found[2] == "the" else (b, a)
            assert abs(float(found[1].replace(",", "")) - large / small) <= 0.051 * large / small
            assert large >= 2 * small


@examples(80)
@given(count_specs(), count_specs())
def test_a_comparison_of_any_two_is_true(one, other):
    other = other.replace(unit=one.unit, counted=one.counted, convention=one.convention)
    check_comparison(count(one), count(other))


@examples(25)
@given(count_specs())
def test_equal_networks_have_exactly_as_many(spec):
    found = count(spec)
    unit = {"macs": "MACs", "flops": "FLOPs"}[spec.unit]
    work = f", exactly as many {unit}" if found.operations(found.total) else ""
    assert comparison(found, found).startswith(
        f"Beside **{spec.label}**, **{spec.label}** has exactly as many parameters{work} and exactly as much memory to train."
    )


def test_resnet_50_beside_resnet_34():
    """He 2015: 17% more parameters and 12% more work, at a lower error (Table 3)."""
    text = comparison(counted(), counted(net="resnet34"))
    assert text.startswith("Beside **ResNet-34**, **ResNet-50** has 17.2% more parameters, 11.6% more MACs and ")
    assert "published errors on ImageNet, top-1, 10 crops: 22.85%" in text
    assert "24.52%" in text


@pytest.mark.parametrize("more", [{"classes": 1001}, {"channels": 4}])
def test_small_differences_are_written_as_people_write_them(more):
    """Not "5.01e-05% fewer MACs"."""
    assert not re.search(r"\de[-+]\d", comparison(counted(), counted(**more)))


@examples(80)
@given(st.integers(1, 64), st.integers(1, 64))
def test_ratios_of_comparisons_have_at_most_three_digits(a, b):
    """Of convolutions with so many channels in: 9.996 times is not 10.00 times."""
    text = comparison(counted(block="basic", inputs=a, inner=1), counted(block="basic", inputs=b, inner=1))
    for number in re.findall(r"(\S+?)(?:%| times)", text.partition(" has ")[2]):
        assert len(number.replace(".", "").lstrip("0")) <= 3, text


def test_published_errors_are_found_by_the_words_of_their_network():
    for error in NETWORK_ERRORS:
        spec = CountSpec.of(error.words)
        assert network_error(spec.own_words) is error
        assert network_error(spec.replace(convention="v1", unit="flops", counted="norm", other="").own_words) is error


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [
        ("net=resnet50", "net=resnet34", ("22.85%", "24.52%")),  # He 2015, Table 3
        ("net=resnet34 shortcut=A", "net=resnet34 shortcut=C", ("25.03%", "24.19%")),
        ("net=resnet18 shortcut=A", "net=resnet34 shortcut=A", ("27.88%", "25.03%")),  # He 2015, Table 2
        ("net=cifar depth=110", "net=cifar depth=56", ("6.43%", "6.97%")),  # He 2015, Table 6
        ("net=cifar depth=1202", "net=cifar", ("7.93%", "6.43%")),
        ("net=cifar order=full", "net=cifar", ("6.37%", "6.43%")),  # He 2016, Table 2
        ("net=wrn", "net=cifar depth=20", ("4.00%", "8.75%")),  # Zagoruyko 2016
        ("net=resnet50", "net=cifar", None),  # on other data
        ("net=resnet50", "net=resnet34 input=256", None),
        ("net=resnet50", "net=resnet34 classes=10", None),
        ("net=resnet50 shortcut=A", "net=resnet34", None),
        ("net=cifar depth=26", "net=cifar", None),
        ("net=cifar shortcut=B", "net=cifar", None),
        ("net=wrn depth=40", "net=cifar", None),
        ("net=densenet121", "net=resnet34", None),
        ("net=block", "net=block", None),
    ],
)
def test_published_errors_are_named_where_both_are_known_on_the_same_data(one, other, errors):
    words = [dict(word.split("=") for word in text.split()) for text in (one, other)]
    text = comparison(*(counted(**each) for each in words))
    assert ("published errors" in text) == (errors is not None)
    if errors:
        after = text.partition("published errors")[2]
        assert after.index(errors[0]) < after.index(errors[1])


# -- the same depth with other blocks ------------------------------------------------------------


def test_depths_are_34_50_and_three_times_152():
    """Layers with weights: the stem, those of the blocks, the last one."""
    found = depths(CountSpec.of({"unit": "flops", "counted": "conv"}))
    each = {"basic": 2, "bottleneck": 3}
    layers = [
        2 + each[one.spec.block] * sum(part.stage.blocks for part in one.parts if part.stage.name.startswith("stage"))
        for one in found
    ]
    assert layers == [34, 50, 152, 152, 152]
    assert [one.spec.block for one in found] == ["basic", "bottleneck", "bottleneck", "basic", "basic"]
    assert {(one.spec.unit, one.spec.counted) for one in found} == {("flops", ("conv",))}
    *_, bottleneck, inside, outside = found
    widths = [bottleneck.spec.widths(blocks.inner) for blocks in bottleneck.spec.plan]
    assert [blocks.inner for blocks in inside.spec.plan] == [width for width, _ in widths]
    assert [blocks.inner for blocks in outside.spec.plan] == [width for _, width in widths]


def test_the_finding_on_depths_is_true():
    found = depths(CountSpec.of({}))
    *_, bottleneck, inside, outside = (each.total.sums for each in found)
    numbers = [float(n) for n in re.findall(r"([\d.]+) times", depths_finding(found))]
    ratios = [
        value / of
        for each in (inside, outside)
        for value, of in ((each.all_parameters, bottleneck.all_parameters), (each.kept, bottleneck.kept))
    ]
    assert numbers == pytest.approx(ratios, rel=0.01)


# -- why tools disagree --------------------------------------------------------------------------


def test_tools_on_resnet_50():
    """He 2015's 3.8e9, torchvision's 4.09 G, what other tools print, torch's FlopCounterMode."""
    steps = tools(CountSpec.of({}))
    assert [step.total for step in steps[:4]] == [3_857_973_248, 4_089_184_256, 4_111_412_224, 4_121_020_928]
    assert steps[-1].total == 8_178_368_512
    assert [step.adds for step in steps[1:4]] == [231_211_008, 22_227_968, 9_608_704]


@examples(25)
@given(count_specs())
def test_tools_add_up(spec):
    steps = tools(spec)
    assert steps[0].adds == steps[0].total
    for before, after in pairwise(steps[:-1]):
        assert after.total == before.total + after.adds
    v1, v15 = (count(spec.replace(convention=name)).total.sums for name in ("v1", "v1.5"))
    assert steps[0].total == v1.macs()
    assert v15.macs() in [step.total for step in steps[:2]]
    assert steps[-2].total == v15.macs(KINDS)
    assert steps[-1].total == v15.flops() == v15.macs() + steps[-1].adds
    assert all(step.adds > 0 for step in steps)
    assert steps == tools(spec.replace(unit="macs", counted=PRODUCTS))


@examples(25)
@given(count_specs())
def test_the_sum_of_the_present_settings_stands_out_among_the_tools(spec):
    found = count(spec)
    here = found.operations(found.total)
    lines, steps = tool_rows(found), tools(spec)
    assert len(lines) == len(steps)
    for line, step in zip(lines, steps, strict=True):
        assert any(f"{step.total:,}" in cell for cell in line)
        assert any("**" in cell for cell in line) == (step.total == here)


@pytest.mark.parametrize("words", [{"input": "64"}, {"classes": "10"}, {"shortcut": "C"}])
def test_a_paper_is_named_only_for_the_network_that_stands_there(words):
    assert not tools(CountSpec.of({"net": "resnet50", **words}))[0].who


@pytest.mark.parametrize(
    ("net", "first"),
    [
        ("resnet50", "He 2015, Table 1"),
        ("resnet34", "He 2015, Table 1"),
        ("resnext50_32x4d", ""),  # nobody has printed it
        ("vgg16", "torchvision"),
        ("cifar", "torchvision"),
    ],
)
def test_who_counts_so_is_said_only_of_networks_that_they_count(net, first):
    steps = tools(CountSpec.of({"net": net}))
    assert steps[0].who.startswith(first)
    assert bool(steps[0].who) == bool(first)
    assert ("stride in the first" in steps[0].what) == (steps[1].what == "stride in the 3×3 instead")
    assert all(step.who != "torchvision" for step in steps[2:])


# -- one block -----------------------------------------------------------------------------------


def value_of(formula: str) -> int:
    """What a formula with numbers comes to."""
    return eval(formula.replace("²", " ** 2").replace("·", "*").replace(",", "").replace("/", "//"))


@examples(120)
@given(count_specs(["block"], widest=600))
def test_terms_of_a_block_add_up(spec):
    found = count(spec)
    lines = terms(found)
    assert sum(t.parameters for t in lines) == found.total.sums.all_parameters
    assert sum(t.operations for t in lines) == found.operations(found.total)
    for t in lines:
        assert t.parameters == (value_of(t.figures) if t.figures else 0)
        assert t.parameters or t.operations
    convs = [t for t in lines if t.sees and "shortcut" not in t.layer]
    assert len(convs) == {"basic": 2, "bottleneck": 3}[spec.block]
    assert convs[-1].sees == found.total.stage.sees
    assert sum(t.parameters for t in lines if t.sees) == found.total.sums.conv_weights


@examples(40)
@given(count_specs(["block"]), COUNTED)
def test_words_of_a_term_are_the_names_of_its_numbers(spec, names):
    spec = spec.replace(counted=names)
    inside, out = spec.widths(spec.inner)
    values = {"in": spec.inputs, "inside": inside, "out": out, "groups": spec.groups}
    found = terms(count(spec))
    for t in found:
        if t.sees:
            formula = re.sub(r"[a-z]+", lambda m: str(values[m[0]]), t.formula)
            assert value_of(formula) == t.parameters
            assert re.sub(r",(?=\d{3})", "", t.figures) == formula
            assert t.layer.startswith("3×3" if t.formula.startswith("9 ·") else "1×1")
        elif t.formula == "2 for every channel":
            assert t.layer == "normalisations"
    strided = [t.layer for t in found if "stride 2" in t.layer]
    projected = any("shortcut" in t.layer for t in found)
    assert len(strided) == (1 + projected) * (spec.stride == 2)


def test_terms_of_the_bottleneck_of_he_2015():
    """256-64-64-256, Fig. 5."""
    found = terms(counted(net="block"))
    assert [(t.layer, t.formula, t.figures, t.parameters, t.sees) for t in found] == [
        ("1×1, 256 → 64", "in · inside", "256 · 64", 16_384, 1),
        ("3×3, 64 → 64", "9 · inside · inside", "9 · 64 · 64", 36_864, 3),
        ("1×1, 64 → 256", "inside · out", "64 · 256", 16_384, 3),
        ("normalisations", "2 for every channel", "2 · (64 + 64 + 256)", 768, 0),
    ]


def test_a_term_without_parameters_is_there_where_its_operations_are_counted():
    words = {"net": "block", "norm": "none", "stride": 2}
    assert [t.layer for t in terms(counted(**words, counted="conv"))] == [
        "1×1, 256 → 64",
        "3×3, 64 → 64, stride 2",
        "1×1, 64 → 256",
        "1×1 on the shortcut, 256 → 256, stride 2",
    ]
    relu, add = terms(counted(**words, counted="relu,add"))[-2:]
    assert (relu.layer, add.layer) == ("ReLU", "the sum")
    assert relu.operations == 64 * 56**2 + 64 * 28**2 + 256 * 28**2
    assert add.operations == 256 * 28**2


# -- comparisons of blocks -----------------------------------------------------------------------


def repeated(block: str, inner: int, out: int, groups: int = 1, width_factor: int = 1, expansion: int = 0) -> int:
    """Weights of the convolutions of a block between others of its kind."""
    words = {"block": block, "inputs": out, "inner": inner, "groups": groups, "width_factor": width_factor}
    return counted(**words, expansion=expansion).total.sums.conv_weights


@examples(80)
@given(count_specs(["block"], widest=60))
def test_formulas_of_a_comparison_come_to_its_weights(spec):
    inside, out = spec.widths(spec.inner)
    found = comparisons(spec)
    assert found
    for each in found:
        assert value_of(each.this) == each.this_weights
        assert value_of(each.that) == each.that_weights
        assert each.ratio == each.that_weights / each.this_weights
        where, width = re.fullmatch(r"Equal (outside|inside), ([\d,]+) channels", each.title).groups()
        assert int(width.replace(",", "")) == (out if where == "outside" else inside)
    if spec.shortcut == "C":  # would project
        spec = spec.replace(shortcut="B")
    try:
        this = spec.replace(inputs=out, stride=1)
    except ValueError:  # groups that divide all of these but not two of them
        assume(False)
    assert {each.this_weights for each in found} == {count(this).total.sums.conv_weights}


@examples(40)
@given(st.integers(1, 300), st.integers(1, 16), st.integers(1, 3))
def test_the_other_block_of_a_comparison_is_the_block_that_it_names(inner, expansion, width_factor):
    words = {"inner": inner, "expansion": expansion, "width_factor": width_factor, "inputs": inner * expansion}
    inside, out = inner * width_factor, inner * expansion
    outside, within = comparisons(CountSpec.of({**words, "block": "bottleneck"}))
    assert outside.that_weights == repeated("basic", out, out)
    assert within.that_weights == repeated("basic", inside, inside)
    *equal_outside, within = comparisons(CountSpec.of({**words, "block": "basic"}))
    assert within.that_weights == repeated("bottleneck", inside, 4 * inside)
    assert bool(equal_outside) == (out % 4 == 0)
    for each in equal_outside:
        assert each.that_weights == repeated("bottleneck", out // 4, out)


def test_a_bottleneck_beside_basic_blocks():
    """He 2015, Fig. 5: two different questions."""
    outside, within = comparisons(CountSpec.of({"net": "block"}))
    assert outside == Comparison(
        "Equal outside, 256 channels", "2 · 256 · 64 + 9 · 64²", 69_632, "18 · 256²", 1_179_648
    )
    assert within == Comparison("Equal inside, 64 channels", "2 · 256 · 64 + 9 · 64²", 69_632, "18 · 64²", 73_728)
    assert round(outside.ratio, 2) == 16.94
    assert round(1 / within.ratio, 3) == 0.944


@pytest.mark.parametrize("net", PUBLISHED)
def test_memory_is_a_whole_number_of_floats_and_indices(net):
    assert all(part.sums.kept % FLOAT == 0 for part in counted(net=net).parts)


def test_what_the_page_says_of_the_literature_is_what_is_counted():
    said = " ".join(claim.found for claim in CLAIMS)
    whole, parts = (found := counted(net="resnet50")).total.sums, [part.sums for part in found.parts]
    last, first = parts[4], parts[1]
    numbers = {
        "4.09 × 10⁹": whole.macs() / 1e9,
        "3.8 × 10⁹": counted(net="resnet50", convention="v1").total.sums.macs() / 1e9 - 0.05,  # cut off there
        "59% of its parameters": 100 * last.all_parameters / whole.all_parameters,
        "20% of the multiply-adds": 100 * last.macs() / whole.macs(),
        "86 MB": whole.kept / 1e6,
        "0.8% of the parameters": 100 * first.all_parameters / whole.all_parameters,
        "37% of that": 100 * first.kept / whole.kept,
        "2.3 times": counted(net="vgg16").total.sums.all_parameters
        / counted(net="resnet152").total.sums.all_parameters,
        "135,168": counted(net="block", shortcut="C").total.sums.conv_weights,
        "69,632": counted(net="block").total.sums.conv_weights,
    }
    for text, value in numbers.items():
        assert text in said
        number = re.match(r"[\d.,]+", text)[0].replace(",", "")
        places = len(number.partition(".")[2])
        assert round(value, places) == float(number), text
    head = counted(net="vgg16").parts[-1]
    assert max(layer.weights for layer in head.stage.layers) > counted(net="vgg16").total.sums.all_parameters / 2
