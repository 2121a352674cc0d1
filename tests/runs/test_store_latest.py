"""The runs kept last: what comes first, how many, and what is passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.runs import store as module
from resviz.runs.store import Store
from resviz.train.records import History
from tests.examples import examples


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "home")
    yield store
    store.close()


@pytest.fixture
def keep(make_history):
    """Keeps a run in a store, and returns its spec."""

    def keep(store: Store, **words) -> Spec:
        spec = Spec.of({"depth": 4, **words})
        store.keep(make_history(spec, accuracies={"residual": [0.5]}), 1.0)
        return spec

    return keep


def aged(store: Store, spec: Spec, kept: str) -> None:
    store.db.execute("UPDATE runs SET kept = ? WHERE digest = ?", (kept, spec.digest))


def test_the_latest_comes_first_also_within_one_second(store, keep):
    assert store.latest(5) == []
    specs = [keep(store, seed=n) for n in range(4)]
    assert store.latest(10) == specs[::-1]


def test_no_more_than_were_asked_for(store, keep):
    specs = [keep(store, seed=n) for n in range(4)]
    for most in range(6):
        assert store.latest(most) == specs[::-1][:most]


def test_a_run_kept_again_is_the_latest_once(store, keep):
    specs = [keep(store, seed=n) for n in range(3)]
    keep(store, seed=0)
    assert store.latest(10) == [specs[0], specs[2], specs[1]]


def test_when_it_was_kept_counts_before_the_order_in_the_table(store, keep):
    specs = [keep(store, seed=n) for n in range(3)]
    for spec, kept in zip(specs, ("2026-11-22 10:00:00", "2026-11-20 10:00:00", "2026-11-21 10:00:00"), strict=True):
        aged(store, spec, kept)
    assert store.latest(10) == [specs[0], specs[2], specs[1]]


def test_specs_come_back_whole(store, keep):
    plain = keep(store)
    odd = keep(store, depth=20, cut="1-3", edits="5:lr:0.01 60:cut:7", lr=0.1, norm="none", epochs=7, seed=2**31 - 1)
    assert store.latest(2) == [odd, plain]
    assert [spec.digest for spec in store.latest(2)] == [odd.digest, plain.digest]
    assert store.latest(1)[0].segments == odd.segments


def test_another_store_on_the_same_folder_sees_them(store, keep):
    spec = keep(store)
    other = Store(store.root)
    assert other.latest(1) == [spec]
    other.close()


def test_runs_of_other_software_are_none_of_these(store, keep, monkeypatch):
    mine = keep(store, seed=1)
    monkeypatch.setattr(module, "made_by", lambda: "records 0, torch 1.0")
    other = Store(store.root)
    theirs = [keep(other, seed=n) for n in (2, 3)]
    assert other.latest(10) == theirs[::-1]
    assert store.latest(10) == [mine]
    assert store.latest(1) == [mine]  # what others made later takes no place
    other.close()


@pytest.mark.parametrize(
    "text",
    ['{"colour": "red"}', '{"depth": 1}', '{"norm": "batch2"}', "{", "", "[]", "null"],
    ids=["no such setting", "out of bounds", "no such choice", "cut off", "empty", "a list", "null"],
)
def test_settings_that_there_were_once_are_passed_over(store, keep, text):
    first, middle, last = (keep(store, seed=n) for n in range(3))
    store.db.execute("UPDATE runs SET spec = ? WHERE digest = ?", (text, middle.digest))
    assert store.latest(10) == [last, first]


def test_a_run_whose_records_are_damaged_is_forgotten_once_that_is_known(store, keep):
    first, last = (keep(store, seed=n) for n in range(2))
    store.path(last.digest).write_bytes(b"no records")
    assert "damaged" in store.load(last.digest)[1]
    assert store.latest(10) == [first]


def test_looks_and_facts_are_no_runs(store):
    store.keep_answer_text("a", "an answer")
    store.learn("device", "cpu")
    assert store.latest(10) == []


@given(seeds=st.lists(st.integers(0, 5), max_size=8), most=st.integers(0, 8))
@examples(20, shared_fixtures=True)
def test_whatever_was_kept_each_is_there_once_by_when_it_was_last_kept(tmp_path_factory, monkeypatch, seeds, most):
    monkeypatch.setattr(module, "save", lambda history, path: path.write_bytes(b""))  # the catalogue alone is asked
    store = Store(tmp_path_factory.mktemp("home"))
    try:
        for seed in seeds:
            store.keep(History(Spec(depth=4, seed=seed)), 1.0)
        assert [spec.seed for spec in store.latest(most)] == list(dict.fromkeys(reversed(seeds)))[:most]
    finally:
        store.close()
