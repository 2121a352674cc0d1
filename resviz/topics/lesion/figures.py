"""The figures of the lesions view: both networks, and the error without each block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from resviz.draw.chart import chart, curve, level
from resviz.draw.figure import Figure, Network, Own
from resviz.draw.palette import ARM_COLOR, ARM_DASH, FAINT, GRID
from resviz.families.resnet.drawing import network
from resviz.families.resnet.family import ARMS, SHORT
from resviz.families.resnet.learning import learning
from resviz.topics.lesion.question import Lesions
from resviz.topics.lesion.words import changed
from resviz.words.say import percent


class LesionScore(TypedDict):
    """What an arm misreads as drawn, in large type; "" while it is measured. right: the share that it reads correctly, None
    while it is measured; label: what misread is; beside: in images."""

    misread: str
    right: float | None
    label: str
    beside: str


class LesionDrawn(Own):
    """What lesion.js draws: blocks removed and shortcuts cut in training, and by lesions; how dark each block of each arm is;
    the score of each arm."""

    network: Network
    cut: list[int]
    removed: list[int]
    lesion: list[int]
    sever: list[int]
    shades: dict[str, list[float | None]]
    scores: dict[str, LesionScore]


HEIGHT = 262  # px
ROOM = 96  # px, for names on the right; style.css leaves the same margin beside the drawing


def _named(y: float, text: str, color: str) -> dict[str, Any]:
    place = {"x": 1, "xref": "paper", "xanchor": "left", "y": y, "yanchor": "middle", "xshift": 4, "showarrow": False}
    return {"text": text, "font": {"color": color, "size": 13}, **place}


def figures(record: Lesions) -> list[Figure]:
    """Return the drawing to take blocks out of, and below it the error without each block; while training, loss curves."""
    if not record.spec.blocks:
        return []
    return [drawing(record), *([single(record)] if record.whole else learning(record.spec, record.training))]


def drawing(record: Lesions) -> Figure:
    """Return the data that lesion.js draws: both networks, each block shaded by the error that its removal adds."""
    shades = {
        arm: [None if v is None else round(max(0.0, v - record.whole[arm]), 3) for v in record.single.get(arm, ())]
        for arm in ARMS
        if record.whole
    }
    own: LesionDrawn = {
        "by": "lesion",
        "network": network(record.spec),
        "cut": list(record.spec.last.cut),
        "removed": list(record.spec.last.remove),
        "lesion": list(record.spec.lesion),
        "sever": list(record.spec.sever),
        "shades": shades,
        "scores": {arm: _score(record, arm) for arm in ARMS if record.whole},
    }
    return {
        "id": "lesion_net",
        "title": "Click a block to take it out of both networks",
        "note": "only its shortcut is left; darker: more errors without it. A click on an arc cuts that shortcut",
        "own": own,
    }


def _score(record: Lesions, arm: str) -> LesionScore:
    """Return what an arm misreads as drawn, with one decimal under 10%: the sentence above has the images. There is no score of a
    network that reads nothing in some of the images."""
    label, images = f"misread {SHORT[arm]}", f"{record.images:,} new images"
    lost = record.lost.get(arm, 0)
    whole = _of(record.whole[arm], record.images, lost)
    if changed(record.spec) and not record.together:
        return {"misread": "", "right": None, "label": label, "beside": f"is measured; complete: {whole} of {images}"}
    error, beside = record.whole[arm], f"{whole} of {images}"
    if changed(record.spec):
        error, lost = record.together[arm], record.lost_together.get(arm, 0)
        beside = f"{_of(error, record.images, lost)} of {record.images:,}; complete: {whole}"
    if lost:
        return {"misread": "–", "right": None, "label": label, "beside": beside}
    large = percent(round(error, 2 if error >= 0.1 else 3))
    return {"misread": large, "right": _right(error), "label": label, "beside": beside}


def _of(error: float, images: int, lost: int) -> str:
    """Return how many images are misread, and in how many nothing is read."""
    wrong = f"{round(error * images) - lost:,}"
    return f"{wrong}, and nothing read in {lost:,} (its numbers overflow)," if lost else wrong


def _right(error: float) -> float:
    return round(1 - error, 4)


def single(record: Lesions) -> Figure:
    """Plot the share of unseen images misclassified without each block, with lines for the whole network and the one as drawn.
    The x axis is that of the drawing: layers, with each block in the middle of its own."""
    spec = record.spec
    blocks, touched = spec.blocks, bool(changed(spec) and record.together)
    chance = 1 - 1 / spec.data.classes
    middles = [spec.stem_convs + (n - 0.5) * spec.convs_per_block + 0.5 for n in range(1, blocks + 1)]
    traces = [
        curve(
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
    levels = [level(record.whole[arm], ARM_COLOR[arm], ARM_DASH[arm]) for arm in ARMS]
    if touched:
        ends = [(record.together[arm], f"{arm}, as drawn", ARM_COLOR[arm]) for arm in ARMS]
        levels += [level(record.together[arm], ARM_COLOR[arm], ARM_DASH[arm], 4) for arm in ARMS]
    made["figure"]["layout"] |= {
        "margin": {"l": 68, "r": 12 + ROOM, "t": 10, "b": 38},
        "shapes": [level(chance, FAINT), *levels, *(_column(middles[k - 1]) for k in record.changes)],
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
    drawn = [("as drawn", record.together)] if changed(record.spec) and record.together else []
    return [("no block", record.whole), *drawn]


def _column(x: float) -> dict[str, Any]:
    line = {"color": GRID, "width": 6}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": line}


def _apart(ends: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Move labels so that they do not overlap and stay within the axis, since labels outside are not drawn."""
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
