"""Why it is so, and what the literature found."""

from __future__ import annotations

from resviz.words.claims import VEIT_2016, Claim

CLAIMS = (
    Claim(
        "Any block can be taken out.",
        "Of a residual network nearly any: the blocks that halve the image matter more, and with 20 out the error is severe. "
        "Of VGG no single layer: without any of them it guesses.",
        f"{VEIT_2016}, section 4",
    ),
)

WHY = (
    "A residual block computes $y_k = y_{k-1} + f_k(y_{k-1})$. Taking it out leaves $y_k = y_{k-1}$: half of "
    "all paths through the network are gone, and half are left. In a plain network, $y_k = f_k(y_{k-1})$, all "
    "of them are gone (Veit 2016, section 4.1). Cutting a shortcut of the trained network is another thing: "
    "then $y_k = f_k(y_{k-1})$, and what the later blocks were trained to receive is gone."
)
