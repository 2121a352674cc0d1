"""Depth as time along a training: the weights are those of `train`, wherever it begins and however it ends."""

import functools
import math
import threading

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from resviz.data.tensors import DataUnavailable
from resviz.families.resnet.spec import Spec
from resviz.topics.depthtime import experiment as measuring
from resviz.topics.depthtime.experiment import depthtime, walk_of
from resviz.topics.depthtime.figures import figures
from resviz.topics.depthtime.question import DepthTime, nothing, stepping
from resviz.topics.depthtime.words import finding
from resviz.train.twins.lockstep import train
from resviz.train.twins.trainer import NotFinite, Trainer
from tests.examples import examples
from tests.topics.depthtime.test_experiment import CPU, SMALL, images, numbers

pytestmark = pytest.mark.heavy  # real networks learn in all of these

ADAPTER = TypeAdapter(DepthTime)


def last(spec: Spec, **more) -> DepthTime:
    *_, record = depthtime(spec, **more)
    return record


whole_run = functools.cache(last)  # for courses that several tests look at


# -- training --------------------------------------------------------------------------------------


class Ends:
    """Keeps the state after one step."""

    fork = None

    def __init__(self, step: int) -> None:
        self.step, self.state = step, None

    def wants(self, step: int) -> bool:
        return step == self.step

    def begins(self, arm: str, step: int) -> bool:
        return False

    def keep(self, spec, step, state) -> None:
        self.state = state

    def nearest(self, spec, step):
        return (self.step, self.state) if self.state and self.step <= step else None


def trained(spec: Spec, step: int) -> Ends:
    keeper = Ends(step)
    for _ in train(spec, keeper=keeper):
        pass
    assert keeper.state is not None
    return keeper


COURSES = [
    SMALL,
    SMALL.replace(cut="2", shortcut_dropout=0.3).branch(4, remove=[3]).branch(7, optimizer="adam", lr=0.003),
    SMALL.replace(order="full", stages=2, kind="mlp", activation="tanh"),
]


@pytest.mark.parametrize("spec", COURSES, ids=["plain", "changes", "mlp"])
def test_the_weights_are_those_that_train_ends_with(spec):
    record = whole_run(spec)
    arm = Trainer(spec, "residual", CPU)
    arm.apply(spec.during(spec.steps))
    arm.load(trained(spec, spec.steps).state["residual"])
    assert record.now == walk_of(arm, images(spec, 256), spec.steps, own=False)
    assert record.before == walk_of(Trainer(spec, "residual", CPU), images(spec, 256), 0, own=True)
    assert (record.done, record.step, record.images, record.ended) == (1.0, spec.steps, 256, "")


@pytest.mark.parametrize("spec", COURSES[:2], ids=["plain", "changes"])
@pytest.mark.parametrize("step", [5, 12])
def test_going_on_from_a_kept_state_ends_the_same(spec, step, monkeypatch):
    whole = whole_run(spec)
    keeper = trained(spec, step)
    made = []
    monkeypatch.setattr(
        measuring, "step", lambda arm, task, make=measuring.step: made.append(task.step) or make(arm, task)
    )
    assert last(spec, keeper=keeper) == whole
    assert made == list(range(step + 1, spec.steps + 1))


def test_looking_on_the_way_changes_nothing(monkeypatch):
    spec = COURSES[1]
    whole = whole_run(spec)
    monkeypatch.setattr(measuring, "EVERY", 0.0)
    monkeypatch.setattr(measuring, "LOOKING_SHARE", math.inf)
    records = list(depthtime(spec))
    assert records[-1] == whole
    assert [r.step for r in records] == [0, 0, *range(1, spec.steps), spec.steps]
    assert [r.now and r.now.at for r in records] == [None, None, *range(1, spec.steps), spec.steps]
    shares = [r.done for r in records]
    assert shares == sorted(shares) and max(shares[:-1]) < 1 == shares[-1]
    assert records[0] == DepthTime(spec, 0.0)
    assert records[2].now.size[2] is not None and records[6].now.size[2] is None  # taken out after step 4
    for record in records:
        assert finding(record) and figures(record)
        assert ADAPTER.validate_json(ADAPTER.dump_json(record)) == record


def test_equal_specs_give_equal_records():
    assert last(SMALL) == whole_run(SMALL) != last(SMALL.replace(seed=1))


def test_a_run_that_leaves_float32_is_measured_one_step_before():
    spec = SMALL.replace(norm="none", lr=100.0, depth=40)
    record = whole_run(spec)
    stopped = next(r for r in train(spec) if getattr(r, "ended", {}).get("residual"))
    assert record.ended == stopped.ended["residual"]
    assert record.step == record.now.at == stopped.step - 1
    assert record.done == 1.0
    assert all(map(math.isfinite, numbers(record.now)))
    assert f"stopped at step {stopped.step}" in finding(record)
    ADAPTER.dump_json(record)


