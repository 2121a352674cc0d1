"""The component that shows a panel: settings, figures and a finding, answered by the server without a rerun of the page."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl

import streamlit as st

from resviz.fields import Worded
from resviz.ui.controls import RESERVED
from resviz.ui.panels import PANELS
from resviz.ui.server import plotly_url

_ASSETS = Path(__file__).parent / "assets"
_MODULE = ("records", "dom", "plots", "flow", "filled", "stream", "panel")  # one after the other
_component = st.components.v2.component(
    "resviz_panel",
    html='<div class="rv-live rv-panel"></div>',
    css="\n".join((_ASSETS / f"{name}.css").read_text() for name in ("live", "board", "panel")),
    js="\n".join((_ASSETS / f"{name}.js").read_text() for name in _MODULE),
    isolate_styles=False,  # plotly styles its marks from the document's head
)


def panel(kind: str, spec: Worded, *, name: str) -> None:
    """Show the panel of a kind (`ui.panels.PANELS`) with a spec; `name` is what a screen reader calls it. A change that a person
    makes there comes back into the address."""
    shown, key = PANELS[kind], f"panel_{kind}"
    page = {
        "plotly": plotly_url(),
        "kind": kind,
        "url": f"panel/{kind}",
        "query": spec.query(),
        "name": name,
        "controls": shown.described(shown.controls),
        "more": shown.described(shown.more),
        "at_once": shown.at_once,
        "verb": shown.verb,
    }
    # As text: for a dict Streamlit imports pandas to see whether it is a table, a second on a first visit.
    _component(key=key, data=json.dumps(page), on_query_change=lambda: _follow(key))


def _follow(key: str) -> None:
    if key not in st.session_state:  # its page has gone meanwhile
        return
    words = dict(parse_qsl(st.session_state[key]["query"] or "", keep_blank_values=True))
    kept = {name: value for name, value in st.query_params.items() if name in RESERVED}
    st.query_params.from_dict(kept | words)
