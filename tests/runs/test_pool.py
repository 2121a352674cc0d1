"""The lanes of the pool: nothing waits for the work of another lane, a free seat helps out, and those who wait take turns."""

import pytest

from resviz.runs import answers as asking
from resviz.runs import pool as module
from resviz.runs.answers import Answers
from resviz.runs.jobs import FOREVER, Lease
from resviz.runs.lanes import seats
from resviz.runs.pool import Pool
from resviz.runs.questions import KINDS, Question
from resviz.runs.store import Store
from resviz.topics.calculator.question import CountSpec
from tests.paced import history
from tests.runs import parts
from tests.runs.parts import Noting, Office, answer_to, look, part, question
from tests.runs.trainers import made_up
from tests.runs.waiting import DEADLINE, wait

pytestmark = pytest.mark.process


@pytest.fixture
def three(tmp_path, forks, monkeypatch):
    """A process a lane; viewers stay who have been heard of once."""
    monkeypatch.setattr(asking, "Answer", Noting)
    monkeypatch.setattr(asking, "AWAY_SECONDS", 600.0)
    office = Office(tmp_path, forks, runs=1)
    wait(lambda: all(seat.ready for seat in office.pool.seats if seat.lane != "panels"), "the processes")
    yield office
    office.close()


@pytest.fixture
def turns_at_once(monkeypatch):
    """A turn is over with the first part, and any difference counts."""
    monkeypatch.setitem(module.TURN_SECONDS, "panels", 0.0)
    monkeypatch.setattr("resviz.runs.turns.GRAIN_SECONDS", 1e-6)


def held(office, seed=1, step=3):
    """A run that is held at a step."""
    gate = office.folder / f"hold-{seed}-{step}"
    gate.touch()
    run = office.runs.submit(made_up(seed))
    office.runs.watch(run, "holder", seconds=DEADLINE)
    wait(lambda: run.steps_done == step - 1, "the run")
    return run, gate


# -- lanes -----------------------------------------------------------------------------------------


def test_every_kind_of_question_has_its_lane_and_what_is_slow_is_not_answered_in_that_of_clicks():
    assert {kind.lane for kind in KINDS.values()} == {"click", "panels"}
    assert all(kind.lane == "panels" for kind in KINDS.values() if kind.parts)


