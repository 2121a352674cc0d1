"""The texts of the unrolled view: the explanation and the finding."""

from __future__ import annotations

from resviz.topics.unravel.question import Unravelled

WHY = (
    "$y_3 = y_2 + f_3(y_2) = [y_1 + f_2(y_1)] + f_3(y_1 + f_2(y_1)) = \\dots$, in all $Y = x + \\sum_i H_i$ "
    "with $H_i = f_i(y_{i-1})$ (Veit 2016, Fig. 1). Going back, the gradient is a sum over all paths. Going "
    "forward it is one only for linear $f$: $f_3$ of a sum is not the sum of two $f_3$, and so the picture "
    "keeps each $f$ behind the sum that it takes."
)


_SUB, _SUPER = (str.maketrans("0123456789", digits) for digits in ("₀₁₂₃₄₅₆₇₈₉", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def formula(blocks: int, opened: int) -> str:
    """Return the output as a formula with so many sums opened, such as "y₂ + f₃(y₂)"."""
    name = f"{blocks}".translate(_SUB)
    if opened == 0 or blocks == 0:
        return f"y{name}" if blocks else "x"
    inner = formula(blocks - 1, opened - 1)
    first = f"[{inner}]" if opened > 1 and blocks > 1 else inner
    return f"{first} + f{name}({inner})"


def finding(record: Unravelled) -> str:
    """Return how many paths lead from x to the output."""
    spec, left = record.spec, record.left
    counted = ", ".join(f"{n} through {k}" for k, n in enumerate(record.lengths))
    blocks = f"{spec.blocks} block{'s' * (spec.blocks != 1)}"
    make, paths = f"make{'s' * (spec.blocks == 1)}", str(spec.blocks).translate(_SUPER)
    text = f"{blocks} {make} 2{paths} = {2**spec.blocks} paths from x to the output"
    if spec.outs:
        text += f"; with {len(spec.outs)} out, {2**left} are left"
    name = str(spec.blocks).translate(_SUB)
    shown = formula(spec.blocks, spec.sums)
    is_ = f"y{name} = {shown}. " if spec.sums else ""
    return f"{is_}{text}: {counted} branch{'es' * (left != 1)}. A plain network has one path, through all of them."
