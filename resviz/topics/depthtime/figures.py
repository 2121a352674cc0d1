"""The figures of depth as time: how large each block's step is, and how alike the directions of the steps are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from resviz.draw.chart import chart, curve
from resviz.draw.diverging import COLOURS
from resviz.draw.figure import Figure
from resviz.draw.labels import apart, label
from resviz.draw.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL, FAINT, GRID, faded
from resviz.families.resnet.spec import FIELDS
from resviz.nets.settings import ORDERS
from resviz.topics.depthtime.question import DepthTime, Numbers, Walk, chance, nothing, settings_at, shown, signed
from resviz.words.say import times

COLOR = ARM_COLOR["residual"]
PALE = faded(COLOR, 0.45)
LIMITS = (0.1, 0.25, 0.5, 1.0)  # ends of the colour scale
HEIGHT = 360  # px, of the matrix
ROOM = 0.2  # share of the blocks' width that is left for names on the right


def figures(record: DepthTime) -> list[Figure]:
    """Return the sizes of the steps, cosines of neighbours and cosines of all pairs; no figure if there is no step to measure."""
    if nothing(record.spec):
        return []
    return [sizes(record), *([neighbours(record), pairs(record)] if record.spec.blocks > 1 else [])]


# -- sizes -----------------------------------------------------------------------------------------


def sizes(record: DepthTime) -> Figure:
    """|F| / |x| of every block on a log scale, with a line where F is as long as x."""
    blocks = record.spec.blocks
    traces = [
        _curve(name, range(1, blocks + 1), _positive(walk.size), pale, "block %{x}: %{y:.2g} times")
        for name, walk, pale in _walks(record)
    ]
    known = [y for t in traces for y in t["y"] if y is not None]
    low, high = (math.log10(min(known)), math.log10(max(known))) if known else (-1.0, 0.0)
    room = max(0.1 * (high - low), 0.1)
    low, high = round(low - room, 4), round(high + room, 4)
    template = chart(
        "depthtime_sizes",
        "How large a step each block makes",
        f"|F(x)| / |x|, log scale; {_where(record)}{_pale(record)}",
        traces,
        x=_blocks(blocks, room=True),
        y={"type": "log", "range": [low, high], "tickvals": _ticks(low, high)},
    )
    layout = template["figure"]["layout"]
    names = [(name, color, math.log10(y)) for name, color, y in _ends(traces)]
    if low < 0 < high:
        line = {"color": FAINT, "width": 1, "dash": "dot"}
        layout["shapes"] = [
            {"type": "line", "x0": 0.5, "x1": blocks + 0.5, "y0": 1, "y1": 1, "layer": "below", "line": line}
        ]
        names.append(("|F| = |x|", FAINT, 0.0))
    layout["annotations"] = _beside(names, blocks, low, high)
    now, first = record.now, record.before
    template["table"] = {
        "header": ["block", "|F(x)| / |x|", "before training", "cosine with the next", "before training"],
        "rows": [
            [str(k + 1), *(text for part in ("size", "next") for text in (_cell(now, part, k), _cell(first, part, k)))]
            for k in range(blocks)
        ],
    }
    return template


# -- directions ------------------------------------------------------------------------------------


def neighbours(record: DepthTime) -> Figure:
    """The cosine of each block's F with that of the next block; the shaded band is what chance gives."""
    blocks = record.spec.blocks
    walks = _walks(record)
    hover = "blocks %{x} and the next: %{y:.2f}"
    traces = [_curve(name, range(1, blocks), walk.next, pale, hover) for name, walk, pale in walks]
    bands = _bands(record, walks[-1][1]) if walks else []
    known = [y for t in traces for y in t["y"] if y is not None] + [band["y0"] for band in bands]
    low = round(min([-0.2, *[y - 0.05 for y in known]]), 4)
    template = chart(
        "depthtime_neighbours",
        "How alike the steps of neighbouring blocks are",
        f"cosine: 1 is the same direction, 0 a right angle; shaded: chance; {_where(record)}{_pale(record)}",
        traces,
        x=_blocks(blocks - 1, room=True) | {"title": {"text": "block, compared with the one after it"}},
        y={"range": [low, 1.06], "tickvals": [y for y in (-1, -0.5, 0, 0.5, 1) if y >= low]},
    )
    names = _beside(_ends(traces), blocks - 1, low, 1.06)
    template["figure"]["layout"].update(annotations=names, shapes=bands)
    return template


def _bands(record: DepthTime, walk: Walk) -> list[dict[str, Any]]:
    """Return a band of the cosines that chance gives, for each sequence of pairs with the same number of dimensions."""
    now = settings_at(record.spec, walk.at)
    pairs = [k for k, value in enumerate(walk.next, start=1) if value is not None]
    found = []
    for (middle, width), group in groupby(pairs, key=lambda k: chance(now, walk, k)):
        members = list(group)
        found.append(
            {
                "type": "rect",
                "x0": members[0] - 0.5,
                "x1": members[-1] + 0.5,
                "y0": round(middle - width, 4),
                "y1": round(middle + width, 4),
                "layer": "below",
                "line": {"width": 0},
                "fillcolor": GRID,
                "opacity": 0.8,
            }
        )
    return found


