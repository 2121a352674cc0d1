"""The spec of a run of the residual classifier: its network, its data and its training together."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from resviz.data.datasets import DataSpec
from resviz.families.resnet.settings import NetSpec
from resviz.nets.settings import BlockFields
from resviz.train.spec import TrainingSpec, live
from resviz.words.fields import facts
from resviz.words.text import Problem, write_numbers


class Spec(TrainingSpec, DataSpec, NetSpec):
    """A whole experiment. Equal specs on one device give equal numbers.

    >>> Spec.of({"depth": "20", "cut": "1-3"}).cut
    (1, 2, 3)
    >>> Spec().branch(60, cut=[7]).query()
    'edits=60:cut:7'
    """

    FAMILY: ClassVar[str] = "resnet"
    LATER: ClassVar[tuple[str, ...]] = ("survival",)
    LIVING: ClassVar[tuple[str, ...]] = (
        *("cut", "remove", "branch_scale", "shortcut_scale", "activation", "init", "seed"),
    )
    SKIPPING: ClassVar[tuple[str, ...]] = ("cut", "shortcut_scale")

    @property
    def needs(self) -> str:
        return self.dataset

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of the first layer's input: fully connected layers take one row of numbers, which is an
        image of one pixel with as many channels."""
        channels, height, width = self.data.shape
        return (channels * height * width, 1, 1) if self.kind == "mlp" else (channels, height, width)

    @property
    def kernel(self) -> int:
        """Height and width of the larger convolutions; a 1x1 convolution of one pixel is a fully connected layer."""
        return 3 if self.input_shape[1] > 1 else 1

    @property
    def network(self) -> dict[str, Any]:
        """The arguments of `nets.ResNet`, by name."""
        names = ("width", "stem_convs", "kernel", "seed", "survival", *BlockFields.model_fields)
        return {
            "channels": self.input_shape[0],
            "classes": self.data.classes,
            "blocks": self.blocks_per_stage,
            **{name: getattr(self, name) for name in names},
        }

    @property
    def shortcuts(self) -> int:
        """How many shortcuts the residual arm has."""
        return 0 if self.block == "plain" else self.blocks

    @property
    def skips(self) -> int:
        return self.shortcuts

    @property
    def skipless(self) -> Problem | None:
        what = "has no shortcut" if self.block == "plain" else f"has no block at depth {self.depth}"
        return None if self.shortcuts else Problem("block", self.block, f"{what}, so there is nothing to compare")

    @property
    def layers(self) -> int:
        return self.depth

    @property
    def branches(self) -> int:
        return self.blocks

    @property
    def examples_in_a_step(self) -> int:
        return self.batch

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches in one epoch; the remaining examples are left out until the next epoch's shuffle."""
        return self.train_examples // self.batch

    @property
    def test_examples(self) -> int:
        return self.data.test

    def _conflict(self) -> tuple[Problem, Any] | None:
        """Return the first setting that is allowed by itself but conflicts with the others, and its replacement; else None."""
        if reason := self._zero_gamma():
            return self._wrong(*reason)
        if self.input_shape[1:] == (1, 1) and self.width in {"layer": (1,), "group": (1, 2, 4)}.get(self.norm, ()):
            # One channel of one pixel, normalised by itself, is always 0.
            return self._wrong("width", f"with norm {self.norm}, a row of numbers needs more channels; 8 are enough")
        if self.batch > self.train_examples:
            return self._wrong(
                "examples" if self.examples else "batch",
                f"a batch of {self.batch} needs at least as many training images; there are {self.train_examples:,}",
            )
        for key, noun, there in (("cut", "shortcuts", self.shortcuts), ("remove", "blocks", self.blocks)):
            numbers = getattr(self, key)
            if strange := [n for n in numbers if not 1 <= n <= there]:
                with_block = f" with block {self.block}" if key == "cut" and not there else ""
                has = f"has {noun} 1 to {there}" if there else f"has no {noun}"
                problem = Problem(key, write_numbers(strange), f"depth {self.depth}{with_block} {has}")
                return problem, tuple(n for n in numbers if n not in strange)
        return None


class Made(Protocol):
    """An object that has the spec of a run."""

    @property
    def spec(self) -> TrainingSpec: ...


def known(spec: TrainingSpec) -> Spec:
    """Return the same spec, after asserting that it is of this family."""
    assert isinstance(spec, Spec)
    return spec


def of(run: Made) -> Spec:
    """Return the spec of a run of this family."""
    return known(run.spec)


FIELDS = facts(Spec)
LIVE = live(Spec)
