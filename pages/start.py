"""Start: what does one "+ x" change?"""

import streamlit as st

from resviz.figures.start import templates
from resviz.ui import style
from resviz.ui.controls import setting, show_problems, spec_from_url
from resviz.ui.lessons import LESSONS, page_of
from resviz.ui.live import still

spec, problems = spec_from_url()

style.heading(
    "What does one “+ x” change?",
    f"Two networks, {spec.depth} layers deep, with the same weights. In one, each block adds its input to its output: "
    "F(x) + x. Both have just seen the same images; below each stands how strongly every layer is told to change.",
)
show_problems(problems)
still(spec, templates(spec), key="start")

with st.container(horizontal=True, vertical_alignment="bottom"):
    for name in ("depth", "norm", "init", "dataset"):
        setting(name, spec)

st.subheader("The path")
for number, lesson in enumerate(LESSONS[1:], start=1):
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(page_of(lesson), label=f"{number}. {lesson.name.capitalize()}", query_params=spec.words())
        st.markdown(f"**{lesson.question}** {lesson.do}")
