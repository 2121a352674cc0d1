"""What stands around a page's panels: its question, and what the literature found."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from resviz.words.claims import Claim
from resviz.words.text import table


def heading(question: str, below: str = "") -> None:
    """Show the page's question, and a line in plain words if the panel below shows none that depends on its settings."""
    more = f'<p class="rv-lead" style="margin:.1rem 0 0;opacity:.75">{below}</p>' if below else ""
    st.html(f'<h1 style="margin:0;line-height:1.2">{question}</h1>{more}')


def title(text: str) -> None:
    """Show the title of a panel."""
    st.html(f'<h2 class="rv-title">{text}</h2>')


def text(words: str) -> None:
    """Show a paragraph above a panel. It is HTML, not Markdown, whose nodes React would own: the browser marks terms in it."""
    st.html(f'<p class="rv-lead" style="margin:0">{words}</p>')


def claims(found: Iterable[Claim]) -> None:
    """Show what is often said, what the literature found, and where."""
    st.markdown(table(["often said", "found", "source"], [[c.said, c.found, c.source] for c in found]))
