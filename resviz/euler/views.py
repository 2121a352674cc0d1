"""The views of the Euler page: the question of each, and what stands beside its panel."""

from __future__ import annotations

from resviz.views import View

VIEWS = {  # by the name of the panel
    "flow": View(
        "Same formula",
        "Is a residual network an ODE solver?",
        "A block computes x + F(x); a step of Euler’s method x + h f(x). Left: points go from block to block. Right: the same "
        "without shortcuts.",
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
    "refine": View(
        "Depth and step",
        "Can a block be cut into shorter steps?",
        "Both networks are trained with N steps of h, then run with 2N steps of h/2, 4N of h/4, the weights unchanged. If a "
        "network solves an equation, the points still arrive.",
        "Euler's method with shorter steps comes closer to the equation that it solves. A trained network has no reason to: "
        "its weights make up for the error of their own step. With each block repeated, $x + \\tfrac h2 f_k$ twice instead "
        "of $x + h f_k$ once, the finer network follows the field of its block more exactly; with weights interpolated "
        "between neighbours it needs neighbours that are alike. Smoothness in depth is what the limit of infinitely many "
        "layers takes: it is measured here as the change of all weights of a block, as a share of their size. Sander 2022 "
        "shows that without it the distance to an equation does not vanish with depth; Ott 2021 that what is trained with a "
        "coarse solver loses accuracy with a finer one.",
    ),
    "ode": View(
        "Neural ODE",
        "What if there are no blocks at all?",
        "One field of few weights, followed from time 0 to 1 by a solver that chooses its own steps, learns beside a "
        "residual network of ten blocks.",
        "A Neural ODE computes $x(1) = x(0) + \\int_0^1 f(x(t), t)\\, dt$; how often $f$ is taken is up to the solver and "
        "its tolerance, and grows while the field gets more curved. The adjoint, $\\dot a = -a^\\top \\partial f / \\partial "
        "x$, is solved backwards beside $x$ itself, so that no state has to be kept (Chen 2018, arXiv 1806.07366, section "
        "2); it costs more evaluations, and its gradient is as exact as the solver. The memory shown is measured: the most "
        "that autograd holds at one moment of a training pass over all 512 points.",
    ),
    "crossing": View(
        "What a flow cannot do",
        "Is there anything an ODE cannot learn?",
        "Two ways of a flow never cross: at the crossing they would have to be one. A residual network makes steps, and may "
        "step over.",
        "Solutions of $x' = f(x, t)$ with a Lipschitz $f$ are unique, so that on a line their order never changes, and in "
        "the plane what is inside a ring stays inside. A step $x + F(x)$ is bound to that only where $F$ changes more slowly "
        "than $x$, with a Lipschitz constant below 1. An extra dimension gives room to go around (Dupont 2019). The least "
        "error of any map that keeps the order is computed for these very points, by isotonic regression.",
    ),
    "rollout": View(
        "Learn a system",
        "Which network should learn what happens next?",
        "Both learn to say where a pendulum, or hunters and prey, will be a moment later; then each goes on from its own "
        "predictions.",
        "The state a moment later is the state now plus a little: $x(t + \\Delta t) = x(t) + \\Delta t\\, f(x(t)) + \\dots$ "
        "The residual network starts from “nothing changes” and learns the little; the plain one has to learn the whole "
        "state first, and its error is a share of that. In a roll-out errors feed on themselves, so a small difference in "
        "one step becomes a large one in a hundred. How much a conserved quantity strays says it without any solution to "
        "compare with.",
    ),
    "depthtime": View(
        "Depth as time",
        "Is depth like time in the image network?",
        "The network of the Train page, trained: how large is the step of each block, and do neighbouring blocks go the same "
        "way?",
        "If blocks were steps of one flow, each would move $x$ by a little, and neighbours would move it alike. Measured on "
        "unseen images: $|F(x)| / |x|$ with $x$ as the shortcut carries it and $F$ as it enters the sum, and the cosine of "
        "$F_k(x_k)$ and $F_{k+1}(x_{k+1})$, which would be near 1 for a smooth flow and is near 0 for steps that have "
        "nothing to do with each other. The Train page leads here with its own settings.",
    ),
}
