"""The figures of roll-outs show what was measured, in the arms' colours, and nothing that is not a number."""

import json
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.draw.palette import ARM_COLOR, ARM_DASH
from resviz.topics.rollout.experiment import SYSTEMS, rollout, trajectories
from resviz.topics.rollout.figures import figures, ticks
from resviz.topics.rollout.question import SHARE, Band, Rollout, RolloutSpec
from resviz.topics.rollout.swing import swing
from resviz.topics.rollout.topic import TOPIC
from resviz.topics.rollout.words import WHY, finding
from resviz.train.plane import ARMS
from tests.contract.checks import check_cards
from tests.examples import examples
from tests.topics.rollout.contract import rollout as any_record

IDS = ["rollout_plane", "rollout_error", "rollout_learning", "rollout_kept"]
SMALL = {"steps": 30, "examples": 40, "hidden": 6, "blocks": 2, "horizon": 40}


@pytest.fixture(
    scope="module", params=[{}, {"system": "lotka_volterra", "dt": 0.8}, {"noise": 0.2, "horizon": 300}], ids=str
)
def records(request) -> list[Rollout]:
    """The first and the last of a short run."""
    found = list(rollout(RolloutSpec(**{**SMALL, **request.param})))
    return [found[0], found[-1]]


OTHERS = {"pendulum": ("hunters", "prey", "animals"), "lotka_volterra": ("pendulum", "angle", "swing", "energy")}


def test_the_words_fit_the_system(records):
    for record in records:
        cards = figures(record)
        words = " ".join([finding(record), *(f"{card['title']} {card['note']}" for card in cards)])
        axes = " ".join(str(card["figure"]["layout"]) for card in cards if "figure" in card)
        assert not [other for other in OTHERS[record.spec.system] if other in f"{words} {axes}".lower()]
    said = f"{TOPIC.question} {TOPIC.label} {WHY}".lower()  # what stands there whatever is chosen
    assert not [other for others in OTHERS.values() for other in others if other in said]


@pytest.fixture(scope="module")
def one() -> Rollout:
    *_, last = rollout(RolloutSpec(**SMALL))
    return last


def trace(template, name):
    (found,) = [t for t in template["figure"]["data"] if t["name"] == name]
    return found


def check(record):
    """What holds of the figures of any record."""
    found = check_cards(figures(record))
    swings = record.spec.system == "pendulum"
    assert [t["id"] for t in found] == ["rollout_pendulums"] * swings + IDS
    found = found[swings:]
    for template in found:
        assert {"id", "title", "note", "figure", "table"} <= set(template) <= {
            "id", "title", "note", "figure", "table", "height"
        }  # fmt: skip
        rows = template["table"]["rows"]
        assert 1 <= len(rows) <= 13 and all(cell for row in rows for cell in row)
        layout = template["figure"]["layout"]
        if template["id"] != "rollout_plane":
            low, high = layout["yaxis"]["range"]
            heights = [a["y"] for a in layout["annotations"]]
            assert all(low <= y <= high for y in heights)
            assert all(abs(a - b) > 0.08 * (high - low) for a, b in combinations(heights, 2))
    return found


def charts(record):
    """The figures without the pendulums, which not every system has."""
    return [template for template in figures(record) if "figure" in template]


def test_labels_keep_apart_and_inside_and_tables_are_short(records):
    for record in records:
        check(record)


@examples(20)
@given(any_record())
def test_of_any_record_too(record):
    check(record)


def test_names_have_the_colours_of_the_arms(records):
    for template in charts(records[-1]):
        labels = {a["text"]: a["font"]["color"] for a in template["figure"]["layout"]["annotations"]}
        assert {arm: labels[arm] for arm in ARMS} == ARM_COLOR
        assert {arm: trace(template, arm)["line"]["dash"] for arm in ARMS} == ARM_DASH


def test_the_plane_has_one_scale_and_shows_the_roll_outs(records):
    for record in records:
        template = charts(record)[0]
        assert template["height"] > 280
        assert template["figure"]["layout"]["yaxis"]["scaleanchor"] == "x"
        true = trace(template, "true")
        assert list(zip(true["x"], true["y"], strict=True)) == list(record.orbit)
        for arm in ARMS:
            shown = trace(template, arm)
            assert list(zip(shown["x"], shown["y"], strict=True)) == list(record.path[arm])
            assert shown["mode"] == ("markers" if record.spec.dt >= 0.3 else "lines")
            end = trace(template, f"{arm}, at the end")
            assert (end["x"][0], end["y"][0]) == record.path[arm][-1]
        end = trace(template, "true, at the end")
        assert (end["x"][0], end["y"][0]) == record.arrival


def test_the_picture_says_who_leaves_it(one):
    inside, outside = ((0.0, 0.0),) * 41, ((0.0, 0.0),) * 40 + ((9.0, 0.0),)
    for paths, said in (
        ((inside, inside), ""),
        ((outside, inside), "the residual one leaves the picture"),
        ((inside, outside), "the plain one leaves the picture"),
        ((outside, outside), "both leave the picture"),
    ):
        note = charts(replace(one, path=dict(zip(ARMS, paths, strict=True))))[0]["note"]
        assert said in note and ("leave" in note) == bool(said)


