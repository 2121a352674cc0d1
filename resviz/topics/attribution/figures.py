"""The figures of the Attribution page: maps beside the image, images to choose from, and the share of each class."""

from __future__ import annotations

from resviz.draw.chart import chart
from resviz.draw.diverging import COLOURS
from resviz.draw.figure import Figure, GalleryItem, Read, Table
from resviz.draw.maps import cards_row, key_of, picture
from resviz.draw.palette import ARM_COLOR
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.learning import learning
from resviz.probes.methods import METHODS, Seen
from resviz.topics.attribution.question import Attribution
from resviz.words.say import percent

NOUNS = {"digits": "a digit", "mnist": "a digit"}  # what is drawn, by data set
ROWS = 64  # at most this many rows of each map in the table


def figures(record: Attribution) -> list[Figure]:
    """The maps, a drawing pad, the images to choose from and the classes; the training loss while the networks learn."""
    if not record.arms:
        return learning(record.spec, record.training)
    if not record.pixels:
        return [maps(record), classes(record)]
    return [maps(record), pad(record), gallery(record), classes(record)]


def maps(record: Attribution) -> Figure:
    """A row of maps for each arm, and a second row for the same network with all weights drawn anew."""
    method = METHODS[record.spec.method]
    rows = []
    for arm in ARMS:
        seen = record.arms[arm]
        rows.append(cards_row(arm, f"{arm}: reads {seen.reads}", seen.maps, method.blocks))
        if seen.destroyed:
            rows.append(cards_row(arm, f"{arm}, weights drawn anew", seen.destroyed, method.blocks))
    truth = "your image" if record.number is None else f"unseen image {record.number}, a {record.truth}"
    return {
        "id": "attr_maps",
        "title": f"Where {record.target} is seen, by {method.label}",
        "note": f"each map on its own scale; {method.source}",
        "maps": {
            "image": picture(record.pixels, record.spec.data) if record.pixels else None,
            "said": truth,
            "rows": rows,
            "key": key_of(method, str(record.target)),
            "colours": COLOURS,
        },
        "table": _table(record),
    }


def _table(record: Attribution) -> Table:
    """The sums of the maps of all blocks, or the numbers of a single map of the image, row by row."""
    seen = [record.arms[arm] for arm in ARMS]
    if METHODS[record.spec.method].blocks:
        anew = ("sum anew", "rank correlation") if any(s.destroyed for s in seen) else ()
        header = ["block", *(f"{what}, {arm}" for arm in ARMS for what in ("sum", "largest", *anew))]
        blocks = sorted({m.block for s in seen for m in s.maps})
        rows = [[str(b), *(cell for s in seen for cell in _cells(s, b, 2 + len(anew)))] for b in blocks]
        return {"header": header, "rows": rows}
    rows = []
    for arm, s in zip(ARMS, seen, strict=True):
        for what, m in ((arm, s.maps[0]), *((f"{arm}, drawn anew", m) for m in s.destroyed)):
            for y in range(min(m.height, ROWS)):
                line = m.values[y * m.width : (y + 1) * m.width]
                rows.append([f"{what}, row {y + 1}", *(f"{v:.3g}" for v in line)])
    return {"header": ["", *(str(x + 1) for x in range(seen[0].maps[0].width))], "rows": rows}


def _cells(seen: Seen, block: int, count: int) -> list[str]:
    k = next((k for k, m in enumerate(seen.maps) if m.block == block), None)
    if k is None:
        return ["–"] * count
    cells = [f"{seen.maps[k].total:.3g}", f"{seen.maps[k].largest:.3g}"]
    if seen.destroyed:
        alike = seen.alike[k]
        cells += [f"{seen.destroyed[k].total:.3g}", "–" if alike is None else f"{alike:.3g}"]
    return cells


def gallery(record: Attribution) -> Figure:
    """Unseen images to choose from; those read wrong come first."""
    items: list[GalleryItem] = [
        {
            "number": e.number,
            "pixels": e.pixels,
            "truth": e.truth,
            "reads": {arm: "–" if e.reads[arm] < 0 else e.reads[arm] for arm in ARMS},
            "wrong": [arm for arm in ARMS if e.reads[arm] != e.truth],
        }
        for e in record.gallery
    ]
    wrong = " and ".join(f"{record.wrong[arm]:,}" for arm in ARMS)
    return {
        "id": "attr_gallery",
        "title": "Or choose an image",
        "note": f"blue, orange: what each network reads. Mistakes first: {wrong} of {record.test:,}",
        "gallery": {
            "image": picture("", record.spec.data),
            "items": items,
            "chosen": record.number,
            "colors": {arm: ARM_COLOR[arm] for arm in ARMS},
        },
    }


def pad(record: Attribution) -> Figure:
    """A pad to draw or upload the user's own image, and what both networks read in it."""
    own = record.number is None
    drawn = picture(record.pixels if own else "", record.spec.data)
    drawn["upload"] = f"own/{record.spec.dataset}"
    drawn["reads"] = [_read(arm, record.arms[arm]) for arm in ARMS if own]
    return {
        "id": "attr_pad",
        "title": f"Draw {NOUNS.get(record.spec.dataset, 'an image')} of your own",
        "note": "it becomes part of the link",
        "pad": drawn,
    }


def _read(arm: str, seen: Seen) -> Read:
    return {"text": f"{arm}: {seen.reads}, {percent(seen.shares[seen.reads])} sure", "color": ARM_COLOR[arm]}


def classes(record: Attribution) -> Figure:
    """The share (softmax) that each network gives to every class."""
    traces = [
        {
            "type": "bar",
            "name": arm,
            "x": list(range(len(record.arms[arm].shares))),
            "y": list(record.arms[arm].shares),
            "marker": {"color": ARM_COLOR[arm], "pattern": {"shape": "/" if arm == "plain" else ""}},
            "hovertemplate": "%{x}: %{y:.1%}",
        }
        for arm in ARMS
    ]
    made = chart(
        "attr_classes",
        "What each network makes of it",
        "share that each class gets (softmax); striped: plain",
        traces,
        x={"title": {"text": "class"}, "dtick": 1 if record.spec.data.classes <= 10 else 10},
        y={"range": [0, 1.02], "tickformat": ".0%", "nticks": 5},
    )
    made["figure"]["layout"] |= {"barmode": "group"}
    return made | {"height": 230}
