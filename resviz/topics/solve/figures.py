"""One equation solved by several methods: their trajectories, their errors, and where they are stable."""

from __future__ import annotations

import math
from typing import Any

from resviz.draw.chart import POWERS, chart
from resviz.draw.figure import Figure, Table
from resviz.draw.palette import FAINT, GRID, METHOD_COLOR, METHOD_DASH, METHOD_SYMBOL, TEXT
from resviz.topics.solve.question import Solved
from resviz.topics.solve.solvers import FIXED, METHODS
from resviz.topics.solve.stability import short, stability
from resviz.topics.solve.systems import State
from resviz.topics.solve.words import first_up
from resviz.words.say import written

FAR = 2.8  # the picture may be this many times as large as the true solution's box
UNBOUNDED = 100.0  # sizes of the true solution; larger errors come from diverging steps and are only in the table
MOST_POINTS = 2000  # in one drawn line
ROOM = 0.8  # space for the names on the left of the curves, in lengths of the longest curve
ARROWS = 15  # strokes of the field along each side of the picture
BEYOND = 3  # strokes drawn beyond each side, for screens on which the picture is wider or higher


def figures(record: Solved) -> list[Figure]:
    """Return the trajectories, the errors against step size, the stability region and a table of all methods."""
    return [trajectories(record), errors(record), stability(record), compared(record)]


# -- the trajectories --------------------------------------------------------------------------------------


def trajectories(record: Solved) -> Figure:
    """The solutions in the phase plane if there are two unknowns, over time if there is one."""
    spec, system = record.spec, record.spec.equations
    flat = system.dimension == 1
    box = _box(record)
    traces: list[dict[str, Any]] = [] if flat else [_arrows(record, box)]
    true = record.truth
    name = "exact" if true.exact else "reference"
    traces.append(
        _trajectory(name, true.times, true.states, flat, {"color": FAINT, "width": 5}, box) | {"opacity": 0.6}
    )
    for method in FIXED:
        if method != spec.method:
            path = record.fixed[method]
            line = {"color": METHOD_COLOR[method], "dash": METHOD_DASH[method], "width": 1.2}
            traces.append(
                _trajectory(METHODS[method].label, path.times, path.states, flat, line, box) | {"opacity": 0.75}
            )
    if record.adaptive and spec.method != "dopri5":
        line = {"color": METHOD_COLOR["dopri5"], "dash": METHOD_DASH["dopri5"], "width": 1.2}
        traces.append(
            _trajectory(METHODS["dopri5"].label, record.adaptive.times, record.adaptive.states, flat, line, box)
            | {"opacity": 0.75}
        )
    chosen = record.adaptive if spec.method == "dopri5" else record.fixed[spec.method]
    if chosen:
        steps = len(chosen.times)
        line = {"color": METHOD_COLOR[spec.method], "width": 2.5}
        traces.append(
            _trajectory(METHODS[spec.method].label, chosen.times, chosen.states, flat, line, box)
            | {
                "mode": "lines+markers" if steps <= 300 else "lines",
                "marker": {"symbol": METHOD_SYMBOL[spec.method], "size": 6, "color": METHOD_COLOR[spec.method]},
            }
        )
    x, y = ({"title": {"text": "time"}}, {"title": {"text": system.names[0]}}) if flat else _plane(record)
    gone = ""
    if chosen and any(not _inside(p, box) for p in _places(chosen.times, chosen.states, flat)):
        gone = "; it leaves the picture"
    made = chart(
        "solve_ways",
        f"{first_up(METHODS[spec.method].label)} on {system.equation}",
        f"thick: the {name} solution; thin: the other methods{gone}",
        traces,
        x=x | {"range": list(box[:2]), "nticks": 6},
        y=y | {"range": list(box[2:]), "nticks": 6},
    )
    return made | {"height": 372, "table": _trajectory_table(record)}


