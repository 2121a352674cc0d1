"""The figure of a solver's stable region in the complex plane, with h times the eigenvalues of the system."""

from __future__ import annotations

import cmath
import math
from functools import lru_cache, partial
from typing import Any

from resviz.draw.chart import chart
from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, GRID, METHOD_COLOR, METHOD_DASH, TEXT, faded
from resviz.topics.solve.question import Solved
from resviz.topics.solve.solvers import FIXED, METHODS, boundary
from resviz.words.say import rounded

short = partial(rounded, digits=5)

LEFT, RIGHT, HEIGHT = -4.6, 1.6, 3.4  # of the complex plane shown; Dormand–Prince has stable islands above 3.42 i


@lru_cache(8)
def _region(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    curve = boundary(METHODS[name])
    return tuple(short(z.real) for z in curve), tuple(short(z.imag) for z in curve)


def stability(record: Solved) -> Figure:
    """The curves inside which each method's steps do not grow, with marks at h times the eigenvalues of the system."""
    spec, system = record.spec, record.spec.equations
    marks, r = _marks(record), METHODS[spec.method].stability
    inside = sum(abs(r(z)) <= 1 + 1e-9 for z in marks)
    where = "" if system.linear else " along the solution"
    told = "all inside" if inside == len(marks) else "none inside" if not inside else f"{inside} of {len(marks)} inside"
    if record.blocks:
        disc = sum(math.hypot(1 + x, y) <= 1 for x, y in record.blocks)
        told += f"; diamonds: trained blocks, {disc} of {len(record.blocks)} in Euler’s disc"
    axis = {"zeroline": True, "zerolinecolor": GRID, "showgrid": False, "nticks": 7}
    made = chart(
        "solve_stability",
        "Where a step does not grow",
        f"inside each curve |R(z)| ≤ 1, filled: {METHODS[spec.method].label}; marks: z = hλ, the step times the "
        f"eigenvalues{where}, {told}",
        [*_curves(spec.method), *_blocks(record), _points(marks, linear=system.linear)],
        x=axis | {"range": [LEFT, RIGHT], "title": {"text": "real part of hλ"}, "constrain": "domain"},
        y=axis
        | {"range": [-HEIGHT, HEIGHT], "title": {"text": "imaginary part"}, "scaleanchor": "x", "constrain": "domain"},
    )
    made["figure"]["layout"]["annotations"] = _names(spec.method)
    rows = [
        [f"{z.real:.4g}", f"{z.imag:.4g}", f"{abs(r(z)):.4g}"] for z in sorted(marks, key=lambda z: (z.real, z.imag))
    ]
    return made | {"height": 372, "table": {"header": ["real part of hλ", "imaginary part", "|R(hλ)|"], "rows": rows}}


def _marks(record: Solved) -> list[complex]:
    """Return h times the eigenvalues of the system, at points of the solution if they depend on the state; h is the mean step
    for a method that chooses its own."""
    spec, system = record.spec, record.spec.equations
    places = [record.truth.states[i] for i in range(0, len(record.truth.states), 1 if system.linear else 10)]
    values = {v for x in (places[:1] if system.linear else places) for v in system.eigenvalues(x)}
    chosen = record.adaptive if spec.method not in FIXED else None
    h = spec.time / max(len(chosen.times) - 1, 1) if chosen else spec.h
    return [z for z in (h * v for v in values) if cmath.isfinite(z)]


def _curves(method: str) -> list[dict[str, Any]]:
    """Return the boundaries of all stable regions, that of `method` last and filled."""
    found = []
    for name in (*[n for n in METHODS if n != method], method):
        bold = name == method
        if name == "heun" and not bold:
            continue  # the same curve as midpoint's
        x, y = _region(name)
        found.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{METHODS[name].label}: |R(z)| = 1",
                "x": list(x),
                "y": list(y),
                "line": {
                    "color": METHOD_COLOR[name],
                    "width": 2.5 if bold else 1.2,
                    "dash": "solid" if bold else METHOD_DASH[name],
                },
                "fill": "toself" if bold else "none",
                "fillcolor": faded(METHOD_COLOR[name], 0.14),
                "hoverinfo": "skip" if not bold else "name",
            }
        )
    return found


def _blocks(record: Solved) -> list[dict[str, Any]]:
    """Return the eigenvalues of a trained network's blocks as points, if they were asked for."""
    if not record.blocks:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "trained blocks, of a recorded run on two spirals",
            "x": [x for x, _ in record.blocks],
            "y": [y for _, y in record.blocks],
            "marker": {"symbol": "diamond", "size": 5, "color": faded(ARM_COLOR["residual"], 0.55)},
            "hovertemplate": "%{x:.3f} + %{y:.3f} i",
            "hoverlabel": {"namelength": -1},
        }
    ]


def _points(marks: list[complex], *, linear: bool) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "h × eigenvalue",
        "x": [short(z.real) for z in marks],
        "y": [short(z.imag) for z in marks],
        "marker": {"symbol": "x" if linear else "circle", "size": 11 if linear else 5, "color": TEXT},
        "hovertemplate": "%{x:.3f} + %{y:.3f} i",
    }


# Where the curves' names stand, clear of all curves, and the place on its curve that a line leads to.
_PLACES = {
    "euler": ("forward<br>Euler", (0.5, -1.15), (-0.26, -0.67)),
    "midpoint": ("midpoint,<br>Heun", (0.5, 1.05), (-0.26, 1.3)),
    "rk4": ("RK4", (0.6, 2.85), (0.1, 2.77)),
    "dopri5": ("Dormand–<br>Prince", (-3.0, 2.75), (-2.3, 2.42)),
}


def _names(method: str) -> list[dict[str, Any]]:
    found = []
    for name, (label, (x, y), (toward_x, toward_y)) in _PLACES.items():
        shown = "heun" if name == "midpoint" and method == "heun" else name
        found.append(
            {
                "text": label,
                "x": toward_x,
                "y": toward_y,
                "ax": x,
                "ay": y,
                "axref": "x",
                "ayref": "y",
                "xanchor": "right" if x < toward_x else "left",
                "align": "right" if x < toward_x else "left",
                "showarrow": True,
                "arrowhead": 0,
                "arrowwidth": 1,
                "arrowcolor": METHOD_COLOR[shown],
                "font": {"color": TEXT, "size": 13},
            }
        )
    return found
