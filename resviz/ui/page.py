"""The component that shows panels, and pages of them. Streamlit chooses page and view; every setting is a panel's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from resviz.literature import Claim
from resviz.ui import style
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
    "net",
    "maps",
    "lesion",
    "unravel",
    "watch",
    "stream",
    "address",
    "settings",
    "guess",
    "branches",
    "editor",
    "timeline",
    "panel",
    "mount",
)  # in this order
_SHEETS = ("live", "panel", "block", "count")
_component = st.components.v2.component(
    "resviz_panel",
    html='<div class="rv-live"></div>',
    css="\n".join((_ASSETS / f"{name}.css").read_text() for name in _SHEETS),
    js="\n".join((_ASSETS / f"{name}.js").read_text() for name in _MODULE),
    isolate_styles=False,  # plotly styles its marks from the document's head
)


def panel(kind: str, *, name: str, beside: bool = False, alone: bool = False, later: bool = False) -> None:
    """Show the panel of a kind (`ui.panels.PANELS`); `name` is what a screen reader calls it.

    Its settings are those of the address, which follows what a person changes there. A panel `beside` another asks about the same
    settings; one that stands `alone` has its own, which no address names. One that comes `later` begins when it is seen.
    """
    shown = PANELS[kind]
    page = {
        "plotly": plotly_url(),
        "kind": kind,
        "url": f"panel/{kind}",
        "name": name,
        "beside": beside,
        "alone": alone,
        "later": later,
        "at_once": shown.at_once,
        "verb": shown.verb,
        "first": shown.first,
        "again": shown.again or f"{shown.verb} again",
        "rest": shown.rest,
        "onward": shown.onward_title,
        "files": [[file.label, file.suffix, file.reads] for file in shown.files],
    }
    # As text: for a dict Streamlit imports pandas to see whether it is a table, a second on a first visit.
    _component(key=f"panel_{kind}", data=json.dumps(page))


def views(found: Mapping[str, View], claims: Iterable[Claim]) -> None:
    """A whole page of panels, by kind: one of them at a time, why, and what the literature says."""
    labels = {kind: view.label for kind, view in found.items()}
    kind = view_from_url(list(labels))
    view = found[kind]
    style.heading(view.question, view.below)
    if len(labels) > 1:
        view_switch(labels, kind)
    panel(kind, name=view.label)
    with st.expander("Why"):
        st.markdown(view.why)
    with st.expander("What is often said, and what the literature found"):
        style.claims(claims)


def view_from_url(names: Sequence[str]) -> str:
    """Which of a page's views the address names; the first where it names none of them."""
    named = st.query_params.get("view", "")
    return named if named in names else names[0]


def view_switch(labels: Mapping[str, str], now: str) -> None:
    """Offer a page's views, by name; another one begins with settings of its own."""
    st.session_state["view"] = now

    def chosen() -> None:
        if st.session_state["view"]:  # not the one that is shown already, pressed once more
            st.query_params.from_dict({"view": st.session_state["view"]})

    st.segmented_control(
        "View", list(labels), format_func=labels.__getitem__, key="view", on_change=chosen, label_visibility="collapsed"
    )
