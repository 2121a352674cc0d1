"""The look that all pages share, on top of Streamlit's theme."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from resviz.literature import Claim
from resviz.words import table

# px: the height that a component fills at a width of 1366, held free until it has drawn itself; else what is below jumps.
_HELD = {"st-key-flow": 286, "st-key-panel_": 650, "st-key-panel_built": 44, "st-key-panel_step": 62}
_HELD |= {
    "st-key-degradation": 1100,
    "st-key-start": 477,
    "st-key-signal": 1010,
    "st-key-calm": 394,
    "st-key-panel_shattered": 394,
    "st-key-train": 1075,
}
_DRAWN = {
    True: ".rv-panel-grid > *",
    False: ":is(.rb, .rv-live) > *",
}  # what is there once a panel, or anything else, is drawn
_CSS = "".join(
    f'[class*="{key}"]:not(:has({_DRAWN[key.startswith("st-key-panel_")]})) {{ min-height: {px}px; }}\n'
    for key, px in _HELD.items()
)
_CSS = (
    f"<style>{_CSS}"
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


def heading(question: str, below: str) -> None:
    """The page's one question, and a line in plain words."""
    st.html(f'<h1 style="margin:0;line-height:1.2">{question}</h1><p style="margin:.1rem 0 0;opacity:.75">{below}</p>')


def claims(found: Iterable[Claim]) -> None:
    """What is often said, what the literature found, and where."""
    st.markdown(table(["often said", "found", "source"], [[c.said, c.found, c.source] for c in found]))
