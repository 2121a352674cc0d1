"""A spec comes back unchanged from every form it takes, and bad input is named instead of raised about."""

import json
import math
import os
import subprocess
import sys
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from resviz.settings import DATASETS, MAX_DEPTH
from resviz.spec import FIELDS, FieldFacts, Spec
from resviz.words import SpecError, parse_words, write_numbers


def values_of(fact: FieldFacts) -> st.SearchStrategy[Any]:
    """Every value that one field takes by itself."""
    match fact.kind:
        case "choice":
            return st.sampled_from(list(fact.choices))
        case "int":
            assert fact.low is not None and fact.high is not None
            return st.integers(int(fact.low), int(fact.high))
        case "float":
            return st.floats(fact.low, fact.high)
    return st.just(())  # cuts depend on the other fields


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Every valid spec: fields within their bounds, changed where two of them do not go together."""
    values = {name: draw(values_of(fact)) for name, fact in FIELDS.items()}
    if values["init"] == "zero_gamma" and (values["norm"] == "none" or values["block"] == "preact"):
        values["init"] = "he"
    if 0 < values["examples"] < values["batch"]:
        values["examples"] = values["batch"]
    # Groups of one channel of one pixel: see test_a_point_has_more_than_one_number_a_group.
    if DATASETS[values["dataset"]].shape[1] == 1 and values["norm"] in ("layer", "group"):
        values["width"] = max(8, values["width"])
    if shortcuts := Spec(**values).shortcuts:
        values["cut"] = tuple(draw(st.sets(st.integers(1, shortcuts), max_size=20)))
    return Spec(**values)


def another(fact: FieldFacts) -> Any:
    """A value of this field that is not the default."""
    match fact.kind:
        case "choice":
            return next(c for c in fact.choices if c != fact.default)
        case "numbers":
            return (1,)
        case "int":
            return 200 if fact.name == "examples" else fact.default + 1
    return fact.default / 2 if fact.default else 0.5


# -- fields --------------------------------------------------------------------------------------


def test_defaults_are_valid_and_need_no_words() -> None:
    spec = Spec()
    assert Spec.read({}) == (spec, ())
    assert Spec.model_validate(spec.model_dump()) == spec
    assert (spec.words(), spec.query(), spec.command()) == ({}, "", "")


@pytest.mark.parametrize("fact", FIELDS.values(), ids=FIELDS)
def test_a_field_says_what_it_is(fact: FieldFacts) -> None:
    assert fact.label and fact.help.endswith(".")
    assert fact.default == getattr(Spec(), fact.name)
    if fact.kind in ("int", "float"):
        assert fact.low is not None and fact.high is not None
        assert fact.low <= fact.default <= fact.high
    elif fact.kind == "choice":
        assert fact.default in fact.choices and all(fact.choices.values())
    else:
        assert fact.kind == "numbers"


def test_fields_are_those_of_the_spec() -> None:
    assert list(FIELDS) == list(Spec.model_fields)


@pytest.mark.parametrize("name", FIELDS)
def test_frozen(name: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Spec(), name, FIELDS[name].default)


# -- round trips ---------------------------------------------------------------------------------


@given(specs())
def test_words_come_back(spec: Spec) -> None:
    assert Spec.read(spec.words()) == (spec, ())


@given(specs())
def test_link_comes_back(spec: Spec) -> None:
    assert Spec.of(dict(parse_qsl(spec.query(), keep_blank_values=True, strict_parsing=bool(spec.query())))) == spec


@given(specs())
def test_command_comes_back(spec: Spec) -> None:
    assert Spec.of(parse_words(spec.command().split())) == spec


@given(specs())
def test_json_comes_back(spec: Spec) -> None:
    assert Spec.model_validate_json(spec.model_dump_json()) == spec
    assert Spec.of(json.loads(spec.model_dump_json())) == spec


@given(specs(), specs())
def test_equal_specs_and_only_they_share_a_digest(one: Spec, other: Spec) -> None:
    assert Spec.read(one.words())[0].digest == one.digest
    assert (one == other) == (one.digest == other.digest)


@given(st.sets(st.integers(1, MAX_DEPTH)))
def test_numbers_come_back(numbers: set[int]) -> None:
    text = write_numbers(numbers)
    assert Spec.model_validate({"cut": text}).cut == tuple(sorted(numbers))


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((), ""),
        ((3,), "3"),
        ((1, 2), "1-2"),
        ((3, 7, 10, 11, 12), "3,7,10-12"),
        ((1, 3, 5), "1,3,5"),
    ],
)
def test_numbers_as_text(numbers: tuple[int, ...], text: str) -> None:
    assert write_numbers(numbers) == text
    assert Spec.of({"cut": text}).cut == numbers


@pytest.mark.parametrize("given", ["5,3,3-4", " 3 , 4,5 ,", [5, 4, 3, 3], {3, 4, 5}, (3, 4, 5)])
def test_numbers_in_any_order_with_repeats(given: Any) -> None:
    assert Spec.of({"cut": given}).cut == (3, 4, 5)


def test_link_is_readable() -> None:
    spec = Spec(depth=20, cut=(1, 2, 5), lr=0.1)
    assert spec.query() == "depth=20&cut=1-2,5&lr=0.1"
    assert spec.command() == "depth=20 cut=1-2,5 lr=0.1"


# -- digest --------------------------------------------------------------------------------------


def test_digest_of_the_default() -> None:
    # Names records on disk: a new value here means that everyone's kept records are lost.
    assert Spec().digest == "6ebfdbabf9bce9ef"


def test_digest_sees_every_field() -> None:
    digests = {Spec().digest} | {Spec.of({name: another(fact)}).digest for name, fact in FIELDS.items()}
    assert len(digests) == 1 + len(FIELDS)


def test_digest_is_the_same_in_another_process() -> None:
    spec = Spec(depth=20, cut=(1, 2, 5), lr=0.1, block="bottleneck")
    code = (
        "import sys; from resviz.spec import Spec; from resviz.words import parse_words; "
        "print(Spec.of(parse_words(sys.argv[1:])).digest)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *spec.command().split()],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )
    assert done.stdout.strip() == spec.digest


def test_zero_has_one_digest() -> None:
    assert Spec(weight_decay=-0.0) == Spec()
    assert Spec(weight_decay=-0.0).digest == Spec().digest


# -- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("depth", "abc", "a whole number from 2 to 1,202"),
        ("depth", "99999", "a whole number from 2 to 1,202"),
        ("depth", "1", "a whole number from 2 to 1,202"),
        ("depth", "", "a whole number from 2 to 1,202"),
        ("depth", "20.5", "a whole number from 2 to 1,202"),
        ("lr", "-1", "a number from 1e-06 to 100"),
        ("lr", "1e30", "a number from 1e-06 to 100"),
        ("lr", "nan", "a number from 1e-06 to 100"),
        ("lr", "inf", "a number from 1e-06 to 100"),
        ("block", "Basic", "one of plain, basic, bottleneck, preact"),
        ("block", "", "one of plain, basic, bottleneck, preact"),
        ("cut", "3-", "block numbers from 1"),
        ("cut", "12-10", "block numbers from 1"),
        ("cut", "1-99999", "block numbers from 1"),
        ("cut", "1;2", "block numbers from 1"),
        ("cut", "-3", "block numbers from 1"),
        ("cut", "900", "depth 56 has shortcuts 1 to 27"),
        ("cut", "0", "depth 56 has shortcuts 1 to 27"),
        ("colour", "red", "no such setting; there are depth, width"),
    ],
)
def test_a_bad_word_is_named_and_the_default_stands_in(key: str, value: str, allowed: str) -> None:
    spec, problems = Spec.read({key: value, "width": "8"})
    assert spec == Spec(width=8)
    [problem] = problems
    assert (problem.key, problem.value) == (key, value)
    assert allowed in problem.allowed
    assert str(problem).startswith(f"{key}={value}: ")
    with pytest.raises(SpecError) as raised:
        Spec.of({key: value, "width": "8"})
    assert raised.value.problems == problems


def test_only_the_numbers_that_are_wrong_are_named() -> None:
    _, [problem] = Spec.read({"depth": "20", "cut": "8-12,40"})
    assert (problem.key, problem.value) == ("cut", "10-12,40")


def test_all_problems_at_once() -> None:
    with pytest.raises(SpecError) as raised:
        Spec.of({"colour": "red", "depth": "abc", "lr": "-1", "cut": "900"})
    assert [p.key for p in raised.value.problems] == ["colour", "depth", "lr", "cut"]
    assert all(f"{p.key}={p.value}: {p.allowed}" in str(raised.value) for p in raised.value.problems)


@pytest.mark.parametrize("key", FIELDS)
def test_a_message_is_short_however_long_the_value(key: str) -> None:
    for letter in "x1":
        spec, [problem] = Spec.read({key: letter * 1_000_000})
        assert spec == Spec()
        assert len(str(problem)) < 200


def test_a_message_is_short_however_long_the_key() -> None:
    _, [problem] = Spec.read({"x" * 1_000_000: "1"})
    assert len(str(problem)) < 400


@pytest.mark.parametrize(
    "words",
    [
        ["x" * 1_000_000],
        ["x" * 1_000_000 + "=1", "x" * 1_000_000 + "=2"],
        ["depth=" + "1" * 1_000_000, "depth=2"],
    ],
)
def test_a_message_is_short_however_long_the_word(words: list[str]) -> None:
    with pytest.raises(SpecError) as raised:
        parse_words(words)
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("value", [None, 1.5, [[1]], [None], ["x"], {"a": 1}, object])
@pytest.mark.parametrize("key", ["depth", "block", "cut"])
def test_values_that_are_no_text_are_named_too(key: str, value: Any) -> None:
    spec, [problem] = Spec.read({key: value})
    assert spec == Spec()
    assert problem.key == key


def test_a_list_of_numbers_longer_than_any_network_is_refused() -> None:
    # Uniting "1-1202," 140,000 times took three seconds, which any link could ask of the server.
    spec, [problem] = Spec.read({"cut": "1," * 100_000})
    assert (spec, problem.key) == (Spec(), "cut")
    assert Spec.read({"depth": MAX_DEPTH, "cut": ",".join(map(str, range(1, 601, 2)))})[1] == ()


@given(
    st.dictionaries(
        st.sampled_from(list(FIELDS)) | st.text(max_size=8),
        st.text(max_size=12)
        | st.integers().map(str)
        | st.floats().map(repr)
        | st.text("0123456789,- ", max_size=12)
        | st.sampled_from([c for f in FIELDS.values() for c in f.choices]),
        max_size=10,
    )
)
@settings(max_examples=300)
def test_any_text_reads_as_a_valid_spec(words: dict[str, str]) -> None:
    spec, problems = Spec.read(words)
    assert Spec.read(spec.words()) == (spec, ())
    assert Spec.model_validate(spec.model_dump()) == spec
    assert {p.key for p in problems} >= set(words) - set(FIELDS)
    for problem in problems:
        assert problem.key in words or problem.key in FIELDS
        assert problem.allowed


def test_words_are_written_with_an_equals_sign() -> None:
    assert parse_words(["depth=20", "cut=1,2", "note=a=b"]) == {"depth": "20", "cut": "1,2", "note": "a=b"}
    with pytest.raises(SpecError, match="key=value, such as depth=56"):
        parse_words(["depth=20", "norm"])
    with pytest.raises(SpecError, match="depth=32: given twice; the first was 20"):
        parse_words(["depth=20", "depth=32"])


# -- settings that do not go together ------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "key", "says"),
    [
        ({"init": "zero_gamma", "norm": "none"}, "init", "needs a normalisation"),
        ({"init": "zero_gamma", "block": "preact"}, "init", "preact ends in a convolution"),
        ({"batch": "512", "examples": "300"}, "examples", "a batch of 512 needs at least as many training images"),
        ({"depth": "20", "cut": "10"}, "cut", "depth 20 has shortcuts 1 to 9"),
        ({"depth": "20", "block": "bottleneck", "cut": "7"}, "cut", "depth 20 has shortcuts 1 to 6"),
        ({"block": "plain", "cut": "1"}, "cut", "depth 56 with block plain has no shortcuts"),
        ({"depth": "3", "cut": "1"}, "cut", "depth 3 with block basic has no shortcuts"),
    ],
)
def test_a_conflict_is_named_and_solved(words: dict[str, str], key: str, says: str) -> None:
    spec, [problem] = Spec.read(words)
    assert problem.key == key and problem.value == words[key]
    assert says in problem.allowed
    assert spec == Spec.of({k: v for k, v in words.items() if k != key})


def test_conflicts_are_solved_together() -> None:
    spec, problems = Spec.read({"init": "zero_gamma", "norm": "none", "batch": "512", "examples": "300", "cut": "90"})
    assert sorted(p.key for p in problems) == ["cut", "examples", "init"]
    assert spec == Spec(norm="none", batch=512)


@pytest.mark.parametrize(("norm", "width"), [("layer", 1), ("group", 1), ("group", 2), ("group", 4)])
def test_a_point_has_more_than_one_number_a_group(norm: str, width: int) -> None:
    """One channel of one pixel, normalised by itself, is 0 whatever it was: such a network sees nothing."""
    _, problems = Spec.read({"dataset": "spirals", "norm": norm, "width": width})
    assert problems


def test_replace() -> None:
    spec = Spec(depth=20, cut=(9,))
    assert spec.replace(lr=0.5) == Spec(depth=20, cut=(9,), lr=0.5)
    with pytest.raises(SpecError, match="shortcuts 1 to 3"):
        spec.replace(depth=8)


def test_a_replaced_spec_has_a_digest_of_its_own() -> None:
    spec = Spec()
    assert spec.digest and spec.steps
    changed = spec.replace(epochs=1)
    assert changed.digest == Spec(epochs=1).digest != spec.digest
    assert changed.steps == spec.steps_per_epoch


# -- what follows from the fields ----------------------------------------------------------------


@pytest.mark.parametrize(("block", "convs"), [("plain", 2), ("basic", 2), ("bottleneck", 3), ("preact", 2)])
def test_depth_adds_up(block: str, convs: int) -> None:
    for depth in range(2, MAX_DEPTH + 1):
        spec = Spec.model_construct(depth=depth, block=block, stages=1 + depth % 3)
        assert spec.stem_convs + convs * spec.blocks + 1 == depth  # and one for the head
        assert 1 <= spec.stem_convs <= convs
        each = spec.blocks_per_stage
        assert sum(each) == spec.blocks and len(each) <= spec.stages
        assert not each or (max(each) - min(each) <= 1 and list(each) == sorted(each, reverse=True))


def test_the_networks_of_he_2015() -> None:
    for n in (3, 5, 7, 9, 18, 200):
        spec = Spec(depth=6 * n + 2, stages=3)
        assert (spec.blocks_per_stage, spec.stem_convs) == ((n, n, n), 1)


@given(specs())
def test_steps_are_whole_batches(spec: Spec) -> None:
    assert 1 <= spec.steps_per_epoch * spec.batch <= spec.train_examples <= DATASETS[spec.dataset].train
    assert spec.train_examples - spec.steps_per_epoch * spec.batch < spec.batch
    assert spec.steps == spec.epochs * spec.steps_per_epoch


def test_learning_rate_constant() -> None:
    assert {Spec(lr=0.1).lr_at(step, 90) for step in range(1, 91)} == {0.1}


def test_learning_rate_warms_up_in_a_line() -> None:
    spec = Spec(lr=0.1, warmup=40)
    rates = [spec.lr_at(step, 100) for step in range(1, 101)]
    assert rates[:40] == pytest.approx([0.1 * step / 40 for step in range(1, 41)], rel=1e-12)
    assert set(rates[39:]) == {0.1}


def test_learning_rate_cosine() -> None:
    rates = [Spec(lr=0.1, schedule="cosine").lr_at(step, 200) for step in range(1, 201)]
    assert rates == pytest.approx([0.05 * (1 + math.cos(math.pi * k / 200)) for k in range(200)], rel=1e-12)
    assert rates[0] == 0.1 and rates[100] == pytest.approx(0.05)
    assert rates[-1] < 1e-4 * rates[0]
    assert rates == sorted(rates, reverse=True)


def test_learning_rate_steps() -> None:
    rates = [Spec(lr=0.1, schedule="step").lr_at(step, 100) for step in range(1, 101)]
    assert rates == pytest.approx([0.1] * 50 + [0.01] * 25 + [0.001] * 25, rel=1e-12)


def test_learning_rate_warms_up_into_a_schedule() -> None:
    plain, warm = Spec(lr=0.1, schedule="cosine"), Spec(lr=0.1, schedule="cosine", warmup=10)
    for step in range(1, 51):
        assert warm.lr_at(step, 50) == pytest.approx(plain.lr_at(step, 50) * min(1, step / 10), rel=1e-12)
