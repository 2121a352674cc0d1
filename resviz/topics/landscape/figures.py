"""The ways of both networks on their maps; the loss on a plane through the weights of both: contours, cuts, surfaces."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from resviz.draw.chart import chart
from resviz.draw.figure import Figure, Own, Table
from resviz.draw.palette import ARM_COLOR, ARM_DASH, FAINT, GRID, SEQUENTIAL, SEQUENTIAL_STOPS, TEXT
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.learning import learning
from resviz.topics.landscape.question import Landscape, Map, Number, Slice, Way, Ways, WaysSpec, is_pit, is_plateau
from resviz.topics.landscape.scale import clipped, ends, heights, scale, ticks
from resviz.words.say import times

LEVELS = 18  # number of contour lines
HEIGHT, CUT, SURFACE = 380, 180, 460  # px
ROWS = 9  # points per side of the table


# -- the ways ----------------------------------------------------------------------------------------

HIGHEST = 10.0  # times the loss of guessing: on the maps of the ways higher losses have one colour
TICKS = 4  # intervals between the numbers along a map, at most 2.5 times as many


@dataclass(frozen=True)
class Shown:
    """What the panel of the ways shows. live: they are being measured just now. takes: how long that takes, in words, before it
    begins."""

    ways: Ways
    live: bool = False
    takes: str = ""

    @property
    def spec(self) -> WaysSpec:
        return self.ways.spec


class MapDrawn(TypedDict):
    """A map. box: its left, right, bottom and top; heights: of each point the place of its loss on the scale of colours, from 0
    to 1, row by row from the bottom."""

    box: Sequence[float]
    columns: int
    heights: Sequence[float]


class WayDrawn(TypedDict):
    """The way of one network: by moment the step, the place on the map, the distance from the initial weights and the loss; while
    it learns, only steps and losses. said: what the map shows, in words; name: what the way leads over or into, or ""."""

    said: str
    name: str
    steps: Sequence[float]
    x: Sequence[float]
    y: Sequence[float]
    far: Sequence[float]
    loss: Sequence[float | None]
    map: NotRequired[MapDrawn]
    near: NotRequired[MapDrawn]


class WaysDrawn(Own):
    """What ways.js draws. colours: stops of the scale, and on it `marks`, places with their losses, and the decade's length;
    along: numbers below the maps; losses: numbers on the axis of the curve. `of`: the run's steps."""

    arms: Mapping[str, WayDrawn]
    of: int
    colours: Sequence[tuple[float, str]]
    decade: float
    marks: Sequence[tuple[float, str]]
    along: Sequence[tuple[float, str]]
    losses: Sequence[tuple[float, str]]
    live: bool


def drawn(shown: Shown) -> list[Figure]:
    """Return both maps with the ways on them, and the loss along the ways; while training, the loss of each step so far."""
    found, spec = shown.ways, shown.spec
    guess = math.log(spec.data.classes)
    losses = (v for way in found.arms.values() for each in _maps(way) for row in each.loss for v in row)
    low, high = ends(losses, HIGHEST * guess)
    low = min(low, math.log10(guess) - 1)  # so that a loss like that of guessing is never dark
    arms = {arm: _way(arm, found, low, high) for arm in ARMS}
    known = [v for way in arms.values() for v in way["loss"] if v]
    bottom, top = (min(known), max(known)) if known else (0.1, 10.0)
    bottom, top = math.floor(math.log10(bottom)), math.ceil(math.log10(top))
    every = max(1, math.ceil((top - bottom) / 2))
    own: WaysDrawn = {
        "by": "ways",
        "arms": arms,
        "of": spec.steps,
        "colours": SEQUENTIAL_STOPS,
        "decade": 1 / (high - low),
        "marks": [((p - low) / (high - low), times(10.0**p)) for p in ticks(low, high)["tickvals"] if found.arms],
        "along": _along(found),
        "losses": [(10.0**p, times(10.0**p)) for p in range(bottom, max(top, bottom + 1) + every, every)],
        "live": shown.live,
    }
    title, note = "The ways of the weights", f"finest map: {max(spec.sizes)} columns"
    made: Figure = {"id": "ways", "title": title, "note": note, "bare": True, "own": own}
    return [made | {"table": _ways_table(found)}]


def _maps(way: Way) -> list[Map]:
    return [way.map, *([way.near] if way.near else [])]


