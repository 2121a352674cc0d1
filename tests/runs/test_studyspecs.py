"""Depths to compare: as settings, as a study, and in the order in which they say most."""

import csv
import io
import math
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.settings import MAX_DEPTH
from resviz.families.resnet.spec import Spec
from resviz.runs.studies import (
    DEPTHS,
    HE,
    MOST_DEPTHS,
    Outcome,
    Study,
    by_depth,
    outcome,
    rounds,
    telling,
    to_csv,
    troubles,
)
from resviz.topics.compared.question import published
from resviz.topics.depth.question import DepthSpec
from resviz.words.text import SpecError, write_numbers
from tests.examples import examples

ALLOWED = "allowed are up to 20 depths from 2 to 1,202, such as 8,20,56"
some_depths = st.sets(st.integers(2, MAX_DEPTH), min_size=1, max_size=MOST_DEPTHS).map(lambda s: tuple(sorted(s)))
some_words = st.fixed_dictionaries(
    {},
    optional={
        "depths": some_depths.map(write_numbers),
        "seeds": st.integers(1, 3).map(str),
        "seed": st.integers(0, 99).map(str),
        "epochs": st.integers(1, 20).map(str),
        "lr": st.sampled_from(["0.1", "0.02", "0.005"]),
        "norm": st.sampled_from(["batch", "none"]),
        "shortcut_scale": st.sampled_from(["0.5", "2.0"]),
        "order": st.sampled_from(["full", "original"]),
        "dataset": st.sampled_from(["digits", "moons"]),
        "edits": st.just("2:lr:0.01"),
    },
)


# -- as settings -----------------------------------------------------------------------------------


def test_the_defaults_are_the_studys():
    spec = DepthSpec()
    assert (spec.depths, spec.seeds, spec.words()) == (DEPTHS, 3, {})
    assert spec.study() == Study.of("depth", {})
    assert set(HE) <= set(DEPTHS)


@given(some_words)
@examples(25)
def test_words_and_links_round_trip_and_make_the_study_they_say(words):
    spec = DepthSpec.of(words)
    assert DepthSpec.of(spec.words()) == spec
    assert DepthSpec.of(dict(parse_qsl(spec.query(), keep_blank_values=True))) == spec
    study = spec.study()
    assert (study.depths, study.seeds, study.kind) == (spec.depths, spec.seeds, "depth")
    for name in Spec.model_fields:
        assert name == "depth" or getattr(study.base, name) == getattr(spec, name), name
    assert study.words() == spec.words()


@pytest.mark.parametrize(
    ("given", "quoted", "instead"),
    [
        ("1,8,20", "1,8,20", (8, 20)),
        ("0", "0", DEPTHS),
        ("1", "1", DEPTHS),
        ("", "", DEPTHS),
        ("2-40", "2-40", tuple(range(2, 22))),
        ("1-30", "1-30", tuple(range(2, 22))),
        ("0,1202", "0,1202", (1202,)),
    ],
)
def test_bad_depths_are_quoted_with_what_is_allowed_and_the_good_ones_stay(given, quoted, instead):
    spec, problems = DepthSpec.read({"depths": given, "lr": "0.1"})
    assert list(map(str, problems)) == [f"depths={quoted}: {ALLOWED}"]
    assert (spec.depths, spec.lr) == (instead, 0.1)
    with pytest.raises(SpecError) as error:
        DepthSpec.of({"depths": given})
    assert str(error.value) == f"depths={quoted}: {ALLOWED}"


@pytest.mark.parametrize("text", ["abc", "8:20", "8,-20", "1203", "8.5", "20-8", "8" * 20_000], ids=lambda t: t[:9])
def test_what_is_no_list_of_depths_is_named_and_falls_back(text):
    spec, problems = DepthSpec.read({"depths": text})
    assert [(problem.key, problem.value) for problem in problems] == [("depths", text)]
    assert spec == DepthSpec()
    assert len(str(problems[0])) < 200


@pytest.mark.parametrize(("seeds", "nearest"), [("0", 1), ("11", 10), ("-3", 1)])
def test_seeds_out_of_bounds_are_refused_with_the_nearest(seeds, nearest):
    with pytest.raises(SpecError) as error:
        DepthSpec.of({"seeds": seeds})
    assert str(error.value) == f"seeds={seeds}: allowed is a whole number from 1 to 10; nearest that works: {nearest}"


def test_every_problem_is_named_at_once():
    with pytest.raises(SpecError) as error:
        DepthSpec.of({"depths": "1,8", "seeds": "0", "batch": "128", "examples": "64", "colour": "red"})
    assert {problem.key for problem in error.value.problems} == {"depths", "seeds", "examples", "colour"}


