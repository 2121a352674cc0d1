"""The component that pages mount: a run as it happens, or networks before training, drawn in the browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from resviz.figures.live import Template
from resviz.records import Record
from resviz.runs.run import Run
from resviz.spec import Spec
from resviz.ui.controls import show_in_address
from resviz.ui.describe import field_of, live_fields
from resviz.ui.looks import looked, pictured
from resviz.ui.routes import described
from resviz.ui.server import plotly_url

_ASSETS = Path(__file__).parent / "assets"
_MODULE = (
    "records",
    "dom",
    "plots",
    "stream",
    "drawing",
    "net",
    "branches",
    "editor",
    "live",
    "controls",
    "still",
    "mount",
)  # one after the other
_component = st.components.v2.component(
    "resviz_live",
    html='<div class="rv-live"></div>',
    css=(_ASSETS / "live.css").read_text(),
    js="\n".join((_ASSETS / f"{name}.js").read_text() for name in _MODULE),
    isolate_styles=False,  # plotly styles its marks from the document's head
)


def live(run: Run, figures: list[Template], *, key: str) -> None:
    """Show a run as it happens; a rerun of the page with the same run changes nothing on screen."""
    _mount("live", key, **pictured(run.spec, figures), run=described(run), fields=live_fields())


def still(
    spec: Spec, figures: list[Template], *, key: str, record: Record | None = None, controls: Sequence[str] = ()
) -> None:
    """Show the networks of a spec before training, with what one pass measures of them, at every click anew.

    `key` names the view, "start" or "signal": one drawing above each figure, or both networks above all of them. `record`
    is what was measured of the spec, if that is known; if not, the browser asks. `controls` names settings that the view
    itself offers, in a row on top.
    """
    page = {**pictured(spec, figures), **looked(spec, record, key)}
    if controls:
        page["controls"] = [field_of(name) for name in controls]
    _mount("still", key, view=key, **page)


def _mount(kind: str, key: str, **page: Any) -> None:
    # As text: for a list or a dict Streamlit imports pandas to see whether it is a table, a second on a first visit.
    text = json.dumps({"plotly": plotly_url(), **page})
    # The browser has gone over to another spec by itself: the address, and the widgets that show it, follow.
    _component(key=key, data={"kind": kind, "text": text}, on_query_change=lambda: _follow(key))


def _follow(key: str) -> None:
    if key not in st.session_state:  # its page has gone meanwhile
        return
    words = dict(parse_qsl(st.session_state[key]["query"] or "", keep_blank_values=True))
    show_in_address(Spec.read(words)[0])
