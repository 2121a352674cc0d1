"""The figure of the unrolled view: a few residual blocks unrolled into paths."""

from __future__ import annotations

from resviz.draw.figure import Figure, Own
from resviz.topics.unravel.question import Unravelled


class UnravelDrawn(Own):
    """What unravel.js draws: how many sums of the blocks are opened, which blocks are out, and all of it in words."""

    blocks: int
    opened: int
    out: list[int]
    said: str


def figures(record: Unravelled) -> list[Figure]:
    """Return the figure whose data unravel.js draws, with a table of path lengths."""
    spec = record.spec
    name = f"{spec.blocks} block{'s' * (spec.blocks != 1)}"
    own: UnravelDrawn = {
        "by": "unravel",
        "blocks": spec.blocks,
        "opened": spec.sums,
        "out": list(spec.outs),
        "said": f"{name}, {spec.sums} sum{'s' * (spec.sums != 1)} opened: {2**spec.sums} rows",
    }
    return [
        {
            "id": "unravel",
            "title": "All ways from x to the output"
            if spec.sums == spec.blocks
            else f"{name}, unrolled {spec.sums} time{'s' * (spec.sums != 1)}",
            "note": "at every ⊕ both terms of y + f(y) meet; click a block to take it out",
            "own": own,
            "table": {
                "header": ["branches on the path", *map(str, range(len(record.lengths)))],
                "rows": [["paths", *map(str, record.lengths)]],
            },
        }
    ]
