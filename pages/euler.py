"""Euler: is a residual network an ODE solver?"""

import streamlit as st

from resviz.euler.views import VIEWS
from resviz.literature import EULER
from resviz.ui import style
from resviz.ui.controls import show_problems, view_from_url, view_switch, words_from_url
from resviz.ui.panel import panel
from resviz.ui.panels import PANELS

labels = {kind: view.label for kind, view in VIEWS.items()}
kind = view_from_url(list(labels))
view = VIEWS[kind]
spec, problems = words_from_url(PANELS[kind].spec)

style.heading(view.question, view.below)
view_switch(labels, kind)
show_problems(problems)
panel(kind, spec, name=view.label)

with st.expander("Why"):
    st.markdown(view.why)
with st.expander("What is often said, and what the literature found"):
    style.claims(EULER)
