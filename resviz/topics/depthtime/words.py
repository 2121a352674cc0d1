"""Why it is so, and what the literature found."""

from __future__ import annotations

from resviz.words.claims import SANDER_2022, Claim

CLAIMS = (
    Claim(
        "ResNet-50 is Euler’s method on an image.",
        "Stride and projections change the space, and the ReLU behind the addition is no part of x + h f(x): the form holds "
        "inside a stage, and with nothing after the sum.",
        SANDER_2022,
    ),
)

WHY = (
    "If blocks were steps of one flow, each would move $x$ by a little, and neighbours would move it alike. "
    "Measured on unseen images: $|F(x)| / |x|$ with $x$ as the shortcut carries it and $F$ as it enters the "
    "sum, and the cosine of $F_k(x_k)$ and $F_{k+1}(x_{k+1})$, which would be near 1 for a smooth flow and is "
    "near 0 for steps that have nothing to do with each other. The Train page leads here with its own "
    "settings."
)
