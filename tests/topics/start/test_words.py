"""The sentences of the Start page: what was measured, divided between its two causes, and also that there is no difference."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.runs.recorded import held, opening, recorded
from resviz.topics.start.figures import Walls, name_of
from resviz.topics.start.question import Edit, EditSpec, Reading, ReadSpec, Wall
from resviz.topics.start.words import about_walls, read_finding, wall_finding
from tests.examples import examples

KNOWN = recorded(opening("walls")).record
EDITS = {name_of(q.spec): recorded(q).record for q in held("edit")}


def said(**words):
    return wall_finding(Walls(EditSpec.of(words), KNOWN, EDITS))


def of(before, after, anew, **words):
    """What is said of 100 images, of which so many are read correctly: whole, with the edit, and with averages anew."""
    spec = EditSpec.of({"sever": "1", **words})
    reads = ["1" * count + "0" * (100 - count) if count is not None else "" for count in (before, after, anew)]
    wall = Wall(spec.wall, 1.0, images=100, truth="1" * 100, weights=(4672,) * 27, steps=(132,))
    shown = Walls(
        spec,
        Wall(**{**{name: getattr(wall, name) for name in Wall.__slots__}, "reads": {"residual": (reads[0],)}}),
        {name_of(spec): Edit(spec, 1.0, reads=reads[1], anew=reads[2])},
    )
    return wall_finding(shown)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            {"sever": "14"},
            "**Wire 14 cut: 99.4% → 10%.** It holds no weights, and no weight was changed. With normalisation’s averages "
            "measured anew, again no weight changed: 55.6%. So of the 89 points 46 were lost to averages that no longer fit, "
            "and 43 with the signal.",
        ),
        (
            {"sever": "27"},
            "**Wire 27 cut: 99.4% → 77.5%.** It holds no weights, and no weight was changed. No normalisation lies behind it, "
            "so all 22 points are lost with the signal.",
        ),
        (
            {"lesion": "14"},
            "**Block 14 torn out, 4,672 weights: 99.4% → 98.6%.** Its wire is left, and passes x on. That is hardly a "
            "difference here: 3 of 360 digits.",
        ),
    ],
    ids=["wire 14", "wire 27", "block 14"],
)
def test_what_is_said_of_the_recorded_networks(words, expected):
    assert said(**words) == expected


def test_almost_any_wire_of_the_recorded_networks_and_hardly_a_late_block_matters():
    """What the page invites to see."""
    left = {name: sum(a == b for a, b in zip(e.reads, KNOWN.truth, strict=True)) / 360 for name, e in EDITS.items()}
    assert sum(left[f"sever {n}"] <= 0.5 for n in range(1, 28)) >= 26 and left["sever 14"] < 0.12
    assert all(left[f"lesion {n}"] >= 0.97 for n in range(9, 28)) and left["lesion 1"] < 0.2


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ((90, 90, 90), "hardly a difference here: 0 of 100 digits."),
        ((50, 60, 60), "It reads more of them so."),
        ((90, 10, 10), "explain none of the 80 points: they are lost with the signal."),
        ((90, 10, 5), "explain none of the 80 points: they are lost with the signal."),
        ((90, 10, 95), "So all 80 points were lost to averages that no longer fit."),
        ((90, 10, 30), "So of the 80 points 20 were lost to averages that no longer fit, and 60 with the signal."),
    ],
)
def test_a_fall_is_divided_between_its_causes_and_may_be_none(case, expected):
    assert of(*case).endswith(expected)


@pytest.mark.parametrize(
    ("norm", "why"),
    [("batch", "No normalisation lies behind it"), ("none", "There is no normalisation here"),
     ("layer", "This normalisation keeps no averages")],
)  # fmt: skip
def test_without_averages_all_of_it_is_the_signal(norm, why):
    assert of(90, 10, None, norm=norm).endswith(f"{why}, so all 80 points are lost with the signal.")


@examples(50)
@given(st.integers(2, 100), st.integers(0, 100), st.integers(0, 100))
def test_both_parts_of_a_fall_add_up(before, after, anew):
    told = of(before, after, anew)
    if found := re.search(r"of the (\d+) points (\d+) were lost to averages that no longer fit, and (\d+) with", told):
        points, averages, signal = map(int, found.groups())
        assert points == averages + signal == before - after and averages == anew - after


def test_before_and_while_they_learn_that_is_said():
    spec = EditSpec.of({})
    blank = Wall(spec.wall, 0.0)
    assert wall_finding(Walls(spec, blank, takes="about 12 s here")) == (
        "**These two have not learnt yet.** Train both, live: about 12 s here."
    )
    assert "step 0 of 132" in wall_finding(Walls(spec, blank, live=True))
    assert "without block 3 …" in wall_finding(Walls(EditSpec.of({"lesion": "3"}), KNOWN))
    assert "no wire to cut" in wall_finding(Walls(EditSpec.of({"block": "plain"}), KNOWN))
    assert "both without shortcuts" in about_walls(EditSpec.of({"block": "plain"}))
    assert "Neither was trained on these digits." in about_walls(spec)


def test_what_both_read_in_a_drawing():
    spec = ReadSpec.of({"own": "A" * 86})
    shares = {"residual": (0.1, 0.9), "plain": (0.2, 0.8)}
    assert read_finding(Reading(spec, 1.0, shares=shares)) == "Both read 1: with shortcuts 90% sure, without 80%."
    other = {"residual": (0.1, 0.9), "plain": (0.6, 0.4)}
    assert read_finding(Reading(spec, 1.0, shares=other)) == (
        "With shortcuts it is read as 1, 90% sure; without, as 0, 60% sure."
    )
    assert read_finding(Reading(ReadSpec.of({}), 1.0)) == "Draw a digit: both networks read it as you draw."
