"""The drawing of one image through one block: the image, x, the parts of the branch, the shortcut, the sum, y."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NotRequired, TypedDict

from resviz.draw.figure import Own
from resviz.topics.block.question import BlockRecord, BlockSpec, Channel, Node, decimals
from resviz.topics.block.words import branch_name, convolutions, shortcut_in_words

WIDTH, HEIGHT = 1120, 250
BIG, TOP = 122, 88  # px: side of a large picture, y of the top of large pictures
MIDDLE = TOP + BIG / 2
GAP, PLUS = 12, 34  # px: the least space between pictures, and the sum
MOST_SMALL = 84
RADIUS = 13
# Seconds of the pulse: when it has reached x, when both ways meet at the sum, when it has reached y.
ENTERED, MET, DONE = 0.6, 2.4, 3.2

_ACT = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "gelu": "GELU", "silu": "SiLU", "tanh": "tanh"}
_NORM = {"batch": "BN", "layer": "LN", "group": "GN"}
_PICTURE = {"china": "photo", "flower": "photo", "digit": "digit", "own": "your picture"}


class StationDrawn(TypedDict):
    """A tensor whose channels through.js enlarges. channels: all there are; height, width: of each; columns: of its picture.
    said: the numbers of each channel in the picture. picture: as an address, if the drawing has none of it."""

    name: str
    channels: int
    height: int
    width: int
    columns: int
    said: list[str]
    picture: NotRequired[str]


class TermDrawn(TypedDict):
    """A station in the sum that is shown enlarged, and the sign before it. marked: it has the marked pixel."""

    sign: str
    station: int
    marked: bool


class ThroughDrawn(Own):
    """What through.js draws. markup: the drawing, whose pictures have the numbers of their stations. marked: of each channel of
    the sum a pixel, (row, column), and `there` what is added in it. scale: the number at both ends of the colours."""

    markup: str
    stations: list[StationDrawn]
    terms: list[TermDrawn]
    marked: list[tuple[int, int]]
    there: list[str]
    scale: str


@dataclass(frozen=True)
class Station:
    """A picture of the drawing. made: what computed it, where no picture of its own says so."""

    node: Node
    name: str
    made: str = ""
    large: bool = True


def stations(spec: BlockSpec, record: BlockRecord) -> list[Station]:
    """The tensors that are drawn, from x to y. No picture stands twice: the last part of the branch gives F(x) where nothing is
    done to it, the last part after the sum gives y, and without a shortcut F(x) is the sum."""
    branch, after = ([n for n in record.nodes if n.role == role] for role in ("branch", "after"))
    x, f, total, y = (_there(record, role) for role in ("x", "F", "sum", "y"))
    plain = spec.block == "plain"
    made = ""
    if branch and (branch[-1].picture, branch[-1].norm) == (f.picture, f.norm):
        made = _title(branch.pop(), spec)
    row = [Station(x, "x", "first layer"), *(Station(n, _title(n, spec), large=False) for n in branch)]
    if plain and not after:
        return [*row, Station(y, f"y = {branch_name(spec)}", made)]
    row.append(Station(f, branch_name(spec), made))
    if not after:
        return [*row, Station(y, "y", "the sum")]
    if not plain:
        row.append(Station(total, "the sum"))
    row += [Station(n, _title(n, spec), large=False) for n in after[:-1]]
    return [*row, Station(y, "y", _title(after[-1], spec))]


def flow(spec: BlockSpec, record: BlockRecord) -> str:
    """Return the drawing as SVG, with the norm of every node under it; all pictures share one colour scale."""
    plain, found = spec.block == "plain", stations(spec, record)
    row = _Row(spec, found)
    row.put_image(record.image, _PICTURE[spec.image])
    for number, station in enumerate(found):
        if station.node.role in ("sum", "y") and not row.plus and not plain:
            row.put_plus()
        row.put(number, station)
    way = None if plain else record.node("shortcut")
    x, f, total, y = (_there(record, role) for role in ("x", "F", "sum", "y"))
    parts = sum(n.role == "branch" for n in record.nodes)
    spoken = (
        f"x of norm {x.norm:.3g} goes through {parts} parts to F(x) of norm {f.norm:.3g}; "
        + ("no shortcut" if way is None else f"the shortcut ({shortcut_in_words(spec)}) brings norm {way.norm:.3g}")
        + f"; the sum has norm {total.norm:.3g}, y {y.norm:.3g}"
    )
    return (
        f'<svg class="rb-flow" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{escape(spoken)}">'
        f"{_pulses(row)}{_shortcut(spec, way, row)}{''.join(row.drawn)}"
        f'<rect class="rb-tile" width="0"/></svg>{_key(record)}'
    )


def drawn(spec: BlockSpec, record: BlockRecord) -> ThroughDrawn:
    """Return what the browser needs for the drawing and for its pictures enlarged."""
    found, digits = stations(spec, record), decimals(record.scale)
    past = None if spec.block == "plain" else record.node("shortcut")
    shown = [_station(s.name, s.node, digits) for s in found]
    roles = {s.node.role: number for number, s in enumerate(found) if s.large}
    first = roles["x"]
    if past and past.picture != found[first].node.picture:
        first = len(shown)
        shown.append(_station(f"x, {shortcut_in_words(spec)}", past, digits) | {"picture": _uri(past.picture)})
    terms: list[TermDrawn] = [{"sign": "", "station": first, "marked": past is not None}]
    if "F" in roles:
        terms.append({"sign": "+" if past else "F →", "station": roles["F"], "marked": True})
    if "sum" in roles:
        terms.append({"sign": "=", "station": roles["sum"], "marked": True})
    after = [_title(n, spec) for n in record.nodes if n.role == "after"]
    terms.append(
        {"sign": f"{', '.join(after)} →" if after else "=" if past else "F →", "station": roles["y"], "marked": True}
    )
    return {
        "by": "through",
        "markup": flow(spec, record),
        "stations": shown,
        "terms": terms,
        "marked": list(record.marked),
        "there": _added(record, branch_name(spec), after, digits),
        "scale": f"{record.scale:.2g}",
    }


def _added(record: BlockRecord, branch: str, after: Sequence[str], digits: int) -> list[str]:
    """What happens in the marked pixel of each channel, as a sentence with its numbers."""
    ways = [node.channels if (node := record.node(role)) else () for role in ("shortcut", "F", "sum", "y")]
    said = []
    for k in range(len(record.marked)):
        past, f, total, y = (_number(c[k].there, digits) if c else "" for c in ways)
        sums = f"{past} + {f} = {total}".replace("+ −", "− ") if past else f"{branch} is {f}"
        ends = f"; after {' and '.join(after)}, y is {y}" if after else "" if past else ", and so is y"
        said.append(f"In the marked pixel {sums}{ends}.")
    return said


def _station(name: str, node: Node, digits: int) -> StationDrawn:
    channels, height, width = node.shape
    return {
        "name": name,
        "channels": channels,
        "height": height,
        "width": width,
        "columns": min(4, channels),
        "said": [_range(channel, digits) for channel in node.channels],
    }


def _range(channel: Channel, digits: int) -> str:
    return f"{_size(channel.norm)}, from {_number(channel.low, digits)} to {_number(channel.high, digits)}"


def _number(value: float | None, digits: int) -> str:
    """A number with its sign; "" for none."""
    return "" if value is None else f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


class _Row:
    """Draws pictures from left to right. `at` is the left edge of the next one; `stops` are left edge and side of those that are
    drawn; `plus` is the centre of the sum, 0 if there is none yet."""

    def __init__(self, spec: BlockSpec, found: Sequence[Station]) -> None:
        self.spec, self.drawn, self.at, self.plus = spec, list[str](), 0.0, 0.0
        self.stops: list[tuple[float, float]] = []
        large, summed = 1 + sum(s.large for s in found), spec.block != "plain"
        few, gaps = len(found) + 1 - large, len(found) + summed
        left = WIDTH - large * BIG - PLUS * summed
        self.small = min(MOST_SMALL, (left - GAP * gaps) / max(1, few))
        self.gap = (left - few * self.small) / gaps

    def put_image(self, png: bytes, name: str) -> None:
        """Draw the picture that went in."""
        self._picture(png, BIG, "the image that went in", self.spec.image != "digit")
        self._words(BIG, name, "", ["goes in"])
        self._on(BIG)

    def put(self, number: int, station: Station) -> None:
        """Draw one station with its title and its norm; the title of a large picture is emphasised."""
        node, side = station.node, BIG if station.large else self.small
        self._wire()
        said = f"{station.name}: {_shape(node)}, norm {node.norm:.3g}, {node.negative:.0%} negative, {node.zero:.0%} exactly 0"
        self.drawn.append(
            f'<g role="button" tabindex="0" aria-haspopup="dialog" data-station="{number}"><title>{escape(said)}</title>'
        )
        self._picture(node.picture, side, "", False)
        few, every = len(node.channels), node.shape[0]
        below = [_size(node.norm)]
        if station.large:
            below.append(f"{few} of {every} channels" if every > few else f"{every} channel{'s' * (every > 1)}")
        self._words(side, station.name, station.made, below)
        self.drawn.append("</g>")
        self._on(side)

    def put_plus(self) -> None:
        """Draw the sum."""
        self._wire()
        self.plus = plus = self.at + PLUS / 2
        self.drawn.append(
            f'<circle cx="{plus:.1f}" cy="{MIDDLE}" r="{RADIUS}" class="rb-plus"/>'
            f'<path d="M{plus - 6:.1f},{MIDDLE}h12M{plus:.1f},{MIDDLE - 6}v12" class="rb-cross"/>'
        )
        self.at += PLUS + self.gap

    def _picture(self, png: bytes, side: float, alt: str, smooth: bool) -> None:
        top = MIDDLE - side / 2
        spoken = f' role="img" aria-label="{escape(alt)}"' if alt else ""
        sharp = "" if smooth else ' class="rb-sharp"'
        self.drawn.append(
            f'<image href="{_uri(png)}" x="{self.at:.1f}" y="{top:.1f}" width="{side:.1f}" height="{side:.1f}"'
            f' preserveAspectRatio="xMidYMid meet"{spoken}{sharp}/>'
        )

    def _words(self, side: float, name: str, made: str, below: Sequence[str]) -> None:
        top, middle = MIDDLE - side / 2, self.at + side / 2
        if made:
            self.drawn.append(f'<text x="{middle:.1f}" y="{top - 26:.1f}" class="rb-made">{escape(made)}</text>')
        strong = "rb-strong" if side == BIG else ""
        self.drawn.append(f'<text x="{middle:.1f}" y="{top - 7:.1f}" class="{strong}">{escape(name)}</text>')
        for line, text in enumerate(below):
            self.drawn.append(
                f'<text x="{middle:.1f}" y="{top + side + 17 + 16 * line:.1f}" class="rb-norm">{text}</text>'
            )

    def _on(self, side: float) -> None:
        self.stops.append((self.at, side))
        self.at += side + self.gap

    def _wire(self) -> None:
        self.drawn.append(f'<path d="M{self.at - self.gap + 1:.1f},{MIDDLE}h{self.gap - 3:.1f}" class="rb-wire"/>')


def _there(record: BlockRecord, role: str) -> Node:
    node = record.node(role)
    assert node is not None
    return node


def _shortcut(spec: BlockSpec, way: Node | None, row: _Row) -> str:
    """The arc of the shortcut over the branch, from x to the sum, with its label."""
    if way is None:
        left, side = row.stops[1]
        return (
            f'<text x="{(left + side + WIDTH) / 2:.1f}" y="26.5" class="rb-faint">no shortcut: only F(x) goes on</text>'
        )
    path, _ = _arc(row)
    centre = (_start(row) + row.plus) / 2
    label = f"{shortcut_in_words(spec)}: {_size(way.norm)}"
    half = 4.2 * len(label) + 10
    return (
        f'<path d="{path}" class="rb-arc"/><path d="M{row.plus - 5:.1f},{MIDDLE - 22}l5,7l5,-7" class="rb-arc"/>'
        f"{_pulse(_arc(row), ENTERED, MET)}"
        f'<rect x="{centre - half:.1f}" y="8" width="{2 * half:.1f}" height="27" rx="13" class="rb-label"/>'
        f'<text x="{centre:.1f}" y="26.5" class="rb-way">{escape(label)}</text>'
    )


def _start(row: _Row) -> float:
    left, side = row.stops[1]
    return left + side / 2


def _arc(row: _Row) -> tuple[str, float]:
    """The way of the shortcut, as a path, and its length in px."""
    start, up, plus, end = _start(row), TOP - 42, row.plus, MIDDLE - 15
    path = f"M{start:.1f},{up}V34Q{start:.1f},22 {start + 14:.1f},22H{plus - 14:.1f}Q{plus:.1f},22 {plus:.1f},34V{end}"
    return path, (up - 34) + 20 + (plus - start - 28) + 20 + (end - 34)


def _pulses(row: _Row) -> str:
    """The pulse on its way through the branch, around every picture: it covers none. Where there is a sum, that of the shortcut
    meets it there."""
    entering, rest = row.stops[:2], row.stops[2:]
    x_ends = sum(entering[1])
    legs = [(entering[0][0], entering, x_ends, 0.0, ENTERED)]
    if row.plus:
        before, after = ([stop for stop in rest if (stop[0] < row.plus) == first] for first in (True, False))
        legs.append((x_ends, before, row.plus - RADIUS, ENTERED, MET))
        legs.append((row.plus + RADIUS, after, sum(after[-1]), MET, DONE))
    else:
        legs.append((x_ends, rest, sum(rest[-1]), ENTERED, DONE))
    return "".join(
        _pulse(_around(stops, begin, end, side), at, until) for begin, stops, end, at, until in legs for side in (-1, 1)
    )


def _around(stops: Sequence[tuple[float, float]], begin: float, end: float, side: int) -> tuple[str, float]:
    """The way from left to right over (side = -1) or under all pictures, as a path, and its length in px."""
    path, length = f"M{begin:.1f},{MIDDLE}", end - begin
    for left, size in stops:
        path += f"H{left:.1f}V{MIDDLE + side * size / 2:.1f}H{left + size:.1f}V{MIDDLE}"
        length += size
    return f"{path}H{end:.1f}", length


def _pulse(way: tuple[str, float], at: float, until: float) -> str:
    """What runs along a way between two moments, in seconds."""
    path, length = way
    return f'<path d="{path}" class="rb-pulse" style="--far:{-length:.0f};--at:{at:.1f}s;--for:{until - at:.1f}s"/>'


def _key(record: BlockRecord) -> str:
    end = f"{record.scale:.2g}"
    return (
        '<div class="rb-key"><button type="button" class="rv-button rb-play" title="Send the image through once more">'
        '<span aria-hidden="true">▶</span> Play</button>'
        "<span>White is 0; under each picture stands its overall size ‖·‖. Click a picture to enlarge a channel.</span>"
        f'<span class="rb-scale"><span>−{end}</span><i aria-hidden="true"></i><span>+{end}</span></span></div>'
    )


def _title(node: Node, spec: BlockSpec) -> str:
    kind, number = node.part.rstrip("0123456789"), node.part[-1]
    if kind == "conv":
        _, _, kernel, stride = convolutions(spec)[int(number) - 1]
        return f"{kernel}×{kernel}" + (f" ↓{stride}" if stride > 1 else "")
    return _NORM[spec.norm] if kind == "norm" else _ACT[spec.activation]


def _shape(node: Node) -> str:
    return " × ".join(map(str, node.shape))


def _size(norm: float) -> str:
    return f"‖·‖ {norm:.3g}"


def _uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
