"""Studies: what is compared, what is found, and their runs through a real scheduler."""

import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.published import published
from resviz.families.resnet.spec import Spec
from resviz.latest import Latest
from resviz.runs.limits import Limits
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.runs.studies import CSV_HEADER, DEPTHS, Outcome, Study, kinds, outcome, rounds, to_csv, troubles
from resviz.topics.calm.words import finding as calm_finding
from resviz.topics.compared.figures import figures
from resviz.topics.compared.question import published as published_in
from resviz.topics.compared.words import beyond_seeds, finding, verdict
from resviz.ui import boards
from resviz.ui.boards import peek, shown, stop, wish
from resviz.words.claims import HE_2016_TABLE_1
from resviz.words.text import SpecError
from tests import paced
from tests.examples import examples
from tests.runs.waiting import wait

KINDS = kinds()
COMPARING = [kind for kind in KINDS if KINDS[kind].varied]
TINY = {"depth": "4", "width": "2", "examples": "128", "batch": "64", "epochs": "1", "seeds": "1"}


# -- what a study is -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_distinct_and_differ_only_in_what_the_choice_says_and_the_seed(kind):
    study = Study.of(kind, {})
    members, varied = study.members(), ("depth",) if study.depths else KINDS[kind].varied
    assert len({spec.digest for spec in members}) == len(members)
    for choice in study.choices:
        for n in range(study.seeds):
            spec = study.spec(choice, n)
            assert spec in members
            assert spec.seed == study.base.seed + n
            same = {key: getattr(study.base, key) for key in (*varied, "seed")}
            assert spec.replace(**same) == study.base
            for key in varied:
                default = Spec.model_fields[key].default
                assert getattr(spec, key) == choice.settings.get(key, default), (choice.name, key)


def test_default_studies_are_the_tables_they_stand_beside():
    runs = {kind: len(Study.of(kind, {}).members()) for kind in KINDS}
    # The plain arm takes no run of its own.
    assert runs == {"orders": 15, "contents": 24, "options": 9, "depth": 3 * len(DEPTHS), "calm": 1}
    assert Study.of("calm", {}).members() == (Spec(),)  # what the Train page opens with
    for kind in COMPARING:
        study = Study.of(kind, {})
        missing = [choice.name for choice in study.choices if not published_in(study, choice)]
        assert missing == (["plain"] if kind == "orders" else [])
        assert {row.source for choice in study.choices for row in published_in(study, choice)} == {study.source}
    contents = Study.of("contents", {})
    said = {choice.name: study_text(contents, choice) for choice in contents.choices}
    assert said["identity"] == "6.61%"
    assert said["half"] == said["dropout"] == said["plain"] == "fails, > 20%"
    assert said["gate_0"] == "12.86%" and said["gate_6"] == "6.91%"


def study_text(study, choice):
    (row,) = published_in(study, choice)
    return row.text


def test_one_seed_of_every_choice_comes_before_the_next_seed_of_any():
    study = Study.of("orders", {"seeds": "2", "seed": "5"})
    assert [spec.seed for spec in study.members()] == [5] * 5 + [6] * 5


@given(
    kind=st.sampled_from(list(KINDS)),
    words=st.fixed_dictionaries(
        {},
        optional={
            "depth": st.integers(4, 60).map(str),
            "epochs": st.integers(1, 20).map(str),
            "norm": st.sampled_from(["batch", "none"]),
            "lr": st.sampled_from(["0.1", "0.02"]),
            "cut": st.just("1"),
            "order": st.sampled_from(["full", "original"]),
            "gate": st.just("exclusive"),
        },
    ),
    seeds=st.integers(1, 10),
)
@examples(60)
def test_words_round_trip(kind, words, seeds):
    study = Study.of(kind, words | {"seeds": str(min(seeds, KINDS[kind].most_seeds))})
    again = Study.of(kind, study.words())
    assert again == study
    assert again.digest == study.digest
    assert not set(study.words()) & set(KINDS[kind].varied)  # what is compared is no setting of a study