def test_errors_begin_with_the_first_prediction(records):
    for record in records:
        template = charts(record)[1]
        for arm in ARMS:
            shown = trace(template, arm)
            assert shown["x"] == list(record.times[1:])
            assert shown["y"] == list(record.error[arm].median[1:])
            band = trace(template, f"{arm}, smallest to largest")
            assert len(band["x"]) == 2 * (len(record.times) - 1)
        assert trace(template, "10% of the spread")["y"] == [SHARE, SHARE]
        low, high = template["figure"]["layout"]["yaxis"]["range"]
        for t in template["figure"]["data"]:
            assert all(10**low <= v <= 10**high for v in t["y"] if v is not None)


def test_learning_is_beside_what_needs_none(records):
    for record in records:
        template = charts(record)[2]
        for arm in ARMS:
            assert trace(template, arm)["y"] == list(record.one_step[arm])
            assert trace(template, arm)["x"] == list(record.steps)
            roots = trace(template, f"{arm}, examples")["y"]
            assert [v**2 for v in roots] == pytest.approx(record.loss[arm])
        for name, value in (("no change", record.identity), ("average", record.average)):
            level = trace(template, name)
            assert level["y"] == [value, value] and level["line"]["dash"] == "dot"
            assert level["x"] == [0, record.spec.steps]


def test_what_is_kept_is_beside_what_it_should_be(records):
    for record in records:
        template = charts(record)[3]
        assert record.spec.shown.kept in template["title"]
        for arm in ARMS:
            assert trace(template, arm)["y"] == list(record.energy[arm])
        assert trace(template, "true")["y"] == [1, 1]


def test_what_left_float_range_still_makes_figures(one):
    gone = Band(*[(0.0, *[None] * 40)] * 3)
    half = Band(*[(0.0, *[2.0] * 20, *[None] * 20)] * 3)
    record = replace(
        one,
        error={"residual": half, "plain": gone},
        one_step={"residual": one.one_step["residual"], "plain": (None,) * len(one.steps)},
        loss={"residual": one.loss["residual"], "plain": (None,) * len(one.steps)},
        energy={"residual": one.energy["residual"], "plain": (1.0, *[None] * 40)},
        path={"residual": one.path["residual"][:20], "plain": one.path["plain"][:1]},
        lost={"residual": 20, "plain": 1},
    )
    found = check(record)
    assert "left float range" in json.dumps(found[0]["table"])
    assert not [t for t in found[0]["figure"]["data"] if t["name"] == "plain, at the end"]
    assert "no value" in json.dumps(found[3]["table"])


def test_nothing_wrong_at_all_still_makes_figures(one):
    zero = Band(*[(0.0,) * 41] * 3)
    none = (0.0,) * len(one.steps)
    check(
        replace(
            one,
            identity=0.0,
            average=0.0,
            error=dict.fromkeys(ARMS, zero),
            one_step=dict.fromkeys(ARMS, none),
            loss=dict.fromkeys(ARMS, none),
        )
    )


def test_huge_errors_stay_within_the_picture(one):
    huge = Band(*[(0.0, *[1e30] * 40)] * 3)
    record = replace(one, error=dict.fromkeys(ARMS, huge), energy=dict.fromkeys(ARMS, (1.0, *[1e60] * 40)))
    found = check(record)
    assert found[1]["figure"]["layout"]["yaxis"]["range"][1] < 4
    assert found[3]["figure"]["layout"]["yaxis"]["range"][1] < 4
    assert "leaves the picture" in found[3]["note"]


def test_the_pendulums_are_the_true_motion_and_both_roll_outs_from_the_same_start(one):
    template = figures(one)[0]
    own, steps = template["own"], one.spec.horizon
    assert (template["id"], own["by"], own["dt"]) == ("rollout_pendulums", "pendulum", one.spec.dt)
    assert [(arm["name"], arm["color"]) for arm in own["arms"]] == [(name, ARM_COLOR[name]) for name in ARMS]
    for arm in own["arms"]:
        assert arm["angles"] == pytest.approx([angle for angle, _ in one.path[arm["name"]]], rel=1e-3)
        assert arm["angles"][0] == pytest.approx(own["true"][0], rel=1e-3)
    assert len(own["true"]) == steps + 1
    assert own["true"][-1] == pytest.approx(one.arrival[0], abs=1e-3)
    assert figures(replace(one, spec=one.spec.replace(system="lotka_volterra")))[0]["id"] == "rollout_plane"


@pytest.mark.parametrize(("dt", "count"), [(0.01, 900), (0.1, 300), (0.3, 100), (1.0, 100)])
def test_the_true_pendulum_is_that_of_scipy(dt, count):
    start = (2.0, 0.3)  # nearly as far up as it ever begins
    found = np.array(swing(start, dt, count))
    times = dt * np.arange(count + 1)
    true = trajectories(SYSTEMS["pendulum"], np.array([start]), times)[:, 0]
    assert found == pytest.approx(true, abs=1e-4)


@given(st.floats(0.1, 3000))
def test_ticks_are_round_and_end_with_the_curves(end):
    found = ticks(end)
    assert found[0] == 0 and found[-1] <= end * (1 + 1e-6)
    assert 2 <= len(found) <= 6
    assert all(len(f"{t:.6g}".replace(".", "").strip("0")) <= 2 for t in found)
