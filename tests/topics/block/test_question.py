"""A block as a value: its words come back, its shapes are those of the block that is built, and conflicts are named."""

from urllib.parse import parse_qsl

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.spec import FIELDS
from resviz.nets.settings import ORDERS, BlockFields
from resviz.topics.block.experiment import made
from resviz.topics.block.question import BLOCK_FIELDS, SIDES, BlockRecord, BlockSpec, Node
from resviz.words.text import SpecError, parse_words
from tests.examples import examples
from tests.strategies import values_of

WORDS = st.fixed_dictionaries(
    {
        name: values_of(fact, fact.low, fact.high, -0.0)
        for name, fact in BLOCK_FIELDS.items()
        if name != "own"  # names a file
    }
)
SPECS = WORDS.map(lambda words: BlockSpec.read(words)[0])


@given(SPECS)
def test_words_link_and_command_come_back_as_the_same_block(spec):
    import shlex

    assert BlockSpec.of(spec.words()) == spec
    assert BlockSpec.of(dict(parse_qsl(spec.query(), keep_blank_values=True))) == spec
    assert BlockSpec.of(parse_words(shlex.split(spec.command()))) == spec
    assert BlockSpec.model_validate_json(spec.model_dump_json()) == spec
    assert BlockSpec.of(spec.words()).digest == spec.digest


@given(SPECS, SPECS)
def test_a_digest_names_one_block(one, other):
    assert (one.digest == other.digest) == (one == other)


@given(WORDS)
def test_any_words_make_a_block_that_can_be_built_or_say_which_setting_does_not_fit(words):
    spec, problems = BlockSpec.read(words)
    assert BlockSpec.read(spec.words()) == (spec, ())
    for problem in problems:
        assert getattr(spec, problem.key) != words[problem.key]
        assert problem.value == str(words[problem.key])
    changed = {key for key, value in words.items() if getattr(spec, key) != value}
    assert changed == {problem.key for problem in problems} <= {"init", "shortcut"}


@examples(40)
@given(SPECS.map(lambda spec: spec.replace(inputs=min(spec.inputs, 9), width=min(spec.width, 9), shortcut="B")))
def test_its_shapes_are_those_of_the_block_that_is_built(spec):
    block = made(spec).eval()
    x = torch.zeros(1, *spec.shapes[0])
    with torch.no_grad():
        assert block(x).shape[1:] == spec.shapes[1]
        assert block.branch(x).shape[1:] == spec.shapes[1]
    assert spec.changes == (spec.shapes[0] != spec.shapes[1])


@pytest.mark.parametrize(
    ("words", "x", "f"),
    [
        ({"inputs": "16", "width": "8"}, "16x64x64", "8x64x64"),
        ({"inputs": "17", "width": "4", "block": "bottleneck", "image": "digit", "stride": "2"}, "17x8x8", "16x4x4"),
    ],
    ids=["basic", "bottleneck"],
)
def test_padding_cannot_take_channels_away_and_says_both_shapes(words, x, f):
    spec, (problem,) = BlockSpec.read(words)
    assert (problem.key, problem.value) == ("shortcut", "A")
    assert f"x is {x} and F(x) {f} (channels x height x width)" in problem.allowed
    assert spec == BlockSpec.of({**words, "shortcut": "B"})
    with pytest.raises(SpecError, match=f"shortcut=A: x is {x} and F"):
        BlockSpec.of(words)


@pytest.mark.parametrize(
    "words",
    [
        {"inputs": "16", "width": "8", "block": "plain"},
        {"inputs": "16", "width": "4", "block": "bottleneck"},  # four times as many come out
        {"inputs": "8", "width": "16"},
        {"inputs": "16", "width": "8", "shortcut": "B"},
        {"inputs": "16", "width": "8", "shortcut": "C"},
    ],
    ids=str,
)
def test_nothing_is_said_where_shapes_fit(words):
    assert BlockSpec.read(words)[1] == ()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("norm", ["batch", "none"])
def test_zero_gamma_wants_a_branch_that_ends_in_its_normalisation(order, norm):
    spec, problems = BlockSpec.read({"init": "zero_gamma", "order": order, "norm": norm})
    if norm == "none":
        assert "needs a normalisation, whose gamma it zeroes; norm is none" in problems[0].allowed
    elif order not in ("original", "relu_only"):
        assert f"order is {order}" in problems[0].allowed
    else:
        assert (spec.init, problems) == ("zero_gamma", ())
        return
    assert spec.init == "he"


def test_both_conflicts_are_told_at_once():
    spec, problems = BlockSpec.read({"init": "zero_gamma", "order": "full", "inputs": "16", "width": "8"})
    assert [problem.key for problem in problems] == ["init", "shortcut"]
    assert (spec.init, spec.shortcut) == ("he", "B")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"image": "cat"}, "image=cat: allowed is one of china, flower, digit, own"),
        ({"inputs": "0"}, "inputs=0: allowed is a whole number from 1 to 256"),
        ({"stride": "3"}, "stride=3: allowed is a whole number from 1 to 2"),
        ({"example": "1797"}, "example=1797: allowed is a whole number from 0 to 1,796"),
        ({"branch_scale": "nan"}, "branch_scale=nan: allowed is a number from 0 to 4"),
        ({"depth": "20"}, "depth=20: no such setting; there are block, order"),
        ({"entering": "x" * 100}, "entering=" + "x" * 40 + "… (100 characters)"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_words_are_named_with_what_is_allowed(words, says):
    with pytest.raises(SpecError) as error:
        BlockSpec.of(words)
    assert says in str(error.value)
    assert BlockSpec.read(words)[0] == BlockSpec()


def test_a_block_shares_its_settings_with_whole_networks():
    """One word means one thing wherever it stands, in links too."""
    for name in BlockFields.model_fields:
        assert BLOCK_FIELDS[name] == FIELDS[name]


def test_every_image_has_a_size():
    assert set(SIDES) == set(BLOCK_FIELDS["image"].choices)


def test_the_first_node_of_a_role_is_found():
    nodes = tuple(
        Node(role, part, (1, 1, 1), 1.0, 0.0, 0.0, b"", ())
        for role, part in [("x", "x"), ("branch", "a"), ("branch", "b")]
    )
    record = BlockRecord(b"", 1.0, nodes, None, False, {}, 0, 0, 16, ())
    assert record.node("branch") is nodes[1]
    assert record.node("y") is None
