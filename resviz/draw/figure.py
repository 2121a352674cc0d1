"""What a figure is: words, one thing to see, and its numbers, as plain JSON for the browser."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Table(TypedDict):
    """Numbers to be read; the first cell of each row names it."""

    header: list[str]
    rows: list[Any]


class Plot(TypedDict):
    """What plotly draws: https://plotly.com/javascript/reference. A trace may have a `bind`, by which the browser fills it from
    records (figures/live.py)."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class Figure(TypedDict):
    """A figure of a panel or of a run: `title` and `note` stand above it, `table` has its numbers, `height` is in px.

    It shows one of these: `figure` drawn by plotly, whose layer axis is `aligned` with the drawing of the network, and whose y
    axis has the `decades` of a measured quantity; `flow` points that move; `rows` a table; `text` paragraphs; `markup` as the
    server has drawn it; or what a part of the browser's half makes of the data under its name: `net`, `drawing`, `maps`,
    `gallery`, `pad`, `unravel`. A `bare` one shows no title.
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
    flow: NotRequired[dict[str, Any]]
    rows: NotRequired[Table]
    text: NotRequired[str]
    markup: NotRequired[str]
    net: NotRequired[dict[str, Any]]
    drawing: NotRequired[dict[str, Any]]
    maps: NotRequired[dict[str, Any]]
    gallery: NotRequired[dict[str, Any]]
    pad: NotRequired[dict[str, Any]]
    unravel: NotRequired[dict[str, Any]]
