"""Steps that adapt: torchdiffeq's numbers, counted; what is said where they do not get to the end."""

import json
import math
import re
from itertools import pairwise

import pytest
import torch
from hypothesis import example, given
from torchdiffeq import odeint

from resviz.topics.solve import experiment as adapting
from resviz.topics.solve.experiment import adaptive
from resviz.topics.solve.question import SolveSpec, solve, truth
from resviz.topics.solve.systems import SYSTEMS
from resviz.topics.solve.words import as_json, finding
from tests.examples import examples
from tests.topics.solve.specs import problems


def spec_of(system, **changes):
    return SolveSpec(system=system, method="dopri5", **changes)


class Watched:
    """The field once more, by itself; notes each step tried: where from, how long, whether it was kept."""

    def __init__(self, spec):
        self.field, self.calls, self.tried = spec.equations.field, 0, []

    def __call__(self, t, x):
        self.calls += 1
        return torch.tensor(self.field(tuple(x.tolist())), dtype=torch.float64)

    def callback_accept_step(self, t, x, dt):
        self.tried.append((float(t), float(dt), True))

    def callback_reject_step(self, t, x, dt):
        self.tried.append((float(t), float(dt), False))


def watched(spec):
    """torchdiffeq asked directly: what it did, and its state at the end."""
    found = Watched(spec)
    start, times = (torch.tensor(v, dtype=torch.float64) for v in (spec.begin, (0.0, spec.time)))
    end = odeint(found, start, times, method="dopri5", rtol=spec.tol, atol=spec.tol)[-1]
    return found, tuple(end.tolist())


@pytest.mark.parametrize("tol", [1e-2, 1e-4, 1e-6, 1e-8, 1e-10])
@pytest.mark.parametrize("system", ["decay", "rotation", "oscillator"])
def test_the_error_goes_with_the_tolerance(system, tol):
    spec = spec_of(system, tol=tol)
    found = adaptive(spec)
    assert not found.trouble
    assert found.times[-1] == spec.time
    for t, x in zip(found.times, found.states, strict=True):
        assert math.dist(x, spec.equations.exact(spec.begin, t)) < 20 * tol
    assert len(found.times) - 1 < 12 + 3.1 * spec.time / tol**0.2


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_smaller_tolerance_costs_more_and_is_nearer(system):
    found = [adaptive(spec_of(system, tol=tol)) for tol in (1e-3, 1e-6, 1e-9)]
    end = truth(spec_of(system).problem).states[-1]
    away = [math.dist(f.states[-1], end) for f in found]
    assert away[0] > 10 * away[1] > 100 * away[2]
    assert found[0].evaluations < found[1].evaluations < found[2].evaluations


@pytest.mark.parametrize("tol", [1e-3, 1e-6])
@pytest.mark.parametrize("system", SYSTEMS)
def test_it_did_what_torchdiffeq_does(system, tol):
    spec = spec_of(system, tol=tol)
    found, (known, end) = adaptive(spec), watched(spec)
    assert found.states[-1] == end
    assert found.evaluations == known.calls
    assert found.rejected == sum(not kept for _, _, kept in known.tried)
    assert found.times == (*[t for t, _, kept in known.tried if kept], spec.time)
    # Two slopes to choose the first step, six for each step tried: the last of one step is the first of the next.
    assert found.evaluations == 2 + 6 * (len(found.times) - 1 + found.rejected)


@examples(25)
@given(problems(("dopri5",), lasting=True))
@example(SolveSpec.of({"system": "lotka_volterra", "method": "dopri5", "start": "1,1.4e-84"}))  # it gives up
def test_whatever_is_solved_has_times_states_and_numbers(spec):
    found = adaptive(spec.replace(tol=1e-3))
    assert found.times[0] == 0 and found.states[0] == spec.begin
    assert all(a < b for a, b in pairwise(found.times))
    assert len(found.times) == len(found.states)
    assert all(math.isfinite(v) for x in found.states for v in x)
    if found.trouble:
        assert f" gave up after {found.evaluations:,} evaluations of f at t = " in found.trouble
        assert found.times[-1] < spec.time
        assert found.trouble in finding(solve(spec.replace(tol=1e-3), found, orders=False))
        return
    assert found.times[-1] == spec.time
    assert found.evaluations == 2 + 6 * (len(found.times) - 1 + found.rejected)
    record = solve(spec.replace(tol=1e-3), found, orders=False)
    json.dumps(as_json(record), allow_nan=False)
    said = finding(record)
    count = len(found.times) - 1
    assert f": {count:,} step{'s' * (count != 1)}" in said and f"{found.evaluations:,} evaluations of f" in said
    assert ("taken back" in said) == (f", {found.rejected} taken back," in said) == (found.rejected > 0)


