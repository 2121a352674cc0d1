"""The component that shows a study: several runs against each other, on a board that fills in as they finish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from resviz.ui.server import plotly_url

_ASSETS = Path(__file__).parent / "assets"
_MODULE = ("records", "dom", "plots", "filled", "stream", "board")  # one after the other
_component = st.components.v2.component(
    "resviz_board",
    html='<div class="rv-live rv-board"></div>',
    css="\n".join((_ASSETS / f"{name}.css").read_text() for name in ("live", "board")),
    js="\n".join((_ASSETS / f"{name}.js").read_text() for name in _MODULE),
    isolate_styles=False,  # plotly styles its marks from the document's head
)


def board(
    kind: str,
    spec_words: Mapping[str, str] | None = None,
    *,
    key: str,
    title: str = "",
    name: str = "Runs against each other",
    auto: bool = False,
) -> None:
    """Show the study of a kind (`resviz.studies.KINDS`) with these settings, and `seeds` among them; what they leave out
    is the kind's own.

    `name` is what a screen reader calls it where it has no title. What is in the store is there at once. The rest is trained
    when a person says so, or, with `auto`, by itself. Settings that make no study are said in words on the board.
    """
    page = {
        "plotly": plotly_url(),
        "url": f"study/{kind}",
        "query": urlencode(dict(spec_words or {}), safe=",:"),
        "title": title,
        "name": title or name,
        "auto": auto,
    }
    # As text: for a dict Streamlit imports pandas to see whether it is a table, a second on a first visit.
    _component(key=key, data=json.dumps(page))
