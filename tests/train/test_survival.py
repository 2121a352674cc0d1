"""Steps with stochastic depth (Huang 2016, arXiv 1603.09382): who sleeps learns nothing, and the twin hears nothing of it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from resviz.data.tensors import load
from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import ResNet
from resviz.train.records import Record
from resviz.train.twins.lockstep import train
from resviz.train.twins.trainer import Trainer

pytestmark = pytest.mark.heavy  # real networks learn in all of these


def small(**changes: Any) -> Spec:
    """Six blocks, unless something else is asked for."""
    return Spec.of({"depth": 14, "width": 4, "stages": 2, "device": "cpu", **changes})


def sleepers(net: ResNet) -> list[int]:
    return [number for number, block in enumerate(net.residual_blocks(), start=1) if block.asleep]


# -- runs ----------------------------------------------------------------------------------------


def records(spec: Spec) -> list[Record]:
    return [event for event in train(spec) if isinstance(event, Record)]


SHORT = {"depth": 8, "width": 4, "epochs": 1, "examples": 256, "batch": 32, "stages": 1}


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_plain_arm_learns_the_same_to_the_last_bit(optimizer):
    """Although its momentum begins at 0 instead of nowhere."""
    words = {**SHORT, "optimizer": optimizer, "lr": 0.01, "weight_decay": 0.01}
    with_it, without = (records(small(**words, survival=p)) for p in (0.3, 1.0))
    assert [r.arms["plain"] for r in with_it] == [r.arms["plain"] for r in without]
    assert [r.arms["residual"].loss for r in with_it] != [r.arms["residual"].loss for r in without]


def test_the_same_spec_gives_the_same_numbers_twice():
    spec = small(**SHORT, survival=0.4)
    assert records(spec) == records(spec)
    assert records(spec.replace(seed=1)) != records(spec)


# -- a step --------------------------------------------------------------------------------------


def batch_of(spec: Spec, size: int = 32) -> tuple[Tensor, Tensor]:
    data = load("digits")
    return data.inputs(data.train_x[:size]), data.train_y[:size]


SLOW: dict[str, Callable[[list[Tensor], Spec], torch.optim.Optimizer]] = {
    "sgd": lambda p, s: torch.optim.SGD(
        p, s.lr, momentum=s.momentum, weight_decay=s.weight_decay, fused=False, foreach=False
    ),
    "adam": lambda p, s: torch.optim.Adam(p, s.lr, weight_decay=s.weight_decay, fused=False, foreach=False),
}


@pytest.mark.parametrize(("optimizer", "lr"), [("sgd", 0.02), ("adam", 0.002)])
def test_steps_are_those_of_torchs_optimiser_one_weight_at_a_time(optimizer, lr):
    """The fused step takes all weights or none; torch's own passes by those without a gradient, momentum and all."""
    spec = small(survival=0.4, optimizer=optimizer, lr=lr, weight_decay=0.01)
    arm = Trainer(spec, "residual", torch.device("cpu"))
    net = build(spec, "residual").to(memory_format=torch.channels_last)
    slow = SLOW[optimizer](list(net.parameters()), spec)
    x, y = batch_of(spec)
    ever: set[int] = set()
    for step in range(1, 9):
        arm.step(step, x, y, lr, probe=False)
        net.begin(step)
        ever |= set(sleepers(net))
        slow.zero_grad()
        functional.cross_entropy(net(x), y).backward()
        slow.step()
        for (name, ours), theirs in zip(arm.net.named_parameters(), net.parameters(), strict=True):
            assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-5), (step, name)
    assert len(ever) >= 3


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_a_step_leaves_the_weights_of_sleepers_where_they_are(optimizer):
    """Also those that have moved before: neither momentum nor weight decay goes on while they sleep."""
    spec = small(survival=0.3, optimizer=optimizer, lr=0.01, weight_decay=0.1)
    arm = Trainer(spec, "residual", torch.device("cpu"))
    x, y = batch_of(spec)
    rested: Counter[bool] = Counter()
    for step in range(1, 9):
        before = [[p.clone() for p in b.branch.parameters()] for b in arm.net.residual_blocks()]
        arm.step(step, x, y, 0.01, probe=False)
        for number, block in enumerate(arm.net.residual_blocks(), start=1):
            pairs = list(zip(block.branch.parameters(), before[number - 1], strict=True))
            asleep = number in sleepers(arm.net)
            rested[asleep] += 1
            assert all(torch.equal(a, b) == asleep for a, b in pairs), (step, number)
    assert min(rested[True], rested[False]) > 5


def test_what_is_measured_of_a_sleeper_is_0():
    spec = small(survival=0.3)
    arm = Trainer(spec, "residual", torch.device("cpu"))
    x, y = batch_of(spec)
    seen = 0
    for step in range(1, 6):
        at, ratio = arm.net.stem(x), []
        arm.net.begin(step)
        with torch.no_grad():
            for block in arm.net.residual_blocks():
                ratio.append(0.0 if block.asleep else (block.branch(at).norm() / at.norm()).item())
                at = block(at)
        record = arm.step(step, x, y, 0.01, probe=True)
        asleep = sleepers(arm.net)
        seen += len(asleep)
        assert record.residual_ratio == pytest.approx(ratio, rel=1e-4)
        for number in range(1, 7):
            first = spec.stem_convs + (number - 1) * spec.convs_per_block  # its two layers, from 0
            norms = record.grad_norm[first : first + 2]
            assert all((v == 0) == (number in asleep) for v in norms), (step, number)
            assert (record.activation_std[first] == 0) == (number in asleep)
            assert record.activation_std[first + 1] > 0, "what leaves it is there"
    assert seen > 3


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_state_can_be_gone_on_from(optimizer):
    """Also where some blocks have never been awake, and so have nothing that their optimiser remembers."""
    spec = small(survival=0.05, optimizer=optimizer, lr=0.01)
    x, y = batch_of(spec)
    one = Trainer(spec, "residual", torch.device("cpu"))
    for step in (1, 2, 3):
        one.step(step, x, y, 0.01, probe=False)
    other = Trainer(spec, "residual", torch.device("cpu"))
    other.load(one.state())
    for step in range(4, 12):
        assert one.step(step, x, y, 0.01, probe=True) == other.step(step, x, y, 0.01, probe=True)
    assert all(torch.equal(a, b) for a, b in zip(one.net.parameters(), other.net.parameters(), strict=True))
