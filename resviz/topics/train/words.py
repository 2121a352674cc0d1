"""The explanation of the Train page, and claims from the literature."""

from __future__ import annotations

from resviz.words.claims import HE_2015, Claim

CLAIMS = (
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


WHY = (
    "A residual block computes $y = \\mathrm{act}(x + F(x))$, its plain twin $y = \\mathrm{act}(F(x))$, with the same "
    "two or three convolutions in $F$. Going back, the gradient passes $I + \\partial F/\\partial x$ instead of "
    "$\\partial F/\\partial x$ alone. Cutting a shortcut leaves $F(x)$, removing a block leaves $x$ (Veit 2016, arXiv "
    "1605.06431, calls that a lesion): the first asks what the sum is good for, the second what the block is."
)
