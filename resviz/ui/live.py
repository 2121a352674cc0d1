"""The live component: a run's figures, drawn in the browser from its event stream."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from resviz.figures.live import Template
from resviz.runs.run import Run
from resviz.ui.server import plotly_url

_ASSETS = Path(__file__).parent / "assets"
_component = st.components.v2.component(
    "resviz_live", html='<div class="rv-live"></div>', css=(_ASSETS / "live.css").read_text(),
    js=(_ASSETS / "live.js").read_text(), isolate_styles=False,  # plotly styles its marks from the document's head
)


def live(run: Run, figures: list[Template], *, key: str) -> None:
    """Show a run as it happens; a rerun of the page with the same run changes nothing on screen."""
    data: dict[str, Any] = {
        "digest": run.digest, "steps": run.spec.steps, "query": run.spec.query(), "figures": figures, "plotly": plotly_url(),
    }
    _component(key=key, data=data)
