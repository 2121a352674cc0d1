"""The figures of shattered gradients: along a line, their autocorrelation, and between independent inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from resviz.draw.chart import band, chart, line_trace
from resviz.draw.figure import Figure
from resviz.draw.labels import apart, label
from resviz.draw.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, GRID, TEXT, faded
from resviz.topics.shattered.question import LADDER, LAGS, NETS, Curve, Shattered, chance
from resviz.words.text import Vector

COLOR = {"shallow": TEXT, **ARM_COLOR}
DASH = {"shallow": "solid", **ARM_DASH}
SHOWN = tuple(lag for lag in LADDER if lag < LAGS)  # about evenly spaced on a log scale
GAP = 0.075  # distance between two labels one above the other, as a share of the axis


def figures(record: Shattered) -> list[Figure]:
    """Return the figures of the gradient along the line, its autocorrelation, and independent inputs, with their data."""
    return [gradients(record), autocorrelations(record), cosines(record)]


# -- along the line --------------------------------------------------------------------------------


def gradients(record: Shattered) -> Figure:
    """Draw three plots on one x axis, the shallow network's on top; each gradient in units of its own standard deviation."""
    layers = {"shallow": 2, "plain": record.spec.depth, "residual": record.spec.depth}
    slot, panel = 1 / 3, 0.24  # heights as shares of the figure: a plot, above it its label, below it a gap
    traces, axes, labels = [], {}, []
    for number, net in enumerate(NETS):
        top = 1 - 0.08 - number * slot
        values = in_spreads(record.gradient[net])
        axis = "y" if number == 0 else f"y{number + 1}"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": net,
                "x": list(record.x),
                "y": values,
                "yaxis": axis,
                "line": {"color": COLOR[net], "width": 1.4},  # solid: dashes would hide how jagged the line is
                "hovertemplate": "x = %{x:.3f}: %{y:.2f} spreads",
            }
        )
        axes[f"yaxis{axis[1:]}"] = {"domain": [max(top - panel, 0), top], "anchor": "x", **_scale(values)}
        text = f"{net}, {layers[net]} layers"
        labels.append(label(text, COLOR[net], 0, top, xref="paper", yref="paper", xanchor="left", yanchor="bottom"))
    template = chart(
        "shattered_line",
        "The gradient with respect to the input, along a line",
        "one draw of the weights; each divided by its own standard deviation",
        traces,
        x={"range": [record.x[0], record.x[-1]], "title": {"text": "input x"}, "dtick": 1, "anchor": "y3"},
        y={},
    )
    layout = template["figure"]["layout"]
    common = layout["yaxis"] | {"zeroline": True, "zerolinecolor": GRID, "showgrid": False}
    layout.update({name: common | axis for name, axis in axes.items()}, annotations=labels)
    layout["xaxis"]["showgrid"] = False
    return template


def in_spreads(values: Vector) -> list[float]:
    """Return the values divided by their standard deviation, not centred: 0 stays 0. Constant values are unchanged."""
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))
    return [v / spread for v in values] if spread else list(values)


def _scale(values: Sequence[float]) -> dict[str, Any]:
    """Return an axis that just contains these values and 0, with two to four ticks."""
    low, high = min(0.0, *values), max(0.0, *values)
    span = high - low or 1.0
    each = next(size for size in (0.25 * 2**n for n in range(1100)) if span / size < 4)
    ticks = [each * n for n in range(math.ceil(low / each), math.floor(high / each) + 1)]
    return {"range": [low - 0.06 * span, high + 0.06 * span], "tickvals": ticks}


# -- autocorrelation -------------------------------------------------------------------------------


def autocorrelations(record: Shattered) -> Figure:
    """Plot autocorrelation against distance, from one step of the line on, with white and brown noise for comparison."""
    distance = [record.step * lag for lag in SHOWN]
    hover = "distance %{x:.3f}: %{y:.2f}"
    traces: list[dict[str, Any]] = []
    for name, values in record.noise.items():
        line = {"color": FAINT, "width": 1.2, "dash": "dot"}
        traces.append(line_trace(f"{name} noise", distance, _shown(values), line, hover))
    for net in NETS:
        curve = record.autocorrelation[net]
        if net in ARM_COLOR:
            traces.append(_band(net, distance, _shown(curve.low), _shown(curve.high)))
        trace = line_trace(net, distance, _shown(curve.mean), _line(net), hover)
        traces.append(trace | (_marks(net) if net in ARM_COLOR else {}))
    bottom = min(-0.2, min(min(t["y"]) for t in traces) - 0.04)
    ends = [("shallow", COLOR["shallow"], record.autocorrelation["shallow"].mean[1])]
    ends += [(net, COLOR[net], record.autocorrelation[net].mean[1]) for net in ("residual", "plain")]
    ends += [(f"{name} noise", FAINT, values[1]) for name, values in record.noise.items()]
    span = 1.06 - bottom
    heights = apart([y for _, _, y in ends], GAP * span, (bottom + GAP * span / 2, 1.06 - GAP * span / 2))
    labels = [
        label(text, color, math.log10(distance[0]), y, xanchor="right", xshift=-8)
        for (text, color, _), y in zip(ends, heights, strict=True)
    ]
    ticks = [t for t in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if t < distance[-1] * 1.2]
    # Leave almost a third of the axis for the labels on the left, which a narrow card needs.
    width = math.log10(distance[-1] / distance[0])
    template = chart(
        "shattered_correlation",
        "How long the gradient along the line is like itself",
        f"autocorrelation; {_draws(record)}",
        traces,
        x={
            "type": "log",
            "range": [math.log10(distance[0]) - 0.43 * width, math.log10(distance[-1]) + 0.02 * width],
            "title": {"text": "distance between two inputs (log scale)"},
            "tickvals": ticks,
            "showgrid": False,
        },
        y={"range": [bottom, 1.06], "tickvals": [0, 0.5, 1], "showgrid": False},
    )
    # Draw separate grid lines, so that none runs through a label.
    ends_at = {
        "type": "line",
        "x0": distance[0],
        "x1": distance[-1],
        "layer": "below",
        "line": {"color": GRID, "width": 1},
    }
    shapes = [ends_at | {"y0": y, "y1": y} for y in (0, 0.5, 1)]
    template["figure"]["layout"].update(annotations=labels, shapes=shapes)
    return template


