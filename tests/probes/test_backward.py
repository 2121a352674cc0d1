"""What comes back to each layer: against gradients of tensors kept by hand, and against theory where it is exact."""

import math
from collections.abc import Iterator
from copy import deepcopy
from itertools import chain, combinations
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.data.tensors import load
from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import ResNet
from resviz.nets.settings import ORDERS
from resviz.probes.activations import ActivationStats
from resviz.probes.gradients import BackwardSignal
from tests.pairs import covering

ARMS = ("plain", "residual")
every_order = pytest.mark.parametrize("order", ORDERS)


def small(**changes: Any) -> Spec:
    return Spec.of({"depth": 14, "width": 4, "stages": 2, **changes})


def images(spec: Spec, number: int = 5) -> Tensor:
    return torch.randn(number, *spec.input_shape, generator=torch.Generator().manual_seed(0))


def loss_of(logits: Tensor) -> Tensor:
    return functional.cross_entropy(logits, torch.arange(len(logits)) % logits.shape[1])


def layer_by_layer(net: ResNet, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The logits, and what each layer gives to the next: a tensor of its own that nothing overwrites."""
    kept: list[Tensor] = []

    def through(part: nn.Sequential, x: Tensor) -> Tensor:
        """Everything that a convolution takes from another one of the same part is kept."""
        begun = False
        for module in part:
            if isinstance(module, nn.Conv2d):
                if begun:
                    kept.append(x)
                begun = True
            x = module(x)
        return x

    x = through(net.stem, x)
    kept.append(x)
    for block in net.residual_blocks():
        x = block.after(block.add(x, through(block.branch, x)))
        kept.append(x)
    return net.head(net.final(x).mean((2, 3))), kept


def measured(net: ResNet, x: Tensor) -> Tensor:
    net.begin(1)
    signal = BackwardSignal(net.outputs())
    with signal.measuring():
        logits = net(x)
    loss_of(logits).backward()
    return signal.values()


def by_hand(net: ResNet, x: Tensor) -> list[float]:
    """With activations that leave what they take as it was."""
    net = deepcopy(net)
    for act in net.activations():
        act.inplace = False
    net.begin(1)
    logits, kept = layer_by_layer(net, x)
    return [float(g.double().norm()) for g in torch.autograd.grad(loss_of(logits), kept)]


@covering(order=ORDERS, arm=ARMS, norm=["none", "batch"], block=["basic", "bottleneck"], activation=["relu", "gelu"])
def test_it_is_the_gradient_with_respect_to_what_each_layer_gives(
    order: str, arm: str, norm: str, block: str, activation: str
) -> None:
    spec = small(order=order, norm=norm, block=block, activation=activation, shortcut="B", cut="2", seed=3)
    found, expected = measured(build(spec, arm), images(spec)), by_hand(build(spec, arm), images(spec))
    assert (len(found), found.dtype) == (13, torch.float64)
    torch.testing.assert_close(found.tolist(), expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
@every_order
def test_in_the_shallowest_networks_too(order: str, depth: int) -> None:
    spec = small(order=order, depth=depth, norm="none", activation="leaky_relu")
    found, expected = measured(build(spec, "residual"), images(spec)), by_hand(build(spec, "residual"), images(spec))
    torch.testing.assert_close(found.tolist(), expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize("kind", ["conv", "mlp"])
@every_order
def test_through_gates_and_dropout_too(order: str, kind: str) -> None:
    words: dict[str, Any] = {"gate": "exclusive", "gate_bias": 0.0, "shortcut_dropout": 0.5, "shortcut_scale": 0.5}
    spec = small(order=order, kind=kind, norm="none", **words)
    found, expected = measured(build(spec, "residual"), images(spec)), by_hand(build(spec, "residual"), images(spec))
    torch.testing.assert_close(found.tolist(), expected, rtol=1e-5, atol=0)


@covering(order=ORDERS, arm=ARMS, numbers=[(2,), (4,), (6,), (1, 2, 3, 4, 5, 6)])
def test_nothing_comes_back_to_a_block_taken_out_and_the_others_are_in_their_place(
    order: str, arm: str, numbers: tuple[int, ...]
) -> None:
    spec = small(order=order, norm="none", remove=numbers)
    net = build(spec, arm)
    found = measured(net, images(spec)).tolist()
    out = {spec.stem_convs + (n - 1) * 2 + i for n in numbers for i in range(2)}
    assert [i for i, norm in enumerate(found) if norm == 0] == sorted(out)


def test_measuring_changes_neither_logits_nor_gradients_and_leaves_no_hook() -> None:
    results = []
    for wanted in (False, True):
        net = build(small(order="full"), "residual")
        with BackwardSignal(net.outputs()).measuring(wanted):
            assert sum("forward" in vars(m) for m in net.modules()) == (13 if wanted else 0)
            logits = net(images(small()))
        assert not any("forward" in vars(m) for m in net.modules())
        loss_of(logits).backward()
        results.append([logits, *(p.grad for p in net.parameters())])
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


def test_a_pass_that_was_not_measured_and_one_that_had_no_way_back_are_0() -> None:
    net = build(small(), "residual")
    signal = BackwardSignal(net.outputs())
    with signal.measuring():
        net(images(small()))
    assert signal.values().tolist() == [0.0] * 13  # nothing has come back yet
    with signal.measuring():
        loss = loss_of(net(images(small())))
    loss.backward()
    assert signal.values().all()
    with signal.measuring(False):
        net(images(small()))
    assert signal.values().tolist() == [0.0] * 13


@pytest.mark.parametrize("scale", [1e-30, 1e25])
def test_norms_whose_squares_float32_loses(scale: float) -> None:
    spec = small(norm="none")
    norms = []
    for factor in (1.0, scale):
        net = build(spec, "plain")
        signal = BackwardSignal(net.outputs())
        with signal.measuring():
            logits = net(images(spec))
        (loss_of(logits) * factor).backward()
        norms.append(signal.values())
    torch.testing.assert_close(norms[1], norms[0] * scale, rtol=1e-5, atol=0)


# -- theory: networks of matrices, where it is exact ---------------------------------------------


def linear(arm: str, **changes: Any) -> ResNet:
    """Fully connected, without normalisation, its activations straight lines: each layer is one matrix."""
    net = build(small(kind="mlp", norm="none", activation="leaky_relu", stages=1, width=16, **changes), arm).double()
    for act in net.activations():
        act.negative_slope = 1.0
    nn.init.zeros_(net.head.bias)
    return net


@every_order
def test_in_a_plain_linear_network_the_gradient_is_the_product_of_the_matrices(order: str) -> None:
    """With respect to what layer k gives it is (W_L ... W_(k+1))^T g, and to the input (W_L ... W_1)^T g."""
    net = linear("plain", order=order)
    matrices = [layer.weight.detach().flatten(1) for layer in net.layers()]
    x = images(small(kind="mlp"), 1).double().requires_grad_()
    g = torch.randn(10, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    signal = BackwardSignal(net.outputs())
    with signal.measuring():
        logits = net(x)
    (logits @ g).sum().backward()
    backwards = [g]
    for matrix in reversed(matrices):
        backwards.append(matrix.T @ backwards[-1])
    torch.testing.assert_close(x.grad.flatten(), backwards[-1], rtol=1e-9, atol=0)
    expected = torch.stack([b.norm() for b in reversed(backwards[1:-1])])
    torch.testing.assert_close(signal.values(), expected, rtol=1e-9, atol=0)


@every_order
def test_orthogonal_matrices_keep_the_norm_forth_and_back(order: str) -> None:
    """Ours are drawn with a gain of sqrt(2), for ReLU; a branch scale of 1/2 takes it from every block of two."""
    net = linear("plain", order=order, init="orthogonal", branch_scale=0.5)
    outputs = net.outputs()[::2]  # of the stem and of every block
    signal, given = BackwardSignal(outputs), list[float]()
    for module in outputs:
        module.register_forward_hook(lambda module, inputs, output: given.append(float(output.detach().norm())))
    with signal.measuring():
        loss = loss_of(net(images(small(kind="mlp")).double()))
    loss.backward()
    assert len(given) == 7
    assert given == pytest.approx([given[0]] * 7, rel=1e-5)
    assert signal.values().tolist() == pytest.approx([float(signal.values()[0])] * 7, rel=1e-5)
    assert signal.values()[0] > 0


def subsets(numbers: range) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(numbers, length) for length in range(len(numbers) + 1))


@every_order
def test_a_linear_residual_network_is_the_sum_of_its_paths(order: str) -> None:
    """The product of I + W_i over n blocks is the sum over 2^n paths: each takes of every block either the branch, its
    shortcut cut, or the shortcut, the block removed (Veit 2016, section 3)."""
    net = linear("residual", order=order)
    x = images(small(kind="mlp")).double()
    whole, blocks = net(x), range(1, len(net.blocks) + 1)
    paths = []
    for through in subsets(blocks):
        net.cut(through)
        net.remove(set(blocks) - set(through))
        paths.append(net(x))
    assert len(paths) == 2**6
    torch.testing.assert_close(torch.stack(paths).sum(0), whole, rtol=1e-6, atol=1e-6)
    assert not torch.allclose(torch.stack(paths[:-1]).sum(0), whole, rtol=1e-2)


# -- theory: wide ReLU networks ------------------------------------------------------------------


@pytest.mark.heavy
@pytest.mark.parametrize(("init", "factor"), [("he", 1.0), ("xavier", math.sqrt(1 / 2)), ("torch", math.sqrt(1 / 6))])
def test_scale_per_layer_of_a_plain_relu_network(init: str, factor: float) -> None:
    """Without normalisation each ReLU layer multiplies activations, and gradients on the way back, by one factor.

    He 2015b, section 2.2, at as many channels in as out; per layer over layers 5 to 25, the geometric mean of three
    seeds. Going forward it is the root mean square that theory has; deviations grow alike, since the mean of a ReLU's
    output grows as fast. A layer's factor scatters by sqrt(5 / width) / 2 = 5%, the mean of 60 by 0.6%.
    """
    first, last = 5, 25
    data = load("digits").for_kind("mlp")
    x, y = data.inputs(data.train_x[:300]), data.train_y[:300]
    forth, spread, back = [], [], []
    for seed in range(3):
        net = build(Spec(kind="mlp", depth=30, width=512, norm="none", init=init, seed=seed), "plain")
        stats, signal = ActivationStats(net.outputs()), BackwardSignal(net.outputs())
        with stats.measuring(), signal.measuring():
            logits = net(x)
        functional.cross_entropy(logits, y).backward()
        mean, std, _ = stats.values().unbind(1)
        rms = (mean.square() + std.square()).sqrt()
        forth.append(rms[last - 1] / rms[first - 1])
        spread.append(std[last - 1] / std[first - 1])
        back.append(signal.values()[first - 1] / signal.values()[last - 1])
    for ratios in (forth, spread, back):
        per_layer = math.exp(float(torch.stack(ratios).log().mean()) / (last - first))
        assert per_layer == pytest.approx(factor, rel=0.03)
