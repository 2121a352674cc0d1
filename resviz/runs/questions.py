"""What can be asked, by kind: the spec of a question, who answers it where, and how an answer is kept as text."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pydantic import TypeAdapter

from resviz import shattered
from resviz.blockspec import BlockSpec
from resviz.countspec import CountSpec
from resviz.euler.crossing import CrossingSpec
from resviz.euler.flow import PlaneSpec
from resviz.euler.neuralode import NeuralOdeSpec
from resviz.euler.refine import RefineSpec
from resviz.euler.rollout import RolloutSpec
from resviz.euler.solve import SolveSpec
from resviz.fields import Worded
from resviz.inside.attribution import AttributionSpec
from resviz.inside.landscape import LandscapeSpec
from resviz.inside.paths import LengthsSpec, LesionSpec, SeveralSpec
from resviz.inside.photograph import PhotographSpec
from resviz.records import record_from_json, record_to_json
from resviz.shattered import ShatteredSpec
from resviz.spec import Spec


@dataclass(frozen=True)
class Kind:
    """`answers` names, as module:attribute, a function of the spec (and the image, where it takes one), or the class of
    one; the server never imports it. What answers in `parts` is a generator: each of its records tells how far it has come,
    the last one is the answer, and None is no part, but a moment to stop at. Without `to_text` answers are not kept on disk.
    `lane` is where it is computed (runs.pool)."""

    spec: type[Worded]
    answers: str
    to_text: Callable[[Any], str] | None = None
    from_text: Callable[[str], Any] | None = None
    parts: bool = False
    lane: str = "panels"


def learnt(spec: type[Worded], answers: str, record: str) -> Kind:
    """A kind whose answer is a dataclass, made by something that learns meanwhile. `record` names it as module:attribute."""

    @functools.cache
    def adapter() -> TypeAdapter[Any]:
        module, name = record.split(":")
        return TypeAdapter(getattr(import_module(module), name))

    return Kind(
        spec,
        answers,
        lambda found: adapter().dump_json(found).decode(),
        lambda text: adapter().validate_json(text),
        parts=True,
    )


KINDS: dict[str, Kind] = {
    "initial": Kind(Spec, "resviz.experiments.initial:Initial", record_to_json, record_from_json, lane="click"),
    "block": Kind(BlockSpec, "resviz.experiments.block:Through", lane="click"),
    "shattered": Kind(ShatteredSpec, "resviz.experiments.shattered:shattered", shattered.to_json, shattered.from_json),
    "check": Kind(CountSpec, "resviz.experiments.counted:check"),
    "steptime": Kind(CountSpec, "resviz.experiments.counted:time_step"),  # of this moment: not kept on disk
    "adaptive": Kind(SolveSpec, "resviz.experiments.adaptive:adaptive", lane="click"),
    "orders": Kind(SolveSpec, "resviz.euler.solve:orders_of", lane="click"),
    "flow": learnt(PlaneSpec, "resviz.experiments.flow:flow", "resviz.euler.flow:Flow"),
    "refine": learnt(RefineSpec, "resviz.experiments.refine:refine", "resviz.euler.refine:Refine"),
    "ode": learnt(NeuralOdeSpec, "resviz.experiments.neuralode:neuralode", "resviz.euler.neuralode:NeuralOde"),
    "crossing": learnt(CrossingSpec, "resviz.experiments.crossing:crossing", "resviz.euler.crossing:Crossing"),
    "rollout": learnt(RolloutSpec, "resviz.experiments.rollout:rollout", "resviz.euler.rollout:Rollout"),
    "depthtime": learnt(Spec, "resviz.runs.kept:depthtime", "resviz.euler.depthtime:DepthTime"),
    "attribution": learnt(AttributionSpec, "resviz.runs.kept:attribution", "resviz.inside.attribution:Attribution"),
    "photograph": learnt(
        PhotographSpec, "resviz.experiments.photograph:photograph", "resviz.inside.photograph:Photograph"
    ),
    "lesion": learnt(LesionSpec, "resviz.runs.kept:lesions", "resviz.inside.paths:Lesions"),
    "several": learnt(SeveralSpec, "resviz.runs.kept:several", "resviz.inside.paths:Several"),
    "lengths": learnt(LengthsSpec, "resviz.runs.kept:lengths", "resviz.inside.paths:Lengths"),
    "landscape": learnt(LandscapeSpec, "resviz.runs.kept:landscape", "resviz.inside.landscape:Landscape"),
}


@dataclass(frozen=True)
class Question:
    """One thing to be measured. `image` is the bytes of a file of the person's own, where the spec says so."""

    kind: str
    spec: Worded
    image: bytes | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r}: allowed is {', '.join(KINDS)}")
        if not isinstance(self.spec, KINDS[self.kind].spec):
            wanted = KINDS[self.kind].spec.__name__
            raise ValueError(f"kind {self.kind!r} takes a {wanted}, not a {type(self.spec).__name__}")

    @property
    def key(self) -> str:
        """Names the answer; a look at networks before training by its spec's digest alone."""
        digest: str = self.spec.digest
        if self.kind == "initial":
            return digest
        return f"{self.kind} {digest}" + (f" {hashlib.sha256(self.image).hexdigest()[:16]}" if self.image else "")


def answerer(kind: str) -> Callable[..., Any]:
    """What answers questions of a kind; imports torch."""
    module, name = KINDS[kind].answers.split(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found() if isinstance(found, type) else found