@pytest.mark.parametrize(
    ("kind", "words", "said"),
    [
        ("order", {}, "study=order: allowed is one of depth, orders, contents, options, calm"),
        ("orders", {"seeds": "11"}, "seeds=11: allowed is a whole number from 1 to 10"),
        ("orders", {"seeds": "0"}, "seeds=0: allowed is a whole number from 1 to 10"),
        ("orders", {"seeds": "few"}, "seeds=few: allowed is a whole number from 1 to 10"),
        ("calm", {"seeds": "2"}, "seeds=2: allowed is 1"),
        ("orders", {"depth": "1"}, "depth=1: allowed is a whole number from 2 to 1,202"),
        ("orders", {"depht": "8"}, "depht=8: no such setting; did you mean depth?"),
        ("orders", {"depth": "2"}, "block=basic: has no block at depth 2"),
        ("contents", {"block": "plain"}, "block=plain: has no shortcut"),
        ("orders", {"init": "zero_gamma"}, "init=zero_gamma: needs a branch that ends in its normalisation"),
        ("contents", {"edits": "5:branch_scale:0.5"}, "edits=5:branch_scale:0.5: this study compares"),
        ("orders", {"seed": "2147483647"}, "seed=2147483648: allowed is"),
    ],
)
def test_what_makes_no_study_is_refused_in_words(kind, words, said):
    with pytest.raises(SpecError) as error:
        Study.of(kind, words)
    assert said in str(error.value)


def test_published_errors_are_found_by_the_settings_of_a_block():
    assert [row.error for row in published(Spec(order="full", depth=20))] == [6.37, 5.46]
    assert [row.error for row in published(Spec(gate="exclusive", gate_bias=-3.0))] == [None]
    assert [row.error for row in published(Spec(gate_bias=2.0))] == [6.61, 6.61, 5.93, 25.03]  # of no gate
    assert published(Spec(gate="exclusive", gate_bias=3.0)) == ()
    assert published(Spec(order="full", shortcut="C")) == ()
    assert {row.source for row in published(Spec(), plain=True)} >= {HE_2016_TABLE_1}


# -- findings ----------------------------------------------------------------------------------------


def made(study, **accuracies):
    """Results with these test accuracies, one a seed; None for a run that left the range of float32."""
    return {
        (name, n): Outcome(66, (2.0, 1.0), None, value, stopped=7 if value is None else None)
        for name, values in accuracies.items()
        for n, value in enumerate(values)
    }


def paragraph(text, begins):
    return next((part for part in text.split("\n\n") if part.startswith(begins)), "")


OPTIONS = Study.of("options", {})
GOOD = (0.90, 0.91, 0.92)


def test_a_clear_difference_is_named_on_its_side_and_a_small_one_on_neither():
    text = finding(OPTIONS, made(OPTIONS, A=GOOD, B=(0.97, 0.98, 0.97), C=(0.91, 0.90, 0.92), plain=(0.5, 0.6, 0.55)))
    assert text.startswith("A: zero-padded reads 91% of unseen digits on average over 3 seeds (90% to 92%).")
    by = "more than seeds vary and 360 test digits leave open"
    assert paragraph(text, "Worse") == f"Worse than A: zero-padded by {by}: plain: no shortcut (55%)."
    assert paragraph(text, "Better") == f"Better than A: zero-padded by {by}: B: projection where needed (97.3%)."
    assert "C: projection everywhere (91%)" in paragraph(text, "No difference from A: zero-padded that 3 seeds and 360")
    paper = paragraph(text, "He 2015")
    assert "B: projection where needed (24.52%), C: projection everywhere (24.19%) better and the others worse" in paper
    assert (
        "as there: B: projection where needed, plain: no shortcut; not told apart: C: projection everywhere." in paper
    )


def test_the_paper_is_contradicted_where_the_numbers_do():
    text = finding(OPTIONS, made(OPTIONS, A=GOOD, B=(0.5, 0.51, 0.5), C=GOOD, plain=(0.99, 0.99, 0.99)))
    assert "the other way round: B: projection where needed, plain: no shortcut." in paragraph(text, "He 2015")


def test_a_difference_that_the_seeds_drown_is_none():
    text = finding(OPTIONS, made(OPTIONS, A=(0.5, 0.9, 0.7), B=(0.8, 0.99, 0.95), C=GOOD, plain=GOOD))
    assert "Worse" not in text and "Better" not in text
    assert "B: projection where needed" in paragraph(text, "No difference")


