"""The figures of the several-at-once view: error against blocks taken out, and against disorder."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from resviz.draw.chart import band, chart, curve, level
from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, FAINT, faded
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.learning import learning
from resviz.topics.several.question import Several
from resviz.words.say import percent


def figures(record: Several) -> list[Figure]:
    """Plot errors against the number of blocks out, and against disorder, with a band from the least to the most of the draws;
    while training, loss curves."""
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
        traces.append(band(xs, least, most, faded(ARM_COLOR[arm], 0.15)))
        traces.append(curve(arm, xs, [round(fmean(e), 4) for _, e in pairs], "%{x:.3g}: %{y:.1%} wrong"))
    made = chart(
        id,
        title,
        f"mean of {record.spec.draws} draw{'s' * (record.spec.draws != 1)}; shaded: least to most; dotted: guessing",
        traces,
        x={"title": {"text": x}},
        y={"range": [-0.03, 1.03], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]},
    )
    made["figure"]["layout"]["shapes"] = [level(1 - 1 / record.spec.data.classes, FAINT)]
    # An x value may occur twice: swaps can restore the old order.
    rows = [
        [f"{place:.4g}", *(f"{percent(fmean(e))} ({percent(min(e))}–{percent(max(e))})" for e in both)]
        for place, *both in sorted(zip(places, *(errors[arm] for arm in ARMS), strict=False))
    ]
    return made | {"height": 340, "table": {"header": [x, *ARMS], "rows": rows}}
