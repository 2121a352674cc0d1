"""Networks run with finer steps than they were trained with: where the points go, accuracy, and how smooth the weights are."""

from __future__ import annotations

from typing import Any

from resviz.draw.chart import chart, shares
from resviz.draw.figure import Figure, MovingArm
from resviz.draw.palette import ARM_COLOR, CLASS_COLOR, TEXT
from resviz.topics.refine.question import DRAWN, FINER, LABEL, NETS, SPLITS, Refine
from resviz.words.say import percent

# Both are residual networks, so only one has that colour; line style and marker show how blocks are split.
COLOR = {"free": TEXT, "smooth": ARM_COLOR["residual"]}
SYMBOL = {"shared": "circle", "interpolated": "diamond-open"}
DASH = {"shared": "solid", "interpolated": "dot"}
WORD = {"shared": "each block repeated", "interpolated": "weights interpolated"}


def figures(record: Refine) -> list[Figure]:
    """Return the animation of the points, the accuracy against the number of steps, and the change of weights in depth."""
    return [moving(record), accuracy(record), changes(record)]


def moving(record: Refine) -> Figure:
    """The animation of both networks with their own step and with finer ones, at the same moments."""
    spec = record.spec
    arms: list[MovingArm] = []
    for name in NETS:
        net = record.nets[name]
        for i, m in enumerate(DRAWN):
            right = net.accuracy["shared"][FINER.index(m)]
            steps = f"{spec.blocks * m} steps"
            arms.append(
                {
                    "name": f"{name}, {steps}" if m == 1 else steps,
                    "formula": "",
                    "color": COLOR["smooth"] if name == "smooth" else "inherit",
                    "said": "left float range" if right is None else percent(right),
                    "jumps": False,
                    "x": net.x[i],
                    "y": net.y[i],
                    "regions": [net.region],
                }
            )
    return {
        "id": "refine",
        "title": "The same weights with more, shorter steps",
        "note": "h, h/2, h/4, each block repeated; %: new points correct; line: between the classes at the end",
        "flow": {
            "arms": arms,
            "box": record.box,
            "labels": record.labels,
            "grid": 0,
            "blocks": spec.blocks,
            "colors": CLASS_COLOR,
            "noun": "time",
            "columns": len(DRAWN),
        },
    }


def accuracy(record: Refine) -> Figure:
    """The accuracy on new points against the number of steps that the same weights are run with."""
    steps = [record.spec.blocks * m for m in FINER]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": f"{LABEL[name]}, {WORD[way]}",
            "x": steps,
            "y": list(record.nets[name].accuracy[way]),
            "line": {"color": COLOR[name], "dash": DASH[way], "width": 2.2},
            "marker": {"symbol": SYMBOL[way], "size": 8, "color": COLOR[name]},
            "hovertemplate": "%{x} steps: %{y:.1%}",
            "hoverlabel": {"namelength": -1},
        }
        for name in NETS
        for way in SPLITS
    ]
    made = chart(
        "refine_accuracy",
        "New points classified correctly",
        "solid: block repeated; dotted: interpolated; blue: smooth",
        traces,
        x={"type": "log", "tickvals": steps, "title": {"text": "steps (log scale)"}},
        y=shares(v for net in record.nets.values() for values in net.accuracy.values() for v in values),
    )
    return made | {"height": 215}


def changes(record: Refine) -> Figure:
    """How much the weights change from one block to the next."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": LABEL[name],
            "x": [k + 1.5 for k in range(len(record.nets[name].change))],
            "y": [v if v > 0 else None for v in record.nets[name].change],
            "line": {"color": COLOR[name], "width": 2.2, "dash": "dash" if name == "free" else "solid"},
            "marker": {"size": 6, "color": COLOR[name], "symbol": "square" if name == "free" else "circle"},
            "hovertemplate": "between blocks %{x}: %{y:.1%} of their size",
        }
        for name in NETS
    ]
    made = chart(
        "refine_change",
        "Change of the weights from block to block",
        "share of their size, log scale; dashed: free, solid: smooth",
        traces,
        x={"range": [0.5, record.spec.blocks + 0.5], "title": {"text": "between blocks"}, "nticks": 8},
        y={"type": "log", "tickformat": "~%", "nticks": 5},
    )
    return made | {"height": 215}
