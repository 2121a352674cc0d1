"""Points that flow through blocks: the settings, the record as JSON, and findings that hold whatever was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.data.datasets import DATASETS
from resviz.topics.flow.question import ArmFlow, Flow, PlaneSpec
from resviz.topics.flow.words import finding
from resviz.train.plane import ARMS
from resviz.words.fields import facts
from resviz.words.text import SpecError
from tests.contract.checks import check_sentences
from tests.examples import examples

APART = ((-1.0, 1.0), (-1.0, 1.0))  # two points that stay where they are
MET = ((-1.0, 1.0), (0.3, 0.3))
LOSES = "takes all points to one place"


def arm(accuracy=0.9, *, x=APART, y=((-1.0, 1.0), (-1.0, 1.0)), straightness=0.5, **changes) -> ArmFlow:
    record = ArmFlow(
        0.3, accuracy, accuracy, x, y, ((0.0, 0.0),), ("01", "10"), (0.2,), straightness, 83, ((0.5, -0.5),)
    )
    return replace(record, **changes)


def made(residual=None, plain=None, *, spec=None, step=None) -> Flow:
    spec = spec or PlaneSpec(blocks=1, steps=200)
    step = spec.steps if step is None else step
    arms = {"residual": residual or arm(0.99), "plain": plain or arm(0.6)}
    box = (-2.0, 2.0, -2.0, 2.0)
    return Flow(spec, step / spec.steps, step, box, (0, 1), arms, (1, 200), dict.fromkeys(ARMS, (0.7, None)))


# -- settings --------------------------------------------------------------------------------------


def test_the_settings():
    for key, wrong in (
        ("blocks", 0),
        ("blocks", 41),
        ("h", 0),
        ("hidden", 1),
        ("activation", "gelu"),
        ("data", "mnist"),
    ):
        with pytest.raises(SpecError, match=f"{key}={wrong}: allowed is"):
            PlaneSpec.of({key: wrong})
    known = facts(PlaneSpec)
    for fact in known.values():
        assert fact.label and fact.help.endswith(".")
    assert known["data"].choices == {name: DATASETS[name].label for name in ("spirals", "circles", "moons")}


# -- the finding -----------------------------------------------------------------------------------


def test_the_usual():
    text = finding(made(arm(0.995, straightness=0.8), arm(0.5, straightness=0.1)))
    assert text.startswith(
        "Through 1 block the residual network tells 99.5% of unseen points right, the plain one 50%."
    )
    assert "covers 1.2 times the distance it gets with the shortcut, 10.0 times without" in text
    assert "with it points flow, without it they jump" in text
    assert "no difference" not in text and "float range" not in text and LOSES not in text
    assert "Through 12 blocks" in finding(made(spec=PlaneSpec(blocks=12)))


def test_equal_accuracies_make_no_difference():
    assert "plain one 60%: no difference here." in finding(made(arm(0.6), arm(0.6)))
    assert "no difference here." not in finding(made(arm(0.6), arm(0.6025)))
    assert "plain one 99%." in finding(made(arm(0.6), arm(0.99)))


def test_ways_that_are_alike_are_called_so():
    for residual, plain in ((0.5, 0.5), (0.5, 0.45), (0.45, 0.5)):
        text = finding(made(arm(straightness=residual), arm(straightness=plain)))
        assert "no great difference here" in text and "jump" not in text
    text = finding(made(arm(straightness=0.2), arm(straightness=0.9)))
    assert "here the shortcut makes no straighter way" in text and "jump" not in text


def test_a_way_back_to_the_start_is_not_divided_by_zero():
    text = finding(made(arm(straightness=1.0), arm(straightness=0.0)))
    assert "covers 1.0 times the distance it gets with the shortcut, over 50 times without" in text
    check_sentences(finding(made(arm(straightness=0.0), arm(straightness=0.0))))


def test_who_takes_all_points_to_one_place():
    gone = arm(0.5, x=MET, y=MET)
    assert f"The plain network {LOSES}" in finding(made(plain=gone))
    assert "The residual network takes" not in finding(made(plain=gone))
    both = finding(made(gone, gone))
    assert f"The residual network {LOSES}" in both and f"The plain network {LOSES}" in both
    # Nothing is lost while one of the two directions still tells them apart, or where only the way between is narrow.
    assert LOSES not in finding(made(plain=arm(x=MET)))
    assert LOSES not in finding(made(plain=arm(x=(*MET, APART[0]), y=(*MET, APART[0]))))
    # A hundredth of the first spread is where it begins.
    for spread, lost in ((0.011, False), (0.009, True)):
        ends = ((-1.0, 1.0), (0.0, 2 * spread))
        assert (LOSES in finding(made(plain=arm(x=ends, y=ends)))) == lost


def test_one_that_stopped_is_said_with_its_step():
    text = finding(made(plain=arm(stopped=1234)))
    assert "The plain network left float range at step 1,234; what is drawn is from before." in text
    assert "The residual network left" not in text
    both = finding(made(arm(stopped=2), arm(stopped=3)))
    assert (
        "residual network left float range at step 2;" in both and "plain network left float range at step 3;" in both
    )


def test_unfinished_says_how_far_it_is():
    spec = PlaneSpec(steps=2000)
    assert finding(made(spec=spec, step=1500)).startswith("After 1,500 of 2,000 steps: Through")
    assert finding(made(spec=spec, step=0)).startswith("After 0 of 2,000 steps: ")
    assert "After" not in finding(made(spec=spec))


SHARES = st.sampled_from([0.0, 0.5, 1.0]) | st.integers(0, 400).map(lambda n: n / 400)
STRAIGHT = st.sampled_from([0.0, 1.0, 1e-9]) | st.floats(0, 1)
ENDS = st.sampled_from([APART, MET])


@examples(60)
@given(
    st.tuples(SHARES, SHARES), st.tuples(STRAIGHT, STRAIGHT), st.tuples(ENDS, ENDS),
    st.tuples(*[st.none() | st.integers(1, 600)] * 2), st.integers(0, 600), st.integers(1, 40),
)  # fmt: skip
def test_a_finding_of_anything(shares, straight, ends, stopped, step, blocks):
    arms = [
        arm(share, straightness=way, x=end, y=end, stopped=at)
        for share, way, end, at in zip(shares, straight, ends, stopped, strict=True)
    ]
    record = made(*arms, spec=PlaneSpec(blocks=blocks, steps=600), step=step)
    text = finding(record)
    check_sentences(text)
    assert ("no difference here" in text) == (shares[0] == shares[1])
    assert ("they jump" in text) == (straight[0] > 1.25 * straight[1])
    assert text.count(LOSES) == ends.count(MET)
    assert text.count("left float range at step") == 2 - stopped.count(None)
    assert text.startswith("After") == (step < 600)
