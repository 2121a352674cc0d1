"""The same spec gives the same answer to the last bit, whatever is asked in between; parts grow to the whole."""

import json
import re
from itertools import pairwise

import pytest

from resviz.ui.browser import styles
from tests.contract.checks import check_shown
from tests.contract.kinds import ANSWERED, DRAWN, ENTRIES, KEPT, PARTLY, SAID, SHOWN, each, forget, quickly

CSS = styles()
TIMELINE = {"grad_norm", "activation_std", "loss", "test_accuracy", "finding"}  # cards of a run as it happens


@pytest.fixture(scope="module")
def answers():
    """All parts of each small answer, twice, those of another question in between, each from the beginning."""
    found = {}

    def ask(entry):
        if entry.name not in found:
            told = []
            for words in (entry.small, entry.other, entry.small):
                forget()
                told.append(entry.parts_of(words))
            found[entry.name] = told
        return found[entry.name]

    with quickly():
        yield ask


@each(ENTRIES)
def test_the_same_spec_gives_the_same_bits_but_for_what_it_measures_of_the_machine(entry, answers):
    one, other, two = (parts[-1] for parts in answers(entry))
    assert repr(entry.unmeasured(one)) == repr(entry.unmeasured(two))
    assert bool(entry.measures) == (repr(one) != repr(entry.unmeasured(one))), "what is declared has been measured"
    assert repr(entry.unmeasured(other)) != repr(entry.unmeasured(one)), "the question makes no difference"


@each(PARTLY)
def test_shares_grow_and_the_last_is_one(entry, answers):
    for parts in answers(entry):
        shares = [part.done for part in parts]
        assert all(0 <= a <= b for a, b in pairwise(shares))
        assert shares[-1] == 1 and not any(share == 1 for share in shares[:-1])


@each(PARTLY)
def test_every_part_answers_what_was_asked(entry, answers):
    for words, parts in zip((entry.small, entry.other, entry.small), answers(entry), strict=True):
        assert {part.spec.digest for part in parts} == {entry.spec.of(words).digest}


@each(KEPT)
def test_every_part_comes_back_from_text_to_the_last_bit(entry, answers):
    for part in answers(entry)[0]:
        text = entry.to_text(part)
        json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
        again = entry.from_text(text)
        assert again == part and repr(again) == repr(part) and entry.to_text(again) == text


@each({**SAID, **DRAWN})
def test_every_part_is_said_in_sentences_and_drawn_in_cards(entry, answers):
    for words, parts in zip((entry.small, entry.other), answers(entry)[:2], strict=True):
        for part in parts:
            check_shown(entry, entry.spec.of(words), part)


def test_the_layout_names_only_cards_and_panels_that_there_are(answers):
    """A rule for what has another name now would say nothing to anyone."""
    cards = set()
    for entry in ANSWERED.values():
        opening = [entry.opens().record] if entry.opens() else []
        for record in (*opening, *(part for parts in answers(entry) for part in parts)):
            cards |= {card["id"] for card in entry.figures(record)}
    assert set(re.findall(r"\.rv-area-([a-z0-9_]+)", CSS)) <= cards | TIMELINE
    named = set(re.findall(r"\.rv-panel-([a-z0-9_]+)", CSS)) - {"head", "side", "state", "grid", "further"}
    assert named <= set(SHOWN)
