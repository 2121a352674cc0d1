"""Answers that come in parts, by the real loop of the process with made-up answers."""

import threading

import pytest

from resviz.runs import messages, prober
from resviz.runs.messages import Enough
from resviz.runs.prober import STOPPED, LookFailed
from resviz.runs.questions import KINDS
from tests.runs.parts import Office, part, question
from tests.runs.waiting import DEADLINE, wait

pytestmark = pytest.mark.process


@pytest.fixture
def office(tmp_path, forks):
    office = Office(tmp_path, forks)
    yield office
    office.close()


# -- parts ---------------------------------------------------------------------------------------


def test_parts_arrive_in_order_each_as_it_comes_and_the_last_is_the_answer(office):
    asked = question(1, parts=4)
    gates = [office.set("hold", asked, number) for number in (1, 2, 3, 4)]
    future = office.ask(asked)
    wait(lambda: office.begun() == [1], "the question")
    assert asked.key not in office.came
    for number, gate in enumerate(gates, start=1):
        assert not future.done()
        gate.unlink()
        if number < 4:
            assert wait(lambda n=number: office.came.of(asked) == list(range(1, n + 1))), "a part"
            assert office.came[asked.key] == part(asked, number)
    assert future.result(DEADLINE) == part(asked, 4)
    wait(lambda: asked.key not in office.came, "the end")
    assert office.came.of(asked) == [1, 2, 3, 4], "a moment without a part is none"
    assert (office.begun(), office.prober.measured) == ([1], 1)


def test_only_the_last_part_is_remembered_and_kept_as_text(office):
    asked, future, gate = office.busy()
    assert office.prober.remembered(asked) is None
    assert office.prober.store.look_text(asked.key) is None
    gate.unlink()
    answer = future.result(DEADLINE)
    assert answer.done == 1
    assert office.prober.remembered(asked) is answer
    text = wait(lambda: office.prober.store.look_text(asked.key), "the store")
    assert KINDS["flow"].from_text(text) == answer
    office.close()
    office.open()
    assert office.prober.remembered(asked) == answer
    assert office.ask(asked, "b").result(DEADLINE) == answer
    assert (office.begun(), office.prober.measured) == ([100], 0)


def test_what_is_forgotten_is_gone_from_memory_and_disk_and_made_anew(office):
    asked, other = question(1), question(2)
    first = office.ask(asked).result(DEADLINE)
    office.ask(other).result(DEADLINE)
    for one in (asked, other):
        wait(lambda one=one: office.prober.store.look_text(one.key), "the store")
    office.prober.forget(asked)
    assert office.prober.remembered(asked) is None
    assert office.prober.store.look_text(asked.key) is None
    assert office.prober.remembered(other) is not None
    again = office.ask(asked).result(DEADLINE)
    assert again == first and again is not first
    assert (office.begun(), office.prober.measured) == ([1, 2, 1], 3)


def test_what_fails_half_way_says_why_in_a_line_and_harms_nobody(office):
    asked, process = question(1), office.prober.process
    fault = office.set("fail", asked, 2)
    with pytest.raises(LookFailed, match="RuntimeError: part 2") as error:
        office.ask(asked).result(DEADLINE)
    assert "Traceback" not in str(error.value)
    wait(lambda: asked.key not in office.came, "the end")
    assert office.came.of(asked) == [1]
    assert office.prober.remembered(asked) is None
    fault.unlink()
    assert office.ask(asked).result(DEADLINE) == part(asked, 3)
    assert office.prober.process is process


def test_a_process_that_dies_between_two_parts_is_replaced_and_begins_again(office):
    asked, process = question(1), office.prober.process
    office.set("dieonce", asked, 3)
    assert office.ask(asked).result(DEADLINE) == part(asked, 3)
    assert office.came.of(asked) == [1, 2, 1, 2, 3]
    assert office.prober.process is not process
    assert (office.begun(), office.prober.measured) == ([1, 1], 1)


def test_closing_between_two_parts_leaves_nobody_waiting(office):
    _, future, _ = office.busy()
    office.close()
    assert isinstance(future.exception(timeout=5), LookFailed)
    assert office.prober.process.poll() is not None


