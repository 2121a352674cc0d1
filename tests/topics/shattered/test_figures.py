"""The figures of shattered gradients show what was measured, in the arms' colours, and nothing that is not a number."""

import json
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.draw.labels import apart
from resviz.draw.palette import ARM_COLOR, ARM_DASH
from resviz.topics.shattered.experiment import shattered
from resviz.topics.shattered.figures import SHOWN, figures, in_spreads
from resviz.topics.shattered.question import NETS, Curve, Shattered, ShatteredSpec, chance
from resviz.train.plane import ARMS
from tests.contract.checks import check_cards


@pytest.fixture(scope="module", params=[{}, {"depth": 2, "seeds": 1}, {"depth": 12, "width": 16, "seed": 7}], ids=str)
def record(request) -> Shattered:
    return shattered(ShatteredSpec(**{"width": 64, "seeds": 2, **request.param}))


def trace(template, name):
    (found,) = [t for t in template["figure"]["data"] if t["name"] == name]
    return found


def test_names_and_colours_of_the_arms(record):
    found = check_cards(figures(record))
    assert [t["id"] for t in found] == ["shattered_line", "shattered_correlation", "shattered_cosine"]
    for template in found:
        assert set(template) == {"id", "title", "note", "figure"}
        assert not any("bind" in t for t in template["figure"]["data"])
        assert template["figure"]["layout"]["showlegend"] is False
        for arm in ARMS:
            assert trace(template, arm)["line"]["color"] == ARM_COLOR[arm]
        labels = {a["text"].split(",")[0]: a["font"]["color"] for a in template["figure"]["layout"]["annotations"]}
        assert labels["plain"] == ARM_COLOR["plain"]
        assert labels["residual"] == ARM_COLOR["residual"]
    for template in figures(record)[1:]:
        assert {arm: trace(template, arm)["line"]["dash"] for arm in ARMS} == ARM_DASH


def test_the_line_shows_each_gradient_in_its_own_spread(record):
    template = figures(record)[0]
    layout = template["figure"]["layout"]
    tops = []
    for net in NETS:
        shown = trace(template, net)
        assert shown["x"] == list(record.x)
        scale = [g / y for g, y in zip(record.gradient[net], shown["y"], strict=True) if y]
        assert scale == pytest.approx([scale[0]] * len(scale))
        axis = layout[f"yaxis{shown['yaxis'][1:]}"]
        low, high = axis["range"]
        assert low < min(shown["y"]) and max(shown["y"]) < high and low < 0 < high
        assert 2 <= len(axis["tickvals"]) <= 5 and all(low <= t <= high for t in axis["tickvals"])
        tops.append(axis["domain"])
    assert all(a[0] > b[1] for a, b in pairwise(tops))  # one under the other, none overlap
    assert tops[-1][0] >= 0 and tops[0][1] <= 1


def test_a_gradient_that_never_changes_is_drawn_as_it_is():
    assert in_spreads((2.0, 2.0)) == [2.0, 2.0]
    assert in_spreads((1.0, 3.0)) == [1.0, 3.0]
    assert in_spreads((10.0, 30.0)) == [1.0, 3.0]


def test_the_correlation_is_that_of_the_record(record):
    template = figures(record)[1]
    for net in NETS:
        shown = trace(template, net)
        assert shown["y"] == [record.autocorrelation[net].mean[lag] for lag in SHOWN]
        assert shown["x"] == pytest.approx([lag * 4 / 255 for lag in SHOWN])
    low, high = template["figure"]["layout"]["yaxis"]["range"]
    for t in template["figure"]["data"]:
        assert low < min(t["y"]) and max(t["y"]) < high


def test_labels_keep_apart(record):
    template = figures(record)[1]
    low, high = template["figure"]["layout"]["yaxis"]["range"]
    heights = [a["y"] for a in template["figure"]["layout"]["annotations"]]
    assert len(heights) == 5
    assert all(abs(a - b) > 0.07 * (high - low) for a, b in combinations(heights, 2))
    assert low < min(heights) and max(heights) < high


def test_the_cosine_ends_where_chance_begins(record):
    template = figures(record)[2]
    limit = chance(record.spec)
    for arm in ARMS:
        shown = trace(template, arm)
        assert shown["x"] == list(record.depths)
        assert shown["y"] == [v if v > limit else None for v in record.cosine[arm].mean]
        theory = trace(template, f"{arm}, theory")
        assert theory["y"] == list(record.theory[arm])
        assert theory["line"]["dash"] == "dot" and theory["line"]["width"] < shown["line"]["width"]
        band = trace(template, f"{arm}, smallest to largest")
        assert min(band["y"]) > 0
        assert len(band["x"]) == 2 * len(record.depths)
    (area,) = template["figure"]["layout"]["shapes"]
    assert area["y1"] == limit
    assert 10 ** template["figure"]["layout"]["yaxis"]["range"][0] == pytest.approx(area["y0"])


def test_gradients_that_are_all_lost_in_chance_still_make_a_figure(record):
    nothing = Curve(*[(-1e-9,) * len(record.depths)] * 3)
    template = figures(replace(record, cosine=dict.fromkeys(ARMS, nothing)))[2]
    json.dumps(template, allow_nan=False)
    assert trace(template, "plain")["y"] == [None] * len(record.depths)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_apart(heights):
    found = apart(heights, 0.1, (0.0, 1.0))
    assert all(abs(a - b) > 0.0999 for a, b in combinations(found, 2))
    assert all(-1e-9 <= h <= 1 + 1e-9 for h in found)
    for (a, x), (b, y) in combinations(zip(heights, found, strict=True), 2):
        assert a == b or (a < b) == (x < y)
    if all(abs(a - b) > 0.11 for a, b in combinations(heights, 2)):
        assert found == pytest.approx(heights)
