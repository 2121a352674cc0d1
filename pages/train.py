"""Train: what happens when both learn?"""

import streamlit as st

from resviz.export import script
from resviz.figures.train import templates
from resviz.literature import TRAIN
from resviz.runs.limits import Refused
from resviz.ui import style
from resviz.ui.controls import setting, show_problems, spec_from_url
from resviz.ui.lessons import page
from resviz.ui.live import live
from resviz.ui.server import scheduler

LOOKS = (
    ("attribution", {}, "what they look at"),
    ("paths", {}, "without a block"),
    ("landscape", {}, "the loss around them"),
    ("euler", {"view": "depthtime"}, "is depth like time?"),
)

spec, problems = spec_from_url({})

has = "One has shortcuts." if spec.shortcuts else "Neither has shortcuts: this is the control."
style.heading(
    "What happens when both learn?",
    f"Two networks, {spec.depth} layers deep, same weights, same batches of {spec.data.blurb}. {has}",
)
show_problems(problems)

with st.container(horizontal=True, vertical_alignment="bottom"):
    for name in ("depth", "norm", "init", "lr", "dataset"):
        setting(name, spec)
    with st.popover("All settings"):
        for group, names in {
            "Network": ("kind", "width", "stages", "block", "order", "activation", "cut", "remove"),
            "Shortcuts": (
                "shortcut",
                "shortcut_scale",
                "branch_scale",
                "gate",
                "gate_bias",
                "shortcut_dropout",
                "survival",
            ),
            "Data": ("examples", "batch"),
            "Training": (
                "optimizer",
                "schedule",
                "warmup",
                "momentum",
                "weight_decay",
                "epochs",
                "seed",
                "device",
                "edits",
            ),
        }.items():
            st.caption(group)
            with st.container(horizontal=True):
                for name in names:
                    setting(name, spec)

try:
    run = scheduler().submit(spec)
except Refused as refused:
    st.error(str(refused))
    st.stop()
live(run, templates(run.spec), key="train")
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.markdown("Look inside these networks:")
    for name, words, label in LOOKS:
        st.page_link(page(name), label=label, query_params={**words, **spec.words()})

with st.expander("The PyTorch code of exactly these networks"):
    st.code(script(run.spec), "python")

with st.expander("Why, and what the literature found"):
    st.markdown(
        "A residual block computes $y = \\mathrm{act}(x + F(x))$, its plain twin $y = \\mathrm{act}(F(x))$, with the same "
        "two or three convolutions in $F$. Going back, the gradient passes $I + \\partial F/\\partial x$ instead of "
        "$\\partial F/\\partial x$ alone. Cutting a shortcut leaves $F(x)$, removing a block leaves $x$ (Veit 2016, arXiv "
        "1605.06431, calls that a lesion): the first asks what the sum is good for, the second what the block is."
    )
    style.claims(TRAIN)
