"""Studies: what their pages hand down, and what the server says of them before, while and after made-up runs are trained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from resviz.records import ARMS
from resviz.spec import Spec
from resviz.studies import Outcome, Study, outcome
from resviz.ui import server, study_routes
from resviz.ui.study_routes import Member
from tests import paced
from tests.harness.write import address, handed, words_of

OPTIONS = "depth=4&width=2&examples=256&batch=64&epochs=2&seeds=2"  # 6 runs of 8 steps
DEPTHS = "depths=8,10&seeds=1&width=4&epochs=1&examples=128&batch=64"  # 2 runs of 2 steps
OTHER = DEPTHS.replace("depths=8,10", "depths=8,12")
CALM = "depth=8&epochs=10"  # one run of 110 steps
FULL = "The disk is full."


def page(kind: str, query: str = "", **given: Any) -> Any:
    """What a page that shows this study hands down."""
    from resviz.ui import board

    return handed("board", lambda: board.board(kind, words_of(query), key=kind, **given))


def asked(kind: str, query: str = "") -> str:
    """The question what there is of a study."""
    return f"GET {address(f'study/{kind}', query)}"


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
    return Member({arm: outcome(history, arm, ended=False) for arm in ARMS}, steps, 0.0, "running")


def failed(spec: Spec) -> Member:
    return Member(dict.fromkeys(ARMS, Outcome(0, (), failed=FULL)), 0, 0.0, "failed")


def state(study: Study, *members: Member, watched: bool = True) -> dict[str, Any]:
    """What the server says while this is there of the first runs of a study, and of the others nothing."""
    specs = study.members()
    there = [*members, *[Member({})] * (len(specs) - len(members))]
    found = {spec.digest: member for spec, member in zip(specs, there, strict=True)}
    return study_routes.state(server.scheduler(), study, found, watched=watched)


def told(kind: str, query: str = "") -> dict[str, Any]:
    """All that the server says of a study, one thing after the other: first what is there before anybody asks for it."""
    study, question = Study.of(kind, words_of(query)), asked(kind, query)
    first, *rest = study.members()
    half = [over(first), begun(rest[0])] if rest else [begun(first)]
    paused = [*half[:-1], replace(half[-1], status="paused")]
    return {
        question: state(study, watched=False),
        f"asked for: {question}": state(study),
        f"begun: {question}": state(study, *half),
        f"stopped: {question}": state(study, *paused, watched=False),
        f"failed: {question}": state(study, failed(first), *map(over, rest)),
        f"finished: {question}": state(study, *map(over, [first, *rest])),
        f"POST {address(f'study/{kind}/stop', query)}": {"status": "waiting"},
    }


def _boards() -> dict[str, Any]:
    """A study of choices, one of depth, and another of depth in its place."""
    return {
        "pages": {
            address("block", OPTIONS): page("options", OPTIONS, title="Against each other"),
            **{address("depth", query): page("depth", query, name="Error against depth") for query in (DEPTHS, OTHER)},
        },
        "answers": {
            **told("options", OPTIONS),
            **told("depth", DEPTHS),
            asked("depth", OTHER): state(Study.of("depth", words_of(OTHER)), watched=False),
        },
    }


def _depth() -> dict[str, Any]:
    """What the Depth page opens with: results that come with the package."""
    study = Study.of("depth", {})
    return {
        "pages": {address("depth", ""): page("depth", name="Error against depth")},
        "answers": {asked("depth"): state(study, watched=False), f"begun: {asked('depth')}": state(study)},
    }


def _by_itself() -> dict[str, Any]:
    """What is measured or trained without a press."""
    return {
        "pages": {
            address("calm", CALM): page("calm", CALM, name="The first steps", auto=True),
        },
        "answers": {
            **told("calm", CALM),
        },
    }


SCENES = {"boards": _boards, "depth": _depth, "by_itself": _by_itself}
