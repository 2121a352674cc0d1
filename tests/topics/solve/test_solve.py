"""Solutions against closed forms and against other methods, and the orders of their errors."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from resviz.topics.solve.question import DRAWN, ROUGH, ROUNDING, Adaptive, SolveSpec, order, slope, solve, truth
from resviz.topics.solve.solvers import FIXED, METHODS, integrate
from resviz.topics.solve.systems import SYSTEMS
from tests.examples import examples
from tests.pairs import covering
from tests.topics.solve.specs import angle_of_pendulum, kept, problems

ORDERS = {"euler": 1, "midpoint": 2, "heun": 2, "rk4": 4}
ALLOWED = {1: 0.05, 2: 0.1, 4: 0.1}  # of a slope, beside the order that it shows
PATIENCE = 500_000  # evaluations of f, some seconds; the systems take thousands for as long as they are shown
OFF = SolveSpec(system="lotka_volterra", start=(5, -5))  # its true solution is at infinity before t = 1


# -- numbers that are known ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "error", "tolerance"),
    [
        ("euler", 0.019201, {"abs": 1e-6}),
        ("midpoint", 6.6154e-4, {"rel": 0.01}),
        ("heun", 6.6154e-4, {"rel": 0.01}),
        ("rk4", 3.3324e-7, {"rel": 0.01}),
    ],
)
def test_errors_and_slopes_of_the_reference(method, error, tolerance):
    """Decay to T = 1 in ten steps."""
    spec = SolveSpec(system="decay", method=method, T=1, n=10)
    record = solve(spec)
    assert record.error[method] == pytest.approx(error, **tolerance)
    expected = ORDERS[method]
    assert record.orders[method].slope == pytest.approx(expected, abs=ALLOWED[expected])


@given(st.sampled_from(FIXED), st.floats(0.1, 5), st.integers(1, 100), st.floats(-5, 5))
def test_errors_of_decay_in_closed_form(method, time, n, x):
    record = solve(SolveSpec(system="decay", method=method, T=time, n=n, start=(x,)), orders=False)
    h = time / n
    power = sum((-h) ** k / math.factorial(k) for k in range(ORDERS[method] + 1)) ** n
    assert record.error[method] == pytest.approx(abs(x * (power - math.exp(-time))), abs=1e-12 * max(1, abs(x * power)))


def test_euler_on_a_rotation_spirals_out():
    record = solve(SolveSpec(system="rotation", method="euler", T=10, n=100), orders=False)
    states = record.fixed["euler"].states
    assert math.hypot(*states[-1]) == pytest.approx(1.64463, abs=1e-5)
    assert math.hypot(*states[-1]) == pytest.approx(1.01**50, rel=1e-12)
    for n, state in enumerate(states):
        assert math.hypot(*state) == pytest.approx(1.01 ** (n / 2), rel=1e-12)
        assert math.atan2(state[1], state[0]) == pytest.approx(math.remainder(n * math.atan(0.1), math.tau), abs=1e-12)


# -- the true solution -----------------------------------------------------------------------------


@examples(15)
@given(problems(lasting=True))
def test_a_true_solution_has_its_times_and_begins_where_it_is_said(spec):
    known = truth(spec.problem)
    assert known.exact == (spec.equations.exact is not None)
    assert known.whole and len(known.times) == len(known.states) == DRAWN + 1
    assert known.times[0] == 0 and known.states[0] == pytest.approx(spec.begin, abs=1e-14)
    assert known.times[-1] == pytest.approx(spec.time, rel=1e-15)
    assert [b - a for a, b in pairwise(known.times)] == pytest.approx([spec.time / DRAWN] * DRAWN)
    if known.exact:
        assert list(known.states) == [spec.equations.exact(spec.begin, t) for t in known.times]


@examples(15)
@given(st.sampled_from(["lotka_volterra", "pendulum", "van_der_pol"]), st.floats(0.01, 2))
def test_any_time_can_be_asked_for(system, time):
    assert truth(SolveSpec(system=system, T=time).problem).whole


def test_h_and_n_of_a_system_without_a_closed_form():
    """0.3 times 9 is 2.6999999999999997."""
    assert solve(SolveSpec.of({"system": "pendulum", "h": "0.3", "n": "9"}), orders=False).error["rk4"] < 0.01


@pytest.mark.parametrize(("time", "digits"), [(0.01, 1e-12), (1, 1e-11), (15, 1e-10), (60, 1e-8), (1000, 1e-6)])
def test_the_reference_of_the_pendulum_is_jacobis(time, digits):
    known = truth(SolveSpec(system="pendulum", T=time).problem)
    assert known.whole
    for t, (x, _) in zip(known.times, known.states, strict=True):
        assert x == pytest.approx(angle_of_pendulum(t, 2.5), abs=digits)


@examples(12)
@given(st.sampled_from(["pendulum", "lotka_volterra"]), st.floats(0.2, 4), st.floats(0.2, 4), st.integers(1, 30))
def test_what_is_kept_along_the_reference(system, x, y, time):
    known = truth(SolveSpec(system=system, start=(x, y), T=time).problem)
    for state in known.states:
        assert kept(system, state) == pytest.approx(kept(system, (x, y)), abs=1e-8)


@pytest.mark.parametrize("mu", [0.5, 2.0, 10.0])
def test_the_reference_of_van_der_pol_is_an_implicit_methods(mu):
    spec = SolveSpec(system="van_der_pol", mu=mu, T=10)
    known, field = truth(spec.problem), spec.equations.field
    there = solve_ivp(lambda t, x: field(tuple(x)), (0, 10), spec.begin, "LSODA", known.times, rtol=1e-11, atol=1e-12)
    assert np.array(known.states) == pytest.approx(there.y.T, abs=1e-6)


def test_a_true_solution_that_runs_off_ends_before_it_does():
    known, field = truth(OFF.problem), OFF.equations.field

    def far(t, x):
        return math.hypot(*x) - 1e6

    far.terminal = True
    with np.errstate(all="ignore"):
        there = solve_ivp(lambda t, x: field(tuple(x)), (0, 12), OFF.begin, "DOP853", rtol=1e-10, events=far)
    (off,) = there.t_events[0]
    assert not known.whole and 1 < len(known.times) == len(known.states)
    assert known.times[-1] < off < known.times[-1] + 12 / DRAWN + 1e-6


@pytest.mark.parametrize(
    "words",
    [
        {"system": "lotka_volterra", "start": (-4, 5), "T": 20},  # ever fewer than no prey: -4 e^t
        {"system": "van_der_pol", "mu": 100, "start": (100, 100)},
    ],
    ids=str,
)
def test_a_stiff_problem_does_not_take_forever(words, monkeypatch):
    """What it is to say of one is open; a page or a terminal that stands still is no answer."""
    taken = 0

    def watched(make):
        def field(x):
            nonlocal taken
            taken += 1
            assert taken < PATIENCE, f"{PATIENCE:,} evaluations of f"
            return make.field(x)

        return replace(make, field=field)

    monkeypatch.setitem(SYSTEMS, words["system"], lambda mu, make=SYSTEMS[words["system"]]: watched(make(mu)))
    solve(SolveSpec(**words), orders=False)


# -- orders ----------------------------------------------------------------------------------------


@covering(method=FIXED, system=SYSTEMS, time=[0, 1])
def test_the_slope_is_the_order(system, method, time):
    """At T = 1 everywhere. As shown, two systems run so long that the steps tried are not yet short enough for the first term
    of the error to be all: let go high, the pendulum all but stands; Van der Pol's oscillator throws itself about twice."""
    found = order(SolveSpec(system=system, T=time).problem, method)
    expected = ORDERS[method]
    if time == 0 and system in ("pendulum", "van_der_pol"):
        if method == "euler":  # its error is below ROUGH in one size at most
            assert found.slope is None and len(found.fitted) < 3
            return
        allowed = {"pendulum": 0.5, "van_der_pol": 0.1}[system]
    else:
        allowed = ALLOWED[expected]
    assert found.slope == pytest.approx(expected, abs=allowed)


