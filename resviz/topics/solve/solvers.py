"""Explicit Runge-Kutta methods with fixed steps: a step, a trajectory, and where they are stable."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial import Polynomial

from resviz.topics.solve.systems import Field, State


@dataclass(frozen=True)
class Method:
    """A method given by its Butcher tableau: row i of `a` weights the slopes before stage i, `b` all slopes of the step.

    `order` p means that the error at a fixed time falls like h^p; the error of a single step falls like h^(p + 1).
    """

    label: str
    order: int
    a: tuple[State, ...]
    b: State

    @property
    def stages(self) -> int:
        """Evaluations of the field in one step."""
        return len(self.b)

    def step(self, field: Field, x: State, h: float) -> State:
        """Return x + h (b_1 k_1 + ... + b_s k_s), where k_i is the field at x + h (a_i1 k_1 + ...)."""
        slopes: list[State] = []
        for row in self.a:
            slopes.append(field(_moved(x, h, row, slopes) if slopes else x))
        return _moved(x, h, self.b, slopes)

    @cached_property
    def stability(self) -> Polynomial:
        """The polynomial R: on x' = lambda x a step multiplies x by R(h lambda); R(z) = 1 + z b·1 + z^2 b·A1 + z^3 b·A^2 1 + ...

        Hairer & Wanner, Solving Ordinary Differential Equations II, section IV.2.
        """
        a = np.zeros((self.stages, self.stages))
        for i, row in enumerate(self.a):
            a[i, : len(row)] = row
        powers = [np.ones(self.stages)]
        for _ in range(self.stages - 1):
            powers.append(a @ powers[-1])
        return Polynomial([1.0, *(float(np.dot(self.b, power)) for power in powers)])


def _moved(x: State, h: float, weights: State, slopes: Sequence[State]) -> State:
    terms = [(h * w, k) for w, k in zip(weights, slopes, strict=False) if w]
    return tuple([v + sum([w * k[i] for w, k in terms]) for i, v in enumerate(x)])


METHODS = {
    "euler": Method("forward Euler", 1, ((),), (1.0,)),
    "midpoint": Method("midpoint", 2, ((), (0.5,)), (0.0, 1.0)),
    "heun": Method("Heun", 2, ((), (1.0,)), (0.5, 0.5)),
    "rk4": Method("RK4", 4, ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)),
    # Dormand and Prince 1980; used here only for its stability function. The adaptive steps are torchdiffeq's.
    "dopri5": Method(
        "Dormand–Prince",
        5,
        (
            (),
            (1 / 5,),
            (3 / 40, 9 / 40),
            (44 / 45, -56 / 15, 32 / 9),
            (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
            (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        ),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
}
FIXED = ("euler", "midpoint", "heun", "rk4")


@dataclass(frozen=True, slots=True)
class Trajectory:
    """States at times 0, h, 2h, ... as long as they are finite. `left`: the step, counted from 1, that left the range of floats,
    or None; its state is not included."""

    times: tuple[float, ...]
    states: tuple[State, ...]
    evaluations: int
    left: int | None = None


def integrate(method: Method, field: Field, start: State, h: float, steps: int) -> Trajectory:
    """Make `steps` steps of length h from `start`. Ends early when a number leaves the range of float64."""
    x, states, left = start, [start], None
    for n in range(1, steps + 1):
        x = method.step(field, x, h)
        if not all(map(math.isfinite, x)):
            left = n
            break
        states.append(x)
    return Trajectory(tuple(h * n for n in range(len(states))), tuple(states), method.stages * (left or steps), left)


# -- stability -------------------------------------------------------------------------------------

_TINY = 1e-12  # smaller coefficients would be 0 without rounding


def real_limit(method: Method) -> float:
    """Return the lowest x <= 0 such that |R(z)| <= 1 for all real z from x to 0."""
    along = method.stability(Polynomial([0.0, -1.0]))
    return -_first_past(along * along - 1)


def imaginary_limit(method: Method) -> float:
    """Return the highest y such that |R(iz)| <= 1 for all z from 0 to y; 0 if it exceeds 1 at once, as Euler's does."""
    c = method.stability.coef
    even = Polynomial([0.0 if k % 2 else c[k] * (-1) ** (k // 2) for k in range(len(c))])
    odd = Polynomial([c[k] * (-1) ** (k // 2) if k % 2 else 0.0 for k in range(len(c))])
    return _first_past(even * even + odd * odd - 1)


def _first_past(polynomial: Polynomial) -> float:
    """Return where p first becomes positive to the right of 0, for a p with p(0) = 0."""
    c = np.where(np.abs(polynomial.coef) < _TINY, 0.0, polynomial.coef)
    lowest = next((value for value in c if value), 0.0)
    if lowest >= 0:
        return 0.0
    roots = Polynomial(np.trim_zeros(c, "fb")).roots()
    places = sorted(float(r.real) for r in map(complex, roots) if abs(r.imag) < 1e-6 and r.real > 1e-9)
    return next(place for place in places if float(polynomial(place * (1 + 1e-4))) > 0)


def boundary(method: Method, points: int = 120) -> tuple[complex, ...]:
    """Return the curve |R(z)| = 1 around the stable region, from 0 back to 0, with `points` points for each turn of R(z).

    R(z) = e^(i angle) is followed with Newton's method while the angle makes one turn for each zero of R.
    """
    r, slope = method.stability, method.stability.deriv()
    z, found = 0j, [0j]
    for n in range(1, points * method.stability.degree() + 1):
        angle = 2 * math.pi * n / points
        z += 1j * cmath.exp(1j * (angle - math.pi / points)) / slope(z) * 2 * math.pi / points  # along the tangent
        for _ in range(4):
            z -= (r(z) - cmath.exp(1j * angle)) / slope(z)
        found.append(complex(z))
        if abs(z) < 1e-6:
            break
    return tuple(found)
