"""Every spec is the same after it has gone through words, a link, a command or JSON, and keeps the name of its answer."""

import json
import shlex
from urllib.parse import parse_qsl

import pytest
from hypothesis import given

from resviz.words.fields import facts
from resviz.words.text import parse_words, text_of
from tests.contract.anyspec import any_spec
from tests.contract.kinds import ENTRIES, SPECS, each
from tests.examples import examples

of_each_class = pytest.mark.parametrize("cls", [pytest.param(cls, id=name) for name, cls in SPECS.items()])


@of_each_class
def test_its_defaults_are_valid_and_need_no_words(cls):
    spec = cls()
    assert cls.read({}) == (spec, ())
    assert (spec.words(), spec.query(), spec.command()) == ({}, "", "")
    assert cls.of({n: "" if facts(cls)[n].optional else text_of(v) for n, v in spec.model_dump().items()}) == spec
    for name, fact in facts(cls).items():
        assert fact.label and fact.help and fact.allowed, name
        if fact.kind in ("int", "float"):
            assert fact.optional or fact.low <= fact.default <= fact.high, name
        if fact.kind == "choice":
            assert fact.default in fact.choices, name


@of_each_class
def test_any_of_it_comes_back_from_words_links_commands_and_json(cls):
    @examples(25)
    @given(any_spec(cls))
    def holds(spec):
        words = spec.words()
        assert all(isinstance(text, str) for text in words.values())
        found = [
            cls.of(words),
            cls.of(dict(parse_qsl(spec.query(), keep_blank_values=True, strict_parsing=bool(words)))),
            cls.of(parse_words(shlex.split(spec.command()))),
            cls.model_validate_json(spec.model_dump_json()),
            cls(**json.loads(json.dumps(spec.model_dump(), allow_nan=False))),
        ]
        for again in found:
            assert again == spec and again.digest == spec.digest
            assert again.words() == words and repr(again) == repr(spec)

    holds()


@of_each_class
def test_a_digest_names_one_spec(cls):
    @examples(25)
    @given(any_spec(cls), any_spec(cls))
    def holds(a, b):
        assert len(a.digest) == 16 and set(a.digest) <= set("0123456789abcdef")
        assert (a.digest == b.digest) == (a == b)
        assert a.digest != cls().digest or not a.words()

    holds()


@of_each_class
def test_a_word_that_cannot_be_used_is_quoted_and_the_rest_is_kept(cls):
    """Whatever the class: a setting that there is not, a number that is none, a value past its bound."""
    known = facts(cls)
    number = next(fact for fact in known.values() if fact.kind in ("int", "float"))
    for name, value in (("colour", "red"), (number.name, "many"), (number.name, text_of(2 * number.high + 1))):
        spec, (problem,) = cls.read({name: value})
        assert spec == cls()
        assert str(problem).startswith(f"{name}={value}: ")
        assert (known[name].allowed if name in known else "no such setting") in str(problem)
        with pytest.raises(ValueError, match=name):
            cls.of({name: value})


@each(ENTRIES)
def test_its_small_question_is_another_than_its_default_and_than_the_other(entry):
    """Else the tests of answers would prove less than they say."""
    specs = {entry.spec.of(words).digest for words in ({}, entry.small, entry.other)}
    assert len(specs) == 3
