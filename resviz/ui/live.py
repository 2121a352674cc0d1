"""The live component: a run's figures, drawn in the browser from its event stream."""

from __future__ import annotations

import json
from pathlib import Path

import streamlit as st

from resviz.figures.live import Template
from resviz.runs.run import Run
from resviz.ui.server import plotly_url

_ASSETS = Path(__file__).parent / "assets"
_component = st.components.v2.component(
    "resviz_live",
    html='<div class="rv-live"></div>',
    css=(_ASSETS / "live.css").read_text(),
    js="\n".join((_ASSETS / name).read_text() for name in ("records.js", "dom.js", "live.js")),
    isolate_styles=False,  # plotly styles its marks from the document's head
)


def live(run: Run, figures: list[Template], *, key: str) -> None:
    """Show a run as it happens; a rerun of the page with the same run changes nothing on screen."""
    data = {
        "digest": run.digest,
        "steps": run.spec.steps,
        "query": run.spec.query(),
        "plotly": plotly_url(),
        # As text: for a list or a dict Streamlit imports pandas to see whether it is a table, a second on a first visit.
        "figures": json.dumps(figures),
    }
    _component(key=key, data=data)
