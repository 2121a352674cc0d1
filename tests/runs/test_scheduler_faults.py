"""Runs that are cancelled or fail, workers that die, what is kept, and what is refused."""

import subprocess
import sys
import threading
import time

import pytest

from resviz.families.resnet.spec import Spec
from resviz.runs import pool as module
from resviz.runs import seats
from resviz.runs.limits import Limits, Refused, duration
from resviz.runs.pool import BROKEN_AFTER
from resviz.runs.run import Run
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from tests import paced
from tests.forked import kill
from tests.runs.trainers import STEPS, finished, made_up, records, whole
from tests.runs.waiting import DEADLINE, wait

pytestmark = pytest.mark.process


# -- cancelling and starting over ------------------------------------------------------------------


def test_cancelling_ends_a_run_and_keeps_its_records_on_screen(trainer, scheduler):
    run, gate = trainer.held(1, step=6)
    scheduler.cancel(run, "holder")
    assert run.status == "cancelled"
    assert run.message == f"Cancelled after step 5 of {STEPS}."
    assert run.steps_done == 5
    gate.unlink()
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "a")
    wait(lambda: other.status == "finished", "the next run")
    assert (run.status, run.steps_done) == ("cancelled", 5)
    assert scheduler.submit(made_up(1)) is run
    assert scheduler.store.load(run.digest) == (None, "")


def test_cancelling_what_others_watch_is_only_leaving(trainer, scheduler):
    run, gate = trainer.held(1, step=3)
    scheduler.watch(run, "b", seconds=DEADLINE)
    scheduler.cancel(run, "holder")
    assert run.status == "running"
    assert set(run.leases) == {"b"}
    gate.unlink()
    wait(lambda: run.status == "finished", "the end")
    scheduler.cancel(run, "b")
    assert run.status == "finished"


def test_a_cancelled_run_starts_over_on_request(trainer, scheduler):
    run, gate = trainer.held(1, step=6)
    scheduler.cancel(run, "holder")
    gate.unlink()
    assert scheduler.restart(run) is run
    assert (run.status, run.steps_done, run.message) == ("paused", 0, "")
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished", "the end")
    assert records(run) == whole(run)
    assert [line for line in trainer.log() if line == "begin 1"] == ["begin 1", "begin 1"]
    assert scheduler.pool.begun["runs"] == 2
    assert scheduler.restart(run).status == "finished"  # nothing to start over
    assert records(run) == whole(run)


def test_news_of_the_run_before_do_not_end_the_one_started_over(trainer, scheduler):
    """Cancelled and started over while the last messages of the first attempt are still on their way."""
    run, gate = trainer.held(1, step=6)
    with scheduler.lock:  # the listener waits outside, with the rest of the first attempt in the pipe
        gate.unlink()
        wait(lambda: trainer.messages("said Done"), "the worker's last word on the first attempt")
        scheduler.cancel(run, "holder")
        scheduler.restart(run)
        scheduler.watch(run, "a", seconds=DEADLINE)
    finished(scheduler, run)
    assert records(run) == whole(run)
    assert scheduler.store.load(run.digest)[0].history.records == run.history.records


def test_a_cancelled_run_stays_cancelled_when_its_failure_comes_in_late(trainer, scheduler):
    run, gate = trainer.held(1, step=6)
    trainer.set("raise", 1, 6)
    with scheduler.lock:
        gate.unlink()
        wait(lambda: trainer.messages("said Failed"), "the worker's word on its failure")
        scheduler.cancel(run, "holder")
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "a")
    finished(scheduler, other)
    assert (run.status, run.message) == ("cancelled", f"Cancelled after step 5 of {STEPS}.")


# -- what goes wrong -------------------------------------------------------------------------------


def test_a_run_that_fails_says_why_and_can_be_run_again(trainer, scheduler):
    fault = trainer.set("raise", 1, 4)
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    wait(lambda: run.status == "failed", "the failure")
    assert run.message == "This stopped with RuntimeError: asked to fail at 4"
    assert run.steps_done == 3
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "a")
    wait(lambda: other.status == "finished", "the next run")
    fault.unlink()
    scheduler.restart(run)
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished", "the second attempt")
    assert records(run) == whole(run)
    assert run.message == ""


def test_a_run_whose_data_set_is_missing_names_it(trainer, scheduler):
    trainer.set("lacks", 1, 3)
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    wait(lambda: run.status == "failed", "the failure")
    assert (run.message, run.missing) == ("Digits, 8x8 is not here.", "digits")
    assert (run.head()["message"], run.head()["missing"]) == (run.message, "digits")
    scheduler.restart(run)
    assert (run.message, run.missing) == ("", "")


