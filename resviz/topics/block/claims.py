"""The explanation of the Block page, and claims from the literature."""

from __future__ import annotations

from resviz.families.resnet.published import BOTTLENECK
from resviz.words.claims import HE_2015_TABLE_3, HE_2016_TABLE_1, HE_2016_TABLE_2, Claim

CLAIMS = (
    Claim(
        "A block adds ReLU(F(x)) to x.",
        "The original block adds before its last ReLU. With the ReLU before the addition, where F(x) is never negative, "
        "ResNet-110 misreads 7.84% of CIFAR-10 instead of 6.61%.",
        HE_2016_TABLE_2,
    ),
    Claim(
        "A block whose branch is 0 is the identity.",
        "In the original order it is max(0, x): that is x only where x is not negative, as it is behind another ReLU. Without "
        "anything after the sum it is x.",
        "closed form; to be seen above with zero gamma",
    ),
    Claim(
        "Projections on the shortcut help.",
        "Where shapes change, a little: 24.19% (C) against 24.52% (B) and 25.03% (A) with ResNet-34 on ImageNet. As a 1×1 "
        "convolution on every shortcut of ResNet-110 they harm: 12.22% against 6.61%.",
        f"{HE_2015_TABLE_3}; {HE_2016_TABLE_1}",
    ),
    Claim(
        "Learnt gates beat the bare identity.",
        "Not there: 8.70% for the exclusive gate at its best bias, and 6.91% for one on the shortcut only that begins open, "
        "against 6.61%.",
        HE_2016_TABLE_1,
    ),
    BOTTLENECK,
)


WHY = (
    "A plain block must learn all of $y = F(x)$. A residual one learns the difference $F(x) = y - x$. With $F = 0$ it "
    "passes $x$ on, so a deeper network need not be worse than a shallower one: its further blocks only have to do nothing. "
    "On the way back, the gradient of $x$ is the gradient of the sum times $I + \\partial F / \\partial x$; the shortcut "
    "gives the $I$. He 2015 supposes that such differences are easier to learn. He 2016 compares what can stand where, and "
    "finds that it is best to leave $x$ alone on its way."
)
