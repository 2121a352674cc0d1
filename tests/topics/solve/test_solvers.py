"""Methods against their order conditions, torchdiffeq and closed forms; trajectories that leave the range of floats."""

import math
import sys
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import Polynomial
from torchdiffeq import odeint
from torchdiffeq._impl.dopri5 import _DORMAND_PRINCE_SHAMPINE_TABLEAU as DOPRI5
from torchdiffeq._impl.rk_common import _runge_kutta_step, rk4_step_func

from resviz.topics.solve.solvers import FIXED, METHODS, Method, boundary, imaginary_limit, integrate, real_limit
from resviz.topics.solve.systems import SYSTEMS

METHOD = st.sampled_from(list(METHODS))
LINEAR = [name for name, make in SYSTEMS.items() if make(1.0).linear]
LARGEST = int(sys.float_info.max)


# -- the tableaux ----------------------------------------------------------------------------------


def trees(size):
    """All rooted trees of so many nodes, each as the tuple of what hangs on its root."""

    def forests(nodes, largest):
        if nodes == 0:
            yield ()
        for first in range(min(nodes, largest), 0, -1):
            for rest in forests(nodes - first, first):
                yield (first, *rest)

    found = set()
    for sizes in forests(size - 1, size - 1):
        choices = [()]
        for n in set(sizes):
            several = list(combinations_with_replacement(trees(n), sizes.count(n)))
            choices = [c + more for c in choices for more in several]
        found |= {tuple(sorted(c)) for c in choices}
    return sorted(found)


def nodes(tree):
    return 1 + sum(map(nodes, tree))


def density(tree):
    return nodes(tree) * math.prod(map(density, tree))


def missed(method, tree):
    """Of the condition that a tree sets: sum of b_i times the slopes that it multiplies = 1 / density."""
    a = np.array([[*row, *[0.0] * (method.stages - len(row))] for row in method.a])

    def weight(branch):
        return np.prod([a @ weight(b) for b in branch], axis=0) if branch else np.ones(method.stages)

    return float(np.dot(method.b, weight(tree))) - float(Fraction(1, density(tree)))


def test_there_are_as_many_trees_as_there_should_be():
    assert [len(trees(n)) for n in range(1, 7)] == [1, 1, 2, 4, 9, 20]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_its_order_and_no_more(name):
    method = METHODS[name]
    for n in range(1, method.order + 1):
        assert max(abs(missed(method, tree)) for tree in trees(n)) < 1e-14
    assert max(abs(missed(method, tree)) for tree in trees(method.order + 1)) > 1e-4


def test_the_tableaux_are_explicit_and_take_a_slope_a_stage():
    assert tuple(METHODS) == (*FIXED, "dopri5")
    assert [m.stages for m in METHODS.values()] == [1, 2, 2, 4, 6]
    for method in METHODS.values():
        assert [len(row) for row in method.a] == list(range(method.stages))
        taken = []
        method.step(lambda x, taken=taken: taken.append(x) or (1.0,), (0.0,), 0.1)
        assert len(taken) == method.stages


def test_dormand_prince_has_torchdiffeqs_tableau():
    method = METHODS["dopri5"]
    known = [(), *(tuple(row.tolist()) for row in DOPRI5.beta)]
    assert method.a == tuple(known[:6])
    assert method.b == known[6] == tuple(DOPRI5.c_sol.tolist()[:6])


def test_a_step_written_out():
    def field(x):
        return (x[0] * x[1], x[0] - x[1] ** 3)

    def moved(x, h, slope):
        return tuple(v + h * k for v, k in zip(x, slope, strict=True))

    x, h = (1.3, -0.4), 0.2
    k1 = field(x)
    k2, far = field(moved(x, h / 2, k1)), field(moved(x, h, k1))
    k3 = field(moved(x, h / 2, k2))
    k4 = field(moved(x, h, k3))
    known = {
        "euler": k1,
        "midpoint": k2,
        "heun": [(a + b) / 2 for a, b in zip(k1, far, strict=True)],
        "rk4": [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4, strict=True)],
    }
    for name in FIXED:
        assert METHODS[name].step(field, x, h) == pytest.approx(moved(x, h, known[name]), rel=1e-15)


# -- torchdiffeq -----------------------------------------------------------------------------------


def tensor_field(system):
    return lambda t, x, perturb=None: torch.tensor(system.field(tuple(x.tolist())), dtype=torch.float64)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("name", "theirs"), [("euler", "euler"), ("midpoint", "midpoint"), ("heun", "heun2")])
def test_trajectories_are_torchdiffeqs(name, theirs, system):
    system, steps = SYSTEMS[system](2.0), 40
    h = system.time / 200
    found = integrate(METHODS[name], system.field, system.start, h, steps)
    times = torch.tensor(found.times, dtype=torch.float64)
    known = odeint(tensor_field(system), torch.tensor(system.start, dtype=torch.float64), times, method=theirs)
    assert np.array(found.states) == pytest.approx(known.numpy(), rel=1e-12, abs=1e-12)
    assert (len(found.states), found.left, found.evaluations) == (steps + 1, None, METHODS[name].stages * steps)


