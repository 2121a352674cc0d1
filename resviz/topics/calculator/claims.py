"""Claims from the literature, and the published errors of networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from resviz.families.resnet.published import BOTTLENECK
from resviz.words.claims import HE_2015, HE_2015_TABLE_3, HE_2016_TABLE_2, Claim

CLAIMS = (
    Claim(
        "ResNet-50 makes 3.8 GFLOPs.",
        "3.8 × 10⁹ multiply-adds, each of them two FLOPs, with the stride in the first 1×1. With the stride in the 3×3, as in "
        "torchvision, they are 4.09 × 10⁹.",
        f"{HE_2015}, Table 1; counted",
    ),
    BOTTLENECK,
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


@dataclass(frozen=True)
class NetworkError:
    """The published error in percent of a network; `words` name it as in the Calculator."""

    words: Mapping[str, str]
    error: float
    data: str
    source: str


HUANG_2017 = "Huang 2017, arXiv 1608.06993, Table 2"
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
            ({}, 6.43),  # depth 110, the default of this family
        )
    ),
    NetworkError({"net": "cifar", "order": "full"}, 6.37, "CIFAR-10", HE_2016_TABLE_2),
    NetworkError({"net": "cifar", "depth": "164", "block": "bottleneck"}, 5.93, "CIFAR-10", HE_2016_TABLE_2),
    NetworkError(
        {"net": "cifar", "depth": "164", "block": "bottleneck", "order": "full"}, 5.46, "CIFAR-10", HE_2016_TABLE_2
    ),
    *(
        NetworkError({"net": "cifar_densenet"} | words, error, "CIFAR-10", HUANG_2017)
        for words, error in (
            ({"depth": "40", "bottleneck": "no", "compression": "1.0"}, 5.24),
            ({"bottleneck": "no", "compression": "1.0"}, 4.10),
            ({"growth": "24", "bottleneck": "no", "compression": "1.0"}, 3.74),
            ({}, 4.51),  # DenseNet-BC of depth 100 and growth 12, the default of this family
            ({"depth": "250", "growth": "24"}, 3.62),
            ({"depth": "190", "growth": "40"}, 3.46),
        )
    ),
    NetworkError({"net": "wrn"}, 4.00, "CIFAR-10", "Zagoruyko 2016, arXiv 1605.07146"),
)


def network_error(words: Mapping[str, str]) -> NetworkError | None:
    """Return the published error of exactly this network, or None. `words`: `net`, and the settings that are not its defaults."""
    return next((found for found in NETWORK_ERRORS if found.words == words), None)
