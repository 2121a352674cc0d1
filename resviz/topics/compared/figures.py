"""The figures of a comparison: the accuracy of every choice, and its training loss."""

from __future__ import annotations

import math
from itertools import zip_longest
from statistics import fmean, median
from typing import Any

from resviz.draw.chart import band, chart
from resviz.draw.figure import Figure, Table
from resviz.draw.labels import spaced
from resviz.draw.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, GRID, TEXT, faded
from resviz.families.resnet.spec import known
from resviz.runs.studies import Outcome, Results, Study, accuracies, of_choice
from resviz.topics.compared.question import published
from resviz.train.choices import Choice
from resviz.words.say import percent, rounded

ROW = 27  # pixels: height of a row
LINES_HEIGHT = 330  # pixels: height of the figure
MOST_POINTS = 300  # points of a line, at most


def figures(study: Study, results: Results) -> list[Figure]:
    """Both figures, from the results so far."""
    return [dots(study, results), losses(study, results)]


def _color(study: Study, choice: Choice) -> str:
    """The colour of a choice: blue for the reference, vermilion for the plain network, a faint one for the others."""
    return ARM_COLOR[choice.arm] if choice is study.reference or choice.arm == "plain" else FAINT


def _symbol(study: Study, choice: Choice) -> str:
    return ARM_SYMBOL[choice.arm]


# -- accuracies --------------------------------------------------------------------------------------


def dots(study: Study, results: Results) -> Figure:
    """The accuracies: a row for each choice, a dot for each seed, a bar at their mean, and the published error on the right."""
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
                "x": [rounded(value) for value in values],
                "y": [row + 0.5 * (n - middle) / study.seeds for n, _ in found],  # so that equal results do not overlap
                "customdata": [study.spec(choice, n).seed for n, _ in found],
                "marker": {"color": color, "symbol": _symbol(study, choice), "size": 8, "opacity": 0.6},
                "hovertemplate": "seed %{customdata}: %{x:.1%}<extra>" + choice.label + "</extra>",
                "cliponaxis": False,
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{choice.label}, mean",
                "x": [rounded(fmean(values))] if values else [],
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
        f"{known(study.base).data.noun.capitalize()} read correctly (unseen)",
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
    if not study.source or not any(published(study, choice) for choice in study.choices):
        return f"a dot a seed, a bar at the mean; {band}"
    rows = published(study, study.reference)
    networks = " / ".join(row.network for row in rows)
    return f"a dot a seed, a bar at the mean; {band}. Right: error of {networks} on {rows[0].data} ({study.source})"


def _published(study: Study, choice: Choice) -> str:
    return " / ".join(
        row.text.replace("%", "") if row.error is not None else row.text for row in published(study, choice)
    )


def _beside(row: int, text: str) -> dict[str, Any]:
    """A text at the right end of a row."""
    font = {"color": FAINT, "size": 13}
    place = {"x": 1, "xref": "paper", "xanchor": "left", "y": row, "yref": "y", "yanchor": "middle", "xshift": 10}
    return {"text": text, "showarrow": False, "font": font, **place}


def _low(study: Study, values: list[float]) -> float:
    """The start of the axis: a multiple of 0.1 with room below the lowest dot."""
    return max(0.0, math.floor(10 * (min(values) - 0.02)) / 10) if values else 0.0


def _band(study: Study, values: list[float]) -> dict[str, Any] | None:
    if not values:
        return None
    color = ARM_COLOR[study.reference.arm]
    where = {"xref": "x", "yref": "paper", "x0": min(values), "x1": max(values), "y0": 0, "y1": 1}
    line = {"color": faded(color, 0.25), "width": 1}
    return {"type": "rect", "layer": "below", "fillcolor": faded(color, 0.12), "line": line, **where}


def _guessing(study: Study, low: float) -> dict[str, Any] | None:
    chance = 1 / known(study.base).data.classes
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
    """The training loss over the steps: the median of the seeds of each choice, in a band from minimum to maximum."""
    found = [(choice, _spread(of_choice(study, results, choice))) for choice in study.choices]
    found = [(choice, spread) for choice, spread in found if spread]
    top = max([high for _, spread in found for _, low, mid, high in spread], default=1.0)
    # Runs that leave the range of float32 have very large losses first; without a limit these would flatten all other lines.
    top = min(top, 3 * math.log(known(study.base).data.classes))
    ordered = sorted(found, key=lambda pair: pair[0] is study.reference or pair[0].arm == "plain")  # drawn last, on top
    data: list[dict[str, Any]] = []
    for choice, spread in ordered:
        main = choice is study.reference or choice.arm == "plain"
        color, steps = _color(study, choice), [step for step, *_ in spread]
        if study.seeds > 1:
            fill = faded(ARM_COLOR[choice.arm], 0.14) if main else GRID
            low, high = [low for _, low, *_ in spread], [high for *_, high in spread]
            data.append(band(steps, low, high, fill, name=f"{choice.label}, range", opacity=1.0 if main else 0.35))
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


Spread = list[tuple[int, float, float, float]]  # step, minimum, median, maximum


def _spread(runs: list[tuple[int, Outcome]]) -> Spread:
    """The spread of the loss at each step, over the seeds that reached it. Long runs are thinned, except for their last step."""
    columns = list(zip_longest(*(run.loss for _, run in runs)))
    every = math.ceil(len(columns) / MOST_POINTS) or 1
    spread = []
    for step, column in enumerate(columns, start=1):
        values = [value for value in column if value is not None and math.isfinite(value)]
        if values and ((len(columns) - step) % every == 0 or step == 1):
            spread.append((step, rounded(min(values)), rounded(median(values)), rounded(max(values))))
    return spread


def _labels(
    study: Study, found: list[tuple[Choice, Spread]], top: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Names at the ends of the lines, spaced so that they do not overlap, and thin lines that lead to them."""
    apart = 1.04 * top * 16 / (LINES_HEIGHT - 46)
    ends = sorted(((min(spread[-1][2], top), choice) for choice, spread in found), key=lambda pair: pair[0])
    places = spaced([y for y, _ in ends], apart, apart / 2, 1.04 * top - apart / 2)
    annotations, shapes = [], []
    for (end, choice), y in zip(ends, places, strict=True):
        color = _color(study, choice)
        font = {"color": color, "size": 13}
        place = {"x": 1, "xref": "paper", "xanchor": "left", "y": y, "yref": "y", "yanchor": "middle", "xshift": 20}
        annotations.append({"text": choice.label, "showarrow": False, "font": font, **place})
        where = {"xref": "paper", "yref": "y", "x0": 1, "x1": 1.03, "y0": end, "y1": y}
        shapes.append({"type": "line", "line": {"color": color, "width": 0.8}, **where})
    return annotations, shapes


def _loss_table(study: Study, found: list[tuple[Choice, Spread]]) -> Table:
    steps = sorted({round(study.base.steps * part / 6) or 1 for part in range(7)})
    rows = []
    for choice, spread in found:
        by_step = {step: mid for step, _, mid, _ in spread}
        near = [min(by_step, key=lambda known, at=step: abs(known - at)) for step in steps]  # type: ignore[misc]
        rows.append([choice.label, *(f"{by_step[step]:.3g}" for step in near)])
    return {"header": ["choice", *(f"step {step}" for step in steps)], "rows": rows}
