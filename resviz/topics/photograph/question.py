"""Settings and record of attribution maps of a photograph in a ResNet trained on ImageNet. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from resviz.data.ownpicture import NO_PICTURE, names_picture, own_picture
from resviz.data.pretrained import PRETRAINED, Pretrained, lacking
from resviz.probes.methods import METHODS, MethodName, Seen
from resviz.words.fields import Worded, setting_field
from resviz.words.text import Problem

SIDE = 224  # pixels a side of the middle square that goes into the networks
DRAWN = 112  # pixels a side of the pictures and maps that are shown; larger ones are averaged
DRAWN_BLOCKS = 28  # the same for methods with a map for every block
TOP = 5
CLASSES = 1000


class PhotographSpec(Worded):
    """A photograph, a network that was trained on ImageNet, and how to make the map."""

    network: Literal["resnet18", "resnet34", "resnet50"] = setting_field(
        "resnet18",
        "network",
        "A residual network of torchvision.",
        choices={name: known.label for name, known in PRETRAINED.items()},
    )
    weights: Literal["trained", "random"] = setting_field(
        "trained",
        "weights",
        "Trained on ImageNet, as torchvision offers them; or drawn at random, so that the maps show what the architecture does "
        "by itself.",
        choices={"trained": "trained on ImageNet", "random": "drawn at random"},
    )
    method: MethodName = setting_field(
        "gradcam", "method", "How the map is made.", choices={name: method.label for name, method in METHODS.items()}
    )
    image: Literal["china", "flower", "own"] = setting_field(
        "china",
        "photograph",
        "Two photographs that come with scikit-learn, or one of your own; its middle square goes in.",
        choices={"china": "a temple", "flower": "a flower", "own": "your own"},
    )
    target: int = setting_field(
        -1,
        "class",
        "The ImageNet class that the map speaks of; −1 is the one that the network reads.",
        ge=-1,
        le=CLASSES - 1,
    )
    destroyed: Literal["no", "yes"] = setting_field(
        "no",
        "compare with random weights",
        "Draw all weights anew and make the same map: one that stays the same never told anything about what was learnt (Adebayo "
        "2018, arXiv 1810.03292).",
        choices={"no": "no", "yes": "yes"},
    )
    steps_between: int = setting_field(
        20, "steps", "Images between the black one and this one, for the methods that go along a line.", ge=2, le=50
    )
    noise: float = setting_field(
        0.15, "noise", "SmoothGrad: deviation of the noise, as a share of the image's range.", ge=0.0, le=2.0
    )
    window: int = setting_field(
        32, "window", "Occlusion: pixels a side of what is made black; it moves by half of that.", ge=8, le=SIDE
    )
    seed: int = setting_field(0, "seed", "Fixes what is drawn: the noise, and weights drawn anew.", ge=0, le=2**31 - 1)
    own: str = own_picture("Names the file that was chosen on this page.")

    def _conflict(self) -> tuple[Problem, Any] | None:
        return super()._conflict() if names_picture(self.own) else self._wrong("own", NO_PICTURE)

    @property
    def needs(self) -> str:
        return self.network if self.weights == "trained" else ""

    @property
    def lacking(self) -> str:
        """What is wrong with the weights on this machine, in words after "the weights"; "" if nothing is."""
        return lacking(self.needs) if self.needs else ""

    @property
    def known(self) -> Pretrained:
        return PRETRAINED[self.network]

    @property
    def stride(self) -> int:
        """Pixels that the black square of occlusion moves by."""
        return max(1, self.window // 2)


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph in one network. pixels: base 64 of (3, DRAWN, DRAWN) bytes. best: (class, share) of the largest shares. names:
    of the classes in `best` and of the target, by number. seen: the maps and scores; None while they are made."""

    spec: PhotographSpec
    done: float
    target: int
    pixels: str
    best: tuple[tuple[int, float], ...]
    names: Mapping[int, str]
    seen: Seen | None = None
