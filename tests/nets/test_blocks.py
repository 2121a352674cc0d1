"""Every block against its equation in torch's functions, and against torchvision's blocks."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import resnet as torchvision_resnet

from resviz.nets.blocks import (
    BLOCKS,
    BasicBlock,
    Block,
    Bottleneck,
    Pad,
    PreActBlock,
    branch_end,
    shortcut,
    without_parameters,
)

torch.set_num_threads(1)  # tensors this small: more threads would only wait for each other

ACT: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "leaky_relu": partial(F.leaky_relu, negative_slope=0.01),
    "gelu": F.gelu,
    "silu": F.silu,
    "tanh": torch.tanh,
}
KINDS = {"basic": BasicBlock, "bottleneck": Bottleneck, "preact": PreActBlock}


def randomise(module: nn.Module, seed: int = 0) -> None:
    """Weights, gammas and betas that all matter, and running statistics that are not those of any batch."""
    generator = torch.Generator().manual_seed(seed)
    for p in module.parameters():
        nn.init.normal_(p, std=1.0 if p.dim() == 1 else p[0].numel() ** -0.5, generator=generator)
    for name, b in module.named_buffers():
        if "running" in name:
            nn.init.uniform_(b, 0.5, 1.5, generator=generator)


def images(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=dtype)


def equation(
    block: nn.Module, kind: str, norm: str, activation: str, stride: int, option: str, a: float, x: Tensor
) -> Tensor:
    """A block in training mode, written out. Kernels of 3 are padded by 1, kernels of 1 are not."""
    p, act = dict(block.named_parameters()), ACT[activation]

    def C(name: str, x: Tensor, stride: int = 1) -> Tensor:
        w = p[f"{name}.weight"]
        return F.conv2d(x, w, stride=stride, padding=w.shape[-1] // 2)

    def N(name: str, x: Tensor) -> Tensor:
        if norm == "none":
            return x
        gamma, beta = p[f"{name}.weight"], p[f"{name}.bias"]
        if norm == "batch":
            return F.batch_norm(x, None, None, gamma, beta, training=True)
        return F.group_norm(x, {"layer": 1, "group": 4}[norm], gamma, beta)

    def s(x: Tensor, channels: int) -> Tensor:
        if option == "A":
            x = x[:, :, ::stride, ::stride]
            return torch.cat([x, x.new_zeros(len(x), channels - x.shape[1], *x.shape[2:])], dim=1)
        projected = C("shortcut.0", x, stride)
        return projected if kind == "preact" else N("shortcut.1", projected)

    if kind == "basic":
        f = N("norm2", C("conv2", act(N("norm1", C("conv1", x, stride)))))
        return act(s(x, f.shape[1]) + a * f)
    if kind == "bottleneck":
        f = N("norm2", C("conv2", act(N("norm1", C("conv1", x))), stride))
        f = N("norm3", C("conv3", act(f)))
        return act(s(x, f.shape[1]) + a * f)
    f = C("conv2", act(N("norm2", C("conv1", act(N("norm1", x)), stride))))
    return s(x, f.shape[1]) + a * f


@pytest.mark.parametrize(("stride", "option", "a"), [(1, "A", 1.0), (2, "A", 1.0), (2, "B", 0.5), (1, "C", 1.0)])
@pytest.mark.parametrize("activation", ACT)
@pytest.mark.parametrize("norm", ["batch", "layer", "group", "none"])
@pytest.mark.parametrize("kind", KINDS)
def test_forward_and_gradients_are_those_of_the_equation(
    kind: str, norm: str, activation: str, stride: int, option: str, a: float
) -> None:
    block = KINDS[kind](4, 8 if stride == 2 else 4, stride, 3, norm, activation, option, a).double()
    randomise(block)
    x = images(3, 4, 6, 6, dtype=torch.float64).requires_grad_()
    kept = x.detach().clone()
    leaves = [x, *block.parameters()]
    direction = images(1, dtype=torch.float64)

    def run(f: Callable[[Tensor], Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        # x * 1.0: in the network x is not a leaf, so operations in place could reach it
        y = f(x * 1.0)
        return y, torch.autograd.grad((y * y * direction).sum(), leaves)

    found, expected = run(block), run(lambda x: equation(block, kind, norm, activation, stride, option, a, x))
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    assert torch.equal(x, kept)


@pytest.mark.parametrize("kind", KINDS)
def test_cut_takes_the_shortcut_away_and_nothing_else(kind: str) -> None:
    block = KINDS[kind](4, 4, 1, 3, "batch", "tanh", "C", 2.0).double()
    randomise(block)
    x = images(3, 4, 6, 6, dtype=torch.float64)
    whole = block(x)
    block.connected = False
    cut = block(x)
    act, inverse = (torch.tanh, torch.atanh) if kind != "preact" else (lambda y: y, lambda y: y)
    torch.testing.assert_close(act(inverse(cut) + block.shortcut(x)), whole)
    block.connected = True
    assert torch.equal(block(x), whole)


def test_preact_passes_x_through_untouched() -> None:
    block = PreActBlock(4, 4, 1, 3, "none", "relu", "A", 0.0)
    x = images(2, 4, 5, 5)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("before", ACT)
@pytest.mark.parametrize("after", ACT)
def test_another_activation_makes_the_block_that_was_built_with_it(
    kind: str, norm: str, before: str, after: str
) -> None:
    changed, built = (KINDS[kind](4, 4, 1, 3, norm, activation, "A", 1.0) for activation in (before, after))
    randomise(changed)
    randomise(built)
    changed.activate(after)
    results = []
    for block in (changed, built):
        x = images(3, 4, 6, 6).requires_grad_()
        y = block(x * 1.0)
        results.append((y, *torch.autograd.grad(y.square().sum(), [x, *block.parameters()])))
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))
    assert str(changed) == str(built)


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_branch_ends_where_the_sum_takes_it(kind: str, norm: str) -> None:
    block = KINDS[kind](4, 4, 1, 3, norm, "tanh", "A", 1.0)
    randomise(block)
    given: list[Tensor] = []
    added: list[Tensor] = []
    branch_end(block).register_forward_hook(lambda module, inputs, output: given.append(output))
    block.add = lambda x, branch: added.append(branch) or branch  # type: ignore[func-returns-value, method-assign]
    block(images(3, 4, 6, 6))
    assert len(given) == len(added) == 1
    assert torch.equal(given[0], added[0])


# -- shortcuts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 7, 8])
@pytest.mark.parametrize("stride", [1, 2])
def test_option_a_takes_every_second_pixel_and_adds_empty_channels(size: int, stride: int) -> None:
    x = images(2, 3, size, size)
    y = Pad(5, stride)(x)
    assert y.shape == nn.Conv2d(3, 5, 3, stride, padding=1)(x).shape
    assert torch.equal(y[:, :3], x[:, :, ::stride, ::stride])
    assert torch.equal(y[:, 3:], torch.zeros_like(y[:, 3:]))


@pytest.mark.parametrize(
    ("inputs", "outputs", "stride", "kinds"),
    [
        (4, 4, 1, {"A": nn.Identity, "B": nn.Identity, "C": nn.Sequential}),
        (4, 8, 2, {"A": Pad, "B": nn.Sequential, "C": nn.Sequential}),
        (4, 16, 1, {"A": Pad, "B": nn.Sequential, "C": nn.Sequential}),
    ],
)
def test_what_sits_on_a_shortcut(inputs: int, outputs: int, stride: int, kinds: dict[str, type]) -> None:
    for option, kind in kinds.items():
        made = shortcut(option, inputs, outputs, stride, "batch")
        assert type(made) is kind
        weights = inputs * outputs + 2 * outputs if kind is nn.Sequential else 0
        assert sum(p.numel() for p in made.parameters()) == weights


@pytest.mark.parametrize("option", "ABC")
@pytest.mark.parametrize(("inputs", "outputs", "stride"), [(4, 4, 1), (4, 8, 2), (4, 16, 1), (4, 4, 2)])
def test_without_parameters_every_option_is_a(inputs: int, outputs: int, stride: int, option: str) -> None:
    x = images(2, inputs, 6, 6)
    path = without_parameters(shortcut(option, inputs, outputs, stride, "batch"))
    assert list(path.parameters()) == []
    assert torch.equal(path(x), shortcut("A", inputs, outputs, stride, "batch")(x))


def test_plain_and_basic_are_one_block() -> None:
    assert BLOCKS["plain"] is BLOCKS["basic"]


# -- against torchvision -------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("kind", "inputs", "width", "stride"),
    [
        ("basic", 16, 16, 1),
        ("basic", 16, 32, 2),
        ("bottleneck", 32, 8, 1),
        ("bottleneck", 8, 8, 1),
        ("bottleneck", 32, 16, 2),
    ],
)
def test_same_as_torchvision(kind: str, inputs: int, width: int, stride: int, training: bool) -> None:
    """Option B is the shortcut of torchvision's networks; where shapes stay, so is the identity of all options."""
    ours: Block = KINDS[kind](inputs, width, stride, 3, "batch", "relu", "B", 1.0)
    outputs = width * (4 if kind == "bottleneck" else 1)
    projection = None
    if stride != 1 or inputs != outputs:
        projection = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
    maker = {"basic": torchvision_resnet.BasicBlock, "bottleneck": torchvision_resnet.Bottleneck}[kind]
    theirs = maker(inputs, width, stride, projection)
    randomise(ours)
    theirs.load_state_dict(
        {
            name.replace("norm", "bn").replace("shortcut", "downsample"): value
            for name, value in ours.state_dict().items()
        }
    )
    x = images(4, inputs, 8, 8)
    torch.testing.assert_close(ours.train(training)(x), theirs.train(training)(x), rtol=1e-6, atol=1e-6)
