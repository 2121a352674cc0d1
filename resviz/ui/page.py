"""The component that shows panels, and the pages made of them. Streamlit chooses page and view; all settings belong to panels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import streamlit as st

from resviz.topic import Shown, Topic, pages
from resviz.ui import browser, style
from resviz.ui.panels import PANELS
from resviz.ui.payloads import Page
from resviz.words.link import read_link
from resviz.words.text import shown as cut

_component = st.components.v2.component(
    "resviz_panel",
    html='<div class="rv-live"></div>',
    js=browser.script(),
    isolate_styles=False,  # the index page has our styles, and plotly adds its own to the document's head
)


def stacked(page: str) -> None:
    """Show a page with all its topics, one below the other."""
    found = pages()[page]
    style.heading(found[0].question, found[0].below)
    *_, last = (name for topic in found for name in topic.shows)
    for topic in found:
        for name, shown in topic.shows.items():
            if shown.title:
                style.title(shown.title)
            if shown.text:
                style.text(shown.text)
            panel(name, shown, last=name == last)
    notes(found)


def views(page: str) -> None:
    """Show a page with one of its topics at a time."""
    found = {topic.name: topic for topic in pages()[page]}
    name, trouble = view_from_url({topic.name: topic.label for topic in found.values()})
    topic = found[name]
    style.heading(topic.question, topic.below)
    if trouble:
        style.text(trouble)
    if len(found) > 1:
        view_switch({name: topic.label for name, topic in found.items()}, name)
    for kind, shown in topic.shows.items():
        panel(kind, shown, last=kind == list(topic.shows)[-1], view=name)
    notes([topic], claimed=found.values())


def panel(kind: str, shown: Shown, *, last: bool = False, view: str = "") -> None:
    """Show a panel; the last one of a page leads to the next page. Its settings come from the address, which is updated when a
    person changes them. `view` is the one that it belongs to."""
    made = PANELS[kind]
    page: Page = {
        "plotly": browser.library_address(browser.CARTESIAN),
        "plotly_whole": browser.library_address(browser.WHOLE),
        "modules": browser.modules_of(kind),
        "kind": kind,
        "timeline": made.timeline,
        "url": f"panel/{kind}",
        "name": shown.name,
        "titled": bool(shown.title),
        "beside": shown.beside,
        "alone": shown.alone,
        "later": shown.later,
        "at_once": made.at_once,
        "below": made.below,
        "last": last,
        "view": view,
        "verb": made.verb,
        "first": made.first,
        "again": made.again or f"{made.verb} again",
        "rest": made.rest,
        "onward": made.onward_title,
        "files": [(file.label, file.suffix, file.reads) for file in made.files],
    }
    # Sent as bytes: for anything else Streamlit imports pandas to see whether it is a table, half a second on a first visit.
    _component(key=f"panel_{kind}", data=json.dumps(page).encode())


def notes(found: Sequence[Topic], claimed: Iterable[Topic] = ()) -> None:
    """Show the explanations of these topics, and what the literature found about them, or about all topics in `claimed`."""
    for topic in found:
        if topic.why:
            with st.expander(topic.why_title):
                st.markdown(topic.named(topic.why))
    if claims := [claim for topic in claimed or found if topic.claims for claim in topic.named(topic.claims)]:
        with st.expander("What is often said, and what the literature found"):
            style.claims(claims)


def view_from_url(labels: Mapping[str, str]) -> tuple[str, str]:
    """Return the view that the address names, or the first one; and what is wrong if it names another, else an empty string."""
    first = next(iter(labels))
    link = read_link(st.query_params.items(), ("view",), lambda _, value: value.casefold() in labels)
    named = link.words.get("view", "")
    if not named or named.casefold() in labels:
        return named.casefold() or first, ""
    return first, f"The link names a view “{escape(cut(named))}”, which is not here. This is “{labels[first]}”."


def view_switch(labels: Mapping[str, str], now: str) -> None:
    """Offer a page's views, by name. Choosing another view drops the settings in the address."""
    st.session_state["view"] = now

    def chosen() -> None:
        if st.session_state["view"]:  # empty if the view already shown was pressed again
            st.query_params.from_dict({"view": st.session_state["view"]})

    st.segmented_control(
        "View", list(labels), format_func=labels.__getitem__, key="view", on_change=chosen, label_visibility="collapsed"
    )
