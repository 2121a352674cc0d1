"""The loss on a plane through the weights of both networks: contours with the training path, cuts, surfaces."""

from __future__ import annotations

import math
from typing import Any

from resviz.draw.chart import chart
from resviz.draw.figure import Figure, Table
from resviz.draw.palette import ARM_COLOR, ARM_DASH, FAINT, GRID, SEQUENTIAL, TEXT
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.learning import learning
from resviz.topics.landscape.question import Landscape, Slice, outside, values
from resviz.words.say import times

LEVELS = 18  # number of contour lines
MOST = 1e4  # times the loss of guessing: higher losses are drawn at that height
HEIGHT, CUT, SURFACE = 380, 180, 460  # px
ROWS = 9  # points per side of the table


def figures(record: Landscape) -> list[Figure]:
    """Return contours of both arms, cuts along both directions and both surfaces, on one scale; while training, loss curves."""
    if not record.arms:
        return learning(record.spec, record.training)
    low, high = scale(record)
    return [
        *(contour(record, arm, low, high) for arm in ARMS),
        *(cut(record, which, low, high) for which in (0, 1)),
        surfaces(record, low, high),
    ]


def scale(record: Landscape) -> tuple[float, float]:
    """Return both ends of the loss scale shared by the arms, as log10. A loss of 0 counts as the smallest positive one."""
    found = [v for arm in ARMS for v in values(record.arms[arm]) if v > 0] or [1.0]
    top = MOST * math.log(record.spec.data.classes)
    high = math.log10(top if any(outside(record.arms[arm]) for arm in ARMS) else min(max(found), top))
    low = math.log10(min(found))
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def clipped(record: Landscape, high: float) -> bool:
    """Return whether any loss lies above the scale."""
    edge = 10**high * (1 + 1e-9)
    return any(v is None or v > edge for arm in ARMS for row in record.arms[arm].loss for v in row)


def _heights(slice_: Slice, low: float, high: float) -> list[list[float]]:
    """Return the losses as log10, clipped to the scale; a loss that is not finite is at its top."""
    return [
        [round(high if v is None else low if v <= 0 else min(max(math.log10(v), low), high), 4) for v in row]
        for row in slice_.loss
    ]


def _ticks(low: float, high: float) -> dict[str, Any]:
    powers = list(range(math.ceil(low), math.floor(high) + 1))
    every = max(1, len(powers) // 6)
    shown = powers[::every] if len(powers) > 1 else [low, high]
    return {"tickvals": shown, "ticktext": [times(10.0**p) for p in shown]}


# -- contours --------------------------------------------------------------------------------------


def contour(record: Landscape, arm: str, low: float, high: float) -> Figure:
    """Draw the contours of the loss, with the projected trajectory of the weights."""
    slice_, size = record.arms[arm], (high - low) / LEVELS
    color = ARM_COLOR[arm]
    xs, ys = ([round(v, 5) for v in record.axis(k)] for k in (0, 1))
    way = [p for p in slice_.path if xs[0] <= p.x <= xs[-1] and ys[0] <= p.y <= ys[-1]]
    data: list[dict[str, Any]] = [
        {
            "type": "contour",
            "x": xs,
            "y": ys,
            "z": _heights(slice_, low, high),
            "zmin": low,
            "zmax": high,
            "colorscale": SEQUENTIAL,
            "contours": {"start": low + size, "end": high, "size": size, "coloring": "heatmap"},
            "line": {"width": 0.7, "color": "rgba(255,255,255,0.35)"},
            "showscale": arm == ARMS[-1],
            "colorbar": {"thickness": 10, "outlinewidth": 0, "tickfont": {"color": FAINT}, **_ticks(low, high)},
            "hovertemplate": "x %{x:.3g}, y %{y:.3g}: loss 10^%{z:.2f}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": [p.x for p in way],
            "y": [p.y for p in way],
            "customdata": [[p.step, "beyond float range" if p.loss is None else times(p.loss)] for p in way],
            "line": {"color": "white", "width": 1.6},
            "marker": {"color": "white", "size": 3.5},
            "hovertemplate": "after step %{customdata[0]}: loss %{customdata[1]}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [slice_.path[-1].x],
            "y": [slice_.path[-1].y],
            "marker": {"symbol": "x-thin", "size": 11, "line": {"color": "white", "width": 3}},
            "hovertemplate": "the trained weights<extra></extra>",
        },
    ]
    random = record.spec.directions == "random"
    white = "" if random else "white: the way there; "
    unit = "lengths of the filters" if random else "length of the way, in weights"
    made = chart(
        f"land_{arm}",
        f"{arm.capitalize()}: loss around the trained weights",
        f"log scale, one for both{_clip(record, high)}; {white}{record.size} × {record.size}",
        data,
        x={"title": {"text": f"along direction 1 ({unit})"}, "showgrid": False, "range": [xs[0], xs[-1]]},
        y={"showgrid": False, "range": [ys[0], ys[-1]]},
    )
    made["figure"]["layout"] |= {"margin": {"l": 44, "r": 6, "t": 6, "b": 38}}
    made["figure"]["layout"]["xaxis"] |= {"linecolor": color, "linewidth": 3}
    return made | {"height": HEIGHT, "table": _path_table(slice_)}


def _clip(record: Landscape, high: float) -> str:
    return f", cut off at {times(10.0**high)}" if clipped(record, high) else ""


def _path_table(slice_: Slice) -> Table:
    rows = [
        [str(p.step), f"{p.x:.3g}", f"{p.y:.3g}", "beyond float range" if p.loss is None else f"{p.loss:.3g}"]
        for p in slice_.path
    ]
    return {"header": ["step", "x", "y", "real loss there"], "rows": rows}


# -- cuts ------------------------------------------------------------------------------------------


def cut(record: Landscape, which: int, low: float, high: float) -> Figure:
    """Draw the loss along x (0) or y (1), through the grid line nearest to the trained weights."""
    places = [round(v, 5) for v in record.axis(which)]
    traces = []
    for arm in reversed(ARMS):
        slice_ = record.arms[arm]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": arm,
                "x": places,
                "y": [_inside(v, low, high) for v in _line(record, slice_, which)],
                "line": {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5},
                "hovertemplate": "%{x:.3g}: %{y:.3g}",
            }
        )
    room = 0.04 * (high - low)
    return chart(
        f"land_cut{which + 1}",
        f"A cut along direction {which + 1}",
        f"solid: residual, dashed: plain{_clip(record, high)}",
        traces,
        x={"range": [places[0], places[-1]], "nticks": 5},
        y={"type": "log", "range": [low - room, high + room], **_log_ticks(low, high)},
    ) | {"height": CUT}


