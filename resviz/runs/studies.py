"""Studies: several runs that differ in one choice and in the seed, and the comparison of their results."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Self, get_args

from resviz.topic import topics
from resviz.train.choices import ArmName, Choice, Kind
from resviz.train.records import History
from resviz.train.spec import TrainingSpec
from resviz.words.fields import facts
from resviz.words.text import Problem, SpecError, Vector, read_numbers, text_of, write_numbers
from resviz.words.typed import NoNumber, read_number

DEPTHS = (8, 14, 20, 32, 44, 56, 74, 92, 110)
MOST_DEPTHS = 20
HE = (20, 56)  # the depths of He 2015, Fig. 1: comparing these two shows the most


@cache
def kinds() -> dict[str, Kind]:
    """Return all kinds of study by name, as topics declare them."""
    return {name: topic.named(what) for topic in topics().values() for name, what in topic.studies.items()}


@dataclass(frozen=True)
class Study:
    """A study as a value, defined by its link alone: `/study/orders?depth=20&seeds=3`.

    >>> study = Study.of("orders", {"depth": "8", "seeds": "2"})
    >>> len(study.members()), study.words()
    (10, {'depth': '8', 'seeds': '2'})
    """

    kind: str
    base: TrainingSpec
    seeds: int
    depths: tuple[int, ...] = ()  # for a kind of study that compares depths

    @classmethod
    def of(cls, kind: str, words: Mapping[str, Any]) -> Self:
        """Return the study of a kind with the settings `words` of a link; settings that the study varies itself are ignored.

        Raises SpecError, which names what cannot be used and says what is allowed.
        """
        chosen = kinds().get(kind)
        if chosen is None:
            raise SpecError([Problem("study", kind, f"allowed is one of {', '.join(kinds())}")])
        settings: dict[str, Any] = {**chosen.defaults, **words}
        seeds = _seeds(settings.pop("seeds"), chosen.most_seeds)
        depths = _depths(settings.pop("depths", DEPTHS), chosen.deepest) if chosen.by_depth else ()
        varied = ("depth",) if depths else chosen.varied
        base = chosen.spec.of({key: value for key, value in settings.items() if key not in varied})
        study = cls(kind, base, seeds, depths)
        if chosen.varied and base.skipless:
            raise SpecError([base.skipless])
        if clash := [edit for edit in base.edits if edit.key in chosen.varied]:
            raise SpecError([Problem("edits", str(clash[0]), f"this study compares values of {clash[0].key} itself")])
        study.members()  # each must be a valid experiment
        return study

    @property
    def choices(self) -> tuple[Choice, ...]:
        return by_depth(self.depths) if self.depths else kinds()[self.kind].choices

    @property
    def reference(self) -> Choice:
        """The choice that the others are compared with."""
        return self.choices[0]

    @property
    def source(self) -> str:
        """The table of a paper that asked the same question."""
        return kinds()[self.kind].source

    @property
    def compares(self) -> bool:
        """Whether there are choices to compare, besides the two arms of a run."""
        return bool(self.depths or kinds()[self.kind].varied)

    def spec(self, choice: Choice, seed: int) -> TrainingSpec:
        """Return the spec of the run of a choice; `seed` counts from 0, and is added to the study's own seed."""
        return self._specs[choice.name, seed]

    @cached_property
    def _specs(self) -> dict[tuple[str, int], TrainingSpec]:
        spec = kinds()[self.kind].spec
        fields = facts(spec)
        varied = () if self.depths else kinds()[self.kind].varied
        own = {**self.base.model_dump(), **{key: fields[key].default for key in varied}}
        return {
            (choice.name, n): spec.of({**own, **choice.settings, "seed": self.base.seed + n})
            for n in range(self.seeds)
            for choice in self.choices
        }

    def members(self) -> tuple[TrainingSpec, ...]:
        """Return the specs of all runs, each once: one seed of every choice, then the next seed; depths ordered by `telling`."""
        order = {depth: place for place, depth in enumerate(telling(self.depths))}
        specs = sorted(self._specs.items(), key=lambda item: (item[0][1], order.get(item[1].layers, 0)))
        return tuple({spec.digest: spec for _, spec in specs}.values())

    def words(self) -> dict[str, str]:
        """Return the settings that differ from the kind's own defaults: the inverse of `of`."""
        usual = Study.of(self.kind, {})
        fields, mine, theirs = facts(type(self.base)), self.base.model_dump(), usual.base.model_dump()
        words = {key: str(mine[key]) for key in fields if mine[key] != theirs[key]}
        words |= {"seeds": str(self.seeds)} if self.seeds != usual.seeds else {}
        return words | ({"depths": write_numbers(self.depths)} if self.depths != usual.depths else {})

    @property
    def digest(self) -> str:
        """The unique name of the study."""
        depths = f"-{'-'.join(map(str, self.depths))}" if self.depths else ""
        return f"{self.kind}-{self.seeds}-{self.base.digest}{depths}"

    @property
    def takes(self) -> str:
        """A description of what has to be computed."""
        runs, steps = len(self.members()), f"{self.base.steps:,} step{'s' * (self.base.steps != 1)}"
        if runs == 1:
            return f"One run of {steps}, {self.members()[0].layers} layers deep"
        if self.depths:
            seeds = f"{self.seeds} seeds each" if self.seeds > 1 else "one seed each"
            depths = f"{len(self.depths)} depths" if len(self.depths) > 1 else "One depth"
            return f"{depths}, {seeds}: {runs} runs of {steps}, both networks in each"
        with_plain = any(choice.arm == "plain" for choice in self.choices)
        many = len(self.choices) - with_plain
        seeds = f"{self.seeds} seeds each" if self.seeds > 1 else "one seed each"
        noun = kinds()[self.kind].noun
        return f"{many} {noun}s, {seeds}: {runs} runs of {steps}, {self.base.layers} layers deep"


