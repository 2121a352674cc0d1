"""What is said of planes, for whatever was measured on them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.inside.landscape import WARNING, Landscape, LandscapeSpec, Slice, Step, finding, hollows
from resviz.inside.network import Training
from resviz.records import ARMS
from resviz.words import SpecError
from tests.examples import examples

LOSS = st.none() | st.floats(0, 1e30)


@st.composite
def records(draw, size=9):
    spec = LandscapeSpec(
        directions=draw(st.sampled_from(["random", "path"])), on=draw(st.sampled_from(["train", "test"]))
    )
    ended = {"residual": "the loss is infinite."} if draw(st.booleans()) else {}
    if draw(st.integers(0, 5)) == 0:
        return Landscape(spec, 0.1, Training({"residual": 1, "plain": 1}, ended))
    share = st.floats(0, 1)

    def made():
        flat = draw(st.lists(LOSS, min_size=size * size, max_size=size * size))
        rows = tuple(tuple(flat[k * size : (k + 1) * size]) for k in range(size))
        path = (Step(0, 0.3, -0.1, draw(LOSS)), Step(9, 0.0, 0.0, draw(LOSS)))
        return Slice(rows, draw(share), path, (draw(share), draw(share)), (1.0, 1.0))

    arms = {arm: made() for arm in ARMS}
    return Landscape(
        spec, 1.0, Training({"residual": 9, "plain": 9}, ended), size, (0.0, 0.0), 1.0, arms, 64, (900, 1000)
    )


@examples(150)
@given(records())
def test_planes_are_said_for_whatever_was_measured(record):
    text = finding(record)
    assert text and "None" not in text and "nan" not in text and "inf" not in text.replace("infinite", "")
    if not record.arms:
        return
    assert text.endswith(WARNING)
    lost = sum(v is None for s in record.arms.values() for row in s.loss for v in row)
    assert ("leaves the range of float32" in text) == (lost > 0)
    if record.training.ended:
        assert "stopped at step 10" in text
    residual, plain = (hollows(record.arms[arm]) for arm in ARMS)
    assert ("no difference here" in text) == (residual == plain)


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
