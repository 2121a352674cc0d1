"""Why it is so."""

from __future__ import annotations

WHY = (
    "$y_3 = y_2 + f_3(y_2) = [y_1 + f_2(y_1)] + f_3(y_1 + f_2(y_1)) = \\dots$, in all $Y = x + \\sum_i H_i$ "
    "with $H_i = f_i(y_{i-1})$ (Veit 2016, Fig. 1). Going back, the gradient is a sum over all paths. Going "
    "forward it is one only for linear $f$: $f_3$ of a sum is not the sum of two $f_3$, and so the picture "
    "keeps each $f$ behind the sum that it takes."
)
