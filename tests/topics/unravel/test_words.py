"""Paths through a few blocks, counted by walking all of them."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.unravel.question import Unravelled, UnravelSpec
from resviz.topics.unravel.words import finding, formula
from resviz.words.text import SpecError

SPECS = st.integers(1, 4).flatmap(
    lambda n: st.builds(
        UnravelSpec,
        blocks=st.just(n),
        opened=st.integers(0, n),
        out=st.sets(st.integers(1, n)).map(lambda s: tuple(sorted(s))),
    )
)


@given(SPECS)
def test_the_lengths_are_those_of_all_ways(spec):
    left = [k for k in range(1, spec.blocks + 1) if k not in spec.out]
    ways = [sum(way) for way in product((0, 1), repeat=len(left))]
    record = Unravelled(spec)
    assert record.lengths == tuple(ways.count(k) for k in range(len(left) + 1))
    text = finding(record)
    assert f"= {2**spec.blocks} paths" in text
    assert (f"{2 ** len(left)} are left" in text) == bool(spec.out)


def test_the_formula_opens_one_sum_after_the_other():
    assert [formula(2, k) for k in (0, 1, 2)] == ["y₂", "y₁ + f₂(y₁)", "[x + f₁(x)] + f₂(x + f₁(x))"]
    assert formula(3, 3).count("x") == 8


@given(SPECS)
def test_every_opened_sum_doubles_what_stands_there(spec):
    inner = (
        "x"
        if spec.opened == spec.blocks
        else "y" + str(spec.blocks - spec.opened).translate(str.maketrans("01234", "₀₁₂₃₄"))
    )
    assert formula(spec.blocks, spec.opened).count(inner) == 2**spec.opened


def test_fewer_blocks_have_fewer_sums_and_none_of_those_that_are_gone():
    """So that one can go down with either slider alone."""
    fewer = UnravelSpec.of({"blocks": 2, "opened": 3, "out": "1,3"})
    assert (fewer.sums, fewer.outs) == (2, (1,))
    assert finding(Unravelled(fewer)) == finding(Unravelled(UnravelSpec(blocks=2, opened=2, out=(1,))))


def test_blocks_that_there_never_are_are_declined():
    with pytest.raises(SpecError, match="out=5: there are blocks 1 to 4"):
        UnravelSpec.of({"out": "1,5"})


def test_one_block_makes():
    assert "1 block makes 2¹ = 2 paths" in finding(Unravelled(UnravelSpec(blocks=1)))