@given(
    st.dictionaries(
        st.sampled_from([*DepthSpec.model_fields, "colour"]),
        st.sampled_from(["", "-1", "0", "1", "2", "8,20", "1-1202", "nan", "1e9", "A", "none", "9" * 400])
        | st.text(max_size=8),
        max_size=4,
    )
)
@examples(60)
def test_reading_never_fails_and_ends_in_depths_that_there_are(words):
    spec, problems = DepthSpec.read(words)
    assert 1 <= len(spec.depths) <= MOST_DEPTHS
    assert all(2 <= depth <= MAX_DEPTH for depth in spec.depths)
    assert list(spec.depths) == sorted(set(spec.depths))
    assert {problem.key for problem in problems} >= set(words) - set(DepthSpec.model_fields)
    assert DepthSpec.read(spec.words()) == (spec, ())


def test_a_setting_that_does_not_go_with_one_of_the_depths_is_refused():
    with pytest.raises(SpecError) as error:
        DepthSpec.of({"depths": "8,56", "cut": "20"})  # which the deeper network could have
    assert str(error.value) == "cut=20: depth 8 has shortcuts 1 to 3"
    assert DepthSpec.of({"depths": "8,56", "cut": "3"}).study().base.cut == (3,)


def test_a_digest_names_the_depths_too():
    specs = [DepthSpec.of(w) for w in ({}, {"depths": "8"}, {"depths": "8,20"}, {"seeds": "2"}, {"lr": "0.1"})]
    assert len({spec.digest for spec in specs}) == len(specs)
    assert DepthSpec.of({"depths": "20,8,8"}).digest == specs[2].digest


# -- what is compared ------------------------------------------------------------------------------


def test_choices_are_both_arms_at_each_depth():
    assert [(c.name, c.label, dict(c.settings), c.arm) for c in by_depth((8, 20))] == [
        ("residual-8", "residual, 8 layers", {"depth": 8}, "residual"),
        ("plain-8", "plain, 8 layers", {"depth": 8}, "plain"),
        ("residual-20", "residual, 20 layers", {"depth": 20}, "residual"),
        ("plain-20", "plain, 20 layers", {"depth": 20}, "plain"),
    ]
    study = Study.of("depth", {"depths": "8,20"})
    assert study.choices == by_depth((8, 20))
    assert study.compares
    assert study.reference.name == "residual-8"
    assert not any(published(study, choice) for choice in study.choices)  # its figures have their own table


@given(some_words)
@examples(25)
def test_both_arms_of_a_depth_and_seed_are_one_run(words):
    study = Study.of("depth", words)
    members = study.members()
    assert len(members) == len({spec.digest for spec in members}) == len(study.depths) * study.seeds
    for choice in study.choices:
        for n in range(study.seeds):
            spec = study.spec(choice, n)
            assert spec in members
            assert (spec.depth, spec.seed) == (choice.settings["depth"], study.base.seed + n)
            assert spec.replace(depth=study.base.depth, seed=study.base.seed) == study.base


@given(some_words)
@examples(25)
def test_a_studys_link_round_trips(words):
    study = Study.of("depth", words)
    again = Study.of("depth", study.words())
    assert again == study
    assert again.digest == study.digest
    assert "depth" not in study.words()
    assert ("depths" in study.words()) == (study.depths != DEPTHS)


def test_the_depth_of_a_link_is_none_of_the_studys():
    """As when a link to a run is made one to the study."""
    assert Study.of("depth", {"depth": "110", "depths": "8,20"}) == Study.of("depth", {"depths": "8,20"})
    assert DepthSpec.of({"depth": "110", "depths": "8,20"}).study() == Study.of("depth", {"depths": "8,20"})


def test_a_digest_names_all_that_makes_a_study():
    words = ({}, {"depths": "8"}, {"depths": "8,20"}, {"seeds": "2"}, {"lr": "0.1"})
    assert len({Study.of("depth", w).digest for w in words}) == len(words)


@pytest.mark.parametrize("value", ["abc", "1", "0,8", "1203", "", "2-40", "8:9", (1, 8), None], ids=str)
def test_depths_that_cannot_be_trained_make_no_study(value):
    with pytest.raises(SpecError) as error:
        Study.of("depth", {"depths": value})
    assert str(error.value) == f"depths={value}: {ALLOWED}"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"depths": "8,20,56"}, "3 depths, 3 seeds each: 9 runs of 132 steps, both networks in each"),
        ({"depths": "8,20", "seeds": "1"}, "2 depths, one seed each: 2 runs of 132 steps, both networks in each"),
        ({"depths": "14", "seeds": "1"}, "One run of 132 steps, 14 layers deep"),
        (
            {"depths": "8,20", "epochs": "1", "examples": "64", "batch": "64"},
            "2 depths, 3 seeds each: 6 runs of 1 step, both networks in each",
        ),
    ],
)
def test_what_has_to_be_computed_is_said(words, says):
    assert Study.of("depth", words).takes == says


