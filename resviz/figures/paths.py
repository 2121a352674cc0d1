"""Lesions, disorder and path lengths: what the Paths page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from resviz.figures.figure import Figure
from resviz.figures.learning import learning
from resviz.figures.network import network
from resviz.figures.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, GRID, faded
from resviz.figures.train import chart
from resviz.findings import percent
from resviz.inside.paths import Lengths, Lesions, Several, attenuation, binomial, mean_length, shares
from resviz.inside.unravel import Unravelled
from resviz.records import ARMS

HEIGHT = 300  # px
ROOM = 96  # px, for names on the right; ui/assets/panel.css leaves as much beside the drawing


def _curve(arm: str, x: Sequence[float], y: Sequence[float | None], hover: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": arm,
        "x": list(x),
        "y": list(y),
        "line": {"color": ARM_COLOR[arm], "dash": ARM_DASH[arm], "width": 2.5},
        "marker": {"color": ARM_COLOR[arm], "symbol": ARM_SYMBOL[arm], "size": 6},
        "hovertemplate": hover,
        "hoverlabel": {"namelength": -1},
    } | more


def _level(y: float, color: str, dash: str = "dot", width: float = 1.3) -> dict[str, Any]:
    line = {"color": color, "width": width, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "layer": "below", "line": line}


def _named(y: float, text: str, color: str) -> dict[str, Any]:
    place = {"x": 1, "xref": "paper", "xanchor": "left", "y": y, "yanchor": "middle", "xshift": 4, "showarrow": False}
    return {"text": text, "font": {"color": color, "size": 12}, **place}


# -- lesions ---------------------------------------------------------------------------------------


def lesion_figures(record: Lesions) -> list[Figure]:
    """The network, to take blocks out of, and right under it the error without each block."""
    if not record.spec.blocks:
        return []
    return [drawing(record), *([single(record)] if record.whole else learning(record.spec, record.training))]


def drawing(record: Lesions) -> Figure:
    """What ui/assets/lesion.js draws: both networks, shaded by what each block's loss costs."""
    shades = {
        arm: [None if v is None else round(max(0.0, v - record.whole[arm]), 3) for v in record.single.get(arm, ())]
        for arm in ARMS
        if record.whole
    }
    return {
        "id": "lesion_net",
        "title": "Click a block to take it out of both networks",
        "note": "only its shortcut is left; darker: more errors without it. A click on an arc cuts that shortcut",
        "drawing": {
            "network": network(record.spec),
            "cut": list(record.spec.last.cut),
            "removed": list(record.spec.last.remove),
            "lesion": list(record.spec.lesion),
            "sever": list(record.spec.sever),
            "shades": shades,
        },
    }


