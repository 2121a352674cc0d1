"""The type of a figure: a title, a note, one drawing and its numbers, as plain JSON for the browser.

The browser's half is checked against these types (tests/js/payloads.d.ts is made from them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict


class Table(TypedDict):
    """A table of numbers; the first cell of each row is its name."""

    header: list[str]
    rows: list[Any]


class Plot(TypedDict):
    """A plotly figure: https://plotly.com/javascript/reference. A trace may have a `bind`, by which the browser fills it from
    records (draw/bound.py)."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class MovingHalved(TypedDict):
    """The same points with half the step and twice as many steps, (2 steps + 1, points); the rest as in MovingArm."""

    formula: str
    said: str
    x: Sequence[Sequence[float]]
    y: Sequence[Sequence[float]]
    regions: Sequence[str]


class MovingArm(TypedDict):
    """Points on their way through the blocks of one network: the coordinates of each, (steps + 1, points). `jumps`: from block to
    block, not along a line. `regions`: the class that the rest of the way would tell at each cell of a square grid, in front of
    each block or only at the end; `arrows`: what the next block does at the nodes of a grid, as pairs."""

    name: str
    formula: str
    color: str
    said: str
    jumps: bool
    x: Sequence[Sequence[float]]
    y: Sequence[Sequence[float]]
    regions: Sequence[str]
    arrows: NotRequired[Sequence[Sequence[float]] | None]
    halved: NotRequired[MovingHalved]


class Stepping(TypedDict):
    """What is shown of the step of a single point: h, the step of each block, and what half of it does, in words."""

    h: float
    said: str


class Moving(TypedDict):
    """An animation of points through blocks. `box`: left, right, bottom, top; `grid`: nodes of the arrows' grid along a side;
    `noun`: what the way is measured in; `columns`: arms beside each other; `step`: each point can be
    pointed at, and the step halved."""

    arms: list[MovingArm]
    box: Sequence[float]
    labels: Sequence[int]
    grid: int
    blocks: int
    colors: Sequence[str]
    noun: str
    columns: NotRequired[int]
    step: NotRequired[Stepping]


class Stage(TypedDict):
    """A stage of a network: its first block, and its channels."""

    first: int
    channels: int


class Network(TypedDict):
    """What the drawing of a network needs: blocks along the axis of layers, of which `stem` come first and each block has `per`;
    the type of each shortcut, none if there are none; the stages."""

    depth: int
    stem: int
    per: int
    blocks: int
    shortcuts: list[str]
    stages: list[Stage]


class Drawn(TypedDict):
    """A drawing of the networks of `arms` in a panel; with `tools`, its other drawings follow this one."""

    network: Network
    cut: Sequence[int]
    remove: Sequence[int]
    arms: Sequence[Arm]
    tools: bool


class Read(TypedDict):
    """What a network reads, in words, in its colour."""

    text: str
    color: str


class Picture(TypedDict):
    """A picture: bytes (channels, height, width) in base 64, and the value that is white. Of a pad, live: it tells each stroke on
    its way; reads: what the networks make of it; upload: the address that makes such a picture of a file."""

    pixels: str
    channels: int
    height: int
    width: int
    top: int
    live: NotRequired[bool]
    reads: NotRequired[list[Read]]
    upload: NotRequired[str]


class MapCell(TypedDict):
    """One map, numbers from -1 to 1, and what is said of it."""

    label: str
    width: int
    height: int
    values: list[float]
    said: str


class MapsRow(TypedDict):
    """Maps under a title, in the colour of a network."""

    title: str
    color: str
    cells: list[MapCell]


class MapsKey(TypedDict):
    """The meaning of the colours of maps, in words: of the most negative number, which is striped ("" if none is below 0), and of
    the largest."""

    low: str
    high: str


class Maps(TypedDict):
    """Attribution maps beside their image; `colours`: stops of the colour scale, a place from 0 to 1 and a colour."""

    image: Picture | None
    said: str
    rows: list[MapsRow]
    key: MapsKey
    colours: Sequence[tuple[float, str]]


class GalleryItem(TypedDict):
    """A picture to choose: what it is, what each network reads, and which of them are wrong."""

    number: int
    pixels: str
    truth: int
    reads: Mapping[str, int | str]
    wrong: list[str]


class Gallery(TypedDict):
    """Pictures to choose from, all of the size of `image`; `chosen`: the number of the one shown."""

    image: Picture
    items: list[GalleryItem]
    chosen: int | None
    colors: Mapping[str, str]


class Own(TypedDict):
    """What the browser code of a topic draws; `by` names its file. A topic adds what it needs."""

    by: str


class Figure(TypedDict):
    """A figure of a panel or of a run. `title` (not if `bare`) and `note` are above it; `table` has its numbers; `height` in px.

    It shows one of these: `figure`, drawn by plotly (if `aligned`, its layer axis matches the drawing of the network; `decades`
    names the quantity whose powers of ten set its y axis); `flow`, moving points; `rows`, a table; `text`, paragraphs; `markup`
    made by the server; one drawn by the browser code of the same name: `net`, `maps`, `gallery`, `pad`; or `own`, drawn by the
    browser code of a topic.
    """

    id: str
    title: str
    note: str
    bare: NotRequired[bool]
    height: NotRequired[int]
    table: NotRequired[Table]
    figure: NotRequired[Plot]
    aligned: NotRequired[bool]
    decades: NotRequired[str]
    flow: NotRequired[Moving]
    rows: NotRequired[Table]
    text: NotRequired[str]
    markup: NotRequired[str]
    net: NotRequired[Drawn]
    maps: NotRequired[Maps]
    gallery: NotRequired[Gallery]
    pad: NotRequired[Picture]
    own: NotRequired[Own]


# -- binds ---------------------------------------------------------------------------------------------


Arm = Literal["residual", "plain"]


class SeriesBind(TypedDict):
    """The bind of a line over the steps (draw/bound.py says what each bind means)."""

    kind: Literal["series"]
    arm: Arm
    name: str


# `from` is a word of Python's, so that a field of this name must be written as text.
ProfileBind = TypedDict(
    "ProfileBind",
    {"kind": Literal["profile"], "arm": Arm, "name": str, "at": Literal["cursor", "first"], "from": int, "every": int},
)


class HeatmapBind(TypedDict):
    """The bind of a picture over steps and layers."""

    kind: Literal["heatmap"]
    arm: Arm
    name: str


class SlopeBind(TypedDict):
    """The bind of a straight line on a log scale."""

    kind: Literal["slope"]
    arm: Arm
    name: str
    factor: float
    per: int
    back: bool
    level: float | None


class EdgeBind(TypedDict):
    """The bind of marks at the edge of the axis."""

    kind: Literal["edge"]
    arm: Arm
    name: str
    over: int
    says: str


Bind = SeriesBind | ProfileBind | HeatmapBind | SlopeBind | EdgeBind
