"""The layout that all charts share, and their parts: axes of powers and accuracies, curve of an arm, line, area, level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, GRID, TEXT

# A log axis whose numbers are powers of ten.
POWERS: dict[str, Any] = {"type": "log", "exponentformat": "power", "dtick": 1}


def shares(values: Iterable[float | None]) -> dict[str, Any]:
    """A y axis for the share of points classified correctly: from a little below chance (1/2), or below the smallest value."""
    least = min((v for v in values if v is not None), default=1.0)
    return {"range": [min(0.45, least - 0.05), 1.03], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}


def chart(id: str, title: str, note: str, data: list[Any], *, x: dict[str, Any], y: dict[str, Any]) -> Figure:
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "tickfont": {"color": FAINT}, "fixedrange": False}
    layout = {
        "margin": {"l": 52, "r": 10, "t": 10, "b": 38},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": TEXT, "size": 13},
        "showlegend": False,
        "hovermode": "closest",
        "uirevision": id,
        "xaxis": axis
        | x
        | ({"title": {"standoff": 6, "font": {"color": FAINT, "size": 13}} | x["title"]} if "title" in x else {}),
        "yaxis": axis
        | y
        | ({"title": {"standoff": 4, "font": {"color": FAINT, "size": 13}} | y["title"]} if "title" in y else {}),
    }
    return {"id": id, "title": title, "note": note, "figure": {"data": data, "layout": layout}}


def curve(arm: str, x: Sequence[float], y: Sequence[float | None], hover: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": arm,
        "x": list(x),
        "y": list(y),
        "line": {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5},
        "marker": {"color": ARM_COLOR[arm], "symbol": ARM_SYMBOL[arm], "size": 6},
        "hovertemplate": hover,
        "hoverlabel": {"namelength": -1},
    } | more


def line_trace(
    name: str, x: Sequence[float], y: Sequence[float | None], style: dict[str, Any], hover: str
) -> dict[str, Any]:
    """A line without marks. A single point, which a line would not show, is a mark of the line's colour."""
    single = len(x) == 1 and "color" in style
    return {
        "type": "scatter",
        "mode": "lines" if len(x) > 1 else "markers",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": style,
        **({"marker": {"color": style["color"], "size": 6}} if single else {}),
        "hovertemplate": hover,
        "hoverlabel": {"namelength": -1},
    }


def band(x: Sequence[float], low: Sequence[float], high: Sequence[float], fill: str, **more: Any) -> dict[str, Any]:
    """The area from `low` to `high`, as one closed outline."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*x, *reversed(x)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "fillcolor": fill,
        "line": {"width": 0},
        "hoverinfo": "skip",
    } | more


def level(y: float, color: str, dash: str = "dot", width: float = 1.3) -> dict[str, Any]:
    line = {"color": color, "width": width, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "layer": "below", "line": line}
