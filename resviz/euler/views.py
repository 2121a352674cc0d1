"""The views of the Euler page: the question of each, and what stands beside its panel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """`why` is Markdown with formulas."""

    label: str
    question: str
    below: str
    why: str


VIEWS = {  # by the name of the panel
    "flow": View(
        "Same formula",
        "Is a residual network an ODE solver?",
        "A residual block computes x + F(x); one step of Euler’s method computes x + h f(x). Left: points on their "
        "way from block to block. Right: the same network without shortcuts.",
        "$$x_{k+1} = x_k + F_k(x_k) \\qquad\\text{beside}\\qquad x_{k+1} = x_k + h\\, f(x_k)$$\n\n"
        "The state of these networks is a point in the plane, so that nothing has to be projected: what you see is what is "
        "computed. Both networks start from the same weights and see the same 512 points; one line differs. The shading at each "
        "block is the decision boundary, carried back to that block: where the rest of the network would say which class to a "
        "point that stands there.",
    ),
    "solve": View(
        "Solvers",
        "How good is one Euler step?",
        "The same equation, solved by five methods. Make the step longer: Euler’s method spirals out where theory says so.",
        "On $x' = \\lambda x$ one step multiplies $x$ by $R(h\\lambda)$; for Euler's method $R(z) = 1 + z$, as a linear residual "
        "block does. Where $|R| > 1$ every step makes it longer. Euler's disc touches the imaginary axis in 0 only: rotations "
        "spiral out at any step size, more slowly with shorter steps. The error at a fixed time falls like $h^p$; the slope on "
        "log axes is the order $p$. Dormand–Prince (torchdiffeq) chooses its steps by an estimate of its own error.",
    ),
}
