"""A spec comes back unchanged from every form it takes, and bad input is named instead of raised about."""

import json
import math
import os
import re
import shlex
import subprocess
import sys
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from resviz.families.resnet.settings import MAX_DEPTH
from resviz.families.resnet.spec import FIELDS, LIVE, Spec
from resviz.words.fields import FieldFacts
from resviz.words.text import MOST_EDITS, Edit, SpecError, parse_words, read_edits, write_edits, write_numbers
from tests.examples import examples
from tests.strategies import changes, specs


def another(fact: FieldFacts) -> Any:
    """A value of this field that is not the default."""
    match fact.kind:
        case "choice":
            return next(c for c in fact.choices if c != fact.default)
        case "numbers":
            return (1,)
        case "edits":
            return "60:cut:7"
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
        assert fact.kind == ("edits" if fact.name == "edits" else "numbers")


def test_fields_are_those_of_the_spec() -> None:
    assert list(FIELDS) == list(Spec.model_fields)


@pytest.mark.parametrize("name", FIELDS)
def test_frozen(name: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Spec(), name, FIELDS[name].default)


# -- round trips ---------------------------------------------------------------------------------


@given(specs())
def test_words_link_command_and_json_come_back(spec: Spec) -> None:
    assert Spec.read(spec.words()) == (spec, ())
    assert Spec.of(dict(parse_qsl(spec.query(), keep_blank_values=True, strict_parsing=bool(spec.query())))) == spec
    assert Spec.of(parse_words(shlex.split(spec.command()))) == spec
    assert Spec.model_validate_json(spec.model_dump_json()) == spec
    assert Spec.of(json.loads(spec.model_dump_json())) == spec


@given(specs(), specs())
@examples(30)
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
    assert Spec().digest == "792d13582f5b7c4c"


def test_digest_sees_every_field() -> None:
    digests = {Spec().digest} | {Spec.of({name: another(fact)}).digest for name, fact in FIELDS.items()}
    assert len(digests) == 1 + len(FIELDS)


