"""What the blocks of a network add, against hand-made networks, differences, and the probes of training."""

import math
from dataclasses import fields

import pytest
import torch
from torch import nn

from resviz.data.tensors import load
from resviz.families.resnet.spec import Spec
from resviz.probes.activations import ResidualRatio
from resviz.topics.depthtime import experiment as measuring
from resviz.topics.depthtime.experiment import chosen, passing, walk_of
from resviz.topics.depthtime.question import Walk
from resviz.train.twins.trainer import Trainer

CPU = torch.device("cpu")
SMALL = Spec(depth=12, width=4, epochs=2, examples=192, batch=32, device="cpu")  # 5 blocks, 12 steps


def images(spec: Spec, count: int = 8) -> torch.Tensor:
    return chosen(spec, load(spec.dataset, spec.examples).for_kind(spec.kind))[:count]


def numbers(value):
    if isinstance(value, float):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, Walk):
        for field in fields(value):
            yield from numbers(getattr(value, field.name))


# -- hand-made networks ----------------------------------------------------------------------------


def constant(signs: list[int], spec: Spec = SMALL, scale: float = 1.0) -> Trainer:
    """A network whose block k adds signs[k] * scale to every number of an x that is large enough for the ReLU to let all
    pass."""
    arm = Trainer(spec, "residual", CPU)
    with torch.no_grad():
        arm.net.stem[1].weight.zero_()
        arm.net.stem[1].bias.fill_(100.0)
        for block, sign in zip(arm.net.residual_blocks(), signs, strict=True):
            block.last_norm().weight.zero_()
            block.last_norm().bias.fill_(sign * scale)
    return arm


def test_the_same_step_in_every_block_is_a_straight_line():
    walk = walk_of(constant([1] * 5), images(SMALL), 7, own=False)
    root = math.sqrt(4 * 8 * 8)
    assert walk.at == 7 and walk.numbers == (256,) * 5 and walk.longest == 5 and walk.lost is None
    assert walk.size == pytest.approx([1 / (100 + k) for k in range(5)], rel=1e-5)
    assert walk.next == pytest.approx([1] * 4)
    assert all(value == pytest.approx(1) for row in walk.cosines for value in row)
    assert (walk.length, walk.distance) == pytest.approx((5 * root, 5 * root), rel=1e-5)
    assert (walk.straightness, walk.right_angles) == pytest.approx((1, 1 / math.sqrt(5)), rel=1e-5)


def test_there_and_back_again_goes_nowhere():
    walk = walk_of(constant([1, -1, 1, -1, 1]), images(SMALL), 0, own=False)
    assert walk.next == pytest.approx([-1] * 4)
    assert walk.cosines[0] == pytest.approx([1, -1, 1, -1, 1])
    assert walk.straightness == pytest.approx(1 / 5, rel=1e-5)
    assert walk.length == pytest.approx(5 * walk.distance, rel=1e-5)


def test_steps_of_zero_have_no_direction():
    walk = walk_of(constant([1, 0, 1, 1, 0]), images(SMALL), 0, own=False)
    assert [v == 0 for v in walk.size] == [False, True, False, False, True]
    assert walk.next == (None, None, 1.0, None)
    assert walk.cosines[1] == (None,) * 5
    assert walk.length == pytest.approx(3 * 16, rel=1e-5)


def test_a_block_cut_or_taken_out_has_no_step():
    spec = SMALL.replace(cut="2", remove="4")
    walk = walk_of(constant([1] * 5, spec), images(spec), 0, own=False)
    assert [v is None for v in walk.size] == [False, True, False, True, False]
    assert walk.numbers == (256, 0, 256, 0, 256)
    assert walk.next == (None,) * 4
    assert walk.cosines[0] == (1.0, None, 1.0, None, 1.0)
    assert walk.longest == 2  # from block 3 past the one taken out to 5
    assert walk.size[0] == pytest.approx(1 / 100, rel=1e-5) and walk.size[2] == pytest.approx(1.0, rel=1e-5)
    assert walk.length == walk.distance == pytest.approx(3 * 16, rel=1e-5)


