"""The figures of depth as time show what was measured, with gaps where there is no number, at every moment of a run."""

import json
import math
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.draw.palette import ARM_COLOR
from resviz.families.resnet.spec import Spec
from resviz.topics.depthtime.figures import _ticks, figures
from resviz.topics.depthtime.question import MOST_SHOWN, DepthTime, Walk, shown
from tests.contract.checks import check_cards


def walk(at: int, size, next, **more) -> Walk:
    rows = shown(len(size))
    cosines = tuple(tuple(1.0 if i == j else round(0.0001 * min(i, j), 4) for j in rows) for i in rows)
    usual = {"cosines": cosines, "longest": 3, "length": 3.0, "distance": 2.0, "straightness": 0.7, "right_angles": 0.6}
    return Walk(at=at, size=size, next=next, numbers=(1024,) * len(size), lost=None, **{**usual, **more})


BEFORE = walk(0, (1.4, 1.0, 0.0, 0.7), (0.02, None, -0.04))
NOW = walk(132, (1.2, 0.5, None, 0.04), (0.3, None, 0.2))
RECORD = DepthTime(Spec(depth=10), 1.0, 132, BEFORE, NOW, 256)


def trace(template, name):
    (found,) = [t for t in template["figure"]["data"] if t["name"] == name]
    return found


def check(template) -> None:
    check_cards([template])
    assert not re.search(r"\d{9}", json.dumps(template))
    for axis in ("xaxis", "yaxis"):
        low, high = template["figure"]["layout"][axis]["range"]
        assert math.isfinite(low) and math.isfinite(high) and low < high


@pytest.mark.parametrize(
    "record",
    [
        RECORD,
        replace(RECORD, done=0.0, now=None),
        replace(RECORD, done=0.0, now=None, before=None, images=0),
        replace(RECORD, ended="the loss is NaN.", step=3, now=replace(NOW, at=3)),
        replace(RECORD, now=walk(132, (None,) * 4, (None,) * 3)),
    ],
    ids=["trained", "looked at", "begun", "ended", "nothing"],
)
def test_they_are_plotly_figures_at_every_moment(record):
    found = figures(record)
    assert [t["id"] for t in found] == ["depthtime_sizes", "depthtime_neighbours", "depthtime_pairs"]
    for template in found:
        check(template)


def test_a_network_without_a_step_has_no_figures_and_one_with_one_block_one():
    assert figures(DepthTime(Spec(depth=2), 1.0)) == []
    one = DepthTime(Spec(depth=4), 1.0, 132, walk(0, (0.5,), ()), walk(132, (0.4,), ()), 256)
    (template,) = figures(one)
    check(template)


def test_sizes_have_a_log_scale_on_which_0_is_a_gap():
    template = figures(RECORD)[0]
    assert trace(template, "trained")["y"] == [1.2, 0.5, None, 0.04]
    assert trace(template, "untrained")["y"] == [1.4, 1.0, None, 0.7]
    layout = template["figure"]["layout"]
    assert layout["yaxis"]["type"] == "log"
    low, high = layout["yaxis"]["range"]
    assert low < math.log10(0.04) and math.log10(1.4) < high
    assert [low <= math.log10(t) <= high for t in layout["yaxis"]["tickvals"]] == [True] * 5  # 0.05 to 1
    assert template["table"]["rows"] == [
        ["1", "1.2", "1.4", "0.3", "0.02"],
        ["2", "0.5", "1", "–", "–"],
        ["3", "–", "0", "0.2", "−0.04"],
        ["4", "0.04", "0.7", "–", "–"],
    ]
    assert "256 test images" in template["note"] and "F before the ReLU" in template["note"]
    assert "behind the sum" not in figures(replace(RECORD, spec=Spec(depth=10, order="full")))[0]["note"]


def test_the_trained_network_is_solid_and_the_first_one_pale():
    for template in figures(RECORD)[:2]:
        now, first = trace(template, "trained"), trace(template, "untrained")
        assert now["line"]["color"] == ARM_COLOR["residual"] and now["line"]["dash"] == "solid"
        assert first["line"]["color"].startswith("rgba(0,114,178") and first["line"]["width"] < now["line"]["width"]
        names = {a["text"]: a for a in template["figure"]["layout"]["annotations"]}
        assert names["trained"]["font"]["color"] == now["line"]["color"]
        low, high = template["figure"]["layout"]["yaxis"]["range"]
        assert all(low < name["y"] < high and name["x"] > 3 for name in names.values())
        heights = sorted(name["y"] for name in names.values())
        assert all(b - a > 0.07 * (high - low) for a, b in pairwise(heights))
    assert trace(figures(replace(RECORD, done=0.5))[0], "now")


def test_neighbours_stand_before_what_chance_gives():
    template = figures(RECORD)[1]
    assert trace(template, "trained")["y"] == [0.3, None, 0.2]
    assert trace(template, "trained")["x"] == [1, 2, 3]
    (band,) = template["figure"]["layout"]["shapes"]
    assert (band["x0"], band["x1"], band["y0"], band["y1"]) == (0.5, 3.5, -0.0312, 0.0312)
    staged = replace(RECORD, now=replace(NOW, numbers=(1024, 1024, 256, 256)))
    assert [(b["x0"], b["x1"], b["y1"]) for b in figures(staged)[1]["figure"]["layout"]["shapes"]] == [
        (0.5, 1.5, 0.0312),
        (2.5, 3.5, 0.0625),
    ]
    low, high = template["figure"]["layout"]["yaxis"]["range"]
    assert low < -0.04 and high > 1


def test_the_matrix_leaves_its_diagonal_out():
    template = figures(RECORD)[2]
    shape, dashes = template["figure"]["data"]
    assert dashes["x"] == []
    assert [row[i] for i, row in enumerate(shape["z"])] == [None] * 4
    assert shape["z"][0][1] == NOW.cosines[0][1]
    assert shape["zmax"] == -shape["zmin"] == 0.1
    assert shape["x"] == shape["y"] == [1, 2, 3, 4]
    large = replace(NOW, cosines=((0.1, -0.3, None, 0.1),) * 4)
    shape, dashes = figures(replace(RECORD, now=large))[2]["figure"]["data"]
    assert shape["zmin"] == -0.5
    assert list(zip(dashes["x"], dashes["y"], strict=True)) == [(2, 1), (2, 3), (2, 4)]  # the sign without colours
    assert "before training" in figures(replace(RECORD, now=None))[2]["note"]


def test_a_deep_network_shows_some_of_its_blocks():
    deep = walk(132, (0.1,) * 600, (0.0,) * 599)
    template = figures(DepthTime(Spec(depth=1202), 1.0, 132, deep, deep, 256))[2]
    check(template)
    shape, _ = template["figure"]["data"]
    assert len(shape["x"]) == len(shape["z"]) == MOST_SHOWN and shape["x"][-1] == 600
    assert "64 of 600 blocks" in template["note"]


@given(st.floats(-90, 90), st.floats(0.2, 100))
def test_ticks_are_few_and_inside(low, span):
    found = _ticks(low, low + span)
    assert len(found) <= 10
    assert all(low - 1e-9 <= math.log10(t) <= low + span + 1e-9 for t in found)
    assert found == sorted(found)
    if span >= 1:
        assert len(found) >= 1
