"""What is said of planes, for whatever was measured on them."""

import math

import pytest
from hypothesis import given

from resviz.families.resnet.family import ARMS
from resviz.topics.landscape.question import Landscape, LandscapeSpec, Slice, Step
from resviz.topics.landscape.words import WARNING, finding, hollows
from resviz.words.text import SpecError
from tests.examples import examples
from tests.topics.landscape.contract import landscape as any_record


@examples(60)
@given(any_record())
def test_planes_are_said_for_whatever_was_measured(record):
    text = finding(record)
    if not record.arms:
        return
    assert text.endswith(WARNING)
    for arm in ARMS:
        lost = sum(v is None for row in record.arms[arm].loss for v in row)
        assert (f"t {lost} of 81 points the loss of the {arm} network leaves the range of float32" in text) == (
            lost > 0
        )
    for arm, why in record.training.ended.items():
        assert f"The {arm} network stopped at step {record.training.step[arm] + 1:,}: {why}" in text
    residual, plain = (hollows(record.arms[arm]) for arm in ARMS)
    assert ("no difference here" in text) == (residual == plain)
    assert (f"residual {residual}, plain {plain}." in text) == (residual != plain)


def test_hollows_and_lost_points_are_each_networks_own():
    def rows(low, lost=()):
        return tuple(
            tuple(None if (x, y) in lost else 0.5 if (x, y) in low else 2.0 for x in range(9)) for y in range(9)
        )

    way = (Step(0, 0.5, 0.0, 2.0), Step(9, 0.0, 0.0, 0.25))
    planes = {"residual": rows({(2, 2), (5, 6)}), "plain": rows({(4, 4)}, {(x, 0) for x in range(9)})}
    arms = {arm: Slice(loss, 0.5, way, (0.1, 0.2), (1.0, 1.0)) for arm, loss in planes.items()}
    text = finding(Landscape(LandscapeSpec(), 1.0, size=9, arms=arms, images=64, moved=(90, 100)))
    assert "of 49 points inside: residual 2, plain 1." in text
    assert "At 9 of 81 points the loss of the plain network leaves the range of float32" in text
    assert "the loss of the residual network leaves" not in text


def test_the_grids_are_those_up_to_the_finest():
    assert LandscapeSpec().sizes == (9, 17, 33) and LandscapeSpec(finest="9").sizes == (9,)
    record = Landscape(LandscapeSpec(), 1.0, size=9, middle=(1.0, -2.0), half=4.0)
    assert record.axis(0) == [-3, -2, -1, 0, 1, 2, 3, 4, 5] and record.axis(1)[0] == -6


@pytest.mark.parametrize(("key", "value"), [("span", 0), ("finest", 10), ("images", 0), ("directions", "up")])
def test_what_cannot_be_used_is_quoted_with_what_can(key, value):
    with pytest.raises(SpecError, match=f"{key}={value}: allowed is"):
        LandscapeSpec.of({key: value})


def test_the_link_says_everything():
    spec = LandscapeSpec.of({"depth": "20", "directions": "path", "span": "0.5", "draw": "3"})
    assert spec.query() == "depth=20&directions=path&span=0.5&draw=3"
    assert LandscapeSpec.of(spec.words()) == spec and math.isclose(spec.span, 0.5)