# -- who goes on to something else -----------------------------------------------------------------


def test_a_viewer_who_asks_something_else_stops_what_is_at_work_for_them(office):
    process = office.prober.process
    old, under_way, _ = office.busy("a")
    answer = office.ask(question(2), "a").result(DEADLINE)
    with pytest.raises(LookFailed, match=STOPPED):
        under_way.result(DEADLINE)
    assert answer == part(question(2), 3)
    assert office.came.of(old) == [1]
    assert old.key not in office.came and office.prober.remembered(old) is None
    assert office.begun() == [100, 2], "it is not tried again"
    assert office.prober.process is process and process.poll() is None
    assert office.prober.measured == 1


def test_it_goes_on_where_another_viewer_waits_for_the_same(office):
    old, under_way, gate = office.busy("a")
    same = office.ask(old, "b")
    other = office.ask(question(2), "a")
    gate.unlink()
    assert under_way.result(DEADLINE) == same.result(DEADLINE) == part(old, 3)
    assert other.result(DEADLINE) == part(question(2), 3)
    assert office.came.of(old) == [1, 2, 3]
    assert (office.begun(), office.prober.measured) == ([100, 2], 2)


def test_one_who_waits_for_something_else_does_not_keep_it_going(office):
    _, under_way, _ = office.busy("a")
    waiting = office.ask(question(3), "b")
    office.ask(question(2), "a").result(DEADLINE)
    with pytest.raises(LookFailed, match=STOPPED):
        under_way.result(DEADLINE)
    assert waiting.result(DEADLINE) == part(question(3), 3)


def test_the_same_question_once_more_stops_nothing(office):
    asked, under_way, gate = office.busy("a")
    again = office.ask(asked, "a")
    gate.unlink()
    assert under_way.result(DEADLINE) == again.result(DEADLINE) == part(asked, 3)
    assert office.begun() == [100]


@pytest.mark.parametrize("viewers", [("a", "b"), ("", ""), ("a", "")], ids=str)
def test_nobody_stops_what_another_waits_for(office, viewers):
    asked, under_way, gate = office.busy(viewers[0])
    other = office.ask(question(2), viewers[1])
    gate.unlink()
    assert under_way.result(DEADLINE) == part(asked, 3)
    assert other.result(DEADLINE) == part(question(2), 3)


def test_what_is_known_already_is_answered_at_once_and_stops_it_too(office):
    known = office.ask(question(2)).result(DEADLINE)
    _, under_way, _ = office.busy("a")
    assert office.ask(question(2), "a").result(0) is known
    with pytest.raises(LookFailed, match=STOPPED):
        under_way.result(DEADLINE)


# -- who gives up ----------------------------------------------------------------------------------


def test_what_is_given_up_stops_at_the_next_part_and_the_process_lives_on(office):
    process = office.prober.process
    old, under_way, gate = office.busy("a", "deaf")
    later = office.set("hold", old, 3)  # time for the word to arrive
    office.prober.give_up("a")
    assert not under_way.done()
    gate.unlink()
    with pytest.raises(LookFailed, match=STOPPED):
        under_way.result(DEADLINE)
    assert office.came.of(old) == [1, 2], "part 2 was on its way; part 3 is not made"
    wait(lambda: old.key not in office.came, "the end")
    assert office.prober.remembered(old) is None
    later.unlink()
    assert office.ask(old, "a").result(DEADLINE) == part(old, 3)
    assert office.prober.process is process and process.poll() is None


def test_giving_up_takes_nothing_from_others(office):
    old, under_way, gate = office.busy("a")
    same, other = office.ask(old, "b"), office.ask(question(2), "c")
    office.prober.give_up("c")
    with pytest.raises(LookFailed, match=STOPPED):
        other.result(DEADLINE)
    office.prober.give_up("a")  # for whom it is at work, but b waits for the same
    office.prober.give_up("nobody")
    gate.unlink()
    assert under_way.result(DEADLINE) == same.result(DEADLINE) == part(old, 3)
    assert office.begun() == [100]


