"""Path lengths against the binomial, and sentences that hold for whatever was measured."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from resviz.families.resnet.family import ARMS
from resviz.topics.lengths.question import (
    Lengths,
    LengthsSpec,
    attenuation,
    binomial,
    mean_length,
    shares,
)
from resviz.topics.lengths.words import finding as lengths_finding
from resviz.topics.lengths.words import middle
from resviz.topics.lesion.question import Lesions, LesionSpec
from resviz.topics.lesion.words import finding as lesion_finding
from resviz.topics.several.question import Several, SeveralSpec
from resviz.topics.several.words import finding as several_finding
from resviz.train.records import Training
from resviz.words.text import SpecError
from tests.examples import examples
from tests.topics.lesion.contract import lesion


@given(st.integers(1, 600), st.floats(0.01, 0.99))
def test_the_binomial_is_the_binomial(n, p):
    assert binomial(n, p) == pytest.approx(binom.pmf(range(n + 1), n, p).tolist(), rel=1e-8, abs=1e-12)


def test_of_54_blocks_98_percent_of_paths_have_19_to_35_branches():
    """Veit 2016, section 3; REFERENCE, section 2: P(19..35) = 0.980, mean 27."""
    paths = binomial(54)
    assert math.fsum(paths[19:36]) == pytest.approx(0.980, abs=5e-4)
    assert mean_length(paths) == pytest.approx(27)
    assert math.fsum(paths[5:18]) == pytest.approx(0.0045, abs=5e-5)


@given(st.integers(1, 60), st.floats(0.01, 20), st.floats(1e-20, 1e20))
def test_a_branch_that_multiplies_by_a_gives_the_binomial_of_a(n, a, scale):
    """REFERENCE, section 3: gradient-weighted path length at attenuation a is Binomial(n, a / (1 + a))."""
    norm = [scale * a**k for k in range(n + 1)]
    share = shares(norm)
    assert share == pytest.approx(binomial(n, a / (1 + a)), rel=1e-7, abs=1e-12)
    assert attenuation(share) == pytest.approx(a, rel=1e-6)


@given(st.lists(st.none() | st.floats(0, 1e30), min_size=1, max_size=40))
def test_shares_are_shares(norm):
    share = shares(norm)
    assert all(0 <= s <= 1 for s in share)
    assert math.fsum(share) == pytest.approx(1 if any(norm) else 0)
    assert all(s == 0 for s, v in zip(share, norm, strict=True) if not v)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12).filter(lambda v: sum(v) > 0.01), st.floats(0.05, 0.95))
def test_the_middle_is_the_shortest_range_that_holds_so_much(values, part):
    share = [v / math.fsum(values) for v in values]
    low, high = middle(share, part)
    assert math.fsum(share[low : high + 1]) >= part - 1e-9
    for i in range(len(share)):
        for j in range(i, len(share)):
            if j - i < high - low:
                assert math.fsum(share[i : j + 1]) < part + 1e-9


def test_the_middle_of_a_symmetric_row_is_in_its_middle():
    assert middle(binomial(10)) == (3, 7) or sum(middle(binomial(10))) in (9, 10, 11)
    assert middle([0.0, 1.0, 0.0]) == (1, 1)


# -- settings --------------------------------------------------------------------------------------


def test_a_question_names_its_run():
    spec = LesionSpec.of({"depth": "20", "lesion": "3", "images": "50", "seed": "4"})
    assert spec.run.words() == {"depth": "20", "seed": "4"}
    assert spec.run == LengthsSpec.of({"depth": 20, "seed": 4}).run
    assert LesionSpec.of(spec.words()) == spec and spec.query() == "depth=20&seed=4&lesion=3&images=50"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ({"depth": 20, "lesion": "3,10"}, "lesion"),
        ({"depth": 20, "sever": "40"}, "sever"),
        ({"block": "plain", "sever": "1"}, "sever"),
    ],
)
def test_blocks_that_are_not_there_are_declined_and_the_others_kept(words, key):
    with pytest.raises(SpecError, match=key):
        LesionSpec.of(words)
    spec, problems = LesionSpec.read(words)
    assert [p.key for p in problems] == [key]
    assert spec.lesion == ((3,) if key == "lesion" else ())


# -- in words --------------------------------------------------------------------------------------


@examples(60)
@given(lesion())
def test_lesions_are_said_for_whatever_was_measured(record):
    text = lesion_finding(record)
    if record.whole and record.spec.lesion:
        assert "ithout block" in text and ("and with shortcut" in text) == bool(record.spec.sever)
    if record.whole and record.spec.blocks:
        for arm, why in record.training.ended.items():
            assert f"The {arm} network stopped at step {record.training.step[arm] + 1:,}: {why}" in text


def test_what_does_no_better_than_guessing_is_counted():
    spec = LesionSpec(depth=8)
    single = {"residual": (0.02, 0.05, 0.91), "plain": (0.9, 0.88, 0.9)}
    record = Lesions(
        spec, 1.0, Training(), {"residual": 0.01, "plain": 0.3}, single, {"residual": 0.01, "plain": 0.3}, (), 360
    )
    text = lesion_finding(record)
    assert "There is 1 block of 3 without which it does no better than guessing" in text
    assert "There are 3 blocks of 3 without which it does no better than guessing" in text
    assert "91% at worst, without block 3" in text


def test_equal_networks_show_no_difference():
    spec = SeveralSpec(depth=4, draws=2)
    same = dict.fromkeys(ARMS, ((0.5, 0.5),))
    record = Several(spec, 1.0, Training(), dict.fromkeys(ARMS, 0.1), (1,), same, (), (), dict.fromkeys(ARMS, ()), 360)
    assert "No difference" in several_finding(record)


def test_a_binomial_of_one_half_is_no_other():
    record = Lengths(LengthsSpec(), 1.0, Training(), 10, (1.0,) * 11, 1.0, 128)
    assert "takes much the same" in lengths_finding(record)
    short = Lengths(LengthsSpec(), 1.0, Training(), 10, tuple(0.1**k for k in range(11)), 1.0, 128)
    assert "takes others" in lengths_finding(short)