@pytest.mark.parametrize("system", ["pendulum", "van_der_pol"])
@pytest.mark.parametrize(("method", "steps"), [("euler", 8192), ("midpoint", 8192), ("heun", 8192)])
def test_with_shorter_steps_those_slopes_come_nearer(system, method, steps):
    spec = SolveSpec(system=system)
    end = truth(spec.problem).states[-1]

    def error(n):
        path = integrate(METHODS[method], spec.equations.field, spec.begin, spec.time / n, n)
        return math.dist(path.states[-1], end)

    finer = math.log2(error(steps) / error(2 * steps))
    coarser = math.log2(error(steps // 8) / error(steps // 4))
    assert abs(finer - ORDERS[method]) < min(0.15, 0.8 * abs(coarser - ORDERS[method]))


@pytest.mark.parametrize("method", FIXED)
@pytest.mark.parametrize("system", ["decay", "lotka_volterra", "van_der_pol"])
def test_what_an_order_is_fitted_to(system, method):
    spec = SolveSpec(system=system, mu=3.0)
    found, known = order(spec.problem, method), truth(spec.problem)
    assert [a / b for a, b in pairwise(found.h)] == [2] * (len(found.h) - 1)
    counts = [round(spec.time / h) for h in found.h]
    assert counts[0] == 4 and counts[-1] * METHODS[method].stages in (8192, 4096)
    for n, e in list(zip(counts, found.error, strict=True))[::4]:
        path = integrate(METHODS[method], spec.equations.field, spec.begin, spec.time / n, n)
        assert e == (None if path.left else math.dist(path.states[-1], known.states[-1]))
    size = max(math.hypot(*x) for x in known.states)
    usable = [h for h, e in zip(found.h, found.error, strict=True) if e and ROUNDING * size < e < ROUGH * size]
    assert found.fitted == tuple(usable[-4:])
    if found.slope is not None:
        points = [(h, e) for h, e in zip(found.h, found.error, strict=True) if h in found.fitted]
        assert found.slope == pytest.approx(np.polyfit(*np.log(points).T, 1)[0], rel=1e-9)


@given(st.floats(-6, 6), st.floats(1e-6, 1e6), st.lists(st.integers(-20, 5), min_size=2, max_size=6, unique=True))
def test_the_slope_of_a_power_is_its_exponent(exponent, factor, powers):
    points = [(2.0**k, factor * 2.0 ** (k * exponent)) for k in powers]
    assert slope(points) == pytest.approx(exponent, abs=1e-9)


def test_orders_are_asked_for_and_adaptive_steps_come_from_elsewhere():
    spec = SolveSpec(system="decay", T=1)
    assert solve(spec, orders=False).orders == {} and tuple(solve(spec).orders) == FIXED
    ran = Adaptive((0.0, 1.0), ((1.0,), (0.25,)), 14, 0)
    record = solve(spec, ran, orders=False)
    assert solve(spec, orders=False).done < record.done < solve(spec, ran).done == 1
    assert solve(spec, orders=False).done < solve(spec).done < 1
    assert record.error["dopri5"] == pytest.approx(math.exp(-1) - 0.25)
    assert solve(spec, Adaptive((0.0,), ((1.0,),), 9, 1, "Gave up.")).error["dopri5"] is None
    assert "dopri5" not in solve(spec).error
