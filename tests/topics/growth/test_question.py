"""What a chain of random blocks does, against its closed form."""

import math

import numpy as np
import pytest

from resviz.topics.growth.question import DRAWS, GrowthSpec, expected, growth
from resviz.topics.growth.words import finding


def test_with_branches_of_1_every_block_doubles_the_square():
    assert expected(GrowthSpec(blocks=10)) == pytest.approx([2 ** (k / 2) for k in range(11)])


def test_with_the_root_of_the_number_of_blocks_it_ends_near_the_root_of_e():
    """(1 + 1/L)^L goes to e."""
    assert expected(GrowthSpec(blocks=200, scale="root"))[-1] == pytest.approx(math.sqrt(math.e), rel=2e-3)
    assert expected(GrowthSpec(blocks=200, scale="share"))[-1] == pytest.approx(1, rel=3e-3)


@pytest.mark.parametrize("scale", ["one", "root", "share"])
def test_the_mean_square_is_what_is_expected(scale):
    """One block of many draws: the relative variance of |x + a W relu(x)|² is of the order of 5 / width."""
    specs = [GrowthSpec(blocks=4, scale=scale, width=128, seed=seed) for seed in range(12)]
    square = np.mean([np.square(growth(spec).measured) for spec in specs], axis=0)
    error = 3 * math.sqrt(4 * 5 / 128 / (len(specs) * DRAWS))
    assert square == pytest.approx(np.square(expected(specs[0])), rel=error)


def test_a_chain_by_hand():
    spec = GrowthSpec(blocks=2, width=5, seed=3)
    random = np.random.default_rng(3)
    x = random.standard_normal((DRAWS, 5))
    start = np.linalg.norm(x, axis=1)
    for _ in range(2):
        weights = random.standard_normal((DRAWS, 5, 5)) * math.sqrt(2 / 5)
        x = np.array([each + w @ np.where(each > 0, each, 0) for each, w in zip(x, weights, strict=True)])
    ends = np.linalg.norm(x, axis=1) / start
    found = growth(spec)
    assert found.measured[-1] == pytest.approx(math.sqrt((ends**2).mean()), rel=1e-5)
    assert (found.low[-1], found.high[-1]) == pytest.approx((ends.min(), ends.max()), rel=1e-5)
    assert found.measured[0] == found.low[0] == found.high[0] == 1


def test_the_finding_says_growth_and_no_growth():
    assert "times as long" in finding(growth(GrowthSpec())) and "per block." in finding(growth(GrowthSpec()))
    assert finding(growth(GrowthSpec(scale="share", blocks=200, width=128))).endswith("It hardly changes.")
