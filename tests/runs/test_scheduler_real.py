"""Which run is computed when, with a real worker: to the numbers of one trained in one go, bit for bit."""

import threading

import pytest

from resviz.families.resnet.spec import Spec
from resviz.runs.scheduler import Scheduler
from resviz.runs.states import States
from resviz.runs.store import Store
from resviz.train.records import History, Record
from resviz.train.twins.lockstep import train
from tests.forked import kill, with_torch
from tests.runs.trainers import finished
from tests.runs.waiting import DEADLINE, wait

pytestmark = [pytest.mark.process, pytest.mark.heavy, pytest.mark.xdist_group("with torch")]


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """One scheduler with one real worker for all tests below: it takes seconds to warm up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        scheduler = Scheduler(Store(), command=with_torch().command("resviz.runs.worker:main", "runs"))
        scheduler.start()
        wait(lambda: scheduler.pool.seats[0].ready, "the worker", 100)
        yield scheduler
        scheduler.close()


def training(**changes) -> Spec:
    return Spec.of({"depth": 8, "width": 4, "epochs": 2, "device": "cpu", **changes})


def uninterrupted(spec: Spec) -> History:
    history = History(spec)
    for event in train(spec):
        history.add(event)
    return history


def test_a_worker_says_what_it_computes_on_and_how_fast(real):
    assert real.device in ("cpu", "cuda", "mps")
    assert real.store.fact("device") == real.device
    assert 1e8 < real.macs_per_second < 1e14


def test_two_sessions_with_one_spec_watch_one_training(real):
    before, runs = real.pool.begun["runs"], []

    def session(viewer: str) -> None:
        run = real.submit(training(seed=1))
        real.watch(run, viewer, seconds=DEADLINE)
        runs.append(run)

    threads = [threading.Thread(target=session, args=(viewer,)) for viewer in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs[0] is runs[1]
    wait(lambda: runs[0].status == "finished", "the end")
    assert real.pool.begun["runs"] == before + 1
    assert runs[0].history == uninterrupted(training(seed=1))


def test_a_run_in_pieces_and_pushed_aside_comes_to_the_numbers_of_one_in_one_go(real):
    run, other = real.submit(training(seed=2, epochs=6)), real.submit(training(seed=3, epochs=1))
    lease = real.watch(run, "a", until=3, seconds=DEADLINE)
    wait(lambda: run.status == "paused" and run.steps_done == 3, "step 3")
    real.pool.aim(run, "a", 10**9)
    wait(lambda: run.steps_done > 4, "step 5")
    real.pool.leave(run, "a", lease)
    real.watch(other, "b", seconds=DEADLINE)
    wait(lambda: run.status == other.status == "finished", "both")
    assert run.history == uninterrupted(run.spec)
    assert other.history == uninterrupted(other.spec)


def test_a_finished_training_is_there_for_another_server_without_a_worker(real):
    run = real.submit(training(seed=1))
    real.watch(run, "a", seconds=DEADLINE)
    finished(real, run)
    later = Scheduler(Store(real.store.root))
    found = later.submit(training(seed=1))
    assert found.status == "finished"
    assert found.history == run.history
    assert isinstance(found.history.records[-1], Record)
    assert all(seat.process is None for seat in later.pool.seats)
    later.close()


def test_a_branch_made_live_has_the_numbers_of_one_trained_from_nothing(real):
    run = real.submit(training(seed=6, epochs=40))
    real.watch(run, "a", seconds=DEADLINE)
    wait(lambda: run.steps_done > 4, "step 5")
    new = real.branch(run, "a", None, {"cut": "1", "optimizer": "adam", "lr": "0.001", "epochs": "3"})
    at = new.spec.edits[-1].at
    finished(real, new)
    assert at >= 5
    assert new.history == uninterrupted(new.spec)
    kept = States(real.store.root / "states").of(run.spec)
    wait(
        lambda: (found := kept.nearest(run.spec, at)) and found[0] == at,
        "the state, for other workers and later days; it is written beside",
    )


def test_a_branch_goes_on_from_a_state_and_records_that_an_earlier_process_has_kept(real):
    spec = training(seed=7)
    states, history = States(real.store.root / "states"), History(spec)
    keeper = states.of(spec)
    at = keeper.ask(9)
    for event in train(spec, keeper=keeper):
        history.add(event)
    states.wait()
    assert (states.root / spec.trunk(at).digest / f"{at}.pt").exists()
    real.store.keep(history, 1.0)
    new = real.branch(real.submit(spec), "a", at, {"remove": "2", "branch_scale": "0.5"})
    assert new.steps_done == at == 10
    finished(real, new)
    assert new.history == uninterrupted(new.spec)
    states.close()


def test_a_killed_worker_fails_its_training_and_the_next_one_works(real):
    run = real.submit(training(seed=4, epochs=500))
    real.watch(run, "a", seconds=DEADLINE)
    wait(lambda: run.steps_done > 2, "step 3")
    kill(real.pool.seats[0].process)
    wait(lambda: run.status == "failed", "the failure")
    assert "signal 9" in run.message
    following = real.submit(training(seed=5, epochs=1))
    real.watch(following, "a", seconds=100)
    wait(lambda: following.status == "finished", "the next run", 100)
    assert following.history == uninterrupted(following.spec)