def pairs(record: DepthTime) -> Figure:
    """The cosines of all pairs of blocks, white at 0, on a scale that ends just beyond the largest of them."""
    numbers = list(shown(record.spec.blocks))
    walks = _walks(record)
    rows: Sequence[Numbers] = walks[-1][1].cosines if walks else [(None,) * len(numbers)] * len(numbers)
    z = [[None if i == j else value for j, value in enumerate(row)] for i, row in enumerate(rows)]
    most = max((abs(v) for row in z for v in row if v is not None), default=0.0)
    limit = next((end for end in LIMITS if most <= end), 1.0)
    trace = {
        "type": "heatmap",
        "name": "cosine",
        "x": numbers,
        "y": numbers,
        "z": z,
        "zmin": -limit,
        "zmax": limit,
        "colorscale": [list(stop) for stop in COLOURS],
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "tickvals": [-limit, 0, limit],
            "tickfont": {"color": FAINT},
        },
        "hovertemplate": "blocks %{y} and %{x}: %{z:.2f}<extra></extra>",
    }
    below = [
        (x, y, v)
        for y, row in zip(numbers, z, strict=True)
        for x, v in zip(numbers, row, strict=True)
        if v is not None and v < -limit / 10
    ]
    ink = ["white" if v < -limit / 2 else COLOURS[0][1] for _, _, v in below]
    # A sign that is seen without colours too.
    dashes = {
        "mode": "markers",
        "x": [x for x, _, _ in below],
        "y": [y for _, y, _ in below],
        "marker": {"symbol": "line-ew", "size": 6, "line": {"color": ink, "width": 1.5}},
        "hoverinfo": "skip",
    }
    plain = {"showgrid": False}  # no grid lines through empty cells
    some = "" if len(numbers) == record.spec.blocks else f"{len(numbers)} of {record.spec.blocks} blocks; "
    when = "before training" if record.now is None else _where(record)
    template = chart(
        "depthtime_pairs",
        "How alike the steps of all pairs of blocks are",
        f"cosine, white at 0, a dash below {-limit / 10:.2g}; {some}{when}; "
        "empty: shapes that differ, blocks without a step, the diagonal",
        [trace, dashes],
        x=_blocks(record.spec.blocks) | plain,
        y=_blocks(record.spec.blocks) | plain | {"title": {"text": "block"}},
    )
    return template | {"height": HEIGHT}


# -- parts -----------------------------------------------------------------------------------------


def _walks(record: DepthTime) -> list[tuple[str, Walk, bool]]:
    """Return the name, measurements and paleness of each curve; the latest last."""
    name = "trained" if record.done == 1 and not record.ended else "now"
    found = [("untrained", record.before, True), (name, record.now, False)]
    return [(label, walk, pale) for label, walk, pale in found if walk is not None]


def _where(record: DepthTime) -> str:
    count = f"mean over {record.images} test images" if record.images else "test images"
    now = settings_at(record.spec, record.step)
    act = FIELDS["activation"].choices[now.activation]
    return f"{count}; F before the {act} behind the sum" if ORDERS[now.order].after else count


def _pale(record: DepthTime) -> str:
    return "; pale: before training" if record.before else ""


def _curve(name: str, x: Sequence[int], y: Numbers | list[float | None], pale: bool, hover: str) -> dict[str, Any]:
    color = PALE if pale else COLOR
    # Markers as well: a block between two without a number would be invisible on a line.
    line = {"color": color, "dash": ARM_DASH["residual"], "width": 1.5 if pale else 2.5}
    marker = {"color": color, "symbol": ARM_SYMBOL["residual"], "size": 6 if len(x) <= 60 and not pale else 3}
    return curve("residual", x, y, hover, name=name, line=line, marker=marker)


def _ends(traces: Sequence[dict[str, Any]]) -> list[tuple[str, str, float]]:
    """Return name, colour and last value of each curve that has one."""
    known = [(trace, [y for y in trace["y"] if y is not None]) for trace in traces]
    return [(trace["name"], trace["line"]["color"], values[-1]) for trace, values in known if values]


def _beside(names: Sequence[tuple[str, str, float]], blocks: int, low: float, high: float) -> list[dict[str, Any]]:
    """Return names to the right of an axis from `low` to `high`, at their heights but without overlap."""
    gap = 0.08 * (high - low)
    heights = apart([y for _, _, y in names], gap, (low + gap / 2, high - gap / 2))
    return [
        label(text, color, blocks + 0.5, round(y, 4), xanchor="left", yanchor="middle", xshift=4)
        for (text, color, _), y in zip(names, heights, strict=True)
    ]


def _blocks(count: int, *, room: bool = False) -> dict[str, Any]:
    """Return the axis for `count` blocks, with `room` for names on the right."""
    each = next(n for n in (1, 2, 5, 10, 20, 50, 100) if count / n <= 12)
    return {
        "range": [0.5, round(count + 0.5 + ROOM * room * count, 2)],
        "tickvals": [n for n in range(1, count + 1) if n % each == 0],
        "title": {"text": "block, from the input on the left to the last"},
    }


def _positive(values: Numbers) -> list[float | None]:
    """Replace 0 by None: it has no place on a log scale."""
    return [v if v else None for v in values]


def _ticks(low: float, high: float) -> list[float]:
    """Return ticks at 1, 2, 5, 10, ... between two powers of ten, or at whole powers only if those are too many."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    found = [float(f"{m}e{n}") for n in decades for m in (1, 2, 5)]
    inside = [t for t in found if low <= math.log10(t) <= high]
    if len(inside) <= 8:
        return inside
    each = math.ceil(len(inside) / 18)
    return [float(f"1e{n}") for n in decades if low <= n <= high and n % each == 0]


def _cell(walk: Walk | None, part: str, place: int) -> str:
    values: Numbers = () if walk is None else getattr(walk, part)
    value = values[place] if place < len(values) else None
    return "–" if value is None else times(value) if part == "size" else signed(value)
