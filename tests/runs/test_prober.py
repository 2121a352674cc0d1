"""Questions to a prober: who waits for what, what is known already, and what goes wrong. Its process has made-up answers."""

import threading

import pytest

from resviz.countspec import CountSpec
from resviz.inside.photograph import Photograph, PhotographSpec
from resviz.latest import Latest
from resviz.runs.limits import Refused
from resviz.runs.prober import LookFailed, Prober, Superseded
from resviz.runs.questions import Question
from resviz.runs.store import Store
from tests.forked import kill
from tests.runs.parts import SPEED, Office, answer_to, spec
from tests.runs.waiting import DEADLINE, wait

pytestmark = pytest.mark.process


@pytest.fixture
def office(tmp_path, forks):
    office = Office(tmp_path, forks)
    yield office
    office.close()


def recall(office, spec):
    """What is known of a spec before it is asked."""
    return office.prober.remembered(Question("initial", spec.during(1)))


def test_a_question_is_answered(office):
    assert office.look(7).result(DEADLINE) == answer_to(7)
    assert office.prober.measured == 1


# -- who waits for what --------------------------------------------------------------------------


def test_of_one_viewers_questions_only_the_latest_counts(office):
    first, gate = office.looking()
    two, three, four = (office.look(seed, "a") for seed in (2, 3, 4))
    for old in (two, three):
        with pytest.raises(Superseded):
            old.result(DEADLINE)
    assert not four.done()
    gate.unlink()
    assert four.result(DEADLINE) == answer_to(4)
    assert first.result(DEADLINE) == answer_to(100)
    assert office.begun() == [100, 4]


def test_a_question_under_way_is_answered_though_its_viewer_has_gone_on(office):
    first, gate = office.looking("a")
    second = office.look(2, "a")
    gate.unlink()
    assert first.result(DEADLINE) == answer_to(100)
    assert second.result(DEADLINE) == answer_to(2)


def test_viewers_wait_their_turn_and_do_not_supersede_each_other(office):
    _, gate = office.looking()
    futures = [office.look(2, "a"), office.look(3, "b"), office.look(4), office.look(5)]
    gate.unlink()
    assert [future.result(DEADLINE) for future in futures] == [answer_to(seed) for seed in (2, 3, 4, 5)]
    assert office.begun() == [100, 2, 3, 4, 5]


def test_what_a_viewer_asked_before_is_superseded_by_a_question_whose_answer_is_known(office):
    office.look(1).result(DEADLINE)
    _, gate = office.looking()
    old = office.look(2, "a")
    assert office.look(1, "a").result(DEADLINE) == answer_to(1)
    gate.unlink()
    with pytest.raises(Superseded):
        old.result(DEADLINE)
    assert 2 not in office.begun()


def test_viewers_who_ask_the_same_are_answered_by_one_pass(office):
    _, gate = office.looking()
    futures = [office.look(2, viewer) for viewer in "abc"]
    gate.unlink()
    assert [future.result(DEADLINE) for future in futures] == [answer_to(2)] * 3
    assert office.begun() == [100, 2]
    assert office.prober.measured == 2


@pytest.mark.parametrize("when", ["waiting", "under way"])
def test_a_viewer_who_gives_up_waiting_leaves_the_process_to_the_others(when, office):
    """As a route does whose browser is gone: it cancels its future."""
    under_way, gate = office.looking("a")
    waiting = office.look(2, "b")
    (waiting if when == "waiting" else under_way).cancel()
    gate.unlink()
    assert office.look(3, "b").result(DEADLINE) == answer_to(3)
    assert office.look(4, "c").result(DEADLINE) == answer_to(4)


def test_a_question_under_way_can_be_given_up_and_the_next_is_answered(office):
    under_way, _ = office.looking("a")
    waiting = office.look(2, "b")
    before = office.prober.process
    office.prober.give_up("a")
    with pytest.raises(LookFailed, match="Stopped"):
        under_way.result(DEADLINE)
    assert waiting.result(DEADLINE) == answer_to(2)
    assert office.prober.process is not before
    assert office.begun() == [100, 2], "it is not tried again"


def test_a_question_that_waits_can_be_given_up_and_the_process_goes_on(office):
    under_way, gate = office.looking("a")
    waiting = office.look(2, "b")
    office.prober.give_up("b")
    with pytest.raises(LookFailed, match="Stopped"):
        waiting.result(DEADLINE)
    gate.unlink()
    assert under_way.result(DEADLINE) == answer_to(100)
    assert office.begun() == [100]


def test_giving_up_after_the_answer_changes_nothing(office):
    office.look(7, "a").result(DEADLINE)
    wait(lambda: not office.prober.answering, "the end")
    before = office.prober.process
    office.prober.give_up("a")
    office.prober.give_up("nobody")
    assert office.look(8, "a").result(DEADLINE) == answer_to(8)
    assert office.prober.process is before


# -- what is known already -----------------------------------------------------------------------


def test_an_answer_is_kept_in_memory_whatever_changes_later_on_the_way(office):
    found = office.look(7, cut=(1, 2)).result(DEADLINE)
    branch = spec(7, cut=(1, 2)).branch(3, cut="", lr="0.5")
    assert office.prober.look(branch, SPEED).result(DEADLINE) is found
    assert recall(office, branch) is found
    assert recall(office, spec(7)) is None
    assert (office.begun(), office.prober.measured) == ([7], 1)


def test_an_answer_can_be_forgotten_and_is_measured_again(tmp_path):
    prober = Prober(Store(tmp_path), command=())
    question = Question("steptime", CountSpec())
    prober.known[question.key] = "an answer"
    assert prober.remembered(question) == "an answer"
    prober.forget(question)
    prober.forget(question)
    assert prober.remembered(question) is None


