"""An experiment as a value: every setting, its bounds, its words for people, and its round trips.

This file is the one place where defaults, limits, labels and help texts live. Widgets, the command
line, links and error messages are all made from it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self, get_args, get_origin
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

from resviz.words import Numbers, Problem, SpecError, text_of, write_numbers

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
}

CONVS_PER_BLOCK = {"plain": 2, "basic": 2, "bottleneck": 3, "preact": 2}
EXPANSION = {"plain": 1, "basic": 1, "bottleneck": 4, "preact": 1}


def _field(default: Any, label: str, help: str, **bounds: Any) -> Any:
    choices = bounds.pop("choices", None)
    extra = {"choices": choices} if choices else None
    return Field(default=default, title=label, description=help, json_schema_extra=extra, **bounds)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _one_zero(cls, value: Any) -> Any:
        """-0.0 equals 0.0 but is written otherwise, and would have a digest of its own."""
        return value + 0.0 if isinstance(value, float) else value


class NetSpec(_Frozen):
    """The network of the residual arm; the plain arm is the same network without its shortcuts."""

    depth: int = _field(
        56,
        "depth",
        "Layers with weights that a signal passes: convolutions and the last, fully "
        "connected one. 6n+2 gives the networks of He 2015; layers that fill no whole block go "
        "into the stem.",
        ge=2,
        le=MAX_DEPTH,
    )
    width: int = _field(16, "width", "Channels of the first stage; each later stage doubles them.", ge=1, le=256)
    stages: int = _field(
        1,
        "stages",
        "Each stage after the first halves the image and doubles the channels. He 2015 uses three on CIFAR.",
        ge=1,
        le=3,
    )
    block: Literal["plain", "basic", "bottleneck", "preact"] = _field(
        "basic",
        "block",
        "What stands beside each shortcut. Plain has no shortcuts at all: both arms are then the "
        "same network, the control of this experiment.",
        choices={
            "plain": "plain (control)",
            "basic": "basic: 3x3, 3x3",
            "bottleneck": "bottleneck: 1x1, 3x3, 1x1",
            "preact": "pre-activation",
        },
    )
    norm: Literal["batch", "layer", "group", "none"] = _field(
        "batch",
        "normalisation",
        "What keeps activations at a common scale. Layer: all channels of one image "
        "together; group: four groups of channels.",
        choices={"batch": "batch", "layer": "layer", "group": "group", "none": "none"},
    )
    activation: Literal["relu", "leaky_relu", "gelu", "silu", "tanh"] = _field(
        "relu",
        "activation",
        "The nonlinearity between layers.",
        choices={"relu": "ReLU", "leaky_relu": "leaky ReLU", "gelu": "GELU", "silu": "SiLU", "tanh": "tanh"},
    )
    init: Literal["he", "xavier", "torch", "orthogonal", "zero_gamma", "fixup"] = _field(
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
    shortcut: Literal["A", "B", "C"] = _field(
        "A",
        "shortcut",
        "Where shapes change: A pads with zeros and adds no parameters, B projects with a 1x1 "
        "convolution. C projects everywhere (He 2015, section 4.1).",
        choices={
            "A": "A: identity, zero-padded",
            "B": "B: projection where shapes change",
            "C": "C: projection everywhere",
        },
    )
    cut: Numbers = _field(
        (), "cut shortcuts", "Numbers of the blocks whose shortcut is cut, from 1 at the input, such as 3,7,10-12."
    )
    branch_scale: float = _field(1.0, "branch scale", "The factor a in x + a F(x).", ge=0.0, le=4.0)

    @property
    def convs_per_block(self) -> int:
        return CONVS_PER_BLOCK[self.block]

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


class DataSpec(_Frozen):
    """What is learnt, and how much of it at a time."""

    dataset: Literal["digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "spirals", "circles"] = _field(
        "digits",
        "data",
        "Digits ships with scikit-learn: 1,797 real handwritten digits. MNIST and CIFAR are "
        "downloaded, or read from a folder of yours.",
        choices={k: d.label for k, d in DATASETS.items()},
    )
    examples: int = _field(0, "training images", "How many training images to use; 0 takes them all.", ge=0, le=60_000)
    batch: int = _field(128, "batch", "Images in one step.", ge=2, le=1024)

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


class TrainSpec(_Frozen):
    """How both arms learn."""

    optimizer: Literal["sgd", "adam", "adamw"] = _field(
        "sgd",
        "optimiser",
        "The rule that turns gradients into steps.",
        choices={"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"},
    )
    lr: float = _field(0.02, "learning rate", "Length of a step.", ge=1e-6, le=100.0)
    schedule: Literal["constant", "cosine", "step"] = _field(
        "constant",
        "schedule",
        "Cosine falls to 0 at the end; step divides by ten at 1/2 and 3/4 of the run, as He 2015 does.",
        choices={"constant": "constant", "cosine": "cosine", "step": "÷10 at 1/2 and 3/4"},
    )
    warmup: int = _field(
        0, "warm-up steps", "Steps over which the learning rate rises from 0 in a line.", ge=0, le=10_000
    )
    momentum: float = _field(0.9, "momentum", "How much of the last step carries on (SGD only).", ge=0.0, le=0.999)
    weight_decay: float = _field(0.0, "weight decay", "Pull of every weight towards 0.", ge=0.0, le=1.0)
    epochs: int = _field(12, "epochs", "Passes over the training images.", ge=1, le=500)

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


class Spec(TrainSpec, DataSpec, NetSpec):
    """A whole experiment. Equal specs on one device give equal numbers.

    >>> Spec.of({"depth": "20", "cut": "1-3"}).cut
    (1, 2, 3)
    """

    seed: int = _field(0, "seed", "Fixes the initial weights and the order of the images.", ge=0, le=2**31 - 1)
    device: Literal["auto", "cpu", "cuda", "mps"] = _field(
        "auto",
        "device",
        "Where the networks are computed. Auto takes a GPU if there is one.",
        choices={"auto": "auto", "cpu": "CPU", "cuda": "NVIDIA GPU", "mps": "Apple GPU"},
    )

    @cached_property
    def steps(self) -> int:
        return self.epochs * self.steps_per_epoch

    @property
    def shortcuts(self) -> int:
        """How many shortcuts the residual arm has."""
        return 0 if self.block == "plain" else self.blocks

    # -- making one ---------------------------------------------------------------------------

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Self:
        """Build from `key: value` words. Raises SpecError, which names every key that cannot be used."""
        spec, problems = cls.read(words)
        if problems:
            raise SpecError(problems)
        return spec

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> tuple[Self, tuple[Problem, ...]]:
        """Build from words as far as they go: unusable ones fall back to the default and are reported."""
        problems = [
            Problem(key, str(value), f"no such setting; there are {', '.join(cls.model_fields)}")
            for key, value in words.items()
            if key not in cls.model_fields
        ]
        good = {key: value for key, value in words.items() if key in cls.model_fields}
        try:
            spec = cls(**good)
        except ValidationError as error:
            wrong = dict.fromkeys(str(e["loc"][0]) for e in error.errors())
            problems += [Problem(key, str(good.pop(key)), f"allowed is {allowed(key)}") for key in wrong]
            spec = cls(**good)
        while found := spec._conflict():
            problems.append(found)
            spec = spec.model_copy(update={found.key: cls.model_fields[found.key].default})
        return spec, tuple(problems)

    def _conflict(self) -> Problem | None:
        """The first pair of settings, each allowed by itself, that do not go together."""
        if self.init == "zero_gamma" and self.norm == "none":
            return Problem("init", self.init, "needs a normalisation, whose gamma it zeroes; norm is none")
        if self.init == "zero_gamma" and self.block == "preact":
            # Its last gamma stands before a ReLU: at 0 neither it nor the branch would ever get a gradient.
            return Problem(
                "init", self.init, "needs a block that ends in its normalisation; preact ends in a convolution"
            )
        if self.data.shape[1:] == (1, 1) and self.width in {"layer": (1,), "group": (1, 2, 4)}.get(self.norm, ()):
            # One channel of one pixel, normalised by itself, is 0 whatever it was.
            return Problem(
                "width", str(self.width), f"with norm {self.norm}, a point needs more channels; 8 are enough"
            )
        if self.batch > self.train_examples:
            name = "examples" if self.examples else "batch"
            return Problem(
                name,
                str(getattr(self, name)),
                f"a batch of {self.batch} needs at least as many training images; there are {self.train_examples:,}",
            )
        if wrong := [n for n in self.cut if not 1 <= n <= self.shortcuts]:
            there = (
                f"depth {self.depth} has shortcuts 1 to {self.shortcuts}"
                if self.shortcuts
                else f"depth {self.depth} with block {self.block} has no shortcuts"
            )
            return Problem("cut", write_numbers(wrong), there)
        return None

    def replace(self, **changes: Any) -> Self:
        """This spec with some settings changed. Raises SpecError as `of` does."""
        return type(self).of({**self.model_dump(), **changes})

    # -- round trips --------------------------------------------------------------------------

    def words(self) -> dict[str, str]:
        """Settings that differ from the default, as text, in the order of the fields."""
        values = self.model_dump()
        return {
            name: text_of(values[name])
            for name, info in type(self).model_fields.items()
            if getattr(self, name) != info.default
        }

    def query(self) -> str:
        """The permalink's part after the question mark; empty for the default."""
        return urlencode(self.words(), safe=",")

    def command(self) -> str:
        """The settings as the command line takes them: `depth=20 norm=none`."""
        return " ".join(f"{key}={value}" for key, value in self.words().items())

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that name this experiment's records."""
        text = json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- what a field is, for widgets, help and messages ---------------------------------------------