def test_one_who_gives_up_as_the_process_is_about_to_be_asked_is_heard(office):
    """The question is taken from those that wait, but not yet sent."""
    asked = question(1)
    gate = office.set("hold", asked, 2)
    look_up = office.prober.remembered

    def remembered(some):
        if threading.current_thread().name == "prober":
            office.prober.give_up("a")
        return look_up(some)

    office.prober.remembered = remembered
    future = office.ask(asked, "a")
    wait(lambda: future.done() or asked.key in office.came, "anything")
    gate.unlink()
    with pytest.raises(LookFailed, match=STOPPED):
        future.result(DEADLINE)


# -- enough of what has ended ------------------------------------------------------------------------


def test_enough_between_two_questions_does_no_harm(office):
    process = office.prober.process
    for seed in (1, 2):
        messages.send(process.stdin, Enough())
        messages.send(process.stdin, Enough())
        assert office.ask(question(seed), "a").result(DEADLINE) == part(question(seed), 3)
        assert office.came.of(question(seed)) == [1, 2, 3]
    assert office.begun() == [1, 2]
    assert office.prober.process is process and process.poll() is None


def test_a_viewer_who_changes_their_mind_twice_before_the_next_part_stops_it_once(office):
    """The second Enough is read when the next question has been sent already."""
    old, under_way, gate = office.busy("a", "deaf")
    office.set("hold", old, 3)
    two, three = office.ask(question(2), "a"), office.ask(question(3), "a")
    gate.unlink()
    with pytest.raises(LookFailed, match=STOPPED):
        under_way.result(DEADLINE)
    assert two.exception(DEADLINE) is not None
    assert three.result(DEADLINE) == part(question(3), 3)
    assert office.came.of(old) == [1, 2]
    assert office.came.of(question(3)) == [1, 2, 3]
    assert office.begun() == [100, 3]


# -- how long it takes -------------------------------------------------------------------------------


def test_ahead_counts_what_is_answered_before(office):
    asked, under_way, gate = office.busy("a")
    assert office.prober.ahead(question(2)) == 0, "nobody has asked it"
    others = [office.ask(question(seed), viewer) for seed, viewer in ((2, "b"), (3, "c"), (4, "d"))]
    assert office.prober.ahead(asked) == 0, "it is at work"
    assert [office.prober.ahead(question(seed)) for seed in (2, 3, 4)] == [1, 2, 3]
    office.prober.give_up("c")
    assert [office.prober.ahead(question(seed)) for seed in (2, 3, 4)] == [1, 0, 2]
    gate.unlink()
    for future in (under_way, others[0], others[2]):
        future.result(DEADLINE)
    wait(lambda: not office.prober.at_work, "the end")
    assert [office.prober.ahead(question(seed)) for seed in (2, 3, 4)] == [0, 0, 0]


def test_ahead_counts_questions_and_not_those_who_ask_them(office):
    asked, _, gate = office.busy("a")
    for seed, viewer in ((100, "b"), (2, "c"), (2, "d"), (100, "e"), (3, "f")):
        office.ask(question(seed), viewer)
    assert office.prober.ahead(asked) == 0, "it is at work, whoever else waits for it"
    assert office.prober.ahead(question(2)) == 1
    assert office.prober.ahead(question(3)) == 2, "what several wait for is answered once"
    gate.unlink()
    assert office.ask(asked, "a").result(DEADLINE)


def test_what_takes_too_long_gives_way_to_others_and_says_so(office, monkeypatch):
    monkeypatch.setattr(prober, "TURN_SECONDS", 0.0)
    process = office.prober.process
    long, under_way, gate = office.busy("a", "deaf")
    other = office.ask(question(7), "b")
    later = office.set("hold", long, 3)  # time for the word to arrive
    gate.unlink()
    with pytest.raises(LookFailed, match="others were waiting"):
        under_way.result(DEADLINE)
    later.unlink(missing_ok=True)
    assert other.result(DEADLINE) == part(question(7), 3)
    assert office.prober.process is process and process.poll() is None


def test_what_takes_long_goes_on_while_nobody_waits(office, monkeypatch):
    monkeypatch.setattr(prober, "TURN_SECONDS", 0.0)
    assert office.ask(question(8), "a").result(DEADLINE) == part(question(8), 3)
