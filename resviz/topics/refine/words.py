"""Why it is so."""

from __future__ import annotations

WHY = (
    "Euler's method with shorter steps comes closer to the equation that it solves. A trained network has no "
    "reason to: its weights make up for the error of their own step. With each block repeated, $x + \\tfrac h2 "
    "f_k$ twice instead of $x + h f_k$ once, the finer network follows the field of its block more exactly; "
    "with weights interpolated between neighbours it needs neighbours that are alike. Smoothness in depth is "
    "what the limit of infinitely many layers takes: it is measured here as the change of all weights of a "
    "block, as a share of their size. Sander 2022 shows that without it the distance to an equation does not "
    "vanish with depth; Ott 2021 that what is trained with a coarse solver loses accuracy with a finer one."
)
