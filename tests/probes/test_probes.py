"""Probes against the same quantities computed directly in float64."""

import numpy as np
import pytest
import torch
from torch import nn

from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.settings import ORDERS
from resviz.probes.activations import ActivationStats, ResidualRatio
from resviz.probes.gradients import gradient_norms
from resviz.probes.norms import FEW, norm
from tests.pairs import covering


def weight(gradient: torch.Tensor) -> nn.Parameter:
    parameter = nn.Parameter(torch.zeros_like(gradient))
    parameter.grad = gradient
    return parameter


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# -- gradients -----------------------------------------------------------------------------------


def test_gradient_norms_are_euclidean_norms_in_the_order_given():
    gradients = [noise(16, 8, 3, 3), noise(10, 16, seed=1), noise(1, 1, 1, 1, seed=2)]
    norms = gradient_norms([weight(g) for g in gradients])
    assert norms.dtype == torch.float64
    expected = [np.sqrt((g.double().numpy() ** 2).sum()) for g in gradients]
    np.testing.assert_allclose(norms.numpy(), expected, rtol=1e-13)


@pytest.mark.parametrize("scale", [1e-42, 1e-30, 1e-20, 1e20, 1e25, 1e37])
def test_gradients_whose_squares_float32_loses(scale):
    """Below 1e-23 and above 1e19 a sum of squares in float32 is 0 or infinite; 1e-42 is not even a normal number."""
    gradient = (noise(8, 4, 3, 3).double() * scale).float()
    norms = gradient_norms([weight(gradient)])
    np.testing.assert_allclose(norms.numpy(), [np.linalg.norm(gradient.double().numpy())], rtol=1e-13)
    assert 0 < norms.item() < float("inf")
    single = gradient.square().sum().sqrt().item()
    assert not np.isclose(
        single, norms.item(), rtol=1e-8, atol=0
    )  # so this test would see a probe that computes in float32


def test_a_gradient_that_is_not_finite_shows_in_its_own_norm_alone():
    bad = noise(4, 4)
    bad[1, 2] = torch.inf
    norms = gradient_norms(
        [weight(noise(4, 4)), weight(bad), weight(torch.full((2, 2), torch.nan)), weight(torch.zeros(3))]
    )
    assert torch.isfinite(norms).tolist() == [True, False, False, True]
    assert norms[3] == 0


def test_gradient_norms_leave_the_gradients_as_they_are():
    parameter = weight(noise(4, 4))
    before = parameter.grad.clone()
    gradient_norms([parameter])
    assert torch.equal(parameter.grad, before)


def test_a_weight_that_was_not_reached_has_norm_0_and_the_others_their_own():
    reached = [weight(noise(4, 4, seed=i)) for i in range(2)]
    missing = [nn.Parameter(torch.zeros(3)) for _ in range(3)]
    norms = gradient_norms([missing[0], reached[0], missing[1], missing[2], reached[1]])
    first, second = gradient_norms(reached).tolist()
    assert norms.tolist() == [0, first, 0, 0, second]
    with pytest.raises(ValueError, match="none of 3 weights has a gradient: call backward first"):
        gradient_norms(missing)


# -- activations ---------------------------------------------------------------------------------