def test_a_difference_that_so_few_images_cannot_resolve_is_none():
    close, above = (0.90, 0.90, 0.90), (0.91, 0.91, 0.91)
    assert verdict(list(above), list(close), 360) == "same"
    assert verdict(list(above), list(close), 100_000) == "better"
    assert verdict(list(close), list(above), 100_000) == "worse"


def test_one_seed_claims_no_more_than_it_can():
    study = Study.of("options", {"seeds": "1"})
    text = finding(study, made(study, A=(0.9,), B=(0.5,), C=(0.9,), plain=(0.9,)))
    assert "Worse than A: zero-padded by more than 360 test digits leave open: B" in text
    assert "With one seed nothing tells how much of this is chance." in text


def test_runs_that_stopped_are_counted_and_not_compared():
    text = finding(OPTIONS, made(OPTIONS, A=GOOD, B=GOOD, C=(0.9, None, None), plain=(None, None, None)))
    assert "C: projection everywhere in 2 of 3 runs, plain: no shortcut in 3 of 3 runs." in paragraph(
        text, "Numbers left"
    )
    assert "C: projection everywhere (" not in text.split("He 2015")[0]
    assert finding(OPTIONS, made(OPTIONS, A=(None,) * 3, B=GOOD, C=GOOD, plain=GOOD)) == ""


def test_a_finding_waits_for_whole_rounds_of_seeds():
    part = made(OPTIONS, A=GOOD[:2], B=GOOD[:1], C=GOOD[:1], plain=GOOD[:2])
    assert rounds(OPTIONS, part) == 1
    assert finding(OPTIONS, part).startswith("So far, 1 of 3 seeds: A: zero-padded reads")
    assert finding(OPTIONS, made(OPTIONS, A=GOOD)) == ""
    assert finding(OPTIONS, {}) == ""


def test_same_seeds_differ_about_as_rarely_as_they_should():
    draw = random.Random(0)
    found = [
        beyond_seeds([draw.gauss(0.9, 0.02) for _ in range(3)], [draw.gauss(0.9, 0.02) for _ in range(3)])
        for _ in range(4000)
    ]
    assert 0.01 < sum(found) / len(found) < 0.06


def test_troubles_name_each_reason_once():
    failed = Outcome(0, (), failed="No such data.")
    every = {(choice.name, n): failed for choice in OPTIONS.choices for n in range(3)}
    assert troubles(OPTIONS, every) == ["No such data."]
    one = made(OPTIONS, A=GOOD, B=GOOD, C=GOOD, plain=GOOD) | {("B", 1): failed}
    assert troubles(OPTIONS, one) == ["B: projection where needed, seed 1: No such data."]
    assert rounds(OPTIONS, one) == 3  # who failed keeps nobody waiting


def test_the_calm_finding_says_what_was_measured():
    study = Study.of("calm", {})

    def run(first, last):
        return Outcome(132, (1.0,), signal=((1, (first, 1.0)), (101, (last, 1.0))))

    text = calm_finding(study, {("residual", 0): run(30.0, 57.0), ("plain", 0): run(3200.0, 15.0)})
    assert "3,200 times that of the last convolution in the plain network, 30 times in the residual one." in text
    assert "After 100 updates it is 15 and 57 times." in text
    assert "calmed down" in text
    still = calm_finding(study, {("residual", 0): run(30.0, 57.0), ("plain", 0): run(3200.0, 1500.0)})
    assert "calmed down" not in still
    assert calm_finding(study, {}) == ""


def test_an_outcome_is_what_the_records_say(make_history):
    spec = Spec(depth=8)
    history = make_history(
        spec,
        accuracies={"residual": [None, 0.5], "plain": [0.3, None]},
        losses={"plain": [2.0, None]},
        ended={"plain": 2},
    )
    residual, plain = (outcome(history, arm) for arm in ARMS)
    assert (residual.steps, residual.test_accuracy, residual.stopped) == (2, 0.5, None)
    assert (plain.steps, plain.loss, plain.test_accuracy, plain.stopped) == (1, (2.0,), None, 2)
    assert outcome(history, "residual", ended=False).test_accuracy is None


