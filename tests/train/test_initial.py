"""What is measured before training is what the first step of training measures, whatever was asked before."""

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.data.tensors import DataUnavailable
from resviz.families.resnet.spec import Spec
from resviz.train.records import Record
from resviz.train.twins.initial import KEPT, Initial
from resviz.train.twins.lockstep import train
from tests.examples import examples

SPECS = [
    Spec(depth=8, width=4, examples=96, batch=32, device="cpu", **words)
    for words in (
        {"block": "basic"},
        {"block": "basic", "seed": 1},
        {"block": "bottleneck", "stages": 2, "shortcut": "C", "activation": "silu", "norm": "group"},
        {"order": "full", "norm": "none", "branch_scale": 0.5, "schedule": "cosine", "warmup": 5},
        {"block": "plain", "optimizer": "adam"},
        {"order": "relu_before", "gate": "exclusive", "gate_bias": -1.0, "shortcut_dropout": 0.3},
        {"order": "bn_after", "kind": "mlp", "shortcut_scale": 0.5},
    )
]


@cache
def first(spec: Spec) -> Record:
    """The first record of a training, without what is measured after the update."""
    events = train(spec)
    next(events)
    record = next(events)
    events.close()
    arms = {name: replace(arm, test_accuracy=None, train_accuracy=None) for name, arm in record.arms.items()}
    return replace(record, arms=arms)


@pytest.fixture
def initial() -> Iterator[Initial]:
    made = Initial()
    yield made
    made.close()


@st.composite
def questions(draw: st.DrawFn) -> Spec:
    spec = draw(st.sampled_from(SPECS))
    there = {"cut": spec.shortcuts, "remove": spec.blocks}
    return spec.replace(**{name: draw(st.sets(st.integers(1, n))) if n else () for name, n in there.items()})


@pytest.mark.heavy
@examples(10)
@given(st.lists(questions(), min_size=1, max_size=5))
def test_it_is_the_first_record_of_training_whatever_was_asked_before(asked):
    initial = Initial()
    for spec in asked:
        assert repr(initial(spec)) == repr(first(spec))
    initial.close()


def test_a_cut_and_its_undoing_ask_the_plain_network_nothing(initial):
    spec = SPECS[0]
    whole = initial(spec)
    [twins] = initial.twins.values()
    twins.arms["plain"].look = None  # would fail if called
    cut = initial(spec.replace(cut="2"))
    assert cut.arms["plain"] == whole.arms["plain"]
    assert cut.arms["residual"] != whole.arms["residual"]
    assert repr(initial(spec)) == repr(whole)
    assert len(initial.twins) == 1


def test_only_the_latest_networks_are_kept(initial):
    for spec in SPECS:
        initial(spec)
    assert len(initial.twins) == KEPT
    before = set(initial.twins)
    initial(SPECS[-KEPT])  # used again, it is the latest
    assert set(initial.twins) == before
    initial(SPECS[0])
    gone = before - set(initial.twins)
    initial(SPECS[-KEPT])
    assert len(gone) == 1 and not gone & set(initial.twins), "another one went"


def test_changes_on_the_way_come_later(initial):
    spec = SPECS[0].replace(cut="3")
    assert initial(spec.branch(5, cut=[1], remove=[2], activation="tanh")) == initial(spec) == first(spec)


@pytest.mark.heavy
@pytest.mark.parametrize(("depth", "scale", "finite"), [(302, 2.0, {"plain"}), (202, 4.0, set())])
def test_numbers_that_leave_the_range_of_float32_come_out_as_such(initial, depth, scale, finite):
    words = {"norm": "none", "activation": "leaky_relu", "branch_scale": scale, "examples": 8, "batch": 8}
    spec = Spec(depth=depth, width=4, device="cpu", **words)
    trained = first(spec)
    assert set(trained.arms) == finite
    for name, arm in initial(spec).arms.items():
        if name in finite:
            assert repr(arm) == repr(trained.arms[name])
        else:
            assert not all(map(math.isfinite, (arm.loss, *arm.grad_norm)))
            assert len(arm.grad_norm) == depth and len(arm.residual_ratio) == spec.blocks


def test_data_that_are_not_here_are_named(initial, monkeypatch, tmp_path):
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    with pytest.raises(DataUnavailable, match="MNIST is not in"):
        initial(Spec(depth=8, dataset="mnist", device="cpu"))
    assert initial(SPECS[0]) == first(SPECS[0])


def test_closing_ends_its_threads():
    before = set(threading.enumerate())
    made = Initial()
    made(SPECS[0])
    assert len(set(threading.enumerate()) - before) == 2
    made.close()
    assert set(threading.enumerate()) <= before
