"""The figure of the length of x after each block, measured and expected."""

from __future__ import annotations

from resviz.draw.chart import band, chart
from resviz.draw.figure import Figure
from resviz.draw.palette import ARM_COLOR, FAINT, faded
from resviz.topics.growth.question import DRAWS, Growth

HEIGHT = 280  # px


def figures(record: Growth) -> list[Figure]:
    """Return one chart on a log scale: the mean in its band, and the closed form."""
    at, color = list(range(record.spec.blocks + 1)), ARM_COLOR["residual"]
    area = band(at, record.low, record.high, faded(color, 0.16))
    lines = [
        ("measured", record.measured, {"color": color, "width": 2.8}),
        ("expected", record.expected, {"color": FAINT, "width": 1.5, "dash": "dot"}),
    ]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": at,
            "y": list(values),
            "line": line,
            "hovertemplate": "block %{x}: × %{y:.3g}",
        }
        for name, values, line in lines
    ]
    made = chart(
        "growth",
        "Length of x after each block",
        f"relative to x at the start; line: root mean square of {DRAWS} draws; band: all; dotted: (1 + a²)^(k/2) after block k",
        [area, *traces],
        x={"range": [0, max(1, record.spec.blocks)], "title": {"text": "block"}},
        y={"type": "log", "exponentformat": "power", "nticks": 6},
    )
    columns = zip(at, record.measured, record.low, record.high, record.expected, strict=True)
    rows = [[str(n), *(f"{v:.4g}" for v in values)] for n, *values in columns]
    return [
        made | {"height": HEIGHT, "table": {"header": ["block", "measured", "least", "most", "expected"], "rows": rows}}
    ]
