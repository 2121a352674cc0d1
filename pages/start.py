"""Start: what does one "+ x" change?"""

import streamlit as st

from resviz.figures.start import templates
from resviz.ui import style
from resviz.ui.controls import setting, show_problems, spec_from_url, viewer
from resviz.ui.lessons import LESSONS, page_of
from resviz.ui.live import still
from resviz.ui.looks import glance

spec, problems = spec_from_url({})
record = glance(spec, viewer())

style.heading(
    "What does one “+ x” change?",
    f"Two networks, {spec.depth} layers deep, with the same weights. In one, each block adds its input to its output: "
    "F(x) + x. Both have just seen the same images; below each stands how strongly every layer is told to change.",
)
show_problems(problems)
still(spec, templates(spec), key="start", record=record)

with st.container(horizontal=True, vertical_alignment="bottom"):
    for name in ("depth", "norm", "init", "dataset"):
        setting(name, spec)

st.subheader("The path")
for number, lesson in enumerate(LESSONS[1:], start=1):
    with st.container(horizontal=True, vertical_alignment="center"):
        words = spec.words() if lesson.takes_on else {}
        st.page_link(page_of(lesson), label=f"{number}. {lesson.name.capitalize()}", query_params=words)
        st.markdown(f"**{lesson.question}** {lesson.do}")

with st.expander("Cut and removed: two different questions"):
    st.markdown(
        "**Cut** a shortcut (click its arc) and the block must do everything itself: $x + F(x)$ becomes $F(x)$. With all of "
        "them cut, the residual network *is* the plain one, to the last bit. **Remove** a block (click the block) and only "
        "the shortcut is left: $x + F(x)$ becomes $x$. Veit 2016 (arXiv 1605.06431) removes blocks from trained networks: "
        "one fewer barely matters with shortcuts, except where shapes change; without them, in VGG, it leaves no more than "
        "chance. Without a shortcut to fall back on, a plain "
        "network's removed block passes $x$ on as well, padded with zeros where shapes change. Try both on the Train page."
    )