@dataclass(frozen=True)
class FieldFacts:
    """One setting as a person meets it. `kind` is int, float, choice or numbers."""

    name: str
    kind: Literal["int", "float", "choice", "numbers"]
    label: str
    help: str
    default: Any
    low: float | None
    high: float | None
    choices: Mapping[str, str]


def _facts(name: str, info: FieldInfo) -> FieldFacts:
    bounds = {type(m).__name__: m for m in info.metadata}
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    choices: Any = extra.get("choices", {})
    if get_origin(info.annotation) is Literal:
        kind: Any = "choice"
        assert set(choices) == set(get_args(info.annotation)), name
    else:
        kind = "int" if info.annotation is int else "float" if info.annotation is float else "numbers"
    low, high = bounds.get("Ge"), bounds.get("Le")
    return FieldFacts(
        name,
        kind,
        info.title or name,
        info.description or "",
        info.default,
        getattr(low, "ge", None),
        getattr(high, "le", None),
        choices,
    )


FIELDS: dict[str, FieldFacts] = {name: _facts(name, info) for name, info in Spec.model_fields.items()}


def allowed(key: str) -> str:
    """What a field takes, in words."""
    fact = FIELDS[key]
    match fact.kind:
        case "choice":
            return "one of " + ", ".join(fact.choices)
        case "int":
            return f"a whole number from {fact.low:,} to {fact.high:,}"
        case "float":
            return f"a number from {fact.low:g} to {fact.high:g}"
        case _:
            return "block numbers from 1, such as 3,7,10-12"
