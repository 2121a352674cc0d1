"""Signal: what reaches the first layer?"""

import streamlit as st

from resviz.export import script
from resviz.figures.signal import templates
from resviz.signal import WAYS, way_back
from resviz.ui import style
from resviz.ui.controls import scenarios, setting, show_problems, spec_from_url, viewer
from resviz.ui.guess import Question, guess
from resviz.ui.live import still
from resviz.ui.looks import glance, seen

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

root = f"{max(1, spec.blocks) ** -0.5:.3g}"
tried = {
    "Batch normalisation": {},
    "None, small weights": {"norm": "none", "init": "torch"},
    "None, He’s weights": {"norm": "none", "init": "he"},
    "… branch × 1/√L": {"norm": "none", "init": "he", "branch_scale": root},
    "Zero gamma": {"init": "zero_gamma"},
}
with st.container(horizontal=True, vertical_alignment="center"):
    scenarios(spec, tried)
    asked = [
        Question(f"{situation} Going back through the **{arm}** network, what does the signal do?", WAYS, words)
        for situation, arm, words in (
            ("No normalisation, and PyTorch’s own small weights.", "plain", tried["None, small weights"]),
            ("No normalisation, and He’s larger weights.", "residual", tried["None, He’s weights"]),
            ("The same with every branch times 1/√L.", "residual", tried["… branch × 1/√L"]),
            ("Batch normalisation, and He’s weights.", "plain", tried["Batch normalisation"]),
        )
    ]
    record = seen(look)
    arm = "residual" if spec.norm == "none" and spec.init != "torch" else "plain"
    guess("signal", spec, asked, way_back(record, arm) if record else None)
still(spec, templates(spec), key="signal", glance=look)

with st.expander("The PyTorch code of exactly this pass"):
    st.code(script(spec, one_pass=True), "python")