def _plane(record: Solved) -> tuple[dict[str, Any], dict[str, Any]]:
    names = record.spec.equations.names
    return (
        {"title": {"text": names[0]}, "showgrid": False},
        {"title": {"text": names[1]}, "showgrid": False, "scaleanchor": "x", "scaleratio": 1},
    )


def _places(times: tuple[float, ...], states: tuple[State, ...], flat: bool) -> list[tuple[float, float]]:
    return [(t, x[0]) if flat else (x[0], x[1]) for t, x in zip(times, states, strict=True)]


def _trajectory(
    name: str,
    times: tuple[float, ...],
    states: tuple[State, ...],
    flat: bool,
    line: dict[str, Any],
    box: tuple[float, float, float, float],
) -> dict[str, Any]:
    every = max(1, math.ceil(len(times) / (MOST_POINTS - 1)))
    all_places = _places(times, states, flat)
    # Thousands of picture widths away plotly's arithmetic fails; such points are out of sight anyway.
    far = max(1e5, 2 * max(map(abs, box)))
    places = [p for p in (*all_places[:-1:every], all_places[-1]) if max(map(abs, p)) < far]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [short(x) for x, _ in places],
        "y": [short(y) for _, y in places],
        "line": line,
        "hovertemplate": "%{x:.3f}, %{y:.3f}",
    }


def _box(record: Solved) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top: the true solution and as much of the chosen method's as fits into FAR times that."""
    spec, flat = record.spec, record.spec.equations.dimension == 1
    true = _places(record.truth.times, record.truth.states, flat)
    chosen = record.adaptive if spec.method == "dopri5" else record.fixed[spec.method]
    own = _places(chosen.times, chosen.states, flat) if chosen else []
    sides: list[float] = []
    for axis in (0, 1):
        low, high = min(p[axis] for p in true), max(p[axis] for p in true)
        middle, half = (low + high) / 2, max((high - low) / 2, 0.2)
        reach = max([half, *(abs(p[axis] - middle) for p in own)])
        if not (flat and axis == 0):
            half = min(reach, FAR * half) * 1.08
        sides += [short(middle - half), short(middle + half)]
    return sides[0], sides[1], sides[2], sides[3]


