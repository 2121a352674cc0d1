"""What is said of maps, and which questions can be asked."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import own_bytes
from resviz.probes.methods import METHODS, Map, Seen
from resviz.topics.attribution.question import Attribution, AttributionSpec
from resviz.topics.attribution.words import finding
from resviz.train.records import Training
from resviz.words.text import SpecError
from tests.examples import examples
from tests.topics.attribution.contract import attribution


@examples(60)
@given(attribution(measured=True))
def test_maps_are_said_for_whatever_was_measured(record):
    text = finding(record)
    assert ("convergence delta" in text) == METHODS[record.spec.method].sums
    known = any(v is not None for arm in ARMS for v in record.arms[arm].alike)
    assert ("rank correlation" in text) == known
    assert (" your image as " if record.number is None else f" this {record.truth} as ") in text.partition(".")[0]


def of(alike):
    one = Map(0, 1, 1, (1.0,), 1.0)
    arms = {
        arm: Seen((1.0,) + (0.0,) * 9, 1.0, 0.0, (one,), (), (one,), (v,)) for arm, v in zip(ARMS, alike, strict=True)
    }
    spec = AttributionSpec(method="saliency", destroyed="yes")
    return finding(Attribution(spec, 1.0, Training(), 0, 0, 0, "", arms, (), dict.fromkeys(ARMS, 0), 360))


def test_the_sanity_check_can_fail_and_pass():
    assert "changes with the network, as it should" in of((0.1, -0.2))
    assert "much of both maps is there without anything learnt" in of((0.9, 0.8))
    assert "much of the plain network’s map is there" in of((0.1, 0.8))


def test_before_there_are_maps_it_says_how_far_training_is():
    text = finding(Attribution(AttributionSpec(), 0.5, Training({"residual": 60, "plain": 61})))
    assert "step 61 of 132" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"target": "10"}, "classes 0 to 9"),
        ({"image": "360"}, "unseen images 0 to 359"),
        ({"window": "9"}, "8 pixels a side"),
        ({"own": "AAAA"}, "64 numbers, this one 3"),
        ({"own": "&&&&"}, "no base 64"),
        ({"own": "A" * 9000}, "own"),
        ({"method": "magic"}, "allowed is one of"),
        ({"dataset": "spirals", "own": "AAAA"}, "own"),
    ],
)
def test_what_cannot_be_asked_is_said(words, says):
    with pytest.raises(SpecError, match=says):
        AttributionSpec.of(words)
    spec, problems = AttributionSpec.read(words)
    assert problems and AttributionSpec.of(spec.words()) == spec


@given(st.binary(min_size=64, max_size=64))
def test_an_image_of_ones_own_goes_through_the_link(pixels):
    own = base64.urlsafe_b64encode(pixels).decode().rstrip("=")
    spec = AttributionSpec.of({"own": own})
    assert own_bytes(spec.own) == pixels == own_bytes(AttributionSpec.of(spec.words()).own)
    assert len(spec.query()) < 120