def by_depth(depths: Sequence[int]) -> tuple[Choice, ...]:
    """Return both arms at each depth as choices, from the same runs."""
    return tuple(
        Choice(f"{arm}-{depth}", f"{arm}, {depth} layers", {"depth": depth}, arm)
        for depth in depths
        for arm in get_args(ArmName)
    )


def telling(depths: Sequence[int]) -> list[int]:
    """Return the depths, the most informative first: those of He 2015, the ends, then always the middle of the largest gap."""
    left = sorted(depths)
    order = [d for d in (*HE, *left[:1], *left[-1:]) if d in left]
    order = list(dict.fromkeys(order))
    left = [d for d in left if d not in order]
    while left:
        # Gaps between depths count as ratios: 8 and 16 layers differ as much as 50 and 100.
        order.append(max(left, key=lambda d: min(abs(math.log(d / other)) for other in order)))
        left.remove(order[-1])
    return order


def _depths(value: Any, deepest: int) -> tuple[int, ...]:
    try:
        found = read_numbers(value)
    except ValueError:
        found = ()
    if not 1 <= len(found) <= MOST_DEPTHS or not all(2 <= n <= deepest for n in found):
        allowed = f"allowed are up to {MOST_DEPTHS} depths from 2 to {deepest:,}, such as 8,20,56"
        raise SpecError([Problem("depths", text_of(value), allowed)])
    return found


def _seeds(value: Any, most: int) -> int:
    try:
        seeds = int(read_number(str(value), whole=True))
    except NoNumber:
        seeds = 0
    if not 1 <= seeds <= most:
        allowed = f"a whole number from 1 to {most}" if most > 1 else "1"
        raise SpecError([Problem("seeds", str(value), f"allowed is {allowed}")])
    return seeds


# -- results ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """The results of one arm of a run that a study needs. `stopped`: the step at which it left the range of float32; it then has
    no accuracies. `signal`: activation_grad_norm by step, where it was measured; `gradients`: grad_norm at the last step.
    `failed`: why there is no run."""

    steps: int
    loss: tuple[float, ...]
    train_accuracy: float | None = None
    test_accuracy: float | None = None
    stopped: int | None = None
    signal: tuple[tuple[int, Vector], ...] = ()
    gradients: Vector = ()
    ended: bool = True  # false while the run still goes on
    failed: str = ""


Results = Mapping[tuple[str, int], Outcome]  # by the name of the choice, and the seed counted from 0


def outcome(history: History, arm: str, *, ended: bool = True) -> Outcome:
    """Return the results of one arm of a run, as far as it has come."""
    steps, losses = history.column(arm, "loss")
    stopped = history.ended(arm)
    over = ended and stopped is None
    return Outcome(
        steps[-1] if steps else 0,
        tuple(losses),
        history.last(arm, "train_accuracy") if over else None,
        history.last(arm, "test_accuracy") if over else None,
        stopped[0] if stopped else None,
        tuple(zip(*history.column(arm, "activation_grad_norm"), strict=True)),
        tuple(history.last(arm, "grad_norm") or ()),
        ended,
    )


def of_choice(study: Study, results: Results, choice: Choice) -> list[tuple[int, Outcome]]:
    """Return the runs of a choice that have ended without failure, as pairs of seed and outcome."""
    pairs = ((n, results.get((choice.name, n))) for n in range(study.seeds))
    return [(n, found) for n, found in pairs if found and found.ended and not found.failed]


def accuracies(study: Study, results: Results, choice: Choice) -> list[tuple[int, float]]:
    """Return the share of unseen images read correctly, as pairs of seed and accuracy; a run that stopped has none."""
    runs = of_choice(study, results, choice)
    return [(n, found.test_accuracy) for n, found in runs if found.test_accuracy is not None]


def rounds(study: Study, results: Results) -> int:
    """Return the number of seeds for which the runs of all choices have ended."""
    over = ([(c.name, n) in results and results[c.name, n].ended for c in study.choices] for n in range(study.seeds))
    return sum(map(all, over))


def troubles(study: Study, results: Results) -> list[str]:
    """Return why runs have failed, each reason once, with the runs that it concerns."""
    why: dict[str, list[str]] = {}
    for choice in study.choices:
        for n in range(study.seeds):
            if choice.arm == "residual" and (found := results.get((choice.name, n))) and found.failed:
                why.setdefault(found.failed, []).append(f"{choice.label}, seed {study.spec(choice, n).seed}")
    runs = len(study.members())
    return [
        message
        if len(who) == runs
        else f"{'; '.join(who) if len(who) < 4 else f'{len(who)} of {runs} runs'}: {message}"
        for message, who in why.items()
    ]


CSV_HEADER = (
    "choice", "label", "seed", "arm", "steps", "final_training_loss", "train_accuracy", "test_accuracy", "diverged_at",
    "run",
)  # fmt: skip


def to_csv(study: Study, results: Results) -> str:
    """Return a CSV text with one line per choice and seed, for the runs that have ended."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([CSV_HEADER, *_csv_lines(study, results)])
    return out.getvalue()


def _csv_lines(study: Study, results: Results) -> Iterable[tuple[object, ...]]:
    for choice in study.choices:
        for n, found in of_choice(study, results, choice):
            spec = study.spec(choice, n)
            loss = found.loss[-1] if found.loss else None
            numbers = (loss, found.train_accuracy, found.test_accuracy, found.stopped)
            shown = ("" if value is None else repr(value) for value in numbers)
            yield (choice.name, choice.label, spec.seed, choice.arm, found.steps, *shown, spec.digest)
