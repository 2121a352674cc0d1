"""Studies: what the server says of them before, while and after made-up runs are trained."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.runs.studies import Outcome, Study, outcome
from resviz.topics.calm.question import calm_study
from resviz.topics.compared.question import ComparedSpec
from resviz.ui import boards, server
from resviz.ui.boards import Member
from tests import paced
from tests.harness.scenes_panel import Scene, asked
from tests.harness.write import words_of

OPTIONS = "compare=options&depth=4&width=2&examples=256&batch=64&epochs=2&seeds=2"  # 6 runs of 8 steps
DEPTHS = "depths=8,10&seeds=1&width=4&epochs=1&examples=128&batch=64"  # 2 runs of 2 steps
OTHER = DEPTHS.replace("depths=8,10", "depths=8,12")
FULL = "The disk is full."


def over(spec: Spec) -> Member:
    """A run that has ended, made up. That of the seed 1 with the shortcut C left the range of float32."""
    history = paced.history(spec)
    arms = {arm: outcome(history, arm) for arm in ARMS}
    if (spec.seed, spec.shortcut) == (1, "C"):
        arms["residual"] = replace(arms["residual"], stopped=5, train_accuracy=None, test_accuracy=None)
    return Member(arms, spec.steps, 1.0, "finished")


def begun(spec: Spec) -> Member:
    """A run half of whose steps are made."""
    steps = spec.steps // 2
    history = paced.history(spec, steps)
    return Member({arm: outcome(history, arm, ended=False) for arm in ARMS}, steps, 0.0, "running", watched=True)


def failed(spec: Spec) -> Member:
    return Member(dict.fromkeys(ARMS, Outcome(0, (), failed=FULL)), 0, 0.0, "failed")


def look(study: Study, *members: Member, asking: bool = True) -> dict[str, Any]:
    """What there is for its viewer while this is there of the first runs of a study, and of the others nothing."""
    specs = study.members()
    there = [*members, *[Member({})] * (len(specs) - len(members))]
    found = {spec.digest: member for spec, member in zip(specs, there, strict=True)}
    told = boards.shown(server.scheduler(), study, found, asking=asking)
    return {field.name: getattr(told, field.name) for field in fields(told)}


def tell(scene: Scene, kind: str, query: str, study: Study) -> None:
    """All that the server says of a study, one thing after the other: first what is there before anybody asks for it."""
    first, *rest = study.members()
    half = [over(first), begun(rest[0])] if rest else [begun(first)]
    paused = [*half[:-1], replace(half[-1], status="paused")]
    scene.knows(kind, query, **look(study, asking=False))
    for moment, told in {
        "asked for": look(study),
        "begun": look(study, *half),
        "others": look(study, *half, asking=False),
        "stopped": look(study, *paused, asking=False),
        "failed": look(study, failed(first), *map(over, rest), asking=False),
        "finished": look(study, *map(over, [first, *rest]), asking=False),
    }.items():
        scene.now(moment, kind, query, **told)
    scene.answers[asked(kind, query, "/stop", "POST")] = {"status": "waiting"}


def _boards() -> dict[str, Any]:
    """A study of choices, one of depth, and another of depth in its place."""
    found: dict[str, Any] = {"pages": {}, "answers": {}}
    for kind, studies in {
        "compared": {OPTIONS: ComparedSpec.of(words_of(OPTIONS)).study()},
        "depth": {query: Study.of("depth", words_of(query)) for query in (DEPTHS, OTHER)},
    }.items():
        scene = Scene(kind)
        scene.opens(kind, view=False)
        for query, study in studies.items():
            tell(scene, kind, query, study)
        found = {part: {**told, **scene.written()[part]} for part, told in found.items()}
    return found


def _depth() -> dict[str, Any]:
    """What the Depth page opens with: results that come with the package."""
    scene, study = Scene("depth"), Study.of("depth", {})
    scene.opens("depth", view=False)
    scene.knows("depth", "", **look(study, asking=False))
    return scene.written()


def _by_itself() -> dict[str, Any]:
    """What is trained without a press."""
    scene = Scene("calm")
    scene.opens("calm", view=False, alone=True, later=True)
    tell(scene, "calm", "", calm_study(Spec()))
    return scene.written()


SCENES = {"boards": _boards, "depth": _depth, "by_itself": _by_itself}
