"""Why it is so, and what the literature found."""

from __future__ import annotations

from resviz.words.claims import OTT_2021, Claim

CLAIMS = (
    Claim(
        "A Neural ODE is a network with infinitely many layers, whatever solves it.",
        "Trained with too coarse a solver and tested with a finer one, accuracy drops sharply: what was learnt is the solver’s "
        "steps, not a flow.",
        OTT_2021,
    ),
)

WHY = (
    "A Neural ODE computes $x(1) = x(0) + \\int_0^1 f(x(t), t)\\, dt$; how often $f$ is taken is up to the "
    "solver and its tolerance, and grows while the field gets more curved. The adjoint, $\\dot a = -a^\\top "
    "\\partial f / \\partial x$, is solved backwards beside $x$ itself, so that no state has to be kept (Chen "
    "2018, arXiv 1806.07366, section 2); it costs more evaluations, and its gradient is as exact as the "
    "solver. The memory shown is measured: the most that autograd holds at one moment of a training pass over "
    "all 512 points."
)
