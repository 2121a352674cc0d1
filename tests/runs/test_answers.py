"""Questions: who waits for what, what is known already, and what goes wrong. The processes have made-up answers."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from resviz.latest import Latest
from resviz.runs.answers import Answer, Answers
from resviz.runs.limits import Refused
from resviz.runs.pool import Pool
from resviz.runs.questions import Question
from resviz.runs.store import Store
from resviz.topics.calculator.question import CountSpec
from resviz.topics.photograph.question import Photograph, PhotographSpec
from tests.forked import kill
from tests.runs.parts import answer_to, look, part, question, spec
from tests.runs.waiting import DEADLINE, wait

pytestmark = pytest.mark.process


def recall(office, asked):
    """What is known of a question before it is asked."""
    return office.answers.remembered(asked)


def kept(office, asked):
    return wait(lambda: office.store.answer_text(asked.key), "the store")


def test_a_question_is_answered(office):
    assert office.answer(office.ask(look(7))) == answer_to(7)
    assert office.answers.measured == 1


# -- who waits for what --------------------------------------------------------------------------


def test_of_one_viewers_questions_only_the_latest_counts(office):
    first, gate = office.looking()
    two, three, four = (office.ask(look(seed)) for seed in (2, 3, 4))
    assert [office.status(asked) for asked in (two, three, four)] == ["paused", "paused", "queued"]
    gate.unlink()
    assert office.answer(four) == answer_to(4)
    assert office.answer(first) == answer_to(100)
    assert office.begun() == [100, 4]


def test_a_question_under_way_is_answered_though_its_viewer_has_gone_on(office):
    first, gate = office.looking("a")
    second = office.ask(look(2), "a")
    gate.unlink()
    assert office.answer(second) == answer_to(2)
    assert recall(office, first) == answer_to(100)


def test_viewers_wait_their_turn_and_do_not_supersede_each_other(office):
    _, gate = office.looking()
    asked = [office.ask(look(seed), f"viewer {seed}") for seed in (2, 3, 4, 5)]
    gate.unlink()
    assert [office.answer(one) for one in asked] == [answer_to(seed) for seed in (2, 3, 4, 5)]
    assert office.begun() == [100, 2, 3, 4, 5]


def test_what_a_viewer_asked_before_counts_no_more_once_they_ask_what_is_known(office):
    known = office.ask(look(1))
    office.answer(known)
    _, gate = office.looking()
    old = office.ask(look(2), "a")
    office.ask(known, "a")
    gate.unlink()
    wait(lambda: office.status(look(100)) == "finished", "the first")
    assert office.status(old) == "paused" and 2 not in office.begun()


def test_viewers_who_ask_the_same_are_answered_by_one_pass(office):
    _, gate = office.looking()
    asked = [office.ask(look(2), viewer) for viewer in "abc"]
    gate.unlink()
    assert [office.answer(one) for one in asked] == [answer_to(2)] * 3
    assert office.begun() == [100, 2]
    assert office.answers.measured == 2


def test_a_question_that_waits_can_be_given_up_and_the_process_goes_on(office):
    under_way, gate = office.looking("a")
    waiting = office.ask(look(2), "b")
    office.answers.leave("b")
    assert office.status(waiting) == "paused"
    gate.unlink()
    assert office.answer(under_way) == answer_to(100)
    assert office.begun() == [100]


def test_what_is_asked_at_a_click_and_given_up_is_answered_all_the_same(office):
    """Another process would take longer to start than the question takes to answer."""
    under_way, gate = office.looking("a")
    process = office.process("click")
    office.answers.leave("a")
    gate.unlink()
    assert office.answer(office.ask(look(2), "b")) == answer_to(2)
    assert office.process("click") is process and recall(office, under_way) == answer_to(100)


def test_giving_up_after_the_answer_changes_nothing(office):
    office.answer(office.ask(look(7)))
    process = office.process("click")
    office.answers.leave("a")
    office.answers.leave("nobody")
    assert office.answer(office.ask(look(8))) == answer_to(8)
    assert office.process("click") is process


# -- what is known already -----------------------------------------------------------------------


def test_an_answer_is_kept_in_memory_whatever_changes_later_on_the_way(office):
    found = office.answer(office.ask(look(7, cut=(1, 2))))
    branch = Question("initial", spec(7, cut=(1, 2)).branch(3, cut="", lr="0.5").during(1))
    assert office.answer(office.ask(branch)) is found
    assert recall(office, look(7)) is None
    assert (office.begun(), office.answers.measured) == ([7], 1)


def test_an_answer_can_be_forgotten_and_is_measured_again(tmp_path):
    answers = Answers(Pool(Store(tmp_path), {}))
    asked = Question("steptime", CountSpec())
    answers.known[asked.key] = "an answer"
    assert answers.remembered(asked) == "an answer"
    answers.forget(asked)
    answers.forget(asked)
    assert answers.remembered(asked) is None


def test_an_answer_is_there_after_a_restart(office):
    office.answer(office.ask(look(7)))
    kept(office, look(7))
    office.close()
    office.open()
    assert recall(office, look(7)) == answer_to(7)
    office.ask(look(7))
    assert office.answers.job(look(7)) is None and office.begun() == [7]


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"arms": {"plain": {}}}', '{"arms": 3}'])
def test_a_damaged_answer_is_asked_for_again(office, text, caplog):
    office.answer(office.ask(look(7)))
    kept(office, look(7))
    office.store.db.execute("UPDATE looks SET record = ?", (text,))
    office.close()
    office.open()
    assert recall(office, look(7)) is None
    assert f"the kept answer {look(7).key} is not what was written" in caplog.text
    assert office.answer(office.ask(look(7))) == answer_to(7)
    assert (office.begun(), office.answers.measured) == ([7, 7], 1)


def test_memory_holds_only_so_many_answers_and_the_store_the_others(office):
    office.answers.known = Latest(2)
    for seed in (1, 2, 1, 3):
        office.answer(office.ask(look(seed)))
        kept(office, look(seed))
    assert list(office.answers.known) == [look(1).key, look(3).key]
    assert office.answer(office.ask(look(2))) == answer_to(2)
    assert office.begun() == [1, 2, 3]


# -- what goes wrong -----------------------------------------------------------------------------


def test_an_answer_that_cannot_be_kept_is_given_and_said_in_the_log(office, monkeypatch, caplog):
    def refuse(key, text):
        raise TypeError("no JSON of this")

    monkeypatch.setattr(office.store, "keep_answer_text", refuse)
    assert office.answer(office.ask(look(7))) == answer_to(7)
    wait(lambda: caplog.records, "the log")
    assert f"the answer to {look(7).key} could not be kept" in caplog.text and "no JSON of this" in caplog.text
    assert office.answer(office.ask(look(8))) == answer_to(8), "and the next one is answered"


def test_a_fault_of_ours_is_said_in_a_sentence_and_traced_in_the_log(office, monkeypatch, caplog):
    with monkeypatch.context() as fault:
        fault.setattr(Answer, "done", lambda self: {}["nothing"])
        assert office.answer(office.ask(look(7))) == "KeyError in the server, whose log says more."
    assert "Traceback" in caplog.text and "'nothing'" in caplog.text
    assert office.answer(office.ask(look(8))) == answer_to(8), "and the next one is answered"


def test_a_process_that_dies_of_a_question_twice_is_replaced_and_the_question_failed(office):
    office.set("die", look(2))
    assert "was ended (exit code 5)" in office.answer(office.ask(look(2)))
    assert office.begun() == [2, 2]
    assert office.answer(office.ask(look(3))) == answer_to(3)
    assert recall(office, look(2)) is None


def test_a_process_that_dies_once_is_asked_again(office):
    office.set("dieonce", look(2))
    assert office.answer(office.ask(look(2))) == answer_to(2)
    assert (office.begun(), office.answers.measured) == ([2, 2], 1)


def test_a_process_that_dies_while_nobody_asks_is_replaced(office):
    office.answer(office.ask(look(1)))
    before = office.process("click")
    kill(before)
    assert office.answer(office.ask(look(2))) == answer_to(2)
    assert office.process("click") is not before


def test_a_failure_names_the_missing_data_set_and_is_tried_again_only_when_pressed(office):
    fault = office.set("missing", look(2))
    assert office.answer(office.ask(look(2))) == "Digits, 8x8 is not here."
    assert office.answers.job(look(2)).missing == "digits"
    fault.unlink()  # it has been downloaded
    office.ask(look(2))
    assert office.status(look(2)) == "failed"
    assert office.answer(office.ask(look(2), anew=True)) == answer_to(2)


def test_what_one_step_of_is_past_the_limits_is_refused(office):
    office.answers.pool.macs_per_second = 4e10
    with pytest.raises(Refused):
        office.ask(look(1, depth=1202, width=256, batch=1024), check=office.answers.check)
    long = office.ask(look(2, depth=110, epochs=500), check=office.answers.check)
    assert office.answer(long), "the length of the run is no matter"
    assert office.begun() == [2]


def test_what_waits_to_know_the_device_holds_nobody_up(office):
    """As on a server that has just been started: the processes say which it is, and must be heard."""

    def check(spec):
        with ThreadPoolExecutor(1) as other:
            assert other.submit(office.answers.ask, "b", look(8)).result(DEADLINE) is None

    office.ask(look(7), check=check)
    assert office.answer(look(7)) == answer_to(7) and office.answer(look(8)) == answer_to(8)


def test_closing_leaves_no_process(office):
    office.looking()
    office.ask(look(2))
    processes = [seat.process for seat in office.pool.seats if seat.process]
    office.close()
    assert processes and all(process.poll() is not None for process in processes)


# -- what is kept on disk ------------------------------------------------------------------------


@pytest.mark.parametrize("image", [None, b"a picture"], ids=["ours", "a person's own"])
def test_what_a_persons_own_picture_shows_is_not_written_to_disk(tmp_path, image):
    answers = Answers(Pool(Store(tmp_path), {}))
    job = Answer(Question("photograph", PhotographSpec(), image), answers)
    job.accept(Photograph(PhotographSpec(), 1.0, 3, "", ((3, 0.5),), {3: "a thing"}))
    job.done()
    assert job.keep() == "" and answers.remembered(job.question) is not None
    assert (Store(tmp_path).answer_text(job.question.key) is not None) == (image is None)


def test_only_the_last_part_is_remembered_and_kept_as_text(office):
    asked, gate = office.busy()
    assert recall(office, asked) is None and office.store.answer_text(asked.key) is None
    gate.unlink()
    answer = office.answer(asked)
    assert answer == part(asked, 3) and answer.done == 1
    kept(office, asked)
    office.close()
    office.open()
    assert recall(office, asked) == answer


def test_what_is_forgotten_is_gone_from_memory_and_disk_and_made_anew(office):
    asked, other = question(1), question(2)
    first = office.answer(office.ask(asked))
    office.answer(office.ask(other))
    for one in (asked, other):
        kept(office, one)
    office.answers.forget(asked)
    assert recall(office, asked) is None and office.store.answer_text(asked.key) is None
    assert recall(office, other) is not None
    again = office.answer(office.ask(asked))
    assert again == first and again is not first
    assert (office.begun(), office.answers.measured) == ([1, 2, 1], 3)