class Given(nn.Module):
    """Gives what it is given to give."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def measure(*outputs: torch.Tensor) -> np.ndarray:
    modules = [Given() for _ in outputs]
    stats = ActivationStats(modules)
    with stats.measuring():
        for module, output in zip(modules, outputs, strict=True):
            module(output)
    return stats.values().numpy()


def directly(output: torch.Tensor) -> list[float]:
    a = output.detach().double().numpy()
    return [a.mean(), a.std(), (a == 0).all(axis=(0, 2, 3)).mean()]


def with_dead(channels: int, dead: tuple[int, ...]) -> torch.Tensor:
    a = noise(6, channels, 5, 4).relu()
    a[:, list(dead)] = 0
    return a


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_statistics_against_their_definitions(memory_format):
    outputs = [
        noise(6, 8, 5, 4) * 3 + 2,
        with_dead(8, (0, 3, 7)),
        with_dead(3, (0, 1, 2)),
        noise(7, 5, 1, 1, seed=1).tanh(),
        torch.full((2, 3, 4, 4), -1.5),
    ]
    outputs = [a.contiguous(memory_format=memory_format) for a in outputs]
    np.testing.assert_allclose(measure(*outputs), [directly(a) for a in outputs], rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_statistics_of_large_outputs_which_are_summed_image_by_image(memory_format):
    """Images unlike each other, whose first numbers are their largest: none may be left out."""
    a = noise(40, 8, 16, 16) + torch.arange(40.0)[:, None, None, None]
    a[:, 0, 0, 0] += 1000
    a[:, 3] = 0
    assert a.numel() > FEW
    np.testing.assert_allclose(measure(a.contiguous(memory_format=memory_format)), [directly(a)], rtol=1e-5)
    assert norm(a.contiguous(memory_format=memory_format)).item() == pytest.approx(np.linalg.norm(a.double()), rel=1e-6)


@pytest.mark.parametrize("value", [0.0, torch.inf, -torch.inf, torch.nan, 3.4e38, 1e-44])
def test_the_norm_of_a_large_output_with_one_number_at_the_edge_of_float32(value):
    a = torch.zeros(40, 8, 16, 16)
    a[3, 2, 1, 0] = value
    assert norm(a).item() == pytest.approx(abs(a[3, 2, 1, 0].item()), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e20, 1e30])
def test_large_outputs_of_vanishing_and_exploding_networks(scale):
    a = (1 + noise(40, 8, 16, 16).abs()) * scale
    np.testing.assert_allclose(measure(a), [directly(a)], rtol=1e-5)
    assert norm(a).item() == pytest.approx(np.linalg.norm(a.double()), rel=1e-6)


@pytest.mark.parametrize("size", [4, 64])
def test_a_channel_whose_numbers_add_up_to_0_is_not_dead(size):
    a = torch.ones(6, 3, size, size)
    a[::2] = -1
    a[:, 1] = 0
    assert measure(a)[0].tolist() == pytest.approx([0, (2 / 3) ** 0.5, 1 / 3])


def test_a_channel_is_dead_only_if_it_is_zero_everywhere():
    a = with_dead(4, (0, 1, 2, 3))
    a[5, 1, 4, 3] = 1e-38  # one pixel of one image
    a[0, 2, 0, 0] = -1.0  # a leaky or smooth activation may be negative
    assert measure(a)[0, 2] == 0.5


@pytest.mark.parametrize("scale", [1e-36, 1e36])
def test_activations_of_vanishing_and_exploding_networks(scale):
    a = (1 + noise(32, 4, 8, 8).abs()) * scale
    np.testing.assert_allclose(measure(a), [directly(a)], rtol=1e-5)


@covering(watched=["activations", "outputs"], order=ORDERS, norm=["batch", "none"], block=["basic", "bottleneck"])
def test_statistics_inside_a_network_are_of_what_its_modules_gave(watched, order, norm, block):
    """The next layer of a network may overwrite what a module gave it: the hook must look before."""
    net = build(Spec(depth=14, width=4, block=block, order=order, norm=norm), "residual")
    x = noise(5, 1, 8, 8)
    given: list[torch.Tensor] = []
    modules = getattr(net, watched)()
    hooks = [m.register_forward_hook(lambda m, i, output: given.append(output.clone())) for m in modules]
    net(x)
    for hook in hooks:
        hook.remove()
    stats = ActivationStats(modules)
    with stats.measuring():
        net(x)
    assert stats.values().shape == (13, 3)
    # Dead are activations only; a layer's output may be a sum, or normalised.
    columns = slice(3 if watched == "activations" else 2)
    found, expected = (
        np.array(values)[:, columns] for values in (stats.values().numpy(), [directly(a) for a in given])
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def hooks_of(net: nn.Module) -> int:
    """How many modules are listened to: by hooks of torch, and by taps, which stand before their forward pass."""
    hooks = sum(len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in net.modules())
    return hooks + sum("forward" in vars(m) for m in net.modules())


def test_hooks_are_there_only_while_measuring_is_wanted():
    net = build(Spec(depth=8, width=2), "residual")
    stats = ActivationStats(net.activations())
    assert hooks_of(net) == 0
    with stats.measuring(False):
        assert hooks_of(net) == 0
        net(noise(2, 1, 8, 8))
    with stats.measuring():
        assert hooks_of(net) == 7
    assert hooks_of(net) == 0


def test_hooks_go_also_when_the_forward_pass_fails():
    net = build(Spec(depth=8, width=2), "residual")
    stats = ActivationStats(net.activations())
    with pytest.raises(RuntimeError), stats.measuring():
        net(noise(2, 3, 8, 8))  # one channel is expected
    assert hooks_of(net) == 0


def test_measuring_changes_neither_outputs_nor_gradients():
    results = []
    for wanted in (False, True):
        net = build(Spec(depth=8, width=4), "residual")
        with ActivationStats(net.activations()).measuring(wanted):
            logits = net(noise(4, 1, 8, 8))
        logits.square().sum().backward()
        results.append([logits.detach(), *[p.grad for p in net.parameters()]])
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))


def test_layers_of_different_sizes_come_out_in_the_order_given():
    """Layers of one size are computed together; that must not shuffle them, nor at a second pass of other sizes."""
    shapes = [(4, 8, 6, 6), (4, 4, 6, 6), (4, 8, 6, 6), (4, 8, 3, 3), (4, 4, 6, 6), (4, 8, 3, 3)]
    modules = [Given() for _ in shapes]
    stats = ActivationStats(modules)
    for images in (4, 7):
        outputs = [noise(images, *shape[1:], seed=i) + i for i, shape in enumerate(shapes)]
        with stats.measuring():
            for module, output in zip(modules, outputs, strict=True):
                module(output)
        np.testing.assert_allclose(stats.values().numpy(), [directly(a) for a in outputs], rtol=1e-5)


def test_a_later_pass_takes_the_place_of_an_earlier_one():
    module = Given()
    stats = ActivationStats([module])
    for value in (1.0, 2.0):
        with stats.measuring():
            module(torch.full((1, 1, 2, 2), value))
    assert stats.values().tolist() == [[2.0, 0.0, 0.0]]


@pytest.mark.parametrize("ran", [(), (0,), (2,), (1, 3), (0, 1, 2), (3, 4)])
def test_modules_that_did_not_run_are_0_and_the_others_in_their_place(ran):
    shapes = [(4, 8, 6, 6), (4, 4, 6, 6), (4, 8, 6, 6), (4, 4, 3, 3), (4, 8, 3, 3)]
    modules = [Given() for _ in shapes]
    stats = ActivationStats(modules)
    for chosen in (range(5), ran, range(5)):  # also between two passes in which all run
        outputs = {i: noise(*shapes[i], seed=i) + i for i in chosen}
        with stats.measuring():
            for i, output in outputs.items():
                modules[i](output)
        expected = [directly(outputs[i]) if i in outputs else [0.0] * 3 for i in range(5)]
        np.testing.assert_allclose(stats.values().numpy(), expected, rtol=1e-5)


# -- what a block adds ---------------------------------------------------------------------------


def branch(block: nn.Module, kind: str, order: str, x: torch.Tensor) -> torch.Tensor:
    """F(x), from the block's layers one by one."""
    parts = {
        "original": "conv1 norm1 act1 conv2 norm2",
        "bn_after": "conv1 norm1 act1 conv2",
        "relu_before": "conv1 norm1 act1 conv2 norm2 act2",
        "relu_only": "act1 conv1 norm1 act2 conv2 norm2",
        "full": "norm1 act1 conv1 norm2 act2 conv2",
    }[order].split()
    if kind == "bottleneck":
        parts = {
            "original": "conv1 norm1 act1 conv2 norm2 act2 conv3 norm3",
            "bn_after": "conv1 norm1 act1 conv2 norm2 act2 conv3",
            "relu_before": "conv1 norm1 act1 conv2 norm2 act2 conv3 norm3 act3",
            "relu_only": "act1 conv1 norm1 act2 conv2 norm2 act3 conv3 norm3",
            "full": "norm1 act1 conv1 norm2 act2 conv2 norm3 act3 conv3",
        }[order].split()
    for part in parts:
        x = getattr(block.branch, part, nn.Identity())(x.clone())  # without a normalisation, nothing stands there
    return x


