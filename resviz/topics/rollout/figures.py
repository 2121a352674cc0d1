"""The figures of roll-outs: in the phase plane, their error over time, one step while learning, and what should be conserved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from resviz.draw.chart import POWERS, band, chart, line_trace
from resviz.draw.figure import Figure, Own
from resviz.draw.labels import apart, label
from resviz.draw.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, GRID, TEXT, faded
from resviz.topics.rollout.question import SHARE, STARTS, Curve, Rollout
from resviz.topics.rollout.swing import swing
from resviz.train.plane import ARMS
from resviz.words.say import rounded

DRAWN = ARMS[::-1]  # the residual arm last, so that it is not hidden
SINGLE = 0.3  # from this time step on states are drawn one by one: a line between two would cut across the orbit
ROOM = 0.27  # of an axis, to the right of the curves, for their labels
GAP = 0.085  # between two labels, as a share of the axis
LOWEST, HIGHEST = 1e-6, 1e3  # errors are drawn within these
ROWS = 12  # of a table, approximately


def figures(record: Rollout) -> list[Figure]:
    """Return the figures with their data: pendulums if the system is one, phase plane, error over time, one-step error while
    training, conserved quantity."""
    swinging = [pendulums(record)] if record.spec.system == "pendulum" else []
    return [*swinging, plane(record), errors(record), learning(record), conserved(record)]


# -- the pendulums -----------------------------------------------------------------------------------


class PendulumDrawn(TypedDict):
    """A pendulum as one network predicts it: its angles in rad from hanging down, fewer if they leave float range."""

    name: str
    color: str
    angles: Sequence[float]


class PendulumsDrawn(Own):
    """What pendulum.js draws. dt: time between two angles; true: the angles of the true pendulum."""

    dt: float
    true: Sequence[float]
    arms: list[PendulumDrawn]


def pendulums(record: Rollout) -> Figure:
    """Return the figure of the roll-out that is drawn in the phase plane, as pendulums. The system must be the pendulum."""
    own: PendulumsDrawn = {
        "by": "pendulum",
        "dt": record.spec.dt,
        "true": [rounded(angle) for angle, _ in swing(record.orbit[0], record.spec.dt, record.spec.horizon)],
        "arms": [
            {"name": arm, "color": ARM_COLOR[arm], "angles": [rounded(angle) for angle, _ in record.path[arm]]}
            for arm in ARMS
        ],
    }
    return {
        "id": "rollout_pendulums",
        "title": "One pendulum, predicted twice",
        "note": "each network goes on from its own predictions; grey: the true pendulum",
        "own": own,
    }


# -- the phase plane -------------------------------------------------------------------------------


def plane(record: Rollout) -> Figure:
    """The true orbit and both roll-outs from the same start, with both axes on the same scale."""
    spec, shown = record.spec, record.spec.shown
    left, right, bottom, top = shown.box
    aside, above = 0.15 * (right - left), 0.15 * (top - bottom)
    frame = (left - aside, right + aside, bottom - above, top + above)
    x, y = shown.axes
    hover = f"{x} %{{x:.3g}}, {y} %{{y:.3g}}"
    traces = [line_trace("true", *_columns(record.orbit), {"color": TEXT, "width": 1.5}, hover)]
    for arm in DRAWN:
        looks = {"color": faded(ARM_COLOR[arm], 0.85), "width": 1.6, "dash": ARM_DASH[arm]}
        trace = line_trace(arm, *_columns(record.path[arm]), looks, f"prediction %{{pointNumber}}: {hover}")
        if spec.dt >= SINGLE:
            trace |= {"mode": "markers", "marker": {"color": ARM_COLOR[arm], "size": 4}}
        traces.append(trace)
    ring = {"color": TEXT, "size": 10, "symbol": "circle-open", "line": {"width": 2}}
    traces.append(_marker("start", record.orbit[0], ring, hover))
    traces.append(_marker("true, at the end", record.arrival, {"color": TEXT, "size": 9}, hover))
    for arm in DRAWN:
        if record.lost[arm] is None:
            looks = {"color": ARM_COLOR[arm], "size": 9, "symbol": ARM_SYMBOL[arm]}
            traces.append(_marker(f"{arm}, at the end", record.path[arm][-1], looks, hover))
    beyond = [arm for arm in ARMS if any(not _within(point, frame) for point in record.path[arm])]
    note = f"{shown.label}, {shown.equation}; {spec.horizon:,} predictions in a row from the ring on; filled: where each ends"
    if beyond:
        note += f"; {'both leave' if len(beyond) == 2 else f'the {beyond[0]} one leaves'} the picture"
    template = chart(
        "rollout_plane",
        "Running on their own predictions",
        note,
        traces,
        x={"range": list(frame[:2]), "title": {"text": x}},
        y={"range": list(frame[2:]), "title": {"text": y}, "scaleanchor": "x", "scaleratio": 1},
    )
    layout = template["figure"]["layout"]
    layout["margin"] = layout["margin"] | {"t": 28}
    where = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    words = (("true", TEXT, 0), ("residual", ARM_COLOR["residual"], 42), ("plain", ARM_COLOR["plain"], 108))
    layout["annotations"] = [label(text, color, 0, 1, xshift=shift, **where) for text, color, shift in words]
    rows = (
        [_short(spec.time(n)), *(_point(record, arm, n) for arm in ARMS)] for n in _some(tuple(range(spec.horizon + 1)))
    )
    return template | {"height": 420, "table": {"header": ["time", *ARMS], "rows": list(rows)}}


def _columns(points: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    found = list(points)
    return [p[0] for p in found], [p[1] for p in found]


def _within(point: tuple[float, float], frame: tuple[float, float, float, float]) -> bool:
    return frame[0] <= point[0] <= frame[1] and frame[2] <= point[1] <= frame[3]


def _point(record: Rollout, arm: str, n: int) -> str:
    path = record.path[arm]
    return ", ".join(_short(v) for v in path[n]) if n < len(path) else "left float range"


# -- error against time ----------------------------------------------------------------------------


def errors(record: Rollout) -> Figure:
    """The error from the first prediction on, median and range over all starts; dotted: where a roll-out is off course."""
    at, end = list(record.times[1:]), record.times[-1]
    curves = {arm: [_log(v) for v in record.error[arm].median[1:]] for arm in ARMS}
    lows = [v for arm in ARMS for v in record.error[arm].low[1:] if v]
    highs = [v for arm in ARMS for v in record.error[arm].high[1:] if v]
    low, high = _decades([*lows, *highs, SHARE])
    traces, labels = [], []
    for arm in DRAWN:
        errors = record.error[arm]
        traces.append(_band(arm, at, errors.low[1:], errors.high[1:], 10**low, 10**high))
        traces.append(line_trace(arm, at, curves[arm], _line_style(arm), "time %{x:.4g}: %{y:.2g}"))
        labels.append(_end(arm, ARM_COLOR[arm], at, curves[arm], math.log10))
    traces.append(_level(f"{SHARE:.0%} of the spread", SHARE, end, FAINT))
    labels.append((f"{SHARE:.0%}", FAINT, end, math.log10(SHARE)))
    template = chart(
        "rollout_error",
        "How far off after how long",
        f"in spreads of the states, log scale; median of {STARTS} starts, shaded: all of them",
        traces,
        x=_time_axis(end),
        y=POWERS | {"range": [low, high], "showgrid": False},
    )
    template["figure"]["layout"] |= {
        "annotations": _beside(labels, low, high),
        "shapes": _grid(_powers(low, high), end),
    }
    chosen = _some(tuple(range(1, len(record.times))))
    rows = [[_short(record.times[n]), *(_short(record.error[arm].median[n]) for arm in ARMS)] for n in chosen]
    return template | {"table": {"header": ["time", *ARMS], "rows": rows}}


# -- one step, while learning ----------------------------------------------------------------------


def learning(record: Rollout) -> Figure:
    """The one-step error on unseen pairs; pale: on the training pairs; dotted: of predictions that need no learning."""
    steps, last = list(record.steps), record.spec.steps
    unseen = {arm: [_log(v) for v in record.one_step[arm]] for arm in ARMS}
    fitted = {arm: [None if v is None else _log(math.sqrt(v)) for v in record.loss[arm]] for arm in ARMS}
    dotted = {"no change": record.identity, "average": record.average}
    known = [v for curves in (unseen, fitted) for curve in curves.values() for v in curve if v]
    low, high = _decades([*known, *(v for v in dotted.values() if v)])
    traces, labels = [], []
    for arm in DRAWN:
        pale = {"color": faded(ARM_COLOR[arm], 0.4), "width": 1.2}
        traces.append(line_trace(f"{arm}, examples", steps, fitted[arm], pale, "step %{x}: %{y:.2g}"))
    for arm in DRAWN:
        traces.append(line_trace(arm, steps, unseen[arm], _line_style(arm), "step %{x}: %{y:.2g}"))
        labels.append(_end(arm, ARM_COLOR[arm], steps, unseen[arm], math.log10))
    for name, value in dotted.items():
        if value:
            traces.append(_level(name, value, last, FAINT))
            labels.append((name, FAINT, last, math.log10(value)))
    template = chart(
        "rollout_learning",
        "One step ahead, while they learn",
        "error on unseen states, in spreads, log scale; pale: on the examples; dotted: always the average state, or no change",
        traces,
        x={"range": [0, last / (1 - ROOM)], "title": {"text": "step of learning"}, "tickvals": ticks(last)},
        y=POWERS | {"range": [low, high], "showgrid": False},
    )
    template["figure"]["layout"] |= {
        "annotations": _beside(labels, low, high),
        "shapes": _grid(_powers(low, high), last),
    }
    header = ["step", *(f"{arm}{more}" for more in ("", ", examples") for arm in ARMS)]
    rows = [
        [str(steps[n]), *(_short(curves[arm][n]) for curves in (unseen, fitted) for arm in ARMS)]
        for n in _some(tuple(range(len(steps))))
    ]
    return template | {"table": {"header": header, "rows": rows}}


# -- the conserved quantity ------------------------------------------------------------------------


def conserved(record: Rollout) -> Figure:
    """The conserved quantity along the roll-outs of the phase plane; dotted at 1: a true motion."""
    at, end, name = list(record.times), record.times[-1], record.spec.shown.kept
    known = [v for arm in ARMS for v in record.energy[arm] if v is not None]
    high = 1.06 * min(max([*known, 1.3]), 3.0)
    traces, labels = [], []
    for arm in DRAWN:
        values = list(record.energy[arm])
        traces.append(line_trace(arm, at, values, _line_style(arm), "time %{x:.4g}: %{y:.3g}"))
        labels.append(_end(arm, ARM_COLOR[arm], at, values, float))
    traces.append(_level("true", 1.0, end, TEXT))
    labels.append(("true", TEXT, end, 1.0))
    template = chart(
        "rollout_kept",
        f"The {name} along these roll-outs",
        "above its lowest value, as a share of its start, which a true motion never changes"
        + ("; what is larger than three leaves the picture" if max(known) > high else ""),
        traces,
        x=_time_axis(end),
        y={"range": [0, high], "tickvals": ticks(high), "showgrid": False},
    )
    template["figure"]["layout"] |= {"annotations": _beside(labels, 0, high), "shapes": _grid(ticks(high), end)}
    rows = [
        [_short(at[n]), *(_short(record.energy[arm][n], none="no value") for arm in ARMS)]
        for n in _some(tuple(range(len(at))))
    ]
    return template | {"table": {"header": ["time", *ARMS], "rows": rows}}


# -- parts -----------------------------------------------------------------------------------------


def _marker(name: str, point: tuple[float, float], marker: dict[str, Any], hover: str) -> dict[str, Any]:
    return line_trace(name, *_columns([point]), {}, hover) | {"mode": "markers", "marker": marker}


def _line_style(arm: str) -> dict[str, Any]:
    return {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5}


def _level(name: str, y: float, end: float, color: str) -> dict[str, Any]:
    return line_trace(name, [0, end], [y, y], {"color": color, "width": 1.2, "dash": "dot"}, "%{y:.2g}")


def _band(arm: str, x: Sequence[float], low: Curve, high: Curve, floor: float, ceiling: float) -> dict[str, Any]:
    """Return the area from the smallest to the largest value as one closed outline within the picture, without the moments at
    which even the smallest has left float range."""
    there = [
        (t, max(a, floor), ceiling if b is None else max(b, floor))
        for t, a, b in zip(x, low, high, strict=True)
        if a is not None
    ]
    times, least, most = ([row[n] for row in there] for n in range(3))
    name, line = f"{arm}, smallest to largest", {"width": 0, "color": ARM_COLOR[arm]}
    return band(times, least, most, faded(ARM_COLOR[arm], 0.15), name=name, line=line)


End = tuple[str, str, float, float]  # a label: text, color, x, height on the axis


def _end(text: str, color: str, x: Sequence[float], y: Sequence[float | None], scale: Any) -> End:
    """Return the label at the end of a curve; a curve without values is named at the top."""
    known = [(a, b) for a, b in zip(x, y, strict=True) if b is not None]
    return (text, color, known[-1][0], scale(known[-1][1])) if known else (text, color, x[-1], math.inf)


def _beside(labels: Sequence[End], low: float, high: float) -> list[dict[str, Any]]:
    """Return labels to the right of the ends of the curves, without overlap and within the picture."""
    gap = GAP * (high - low)
    inside = (low + gap / 2, high - gap / 2)
    heights = apart([min(max(y, inside[0]), inside[1]) for *_, y in labels], gap, inside)
    return [
        label(text, color, x, y, xanchor="left", yanchor="middle", xshift=6)
        for (text, color, x, _), y in zip(labels, heights, strict=True)
    ]


def _grid(heights: Iterable[float], end: float) -> list[dict[str, Any]]:
    """Grid lines that end with the curves, so that none runs through a label."""
    line = {"type": "line", "x0": 0, "x1": end, "layer": "below", "line": {"color": GRID, "width": 1}}
    return [line | {"y0": y, "y1": y} for y in heights]


def _powers(low: float, high: float) -> list[float]:
    return [10.0**n for n in range(math.ceil(low), math.floor(high) + 1)]


def _time_axis(end: float) -> dict[str, Any]:
    return {"range": [0, end / (1 - ROOM)], "title": {"text": "time"}, "tickvals": ticks(end)}


def ticks(end: float) -> list[float]:
    """Return two to six ticks at round numbers from 0 up to `end`; the space for labels beyond it has none."""
    power = 10.0 ** math.floor(math.log10(end))
    each = next(power * m for m in (0.2, 0.5, 1, 2, 5) if end / (power * m) <= 5)
    return [float(f"{each * n:.6g}") for n in range(math.floor(end / each + 1e-9) + 1)]


def _log(value: float | None) -> float | None:
    """Return the value if a log axis can show it, else None for a gap."""
    return value if value is not None and value > 0 else None


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """Return the range of a log axis around values above 0, in powers of ten, within LOWEST and HIGHEST."""
    low = max(min(values, default=1.0), LOWEST)
    high = min(max(values, default=1.0), HIGHEST)
    return math.floor(math.log10(low)), max(math.log10(high) + 0.15, math.floor(math.log10(low)) + 1)


def _some(places: Sequence[int]) -> list[int]:
    """Return about ROWS of the places, the first and last included."""
    every = max(1, -(-(len(places) - 1) // (ROWS - 1)))
    return [*places[:-1:every], places[-1]] if places else []


def _short(value: float | None, none: str = "left float range") -> str:
    return none if value is None else f"{value:.3g}"
