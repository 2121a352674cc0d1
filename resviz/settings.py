"""What can be set, by name: the network, its data and its training; every default, limit, label and help text.

This file is the one place where they live. Widgets, the command line, links and error messages are all made from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from resviz.fields import Frozen, setting_field
from resviz.words import Numbers

MAX_DEPTH = 1202  # the deepest network of He 2015, section 4.2


@dataclass(frozen=True)
class Dataset:
    """What is known of a data set without loading it. `shape` is (channels, height, width)."""

    label: str
    train: int
    test: int
    shape: tuple[int, int, int]
    classes: int
    noun: str
    blurb: str


DATASETS: dict[str, Dataset] = {
    "digits": Dataset("Digits, 8x8", 1437, 360, (1, 8, 8), 10, "digits", "real handwritten digits"),
    "mnist": Dataset("MNIST", 60_000, 10_000, (1, 28, 28), 10, "digits", "real handwritten digits"),
    "fashion_mnist": Dataset("Fashion-MNIST", 60_000, 10_000, (1, 28, 28), 10, "garments", "pictures of garments"),
    "cifar10": Dataset("CIFAR-10", 50_000, 10_000, (3, 32, 32), 10, "photographs", "small photographs in 10 classes"),
    "cifar100": Dataset(
        "CIFAR-100", 50_000, 10_000, (3, 32, 32), 100, "photographs", "small photographs in 100 classes"
    ),
    # Points in the plane are 2-channel images of one pixel, so that the same networks take them.
    "spirals": Dataset("Two spirals", 1600, 400, (2, 1, 1), 2, "points", "points on two spirals"),
    "circles": Dataset("Two circles", 1600, 400, (2, 1, 1), 2, "points", "points on two circles"),
    "moons": Dataset("Two moons", 1600, 400, (2, 1, 1), 2, "points", "points on two moons"),
}

CONVS_PER_BLOCK = {"plain": 2, "basic": 2, "bottleneck": 3}
EXPANSION = {"plain": 1, "basic": 1, "bottleneck": 4}


# Where the parts of a branch stand, and what the network has after the sum (He 2016, arXiv 1603.05027, Fig. 4). Every
# convolution of a branch is one such unit; the parts named last move from the end of the branch to behind the sum.
@dataclass(frozen=True)
class Order:
    """`unit`: the parts of one convolution in their order. `after`: those of the last unit that follow the sum instead."""

    label: str
    unit: tuple[str, ...]
    after: tuple[str, ...] = ()

    @property
    def before(self) -> tuple[str, ...]:
        """What stands before a unit's convolution: the stem then ends without it, and the network with it."""
        return self.unit[: self.unit.index("conv")]

    def branch(self, convs: int) -> tuple[str, ...]:
        """The parts of F, input first."""
        parts = self.unit * convs
        return parts[: len(parts) - len(self.after)]

    @property
    def sums_normed(self) -> bool:
        """Whether F is normalised after its last convolution; a projection beside it then is too."""
        parts = self.branch(1)
        return "norm" in parts[parts.index("conv") :]

    @property
    def ends_in_norm(self) -> bool:
        """Whether the last thing in F is a normalisation, so that a gamma of 0 takes F away and still learns."""
        return self.branch(1)[-1] == "norm"


ORDERS: dict[str, Order] = {
    "original": Order("original", ("conv", "norm", "act"), ("act",)),
    "bn_after": Order("BN after addition", ("conv", "norm", "act"), ("norm", "act")),
    "relu_before": Order("ReLU before addition", ("conv", "norm", "act")),
    "relu_only": Order("ReLU-only pre-activation", ("act", "conv", "norm")),
    "full": Order("full pre-activation", ("norm", "act", "conv")),
}


class BlockFields(Frozen):
    """What one block is made of."""

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
        "What keeps activations at a common scale. Layer: all channels of one image "
        "together; group: four groups of channels.",
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
        """What speaks against zero gamma here, if anything: the setting, and what to say."""
        if self.init != "zero_gamma":
            return None
        if self.norm == "none":
            return "init", "needs a normalisation, whose gamma it zeroes; norm is none"
        if not ORDERS[self.order].ends_in_norm:
            # Its gamma stands before an activation, or behind the sum: at 0 the branch would never get a gradient, or
            # the sum itself would be gone.
            return (
                "init",
                f"needs a branch that ends in its normalisation: order original or relu_only; order is {self.order}",
            )
        return None


