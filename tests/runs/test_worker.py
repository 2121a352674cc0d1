"""The loop of a worker, driven in this process with made-up runs: where it stops, goes on and forgets."""

import io
import math
import queue

import pytest

from resviz.data.tensors import DataUnavailable
from resviz.families.resnet.spec import Spec
from resviz.runs import messages
from resviz.runs.messages import TRAINING, Done, Drop, Failed, Fork, Forked, Found, Happened, Hello, Parked, Want
from resviz.runs.states import States
from resviz.runs.worker import MAX_PARKED, Worker, explain
from resviz.topics.block.question import BlockSpec
from resviz.train.records import ArmRecord, Record
from resviz.train.twins.lockstep import DeviceUnavailable

AHEAD = 2  # a made-up run has begun so many steps when it tells one, as real ones may


def a_record(step: int) -> Record:
    return Record(step, 1, 0.1, {"plain": ArmRecord(1.0 / step, 0.5, (1.0,))})


class Office:
    """A worker with made-up runs of `steps` steps, and what came of them.

    `at[spec.seed, step]` is called when a run is about to make that step; at 0, to start.
    """

    def __init__(self, start, steps: int = 10) -> None:
        self.start, self.steps = start, steps
        self.inbox, self.said = queue.Queue(), []
        self.opened, self.closed, self.made = [], [], []
        self.at = {}
        self.states = States(None, spacing=math.inf)  # what somebody asks for, and no more
        self.worker = Worker(self.inbox, self.say, self.open_run, self.states)

    def open_run(self, spec, *, after, keeper):
        self.opened.append(spec.seed)
        try:
            self.at.get((spec.seed, 0), lambda: None)()
            yield self.start
            done, _ = (after and keeper.nearest(spec, after)) or (0, None)
            begun, wanted = done, set()
            for step in range(done + 1, self.steps + 1):
                while begun < min(step + AHEAD, self.steps):
                    begun += 1
                    if keeper.wants(begun) | keeper.begins("plain", begun):
                        wanted.add(begun)
                self.at.get((spec.seed, step), lambda: None)()
                self.made.append((spec.seed, step))
                if step in wanted:
                    keeper.keep(spec, step, {"plain": {"step": step}})
                if step > after:
                    yield a_record(step)
        finally:
            self.closed.append(spec.seed)

    def say(self, message) -> None:
        self.said.append(message)
        if isinstance(message, Parked | Done | Failed):
            self.inbox.put(None)  # nothing left to wait for: end the loop, and with it `tell`

    def tell(self, *new) -> list:
        """Let the worker read messages and work until it is free; returns what it said meanwhile."""
        self.said.clear()
        for message in new:
            self.inbox.put(message)
        if not any(isinstance(message, Want) for message in new):
            self.inbox.put(None)
        self.worker.loop()
        return list(self.said)

    def steps_of(self, seed: int) -> list[int]:
        return [
            m.event.step
            for m in self.said
            if isinstance(m, Happened) and m.key == run(seed).digest and isinstance(m.event, Record)
        ]


def run(seed: int) -> Spec:
    return Spec(seed=seed)


def want(seed: int, until: int, *, have: int = 0, ticket: int = 1, attempt: int = 0) -> Want:
    return Want(ticket, run(seed).digest, TRAINING, run(seed).model_dump_json(), have, until, attempt)


def fork(seed: int, ticket: int = 7) -> Fork:
    return Fork(ticket, run(seed).digest)


def forked(said) -> list[Forked]:
    return [message for message in said if isinstance(message, Forked)]


@pytest.fixture
def office(real_run):
    return Office(real_run.start)


# -- one run -------------------------------------------------------------------------------------


def test_a_run_stops_exactly_where_it_is_wanted_to(office):
    said = office.tell(want(1, 3, ticket=42))
    digest = run(1).digest
    assert said == [Happened(digest, office.start), *[Happened(digest, a_record(n)) for n in (1, 2, 3)], Parked(42)]
    assert office.made == [(1, 1), (1, 2), (1, 3)]
    assert office.closed == []


