"""The figures of the Photograph panel: maps beside the photograph, and the classes with the largest shares."""

from __future__ import annotations

from resviz.draw.chart import chart
from resviz.draw.diverging import COLOURS
from resviz.draw.figure import Figure, Table
from resviz.draw.maps import cards_row, key_of
from resviz.draw.palette import ARM_COLOR
from resviz.probes.methods import METHODS, Seen
from resviz.topics.photograph.question import DRAWN, Photograph


def figures(record: Photograph) -> list[Figure]:
    """The maps, and the five most likely classes."""
    return [maps(record), classes(record)]


def maps(record: Photograph) -> Figure:
    """A row of maps, and a second row for the network with all weights drawn anew."""
    spec, seen = record.spec, record.seen
    method, rows = METHODS[spec.method], []
    if seen is not None:
        name = spec.known.label if spec.weights == "trained" else f"{spec.known.label}, random weights"
        rows.append(cards_row("residual", name, seen.maps, method.blocks))
        if seen.destroyed:
            rows.append(cards_row("residual", "weights drawn anew", seen.destroyed, method.blocks))
    target = f"“{record.names[record.target]}”"
    title = f"Where {target} is seen" if spec.weights == "trained" else f"The score of {target} with random weights"
    return {
        "id": "photo_maps",
        "title": f"{title}, by {method.label}",
        "note": f"each map on its own scale; {method.source}",
        "maps": {
            "image": {"pixels": record.pixels, "channels": 3, "height": DRAWN, "width": DRAWN, "top": 255},
            "said": {"china": "a temple", "flower": "a flower"}.get(spec.image, "your photograph"),
            "rows": rows,
            "key": key_of(method, "the class"),
            "colours": COLOURS,
        },
        "table": _table(seen),
    }


def _table(seen: Seen | None) -> Table:
    header = ["block", "height", "width", "sum", "largest drawn"]
    found = [] if seen is None else seen.maps
    rows = [[str(m.block or "image"), str(m.height), str(m.width), f"{m.total:.3g}", f"{m.largest:.3g}"] for m in found]
    return {"header": header, "rows": rows}


def classes(record: Photograph) -> Figure:
    """A bar chart of the five largest shares, the largest on top."""
    best = record.best[::-1]
    made = chart(
        "photo_classes",
        "What the network makes of it",
        "the five largest shares of the 1000 classes of ImageNet (softmax)"
        + ("" if record.spec.weights == "trained" else "; weights drawn at random"),
        [
            {
                "type": "bar",
                "orientation": "h",
                "name": record.spec.known.label,
                "x": [share for _, share in best],
                "y": [f"{record.names[number]} ({number})" for number, _ in best],
                "marker": {"color": ARM_COLOR["residual"]},
                "hovertemplate": "%{y}: %{x:.1%}",
            }
        ],
        x={"range": [0, 1], "tickformat": ".0%", "nticks": 5},
        y={"automargin": True, "type": "category"},
    )
    rows = [[str(number), record.names[number], f"{share:.3g}"] for number, share in record.best]
    return made | {"height": 230, "table": {"header": ["class", "name", "share"], "rows": rows}}
