"""The whole network: its layers, its switches, and its twin without shortcuts."""

from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.nets import ResNet, build, checksum
from resviz.settings import DATASETS
from resviz.spec import FIELDS, Spec

torch.set_num_threads(1)  # tensors this small: more threads would only wait for each other

BLOCKS = list(FIELDS["block"].choices)
RESIDUAL = [b for b in BLOCKS if b != "plain"]


def images(spec: Spec, number: int = 4) -> Tensor:
    return torch.randn(number, *spec.data.shape, generator=torch.Generator().manual_seed(0))


def small(**changes: Any) -> Spec:
    return Spec.of({"depth": 14, "width": 4, "stages": 2, **changes})


# -- what is in it -------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 56])
@pytest.mark.parametrize("block", BLOCKS)
def test_layers_and_activations_take_turns_to_the_head(block: str, depth: int) -> None:
    spec = small(depth=depth, block=block, width=2, shortcut="C")
    net = build(spec, "residual")
    assert len(net.layers()) == depth
    assert len(net.activations()) == depth - 1
    assert len(net.blocks) == len(net.residual_blocks()) == spec.blocks
    assert isinstance(net.layers()[-1], nn.Linear)

    ran: list[nn.Module] = []
    for module in (*net.layers(), *net.activations()):
        module.register_forward_hook(lambda module, inputs, output: ran.append(module))
    net(images(spec))
    assert ran[0::2] == net.layers()
    assert ran[1::2] == net.activations()


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("block", BLOCKS)
def test_shapes(block: str, dataset: str) -> None:
    """Each stage after the first halves height and width, rounding up, and doubles the channels."""
    spec = Spec(depth=11, width=4, stages=3, block=block, dataset=dataset)
    net = build(spec, "residual")
    shapes: list[torch.Size] = []
    for b in net.blocks:
        b.register_forward_hook(lambda module, inputs, output: shapes.append(output.shape))
    logits = net(images(spec, 2))
    assert logits.shape == (2, spec.data.classes)
    size, expansion = spec.data.shape[1], 4 if block == "bottleneck" else 1
    stage_of = [stage for stage, count in enumerate(spec.blocks_per_stage) for _ in range(count)]
    assert [tuple(s) for s in shapes] == [
        (2, 4 * expansion * 2**stage, -(-size // 2**stage), -(-size // 2**stage)) for stage in stage_of
    ]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("norm", list(FIELDS["norm"].choices))
def test_every_weight_gets_a_gradient(block: str, norm: str) -> None:
    spec = small(block=block, norm=norm, shortcut="C", activation="silu")
    net = build(spec, "residual")
    functional.cross_entropy(net(images(spec)), torch.arange(4)).backward()
    for name, p in net.named_parameters():
        assert p.grad is not None and torch.isfinite(p.grad).all() and p.grad.any(), name


@pytest.mark.parametrize("norm", list(FIELDS["norm"].choices))
@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_a_single_point_passes_and_another_passes_differently(norm: str, width: int) -> None:
    """Whatever `Spec.read` accepts or turns into, its network must be able to tell two points apart."""
    spec, _ = Spec.read({"dataset": "spirals", "depth": 4, "width": width, "norm": norm, "activation": "tanh"})
    net = build(spec, "residual").eval()
    with torch.no_grad():
        here, there = net(torch.ones(1, 2, 1, 1)), net(-torch.ones(1, 2, 1, 1))
    assert not torch.equal(here, there)


def test_unknown_arm() -> None:
    with pytest.raises(ValueError, match="'twin': allowed is plain or residual"):
        build(Spec(), "twin")


# -- switches ------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", RESIDUAL)
@pytest.mark.parametrize("shortcut", "ABC")
def test_a_cut_acts_at_once_and_restoring_undoes_it(block: str, shortcut: str) -> None:
    spec = small(block=block, shortcut=shortcut)
    net, x = build(spec, "residual"), images(spec)
    with torch.no_grad():
        whole = net(x)
        outputs = []
        for n in range(1, spec.blocks + 1):
            net.cut([n])
            outputs.append(net(x))
        net.cut([])
        assert torch.equal(net(x), whole)
    for one, other in pairwise([whole, *outputs]):
        assert not torch.allclose(one, other, rtol=1e-3)


def test_cut_replaces_the_cuts_before_it() -> None:
    net = build(small(), "residual")
    net.cut([1, 2, 2])
    net.cut(n for n in (3, 5))
    assert [b.connected for b in net.residual_blocks()] == [True, True, False, True, False, True]


def test_cuts_of_the_spec_are_made_in_the_residual_arm() -> None:
    net = build(small(cut="2,4-5"), "residual")
    assert [b.connected for b in net.residual_blocks()] == [True, False, True, False, False, True]


@pytest.mark.parametrize("number", [0, -1, 7])
def test_a_block_that_is_not_there(number: int) -> None:
    net = build(small(cut="2"), "residual")
    for switch in (net.cut, net.remove):
        with pytest.raises(IndexError, match=rf"no block \[{number}\]: this network has blocks 1 to 6"):
            switch([1, number])
    assert [b.connected for b in net.residual_blocks()] == [True, False, True, True, True, True]
    assert not any(b.removed for b in net.residual_blocks())


def around(net: ResNet, numbers: tuple[int, ...], arm: str, x: Tensor) -> Tensor:
    """The network without these blocks, put together by hand: where shapes stay and nothing is on the shortcut, there
    is nothing in their place."""
    x = net.stem(x)
    for number, block in enumerate(net.residual_blocks(), start=1):
        if number not in numbers:
            x = block(x)
        elif arm == "residual" and list(block.shortcut.parameters()):
            x = block.shortcut(x)
        elif (channels := block.conv1.in_channels) != (wider := block(x.detach().clone()).shape[1]):
            half = x[:, :, ::2, ::2] if number > 3 else x  # the second stage begins after three blocks
            x = torch.cat([half, half.new_zeros(len(half), wider - channels, *half.shape[2:])], dim=1)
    return net.head(net.final(x).mean((2, 3)))


@pytest.mark.parametrize("numbers", [(1,), (2,), (4,), (6,), (1, 3, 4), (1, 2, 3, 4, 5, 6)])
@pytest.mark.parametrize("shortcut", "ABC")
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("arm", ["plain", "residual"])
def test_without_a_block_x_passes_unchanged(arm: str, block: str, shortcut: str, numbers: tuple[int, ...]) -> None:
    spec = small(block=block, shortcut=shortcut, depth=20 if block == "bottleneck" else 14)
    net = build(spec, arm)
    whole = deepcopy(net)
    net.remove(numbers)
    results = []
    for logits in (net(images(spec)), around(whole, numbers, "plain" if block == "plain" else arm, images(spec))):
        functional.cross_entropy(logits, torch.arange(4)).backward()
        results.append(logits)
    assert torch.equal(*results)
    assert not torch.equal(results[0], deepcopy(whole)(images(spec)))
    gone = [f"blocks.{n - 1}." for n in numbers]
    for (name, p), other in zip(net.named_parameters(), whole.parameters(), strict=True):
        if name.startswith(tuple(gone)) and ".shortcut" not in name:
            assert p.grad is None
        else:
            assert torch.equal(p.grad, other.grad), name


def test_a_block_taken_out_and_put_back_is_as_it_was() -> None:
    spec = small(shortcut="C", norm="batch")
    net, x = build(spec, "residual"), images(spec)
    with torch.no_grad():
        whole = deepcopy(net)(x)
        net.remove([2, 4])
        statistics = {name: b.clone() for name, b in net.blocks[1].norm1.named_buffers()}
        net(x)
        assert all(torch.equal(b, statistics[name]) for name, b in net.blocks[1].norm1.named_buffers())
        net.remove(n for n in (5, 5))
        assert [b.removed for b in net.residual_blocks()] == [False] * 4 + [True, False]
        net.remove([])
        assert torch.equal(net(x), whole)


@pytest.mark.parametrize("arm", ["plain", "residual"])
def test_blocks_removed_by_the_spec_are_out_of_both_arms(arm: str) -> None:
    net = build(small(remove="2,4-5", cut="1"), arm)
    assert [b.removed for b in net.residual_blocks()] == [False, True, False, True, True, False]
    assert checksum(net) == checksum(build(small(), arm))


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("norm", ["batch", "none"])
def test_another_activation_makes_the_network_that_was_built_with_it(block: str, norm: str) -> None:
    for before, after in pairwise([*FIELDS["activation"].choices, "relu"]):
        net = build(small(block=block, norm=norm, activation=before), "residual")
        built = build(small(block=block, norm=norm, activation=after), "residual")
        net.activate(after)
        assert torch.equal(net(images(small())), built(images(small())))
        assert str(net) == str(built)
        assert len(net.activations()) == 13


# -- twins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("block", RESIDUAL)
@pytest.mark.parametrize("shortcut", "ABC")
def test_all_cut_is_the_plain_arm(block: str, shortcut: str, training: bool) -> None:
    spec = small(block=block, shortcut=shortcut, branch_scale=0.5)
    residual, plain = (build(spec, arm).train(training) for arm in ("residual", "plain"))
    residual.cut(range(1, spec.blocks + 1))
    with torch.no_grad():
        assert torch.equal(residual(images(spec)), plain(images(spec)))


def test_the_control_has_two_equal_arms() -> None:
    spec = small(block="plain", shortcut="C")
    residual, plain = (build(spec, arm) for arm in ("residual", "plain"))
    assert residual.state_dict().keys() == plain.state_dict().keys()
    with torch.no_grad():
        assert torch.equal(residual(images(spec)), plain(images(spec)))


@pytest.mark.parametrize("shortcut", "ABC")
@pytest.mark.parametrize("block", BLOCKS)
def test_the_plain_arm_has_nothing_on_its_shortcuts(block: str, shortcut: str) -> None:
    net = build(small(block=block, shortcut=shortcut), "plain")
    assert not any(".shortcut" in name for name in net.state_dict())
    assert not any(b.connected for b in net.residual_blocks())


@pytest.mark.parametrize(
    ("block", "init"), [(b, i) for b in RESIDUAL for i in FIELDS["init"].choices if (b, i) != ("preact", "zero_gamma")]
)  # no such spec
def test_twins_start_from_the_same_weights(block: str, init: str) -> None:
    nets = [
        build(small(block=block, init=init, shortcut=option, seed=5), arm)
        for option in "ABC"
        for arm in ("plain", "residual")
    ]
    assert len({checksum(net) for net in nets}) == 1
    first = dict(nets[0].named_parameters())
    for net in nets[1:]:
        path = {name: p for name, p in net.named_parameters() if ".shortcut" not in name}
        assert path.keys() == first.keys()
        assert all(torch.equal(p, first[name]) for name, p in path.items())


def test_a_seed_gives_one_network_whatever_was_drawn_before() -> None:
    def drawn(seed: int) -> str:
        return checksum(build(small(seed=seed), "residual"))

    torch.manual_seed(1)
    first = drawn(0)
    torch.manual_seed(2)
    assert drawn(0) == first
    assert len({drawn(seed) for seed in (0, 1, 2, 2**31 - 1)}) == 4


def test_checksum_sees_every_weight_of_the_path_and_no_projection() -> None:
    net: ResNet = build(small(shortcut="C"), "residual")
    before = checksum(net)
    for name, p in net.named_parameters():
        with torch.no_grad():
            kept = p.flatten()[-1].clone()
            p.view(-1)[-1] += 1
        assert (checksum(net) == before) == (".shortcut" in name), name
        with torch.no_grad():
            p.view(-1)[-1] = kept
    assert checksum(net) == before
    assert checksum(net.to(memory_format=torch.channels_last)) == before
