"""Signal: what reaches the first layer?"""

import streamlit as st

from resviz.export import script
from resviz.figures.signal import templates
from resviz.ui import style
from resviz.ui.controls import scenarios, setting, show_problems, spec_from_url, viewer
from resviz.ui.live import still
from resviz.ui.looks import glance

spec, problems = spec_from_url()
look = glance(spec, viewer())  # measured while the page is being made

style.heading(
    "What reaches the first layer?",
    f"Before anything is learnt: {spec.batch} images go forward through {spec.depth} layers, and the gradient comes back.",
)
show_problems(problems)

with st.container(horizontal=True, vertical_alignment="bottom"):
    for name in ("depth", "norm", "init", "branch_scale", "activation", "width"):
        setting(name, spec)
    with st.popover("All settings"):
        with st.container(horizontal=True):
            for name in ("kind", "batch", "dataset", "block", "order", "shortcut"):
                setting(name, spec)
        with st.container(horizontal=True):
            for name in ("gate", "gate_bias", "shortcut_scale", "stages", "cut", "remove", "seed", "device"):
                setting(name, spec)

# Each differs from the one before it by one control, but for the first two.
scenarios(
    spec,
    {
        "Batch normalisation": {},
        "None, small weights": {"norm": "none", "init": "torch"},
        "None, He’s weights": {"norm": "none", "init": "he"},
        "… branch × 1/√L": {"norm": "none", "init": "he", "branch_scale": f"{max(1, spec.blocks) ** -0.5:.3g}"},
        "Zero gamma": {"init": "zero_gamma"},
    },
)
still(spec, templates(spec), key="signal", glance=look)

with st.expander("The PyTorch code of exactly this pass"):
    st.code(script(spec, one_pass=True), "python")
