"""Figures whose data are bound to the records of a run, and so grow as it trains.

A template is a plotly figure as plain JSON. The browser fills it as records arrive (ui/assets/records.js, `fillTrace`);
`fill` does the same from a History, for notebooks, tests and still images. Both must give the same numbers.

The `bind` of a trace, if it has one, says where its data come from, as of a step (the cursor):
    {"kind": "series", "arm", "name"}             x: steps, y: a scalar of each step up to the cursor
    {"kind": "profile", "arm", "name", "at",      x: layers from, from + every, ..., y: a layerwise vector, the latest
     "from", "every"}                             measured up to the cursor (at "cursor") or the first (at "first")
    {"kind": "heatmap", "arm", "name"}            x: steps, y: layers, z: log10 of a layerwise quantity up to the cursor
    {"kind": "slope", "arm", "name", "factor",    x: layers, y: a straight line on a log scale, multiplied by `factor`
     "per", "back", "level"}                      every `per` layers in the signal's direction (`back`: towards the input);
                                                  it starts at the first layer in that direction with a positive finite
                                                  value, at the height `level` or, without it, of that value
    {"kind": "edge", "arm", "name", "over",       x: layers whose value is exactly 0 (with `over`: is not finite),
     "says"}                                      y: the edge of the axis, text: `says` at the first of them
The `decades` of a template, if it has one, is the name of a layerwise quantity. Its range over both arms up to the cursor,
in whole powers of ten, becomes the range of the y axis or of the colours; a slope may widen it by one power of ten at each end.
"""

from __future__ import annotations

import copy
import math
from typing import Any

from resviz.draw.figure import Figure
from resviz.train.records import History
from resviz.words.text import Vector


def fill(template: Figure, history: History, step: int | None = None) -> Any:
    """Return the template with its data as a plotly.graph_objects.Figure, as of `step` or the last record."""
    import plotly.graph_objects as go

    seen = history if step is None else history.until(step)
    figure = copy.deepcopy(template["figure"])
    span = span_of(template, seen)
    for trace in figure["data"]:
        bind = trace.pop("bind", None)
        if bind:
            trace.update(fill_trace(bind, seen, span))
        if span and trace["type"] == "scatter":
            trace["y"] = [v if v > 0 else None for v in trace["y"]]  # on a log scale 0 is a gap
        if span and trace["type"] == "heatmap":
            trace.update(zmin=span[0], zmax=span[1])
    if span and figure["layout"]["yaxis"].get("type") == "log":
        figure["layout"]["yaxis"].update(range=list(span), dtick=math.ceil((span[1] - span[0]) / 4))
    return go.Figure(_in_plain_colors(figure))


def span_of(template: Figure, seen: History) -> tuple[int, int] | None:
    """The range of a template's `decades`, as exponents, with room for its slopes; None if it has none, or no values yet."""
    span = decades(seen, template["decades"]) if "decades" in template else None
    binds = [trace["bind"] for trace in template["figure"]["data"] if trace.get("bind", {}).get("kind") == "slope"]
    logs = [math.log10(y) for bind in binds for y in fill_trace(bind, seen)["y"]]
    if not span or not logs:
        return span
    low, high = span
    return max(min(low, math.floor(min(logs))), low - 1), min(max(high, math.ceil(max(logs))), high + 1)


def fill_trace(bind: dict[str, Any], seen: History, span: tuple[int, int] | None = None) -> dict[str, Any]:
    """The data of one trace (x, y, z or text) from the records so far. `span`: the powers of ten that its axis ends at."""
    steps, values = seen.column(bind["arm"], bind["name"])
    match bind["kind"]:
        case "series":
            return {"x": steps, "y": values}
        case "profile":
            vector: Vector = () if not values else values[0] if bind["at"] == "first" else values[-1]
            layers = range(bind["from"], len(vector) + 1, bind["every"])
            return {"x": list(layers), "y": [vector[layer - 1] for layer in layers]}
        case "heatmap":
            depth = len(values[0]) if values else 0
            z = [[_log10(v[layer]) for v in values] for layer in range(depth)]
            return {"x": steps, "y": list(range(1, depth + 1)), "z": z}
        case "slope":
            return _slope(bind, values[-1] if values else ())
        case "edge":
            vector = values[-1] if values else ()
            span = span or decades(seen, bind["name"])
            found = [n for n, v in enumerate(vector, start=1) if (not math.isfinite(v) if bind["over"] else v == 0)]
            if not span:
                return {"x": [], "y": [], "text": []}
            text = [bind["says"], *[""] * (len(found) - 1)][: len(found)]
            return {"x": found, "y": [10.0 ** span[bind["over"]]] * len(found), "text": text}
        case other:
            raise ValueError(f"bind kind {other!r}: allowed is series, profile, heatmap, slope or edge")


def _slope(bind: dict[str, Any], vector: Vector) -> dict[str, Any]:
    layers = list(range(1, len(vector) + 1))
    way = layers[::-1] if bind["back"] else layers
    start = next((n for n in way if 0 < vector[n - 1] < math.inf), None)
    if start is None:
        return {"x": [], "y": []}
    height = math.log10(bind["level"] or vector[start - 1])
    rise = math.log10(bind["factor"]) / bind["per"] * (-1 if bind["back"] else 1)
    logs = [height + rise * (n - start) for n in layers]
    inside = [(n, y) for n, y in zip(layers, logs, strict=True) if abs(y) < 300]
    return {"x": [n for n, _ in inside], "y": [10.0**y for _, y in inside]}


def decades(seen: History, name: str) -> tuple[int, int] | None:
    """The whole powers of ten, as exponents, that enclose all positive values of both arms; None if there are none yet."""
    logs = [_log10(x) for arm in seen.spec.arms for vector in seen.column(arm, name)[1] for x in vector]
    known = [x for x in logs if x is not None]
    if not known:
        return None
    low, high = math.floor(min(known)), math.ceil(max(known))
    return low, max(high, low + 1)


def _log10(value: float) -> float | None:
    return math.log10(value) if 0 < value < math.inf else None


def _in_plain_colors(value: Any) -> Any:
    """Replace the colour roles, which the browser takes from the theme, by their colours on a white page."""
    if isinstance(value, dict):
        return {k: _in_plain_colors(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_in_plain_colors(v) for v in value]
    if isinstance(value, str) and value.startswith("--"):
        return {"--st-text-color": "#1f2933", "--rv-faint": "#667085", "--rv-grid": "#e4e7ec"}[value]
    return value