@pytest.mark.parametrize("system", ["rotation", "van_der_pol", "lotka_volterra"])
def test_it_runs_the_same_again(system):
    spec = spec_of(system, tol=1e-5)
    assert adaptive(spec) == adaptive(spec)


def test_one_step_is_enough_for_a_short_time():
    found = adaptive(spec_of("decay", T=1e-3))
    assert len(found.times) == 2 and found.evaluations == 8
    assert found.states[-1] == pytest.approx((math.exp(-1e-3),), abs=1e-9)
    assert ": 1 step, 8 evaluations of f: " in finding(solve(spec_of("decay", T=1e-3), found, orders=False))


def test_the_lengths_said_are_those_of_steps():
    """The last step goes on past the end, and only its beginning is looked at."""
    spec = spec_of("decay", T=3)
    kept = [dt for _, dt, kept in watched(spec)[0].tried if kept]
    said = finding(solve(spec, adaptive(spec), orders=False))
    low, high = map(float, re.search(r"steps were between (\S+) and (\S+) long", said).groups())
    assert min(kept) == pytest.approx(low, rel=0.01)
    assert high <= max(kept) * 1.01


# -- that do not get to the end --------------------------------------------------------------------


def test_a_solution_that_runs_off_ends_in_an_underflow():
    spec = spec_of("lotka_volterra", start=(5, -5))
    found = adaptive(spec)
    off = truth(spec.problem).times[-1]
    assert off < found.times[-1] < off + spec.time / 400
    assert found.trouble == (
        f"Dormand–Prince at tolerance 1.0 × 10⁻⁶ stopped at t = {found.times[-1]:.3g}; its step underflowed: no step is short "
        "enough for the tolerance."
    )
    assert all(math.isfinite(v) for x in found.states for v in x)
    record = solve(spec, found)
    assert record.error["dopri5"] is None
    assert finding(record) == found.trouble == as_json(record)["trouble"]
    json.dumps(as_json(record), allow_nan=False)


def test_too_many_evaluations_are_given_up(monkeypatch):
    monkeypatch.setattr(adapting, "MOST_EVALUATIONS", 500)
    spec = spec_of("van_der_pol", mu=100)
    found = adaptive(spec)
    assert found.evaluations == 500
    assert 0 < found.times[-1] < spec.time
    says = f"Dormand–Prince at tolerance 1.0 × 10⁻⁶ gave up after 500 evaluations of f at t = {found.times[-1]:.3g}. "
    assert found.trouble.startswith(says + "The equation is stiff there: ")
    assert found.trouble.endswith("which is not among those here; or take a shorter time T or a smaller μ.")
    rate = max(-value.real for value in spec.equations.eigenvalues(found.states[-1]))
    steps = [b - a for a, b in pairwise(found.times)][-20:]
    assert 0.5 < sum(steps) / len(steps) * rate / 3.31 < 1.5, "its steps are as long as stability lets them be"
    assert f" = {3.3066 / rate:.3g} for it, however" in found.trouble
    # Two evaluations to begin with, six for each step; of a kept one there is where it began.
    assert len(found.times) + found.rejected == (500 - 2) // 6


@pytest.mark.parametrize(
    "words", [{"system": "oscillator", "T": 1000, "tol": 1e-12}, {"system": "pendulum", "tol": 1e-13}]
)
def test_what_is_only_to_be_followed_closely_is_not_called_stiff(monkeypatch, words):
    monkeypatch.setattr(adapting, "MOST_EVALUATIONS", 500)
    found = adaptive(SolveSpec.of({"method": "dopri5", **words}))
    assert found.trouble.endswith(f"at t = {found.times[-1]:.3g}. It takes a shorter time T, or a larger tolerance.")


def test_so_many_evaluations_are_a_few_seconds_at_most():
    assert adapting.MOST_EVALUATIONS == 15_000
    assert adaptive(spec_of("rotation", tol=1e-9)).evaluations < 1500


def test_a_problem_solved_just_within_the_limit(monkeypatch):
    spec = spec_of("pendulum")
    taken = adaptive(spec).evaluations
    monkeypatch.setattr(adapting, "MOST_EVALUATIONS", taken)
    assert not adaptive(spec).trouble
    monkeypatch.setattr(adapting, "MOST_EVALUATIONS", taken - 1)
    found = adaptive(spec)
    assert "gave up" in found.trouble and found.evaluations == taken - 1


def test_a_solution_that_grows_out_of_the_floats_is_said_so():
    """x' = x with no hunters: 100 e^t."""
    spec = spec_of("lotka_volterra", start=(100, 0), T=1000, tol=0.1)
    found = adaptive(spec)
    assert re.search(r"stopped at t = \d+; its step underflowed|left the range of floats after t = \d+", found.trouble)
    assert all(math.isfinite(v) for x in found.states for v in x)
    assert found.times[-1] < 1000 and found.states[-1][0] > 1e290
