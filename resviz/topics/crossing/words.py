"""The texts of this view: the finding, the explanation and the claims of the literature."""

from __future__ import annotations

from resviz.topics.crossing.question import LABEL, MODELS, Crossing, solved
from resviz.words.claims import Claim
from resviz.words.say import written

CLAIMS = (
    Claim(
        "Any network can be made continuous.",
        "A flow keeps what is inside a ring inside, and never lets two ways cross: there are functions it cannot represent. One "
        "more dimension is enough to cure that.",
        "Dupont 2019, “Augmented Neural ODEs”, NeurIPS",
    ),
)

WHY = (
    "Solutions of $x' = f(x, t)$ with a Lipschitz $f$ are unique, so that on a line their order never "
    "changes, and in the plane what is inside a ring stays inside. A step $x + F(x)$ is bound to that only "
    "where $F$ changes more slowly than $x$, with a Lipschitz constant below 1. An extra dimension gives room "
    "to go around (Dupont 2019). The least error of any map that keeps the order is computed for these very "
    "points, by isotonic regression."
)


def finding(record: Crossing) -> str:
    """Return which models solve the task and what prevents the flow from it, in sentences."""
    spec = record.spec
    after = "" if record.done >= 1 else f"After {record.step:,} of {spec.steps:,} steps: "
    said_of = [f"the {LABEL[name]} {_result(record, name)}" for name in MODELS]
    first = after + f"{'; '.join(said_of)}."
    for name in MODELS:
        if stopped := record.models[name].stopped:
            first += f" Training of the {LABEL[name]} left float range at step {stopped:,}."
    if spec.task == "crossing":
        assert record.floor is not None
        flow, residual = record.models["flow"], record.models["residual"]
        turned = {n: f"{m.turned} of {m.pairs}" for n, m in (("flow", flow), ("residual", residual))}
        why = (
            f"No map that keeps the points in order can get below {written(record.floor)} here. In the flow {turned['flow']} "
            f"neighbours changed places, in the residual network {turned['residual']}."
        )
        if flow.turned:
            why += " In a flow none can: its solver’s steps have become too long for what it learnt."
        else:
            why += " In a flow on a line none can."
    elif solved(record, "flow"):
        why = (
            "A flow keeps what is inside the outer ring inside, so no straight line can part two whole rings after it. It has "
            "parted all points looked at all the same: there are gaps between them, through which the inner ring was pressed."
        )
    else:
        why = (
            "A flow keeps what is inside the outer ring inside, so no straight line can part two whole rings after it: some "
            "points are misclassified."
        )
    if solved(record, "augmented") and not solved(record, "flow"):
        why += " With an extra dimension there is room to go around."
    return f"{first[:1].upper()}{first[1:]}\n\n{why}"


def _right(error: float) -> str:
    """Say how many points are misclassified; "all points classified correctly" only if none is."""
    return "all points classified correctly" if error == 0 else f"{written(100 * error)}% of the points misclassified"


def _result(record: Crossing, name: str) -> str:
    error = record.models[name].error
    how = f"(mean squared error {written(error)})" if record.spec.task == "crossing" else f"({_right(error)})"
    return f"{'solves it' if solved(record, name) else 'does not solve it'} {how}"
