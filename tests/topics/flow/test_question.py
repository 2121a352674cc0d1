"""Points that flow through blocks: the settings, the record as JSON, and findings that hold whatever was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.data.datasets import DATASETS
from resviz.topics.flow.question import ArmFlow, Flow, Halved, PlaneSpec
from resviz.topics.flow.words import LONGER, finding, halving, longer
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
        "Through 1 block the residual network classifies 99.5% of new points correctly, the plain one 50%."
    )
    assert "With shortcuts a point’s path is 1.2 times as long as the straight line: it flows." in text
    assert "Without, 10.0 times: it jumps about." in text
    assert "no difference" not in text and "float range" not in text and LOSES not in text
    assert "Through 12 blocks" in finding(made(spec=PlaneSpec(blocks=12)))


def test_equal_accuracies_make_no_difference():
    assert "plain one 60%: no difference here." in finding(made(arm(0.6), arm(0.6)))
    assert "no difference here." not in finding(made(arm(0.6), arm(0.6025)))
    assert "plain one 99%." in finding(made(arm(0.6), arm(0.99)))


def test_ways_that_are_alike_are_called_so():
    for residual, plain in ((0.5, 0.5), (0.5, 0.45), (0.45, 0.5)):
        text = finding(made(arm(straightness=residual), arm(straightness=plain)))
        assert "no great difference here" in text and "jump" not in text and "flow" not in text
    text = finding(made(arm(straightness=0.2), arm(straightness=0.9)))
    assert "here shortcuts do not make the way straighter" in text and "jump" not in text and "flow" not in text


def test_a_straighter_way_is_called_a_flow_only_if_it_is_nearly_straight_and_a_jump_only_if_it_is_not():
    for residual, plain, flows in ((0.34, 0.1, True), (0.32, 0.1, False), (0.9, 0.49, True), (0.9, 0.51, False)):
        text = finding(made(arm(straightness=residual), arm(straightness=plain)))
        assert ("it flows. Without" in text) == ("it jumps about" in text) == flows
        assert ("the shortcuts make the way straighter" in text) == (not flows)


def test_a_way_back_to_the_start_is_not_divided_by_zero():
    text = finding(made(arm(straightness=1.0), arm(straightness=0.0)))
    assert "path is 1.0 times as long as the straight line: it flows. Without, over 50 times: it jumps about." in text
    check_sentences(finding(made(arm(straightness=0.0), arm(straightness=0.0))))


def test_a_guess_is_compared_with_the_way_without_shortcuts():
    for plain, right in ((1.0, 0), (1 / 1.5, 0), (0.5, 1), (0.2, 2), (0.05, 3), (0.0, 3)):
        choice, says = longer(made(arm(straightness=0.8), arm(straightness=plain)))
        assert choice == LONGER[right]
        assert ("no great difference" in says) == (plain == 1 / 1.5)
    assert (
        "it is 5.0 times as long as the straight line, with them 1.2 times."
        in longer(made(arm(straightness=0.8), arm(straightness=0.2)))[1]
    )
    assert longer(made(step=100)) is None


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


# -- half the step ---------------------------------------------------------------------------------

FLOW, ROUGH, NONE = "behave like steps of one flow", "only roughly steps of one flow", "are not steps of one flow"


def halved(whole, half):
    record = made(arm(whole, halved=Halved(half, (APART[0],) * 3, (APART[0],) * 3, ("01", "10"))))
    assert finding(record).endswith(f"\n\n{halving(record)}")
    check_sentences(halving(record))
    return halving(record)


def test_half_the_step_says_how_many_points_are_still_right_and_what_that_means():
    begun = "With half the step and twice as many steps"
    assert halved(1.0, 0.98) == (
        f"{begun} 98% of new points are still classified correctly: the blocks behave like steps of one flow."
    )
    assert halved(1.0, 0.88) == (
        f"{begun} 88% of new points are still classified correctly, 12 points fewer than with whole steps: the blocks are only "
        "roughly steps of one flow."
    )
    assert halved(0.975, 0.62) == (
        f"{begun} it falls from 97.5% of new points classified correctly to 62%: these blocks are not steps of one flow, they "
        "need the step that they were trained with."
    )
    assert "4 points more than with whole steps: the blocks are only roughly" in halved(0.9, 0.94)
    assert NONE in halved(1.0, None) and "float range" in halved(1.0, None)
    assert (
        "50% of new points are classified correctly, with whole steps 55%: the network has learnt too little"
        in halved(0.55, 0.5)
    )


def test_half_the_step_where_one_word_gives_way_to_the_next():
    for whole, half, said in ((0.99, 0.9725, FLOW), (0.99, 0.9675, ROUGH), (0.99, 0.8425, ROUGH), (0.99, 0.8375, NONE)):
        text = halved(whole, half)
        assert [word in text for word in (FLOW, ROUGH, NONE)] == [word == said for word in (FLOW, ROUGH, NONE)]


def test_a_record_from_before_half_the_step_was_measured_says_nothing_of_it():
    assert halving(made()) == "" and "\n" not in finding(made())


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
    longer = [1 / max(way, 1e-3) for way in straight]
    straighter = longer[1] > 1.25 * longer[0]
    assert ("it jumps about" in text) == ("it flows" in text) == (straighter and longer[0] <= 3 and longer[1] >= 2)
    assert ("make the way straighter." in text) == (straighter != ("it flows" in text) or longer[1] <= 0.8 * longer[0])
    assert text.count(LOSES) == ends.count(MET)
    assert text.count("left float range at step") == 2 - stopped.count(None)
    assert text.startswith("After") == (step < 600)
