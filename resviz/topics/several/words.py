"""Why it is so, and what the literature found."""

from __future__ import annotations

from resviz.words.claims import VEIT_2016, Claim

CLAIMS = (
    Claim(
        "A residual network is an ensemble.",
        "“Ensemble-like”: error grows smoothly as blocks are taken out. The paths share their weights and are trained together, "
        "which the members of an ensemble are not.",
        VEIT_2016,
    ),
)

WHY = (
    "If a residual network behaves like an ensemble of its paths, its error should grow smoothly with the "
    "number of blocks taken out, and with disorder (Veit 2016, sections 4.2 and 4.3). “Ensemble-like” is the "
    "paper’s word: the paths share their weights and were trained together. Stochastic depth (Huang 2016) "
    "leaves blocks out at random in every training step: choose a survival below 1 and look again."
)
