"""The component that shows a panel: settings, figures and a finding, answered by the server without a rerun of the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import streamlit as st

from resviz.fields import Worded
from resviz.inside.network import InsideSpec
from resviz.literature import Claim
from resviz.ui import style
from resviz.ui.controls import RESERVED, kept_runs, show_problems, view_from_url, view_switch, words_from_url
from resviz.ui.panels import PANELS
from resviz.ui.server import plotly_url
from resviz.views import View

_ASSETS = Path(__file__).parent / "assets"
_MODULE = (
    "records",
    "dom",
    "plots",
    "flow",
    "filled",
    "drawing",
    "maps",
    "lesion",
    "unravel",
    "stream",
    "panel",
)  # in this order
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
        "values": shown.values(spec),
        "said": shown.said(spec),
    }
    # As text: for a dict Streamlit imports pandas to see whether it is a table, a second on a first visit.
    _component(key=key, data=json.dumps(page), on_query_change=lambda: _follow(key))


def views(found: Mapping[str, View], claims: Iterable[Claim]) -> None:
    """A whole page of panels, by kind: one of them at a time, why, and what the literature says."""
    labels = {kind: view.label for kind, view in found.items()}
    kind = view_from_url(list(labels))
    view = found[kind]
    spec, problems = words_from_url(PANELS[kind].spec)
    style.heading(view.question, view.below)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(labels) > 1:
            view_switch(labels, kind)
        if isinstance(spec, InsideSpec):
            kept_runs(spec)
    show_problems(problems)
    panel(kind, spec, name=view.label)
    with st.expander("Why"):
        st.markdown(view.why)
    with st.expander("What is often said, and what the literature found"):
        style.claims(claims)


def _follow(key: str) -> None:
    if key not in st.session_state:  # its page has gone meanwhile
        return
    words = dict(parse_qsl(st.session_state[key]["query"] or "", keep_blank_values=True))
    kept = {name: value for name, value in st.query_params.items() if name in RESERVED}
    st.query_params.from_dict(kept | words)
