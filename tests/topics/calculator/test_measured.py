"""What is said of measured training steps: limits, rooflines, findings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.measured import (
    MOST_SECONDS,
    StepTime,
    estimate,
    moved_bytes,
    pair_finding,
    roofline,
    seconds,
    step_bytes,
    step_finding,
    step_macs,
    too_much,
)
from resviz.topics.calculator.question import CountSpec

ONE, OTHER = (count(CountSpec.of({"net": net})) for net in ("resnet50", "resnet34"))
MANY = 1e15


def step(counted, took, *, rate=4e10, bandwidth=1e10, batch=4):
    return StepTime(batch, "cpu", 1, took, took, 3, rate, bandwidth)


def test_the_roof_is_the_slower_of_products_and_memory():
    macs, moved = step_macs(ONE, 4), moved_bytes(ONE, 4)
    line = roofline(ONE, step(ONE, 2.0, rate=macs / 1.5, bandwidth=moved / 0.5))
    assert (line.arithmetic, line.memory, line.floor, line.achieved) == (1.5, 0.5, 1.5, 0.75)
    line = roofline(ONE, step(ONE, 2.0, rate=macs / 0.5, bandwidth=moved / 1.0))
    assert (line.floor, line.achieved) == (1.0, 0.5)


def test_the_finding_says_what_bounds_the_step_first():
    macs, moved = step_macs(ONE, 4), moved_bytes(ONE, 4)
    text = step_finding(ONE, step(ONE, 2.0, rate=macs / 1.5, bandwidth=moved / 0.5))
    assert text.startswith("**ResNet-50**: 2 s for a training step of 4 images.")
    assert text.index("its products take 1.5 s") < text.index("takes 500 ms")
    assert text.endswith("The step reaches 75% of that speed.")
    text = step_finding(ONE, step(ONE, 2.0, rate=macs / 0.5, bandwidth=moved / 1.0))
    assert text.index("and back takes 1 s") < text.index("products take 500 ms")
    assert "reaches 50%" in text


def test_of_a_pair_it_says_whether_the_counts_tell_the_time():
    work = step_macs(ONE, 4) / step_macs(OTHER, 4)
    same = pair_finding(ONE, OTHER, (step(ONE, work), step(OTHER, 1.0)))
    assert same == (
        f"**ResNet-50** does {work:.2f} times the products of **ResNet-34** and takes {work:.2f} times as long: here the "
        "count tells the time."
    )
    other = pair_finding(ONE, OTHER, (step(ONE, 2 * work), step(OTHER, 1.0)))
    assert f"takes {2 * work:.2f} times as long: the count alone does not tell the time" in other
    assert f"moves {moved_bytes(ONE, 4) / moved_bytes(OTHER, 4):.2f} times the memory" in other


@given(batch=st.integers(1, 1024), speed=st.floats(1e8, 1e13), memory=st.floats(1e8, 1e12))
def test_a_refusal_names_the_largest_batch_that_is_taken(batch, speed, memory):
    counted = count(CountSpec.of({"net": "resnet18", "batch": batch}))
    text = too_much(counted, speed, memory)

    def taken(n):
        return estimate(counted, n, speed) <= MOST_SECONDS and step_bytes(counted, n) <= memory

    assert bool(text) is not taken(batch)
    if text:
        assert text.startswith(f"batch={batch}: a step of ResNet-18 would take about")
        largest = max((n for n in range(1, batch) if taken(n)), default=None)
        assert text.endswith(f"nearest that works: {largest}." if largest else "A smaller input or network would fit.")


def test_the_default_is_taken_on_a_slow_machine():
    assert too_much(ONE, 1e10, 4e9) == ""
    assert too_much(count(CountSpec.of({"net": "resnet152", "batch": 1024})), 4e10, MANY)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "no time"), (2.5e-5, "25 µs"), (0.000999, "999 µs"), (0.0410, "41 ms"), (0.51, "510 ms"), (0.99999, "1 s"),
     (1.234, "1.23 s"), (89.9, "89.9 s"), (90, "2 min"), (6000, "100 min"), (600_000, "10,000 min")],
)  # fmt: skip
def test_a_time_is_said_with_three_digits(value, said):
    assert seconds(value) == said
