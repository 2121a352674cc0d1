"""Few cases out of all combinations of some factors: each pair of values of two factors occurs in one of them."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations, product
from typing import Any

import pytest

Case = dict[str, Any]


def everything(case: Case) -> bool:
    return True


def pairs(*, allowed: Callable[[Case], bool] = everything, **factors: Iterable[Any]) -> list[Case]:
    """Return cases, each with one value of every factor, which between them hold every pair that an allowed case holds.

    The choice is greedy and always the same: of all combinations, the first that holds the most pairs not seen before.
    """
    cases = grid(allowed=allowed, **factors)
    if len(factors) < 2:
        return cases
    numbers: dict[tuple[str, str], int] = {}  # of all pairs, so that a set of them is a number with a bit for each
    held = [sum(1 << numbers.setdefault(pair, len(numbers)) for pair in _held(case)) for case in cases]
    missing, chosen = (1 << len(numbers)) - 1, []
    while missing:
        best = max(range(len(cases)), key=lambda i: (held[i] & missing).bit_count())
        missing &= ~held[best]
        chosen.append(cases[best])
    return chosen


def grid(*, allowed: Callable[[Case], bool] = everything, **factors: Iterable[Any]) -> list[Case]:
    """Return all combinations of the factors' values that are allowed."""
    values = {name: tuple(found) for name, found in factors.items()}
    return [case for found in product(*values.values()) if allowed(case := dict(zip(values, found, strict=True)))]


def covering(*, allowed: Callable[[Case], bool] = everything, **factors: Iterable[Any]) -> Callable[[Any], Any]:
    """Make a test of one case a test of `pairs`, one by one, and of the whole grid at once, which is marked `grid`.

    The test takes the factors by name, and no fixtures.
    """
    factors = {name: tuple(values) for name, values in factors.items()}

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        assert set(inspect.signature(test).parameters) == set(factors), "a test takes the factors and nothing else"

        def over(cases: list[Case]) -> None:
            for case in cases:
                try:
                    test(**case)
                except BaseException as error:
                    error.add_note(f"in the case {named(case)}")
                    raise

        functools.update_wrapper(over, test)
        del over.__wrapped__  # its parameters would be taken for fixtures
        singles = [pytest.param([case], id=named(case)) for case in pairs(allowed=allowed, **factors)]
        whole = pytest.param(grid(allowed=allowed, **factors), id="all", marks=pytest.mark.grid)
        return pytest.mark.parametrize("cases", [*singles, whole])(over)

    return decorate


def named(case: Mapping[str, Any]) -> str:
    """Return the name of a case in a list of tests: its values, joined by hyphens."""
    return "-".join(map(_printed, case.values()))


def _printed(value: Any) -> str:
    if isinstance(value, Mapping):
        return named(value)
    if isinstance(value, list | tuple):
        return ",".join(map(_printed, value))
    return str(getattr(value, "__name__", value))


def _held(case: Case) -> Iterable[tuple[str, str]]:
    """Return the pairs of a case. Values are told apart by what they print, for some of them have no hash."""
    return combinations([f"{name}={value!r}" for name, value in case.items()], 2)
