"""What papers found, each with its source. Numbers that a page shows beside its own measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resviz.settings import BlockFields


@dataclass(frozen=True)
class Claim:
    """A statement often made, what the literature found, and where to read it."""

    said: str
    found: str
    source: str


HE_2015 = "He 2015, arXiv 1512.03385"
HE_2016 = "He 2016, arXiv 1603.05027"
HE_2016_TABLE_1, HE_2016_TABLE_2 = f"{HE_2016}, Table 1", f"{HE_2016}, Table 2"
HE_2015_TABLE_3 = f"{HE_2015}, Table 3"
SANDER_2022 = "Sander 2022, arXiv 2205.14612"
OTT_2021 = "Ott 2021, “ResNet after all? Neural ODEs and their numerical solution”, ICLR"
VEIT_2016 = "Veit 2016, arXiv 1605.06431"
LI_2018 = "Li 2018, arXiv 1712.09913"
ADEBAYO_2018 = "Adebayo 2018, arXiv 1810.03292"
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


# -- published errors of what a block can be --------------------------------------------------------



@dataclass(frozen=True)
class PublishedError:
    """Test error in percent that a paper reports for a choice: the settings that differ from the default, as in a link.

    `error` is None where training failed, which Table 1 says of more than 20%. `plain` is the network without shortcuts.
    """

    settings: Mapping[str, Any]
    error: float | None
    network: str
    data: str
    source: str
    plain: bool = False

    @property
    def text(self) -> str:
        return "fails, > 20%" if self.error is None else f"{self.error:.2f}%"


def _table(source: str, data: str, network: str, *rows: tuple[Mapping[str, Any], float | None]) -> list[PublishedError]:
    return [PublishedError(settings, error, network, data, source) for settings, error in rows]


_SHORTCUT_GATE: dict[str, Any] = {"gate": "shortcut_only"}  # at bias -6, the default
_EXCLUSIVE_GATE: dict[str, Any] = {"gate": "exclusive"}
_FIVE_ORDERS: tuple[dict[str, Any], ...] = (
    {},
    {"order": "bn_after"},
    {"order": "relu_before"},
    {"order": "relu_only"},
    {"order": "full"},
)
PUBLISHED_ERRORS: tuple[PublishedError, ...] = (
    *_table(
        HE_2016_TABLE_1,
        "CIFAR-10",
        "ResNet-110",
        ({}, 6.61),
        ({"shortcut_scale": 0.5}, None),
        ({"shortcut_scale": 0.5, "branch_scale": 0.5}, 12.35),
        (_EXCLUSIVE_GATE, 8.70),
        *((_EXCLUSIVE_GATE | {"gate_bias": bias}, None) for bias in (0.0, -1.0, -2.0, -3.0, -4.0, -5.0)),
        (_SHORTCUT_GATE | {"gate_bias": 0.0}, 12.86),
        (_SHORTCUT_GATE, 6.91),
        ({"shortcut": "C"}, 12.22),
        ({"shortcut_dropout": 0.5}, None),
    ),
    PublishedError({}, None, "ResNet-110", "CIFAR-10", HE_2016_TABLE_1, plain=True),
    *_table(HE_2016_TABLE_2, "CIFAR-10", "ResNet-110", *zip(_FIVE_ORDERS, (6.61, 8.17, 7.84, 6.71, 6.37), strict=True)),
    *_table(HE_2016_TABLE_2, "CIFAR-10", "ResNet-164", *zip(_FIVE_ORDERS, (5.93, 6.50, 6.14, 5.91, 5.46), strict=True)),
    *_table(
        HE_2015_TABLE_3, "ImageNet", "ResNet-34", ({}, 25.03), ({"shortcut": "B"}, 24.52), ({"shortcut": "C"}, 24.19)
    ),
    PublishedError({}, 28.54, "plain-34", "ImageNet", HE_2015_TABLE_3, plain=True),
)
# What a choice of block is made of; other settings may differ from the paper's.
CHOSEN = ("order", "shortcut", "shortcut_scale", "branch_scale", "gate", "gate_bias", "shortcut_dropout")


def published(block: BlockFields, *, plain: bool = False) -> tuple[PublishedError, ...]:
    """What papers report for a choice of block, or for the network without its shortcut; other settings do not count.

    >>> from resviz.spec import Spec
    >>> [found.text for found in published(Spec(order="full", depth=20))]
    ['6.37%', '5.46%']
    """
    chosen = {key: getattr(block, key) for key in CHOSEN}
    if block.gate == "none":
        del chosen["gate_bias"]  # of a gate that is not there
    fields = BlockFields.model_fields
    chosen = {key: value for key, value in chosen.items() if value != fields[key].default}
    return tuple(found for found in PUBLISHED_ERRORS if found.plain == plain and found.settings == chosen)


BLOCK = (
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
    Claim(
        "A bottleneck is much cheaper than a basic block.",
        "At equal outer width, by far: 69,632 weights in the convolutions of 256-64-64-256, 1,179,648 in a basic block of "
        "256. At equal inner width they cost about the same: 73,728 in a basic block of 64.",
        f"{HE_2015}, Fig. 5; counted",
    ),
)


CALCULATOR = (
    Claim(
        "ResNet-50 makes 3.8 GFLOPs.",
        "3.8 × 10⁹ multiply-adds, each of them two FLOPs, with the stride in the first 1×1. With the stride in the 3×3, as in "
        "torchvision, they are 4.09 × 10⁹.",
        f"{HE_2015}, Table 1; counted",
    ),
    BLOCK[-1],
    Claim(
        "More parameters, more computing.",
        "The last stage of ResNet-50 has 59% of its parameters and 20% of the multiply-adds: its images are 7 × 7. VGG-16 has "
        "2.3 times the parameters of ResNet-152, most of them in one fully connected layer.",
        "counted",
    ),
    Claim(
        "A network's memory is that of its parameters.",
        "To train on one image ResNet-50 keeps 86 MB of activations; stage 1, with 0.8% of the parameters, keeps 37% of that.",
        "counted; equal to what autograd keeps",
    ),
    Claim(
        "Option C is best, so networks use it.",
        "It is, on ImageNet, by a third of a percent (24.19 against 24.52), with a projection in every block: twice the "
        "convolution weights of a bottleneck block (135,168 against 69,632). He 2015 leaves it aside for that.",
        f"{HE_2015_TABLE_3} and section 4.1; counted",
    ),
)


EULER = (
    Claim(
        "A residual network is an ODE solver.",
        "The formula is that of Euler’s method with h = 1. For a limit in depth the weights have to change smoothly from block "
        "to block, and to be scaled by 1/N; without that the gap between the network and the equation does not vanish as it "
        "gets deeper.",
        SANDER_2022,
    ),
    Claim(
        "A Neural ODE is a network with infinitely many layers, whatever solves it.",
        "Trained with too coarse a solver and tested with a finer one, accuracy drops sharply: what was learnt is the solver’s "
        "steps, not a flow.",
        OTT_2021,
    ),
    Claim(
        "Any network can be made continuous.",
        "A flow keeps what is inside a ring inside, and never lets two ways cross: there are functions it cannot represent. One "
        "more dimension is enough to cure that.",
        "Dupont 2019, “Augmented Neural ODEs”, NeurIPS",
    ),
    Claim(
        "ResNet-50 is Euler’s method on an image.",
        "Stride and projections change the space, and the ReLU behind the addition is no part of x + h f(x): the form holds "
        "inside a stage, and with nothing after the sum.",
        SANDER_2022,
    ),
)


PATHS = (
    Claim(
        "A residual network is an ensemble.",
        "“Ensemble-like”: error grows smoothly as blocks are taken out. The paths share their weights and are trained together, "
        "which the members of an ensemble are not.",
        VEIT_2016,
    ),
    Claim(
        "The gradient flows through all of its depth.",
        "In a network of 54 blocks nearly all of it came through paths of 5 to 17 branches, which are 0.45% of all paths; "
        "paths of 19 to 35 branches are 98% of them.",
        f"{VEIT_2016}, section 5",
    ),
    Claim(
        "Any block can be taken out.",
        "Of a residual network nearly any: the blocks that halve the image matter more, and with 20 out the error is severe. "
        "Of VGG no single layer: without any of them it guesses.",
        f"{VEIT_2016}, section 4",
    ),
)
ATTRIBUTION = (
    Claim(
        "A map that lights up the object explains the decision.",
        "Some methods show much the same after all weights were drawn anew: they find edges, as the image has them. A map "
        "has to change with the network before it can explain it.",
        ADEBAYO_2018,
    ),
    Claim(
        "The gradient says what matters.",
        "It says what a small change would do. Where the network is saturated, a pixel that matters has a gradient of nearly 0: "
        "integrated gradients add it up from a baseline on, and depend on which baseline.",
        "Sundararajan 2017, arXiv 1703.01365, section 2",
    ),
    Claim(
        "GradCAM shows where a block looks.",
        "It weights whole channels by the mean of their gradient; its derivation holds for the last convolution before a "
        "global average. In earlier blocks it is a heuristic.",
        "Selvaraju 2017, arXiv 1610.02391, section 3",
    ),
)
LANDSCAPE = (
    Claim(
        "Skip connections make the loss convex.",
        "On planes through 56 and 110 layers without shortcuts pictures look chaotic, with shortcuts they look smooth; at 20 "
        "layers the difference is slight. A plane through so many dimensions that looks convex proves nothing about "
        "convexity.",
        f"{LI_2018}, sections 5 and 6",
    ),
    Claim(
        "Two networks can be compared by how wide their valleys are.",
        "Only where the directions are scaled to the weights: a network with normalisation computes the same with all its "
        "filters twice as long, and its valley then looks twice as wide.",
        f"{LI_2018}, section 4",
    ),
    Claim(
        "The path of training can be drawn on any plane.",
        "Two random directions are at right angles to nearly everything, and show no movement. The two main directions of "
        "the path hold most of it: 40 to 90% in the networks of that paper.",
        f"{LI_2018}, section 7",
    ),
)


DEPTH = (
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
    """Test errors in percent by depth, on CIFAR-10."""

    arm: str
    errors: tuple[tuple[int, float], ...]
    source: str


DEPTH_ERRORS = (
    DepthErrors("residual", ((20, 8.75), (32, 7.51), (44, 7.17), (56, 6.97), (110, 6.43)), f"{HE_2015}, Table 6"),
    DepthErrors("residual", ((20, 7.37), (56, 5.89), (110, 5.79)), LI_2018),
    DepthErrors("plain", ((20, 8.18), (56, 13.31), (110, 16.44)), LI_2018),
)


@dataclass(frozen=True)
class NetworkError:
    """The published error in percent of a whole network, by the words that name it to the calculator."""

    words: Mapping[str, str]
    error: float
    data: str
    source: str


_IMAGENET = "ImageNet, top-1, 10 crops"
NETWORK_ERRORS = (
    NetworkError({"net": "resnet18", "shortcut": "A"}, 27.88, _IMAGENET, f"{HE_2015}, Table 2"),
    NetworkError({"net": "resnet34", "shortcut": "A"}, 25.03, _IMAGENET, HE_2015_TABLE_3),
    NetworkError({"net": "resnet34"}, 24.52, _IMAGENET, HE_2015_TABLE_3),
    NetworkError({"net": "resnet34", "shortcut": "C"}, 24.19, _IMAGENET, HE_2015_TABLE_3),
    NetworkError({"net": "resnet50"}, 22.85, _IMAGENET, HE_2015_TABLE_3),
    *(
        NetworkError({"net": "cifar"} | depth, error, "CIFAR-10", f"{HE_2015}, Table 6")
        for depth, error in (
            *(({"depth": str(n)}, e) for n, e in ((20, 8.75), (32, 7.51), (44, 7.17), (56, 6.97), (1202, 7.93))),
            ({}, 6.43),  # 110, of which the calculator's family is
        )
    ),
    NetworkError({"net": "cifar", "order": "full"}, 6.37, "CIFAR-10", HE_2016_TABLE_2),
    NetworkError({"net": "cifar", "depth": "164", "block": "bottleneck"}, 5.93, "CIFAR-10", HE_2016_TABLE_2),
    NetworkError(
        {"net": "cifar", "depth": "164", "block": "bottleneck", "order": "full"}, 5.46, "CIFAR-10", HE_2016_TABLE_2
    ),
    NetworkError({"net": "wrn"}, 4.00, "CIFAR-10", "Zagoruyko 2016, arXiv 1605.07146"),
)


def network_error(words: Mapping[str, str]) -> NetworkError | None:
    """What papers report of exactly this network. `words` are those that tell it from the others, `net` among them."""
    return next((found for found in NETWORK_ERRORS if found.words == words), None)
