"""Calculator: where do the parameters go?"""

import streamlit as st

from resviz.architectures import count_all
from resviz.blockterms import comparisons, other_kind, terms
from resviz.counttext import (
    brief,
    comparison,
    depths,
    depths_finding,
    head,
    how,
    network_finding,
    rows,
    to_csv,
    to_markdown,
    tool_rows,
)
from resviz.figures.count import bars, block_sum, compared
from resviz.literature import CALCULATOR
from resviz.ui import style
from resviz.ui.calculator import check, controls, training_step
from resviz.ui.controls import count_from_url, show_problems
from resviz.ui.files import file_link
from resviz.ui.pictures import drawing
from resviz.words import table

DISAGREE = ["counted", "adds", "together", "", "who says so"]

spec, problems = count_from_url()
networks = count_all(spec)
first = networks[0]

style.heading(
    "Where do the parameters go?",
    "What each part of a network stores, computes, and keeps in memory while it trains on one image. Nothing is built: all of "
    "it follows from the sizes of the layers.",
)
show_problems(problems)
controls(networks)

if spec.net == "block":
    for each in networks:
        drawing(block_sum(each, terms(each)), key=f"sum {each is first}")
    drawing(compared(comparisons(spec), spec.block, other_kind(spec)), key="compared")
else:
    drawing(bars(networks), key="bars")
    st.markdown("\n\n".join(map(network_finding, networks)))
if len(networks) == 2:
    st.markdown(comparison(*networks))
st.caption(how(spec))

if spec.net != "block":
    for each in networks:
        st.markdown(f"**{each.spec.label}**")
        st.markdown(table(head(each.spec), rows(each), numbers=range(1, 7)))
st.caption(
    "Training memory: bytes of float32 that the backward pass needs, for one image. Sees: the side of the square of the input "
    "that one number depends on, through all branches (its receptive field)."
)
with st.container(horizontal=True):
    file_link("Table (CSV)", to_csv(networks), "resviz-count.csv")
    file_link("Table (Markdown)", to_markdown(networks), "resviz-count.md", "text/markdown")

if spec.net != "block":
    st.subheader("What would depth 152 cost without bottlenecks?")
    ladder = depths(spec)
    st.markdown(depths_finding(ladder))
    st.markdown(table(["network", "parameters", head(spec)[4], "training memory"], brief(ladder), numbers=range(1, 4)))

    st.subheader(f"Why tools disagree about {spec.label}")
    st.markdown(table(DISAGREE, tool_rows(first), numbers=range(1, 4)))

st.subheader("Is the count right?")
st.markdown(
    "Build the real thing, on torch’s meta device, where a network has shapes and no numbers: add up its parameters, let torch "
    "count its products, and note what autograd keeps."
)
check(networks)

st.subheader("What does a training step cost here?")
training_step(networks)

with st.expander("Why, and what the literature found"):
    style.claims(CALCULATOR)
