"""Roll-outs: the settings, the record as JSON, and findings that hold whatever was measured."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from resviz.topics.rollout.question import POINTS, SEEN, SHOWN, STARTS, Band, Rollout, RolloutSpec
from resviz.topics.rollout.words import finding
from resviz.train.plane import ARMS
from resviz.words.fields import facts
from resviz.words.text import SpecError
from tests.examples import examples
from tests.strategies import values_of

ADAPTER = TypeAdapter(Rollout)


def both(residual, plain):
    return {"residual": residual, "plain": plain}


def made(spec=None, *, one_step=(0.002, 0.01), passes=(120, 30), end=(0.2, 1.5), step=None, **changes) -> Rollout:
    """A record by hand. Errors are those of the residual arm and the plain one."""
    spec = spec or RolloutSpec()
    step = spec.steps if step is None else step
    count = len([s for s in spec.measured if s <= step])
    places = len(spec.seen)
    record = Rollout(
        spec=spec,
        done=step / spec.steps,
        step=step,
        identity=0.085,
        average=1.0,
        loss=both((0.5,) * count, (0.7,) * count),
        one_step=both(*((e,) * count for e in one_step)),
        moves=both((0.07,) * count, (1.0,) * count),
        error=both(*(Band(*[(0.0, *(e,) * (places - 1))] * 3) for e in end)),
        passes=both(*passes),
        orbit=((1.0, 0.0), (0.5, 0.5)),
        arrival=(0.5, 0.4),
        path=both(*[((1.0, 0.0),) * (spec.horizon + 1)] * 2),
        energy=both(*[(1.0,) * places] * 2),
        strays=both(0.08, 1.25),
        without=both(None, None),
        lost=both(None, None),
        left=both(0, 0),
        stopped=both(None, None),
    )
    return replace(record, **changes)


# -- settings --------------------------------------------------------------------------------------


def test_the_settings():
    spec = RolloutSpec()
    assert (spec.system, spec.dt, spec.hidden, spec.blocks, spec.examples) == ("pendulum", 0.1, 32, 3, 1000)
    assert (spec.noise, spec.horizon, spec.seed) == (0, 300, 0)
    assert RolloutSpec.of(spec.replace(system="lotka_volterra", dt=0.5).words()).dt == 0.5
    for key, wrong in (("dt", 2), ("dt", 0), ("blocks", 0), ("horizon", 5000), ("system", "double pendulum")):
        with pytest.raises(SpecError, match=f"{key}={wrong}: allowed is"):
            RolloutSpec.of({key: wrong})
    for fact in facts(RolloutSpec).values():
        assert fact.label and fact.help
        assert fact.help.endswith(".")


@given(st.fixed_dictionaries({name: values_of(fact) for name, fact in facts(RolloutSpec).items()}))
def test_what_is_measured_and_seen_of_any_settings(values):
    spec = RolloutSpec(**values)
    for places, last, most in ((spec.measured, spec.steps, POINTS), (spec.seen, spec.horizon, SEEN)):
        assert places[0] == 0 and places[-1] == last
        assert len(places) <= most + 1
        assert all(a < b for a, b in pairwise(places))
        assert len({b - a for a, b in pairwise(places[:-1])}) <= 1


def test_times_are_said_without_what_binary_adds():
    spec = RolloutSpec(dt=0.1)
    assert 0.1 * 3 != 0.3
    assert spec.time(3) == 0.3
    assert (spec.time(123), spec.time(300)) == (12.3, 30)
    assert RolloutSpec(dt=0.01).time(987) == 9.87


def test_boxes_hold_the_region_just_so():
    left, right, bottom, top = SHOWN["pendulum"].box
    assert right == -left == 2 and top == -bottom
    assert 0 < top - 2 * math.sin(1) < 1e-3  # at the bottom of a swing up to 2 rad: ω²/2 = 1 − cos 2
    left, right, bottom, top = SHOWN["lotka_volterra"].box
    assert (left, right) == (bottom, top)
    assert 2 < left - math.log(left) < 2.01 and 2 < right - math.log(right) < 2.01


# -- JSON ------------------------------------------------------------------------------------------


def test_what_was_measured_at_which_step():
    record = made(RolloutSpec(steps=400), step=13)
    assert record.steps == (0, 4, 8, 12)
    assert made().steps == RolloutSpec().measured
    assert record.times[0] == 0 and record.times[-1] == 30
    assert len(record.times) == len(record.error["plain"].median)


# -- the finding -----------------------------------------------------------------------------------


def test_the_usual():
    one, free, kept = finding(made()).split("\n\n")
    assert one.startswith("After 1,000 steps, one prediction")
    assert (
        "wrong by 0.002 of the states' spread in the residual network and by 0.01 in the plain one, 5 times as much."
        in one
    )
    assert "nothing changes would be wrong by 0.085. Before learning the residual network moved" in one
    assert "first passes 10% of the spread at time 12, the plain one at time 3." in free
    assert "At time 30 the median error is 0.2 in the residual network and 1.5 in the plain one." in free
    assert "the energy should never change" in kept
    assert "by up to 8%, in the plain one by up to 120%." in kept


def test_the_plain_network_may_win():
    text = finding(made(one_step=(0.03, 0.01), passes=(30, 120)))
    assert "0.01 in the plain one: here the residual one's error is 3 times as large." in text
    assert "at time 3, the plain one at time 12." in text


def test_equal_networks_make_no_difference():
    text = finding(made(one_step=(0.01, 0.01), passes=(5, 5), end=(1.0, 1.0)))
    assert "0.01 in the plain one: no difference here." in text
    assert (
        "both networks have a median error that first passes 10% of the spread at time 0.5: no difference here." in text
    )
    assert "times as" not in text
    assert text.count("no difference") == 2
    text = finding(made(one_step=(0.01, 0.02), passes=(5, 5)))
    assert "both networks have a median error that first passes 10% of the spread at time 0.5. At time 30" in text
    assert "no difference" not in text


def test_close_networks_are_called_close():
    for one_step in ((0.010, 0.014), (0.014, 0.010)):
        text = finding(made(one_step=one_step))
        assert "so close that another seed may turn it round" in text
        assert "times as" not in text


def test_who_never_passes():
    assert "both networks stay within 10% of the spread, in the median, up to the end at time 30." in finding(
        made(passes=(None, None))
    )
    for passes, stays, goes in (((None, 30), "residual", "plain"), ((30, None), "plain", "residual")):
        text = finding(made(passes=passes))
        assert f"the {stays} network stays within 10% of the spread" in text
        assert f"the {goes} one first passes that at time 3." in text


def test_networks_no_better_than_a_guess_are_called_so():
    assert "no better" not in finding(made())
    assert "The plain network is no better than that." in finding(made(one_step=(0.01, 0.2)))
    assert "Both networks are no better than that." in finding(made(one_step=(0.085, 0.2)))
    text = finding(made(one_step=(0.01, 0.99)))
    assert "The plain network is no better than always naming the average state: 1." in text
    assert "than that" not in text
    text = finding(made(one_step=(0.2, 0.99)))
    assert "The residual network is no better than that. The plain network is no better than always" in text


def test_a_perfect_network_is_no_division_by_zero():
    assert "by 0 of the states' spread" in finding(made(one_step=(0.0, 0.01)))
    assert "no difference here" in finding(made(one_step=(0.0, 0.0)))
    assert finding(made(identity=0.0, average=0.0))


def test_while_it_learns_it_is_short():
    text = finding(made(step=1))
    first, further = text.split("\n\n")
    assert first.startswith("After 1 step, ") and "Left to run" in further
    assert "first passes" in further and "energy" not in text
    assert finding(made(step=0)).startswith("Before learning, ")


def test_what_left_float_range_is_said_with_step_and_time():
    record = made(
        one_step=(0.01, None),
        end=(0.2, None),
        left=both(0, 3),
        lost=both(None, 41),
        without=both(None, 41),
        stopped=both(None, 17),
    )
    text = finding(record)
    assert "by more than a float holds in the plain one. To say" in text
    assert "The plain network is no better than that." in text
    assert "The plain network stopped learning at step 17: its loss left float range." in text
    assert (
        f"Of the {STARTS} roll-outs of the plain network 3 left float range and ended there, the one drawn at prediction 41, "
        "time 4.1." in text
    )
    assert "no value" not in text
    assert "the one drawn" not in finding(made(left=both(2, 0)))


def test_animals_that_are_fewer_than_none():
    spec = RolloutSpec(system="lotka_volterra", dt=0.5)
    text = finding(made(spec, without=both(12, None)))
    assert "the conserved quantity should never change" in text
    assert "and at time 6 it has no value, as a number of animals is no longer above 0, in the plain one" in text


NUMBERS = st.none() | st.sampled_from([0.0, 0.085, 1.0, 1e-12, 1e30]) | st.floats(0, 3)
PREDICTIONS = st.none() | st.integers(1, 300)


def pairs(values):
    return st.tuples(values, values)


@examples(60)
@given(
    pairs(NUMBERS), pairs(PREDICTIONS), pairs(NUMBERS), pairs(NUMBERS), pairs(PREDICTIONS), pairs(PREDICTIONS),
    st.sampled_from(list(SHOWN)), st.sampled_from([0, 1, 500, 1000]),
)  # fmt: skip
def test_a_finding_of_anything(one_step, passes, end, strays, lost, stopped, system, step):
    record = made(
        RolloutSpec(system=system),
        one_step=one_step,
        passes=passes,
        end=end,
        step=step,
        strays=both(*strays),
        lost=both(*lost),
        without=both(*lost),
        left=both(*(0 if n is None else 1 for n in lost)),
        stopped=both(*stopped),
    )
    text = finding(record)
    # What is said of one network would be said of the other: who is better follows from the numbers alone.
    if one_step[0] == one_step[1] and passes[0] == passes[1]:
        assert "times as" not in text
    assert set(record.passes) == set(ARMS)
