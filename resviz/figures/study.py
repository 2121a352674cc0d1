"""The figures of a study: every choice's result, how it learnt, and how the backward signal calms down."""

from __future__ import annotations

import math
from itertools import zip_longest
from statistics import fmean, median
from typing import Any

from resviz.figures.depth import depth_figures
from resviz.figures.figure import Figure, Table
from resviz.figures.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, GRID, TEXT, faded
from resviz.figures.train import chart
from resviz.findings import percent
from resviz.records import ARMS, Vector
from resviz.studies import Choice, Outcome, Results, Study, accuracies, of_choice

ROW = 27  # pixels of a row
LINES_HEIGHT = 330  # pixels of the figure
CALM_HEIGHT = 260
MOST_POINTS = 300  # of a line


def templates(study: Study, results: Results) -> list[Figure]:
    """All figures of a study, from what is there of its results. A template's `height` is in pixels, and its `table` the
    same numbers in rows."""
    if study.depths:
        return depth_figures(study, results)
    if study.compares:
        return [dots(study, results), losses(study, results)]
    return calm(study, results)


def _color(study: Study, choice: Choice) -> str:
    """Blue is what all others are compared with, vermilion the plain network."""
    return ARM_COLOR[choice.arm] if choice is study.reference or choice.arm == "plain" else FAINT


def _symbol(study: Study, choice: Choice) -> str:
    return ARM_SYMBOL[choice.arm]


def _short(value: float) -> float:
    return float(f"{value:.4g}")


# -- accuracies --------------------------------------------------------------------------------------


def dots(study: Study, results: Results) -> Figure:
    """One row a choice: a dot a seed, a bar at their mean, and at the right what the paper found."""
    rows = [(row, choice, accuracies(study, results, choice)) for row, choice in enumerate(study.choices)]
    data: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for row, choice, found in rows:
        color, values = _color(study, choice), [value for _, value in found]
        middle = (study.seeds - 1) / 2
        data += [
            {
                "type": "scatter",
                "mode": "markers",
                "name": choice.label,
                "x": [_short(value) for value in values],
                "y": [row + 0.5 * (n - middle) / study.seeds for n, _ in found],  # equal results stay apart
                "customdata": [study.spec(choice, n).seed for n, _ in found],
                "marker": {"color": color, "symbol": _symbol(study, choice), "size": 8, "opacity": 0.6},
                "hovertemplate": "seed %{customdata}: %{x:.1%}<extra>" + choice.label + "</extra>",
                "cliponaxis": False,
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{choice.label}, mean",
                "x": [_short(fmean(values))] if values else [],
                "y": [row] if values else [],
                "marker": {"symbol": "line-ns", "size": ROW * 0.62, "line": {"color": color, "width": 3.5}},
                "hovertemplate": "mean of " + f"{len(values)}: %{{x:.1%}}<extra>{choice.label}</extra>",
                "cliponaxis": False,
            },
        ]
        annotations.append(_beside(row, _published(study, choice)))
        if lost := [n for n, run in of_choice(study, results, choice) if run.stopped is not None]:
            says = f"{len(lost)} of {study.seeds} left the range of float32"
            annotations.append(_beside(row, says) | {"x": 0.01})
    low = _low(study, [value for *_, found in rows for _, value in found])
    guessing = _guessing(study, low)
    shapes = [_band(study, [value for _, value in rows[0][2]]), guessing]
    made = chart(
        "study_accuracy",
        f"{study.base.data.noun.capitalize()} read correctly (unseen)",
        _note(study, guessing is not None),
        data,
        x={"range": [low, 1.0], "tickformat": ".0%", "fixedrange": True},
        y={
            "range": [len(rows) - 0.4, -0.6],
            "tickvals": list(range(len(rows))),
            "ticktext": [choice.label for choice in study.choices],
            "tickfont": {"color": TEXT, "size": 13},
            "showgrid": False,
            "fixedrange": True,
        },
    )
    right = 92 if study.source else 14
    made["figure"]["layout"] |= {
        "margin": {"l": 186, "r": right, "t": 8, "b": 26},
        "annotations": [a for a in annotations if a["text"]],
        "shapes": [shape for shape in shapes if shape],
    }
    return made | {"height": 34 + ROW * len(rows), "table": _accuracy_table(study, rows)}


def _note(study: Study, guessing: bool) -> str:
    band = f"band: range of {study.reference.label}" + "; dotted: guessing" * guessing
    if not study.source or not any(study.published(choice) for choice in study.choices):
        return f"a dot a seed, a bar at the mean; {band}"
    rows = study.published(study.reference)
    networks = " / ".join(row.network for row in rows)
    return f"a dot a seed, a bar at the mean; {band}. Right: error of {networks} on {rows[0].data} ({study.source})"