@pytest.mark.process
def test_digest_is_the_same_in_another_process() -> None:
    spec = Spec(depth=20, cut=(1, 2, 5), lr=0.1, block="bottleneck").branch(9, cut=[3], lr=0.01)
    code = (
        "import sys; from resviz.families.resnet.spec import Spec; from resviz.words.text import parse_words; "
        "print(Spec.of(parse_words(sys.argv[1:])).digest)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *shlex.split(spec.command())],
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
        ("lr", "-1", "a number from 0.000001 to 100"),
        ("lr", "1e30", "a number from 0.000001 to 100"),
        ("lr", "nan", "a number from 0.000001 to 100"),
        ("lr", "inf", "a number from 0.000001 to 100"),
        ("block", "basics", "one of plain, basic, bottleneck"),
        ("block", "", "one of plain, basic, bottleneck"),
        ("block", "preact", "one of plain, basic, bottleneck"),
        ("order", "preact", "one of original, bn_after, relu_before, relu_only, full"),
        ("kind", "rnn", "one of conv, mlp"),
        ("gate", "highway", "one of none, exclusive, shortcut_only"),
        ("gate_bias", "-10.5", "a number from -10 to 10"),
        ("gate_bias", "11", "a number from -10 to 10"),
        ("shortcut_dropout", "0.95", "a number from 0 to 0.9"),
        ("shortcut_dropout", "-0.1", "a number from 0 to 0.9"),
        ("shortcut_scale", "4.01", "a number from 0 to 4"),
        ("shortcut_scale", "-1", "a number from 0 to 4"),
        ("cut", "3-", "block numbers from 1"),
        ("cut", "12-10", "block numbers from 1"),
        ("cut", "1-99999", "block numbers from 1"),
        ("cut", "1:2", "block numbers from 1"),
        ("cut", "-3", "block numbers from 1"),
        ("remove", "x", "block numbers from 1"),
        ("remove", "28", "depth 56 has blocks 1 to 27"),
        ("edits", "60", "step:setting:value, such as 60:cut:7 90:lr:0.01"),
        ("edits", "60:cut", "step:setting:value, such as"),
        ("edits", "-60:cut:7", "step:setting:value, such as"),
        ("edits", "60:cut:900", "depth 56 has shortcuts 1 to 27"),
        ("edits", "60:cut:x", "block numbers from 1"),
        ("edits", "60:lr:-1", "a number from 0.000001 to 100"),
        (
            "edits",
            "60:depth:8",
            "depth cannot change on the way; what can is activation, shortcut_scale, branch_scale, cut, remove,",
        ),
        (
            "edits",
            "60:edits:7",
            "edits cannot change on the way; what can is activation, shortcut_scale, branch_scale, cut, remove,",
        ),
        (
            "edits",
            "60:colour:red",
            "no such setting; what can is activation, shortcut_scale, branch_scale, cut, remove,",
        ),
        ("edits", "132:cut:7", "the run has 132 steps: a change can come after step 1 to 131"),
        ("edits", "133:epochs:24", "the run has 132 steps: a change can come after step 1 to 131"),
        ("edits", "60:epochs:5", "the run has 55 steps: a change can come after step 1 to 54"),
        ("cut", "900", "depth 56 has shortcuts 1 to 27"),
        ("cut", "0", "depth 56 has shortcuts 1 to 27"),
        ("colour", "red", "no such setting; there are kind, depth, width"),
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


@pytest.mark.parametrize("value", [None, 1.5, [[1]], [None], ["x"], {"a": 1}, object, [(math.inf, "cut", "7")]])
@pytest.mark.parametrize("key", ["depth", "block", "cut", "edits"])
def test_values_that_are_no_text_are_named_too(key: str, value: Any) -> None:
    spec, [problem] = Spec.read({key: value})
    assert spec == Spec()
    assert problem.key == key


def test_a_list_of_numbers_longer_than_any_network_is_refused() -> None:
    # Uniting "1-1202," 140,000 times took three seconds, which any link could ask of the server.
    spec, [problem] = Spec.read({"cut": "1," * 100_000})
    assert (spec, problem.key) == (Spec(), "cut")
    assert Spec.read({"depth": MAX_DEPTH, "cut": ",".join(map(str, range(1, 601, 2)))})[1] == ()


TRIPLES = st.tuples(
    st.integers(-1, 200) | st.integers(0, 10**10),
    st.sampled_from([*FIELDS, "colour", ""]),
    st.sampled_from(["", "1-3", "7", "90", "0.5", "24", "1", "relu", "cosine", "adam", "nan", "x:y"])
    | st.text(max_size=5),
).map(lambda triple: ":".join(map(str, triple)))


@given(
    st.dictionaries(
        st.sampled_from(list(FIELDS)) | st.text(max_size=8),
        st.text(max_size=12)
        | st.integers().map(str)
        | st.floats().map(repr)
        | st.text("0123456789,- ", max_size=12)
        | st.lists(TRIPLES, max_size=4).map(" ".join)
        | st.sampled_from([c for f in FIELDS.values() for c in f.choices]),
        max_size=10,
    )
)
@examples(120)
def test_any_text_reads_as_a_valid_spec(words: dict[str, str]) -> None:
    spec, problems = Spec.read(words)
    assert Spec.read(spec.words()) == (spec, ())
    assert Spec.model_validate(spec.model_dump()) == spec
    assert canonical(spec)
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
        *[
            ({"init": "zero_gamma", "order": order}, "init", f"ends in its normalisation: .* order is {order}$")
            for order in ("bn_after", "relu_before", "full")
        ],
        ({"kind": "mlp", "norm": "layer", "width": "1"}, "width", "with norm layer, a row of numbers needs more"),
        ({"kind": "mlp", "norm": "group", "width": "4"}, "width", "with norm group, a row of numbers needs more"),
        ({"batch": "512", "examples": "300"}, "examples", "a batch of 512 needs at least as many training images"),
        ({"depth": "20", "cut": "10"}, "cut", "depth 20 has shortcuts 1 to 9"),
        ({"depth": "20", "block": "bottleneck", "cut": "7"}, "cut", "depth 20 has shortcuts 1 to 6"),
        ({"block": "plain", "cut": "1"}, "cut", "depth 56 with block plain has no shortcuts"),
        ({"depth": "3", "cut": "1"}, "cut", "depth 3 with block basic has no shortcuts"),
        ({"depth": "3", "remove": "1"}, "remove", "depth 3 has no blocks"),
        ({"depth": "20", "block": "plain", "remove": "10"}, "remove", "depth 20 has blocks 1 to 9"),
        ({"depth": "20", "edits": "9:cut:10"}, "edits", "depth 20 has shortcuts 1 to 9"),
        ({"block": "plain", "edits": "9:cut:1"}, "edits", "depth 56 with block plain has no shortcuts"),
    ],
)
def test_a_conflict_is_named_and_solved(words: dict[str, str], key: str, says: str) -> None:
    spec, [problem] = Spec.read(words)
    assert problem.key == key and problem.value == words[key]
    assert re.search(says, problem.allowed)
    assert spec == Spec.of({k: v for k, v in words.items() if k != key})