def test_a_parked_run_goes_on_where_it_stopped(office):
    office.tell(want(1, 3))
    office.tell(want(1, 4, have=3))
    assert office.steps_of(1) == [4]
    office.tell(want(1, 7, have=4))
    assert office.steps_of(1) == [5, 6, 7]
    assert office.opened == [1]
    assert office.made == [(1, n) for n in range(1, 8)]


def test_a_run_at_its_end_is_done_and_forgotten(office):
    said = office.tell(want(1, 10**9))
    assert office.steps_of(1) == list(range(1, 11))
    assert isinstance(said[-1], Done)
    assert said[-1].key == run(1).digest
    assert said[-1].seconds > 0
    assert office.closed == [1]
    assert office.worker.jobs == {}


def test_what_is_reached_already_is_parked_at_once(office):
    assert office.tell(want(1, 5, have=5, ticket=9)) == [Parked(9)]
    assert office.opened == []
    office.tell(want(1, 3))
    assert office.tell(want(1, 2, have=3)) == [Parked(1)]
    assert office.tell(want(1, 0, have=3)) == [Parked(1)]
    assert office.made == [(1, 1), (1, 2), (1, 3)]


def test_a_nearer_goal_takes_effect_in_the_midst(office):
    office.at[1, 4] = lambda: office.inbox.put(want(1, 5, ticket=2))
    said = office.tell(want(1, 10**9))
    assert office.steps_of(1) == [1, 2, 3, 4, 5]
    assert said[-1] == Parked(2)


# -- several runs --------------------------------------------------------------------------------


def test_another_run_takes_the_place_and_the_first_goes_on_after_it(office):
    office.at[1, 3] = lambda: office.inbox.put(want(2, 2, ticket=2))
    said = office.tell(want(1, 10**9))
    assert office.steps_of(1) == [1, 2, 3]  # a step that has begun is finished and told
    assert office.steps_of(2) == [1, 2]
    assert said[-1] == Parked(2)
    office.at.clear()
    said = office.tell(want(1, 10**9, have=3))
    assert office.steps_of(1) == [4, 5, 6, 7, 8, 9, 10]
    assert isinstance(said[-1], Done)
    assert office.opened == [1, 2]


def test_the_oldest_of_too_many_parked_runs_is_closed(office):
    for seed in range(MAX_PARKED):
        office.tell(want(seed, 2))
    assert office.closed == []
    office.tell(want(0, 3, have=2))  # the first is now the youngest
    office.tell(want(77, 2))
    assert office.closed == [1]
    assert len(office.worker.jobs) == MAX_PARKED


def test_a_run_that_was_closed_is_made_again_without_repeating_itself(office):
    """The server has the first two records; the worker makes them again to get on, and sends only what is new."""
    office.tell(want(0, 2))
    for seed in range(1, MAX_PARKED + 1):
        office.tell(want(seed, 2))
    assert office.closed == [0]
    office.tell(want(0, 4, have=2))
    assert office.steps_of(0) == [3, 4]
    assert office.made.count((0, 1)) == 2
    said = office.tell(want(0, 10**9, have=4))
    assert office.steps_of(0) == [5, 6, 7, 8, 9, 10]
    assert isinstance(said[-1], Done)


def test_a_run_that_was_closed_goes_on_from_a_kept_state(office):
    office.at[0, 4] = lambda: office.inbox.put(fork(0))
    office.tell(want(0, 8))
    for seed in range(1, MAX_PARKED + 1):
        office.tell(want(seed, 2))
    assert office.closed == [0]
    office.made.clear()
    office.tell(want(0, 10, have=8))
    assert office.made == [(0, 8), (0, 9), (0, 10)], "the state after step 7 was there"
    assert office.steps_of(0) == [9, 10]


# -- states to branch from -----------------------------------------------------------------------


def test_a_fork_keeps_the_next_state_that_can_be_kept_and_tells_it_behind_its_record(office):
    """Steps 4 to 6 had begun without it when the wish came in."""
    office.at[1, 4] = lambda: office.inbox.put(fork(1))
    said = office.tell(want(1, 10**9))
    assert forked(said) == [Forked(7, 7)]
    assert said.index(Forked(7, 7)) == said.index(Happened(run(1).digest, a_record(7))) + 1
    assert office.states.of(run(1)).nearest(run(1), 10) == (7, {"plain": {"step": 7}})
    assert office.steps_of(1) == list(range(1, 11)), "the run itself goes on"
    assert isinstance(said[-1], Done)


