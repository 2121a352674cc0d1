"""Differential equations x' = f(x) with their Jacobians, and their solutions where there is a closed form."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass

State = tuple[float, ...]
Field = Callable[[State], State]  # the slope x' at a state


@dataclass(frozen=True)
class System:
    """An autonomous system of one or two equations.

    `jacobian` gives the rows of df/dx at a state. `exact` gives the state at time t from a start; None if there is no closed
    form. In a `linear` system the Jacobian is the same everywhere. `start` and `time` are the defaults.
    """

    label: str
    equation: str
    names: tuple[str, ...]
    start: State
    time: float
    field: Field
    jacobian: Callable[[State], tuple[State, ...]]
    exact: Callable[[State, float], State] | None = None
    linear: bool = False

    @property
    def dimension(self) -> int:
        return len(self.names)

    def eigenvalues(self, x: State) -> tuple[complex, ...]:
        """Return the eigenvalues of the Jacobian at a state: how small deviations from the solution grow and rotate there."""
        rows = self.jacobian(x)
        if self.dimension == 1:
            return (complex(rows[0][0]),)
        (a, b), (c, d) = rows
        middle, root = (a + d) / 2, cmath.sqrt((a - d) / 2 * ((a - d) / 2) + b * c)
        return middle + root, middle - root


DECAY = System(
    "decay",
    "x' = −x",
    ("x",),
    (1.0,),
    6.0,
    lambda x: (-x[0],),
    lambda x: ((-1.0,),),
    lambda x, t: (x[0] * math.exp(-t),),
    linear=True,
)

ROTATION = System(
    "rotation",
    "x' = −y, y' = x",
    ("x", "y"),
    (1.0, 0.0),
    10.0,
    lambda x: (-x[1], x[0]),
    lambda x: ((0.0, -1.0), (1.0, 0.0)),
    lambda x, t: (x[0] * math.cos(t) - x[1] * math.sin(t), x[0] * math.sin(t) + x[1] * math.cos(t)),
    linear=True,
)

FREQUENCY, DAMPING = 2.0, 0.2  # of the oscillator: x'' = -FREQUENCY^2 x - 2 DAMPING x'


def _oscillation(x: State, t: float) -> State:
    """The damped oscillator in closed form, for DAMPING < FREQUENCY."""
    turn = math.sqrt(FREQUENCY**2 - DAMPING**2)
    a, b = x[0], (x[1] + DAMPING * x[0]) / turn
    fall, c, s = math.exp(-DAMPING * t), math.cos(turn * t), math.sin(turn * t)
    place = fall * (a * c + b * s)
    return place, fall * turn * (b * c - a * s) - DAMPING * place


OSCILLATOR = System(
    "damped oscillator",
    "x' = v, v' = −4 x − 0.4 v",
    ("x", "v"),
    (1.0, 0.0),
    10.0,
    lambda x: (x[1], -(FREQUENCY**2) * x[0] - 2 * DAMPING * x[1]),
    lambda x: ((0.0, 1.0), (-(FREQUENCY**2), -2 * DAMPING)),
    _oscillation,
    linear=True,
)

LOTKA_VOLTERRA = System(
    "Lotka–Volterra: prey x, hunters y",
    "x' = x − x y, y' = x y − y",
    ("x", "y"),
    (2.0, 0.8),
    12.0,
    lambda x: (x[0] - x[0] * x[1], x[0] * x[1] - x[1]),
    lambda x: ((1 - x[1], -x[0]), (x[1], x[0] - 1)),
)


def _sin(angle: float) -> float:
    """Return the sine, or nan for an angle that is not finite: math.sin raises for infinity."""
    return math.sin(angle) if math.isfinite(angle) else math.nan


PENDULUM = System(
    "pendulum: angle x, speed v",
    "x' = v, v' = −sin x",
    ("x", "v"),
    (2.5, 0.0),
    15.0,
    lambda x: (x[1], -_sin(x[0])),
    lambda x: ((0.0, 1.0), (-math.cos(x[0]), 0.0)),
)


def van_der_pol(mu: float) -> System:
    """Return the oscillator whose damping is negative for |x| < 1 and positive beyond; the larger mu, the more abrupt."""
    return System(
        "Van der Pol",
        f"x' = v, v' = {mu:g} (1 − x²) v − x",
        ("x", "v"),
        (2.0, 0.0),
        15.0,
        lambda x: (x[1], mu * (1 - x[0] * x[0]) * x[1] - x[0]),
        lambda x: ((0.0, 1.0), (-2 * mu * x[0] * x[1] - 1, mu * (1 - x[0] * x[0]))),
    )


SYSTEMS: dict[str, Callable[[float], System]] = {
    "decay": lambda mu: DECAY,
    "rotation": lambda mu: ROTATION,
    "oscillator": lambda mu: OSCILLATOR,
    "lotka_volterra": lambda mu: LOTKA_VOLTERRA,
    "pendulum": lambda mu: PENDULUM,
    "van_der_pol": van_der_pol,
}
