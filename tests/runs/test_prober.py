"""What is measured before training: by a made-up process that answers as files say, and once by the real one."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from resviz.countspec import CountSpec
from resviz.experiments.initial import Initial
from resviz.inside.photograph import Photograph, PhotographSpec
from resviz.records import ArmRecord, Record
from resviz.runs.limits import Limits, Refused
from resviz.runs.prober import LookFailed, Prober, Superseded
from resviz.runs.questions import Question
from resviz.runs.store import Store
from resviz.spec import Spec

DEADLINE = 30.0
SPEED = 4e10

# Answers with a record whose loss is the seed. hold-SEED: wait until the file is gone; die-SEED: end; dieonce-SEED: end,
# and delete the file; missing-SEED: say that a data set is missing. A line is added to the file `log` for each question.
PROCESS = """
import os, sys, time
from pathlib import Path
from resviz.records import ArmRecord, Record
from resviz.runs.messages import Looked, receive, send
from resviz.spec import Spec

folder = Path(sys.argv[1])
while True:
    try:
        spec = Spec.model_validate_json(receive(sys.stdin.buffer).spec)
    except EOFError:
        break
    with (folder / "log").open("a") as file:
        file.write(f"{spec.seed}\\n")
    there = lambda what: (folder / f"{what}-{spec.seed}").exists()
    while there("hold"):
        time.sleep(0.005)
    if there("dieonce"):
        (folder / f"dieonce-{spec.seed}").unlink()
        os._exit(4)
    if there("die"):
        os._exit(5)
    if there("missing"):
        answer = Looked(None, "CIFAR-10 is not here.", "cifar10")
    else:
        answer = Looked(Record(1, 1, spec.lr, {"plain": ArmRecord(float(spec.seed), 0.5, (1.0, 2.0))}))
    send(sys.stdout.buffer, answer)
"""


def wait(condition, what="that"):
    end = time.monotonic() + DEADLINE
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {DEADLINE:g} s for {what}"
        time.sleep(0.005)
    return found


def spec(seed: int, **changes) -> Spec:
    return Spec(seed=seed, device="cpu", **changes)


def answer_to(seed: int) -> Record:
    return Record(1, 1, spec(seed).lr, {"plain": ArmRecord(float(seed), 0.5, (1.0, 2.0))})


class Office:
    """A prober with a made-up process, and a say in what it does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "process.py").write_text(PROCESS)
        self.open()

    def open(self) -> None:
        """Start, or start again as after a restart of the server."""
        command = (sys.executable, str(self.folder / "process.py"), str(self.folder))
        self.prober = Prober(Store(self.folder / "home"), limits=Limits(60.0, 8e9), command=command)
        self.prober.start()

    def close(self) -> None:
        self.prober.close()
        for thread in [t for t in threading.enumerate() if t.name == "prober"]:
            thread.join(DEADLINE)
        self.prober.store.close()

    def set(self, what: str, seed: int) -> Path:
        path = self.folder / f"{what}-{seed}"
        path.touch()
        return path

    def look(self, seed: int, viewer: str = "", **changes) -> Future[Record]:
        return self.prober.look(spec(seed, **changes), SPEED, viewer)

    def asked(self) -> list[int]:
        path = self.folder / "log"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def busy(self, viewer: str = "somebody") -> tuple[Future[Record], Path]:
        """The process at a question that it does not answer until the file is gone."""
        gate = self.set("hold", 100)
        future = self.look(100, viewer)
        wait(lambda: 100 in self.asked(), "the question")
        return future, gate


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path)
    yield office
    office.close()


def test_a_question_is_answered(office):
    assert office.look(7).result(DEADLINE) == answer_to(7)
    assert office.prober.measured == 1


# -- who waits for what --------------------------------------------------------------------------


def test_of_one_viewers_questions_only_the_latest_counts(office):
    first, gate = office.busy()
    two, three, four = (office.look(seed, "a") for seed in (2, 3, 4))
    for old in (two, three):
        with pytest.raises(Superseded):
            old.result(DEADLINE)
    assert not four.done()
    gate.unlink()
    assert four.result(DEADLINE) == answer_to(4)
    assert first.result(DEADLINE) == answer_to(100)
    assert office.asked() == [100, 4]


