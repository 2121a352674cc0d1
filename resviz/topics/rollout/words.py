"""Why it is so."""

from __future__ import annotations

WHY = (
    "The state a moment later is the state now plus a little: $x(t + \\Delta t) = x(t) + \\Delta t\\, f(x(t)) + "
    "\\dots$ The residual network starts from “nothing changes” and learns the little; the plain one has to "
    "learn the whole state first, and its error is a share of that. In a roll-out errors feed on themselves, "
    "so a small difference in one step becomes a large one in a hundred. How much a conserved quantity strays "
    "says it without any solution to compare with."
)
