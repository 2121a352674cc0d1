"""Depth: does deeper mean better?"""

import streamlit as st

from resviz.literature import DEPTH
from resviz.ui import style
from resviz.ui.page import panel

style.heading(
    "Does deeper mean better?",
    "Both networks trained at every depth. What counts is the training error: can it even learn what it sees?",
)
panel("depth", name="Error against depth")

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
