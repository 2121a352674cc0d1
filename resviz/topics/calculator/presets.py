"""The networks that the Calculator knows by name: families, settings, and the parser of stages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from resviz.words.text import Problem, SpecError, shown
from resviz.words.typed import plain

WIDEST = 16_384
MOST_STAGES, MOST_BLOCKS = 8, 1000


@dataclass(frozen=True)
class Family:
    """The settings that a family of networks uses, and the smallest image that it takes, with the reason."""

    uses: tuple[str, ...]
    smallest: int
    why: str


_KERNEL = "the first convolution looks at {0} x {0} pixels at once"
FAMILIES = {
    "block": Family(
        ("block", "inputs", "inner", "expansion", "groups", "width_factor", "stride", "shortcut", "bias", "norm"), 1, ""
    ),
    "resnet": Family(("shortcut",), 7, _KERNEL.format(7)),
    "custom": Family(
        ("block", "stages", "stem", "expansion", "groups", "width_factor", "shortcut", "bias", "norm"),
        3,
        _KERNEL.format(3),
    ),
    "cifar": Family(("depth", "width", "block", "order", "shortcut"), 3, _KERNEL.format(3)),
    "wrn": Family(("depth", "width_factor"), 3, _KERNEL.format(3)),
    "resnext29": Family(("depth", "groups", "width_factor"), 3, _KERNEL.format(3)),
    "densenet": Family((), 29, "it is halved five times, the last three times without padding"),
    "cifar_densenet": Family(("depth", "growth", "bottleneck", "compression"), 4, "it is halved twice without padding"),
    "vgg": Family(("norm",), 32, "it is halved five times without padding"),
}
STRUCTURE = sorted({name for family in FAMILIES.values() for name in family.uses})
HOW = ("convention", "unit", "counted", "batch")  # settings of the count, not of the network


def _resnet(block: str, stages: str, **more: Any) -> dict[str, Any]:
    return {"block": block, "stages": stages, "shortcut": "B", **more}


# He 2015, Table 1.
_18, _34, _101, _152 = (
    "2x64,2x128,2x256,2x512",
    "3x64,4x128,6x256,3x512",
    "3x64,4x128,23x256,3x512",
    "3x64,8x128,36x256,3x512",
)
_50 = _34
_CIFAR = {"input": 32, "classes": 10, "stem": "cifar"}

# Every named network: its label, its family, and its settings.
NETS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "resnet18": ("ResNet-18", "resnet", _resnet("basic", _18)),
    "resnet34": ("ResNet-34", "resnet", _resnet("basic", _34)),
    "resnet50": ("ResNet-50", "resnet", _resnet("bottleneck", _50)),
    "resnet101": ("ResNet-101", "resnet", _resnet("bottleneck", _101)),
    "resnet152": ("ResNet-152", "resnet", _resnet("bottleneck", _152)),
    "wide_resnet50_2": ("Wide ResNet-50-2", "resnet", _resnet("bottleneck", _50, width_factor=2)),
    "wide_resnet101_2": ("Wide ResNet-101-2", "resnet", _resnet("bottleneck", _101, width_factor=2)),
    "resnext50_32x4d": ("ResNeXt-50 32x4d", "resnet", _resnet("bottleneck", _50, groups=32, width_factor=2)),
    "resnext101_32x8d": ("ResNeXt-101 32x8d", "resnet", _resnet("bottleneck", _101, groups=32, width_factor=4)),
    "resnext101_64x4d": ("ResNeXt-101 64x4d", "resnet", _resnet("bottleneck", _101, groups=64, width_factor=4)),
    "densenet121": ("DenseNet-121", "densenet", {}),
    "densenet161": ("DenseNet-161", "densenet", {}),
    "densenet169": ("DenseNet-169", "densenet", {}),
    "densenet201": ("DenseNet-201", "densenet", {}),
    "vgg16": ("VGG-16", "vgg", {"norm": "none", "bias": "yes"}),
    "vgg19": ("VGG-19", "vgg", {"norm": "none", "bias": "yes"}),
    "cifar": ("CIFAR ResNet, 6n+2 layers", "cifar", {"depth": 110, **_CIFAR}),
    "wrn": ("WRN-d-k", "wrn", {"depth": 28, "width_factor": 10, "order": "full", "shortcut": "B", **_CIFAR}),
    "resnext29": (
        "ResNeXt-29",
        "resnext29",
        {"depth": 29, "block": "bottleneck", "groups": 8, "width_factor": 8, "shortcut": "B", "width": 64, **_CIFAR},
    ),
    "cifar_densenet": (
        "CIFAR DenseNet",
        "cifar_densenet",
        {"depth": 100, "growth": 12, "bottleneck": "yes", "compression": 0.5, **_CIFAR},
    ),
    "custom": ("stages of your own", "custom", _resnet("bottleneck", _50)),
    "block": ("one block", "block", {"block": "bottleneck", "shortcut": "B", "input": 56}),
}


class Blocks(NamedTuple):
    """Blocks in a row, equal except that the first has the stride and may have another input width. `inner` is the width
    before the width factor."""

    times: int
    inner: int
    stride: int


def preset(net: str) -> Mapping[str, Any]:
    """Return the settings of the network of this name."""
    return NETS[net][2] if net in NETS else {}


@lru_cache(maxsize=1000)
def read_stages(text: str) -> tuple[Blocks, ...]:
    """Parse stages such as "3x64,4x128". Raises ValueError with a message for the user."""
    found = []
    for number, part in enumerate(re.sub("[×X]", "x", plain(text)).split(",")):
        match = re.fullmatch(r"\s*(\d{1,4})x(\d{1,5})(?:/([12]))?\s*", part)
        if match is None:
            raise ValueError(f"{shown(part)!r} is not blocks x channels, such as 3x64 or 3x64/2")
        times, inner, stride = int(match[1]), int(match[2]), int(match[3] or 1 + (number > 0))
        if not (1 <= times <= MOST_BLOCKS and 1 <= inner <= WIDEST):
            raise ValueError(f"{part!r}: a stage has 1 to {MOST_BLOCKS:,} blocks of 1 to {WIDEST:,} channels")
        found.append(Blocks(times, inner, stride))
    if len(found) > MOST_STAGES:
        raise ValueError(f"{len(found)} stages; there can be {MOST_STAGES}")
    return tuple(found)


def read_other(text: str) -> dict[str, str]:
    """Parse "cifar,depth:56", for example, into words; a part without a colon belongs to the one before it. Raises SpecError."""
    net, *parts = text.split(",")
    words, key = {"net": net}, ""
    for part in parts:
        name, colon, value = part.partition(":")
        if colon:
            key = name
            words[key] = value
        elif key:
            words[key] += f",{part}"
        else:
            raise SpecError([Problem("other", text, "write a network and its settings, such as cifar,depth:56")])
    if how := [name for name in HOW if name in words]:
        raise SpecError(
            [Problem("other", text, f"{how[0]} holds for both: write {how[0]}={words[how[0]]} beside other=")]
        )
    if "other" in words:
        raise SpecError([Problem("other", text, "one network goes beside another, not more")])
    return words
