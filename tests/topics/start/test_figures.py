"""The figures of the Start page over what one pass measures."""

import json

import pytest

from resviz.draw.bound import fill
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.topics.start import figures as start
from resviz.topics.train import figures as train
from resviz.train.records import History
from resviz.train.twins.initial import Initial


@pytest.mark.parametrize("depth", [2, 3, 8, 56])
def test_one_profile_an_arm_on_the_axis_of_the_drawing(depth):
    spec = Spec(depth=depth)
    templates = start.templates(spec)
    assert json.loads(json.dumps(templates)) == templates
    assert [template["id"] for template in templates] == [f"start_{arm}" for arm in ARMS]
    hero = train.templates(spec)[0]["figure"]["layout"]
    for arm, template in zip(ARMS, templates, strict=True):
        (trace,) = template["figure"]["data"]
        assert (trace["bind"]["arm"], trace["bind"]["name"], trace["bind"]["from"], trace["bind"]["every"]) == (
            arm,
            "grad_norm",
            1,
            1,
        )
        assert arm in template["title"]
        layout = template["figure"]["layout"]
        assert template["aligned"]
        assert layout["xaxis"]["range"] == [0.5, depth + 0.5] == hero["xaxis"]["range"]
        assert {side: layout["margin"][side] for side in "lr"} == {side: hero["margin"][side] for side in "lr"}
    assert ["title" in t["figure"]["layout"]["xaxis"] for t in templates] == [False, True]  # said once, at the bottom


def test_both_profiles_are_what_was_measured_on_one_range():
    spec = Spec(depth=8, width=4, remove=(2,), device="cpu")
    initial = Initial()
    record = initial(spec)
    initial.close()
    history = History(spec)
    history.add(record)
    figures = [fill(template, history) for template in start.templates(spec)]
    for arm, figure in zip(ARMS, figures, strict=True):
        norms = record.arms[arm].grad_norm
        assert list(figure.data[0].x) == list(range(1, 9))
        assert list(figure.data[0].y) == [norm if norm > 0 else None for norm in norms]
        assert list(figure.data[0].y).count(None) == 2  # the layers of the block that is out
    assert figures[0].layout.yaxis.range == figures[1].layout.yaxis.range
    low, high = figures[0].layout.yaxis.range
    everything = [v for figure in figures for v in figure.data[0].y if v]
    assert 10**low <= min(everything) <= max(everything) <= 10**high
