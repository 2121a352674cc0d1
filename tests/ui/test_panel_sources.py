"""Where panels get their answers: who waits for whom, what a stop leaves behind, and when something has changed."""

import sys
import threading
from dataclasses import replace
from itertools import pairwise

import pytest

from resviz.families.resnet.spec import Spec
from resviz.runs.limits import Limits, Refused
from resviz.runs.recorded import opening, recorded
from resviz.topics.calculator.measured import Check
from resviz.topics.calculator.question import CountSpec
from resviz.topics.flow.question import Flow, PlaneSpec
from resviz.topics.rollout.question import RolloutSpec
from resviz.topics.solve.panel import Solver
from resviz.topics.solve.question import Adaptive, SolveSpec, orders_of
from resviz.ui import server
from resviz.ui.panels import PANELS
from resviz.ui.server import answers
from resviz.ui.sources import Computed, Look
from tests.ui import addresses
from tests.ui.desk import Fails
from tests.ui.driving import Driven

X, Y, Z = (PlaneSpec(blocks=blocks) for blocks in (3, 4, 5))  # none of them is recorded


def part(spec: PlaneSpec, done: float) -> Flow:
    return Flow(spec, done, round(done * spec.steps), (0.0, 1.0, 0.0, 1.0), (0, 1), {}, (), {})


@pytest.fixture
def office(tmp_path, monkeypatch):
    scheduler = addresses.office(tmp_path, monkeypatch)
    yield scheduler
    scheduler.store.close()


@pytest.fixture
def desk(office):
    return office.pool


@pytest.fixture
def flow(desk):
    return Computed("flow")


# -- what is learnt --------------------------------------------------------------------------------


def test_what_nobody_has_asked_is_not_there(flow, desk):
    assert flow.look(X) == Look(None, 0.0)
    assert not desk.waiting()


def test_however_often_a_viewer_looks_it_is_asked_once(flow, desk):
    for _ in range(3):
        flow.ask(X, "a", anew=False)
        flow.ask(X, "a", anew=True)
    assert [q.spec for q in desk.asked] == [X] == [desk.begin().spec]
    desk.end(part(X, 1.0))
    flow.ask(X, "a", anew=False)
    assert not desk.waiting(), "it is known"


def test_it_waits_then_comes_in_parts_then_is_there_and_each_is_a_moment_of_its_own(flow, desk):
    moments = [flow.moment(X)]
    flow.ask(Y, "b", anew=False)
    flow.ask(X, "a", anew=False)
    moments.append(flow.moment(X))
    assert flow.look(X) == Look(None, 0.0, running=True, ahead=1)
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


def test_what_does_not_come_in_parts_has_none_between_its_record_and_its_end(desk):
    source = Computed("check", says="It is built …")
    spec = CountSpec()
    source.ask(spec, "a", anew=False)
    desk.tell(Check("the real thing", 1, 1, 1))
    assert source.moment(spec) is not None
    assert source.look(spec) == Look(None, 0.0, running=True, says="It is built …")


def test_what_is_recorded_is_shown_and_not_learnt(flow, desk):
    spec = PlaneSpec()
    flow.ask(spec, "a", anew=False)
    assert not desk.waiting()
    known = recorded(opening("flow"))
    assert flow.look(spec) == Look(known.record, 1.0, made=known.made)
    assert known.made


def test_pressed_it_is_learnt_here_though_it_is_recorded_or_known(flow, desk):
    spec = PlaneSpec()
    for round_ in range(2):  # the second time it is known from the first
        flow.ask(spec, "a", anew=True)
        assert desk.begin().spec == spec
        assert flow.look(spec) == Look(None, 0.0, running=True)
        answer = part(spec, 1.0)
        desk.end(answer)
        assert flow.look(spec) == Look(answer, 1.0), f"round {round_}"
        assert flow.look(spec).record is answer


def test_what_failed_says_why_and_is_tried_again_only_when_pressed(flow, desk):
    flow.ask(X, "a", anew=False)
    desk.end(Fails("There was not enough memory."))
    assert flow.look(X) == Look(None, 0.0, trouble="There was not enough memory.")
    flow.ask(X, "a", anew=False)
    assert not desk.waiting()
    flow.ask(X, "a", anew=True)
    assert desk.begin().spec == X
    assert flow.look(X) == Look(None, 0.0, running=True)


