"""Initial weights against the closed forms of their schemes, and what those do to signals in deep networks."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.blocks import Block
from resviz.nets.init import SCHEMES, initialise_block
from resviz.nets.resnet import ResNet
from resviz.nets.settings import ORDERS


def residual(**changes: Any) -> ResNet:
    return build(Spec.of({"depth": 14, "width": 4, "stages": 2, **changes}), "residual")


def conv_weights(net: nn.Module) -> list[Tensor]:
    return [m.weight.detach() for m in net.modules() if isinstance(m, nn.Conv2d)]


def conv_weights_of(branch: nn.Module) -> list[nn.Parameter]:
    return [m.weight for m in branch if isinstance(m, nn.Conv2d)]


def images(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


# -- distributions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("init", "deviation"),
    [
        ("he", lambda i, o, k: math.sqrt(2 / (k * k * o))),  # by what goes out: He 2015b, eq. 14
        ("xavier", lambda i, o, k: math.sqrt(2 / (k * k * (i + o)))),  # Glorot and Bengio 2010, eq. 16
        ("torch", lambda i, o, k: math.sqrt(1 / (3 * k * k * i))),
        ("zero_gamma", lambda i, o, k: math.sqrt(2 / (k * k * o))),
    ],
)
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_standard_deviation(init: str, deviation: Callable[[int, int, int], float], block: str) -> None:
    net = residual(init=init, width=32, block=block, shortcut="C", dataset="cifar10")
    for w in conv_weights(net):
        o, i, k, _ = w.shape
        # five standard errors, which for N normal draws are 1 / sqrt(2 N) each
        assert float(w.pow(2).mean().sqrt()) == pytest.approx(deviation(i, o, k), rel=5 / math.sqrt(2 * w.numel()))
        assert abs(float(w.mean())) < 5 * deviation(i, o, k) / math.sqrt(w.numel())


def test_torch_is_what_a_layer_draws_by_itself() -> None:
    torch.manual_seed(7)
    layer = nn.Conv2d(16, 32, 3, bias=False)
    drawn = torch.empty(32, 16, 3, 3)
    SCHEMES["torch"](drawn, torch.Generator().manual_seed(7))
    assert torch.equal(drawn, layer.weight)


def test_torch_is_uniform_up_to_its_bound() -> None:
    for w in conv_weights(residual(init="torch", width=32)):
        bound = 1 / math.sqrt(w[0].numel())
        assert float(w.abs().max()) <= bound
        assert float(w.abs().max()) > bound * (1 - 20 / w.numel())


def test_orthogonal() -> None:
    for w in conv_weights(residual(init="orthogonal", width=16, block="bottleneck", shortcut="B")):
        w = w.flatten(1).double()
        product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
        torch.testing.assert_close(product, 2.0 * torch.eye(len(product), dtype=torch.float64), rtol=0, atol=1e-5)


@pytest.mark.parametrize("init", ["he", "torch", "zero_gamma"])
def test_head_is_that_of_torch(init: str) -> None:
    head = residual(init=init, width=128, stages=1).head
    bound = 1 / math.sqrt(128)
    for p in (head.weight, head.bias):
        assert 0.5 * bound < float(p.detach().abs().max()) <= bound
    assert float(head.weight.detach().std()) == pytest.approx(bound / math.sqrt(3), rel=5 / math.sqrt(2 * 1280))


def test_projections_are_drawn_apart_from_the_path() -> None:
    net = residual(width=16, shortcut="C", stages=1, dataset="mnist")
    stem, first = net.stem[0].weight.flatten(), net.blocks[0].shortcut[0].weight.flatten()
    n = min(len(stem), len(first))
    together = torch.corrcoef(torch.stack([stem[:n], first[:n]]))[0, 1]
    assert abs(float(together.detach())) < 5 / math.sqrt(n)


@pytest.mark.parametrize("init", list(SCHEMES))
def test_layers_of_one_shape_differ(init: str) -> None:
    convs = [b.branch.conv1.weight for b in residual(init=init, stages=1).blocks]
    assert all(not torch.equal(a, b) for n, a in enumerate(convs) for b in convs[:n])


# -- zero gamma ----------------------------------------------------------------------------------


ENDS_IN_NORM = {"original": functional.relu, "relu_only": lambda x: x}  # the block that is left without its branch
every_ending_in_norm = pytest.mark.parametrize("order", ENDS_IN_NORM)


@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
@every_ending_in_norm
def test_zero_gamma_starts_every_block_without_its_branch(order: str, block: str, norm: str) -> None:
    net = residual(init="zero_gamma", order=order, block=block, norm=norm, stages=2)
    for b in net.residual_blocks():
        x = images(3, b.branch.conv1.in_channels, 6, 6)
        assert x.min() < 0
        assert torch.equal(b(x), ENDS_IN_NORM[order](b.shortcut(x)))


@pytest.mark.parametrize("block", ["basic", "bottleneck"])
@every_ending_in_norm
def test_zero_gamma_starts_the_gammas_before_the_convolutions(order: str, block: str) -> None:
    net = residual(init="zero_gamma", order=order, block=block)
    functional.cross_entropy(net(images(8, 1, 8, 8)), torch.arange(8)).backward()
    for b in net.residual_blocks():
        for conv in conv_weights_of(b.branch):
            assert torch.equal(conv.grad, torch.zeros_like(conv))
        assert float(b.last_norm().weight.grad.abs().max()) > 0


# -- Fixup ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("block", "m"), [("basic", 2), ("bottleneck", 3)])
@pytest.mark.parametrize("order", ORDERS)
def test_fixup_rules_1_and_2(order: str, block: str, m: int) -> None:
    """Zhang 2019: head and last layer of each branch 0, its other layers times L^(-1 / (2m - 2))."""
    fixup, he = (residual(init=init, block=block, order=order, norm="none", depth=16) for init in ("fixup", "he"))
    L = len(fixup.blocks)
    with torch.no_grad():
        assert torch.equal(fixup(images(4, 1, 8, 8)), torch.zeros(4, 10))
    assert torch.equal(fixup.stem[0].weight, he.stem[0].weight)
    for ours, theirs in zip(fixup.residual_blocks(), he.residual_blocks(), strict=True):
        for n in range(1, m):
            found, start = (conv_weights_of(b.branch)[n - 1] for b in (ours, theirs))
            torch.testing.assert_close(found, start * L ** (-1 / (2 * m - 2)), rtol=1e-6, atol=0)
        assert len(conv_weights_of(ours.branch)) == m
        last = conv_weights_of(ours.branch)[-1]
        assert torch.equal(last, torch.zeros_like(last))


# -- gates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("init", list(SCHEMES))
@pytest.mark.parametrize("bias", [-6.0, 0.0, 2.5])
def test_gates_are_drawn_last_and_open_as_far_as_their_bias_says(init: str, bias: float) -> None:
    gated = residual(init=init, gate="exclusive", gate_bias=bias, shortcut="C", width=8)
    without = residual(init=init, shortcut="C", width=8)
    for name, p in without.named_parameters():
        assert torch.equal(p, gated.get_parameter(name)), name
    gates = [b.shortcut_gate.conv for b in gated.residual_blocks()]
    assert all(torch.equal(g.bias, torch.full_like(g.bias, bias)) for g in gates)
    for number, gate in enumerate(gates):
        assert gate.weight.detach().std() > 0
        assert not any(torch.equal(gate.weight, other.weight) for other in gates[:number])


# -- one block by itself -------------------------------------------------------------------------


@pytest.mark.parametrize("init", list(SCHEMES))
def test_a_block_by_itself_is_drawn_as_the_only_one(init: str) -> None:
    """By the same scheme; Fixup's factor is then 1, as of a network with one block."""
    block = Block(16, 32, 2, shortcut="B", gate="exclusive")
    initialise_block(block, init, torch.Generator().manual_seed(3))
    generator = torch.Generator().manual_seed(3)
    for number, conv in enumerate([*conv_weights_of(block.branch), block.shortcut[0].weight], start=1):
        expected = SCHEMES[init](torch.empty_like(conv), generator)
        assert torch.equal(conv, torch.zeros_like(conv) if (init, number) == ("fixup", 2) else expected)
    gamma = block.branch.norm2.weight
    assert torch.equal(gamma, torch.zeros_like(gamma) if init == "zero_gamma" else torch.ones_like(gamma))
    assert torch.equal(block.shortcut_gate.conv.bias, torch.full((32,), -6.0))
