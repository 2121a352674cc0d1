"""Initial weights against the closed forms of their schemes, and what those do to signals in deep networks."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.nets import ResNet, build
from resviz.nets.init import SCHEMES
from resviz.spec import Spec

torch.set_num_threads(1)  # tensors this small: more threads would only wait for each other


def residual(**changes: Any) -> ResNet:
    return build(Spec.of({"depth": 14, "width": 4, "stages": 2, **changes}), "residual")


def conv_weights(net: nn.Module) -> list[Tensor]:
    return [m.weight.detach() for m in net.modules() if isinstance(m, nn.Conv2d)]


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
    convs = [b.conv1.weight for b in residual(init=init, stages=1).blocks]
    assert all(not torch.equal(a, b) for n, a in enumerate(convs) for b in convs[:n])


# -- zero gamma ----------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_zero_gamma_starts_every_block_as_relu(block: str, norm: str) -> None:
    net = residual(init="zero_gamma", block=block, norm=norm, stages=2)
    for b in net.residual_blocks():
        x = images(3, b.conv1.in_channels, 6, 6)
        assert x.min() < 0
        torch.testing.assert_close(b(x), functional.relu(b.shortcut(x)), rtol=0, atol=0)


def test_zero_gamma_starts_the_gammas_before_the_convolutions() -> None:
    net = residual(init="zero_gamma")
    functional.cross_entropy(net(images(8, 1, 8, 8)), torch.arange(8)).backward()
    for b in net.residual_blocks():
        for conv in (b.conv1, b.conv2):
            assert torch.equal(conv.weight.grad, torch.zeros_like(conv.weight))
        assert float(b.norm2.weight.grad.abs().max()) > 0


# -- Fixup ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("block", "m"), [("basic", 2), ("preact", 2), ("bottleneck", 3)])
def test_fixup_rules_1_and_2(block: str, m: int) -> None:
    """Zhang 2019: head and last layer of each branch 0, its other layers times L^(-1 / (2m - 2))."""
    fixup, he = (residual(init=init, block=block, norm="none", depth=16) for init in ("fixup", "he"))
    L = len(fixup.blocks)
    with torch.no_grad():
        assert torch.equal(fixup(images(4, 1, 8, 8)), torch.zeros(4, 10))
    assert torch.equal(fixup.stem[0].weight, he.stem[0].weight)
    for ours, theirs in zip(fixup.residual_blocks(), he.residual_blocks(), strict=True):
        for n in range(1, m):
            found, start = (getattr(b, f"conv{n}").weight for b in (ours, theirs))
            torch.testing.assert_close(found, start * L ** (-1 / (2 * m - 2)), rtol=1e-6, atol=0)
        last = getattr(ours, f"conv{m}").weight
        assert torch.equal(last, torch.zeros_like(last))


# -- theory --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("init", "factor"), [("he", 1.0), ("xavier", math.sqrt(1 / 2)), ("torch", math.sqrt(1 / 6))])
def test_scale_per_layer_of_a_plain_relu_network(init: str, factor: float) -> None:
    """Without normalisation each ReLU layer multiplies activations, and gradients on the way back, by one factor.

    He 2015b, section 2.2, at as many channels in as out; per layer over layers 8 to 56 of one-pixel images, the
    geometric mean of three seeds. A layer's factor scatters by sqrt(5 / width) / 2 = 7%, the mean by 0.6%.
    """
    first, last = 8, 56
    forward, backward = [], []
    for seed in range(3):
        spec = Spec(dataset="spirals", depth=64, width=256, norm="none", init=init, seed=seed)
        net = build(spec, "plain").double()  # 0.408^56 squared is out of reach of float32
        outputs: list[Tensor] = []

        def keep(module: nn.Module, inputs: Any, output: Tensor, outputs: list[Tensor] = outputs) -> None:
            output.retain_grad()
            outputs.append(output)

        for act in net.activations():
            act.register_forward_hook(keep)
        net(images(2, 2, 1, 1).double()).sum().backward()
        forward.append(outputs[last].norm() / outputs[first].norm())
        backward.append(outputs[first].grad.norm() / outputs[last].grad.norm())  # type: ignore[union-attr]
    for ratios in (forward, backward):
        per_layer = math.exp(float(torch.stack(ratios).detach().log().mean()) / (last - first))
        assert per_layer == pytest.approx(factor, rel=0.03)
