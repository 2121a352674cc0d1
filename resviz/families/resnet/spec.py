"""An experiment as a value: all settings together, their round trips, and the changes made while it trains."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

from resviz.data.datasets import DataSpec
from resviz.families.resnet.settings import NetSpec
from resviz.nets.settings import BlockFields
from resviz.train.settings import TrainSpec
from resviz.words.fields import Worded, facts, setting_field
from resviz.words.text import MOST_EDITS, Edit, Edits, Problem, sort_edits, text_of, write_numbers


class Spec(TrainSpec, DataSpec, NetSpec, Worded):
    """A whole experiment. Equal specs on one device give equal numbers.

    >>> Spec.of({"depth": "20", "cut": "1-3"}).cut
    (1, 2, 3)
    >>> Spec().branch(60, cut=[7]).query()
    'edits=60:cut:7'
    """

    LATER: ClassVar[tuple[str, ...]] = ("survival",)

    seed: int = setting_field(0, "seed", "Fixes the initial weights and the order of the images.", ge=0, le=2**31 - 1)
    device: Literal["auto", "cpu", "cuda", "mps"] = setting_field(
        "auto",
        "device",
        "Where the networks are computed. Auto takes a GPU if there is one.",
        choices={"auto": "auto", "cpu": "CPU", "cuda": "NVIDIA GPU", "mps": "Apple GPU"},
    )

    edits: Edits = setting_field(
        (),
        "changes while training",
        "What changes after which step, as step:setting:value, such as 60:cut:7 90:lr:0.01. Steps up to there are those "
        "of the experiment without the change.",
    )

    @property
    def needs(self) -> str:
        return self.dataset

    @cached_property
    def segments(self) -> tuple[tuple[int, Spec], ...]:
        """(after, settings) in order: which settings, without edits, hold for the steps past `after`."""
        now = self._with(edits=())
        found = [(0, now)]
        for edit in self.edits:
            now = type(self).model_validate({**now.model_dump(), edit.key: edit.value})
            if found[-1][0] == edit.at:
                found.pop()
            found.append((edit.at, now))
        return tuple(found)

    def during(self, step: int) -> Spec:
        """The settings that make step `step`, counted from 1."""
        return self.segments[max(0, bisect_left([after for after, _ in self.segments], step) - 1)][1]

    @cached_property
    def steps(self) -> int:
        """Steps of the whole run; a change of `epochs` on the way counts."""
        return self.segments[-1][1].epochs * self.steps_per_epoch

    @cached_property
    def edges(self) -> frozenset[int]:
        """Steps at which everything is measured: the first, the one after each change, and the ends."""
        return frozenset({at + 1 for at, _ in self.segments} | self.ends)

    @cached_property
    def ends(self) -> frozenset[int]:
        """Where the run ends, or would have ended without the changes that follow."""
        return frozenset(now.epochs * self.steps_per_epoch for _, now in self.segments)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of what the first layer takes: fully connected layers take one row of numbers, which
        is an image of one pixel with as many channels."""
        channels, height, width = self.data.shape
        return (channels * height * width, 1, 1) if self.kind == "mlp" else (channels, height, width)

    @property
    def kernel(self) -> int:
        """Height and width of the larger convolutions; a 1x1 convolution of one pixel is a fully connected layer."""
        return 3 if self.input_shape[1] > 1 else 1

    @property
    def network(self) -> dict[str, Any]:
        """What `nets.ResNet` takes, by name."""
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

    # -- making one ---------------------------------------------------------------------------

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> tuple[Self, tuple[Problem, ...]]:
        """Build from words as far as they go: unusable ones fall back to the default and are reported.

        Of block numbers and changes only those fall away that cannot be used.
        """
        strange: list[Problem] = []
        with suppress(ValueError):  # what is no list of changes at all is reported by its field
            edits, others = sort_edits(words.get("edits", ""))
            strange += [Problem("edits", word, f"allowed is {FIELDS['edits'].allowed}") for word in others]
            strange += [Problem("edits", str(edit), f"only {MOST_EDITS} changes fit") for edit in edits[MOST_EDITS:]]
            words = {**words, "edits": edits[:MOST_EDITS]}
        spec, problems = super().read(words)
        if not spec.edits:
            return spec, (*problems, *strange)
        spec, more = spec._settled()
        return spec, (*problems, *strange, *more)

    def _conflict(self) -> tuple[Problem, Any] | None:
        """The first setting, allowed by itself, that does not go with the others, and what stands in for it."""
        if reason := self._zero_gamma():
            return self._wrong(*reason)
        if self.input_shape[1:] == (1, 1) and self.width in {"layer": (1,), "group": (1, 2, 4)}.get(self.norm, ()):
            # One channel of one pixel, normalised by itself, is 0 whatever it was.
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

    def _settled(self) -> tuple[Self, list[Problem]]:
        """This spec with its changes in order, without those that change nothing or cannot be made."""
        names = list(type(self).model_fields)
        problems = [
            Problem("edits", str(edit), f"no such setting; {_LIVE_WORDS}")
            for edit in self.edits
            if edit.key not in names
        ]
        last_word = {(edit.at, edit.key): edit for edit in self.edits if edit.key in names}
        # At one step a longer run comes first: what else changes there may need it.
        first = now = self._with(edits=())
        kept = []
        for edit in sorted(last_word.values(), key=lambda e: (e.at, e.key != "epochs", names.index(e.key))):
            after, why = self._changed(now, edit)
            if why:
                problems.append(Problem("edits", str(edit), why))
            if after != now:
                now = after
                if edit.at == 0:
                    first = now
                else:
                    kept.append(Edit(edit.at, edit.key, _words(now.model_dump()[edit.key])))
        return first._with(edits=tuple(kept)), problems

    def _changed(self, now: Self, edit: Edit) -> tuple[Self, str]:
        """The settings after a change, or why it cannot be made."""
        if not FIELDS[edit.key].live:
            return now, f"{edit.key} cannot change on the way; {_LIVE_WORDS}"
        after, problems = type(self).read({**now.model_dump(), edit.key: edit.value})
        why = problems[0].allowed if problems else ""
        if problems and not (FIELDS[edit.key].kind == "numbers" and getattr(after, edit.key)):
            return now, why  # of numbers, those that there are are as good as ever
        reached = now.steps if edit.key == "epochs" else now.steps - 1  # a run may go on past its end
        if edit.at > min(reached, after.steps - 1):
            steps = min(now.steps, after.steps)
            if steps == 1:
                return now, "the run has 1 step, so nothing can change on the way"
            return now, f"the run has {steps} steps: a change can come after step 1 to {steps - 1}"
        return after, why

    # -- branches -----------------------------------------------------------------------------

    def trunk(self, step: int) -> Self:
        """The experiment that makes the same steps 1 to `step`, without the changes that come later."""
        return self._with(edits=tuple(edit for edit in self.edits if edit.at < step))

    def line(self) -> tuple[Self, ...]:
        """The experiments that this one branched from, the first one first, and itself."""
        trunks = {self.trunk(at).digest: self.trunk(at) for at in sorted({edit.at for edit in self.edits})}
        return (*(trunk for digest, trunk in trunks.items() if digest != self.digest), self)

    def branch(self, at: int, **changes: Any) -> Self:
        """This experiment up to step `at`, then with other settings. At 0 it is a new experiment from its first step.

        Raises SpecError for what cannot change on the way, and for a step that this experiment does not reach.
        """
        earlier = [edit for edit in self.edits if edit.at <= at]
        edits = (*earlier, *(Edit(at, key, _words(value)) for key, value in changes.items()))
        return type(self).of({**self.model_dump(), "edits": edits})


FIELDS = facts(Spec)
LIVE = tuple(name for name, fact in FIELDS.items() if fact.live)
_LIVE_WORDS = f"what can is {', '.join(LIVE)}"


def _words(value: Any) -> str:
    """A value as it stands in an edit: without spaces."""
    if isinstance(value, str | int | float):
        return text_of(value).replace(" ", "")
    return write_numbers(value)
