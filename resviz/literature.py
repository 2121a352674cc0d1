"""What papers found, each with its source. Numbers that a page shows beside its own measurements."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A statement often made, what the literature found, and where to read it."""

    said: str
    found: str
    source: str


HE_2015 = "He 2015, arXiv 1512.03385"
TRAIN = (
    Claim(
        "Shortcuts cure vanishing gradients.",
        "The plain networks that fail are trained with batch normalisation, and their gradients are healthy; three times "
        "the iterations do not help them. The trouble is a higher training error: optimisation, not overfitting.",
        f"{HE_2015}, section 4.1",
    ),
    Claim(
        "In a deep plain network the gradient vanishes.",
        "With batch normalisation and ReLU it explodes towards the input at the start: its norm grows by up to 1.21 times "
        "a layer, as the batch grows. It vanishes without normalisation under a small initialisation.",
        "Yang 2019, arXiv 1902.08129",
    ),
    Claim(
        "Without shortcuts deep networks cannot learn at all.",
        "On CIFAR-10 the error without shortcuts is 8.18, 13.31 and 16.44% at depth 20, 56 and 110; with them 7.37, 5.89 "
        "and 5.79%. Deeper gets worse, not impossible.",
        "Li 2018, arXiv 1712.09913",
    ),
    Claim(
        "The + 1 guarantees a gradient.",
        "The Jacobian of a block is I + dF/dx, which can cancel, or explode: h + W₂ relu(W₁ h) without normalisation, under "
        "He's initialisation, makes the norm √3 times larger a block. Try normalisation: none.",
        "closed form: 1 + 2 times the variance a block; Fixup (Zhang 2019, arXiv 1901.09321) answers it",
    ),
)