def single(record: Lesions) -> Figure:
    """The share of unseen images read wrong without each block, above that of the whole network, and of the one that is drawn.
    Its x axis is that of the drawing: layers, each block in the middle of its own."""
    spec = record.spec
    blocks, touched = spec.blocks, bool(spec.lesion or spec.sever)
    chance = 1 - 1 / spec.data.classes
    middles = [spec.stem_convs + (n - 0.5) * spec.convs_per_block + 0.5 for n in range(1, blocks + 1)]
    traces = [
        _curve(
            arm,
            middles,
            record.single.get(arm, ()),
            "without block %{customdata}: %{y:.1%}",
            customdata=list(range(1, blocks + 1)),
        )
        for arm in reversed(ARMS)
    ]
    each = next(n for n in (1, 2, 5, 10, 20, 50, 100) if blocks / n <= 30)
    made = chart(
        "lesion_single",
        "Read wrong without one block",
        ("thick lines: as drawn; " if touched else "")
        + "thin lines: with all blocks; dotted: guessing"
        + (f"; shape changes at block {', '.join(map(str, record.changes))}" if record.changes else ""),
        traces,
        x={
            "range": [0.5, spec.depth + 0.5],
            "title": {"text": "block taken out"},
            "tickvals": middles[each - 1 :: each],
            "ticktext": [str(n) for n in range(each, blocks + 1, each)],
        },
        y={"range": [-0.03, 1.03], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
    )
    ends = [(record.whole[arm], f"{arm}, whole", ARM_COLOR[arm]) for arm in ARMS]
    levels = [_level(record.whole[arm], ARM_COLOR[arm], ARM_DASH[arm]) for arm in ARMS]
    if touched:
        ends = [(record.together[arm], f"{arm}, as drawn", ARM_COLOR[arm]) for arm in ARMS]
        levels += [_level(record.together[arm], ARM_COLOR[arm], ARM_DASH[arm], 4) for arm in ARMS]
    made["figure"]["layout"] |= {
        "margin": {"l": 68, "r": 12 + ROOM, "t": 10, "b": 38},
        "shapes": [_level(chance, FAINT), *levels, *(_column(middles[k - 1]) for k in record.changes)],
        "annotations": [_named(y, text, color) for y, text, color in _apart([*ends, (chance, "guessing", FAINT)])],
    }
    header = ["block taken out", *(f"read wrong, {arm}" for arm in ARMS)]
    rows = [[what, *(percent(values[arm]) for arm in ARMS)] for what, values in _lines(record)]
    rows += [
        [str(n), *("–" if (v := record.single[arm][n - 1]) is None else percent(v) for arm in ARMS)]
        for n in range(1, blocks + 1)
        if record.single
    ]
    return made | {"height": HEIGHT, "table": {"header": header, "rows": rows}}


def _lines(record: Lesions) -> list[tuple[str, Mapping[str, float]]]:
    drawn = [("as drawn", record.together)] if record.spec.lesion or record.spec.sever else []
    return [("no block", record.whole), *drawn]


def _column(x: float) -> dict[str, Any]:
    line = {"color": GRID, "width": 6}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": line}


def _apart(ends: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Names kept from lying on one another, and inside the axis, beyond which none is drawn."""
    gap = 0.07
    places: list[float] = []
    ordered = sorted(ends)
    for y, _, _ in ordered:
        places.append(max(y, places[-1] + gap if places else y))
    roof = 1.0
    for k in reversed(range(len(places))):
        places[k] = min(places[k], roof)
        roof = places[k] - gap
    return [(y, text, color) for y, (_, text, color) in zip(places, ordered, strict=True)]


# -- several ---------------------------------------------------------------------------------------


def several_figures(record: Several) -> list[Figure]:
    """Errors against how many blocks are out, and against disorder, with a band from the least to the most of the draws."""
    if not record.spec.blocks:
        return []
    if not record.whole:
        return learning(record.spec, record.training)
    out = _banded(
        record,
        "several_out",
        "Read wrong with several blocks out",
        "blocks taken out at random",
        [0, *record.counts],
        {arm: [(record.whole[arm],), *record.out[arm]] for arm in ARMS},
    )
    if not record.swaps:
        return [out]
    taus = [1.0, *(fmean(t) for t in record.tau)]
    order = _banded(
        record,
        "several_order",
        "Read wrong with blocks in another order",
        "Kendall’s rank correlation with the old order; 1: untouched",
        taus,
        {arm: [(record.whole[arm],), *record.order[arm]] for arm in ARMS},
    )
    order["figure"]["layout"]["xaxis"]["range"] = [1.03, min(-0.1, *taus)]
    return [out, order]


def _banded(
    record: Several, id: str, title: str, x: str, places: Sequence[float], errors: dict[str, list[tuple[float, ...]]]
) -> Figure:
    traces: list[dict[str, Any]] = []
    for arm in reversed(ARMS):
        pairs = sorted(zip(places, errors[arm], strict=False))
        xs = [p for p, _ in pairs]
        least, most = [min(e) for _, e in pairs], [max(e) for _, e in pairs]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": xs + xs[::-1],
                "y": most + least[::-1],
                "fill": "toself",
                "fillcolor": faded(ARM_COLOR[arm], 0.15),
                "line": {"width": 0},
                "hoverinfo": "skip",
            }
        )
        traces.append(_curve(arm, xs, [round(fmean(e), 4) for _, e in pairs], "%{x:.3g}: %{y:.1%} wrong"))
    made = chart(
        id,
        title,
        f"mean of {record.spec.draws} draw{'s' * (record.spec.draws != 1)}; shaded: least to most; dotted: guessing",
        traces,
        x={"title": {"text": x}},
        y={"range": [-0.03, 1.03], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
    )
    made["figure"]["layout"]["shapes"] = [_level(1 - 1 / record.spec.data.classes, FAINT)]
    # A place may come twice: swaps can bring the old order back.
    rows = [
        [f"{place:.4g}", *(f"{percent(fmean(e))} ({percent(min(e))}–{percent(max(e))})" for e in both)]
        for place, *both in sorted(zip(places, *(errors[arm] for arm in ARMS), strict=False))
    ]
    return made | {"height": 340, "table": {"header": [x, *ARMS], "rows": rows}}


# -- lengths ---------------------------------------------------------------------------------------


def length_figures(record: Lengths) -> list[Figure]:
    """How many paths there are of each length, what one of them brings, and both together."""
    if not record.norm:
        return learning(record.spec, record.training)
    if not record.blocks:
        return []
    return [share(record), brings(record)]


def share(record: Lengths) -> Figure:
    """The lengths of all paths, and of those that the gradient takes."""
    n = record.blocks
    lengths = list(range(n + 1))
    all_ = [round(v, 6) for v in binomial(n)]
    whole = all(v is not None for v in record.norm)
    taken = [round(v, 6) for v in shares(record.norm)] if whole else []
    a = attenuation(taken) if any(taken) else None
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": "paths",
            "x": lengths,
            "y": all_,
            "marker": {"color": FAINT, "opacity": 0.35},
            "hovertemplate": "length %{x}: %{y:.2%} of all paths",
        },
        {
            "type": "bar",
            "name": "gradient",
            "x": lengths if taken else [],
            "y": taken,
            "width": 0.45,
            "marker": {"color": ARM_COLOR["residual"]},
            "hovertemplate": "length %{x}: %{y:.2%} of the gradient",
        },
    ]
    if a:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "Binomial(n, a / (1 + a))",
                "x": lengths,
                "y": [round(v, 6) for v in binomial(n, a / (1 + a))],
                "line": {"color": FAINT, "width": 1.5, "dash": "dot"},
                "hovertemplate": "length %{x}: %{y:.2%}",
            }
        )
    made = chart(
        "length_share",
        "How long paths are, and which the gradient takes",
        "grey: all paths, Binomial(n, 1/2); blue: the gradient; dotted: binomial of its mean",
        traces,
        x={"title": {"text": "branches on the path"}, "range": [-0.6, n + 0.6], "nticks": 14},
        y={"tickformat": ".0%", "rangemode": "tozero", "nticks": 6},
    )
    made["figure"]["layout"] |= {"barmode": "overlay", "bargap": 0.1}
    if any(taken):
        x = round(mean_length(taken), 2)
        line = {"color": ARM_COLOR["residual"], "width": 1.5, "dash": "dash"}
        made["figure"]["layout"]["shapes"] = [
            {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": line}
        ]
    return made | {"height": 340}


def brings(record: Lengths) -> Figure:
    """The mean norm of the gradient that a single path of each length brings, on a log scale."""
    x = [k for k, v in enumerate(record.norm) if v]
    y = [v for v in record.norm if v]
    return chart(
        "length_norm",
        "What one path of this length brings",
        f"gradient norm at the first block, mean of {record.sampled:,} random paths; log scale",
        [_curve("residual", x, y, "length %{x}: %{y:.2g}")],
        x={"title": {"text": "branches on the path"}, "range": [-0.6, record.blocks + 0.6], "nticks": 10},
        y={"type": "log", "exponentformat": "power", "nticks": 6},
    ) | {"height": 340}


# -- unrolled --------------------------------------------------------------------------------------


def unravel_figures(record: Unravelled) -> list[Figure]:
    """What ui/assets/unravel.js draws."""
    spec = record.spec
    name = f"{spec.blocks} block{'s' * (spec.blocks != 1)}"
    return [
        {
            "id": "unravel",
            "title": "All ways from x to the output"
            if spec.sums == spec.blocks
            else f"{name}, unrolled {spec.sums} time{'s' * (spec.sums != 1)}",
            "note": "at every ⊕ both terms of y + f(y) meet; click a block to take it out",
            "unravel": {
                "blocks": spec.blocks,
                "opened": spec.sums,
                "out": list(spec.outs),
                "said": f"{name}, {spec.sums} sum{'s' * (spec.sums != 1)} opened: {2**spec.sums} rows",
            },
            "table": {
                "header": ["branches on the path", *map(str, range(len(record.lengths)))],
                "rows": [["paths", *map(str, record.lengths)]],
            },
        }
    ]