def test_a_run_can_be_forked_again_and_again(office):
    for step in (1, 5):
        office.at[1, step] = lambda step=step: office.inbox.put(fork(1, 10 * step))
    assert forked(office.tell(want(1, 10**9))) == [Forked(10, 4), Forked(50, 8)]


def test_two_who_fork_a_run_at_once_both_get_an_answer(office):
    office.at[1, 4] = lambda: [office.inbox.put(fork(1, ticket)) for ticket in (7, 8)]
    assert {message.ticket for message in forked(office.tell(want(1, 10**9)))} == {7, 8}


def test_a_fork_of_what_is_parked_unknown_or_not_what_the_worker_is_at(office):
    assert office.tell(fork(1)) == [Forked(7, 0)]
    office.tell(want(1, 3))
    assert office.tell(fork(1)) == [Forked(7, 0)]
    office.at[2, 2] = lambda: office.inbox.put(fork(1, 8))
    assert forked(office.tell(want(2, 4))) == [Forked(8, 0)]
    assert forked(office.tell(want(1, 10**9, have=3))) == [], "and nobody is answered twice"


def test_a_fork_that_comes_too_late_in_a_run_is_answered_when_all_records_are_told(office):
    office.at[1, 9] = lambda: office.inbox.put(fork(1))
    said = office.tell(want(1, 10**9))
    assert said[-3:-1] == [Happened(run(1).digest, a_record(10)), Forked(7, 0)]
    assert isinstance(said[-1], Done)


def drop_it(office):
    office.inbox.put(Drop(run(1).digest))
    office.inbox.put(None)


@pytest.mark.parametrize(
    "what",
    [
        drop_it,
        lambda office: office.inbox.put(want(1, 3, attempt=1)),
        lambda office: office.at.update({(1, 5): fail(KeyError("x"))}),
    ],
    ids=["dropped", "started over", "failed"],
)
def test_a_fork_of_a_run_that_ends_otherwise_is_answered(what, office):
    def meanwhile() -> None:
        del office.at[1, 4]
        office.inbox.put(fork(1))
        what(office)

    office.at[1, 4] = meanwhile
    assert forked(office.tell(want(1, 10**9))) == [Forked(7, 0)]


@pytest.mark.parametrize(
    "wish", [want(1, 5, ticket=2), want(1, 0, ticket=2), want(2, 2, ticket=2)], ids=["nearer", "parked", "another run"]
)
def test_a_fork_is_answered_though_the_run_is_put_aside_before(wish, office):
    """Whoever waits for it must not wait until the run goes on."""
    office.at[1, 4] = lambda: [office.inbox.put(message) for message in (fork(1), wish)]
    said = office.tell(want(1, 10**9))
    assert len(forked(said)) == 1
    assert forked(said)[0].step in (0, 7)
    if forked(said)[0].step:
        assert office.states.of(run(1)).nearest(run(1), 10)[0] == 7
        assert office.steps_of(1)[-1] >= 7


@pytest.mark.parametrize("step", [0, 1, 3])
def test_a_fork_while_a_run_is_replayed_does_not_lead_back_before_what_was_told(step, office):
    """The viewer sees six records and changes something: it must not change at a step long past."""
    office.at[1, step] = lambda: office.inbox.put(fork(1))
    said = office.tell(want(1, 10**9, have=6))
    assert office.steps_of(1) == [7, 8, 9, 10]
    (answer,) = forked(said)
    assert answer.step == 0 or answer.step >= 6


# -- forgetting and failing ----------------------------------------------------------------------


def test_a_dropped_run_is_closed_and_starts_over_when_wanted_again(office):
    office.tell(want(1, 3))
    assert office.tell(Drop(run(1).digest)) == []
    assert office.closed == [1]
    office.tell(want(1, 2))
    assert office.steps_of(1) == [1, 2]
    assert office.opened == [1, 1]


def test_dropping_the_run_under_way_stops_it(office):
    def drop() -> None:
        office.inbox.put(Drop(run(1).digest))
        office.inbox.put(None)

    office.at[1, 4] = drop
    office.tell(want(1, 10**9))
    assert office.steps_of(1) == [1, 2, 3, 4]
    assert office.closed == [1]
    assert office.worker.want is None


