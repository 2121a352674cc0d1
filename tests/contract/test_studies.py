"""Studies, of every kind: links and back, and what is said, drawn and filed of any results."""

import csv
import io
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.runs.studies import CSV_HEADER, Study, of_choice, to_csv
from resviz.ui.boards import Studied
from tests.contract import kinds
from tests.contract.checks import check_cards, check_sentences
from tests.examples import examples

of_each_kind = pytest.mark.parametrize("kind", kinds.ALL_STUDIES)


def said_and_drawn(study, results):
    """The finding and the figures of the topic that declares this kind of study."""
    panel = kinds.panel_of_study(study.kind)
    told = Studied(study, results)
    return panel.finding(told), panel.figures(told)


def studies(kind: str) -> st.SearchStrategy[Study]:
    return kinds.RESULTS[kind].map(lambda found: found[0])


@of_each_kind
def test_it_opens_with_runs_that_can_be_made_and_needs_no_words(kind):
    study = Study.of(kind, {})
    assert study.words() == {} and study.members()
    assert len({choice.name for choice in study.choices}) == len(study.choices) > 1
    assert study.takes[0] == study.takes[0].upper() and "  " not in study.takes
    assert len({spec.digest for spec in study.members()}) == len(study.members())


@of_each_kind
def test_any_of_it_comes_back_from_words_and_links_under_the_same_name(kind):
    @examples(15)
    @given(studies(kind), st.sampled_from([{}, {"norm": "none"}, {"width": "4", "seed": "3"}, {"lr": "0.1"}]))
    def holds(found, more):
        assert Study.of(kind, found.words()) == found
        study = Study.of(kind, {**found.words(), **more})
        words = study.words()
        assert words.items() >= more.items()
        for again in (Study.of(kind, words), Study.of(kind, dict(parse_qsl(urlencode(words))))):
            assert again == study and again.digest == study.digest and again.members() == study.members()
        assert (study.digest == found.digest) == (study == found)

    holds()


@of_each_kind
def test_any_results_are_said_in_sentences_and_drawn_in_cards(kind):
    @examples(15)
    @given(kinds.RESULTS[kind])
    def holds(found):
        study, results = found
        said, drawn = said_and_drawn(study, results)
        if said:
            check_sentences(said)
        check_cards(drawn)

    holds()


@of_each_kind
def test_the_file_of_any_results_has_a_line_for_each_run_that_has_ended(kind):
    @examples(15)
    @given(kinds.RESULTS[kind])
    def holds(found):
        study, results = found
        header, *lines = csv.reader(io.StringIO(to_csv(study, results)), strict=True)
        assert tuple(header) == CSV_HEADER
        ended = [(choice, n, run) for choice in study.choices for n, run in of_choice(study, results, choice)]
        assert len(lines) == len(ended)
        for line, (choice, n, run) in zip(lines, ended, strict=True):
            told = dict(zip(header, line, strict=True))
            spec = study.spec(choice, n)
            assert (told["choice"], told["label"], told["arm"]) == (choice.name, choice.label, choice.arm)
            assert (int(told["seed"]), int(told["steps"]), told["run"]) == (spec.seed, run.steps, spec.digest)
            numbers = {
                "final_training_loss": run.loss[-1] if run.loss else None,
                "train_accuracy": run.train_accuracy,
                "test_accuracy": run.test_accuracy,
                "diverged_at": run.stopped,
            }
            for name, number in numbers.items():
                assert (float(told[name]) if told[name] else None) == number, name

    holds()


@pytest.mark.parametrize("kind", kinds.RECORDED_STUDIES)
def test_the_results_that_come_with_the_package_are_said_and_drawn(kind):
    study, found = Study.of(kind, {}), kinds.recorded_results(kind).record
    said, drawn = said_and_drawn(study, found)
    check_sentences(said)
    assert len(check_cards(drawn)) > 1
