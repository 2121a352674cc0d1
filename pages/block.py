"""Block: what is inside a residual block?"""

import streamlit as st

from resviz.literature import BLOCK
from resviz.ui import style
from resviz.ui.page import panel

style.heading(
    "What is inside a residual block?",
    "An image goes through one block. The branch makes F(x), the shortcut carries x past it, and both are added.",
)
panel("block", name="An image through a block")

st.subheader("Train the choices against each other")
panel("compared", name="Choices trained against each other", alone=True, later=True)

with st.expander("Why, and what the literature found"):
    st.markdown(
        "A plain block must learn all of $y = F(x)$. A residual one learns the difference $F(x) = y - x$: with $F = 0$ it "
        "passes $x$ on, so that a deeper network could do no worse than a shallower one whose blocks it contains. Going back, "
        "the gradient of $x$ is that of the sum, times $I + \\partial F / \\partial x$. That such differences are easier to "
        "learn is a hypothesis of He 2015; He 2016 compares what stands where, and finds that the path of $x$ is best left alone."
    )
    style.claims(BLOCK)
