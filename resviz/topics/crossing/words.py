"""Why it is so, and what the literature found."""

from __future__ import annotations

from resviz.words.claims import Claim

CLAIMS = (
    Claim(
        "Any network can be made continuous.",
        "A flow keeps what is inside a ring inside, and never lets two ways cross: there are functions it cannot represent. One "
        "more dimension is enough to cure that.",
        "Dupont 2019, “Augmented Neural ODEs”, NeurIPS",
    ),
)

WHY = (
    "Solutions of $x' = f(x, t)$ with a Lipschitz $f$ are unique, so that on a line their order never "
    "changes, and in the plane what is inside a ring stays inside. A step $x + F(x)$ is bound to that only "
    "where $F$ changes more slowly than $x$, with a Lipschitz constant below 1. An extra dimension gives room "
    "to go around (Dupont 2019). The least error of any map that keeps the order is computed for these very "
    "points, by isotonic regression."
)
