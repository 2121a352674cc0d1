"""What runs may take up of the disk: whose records go first, whose never, and that a run without them can be made again."""

import logging
import os
import sqlite3
import time

import pytest

from resviz.families.resnet.spec import Spec
from resviz.runs.limits import Limits
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from tests import paced


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "home")
    yield store
    store.close()


def spec(seed):
    return Spec(depth=8, epochs=1, seed=seed, device="cpu")


def kept(store, *seeds):
    """Runs that were kept an hour apart, the first one first; the bytes of each."""
    found = []
    for hour, seed in enumerate(seeds):
        digest = spec(seed).digest
        store.keep(paced.history(spec(seed)), 1.0)
        touched(store, digest, hour)
        found.append(store.path(digest).stat().st_size)
    return found


def touched(store, digest, hour):
    when = time.time() - 86_400 + 3600 * hour
    os.utime(store.path(digest), (when, when))


def there(store, *seeds):
    return [seed for seed in seeds if store.path(spec(seed).digest).exists()]


def test_those_longest_untouched_go_until_the_rest_fits(store):
    sizes = kept(store, 1, 2, 3, 4)
    assert store.make_room(sum(sizes)) == (0, 0)
    assert store.make_room(sizes[2] + sizes[3] + 10) == (2, sizes[0] + sizes[1])
    assert there(store, 1, 2, 3, 4) == [3, 4]
    assert store.make_room(0) == (2, sizes[2] + sizes[3])


def test_one_that_was_looked_at_again_stays_longer(store):
    sizes = kept(store, 1, 2, 3)
    assert store.load(spec(1).digest)[0].history == paced.history(spec(1))
    store.make_room(sizes[0] + 10)
    assert there(store, 1, 2, 3) == [1]


def test_one_that_is_spared_stays_though_nothing_else_fits(store):
    kept(store, 1, 2, 3)
    store.make_room(0, {spec(2).digest})
    assert there(store, 1, 2, 3) == [2]


def test_a_run_without_records_is_known_by_its_digest_offered_to_nobody_and_kept_again(store):
    kept(store, 1, 2)
    store.make_room(0, {spec(2).digest})
    digest = spec(1).digest
    assert store.spec(digest) == spec(1), "its link makes it again"
    assert store.latest(9) == [spec(2)]
    assert store.load(digest) == (None, "")
    store.keep(paced.history(spec(1)), 2.0)
    assert store.load(digest)[0].seconds == 2.0 and store.latest(9)[0] == spec(1)


@pytest.mark.parametrize("how", ["damaged", "gone"])
def test_one_that_is_damaged_or_gone_keeps_its_spec_too(store, how):
    kept(store, 1)
    path = store.path(spec(1).digest)
    path.unlink() if how == "gone" else path.write_bytes(b"PAR1")
    assert how in store.load(spec(1).digest)[1]
    assert store.spec(spec(1).digest) == spec(1) and store.latest(9) == []


def test_what_was_set_aside_goes_as_well(store):
    kept(store, 1)
    path = store.path(spec(1).digest)
    path.write_bytes(b"PAR1" * 1000)
    store.load(spec(1).digest)
    assert store.make_room(0) == (0, 4000)
    assert list(store.folder.iterdir()) == []


def test_a_store_of_before_is_taken_over_with_all_its_runs(tmp_path):
    home = tmp_path / "home"
    first = Store(home)
    kept(first, 1, 2)
    first.close()
    db = sqlite3.connect(home / "runs.sqlite")
    db.execute("ALTER TABLE runs DROP COLUMN here")
    db.commit()
    db.close()
    store = Store(home)
    assert store.load(spec(1).digest)[0].history == paced.history(spec(1))
    assert set(store.latest(9)) == {spec(1), spec(2)}
    store.close()


# -- on a server -----------------------------------------------------------------------------------


@pytest.fixture
def server(store, monkeypatch):
    """A scheduler without workers whose disk holds one run less than there are."""
    sizes = kept(store, 1, 2, 3)
    monkeypatch.setenv("RESVIZ_RUNS_GB", str((sum(sizes) - 1) / 1e9))
    scheduler = Scheduler(store, workers=0, limits=Limits(1e9, 1e12))
    scheduler.pool.device = "cpu"
    scheduler.pool.known_device.set()
    yield scheduler
    scheduler.pool.closing.set()


def test_a_start_says_what_it_has_removed_and_the_next_one_nothing(server, caplog):
    with caplog.at_level(logging.WARNING):
        server.start()
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("the records of 1 run, those longest untouched, were removed: ")
    assert "RESVIZ_RUNS_GB" in said
    assert there(server.store, 1, 2, 3) == [2, 3]
    caplog.clear()
    server.start()
    assert not caplog.records


def test_a_run_that_is_kept_makes_room_and_never_in_the_place_of_one_that_is_watched_or_its_parent(server):
    server.watch(server.submit(spec(1)), "me")
    branch = spec(2).branch(5, cut=[1])
    server.store.keep(paced.history(branch), 1.0)
    server.watch(server.submit(branch), "me")
    run = server.submit(spec(4))
    run.history = paced.history(spec(4))
    assert run.keep() == ""
    assert there(server.store, 1, 2, 3, 4) == [1, 2, 4], "one is watched, the other the parent of one"
    assert server.store.path(branch.digest).exists()


def test_the_line_of_a_branch_is_what_it_branched_from():
    branch = spec(1).branch(5, cut=[1]).branch(8, cut=[2])
    assert branch.line() == (spec(1), spec(1).branch(5, cut=[1]), branch)
    assert spec(1).line() == (spec(1),)


def test_a_link_to_a_run_whose_records_went_makes_it_again(server):
    server.start()
    run = server.submit(server.store.spec(spec(1).digest))
    assert (run.digest, run.status, run.message) == (spec(1).digest, "paused", "")
