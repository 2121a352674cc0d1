"""Studies that come with the package: their runs are trained once, and read back as what they came to."""

import json
import math
from dataclasses import replace

import pytest

from resviz import topic
from resviz.families.resnet.family import ARMS
from resviz.runs.recorded import Recorded, record_study, recorded, recorded_study
from resviz.runs.studies import Study, outcome
from resviz.topics.depth.figures import error
from resviz.topics.depth.words import finding
from resviz.train.records import History
from resviz.train.twins import lockstep as training
from resviz.train.twins.lockstep import train

TINY = {"width": "2", "examples": "128", "batch": "64", "epochs": "1"}
HEAD = '{"made": "2026-11-22, 0.1 s on a CPU, torch 2.9.0"}\n'


def depths(text="4,6", seeds=2, **words):
    return Study.of("depth", {**TINY, "depths": text, "seeds": str(seeds), **words})


STUDY = depths()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Another place for recorded answers, and nothing read before."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    monkeypatch.setattr(topic.Topic, "folder", folder)
    recorded_study.cache_clear()
    recorded.cache_clear()
    yield folder
    recorded_study.cache_clear()
    recorded.cache_clear()


@pytest.fixture(scope="module")
def whole():
    """What the runs of the study come to, trained here."""
    results = {}
    for choice in STUDY.choices:
        for n in range(STUDY.seeds):
            spec = STUDY.spec(choice, n)
            history = History(spec)
            for event in train(spec):
                history.add(event)
            results[choice.name, n] = outcome(history, choice.arm)
    return results


# -- there and back --------------------------------------------------------------------------------


def test_a_study_comes_back_as_it_was_trained(folder, whole):
    made = record_study(STUDY)
    found = recorded_study(STUDY)
    assert isinstance(found, Recorded) and found.made == made
    assert set(found.record) == set(whole)
    for key, here in whole.items():
        kept = found.record[key]
        assert kept == replace(here, loss=here.loss[-1:], signal=(), gradients=kept.gradients), key
        assert kept.gradients == pytest.approx(here.gradients, rel=1e-3)
        assert len(kept.gradients) == int(key[0].split("-")[1])
        assert kept.ended and kept.train_accuracy is not None and kept.test_accuracy is not None
    assert recorded_study(STUDY) is found, "it is read once"


def test_what_is_left_out_is_no_part_of_what_is_said_and_drawn(folder, whole):
    record_study(STUDY)
    kept = recorded_study(STUDY).record
    assert finding(STUDY, kept) == finding(STUDY, whole) != ""
    for half in ("train", "test"):
        assert error(STUDY, kept, half) == error(STUDY, whole, half)


def test_each_run_is_trained_once_for_both_arms(folder, monkeypatch):
    made = []

    def counted(spec):
        made.append((spec.seed, spec.depth, spec.device))
        return train(spec)

    monkeypatch.setattr(training, "train", counted)
    record_study(STUDY)
    device = training.resolve_device("auto")
    assert made == [(seed, depth, device) for seed in (0, 1) for depth in (4, 6)]


def test_the_file_is_two_lines_of_json_without_nan_or_infinity(folder):
    made = record_study(STUDY)
    (path,) = folder.iterdir()
    assert path.name == f"study-depth-{STUDY.digest}.json"
    text = path.read_text(encoding="utf-8")
    head, body = (json.loads(line, parse_constant=pytest.fail) for line in text.splitlines())
    assert head == {"made": made, "words": STUDY.words()} and text.endswith("\n")
    assert [tuple(key) for key, _ in body] == [(choice.name, n) for choice in STUDY.choices for n in range(2)]


def test_runs_that_left_the_range_come_back_as_such(folder):
    study = depths("4,56", 1, lr="100", norm="none", batch="32")
    record_study(study)
    kept = recorded_study(study).record
    lost = [run for run in kept.values() if run.stopped is not None]
    assert lost and all(math.isfinite(v) for run in kept.values() for v in run.gradients)
    for run in lost:
        assert (run.train_accuracy, run.test_accuracy) == (None, None)
        assert 1 <= run.stopped == run.steps + 1
        assert all(map(math.isfinite, (*run.loss, *run.gradients)))
    assert "left the range of float32" in finding(study, kept)