@pytest.mark.parametrize(("how", "words"), [("kill", "signal 9"), ("die", "exit code 5"), ("half", "exit code 6")])
def test_a_worker_that_dies_fails_its_run_and_is_replaced(how, words, trainer, scheduler):
    run, gate = trainer.held(1, step=4)
    waiting = scheduler.submit(made_up(2))
    scheduler.watch(waiting, "b", seconds=DEADLINE)
    before = scheduler.pool.seats[0].process
    if how == "kill":
        kill(before)
    else:
        trainer.set(how, 1, 4)
        gate.unlink()
    wait(lambda: run.status == "failed", "the failure")
    assert words in run.message
    assert f"after step 3 of {STEPS}" in run.message
    wait(lambda: waiting.status == "finished", "the run that waited")
    assert records(waiting) == whole(waiting)
    assert scheduler.pool.seats[0].process.pid != before.pid
    assert scheduler.broken == ""
    for path in (gate, trainer.folder / f"{how}-1-4"):
        path.unlink(missing_ok=True)
    scheduler.restart(run)
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished", "the second attempt")
    assert records(run) == whole(run)


def test_a_run_parked_in_a_worker_that_dies_is_made_again_to_the_same_numbers(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", until=5, seconds=DEADLINE)
    wait(lambda: run.status == "paused" and run.steps_done == 5, "step 5")
    before = scheduler.pool.seats[0].process
    kill(before)
    wait(lambda: scheduler.pool.seats[0].process is not before and scheduler.pool.seats[0].ready, "another worker")
    assert (run.status, run.steps_done) == ("paused", 5)
    scheduler.pool.aim(run, "a", STEPS)
    wait(lambda: run.status == "finished", "the end")
    assert records(run) == whole(run)
    assert [r.step for r in run.history.records] == list(range(1, STEPS + 1))


def test_workers_that_die_before_they_are_ready_are_not_replaced_for_ever(tmp_path, monkeypatch):
    hired, popen = [], subprocess.Popen

    def hire(command, **more):
        hired.append(command)
        return popen(command, **more)

    monkeypatch.setattr(seats.subprocess, "Popen", hire)
    command = (sys.executable, "-c", "raise SystemExit(3)")
    scheduler = Scheduler(Store(tmp_path), command=command)
    scheduler.start()
    wait(lambda: scheduler.broken, "the end of trying")
    assert "exit code 3" in scheduler.broken
    run = scheduler.submit(made_up(1))  # known to the server all the same
    scheduler.watch(run, "a")
    assert run.status == "queued"
    assert scheduler.resolve(Spec()).device == "cpu"  # and nobody waits for a device that will not be known
    for thread in [t for t in threading.enumerate() if t.name == "worker"]:
        thread.join(DEADLINE)
    assert hired == [command] * BROKEN_AFTER
    assert scheduler.status()["broken"] == scheduler.broken
    scheduler.close()


@pytest.mark.parametrize("what", ["records", "catalogue"])
def test_a_run_that_cannot_be_kept_is_finished_and_says_so(what, trainer, scheduler):
    run = scheduler.submit(made_up(1))
    if what == "records":
        scheduler.store.folder.rmdir()
    else:
        scheduler.store.db.execute("PRAGMA query_only = 1")  # as on a disk gone read-only
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished" and run.message, "the end, and a word on it")
    assert records(run) == whole(run)
    assert "could not be kept on disk" in run.message
    assert "None" not in run.message
    scheduler.store.folder.mkdir(exist_ok=True)
    scheduler.store.db.execute("PRAGMA query_only = 0")
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "a")
    finished(scheduler, other)
    assert other.message == ""
    assert scheduler.store.load(other.digest)[0].history == other.history


# -- what is kept, and what is refused -------------------------------------------------------------


