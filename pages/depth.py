"""Depth: does deeper mean better?"""

import streamlit as st

from resviz.depthspec import DepthSpec
from resviz.literature import DEPTH
from resviz.ui import style
from resviz.ui.board import board
from resviz.ui.controls import setting, settings_box, show_problems, words_from_url

MORE = (
    ("dataset", "init", "kind", "width", "stages", "block", "order", "activation"),
    ("shortcut", "shortcut_scale", "branch_scale", "gate", "gate_bias", "shortcut_dropout", "survival"),
    ("examples", "batch", "optimizer", "schedule", "warmup", "momentum", "weight_decay", "seed", "device"),
)

spec, problems = words_from_url(DepthSpec)

style.heading(
    "Does deeper mean better?",
    f"Both networks trained at every depth, on {spec.data.blurb}. What counts is the training error: can it even learn what "
    "it sees?",
)
show_problems(problems)
with st.container(horizontal=True, vertical_alignment="bottom"):
    for name, width in (("depths", 260), ("seeds", 120), ("epochs", 120), ("norm", 130), ("lr", 120)):
        setting(name, spec, width)
    settings_box("All settings", spec, MORE)
words = {name: value for name, value in spec.words().items() if name != "depth"}
board("depth", words, key="degradation", name="Error against depth")

with st.expander("Why"):
    st.markdown(
        "A deeper network contains a shallower one: set the blocks that it has more to the identity, and it computes the "
        "same. Its best training error can therefore not be larger. If what training finds is larger, the network is not too "
        "powerful, as in overfitting, but too hard to train: He 2015 calls that degradation, and proposes $y = x + F(x)$, "
        "whose identity is $F = 0$. The runs are those of the Train page: each stays in the store, and a second visit shows "
        "them at once."
    )
with st.expander("What is often said, and what the literature found"):
    style.claims(DEPTH)
