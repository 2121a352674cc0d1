"""The figures of three models on a task that a flow cannot solve: trajectories, training loss and results."""

from __future__ import annotations

from typing import Any

from resviz.draw.chart import POWERS, chart
from resviz.draw.figure import Figure, MovingArm
from resviz.draw.palette import ARM_COLOR, CLASS_COLOR, FAINT
from resviz.topics.crossing.question import LABEL, MODELS, Crossing, solved
from resviz.words.say import written

COLOR = {"residual": ARM_COLOR["residual"], "flow": "#009E73", "augmented": "#E69F00"}
DASH = {"residual": "solid", "flow": "dot", "augmented": "dashdot"}
FORMULA = {"residual": "x + F(x)", "flow": "x' = f(x, t)", "augmented": "x' = f(x, a, t)"}


def figures(record: Crossing) -> list[Figure]:
    """Return the trajectories of the points, the training loss, and the models in numbers."""
    ways = [line(record, name) for name in MODELS] if record.spec.task == "crossing" else [plane(record)]
    return [*ways, loss(record), compared(record)]


def line(record: Crossing, name: str) -> Figure:
    """One model on the line: position against time or depth, one curve for each point."""
    way = record.models[name]
    moments = [k / (len(way.x) - 1) for k in range(len(way.x))]
    traces: list[dict[str, Any]] = []
    for kind in (0, 1):
        x: list[float | None] = []
        y: list[float | None] = []
        for p, label in enumerate(record.labels):
            if label == kind:
                x += [*moments, None]
                y += [*(states[p] for states in way.x), None]
        start = "from around 1" if not kind else "from around −1"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if name == "residual" else "lines",
                "name": start,
                "x": x,
                "y": y,
                "line": {"color": CLASS_COLOR[kind], "width": 1.3, "dash": "solid" if kind else "dot"},
                "marker": {"size": 3.5, "color": CLASS_COLOR[kind]},
                "hoverinfo": "skip",
            }
        )
    states = "solves it" if solved(record, name) else "does not solve it"
    made = chart(
        f"cross_{name}",
        f"{LABEL[name][:1].upper()}{LABEL[name][1:]}: {FORMULA[name]}",
        f"{states}; mean squared error {written(way.error)}",
        traces,
        x={"range": [-0.03, 1.03], "title": {"text": "depth" if name == "residual" else "time"}, "nticks": 4},
        y={"range": list(record.box[:2]), "nticks": 5},
    )
    header = ["start", "end", "wanted"]
    rows = [[f"{a:.3g}", f"{b:.3g}", f"{-a:.3g}"] for a, b in zip(way.x[0], way.x[-1], strict=True)]
    return made | {"height": 330, "table": {"header": header, "rows": rows}}


def plane(record: Crossing) -> Figure:
    """The animation of all three models at the same moments; extra dimensions are not drawn."""
    arms: list[MovingArm] = [
        {
            "name": LABEL[name],
            "formula": FORMULA[name],
            "color": COLOR[name],
            "said": "all correct" if way.error == 0 else f"{written(100 * way.error)}% wrong",
            "jumps": False,
            "x": way.x,
            "y": way.y,
            "regions": [] if name == "augmented" else way.regions[-1:],
        }
        for name, way in ((name, record.models[name]) for name in MODELS)
    ]
    return {
        "id": "cross_plane",
        "title": "New points on their way",
        "note": "shading: where the straight line at the end lies; with an extra dimension it is a plane, seen from above",
        "flow": {
            "arms": arms,
            "box": record.box,
            "labels": record.labels,
            "grid": 0,
            "blocks": 1 if record.spec.blocks == 1 else record.spec.blocks,
            "colors": CLASS_COLOR,
            "noun": "time",
        },
    }


def loss(record: Crossing) -> Figure:
    """The training loss; on the line also the least loss of any map that keeps the order of the points."""
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": LABEL[name],
            "x": list(record.at),
            "y": [v if v and v > 0 else None for v in record.models[name].curve],
            "line": {"color": COLOR[name], "dash": DASH[name], "width": 2.3},
            "hovertemplate": "step %{x}: %{y:.3g}",
            "hoverlabel": {"namelength": -1},
        }
        for name in MODELS
    ]
    note = "log scale; solid: residual, dotted: flow, dash-dotted: extra dimension"
    shapes = []
    if record.learning_floor:
        note += "; thin line: the least for a map that keeps the order"
        line = {"color": FAINT, "width": 1.2}
        shapes = [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": record.learning_floor,
                "y1": record.learning_floor,
                "line": line,
            }
        ]
    made = chart(
        "cross_loss",
        "Training loss",
        note,
        traces,
        x={"range": [0, record.spec.steps], "title": {"text": "step"}, "nticks": 6},
        y=POWERS,
    )
    made["figure"]["layout"]["shapes"] = shapes
    return made | {"height": 250}


def compared(record: Crossing) -> Figure:
    """The three models in numbers."""
    line = record.spec.task == "crossing"
    rows = []
    for name in MODELS:
        way = record.models[name]
        error = written(way.error) if line else f"{written(100 * way.error)}%"
        turned = [f"{way.turned} of {way.pairs}"] if line else []
        rows.append([LABEL[name], f"{way.parameters:,}", error, *turned, "yes" if solved(record, name) else "no"])
    wrong = ["mean squared error", "neighbours that changed places"] if line else ["misclassified"]
    return {
        "id": "cross_compared",
        "title": "On new points",
        "note": "measured",
        "rows": {"header": ["", "parameters", *wrong, "solved"], "rows": rows},
    }
