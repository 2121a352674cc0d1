"""The count held against built networks, and measured training steps."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from resviz.topics.calculator import experiment as module
from resviz.topics.calculator import measured
from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.experiment import check, time_step
from resviz.topics.calculator.measured import (
    Check,
    StepTime,
    check_finding,
    compared,
    moved_bytes,
    step_bytes,
    step_macs,
)
from resviz.topics.calculator.nets import build
from resviz.topics.calculator.presets import NETS
from resviz.topics.calculator.question import CountSpec

pytestmark = pytest.mark.heavy  # whole networks are built in most of these

SMALL = {"net": "cifar", "depth": 8, "width": 4, "batch": 2}


# Larger ones of families that are here anyway, whose numbers test_architectures has from elsewhere.
LARGE = ("resnet152", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet101_2")


@pytest.mark.parametrize("net", [pytest.param(n, marks=[pytest.mark.grid] * (n in LARGE)) for n in NETS])
def test_every_network_is_found_equal(net):
    spec = CountSpec.of({"net": net})
    found = check(spec)
    assert [line.verdict for line in compared(count(spec), found)] == ["equal"] * 3
    assert "equal to the last unit" in check_finding(count(spec), found)
    own = net in ("cifar", "wrn", "resnext29", "cifar_densenet", "custom", "block")
    assert ("torchvision has none like it" in found.built) is own


def test_where_torchvision_differs_ours_is_built():
    found = check(CountSpec.of({"net": "resnet50", "convention": "v1"}))
    assert "torchvision has none like it" in found.built
    assert found.macs == 3_857_973_248
    assert check(CountSpec.of({"net": "vgg16", "norm": "batch"})).built == "torchvision’s vgg16_bn"


def test_a_count_that_is_off_would_be_seen():
    spec = CountSpec.of(SMALL)
    right = check(spec)
    wrong = Check("a net", right.parameters - 1, right.macs + 16, right.kept)
    lines = compared(count(spec), wrong)
    assert [line.verdict for line in lines] == ["the count is 1 more", "the count is 16 less", "equal"]
    text = check_finding(count(spec), wrong)
    assert "parameters, MACs of products differ" in text
    assert "equal" not in text


def test_too_many_layers_are_not_built():
    spec = CountSpec.of({"net": "custom", "stages": "1000x8,1000x8"})
    with pytest.raises(ValueError, match=r"is made of 20,010 parts; up to 6,000 are built"):
        check(spec)


@pytest.mark.parametrize(
    "words",
    [SMALL, {"net": "resnet18", "input": 32, "batch": 3}, {"net": "densenet121", "input": 32, "batch": 2},
     {"net": "block", "inputs": 8, "inner": 4, "input": 6, "batch": 5},
     {"net": "block", "block": "basic", "inputs": 8, "inner": 4, "input": 6, "stride": 2, "batch": 1}],
)  # fmt: skip
def test_a_training_step_makes_as_many_products_as_torch_counts(words):
    spec = CountSpec.of(words)
    with torch.device("meta"):
        net = build(spec)
        channels = spec.inputs if spec.net == "block" else spec.channels
        x = torch.empty(spec.batch, channels, spec.input, spec.input, requires_grad=spec.net == "block")
    with FlopCounterMode(display=False) as flops:
        net(x).sum().backward()
    assert flops.get_total_flops() == 2 * step_macs(count(spec), spec.batch)


@pytest.mark.parametrize("words", [SMALL, {"net": "block", "inputs": 8, "inner": 4, "input": 6}])
def test_a_step_is_measured(monkeypatch, words):
    """Its time is at least that of its products at the rate found, as far as a busy machine lets one say so."""
    monkeypatch.setattr(module, "ENOUGH", 0.05)
    monkeypatch.setattr(module, "SIDE", 256)  # what the machine does at best is then measured in less time
    monkeypatch.setattr(module, "COPIED", 1 << 22)
    spec = CountSpec.of(words)
    step = time_step(spec)
    assert (step.batch, step.threads) == (spec.batch, 1)
    assert module.FEWEST <= step.steps <= module.MOST
    assert 0 < step.fastest <= step.seconds
    assert step.rate > 1e8
    assert step.bandwidth > 1e8
    assert measured.roofline(count(spec), step).measured == step.seconds


def test_the_median_of_the_steps_is_told_and_the_first_is_left_out(monkeypatch):
    clock = iter([8.0, 1.0, 5.0, 2.0])
    monkeypatch.setattr(module, "_rate", lambda device: next(rates))
    monkeypatch.setattr(module, "_bandwidth", lambda device: 7.0)
    rates = iter([3.0, 4.0])
    steps = []

    def timed(work, device):
        work()
        return next(clock)

    monkeypatch.setattr(module, "_timed", timed)
    real = torch.optim.SGD.step
    monkeypatch.setattr(torch.optim.SGD, "step", lambda self: (steps.append(1), real(self))[1])
    found = time_step(CountSpec.of(SMALL))
    assert found == StepTime(2, found.device, 1, 5.0, 1.0, 3, 4.0, 7.0)
    assert len(steps) == 4


def test_memory_of_a_step():
    counted = count(CountSpec.of({"net": "resnet50"}))
    assert step_bytes(counted, 8) == 8 * 85_913_504 + 12 * 25_557_032
    assert moved_bytes(counted, 8) == 2 * step_bytes(counted, 8)
