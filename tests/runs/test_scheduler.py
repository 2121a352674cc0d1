"""Which run is computed when: with a quick worker of made-up records, and at the end with real ones."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from resviz.experiments.train import train
from resviz.records import History, Record
from resviz.runs import forks, seats
from resviz.runs import scheduler as module
from resviz.runs.limits import Limits, Refused, duration
from resviz.runs.scheduler import BROKEN_AFTER, Scheduler
from resviz.runs.states import States
from resviz.runs.store import Store
from resviz.spec import Spec
from resviz.words import SpecError

DEADLINE = 30.0

# A real worker's loop around made-up records. Files in its folder say what else is to happen at a step of a run:
# hold-SEED-STEP: wait there until the file is gone, at step 0 before the start; raise-, die- and half-SEED-STEP: fail,
# end, and end in the midst of a message. A branch is named SEED@STEP, after the step at which it left.
# A line is added to the file `log` for each run begun, and for each that ran to its end or failed.
WORKER = """
import os, queue, struct, sys, threading, time
from pathlib import Path
from resviz.records import ARMS, ArmRecord, ArmStart, Record, Start
from resviz.runs.messages import Found, Hello, receive, send
from resviz.runs import worker

# These would import torch.
worker.is_missing_data, worker.is_expected = lambda error: False, lambda error: True
worker.explain = lambda error: f"in short: {error}"

folder = Path(sys.argv[1])
out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")

def log(text):
    with (folder / "log").open("a") as file:
        file.write(text + "\\n")

def run(spec, *, after, keeper):
    name = "@".join(map(str, (spec.seed, *(edit.at for edit in spec.edits))))

    def at(what, step):
        return (folder / f"{what}-{name}-{step}").exists()

    log(f"begin {name}" + f" after {after}" * bool(after))
    while at("hold", 0):
        time.sleep(0.005)
    yield Start("cpu", {arm: ArmStart(spec.seed, "0" * 16) for arm in ARMS})
    for step in range(after + 1, spec.steps + 1):
        now, keep = spec.during(step), keeper.wants(step) | keeper.begins("plain", step)
        while at("hold", step):
            time.sleep(0.005)
        if at("raise", step):
            log(f"raise {name}")
            raise RuntimeError(f"asked to fail at {step}")
        if at("die", step):
            os._exit(5)
        if at("half", step):
            out.write(struct.pack("<I", 1000) + b"half a message")
            out.flush()
            os._exit(6)
        time.sleep(now.lr)
        if keep:
            keeper.keep(spec, step, {"plain": {"step": step}})
        yield Record(step, 1, now.lr, {arm: ArmRecord(spec.seed + 1 / step, 0.5, (1.0, 2.0)) for arm in ARMS})
    log(f"end {name}")

inbox = queue.Queue()

def listen():
    try:
        while True:
            inbox.put(receive(sys.stdin.buffer))
    except EOFError:
        os._exit(0)

threading.Thread(target=listen, daemon=True).start()
send(out, Found("cpu"))
send(out, Hello(5e10))
worker.Worker(inbox, lambda message: send(out, message), run).loop()
"""
STEPS = 20


def wait(condition, what="that", seconds=DEADLINE):
    """Until `condition()` is true; returns what it gives."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}"
        time.sleep(0.005)
    return found


def finished(scheduler: Scheduler, *runs) -> None:
    """Wait for the end of runs, and for their being kept, which happens under the same lock."""
    wait(lambda: all(run.status == "finished" for run in runs), "the end")
    with scheduler.lock:
        pass


def made_up(seed: int, *, pace: float = 1e-4) -> Spec:
    """A run of STEPS steps that the made-up worker takes `pace` seconds each for."""
    spec = Spec(depth=2, seed=seed, examples=200, batch=10, epochs=1, lr=pace, device="cpu")
    assert spec.steps == STEPS
    return spec


def losses(run) -> list[float]:
    return [r.arms["plain"].loss for r in run.history.records]


def whole(seed: int) -> list[float]:
    """Losses of the whole made-up run."""
    return [seed + 1 / step for step in range(1, STEPS + 1)]


class Office:
    """A scheduler with made-up workers, and a say in what they do."""

    def __init__(self, folder: Path, workers: int = 1) -> None:
        self.folder = folder
        (folder / "worker.py").write_text(WORKER)
        self.command = (sys.executable, str(folder / "worker.py"), str(folder))
        self.scheduler = Scheduler(
            Store(folder / "home"), workers=workers, limits=Limits(1e9, 1e12), command=self.command
        )

    def set(self, what: str, name: int | str, step: int) -> Path:
        path = self.folder / f"{what}-{name}-{step}"
        path.touch()
        return path

    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def held(self, seed: int, step: int = 1, *, pace: float = 1e-4):
        """A run that somebody watches and that is held at a step, so that its worker is busy; and what holds it.

        Once let go it should take its time, by `pace`, if a wish sent meanwhile is to reach the worker in the midst.
        """
        gate = self.set("hold", seed, step)
        run = self.scheduler.submit(made_up(seed, pace=pace))
        self.scheduler.watch(run, "holder", seconds=DEADLINE)
        wait(lambda: run.status == "running" and run.history.start and run.steps_done == step - 1, f"run {seed}")
        return run, gate


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    office.scheduler.start()
    yield office
    office.scheduler.close()


