"""The figures of this view: the animation of points that flow through blocks, and the curves beside it."""

from __future__ import annotations

from typing import Any

from resviz.draw.chart import chart
from resviz.draw.figure import Figure, MovingArm
from resviz.draw.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, CLASS_COLOR
from resviz.topics.flow.question import ARROWS, Flow
from resviz.topics.flow.words import halving
from resviz.train.plane import ARMS
from resviz.words.say import percent

FORMULA = {"residual": "x + {branch}", "plain": "{branch}"}
HALVED = "x + {branch}, twice"


def figures(record: Flow) -> list[Figure]:
    """Return the animation, the training loss and the mean displacement of each block."""
    return [moving(record), loss(record), trajectories(record)]


def moving(record: Flow) -> Figure:
    """The animation that ui/assets/flow.js draws: both arms on the same square."""
    spec = record.spec
    arms: list[MovingArm] = [
        {
            "name": name,
            "formula": FORMULA[name].format(branch=_branch(spec.h)),
            "color": ARM_COLOR[name],
            "said": _correct(arm.test_accuracy),
            "jumps": name == "plain",
            "x": arm.x,
            "y": arm.y,
            "arrows": arm.arrows,
            "regions": arm.regions,
        }
        for name, arm in ((name, record.arms[name]) for name in ARMS)
    ]
    if half := record.arms["residual"].halved:
        arms[0]["halved"] = {
            "formula": HALVED.format(branch=_branch(spec.h, half=True)),
            "said": "left float range" if half.accuracy is None else _correct(half.accuracy),
            "x": half.x,
            "y": half.y,
            "regions": half.regions,
        }
    rows = [[f"{k}", *(f"{record.arms[arm].step[k - 1]:.3g}" for arm in ARMS)] for k in range(1, len(arms[0]["x"]))]
    return {
        "id": "flow",
        "title": "New points go through the blocks",
        "note": "arrows: the next block; shading: the class in the end",
        "flow": {
            "arms": arms,
            "box": record.box,
            "labels": record.labels,
            "grid": ARROWS,
            "blocks": spec.blocks,
            "colors": CLASS_COLOR,
            "noun": "block",
            "step": {"h": spec.h, "said": halving(record)},
        },
        "table": {"header": ["block", *(f"mean step, {arm}" for arm in ARMS)], "rows": rows},
    }


def _branch(h: float, half: bool = False) -> str:
    """Return what a step adds: F(x), or where h is not 1, a factor times the field f."""
    if h == 1:
        return "½ F(x)" if half else "F(x)"
    return f"{h / 2 if half else h:.3g} f(x)"


def _correct(accuracy: float) -> str:
    return f"{percent(accuracy)} correct"


def loss(record: Flow) -> Figure:
    """The training loss of both arms."""
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": arm,
            "x": list(record.curve_steps),
            "y": list(record.curve[arm]),
            "line": {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5},
            "hovertemplate": "step %{x}: %{y:.3g}",
        }
        for arm in reversed(ARMS)
    ]
    made = chart(
        "flow_loss",
        "Training loss",
        "of all 512 points",
        traces,
        x={"range": [0, record.spec.steps], "title": {"text": "step"}, "nticks": 5},
        y={"rangemode": "tozero", "nticks": 5},
    )
    return made | {"height": 190}


def trajectories(record: Flow) -> Figure:
    """The mean length of each block's displacement."""
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": arm,
            "x": list(range(1, record.spec.blocks + 1)),
            "y": list(record.arms[arm].step),
            "line": {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5},
            "marker": {"symbol": ARM_SYMBOL[arm], "size": 6, "color": ARM_COLOR[arm]},
            "hovertemplate": "block %{x}: %{y:.3g}",
        }
        for arm in reversed(ARMS)
    ]
    made = chart(
        "flow_ways",
        "How far each block moves a point",
        "mean over new points",
        traces,
        x={"title": {"text": "block"}, "nticks": 8, "range": [0.5, record.spec.blocks + 0.5]},
        y={"rangemode": "tozero", "nticks": 5},
    )
    return made | {"height": 190}
