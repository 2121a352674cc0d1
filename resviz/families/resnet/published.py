"""Test errors that papers report for choices of this family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resviz.nets.settings import BlockFields
from resviz.words.claims import HE_2015, HE_2015_TABLE_3, HE_2016_TABLE_1, HE_2016_TABLE_2, Claim


@dataclass(frozen=True)
class PublishedError:
    """Test error in percent that a paper reports for a choice: the settings that differ from the default, as in a link.

    `error` is None where training failed, as Table 1 calls an error above 20%. `plain` marks the network without shortcuts.
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


# The settings that define a choice of block; other settings may differ from the paper's.
CHOSEN = ("order", "shortcut", "shortcut_scale", "branch_scale", "gate", "gate_bias", "shortcut_dropout")


def published(block: BlockFields, *, plain: bool = False) -> tuple[PublishedError, ...]:
    """Return what papers report for a choice of block, or for the network without shortcuts; other settings are ignored.

    >>> from resviz.families.resnet.spec import Spec
    >>> [found.text for found in published(Spec(order="full", depth=20))]
    ['6.37%', '5.46%']
    """
    chosen = {key: getattr(block, key) for key in CHOSEN}
    if block.gate == "none":
        del chosen["gate_bias"]  # without a gate, its bias has no effect
    fields = BlockFields.model_fields
    chosen = {key: value for key, value in chosen.items() if value != fields[key].default}
    return tuple(found for found in PUBLISHED_ERRORS if found.plain == plain and found.settings == chosen)


# A claim that two pages compare with their own counts.
BOTTLENECK = Claim(
    "A bottleneck is much cheaper than a basic block.",
    "At equal outer width, by far: 69,632 weights in the convolutions of 256-64-64-256, 1,179,648 in a basic block of "
    "256. At equal inner width they cost about the same: 73,728 in a basic block of 64.",
    f"{HE_2015}, Fig. 5; counted",
)
