"""Signal: what reaches the first layer?"""

import streamlit as st

from resviz.ui import style
from resviz.ui.page import panel

style.heading("What reaches the first layer?")
panel("signal", name="The signal before training")

st.subheader("And after the first steps?")
st.markdown(
    "The same profile while both networks learn: before the first step, and after 1, 10 and 100. What the initial weights do "
    "to a signal need not last."
)
panel("calm", name="The first steps", beside=True, later=True)

st.subheader("Shattered gradients")
st.markdown(
    "A gradient can have the right size and still say nothing: if neighbouring inputs get gradients that have nothing to do "
    "with each other, a step that is good for one is noise for the next (Balduzzi 2017, arXiv 1702.08591)."
)
panel("shattered", name="Shattered gradients", alone=True, later=True)

with st.expander("Why"):
    st.markdown(
        "Layer $l$ computes $x_l = f_l(x_{l-1})$. What comes back is $\\delta_{l-1} = J_l^\\top \\delta_l$ with $J_l = "
        "\\partial f_l / \\partial x_{l-1}$: a product of as many matrices as there are layers, which grows or shrinks "
        "like a power unless each keeps lengths. With a shortcut the factor is $I + \\partial F / \\partial x$. A "
        "weight's gradient is something else: $\\partial L / \\partial W_l = \\delta_l\\, x_{l-1}^\\top$, the signal that "
        "comes back times the activation that comes in. Under He's initialisation a ReLU layer keeps lengths (He 2015b, "
        "arXiv 1502.01852); batch normalisation fixes the forward signal, and makes the backward one grow by $\\sqrt{\\pi "
        "/ (\\pi - 1)} = 1.211$ a layer in the limit (Yang 2019, arXiv 1902.08129). Where a convolution meets the border "
        "of zeros it passes on a little less: the dotted lines count that."
    )
