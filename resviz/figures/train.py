"""The figures of the Train page, as templates over a run's records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from resviz.figures.figure import Figure
from resviz.figures.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, GRID, SEQUENTIAL, TEXT, faded
from resviz.records import ARMS
from resviz.spec import Spec

ALIGNED = {"l": 68, "r": 12, "t": 6, "b": 20}  # sides as the drawing's, LEFT and RIGHT in ui/assets/drawing.js


def templates(spec: Spec) -> list[Figure]:
    """All figures of the page, the hero first; the first two stand under the drawing, on its axis."""
    return [
        profile(
            "grad_norm",
            "Gradient norm of each layer's weights",
            spec,
            log=True,
            note="log scale; pale: at the first step",
            aligned=True,
        ),
        # Inside a block the branch starts small again; what piles up, or does not, is what leaves each block.
        profile(
            "activation_std",
            "Spread of the activations after each block",
            spec,
            log=True,
            note="standard deviation, log scale; over the layers, input on the left",
            start=spec.stem_convs,
            every=spec.convs_per_block,
            aligned=True,
        ),
        series("loss", "Training loss", spec, "loss of each step's batch", floor=0.0),
        series(
            "test_accuracy",
            f"{spec.data.noun.capitalize()} read correctly (unseen)",
            spec,
            "test images",
            percent=True,
        ),
        *[heatmap("grad_norm", arm, f"Gradient norm over time, {arm}", spec) for arm in ARMS],
        profile(
            "dead_fraction",
            "Dead channels of each layer",
            spec,
            log=False,
            note="share of channels that are 0 for a whole batch",
        ),
    ]


def series(
    name: str, title: str, spec: Spec, note: str, *, percent: bool = False, floor: float | None = None
) -> Figure:
    """A scalar of both arms over all steps."""
    y: dict[str, Any] = {"rangemode": "tozero"} if floor is not None else {}
    if percent:
        y = {"range": [0, 1.02], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": arm,
            "line": _line(arm),
            "bind": {"kind": "series", "arm": arm, "name": name},
            "hovertemplate": "step %{x}: " + ("%{y:.1%}" if percent else "%{y:.3g}"),
            # Few points, and at first only one: marks show each, and tell the arms apart once more.
            **({"mode": "lines+markers", "marker": {"symbol": ARM_SYMBOL[arm], "size": 6}} if percent else {}),
        }
        for arm in reversed(ARMS)
    ]
    return chart(name, title, note, traces, x={"range": [0, spec.steps], "title": {"text": "step"}}, y=y)


def profile(
    name: str,
    title: str,
    spec: Spec,
    *,
    log: bool,
    note: str,
    start: int = 1,
    every: int = 1,
    arms: tuple[str, ...] = ARMS,
    pale: bool = True,
    aligned: bool = False,
    axis_title: bool = False,
) -> Figure:
    """A layerwise quantity from layer `start` on every so many, input left; pale where it began.

    An `aligned` one has the x axis of the drawing above it, to the pixel, and zooms with it.
    """
    layers = spec.depth if name == "grad_norm" else spec.depth - 1
    traces = []
    for at in ("first", "cursor") if pale else ("cursor",):
        for arm in reversed(arms):
            line = _line(arm) | ({"color": faded(ARM_COLOR[arm], 0.45), "width": 1.5} if at == "first" else {})
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines" if layers > 1 else "markers",
                    "name": f"{arm}, first step" if at == "first" else arm,
                    "line": line,
                    "bind": {"kind": "profile", "arm": arm, "name": name, "at": at, "from": start, "every": every},
                    "hovertemplate": "layer %{x}: %{y:.3g}",
                }
            )
    y: dict[str, Any] = (
        {"type": "log", "exponentformat": "power"}
        if log
        else {"range": [-0.02, 1.02], "tickformat": ".0%", "tickvals": [0, 0.5, 1]}
    )
    x: dict[str, Any] = {"range": [0.5, (spec.depth if aligned else layers) + 0.5]}
    if axis_title or not aligned:
        x["title"] = {"text": "layer, from the input on the left to the last"}
    x |= {"dtick": 1} if layers <= 12 else {}  # there is no layer 1.5
    template = chart(name, title, note, traces, x=x, y=y)
    if log:
        template["decades"] = name
    if aligned:
        template["aligned"] = True
        template["figure"]["layout"]["margin"] = {**ALIGNED, "b": 38 if axis_title else 20}
    return template


def heatmap(name: str, arm: str, title: str, spec: Spec) -> Figure:
    """A layerwise quantity of one arm over all steps; both arms share one scale of colours."""
    trace = {
        "type": "heatmap",
        "colorscale": SEQUENTIAL,
        "bind": {"kind": "heatmap", "arm": arm, "name": name},
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "tickprefix": "10<sup>",
            "ticksuffix": "</sup>",
            "dtick": 1,
            "tickfont": {"color": FAINT},
        },
        "hovertemplate": "step %{x}, layer %{y}: 10<sup>%{z:.1f}</sup><extra></extra>",
    }
    return chart(
        f"{name}_{arm}",
        title,
        "log scale, the same for both; layer 1 is at the input",
        [trace],
        x={"range": [0.5, spec.steps + 0.5], "title": {"text": "step"}},
        y={"range": [0.5, spec.depth + 0.5], "title": {"text": "layer"}},
    ) | {"decades": name}


def _line(arm: str) -> dict[str, Any]:
    return {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5}


def shares(values: Iterable[float | None]) -> dict[str, Any]:
    """An axis for shares of points told right: from a little under 1/2, which is chance, or under the least that there is."""
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
        | ({"title": {"standoff": 6, "font": {"color": FAINT, "size": 12}} | x["title"]} if "title" in x else {}),
        "yaxis": axis
        | y
        | ({"title": {"standoff": 4, "font": {"color": FAINT, "size": 12}} | y["title"]} if "title" in y else {}),
    }
    return {"id": id, "title": title, "note": note, "figure": {"data": data, "layout": layout}}
