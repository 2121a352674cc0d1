"""The component that shows panels, and pages of them. Streamlit chooses page and view; every setting is a panel's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from resviz.topic import Shown, Topic, pages
from resviz.ui import style
from resviz.ui.component import script, styles
from resviz.ui.panels import PANELS
from resviz.ui.server import plotly_url

_component = st.components.v2.component(
    "resviz_panel",
    html='<div class="rv-live"></div>',
    css=styles(),
    js=script(),
    isolate_styles=False,  # plotly styles its marks from the document's head
)


def stacked(page: str) -> None:
    """A page whose topics stand under one another."""
    found = pages()[page]
    style.heading(found[0].question, found[0].below)
    for topic in found:
        for name, shown in topic.shows.items():
            if shown.title:
                st.subheader(shown.title)
            if shown.text:
                st.markdown(shown.text)
            panel(name, shown)
    notes(found)


def views(page: str) -> None:
    """A page that shows one of its topics at a time."""
    found = {topic.name: topic for topic in pages()[page]}
    name = view_from_url(list(found))
    topic = found[name]
    style.heading(topic.question, topic.below)
    if len(found) > 1:
        view_switch({name: topic.label for name, topic in found.items()}, name)
    for kind, shown in topic.shows.items():
        panel(kind, shown)
    notes([topic], claimed=found.values())


def panel(kind: str, shown: Shown) -> None:
    """Show a panel. Its settings are those of the address, which follows what a person changes there."""
    made = PANELS[kind]
    page = {
        "plotly": plotly_url(),
        "kind": kind,
        "timeline": made.timeline,
        "url": f"panel/{kind}",
        "name": shown.name,
        "beside": shown.beside,
        "alone": shown.alone,
        "later": shown.later,
        "at_once": made.at_once,
        "verb": made.verb,
        "first": made.first,
        "again": made.again or f"{made.verb} again",
        "rest": made.rest,
        "onward": made.onward_title,
        "files": [[file.label, file.suffix, file.reads] for file in made.files],
    }
    # As text: for a dict Streamlit imports pandas to see whether it is a table, a second on a first visit.
    _component(key=f"panel_{kind}", data=json.dumps(page))


def notes(found: Sequence[Topic], claimed: Iterable[Topic] = ()) -> None:
    """Why it is so, of these topics, and what the literature found: of them, or of all those `claimed`."""
    for topic in found:
        if topic.why:
            with st.expander(topic.why_title):
                st.markdown(topic.named(topic.why))
    if claims := [claim for topic in claimed or found if topic.claims for claim in topic.named(topic.claims)]:
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