def _inside(loss: float | None, low: float, high: float) -> float:
    """Return the loss clipped to the scale; beyond the range of float32 it is at the top, as in the other figures."""
    return 10.0**high if loss is None else min(max(loss, 10.0**low), 10.0**high)


def _line(record: Landscape, slice_: Slice, which: int) -> list[float | None]:
    end = (slice_.path[-1].x, slice_.path[-1].y)[1 - which]
    other = record.axis(1 - which)
    near = min(range(len(other)), key=lambda k: abs(other[k] - end))
    return list(slice_.loss[near]) if which == 0 else [row[near] for row in slice_.loss]


def _log_ticks(low: float, high: float) -> dict[str, Any]:
    ticks = _ticks(low, high)
    return {"tickvals": [10.0**p for p in ticks["tickvals"]], "ticktext": ticks["ticktext"]}


# -- surfaces --------------------------------------------------------------------------------------


def surfaces(record: Landscape, low: float, high: float) -> Figure:
    """Draw both planes as 3D surfaces, side by side, on one scale."""
    scenes = {arm: f"scene{number + 1 if number else ''}" for number, arm in enumerate(ARMS)}
    data: list[dict[str, Any]] = [
        {
            "type": "surface",
            "scene": scene,
            "x": [round(v, 5) for v in record.axis(0)],
            "y": [round(v, 5) for v in record.axis(1)],
            "z": _heights(record.arms[arm], low, high),
            "cmin": low,
            "cmax": high,
            "colorscale": SEQUENTIAL,
            "showscale": False,
            "hovertemplate": "x %{x:.3g}, y %{y:.3g}: loss 10^%{z:.2f}<extra>" + arm + "</extra>",
        }
        for arm, scene in scenes.items()
    ]
    layout: dict[str, Any] = {scene: _scene(number, low, high) for number, scene in enumerate(scenes.values())}
    layout |= {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 13},
        "uirevision": "land_surfaces",
        "annotations": [_scene_name(number, arm) for number, arm in enumerate(ARMS)],
    }
    return {
        "id": "land_surfaces",
        "title": "The same as surfaces",
        "note": f"log scale, one for both{_clip(record, high)}; drag to turn",
        "figure": {"data": data, "layout": layout},
        "height": SURFACE,
        "table": _grid_table(record),
    }


def _scene(number: int, low: float, high: float) -> dict[str, Any]:
    """Return the layout of the 3D scene in the left (0) or right (1) half of the figure."""
    axis: dict[str, Any] = {
        "gridcolor": GRID,
        "tickfont": {"color": FAINT, "size": 11},
        "showspikes": False,
        "title": {"text": ""},
        "backgroundcolor": "rgba(0,0,0,0)",
        "zerolinecolor": GRID,
    }
    return {
        "domain": {"x": [0.5 * number + 0.01, 0.5 * number + 0.49], "y": [0, 1]},
        "xaxis": axis,
        "yaxis": axis,
        "zaxis": axis | {"range": [low, high], **_ticks(low, high)},
        "aspectmode": "manual",
        "aspectratio": {"x": 1, "y": 1, "z": 0.75},
        "camera": {"eye": {"x": 1.25, "y": -1.25, "z": 0.9}},
    }


def _scene_name(number: int, arm: str) -> dict[str, Any]:
    place = {"x": 0.5 * number + 0.25, "y": 1, "xref": "paper", "yref": "paper", "yanchor": "top"}
    return {"text": arm, **place, "showarrow": False, "font": {"color": ARM_COLOR[arm], "size": 15}}


def _grid_table(record: Landscape) -> Table:
    every = (record.size - 1) // (ROWS - 1)
    xs, ys = record.axis(0)[::every], record.axis(1)[::every]
    rows = [
        [f"{arm}, y = {y:.3g}", *("–" if v is None else f"{v:.3g}" for v in row[::every])]
        for arm in ARMS
        for y, row in zip(ys, record.arms[arm].loss[::every], strict=True)
    ]
    return {"header": ["loss at", *(f"x = {x:.3g}" for x in xs)], "rows": rows}