@pytest.fixture
def scheduler(office) -> Scheduler:
    return office.scheduler


# -- one run -------------------------------------------------------------------------------------


def test_a_watched_run_is_computed_and_kept(office, scheduler):
    run = scheduler.submit(made_up(1))
    lease = scheduler.watch(run, "a")
    assert lease.until >= STEPS
    finished(scheduler, run)
    assert [r.step for r in run.history.records] == list(range(1, STEPS + 1))
    assert losses(run) == whole(1)
    assert run.history.start.device == "cpu"
    assert run.seconds > 0
    assert run.message == ""
    kept, _ = scheduler.store.load(run.digest)
    assert kept.history == run.history
    assert scheduler.position(run) == 0


def test_nothing_is_computed_before_somebody_watches(office, scheduler):
    idle = scheduler.submit(made_up(1))
    watched = scheduler.submit(made_up(2))
    scheduler.watch(watched, "a")
    wait(lambda: watched.status == "finished", "the watched run")
    assert idle.status == "paused"
    assert office.log() == ["begin 2", "end 2"]
    assert scheduler.trained == 1


def test_step_by_step_a_run_stops_exactly_where_its_viewer_wants(office, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", until=3, seconds=DEADLINE)
    wait(lambda: run.status == "paused" and run.steps_done, "step 3")
    assert run.steps_done == 3
    for until in (4, 5, 9):
        scheduler.aim(run, "a", until)
        wait(lambda: run.status == "paused", f"step {until}")
        assert run.steps_done == until
    scheduler.aim(run, "a", 2)  # back: nothing to compute
    assert run.status == "paused"
    scheduler.aim(run, "somebody else", STEPS)  # who does not watch has no say
    assert run.status == "paused"
    scheduler.aim(run, "a", STEPS)
    wait(lambda: run.status == "finished", "the end")
    assert losses(run) == whole(1)
    assert office.log() == ["begin 1", "end 1"]
    assert scheduler.trained == 1


def test_the_furthest_wish_counts(office, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", until=2, seconds=DEADLINE)
    scheduler.watch(run, "b", until=7, seconds=DEADLINE)
    wait(lambda: run.status == "paused" and run.steps_done >= 2, "step 7")
    wait(lambda: run.status == "paused" and run.steps_done == 7, "step 7")
    assert run.viewers() == 2


def test_one_run_whose_viewers_want_different_steps_is_trained_once(office, scheduler):
    gate = office.set("hold", 1, 0)
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", until=2, seconds=DEADLINE)
    wait(lambda: office.log() == ["begin 1"], "the begin")
    scheduler.watch(run, "b", until=5, seconds=DEADLINE)
    scheduler.aim(run, "b", 9)
    gate.unlink()
    wait(lambda: run.steps_done == 9, "step 9")
    assert office.log() == ["begin 1"]
    assert scheduler.trained == 1


def test_many_who_ask_for_the_same_at_once_watch_one_run(office, scheduler):
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
    assert losses(runs[0]) == whole(1)
    assert office.log() == ["begin 1", "end 1"]
    assert scheduler.trained == 1


# -- several runs --------------------------------------------------------------------------------


def test_first_come_first_served(office, scheduler):
    first, gate = office.held(1)
    others = [scheduler.submit(made_up(seed)) for seed in (4, 3, 2)]
    for run in others:
        scheduler.watch(run, "a", seconds=DEADLINE)
    scheduler.watch(others[2], "b", seconds=DEADLINE)  # asking again changes nothing
    scheduler.get(others[1].digest)
    assert [scheduler.position(run) for run in (first, *others)] == [0, 1, 2, 3]
    assert [run.status for run in (first, *others)] == ["running", "queued", "queued", "queued"]
    assert scheduler.status() == {"device": "cpu", "workers": 1, "trained": 1, "running": 1, "queued": 3, "broken": ""}
    gate.unlink()
    wait(lambda: all(run.status == "finished" for run in others), "all")
    assert [line for line in office.log() if line.startswith("begin")] == ["begin 1", "begin 4", "begin 3", "begin 2"]
    assert [losses(run) for run in others] == [whole(4), whole(3), whole(2)]
    assert scheduler.trained == 4


def test_who_leaves_the_queue_makes_room(office, scheduler):
    _, gate = office.held(1)
    second, third = (scheduler.submit(made_up(seed)) for seed in (2, 3))
    for run in (second, third):
        scheduler.watch(run, "a", seconds=DEADLINE)
    scheduler.cancel(second, "a")
    assert (second.status, scheduler.position(second)) == ("cancelled", 0)
    assert scheduler.position(third) == 1
    gate.unlink()
    wait(lambda: third.status == "finished", "the third")
    assert "begin 2" not in office.log()


def test_two_workers_compute_two_runs_at_once(tmp_path):
    office = Office(tmp_path, workers=2)
    office.scheduler.start()
    first, gate = office.held(1)
    second, other_gate = office.held(2)
    third = office.scheduler.submit(made_up(3))
    office.scheduler.watch(third, "a", seconds=DEADLINE)
    assert [run.status for run in (first, second, third)] == ["running", "running", "queued"]
    assert office.scheduler.position(third) == 2
    other_gate.unlink()
    wait(lambda: third.status == "finished", "the third")
    assert first.status == "running"
    gate.unlink()
    wait(lambda: first.status == "finished", "the first")
    office.scheduler.close()


def test_a_run_whose_viewers_have_left_goes_on_while_nobody_else_waits(office, scheduler):
    run = scheduler.submit(made_up(1, pace=0.01))
    lease = scheduler.watch(run, "a")
    wait(lambda: run.steps_done >= 2, "step 2")
    scheduler.leave(run, "a", lease)
    assert run.viewers() == 0
    wait(lambda: run.status == "finished", "the end")
    assert losses(run) == whole(1)


def test_a_run_whose_viewers_have_left_yields_its_seat_and_goes_on_later(office, scheduler):
    run, gate = office.held(1, step=4, pace=0.03)
    scheduler.leave(run, "holder", run.leases["holder"])
    assert run.status == "running"
    watched = scheduler.submit(made_up(2))
    last = office.set("hold", 2, STEPS)
    scheduler.watch(watched, "b", seconds=DEADLINE)
    gate.unlink()
    wait(lambda: watched.steps_done == STEPS - 1, "the watched run")
    assert run.status == "queued"
    assert 3 <= run.steps_done < STEPS
    last.unlink()
    wait(lambda: run.status == "finished", "the one that had yielded")
    assert losses(run) == whole(1)
    assert losses(watched) == whole(2)
    assert office.log() == ["begin 1", "begin 2", "end 2", "end 1"]  # not begun anew: its worker had it parked
    assert scheduler.trained == 2


def test_a_run_that_somebody_still_watches_keeps_its_seat(office, scheduler):
    run, gate = office.held(1, step=4)
    scheduler.watch(run, "b", seconds=DEADLINE)
    scheduler.leave(run, "holder", run.leases["holder"])
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "c", seconds=DEADLINE)
    gate.unlink()
    wait(lambda: other.status == "finished", "the other")
    assert office.log() == ["begin 1", "end 1", "begin 2", "end 2"]


def test_after_a_while_a_run_that_nobody_watches_stops(office, scheduler, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)
    run, gate = office.held(1, step=4, pace=0.03)
    scheduler.leave(run, "holder", run.leases["holder"])
    wait(lambda: not run.leases, "the lease's end")
    with scheduler.lock:
        pass  # the worker has been told
    gate.unlink()
    wait(lambda: run.status == "paused", "the pause")
    assert run.steps_done < STEPS
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished", "the end")
    assert losses(run) == whole(1)
    assert office.log() == ["begin 1", "end 1"]


def test_a_viewer_who_vanishes_without_a_word_counts_only_for_a_while(office, scheduler):
    run, gate = office.held(1, step=4, pace=0.03)
    run.leases["holder"].expires = time.monotonic()  # it would have been renewed by now
    wait(lambda: not run.leases, "the lease's end")
    with scheduler.lock:
        pass  # the worker has been told
    gate.unlink()
    wait(lambda: run.status == "paused", "the pause")
    assert run.steps_done < STEPS


def test_a_stream_opened_again_is_not_ended_by_the_end_of_the_old_one(office, scheduler):
    run, gate = office.held(1, pace=0.03)
    old = run.leases["holder"]
    new = scheduler.watch(run, "holder", until=5, seconds=DEADLINE)
    scheduler.leave(run, "holder", old)
    assert run.leases["holder"] is new
    assert new.open
    gate.unlink()
    wait(lambda: run.status == "paused", "step 5")
    assert run.steps_done == 5


# -- branches ------------------------------------------------------------------------------------

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


def forking(scheduler: Scheduler, run, *viewers: str, changes=FAST) -> list[Future]:
    """Viewers who branch a run that is held at a step, and by now wait for the state."""
    found = [meanwhile(lambda v=v: scheduler.branch(run, v, None, changes)) for v in viewers]
    wait(lambda: len(scheduler.forks.waiting) == len(viewers), "the wish")
    time.sleep(0.05)  # for the wish to be read
    return found


def left_at(run) -> int:
    return run.spec.edits[-1].at


@pytest.fixture
def patient(monkeypatch):
    """Whoever waits for a state goes on waiting: one who is not answered is found out."""
    monkeypatch.setattr(forks, "SECONDS", 10 * DEADLINE)


def test_a_branch_leaves_its_run_to_those_who_watch_it(office, scheduler, patient):
    run, gate = office.held(1, step=4, pace=0.03)
    scheduler.watch(run, "b", seconds=DEADLINE)
    (future,) = forking(scheduler, run, "b")
    gate.unlink()
    new = future.result(DEADLINE)
    at = left_at(new)
    assert 4 <= at < STEPS
    assert new.spec == run.spec.branch(at, **FAST)
    assert new.steps_done >= at, "what is shared is there at once"
    assert (set(run.leases), set(new.leases)) == ({"holder"}, {"b"})
    finished(scheduler, run, new)
    assert (losses(run), losses(new)) == (whole(1), whole(1))
    assert {r.lr for r in run.history.records} == {0.03}
    assert [r.lr for r in new.history.records] == [0.03] * at + [0.0002] * (STEPS - at)
    assert new.history.start == run.history.start
    assert office.log() == ["begin 1", "end 1", f"begin 1@{at} after {at}", f"end 1@{at}"]
    for one in (run, new):
        assert scheduler.store.load(one.digest)[0].history == one.history


def test_a_branch_leaves_where_the_worker_has_kept_a_state_though_more_steps_are_told(office, scheduler, patient):
    run, gate = office.held(1, step=8)
    (future,) = forking(scheduler, run, "a")
    (ticket,) = scheduler.forks.waiting
    scheduler.forks.give(ticket, 6)
    new = future.result(DEADLINE)
    assert (left_at(new), new.steps_done, run.steps_done) == (6, 6, 7)
    gate.unlink()
    finished(scheduler, run, new)


def test_a_run_whose_only_viewer_goes_over_to_a_branch_rests_where_it_is(office, scheduler, patient):
    run, gate = office.held(1, step=4, pace=0.03)
    (future,) = forking(scheduler, run, "holder")
    gate.unlink()
    new = future.result(DEADLINE)
    finished(scheduler, new)
    assert (run.status, run.leases) == ("paused", {})
    assert left_at(new) <= run.steps_done < STEPS
    again = scheduler.watch(run, "a", seconds=DEADLINE)
    assert again.until >= STEPS
    finished(scheduler, run)
    assert losses(run) == whole(1)
    assert office.log().count("begin 1") == 1


def test_two_who_branch_a_run_at_once_each_get_their_own(office, scheduler, patient):
    run, gate = office.held(1, step=4, pace=0.03)
    futures = [*forking(scheduler, run, "a"), meanwhile(lambda: scheduler.branch(run, "b", None, {"lr": "0.0003"}))]
    wait(lambda: len(scheduler.forks.waiting) == 2, "both wishes")
    gate.unlink()
    one, other = (future.result(DEADLINE) for future in futures)
    assert one is not other
    finished(scheduler, run, one, other)
    assert (set(run.leases), set(one.leases), set(other.leases)) == ({"holder"}, {"a"}, {"b"})
    assert [one.history.records[-1].lr, other.history.records[-1].lr] == [0.0002, 0.0003]
    assert losses(one) == losses(other) == losses(run) == whole(1)


def test_two_who_make_the_same_branch_watch_one_run(office, scheduler):
    run, gate = office.held(1, step=8)
    one, other = scheduler.branch(run, "a", 5, FAST), scheduler.branch(run, "b", 5, FAST)
    assert one is other
    assert set(one.leases) == {"a", "b"}
    gate.unlink()
    finished(scheduler, run, one)
    assert scheduler.trained == 2


def test_a_branch_at_a_given_step_makes_only_the_steps_after_it(office, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    before = list(run.history.records)
    new = scheduler.branch(run, "a", 7, FAST, until=9)
    wait(lambda: new.status == "paused" and new.steps_done == 9, "step 9")
    assert new.history.records[:7] == before[:7]
    assert office.log() == ["begin 1", "end 1", "begin 1@7 after 7"]
    scheduler.aim(new, "a", STEPS)
    finished(scheduler, new)
    assert [r.lr for r in new.history.records] == [1e-4] * 7 + [2e-4] * 13
    assert (run.status, run.history.records) == ("finished", before)


def test_a_branch_that_is_only_looked_at_is_not_computed(office, scheduler):
    run, gate = office.held(1, step=8)
    new = scheduler.branch(run, "a", 5, FAST, until=0)
    assert (new.steps_done, new.leases) == (5, {})
    gate.unlink()
    finished(scheduler, run)
    assert (new.status, new.steps_done) == ("paused", 5)


def test_a_branch_past_what_a_run_has_made_so_far_starts_with_all_of_it(office, scheduler):
    run, gate = office.held(1, step=4)
    new = scheduler.branch(run, "holder", 10, FAST)
    assert (left_at(new), new.steps_done) == (10, 3)
    gate.unlink()
    finished(scheduler, new)
    assert [r.lr for r in new.history.records] == [1e-4] * 10 + [2e-4] * 10
    assert "begin 1@10 after 3" in office.log()


def test_at_its_last_step_a_run_trains_on_for_as_long_again(office, scheduler):
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
    assert [line for line in office.log() if "after" in line] == ["begin 1@20 after 20", "begin 1@20@40@40 after 40"]
    assert run.steps_done == STEPS


def test_a_branch_of_a_branch_starts_with_all_that_it_shares(office, scheduler):
    run = scheduler.submit(made_up(1))
    one = scheduler.branch(run, "a", 5, FAST)
    finished(scheduler, one)
    other = scheduler.branch(one, "a", 12, {"lr": "0.0003"})
    finished(scheduler, other)
    assert [r.lr for r in other.history.records] == [1e-4] * 5 + [2e-4] * 7 + [3e-4] * 8
    assert office.log() == ["begin 1@5", "end 1@5", "begin 1@5@12 after 12", "end 1@5@12"]
    back = scheduler.branch(other, "a", 9, {"momentum": "0.5"})  # the change at 12 is not on its way
    finished(scheduler, back)
    assert [r.lr for r in back.history.records] == [1e-4] * 5 + [2e-4] * 15
    assert "begin 1@5@9 after 9" in office.log()


def test_after_a_restart_a_branch_starts_with_what_the_store_has(office, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    scheduler.close()
    later = Scheduler(Store(office.folder / "home"), limits=Limits(1e9, 1e12), command=office.command)
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
    assert [line for line in office.log() if "after" in line] == ["begin 1@7 after 7", "begin 2@8 after 8"]
    assert later.store.load(one.digest)[0].history == one.history
    later.close()


def test_a_branch_with_nothing_changed_is_the_run_itself(office, scheduler):
    run, gate = office.held(1, step=8)
    for changes in ({}, {"lr": str(run.spec.lr)}):
        assert scheduler.branch(run, "holder", 5, changes) is run
    assert set(run.leases) == {"holder"}
    gate.unlink()
    finished(scheduler, run)
    assert (losses(run), scheduler.trained) == (whole(1), 1)


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
def test_what_cannot_be_branched_leaves_everything_as_it_is(at, changes, words, office, scheduler):
    run, gate = office.held(1, step=8)
    with pytest.raises(SpecError, match=words):
        scheduler.branch(run, "holder", at, changes)
    assert set(run.leases) == {"holder"}
    assert list(scheduler.runs.values()) == [run]
    gate.unlink()
    finished(scheduler, run)


def test_a_branch_past_the_limits_is_refused_and_its_viewer_stays(office, scheduler):
    run, gate = office.held(1, step=8)
    scheduler.limits = Limits(1e-9, 1e12)
    with pytest.raises(Refused):
        scheduler.branch(run, "holder", 5, FAST)
    assert set(run.leases) == {"holder"}
    gate.unlink()
    finished(scheduler, run)


def killed(office, run) -> None:
    os.kill(office.scheduler.seats[0].process.pid, signal.SIGKILL)


def cancelled(office, run) -> None:
    office.scheduler.cancel(run, "holder")


def put_aside(office, run) -> None:
    """Its viewer pauses at a step before the one that the state will be of."""
    office.scheduler.aim(run, "holder", 4)


@pytest.mark.parametrize("what", [killed, cancelled, put_aside])
def test_who_waits_to_branch_a_run_that_stops_branches_it_where_it_stopped(what, office, scheduler, patient):
    run, gate = office.held(1, step=4, pace=0.03)
    (future,) = forking(scheduler, run, "holder")
    what(office, run)
    time.sleep(0.05)  # for the worker to have been told
    gate.unlink()
    new = future.result(DEADLINE)
    assert left_at(new) in (3, 4, 5)
    finished(scheduler, new)
    assert losses(new) == whole(1)
    assert new.history.records[:3] == run.history.records[:3]
    assert run.status == {killed: "failed", cancelled: "cancelled", put_aside: "paused"}[what]


def test_a_branch_does_not_wait_for_ever_for_the_step_under_way(office, scheduler, monkeypatch):
    monkeypatch.setattr(forks, "SECONDS", 0.01)
    run, gate = office.held(1, step=4)
    new = scheduler.branch(run, "a", None, FAST)
    assert (left_at(new), new.steps_done) == (3, 3)
    assert scheduler.forks.waiting == {}
    gate.unlink()
    finished(scheduler, run, new)


def test_a_branch_that_failed_starts_over_where_it_left(office, scheduler):
    run, gate = office.held(1, step=8)
    gate.unlink()
    finished(scheduler, run)
    fault = office.set("raise", "1@5", 9)
    new = scheduler.branch(run, "a", 5, FAST)
    wait(lambda: new.status == "failed", "the failure")
    assert new.steps_done == 8
    fault.unlink()
    gate = office.set("hold", "1@5", 6)
    scheduler.restart(new)
    assert new.history.records == run.history.records[:5]
    gate.unlink()
    finished(scheduler, new)
    assert losses(new) == whole(1)
    assert office.log().count("begin 1@5 after 5") == 2


def test_a_branch_goes_on_in_a_worker_that_takes_the_place_of_another(office, scheduler):
    run, gate = office.held(1, step=8)
    gate.unlink()
    finished(scheduler, run)
    new = scheduler.branch(run, "a", 5, FAST, until=10)
    wait(lambda: new.status == "paused" and new.steps_done == 10, "step 10")
    before = scheduler.seats[0].process
    os.kill(before.pid, signal.SIGKILL)
    wait(lambda: scheduler.seats[0].process is not before and scheduler.seats[0].ready, "another worker")
    scheduler.aim(new, "a", STEPS)
    finished(scheduler, new)
    assert losses(new) == whole(1)
    assert [line for line in office.log() if "after" in line] == ["begin 1@5 after 5", "begin 1@5 after 10"]


# -- cancelling and starting over ----------------------------------------------------------------


def test_cancelling_ends_a_run_and_keeps_its_records_on_screen(office, scheduler):
    run, gate = office.held(1, step=6)
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


def test_cancelling_what_others_watch_is_only_leaving(office, scheduler):
    run, gate = office.held(1, step=3)
    scheduler.watch(run, "b", seconds=DEADLINE)
    scheduler.cancel(run, "holder")
    assert run.status == "running"
    assert set(run.leases) == {"b"}
    gate.unlink()
    wait(lambda: run.status == "finished", "the end")
    scheduler.cancel(run, "b")
    assert run.status == "finished"


def test_a_cancelled_run_starts_over_on_request(office, scheduler):
    run, gate = office.held(1, step=6)
    scheduler.cancel(run, "holder")
    gate.unlink()
    assert scheduler.restart(run) is run
    assert (run.status, run.steps_done, run.message) == ("paused", 0, "")
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished", "the end")
    assert losses(run) == whole(1)
    assert [line for line in office.log() if line == "begin 1"] == ["begin 1", "begin 1"]
    assert scheduler.trained == 2
    assert scheduler.restart(run).status == "finished"  # nothing to start over
    assert losses(run) == whole(1)


def test_news_of_the_run_before_do_not_end_the_one_started_over(office, scheduler):
    """Cancelled and started over while the last messages of the first attempt are still on their way."""
    run, gate = office.held(1, step=6)
    with scheduler.lock:  # the listener waits outside, with the rest of the first attempt in the pipe
        gate.unlink()
        wait(lambda: "end 1" in office.log(), "the worker's end of the first attempt")
        time.sleep(0.1)  # for its last word, which follows the log
        scheduler.cancel(run, "holder")
        scheduler.restart(run)
        scheduler.watch(run, "a", seconds=DEADLINE)
    finished(scheduler, run)
    assert losses(run) == whole(1)
    assert scheduler.store.load(run.digest)[0].history.records == run.history.records


def test_a_cancelled_run_stays_cancelled_when_its_failure_comes_in_late(office, scheduler):
    run, gate = office.held(1, step=6)
    office.set("raise", 1, 6)
    with scheduler.lock:
        gate.unlink()
        wait(lambda: "raise 1" in office.log(), "the failure")
        time.sleep(0.1)  # for the worker's word on it, which follows the log
        scheduler.cancel(run, "holder")
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "a")
    finished(scheduler, other)
    assert (run.status, run.message) == ("cancelled", f"Cancelled after step 5 of {STEPS}.")


# -- what goes wrong -----------------------------------------------------------------------------


def test_a_run_that_fails_says_why_and_can_be_run_again(office, scheduler):
    fault = office.set("raise", 1, 4)
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    wait(lambda: run.status == "failed", "the failure")
    assert run.message == "in short: asked to fail at 4"
    assert run.steps_done == 3
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "a")
    wait(lambda: other.status == "finished", "the next run")
    fault.unlink()
    scheduler.restart(run)
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished", "the second attempt")
    assert losses(run) == whole(1)
    assert run.message == ""


@pytest.mark.parametrize(("how", "words"), [("kill", "signal 9"), ("die", "exit code 5"), ("half", "exit code 6")])
def test_a_worker_that_dies_fails_its_run_and_is_replaced(how, words, office, scheduler):
    run, gate = office.held(1, step=4)
    waiting = scheduler.submit(made_up(2))
    scheduler.watch(waiting, "b", seconds=DEADLINE)
    before = scheduler.seats[0].process
    if how == "kill":
        os.kill(before.pid, signal.SIGKILL)
    else:
        office.set(how, 1, 4)
        gate.unlink()
    wait(lambda: run.status == "failed", "the failure")
    assert words in run.message
    assert f"after step 3 of {STEPS}" in run.message
    wait(lambda: waiting.status == "finished", "the run that waited")
    assert losses(waiting) == whole(2)
    assert scheduler.seats[0].process.pid != before.pid
    assert scheduler.broken == ""
    for path in (gate, office.folder / f"{how}-1-4"):
        path.unlink(missing_ok=True)
    scheduler.restart(run)
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished", "the second attempt")
    assert losses(run) == whole(1)


def test_a_run_parked_in_a_worker_that_dies_is_made_again_to_the_same_numbers(office, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a", until=5, seconds=DEADLINE)
    wait(lambda: run.status == "paused" and run.steps_done == 5, "step 5")
    before = scheduler.seats[0].process
    os.kill(before.pid, signal.SIGKILL)
    wait(lambda: scheduler.seats[0].process is not before and scheduler.seats[0].ready, "another worker")
    assert (run.status, run.steps_done) == ("paused", 5)
    scheduler.aim(run, "a", STEPS)
    wait(lambda: run.status == "finished", "the end")
    assert losses(run) == whole(1)
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
def test_a_run_that_cannot_be_kept_is_finished_and_says_so(what, office, scheduler):
    run = scheduler.submit(made_up(1))
    if what == "records":
        scheduler.store.folder.rmdir()
    else:
        scheduler.store.db.execute("PRAGMA query_only = 1")  # as on a disk gone read-only
    scheduler.watch(run, "a")
    wait(lambda: run.status == "finished" and run.message, "the end, and a word on it")
    assert losses(run) == whole(1)
    assert "could not be kept on disk" in run.message
    assert "None" not in run.message
    scheduler.store.folder.mkdir(exist_ok=True)
    scheduler.store.db.execute("PRAGMA query_only = 0")
    other = scheduler.submit(made_up(2))
    scheduler.watch(other, "a")
    finished(scheduler, other)
    assert other.message == ""
    assert scheduler.store.load(other.digest)[0].history == other.history


# -- what is kept, and what is refused -----------------------------------------------------------


def test_a_kept_run_is_there_without_a_worker(office, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    later = Scheduler(Store(office.folder / "home"))  # never started
    found = later.submit(made_up(1))
    assert found.status == "finished"
    assert found.history == run.history
    assert found.seconds == run.seconds
    assert later.trained == 0
    assert later.resolve(Spec(depth=2)).device == "cpu"  # learnt from the worker before
    assert later.macs_per_second == 5e10
    later.close()


def test_a_damaged_run_says_so_and_is_made_again(office, scheduler):
    run = scheduler.submit(made_up(1))
    scheduler.watch(run, "a")
    finished(scheduler, run)
    path = scheduler.store.path(run.digest)
    path.write_bytes(path.read_bytes()[:500])
    later = Scheduler(Store(office.folder / "home"), command=office.command)
    later.start()
    again = later.submit(made_up(1))
    assert again.status == "paused"
    assert "damaged" in again.message
    later.watch(again, "a")
    finished(later, again)
    assert losses(again) == whole(1)
    later.close()
    assert Store(office.folder / "home").load(run.digest)[0].history == again.history


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


def test_what_is_kept_already_is_past_no_limit(tmp_path, real_run):
    """Showing a finished run costs nothing, whatever it once took and however small the machine is now."""
    store = Store(tmp_path)
    store.keep(real_run, 1.0)
    scheduler = Scheduler(store, limits=Limits(seconds=1e-6, bytes=1))
    assert scheduler.submit(real_run.spec).status == "finished"
    scheduler.close()


def test_auto_waits_for_the_first_worker_to_say_what_it_stands_for(office, scheduler):
    spec = scheduler.resolve(Spec(depth=2), timeout=DEADLINE)
    assert spec == Spec(depth=2, device="cpu")
    assert scheduler.resolve(Spec(depth=2, device="cuda")).device == "cuda"
    assert scheduler.submit(Spec(depth=2)) is scheduler.submit(Spec(depth=2, device="cpu"))
    assert scheduler.store.fact("device") == "cpu"


def test_memory_holds_only_so_many_runs(office, scheduler, monkeypatch):
    """Those that have been watched and finished too; they come back from the store."""
    monkeypatch.setattr(module, "KEPT_IN_MEMORY", 3)
    monkeypatch.setattr(module, "YOUNG_SECONDS", 0.0)
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.0)
    for seed in range(6):
        run = scheduler.submit(made_up(seed))
        lease = scheduler.watch(run, "a", seconds=DEADLINE)
        finished(scheduler, run)
        scheduler.leave(run, "a", lease)
    time.sleep(0.01)  # past the last lease
    last = scheduler.submit(made_up(6))
    assert len(scheduler.runs) <= 4
    assert scheduler.get(last.digest) is last
    assert scheduler.get(made_up(0).digest) is None
    again = scheduler.submit(made_up(0))
    assert (again.status, losses(again)) == ("finished", whole(0))
    assert scheduler.trained == 6


def test_memory_keeps_every_run_that_somebody_watches(office, scheduler, monkeypatch):
    monkeypatch.setattr(module, "KEPT_IN_MEMORY", 1)
    monkeypatch.setattr(module, "YOUNG_SECONDS", 0.0)
    _, gate = office.held(1)
    runs = []
    for seed in (2, 3):
        runs.append(scheduler.submit(made_up(seed)))
        scheduler.watch(runs[-1], "a", seconds=DEADLINE)
    scheduler.submit(made_up(4))
    gate.unlink()
    wait(lambda: all(run.status == "finished" for run in runs), "both")


def test_closing_leaves_no_process(tmp_path):
    office = Office(tmp_path, workers=2)
    office.scheduler.start()
    processes = [seat.process for seat in office.scheduler.seats]
    office.held(1)
    office.scheduler.close()
    assert all(process.poll() is not None for process in processes)


# -- with real workers ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """One scheduler with one real worker for all tests below: it takes seconds to warm up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESVIZ_HOME", str(tmp_path_factory.mktemp("home")))
        scheduler = Scheduler(Store())
        scheduler.start()
        wait(lambda: scheduler.seats[0].ready, "the worker", 240)
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
    before, runs = real.trained, []

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
    assert real.trained == before + 1
    assert runs[0].history == uninterrupted(training(seed=1))


def test_a_run_in_pieces_and_pushed_aside_comes_to_the_numbers_of_one_in_one_go(real):
    run, other = real.submit(training(seed=2, epochs=6)), real.submit(training(seed=3, epochs=1))
    lease = real.watch(run, "a", until=3, seconds=DEADLINE)
    wait(lambda: run.status == "paused" and run.steps_done == 3, "step 3")
    real.aim(run, "a", 10**9)
    wait(lambda: run.steps_done > 4, "step 5")
    real.leave(run, "a", lease)
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
    assert all(seat.process is None for seat in later.seats)
    later.close()


def test_a_branch_made_live_has_the_numbers_of_one_trained_from_nothing(real):
    run = real.submit(training(seed=6, epochs=40))
    real.watch(run, "a", seconds=DEADLINE)
    wait(lambda: run.steps_done > 4, "step 5")
    new = real.branch(run, "a", None, {"cut": "1", "optimizer": "adam", "lr": "0.001", "epochs": "3"})
    at = left_at(new)
    finished(real, new)
    assert at >= 5
    assert new.history == uninterrupted(new.spec)
    found = States(real.store.root / "states").of(run.spec).nearest(run.spec, at)
    assert found
    assert found[0] == at, "the state is on the disk, for other workers and later days"


def test_after_a_restart_of_everything_a_branch_goes_on_from_a_kept_state(real):
    run = real.submit(training(seed=7, epochs=4))
    real.watch(run, "a", until=20, seconds=DEADLINE)
    wait(lambda: run.steps_done > 4, "step 5")
    at = left_at(real.branch(run, "b", None, {"cut": "1"}, until=0))
    real.aim(run, "a", 10**9)
    finished(real, run)
    wait(lambda: (real.store.root / "states" / run.spec.trunk(at).digest / f"{at}.pt").exists(), "the state")
    later = Scheduler(Store(real.store.root))
    later.start()
    new = later.branch(later.submit(run.spec), "a", at, {"remove": "2", "branch_scale": "0.5"})
    assert new.steps_done == at
    later.watch(new, "a", seconds=240)
    wait(lambda: new.status == "finished", "the end", 240)
    assert new.history == uninterrupted(new.spec)
    later.close()


def test_a_killed_worker_fails_its_training_and_the_next_one_works(real):
    run = real.submit(training(seed=4, epochs=500))
    real.watch(run, "a", seconds=DEADLINE)
    wait(lambda: run.steps_done > 2, "step 3")
    os.kill(real.seats[0].process.pid, signal.SIGKILL)
    wait(lambda: run.status == "failed", "the failure")
    assert "signal 9" in run.message
    following = real.submit(training(seed=5, epochs=1))
    real.watch(following, "a", seconds=240)
    wait(lambda: following.status == "finished", "the next run", 240)
    assert following.history == uninterrupted(following.spec)
