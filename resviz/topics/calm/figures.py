"""The charts of the backward signal of both networks over the first steps."""

from __future__ import annotations

import math
from typing import Any

from resviz.draw.chart import chart
from resviz.draw.figure import Figure, Table
from resviz.draw.labels import spaced
from resviz.draw.palette import ARM_COLOR, ARM_DASH, TEXT, faded
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import known
from resviz.runs.studies import Results, Study
from resviz.words.say import rounded
from resviz.words.text import Vector

HEIGHT = 260  # pixels


Signal = tuple[tuple[int, Vector], ...]  # (step, signal of each layer)


def figures(study: Study, results: Results) -> list[Figure]:
    """A chart for each arm of its backward signal after 0, 1, 10 and 100 updates; both on one range."""
    found: dict[str, Signal] = {c.arm: results[c.name, 0].signal for c in study.choices if (c.name, 0) in results}
    positive = [v for signal in found.values() for _, vector in signal for v in vector if 0 < v < math.inf]
    low, high = (math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))) if positive else (-1, 1)
    high = max(high, low + 1)
    made = []
    layers = list(range(1, known(study.base).depth))
    for arm in reversed(ARMS):
        signal, data, ends = found.get(arm, ()), [], []
        for number, (step, vector) in enumerate(signal, start=1):
            strength = 0.28 + 0.72 * (number - 1) / max(1, len(signal) - 1)
            updates = f"after {step - 1} update{'s' * (step != 2)}" if step > 1 else "before the first update"
            color = faded(ARM_COLOR[arm], round(strength, 2))
            drawn = [rounded(v) if 0 < v < math.inf else None for v in vector]
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": updates,
                    "x": layers,
                    "y": drawn,
                    "line": {"color": color, "width": 1.6 + 0.4 * number, "dash": ARM_DASH[arm]},
                    "hovertemplate": "layer %{x}: %{y:.3g}",
                    "hoverlabel": {"namelength": -1},
                }
            )
            if drawn[0] is not None:
                ends.append((math.log10(drawn[0]), str(step - 1), color))
        template_ = chart(
            f"calm_{arm}",
            f"{arm.capitalize()}: gradient with respect to each layer’s output",
            "log scale; left: updates made",
            data,
            x={
                "range": [1 - 0.07 * len(layers), max(2, len(layers))],  # room for the lines' names
                "tickvals": [1, *layers[9::10]] if len(layers) > 12 else layers,
                "title": {"text": "layer, from the input on the left"},
            },
            y={"type": "log", "range": [low, high], "exponentformat": "power", "dtick": math.ceil((high - low) / 4)},
        )
        ends.sort()
        apart = (high - low) * 15 / (HEIGHT - 46)
        places = spaced([end for end, *_ in ends], apart, low, high)
        template_["figure"]["layout"] |= {
            "margin": {"l": 52, "r": 10, "t": 8, "b": 38},
            "annotations": [_at_left(y, text) for y, (_, text, _) in zip(places, ends, strict=True)],
        }
        header = ["layer", *(str(trace["name"]) for trace in data)]
        body = [
            [n, *("–" if v is None else f"{v:.3g}" for v in line)]
            for n, *line in zip(layers, *(t["y"] for t in data), strict=False)
        ]
        table: Table = {"header": header, "rows": body}
        made.append(template_ | {"height": HEIGHT, "table": table})
    return made


def _at_left(y: float, text: str) -> dict[str, Any]:
    """The name of a line, left of its start. On a log axis plotly expects log10(y) for annotations."""
    place = {"x": 1, "xref": "x", "xanchor": "right", "y": y, "yref": "y", "yanchor": "middle", "xshift": -3}
    return {"text": text, "showarrow": False, "font": {"color": TEXT, "size": 13}, **place}