def test_conflicts_are_solved_together() -> None:
    spec, problems = Spec.read({"init": "zero_gamma", "norm": "none", "batch": "512", "examples": "300", "cut": "90"})
    assert sorted(p.key for p in problems) == ["cut", "examples", "init"]
    assert spec == Spec(norm="none", batch=512)


@pytest.mark.parametrize(("norm", "width"), [("layer", 1), ("group", 1), ("group", 2), ("group", 4)])
def test_a_point_has_more_than_one_number_a_group(norm: str, width: int) -> None:
    """One channel of one pixel, normalised by itself, is 0 whatever it was: such a network sees nothing."""
    for row in ({"dataset": "spirals"}, {"kind": "mlp"}):
        spec, [problem] = Spec.read({**row, "norm": norm, "width": width})
        assert (problem.key, spec) == ("width", Spec(**row, norm=norm))
        assert Spec.read({**row, "norm": norm, "width": 8})[1] == ()
    assert Spec.read({"norm": norm, "width": width})[1] == ()  # an image has pixels to normalise over


@pytest.mark.parametrize("order", ["original", "relu_only"])
def test_zero_gamma_goes_with_a_branch_that_ends_in_its_normalisation(order: str) -> None:
    assert Spec.read({"init": "zero_gamma", "order": order})[1] == ()


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


# -- changes on the way ----------------------------------------------------------------------------


def canonical(spec: Spec) -> bool:
    """Whether its changes are in order, at steps of their own run, and each of them changes something."""
    now, order = spec.segments[0][1], list(FIELDS)
    assert now.edits == () and spec.segments[0][0] == 0
    for edit in spec.edits:
        before, now = now, Spec.of({**now.model_dump(), edit.key: edit.value})
        assert now != before and 1 <= edit.at < now.steps
        assert edit.value == now.words().get(edit.key, edit.value)
    assert now == spec.segments[-1][1]
    places = [(e.at, e.key != "epochs", order.index(e.key)) for e in spec.edits]
    return places == sorted(set(places)) and len(places) <= MOST_EDITS


@given(specs(), st.randoms())
def test_changes_have_one_form_and_the_order_in_which_they_are_written_says_nothing(spec: Spec, random: Any) -> None:
    assert canonical(spec)
    assert read_edits(write_edits(spec.edits)) == spec.edits
    shuffled = random.sample(spec.edits, len(spec.edits))
    assert Spec.of({**spec.words(), "edits": " ; ".join(map(str, shuffled))}) == spec
    assert Spec.of({**spec.words(), "edits": [list(edit) for edit in shuffled]}) == spec


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("90:lr:0.01 60:cut:7", "60:cut:7 90:lr:0.01"),
        ("60:cut:7;\n60:cut:8", "60:cut:8"),  # of two the last
        ("60:cut:9,7-8,7", "60:cut:7-9"),
        ("60:lr:1e-2 70:lr:0.010", "60:lr:0.01"),
        ("60:lr:0.02 60:cut:", ""),  # what holds anyway
        ("60:cut:7 60:cut:", ""),
        ("60:cut:7 70:cut:", "60:cut:7 70:cut:"),
        ("60:cut:7 070:cut:7", "60:cut:7"),
        ("140:cut:7 132:epochs:24", "132:epochs:24 140:cut:7"),
        ("132:cut:7 132:epochs:24", "132:epochs:24 132:cut:7"),
        ("60:weight_decay:-0", ""),
    ],
)
def test_changes_as_text(given: str, kept: str) -> None:
    assert write_edits(Spec.of({"edits": given}).edits) == kept


def test_a_change_before_the_first_step_is_no_change() -> None:
    assert Spec.of({"edits": "0:cut:7 0:lr:0.5 9:lr:0.5 9:cut:8"}) == Spec(cut=(7,), lr=0.5).branch(9, cut=[8])
    assert Spec(cut=(3,)).branch(0, cut=[7]) == Spec(cut=(7,))