# -- the order in which they are trained -----------------------------------------------------------


def test_the_defaults_begin_with_the_depths_of_he_2015_and_the_ends():
    order = telling(DEPTHS)
    assert order[:4] == [20, 56, 8, 110]
    assert order[4] in (14, 32)  # in the middle of 8 to 20, or of 20 to 56
    assert sorted(order) == list(DEPTHS)


@pytest.mark.parametrize(
    ("depths", "order"),
    [
        ((), []),
        ((8,), [8]),
        ((8, 9), [8, 9]),
        ((20, 56), [20, 56]),
        ((8, 56, 110), [56, 8, 110]),
        ((4, 8, 16, 32, 64), [4, 64, 16, 8, 32]),  # by ratio the middle is 16, not 32
        ((2, 3, 100, 200, 1000), [2, 1000, 100, 200, 3]),  # 3 is 1.5 times 2, 200 twice 100
    ],
)
def test_each_is_farthest_from_those_before(depths, order):
    assert telling(depths) == order


@given(some_depths)
@examples(40)
def test_the_order_holds_each_once_and_always_splits_the_largest_gap(depths):
    order = telling(depths)
    assert sorted(order) == list(depths)
    assert telling(depths[::-1]) == order
    first = [d for d in HE if d in depths]
    assert order[: len(first)] == first
    at = len(dict.fromkeys([*first, min(depths), max(depths)]))
    assert set(order[:at]) == {*first, min(depths), max(depths)}
    for k in range(at, len(order)):
        gaps = {d: min(max(d / o, o / d) for o in order[:k]) for d in order[k:]}
        assert math.isclose(gaps[order[k]], max(gaps.values()), rel_tol=1e-9)


def test_one_seed_of_every_depth_comes_before_the_next_seed_of_any():
    study = Study.of("depth", {"depths": "8,14,20,56,110", "seeds": "2", "seed": "5"})
    runs = [(spec.seed, spec.depth) for spec in study.members()]
    assert [depth for _, depth in runs[:5]] == telling(study.depths)
    assert runs == [(seed, depth) for seed in (5, 6) for depth in telling(study.depths)]


# -- results ---------------------------------------------------------------------------------------


def test_an_outcome_has_the_gradients_of_the_last_step(make_history):
    spec = Spec(depth=4)
    profiles = {"residual": [(1.0, 2.0, 3.0, 4.0), (5.0, 6.0, 7.0, 8.0)], "plain": [(0.5, 0.25, 0.125, 1.0), None]}
    history = make_history(spec, profiles=profiles, ended={"plain": 2})
    residual, plain = (outcome(history, arm) for arm in ARMS)
    assert residual.gradients == (5.0, 6.0, 7.0, 8.0)
    assert plain.gradients == (0.5, 0.25, 0.125, 1.0)  # before the step at which it left
    assert plain.stopped == 2
    assert outcome(history, "residual", ended=False).gradients == (5.0, 6.0, 7.0, 8.0)


def test_an_arm_without_a_step_has_no_gradients(make_history):
    history = make_history(Spec(depth=4), profiles={"plain": [None]}, ended={"plain": 1})
    assert outcome(history, "plain") == Outcome(0, (), stopped=1)
    assert len(outcome(history, "residual").gradients) == 4


def test_rounds_lines_and_troubles_of_a_study_of_depths():
    study = Study.of("depth", {"depths": "8,20", "seeds": "2"})
    over, failed = Outcome(132, (1.0,), 0.9, 0.8), Outcome(0, (), failed="No such data.")
    results = {(choice.name, 0): over for choice in study.choices}
    assert rounds(study, results) == 1
    rows = list(csv.DictReader(io.StringIO(to_csv(study, results))))
    assert [row["choice"] for row in rows] == ["residual-8", "plain-8", "residual-20", "plain-20"]
    runs = [study.spec(choice, 0).digest for choice in study.choices]
    assert [row["run"] for row in rows] == runs and runs[0] == runs[1] != runs[2]
    results |= {("residual-20", 1): failed, ("plain-20", 1): failed}
    assert troubles(study, results) == ["residual, 20 layers, seed 1: No such data."]