class Size(Frozen):
    """How large a network is."""

    kind: Literal["conv", "mlp"] = setting_field(
        "conv",
        "layers",
        "Convolutions, or fully connected layers, which take an image as one row of numbers.",
        choices={"conv": "convolutions", "mlp": "fully connected"},
    )
    depth: int = setting_field(
        56,
        "depth",
        "Layers with weights that a signal passes: convolutions and the last, fully "
        "connected one. 6n+2 gives the networks of He 2015; layers that fill no whole block go "
        "into the stem.",
        ge=2,
        le=MAX_DEPTH,
    )
    width: int = setting_field(
        16, "width", "Channels of the first stage; each later stage doubles them.", ge=1, le=1024
    )
    stages: int = setting_field(
        1,
        "stages",
        "Each stage after the first halves the image and doubles the channels. He 2015 uses three on CIFAR.",
        ge=1,
        le=3,
    )


class NetSpec(BlockFields, Size):
    """The network of the residual arm; the plain arm is the same network without its shortcuts."""

    cut: Numbers = setting_field(
        (),
        "cut shortcuts",
        "Numbers of the blocks whose shortcut is cut, from 1 at the input, such as 3,7,10-12: x + F(x) becomes F(x).",
        live=True,
    )
    remove: Numbers = setting_field(
        (),
        "remove blocks",
        "Numbers of the blocks taken out of both networks: only what the shortcut carries is left, x itself unless it "
        "projects or pads (Veit 2016 calls this a lesion).",
        live=True,
    )
    survival: float = setting_field(
        1.0,
        "survival of the last block",
        "Stochastic depth: each training step leaves blocks of the residual network out at random. The last block is kept with "
        "this probability, the first nearly always, those between in a line (Huang 2016, section 3); 1 keeps all.",
        ge=0.05,
        le=1.0,
    )

    @property
    def blocks(self) -> int:
        """How many blocks; also how many shortcuts there are to cut, unless the block is plain."""
        return (self.depth - 2) // self.convs_per_block

    @property
    def stem_convs(self) -> int:
        """Convolutions before the first block: one, and those that fill no whole block."""
        return self.depth - 1 - self.blocks * self.convs_per_block

    @property
    def blocks_per_stage(self) -> tuple[int, ...]:
        """Blocks spread as evenly as they go, earlier stages first; stages left empty are dropped."""
        each, more = divmod(self.blocks, self.stages)
        counts = [each + (i < more) for i in range(self.stages)]
        return tuple(n for n in counts if n)


class DataSpec(Frozen):
    """What is learnt, and how much of it at a time."""

    dataset: Literal["digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "spirals", "circles", "moons"] = (
        setting_field(
            "digits",
            "data",
            "Digits ships with scikit-learn: 1,797 real handwritten digits. MNIST and CIFAR are "
            "downloaded, or read from a folder of yours.",
            choices={k: d.label for k, d in DATASETS.items()},
        )
    )
    examples: int = setting_field(
        0, "training images", "How many training images to use; 0 takes them all.", ge=0, le=60_000
    )
    batch: int = setting_field(128, "batch", "Images in one step.", ge=2, le=1024)

    @property
    def data(self) -> Dataset:
        return DATASETS[self.dataset]

    @property
    def train_examples(self) -> int:
        return min(self.examples or self.data.train, self.data.train)

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches in one pass; the remainder waits for the next epoch's shuffle."""
        return self.train_examples // self.batch


class TrainSpec(Frozen):
    """How both arms learn."""

    optimizer: Literal["sgd", "adam", "adamw"] = setting_field(
        "sgd",
        "optimiser",
        "The rule that turns gradients into steps.",
        choices={"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"},
        live=True,
    )
    lr: float = setting_field(0.02, "learning rate", "Length of a step.", ge=1e-6, le=100.0, live=True)
    schedule: Literal["constant", "cosine", "step"] = setting_field(
        "constant",
        "schedule",
        "Cosine falls to 0 at the end; step divides by ten at 1/2 and 3/4 of the run, as He 2015 does.",
        choices={"constant": "constant", "cosine": "cosine", "step": "÷10 at 1/2 and 3/4"},
        live=True,
    )
    warmup: int = setting_field(
        0, "warm-up steps", "Steps over which the learning rate rises from 0 in a line.", ge=0, le=10_000, live=True
    )
    momentum: float = setting_field(
        0.9, "momentum", "How much of the last step carries on (SGD only).", ge=0.0, le=0.999, live=True
    )
    weight_decay: float = setting_field(
        0.0, "weight decay", "Pull of every weight towards 0.", ge=0.0, le=1.0, live=True
    )
    epochs: int = setting_field(12, "epochs", "Passes over the training images.", ge=1, le=500, live=True)

    def lr_at(self, step: int, steps: int) -> float:
        """Learning rate of step 1..steps: warm-up in a line, then the schedule over the whole run."""
        warm = min(1.0, step / self.warmup) if self.warmup else 1.0
        done = (step - 1) / steps
        fall = {
            "constant": 1.0,
            "cosine": 0.5 * (1.0 + math.cos(math.pi * done)),
            "step": 0.1 ** ((done >= 0.5) + (done >= 0.75)),
        }[self.schedule]
        return self.lr * warm * fall
