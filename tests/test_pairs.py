"""The covering arrays: every pair of values occurs, in far fewer cases than there are combinations."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.pairs import covering, grid, named, pairs

FACTORS = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(
    lambda sizes: {f"f{i}": range(n) for i, n in enumerate(sizes)}
)


@given(FACTORS)
@examples(30)
def test_every_pair_of_values_of_two_factors_occurs(factors):
    chosen = pairs(**factors)
    for one, other in combinations(factors, 2):
        assert {(case[one], case[other]) for case in chosen} == set(product(factors[one], factors[other]))
    assert all(case.keys() == factors.keys() for case in chosen)
    assert len({named(case) for case in chosen}) == len(chosen)
    assert chosen == pairs(**factors)


def test_the_cases_are_few():
    chosen = pairs(order=range(5), kind=range(2), norm=range(4), activation=range(5), depth=range(4))
    assert 25 <= len(chosen) <= 40  # out of 800; the two longest factors alone have 25 pairs
    # Four factors of three values: nine cases are the fewest there can be (an orthogonal array), the greedy choice is near it.
    assert 9 <= len(pairs(a="xyz", b="xyz", c="xyz", d="xyz")) <= 12


def test_of_one_factor_all_values_are_cases():
    assert pairs(a=[1, 2, 3]) == grid(a=[1, 2, 3]) == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_values_without_a_hash_are_told_apart():
    assert len(pairs(shape=[[1], [2]], options=[{"k": 1}, {"k": 2}])) == 4


def test_what_is_not_allowed_does_not_occur_and_the_rest_does():
    def allowed(case):
        return not (case["depth"] == 2 and case["kind"] == "bottleneck")

    chosen = pairs(allowed=allowed, depth=[2, 3], kind=["basic", "bottleneck"], norm=["batch", "none"])
    assert all(map(allowed, chosen))
    seen = {pair for case in chosen for pair in combinations(case.items(), 2)}
    everything = {
        pair
        for case in grid(depth=[2, 3], kind=["basic", "bottleneck"], norm=["batch", "none"])
        if allowed(case)
        for pair in combinations(case.items(), 2)
    }
    assert seen == everything


@pytest.mark.parametrize("case", pairs(a=[1, 2], f=[max, min]), ids=named)
def test_a_case_is_named_after_its_values(case):
    assert named(case) == f"{case['a']}-{case['f'].__name__}"
    assert named({"way": (1, "A"), "beside": {"gate": "none", "cut": ()}}) == "1,A-none-"


@covering(side=["left", "right"], turns=range(3), beside=[{"gate": "none"}, {"gate": "open"}])
def test_a_covering_test_sees_its_cases_by_name(side, turns, beside):
    assert side in ("left", "right") and turns in range(3) and list(beside) == ["gate"]


def test_a_covering_test_is_one_test_a_case_and_the_grid_besides():
    (mark,) = test_a_covering_test_sees_its_cases_by_name.pytestmark
    *singles, whole = mark.args[1]
    assert [case for param in singles for case in param.values[0]] == pairs(
        side=["left", "right"], turns=range(3), beside=[{"gate": "none"}, {"gate": "open"}]
    )
    assert singles[0].id == "left-0-none"
    assert len(whole.values[0]) == 12 and [found.name for found in whole.marks] == ["grid"]


def test_a_covering_test_fails_with_the_name_of_the_case():
    @covering(a=[1, 2], b=[3, 4])
    def check(a, b):
        assert a != 2

    check([{"a": 1, "b": 3}])
    with pytest.raises(AssertionError) as raised:
        check([{"a": 1, "b": 3}, {"a": 2, "b": 4}])
    assert raised.value.__notes__ == ["in the case 2-4"]
