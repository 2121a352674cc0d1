"""Which run is computed when: made-up workers, one run and several, and viewers who come and go."""

import threading
import time

import pytest

from resviz.runs import pool as module
from tests.runs.trainers import STEPS, Office, finished, made_up, records, whole
from tests.runs.waiting import DEADLINE, wait

pytestmark = pytest.mark.process


# -- one run ---------------------------------------------------------------------------------------


def test_a_watched_run_is_computed_and_kept(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    lease = scheduler.watch(run, "a")
    assert lease.until >= STEPS
    finished(scheduler, run)
    assert [r.step for r in run.history.records] == list(range(1, STEPS + 1))
    assert records(run) == whole(run)
    assert run.history.start.device == "cpu"
    assert run.seconds > 0
    assert run.message == ""
    kept, _ = scheduler.store.load(run.digest)
    assert kept.history == run.history
    assert scheduler.pool.position(run) == 0


def test_nothing_is_computed_before_somebody_watches(trainer, scheduler):
    idle = scheduler.submit(made_up(1))
    watched = scheduler.submit(made_up(2))
    scheduler.watch(watched, "a")
    wait(lambda: watched.status == "finished", "the watched run")
    assert idle.status == "paused"
    assert trainer.log() == ["begin 2", "end 2"]
    assert scheduler.pool.begun["runs"] == 1


def test_step_by_step_a_run_stops_exactly_where_its_viewer_wants(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", until=3, seconds=DEADLINE)
    wait(lambda: run.status == "paused" and run.steps_done, "step 3")
    assert run.steps_done == 3
    for until in (4, 5, 9):
        scheduler.pool.aim(run, "a", until)
        wait(lambda: run.status == "paused", f"step {until}")
        assert run.steps_done == until
    scheduler.pool.aim(run, "a", 2)  # back: nothing to compute
    assert run.status == "paused"
    scheduler.pool.aim(run, "somebody else", STEPS)  # who does not watch has no say
    assert run.status == "paused"
    scheduler.pool.aim(run, "a", STEPS)
    wait(lambda: run.status == "finished", "the end")
    assert records(run) == whole(run)
    assert trainer.log() == ["begin 1", "end 1"]
    assert scheduler.pool.begun["runs"] == 1


def test_the_furthest_wish_counts(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", until=2, seconds=DEADLINE)
    scheduler.watch(run, "b", until=7, seconds=DEADLINE)
    wait(lambda: run.status == "paused" and run.steps_done >= 2, "step 7")
    wait(lambda: run.status == "paused" and run.steps_done == 7, "step 7")
    assert run.viewers() == 2


def test_one_run_whose_viewers_want_different_steps_is_trained_once(trainer, scheduler):
    gate = trainer.set("hold", 1, 0)
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", until=2, seconds=DEADLINE)
    wait(lambda: trainer.log() == ["begin 1"], "the begin")
    scheduler.watch(run, "b", until=5, seconds=DEADLINE)
    scheduler.pool.aim(run, "b", 9)
    gate.unlink()
    wait(lambda: run.steps_done == 9, "step 9")
    assert trainer.log() == ["begin 1"]
    assert scheduler.pool.begun["runs"] == 1


def test_many_who_ask_for_the_same_at_once_watch_one_run(trainer, scheduler):
    runs, gate = [], threading.Barrier(12)

    def ask(viewer: int) -> None:
        gate.wait()
        run = scheduler.submit(made_up(1))
        scheduler.watch(run, str(viewer))
        runs.append(run)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 12
    assert all(run is runs[0] for run in runs)
    wait(lambda: runs[0].status == "finished", "the end")
    assert records(runs[0]) == whole(runs[0])
    assert trainer.log() == ["begin 1", "end 1"]
    assert scheduler.pool.begun["runs"] == 1


# -- several runs ----------------------------------------------------------------------------------


def test_first_come_first_served(trainer, scheduler):
    first, gate = trainer.held(1)
    others = [scheduler.submit(made_up(seed)) for seed in (4, 3, 2)]
    for run in others:
        scheduler.watch(run, "a", seconds=DEADLINE)
    scheduler.watch(others[2], "b", seconds=DEADLINE)  # asking again changes nothing
    scheduler.get(others[1].digest)
    assert [scheduler.pool.position(run) for run in (first, *others)] == [0, 1, 2, 3]
    assert [run.status for run in (first, *others)] == ["running", "queued", "queued", "queued"]
    assert scheduler.status() == {"device": "cpu", "workers": 1, "trained": 1, "running": 1, "queued": 3, "broken": ""}
    gate.unlink()
    wait(lambda: all(run.status == "finished" for run in others), "all")
    assert [line for line in trainer.log() if line.startswith("begin")] == ["begin 1", "begin 4", "begin 3", "begin 2"]
    assert all(records(run) == whole(run) for run in others)
    assert scheduler.pool.begun["runs"] == 4


def test_who_leaves_the_queue_makes_room(trainer, scheduler):
    _, gate = trainer.held(1)
    second, third = (scheduler.submit(made_up(seed)) for seed in (2, 3))
    for run in (second, third):
        scheduler.watch(run, "a", seconds=DEADLINE)
    scheduler.cancel(second, "a")
    assert (second.status, scheduler.pool.position(second)) == ("cancelled", 0)
    assert scheduler.pool.position(third) == 1
    gate.unlink()
    wait(lambda: third.status == "finished", "the third")
    assert "begin 2" not in trainer.log()


def test_two_workers_compute_two_runs_at_once(tmp_path, forks):
    trainer = Office(tmp_path, forks, workers=2)
    trainer.scheduler.start()
    first, gate = trainer.held(1)
    second, other_gate = trainer.held(2)
    third = trainer.scheduler.submit(made_up(3))
    trainer.scheduler.watch(third, "a", seconds=DEADLINE)
    assert [run.status for run in (first, second, third)] == ["running", "running", "queued"]
    assert trainer.scheduler.pool.position(third) == 2
    other_gate.unlink()
    wait(lambda: third.status == "finished", "the third")
    assert first.status == "running"
    gate.unlink()
    wait(lambda: first.status == "finished", "the first")
    trainer.scheduler.close()


def test_a_run_whose_viewers_have_left_goes_on_while_nobody_else_waits(trainer, scheduler):
    run, gate = trainer.held(1, step=3)
    scheduler.pool.leave(run, "holder", run.leases["holder"])
    assert run.viewers() == 0
    gate.unlink()
    wait(lambda: run.status == "finished", "the end")
    assert records(run) == whole(run)


def test_a_run_whose_viewers_have_left_yields_its_seat_and_goes_on_later(trainer, scheduler):
    run, gate = trainer.held(1, step=4)
    scheduler.pool.leave(run, "holder", run.leases["holder"])
    assert run.status == "running"
    watched = scheduler.submit(made_up(2))
    last, before = trainer.set("hold", 2, STEPS), trainer.messages("heard Want")
    scheduler.watch(watched, "b", seconds=DEADLINE)
    trainer.told("Want", before=before)
    gate.unlink()
    wait(lambda: watched.steps_done == STEPS - 1, "the watched run")
    assert (run.status, run.steps_done) == ("queued", 4), "the step that it was at is its last for now"
    last.unlink()
    wait(lambda: run.status == "finished", "the one that had yielded")
    assert records(run) == whole(run)
    assert records(watched) == whole(watched)
    assert trainer.log() == ["begin 1", "begin 2", "end 2", "end 1"]  # not begun anew: its worker had it parked
    assert scheduler.pool.begun["runs"] == 2


def test_a_run_that_somebody_still_watches_keeps_its_seat(trainer, scheduler):
    run, gate = trainer.held(1, step=4)
    scheduler.watch(run, "b", seconds=DEADLINE)
    scheduler.pool.leave(run, "holder", run.leases["holder"])
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "c", seconds=DEADLINE)
    gate.unlink()
    wait(lambda: other.status == "finished", "the other")
    assert trainer.log() == ["begin 1", "end 1", "begin 2", "end 2"]


def test_after_a_while_a_run_that_nobody_watches_stops(trainer, scheduler, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.0)
    run, gate = trainer.held(1, step=4)
    before = trainer.messages("heard Want")
    scheduler.pool.leave(run, "holder", run.leases["holder"])
    trainer.told("Want", before=before)
    assert not run.leases
    gate.unlink()
    wait(lambda: run.status == "paused", "the pause")
    assert run.steps_done == 4
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished", "the end")
    assert records(run) == whole(run)
    assert trainer.log() == ["begin 1", "end 1"]


def test_a_viewer_who_vanishes_without_a_word_counts_only_for_a_while(trainer, scheduler):
    run, gate = trainer.held(1, step=4)
    before = trainer.messages("heard Want")
    run.leases["holder"].expires = time.monotonic()  # it would have been renewed by now
    trainer.told("Want", before=before)
    assert not run.leases
    gate.unlink()
    wait(lambda: run.status == "paused", "the pause")
    assert run.steps_done == 4


def test_a_stream_opened_again_is_not_ended_by_the_end_of_the_old_one(trainer, scheduler):
    run, gate = trainer.held(1)
    old, before = run.leases["holder"], trainer.messages("heard Want")
    new = scheduler.watch(run, "holder", until=5, seconds=DEADLINE)
    scheduler.pool.leave(run, "holder", old)
    assert run.leases["holder"] is new
    assert new.open
    trainer.told("Want", before=before)
    gate.unlink()
    wait(lambda: run.status == "paused", "step 5")
    assert run.steps_done == 5
