"""What people have kept and linked stays: an earlier home opens with nothing trained again, and twenty links give what they gave.

The files in tests/kept were written by `python -m tests.kept.make` before the house was changed.
"""

import hashlib
import json
import shutil
import sqlite3
import sys

import pytest
import torch

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.runs.answers import Answers
from resviz.runs.jobs import FOREVER
from resviz.runs.pool import Pool
from resviz.runs.questions import KINDS, Question
from resviz.runs.scheduler import Scheduler
from resviz.runs.states import States
from resviz.runs.store import Store, made_by
from resviz.topic import topics
from resviz.topics.lesion import figures as paths
from resviz.topics.ode import figures as neuralode
from resviz.train.records import RECORDS_VERSION, History, to_csv
from resviz.train.twins.lockstep import train
from tests.kept.make import (
    BRANCH,
    FACTS,
    FORK,
    HOME,
    LINKS,
    QUESTIONS,
    RUN,
    SECOND,
    begun,
    machine,
    others_of,
    words_of,
)

KEPT, LINKED = json.loads(FACTS.read_text()), json.loads(LINKS.read_text())
OTHERS = {topic: json.loads(others_of(topic).read_text()) for topic in topics() if others_of(topic).exists()}
NOTHING = (sys.executable, "-c", "import sys; sys.exit('nothing may be computed')")
CLOSE = 1e-4  # relative; the last digits of a number belong to one kind of processor and one torch


@pytest.fixture
def home(tmp_path):
    """A copy; made, as far as the catalogue says, with the torch of today."""
    folder = shutil.copytree(HOME, tmp_path / "home")
    with sqlite3.connect(folder / "runs.sqlite") as db:
        for table in ("runs", "looks"):
            (made,) = {row[0] for row in db.execute(f"SELECT made_by FROM {table}")}
            assert made.startswith(f"records {RECORDS_VERSION}, "), "kept before numbers were meant to change"
            db.execute(f"UPDATE {table} SET made_by = ?", (made_by(),))
    db.close()
    return folder


@pytest.mark.parametrize("spec", [RUN, SECOND, BRANCH], ids=["run", "second", "branch"])
def test_kept_runs_open_with_nothing_trained_again(home, spec):
    told = KEPT["runs"][spec.digest]  # by the digest of then
    runs = Scheduler(Store(home), command=NOTHING)
    try:
        run = runs.submit(runs.store.spec(spec.digest))
        assert run.status == "finished" and run.steps_done == told["steps"] and runs.pool.begun["runs"] == 0
        assert run.spec == spec
        assert hashlib.sha256(to_csv(run.history).encode()).hexdigest() == told["csv"]
    finally:
        runs.close()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.kind)
def test_kept_answers_are_there(home, question):
    assert question.key in KEPT["questions"]
    store = Store(home)
    try:
        answers = Answers(Pool(store, {}))  # without processes: it can only remember
        record = answers.remembered(question)
        assert record is not None
        figures = {"ode": neuralode.figures, "lesion": paths.figures}.get(question.kind)
        if figures:
            assert figures(record)
            assert record.spec == question.spec
        answers.ask("me", question)
        assert answers.job(question) is None and answers.remembered(question) == record
    finally:
        store.close()


@pytest.mark.heavy
def test_a_run_goes_on_from_a_kept_state(home):
    """From the fourth step on: the state is read back, and what follows is what followed then."""
    path = home / "states" / RUN.digest / f"{FORK}.pt"
    kept = torch.load(path, weights_only=True)
    torch.save({**kept, "made_by": made_by()}, path)
    states = States(home / "states")
    store = Store(home)
    try:
        keeper = states.of(BRANCH)
        assert keeper.nearest(BRANCH, FORK)[0] == FORK
        _, *records = train(BRANCH, after=FORK, keeper=keeper)
        then = store.load(BRANCH.digest)[0].history.records[FORK:]
        assert [record.step for record in records] == [record.step for record in then]
        for now, before in zip(records, then, strict=True):
            for arm in ARMS:
                assert now.arms[arm].loss == pytest.approx(before.arms[arm].loss, rel=CLOSE)
                assert now.arms[arm].grad_norm == pytest.approx(before.arms[arm].grad_norm, rel=CLOSE)
        if machine() == KEPT["machine"]:
            assert to_csv(History(BRANCH, None, records)) == to_csv(History(BRANCH, None, then))
    finally:
        states.close()
        store.close()


@pytest.mark.process
def test_a_damaged_kept_run_does_not_take_its_neighbour_along(home):
    """The control: a run whose records are gone is not shown as if it were there."""
    (home / "records" / f"{RUN.digest}.parquet").unlink()
    runs = Scheduler(Store(home), command=NOTHING)
    try:
        run = runs.submit(RUN)
        assert run.status == "paused" and not run.steps_done
        assert runs.submit(SECOND).status == "finished"
        runs.watch(run, "someone", FOREVER)
        assert run.status != "finished"
    finally:
        runs.close()


# -- links ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", LINKED["runs"], ids=lambda told: told["link"] or "the default")
def test_links_of_runs_keep_their_names(told):
    spec = Spec.of(words_of(told["link"]))
    assert spec.digest == told["digest"]
    assert Spec.of(words_of(spec.query())).digest == told["digest"]


@pytest.mark.heavy
@pytest.mark.parametrize("told", LINKED["runs"], ids=lambda told: told["link"] or "the default")
def test_links_of_runs_keep_their_numbers(told):
    found = begun(Spec.of(words_of(told["link"])))
    assert found["params"] == told["params"]
    for arm in ARMS:
        assert found["loss"][arm] == pytest.approx(told["loss"][arm], rel=CLOSE)
    # Initial weights are drawn by torch's own generator: the same on every processor of a kind.
    if machine() == LINKED["machine"]:
        assert found == {name: told[name] for name in found}


def test_there_are_twenty_links_of_runs_and_some_of_every_other_question():
    assert len({told["digest"] for told in LINKED["runs"]}) >= 20
    later = {"blocks"}  # came when the links were kept already
    assert {kind for told in OTHERS.values() for kind in told} >= {*KINDS} - {"initial", "steptime", "orders"} - later


@pytest.mark.parametrize(
    ("kind", "told"),
    [(kind, told) for links in OTHERS.values() for kind, all_told in links.items() for told in all_told],
    ids=lambda x: x if isinstance(x, str) else "default" if not x["words"] else "chosen",
)
def test_links_of_other_questions_keep_their_names(kind, told):
    spec = KINDS[kind].spec.of(told["words"])
    assert spec.digest == told["digest"]
    assert spec.query() == told["query"]
    assert Question(kind, spec).key == told["key"]
    assert KINDS[kind].spec.of(words_of(told["query"])) == spec


def test_the_files_say_what_made_them():
    assert KEPT["machine"] == LINKED["machine"]
    assert KEPT["machine"].startswith(f"records {RECORDS_VERSION}, torch ")
