"""The figures of points that flow show what was measured, in the arms' colours, and nothing that is not a number."""

from dataclasses import replace

import pytest

from resviz.draw.palette import ARM_COLOR, ARM_DASH, CLASS_COLOR
from resviz.draw.table import rows_of, with_table
from resviz.topics.flow.experiment import flow
from resviz.topics.flow.figures import figures
from resviz.topics.flow.question import ARROWS, Flow, PlaneSpec
from resviz.topics.flow.words import halving
from resviz.train.plane import ARMS
from resviz.words.say import percent
from tests.contract.charts import trace
from tests.contract.checks import check_cards

SMALL = PlaneSpec(blocks=2, hidden=4, steps=3)


def records(spec) -> list[Flow]:
    return [record for record in flow(spec) if record is not None]


@pytest.fixture(scope="module", params=[{}, {"blocks": 1, "h": 0.5, "activation": "relu"}, {"data": "moons"}], ids=str)
def both(request) -> list[Flow]:
    """The first and the last of a short run."""
    begin, *_, end = records(SMALL.replace(**request.param))
    return [begin, end]


@pytest.fixture(scope="module")
def one() -> Flow:
    return records(SMALL)[-1]


def test_they_are_figures_at_every_moment(both):
    for record in both:
        found = check_cards(figures(record))
        assert [t["id"] for t in found] == ["flow", "flow_loss", "flow_ways"]


def test_the_animation_has_both_arms_as_they_were_measured(both):
    for record in both:
        template = figures(record)[0]
        shown = template["flow"]
        assert [arm["name"] for arm in shown["arms"]] == list(ARMS)
        for arm in shown["arms"]:
            measured = record.arms[arm["name"]]
            assert arm["color"] == ARM_COLOR[arm["name"]]
            for name in ("x", "y", "arrows", "regions"):
                assert arm[name] == getattr(measured, name)
            assert arm["said"] == f"{float(f'{100 * measured.test_accuracy:.3g}'):g}% correct"
            assert arm["jumps"] == (arm["name"] == "plain")
            assert len(arm["x"]) == record.spec.blocks + 1
        assert shown["box"] == record.box and shown["labels"] == record.labels
        assert shown["blocks"] == record.spec.blocks and shown["grid"] == ARROWS
        assert shown["colors"] == CLASS_COLOR
        assert template["table"]["rows"] == [
            [str(k + 1), *(f"{record.arms[arm].step[k]:.3g}" for arm in ARMS)] for k in range(record.spec.blocks)
        ]


def test_the_residual_network_is_also_drawn_with_half_its_step_once_that_is_measured(both):
    begin, end = both
    for record in both:
        shown = figures(record)[0]["flow"]
        assert shown["step"] == {"h": record.spec.h, "said": halving(record)}
        assert "halved" not in shown["arms"][1]
    assert "halved" not in figures(begin)[0]["flow"]["arms"][0] and not halving(begin)
    drawn, half = figures(end)[0]["flow"]["arms"][0]["halved"], end.arms["residual"].halved
    assert {name: drawn[name] for name in ("x", "y", "regions")} == {
        name: getattr(half, name) for name in ("x", "y", "regions")
    }
    assert drawn["said"] == f"{percent(half.accuracy)} correct"
    lost = replace(end.arms["residual"], halved=replace(half, accuracy=None))
    gone = replace(end, arms=end.arms | {"residual": lost})
    assert figures(gone)[0]["flow"]["arms"][0]["halved"]["said"] == "left float range"


def test_the_formula_has_the_step_where_it_is_not_one(one):
    said = {arm["name"]: arm["formula"] for arm in figures(one)[0]["flow"]["arms"]}
    assert said == {"residual": "x + F(x)", "plain": "F(x)"}
    half = replace(one, spec=one.spec.replace(h=0.5))
    assert [arm["formula"] for arm in figures(half)[0]["flow"]["arms"]] == ["x + 0.5 f(x)", "0.5 f(x)"]
    assert figures(one)[0]["flow"]["arms"][0]["halved"]["formula"] == "x + ½ F(x), twice"
    assert figures(half)[0]["flow"]["arms"][0]["halved"]["formula"] == "x + 0.25 f(x), twice"


def test_the_loss_is_that_of_each_arm(both):
    for record in both:
        template = figures(record)[1]
        for arm in ARMS:
            line = trace(template, arm)
            assert line["x"] == list(record.curve_steps) and line["y"] == list(record.curve[arm])
            assert line["line"]["color"] == ARM_COLOR[arm] and line["line"]["dash"] == ARM_DASH[arm]
        assert template["figure"]["layout"]["xaxis"]["range"] == [0, record.spec.steps]


def test_the_ways_are_by_block(both):
    for record in both:
        template = figures(record)[2]
        for arm in ARMS:
            line = trace(template, arm)
            assert line["y"] == list(record.arms[arm].step)
            assert line["x"] == list(range(1, record.spec.blocks + 1))
        low, high = template["figure"]["layout"]["xaxis"]["range"]
        assert low < 1 and high > record.spec.blocks


def test_tables_are_made_of_the_lines(one):
    loss = figures(one)[1]
    table = rows_of(with_table(loss))
    assert table["header"] == ["at", "plain", "residual"]
    assert table["rows"] == [
        [f"{step}", f"{one.curve['plain'][i]:.4g}", f"{one.curve['residual'][i]:.4g}"]
        for i, step in enumerate(one.curve_steps)
    ]
    assert with_table(loss)["height"] == loss["height"]
    bare = {key: value for key, value in loss.items() if key != "height"}
    assert with_table(bare)["height"] > 100
    animation = figures(one)[0]
    assert with_table(animation) is animation and rows_of(animation) == animation["table"]


def test_an_arm_that_stopped_has_gaps(one):
    gone = (one.curve["plain"][0], None, None)
    stopped = replace(one.arms["plain"], loss=None, stopped=2)
    record = replace(one, arms=one.arms | {"plain": stopped}, curve=one.curve | {"plain": gone})
    found = check_cards(figures(record))
    assert trace(found[1], "plain")["y"] == list(gone)
    assert [row[1] for row in rows_of(with_table(found[1]))["rows"]][1:] == ["–", "–"]