def _published(study: Study, choice: Choice) -> str:
    return " / ".join(
        row.text.replace("%", "") if row.error is not None else row.text for row in study.published(choice)
    )


def _beside(row: int, text: str) -> dict[str, Any]:
    """Words at the right end of a row."""
    font = {"color": FAINT, "size": 12}
    place = {"x": 1, "xref": "paper", "xanchor": "left", "y": row, "yref": "y", "yanchor": "middle", "xshift": 10}
    return {"text": text, "showarrow": False, "font": font, **place}


def _low(study: Study, values: list[float]) -> float:
    """Where the axis begins: a whole tenth with room below the lowest dot."""
    return max(0.0, math.floor(10 * (min(values) - 0.02)) / 10) if values else 0.0


def _band(study: Study, values: list[float]) -> dict[str, Any] | None:
    if not values:
        return None
    color = ARM_COLOR[study.reference.arm]
    where = {"xref": "x", "yref": "paper", "x0": min(values), "x1": max(values), "y0": 0, "y1": 1}
    line = {"color": faded(color, 0.25), "width": 1}
    return {"type": "rect", "layer": "below", "fillcolor": faded(color, 0.12), "line": line, **where}


def _guessing(study: Study, low: float) -> dict[str, Any] | None:
    chance = 1 / study.base.data.classes
    if chance <= low:
        return None
    where = {"xref": "x", "yref": "paper", "x0": chance, "x1": chance, "y0": 0, "y1": 1}
    line = {"color": FAINT, "width": 1, "dash": "dot"}
    return {"type": "line", "layer": "below", "line": line, **where}


def _accuracy_table(study: Study, rows: list[tuple[int, Choice, list[tuple[int, float]]]]) -> Table:
    seeds = [f"seed {study.base.seed + n}" for n in range(study.seeds)]
    header = ["choice", "mean", *seeds, *(["published error"] if study.source else [])]
    body = []
    for _, choice, found in rows:
        by_seed = dict(found)
        cells = [percent(by_seed[n]) if n in by_seed else "–" for n in range(study.seeds)]
        mean = percent(fmean(by_seed.values())) if by_seed else "–"
        there = [_published(study, choice) or "–"] if study.source else []
        body.append([choice.label, mean, *cells, *there])
    return {"header": header, "rows": body}


# -- learning ------------------------------------------------------------------------------------------


def losses(study: Study, results: Results) -> Figure:
    """Training loss over the steps: the median of each choice's seeds in a band from least to most."""
    found = [(choice, _spread(of_choice(study, results, choice))) for choice in study.choices]
    found = [(choice, spread) for choice, spread in found if spread]
    top = max([high for _, spread in found for _, low, mid, high in spread], default=1.0)
    # What left the range of float32 did so through very large losses, which would flatten all others.
    top = min(top, 3 * math.log(study.base.data.classes))
    ordered = sorted(found, key=lambda pair: pair[0] is study.reference or pair[0].arm == "plain")  # these on top
    data: list[dict[str, Any]] = []
    for choice, spread in ordered:
        main = choice is study.reference or choice.arm == "plain"
        color, steps = _color(study, choice), [step for step, *_ in spread]
        if study.seeds > 1:
            fill = faded(ARM_COLOR[choice.arm], 0.14) if main else GRID
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": f"{choice.label}, range",
                    "x": steps + steps[::-1],
                    "y": [high for *_, high in spread] + [low for _, low, *_ in reversed(spread)],
                    "fill": "toself",
                    "fillcolor": fill,
                    "line": {"width": 0},
                    "opacity": 1.0 if main else 0.35,
                    "hoverinfo": "skip",
                }
            )
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": choice.label,
                "x": steps,
                "y": [mid for _, _, mid, _ in spread],
                "line": {"color": color, "width": 2.6 if main else 1.3, "dash": ARM_DASH[choice.arm]},
                "hovertemplate": "step %{x}: %{y:.3g}",
                "hoverlabel": {"namelength": -1},
            }
        )
    made = chart(
        "study_loss",
        "Training loss",
        "median of the seeds, loss of each step's batch; shaded: least to most" if study.seeds > 1 else "of each batch",
        data,
        x={"range": [0, study.base.steps], "title": {"text": "step"}},
        y={"range": [0, 1.04 * top]},
    )
    annotations, shapes = _labels(study, found, top)
    made["figure"]["layout"] |= {
        "margin": {"l": 44, "r": 196, "t": 8, "b": 38},
        "annotations": annotations,
        "shapes": shapes,
    }
    return made | {"height": LINES_HEIGHT, "table": _loss_table(study, found)}


Spread = list[tuple[int, float, float, float]]  # step, least, median, most


