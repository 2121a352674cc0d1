"""The real trainings that tests share are what their names say."""

import pytest

from resviz.families.resnet.family import ARMS
from resviz.topics.depth.words import finding
from resviz.train.records import History, Record
from resviz.train.twins.lockstep import train
from tests import smallruns
from tests.smallruns import SPECS, STUDY


@pytest.mark.parametrize("name", SPECS)
def test_a_history_is_of_its_spec_from_the_first_step_on(small_run, name):
    history = small_run(name)
    assert history.spec == SPECS[name] and history.start is not None
    assert [r.step for r in history.records] == list(range(1, len(history.records) + 1))
    assert (len(history.records) == history.spec.steps) == (name != "diverging")
    assert small_run(name) is history, "it is read once"


def test_it_is_what_training_gives_to_the_bit(small_run):
    found = small_run("remade")
    start, *records = train(SPECS["remade"])
    assert (found.start, found.records) == (start, records)


def test_the_usual_one_is_tested_and_probed_at_steps_that_differ(real_run, small_run):
    assert real_run is small_run("digits")
    tested, probed = (set(real_run.column("plain", name)[0]) for name in ("test_accuracy", "dead_fraction"))
    assert tested - probed or probed - tested
    assert {1, 22} <= tested & probed


def test_both_arms_of_the_diverging_one_end(small_run):
    history = small_run("diverging")
    assert all(history.ended(arm) for arm in ARMS)
    assert len(history.records) < SPECS["diverging"].steps and history.records[-1].arms == {}


@pytest.mark.parametrize("name", ["branch", "remade"])
def test_a_branch_has_the_records_of_its_parent_and_others_after(small_run, name):
    parent, branch = small_run("digits").records, small_run(name).records
    assert branch[:10] == parent[:10]
    assert all(
        a.arms["residual"].loss != b.arms["residual"].loss for a, b in zip(parent[10:], branch[10:], strict=True)
    )


def test_the_two_depths_make_a_study(small_run):
    found = smallruns.results(small_run)
    assert set(found) == {(choice.name, 0) for choice in STUDY.choices} and len(found) == 4
    assert {len(one.gradients) for one in found.values()} == {4, 8}
    assert all(one.ended and one.test_accuracy is not None for one in found.values())
    assert finding(STUDY, found)


def test_what_another_process_has_computed_is_read(small_run, tmp_path, monkeypatch):
    first = small_run("shallow")
    made = smallruns.history.__wrapped__("shallow", tmp_path)
    assert made.records == first.records and isinstance(made, History) and isinstance(made.records[0], Record)
    monkeypatch.setattr(smallruns, "_trained", lambda spec: pytest.fail("it was trained again"))
    assert smallruns.history.__wrapped__("shallow", tmp_path).records == first.records
