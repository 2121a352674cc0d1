"""Variants of this family's block, as choices that a study compares."""

from __future__ import annotations

from resviz.train.choices import Choice, Kind
from resviz.words.claims import HE_2015_TABLE_3, HE_2016_TABLE_1, HE_2016_TABLE_2

# Three stages, like the networks in the tables.
SMALL = {"depth": 20, "stages": 3, "epochs": 6, "seeds": 3}


def plain(label: str) -> Choice:
    """Return the choice of the plain arm of the reference run; it needs no run of its own."""
    return Choice("plain", label, arm="plain")


ORDERS = Kind(
    "orders",
    "order",
    (
        Choice("original", "original", {"order": "original"}),
        Choice("bn_after", "BN after addition", {"order": "bn_after"}),
        Choice("relu_before", "ReLU before addition", {"order": "relu_before"}),
        Choice("relu_only", "ReLU-only pre-activation", {"order": "relu_only"}),
        Choice("full", "full pre-activation", {"order": "full"}),
        plain("plain: original, no shortcut"),
    ),
    HE_2016_TABLE_2,
    SMALL,
)
CONTENTS = Kind(
    "contents",
    "shortcut",
    (
        Choice("identity", "identity"),
        Choice("half", "0.5 on the shortcut", {"shortcut_scale": 0.5}),
        Choice("halves", "0.5 on shortcut and branch", {"shortcut_scale": 0.5, "branch_scale": 0.5}),
        Choice("exclusive", "exclusive gate, bias −6", {"gate": "exclusive", "gate_bias": -6.0}),
        Choice("gate_0", "shortcut-only gate, bias 0", {"gate": "shortcut_only", "gate_bias": 0.0}),
        Choice("gate_6", "shortcut-only gate, bias −6", {"gate": "shortcut_only", "gate_bias": -6.0}),
        Choice("projection", "1×1 convolution", {"shortcut": "C"}),
        Choice("dropout", "dropout 0.5", {"shortcut_dropout": 0.5}),
        plain("plain: no shortcut"),
    ),
    HE_2016_TABLE_1,
    SMALL,
)
OPTIONS = Kind(
    "options",
    "option",
    (
        Choice("A", "A: zero-padded", {"shortcut": "A"}),
        Choice("B", "B: projection where needed", {"shortcut": "B"}),
        Choice("C", "C: projection everywhere", {"shortcut": "C"}),
        plain("plain: no shortcut"),
    ),
    HE_2015_TABLE_3,
    SMALL,
)
