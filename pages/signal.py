"""Signal: what reaches the first layer?"""

import streamlit as st

from resviz.export import script
from resviz.figures.signal import templates
from resviz.signal import OPENING, WAYS, way_back
from resviz.ui import style
from resviz.ui.board import board
from resviz.ui.controls import scenarios, settings_box, show_problems, spec_from_url, viewer
from resviz.ui.guess import Question, guess
from resviz.ui.live import still
from resviz.ui.looks import CONTROLS, glance
from resviz.ui.page import panel

MORE = (
    ("kind", "dataset", "block", "order", "shortcut"),
    ("gate", "gate_bias", "shortcut_scale", "stages"),
    ("cut", "remove", "seed", "device"),
)

spec, problems = spec_from_url(OPENING)
record = glance(spec, viewer())
above, pills = st.container(), st.container(horizontal=True, vertical_alignment="center")
still(
    spec, templates(spec), key="signal", record=record, controls=CONTROLS
)  # first: it need not wait for what stands above

with above:
    style.heading(
        "What reaches the first layer?",
        f"Before anything is learnt: {spec.batch} images go forward through {spec.depth} layers, and the gradient comes back.",
    )
    show_problems(problems)

root = f"{max(1, spec.blocks) ** -0.5:.3g}"
tried = {
    "Batch normalisation": {},
    "None, small weights": {"norm": "none", "init": "torch"},
    "None, He’s weights": {"norm": "none", "init": "he"},
    "… branch × 1/√L": {"norm": "none", "init": "he", "branch_scale": root},
    "Zero gamma": {"init": "zero_gamma"},
}
with pills:
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
    arm = "residual" if spec.norm == "none" and spec.init != "torch" else "plain"
    guess("signal", spec, asked, way_back(record, arm) if record else None)
    settings_box("More settings", spec, MORE)

st.subheader("And after the first steps?")
st.markdown(
    "The same profile while both networks learn: before the first step, and after 1, 10 and 100. What the initial weights do "
    "to a signal need not last."
)
# They train with a training's batch.
words = {name: value for name, value in spec.words().items() if name not in ("batch", "epochs", "edits")}
board("calm", words, key="calm", name="The first steps", auto=not words)

st.subheader("Shattered gradients")
st.markdown(
    "A gradient can have the right size and still say nothing: if neighbouring inputs get gradients that have nothing to do "
    "with each other, a step that is good for one is noise for the next (Balduzzi 2017, arXiv 1702.08591)."
)
panel("shattered", name="Shattered gradients", alone=True)

# Only when asked for: a browser that colours five hundred lines anew at every change is slow to do anything else.
if st.toggle("The PyTorch code of exactly this pass"):
    st.code(script(spec, one_pass=True), "python")
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