@covering(
    order=ORDERS,
    kind=["basic", "bottleneck"],
    arm=["residual", "plain"],
    norm=["batch", "none"],
    a=[1.0, 0.25, 0.0],
)
def test_ratios_are_the_norm_of_what_is_added_over_that_of_x(order, kind, arm, norm, a):
    """With shortcuts cut and blocks gone, over shapes that change: whatever stands on the shortcut, |x| is that of x."""
    words = {"depth": 20, "width": 4, "stages": 2, "shortcut": "B", "cut": (2, 6), "remove": (3,)}
    spec = Spec(**words, block=kind, order=order, norm=norm, branch_scale=a, gate="shortcut_only")
    net = build(spec, arm)
    ratio = ResidualRatio(net.residual_blocks())
    with torch.no_grad():
        with ratio.measuring():
            net(noise(5, 1, 8, 8))
        x, expected = net.stem(noise(5, 1, 8, 8)), []
        for block in net.residual_blocks():
            f, size = a * branch(block, kind, order, x), np.linalg.norm(x.double())
            expected.append(np.linalg.norm(f.double()) / size if size and not block.removed else 0.0)
            x = block.shortcut(x) if block.removed else block(x.clone())
    found = ratio.values()
    assert (found.dtype, found.shape) == (torch.float64, (spec.blocks,))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)
    assert found[2] == 0


