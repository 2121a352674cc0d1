"""Block: what is inside a residual block?"""

import streamlit as st

from resviz.blocktext import GUESSED, WHAT_Y_IS, block_finding, code, counts, formula, numbers, reported, what_y_is
from resviz.figures.block import flow
from resviz.literature import BLOCK
from resviz.runs.prober import LookFailed
from resviz.studies import KINDS
from resviz.ui import style
from resviz.ui.board import board
from resviz.ui.controls import block_from_url, scenarios, setting, settings_box, show_problems
from resviz.ui.files import file_link
from resviz.ui.guess import Question, guess
from resviz.ui.pictures import drawing, own_picture, through
from resviz.words import table

MORE = (
    ("inputs", "width", "norm", "activation"),
    ("shortcut_scale", "branch_scale", "gate", "gate_bias"),
    ("shortcut_dropout", "init", "entering", "example", "seed"),
)
COMPARED = {"orders": "the five orders", "contents": "what sits on the shortcut", "options": "A, B and C"}

ASKED = [Question(f"{situation} What is y?", WHAT_Y_IS, words) for situation, words in GUESSED]

spec, problems = block_from_url()

style.heading(
    "What is inside a residual block?",
    "An image goes through one block. The branch makes F(x), the shortcut carries x past it, and both are added.",
)
show_problems(problems)

with st.container(horizontal=True, vertical_alignment="bottom"):
    for name, width in (("block", 118), ("order", 196), ("shortcut", 140)):
        setting(name, spec, width)
    contents = {
        c.label: {k: str(v) for k, v in c.settings.items()} for c in KINDS["contents"].choices if c.name != "plain"
    }
    scenarios(spec, contents, select="on the shortcut", width=186)
    for name, width in (("stride", 122), ("image", 110)):
        setting(name, spec, width)
    settings_box("All settings", spec, MORE)
beside = st.container(horizontal=True, vertical_alignment="center")
with beside:
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
    with st.spinner("The image goes through …"):
        record = through(spec, picture)
except LookFailed as error:
    st.error(str(error))
    st.stop()

with beside:
    guess("block", spec, ASKED, what_y_is(record))
drawing(flow(spec, record), key="flow")
found, facts = st.columns([3, 2], gap="large")
with found:
    st.markdown(block_finding(spec, record))
    st.markdown(counts(spec, record))
with facts:
    st.markdown(reported(spec))
st.latex(formula(spec))

st.subheader("Train the choices against each other")
kind = st.segmented_control(
    "What to compare",
    list(COMPARED),
    format_func=COMPARED.__getitem__,
    default="orders",
    label_visibility="collapsed",
)
board(kind or "orders", {}, key="board")

with st.expander("The PyTorch code of this block"):
    st.code(code(spec), "python")
with st.expander("All numbers of this picture"):
    head, *rows = numbers(record)
    st.markdown(table(head, rows))
    file_link("numbers (CSV)", "\n".join(map(",".join, (head, *rows))), "resviz-block.csv")
with st.expander("Why, and what the literature found"):
    st.markdown(
        "A plain block must learn all of $y = F(x)$. A residual one learns the difference $F(x) = y - x$: with $F = 0$ it "
        "passes $x$ on, so that a deeper network could do no worse than a shallower one whose blocks it contains. Going back, "
        "the gradient of $x$ is that of the sum, times $I + \\partial F / \\partial x$. That such differences are easier to "
        "learn is a hypothesis of He 2015; He 2016 compares what stands where, and finds that the path of $x$ is best left alone."
    )
    style.claims(BLOCK)
