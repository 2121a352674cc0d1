"""Block: what is inside a residual block?"""

import streamlit as st

from resviz.blocktext import block_finding, code, counts, formula
from resviz.figures.block import flow
from resviz.literature import published
from resviz.runs.prober import LookFailed
from resviz.studies import KINDS
from resviz.ui import style

# BOARD from resviz.ui.board import board
from resviz.ui.controls import block_from_url, scenarios, setting, show_problems
from resviz.ui.pictures import drawing, own_picture, through

COMPARED = {"orders": "the five orders", "contents": "what sits on the shortcut", "options": "A, B and C"}

spec, problems = block_from_url()

style.heading(
    "What is inside a residual block?",
    "An image goes through one block. The branch makes F(x), the shortcut carries x past it, and both are added.",
)
show_problems(problems)

with st.container(horizontal=True, vertical_alignment="bottom"):
    for name, width in (("block", 125), ("order", 205), ("shortcut", 145)):
        setting(name, spec, width)
    contents = {
        c.label: {k: str(v) for k, v in c.settings.items()} for c in KINDS["contents"].choices if c.name != "plain"
    }
    scenarios(spec, contents, select="on the shortcut", width=205)
    for name, width in (("stride", 125), ("image", 120)):
        setting(name, spec, width)
    with st.popover("All settings"):
        for names in (
            ("inputs", "width", "norm", "activation"),
            ("shortcut_scale", "branch_scale", "gate", "gate_bias"),
            ("shortcut_dropout", "init", "entering", "example", "seed"),
        ):
            with st.container(horizontal=True):
                for name in names:
                    setting(name, spec)
scenarios(
    spec,
    {
        "He’s weights": {},
        "Zero gamma": {"init": "zero_gamma"},
        "Zero gamma, x signed": {"init": "zero_gamma", "entering": "signed"},
    },
)

picture = own_picture() if spec.image == "own" else None
if spec.image == "own" and picture is None:
    st.info(
        "Choose a picture: it stays on the machine that runs this app, and only its middle, 64 x 64 pixels, goes in."
    )
    st.stop()
try:
    record = through(spec, picture)
except LookFailed as error:
    st.error(str(error))
    st.stop()

drawing(flow(spec, record), key="flow")
found, facts = st.columns([3, 2], gap="large")
with found:
    st.latex(formula(spec))
    st.markdown(block_finding(spec, record))
with facts:
    st.markdown(counts(spec, record))
    reported = published(spec, plain=spec.block == "plain")
    st.markdown(
        "Published test error: "
        + "; ".join(f"**{p.text}** with {p.network} on {p.data} ({p.source})" for p in reported)
        if reported
        else "No paper named here reports this mixture: the tables of He 2016 vary one thing at a time."
    )

st.subheader("Train the choices against each other")
kind = st.segmented_control(
    "What to compare",
    list(COMPARED),
    format_func=COMPARED.__getitem__,
    default="orders",
    label_visibility="collapsed",
)
# BOARD board(kind or "orders", {}, key=f"board_{kind or 'orders'}", title="")

with st.expander("The PyTorch code of this block"):
    st.code(code(spec), "python")
