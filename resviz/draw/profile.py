"""The figure of a layerwise quantity over the layers."""

from __future__ import annotations

from typing import Any

from resviz.draw.chart import chart
from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, ARM_DASH, faded
from resviz.train.spec import TrainingSpec

ALIGNED = {"l": 68, "r": 12, "t": 6, "b": 20}  # the drawing's LEFT and RIGHT in ui/assets/axis.js


def profile(
    name: str,
    title: str,
    spec: TrainingSpec,
    *,
    log: bool,
    note: str,
    start: int = 1,
    every: int = 1,
    arms: tuple[str, ...] = (),
    pale: bool = True,
    aligned: bool = False,
    axis_title: bool = False,
) -> Figure:
    """A figure of a layerwise quantity at layers start, start + every, ..., input on the left, of `arms` or else both arms. If
    `pale`, the first step is also drawn, in pale colours.

    An `aligned` figure has exactly the x axis of the drawing above it, to the pixel, and zooms with it.
    """
    layers = spec.layers if name == "grad_norm" else spec.layers - 1
    traces = []
    for at in ("first", "cursor") if pale else ("cursor",):
        for arm in reversed(arms or spec.arms):
            line = line_of(arm) | ({"color": faded(ARM_COLOR[arm], 0.45), "width": 1.5} if at == "first" else {})
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
    x: dict[str, Any] = {"range": [0.5, (spec.layers if aligned else layers) + 0.5]}
    if axis_title or not aligned:
        x["title"] = {"text": "layer, from the input on the left to the last"}
    x |= {"dtick": 1} if layers <= 12 else {}  # whole layers only, no tick at 1.5
    template = chart(name, title, note, traces, x=x, y=y)
    if log:
        template["decades"] = name
    if aligned:
        template["aligned"] = True
        template["figure"]["layout"]["margin"] = {**ALIGNED, "b": 38 if axis_title else 20}
    return template


def line_of(arm: str) -> dict[str, Any]:
    return {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5}
