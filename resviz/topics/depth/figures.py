"""The figures of the Depth page: error against depth as in He 2015 (Fig. 1 and 6), last gradients, published errors."""

from __future__ import annotations

import math
from statistics import fmean
from typing import Any

from resviz.draw.chart import band, chart, level
from resviz.draw.figure import Figure, Table
from resviz.draw.labels import apart, label
from resviz.draw.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, faded
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import known
from resviz.runs.studies import Outcome, Results, Study
from resviz.topics.depth.claims import DEPTH_ERRORS
from resviz.topics.depth.words import errors, stopped
from resviz.words.say import percent

HEIGHT, LOW = 360, 300  # px
Errors = dict[int, list[tuple[int, float]]]  # by depth: (seed, share read wrong)


def figures(study: Study, results: Results) -> list[Figure]:
    """Training error, test error, the gradients of the last step, and published errors."""
    made = [error(study, results, half) for half in ("train", "test")]
    return [*made, *(profiles(study, results, arm) for arm in ARMS), published()]


def error(study: Study, results: Results, half: str) -> Figure:
    """The training or the test error (`half`) of both arms against depth."""
    found = {arm: errors(study, results, arm, half) for arm in ARMS}
    chance = 1 - 1 / known(study.base).data.classes
    largest = max((v for arm in ARMS for each in found[arm].values() for _, v in each), default=0.0)
    images = (
        f"{known(study.base).train_examples:,} images"
        if half == "train"
        else f"{known(study.base).data.test:,} unseen images"
    )
    made = chart(
        f"depth_{half}",
        "Training error" if half == "train" else "Test error",
        f"{images}; mean and range of the seeds; dotted: guessing",
        [trace for arm in reversed(ARMS) for trace in _arm(arm, found[arm], with_range=study.seeds > 1)],
        x={"title": {"text": "layers"}, "tickvals": list(study.depths), "range": _room(study.depths)},
        y={"range": [-0.02, min(1.02, max(chance + 0.08, largest + 0.03))], "tickformat": ".0%", "nticks": 6},
    )
    made["figure"]["layout"]["shapes"] = [level(chance, FAINT, width=1)]
    lost = {arm: stopped(study, results, arm) for arm in ARMS}
    rows = [[str(d), *(_cell(found[arm].get(d, []), lost[arm].get(d, 0)) for arm in ARMS)] for d in study.depths]
    table: Table = {"header": ["layers", *ARMS], "rows": rows}
    return made | {"height": HEIGHT, "table": table}


def _arm(arm: str, found: Errors, *, with_range: bool) -> list[dict[str, Any]]:
    """The traces of an arm: the range of the seeds below, their mean, and each seed."""
    depths = sorted(found)
    values = {d: [v for _, v in found[d]] for d in depths}
    low, high = ([round(end(values[d]), 5) for d in depths] for end in (min, max))
    return [
        *([band(depths, low, high, faded(ARM_COLOR[arm], 0.16))] if with_range else []),
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": arm,
            "x": depths,
            "y": [round(fmean(values[d]), 5) for d in depths],
            "line": {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.8},
            "marker": {"color": ARM_COLOR[arm], "symbol": ARM_SYMBOL[arm], "size": 8},
            "hovertemplate": "%{x} layers: %{y:.2%} wrong",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"{arm}, each seed",
            "x": [d for d in depths for _ in found[d]],
            "y": [round(v, 5) for d in depths for v in values[d]],
            "customdata": [seed for d in depths for seed, _ in found[d]],
            "marker": {"color": ARM_COLOR[arm], "symbol": ARM_SYMBOL[arm], "size": 4, "opacity": 0.5},
            "hovertemplate": "%{x} layers, seed %{customdata}: %{y:.2%}",
        },
    ]


def _cell(found: list[tuple[int, float]], lost: int) -> str:
    there = [v for _, v in found]
    told = f"{percent(fmean(there))} ({percent(min(there))}–{percent(max(there))})" if there else "–"
    return told + (f"; {lost} left float range" if lost else "")