def test_what_is_too_large_is_refused_before_anything_is_asked(office, desk):
    office.limits = Limits(60.0, 8e9)
    source = PANELS["depthtime"].source
    with pytest.raises(Refused, match="the limit is"):
        source.ask(Spec(depth=1202, width=256), "a", anew=False)
    assert not desk.waiting()
    source.ask(Spec(depth=8), "a", anew=False)
    assert desk.begin().spec == Spec(depth=8)


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
    assert X not in [q.spec for q in desk.waiting()]


@pytest.mark.parametrize("leave", ["asks something else", "stops"])
def test_one_who_leaves_does_not_end_what_another_watches(flow, desk, leave):
    """As when a class opens one link, and the first of them moves a slider."""
    flow.ask(X, "a", anew=False)
    desk.begin()
    flow.ask(X, "b", anew=False)
    flow.stop(X, "a") if leave == "stops" else flow.ask(Y, "a", anew=False)
    assert X in [q.spec for q in desk.waiting()]


@pytest.mark.parametrize("panel", ["flow", "rollout"])
def test_what_nobody_looks_at_any_more_makes_room_for_another(flow, desk, monkeypatch, panel):
    """The tab was closed, which nobody says, and the panel of another page waits."""
    sources = {"flow": flow, "rollout": Computed("rollout")}
    with monkeypatch.context() as away:
        away.setattr("resviz.runs.answers.AWAY_SECONDS", 0.0)
        flow.ask(X, "a", anew=False)
    assert desk.begin().spec == X
    other = {"flow": Y, "rollout": RolloutSpec(seed=5)}[panel]
    sources[panel].ask(other, "b", anew=False)
    assert desk.begin().spec == other
    assert X in desk.waits_for(), "and goes on when nobody waits"


def test_the_last_of_several_who_leaves_ends_it(flow, desk):
    for viewer in "abc":
        flow.ask(X, viewer, anew=False)
    desk.begin()
    for viewer in "ab":
        flow.stop(X, viewer)
    assert X in [q.spec for q in desk.waiting()]
    flow.ask(X, "a", anew=False)
    flow.stop(X, "c")
    assert desk.begin().spec == X, "a has come back"
    flow.ask(Y, "a", anew=False)
    assert X not in [q.spec for q in desk.waiting()]


def test_many_viewers_may_ask_at_the_same_moment(flow, desk):
    """Routes ask in threads."""
    failed = []

    def ask(mine: int) -> None:
        try:
            for turn in range(50):
                flow.ask((X, Y, Z)[turn % 3], f"{mine}", anew=False)
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
    last = (X, Y, Z)[49 % 3]
    assert [q.spec for q in desk.waiting()] == [last]
    (job,) = answers().waiting["0"]
    assert sorted(job.leases) == sorted(map(str, range(8)))


def test_one_who_goes_on_does_not_take_back_what_another_waits_for(flow, desk):
    flow.ask(Z, "c", anew=False)
    flow.ask(X, "a", anew=False)
    flow.ask(X, "b", anew=False)
    flow.ask(Y, "a", anew=False)
    assert flow.look(X).running
    assert desk.waits_for() == [X, Y]


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


def test_only_its_own_viewer_stops_it_and_what_there_is_stays(flow, desk):
    flow.ask(X, "a", anew=False)
    flow.stop(X, "b")
    assert desk.begin().spec == X, "b has asked nothing"
    desk.tell(part(X, 0.5))
    flow.stop(X, "a")
    assert not desk.waiting()
    assert flow.look(X) == Look(part(X, 0.5), 0.5, rest=True), "it is no trouble that somebody pressed Stop"
    flow.ask(X, "b", anew=False)
    assert desk.begin().spec == X and flow.look(X) == Look(part(X, 0.5), 0.5, running=True)
    assert len(desk.asked) == 1, "it goes on where it was"


@pytest.mark.usefixtures("office")
def test_a_press_goes_on_with_what_was_stopped_and_the_button_says_so():
    panel = Driven("flow", seed="9")
    pool = server.scheduler().pool
    drawn = replace(recorded(opening("flow")).record, spec=PlaneSpec(seed=9))
    pool.tell(replace(drawn, done=0.25))
    assert panel.look().state["verb"] is None
    panel.stop().look(wishes=False)
    assert (panel.state["status"], panel.state["verb"], panel.state["share"]) == ("waiting", "Train the rest", 0.25)
    panel.press()
    assert panel.state["status"] == "running" and len(pool.asked) == 1
    pool.end(drawn)
    assert panel.look().state["verb"] is None
    panel.press()
    assert len(pool.asked) == 2, "what is there is trained once more"


