"""The figures of the path lengths view: how many paths have each length, and the gradient that comes along them."""

from __future__ import annotations

from typing import Any

from resviz.draw.chart import chart, curve
from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, FAINT
from resviz.families.resnet.learning import learning
from resviz.topics.lengths.question import Lengths, attenuation, binomial, mean_length, shares


def figures(record: Lengths) -> list[Figure]:
    """Return the distributions of path lengths, and the gradient along one path; while training, loss curves."""
    if not record.norm:
        return learning(record.spec, record.training)
    if not record.blocks:
        return []
    return [share(record), brings(record)]


def share(record: Lengths) -> Figure:
    """Plot the share of all paths, and of the gradient, at each path length."""
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
    """Plot the mean norm of the gradient along a single path of each length, on a log scale."""
    x = [k for k, v in enumerate(record.norm) if v]
    y = [v for v in record.norm if v]
    return chart(
        "length_norm",
        "What one path of this length brings",
        f"gradient norm at the first block, mean of {record.sampled:,} random paths; log scale",
        [curve("residual", x, y, "length %{x}: %{y:.2g}")],
        x={"title": {"text": "branches on the path"}, "range": [-0.6, record.blocks + 0.6], "nticks": 10},
        y={"type": "log", "exponentformat": "power", "nticks": 6},
    ) | {"height": 340}
