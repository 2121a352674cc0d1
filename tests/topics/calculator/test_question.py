"""Networks to be counted as values: round trips, names, and what is said of settings that cannot be used."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.nets import build
from resviz.topics.calculator.presets import FAMILIES, HOW, MOST_STAGES, NETS, STRUCTURE, read_stages
from resviz.topics.calculator.question import COUNT_FIELDS, CountSpec
from resviz.words.text import Problem, SpecError
from tests.examples import examples
from tests.strategies import OWN, count_specs


@pytest.fixture(autouse=True, scope="module")
def _ends() -> Iterator[None]:
    """Reading settles one conflict after the other; two that undo each other would go on for ever."""
    conflict, found = CountSpec._conflict, []

    def counting(self: CountSpec) -> Any:
        problem = conflict(self)
        found.append(problem)
        if problem is None:
            found.clear()
        elif len(found) > 50:
            last = [str(problem) for problem, _ in found[-4:]]
            found.clear()
            raise AssertionError(f"never settled: {last}")
        return problem

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CountSpec, "_conflict", counting)
        yield


def problems_of(**words: Any) -> tuple[Problem, ...]:
    return CountSpec.read(words)[1]


def only_problem(**words: Any) -> Problem:
    (problem,) = problems_of(**words)
    return problem


def nearest(problem: Problem) -> str:
    found = re.fullmatch(r".*; nearest that works: (\S+)", problem.allowed)
    assert found, problem
    return found[1]


# -- round trips ---------------------------------------------------------------------------------


def check_round_trips(spec: CountSpec) -> None:
    words = spec.words()
    assert CountSpec.of(words) == spec
    assert CountSpec.of(words).words() == words
    assert CountSpec.of(dict(parse_qsl(spec.query(), keep_blank_values=True))) == spec
    assert CountSpec.of(spec.model_dump()) == spec == spec.replace()
    assert CountSpec.of(words).digest == spec.digest


@examples(50)
@given(count_specs())
def test_words_and_links_are_read_back(spec):
    check_round_trips(spec)
    assert CountSpec.of(spec.own_words) == spec.replace(**{name: COUNT_FIELDS[name].default for name in HOW})


@examples(80)
@given(count_specs(), count_specs())
def test_a_network_beside_another_is_counted_in_the_same_way(one, other):
    assume(("block" in (one.net, other.net)) == (one.net == other.net == "block"))
    spec = one.replace(other=other.as_other())
    check_round_trips(spec)
    assert spec.against == other.replace(**{name: getattr(one, name) for name in HOW})
    assert spec.against.against is None
    assert spec.own_words == one.own_words
    assert spec.as_other() == one.as_other()
    assert spec.replace(other="") == one


def test_a_name_alone_is_the_published_network():
    assert CountSpec.of({}) == CountSpec.of({"net": "resnet50"})
    assert CountSpec.of({}).query() == ""
    for net, (label, family, preset) in NETS.items():
        spec = CountSpec.of({"net": net})
        assert spec.words() == ({} if net == "resnet50" else {"net": net})
        assert spec.family_name == family
        assert {name: str(getattr(spec, name)) for name in preset} == {k: str(v) for k, v in preset.items()}
        assert family in ("block", "custom", "cifar", "wrn", "resnext29", "cifar_densenet") or spec.label == label


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ({"net": "resnet50"}, "ResNet-50"),
        ({"net": "cifar"}, "CIFAR ResNet-110, option A"),
        (
            {"net": "cifar", "depth": "20", "order": "full", "width": "32"},
            "CIFAR pre-activation ResNet-20, option A, width 32",
        ),
        ({"net": "wrn"}, "WRN-28-10"),
        ({"net": "wrn", "depth": "40", "width_factor": "4"}, "WRN-40-4"),
        ({"net": "resnext29"}, "ResNeXt-29, 8x64d"),
        ({"net": "resnext29", "groups": "16"}, "ResNeXt-29, 16x32d"),
        ({"net": "custom", "stages": "3x64,4x128/1"}, "23 bottleneck layers (3x64, 4x128/1)"),
        ({"inner": "64"}, "bottleneck block 256-64-64-256"),
        ({"block": "basic"}, "basic block 256-64-64"),
        ({"inner": "32", "width_factor": "2", "expansion": "3"}, "bottleneck block 256-64-64-96"),
    ],
)
def test_labels(words, label):
    assert CountSpec.of(words).label == label


def test_in_is_another_word_for_inputs():
    assert CountSpec.of({"in": "64", "net": "block"}) == CountSpec.of({"inputs": "64", "net": "block"})
    spec, (problem,) = CountSpec.read({"in": "64", "inputs": "128"})
    assert spec == CountSpec.of({"inputs": "128"})
    assert str(problem) == "in=64: is another word for inputs, which is given too"


@pytest.mark.parametrize(("key", "value"), [("block", "basic"), ("inputs", "128"), ("in", "128"), ("inner", "32")])
def test_words_of_a_block_mean_a_block(key, value):
    assert CountSpec.of({key: value}) == CountSpec.of({"net": "block", key: value})
    assert CountSpec.of({key: value}).net == "block"


@pytest.mark.parametrize("net", ["custom", "cifar"])
def test_a_network_that_is_named_may_have_a_block(net):
    assert (
        CountSpec.of({"net": net, "block": "bottleneck", "depth": "20"} if net == "cifar" else {"net": net}).net == net
    )


def test_settings_of_a_count_alone_leave_the_network():
    spec = CountSpec.of({"unit": "flops", "convention": "v1", "counted": "norm,conv"})
    assert (spec.net, spec.counted) == ("resnet50", ("conv", "norm"))
    assert spec.own_words == {"net": "resnet50"}
    assert spec.query() == "convention=v1&unit=flops&counted=conv,norm"


def test_nothing_counted_is_read_back():
    spec = CountSpec.of({"counted": ""})
    assert spec.counted == ()
    assert CountSpec.of(spec.words()) == spec


# -- stages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3x64", [(3, 64, 1)]),
        ("3x64,4x128", [(3, 64, 1), (4, 128, 2)]),
        (" 3x64 , 4x128/1,1x8/2 ", [(3, 64, 1), (4, 128, 1), (1, 8, 2)]),
        ("3x64/2", [(3, 64, 2)]),
        (",".join(["1x1"] * 8), [(1, 1, 1), *[(1, 1, 2)] * 7]),
        ("1000x16384", [(1000, 16384, 1)]),
    ],
)
def test_stages_are_blocks_times_channels(text, found):
    assert [tuple(blocks) for blocks in read_stages(text)] == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3*64", "'3*64' is not blocks x channels, such as 3x64 or 3x64/2"),
        ("", "'' is not blocks x channels"),
        ("3x64,", "'' is not blocks x channels"),
        ("3x64/3", "'3x64/3' is not blocks x channels"),
        ("-1x64", "'-1x64' is not blocks x channels"),
        ("3x64.5", "'3x64.5' is not blocks x channels"),
        ("y" * 10_000, "… (10,000 characters)"),
        ("0x64", "'0x64': a stage has 1 to 1,000 blocks of 1 to 16,384 channels"),
        ("3x0", "'3x0': a stage has 1 to 1,000 blocks of 1 to 16,384 channels"),
        ("1001x64", "'1001x64': a stage has 1 to 1,000 blocks"),
        ("3x16385", "'3x16385': a stage has 1 to 1,000 blocks"),
        (",".join(["1x1"] * 9), f"9 stages; there can be {MOST_STAGES}"),
    ],
)
def test_stages_that_cannot_be_used(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        read_stages(text)
    spec, (problem,) = CountSpec.read({"net": "custom", "stages": text})
    assert problem.key == "stages"
    assert problem.value == text
    assert said in problem.allowed
    assert spec == CountSpec.of({"net": "custom"})


# -- refusals ------------------------------------------------------------------------------------


def test_an_unknown_network():
    spec, (problem,) = CountSpec.read({"net": "alexnet"})
    assert spec == CountSpec.of({})
    assert problem.key == "net"
    assert problem.value == "alexnet"
    assert problem.allowed == "allowed is one of " + ", ".join(NETS)


def test_an_unknown_setting():
    problem = only_problem(layers="3")
    assert str(problem).startswith("layers=3: no such setting; there are net, depth, ")


@pytest.mark.parametrize(("key", "why"), [("inner", "lets nothing through"), ("inputs", "takes nothing")])
def test_a_block_without_channels(key, why):
    spec, (problem,) = CountSpec.read({"net": "block", key: "0"})
    assert problem.key == key
    assert problem.value == "0"
    assert "a whole number from 1 to 16,384" in problem.allowed
    assert why in problem.allowed
    assert nearest(problem) == "1"
    assert spec == CountSpec.of({"net": "block"})
    assert CountSpec.of({"net": "block", key: "1"})


@pytest.mark.parametrize("net", NETS)
def test_settings_that_a_network_does_not_take(net):
    taken = set(FAMILIES[NETS[net][1]].uses)
    own = CountSpec.of({"net": net})
    other = {
        "depth": 26,
        "width": 24,
        "block": "bottleneck" if own.block == "basic" else "basic",
        "growth": 24,
        "bottleneck": "no" if own.bottleneck == "yes" else "yes",
        "compression": 0.7,
        "stages": "1x8",
        "stem": "cifar" if own.stem == "imagenet" else "imagenet",
        "inputs": 8,
        "inner": 8,
        "expansion": 2,
        "groups": 2,
        "width_factor": 3,
        "stride": 2,
        "shortcut": "C",
        "order": "full" if own.order == "original" else "original",
        "norm": "batch" if own.norm == "none" else "none",
        "bias": "yes" if own.bias == "no" else "no",
    }
    assert set(other) == set(STRUCTURE)
    for key in sorted(set(STRUCTURE) - taken):
        spec, (problem,) = CountSpec.read({"net": net, key: other[key]})
        assert spec == own
        assert problem.key == key
        assert problem.value == str(other[key])
        label, takers = re.fullmatch(r"(.+) has its own; it can be chosen for (.+)", problem.allowed).groups()
        assert label
        assert takers  # and each of them does take it
        assert all(key in FAMILIES[family].uses for family in takers.split(", "))
        # what it has anyway may be said
        assert CountSpec.of({"net": net, key: getattr(own, key)}) == own


@pytest.mark.parametrize(
    ("net", "more", "each", "ends"),
    [
        ("cifar", {}, 6, 2),
        ("cifar", {"block": "bottleneck"}, 9, 2),
        ("wrn", {}, 6, 4),
        ("resnext29", {}, 9, 2),
    ],
)
@pytest.mark.parametrize("depth", [0, 1, 5, 12, 21, 56, 111, 1000, 1200])
def test_a_depth_that_no_network_of_the_family_has(net, more, each, ends, depth):
    if depth > ends and (depth - ends) % each == 0:
        assert CountSpec.of({"net": net, "depth": depth, **more}).depth == depth
        return
    spec, (problem,) = CountSpec.read({"net": net, "depth": depth, **more})
    assert (problem.key, problem.value) == ("depth", str(depth))
    assert f"this family has {each}n+{ends} layers" in problem.allowed
    better = int(nearest(problem))
    assert CountSpec.of({"net": net, "depth": better, **more}) == spec
    assert abs(better - depth) == min(abs(ends + each * n - depth) for n in range(1, 202))


@pytest.mark.parametrize(
    ("net", "more"), [("cifar", {}), ("cifar", {"block": "bottleneck"}), ("wrn", {}), ("resnext29", {})]
)
@pytest.mark.parametrize("depth", range(1190, 1203))
def test_the_nearest_depth_is_one_that_can_be_given(net, more, depth):
    """1,202 is the deepest."""
    spec, problems = CountSpec.read({"net": net, "depth": depth, **more})
    assert CountSpec.of(spec.words()) == spec
    for problem in problems:
        assert CountSpec.of({"net": net, "depth": nearest(problem), **more}).depth == int(nearest(problem))


@pytest.mark.parametrize(
    ("words", "groups", "better", "channels"),
    [
        ({"net": "block"}, 3, 2, "64"),
        ({"net": "block"}, 100, 64, "64"),
        ({"net": "block", "inner": 12}, 5, 4, "12"),
        ({"net": "block", "inner": 12, "width_factor": 5}, 8, 6, "60"),
        ({"net": "block", "inner": 7}, 2, 1, "7"),
        ({"net": "block", "block": "basic", "inputs": 6, "inner": 4}, 4, 2, "6 and 4"),
        ({"net": "block", "block": "basic", "inputs": 6, "inner": 12, "expansion": 2}, 4, 3, "6 and 12 and 24"),
        ({"net": "block", "block": "basic", "inputs": 1024, "inner": 1024}, 1000, 1024, "1,024"),
        ({"net": "resnext29"}, 7, 8, "512"),
        ({"net": "custom"}, 48, 32, "64"),
    ],
)
def test_groups_that_do_not_divide(words, groups, better, channels):
    problem = only_problem(**words, groups=groups)
    assert problem.key == "groups"
    assert problem.value == str(groups)
    assert problem.allowed == (
        f"a 3x3 convolution of {channels} channels cannot be split into {groups:,} equal groups; "
        f"nearest that works: {better}"
    )
    assert problems_of(**words, groups=better) == ()
    assert not any(
        problems_of(**words, groups=g) == ()
        for g in range(groups + 1 - abs(groups - better), groups + abs(groups - better))
    )


@examples(80)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 8),
    st.integers(1, 400),
    st.sampled_from(["basic", "bottleneck"]),
)
def test_the_nearest_number_of_groups_of_a_block_works(inputs, inner, expansion, groups, block):
    words = {"block": block, "inputs": inputs, "inner": inner, "expansion": expansion, "shortcut": "B"}
    problems = problems_of(**words, groups=groups)
    if problems:
        (problem,) = problems
        assert problems_of(**words, groups=nearest(problem)) == ()
    else:
        build(CountSpec.of({**words, "groups": groups}))


@pytest.mark.parametrize(("first", "second", "groups"), [(12, 9, 5), (6, 10, 5), (10, 6, 4), (64, 48, 60)])
def test_the_nearest_number_of_groups_suits_all_stages(first, second, groups):
    """6 suits the first stage of 1x6,1x10 and 5 the second: a search that asks one stage after the other never ends."""
    words = {"net": "custom", "stages": f"1x{first},1x{second}"}
    problem = only_problem(**words, groups=groups)
    assert problems_of(**words, groups=nearest(problem)) == ()


@examples(40)
@given(
    st.lists(st.integers(1, 60), min_size=2, max_size=4), st.integers(1, 70), st.sampled_from(["basic", "bottleneck"])
)
def test_the_nearest_number_of_groups_of_any_stages_works(widths, groups, block):
    words = {"net": "custom", "block": block, "stages": ",".join(f"1x{width}" for width in widths)}
    for problem in problems_of(**words, groups=groups):
        assert problems_of(**words, groups=nearest(problem)) == ()


@pytest.mark.parametrize(
    ("words", "inputs", "outputs"),
    [
        ({"net": "block", "inputs": 257}, "257", "256"),
        ({"net": "block", "block": "basic", "inputs": 1_024, "inner": 64}, "1,024", "64"),
        ({"net": "custom", "stages": "1x64,1x32"}, "256", "128"),
        ({"net": "custom", "block": "basic", "stages": "2x64,2x48/1"}, "64", "48"),
    ],
)
def test_padding_cannot_take_channels_away(words, inputs, outputs):
    problem = only_problem(**words, shortcut="A")
    assert (problem.key, problem.value) == ("shortcut", "A")
    assert problem.allowed == (
        f"from {inputs} to {outputs} channels: padding adds channels and takes none away; nearest that works: B"
    )
    assert problems_of(**words, shortcut="B") == ()
    assert problems_of(**words, shortcut="C") == ()


@pytest.mark.parametrize("net", NETS)
def test_an_image_too_small(net):
    smallest = FAMILIES[NETS[net][1]].smallest
    if net == "custom":
        smallest = 7  # of the stem that it has
    if net == "block":
        assert problems_of(net=net, input=1) == ()
        return
    for size in sorted({1, smallest // 2, smallest - 1}):
        problem = only_problem(net=net, input=size)
        assert (problem.key, problem.value) == ("input", str(size))
        assert problem.allowed.startswith("too small: ")
        assert nearest(problem) == str(smallest)
    assert problems_of(net=net, input=smallest) == ()


def test_the_smallest_image_of_stages_depends_on_the_stem():
    assert nearest(only_problem(net="custom", stem="cifar", input=2)) == "3"
    assert problems_of(net="custom", stem="cifar", input=3) == ()
    assert nearest(only_problem(net="custom", input=3)) == "7"


@pytest.mark.parametrize(
    "net", ["densenet121", "vgg16", *(pytest.param(net, marks=pytest.mark.grid) for net in ("densenet201", "vgg19"))]
)
def test_torch_refuses_a_smaller_image_too(net):
    smallest = CountSpec.of({"net": net}).family.smallest
    with torch.device("meta"):
        model = build(CountSpec.of({"net": net}))
        assert model(torch.empty(2, 3, smallest, smallest)).shape == (2, 1000)
        with pytest.raises(RuntimeError, match="too small"):
            model(torch.empty(2, 3, smallest - 1, smallest - 1))


@pytest.mark.parametrize("net", ["resnet18", "resnext50_32x4d", "cifar", "wrn", "resnext29", "custom"])
def test_torch_takes_the_smallest_image(net):
    spec = CountSpec.of({"net": net})
    smallest = CountSpec.read({"net": net, "input": 1})[0].input
    with torch.device("meta"):
        assert build(spec)(torch.empty(2, 3, smallest, smallest)).shape == (2, spec.classes)


@pytest.mark.parametrize(
    ("net", "other", "said"),
    [
        ("resnet50", "alexnet", "net=alexnet: allowed is one of resnet18, "),
        ("resnet50", "resnet34,shortcut", "write a network and its settings, such as cifar,depth:56"),
        (
            "resnet50",
            "cifar,depth:57",
            "depth=57: this family has 6n+2 layers, such as 56 and 62; nearest that works: 56",
        ),
        ("resnet50", "cifar,depth:many", "depth=many: allowed is a whole number from 0 to 1,202"),
        ("resnet50", "resnet34,other:resnet18", "one network goes beside another, not more"),
        ("resnet50", "resnet34,layers:9", "layers=9: no such setting"),
        ("resnet50", "resnet34,width:9", "width=9: ResNet-34 has its own"),
        ("resnet50", "vgg16,input:31", "input=31: too small"),
        ("resnet50", "block", "a block goes beside a block, a network beside a network"),
        ("resnet50", "block,inner:32", "a block goes beside a block, a network beside a network"),
        ("block", "resnet50", "a block goes beside a block, a network beside a network"),
    ],
)
def test_what_cannot_stand_beside_it(net, other, said):
    spec, (problem,) = CountSpec.read({"net": net, "other": other})
    assert (problem.key, problem.value) == ("other", other)
    assert said in problem.allowed
    assert spec == CountSpec.of({"net": net})


@pytest.mark.parametrize(
    ("net", "other", "words"),
    [
        ("resnet50", "resnet34", {"net": "resnet34"}),
        ("resnet50", "cifar,depth:56,shortcut:B", {"net": "cifar", "depth": "56", "shortcut": "B"}),
        ("resnet50", "custom,stages:3x64,4x128/1", {"net": "custom", "stages": "3x64,4x128/1"}),
        (
            "resnet50",
            "custom,block:basic,stages:3x64,4x128,bias:yes",
            {"net": "custom", "block": "basic", "stages": "3x64,4x128", "bias": "yes"},
        ),
        (
            "block",
            "block,in:64,inner:64,block:basic",
            {"net": "block", "inputs": "64", "inner": "64", "block": "basic"},
        ),
    ],
)
def test_what_can_stand_beside_it(net, other, words):
    assert CountSpec.of({"net": net, "other": other}).against == CountSpec.of(words)


def test_several_problems_are_all_told():
    with pytest.raises(SpecError) as error:
        CountSpec.of({"net": "cifar", "depth": "57", "stem": "imagenet", "classes": "0", "colour": "red"})
    assert {problem.key for problem in error.value.problems} == {"depth", "stem", "classes", "colour"}


# -- anything ------------------------------------------------------------------------------------

STAGES = st.sampled_from(
    [
        "",
        "x",
        "3x64",
        "1x6,1x10",
        "2x8,2x4",
        "1x1,1x9/1",
        "0x3",
        "1x16384,1000x1",
        "9x9,9x9,9x9",
        "1x1,,",
        "٣x٤",
        "1e3x2",
    ]
)
NUMBERS = st.integers(-3, 70).map(str) | st.sampled_from(
    [
        "1202",
        "1201",
        "16384",
        "99999999999999999999",
        "1" * 5000,
        "-0",
        "1.0",
        "1e3",
        "nan",
        "inf",
        "٣",
        " 7 ",
        "0x10",
        "½",
        "\x00",
        "",
    ]
)
OTHERS = st.sampled_from(
    [
        "",
        ",",
        ":",
        "block",
        "block,in:0",
        "resnet34",
        "resnet34,",
        "cifar,depth:,",
        "cifar,:3",
        "custom,stages:",
        "nope,a:b",
        "wrn,depth:1202",
    ]
)


def field_text(name: str) -> st.SearchStrategy[str]:
    match COUNT_FIELDS[name].kind:
        case "choice":
            return st.sampled_from([*COUNT_FIELDS[name].choices, "none of them"])
        case "int":
            return NUMBERS
    return {"stages": STAGES, "other": OTHERS}.get(
        name, st.sampled_from(["", "conv", "conv,,norm", "conv,tanh", "add, relu", ","])
    )


KEYED = st.fixed_dictionaries(
    {},
    optional={name: field_text(name) for name in (*COUNT_FIELDS, "in")}
    if "in" in COUNT_FIELDS
    else {**{name: field_text(name) for name in COUNT_FIELDS}, "in": NUMBERS},
)
ANYTHING = st.dictionaries(
    st.sampled_from([*COUNT_FIELDS, "in"]) | st.text(max_size=8), st.text(max_size=30), max_size=5
)
FEW = KEYED.flatmap(
    lambda words: st.sets(st.sampled_from(sorted(words) or [""])).map(
        lambda kept: {k: v for k, v in words.items() if k in kept}
    )
)


def check_anything(words: dict[str, str]) -> None:
    spec, problems = CountSpec.read(words)
    counted = count(spec)
    assert counted.total.sums.all_parameters > 0
    assert CountSpec.of(spec.words()) == spec  # so all of it is allowed
    assert all(str(problem) for problem in problems)
    assert spec.against is None or count(spec.against).parts
    if not problems:
        assert CountSpec.of(words) == spec
    else:
        with pytest.raises(SpecError):
            CountSpec.of(words)


@examples(160)
@given(FEW | ANYTHING)
def test_any_words_make_a_network_that_can_be_counted(words):
    check_anything(words)


@examples(60)
@given(st.sampled_from(OWN), KEYED)
def test_any_settings_of_our_own_networks_make_one_that_can_be_counted(net, words):
    check_anything({**words, "net": net})


def test_the_nearest_whole_number_is_written_out():
    problem = only_problem(classes=10**7)
    assert nearest(problem) == "1000000"
    assert CountSpec.of({"classes": nearest(problem)}).classes == 1_000_000