def _spread(runs: list[tuple[int, Outcome]]) -> Spread:
    """Over the seeds that reached a step; long runs thinned, their last step kept."""
    columns = list(zip_longest(*(run.loss for _, run in runs)))
    every = math.ceil(len(columns) / MOST_POINTS) or 1
    spread = []
    for step, column in enumerate(columns, start=1):
        values = [value for value in column if value is not None and math.isfinite(value)]
        if values and ((len(columns) - step) % every == 0 or step == 1):
            spread.append((step, _short(min(values)), _short(median(values)), _short(max(values))))
    return spread


def _labels(
    study: Study, found: list[tuple[Choice, Spread]], top: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A name at the end of each line, kept apart from its neighbours, and a thin line that leads to it."""
    apart = 1.04 * top * 16 / (LINES_HEIGHT - 46)
    ends = sorted(((min(spread[-1][2], top), choice) for choice, spread in found), key=lambda pair: pair[0])
    places = spaced([y for y, _ in ends], apart, apart / 2, 1.04 * top - apart / 2)
    annotations, shapes = [], []
    for (end, choice), y in zip(ends, places, strict=True):
        color = _color(study, choice)
        font = {"color": color, "size": 12}
        place = {"x": 1, "xref": "paper", "xanchor": "left", "y": y, "yref": "y", "yanchor": "middle", "xshift": 20}
        annotations.append({"text": choice.label, "showarrow": False, "font": font, **place})
        where = {"xref": "paper", "yref": "y", "x0": 1, "x1": 1.03, "y0": end, "y1": y}
        shapes.append({"type": "line", "line": {"color": color, "width": 0.8}, **where})
    return annotations, shapes


def spaced(values: list[float], apart: float, low: float, high: float) -> list[float]:
    """Ascending values moved as little as need be to be `apart`, between `low` and, if there is room, `high`.

    That is isotonic regression of what is left of them without the gaps: neighbours too close share their middle.
    """
    groups: list[list[float]] = []
    for i, value in enumerate(values):
        groups.append([value - i * apart])
        while len(groups) > 1 and fmean(groups[-2]) > fmean(groups[-1]):
            last = groups.pop()
            groups[-1] += last
    centres = [fmean(group) for group in groups for _ in group]
    most = high - apart * (len(values) - 1)
    return [max(low, min(centre, most)) + i * apart for i, centre in enumerate(centres)]


def _loss_table(study: Study, found: list[tuple[Choice, Spread]]) -> Table:
    steps = sorted({round(study.base.steps * part / 6) or 1 for part in range(7)})
    rows = []
    for choice, spread in found:
        by_step = {step: mid for step, _, mid, _ in spread}
        near = [min(by_step, key=lambda known, at=step: abs(known - at)) for step in steps]  # type: ignore[misc]
        rows.append([choice.label, *(f"{by_step[step]:.3g}" for step in near)])
    return {"header": ["choice", *(f"step {step}" for step in steps)], "rows": rows}


# -- the backward signal ----------------------------------------------------------------------------------


Signal = tuple[tuple[int, Vector], ...]  # by step


def calm(study: Study, results: Results) -> list[Figure]:
    """The backward signal of both arms in turn, after 0, 1, 10 and 100 updates, on one range."""
    found: dict[str, Signal] = {c.arm: results[c.name, 0].signal for c in study.choices if (c.name, 0) in results}
    positive = [v for signal in found.values() for _, vector in signal for v in vector if 0 < v < math.inf]
    low, high = (math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))) if positive else (-1, 1)
    high = max(high, low + 1)
    made = []
    layers = list(range(1, study.base.depth))
    for arm in reversed(ARMS):
        signal, data, ends = found.get(arm, ()), [], []
        for number, (step, vector) in enumerate(signal, start=1):
            strength = 0.28 + 0.72 * (number - 1) / max(1, len(signal) - 1)
            updates = f"after {step - 1} update{'s' * (step != 2)}" if step > 1 else "before the first update"
            color = faded(ARM_COLOR[arm], round(strength, 2))
            drawn = [_short(v) if 0 < v < math.inf else None for v in vector]
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
        apart = (high - low) * 15 / (CALM_HEIGHT - 46)
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
        made.append(template_ | {"height": CALM_HEIGHT, "table": table})
    return made


def _at_left(y: float, text: str) -> dict[str, Any]:
    """A line's name before it begins; on a log axis plotly counts annotations in powers of ten."""
    place = {"x": 1, "xref": "x", "xanchor": "right", "y": y, "yref": "y", "yanchor": "middle", "xshift": -3}
    return {"text": text, "showarrow": False, "font": {"color": TEXT, "size": 12}, **place}
