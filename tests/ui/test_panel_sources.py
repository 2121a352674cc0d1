"""Where panels get their answers: who waits for whom, what a stop leaves behind, and when something has changed."""

import sys
import threading
from itertools import pairwise

import pytest

from resviz.euler.flow import Flow, PlaneSpec
from resviz.euler.rollout import RolloutSpec
from resviz.euler.solve import Adaptive, SolveSpec
from resviz.latest import Latest
from resviz.runs.limits import Limits, Refused
from resviz.runs.prober import STOPPED, LookFailed
from resviz.runs.recorded import opening, recorded
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.spec import Spec
from resviz.ui import server
from resviz.ui.panels import PANELS
from resviz.ui.sources import Look, Measured, Solver
from tests.ui.desk import DEADLINE, Desk, wait

X, Y, Z = (PlaneSpec(blocks=blocks) for blocks in (3, 4, 5))  # none of them is recorded


def part(spec: PlaneSpec, done: float) -> Flow:
    return Flow(spec, done, round(done * spec.steps), (0.0, 1.0, 0.0, 1.0), (0, 1), {}, (), {})


@pytest.fixture
def desk(tmp_path):
    desk = Desk(Store(tmp_path))
    yield desk
    desk.store.close()


@pytest.fixture
def flow(desk):
    return Measured("flow", process=lambda: desk)


# -- what is learnt --------------------------------------------------------------------------------


def test_what_nobody_has_asked_is_not_there(flow, desk):
    assert flow.look(X) == Look(None, 0.0)
    assert not desk.waiting


def test_however_often_a_viewer_looks_it_is_asked_once(flow, desk):
    for _ in range(3):
        flow.ask(X, "a", anew=False)
    assert desk.waits_for() == [X]
    desk.begin()
    flow.ask(X, "a", anew=False)
    flow.ask(X, "a", anew=True)
    assert desk.waits_for() == []
    desk.end(part(X, 1.0))
    flow.ask(X, "a", anew=False)
    assert desk.waits_for() == [], "it is known"


def test_it_waits_then_comes_in_parts_then_is_there_and_each_is_a_moment_of_its_own(flow, desk):
    moments = [flow.moment(X)]
    flow.ask(Y, "b", anew=False)
    flow.ask(X, "a", anew=False)
    moments.append(flow.moment(X))
    assert flow.look(X) == Look(None, 0.0, running=True, ahead=1)
    desk.begin()
    desk.end(part(Y, 1.0))
    assert desk.begin().spec == X
    assert flow.look(X) == Look(None, 0.0, running=True, ahead=0)
    for done in (0.0, 0.25, 0.5):
        desk.tell(part(X, done))
        assert flow.look(X) == Look(part(X, done), done, running=True)
        moments.append(flow.moment(X))
        assert flow.moment(X) == moments[-1], "nothing has changed meanwhile"
    desk.end(part(X, 1.0))
    moments.append(flow.moment(X))
    assert flow.look(X) == Look(part(X, 1.0), 1.0)
    assert all(a != b for a, b in pairwise(moments))


def test_what_is_recorded_is_shown_and_not_learnt(flow, desk):
    spec = PlaneSpec()
    flow.ask(spec, "a", anew=False)
    assert not desk.waiting
    known = recorded(opening("flow"))
    assert flow.look(spec) == Look(known.record, 1.0, made=known.made)
    assert known.made


def test_pressed_it_is_learnt_here_though_it_is_recorded_or_known(flow, desk):
    spec = PlaneSpec()
    for round_ in range(2):  # the second time it is known from the first
        flow.ask(spec, "a", anew=True)
        assert desk.waits_for() == [spec]
        assert flow.look(spec) == Look(None, 0.0, running=True)
        desk.begin()
        answer = part(spec, 1.0)
        desk.end(answer)
        assert flow.look(spec) == Look(answer, 1.0), f"round {round_}"
        assert flow.look(spec).record is answer


def test_what_failed_says_why_and_is_tried_again_only_when_pressed(flow, desk):
    flow.ask(X, "a", anew=False)
    desk.begin()
    desk.end(LookFailed("There was not enough memory."))
    assert flow.look(X) == Look(None, 0.0, trouble="There was not enough memory.")
    flow.ask(X, "a", anew=False)
    assert not desk.waiting
    flow.ask(X, "a", anew=True)
    assert desk.waits_for() == [X]
    assert flow.look(X) == Look(None, 0.0, running=True)


def test_what_is_too_large_is_refused_before_anything_is_asked(desk, monkeypatch, tmp_path):
    runs = Scheduler(Store(tmp_path / "runs"), limits=Limits(60.0, 8e9))
    runs.device = "cpu"
    runs.known_device.set()
    monkeypatch.setattr(server, "_scheduler", runs)
    source = PANELS["depthtime"].source
    monkeypatch.setattr(source, "process", lambda: desk)
    with pytest.raises(Refused, match="the limit is"):
        source.ask(Spec(depth=1202, width=256), "a", anew=False)
    assert not desk.waiting
    source.ask(Spec(depth=8), "a", anew=False)
    assert desk.waits_for() == [Spec(depth=8)]
    source.asked.clear()
    runs.store.close()


