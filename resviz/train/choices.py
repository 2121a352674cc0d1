"""The choices that a study compares, and the kinds of study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from resviz.family import DEFAULT, families
from resviz.train.spec import TrainingSpec
from resviz.words.fields import facts

MOST_SEEDS = 10
ArmName = Literal["residual", "plain"]


@dataclass(frozen=True)
class Choice:
    """One option of a comparison: settings that override the study's own, and the arm of that run that is compared."""

    name: str
    label: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    arm: ArmName = "residual"


@dataclass(frozen=True)
class Kind:
    """A kind of study. The other choices are compared with the first. `noun` is the word for one choice, `source` the table
    of a paper that made the same comparison. `by_depth`: the choices are both arms at each depth that the user gives.
    `family`: the family of the networks that are trained."""

    name: str
    noun: str
    choices: tuple[Choice, ...]
    source: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    most_seeds: int = MOST_SEEDS
    by_depth: bool = False
    family: str = DEFAULT

    @property
    def spec(self) -> type[TrainingSpec]:
        """The class of the runs' specs."""
        found: type[TrainingSpec] = families()[self.family].of("spec")
        return found

    @property
    def deepest(self) -> int:
        """The largest depth, in layers, that a run may have."""
        return int(facts(self.spec)["depth"].high or 0)

    @property
    def varied(self) -> tuple[str, ...]:
        """The settings that the choices set."""
        return tuple(dict.fromkeys(key for choice in self.choices for key in choice.settings))