def test_statistics_of_a_step_that_failed_are_forgotten(monkeypatch):
    """The weights after 3 steps, as a run of 3 steps has them."""
    spec = SMALL
    make = Trainer.step

    def step(arm, number, *rest, **more):
        if number < 4:
            return make(arm, number, *rest, **more)
        arm.net(torch.full_like(rest[0], math.inf))
        raise NotFinite("it was made to.")

    keeper = trained(spec, 3)
    monkeypatch.setattr(Trainer, "step", step)
    record = last(spec)
    assert record.step == 3 and record.ended == "it was made to."
    arm = Trainer(spec, "residual", CPU)
    arm.load(keeper.state["residual"])
    assert record.now == walk_of(arm, images(spec, 256), 3, own=False)


def test_a_kept_state_of_an_arm_that_ended_is_passed_over():
    spec = SMALL.replace(norm="none", lr=100.0, depth=40)
    whole = whole_run(spec)

    class Ended(Ends):
        def nearest(self, spec, step):
            return (12, {"residual": {"ended": True}}) if step >= 12 else None

    assert last(spec, keeper=Ended(12)) == whole


@pytest.mark.parametrize(
    "words",
    [{"depth": 2}, {"depth": 3}, {"block": "plain"}, {"cut": "1-5"}, {"remove": "1-5"}, {"cut": "1-4", "remove": "5"}],
)
def test_a_network_without_a_step_is_not_trained(words):
    spec = SMALL.replace(**words)
    assert list(depthtime(spec)) == [DepthTime(spec, 1.0)]


def test_data_that_are_not_here_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    with pytest.raises(DataUnavailable, match="MNIST is not in"):
        last(Spec(depth=8, dataset="mnist", device="cpu"))


def test_leaving_early_ends_its_thread():
    threads = set(threading.enumerate())
    records = depthtime(SMALL)
    for _ in range(3):
        next(records)
    records.close()
    assert set(threading.enumerate()) <= threads


# -- whatever the settings -------------------------------------------------------------------------


@st.composite
def specs(draw) -> Spec:
    words = {
        "depth": draw(st.sampled_from([12, 17, 24, 8, 5, 2])),
        "width": draw(st.sampled_from([1, 2, 8])),
        "stages": draw(st.integers(1, 3)),
        "kind": draw(st.sampled_from(["conv", "conv", "mlp"])),
        "block": draw(st.sampled_from(["basic", "basic", "basic", "bottleneck", "bottleneck", "plain"])),
        "order": draw(st.sampled_from(["original", "bn_after", "relu_before", "relu_only", "full"])),
        "norm": draw(st.sampled_from(["batch", "layer", "group", "none"])),
        "activation": draw(st.sampled_from(["relu", "leaky_relu", "gelu", "silu", "tanh"])),
        "init": draw(st.sampled_from(["he", "torch", "zero_gamma", "fixup"])),
        "shortcut": draw(st.sampled_from("ABC")),
        "shortcut_scale": draw(st.sampled_from([0.0, 0.5, 1.0])),
        "branch_scale": draw(st.sampled_from([0.0, 1.0, 4.0])),
        "gate": draw(st.sampled_from(["none", "exclusive", "shortcut_only"])),
        "dataset": draw(st.sampled_from(["digits", "spirals"])),
        "lr": draw(st.sampled_from([0.02, 1.0, 100.0])),
        "cut": draw(st.sampled_from(["", "", "1", "2,3"])),
        "remove": draw(st.sampled_from(["", "", "2", "1,4"])),
    }
    return Spec.read({**words, "epochs": 1, "examples": 24, "batch": 8, "device": "cpu"})[0]


@examples(40)
@given(specs())
def test_every_network_makes_a_record(spec):
    record = last(spec)
    assert record.done == 1.0 and finding(record)
    assert ADAPTER.validate_json(ADAPTER.dump_json(record)) == record
    if nothing(spec):
        assert record.now is None
        return
    for walk in (record.before, record.now):
        assert len(walk.size) == len(walk.numbers) == spec.blocks == len(walk.next) + 1
        assert all(map(math.isfinite, numbers(walk)))
        there = set(stepping(spec.during(1)))
        assert {k for k, n in enumerate(walk.numbers, start=1) if n} == there
        assert all(v is None or k in there for k, v in enumerate(walk.size, start=1))
        assert all(v is None or -1 <= v <= 1 for v in walk.next)
        assert all(v is None or -1 <= v <= 1 for row in walk.cosines for v in row)
        assert walk.straightness is None or walk.straightness <= 1 + 1e-6
    for template in figures(record):
        assert all(map(math.isfinite, numbers(tuple(template["figure"]["layout"]["yaxis"]["range"]))))