def _room(depths: tuple[int, ...]) -> list[float]:
    span = max(max(depths) - min(depths), 4)
    return [min(depths) - 0.05 * span, max(depths) + 0.05 * span]


# -- gradients -------------------------------------------------------------------------------------


def profiles(study: Study, results: Results, arm: str) -> Figure:
    """The gradient norm of every layer's weights at the last step, a line for each depth; both arms share one range."""
    found = {a: _last(study, results, a) for a in ARMS}
    positive = [v for lines in found.values() for line in lines.values() for v in line if 0 < v < math.inf]
    low, high = (math.log10(min(positive)) - 0.2, math.log10(max(positive)) + 0.2) if positive else (-3.0, 0.0)
    traces = []
    for depth, line in sorted(found[arm].items()):
        strength = 0.25 + 0.75 * (study.depths.index(depth) + 1) / len(study.depths)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{depth} layers",
                "x": list(range(1, len(line) + 1)),
                "y": [float(f"{v:.3g}") if 0 < v < math.inf else None for v in line],
                "line": {"color": faded(ARM_COLOR[arm], round(strength, 2)), "dash": ARM_DASH[arm], "width": 2},
                "hovertemplate": "layer %{x}: %{y:.2g}",
                "hoverlabel": {"namelength": -1},
            }
        )
    return chart(
        f"depth_profile_{arm}",
        f"{arm.capitalize()}: gradient of each layer’s weights, at the end",
        "norm at the last step, first seed; log scale; the darker, the deeper",
        traces,
        x={"title": {"text": "layer, from the input on the left"}, "range": [0, max(study.depths) + 1]},
        y={"type": "log", "range": [low, high], "exponentformat": "power", "nticks": 6},
    ) | {"height": LOW}


def _last(study: Study, results: Results, arm: str) -> dict[int, tuple[float, ...]]:
    """The last gradient norms of an arm by depth, from the first seed that has ended."""
    found: dict[int, tuple[float, ...]] = {}
    for choice in study.choices:
        runs: list[Outcome] = [
            r for n in range(study.seeds) if (r := results.get((choice.name, n))) and r.ended and not r.failed
        ]
        if choice.arm == arm and runs and runs[0].gradients:
            found[choice.settings["depth"]] = runs[0].gradients
    return found


# -- published -------------------------------------------------------------------------------------


def published() -> Figure:
    """The errors that papers report on another data set, with larger networks."""
    traces = []
    for row in DEPTH_ERRORS:
        arm = row.arm
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": f"{row.source}: {arm}",
                "x": [depth for depth, _ in row.errors],
                "y": [value / 100 for _, value in row.errors],
                "line": {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2},
                "marker": {"color": ARM_COLOR[arm], "symbol": ARM_SYMBOL[arm], "size": 8},
                "hovertemplate": "%{x} layers: %{y:.2%}",
                "hoverlabel": {"namelength": -1},
            }
        )
    table: Table = {
        "header": ["source", "network", "layers", "test error"],
        "rows": [[r.source, r.arm, str(d), f"{v:g}%"] for r in DEPTH_ERRORS for d, v in r.errors],
    }
    made = chart(
        "depth_published",
        "Published, of another data set",
        "test error on CIFAR-10, networks of three stages, 16 to 64 channels, trained for far longer",
        traces,
        x={"title": {"text": "layers"}, "tickvals": [20, 32, 44, 56, 110], "range": [15, 143]},
        y={"tickformat": ".0%", "rangemode": "tozero", "nticks": 5},
    )
    ends = [(row, row.errors[-1][0], row.errors[-1][1] / 100) for row in DEPTH_ERRORS]
    heights = apart([height for _, _, height in ends], 0.014, (0.0, 0.17))
    made["figure"]["layout"]["annotations"] = [
        label(" ".join(row.source.split()[:2]).strip(","), ARM_COLOR[row.arm], depth, height, xanchor="left", xshift=10)
        for (row, depth, _), height in zip(ends, heights, strict=True)
    ]
    return made | {"height": LOW, "table": table}
