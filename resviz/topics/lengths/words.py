"""Why it is so, and what the literature found."""

from __future__ import annotations

from resviz.words.claims import VEIT_2016, Claim

CLAIMS = (
    Claim(
        "The gradient flows through all of its depth.",
        "In a network of 54 blocks nearly all of it came through paths of 5 to 17 branches, which are 0.45% of all paths; "
        "paths of 19 to 35 branches are 98% of them.",
        f"{VEIT_2016}, section 5",
    ),
)

WHY = (
    "Each block is passed or gone through, so that of $2^n$ paths $\\binom nk$ have $k$ branches on them: "
    "Binomial$(n, 1/2)$. To measure what one path brings, the backward pass goes through the branches of $k$ "
    "blocks chosen at random, and past all others (Veit 2016, section 5). Times the number of such paths, "
    "that is the share of the gradient by path length. If every branch multiplied the gradient by $a$, it "
    "would be Binomial$(n, a / (1 + a))$."
)
