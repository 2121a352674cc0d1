"""Answers that come in parts: stopped, parked, gone on with, and made again. The processes have made-up answers."""

import time

import pytest

from resviz.runs import answers as module
from resviz.runs import worker
from tests.runs.parts import part, question
from tests.runs.waiting import wait

pytestmark = pytest.mark.process


def test_parts_arrive_in_order_each_as_it_comes_and_the_last_is_the_answer(office):
    asked = question(1, parts=4)
    gates = [office.set("hold", asked, number) for number in (1, 2, 3, 4)]
    office.ask(asked)
    wait(lambda: office.begun() == [1], "the question")
    for number, gate in enumerate(gates, start=1):
        assert office.came(asked) == list(range(1, number)) and office.status(asked) == "running"
        gate.unlink()
        wait(lambda n=number: office.came(asked) == list(range(1, n + 1)), "a part")
    assert office.answer(asked) == part(asked, 4)
    assert office.came(asked) == [1, 2, 3, 4], "a moment without a part is none"
    assert (office.begun(), office.answers.measured) == ([1], 1)


def test_what_fails_half_way_says_why_in_a_line_and_harms_nobody(office):
    asked = question(1)
    fault = office.set("fail", asked, 2)
    text = office.answer(office.ask(asked))
    assert "RuntimeError: part 2" in text and "Traceback" not in text
    process = office.process("panels")
    assert office.came(asked) == [1] and office.answers.remembered(asked) is None
    fault.unlink()
    assert office.answer(office.ask(asked, anew=True)) == part(asked, 3)
    assert office.process("panels") is process


def test_a_process_that_dies_between_two_parts_is_replaced_and_begins_again(office):
    asked = question(1)
    office.set("dieonce", asked, 3)
    assert office.answer(office.ask(asked)) == part(asked, 3)
    assert office.came(asked) == [1, 2, 1, 2, 3]
    assert (office.begun(), office.answers.measured) == ([1, 1], 1)


def test_the_process_of_a_lane_is_started_when_there_is_something_to_do(office):
    assert office.process("panels") is None
    office.answer(office.ask(question(1)))
    assert office.process("panels") is not None


# -- stopped and gone on with ------------------------------------------------------------------------


def test_what_is_stopped_is_parked_and_goes_on_where_it_was(office):
    asked, gate = office.busy("a")
    office.answers.leave("a")
    wait(lambda: office.status(asked) == "paused", "the stop")
    assert office.answers.job(asked).part == part(asked, 1), "what there is of it stays"
    gate.unlink()
    time.sleep(0.05)
    assert office.came(asked) == [1], "nothing is computed that nobody waits for"
    assert office.answer(office.ask(asked, anew=True)) == part(asked, 3)
    assert office.came(asked) == [1, 2, 3] and office.begun() == [100], "it was not begun again"


def test_a_viewer_who_asks_something_else_stops_what_is_at_work_for_them(office):
    old, _ = office.busy("a")
    assert office.answer(office.ask(question(2), "a")) == part(question(2), 3)
    assert office.status(old) == "paused" and office.came(old) == [1]
    assert office.begun() == [100, 2]


def test_what_was_dropped_starts_over_to_the_same_bits(office, monkeypatch):
    first, gate = office.busy("a")
    for seed in range(worker.MAX_PARKED):  # each one takes a place among what is parked
        other, other_gate = office.busy("a", seed=seed)
        office.answers.leave("a")
        wait(lambda other=other: office.status(other) == "paused", "the stop")
        other_gate.unlink()
    gate.unlink()
    assert office.answer(office.ask(first, "a")) == part(first, 3)
    assert office.came(first) == [1, 1, 2, 3] and office.begun().count(100) == 2


@pytest.mark.parametrize("leave", ["asks something else", "stops"])
def test_it_goes_on_where_another_viewer_waits_for_the_same(office, leave):
    asked, gate = office.busy("a")
    office.ask(asked, "b")
    office.answers.leave("a") if leave == "stops" else office.ask(question(2), "a")
    gate.unlink()
    assert office.answer(asked) == part(asked, 3)
    assert office.came(asked) == [1, 2, 3] and office.begun()[0] == 100


def test_the_same_question_once_more_stops_nothing_and_begins_nothing(office):
    asked, gate = office.busy("a")
    for anew in (False, True):
        office.ask(asked, "a", anew=anew)
    gate.unlink()
    assert office.answer(asked) == part(asked, 3)
    assert office.begun() == [100]


def test_what_is_known_already_stops_what_is_at_work_too(office):
    known = office.ask(question(2))
    office.answer(known)
    old, _ = office.busy("a")
    office.ask(known, "a")
    wait(lambda: office.status(old) == "paused", "the stop")


def test_a_viewer_who_changes_their_mind_twice_before_the_next_part_gets_the_last(office):
    old, gate = office.busy("a", "deaf")
    two, three = office.ask(question(2), "a"), office.ask(question(3), "a")
    wait(lambda: office.heard(f"Want {office.answers.job(old).key} 0"), "the word to stop")
    gate.unlink()
    assert office.answer(three) == part(three, 3)
    assert office.came(old) == [1, 2] and office.status(two) == "paused"
    assert office.begun() == [100, 3]


# -- who is still there ------------------------------------------------------------------------------


def test_who_stays_keeps_it_going_and_who_looks_at_something_else_does_not(office):
    asked, _ = office.busy("a")
    office.answers.stay("a", asked)
    assert office.status(asked) == "running"
    office.answers.stay("b", asked)
    assert "b" not in office.answers.job(asked).leases, "who has not asked has no say"
    office.answers.stay("a", question(2))
    wait(lambda: office.status(asked) == "paused", "the stop")
    office.answers.stay("a", asked)
    assert office.status(asked) == "paused", "and to look at it again is not to ask for it"


def test_one_who_has_not_been_heard_of_yields_to_others_and_is_gone_after_a_while(office, monkeypatch):
    """As when a tab is closed: nothing says so. Alone it goes on for a while: a tab that nobody sees asks once a minute."""
    monkeypatch.setattr(module, "AWAY_SECONDS", 0.0)
    asked, gate = office.busy("a")
    assert office.answers.job(asked).wanted_until(closed=False) == 0
    assert office.status(asked) == "running"
    monkeypatch.undo()
    other = office.ask(question(2), "b")
    assert office.answer(other) == part(other, 3)
    assert office.came(asked) == [1]
    gate.unlink()
    assert office.answer(asked) == part(asked, 3), "and when nobody waits it goes on"
    assert office.begun() == [100, 2]