@pytest.mark.parametrize("name", SYSTEMS)
def test_rk4_is_torchdiffeqs_classical_step(name):
    """odeint's own "rk4" is the 3/8 rule, of the same order but not the same numbers."""
    system, steps = SYSTEMS[name](2.0), 40
    h = system.time / 200
    field, x = tensor_field(system), torch.tensor(system.start, dtype=torch.float64)
    found = integrate(METHODS["rk4"], system.field, system.start, h, steps)
    for state in found.states[1:]:
        x = x + rk4_step_func(field, 0.0, h, h, x)
        assert state == pytest.approx(x.tolist(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_dormand_prince_step_is_torchdiffeqs(name):
    system, h = SYSTEMS[name](2.0), 0.1
    x = torch.tensor(system.start, dtype=torch.float64)
    field, t = tensor_field(system), torch.tensor(0.0, dtype=torch.float64)
    known, *_ = _runge_kutta_step(field, x, field(t, x), t, torch.tensor(h), t + h, DOPRI5)
    assert METHODS["dopri5"].step(system.field, system.start, h) == pytest.approx(known.tolist(), rel=1e-7)


# -- stability -------------------------------------------------------------------------------------


def test_stability_polynomials_in_closed_form():
    series = [1 / math.factorial(k) for k in range(6)]
    known = {
        "euler": series[:2],
        "midpoint": series[:3],
        "heun": series[:3],
        "rk4": series[:5],
        "dopri5": [*series[:6], 1 / 600],
    }
    for name, coefficients in known.items():
        assert METHODS[name].stability.coef == pytest.approx(coefficients, rel=1e-13)


@given(st.complex_numbers(max_magnitude=5))
def test_dormand_princes_polynomial_is_that_of_torchdiffeqs_tableau(z):
    """R(z) = det(I - z A + z 1 b') for any method."""
    a = np.zeros((7, 7))
    for i, row in enumerate(DOPRI5.beta, start=1):
        a[i, : len(row)] = row
    known = np.linalg.det(np.eye(7) - z * a + z * np.outer(np.ones(7), DOPRI5.c_sol.numpy()))
    assert METHODS["dopri5"].stability(z) == pytest.approx(known, rel=1e-9, abs=1e-9)


@given(METHOD, st.complex_numbers(max_magnitude=4), st.floats(0.01, 2))
def test_a_step_multiplies_by_the_stability_polynomial(name, value, h):
    """x' = lambda x with a complex x, as two real equations."""
    a, b = value.real, value.imag
    x = METHODS[name].step(lambda x: (a * x[0] - b * x[1], b * x[0] + a * x[1]), (0.6, -0.8), h)
    assert complex(*x) == pytest.approx(METHODS[name].stability(h * value) * (0.6 - 0.8j), rel=1e-10, abs=1e-10)


@given(METHOD, st.sampled_from(LINEAR), st.floats(1e-3, 4), st.integers(1, 30))
def test_a_linear_system_is_multiplied_in_its_eigenbasis(name, system, h, steps):
    system, method = SYSTEMS[system](1.0), METHODS[name]
    values, basis = np.linalg.eig(np.array(system.jacobian(system.start)))
    x = basis @ (method.stability(h * values) ** steps * np.linalg.solve(basis, system.start))
    found = integrate(method, system.field, system.start, h, steps)
    size = max(np.abs(found.states).max(), 1e-3)
    assert found.states[-1] == pytest.approx(x.real, abs=1e-10 * size)
    assert np.abs(x.imag).max() < 1e-10 * size


def test_limits_that_are_known():
    """On the real axis RK4's solves z^3 + 4 z^2 + 12 z + 24 = 0; on the imaginary one |R|^2 = 1 - y^6/72 + y^8/576."""
    (rk4,) = (z.real for z in Polynomial([24, 12, 4, 1]).roots() if abs(z.imag) < 1e-9)
    known = {"euler": (-2, 0), "midpoint": (-2, 0), "heun": (-2, 0), "rk4": (rk4, 2 * math.sqrt(2))}
    for name, (real, imaginary) in known.items():
        assert real_limit(METHODS[name]) == pytest.approx(real, abs=1e-12)
        assert imaginary_limit(METHODS[name]) == pytest.approx(imaginary, abs=1e-12)
    assert rk4 == pytest.approx(-2.7853, abs=1e-4)
    # |R(iy)|^2 = 1 - y^6/1800 + y^8/1600 - y^10/14400 + y^12/360000, a cubic in y^2 after the first
    y2 = Polynomial([-1 / 1800, 1 / 1600, -1 / 14400, 1 / 360000]).roots()
    least = min(v.real for v in y2 if abs(v.imag) < 1e-9)
    assert imaginary_limit(METHODS["dopri5"]) == pytest.approx(math.sqrt(least), abs=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_just_inside_the_limits_steps_do_not_grow_and_just_outside_they_do(name):
    method = METHODS[name]
    for limit, turn in ((real_limit(method), 1), (imaginary_limit(method), 1j)):
        inside = np.linspace(0, 1, 1001) * limit * turn
        assert np.abs(method.stability(inside)).max() <= 1 + 1e-12
        beyond = limit + math.copysign(1e-2, limit)
        assert abs(method.stability(beyond * turn)) > 1 + 1e-13


def test_limits_of_methods_that_have_none_or_only_a_gap():
    backwards = Method("backwards", 0, ((),), (-1.0,))  # R = 1 - z
    assert real_limit(backwards) == imaginary_limit(backwards) == 0
    # 1 + z + z^2 leaves the unit at once to the side, and at -1 on the way down
    steep = Method("steep", 1, ((), (1.0,)), (0.0, 1.0))
    assert steep.stability.coef.tolist() == [1, 1, 1]
    assert real_limit(steep) == pytest.approx(-1)
    assert imaginary_limit(steep) == pytest.approx(1)  # |R|^2 = 1 - y^2 + y^4


@pytest.mark.parametrize("name", METHODS)
def test_the_boundary_is_where_a_step_keeps_its_size(name):
    method = METHODS[name]
    curve = np.array(boundary(method))
    assert np.abs(method.stability(curve)) == pytest.approx(1, abs=1e-9)
    assert curve[0] == 0 and abs(curve[-1]) < 1e-6
    assert curve.real.min() <= real_limit(method) * 0.999
    assert np.abs(curve[1:] - curve[:-1]).max() < 0.35  # no jump to another branch
    other = curve[::-1].conj()
    assert curve == pytest.approx(other, abs=1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_the_boundary_goes_round_what_is_stable(name):
    """But for the two islands of Dormand and Prince's method around 0.99 + 3.67 i and 0.99 - 3.67 i."""
    method = METHODS[name]
    curve = np.array(boundary(method, 400))
    x, y = np.meshgrid(np.linspace(-4, 2, 41) + 0.007, np.linspace(-4, 4, 51) + 0.003)
    z = (x + 1j * y).ravel()
    z = z[(np.abs(np.abs(method.stability(z)) - 1) > 0.02) & ~((z.real > 0.7) & (np.abs(z.imag) > 3.4))]
    angles = np.angle((curve[1:, None] - z) / (curve[:-1, None] - z)).sum(axis=0)
    turns = np.round(angles / (2 * math.pi)).astype(int)
    assert ((turns == 1) == (np.abs(method.stability(z)) < 1)).all()
    assert set(turns.tolist()) == {0, 1}


# -- beyond the range of floats --------------------------------------------------------------------


FINITE = st.floats(allow_nan=False, allow_infinity=False)
HUGE = st.floats(1e-3, 1e3) | st.sampled_from([1e50, 1e150, 1e300])


@given(
    st.sampled_from(FIXED),
    st.sampled_from(["van_der_pol", "lotka_volterra", "pendulum", "oscillator"]),
    st.floats(0, 100),
    HUGE,
    st.tuples(*[st.floats(-100, 100)] * 2),
    st.integers(1, 60),
)
def test_what_left_is_the_first_step_that_is_not_finite(name, system, mu, h, start, steps):
    method, system = METHODS[name], SYSTEMS[system](mu)
    found = integrate(method, system.field, start, h, steps)
    assert all(math.isfinite(v) for x in found.states for v in x)
    assert len(found.times) == len(found.states)
    assert found.times == tuple(h * n for n in range(len(found.times)))
    for before, after in zip(found.states, found.states[1:], strict=False):
        assert method.step(system.field, before, h) == after
    if found.left is None:
        assert len(found.states) == steps + 1
        assert found.evaluations == method.stages * steps
    else:
        assert len(found.states) == found.left <= steps
        assert not all(map(math.isfinite, method.step(system.field, found.states[-1], h)))
        assert found.evaluations == method.stages * found.left


@pytest.mark.parametrize("h", [3, 20, 1000])
def test_decay_leaves_when_the_power_does(h):
    """Euler multiplies by 1 - h, which whole numbers of Python follow as far as they like. (With h = 10 the slope times h is
    too large one step before the state would be.)"""
    first = next(n for n in range(1, 2000) if abs((1 - h) ** n) > LARGEST)
    found = integrate(METHODS["euler"], SYSTEMS["decay"](0).field, (1.0,), float(h), 2000)
    assert found.left == first
    assert [x for (x,) in found.states] == pytest.approx([float((1 - h) ** n) for n in range(first)], rel=1e-12)
    assert integrate(METHODS["euler"], SYSTEMS["decay"](0).field, (1.0,), float(h), first - 1).left is None


@given(st.sampled_from(FIXED), st.sampled_from(list(SYSTEMS)), FINITE, FINITE)
def test_no_number_is_too_large_to_step_from(name, system, h, x):
    made = SYSTEMS[system](100.0)
    found = integrate(METHODS[name], made.field, (x, -x)[: made.dimension], h, 3)
    assert all(math.isfinite(v) for state in found.states for v in state)
    assert len(found.states) == (found.left or 4)


def test_no_steps_are_where_it_began():
    found = integrate(METHODS["rk4"], SYSTEMS["decay"](0).field, (1.0,), 0.1, 0)
    assert (found.times, found.states, found.evaluations, found.left) == ((0.0,), ((1.0,),), 0, None)