def test_an_answer_is_there_after_a_restart(office):
    office.look(7).result(DEADLINE)
    wait(lambda: office.prober.store.look_text(spec(7).digest), "the store")
    office.close()
    office.open()
    assert recall(office, spec(7)) == answer_to(7)
    assert office.look(7).result(DEADLINE) == answer_to(7)
    assert (office.begun(), office.prober.measured) == ([7], 0)


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"arms": {"plain": {}}}', '{"arms": 3}'])
def test_a_damaged_answer_is_asked_for_again(office, text, caplog):
    office.look(7).result(DEADLINE)
    wait(lambda: office.prober.store.look_text(spec(7).digest), "the store")
    office.prober.store.db.execute("UPDATE looks SET record = ?", (text,))
    office.close()
    office.open()
    assert recall(office, spec(7)) is None
    assert f"the kept answer {spec(7).digest} is not what was written" in caplog.text
    assert office.look(7).result(DEADLINE) == answer_to(7)
    assert (office.begun(), office.prober.measured) == ([7, 7], 1)


def test_memory_holds_only_so_many_answers_and_the_store_the_others(office):
    office.prober.known = Latest(2)
    for seed in (1, 2, 1, 3):
        office.look(seed).result(DEADLINE)
        wait(lambda seed=seed: office.prober.store.look_text(spec(seed).digest), "the store")
    assert list(office.prober.known) == [spec(1).digest, spec(3).digest]
    assert office.look(2).result(DEADLINE) == answer_to(2)
    assert office.begun() == [1, 2, 3]


# -- what goes wrong -----------------------------------------------------------------------------


def test_an_answer_that_cannot_be_kept_is_given_and_said_in_the_log(office, monkeypatch, caplog):
    def refuse(key, text):
        raise TypeError("no JSON of this")

    monkeypatch.setattr(office.prober.store, "keep_look_text", refuse)
    assert office.look(7).result(DEADLINE) == answer_to(7)
    wait(lambda: caplog.records, "the log")
    assert f"the answer to {spec(7).digest} could not be kept" in caplog.text and "no JSON of this" in caplog.text
    assert office.look(8).result(DEADLINE) == answer_to(8), "and the next one is answered"


def test_a_fault_of_ours_is_said_in_a_sentence_and_traced_in_the_log(office, monkeypatch, caplog):
    monkeypatch.setattr(office.prober, "_ask", lambda question: {}["nothing"])
    with pytest.raises(LookFailed, match="KeyError in the server, whose log says more"):
        office.look(7).result(DEADLINE)
    assert "Traceback" in caplog.text and "'nothing'" in caplog.text


def test_a_process_that_dies_of_a_question_twice_is_replaced_and_the_question_failed(office):
    office.set_look("die", 2)
    with pytest.raises(LookFailed, match="exit code 5"):
        office.look(2).result(DEADLINE)
    assert office.begun() == [2, 2]
    assert office.look(3).result(DEADLINE) == answer_to(3)
    assert recall(office, spec(2)) is None


def test_a_process_that_dies_once_is_asked_again(office):
    office.set_look("dieonce", 2)
    assert office.look(2).result(DEADLINE) == answer_to(2)
    assert (office.begun(), office.prober.measured) == ([2, 2], 1)


def test_a_process_that_dies_while_nobody_asks_is_replaced(office):
    office.look(1).result(DEADLINE)
    before = office.prober.process
    kill(before)
    assert office.look(2).result(DEADLINE) == answer_to(2)
    assert office.prober.process is not before


def test_a_failure_names_the_missing_data_set_and_is_not_kept(office):
    fault = office.set_look("missing", 2)
    with pytest.raises(LookFailed, match="Digits, 8x8 is not here") as error:
        office.look(2).result(DEADLINE)
    assert error.value.missing == "digits"
    fault.unlink()  # it has been downloaded
    assert office.look(2).result(DEADLINE) == answer_to(2)


def test_what_one_step_of_is_past_the_limits_is_refused(office):
    with pytest.raises(Refused):
        office.look(1, depth=1202, width=256, batch=1024)
    assert office.look(2, depth=110, epochs=500).result(DEADLINE), "the length of the run is no matter"
    assert office.begun() == [2]


def test_closing_leaves_nobody_waiting_and_no_process(office):
    under_way, _ = office.looking()
    waiting = [office.look(2, "a"), office.look(3, "b")]
    office.close()
    for future in (under_way, *waiting):
        assert future.exception(timeout=5) is not None
    assert office.prober.process.poll() is not None


# -- what is kept on disk ------------------------------------------------------------------------


@pytest.mark.parametrize(("image", "kept"), [(None, True), (b"a picture", False)], ids=["ours", "a person's own"])
def test_what_a_persons_own_picture_shows_is_not_written_to_disk(tmp_path, monkeypatch, image, kept):
    found = Photograph(PhotographSpec(), 1.0, 3, "", ((3, 0.5),), {3: "a thing"})
    prober = Prober(Store(tmp_path))
    monkeypatch.setattr(prober, "_ask", lambda question: found)
    threading.Thread(target=prober._serve, daemon=True).start()
    question = Question("photograph", PhotographSpec(), image)
    assert prober.ask(question, "me").result(DEADLINE) == found
    wait(lambda: prober.measured == 1 and not prober.answering, "the end of it")
    prober.close()
    assert (Store(tmp_path).look_text(question.key) is not None) == kept