def test_only_the_changes_that_cannot_be_made_fall_away() -> None:
    spec, problems = Spec.read({"depth": "20", "edits": "9:cut:10 10:cut:9 11:depth:8 12:colour:red 999:cut:1 13:lr:x"})
    assert spec == Spec(depth=20).branch(10, cut=[9])
    assert {p.value for p in problems} == {"9:cut:10", "11:depth:8", "12:colour:red", "999:cut:1", "13:lr:x"}
    assert all(p.key == "edits" and len(str(p)) < 250 for p in problems)


def test_a_change_that_needs_a_longer_run_falls_away_with_it() -> None:
    spec, problems = Spec.read({"edits": "20:epochs:5 60:cut:7 55:epochs:24 300:cut:8 200:cut:9"})
    assert write_edits(spec.edits) == "20:epochs:5 55:epochs:24 60:cut:7 200:cut:9"
    assert [p.value for p in problems] == ["300:cut:8"]
    assert (spec.steps, spec.ends) == (264, {132, 55, 264})


@pytest.mark.parametrize("number", [MOST_EDITS, MOST_EDITS + 1])
def test_no_more_changes_than_a_link_may_have(number: int) -> None:
    edits = [Edit(step, "cut", str(1 + step % 2)) for step in range(1, number + 1)]
    for form in (edits, write_edits(edits)):
        spec, problems = Spec.read({"edits": form})
        assert (len(spec.edits), len(problems)) == (MOST_EDITS, number - MOST_EDITS)
        assert Spec.read(spec.words()) == (spec, ())


def test_a_branch_after_a_step_that_is_none_is_refused() -> None:
    with pytest.raises(SpecError):
        Spec().branch(-1, cut=[7])


@given(specs(), st.data())
def test_a_branch_shares_its_past_and_no_more(spec: Spec, data: st.DataObject) -> None:
    at, key, value = data.draw(changes(spec))
    branch, problems = Spec.read({**spec.model_dump(), "edits": (*spec.trunk(at + 1).edits, (at, key, value))})
    if problems:
        with pytest.raises(SpecError, match=f"^edits={at}:{key}:"):
            spec.branch(at, **{key: value})
        return
    assert spec.branch(at, **{key: value}) == branch
    assert branch.trunk(at) == spec.trunk(at)
    assert spec.branch(at) == spec.trunk(at + 1)
    kept = {e for e in spec.edits if e.at <= at and (e.at, e.key) != (at, key)}
    assert kept - {e for e in kept if e.at == at} <= set(branch.edits)
    assert all(edit.at <= at for edit in branch.edits)
    assert getattr(branch.during(at + 1), key) == getattr(Spec.of({**spec.during(1).words(), key: value}), key)
    for step in {1, max(1, at // 2), at}:
        assert branch.during(step) == spec.during(step)
    for seen in (spec.edges, branch.edges, spec.trunk(at).edges):
        assert {e for e in seen if e <= at} == {e for e in spec.edges if e <= at}


@given(specs(), st.data())
def test_each_step_is_made_by_the_changes_before_it(spec: Spec, data: st.DataObject) -> None:
    step = data.draw(
        st.integers(1, spec.steps) | st.sampled_from([e.at + n for e in spec.edits for n in (0, 1)] or [1])
    )
    words = spec.words() | {"edits": ""} | {e.key: e.value for e in spec.edits if e.at < step}
    assert spec.during(step) == Spec.of(words)
    assert spec.trunk(step).during(step) == spec.during(step)
    assert spec.trunk(step).trunk(step) == spec.trunk(step)
    assert spec.trunk(spec.steps) == spec


def test_the_first_and_last_steps_of_a_segment() -> None:
    spec = Spec().branch(60, lr=0.5).branch(90, lr=0.1, schedule="cosine").branch(100, epochs=20)
    assert [spec.during(step).lr for step in (1, 60, 61, 90, 91, 220)] == [0.02, 0.02, 0.5, 0.5, 0.1, 0.1]
    assert [after for after, _ in spec.segments] == [0, 60, 90, 100]
    assert (spec.steps, spec.ends, spec.edges) == (220, {132, 220}, {1, 61, 91, 101, 132, 220})
    rate = spec.during(101).lr_at(101, spec.during(101).steps)
    assert rate == Spec(lr=0.1, schedule="cosine").lr_at(101, 220)  # the schedule is that of the whole run


def test_live_settings_are_marked() -> None:
    assert {name for name, fact in FIELDS.items() if fact.live} == set(LIVE)
    assert {"seed", "device", "edits", "depth", "dataset", "batch", "norm"}.isdisjoint(LIVE)
