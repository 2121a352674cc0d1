"""The chart shown while both networks train, before a question about them can be answered."""

from __future__ import annotations

from resviz.draw.chart import chart
from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, ARM_DASH
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.inside import InsideSpec
from resviz.train.records import Training

HEIGHT = 300  # px


def learning(spec: InsideSpec, training: Training) -> list[Figure]:
    """Return a chart of the training loss of both so far; an empty list before the first step."""
    if not any(steps for steps, _ in training.curve.values()):
        return []
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": arm,
            "x": list(training.curve[arm][0]),
            "y": list(training.curve[arm][1]),
            "line": {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5},
            "hovertemplate": "step %{x}: %{y:.3g}",
        }
        for arm in reversed(ARMS)
    ]
    made = chart(
        "inside_learning",
        "Both networks learn first",
        "training loss of each step’s batch; solid: residual, dashed: plain",
        traces,
        x={"range": [0, spec.steps], "title": {"text": "step"}},
        y={"rangemode": "tozero", "nticks": 6},
    )
    return [made | {"height": HEIGHT}]