def _inside(place: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    return box[0] <= place[0] <= box[1] and box[2] <= place[1] <= box[3]


def _arrows(record: Solved, box: tuple[float, float, float, float]) -> dict[str, Any]:
    """The field as short strokes of equal length at the nodes of a grid: they show its direction, not its speed."""
    field = record.spec.equations.field
    xs: list[float | None] = []
    ys: list[float | None] = []
    across, up = (box[1] - box[0]) / ARROWS, (box[3] - box[2]) / ARROWS
    for i in range(-BEYOND, ARROWS + BEYOND):
        for j in range(-BEYOND, ARROWS + BEYOND):
            x, y = box[0] + (i + 0.5) * across, box[2] + (j + 0.5) * up
            dx, dy = field((x, y))
            long = math.hypot(dx / across, dy / up)
            if 0 < long < math.inf:
                xs += [short(x), short(x + 0.6 * dx / long), None]
                ys += [short(y), short(y + 0.6 * dy / long), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": {"color": GRID, "width": 1.5},
        "hoverinfo": "skip",
    }


def _trajectory_table(record: Solved) -> Table:
    spec = record.spec
    chosen = record.adaptive if spec.method == "dopri5" else record.fixed[spec.method]
    rows = (
        [[f"{t:.5g}", *(f"{v:.6g}" for v in x)] for t, x in zip(chosen.times, chosen.states, strict=True)]
        if chosen
        else []
    )
    return {"header": ["time", *spec.equations.names], "rows": rows[:1000]}


# -- errors ----------------------------------------------------------------------------------------


def errors(record: Solved) -> Figure:
    """Error at the end against step size, both on log scales; the slope is the order."""
    traces: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    highest = UNBOUNDED * max(math.hypot(*x) for x in record.truth.states)
    for name, found in record.orders.items():
        points = [(h, e) for h, e in zip(found.h, found.error, strict=True) if e and e < highest]
        bold = name == record.spec.method
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": METHODS[name].label,
                "x": [h for h, _ in points],
                "y": [e for _, e in points],
                "line": {"color": METHOD_COLOR[name], "dash": METHOD_DASH[name], "width": 3 if bold else 1.5},
                "marker": {"symbol": METHOD_SYMBOL[name], "size": 7 if bold else 5, "color": METHOD_COLOR[name]},
                "hovertemplate": "h = %{x:.3g}: error %{y:.2e}",
            }
        )
        if points:
            text = METHODS[name].label + ("" if found.slope is None else f": {found.slope:.2f}")
            labels.append({"text": text, "h": points[-1][0], "error": points[-1][1]})
    shapes = []
    if record.spec.method in FIXED:
        line = {"color": FAINT, "width": 1.2, "dash": "dot"}
        h = record.spec.h
        shapes = [{"type": "line", "x0": h, "x1": h, "yref": "paper", "y0": 0, "y1": 1, "line": line}]
    all_h = [h for found in record.orders.values() for h in found.h] or [0.01, 1.0]
    wide = [math.log10(min(all_h)), math.log10(max(all_h))]
    made = chart(
        "solve_errors",
        "Error at the end against step size",
        "log scales; numbers: the measured slopes; dotted: the step chosen",
        traces,
        x=POWERS | {"range": [wide[0] - ROOM * (wide[1] - wide[0]), wide[1] + 0.1], "title": {"text": "step size h"}},
        y={key: value for key, value in POWERS.items() if key != "dtick"} | {"nticks": 7},
    )
    made["figure"]["layout"].update(shapes=shapes, annotations=_beside(labels))
    header = ["h", *(METHODS[name].label for name in record.orders)]
    sizes = sorted({h for found in record.orders.values() for h in found.h})
    maps = [dict(zip(found.h, found.error, strict=True)) for found in record.orders.values()]
    rows = [[f"{h:.4g}", *("–" if m.get(h) is None else f"{m[h]:.3g}" for m in maps)] for h in sizes]
    return made | {"height": 372, "table": {"header": header, "rows": rows}}


def _beside(labels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return labels to the left of the ends of the lines, one below another; midpoint and Heun may end at the same point."""
    found, last = [], math.inf
    for label in sorted(labels, key=lambda item: -item["error"]):
        shift = 0 if math.log10(label["error"]) < last - 0.5 else 16
        found.append(
            {
                "text": label["text"],
                "x": math.log10(label["h"]),
                "y": math.log10(label["error"]),
                "xanchor": "right",
                "xshift": -8,
                "yshift": -shift,
                "showarrow": False,
                "font": {"color": TEXT, "size": 13},
            }
        )
        last = math.log10(label["error"])
    return found


def compared(record: Solved) -> Figure:
    """A table of what each method did with the same problem."""
    rows = []
    for name in METHODS:
        method, error = METHODS[name], record.error.get(name)
        if name == "dopri5":
            found = record.adaptive
            if found is None:
                rows.append([method.label, "…", "…", "…", "5, adaptive"])
                continue
            steps, evaluations = f"{len(found.times) - 1:,}", f"{found.evaluations:,}"
            end = "did not get there" if found.trouble else _error(error)
        else:
            path = record.fixed[name]
            steps, evaluations = f"{record.spec.n:,}", f"{path.evaluations:,}"
            end = f"left float range at step {path.left:,}" if path.left else _error(error)
        slope = record.orders[name].slope if name in record.orders else None
        rows.append(
            [
                method.label,
                steps,
                evaluations,
                end,
                "5, adaptive" if name == "dopri5" else f"{method.order}" + (f"; measured {slope:.2f}" if slope else ""),
            ]
        )
    return {
        "id": "solve_compared",
        "title": "The same problem, five methods",
        "note": f"to T = {written(record.spec.time)}",
        "rows": {"header": ["method", "steps", "evaluations of f", "error at the end", "order"], "rows": rows},
    }


def _error(value: float | None) -> str:
    return "–" if value is None else written(value)
