"""Branches of runs under way: what they share, where they leave, and who watches what afterwards."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from resviz.runs import forks
from resviz.runs.limits import Limits, Refused
from resviz.runs.run import Run
from resviz.words.text import SpecError
from tests.forked import kill
from tests.runs.trainers import STEPS, Office, finished, made_up, records, whole
from tests.runs.waiting import DEADLINE, wait

pytestmark = pytest.mark.process


FAST = {"lr": "0.0002"}


def meanwhile(task: Callable) -> Future:
    """What `task` returns, from another thread."""
    future = Future()

    def work() -> None:
        try:
            future.set_result(task())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return future


def forking(trainer: Office, run: Run, viewer: str, changes=FAST) -> Future:
    """A viewer branches a run that is held at a step, and by now waits for the state, as the worker knows."""
    before = trainer.messages("heard Fork")
    found = meanwhile(lambda: trainer.scheduler.branch(run, viewer, None, changes))
    trainer.told("Fork", before=before)
    return found


def left_at(run) -> int:
    return run.spec.edits[-1].at


@pytest.fixture
def patient(monkeypatch):
    """Whoever waits for a state goes on waiting: one who is not answered is found out."""
    monkeypatch.setattr(forks, "SECONDS", 10 * DEADLINE)


def test_a_branch_leaves_its_run_to_those_who_watch_it(trainer, scheduler, patient):
    run, gate = trainer.held(1, step=4)
    scheduler.watch(run, "b", seconds=DEADLINE)
    future = forking(trainer, run, "b")
    gate.unlink()
    new = future.result(DEADLINE)
    at = left_at(new)
    assert at == 5, "of the step that it was at no state could be kept any more"
    assert new.spec == run.spec.branch(at, **FAST)
    assert new.steps_done >= at, "what is shared is there at once"
    assert (set(run.leases), set(new.leases)) == ({"holder"}, {"b"})
    finished(scheduler, run, new)
    assert (records(run), records(new)) == (whole(run), whole(new))
    assert {r.lr for r in run.history.records} == {1e-4}
    assert [r.lr for r in new.history.records] == [1e-4] * at + [2e-4] * (STEPS - at)
    assert new.history.start == run.history.start
    assert trainer.log() == ["begin 1", "end 1", f"begin 1@{at} after {at}", f"end 1@{at}"]
    for one in (run, new):
        assert scheduler.store.load(one.digest)[0].history == one.history


def test_a_branch_leaves_where_the_worker_has_kept_a_state_though_more_steps_are_told(trainer, scheduler, patient):
    run, gate = trainer.held(1, step=8)
    future = forking(trainer, run, "a")
    (ticket,) = scheduler.pool.forks.waiting
    scheduler.pool.forks.give(ticket, 6)
    new = future.result(DEADLINE)
    assert (left_at(new), new.steps_done, run.steps_done) == (6, 6, 7)
    gate.unlink()
    finished(scheduler, run, new)


def test_a_run_whose_only_viewer_goes_over_to_a_branch_rests_where_it_is(trainer, scheduler, patient):
    run, gate = trainer.held(1, step=4)
    future = forking(trainer, run, "holder")
    later, before = trainer.set("hold", 1, 7), trainer.messages("heard Want")
    gate.unlink()
    new = future.result(DEADLINE)
    trainer.told("Want", before=before)
    later.unlink()
    finished(scheduler, new)
    assert (run.status, run.leases) == ("paused", {})
    assert left_at(new) == 5 <= run.steps_done <= 7, "whenever the worker heard of the branch"
    again = scheduler.watch(run, "a", seconds=DEADLINE)
    assert again.until >= STEPS
    finished(scheduler, run)
    assert records(run) == whole(run)
    assert trainer.log().count("begin 1") == 1


def test_two_who_branch_a_run_at_once_each_get_their_own(trainer, scheduler, patient):
    run, gate = trainer.held(1, step=4)
    futures = [forking(trainer, run, "a"), forking(trainer, run, "b", {"lr": "0.0003"})]
    assert len(scheduler.pool.forks.waiting) == 2
    gate.unlink()
    one, other = (future.result(DEADLINE) for future in futures)
    assert one is not other
    finished(scheduler, run, one, other)
    assert (set(run.leases), set(one.leases), set(other.leases)) == ({"holder"}, {"a"}, {"b"})
    assert [one.history.records[-1].lr, other.history.records[-1].lr] == [0.0002, 0.0003]
    assert all(records(each) == whole(each) for each in (run, one, other))


def test_two_who_make_the_same_branch_watch_one_run(trainer, scheduler):
    run, gate = trainer.held(1, step=8)
    one, other = scheduler.branch(run, "a", 5, FAST), scheduler.branch(run, "b", 5, FAST)
    assert one is other
    assert set(one.leases) == {"a", "b"}
    gate.unlink()
    finished(scheduler, run, one)
    assert scheduler.pool.begun["runs"] == 2


def test_a_branch_at_a_given_step_makes_only_the_steps_after_it(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    before = list(run.history.records)
    new = scheduler.branch(run, "a", 7, FAST, until=9)
    wait(lambda: new.status == "paused" and new.steps_done == 9, "step 9")
    assert new.history.records[:7] == before[:7]
    assert trainer.log() == ["begin 1", "end 1", "begin 1@7 after 7"]
    scheduler.pool.aim(new, "a", STEPS)
    finished(scheduler, new)
    assert [r.lr for r in new.history.records] == [1e-4] * 7 + [2e-4] * 13
    assert (run.status, run.history.records) == ("finished", before)


def test_a_branch_that_is_only_looked_at_is_not_computed(trainer, scheduler):
    run, gate = trainer.held(1, step=8)
    new = scheduler.branch(run, "a", 5, FAST, until=0)
    assert (new.steps_done, new.leases) == (5, {})
    gate.unlink()
    finished(scheduler, run)
    assert (new.status, new.steps_done) == ("paused", 5)


def test_a_branch_past_what_a_run_has_made_so_far_starts_with_all_of_it(trainer, scheduler):
    run, gate = trainer.held(1, step=4)
    new = scheduler.branch(run, "holder", 10, FAST)
    assert (left_at(new), new.steps_done) == (10, 3)
    gate.unlink()
    finished(scheduler, new)
    assert [r.lr for r in new.history.records] == [1e-4] * 10 + [2e-4] * 10
    assert "begin 1@10 after 3" in trainer.log()


def test_at_its_last_step_a_run_trains_on_for_as_long_again(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    longer = scheduler.branch(run, "a", STEPS, {})
    finished(scheduler, longer)
    assert longer.history.records[:STEPS] == run.history.records
    assert [r.step for r in longer.history.records] == list(range(1, 2 * STEPS + 1))
    assert scheduler.branch(run, "a", None, {}) is longer
    longest = scheduler.branch(longer, "a", None, FAST)
    finished(scheduler, longest)
    assert [r.lr for r in longest.history.records] == [1e-4] * 2 * STEPS + [2e-4] * STEPS
    assert [line for line in trainer.log() if "after" in line] == ["begin 1@20 after 20", "begin 1@20@40 after 40"]
    assert run.steps_done == STEPS


def test_a_branch_of_a_branch_starts_with_all_that_it_shares(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    one = scheduler.branch(run, "a", 5, FAST)
    finished(scheduler, one)
    other = scheduler.branch(one, "a", 12, {"lr": "0.0003"})
    finished(scheduler, other)
    assert [r.lr for r in other.history.records] == [1e-4] * 5 + [2e-4] * 7 + [3e-4] * 8
    assert trainer.log() == ["begin 1@5", "end 1@5", "begin 1@5@12 after 12", "end 1@5@12"]
    back = scheduler.branch(other, "a", 9, {"momentum": "0.5"})  # the change at 12 is not on its way
    finished(scheduler, back)
    assert [r.lr for r in back.history.records] == [1e-4] * 5 + [2e-4] * 15
    assert "begin 1@5@9 after 9" in trainer.log()


def test_after_a_restart_a_branch_starts_with_what_the_store_has(trainer, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    scheduler.close()
    later = trainer.another()
    later.start()
    one = later.branch(later.submit(made_up(1)), "a", 7, FAST)
    other = later.submit(made_up(2))  # its branch comes from a link: the run itself is not in memory
    later.watch(other, "a")
    finished(later, one, other)
    del later.runs[other.digest]
    linked = later.submit(other.spec.branch(8, **FAST))
    assert linked.history.records == other.history.records[:8]
    later.watch(linked, "a")
    finished(later, linked)
    assert one.history.records[:7] == run.history.records[:7]
    assert [line for line in trainer.log() if "after" in line] == ["begin 1@7 after 7", "begin 2@8 after 8"]
    assert later.store.load(one.digest)[0].history == one.history
    later.close()


def test_a_branch_with_nothing_changed_is_the_run_itself(trainer, scheduler):
    run, gate = trainer.held(1, step=8)
    for changes in ({}, {"lr": str(run.spec.lr)}):
        assert scheduler.branch(run, "holder", 5, changes) is run
    assert set(run.leases) == {"holder"}
    gate.unlink()
    finished(scheduler, run)
    assert (records(run), scheduler.pool.begun["runs"]) == (whole(run), 1)


@pytest.mark.parametrize(
    ("at", "changes", "words"),
    [
        (STEPS + 1, FAST, "the run has"),
        (STEPS + 1, {}, "the run has"),
        (5, {"depth": "4"}, "cannot change on the way"),
        (5, {"lr": "much"}, "a number from"),
        (-1, FAST, "."),
    ],
)
def test_what_cannot_be_branched_leaves_everything_as_it_is(at, changes, words, trainer, scheduler):
    run, gate = trainer.held(1, step=8)
    with pytest.raises(SpecError, match=words):
        scheduler.branch(run, "holder", at, changes)
    assert set(run.leases) == {"holder"}
    assert list(scheduler.runs.values()) == [run]
    gate.unlink()
    finished(scheduler, run)


def test_a_branch_past_the_limits_is_refused_and_its_viewer_stays(trainer, scheduler):
    run, gate = trainer.held(1, step=8)
    scheduler.limits = Limits(1e-9, 1e12)
    with pytest.raises(Refused):
        scheduler.branch(run, "holder", 5, FAST)
    assert set(run.leases) == {"holder"}
    gate.unlink()
    finished(scheduler, run)


def killed(trainer, run) -> None:
    kill(trainer.scheduler.pool.seats[0].process)
    wait(lambda: run.status == "failed", "its end to be noticed")


def cancelled(trainer, run) -> None:
    trainer.scheduler.cancel(run, "holder")
    trainer.told("Drop", before=0)


def put_aside(trainer, run) -> None:
    """Its viewer pauses at a step before the one that the state will be of."""
    before = trainer.messages("heard Want")
    trainer.scheduler.pool.aim(run, "holder", 4)
    trainer.told("Want", before=before)


@pytest.mark.parametrize("what", [killed, cancelled, put_aside])
def test_who_waits_to_branch_a_run_that_stops_branches_it_where_it_stopped(what, trainer, scheduler, patient):
    run, gate = trainer.held(1, step=4)
    future = forking(trainer, run, "holder")
    what(trainer, run)
    gate.unlink()
    new = future.result(DEADLINE)
    assert left_at(new) == (4 if what is put_aside else 3)
    finished(scheduler, new)
    assert records(new) == whole(new)
    assert new.history.records[:3] == run.history.records[:3]
    assert run.status == {killed: "failed", cancelled: "cancelled", put_aside: "paused"}[what]


def test_a_branch_does_not_wait_for_ever_for_the_step_under_way(trainer, scheduler, monkeypatch):
    monkeypatch.setattr(forks, "SECONDS", 0.01)
    run, gate = trainer.held(1, step=4)
    new = scheduler.branch(run, "a", None, FAST)
    assert (left_at(new), new.steps_done) == (3, 3)
    assert scheduler.pool.forks.waiting == {}
    gate.unlink()
    finished(scheduler, run, new)


def test_a_branch_that_failed_starts_over_where_it_left(trainer, scheduler):
    run, gate = trainer.held(1, step=8)
    gate.unlink()
    finished(scheduler, run)
    fault = trainer.set("raise", "1@5", 9)
    new = scheduler.branch(run, "a", 5, FAST)
    wait(lambda: new.status == "failed", "the failure")
    assert new.steps_done == 8
    fault.unlink()
    gate = trainer.set("hold", "1@5", 6)
    scheduler.restart(new)
    assert new.history.records == run.history.records[:5]
    gate.unlink()
    finished(scheduler, new)
    assert records(new) == whole(new)
    assert trainer.log().count("begin 1@5 after 5") == 2


def test_a_branch_goes_on_in_a_worker_that_takes_the_place_of_another(trainer, scheduler):
    run, gate = trainer.held(1, step=8)
    gate.unlink()
    finished(scheduler, run)
    new = scheduler.branch(run, "a", 5, FAST, until=10)
    wait(lambda: new.status == "paused" and new.steps_done == 10, "step 10")
    before = scheduler.pool.seats[0].process
    kill(before)
    wait(lambda: scheduler.pool.seats[0].process is not before and scheduler.pool.seats[0].ready, "another worker")
    scheduler.pool.aim(new, "a", STEPS)
    finished(scheduler, new)
    assert records(new) == whole(new)
    assert [line for line in trainer.log() if "after" in line] == ["begin 1@5 after 5", "begin 1@5 after 10"]