def test_of_many_questions_only_the_latest_are_kept_in_mind(flow, desk, monkeypatch):
    monkeypatch.setattr(flow, "asked", Latest(2))
    for viewer, spec in zip("abc", (X, Y, Z), strict=True):
        flow.ask(spec, viewer, anew=False)
    assert [flow.look(spec).running for spec in (X, Y, Z)] == [False, True, True]


# -- several viewers -------------------------------------------------------------------------------


def test_two_viewers_of_the_same_watch_one_training(flow, desk):
    flow.ask(X, "a", anew=False)
    desk.begin()
    flow.ask(X, "b", anew=False)
    desk.tell(part(X, 0.5))
    assert flow.look(X).record == part(X, 0.5)
    desk.end(part(X, 1.0))
    flow.ask(X, "b", anew=False)
    assert flow.look(X) == Look(part(X, 1.0), 1.0)


@pytest.mark.parametrize("leave", ["asks something else", "stops"])
def test_one_who_leaves_ends_what_nobody_else_watches(flow, desk, leave):
    flow.ask(X, "a", anew=False)
    desk.begin()
    flow.stop(X, "a") if leave == "stops" else flow.ask(Y, "a", anew=False)
    assert desk.told_enough


@pytest.mark.parametrize("leave", ["asks something else", "stops"])
def test_one_who_leaves_does_not_end_what_another_watches(flow, desk, leave):
    """As when a class opens one link, and the first of them moves a slider."""
    flow.ask(X, "a", anew=False)
    desk.begin()
    flow.ask(X, "b", anew=False)
    flow.stop(X, "a") if leave == "stops" else flow.ask(Y, "a", anew=False)
    assert not desk.told_enough


def test_one_who_has_not_been_heard_of_for_long_keeps_nothing_going(flow, desk, monkeypatch):
    """As when a tab is closed: nothing says so."""
    flow.ask(X, "a", anew=False)
    desk.begin()
    flow.ask(X, "b", anew=False)
    monkeypatch.setattr("resviz.ui.sources.AWAY_SECONDS", 0.0)
    flow.ask(Y, "a", anew=False)
    assert desk.told_enough


@pytest.mark.parametrize("panel", ["flow", "rollout"])
def test_what_nobody_looks_at_any_more_makes_room_for_another(flow, desk, monkeypatch, panel):
    """The tab was closed, or shows another view now; one process learns for all panels."""
    sources = {"flow": flow, "rollout": Measured("rollout", process=lambda: desk)}
    flow.ask(X, "a", anew=False)
    desk.begin()
    monkeypatch.setattr("resviz.ui.sources.AWAY_SECONDS", 0.0)
    sources[panel].ask({"flow": Y, "rollout": RolloutSpec(seed=5)}[panel], "b", anew=False)
    assert desk.told_enough


def test_the_last_of_several_who_leaves_ends_it(flow, desk):
    for viewer in "abc":
        flow.ask(X, viewer, anew=False)
    desk.begin()
    for viewer in "ab":
        flow.stop(X, viewer)
    assert not desk.told_enough
    flow.ask(X, "a", anew=False)
    flow.stop(X, "c")
    assert not desk.told_enough, "a has come back"
    flow.ask(Y, "a", anew=False)
    assert desk.told_enough


def test_many_viewers_may_ask_at_the_same_moment(flow, monkeypatch):
    """Routes ask in threads."""
    monkeypatch.setattr("resviz.ui.sources.AWAY_SECONDS", 600.0)
    spec, failed = PlaneSpec(), []  # recorded: nothing is learnt

    def ask(mine: int) -> None:
        try:
            for turn in range(1000):
                flow.ask(spec, f"{mine} {turn % 40}", anew=False)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in range(8)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not failed
    assert len(flow.looking) == 8 * 40


def test_one_who_goes_on_does_not_take_back_what_another_waits_for(flow, desk):
    flow.ask(Z, "c", anew=False)
    desk.begin()
    flow.ask(X, "a", anew=False)
    flow.ask(X, "b", anew=False)
    flow.ask(Y, "a", anew=False)
    assert flow.look(X).running
    assert set(desk.waits_for()) == {X, Y}


@pytest.mark.parametrize("viewer", ["a", "b"])
def test_what_was_superseded_is_asked_again_by_one_who_wants_it(flow, desk, viewer):
    """As after Undo, while something else is at work."""
    flow.ask(Z, "c", anew=False)
    desk.begin()
    flow.ask(X, "a", anew=False)
    flow.ask(Y, "a", anew=False)
    assert flow.look(X) == Look(None, 0.0)
    flow.ask(X, viewer, anew=False)
    assert flow.look(X).running
    assert X in desk.waits_for()


# -- stopped ---------------------------------------------------------------------------------------