def test_a_kept_run_is_there_without_a_worker(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    later = Scheduler(Store(trainer.folder / "home"))  # never started
    found = later.submit(made_up(1))
    assert found.status == "finished"
    assert found.history == run.history
    assert found.seconds == run.seconds
    assert later.pool.begun["runs"] == 0
    assert later.resolve(Spec(depth=2)).device == "cpu"  # learnt from the worker before
    assert later.macs_per_second == 5e10
    later.close()


def test_a_damaged_run_says_so_and_is_made_again(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    path = scheduler.store.path(run.digest)
    path.write_bytes(path.read_bytes()[:500])
    later = Scheduler(Store(trainer.folder / "home"), command=trainer.command)
    later.start()
    again = later.submit(made_up(1))
    assert again.status == "paused"
    assert "damaged" in again.message
    later.watch(again, "a")
    finished(later, again)
    assert records(again) == whole(again)
    later.close()
    assert Store(trainer.folder / "home").load(run.digest)[0].history == again.history


def test_a_huge_run_is_refused_with_an_estimate(tmp_path):
    scheduler = Scheduler(Store(tmp_path))
    spec = Spec(depth=1202, width=256, epochs=500, device="cpu")
    with pytest.raises(Refused, match=r"would take about [\d,]+ days and [\d,]+ GB here; the limit is 20 min") as error:
        scheduler.submit(spec)
    assert duration(60.0 * 20) in str(error.value)
    assert scheduler.get(spec.digest) is None
    scheduler.close()


def test_the_estimate_uses_the_measured_speed(tmp_path):
    store = Store(tmp_path)
    store.learn("device", "cpu")
    store.learn("macs_per_second", "1e8")
    slow = Scheduler(store, limits=Limits(seconds=600, bytes=1e12))
    with pytest.raises(Refused):
        slow.submit(Spec())
    store.learn("macs_per_second", "1e12")
    assert Scheduler(store, limits=Limits(seconds=600, bytes=1e12)).submit(Spec()).spec.device == "cpu"
    slow.close()


def test_what_is_kept_already_is_past_no_limit(tmp_path):
    """Showing a finished run costs nothing, whatever it once took and however small the machine is now."""
    store = Store(tmp_path)
    store.keep(paced.history(made_up(1)), 1.0)
    scheduler = Scheduler(store, limits=Limits(seconds=1e-6, bytes=1))
    assert scheduler.submit(made_up(1)).status == "finished"
    scheduler.close()


def test_auto_waits_for_the_first_worker_to_say_what_it_stands_for(trainer, scheduler):
    spec = scheduler.resolve(Spec(depth=2), timeout=DEADLINE)
    assert spec == Spec(depth=2, device="cpu")
    assert scheduler.resolve(Spec(depth=2, device="cuda")).device == "cuda"
    assert scheduler.submit(Spec(depth=2)) is scheduler.submit(Spec(depth=2, device="cpu"))
    assert scheduler.store.fact("device") == "cpu"


def test_memory_holds_only_so_many_runs(trainer, scheduler, monkeypatch):
    """Those that have been watched and finished too; they come back from the store."""
    monkeypatch.setitem(module.KEPT_IN_MEMORY, "runs", 3)
    monkeypatch.setattr(Run, "young_seconds", 0.0)
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.0)
    for seed in range(6):
        run = scheduler.submit(made_up(seed))
        lease = scheduler.watch(run, "a", seconds=DEADLINE)
        finished(scheduler, run)
        scheduler.pool.leave(run, "a", lease)
    wait(lambda: time.monotonic() > lease.expires, "the last lease to end")
    last = scheduler.submit(made_up(6))
    assert len(scheduler.runs) <= 4
    assert scheduler.get(last.digest) is last
    assert scheduler.get(made_up(0).digest) is None
    again = scheduler.submit(made_up(0))
    assert (again.status, records(again)) == ("finished", whole(again))
    assert scheduler.pool.begun["runs"] == 6


def test_memory_keeps_every_run_that_somebody_watches(trainer, scheduler, monkeypatch):
    monkeypatch.setitem(module.KEPT_IN_MEMORY, "runs", 1)
    monkeypatch.setattr(Run, "young_seconds", 0.0)
    _, gate = trainer.held(1)
    runs = []
    for seed in (2, 3):
        runs.append(scheduler.submit(made_up(seed)))
        scheduler.watch(runs[-1], "a", seconds=DEADLINE)
    scheduler.submit(made_up(4))
    gate.unlink()
    wait(lambda: all(run.status == "finished" for run in runs), "both")


def test_closing_leaves_no_process(tmp_path):
    (tmp_path / "hold").touch()
    scheduler = Scheduler(Store(tmp_path / "home"), workers=2, command=paced.command(tmp_path))
    scheduler.start()
    processes = [seat.process for seat in scheduler.pool.seats]
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", seconds=DEADLINE)
    wait((tmp_path / "log").exists, "the run")
    scheduler.close()
    assert all(process.poll() is not None for process in processes)