def test_scales_are_those_that_enter_the_sum():
    spec = SMALL.replace(branch_scale=3.0, shortcut_scale=0.5)
    walk = walk_of(constant([1] * 5, spec), images(spec), 0, own=False)
    x = 100.0
    for size in walk.size:
        assert size == pytest.approx(3 / (0.5 * x), rel=1e-5)
        x = 0.5 * x + 3
    nothing_carried = SMALL.replace(shortcut_scale=0.0)
    assert walk_of(constant([1] * 5, nothing_carried), images(SMALL), 0, own=False).size == (None,) * 5


def test_a_gate_is_part_of_both_terms():
    spec = SMALL.replace(gate="exclusive", gate_bias=-1.0)
    arm = constant([1] * 5, spec)
    with torch.no_grad():
        for block in arm.net.residual_blocks():
            block.shortcut_gate.conv.weight.zero_()
    g = 1 / (1 + math.e)
    assert walk_of(arm, images(spec), 0, own=False).size[0] == pytest.approx(g / ((1 - g) * 100), rel=1e-5)
    spec = SMALL.replace(gate="shortcut_only", gate_bias=-1.0)
    arm = constant([1] * 5, spec)
    with torch.no_grad():
        for block in arm.net.residual_blocks():
            block.shortcut_gate.conv.weight.zero_()
    assert walk_of(arm, images(spec), 0, own=False).size[0] == pytest.approx(1 / ((1 - g) * 100), rel=1e-5)


def test_numbers_past_float32_are_no_numbers():
    arm = constant([1] * 5, scale=1e38)
    with torch.no_grad():
        for block in arm.net.residual_blocks():
            block.branch.conv1.weight.zero_()
        arm.net.residual_blocks()[2].last_norm().bias.fill_(3.2e38)
    walk = walk_of(arm, images(SMALL), 0, own=False)
    assert walk.lost == 3
    assert walk.size[:3] == pytest.approx((1e36, 1.0, 1.6), rel=1e-4)  # the third F itself is finite, the sum is not
    assert walk.size[3] is None and walk.length is None and walk.straightness is None
    assert all(map(math.isfinite, numbers(walk)))


# -- against other code ----------------------------------------------------------------------------

KINDS = [
    {},
    {"order": "bn_after", "activation": "gelu"},
    {"order": "relu_before", "shortcut": "C"},
    {"order": "relu_only", "norm": "group", "width": 8},
    {"order": "full", "stages": 3, "shortcut": "B"},
    {"block": "bottleneck", "stages": 2, "activation": "silu"},
    {"kind": "mlp", "gate": "exclusive", "gate_bias": -1.0},
    {"gate": "shortcut_only", "shortcut_dropout": 0.5, "cut": "2", "remove": "3", "depth": 14},
    {"norm": "none", "init": "fixup", "dataset": "spirals"},
]


@pytest.mark.parametrize("words", KINDS, ids=str)
def test_it_is_the_networks_own_forward_pass(words):
    spec = SMALL.replace(**words)
    net = Trainer(spec, "residual", CPU).net.eval()
    x = images(spec)
    with torch.no_grad():
        *_, (_, _, _, end) = passing(net, x)
        assert torch.equal(net.head(net.final(end).mean((2, 3))), net(x))
        for block, (_, carried, added, y) in zip(net.residual_blocks(), passing(net, x), strict=True):
            assert (carried is None) == (added is None) == (block.removed or not block.connected)
            if added is not None:
                assert torch.equal(block.after(added + carried), y)