def _shown(values: Vector) -> list[float]:
    return [values[lag] for lag in SHOWN]


# -- independent inputs ----------------------------------------------------------------------------


def cosines(record: Shattered) -> Figure:
    """Plot the measured cosines with their range over the draws, and, dotted, the theory for infinite width."""
    depths, limit = list(record.depths), chance(record.spec)
    bottom = limit / 10
    hover = "%{x} blocks: %{y:.3g}"
    traces: list[dict[str, Any]] = []
    labels = []
    for arm in ("plain", "residual"):
        curve = record.cosine[arm]
        traces.append(_band(arm, depths, [max(v, bottom) for v in curve.low], [max(v, bottom) for v in curve.high]))
        dotted = {"color": faded(ARM_COLOR[arm], 0.8), "width": 1.2, "dash": "dot"}
        traces.append(line_trace(f"{arm}, theory", depths, record.theory[arm], dotted, hover))
        # Points at the level of chance are left out: there, averages scatter around 0, above it and below.
        trace = line_trace(arm, depths, [v if v > limit else None for v in curve.mean], _line(arm), hover)
        traces.append(trace | _marks(arm))
        labels.append(_at_end(arm, depths, curve, limit))
    template = chart(
        "shattered_cosine",
        "How alike the gradients of two independent inputs are",
        f"cosine, log scale; dotted: theory; {_draws(record)}",
        traces,
        x={
            "range": [0.5 if depths[-1] < 3 else 0, depths[-1] + max(0.4, 0.03 * depths[-1])],
            "title": {"text": "blocks"},
            **({"dtick": 1} if depths[-1] <= 8 else {}),
        },
        y={"type": "log", "range": [math.log10(bottom), math.log10(1.6)], "dtick": 1, "exponentformat": "power"},
    )
    layout = template["figure"]["layout"]
    layout["shapes"] = [
        {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": bottom, "y1": limit, "layer": "below", "line": {"width": 0},
         "fillcolor": GRID, "opacity": 0.5}
    ]  # fmt: skip
    where = {"xref": "paper", "xanchor": "right", "yanchor": "bottom", "xshift": -6, "yshift": 2}
    layout["annotations"] = [
        *labels,
        label("no more than chance", FAINT, 1, math.log10(bottom), **where),
    ]
    return template


def _at_end(arm: str, depths: list[int], curve: Curve, limit: float) -> dict[str, Any]:
    """Return the label with the arm's name at the end of its curve, above it for the residual arm and below it for the plain
    one. Where the end is at the level of chance, the label is right of the last point above that level."""
    known = [n for n, v in enumerate(curve.mean) if v > limit]
    last = known[-1] if known else 0
    at = math.log10(max(curve.mean[last], limit))
    side = 1 if arm == "residual" else -1
    if last == len(depths) - 1 and last > 0:
        return label(arm, ARM_COLOR[arm], depths[last], at, xanchor="right", yanchor="middle", yshift=18 * side)
    return label(
        arm,
        ARM_COLOR[arm],
        depths[last],
        at,
        xanchor="left",
        yanchor="middle",
        xshift=12,
        yshift=8 * (side if last == len(depths) - 1 else 1),
    )


# -- parts -----------------------------------------------------------------------------------------


def _band(arm: str, x: Sequence[float], low: Sequence[float], high: Sequence[float]) -> dict[str, Any]:
    """Return the band from the smallest to the largest values, as one closed outline."""
    name, line = f"{arm}, smallest to largest", {"width": 0, "color": ARM_COLOR[arm]}
    return band(x, low, high, faded(ARM_COLOR[arm], 0.15), name=name, line=line)


def _line(net: str) -> dict[str, Any]:
    return {"color": COLOR[net], "dash": DASH[net], "width": 2.5}


def _marks(arm: str) -> dict[str, Any]:
    return {"mode": "lines+markers", "marker": {"color": ARM_COLOR[arm], "symbol": ARM_SYMBOL[arm], "size": 6}}


def _draws(record: Shattered) -> str:
    seeds = record.spec.seeds
    return "one draw of the weights" if seeds == 1 else f"average of {seeds} draws of the weights, shaded: their range"