def test_a_study_of_choices_is_recorded_too(folder):
    study = Study.of("options", {**TINY, "depth": "4", "seeds": "1", "stages": "1"})
    record_study(study)
    kept = recorded_study(study).record
    assert set(kept) == {(choice.name, 0) for choice in study.choices}
    assert kept["A", 0] != kept["plain", 0], "the two arms of one run"


# -- what is there before, and what is not -----------------------------------------------------------


def test_what_is_not_recorded_is_none(folder):
    assert recorded_study(STUDY) is None
    folder.rmdir()
    recorded_study.cache_clear()
    assert recorded_study(STUDY) is None, "there is no folder"


def test_other_settings_have_no_recorded_results(folder):
    record_study(STUDY)
    for other in (depths("8,10"), depths(lr="0.1"), depths(seed="2")):
        assert recorded_study(other) is None


def test_a_study_finds_the_runs_that_another_one_of_its_kind_has_recorded(folder):
    """A run is its settings: seed 1 is the second of seeds 0 and 1, and the first of seeds 1 and 2."""
    record_study(STUDY)
    whole = recorded_study(STUDY).record
    for other, seeds in (
        (depths("4,8"), 0),
        (depths("4"), 0),
        (depths(seeds=1), 0),
        (depths(seeds=3), 0),
        (depths(seed="1"), 1),
    ):
        found = recorded_study(other).record
        wanted = {(c.name, n) for c in other.choices for n in range(other.seeds) if (c.name, n + seeds) in whole}
        assert set(found) == wanted
        assert all(found[name, n] == whole[name, n + seeds] for name, n in found)


def test_earlier_ones_of_the_kind_are_deleted_and_no_others(folder):
    earlier = ["study-depth-depth-3-0123456789abcdef-8-20.json", "study-depth-x.json"]
    others = ["study-orders-orders-3-0123456789abcdef.json", "depthtime-0123456789abcdef.json", "study-depth.txt"]
    for name in (*earlier, *others):
        (folder / name).write_text("{}\n{}\n", encoding="utf-8")
    for study in (STUDY, depths("4", 1)):
        record_study(study)
        assert {path.name for path in folder.iterdir()} == {*others, f"study-depth-{study.digest}.json"}
    recorded_study.cache_clear()
    assert {name for name, _ in recorded_study(STUDY).record} == {"residual-4", "plain-4"}, (
        "those of the study that is left"
    )


def test_training_that_fails_leaves_the_earlier_results(folder, monkeypatch):
    record_study(STUDY)
    (path,) = folder.iterdir()
    before = path.read_bytes()

    def fail(spec):
        raise RuntimeError("no memory")

    monkeypatch.setattr(training, "train", fail)
    with pytest.raises(RuntimeError, match="no memory"):
        record_study(depths("4", 1))
    assert [each.name for each in folder.iterdir()] == [path.name]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "other", [depths("4,8"), depths("4"), depths(seeds=1), depths(seeds=3)], ids=lambda s: s.digest
)
def test_a_file_of_another_study_is_an_error_that_names_it(folder, other):
    """As when a file is renamed."""
    record_study(STUDY)
    (path,) = folder.iterdir()
    name = f"study-depth-{other.digest}.json"
    path.rename(folder / name)
    with pytest.raises(ValueError, match="is no answer to this study; make record computes it") as error:
        recorded_study(other)
    assert str(error.value).startswith(name)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: HEAD,
        lambda text: text.split("\n", 1)[1],
        lambda text: text[: len(text) // 2],
        lambda text: HEAD + "[]\n",
        lambda text: HEAD + '[[["residual-4",0],{"steps":"many"}]]\n',
        lambda text: "\x00\x01",
    ],
    ids=["empty", "only a head", "no head", "cut off", "no runs", "no outcomes", "binary"],
)
def test_a_file_that_is_not_ours_is_an_error(folder, damage):
    record_study(STUDY)
    (path,) = folder.iterdir()
    text = path.read_text(encoding="utf-8")
    path.write_text(damage(text), encoding="utf-8")
    with pytest.raises(ValueError) as error:  # noqa: PT011
        recorded_study(STUDY)
    assert str(error.value)
    path.write_text(text, encoding="utf-8")
    assert set(recorded_study(STUDY).record) == {(f"{arm}-{d}", n) for arm in ARMS for d in (4, 6) for n in (0, 1)}
