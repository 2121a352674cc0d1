"""The server declines in words that say how much, and how much would do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.count.cost import seconds
from resviz.families.resnet.cost import cost
from resviz.families.resnet.spec import Spec
from resviz.runs.limits import OVERHEAD_PER_LAYER_STEP, Limits, Refused, duration, size
from resviz.words.text import parse_words

HUGE = Spec(depth=1202, width=256, epochs=500)
SPEED = 4e10


def test_a_huge_run_is_refused_with_its_time_its_memory_and_both_limits():
    with pytest.raises(Refused) as error:
        Limits(seconds=1200, bytes=8e9).check(HUGE, SPEED)
    need = cost(HUGE)
    message = str(error.value)
    assert f"about {duration(seconds(need, SPEED, OVERHEAD_PER_LAYER_STEP))} and {size(need.bytes)} here" in message
    assert "the limit is 20 min and 8 GB" in message
    command = re.search(r"resviz train (.*)$", message)[1]
    assert Spec.of(parse_words(command.split())) == HUGE


@pytest.mark.parametrize(
    ("limits", "refused"),
    [
        (Limits(seconds=1e9, bytes=1e12), False),
        (Limits(seconds=1, bytes=1e12), True),
        (Limits(seconds=1e9, bytes=1e6), True),
    ],
)
def test_time_and_memory_are_limits_each_by_itself(limits, refused):
    if refused:
        with pytest.raises(Refused):
            limits.check(Spec(), SPEED)
    else:
        limits.check(Spec(), SPEED)


def test_a_limit_is_the_largest_run_that_is_taken():
    need = cost(Spec())
    time = seconds(need, SPEED, OVERHEAD_PER_LAYER_STEP)
    Limits(seconds=time, bytes=need.bytes).check(Spec(), SPEED)
    for limits in (Limits(seconds=time * 0.999, bytes=need.bytes), Limits(seconds=time, bytes=need.bytes * 0.999)):
        with pytest.raises(Refused):
            limits.check(Spec(), SPEED)


def test_a_faster_machine_takes_longer_runs():
    spec = Spec(depth=110, epochs=50)
    limits = Limits(seconds=seconds(cost(spec), 1e11, OVERHEAD_PER_LAYER_STEP), bytes=1e12)
    limits.check(spec, 1e11)
    with pytest.raises(Refused):
        limits.check(spec, 5e10)


def test_the_environment_sets_the_limits(monkeypatch):
    monkeypatch.delenv("RESVIZ_MAX_MINUTES", raising=False)
    monkeypatch.delenv("RESVIZ_MAX_GB", raising=False)
    assert Limits().seconds == 20 * 60
    free = Limits().bytes
    assert free > 1e8  # a share of this machine's memory
    monkeypatch.setenv("RESVIZ_MAX_MINUTES", "1.5")
    monkeypatch.setenv("RESVIZ_MAX_GB", "0.25")
    assert (Limits().seconds, Limits().bytes) == (90, 2.5e8)
    monkeypatch.setenv("RESVIZ_MAX_GB", "0")
    assert Limits().bytes == free


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0 s"),
        (40, "40 s"),
        (89, "89 s"),
        (90, "2 min"),
        (720, "12 min"),
        (5399, "90 min"),
        (5400, "2 h"),
        (10_800, "3 h"),
        (172_799, "48 h"),
        (172_800, "2 days"),
        (432_000, "5 days"),
        (86_400 * 12_345, "12,345 days"),
    ],
)
def test_duration(value, text):
    assert duration(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3e5, "0 MB"),
        (3e8, "300 MB"),
        (1e9, "1 GB"),
        (1.25e9, "1.2 GB"),
        (9e9, "9 GB"),
        (1.2e10, "12 GB"),
        (1.234e12, "1,234 GB"),
    ],
)
def test_size(value, text):
    assert size(value) == text


@given(st.floats(10, 1e9))
def test_a_duration_is_off_by_less_than_it_looks(value):
    number, unit = duration(value).split()
    told = float(number.replace(",", "")) * {"s": 1, "min": 60, "h": 3600, "days": 86_400}[unit]
    assert told == pytest.approx(value, rel=0.34)  # 90 s reads 2 min