@pytest.mark.parametrize(("cores", "workers", "found"), [(2, "", 1), (16, "", 8), (2, "5", 5)])
def test_a_machine_has_one_process_for_clicks_one_or_more_for_panels_and_as_many_for_runs_as_are_asked(
    monkeypatch, cores, workers, found
):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    if workers:
        monkeypatch.setenv("RESVIZ_WORKERS", workers)
    else:
        monkeypatch.delenv("RESVIZ_WORKERS", raising=False)
    assert seats() == {"click": 1, "panels": max(1, cores // 4), "runs": found}


def test_no_lane_waits_for_another(three):
    run, run_gate = held(three)
    learnt, part_gate = three.busy("a")
    waiting, _ = three.ask(question(2), "b"), three.ask(question(3), "c")
    assert three.answer(three.ask(look(7), "d")) == answer_to(7), "a click is answered beside both"
    assert (run.status, three.status(learnt), three.status(waiting)) == ("running", "running", "queued")
    run_gate.unlink()
    wait(lambda: run.status == "finished", "the run")
    assert run.history.records == history(run.spec).records
    assert three.answer(waiting) == part(waiting, 3), "a free seat of the other lane helps out"
    assert three.status(learnt) == "running", "while its own is busy"
    part_gate.unlink()
    assert three.answer(learnt) == part(learnt, 3)


def test_positions_are_those_of_a_lane(three):
    run, _ = held(three)
    learnt, _ = three.busy("a")
    others = [three.ask(question(seed), f"viewer {seed}") for seed in (2, 3, 4)]
    second = three.runs.submit(made_up(2))
    three.runs.watch(second, "b", seconds=DEADLINE)
    at = [three.pool.position(three.answers.job(asked)) for asked in (learnt, *others)]
    assert (at, three.pool.position(run), three.pool.position(second)) == ([0, 1, 2, 3], 0, 1)
    three.ask(question(3), "another viewer of the same")
    assert three.pool.position(three.answers.job(question(4))) == 3, "what several wait for is answered once"
    three.answers.leave("viewer 2")
    assert [three.pool.position(three.answers.job(asked)) for asked in others] == [0, 1, 2]


def test_a_seat_that_helps_is_given_back_at_the_next_part_and_what_was_there_goes_on_later(three, monkeypatch):
    monkeypatch.setitem(module.TURN_SECONDS, "runs", 600.0)
    helper, gate = three.busy("a", "deaf")
    assert three.answers.job(helper).place.lane == "runs", "whose process is there already"
    run = three.runs.submit(made_up(1))
    three.runs.watch(run, "b", seconds=DEADLINE)
    assert run.status == "queued"
    later = three.set("hold", helper, 3)
    gate.unlink()
    wait(lambda: run.status == "finished", "the run")
    assert not three.answers.remembered(helper)
    later.unlink()
    assert three.answer(helper) == part(helper, 3)


def test_what_cannot_be_left_between_two_parts_never_helps_out(tmp_path):
    pool = Pool(Store(tmp_path), {"panels": 0, "runs": 1})
    pool.seats[0].ready = True
    answers = Answers(pool)
    for kind, status in (("steptime", "queued"), ("check", "queued")):
        answers.ask(kind, Question(kind, CountSpec()))
        assert answers.job(Question(kind, CountSpec())).status == status
    asked = question(1)
    answers.ask("b", asked)
    assert answers.job(asked).status == "running"


def test_what_nobody_waits_for_and_cannot_be_stopped_loses_its_process(tmp_path):
    killed = []

    class Process:
        stdin = None

        def kill(self):
            killed.append(True)

    pool = Pool(Store(tmp_path), {"panels": 1})
    pool.seats[0].process, pool.seats[0].ready = Process(), True
    answers = Answers(pool)
    asked = Question("steptime", CountSpec())
    answers.ask("a", asked)
    answers.ask("b", asked)
    answers.leave("a")
    assert not killed, "somebody waits for it still"
    answers.leave("b")
    assert killed
    pool._hire = lambda seat: None
    pool._on_death(pool.seats[0], -9)
    assert answers.job(asked).status == "paused" and not answers.job(asked).message


# -- turns -------------------------------------------------------------------------------------------


def test_who_has_had_less_goes_first_though_they_came_later(office, monkeypatch):
    monkeypatch.setattr("resviz.runs.turns.GRAIN_SECONDS", 1e-6)
    _, gate = office.busy("a")
    office.pool.turns.charge(["b"], 60.0)
    later, first = office.ask(question(2), "b"), office.ask(question(3), "c")
    gate.unlink()
    office.answer(later)
    assert office.begun() == [100, 3, 2]
    assert office.answer(first) == part(first, 3)


@pytest.mark.usefixtures("turns_at_once")
def test_what_takes_long_gives_way_to_others_and_goes_on_where_it_was(office):
    long, gate = office.busy("a", "deaf")
    other = office.ask(question(7), "b")
    later = office.set("hold", long, 3)
    gate.unlink()
    assert office.answer(other) == part(other, 3)
    assert office.status(long) in ("queued", "running") and not office.answers.remembered(long)
    later.unlink()
    assert office.answer(long) == part(long, 3)
    assert office.begun() == [100, 7], "none of them was begun twice"


@pytest.mark.usefixtures("turns_at_once")
def test_what_takes_long_goes_on_while_nobody_waits(office):
    asked = office.ask(question(8, parts=20))
    assert office.answer(asked) == part(asked, 20)
    assert office.heard("Want") == 0, "nothing was said after the first word"


@pytest.mark.usefixtures("turns_at_once")
def test_only_so_many_take_turns_that_none_is_forgotten_and_made_again(office):
    seeds = range(1, 8)
    gates = [office.set("hold", question(seed), 2) for seed in seeds]
    asked = [office.ask(question(seed), f"viewer {seed}") for seed in seeds]

    def many_turns():
        with office.pool.lock:  # as the clock does once a second
            office.pool.arrange()
        # A wish that another one follows at once begins nothing: until then it has had no turn.
        return office.heard("Want") > 20 and len(office.begun()) >= module.MOST_BEGUN

    wait(many_turns, "turns to be taken")
    assert len(office.begun()) == module.MOST_BEGUN, "the others are not begun before one of these has ended"
    for gate in gates:
        gate.unlink()
    for one in asked:
        assert office.answer(one) == part(one, 3)
    assert sorted(office.begun()) == list(seeds), "each was begun once"
    assert all(office.came(one) == [1, 2, 3] for one in asked)


def test_runs_take_turns_too(tmp_path, forks, monkeypatch):
    monkeypatch.setitem(module.TURN_SECONDS, "runs", 0.0)
    monkeypatch.setattr("resviz.runs.turns.GRAIN_SECONDS", 1e-6)
    office = parts.Office(tmp_path, forks, runs=1)
    run, gate = held(office, seed=1, step=4)
    other = office.runs.submit(made_up(2))
    office.runs.watch(other, "b", seconds=DEADLINE)
    held_again = office.folder / "hold-2-5"
    held_again.touch()
    gate.unlink()
    wait(lambda: other.steps_done, "the other")
    assert run.status != "finished"
    held_again.unlink()
    wait(lambda: run.status == other.status == "finished", "both")
    assert all(r.history.records == history(r.spec).records for r in (run, other))
    office.close()


def test_runs_that_their_viewers_have_paused_leave_room_for_the_next(tmp_path, forks):
    office = parts.Office(tmp_path, forks, runs=1)
    for seed in range(1, module.MOST_BEGUN + 3):
        run = office.runs.submit(made_up(seed))
        office.runs.watch(run, "a", seconds=DEADLINE, until=2)
        wait(lambda run=run: run.steps_done == 2, f"run {seed}")
    office.close()


# -- a lane that does not work -------------------------------------------------------------------------


def test_a_lane_whose_processes_end_before_they_are_ready_says_so_and_others_go_on(tmp_path, forks):
    office = Office(tmp_path, forks)
    office.pool.commands = {**office.pool.commands, "panels": ("/bin/false",)}
    asked = office.ask(question(1))
    broken = wait(lambda: office.pool.broken.get("panels"), "the sentence")
    assert broken.startswith("Nothing can be measured here: the worker process ends with exit code 1")
    assert office.status(asked) == "queued"
    assert office.answer(office.ask(look(7))) == answer_to(7)
    office.close()


def test_a_lease_that_is_no_longer_fresh_does_not_wait_and_is_good_until_it_expires(tmp_path):
    lease = Lease(FOREVER, expires=1e12, fresh=0.0)
    assert lease.open and not lease.waits
    assert Lease(FOREVER, expires=1e12).waits
    assert not Lease(FOREVER, expires=1e12, open=False).waits


def test_a_process_knows_where_states_are_and_what_a_person_has_set_goes_before_what_we_set(tmp_path, monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "5")
    found = {}
    monkeypatch.setattr(module, "hire", lambda command, environment: found.update({command: environment}))
    pool = Pool(Store(tmp_path), {"click": 1, "runs": 1}, commands={"click": "click", "runs": "runs"})
    for seat in pool.seats:
        monkeypatch.setattr(seat, "fill", lambda process, hear, ended: None)
        pool._hire(seat)
    assert {env["RESVIZ_STATES"] for env in found.values()} == {str(tmp_path / "states")}
    assert {env["MALLOC_TRIM_THRESHOLD_"] for env in found.values()} == {"5"}
    assert {env["MALLOC_MMAP_THRESHOLD_"] for env in found.values()} == {"33554432"} and len(found) == 2