def test_dropping_what_is_not_there_does_no_harm(office):
    office.tell(want(1, 2))
    assert office.tell(Drop(run(2).digest)) == []
    office.tell(want(1, 3, have=2))
    assert office.steps_of(1) == [3]


def test_dropping_another_run_leaves_the_one_under_way(office):
    office.tell(want(2, 1))
    office.at[1, 4] = lambda: office.inbox.put(Drop(run(2).digest))
    assert isinstance(office.tell(want(1, 10**9))[-1], Done)
    assert office.closed == [2, 1]


def fail(error: Exception):
    def raise_it() -> None:
        raise error

    return raise_it


def test_a_run_that_fails_says_why_and_the_worker_lives_on(office, capsys):
    office.at[1, 3] = fail(ZeroDivisionError("of all things"))
    said = office.tell(want(1, 10**9))
    assert office.steps_of(1) == [1, 2]
    assert said[-1] == Failed(run(1).digest, "This stopped with ZeroDivisionError: of all things")
    assert "Traceback" in capsys.readouterr().err  # for the server's log
    office.tell(want(2, 2))
    assert office.steps_of(2) == [1, 2]
    del office.at[1, 3]
    office.tell(want(1, 10**9))
    assert office.steps_of(1) == list(range(1, 11))


def test_a_data_set_that_is_missing_is_named_and_is_no_fault_to_log(office, capsys):
    office.at[1, 1] = fail(DataUnavailable("CIFAR-10 is not in /there."))
    spec = Spec(seed=1, dataset="cifar10")
    said = office.tell(Want(1, spec.digest, TRAINING, spec.model_dump_json(), 0, 5))
    assert said[-1] == Failed(spec.digest, "CIFAR-10 is not in /there.", missing="cifar10")
    assert "Traceback" not in capsys.readouterr().err


def test_a_device_that_is_not_there_is_no_fault_to_log_and_nothing_to_download(office, capsys):
    office.at[1, 1] = fail(DeviceUnavailable("device=mps: this machine has cpu"))
    assert office.tell(want(1, 5))[-1] == Failed(run(1).digest, "device=mps: this machine has cpu", missing="")
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DataUnavailable("MNIST is not here."), "MNIST is not here."),
        (DeviceUnavailable("device=mps: this machine has cpu"), "device=mps: this machine has cpu"),
        (MemoryError(), "There was not enough memory for this: try a smaller depth, width or batch."),
        (
            RuntimeError("CUDA out of memory. Tried to allocate"),
            "There was not enough memory for this: try a smaller depth, width or batch.",
        ),
        (KeyError("x"), "This stopped with KeyError: 'x'"),
    ],
)
def test_errors_in_words(error, words):
    assert explain(error) == words


def test_a_long_error_is_cut_short():
    assert len(explain(ValueError("x" * 10_000))) < 400


# -- messages ------------------------------------------------------------------------------------


def test_messages_come_through_a_pipe_as_they_went_in(real_run):
    sent = [
        Found("cpu"),
        Hello(4e10),
        want(1, 5),
        Drop("a"),
        Fork(4, "a"),
        Forked(4, 9),
        Want(7, "answer", "block", BlockSpec().model_dump_json(), 0, 5, image=b"a picture"),
        Parked(3),
        Done("a", 1.5),
        Failed("a", "why", "mnist"),
        *[Happened("a", event) for event in (real_run.start, *real_run.records)],
    ]
    pipe = io.BytesIO()
    for message in sent:
        messages.send(pipe, message)
    pipe.seek(0)
    assert [messages.receive(pipe) for _ in sent] == sent
    with pytest.raises(EOFError):
        messages.receive(pipe)


def test_a_message_broken_off_anywhere_is_an_end(real_run):
    """A process that is killed while it writes leaves half a message: the other side must see its end, not garbage."""
    pipe = io.BytesIO()
    messages.send(pipe, Happened("a", real_run.records[0]))
    whole = pipe.getvalue()
    for length in {0, 1, 3, 4, 5, len(whole) // 2, len(whole) - 1}:
        with pytest.raises(EOFError):
            messages.receive(io.BytesIO(whole[:length]))