def test_where_nothing_follows_the_sum_the_steps_are_differences():
    spec = SMALL.replace(order="full", stages=2)
    arm = Trainer(spec, "residual", CPU)
    walk = walk_of(arm, images(spec), 0, own=False)
    arm.net.eval()
    with torch.no_grad():
        passed = [(x.flatten(1).double(), y.flatten(1).double()) for x, _, _, y in passing(arm.net, images(spec))]
    steps = [y - x if x.shape == y.shape else None for x, y in passed]
    assert [s is None for s in steps] == [False, False, False, True, False]
    for k, step in enumerate(steps):
        if step is not None:
            assert walk.size[k] == pytest.approx((step.norm(dim=1) / passed[k][0].norm(dim=1)).mean().item(), rel=1e-4)
    for k in (0, 1):
        found = torch.cosine_similarity(steps[k], steps[k + 1], dim=1).mean().item()
        assert walk.next[k] == pytest.approx(found, abs=1e-5)
        assert walk.cosines[k][k + 1] == walk.cosines[k + 1][k] == pytest.approx(found, abs=1e-3)
    assert walk.next[2] is None and walk.cosines[2][3] is None and walk.cosines[3][4] is not None
    length = sum(s.norm(dim=1) for s in steps if s is not None)
    ways = (passed[2][1] - passed[0][0]).norm(dim=1) + steps[4].norm(dim=1)
    assert walk.longest == 3
    assert walk.length == pytest.approx(length.mean().item(), rel=1e-4)
    assert walk.distance == pytest.approx(ways.mean().item(), rel=1e-4)
    assert walk.straightness == pytest.approx((ways / length).mean().item(), rel=1e-4)


def test_it_agrees_with_the_ratio_that_training_records():
    """Of one image the norm over the batch is that of the image; of several, the ratio is another average."""
    spec = SMALL.replace(branch_scale=0.5, order="full")
    arm = Trainer(spec, "residual", CPU)
    probe = ResidualRatio(arm.net.residual_blocks())
    arm.net.eval()
    for count in (1, 8):
        with torch.no_grad(), probe.measuring():
            arm.net(images(spec, count))
        sizes = walk_of(arm, images(spec, count), 0, own=False).size
        arm.net.eval()
        assert sizes == pytest.approx(probe.values().tolist(), rel=1e-5 if count == 1 else 0.2)


def test_chunks_make_no_difference(monkeypatch):
    arm = Trainer(SMALL, "residual", CPU)
    whole = walk_of(arm, images(SMALL, 30), 0, own=True)
    monkeypatch.setattr(measuring, "IN_CHUNK", 256 * 5 * 7)
    parts = walk_of(arm, images(SMALL, 30), 0, own=True)
    for name in ("size", "next", "length", "distance", "straightness", "right_angles"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-4, abs=1e-6)


def test_own_statistics_are_those_of_the_images():
    """In place of those it was born with, and gone afterwards; what dropout drops is not asked."""
    spec = SMALL.replace(shortcut_dropout=0.5)
    arm = Trainer(spec, "residual", CPU)
    before = arm.state()
    x = images(spec, 64)
    taken = walk_of(arm, x, 0, own=True)
    after = arm.state()
    assert torch.equal(before["floats"], after["floats"]) and torch.equal(before["whole"], after["whole"])
    assert all(m.training and getattr(m, "momentum", 0.1) == 0.1 for m in arm.net.modules())
    for m in arm.net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.momentum = None  # running averages that are plain ones
            m.reset_running_stats()
    arm.net.eval()
    for m in arm.net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.train()
    with torch.no_grad():
        arm.net(x)
    assert walk_of(arm, x, 0, own=False).size == pytest.approx(taken.size, rel=1e-5)


def test_images_are_of_the_whole_test_half_and_fewer_where_they_are_large():
    data = load("digits")
    assert len(chosen(SMALL, data)) == 256
    assert torch.equal(chosen(SMALL, data)[1], data.inputs(data.test_x[1:2])[0])
    assert torch.equal(chosen(SMALL, data)[255], data.inputs(data.test_x[358:359])[0])
    assert len(chosen(SMALL.replace(width=1024, block="bottleneck"), data)) == 2**25 // (1024 * 4 * 64)