@covering(order=ORDERS, kind=["basic", "bottleneck"], removed=[(), (2,)])
def test_a_norm_of_x_that_is_known_already_is_the_same_to_the_bit(order, kind, removed):
    spec = Spec(depth=20, width=4, block=kind, order=order, stages=2, shortcut="B", cut=(1,), remove=removed)
    net = build(spec, "residual")
    stats = ActivationStats(net.outputs())
    rows = [spec.stem_convs + n * spec.convs_per_block - 1 for n in range(spec.blocks)]
    apart, taken = ResidualRatio(net.residual_blocks()), ResidualRatio(net.residual_blocks(), stats=stats, rows=rows)
    with stats.measuring(), apart.measuring(), taken.measuring():
        net(noise(5, 1, 8, 8))
    assert taken.values().tolist() == apart.values().tolist()


def test_the_ratio_is_0_where_x_is_0_and_nothing_is_measured_unless_wanted():
    net = build(Spec(depth=8, width=2, norm="none"), "residual")
    ratio = ResidualRatio(net.residual_blocks())
    with ratio.measuring():
        assert hooks_of(net) == 6  # two a block
        net(torch.zeros(2, 1, 8, 8))
    assert hooks_of(net) == 0
    assert ratio.values().tolist() == [0, 0, 0]
    with ratio.measuring():
        net(noise(2, 1, 8, 8))
    assert ratio.values().all()
    with ratio.measuring(False):
        assert hooks_of(net) == 0
        net(noise(2, 1, 8, 8))
    assert ratio.values().tolist() == [0, 0, 0]


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_ratios_in_vanishing_and_exploding_networks(scale):
    """Sums of squares that float32 loses: without normalisation a scaled image scales both norms alike."""
    net = build(Spec(depth=8, width=2, norm="none"), "residual")
    ratio = ResidualRatio(net.residual_blocks())
    found = []
    for factor in (1.0, scale):
        with ratio.measuring():
            net(noise(2, 1, 8, 8) * factor)
        found.append(ratio.values().numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-5)


@pytest.mark.parametrize("bad", [torch.inf, torch.nan])
def test_an_x_that_is_not_finite_has_no_ratio_that_is(bad):
    net = build(Spec(depth=8, width=2, norm="none"), "residual")
    ratio = ResidualRatio(net.residual_blocks())
    with ratio.measuring():
        net(torch.full((2, 1, 8, 8), bad))
    assert not ratio.values().isfinite().any()


def test_a_network_without_blocks_has_no_ratios():
    net = build(Spec(depth=3, width=2), "residual")
    ratio = ResidualRatio(net.residual_blocks())
    with ratio.measuring():
        net(noise(2, 1, 8, 8))
    assert ratio.values().shape == (0,)
