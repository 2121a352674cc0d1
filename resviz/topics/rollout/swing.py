"""The true motion of the pendulum, for the picture of a roll-out."""

from __future__ import annotations

import math

from resviz.topics.rollout.question import Point

LONGEST = 0.05  # step of the solver


def swing(start: Point, dt: float, count: int) -> list[Point]:
    """Return the state of the pendulum θ'' = −sin θ, (angle, speed), now and after each of `count` steps of dt, by the classical
    Runge-Kutta method of order 4 with steps of at most LONGEST: its error after a hundred units of time is below 1e-4."""
    parts = math.ceil(dt / LONGEST)
    h, (x, v), found = dt / parts, start, [start]
    for n in range(1, count * parts + 1):
        k1, l1 = v, -math.sin(x)
        k2, l2 = v + h / 2 * l1, -math.sin(x + h / 2 * k1)
        k3, l3 = v + h / 2 * l2, -math.sin(x + h / 2 * k2)
        k4, l4 = v + h * l3, -math.sin(x + h * k3)
        x, v = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), v + h / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
        if n % parts == 0:
            found.append((x, v))
    return found
