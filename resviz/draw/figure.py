"""The type of a figure: a title, a note, one drawing and its numbers, as plain JSON for the browser."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Table(TypedDict):
    """A table of numbers; the first cell of each row is its name."""

    header: list[str]
    rows: list[Any]


class Plot(TypedDict):
    """A plotly figure: https://plotly.com/javascript/reference. A trace may have a `bind`, by which the browser fills it from
    records (draw/bound.py)."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class Figure(TypedDict):
    """A figure of a panel or of a run. `title` (not if `bare`) and `note` are above it; `table` has its numbers; `height` in px.

    It shows one of these: `figure`, drawn by plotly (if `aligned`, its layer axis matches the drawing of the network; `decades`
    names the quantity whose powers of ten set its y axis); `flow`, moving points; `rows`, a table; `text`, paragraphs; `markup`
    made by the server; one drawn by the browser code of the same name: `net`, `maps`, `gallery`, `pad`; or `own`, drawn by the
    browser code of a topic, whose name is `by`.
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
    maps: NotRequired[dict[str, Any]]
    gallery: NotRequired[dict[str, Any]]
    pad: NotRequired[dict[str, Any]]
    own: NotRequired[dict[str, Any]]
