"""The systems are the equations that they show; Jacobians, eigenvalues and exact solutions against what is known of them."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.special import ellipk

from resviz.topics.solve.systems import SYSTEMS, van_der_pol
from tests.topics.solve.specs import UNKNOWNS, angle_of_pendulum

EXACT = [name for name, make in SYSTEMS.items() if make(1.0).exact]
PLACE = st.floats(-5, 5)
MU = st.floats(0, 20)


@st.composite
def states(draw: st.DrawFn, names=tuple(SYSTEMS)):
    """A system and a state of it."""
    name = draw(st.sampled_from(names))
    return SYSTEMS[name](draw(MU)), draw(st.tuples(*[PLACE] * UNKNOWNS[name]))


def value(formula, names, x):
    """What a formula as people write it gives: "2 (1 − x²) v − x" at x, v."""
    text = formula.replace("−", "-").replace("²", "**2")
    text = re.sub(r"sin (\w)", r"sin(\1)", text)
    text = re.sub(r"(?<=[\w)]) +(?=[\w(])", " * ", text)
    return eval(text, {"sin": math.sin}, dict(zip(names, x, strict=True)))


# -- what they are ---------------------------------------------------------------------------------


def test_the_parts_of_a_system_fit():
    assert list(SYSTEMS) == ["decay", "rotation", "oscillator", "lotka_volterra", "pendulum", "van_der_pol"]
    assert EXACT == ["decay", "rotation", "oscillator"]
    for name, make in SYSTEMS.items():
        system = make(2.0)
        size = system.dimension
        assert size == UNKNOWNS[name] == len(system.start) == len(system.field(system.start)) in (1, 2)
        assert system.time > 0
        assert system.linear == (name in EXACT)
        rows = system.jacobian(system.start)
        assert len(rows) == size and all(len(row) == size for row in rows)
        assert len(system.eigenvalues(system.start)) == size


@given(states())
def test_the_equation_shown_is_the_one_solved(drawn):
    system, x = drawn
    parts = dict(part.split("' = ") for part in system.equation.split(", "))
    assert tuple(parts) == system.names
    for name, slope in zip(system.names, system.field(x), strict=True):
        # the formula has mu in six digits
        assert value(parts[name], system.names, x) == pytest.approx(slope, rel=1e-5, abs=1e-3)


@given(states())
def test_jacobians_are_the_slopes_of_the_field(drawn):
    system, x = drawn
    rows, e = np.array(system.jacobian(x)), 1e-5
    for column in range(system.dimension):
        there, back = list(x), list(x)
        there[column] += e
        back[column] -= e
        change = (np.array(system.field(tuple(there))) - system.field(tuple(back))) / (2 * e)
        assert rows[:, column] == pytest.approx(change, rel=1e-6, abs=1e-6)


def test_jacobians_written_out():
    assert SYSTEMS["decay"](0).jacobian((3.0,)) == ((-1,),)
    assert SYSTEMS["rotation"](0).jacobian((3.0, 4.0)) == ((0, -1), (1, 0))
    assert SYSTEMS["oscillator"](0).jacobian((3.0, 4.0)) == ((0, 1), (-4, -0.4))
    assert SYSTEMS["lotka_volterra"](0).jacobian((3.0, 0.5)) == ((0.5, -3), (0.5, 2))
    assert SYSTEMS["pendulum"](0).jacobian((0.0, 7.0)) == ((0, 1), (-1, 0))
    assert SYSTEMS["van_der_pol"](3.0).jacobian((2.0, 0.5)) == ((0, 1), (-7, -9))


@given(states())
def test_eigenvalues_are_numpys(drawn):
    system, x = drawn
    rows = np.array(system.jacobian(x))
    found, known = np.array(system.eigenvalues(x)), np.linalg.eigvals(rows)
    # Where the two are nearly one, the last digit of the Jacobian is worth the square root of it in them.
    size = 1 + np.abs(rows).max()
    for one, other in ((found, known), (known, found)):
        assert np.abs(one[:, None] - other).min(axis=1).max() < 1e-6 * size
    assert found.sum() == pytest.approx(np.trace(rows), abs=1e-12 * size)
    assert found.prod() == pytest.approx(np.linalg.det(rows), abs=1e-12 * size**2)


def test_eigenvalues_that_are_known():
    def of(name, *x, mu=1.0):
        return sorted(SYSTEMS[name](mu).eigenvalues(x), key=lambda v: (v.real, v.imag))

    assert of("decay", 1.0) == [-1]
    assert of("rotation", 1.0, 2.0) == [-1j, 1j]
    assert of("oscillator", 0.0, 0.0) == pytest.approx([-0.2 - math.sqrt(3.96) * 1j, -0.2 + math.sqrt(3.96) * 1j])
    assert of("lotka_volterra", 1.0, 1.0) == [-1j, 1j]  # they circle where both stand still
    assert of("lotka_volterra", 0.0, 0.0) == [-1, 1]
    assert of("pendulum", 0.0, 0.0) == [-1j, 1j]
    assert of("pendulum", math.pi, 0.0) == pytest.approx([-1, 1])  # upright
    assert of("van_der_pol", 0.0, 0.0, mu=4.0) == pytest.approx([2 - math.sqrt(3), 2 + math.sqrt(3)])
    assert of("van_der_pol", 0.0, 0.0, mu=0.0) == [-1j, 1j]


@given(states(EXACT))
def test_a_linear_system_is_its_jacobian(drawn):
    system, x = drawn
    assert system.jacobian(x) == system.jacobian(system.start)
    assert system.field(x) == pytest.approx(np.array(system.jacobian(x)) @ x, abs=1e-12)


def test_a_nonlinear_system_is_not_the_same_everywhere():
    for name in set(SYSTEMS) - set(EXACT):
        system = SYSTEMS[name](2.0)
        assert system.jacobian((0.5, 0.7)) != system.jacobian((1.5, 0.2))


# -- exact solutions -------------------------------------------------------------------------------


@given(states(EXACT), st.floats(0, 20))
def test_an_exact_solution_solves_its_equation(drawn, t):
    system, x = drawn
    assert system.exact(x, 0.0) == pytest.approx(x, abs=1e-15)
    e = 1e-5
    there, back = (np.array(system.exact(x, t + d)) for d in (e, -e))
    slope = system.field(system.exact(x, t))
    assert (there - back) / (2 * e) == pytest.approx(slope, abs=1e-6)


@given(states(EXACT), st.floats(0, 10), st.floats(0, 10))
def test_an_exact_solution_goes_on_from_where_it_was(drawn, s, t):
    system, x = drawn
    assert system.exact(system.exact(x, s), t) == pytest.approx(system.exact(x, s + t), abs=1e-12)


@given(states(EXACT), st.floats(0, 20))
def test_an_exact_solution_is_the_exponential_of_the_matrix(drawn, t):
    system, x = drawn
    assert system.exact(x, t) == pytest.approx(expm(t * np.array(system.jacobian(x))) @ x, abs=1e-11)


@pytest.mark.parametrize("name", EXACT)
def test_an_exact_solution_is_scipys(name):
    system = SYSTEMS[name](1.0)
    times = np.linspace(0, system.time, 20)
    found = solve_ivp(
        lambda t, x: system.field(tuple(x)), (0, system.time), system.start, "RK45", times, rtol=1e-9, atol=1e-11
    )
    for t, x in zip(times, found.y.T, strict=True):
        assert system.exact(system.start, t) == pytest.approx(x, abs=1e-7)


# -- what is known of those without one ------------------------------------------------------------


@given(PLACE, PLACE)
def test_the_pendulum_keeps_its_energy(x, v):
    dx, dv = SYSTEMS["pendulum"](0).field((x, v))
    assert math.sin(x) * dx + v * dv == pytest.approx(0, abs=1e-12)


@given(st.floats(0.05, 20), st.floats(0.05, 20))
def test_the_animals_keep_their_number(x, y):
    dx, dy = SYSTEMS["lotka_volterra"](0).field((x, y))
    assert (1 - 1 / x) * dx + (1 - 1 / y) * dy == pytest.approx(0, abs=1e-11)


def period(system, start, after=0.0, until=60.0):
    """Between two passes upwards through x = 0, by SciPy."""

    def up(t, x):
        return x[0]

    up.direction = 1
    found = solve_ivp(
        lambda t, x: system.field(tuple(x)), (0, until), start, "DOP853", rtol=1e-11, atol=1e-12, events=up
    )
    passes = [t for t in found.t_events[0] if t > after]
    return passes[1] - passes[0]


def test_the_period_of_the_pendulum():
    system = SYSTEMS["pendulum"](0)
    for highest in (0.01, 1.0, 2.5, 3.1):
        known = 4 * ellipk(math.sin(highest / 2) ** 2)
        assert period(system, (highest, 0.0)) == pytest.approx(known, rel=1e-8)
    assert period(system, (0.01, 0.0)) == pytest.approx(2 * math.pi, rel=1e-4)


def test_the_pendulum_by_jacobis_functions_solves_its_equation():
    """What other tests take for the truth."""
    e, t = 1e-4, 1.3
    before, now, after = (angle_of_pendulum(s, 2.5) for s in (t - e, t, t + e))
    assert (after - 2 * now + before) / e**2 == pytest.approx(-math.sin(now), abs=1e-6)
    assert angle_of_pendulum(0.0, 2.5) == pytest.approx(2.5)


@pytest.mark.parametrize("mu", [0.0, 0.2, 0.4])
def test_the_period_of_van_der_pol(mu):
    """Of its limit cycle, as a series in mu (Lindstedt's): 1 + mu^2 / 16 - 5 mu^4 / 3072 times that of the circle."""
    known = 2 * math.pi * (1 + mu**2 / 16 - 5 * mu**4 / 3072)
    assert period(van_der_pol(mu), (2.0, 0.0), after=0 if mu == 0 else 80, until=100) == pytest.approx(known, rel=1e-5)


def test_a_little_van_der_pol_has_the_radius_2_from_everywhere():
    system = van_der_pol(0.05)
    for start in ((0.1, 0.0), (5.0, 0.0)):
        found = solve_ivp(lambda t, x: system.field(tuple(x)), (0, 200), start, rtol=1e-8, atol=1e-9)
        assert math.hypot(*found.y[:, -1]) == pytest.approx(2, abs=0.06)


# -- beyond the range of floats --------------------------------------------------------------------


@given(st.sampled_from(list(SYSTEMS)), st.floats(0, 100), st.tuples(st.floats(), st.floats()))
def test_a_field_raises_nothing_whatever_the_state(name, mu, x):
    system = SYSTEMS[name](mu)
    slope = system.field(x[: system.dimension])
    assert len(slope) == system.dimension
    assert all(isinstance(v, float) for v in slope)


def test_a_pendulum_at_no_angle_has_no_slope():
    for x in (math.inf, -math.inf, math.nan):
        speed, turn = SYSTEMS["pendulum"](0).field((x, 1.0))
        assert speed == 1 and math.isnan(turn)


@given(MU)
def test_only_van_der_pol_depends_on_mu(mu):
    for name, make in SYSTEMS.items():
        assert (make(mu) is make(mu + 1)) == (name != "van_der_pol")
    assert f"{mu:g} (" in van_der_pol(mu).equation
