"""The style that all pages share, on top of Streamlit's theme."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from resviz.topic import topics
from resviz.words.claims import Claim
from resviz.words.text import table

# Space for a component is reserved until it has drawn itself; else what is below it jumps.
_HELD = "".join(
    f'[class*="st-key-panel_{name}"]:not(:has(:is(.rv-panel-grid, .rv-grid) > *)) {{ min-height: {shown.held}px; }}\n'
    for topic in topics().values()
    for name, shown in topic.shows.items()
)
_CSS = (
    f"<style>{_HELD}"
    + """
.stMainBlockContainer { padding: .7rem 2.2rem 3rem; max-width: 1500px; }
[data-testid="stHeader"] { height: 0; min-height: 0; background: none; }
[data-testid="stHeader"] > * { top: 0.4rem; }
[data-testid="stVerticalBlock"] { gap: 0.5rem; }
[data-testid="stWidgetLabel"] { min-height: 1.1rem; margin-bottom: 0; }
[data-testid="stSidebar"] { width: 190px !important; min-width: 190px !important; }
[data-testid="stSidebarHeader"] { height: 3rem; }
[data-testid="stSidebarHeader"]::before { content: "resviz"; font-weight: 750; font-size: 1.35rem; letter-spacing: -.01em; }
[data-testid="stMarkdownContainer"] table { display: block; max-width: 100%; overflow-x: auto; }
h1 { font-size: 1.6rem !important; padding: 0 !important; }
</style>"""
)


def apply() -> None:
    st.html(_CSS)


def heading(question: str, below: str = "") -> None:
    """Show the page's question, and a line in plain words if the panel below shows none that depends on its settings."""
    more = f'<p style="margin:.1rem 0 0;opacity:.75">{below}</p>' if below else ""
    st.html(f'<h1 style="margin:0;line-height:1.2">{question}</h1>{more}')


def claims(found: Iterable[Claim]) -> None:
    """Show what is often said, what the literature found, and where."""
    st.markdown(table(["often said", "found", "source"], [[c.said, c.found, c.source] for c in found]))
