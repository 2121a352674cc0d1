"""A picture of the person's own, and an image's way through a block."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from resviz.blockspec import BlockRecord, BlockSpec
from resviz.images import FORMATS, NotAPicture, prepared
from resviz.runs.prober import LookFailed
from resviz.runs.questions import Question
from resviz.ui.controls import viewer
from resviz.ui.server import prober

SECONDS = 20.0
_KEPT = "own_picture"
_ASSETS = Path(__file__).parent / "assets"
# st.html would leave the drawing out: it lets no SVG through.
_drawing = st.components.v2.component(
    "resviz_drawing",
    html='<div class="rb"></div>',
    css="\n".join((_ASSETS / f"{name}.css").read_text() for name in ("block", "count")),
    js="export default ({ data, parentElement }) => { parentElement.querySelector('.rb').innerHTML = data; };",
    isolate_styles=False,
)


def drawing(markup: str, *, key: str) -> None:
    """Show a drawing made on this server, as SVG and HTML."""
    _drawing(key=key, data=markup)


def own_picture() -> bytes | None:
    """Ask for a file; what was chosen in this session stays until another is. None while there is none."""
    chosen = st.file_uploader("A picture of your own", type=[f.lower() for f in FORMATS] + ["jpg"], key="own_file")
    if chosen is not None:
        try:
            st.session_state[_KEPT] = prepared(chosen.getvalue(), chosen.name)
        except NotAPicture as error:
            st.error(str(error))
    kept: bytes | None = st.session_state.get(_KEPT)
    return kept


def through(spec: BlockSpec, picture: bytes | None) -> BlockRecord:
    """What the image makes of the block, measured in the prober's process. Raises LookFailed."""
    future = prober().ask(Question("block", spec, picture), f"block {viewer()}")
    try:
        record: BlockRecord = future.result(SECONDS)
    except TimeoutError:
        raise LookFailed("This machine is busy measuring something larger; try again in a moment.") from None
    return record
