"""The figures of the Signal page: the forward signal, the backward signal, and the gradients of the weights."""

from __future__ import annotations

from typing import Any

from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, ARM_SYMBOL, faded
from resviz.draw.profile import profile
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.topics.signal.theory import BACK, FORTH, Slope, slopes

CHARTS = (
    (BACK, "Going back: gradient with respect to each layer’s output", "norm, log scale"),
    (FORTH, "Going forward: spread of each layer’s output", "standard deviation, log scale"),
    ("grad_norm", "What the weights get: gradient with respect to each layer’s weights", "norm, log scale"),
)


def templates(spec: Spec) -> list[Figure]:
    """Three profiles that share the axis of the drawing above them, the backward signal first."""
    return [_chart(spec, *chart) for chart in CHARTS]


def _chart(spec: Spec, name: str, title: str, note: str) -> Figure:
    lines = [line for line in slopes(spec) if line.name == name]
    if lines:
        note += "; dotted: " + ", ".join(f"{line.arm} {line.says}" for line in lines)
    last = name == CHARTS[-1][0]
    # Inside a block a layer gives only an intermediate result of the branch: the line joins the block outputs, and all layers
    # are drawn as dots.
    ends = not last and spec.blocks > 0
    start, every = (spec.stem_convs, spec.convs_per_block) if ends else (1, 1)
    made = profile(
        name, title, spec, log=True, note=note, pale=False, aligned=True, axis_title=last, start=start, every=every
    )
    traces = made["figure"]["data"]
    if ends:
        traces += [_inside(arm, name) for arm in reversed(ARMS)]
    traces += [_slope(line) for line in lines]
    traces += [_edge(arm, name, over) for arm in ARMS for over in (0, 1)]
    return made | {"id": f"signal_{name}"}


def _inside(arm: str, name: str) -> dict[str, Any]:
    """Every layer as a small dot."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{arm}, every layer",
        "marker": {"color": faded(ARM_COLOR[arm], 0.55), "symbol": ARM_SYMBOL[arm], "size": 4},
        "bind": {"kind": "profile", "arm": arm, "name": name, "at": "cursor", "from": 1, "every": 1},
        "hovertemplate": "layer %{x}: %{y:.3g}",
    }


def _slope(line: Slope) -> dict[str, Any]:
    """The slope that theory expects, as a dotted line, by default through the first measured value in the signal's direction."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"{line.arm}, {line.says}",
        "line": {"color": faded(ARM_COLOR[line.arm], 0.8), "width": 1.5, "dash": "dot"},
        "bind": {
            "kind": "slope",
            "arm": line.arm,
            "name": line.name,
            "factor": line.factor,
            "per": line.per,
            "back": line.name == BACK,
            "level": line.level,
        },
        "hoverinfo": "name",
        "hoverlabel": {"namelength": -1},
    }


def _edge(arm: str, name: str, over: int) -> dict[str, Any]:
    """Marks at the edge of the chart, for layers whose value cannot be drawn on a log scale."""
    says = "past float32" if over else "exactly 0"
    return {
        "type": "scatter",
        "mode": "markers+text",
        "textposition": "bottom right" if over else "top right",
        "textfont": {"color": ARM_COLOR[arm], "size": 13},
        "name": f"{arm}, {says}",
        "marker": {"color": ARM_COLOR[arm], "symbol": f"{ARM_SYMBOL[arm]}-open", "size": 6 if arm == "plain" else 8},
        "cliponaxis": False,
        "bind": {"kind": "edge", "arm": arm, "name": name, "over": over, "says": says},
        "hovertemplate": f"layer %{{x}}: {says}<extra>{arm}</extra>",
    }
