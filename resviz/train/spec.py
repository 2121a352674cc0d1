"""The spec of a run: the training settings that every family has, and the changes made during training."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from resviz.family import DEFAULT, Family, families
from resviz.train.settings import TrainSpec
from resviz.words.fields import Worded, facts, setting_field
from resviz.words.text import MOST_EDITS, Edit, Edits, Numbers, Problem, sort_edits, text_of, write_numbers


class TrainingSpec(TrainSpec, Worded):
    """The settings of every run, whatever network it trains; a family adds its network and its data (families/).

    `FAMILY` names the family. `LIVING`: settings that may differ between two passes through the same networks, because
    the structure stays the same; `SKIPPING`: those of them that concern only the arm with skips.
    """

    FAMILY: ClassVar[str] = DEFAULT
    LIVING: ClassVar[tuple[str, ...]] = ()
    SKIPPING: ClassVar[tuple[str, ...]] = ()

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

    # Every family has these settings, with its own help texts: the numbers of the skips cut and of the blocks removed.
    if TYPE_CHECKING:
        cut: Numbers
        remove: Numbers

    # -- what a family defines for its runs -----------------------------------------------------

    @property
    def family(self) -> Family:
        """The declaration of the family."""
        return families()[self.FAMILY]

    @property
    def arms(self) -> tuple[str, str]:
        """The names of both arms, the one with skips first."""
        first, second = (arm.name for arm in self.family.arms)
        return first, second

    @property
    def run(self) -> TrainingSpec:
        """The run alone, if this spec also holds a question about its networks; otherwise this spec."""
        return self

    @property
    def skips(self) -> int:
        """How many skip connections the arm with skips has."""
        raise NotImplementedError

    @property
    def skipless(self) -> Problem | None:
        """The reason why there is no skip connection to compare; None if there is one."""
        return None

    @property
    def layers(self) -> int:
        """How many layers have a gradient norm of their own."""
        raise NotImplementedError

    @property
    def branches(self) -> int:
        """How many branches have a residual ratio."""
        raise NotImplementedError

    @property
    def examples_in_a_step(self) -> int:
        """How many examples both arms see in one step."""
        raise NotImplementedError

    @property
    def steps_per_epoch(self) -> int:
        """Steps in one pass over the training data."""
        raise NotImplementedError

    @property
    def test_examples(self) -> int:
        """How many test examples there are."""
        raise NotImplementedError

    # -- the steps of a run ---------------------------------------------------------------------

    @cached_property
    def segments(self) -> tuple[tuple[int, Self], ...]:
        """Pairs (after, settings) in order: the settings, without edits, that hold for the steps past `after`."""
        now = self._with(edits=())
        found = [(0, now)]
        for edit in self.edits:
            now = type(self).model_validate({**now.model_dump(), edit.key: edit.value})
            if found[-1][0] == edit.at:
                found.pop()
            found.append((edit.at, now))
        return tuple(found)

    def during(self, step: int) -> Self:
        """Return the settings in force at step `step`, counted from 1."""
        return self.segments[max(0, bisect_left([after for after, _ in self.segments], step) - 1)][1]

    @cached_property
    def steps(self) -> int:
        """Steps of the whole run, including changes of `epochs` during the run."""
        return self.segments[-1][1].epochs * self.steps_per_epoch

    @cached_property
    def edges(self) -> frozenset[int]:
        """Steps at which everything is measured: the first, the one after each change, and the ends."""
        return frozenset({at + 1 for at, _ in self.segments} | self.ends)

    @cached_property
    def ends(self) -> frozenset[int]:
        """Steps at which the run ends, or would have ended without the changes that follow."""
        return frozenset(now.epochs * self.steps_per_epoch for _, now in self.segments)

    # -- making one ---------------------------------------------------------------------------

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> tuple[Self, tuple[Problem, ...]]:
        """Build a spec from words: unusable values fall back to the default and are reported.

        Of block numbers and changes, only the unusable ones are dropped.
        """
        strange: list[Problem] = []
        with suppress(ValueError):  # text that is not a list of changes is reported by its field
            edits, others = sort_edits(words.get("edits", ""))
            strange += [Problem("edits", word, f"allowed is {facts(cls)['edits'].allowed}") for word in others]
            strange += [Problem("edits", str(edit), f"only {MOST_EDITS} changes fit") for edit in edits[MOST_EDITS:]]
            words = {**words, "edits": edits[:MOST_EDITS]}
        spec, problems = super().read(words)
        if not spec.edits:
            return spec, (*problems, *strange)
        spec, more = spec._settled()
        return spec, (*problems, *strange, *more)

    def _settled(self) -> tuple[Self, list[Problem]]:
        """Return this spec with its changes sorted, without those that change nothing or cannot be made, and the problems."""
        names = list(type(self).model_fields)
        problems = [
            Problem("edits", str(edit), f"no such setting; {_live_words(type(self))}")
            for edit in self.edits
            if edit.key not in names
        ]
        last_word = {(edit.at, edit.key): edit for edit in self.edits if edit.key in names}
        # At one step a change of epochs comes first: the other changes may need the longer run.
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
        """Return the settings after a change, and what is wrong with the change, or an empty string."""
        if not facts(type(self))[edit.key].live:
            return now, f"{edit.key} cannot change on the way; {_live_words(type(self))}"
        after, problems = type(self).read({**now.model_dump(), edit.key: edit.value})
        why = problems[0].allowed if problems else ""
        if problems and not (facts(type(self))[edit.key].kind == "numbers" and getattr(after, edit.key)):
            return now, why  # of a list of numbers, the usable ones still count
        reached = now.steps if edit.key == "epochs" else now.steps - 1  # at its end, a run may still be extended
        if edit.at > min(reached, after.steps - 1):
            steps = min(now.steps, after.steps)
            if steps == 1:
                return now, "the run has 1 step, so nothing can change on the way"
            return now, f"the run has {steps} steps: a change can come after step 1 to {steps - 1}"
        return after, why

    # -- branches -----------------------------------------------------------------------------

    def trunk(self, step: int) -> Self:
        """Return the experiment that makes the same steps 1 to `step`, without the changes that come later."""
        return self._with(edits=tuple(edit for edit in self.edits if edit.at < step))

    def line(self) -> tuple[Self, ...]:
        """Return the experiments that this one branched from, the first one first, then this one."""
        trunks = {self.trunk(at).digest: self.trunk(at) for at in sorted({edit.at for edit in self.edits})}
        return (*(trunk for digest, trunk in trunks.items() if digest != self.digest), self)

    def branch(self, at: int, **changes: Any) -> Self:
        """Return this experiment up to step `at`, then with other settings. At 0 it is a new experiment from its first step.

        Raises SpecError for a setting that cannot change during a run, and for a step that this experiment does not reach.
        """
        earlier = [edit for edit in self.edits if edit.at <= at]
        edits = (*earlier, *(Edit(at, key, _words(value)) for key, value in changes.items()))
        return type(self).of({**self.model_dump(), "edits": edits})


def spec_from_json(text: str | bytes) -> TrainingSpec:
    """Read a run's spec from JSON, of the family that it names. Raises ValueError for anything that is not a spec."""
    told = json.loads(text)
    name = told.get("family", DEFAULT) if isinstance(told, dict) else DEFAULT
    if name not in families():
        raise ValueError(f"family {name!r}: allowed is one of {', '.join(families())}")
    family = families()[name]
    found: TrainingSpec = family.of("spec").model_validate(told)
    return found


def _words(value: Any) -> str:
    """Return a value as written in an edit: without spaces."""
    if isinstance(value, str | int | float):
        return text_of(value).replace(" ", "")
    return write_numbers(value)


def default_spec() -> TrainingSpec:
    """Return the run that a link without words opens."""
    family = families()[DEFAULT]
    found: TrainingSpec = family.of("spec")()
    return found


def live(spec: type[TrainingSpec]) -> tuple[str, ...]:
    """Return the names of the settings that may change during a run."""
    return tuple(name for name, fact in facts(spec).items() if fact.live)


def _live_words(spec: type[TrainingSpec]) -> str:
    return f"what can is {', '.join(live(spec))}"
