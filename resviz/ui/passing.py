"""Source of panels about networks before training: one pass through both, repeated at every change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resviz.draw.figure import Arm, Drawn, Figure
from resviz.runs.questions import Question
from resviz.runs.run import encoded
from resviz.train.records import Record
from resviz.train.spec import TrainingSpec
from resviz.ui.server import answers, scheduler
from resviz.ui.sources import Computed


@dataclass(frozen=True)
class Pass:
    """The spec of two networks before training, and the record of one pass through both."""

    spec: Any  # of a run, of any family
    record: Record


class Passes(Computed):
    """The source that computes one pass through both networks."""

    def question(self, spec: TrainingSpec) -> Question:
        return Question("initial", scheduler().resolve(spec, timeout=0.0).during(1))

    def ask(self, spec: TrainingSpec, viewer: str, anew: bool) -> None:
        scheduler().resolve(spec)  # waits until the device is known
        super().ask(spec, viewer, anew)


PASSES = Passes(
    "initial",
    lambda spec: answers().check(spec),
    told=Pass,
    says="One pass through each network …",
)


def drawing(name: str, spec: TrainingSpec, *arms: Arm, tools: bool) -> Figure:
    """Return the figure that draws the networks of `arms`; with `tools`, the other drawings of its panel follow this one."""
    told: Drawn = {
        "network": spec.family.of("network")(spec),
        "cut": spec.cut,
        "remove": spec.remove,
        "arms": arms,
        "tools": tools,
    }
    whose = "Both networks" if len(arms) > 1 else f"The {arms[0]} network"
    return {"id": name, "title": whose, "note": "as blocks, each with its shortcut", "bare": True, "net": told}


def bound(found: Pass) -> dict[str, Any]:
    return {"record": encoded(found.record)}