def test_a_question_under_way_is_answered_though_its_viewer_has_gone_on(office):
    first, gate = office.busy("a")
    second = office.look(2, "a")
    gate.unlink()
    assert first.result(DEADLINE) == answer_to(100)
    assert second.result(DEADLINE) == answer_to(2)


def test_viewers_wait_their_turn_and_do_not_supersede_each_other(office):
    _, gate = office.busy()
    futures = [office.look(2, "a"), office.look(3, "b"), office.look(4), office.look(5)]
    gate.unlink()
    assert [future.result(DEADLINE) for future in futures] == [answer_to(seed) for seed in (2, 3, 4, 5)]
    assert office.asked() == [100, 2, 3, 4, 5]


def test_what_a_viewer_asked_before_is_superseded_by_a_question_whose_answer_is_known(office):
    office.look(1).result(DEADLINE)
    _, gate = office.busy()
    old = office.look(2, "a")
    assert office.look(1, "a").result(DEADLINE) == answer_to(1)
    gate.unlink()
    with pytest.raises(Superseded):
        old.result(DEADLINE)
    assert 2 not in office.asked()


def test_viewers_who_ask_the_same_are_answered_by_one_pass(office):
    _, gate = office.busy()
    futures = [office.look(2, viewer) for viewer in "abc"]
    gate.unlink()
    assert [future.result(DEADLINE) for future in futures] == [answer_to(2)] * 3
    assert office.asked() == [100, 2]
    assert office.prober.measured == 2


@pytest.mark.parametrize("when", ["waiting", "under way"])
def test_a_viewer_who_gives_up_waiting_leaves_the_process_to_the_others(when, office):
    """As a route does whose browser is gone: it cancels its future."""
    under_way, gate = office.busy("a")
    waiting = office.look(2, "b")
    (waiting if when == "waiting" else under_way).cancel()
    gate.unlink()
    assert office.look(3, "b").result(DEADLINE) == answer_to(3)
    assert office.look(4, "c").result(DEADLINE) == answer_to(4)


def test_a_question_under_way_can_be_given_up_and_the_next_is_answered(office):
    under_way, _ = office.busy("a")
    waiting = office.look(2, "b")
    before = office.prober.process
    office.prober.give_up("a")
    with pytest.raises(LookFailed, match="Stopped"):
        under_way.result(DEADLINE)
    assert waiting.result(DEADLINE) == answer_to(2)
    assert office.prober.process is not before
    assert office.asked() == [100, 2], "it is not tried again"


def test_a_question_that_waits_can_be_given_up_and_the_process_goes_on(office):
    under_way, gate = office.busy("a")
    waiting = office.look(2, "b")
    office.prober.give_up("b")
    with pytest.raises(LookFailed, match="Stopped"):
        waiting.result(DEADLINE)
    gate.unlink()
    assert under_way.result(DEADLINE) == answer_to(100)
    assert office.asked() == [100]


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
    assert office.prober.recall(branch) is found
    assert office.prober.recall(spec(7)) is None
    assert (office.asked(), office.prober.measured) == ([7], 1)


def test_an_answer_can_be_forgotten_and_is_measured_again(tmp_path):
    prober = Prober(Store(tmp_path), command=())
    question = Question("steptime", CountSpec())
    prober._remember(question.key, "an answer")
    assert prober.remembered(question) == "an answer"
    prober.forget(question)
    prober.forget(question)
    assert prober.remembered(question) is None