def test_the_csv_has_a_line_a_run_and_arm(make_history):
    text = to_csv(OPTIONS, made(OPTIONS, A=GOOD, B=(0.9,), plain=(None,)))
    header, *lines = csv.reader(io.StringIO(text))
    assert tuple(header) == CSV_HEADER
    assert [line[0] for line in lines] == ["A", "A", "A", "B", "plain"]
    assert lines[1][:8] == ["A", "A: zero-padded", "1", "residual", "66", "1.0", "", "0.91"]
    assert lines[-1][7:9] == ["", "7"]
    assert lines[0][9] == lines[-1][9] == OPTIONS.members()[0].digest  # two arms of one run


# -- through the scheduler ---------------------------------------------------------------------------


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(boards, "_finished", Latest(1000))


@pytest.mark.process
def test_a_study_is_trained_kept_and_there_at_once_the_next_time(tmp_path, fresh):
    study = Study.of("options", TINY)
    scheduler = Scheduler(
        Store(tmp_path / "home"), workers=1, limits=Limits(1e9, 1e12), command=paced.command(tmp_path)
    )
    scheduler.start()
    try:
        empty = shown(scheduler, study, peek(scheduler, study), asking=False)
        assert (empty.record, empty.share, empty.running, empty.verb) == (None, 0, False, "Train them")
        assert scheduler.pool.begun["runs"] == 0  # looking asks for nothing
        assert not scheduler.runs

        def ask():
            return shown(scheduler, study, wish(scheduler, study, "me"), asking=True)

        first = ask()
        assert first.running and "0 of 3 runs done" in first.says
        assert len(scheduler.runs) == 2  # no more than one ahead of the worker
        done = wait(lambda: (found := ask()).share == 1 and found, "the study")
        assert (done.running, done.verb, done.says, done.trouble) == (False, "", study.takes, "")
        drawn = figures(study, done.record.results)
        assert [template["id"] for template in drawn] == ["study_accuracy", "study_loss"]
        assert finding(study, done.record.results)
        for spec in study.members():
            kept, _ = scheduler.store.load(scheduler.resolve(spec).digest)
            assert kept.history.last("residual", "test_accuracy") is not None
        assert scheduler.pool.begun["runs"] == 3
    finally:
        scheduler.close()

    boards._finished.clear()
    later = Scheduler(Store(tmp_path / "home"), workers=1)  # nobody works there: what it shows was in the store
    later.pool.device = "cpu"
    later.pool.known_device.set()
    again = shown(later, study, peek(later, study), asking=False)
    assert (again.share, again.version, again.record) == (1, done.version, done.record)
    assert later.pool.begun["runs"] == 0
    later.close()


@pytest.fixture
def idle(tmp_path, fresh):
    """A scheduler without workers."""
    scheduler = Scheduler(Store(tmp_path), workers=1, limits=Limits(1e9, 1e12))
    scheduler.pool.device = "cpu"
    scheduler.pool.known_device.set()
    yield scheduler
    scheduler.close()


def test_stopping_takes_back_the_wish_and_loses_nothing(idle):
    study = Study.of("options", TINY)
    wish(idle, study, "me")
    asked = list(idle.runs.values())
    assert asked and all(run.wanted_until(closed=True) for run in asked)
    stop(idle, study, "me")
    assert not any(run.wanted_until(closed=True) for run in asked)
    assert {run.status for run in asked} <= {"paused"}
    wish(idle, study, "me")
    assert all(run.wanted_until(closed=True) for run in asked)


def test_what_is_refused_or_has_failed_is_said_and_does_not_stop_the_others(idle):
    study = Study.of("options", TINY)
    first = idle.submit(study.members()[0])
    first.status, first.message = "failed", "The disk is full."
    found = shown(idle, study, wish(idle, study, "me"), asking=True)
    assert found.trouble == "A: zero-padded, seed 0: The disk is full."
    assert "1 of 3 runs done" in found.says and found.running
    assert len(idle.runs) == 3  # the other two are asked for
    assert first.status == "failed"
    wish(idle, study, "me", again=True)
    assert first.status != "failed"

    large = Study.of("options", {"depth": "1202", "width": "1024", "seeds": "1"})
    idle.limits = Limits(1.0, 1e9)
    refused = shown(idle, large, wish(idle, large, "me"), asking=True)
    assert (refused.running, refused.verb) == (False, "Try again") and refused.says.endswith("; 3 failed")
    assert all("the limit is" in words for words in refused.trouble.split("\n"))
