"""Depth against step size: the settings, the record as JSON, and findings that hold whatever was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.refine.question import DRAWN, FINER, NETS, SPLITS, Refine, Refined, RefineSpec
from resviz.topics.refine.words import finding
from resviz.words.fields import facts
from resviz.words.text import SpecError
from tests.contract.checks import check_sentences
from tests.examples import examples

PLACES = ((-1.0, 1.0), (0.5, 0.25))
HARDLY = "one point in a hundred at most"


def net(shared=(0.99, 0.99, 0.99, 0.99), interpolated=None, *, change=(0.5, 0.7), **changes) -> Refined:
    ways = {"shared": shared, "interpolated": interpolated or shared}
    moved = dict.fromkeys(SPLITS, (0.0, 0.1, None, 0.3))
    record = Refined(0.1, ways, moved, change, (PLACES,) * 3, (PLACES,) * 3, "0110")
    return replace(record, **changes)


def made(free=None, smooth=None, *, step=None) -> Refine:
    spec = RefineSpec(blocks=3, steps=1500)
    step = spec.steps if step is None else step
    nets = {"free": free or net((0.98, 0.7, 0.6, 0.5)), "smooth": smooth or net(change=(0.02, 0.04))}
    return Refine(spec, step / spec.steps, step, (-1.0, 1.0, -1.0, 1.0), (0, 1), nets)


def parts(record) -> tuple[str, str]:
    """What is said of both networks, and why."""
    fates, why = finding(record).split("\n\n")
    return fates, why


# -- settings --------------------------------------------------------------------------------------


def test_the_settings():
    for key, wrong in (("blocks", 1), ("blocks", 25), ("h", 3), ("smooth", -1), ("steps", 0), ("data", "digits")):
        with pytest.raises(SpecError, match=f"{key}={wrong}: allowed is"):
            RefineSpec.of({key: wrong})
    assert all(fact.label and fact.help.endswith(".") for fact in facts(RefineSpec).values())


def test_the_step_is_halved_each_time():
    assert FINER == (1, 2, 4, 8)
    assert set(DRAWN) <= set(FINER) and DRAWN[0] == 1


# -- the finding -----------------------------------------------------------------------------------


def test_the_usual():
    fates, why = parts(made())
    assert "With free weights 98% of new points are classified correctly; with 8 times as many steps 50%" in fates
    assert "With weights smooth in depth 99% of new points are classified correctly" in fates
    assert fates.count(HARDLY) == 1 and fates.endswith(f"{HARDLY}.")
    assert "the weights change by 60% of their size, and by 3% in the smooth one" in why
    assert "has a time that can be cut finer" in why


def test_both_ways_are_said():
    fates, _ = parts(made(net((0.9, 0.8, 0.7, 0.6), (0.9, 0.85, 0.8, 0.75))))
    assert "90% of new points" in fates and "60% (blocks repeated) and 75% (interpolated)." in fates


def test_hardly_a_difference_takes_both_ways():
    for shared, interpolated, same in (
        ((0.9,) * 4, (0.9,) * 4, True),
        ((0.9, 0.9, 0.9, 0.7), (0.9,) * 4, False),
        ((0.9,) * 4, (0.9, 0.9, 0.9, 0.7), False),
        ((0.9, 0.9, 0.9, 0.95), (0.9,) * 4, False),
        ((0.9,) * 4, (0.9, 0.9, 0.9, None), False),
    ):
        ours = net(shared, interpolated)
        assert finding(made(ours, ours)).count(HARDLY) == 2 * same


def test_numbers_that_differ_are_not_called_no_difference():
    """Three of the 400 points are told otherwise, and the numbers in the sentence say so."""
    ours = net((0.9775, 0.98, 0.98, 0.97))
    text = finding(made(ours, ours))
    assert "97.8% of new points" in text and "97% (blocks repeated)" in text
    assert "no difference" not in text and HARDLY in text
    further = net((0.9775, 0.98, 0.98, 0.965))
    assert HARDLY not in finding(made(further, further))


def test_weights_that_are_no_smoother_are_said_to_be_none():
    for free, smooth in (((0.5, 0.5), (0.5, 0.5)), ((0.2,), (0.4,)), ((0.0,), (0.0,)), ((0.5,), (0.45,))):
        _, why = parts(made(net(change=free), net(change=smooth)))
        assert "here that is no smoother" in why and "cut finer" not in why


def test_points_that_leave_float_range():
    fates, _ = parts(made(net((0.9, 0.5, None, None), (0.9, 0.8, 0.8, 0.8))))
    assert "with 8 times as many steps points that leave float range (blocks repeated) and 80%" in fates
    fates, _ = parts(made(net((None,) * 4)))
    assert "With free weights the points leave float range." in fates


def test_one_that_stopped_is_said_with_its_step():
    fates, _ = parts(made(net(stopped=1234)))
    assert "With free weights training left float range at step 1,234." in fates
    assert "With weights smooth in depth 99% of new points are classified correctly" in fates


def test_unfinished_says_how_far_it_is():
    assert finding(made(step=1200)).startswith("After 1,200 of 1,500 steps: With free")
    assert not finding(made()).startswith("After")


ACCURACIES = st.tuples(*[st.none() | st.integers(0, 400).map(lambda n: n / 400)] * len(FINER))
CHANGES = st.lists(st.floats(0, 9) | st.just(0.0), min_size=1, max_size=4).map(tuple)


@examples(60)
@given(
    st.tuples(*[ACCURACIES] * 4),
    st.tuples(CHANGES, CHANGES),
    st.tuples(*[st.none() | st.integers(1, 9)] * 2),
    st.integers(0, 1500),
)
def test_a_finding_of_anything(accuracies, changes, stopped, step):
    nets = [
        net(shared, (shared[0], *interpolated[1:]), change=change, stopped=at)
        for shared, interpolated, change, at in zip(accuracies[:2], accuracies[2:], changes, stopped, strict=True)
    ]
    record = made(*nets, step=step)
    text = finding(record)
    check_sentences(text)
    assert text.count("training left float range") == 2 - stopped.count(None)
    mean = [sum(change) / len(change) for change in changes]
    assert ("cut finer" in text) == (mean[1] < 0.8 * mean[0])
    assert text.startswith("After") == (step < 1500)
    assert tuple(record.nets) == NETS