def test_an_answer_is_there_after_a_restart(office):
    office.look(7).result(DEADLINE)
    wait(lambda: office.prober.store.look_text(spec(7).digest), "the store")
    office.close()
    office.open()
    assert office.prober.recall(spec(7)) == answer_to(7)
    assert office.look(7).result(DEADLINE) == answer_to(7)
    assert (office.asked(), office.prober.measured) == ([7], 0)


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"arms": {"plain": {}}}', '{"arms": 3}'])
def test_a_damaged_answer_is_asked_for_again(office, text):
    office.look(7).result(DEADLINE)
    wait(lambda: office.prober.store.look_text(spec(7).digest), "the store")
    office.prober.store.db.execute("UPDATE looks SET record = ?", (text,))
    office.close()
    office.open()
    assert office.prober.recall(spec(7)) is None
    assert office.look(7).result(DEADLINE) == answer_to(7)
    assert (office.asked(), office.prober.measured) == ([7, 7], 1)


def test_memory_holds_only_so_many_answers_and_the_store_the_others(office, monkeypatch):
    monkeypatch.setattr("resviz.runs.prober.IN_MEMORY", 2)
    for seed in (1, 2, 1, 3):
        office.look(seed).result(DEADLINE)
        wait(lambda seed=seed: office.prober.store.look_text(spec(seed).digest), "the store")
    assert list(office.prober.known) == [spec(1).digest, spec(3).digest]
    assert office.look(2).result(DEADLINE) == answer_to(2)
    assert office.asked() == [1, 2, 3]


# -- what goes wrong -----------------------------------------------------------------------------


def test_a_process_that_dies_of_a_question_twice_is_replaced_and_the_question_failed(office):
    office.set("die", 2)
    with pytest.raises(LookFailed, match="exit code 5"):
        office.look(2).result(DEADLINE)
    assert office.asked() == [2, 2]
    assert office.look(3).result(DEADLINE) == answer_to(3)
    assert office.prober.recall(spec(2)) is None


def test_a_process_that_dies_once_is_asked_again(office):
    office.set("dieonce", 2)
    assert office.look(2).result(DEADLINE) == answer_to(2)
    assert (office.asked(), office.prober.measured) == ([2, 2], 1)


def test_a_process_that_dies_while_nobody_asks_is_replaced(office):
    office.look(1).result(DEADLINE)
    before = office.prober.process
    os.kill(before.pid, signal.SIGKILL)
    assert office.look(2).result(DEADLINE) == answer_to(2)
    assert office.prober.process is not before


def test_a_failure_names_the_missing_data_set_and_is_not_kept(office):
    fault = office.set("missing", 2)
    with pytest.raises(LookFailed, match="CIFAR-10 is not here") as error:
        office.look(2).result(DEADLINE)
    assert error.value.missing == "cifar10"
    fault.unlink()  # it has been downloaded
    assert office.look(2).result(DEADLINE) == answer_to(2)


def test_what_one_step_of_is_past_the_limits_is_refused(office):
    with pytest.raises(Refused):
        office.look(1, depth=1202, width=256, batch=1024)
    assert office.look(2, depth=110, epochs=500).result(DEADLINE), "the length of the run is no matter"
    assert office.asked() == [2]


def test_closing_leaves_nobody_waiting_and_no_process(office):
    under_way, _ = office.busy()
    waiting = [office.look(2, "a"), office.look(3, "b")]
    office.close()
    for future in (under_way, *waiting):
        assert future.exception(timeout=5) is not None
    assert office.prober.process.poll() is not None


# -- the real process ----------------------------------------------------------------------------


def test_the_real_process_measures_what_the_first_step_would(tmp_path, monkeypatch):
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "nothing"))
    prober = Prober(Store(tmp_path))
    prober.start()
    initial = Initial()
    some = Spec(depth=8, width=4, device="cpu")
    for one in (some, some.replace(cut="2"), some.replace(cut="1,3", remove="2").branch(5, cut="")):
        assert prober.look(one, SPEED).result(240) == initial(one)
    with pytest.raises(LookFailed) as error:
        prober.look(some.replace(dataset="mnist"), SPEED).result(DEADLINE)
    assert error.value.missing == "mnist"
    assert "\n" not in str(error.value)
    assert prober.look(some.replace(seed=1), SPEED).result(DEADLINE) == initial(some.replace(seed=1))
    assert prober.measured == 4
    initial.close()
    prober.close()


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
