"""`resviz depth`: both networks at every depth, trained once, and kept."""

import csv
import io
import json
from statistics import fmean

import pytest

from resviz.cli import main
from resviz.draw.table import to_csv
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.runs.store import Store
from resviz.runs.studies import outcome
from resviz.topics.depth.figures import figures
from resviz.topics.depth.question import DepthSpec
from resviz.topics.depth.words import finding
from resviz.train.records import History
from resviz.train.twins import lockstep as training
from resviz.train.twins.lockstep import train
from resviz.words.say import percent
from resviz.words.text import parse_words
from tests.commandline import said, told

RUN = ["depth=8", "width=4", "epochs=1", "examples=64", "batch=32", "device=cpu"]
DEPTH = ["depth", "depths=4,8", "seeds=2", *RUN[1:]]
LOST = ["width=2", "epochs=1", "examples=128", "batch=32", "device=cpu", "lr=100", "norm=none"]  # within two steps

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where runs are kept; nothing is there."""
    monkeypatch.setenv("RESVIZ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def refuse(*_):
    raise AssertionError("it is here already")


@pytest.fixture(scope="module")
def whole():
    """The study of DEPTH and its results, trained here."""
    study = DepthSpec.of(parse_words(DEPTH[1:])).study()
    histories = {}
    for spec in study.members():
        histories[spec.digest] = History(spec)
        for event in train(spec):
            histories[spec.digest].add(event)
    return study, {
        (choice.name, n): outcome(histories[study.spec(choice, n).digest], choice.arm)
        for choice in study.choices
        for n in range(study.seeds)
    }


@pytest.fixture
def made(monkeypatch):
    """(depth, seed) of the runs that are trained, in their order."""
    made = []

    def counted(spec):
        made.append((spec.depth, spec.seed))
        return train(spec)

    monkeypatch.setattr(training, "train", counted)
    return made


def test_depth_prints_what_training_gives(capsys, whole, made):
    study, results = whole
    found = told(capsys, *DEPTH)
    assert found["depths"] == [4, 8] and found["seeds"] == 2
    assert found["finding"] == finding(study, results) != ""
    expected = []
    for choice in study.choices:
        for n in range(2):
            here = results[choice.name, n]
            row = {"depth": choice.settings["depth"], "arm": choice.arm, "seed": n, "stopped": None}
            expected.append(row | {"train_error": 1 - here.train_accuracy, "test_error": 1 - here.test_accuracy})
    assert found["runs"] == expected
    assert made == [(4, 0), (8, 0), (4, 1), (8, 1)]


def test_depth_trains_nothing_twice(capsys, made, monkeypatch, home):
    first = told(capsys, *DEPTH)
    del made[:]
    monkeypatch.setattr(training, "train", refuse)
    assert told(capsys, *DEPTH) == first
    assert said(capsys, *DEPTH) == first["finding"]
    part = told(capsys, "depth", "depths=8", "seeds=1", *RUN[1:])
    assert part["runs"] == [row for row in first["runs"] if (row["depth"], row["seed"]) == (8, 0)]
    assert len(list((home / "records").glob("*.parquet"))) == 4


def test_depth_trains_what_is_new_and_what_was_damaged(capsys, made, home):
    first = told(capsys, *DEPTH)
    del made[:]
    more = told(capsys, "depth", "depths=4,6,8", "seeds=2", *RUN[1:])
    assert made == [(6, 0), (6, 1)]
    assert [row for row in more["runs"] if row["depth"] != 6] == first["runs"]
    del made[:]
    spec = Spec.of(parse_words(RUN)).replace(seed=1)
    (home / "records" / f"{spec.digest}.parquet").write_bytes(b"no records")
    assert main([*DEPTH, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == first
    assert "damaged" in err and len(err.splitlines()) == 1
    assert made == [(8, 1)]
    assert told(capsys, *DEPTH) == first
    assert made == [(8, 1)]


def test_the_runs_of_depth_are_those_of_the_train_page(capsys, whole, home):
    study, results = whole
    told(capsys, *DEPTH)
    store = Store(home)
    try:
        for choice in study.choices:
            kept, _ = store.load(Spec.of(parse_words(RUN)).replace(depth=choice.settings["depth"], seed=1).digest)
            assert outcome(kept.history, choice.arm) == results[choice.name, 1]
            assert kept.seconds > 0
    finally:
        store.close()


def test_depth_begins_with_the_depths_that_say_most(capsys, made):
    told(capsys, "depth", "depths=4,20,21", "seeds=1", *RUN[1:])
    assert made == [(20, 0), (4, 0), (21, 0)]


def test_depth_writes_both_kinds_of_file(capsys, tmp_path, whole):
    study, results = whole
    known = told(capsys, *DEPTH, "--out", str(tmp_path / "found.json"))
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8")) == known
    assert said(capsys, *DEPTH, "--out", str(tmp_path / "found.csv")) == known["finding"]
    rows = list(csv.reader(io.StringIO((tmp_path / "found.csv").read_text(encoding="utf-8"))))
    assert rows == list(csv.reader(io.StringIO(to_csv(figures(study, results)))))
    assert rows[:2] == [["Training error"], ["layers", *ARMS]]
    assert [row[0] for row in rows[2:4]] == ["4", "8"]
    for depth, *cells in rows[2:4]:
        for arm, cell in zip(ARMS, cells, strict=True):
            values = [row["train_error"] for row in known["runs"] if (row["depth"], row["arm"]) == (int(depth), arm)]
            assert cell.startswith(f"{percent(fmean(values))} (")


def test_depths_that_leave_the_range_are_said_in_words(capsys):
    words = ["depth", "depths=4,56", "seeds=1", *LOST]
    found = told(capsys, *words)
    lost = [row for row in found["runs"] if row["stopped"] is not None]
    assert {row["depth"] for row in lost} == {56}
    for row in lost:
        assert row["train_error"] is row["test_error"] is None
        assert f"the {row['arm']} network at 56 layers in 1 of 1 runs" in found["finding"]
    assert "Numbers left the range of float32: " in found["finding"]
    assert said(capsys, *words) == found["finding"]


def test_what_had_ended_is_kept_when_depth_is_stopped(capsys, monkeypatch, home, made):
    def stop(spec):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append((spec.depth, spec.seed))
        return train(spec)

    monkeypatch.setattr(training, "train", stop)
    assert main(DEPTH) == 130
    assert capsys.readouterr() == ("", "resviz: stopped; runs that had ended are kept, and not made again\n")
    assert made == [(4, 0), (8, 0)]
    del made[:]
    monkeypatch.setattr(training, "train", lambda spec: made.append((spec.depth, spec.seed)) or train(spec))
    told(capsys, *DEPTH)
    assert made == [(4, 1), (8, 1)]


def test_a_study_is_told_where_nothing_can_be_kept(capsys, monkeypatch, whole):
    def full(self, history, seconds):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "keep", full)
    assert told(capsys, *DEPTH)["finding"] == finding(*whole)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["depths=1,8"], "depths=1,8: allowed are up to 20 depths from 2 to 1,202"),
        (["depths=8-40"], "depths=8-40: allowed are up to 20 depths from 2 to 1,202"),
        (["depths="], "depths=: allowed are up to 20 depths from 2 to 1,202"),
        (["depths=abc"], "depths=abc: allowed "),
        (["depths=1203"], "depths=1203: allowed "),
        (["depths=" + "9" * 1_000_000], "(1,000,000 characters)"),
        (["seeds=11"], "seeds=11: allowed is a whole number from 1 to 10; nearest that works: 10"),
        (["depths=8,20", "cut=5"], "cut=5: depth 8 has shortcuts 1 to 3"),
        (["batch=128", "examples=64"], "examples=64: a batch of 128 needs at least as many training images"),
        (["seed=2147483647"], "seed=2147483648: allowed is"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_words_are_one_line_and_exit_2(capsys, home, words, says):
    assert main(["depth", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.startswith("resviz: ") and len(err.splitlines()) == 1
    assert len(err) < 600
    assert not home.exists()