def test_stopped_before_its_turn_it_is_not_begun(flow, desk):
    flow.ask(Y, "b", anew=False)
    flow.ask(X, "a", anew=False)
    flow.stop(X, "a")
    assert [q.spec for q in desk.waiting()] == [Y]
    assert not flow.look(X).running


def test_a_recorded_answer_is_there_again_when_its_own_training_was_stopped(flow, desk):
    """Else one viewer's Stop would leave every later visitor without a picture."""
    spec = PlaneSpec()
    flow.ask(spec, "a", anew=True)
    flow.stop(spec, "a")
    assert flow.look(spec).made
    flow.ask(spec, "a", anew=True)
    desk.tell(part(spec, 0.5))
    flow.stop(spec, "a")
    look = flow.look(spec)
    assert look.record == recorded(opening("flow")).record
    assert look.made and not look.running
    assert flow.look(spec, "a") == Look(part(spec, 0.5), 0.5, rest=True), "who has stopped it sees how far it has come"


# -- what is solved --------------------------------------------------------------------------------

DECAY = SolveSpec(system="decay", n=10)
FOUND = Adaptive((0.0, 6.0), ((1.0,), (0.0025,)), 12, 0)


@pytest.fixture
def solver(desk):
    return Solver()


def solved(question):
    return FOUND if question.kind == "adaptive" else orders_of(question.spec)


def test_methods_with_fixed_steps_are_there_before_anything_is_asked(solver, desk):
    look = solver.look(DECAY)
    assert look.running and look.share < 1
    assert len(look.record.fixed["euler"].states) == 11
    assert look.record.adaptive is None and not look.record.orders
    assert not desk.waiting()


def test_the_rest_comes_one_by_one_and_each_is_a_moment_of_its_own(solver, desk):
    moments = [solver.moment(DECAY)]
    solver.ask(DECAY, "a", anew=False)
    moments.append(solver.moment(DECAY))
    desk.end(solved(desk.begin()))
    moments.append(solver.moment(DECAY))
    first = solver.look(DECAY)
    assert first.running and first.record.adaptive == FOUND and not first.record.orders
    desk.end(solved(desk.begin()))
    moments.append(solver.moment(DECAY))
    look = solver.look(DECAY)
    assert look.record.orders == orders_of(DECAY.problem)
    assert (look.share, look.running, look.trouble) == (1.0, False, "")
    assert all(a != b for a, b in pairwise(moments))


def test_each_of_its_pictures_has_a_share_of_its_own(solver, desk):
    """By which a browser knows whether it has the picture."""
    desk.answers = solved
    solver.ask(DECAY, "a", anew=False)
    adaptive, orders = solver.questions(DECAY)
    both = solver.look(DECAY)
    known = answers().known
    found = known.pop(orders.key)
    without_orders = solver.look(DECAY)
    known.pop(adaptive.key)
    neither = solver.look(DECAY)
    known[orders.key] = found
    without_adaptive = solver.look(DECAY)
    assert both.share == 1 > max(without_orders.share, without_adaptive.share)
    assert neither.share not in (without_orders.share, without_adaptive.share)


def test_other_steps_and_methods_of_a_problem_ask_nothing_new_and_another_tolerance_does(solver, desk):
    desk.answers = solved
    solver.ask(DECAY, "a", anew=False)
    for change in ({"n": 20}, {"method": "rk4"}, {"method": "dopri5", "n": 1}):
        solver.ask(DECAY.replace(**change), "a", anew=False)
    assert [question.kind for question in desk.asked] == ["adaptive", "orders"]
    assert solver.look(DECAY.replace(n=20)).record.adaptive == FOUND
    desk.answers = None
    solver.ask(DECAY.replace(tol=1e-3), "a", anew=False)
    assert [question.spec.tol for question in desk.waiting()] == [1e-3]
    assert solver.look(DECAY.replace(tol=1e-3)).record.adaptive is None


def test_where_the_adaptive_one_fails_the_others_are_shown_with_the_reason(solver, desk):
    solver.ask(DECAY, "a", anew=False)
    desk.end(Fails("The process was ended."))
    look = solver.look(DECAY)
    assert look.trouble == "The process was ended."
    assert not look.running
    assert look.record.fixed


def test_stopped_the_rest_is_not_waited_for(solver, desk):
    solver.ask(DECAY, "a", anew=False)
    solver.stop(DECAY, "b")
    assert len(desk.waiting()) == 2
    solver.stop(DECAY, "a")
    assert [question.kind for question in desk.waiting()] == ["adaptive"], "which is answered already, as good as"
