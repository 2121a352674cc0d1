"""Runs on disk: what was kept comes back, and what was damaged is set aside and can be made again."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.runs import store as module
from resviz.runs.store import CATALOGUE, Store, Unusable, default_root, made_by
from resviz.train.records import History, record_from_json, record_to_json, save
from tests.examples import examples


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "home")
    yield store
    store.close()


@pytest.fixture
def history(make_history) -> History:
    return make_history(Spec(depth=4, seed=7), accuracies={"residual": [0.1, 0.9], "plain": [0.1, None]})


def files(store: Store) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


@pytest.mark.parametrize("what", ["no database", "a folder"])
def test_a_folder_where_nothing_can_be_kept_is_said_with_what_to_do(what, tmp_path):
    """One that may not be written is in the table of tests/test_cli_ends.py."""
    path = tmp_path / CATALOGUE
    path.mkdir() if what == "a folder" else path.write_text("no database " * 100)
    with pytest.raises(Unusable) as error:
        Store(tmp_path)
    says = (
        f"Nothing can be kept in {tmp_path} (" if what == "a folder" else f"{path}, the list of kept runs, is damaged ("
    )
    assert str(error.value).startswith(says)
    assert str(error.value).endswith("set RESVIZ_HOME to a folder that can be written.")


def test_a_run_comes_back_as_it_was_kept(store, real_run):
    store.keep(real_run, 12.5)
    kept, message = store.load(real_run.spec.digest)
    assert kept.history == real_run
    assert kept.seconds == 12.5
    assert message == ""
    assert store.spec(real_run.spec.digest) == real_run.spec


def test_an_unknown_run_is_none_without_a_word(store):
    assert store.load("0123456789abcdef") == (None, "")
    assert store.spec("0123456789abcdef") is None


def test_keeping_again_replaces(store, history):
    store.keep(history, 1.0)
    store.keep(history, 2.0)
    assert store.load(history.spec.digest)[0].seconds == 2.0
    assert files(store) == {f"{history.spec.digest}.parquet"}  # nothing unfinished stays behind


def test_a_run_from_another_store_on_the_same_folder(store, history):
    other = Store(store.root)
    store.keep(history, 1.0)
    store.learn("device", "cpu")
    assert other.load(history.spec.digest)[0].history == history
    assert other.fact("device") == "cpu"
    other.keep(history, 3.0)
    assert store.load(history.spec.digest)[0].seconds == 3.0
    other.close()


# -- damage --------------------------------------------------------------------------------------


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbled(path: Path) -> None:
    path.write_bytes(b"these are no records" * 50)


def flipped(path: Path) -> None:
    """Some bytes in the middle, as a failing disk leaves them: the frame of the file is whole."""
    content = bytearray(path.read_bytes())
    for i in range(20, 60):
        content[i] ^= 0xFF
    path.write_bytes(content)


def of_another_run(path: Path) -> None:
    save(History(Spec(depth=5)), path)


def of_another_kind(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"step": [1]}), path)


@pytest.mark.parametrize("damage", [truncated, emptied, garbled, flipped, of_another_run, of_another_kind])
def test_a_damaged_file_is_set_aside_with_a_message_and_the_run_can_be_kept_again(damage, store, real_run):
    digest = real_run.spec.digest
    store.keep(real_run, 1.0)
    damage(store.path(digest))
    content = store.path(digest).read_bytes()

    kept, message = store.load(digest)
    assert kept is None
    assert digest in message
    assert "damaged" in message
    assert f"{digest}.damaged" in message
    assert "\n" not in message
    assert files(store) == {f"{digest}.damaged"}
    assert (store.folder / f"{digest}.damaged").read_bytes() == content
    assert store.load(digest) == (None, "")  # said once

    store.keep(real_run, 2.0)
    assert store.load(digest)[0].history == real_run
    damage(store.path(digest))  # and once more: the older one that was set aside is in nobody's way
    assert "damaged" in store.load(digest)[1]
    assert files(store) == {f"{digest}.damaged"}


def test_a_file_that_is_gone_is_said_to_be_gone(store, history):
    digest = history.spec.digest
    store.keep(history, 1.0)
    store.path(digest).unlink()
    kept, message = store.load(digest)
    assert kept is None
    assert digest in message
    assert "gone" in message
    assert store.load(digest) == (None, "")
    store.keep(history, 1.0)
    assert store.load(digest)[0].history == history


def test_damage_to_one_run_leaves_the_others(store, history, real_run):
    store.keep(history, 1.0)
    store.keep(real_run, 1.0)
    garbled(store.path(history.spec.digest))
    store.load(history.spec.digest)
    assert store.load(real_run.spec.digest)[0].history == real_run


def test_what_another_version_made_is_not_shown_as_this_ones(store, history, monkeypatch):
    store.keep(history, 1.0)
    monkeypatch.setattr(module, "made_by", lambda: "records 0, torch 1.0")
    other = Store(store.root)
    assert other.load(history.spec.digest) == (None, "")
    other.keep(history, 2.0)
    assert other.load(history.spec.digest)[0].seconds == 2.0
    assert store.load(history.spec.digest) == (None, "")
    other.close()


def test_numbers_are_made_by_a_version_of_torch_and_of_the_records(monkeypatch):
    import torch

    before = made_by()
    assert torch.__version__.partition("+")[0] in before
    monkeypatch.setattr(module, "RECORDS_VERSION", 999)
    assert made_by() != before


def test_a_failed_write_leaves_the_older_file_and_nothing_half(store, history, monkeypatch):
    store.keep(history, 1.0)

    def fail(history, path):
        path.write_bytes(b"PAR1 and then the disk was full")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "save", fail)
    with pytest.raises(OSError, match="No space left"):
        store.keep(history, 2.0)
    kept, message = store.load(history.spec.digest)
    assert (kept.history, kept.seconds, message) == (history, 1.0, "")


def test_a_store_that_cannot_be_written_to_says_so_as_an_oserror(store, history):
    """The scheduler turns an OSError into a message; anything else would end its thread."""
    shutil.rmtree(store.folder)
    with pytest.raises(OSError) as error:  # noqa: PT011
        store.keep(history, 1.0)
    assert error.value.strerror
    store.folder.mkdir()
    store.db.execute("PRAGMA query_only = 1")  # as on a disk gone read-only
    with pytest.raises(OSError):  # noqa: PT011
        store.keep(history, 1.0)


# -- what was measured before training -----------------------------------------------------------


@examples(30, shared_fixtures=True)
@given(st.data())
def test_a_look_comes_back_to_the_bit_whatever_left_the_range_of_float32(store, histories, data):
    for number, record in enumerate(data.draw(histories(finite=False)).records):
        store.keep_answer_text(f"{number:016}", record_to_json(record))
        assert repr(record_from_json(store.answer_text(f"{number:016}"))) == repr(record)  # NaN is not equal to itself


def test_an_unknown_look_and_one_of_other_software_are_none(store, monkeypatch):
    assert store.answer_text("a") is None
    for text in ("one answer", "another"):
        store.keep_answer_text("a", text)
        assert store.answer_text("a") == text
    monkeypatch.setattr(module, "made_by", lambda: "records 0, torch 1.0")
    other = Store(store.root)
    assert other.answer_text("a") is None
    other.close()


def test_the_latest_looks_are_kept_and_no_more(store, monkeypatch):
    monkeypatch.setattr(module, "KEPT_LOOKS", 3)
    for digest in ("a", "b", "c", "d"):
        store.keep_answer_text(digest, f"of {digest}")
    assert [store.answer_text(digest) for digest in ("a", "b", "c", "d")] == [None, "of b", "of c", "of d"]


def test_a_look_that_cannot_be_kept_is_no_fault(store):
    store.db.execute("PRAGMA query_only = 1")
    store.keep_answer_text("a", "an answer")
    assert store.answer_text("a") is None


# -- facts, threads, places ----------------------------------------------------------------------


def test_facts_are_learnt_and_learnt_anew(tmp_path):
    store = Store(tmp_path)
    assert store.fact("device") is None
    store.learn("device", "cpu")
    store.learn("device", "cuda")
    store.learn("speed", "4e10")
    store.close()
    again = Store(tmp_path)
    assert (again.fact("device"), again.fact("speed")) == ("cuda", "4e10")
    again.close()


def in_threads(*tasks) -> list[Exception]:
    """Run all tasks at once; returns what they raised."""
    raised: list[Exception] = []
    gate = threading.Barrier(len(tasks))

    def guarded(task) -> None:
        gate.wait()
        try:
            task()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_many_threads_keep_and_load_at_once(store, make_history):
    made = [make_history(Spec(depth=4, seed=seed), losses={"residual": [float(seed)] * 30}) for seed in range(8)]

    def keep_and_load(history: History) -> None:
        for _ in range(3):
            store.keep(history, history.spec.seed)
            kept, _ = store.load(history.spec.digest)
            assert kept.history == history

    assert in_threads(*[lambda h=h: keep_and_load(h) for h in made]) == []
    assert [store.load(h.spec.digest)[0].seconds for h in made] == list(range(8))
    assert len(files(store)) == 8


def test_threads_that_keep_the_same_run_do_not_spoil_each_others_file(store, make_history):
    history = make_history(Spec(depth=4), losses={"residual": [1.0] * 2000})

    def keep() -> None:
        for _ in range(5):
            store.keep(history, 1.0)

    assert in_threads(*[keep] * 4) == []
    assert store.load(history.spec.digest)[0].history == history


def test_where_runs_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("RESVIZ_HOME", str(tmp_path / "here"))
    assert default_root() == tmp_path / "here"
    store = Store()
    assert store.root == tmp_path / "here"
    assert isinstance(store.db, sqlite3.Connection)
    assert store.folder.is_dir()
    store.close()
    monkeypatch.delenv("RESVIZ_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert default_root() == tmp_path / "cache" / "resviz"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert default_root() == tmp_path / ".cache" / "resviz"
