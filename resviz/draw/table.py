"""The numbers of figures, as tables and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from resviz.draw.figure import Figure, Table

HEIGHT = 280  # px, of a figure that names none


def with_table(template: Figure) -> Figure:
    """Return a plotly figure with a table of its numbers and a height. Other figures, or ones with a `bind`, stay as they are."""
    if "figure" not in template or any("bind" in trace for trace in template["figure"]["data"]):
        return template
    return {"height": HEIGHT, **template, "table": template.get("table") or table(template)}


def table(template: Figure) -> Table:
    """A row for each x value, and a column for each trace that has a name and responds to hovering."""
    traces = [t for t in template["figure"]["data"] if t.get("name") and t.get("hoverinfo") != "skip"]
    places = sorted({x for t in traces for x in t["x"] if x is not None})
    maps = [dict(zip(t["x"], t["y"], strict=True)) for t in traces]
    rows = [[f"{x:.4g}", *("–" if m.get(x) is None else f"{m[x]:.4g}" for m in maps)] for x in places]
    return {"header": ["at", *(t["name"] for t in traces)], "rows": rows}


def to_csv(templates: Iterable[Figure]) -> str:
    """The numbers of all figures as CSV, one table after the other."""
    out = io.StringIO()
    writer = csv.writer(out)
    for template in map(with_table, templates):
        if rows := rows_of(template):
            writer.writerows([[template["title"]], rows["header"], *rows["rows"], []])
    return out.getvalue()


def rows_of(template: Figure) -> Table | None:
    """The numbers of a figure as {"header", "rows"}; None if it has none."""
    return template.get("rows") or template.get("table")
