"""The look that all pages share, on top of Streamlit's theme."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from resviz.literature import Claim
from resviz.words import table

# px: the height that a component fills at a width of 1366, held free until it has drawn itself; else what is below jumps.
_HELD = {
    "": 650,
    "start": 800,
    "signal": 1240,
    "calm": 394,
    "shattered": 394,
    "train": 1150,
    "depth": 1150,
    "block": 680,
}
_HELD |= {"built": 44, "step": 62, "compared": 130}
_CSS = "".join(
    f'[class*="st-key-panel_{kind}"]:not(:has(:is(.rv-panel-grid, .rv-grid) > *)) {{ min-height: {px}px; }}\n'
    for kind, px in _HELD.items()
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


def heading(question: str, below: str = "") -> None:
    """The page's one question, and a line in plain words, where the panel below says none that follows its settings."""
    more = f'<p style="margin:.1rem 0 0;opacity:.75">{below}</p>' if below else ""
    st.html(f'<h1 style="margin:0;line-height:1.2">{question}</h1>{more}')


def claims(found: Iterable[Claim]) -> None:
    """What is often said, what the literature found, and where."""
    st.markdown(table(["often said", "found", "source"], [[c.said, c.found, c.source] for c in found]))
