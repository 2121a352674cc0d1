"""Any spec of a class of specs: of all that its settings take; what does not go together falls back to the default."""

import base64
from typing import Any

from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.topics.calculator.question import CountSpec
from resviz.topics.solve.question import SolveSpec
from resviz.words.fields import FieldFacts, Worded, facts
from tests.strategies import count_specs, specs, values_of
from tests.topics.solve.specs import any_words

_BESIDE = st.sampled_from(["", "resnet34", "vgg16", "cifar,depth:56", "custom,stages:2x64"])
_TEXTS = {  # what a setting of text may say, by its name; most does not go with the rest
    "own": st.sampled_from(["", "0123456789abcdef", base64.urlsafe_b64encode(bytes(range(64))).decode().rstrip("=")]),
}


def _value(fact: FieldFacts) -> st.SearchStrategy[Any]:
    if fact.kind == "numbers":
        return st.just(()) | st.sets(st.integers(2, 12), min_size=1, max_size=5).map(lambda found: tuple(sorted(found)))
    if fact.kind == "text":
        return _TEXTS[fact.name]
    return values_of(fact, *([fact.default] if fact.kind == "float" else []))


@st.composite
def _counted(draw: st.DrawFn) -> Worded:
    spec = draw(count_specs())
    return CountSpec.read({**spec.words(), "other": draw(_BESIDE), "batch": draw(st.integers(1, 1024))})[0]


@st.composite
def _of_run(draw: st.DrawFn, cls: type[Spec]) -> Worded:
    """A run, its changes on the way included, and what is asked of it."""
    asked = {name: draw(_value(fact)) for name, fact in facts(cls).items() if name not in Spec.model_fields}
    return cls.read({**draw(specs()).model_dump(), **asked})[0]


@st.composite
def _of_settings(draw: st.DrawFn, cls: type[Worded]) -> Worded:
    found = facts(cls)
    some = draw(st.sets(st.sampled_from(list(found))))
    return cls.read({name: draw(_value(found[name])) for name in found if name in some})[0]


def any_spec(cls: type[Worded]) -> st.SearchStrategy[Any]:
    """Every valid spec of the class, also one with changes on the way."""
    if cls is Spec:
        return specs()
    if issubclass(cls, Spec):
        return _of_run(cls)
    if cls is CountSpec:
        return _counted()
    if cls is SolveSpec:
        return any_words().map(lambda words: SolveSpec.read(words)[0])
    return _of_settings(cls)
