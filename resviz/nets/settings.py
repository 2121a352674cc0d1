"""The settings of a residual block, and the orders that its parts can have; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.words.fields import Frozen, setting_field

CONVS_PER_BLOCK = {"plain": 2, "basic": 2, "bottleneck": 3}


EXPANSION = {"plain": 1, "basic": 1, "bottleneck": 4}


# The order of the parts of a block (He 2016, arXiv 1603.05027, Fig. 4). The branch F repeats `unit` once for each of its
# convolutions; the parts named in `after` then move from the end of F to after the sum.
@dataclass(frozen=True)
class Order:
    """`unit`: a convolution and the parts around it, in order. `after`: the last parts of F, which follow the sum instead."""

    label: str
    unit: tuple[str, ...]
    after: tuple[str, ...] = ()

    @property
    def before(self) -> tuple[str, ...]:
        """The parts before the convolution of a unit. The stem then ends without them, and they follow the last block."""
        return self.unit[: self.unit.index("conv")]

    def branch(self, convs: int) -> tuple[str, ...]:
        """The parts of a branch F of `convs` convolutions, input first."""
        parts = self.unit * convs
        return parts[: len(parts) - len(self.after)]

    @property
    def sums_normed(self) -> bool:
        """Whether F is normalised after its last convolution; a projection on the shortcut is then normalised too."""
        parts = self.branch(1)
        return "norm" in parts[parts.index("conv") :]

    @property
    def ends_in_norm(self) -> bool:
        """Whether F ends in a normalisation, so that a gamma of 0 makes F zero and still gets a gradient."""
        return self.branch(1)[-1] == "norm"


ORDERS: dict[str, Order] = {
    "original": Order("original", ("conv", "norm", "act"), ("act",)),
    "bn_after": Order("BN after addition", ("conv", "norm", "act"), ("norm", "act")),
    "relu_before": Order("ReLU before addition", ("conv", "norm", "act")),
    "relu_only": Order("ReLU-only pre-activation", ("act", "conv", "norm")),
    "full": Order("full pre-activation", ("norm", "act", "conv")),
}


class BlockFields(Frozen):
    """The settings of a block."""

    block: Literal["plain", "basic", "bottleneck"] = setting_field(
        "basic",
        "block",
        "What stands beside each shortcut. Basic: two 3x3 convolutions; bottleneck: 1x1, 3x3, 1x1, narrow in the middle. "
        "Plain has no shortcuts at all: both arms are then the "
        "same network, the control of this experiment.",
        choices={
            "plain": "plain (control)",
            "basic": "basic",
            "bottleneck": "bottleneck",
        },
    )
    order: Literal["original", "bn_after", "relu_before", "relu_only", "full"] = setting_field(
        "original",
        "order",
        "Where normalisation and activation stand: the five orders of He 2016, Fig. 4.",
        choices={name: order.label for name, order in ORDERS.items()},
    )
    norm: Literal["batch", "layer", "group", "none"] = setting_field(
        "batch",
        "normalisation",
        "What keeps activations at a common scale. Batch: rescales each channel, using all images of a batch. Layer: all "
        "channels of one image together. Group: each of four groups of one image’s channels.",
        choices={"batch": "batch", "layer": "layer", "group": "group", "none": "none"},
    )
    activation: Literal["relu", "leaky_relu", "gelu", "silu", "tanh"] = setting_field(
        "relu",
        "activation",
        "The nonlinearity between layers.",
        choices={"relu": "ReLU", "leaky_relu": "leaky ReLU", "gelu": "GELU", "silu": "SiLU", "tanh": "tanh"},
        live=True,
    )
    init: Literal["he", "xavier", "torch", "orthogonal", "zero_gamma", "fixup"] = setting_field(
        "he",
        "initial weights",
        "He and Xavier scale by fan; torch is PyTorch's default; zero gamma is He with the "
        "last normalisation of every block at 0; Fixup scales and zeroes the branch instead of normalising.",
        choices={
            "he": "He",
            "xavier": "Xavier",
            "torch": "PyTorch default",
            "orthogonal": "orthogonal",
            "zero_gamma": "zero gamma",
            "fixup": "Fixup",
        },
    )
    shortcut: Literal["A", "B", "C"] = setting_field(
        "A",
        "shortcut",
        "Where shapes change: A pads with zeros and adds no parameters, B projects with a 1x1 "
        "convolution. C projects everywhere (He 2015, section 4.1).",
        choices={
            "A": "A: zero-padded",
            "B": "B: 1×1 if needed",
            "C": "C: always 1×1",
        },
    )
    shortcut_scale: float = setting_field(
        1.0, "shortcut scale", "The factor b in b x + a F(x).", ge=0.0, le=4.0, live=True
    )
    gate: Literal["none", "exclusive", "shortcut_only"] = setting_field(
        "none",
        "gate",
        "A gate g(x) = sigmoid(W x + bias) learns what passes. Exclusive: (1 - g) x + g F(x), as in Highway networks; "
        "shortcut only: (1 - g) x + F(x) (He 2016, section 3).",
        choices={"none": "none", "exclusive": "exclusive", "shortcut_only": "shortcut only"},
    )
    gate_bias: float = setting_field(
        -6.0,
        "gate bias",
        "The bias of every gate at the start: at -6 a gate g is 0.0025, so that nearly all of x passes; at 0 it is a half.",
        ge=-10.0,
        le=10.0,
    )
    shortcut_dropout: float = setting_field(
        0.0,
        "shortcut dropout",
        "The share of x's numbers that each step drops on the way past the block; the others are scaled up to make up.",
        ge=0.0,
        le=0.9,
    )
    branch_scale: float = setting_field(1.0, "branch scale", "The factor a in x + a F(x).", ge=0.0, le=4.0, live=True)

    @property
    def convs_per_block(self) -> int:
        return CONVS_PER_BLOCK[self.block]

    def _zero_gamma(self) -> tuple[str, str] | None:
        """Why zero gamma cannot be used with these settings, as (setting, message); None if it can."""
        if self.init != "zero_gamma":
            return None
        if self.norm == "none":
            return "init", "needs a normalisation, whose gamma it zeroes; norm is none"
        if not ORDERS[self.order].ends_in_norm:
            # Here the gamma is before an activation or after the sum: at 0 the branch would never get a gradient, or the
            # sum would be 0.
            return (
                "init",
                f"needs a branch that ends in its normalisation: order original or relu_only; order is {self.order}",
            )
        return None