def test_only_its_own_viewer_stops_it_and_it_begins_again_when_somebody_wants_it(flow, desk):
    flow.ask(X, "a", anew=False)
    desk.begin()
    flow.stop(X, "b")
    assert not desk.told_enough, "b has asked nothing"
    flow.stop(X, "a")
    assert desk.told_enough
    desk.end(LookFailed(STOPPED))
    assert flow.look(X) == Look(None, 0.0), "it is no trouble that somebody pressed Stop"
    flow.ask(X, "b", anew=False)
    assert desk.waits_for() == [X]


def test_stopped_before_its_turn_it_is_not_begun(flow, desk):
    flow.ask(Y, "b", anew=False)
    flow.ask(X, "a", anew=False)
    flow.stop(X, "a")
    assert desk.waits_for() == [Y]
    assert not flow.look(X).running


def test_a_recorded_answer_is_there_again_when_its_own_training_was_stopped(flow, desk):
    """Else one viewer's Stop would leave every later visitor without a picture."""
    spec = PlaneSpec()
    flow.ask(spec, "a", anew=True)
    desk.begin()
    flow.stop(spec, "a")
    desk.end(LookFailed(STOPPED))
    flow.ask(spec, "b", anew=False)
    look = flow.look(spec)
    assert look.record == recorded(opening("flow")).record
    assert look.made and not look.running


# -- what is solved --------------------------------------------------------------------------------

DECAY = SolveSpec(system="decay", n=10)
FOUND = Adaptive((0.0, 6.0), ((1.0,), (0.0025,)), 12, 0)


@pytest.fixture
def solver(desk, monkeypatch):
    monkeypatch.setattr(server, "_prober", desk)
    solver = Solver()
    yield solver
    solver.beside.shutdown()


def test_methods_with_fixed_steps_are_there_before_anything_is_asked(solver, desk):
    look = solver.look(DECAY)
    assert look.running and look.share < 1
    assert len(look.record.fixed["euler"].states) == 11
    assert look.record.adaptive is None and not look.record.orders
    assert not desk.waiting


def test_the_rest_comes_one_by_one_and_each_is_a_moment_of_its_own(solver, desk):
    before = solver.moment(DECAY)
    solver.ask(DECAY, "a", anew=False)
    wait(lambda: solver.look(DECAY).record.orders, "the orders")
    ordered = solver.moment(DECAY)
    assert solver.look(DECAY).running
    desk.begin()
    desk.end(FOUND)
    look = solver.look(DECAY)
    assert look.record.adaptive == FOUND
    assert (look.share, look.running, look.trouble) == (1.0, False, "")
    assert len({before, ordered, solver.moment(DECAY)}) == 3


def test_each_of_its_pictures_has_a_share_of_its_own(solver, desk):
    """By which a browser knows whether it has the picture."""
    solver.ask(DECAY, "a", anew=False)
    question = desk.begin()
    desk.end(FOUND)
    wait(lambda: solver.look(DECAY).record.orders, "the orders")
    both = solver.look(DECAY)
    solver.ordered.clear()
    without_orders = solver.look(DECAY)
    desk.known.pop(question.key)
    neither = solver.look(DECAY)
    solver.ordered.add(DECAY.problem.digest)
    without_adaptive = solver.look(DECAY)
    assert both.share == 1 > max(without_orders.share, without_adaptive.share)
    assert neither.share not in (without_orders.share, without_adaptive.share)


def test_other_steps_and_methods_of_a_problem_ask_nothing_new_and_another_tolerance_does(solver, desk):
    solver.ask(DECAY, "a", anew=False)
    for change in ({"n": 20}, {"method": "rk4"}, {"method": "dopri5", "n": 1}):
        solver.ask(DECAY.replace(**change), "a", anew=False)
    assert len(desk.waiting) == 1
    desk.begin()
    desk.end(FOUND)
    assert solver.look(DECAY.replace(n=20)).record.adaptive == FOUND
    solver.ask(DECAY.replace(tol=1e-3), "a", anew=False)
    assert [spec.tol for spec in desk.waits_for()] == [1e-3]
    assert solver.look(DECAY.replace(tol=1e-3)).record.adaptive is None


def test_where_the_adaptive_one_fails_the_others_are_shown_with_the_reason(solver, desk):
    solver.ask(DECAY, "a", anew=False)
    desk.begin()
    desk.end(LookFailed("The process was ended."))
    look = solver.look(DECAY)
    assert look.trouble == "The process was ended."
    assert not look.running
    assert look.record.fixed


def test_stopped_the_adaptive_one_is_not_waited_for(solver, desk):
    solver.ask(DECAY, "a", anew=False)
    solver.stop(DECAY, "b")
    assert desk.waiting
    solver.stop(DECAY, "a")
    assert not desk.waiting


def test_orders_are_computed_beside_and_hold_nobody_up(solver, monkeypatch):
    gate = threading.Event()
    slow = Solver._order

    def order(self, problem):
        gate.wait(DEADLINE)
        slow(self, problem)

    monkeypatch.setattr(Solver, "_order", order)
    solver.ask(DECAY, "a", anew=False)
    assert not solver.look(DECAY).record.orders
    gate.set()
    wait(lambda: solver.look(DECAY).record.orders, "the orders")
