"""The kinds of question: the spec of each, the function and the lane that answer it, and how an answer is stored as text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from pydantic import TypeAdapter

from resviz.runs.kept import from_states
from resviz.topic import Ask, Topic, topics
from resviz.train.spec import TrainingSpec, default_spec, spec_from_json
from resviz.words.fields import Worded


class Kind:
    """A kind of question, as a topic declares it (`topic.Ask`). The objects that it names are imported when they are used."""

    def __init__(self, asked: Ask, topic: Topic | None = None) -> None:
        self.asked, self.topic = asked, topic
        self.parts, self.lane = asked.parts, asked.lane

    def named(self, reference: str) -> Any:
        """Return the object that "module:attribute" names: in the topic, or in any module if no topic declares the kind."""
        if self.topic:
            return self.topic.named(reference)
        module, attribute = reference.split(":")
        return getattr(import_module(module), attribute)

    @cached_property
    def spec(self) -> type[Worded]:
        found: type[Worded] = self.named(self.asked.spec)
        return found

    def takes(self, spec: object) -> bool:
        """Return whether `spec` is a spec of this kind of question."""
        return isinstance(spec, self.spec)

    def read(self, text: str) -> Worded:
        """Return the spec in a JSON text. Raises ValueError if it holds none."""
        return self.spec.model_validate_json(text)

    @cached_property
    def to_text(self) -> Callable[[Any], str] | None:
        """The function that turns an answer into text; None if answers of this kind are not stored on disk."""
        if self.asked.record:
            return lambda found: self._adapter.dump_json(found).decode()
        return self.named(self.asked.to_text) if self.asked.to_text else None

    @cached_property
    def from_text(self) -> Callable[[str], Any] | None:
        """The function that reads the text of `to_text`; None if there is no such text."""
        if self.asked.record:
            return lambda text: self._adapter.validate_json(text)
        return self.named(self.asked.from_text) if self.asked.from_text else None

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.named(self.asked.record))

    def answerer(self) -> Callable[..., Any]:
        """Return the function that answers; imports torch."""
        found: Callable[..., Any] = self.named(self.asked.answers)
        if self.asked.from_states:
            return from_states(found)
        return found() if isinstance(found, type) else found


class _OfAnyRun(Kind):
    """A kind of question about a run of any family; its default spec is that of the default run."""

    @cached_property
    def spec(self) -> type[Worded]:
        return type(default_spec())

    def takes(self, spec: object) -> bool:
        return isinstance(spec, TrainingSpec)

    def read(self, text: str) -> Worded:
        return spec_from_json(text)


# One pass through the networks before training; several topics show it.
INITIAL = _OfAnyRun(
    Ask(
        spec="",
        answers="resviz.train.twins.initial:Initial",
        to_text="resviz.train.records:record_to_json",
        from_text="resviz.train.records:record_from_json",
        lane="click",
        warm=True,
    )
)
KINDS: dict[str, Kind] = {
    "initial": INITIAL,
    **{name: Kind(asked, topic) for topic in topics().values() for name, asked in topic.asks.items()},
}


@dataclass(frozen=True)
class Question:
    """One question to be answered. `image` holds the bytes of a file of the person's own, if the spec says so."""

    kind: str
    spec: Worded
    image: bytes | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind!r}: allowed is {', '.join(KINDS)}")
        if not KINDS[self.kind].takes(self.spec):
            wanted = KINDS[self.kind].spec.__name__
            raise ValueError(f"kind {self.kind!r} takes a {wanted}, not a {type(self.spec).__name__}")

    @property
    def key(self) -> str:
        """The unique name of the answer; for kind "initial" (networks before training), the spec's digest alone."""
        digest: str = self.spec.digest
        if self.kind == "initial":
            return digest
        return f"{self.kind} {digest}" + (f" {hashlib.sha256(self.image).hexdigest()[:16]}" if self.image else "")


def answerer(kind: str) -> Callable[..., Any]:
    """Return the function that answers questions of a kind; imports torch."""
    return KINDS[kind].answerer()
