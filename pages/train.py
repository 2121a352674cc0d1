"""Train: what happens when both learn?"""

import streamlit as st

from resviz.literature import TRAIN
from resviz.ui import style
from resviz.ui.page import panel

style.heading("What happens when both learn?")
panel("train", name="Both networks as they learn")

with st.expander("Why, and what the literature found"):
    st.markdown(
        "A residual block computes $y = \\mathrm{act}(x + F(x))$, its plain twin $y = \\mathrm{act}(F(x))$, with the same "
        "two or three convolutions in $F$. Going back, the gradient passes $I + \\partial F/\\partial x$ instead of "
        "$\\partial F/\\partial x$ alone. Cutting a shortcut leaves $F(x)$, removing a block leaves $x$ (Veit 2016, arXiv "
        "1605.06431, calls that a lesion): the first asks what the sum is good for, the second what the block is."
    )
    style.claims(TRAIN)
