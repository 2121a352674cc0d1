"""Why it is so, and what the literature found."""

from __future__ import annotations

from resviz.words.claims import SANDER_2022, Claim

CLAIMS = (
    Claim(
        "A residual network is an ODE solver.",
        "The formula is that of Euler’s method with h = 1. For a limit in depth the weights have to change smoothly from block "
        "to block, and to be scaled by 1/N; without that the gap between the network and the equation does not vanish as it "
        "gets deeper.",
        SANDER_2022,
    ),
)

WHY = (
    "$$x_{k+1} = x_k + F_k(x_k) \\qquad\\text{beside}\\qquad x_{k+1} = x_k + h\\, f(x_k)$$\n\nThe state of these "
    "networks is a point in the plane, so that nothing has to be projected: what you see is what is computed. "
    "Both networks start from the same weights and see the same 512 points; one line differs. The shading at "
    "each block is the decision boundary, carried back to that block: where the rest of the network would say "
    "which class to a point that stands there."
)
