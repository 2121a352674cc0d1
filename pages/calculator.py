"""Calculator: where do the parameters go?"""

import streamlit as st

from resviz.literature import CALCULATOR
from resviz.ui import style
from resviz.ui.page import panel

style.heading(
    "Where do the parameters go?",
    "What each part of a network stores, computes, and keeps in memory while it trains on one image. Nothing is built: all of "
    "it follows from the sizes of the layers.",
)
panel("count", name="The count")

st.subheader("Is the count right?")
st.markdown(
    "Build the real thing, on torch’s meta device, where a network has shapes and no numbers: add up its parameters, let torch "
    "count its products, and note what autograd keeps."
)
panel("built", name="The count against built networks", beside=True)

st.subheader("What does a training step cost here?")
panel("step", name="A measured training step", beside=True)

with st.expander("Why, and what the literature found"):
    style.claims(CALCULATOR)
