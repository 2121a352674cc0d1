"""The explanation of the Depth page, claims from the literature, and published errors."""

from __future__ import annotations

from dataclasses import dataclass

from resviz.words.claims import HE_2015, LI_2018, Claim

CLAIMS = (
    Claim(
        "Deeper plain networks fail because they overfit.",
        "Their training error is higher too: it is the images they learn from that they cannot read. He 2015 calls it "
        "degradation, a difficulty of optimisation.",
        f"{HE_2015}, section 1 and Fig. 1",
    ),
    Claim(
        "They fail because gradients vanish.",
        "The plain networks of that paper have batch normalisation, and healthy gradients going back; three times as many "
        "iterations did not help. The cause was left open.",
        f"{HE_2015}, section 4.1",
    ),
    Claim(
        "With shortcuts, deeper is always better.",
        "Up to a point: on CIFAR-10 110 layers reach 6.43%, 1202 layers 7.93%, with a training error below 0.1%. That is "
        "overfitting.",
        f"{HE_2015}, section 4.2 and Table 6",
    ),
)


@dataclass(frozen=True)
class DepthErrors:
    """Published test errors on CIFAR-10: (depth, percent) pairs of one arm."""

    arm: str
    errors: tuple[tuple[int, float], ...]
    source: str


DEPTH_ERRORS = (
    DepthErrors("residual", ((20, 8.75), (32, 7.51), (44, 7.17), (56, 6.97), (110, 6.43)), f"{HE_2015}, Table 6"),
    DepthErrors("residual", ((20, 7.37), (56, 5.89), (110, 5.79)), LI_2018),
    DepthErrors("plain", ((20, 8.18), (56, 13.31), (110, 16.44)), LI_2018),
)


WHY = (
    "A deeper network contains a shallower one: set the blocks that it has more to the identity, and it computes the "
    "same. Its best training error can therefore not be larger. If what training finds is larger, the network is not too "
    "powerful, as in overfitting, but too hard to train: He 2015 calls that degradation, and proposes $y = x + F(x)$, "
    "whose identity is $F = 0$. The runs are those of the Train page: each stays in the store, and a second visit shows "
    "them at once."
)