def _way(arm: str, found: Ways, low: float, high: float) -> WayDrawn:
    if arm not in found.arms:
        steps, losses = found.training.curve.get(arm, ((), ()))
        return {
            "said": f"{arm}: not measured yet",
            "name": "",
            "steps": steps,
            "x": (),
            "y": (),
            "far": (),
            "loss": losses,
        }
    way = found.arms[arm]
    first, *_, last = (*way.moments, way.moments[-1])
    ends_at = f"{_words(last.loss)} at the end, {times(last.far)} units away"
    said = f"{arm}: the loss is {_words(first.loss)} at the beginning and {ends_at}"
    made: WayDrawn = {
        "said": said,
        "name": "plateau" if is_plateau(way) else "pit" if is_pit(way) else "",
        "steps": [m.step for m in way.moments],
        "x": [m.x for m in way.moments],
        "y": [m.y for m in way.moments],
        "far": [m.far for m in way.moments],
        "loss": [m.loss for m in way.moments],
        "map": _map(way.map, low, high),
    }
    return made | {"near": _map(way.near, low, high)} if way.near else made


def _words(loss: Number) -> str:
    return "beyond float range" if loss is None else times(loss)


def _map(found: Map, low: float, high: float) -> MapDrawn:
    placed = [round((v - low) / (high - low), 4) for row in heights(found.loss, low, high) for v in row]
    return {"box": found.box, "columns": len(found.loss[0]), "heights": placed}


def _along(found: Ways) -> list[tuple[float, str]]:
    """Return round numbers along the maps, with their texts."""
    if not found.arms:
        return []
    left, right, *_ = next(iter(found.arms.values())).map.box
    power = 10.0 ** math.floor(math.log10((right - left) / TICKS))
    step = next((f * power for f in (5, 2) if f * power * TICKS <= right - left), power)
    return [(k * step, f"{k * step:.4g}") for k in range(max(0, math.ceil(left / step)), math.floor(right / step) + 1)]


def _ways_table(found: Ways) -> Table:
    """The distance and the loss of both at each moment."""
    by_step = {arm: {m.step: m for m in way.moments} for arm, way in found.arms.items()}
    steps = sorted({step for known in by_step.values() for step in known})
    each = [(arm, what) for arm in by_step for what in ("distance", "loss")]

    def cell(arm: str, what: str, step: int) -> str:
        if (moment := by_step[arm].get(step)) is None:
            return "–"
        return f"{moment.far:.3g}" if what == "distance" else "–" if moment.loss is None else f"{moment.loss:.3g}"

    rows = [[str(step), *(cell(arm, what, step) for arm, what in each)] for step in steps]
    return {"header": ["step", *(f"{arm}: {what}" for arm, what in each)], "rows": rows}


# -- the loss around the trained weights ---------------------------------------------------------------


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
            "z": heights(slice_.loss, low, high),
            "zmin": low,
            "zmax": high,
            "colorscale": SEQUENTIAL,
            "contours": {"start": low + size, "end": high, "size": size, "coloring": "heatmap"},
            "line": {"width": 0.7, "color": "rgba(255,255,255,0.35)"},
            "showscale": arm == ARMS[-1],
            "colorbar": {"thickness": 10, "outlinewidth": 0, "tickfont": {"color": FAINT}, **ticks(low, high)},
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
    white = "" if record.spec.directions == "random" else "white: the way there; "
    made = chart(
        f"land_{arm}",
        f"{arm.capitalize()}: loss around the trained weights",
        f"log scale, one for both{_clip(record, high)}; {white}{record.size} × {record.size}",
        data,
        x={"title": {"text": _direction(record, 1)}, "showgrid": False, "range": [xs[0], xs[-1]]},
        y={"title": {"text": _direction(record, 2)}, "showgrid": False, "range": [ys[0], ys[-1]]},
    )
    made["figure"]["layout"] |= {"margin": {"l": 58, "r": 10, "t": 12, "b": 40}}
    made["figure"]["layout"]["xaxis"] |= {"linecolor": color, "linewidth": 3}
    return made | {"height": HEIGHT, "table": _path_table(slice_)}


def _direction(record: Landscape, which: int) -> str:
    if record.spec.directions == "random":
        return f"random direction {which} (1 = as long as the weights)"
    return f"main direction {which} of the way (distance from its end)"


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
        f"Loss along direction {which + 1}",
        f"log scale; solid: residual, dashed: plain{_clip(record, high)}",
        traces,
        x={"range": [places[0], places[-1]], "nticks": 5},
        y={"type": "log", "range": [low - room, high + room], "title": {"text": "loss"}, **_log_ticks(low, high)},
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
    found = ticks(low, high)
    return {"tickvals": [10.0**p for p in found["tickvals"]], "ticktext": found["ticktext"]}


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
            "z": heights(record.arms[arm].loss, low, high),
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
        "tickfont": {"color": FAINT, "size": 13},
        "showspikes": False,
        "title": {"text": ""},
        "backgroundcolor": "rgba(0,0,0,0)",
        "zerolinecolor": GRID,
    }
    return {
        "domain": {"x": [0.5 * number + 0.01, 0.5 * number + 0.49], "y": [0, 1]},
        "xaxis": axis,
        "yaxis": axis,
        "zaxis": axis | {"range": [low, high], **ticks(low, high)},
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
