"""Every block against its equation in torch's functions, and against torchvision's blocks."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import resnet as torchvision_resnet

from resviz.nets.blocks import Block, Dropout, Pad, path_past, without_parameters
from tests.pairs import covering

ACT: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "leaky_relu": partial(F.leaky_relu, negative_slope=0.01),
    "gelu": F.gelu,
    "silu": F.silu,
    "tanh": torch.tanh,
}
ORDERS = ("original", "bn_after", "relu_before", "relu_only", "full")
NORMED_SUM = ("original", "relu_before", "relu_only")  # F is normalised after its last convolution, so a projection is
KINDS = {"basic": 4, "bottleneck": 16}  # channels that a block of width 4 passes on
NORMS = ("batch", "layer", "group", "none")
GATES = ("none", "exclusive", "shortcut_only")

WAYS = ((1, "A"), (2, "A"), (2, "B"), (1, "C"))  # a block's stride and its shortcut

every_order = pytest.mark.parametrize("order", ORDERS)


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


def made(kind: str, stride: int = 1, **words: Any) -> tuple[Block, int]:
    """A block that keeps the channels, or at stride 2 doubles them, with weights at random; and what it takes."""
    block = Block(KINDS[kind], 4 * stride, stride, block=kind, **words)
    randomise(block)
    return block, KINDS[kind]


def equation(
    block: nn.Module,
    x: Tensor,
    *,
    kind: str,
    order: str,
    norm: str = "batch",
    activation: str = "relu",
    stride: int = 1,
    shortcut: str = "A",
    gate: str = "none",
    branch_scale: float = 1.0,
    shortcut_scale: float = 1.0,
) -> Tensor:
    """A block in training mode, written out. Kernels of 3 are padded by 1, kernels of 1 are not."""
    p, A = dict(block.named_parameters()), ACT[activation]
    strided = {"basic": 1, "bottleneck": 2}[kind]

    def C(n: int, x: Tensor) -> Tensor:
        w = p[f"branch.conv{n}.weight"]
        return F.conv2d(x, w, stride=stride if n == strided else 1, padding=w.shape[-1] // 2)

    def N(n: int, x: Tensor, where: str = "branch.norm") -> Tensor:
        if norm == "none":
            return x
        gamma, beta = p[f"{where}{n}.weight"], p[f"{where}{n}.bias"]
        if norm == "batch":
            return F.batch_norm(x, None, None, gamma, beta, training=True)
        return F.group_norm(x, {"layer": 1, "group": 4}[norm], gamma, beta)

    def s(channels: int) -> Tensor:
        if shortcut == "A" or (shortcut == "B" and stride == 1):
            thin = x[:, :, ::stride, ::stride]
            return torch.cat([thin, thin.new_zeros(len(x), channels - x.shape[1], *thin.shape[2:])], dim=1)
        projected = F.conv2d(x, p["shortcut.0.weight"], stride=stride)
        return N(1, projected, "shortcut.") if order in NORMED_SUM else projected

    def plus(f: Tensor) -> Tensor:
        """b s(x) + a F, gated."""
        path = s(f.shape[1])
        if gate != "none":
            g = torch.sigmoid(F.conv2d(path, p["shortcut_gate.conv.weight"], p["shortcut_gate.conv.bias"]))
            path, f = (1 - g) * path, g * f if gate == "exclusive" else f
        return shortcut_scale * path + branch_scale * f

    if kind == "basic":
        match order:
            case "original":
                return A(plus(N(2, C(2, A(N(1, C(1, x)))))))
            case "bn_after":
                return A(N(2, plus(C(2, A(N(1, C(1, x))))), "after.norm"))
            case "relu_before":
                return plus(A(N(2, C(2, A(N(1, C(1, x)))))))
            case "relu_only":
                return plus(N(2, C(2, A(N(1, C(1, A(x)))))))
            case "full":
                return plus(C(2, A(N(2, C(1, A(N(1, x)))))))
    match order:
        case "original":
            return A(plus(N(3, C(3, A(N(2, C(2, A(N(1, C(1, x))))))))))
        case "bn_after":
            return A(N(3, plus(C(3, A(N(2, C(2, A(N(1, C(1, x)))))))), "after.norm"))
        case "relu_before":
            return plus(A(N(3, C(3, A(N(2, C(2, A(N(1, C(1, x))))))))))
        case "relu_only":
            return plus(N(3, C(3, A(N(2, C(2, A(N(1, C(1, A(x))))))))))
        case "full":
            return plus(C(3, A(N(3, C(2, A(N(2, C(1, A(N(1, x))))))))))
    raise AssertionError(order)


def compare(block: Block, x: Tensor, **words: Any) -> None:
    """Output and all gradients of a block against those of its equation; x stays what it was."""
    block = block.double()
    x = x.double().requires_grad_()
    kept = x.detach().clone()
    leaves = [x, *block.parameters()]
    weights = images(len(x), 1, 1, 1, dtype=torch.float64)

    def run(f: Callable[[Tensor], Tensor]) -> tuple[Tensor, tuple[Tensor, ...]]:
        inside = x * 1.0  # in the network x is not a leaf, so operations in place could reach it
        y = f(inside)
        assert torch.equal(inside, kept)
        return y, torch.autograd.grad((y * y * weights).sum(), leaves)

    torch.testing.assert_close(run(block), run(lambda x: equation(block, x, **words)), rtol=1e-9, atol=1e-9)


@covering(kind=KINDS, order=ORDERS, norm=NORMS, activation=ACT, way=WAYS, a=[1.0, 0.5])
def test_forward_and_gradients_are_those_of_the_equation(
    kind: str, order: str, norm: str, activation: str, way: tuple[int, str], a: float
) -> None:
    stride, option = way
    words = {"order": order, "norm": norm, "activation": activation, "shortcut": option, "branch_scale": a}
    block, channels = made(kind, stride, **words)
    compare(block, images(3, channels, 6, 6), kind=kind, stride=stride, **words)


@covering(kind=KINDS, order=ORDERS, gate=GATES, way=WAYS)
def test_gates_and_scales_are_those_of_the_equation(kind: str, order: str, gate: str, way: tuple[int, str]) -> None:
    stride, option = way
    words = {"order": order, "gate": gate, "shortcut": option, "branch_scale": 0.75, "shortcut_scale": 1.5}
    block, channels = made(kind, stride, **words)
    compare(block, images(3, channels, 6, 6), kind=kind, stride=stride, **words)


@covering(kind=KINDS, order=ORDERS, norm=["layer", "none"])
def test_with_kernels_of_1_a_pixel_is_a_row_of_numbers_through_matrices(kind: str, order: str, norm: str) -> None:
    block, channels = made(kind, kernel=1, order=order, norm=norm)
    assert {m.kernel_size for m in block.branch if isinstance(m, nn.Conv2d)} == {(1, 1)}
    compare(block, images(5, channels, 1, 1), kind=kind, order=order, norm=norm)


# -- the sum -------------------------------------------------------------------------------------


@covering(kind=KINDS, order=ORDERS, gate=GATES)
def test_cut_takes_the_shortcut_away_and_nothing_else(kind: str, order: str, gate: str) -> None:
    block, channels = made(kind, order=order, shortcut="C", gate=gate, branch_scale=2.0, shortcut_scale=0.5)
    x = images(3, channels, 6, 6)
    whole = block(x)
    block.connected = False
    torch.testing.assert_close(block(x), block.after(2.0 * block.branch(x)), rtol=0, atol=0)
    assert not torch.allclose(block(x), whole, rtol=1e-2)
    block.connected = True
    assert torch.equal(block(x), whole)


@covering(kind=KINDS, order=ORDERS)
def test_the_terms_are_those_of_the_sum(kind: str, order: str) -> None:
    words: dict[str, Any] = {"gate": "exclusive", "branch_scale": 0.5, "shortcut_scale": 2.0}
    block, channels = made(kind, order=order, **words)
    x = images(3, channels, 6, 6)
    f = block.branch(x)
    g = torch.sigmoid(block.shortcut_gate.conv(x))
    path, branch = block.terms(x, f)
    torch.testing.assert_close((path, branch), (2.0 * (1 - g) * x, 0.5 * g * f))
    assert torch.equal(block.after(path + branch), block(x))
    block.connected = False
    path, branch = block.terms(x, f)
    assert path is None
    assert torch.equal(branch, 0.5 * f)  # no gate without a shortcut


@covering(kind=KINDS, order=["relu_before", "relu_only", "full"])
def test_where_nothing_follows_the_sum_x_passes_untouched(kind: str, order: str) -> None:
    block, channels = made(kind, order=order, branch_scale=0.0)
    x = images(2, channels, 5, 5)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize("gate", ["exclusive", "shortcut_only"])
@pytest.mark.parametrize("bias", [-6.0, 0.0, 3.0])
def test_a_gate_whose_weights_are_0_passes_the_same_share_everywhere(gate: str, bias: float) -> None:
    block = Block(4, 4, order="full", gate=gate, gate_bias=bias)
    randomise(block)
    nn.init.zeros_(block.shortcut_gate.conv.weight)
    nn.init.constant_(block.shortcut_gate.conv.bias, block.shortcut_gate.opening)
    x, g = images(2, 4, 5, 5), 1 / (1 + 2.718281828459045**-bias)
    f = block.branch(x)
    torch.testing.assert_close(block(x), (1 - g) * x + (g if gate == "exclusive" else 1) * f)


@covering(kind=KINDS, option="AC")
def test_a_removed_block_leaves_what_the_shortcut_carries_ungated(kind: str, option: str) -> None:
    words: dict[str, Any] = {"gate": "exclusive", "shortcut_scale": 0.5, "shortcut_dropout": 0.5}
    block, channels = made(kind, shortcut=option, **words)
    x = images(3, channels, 6, 6)
    expected = x
    if option == "C":
        expected = F.batch_norm(
            F.conv2d(x, block.shortcut[0].weight), None, None, *block.shortcut[1].parameters(), True
        )
    torch.testing.assert_close(block.past(x), expected)


@covering(kind=KINDS, order=ORDERS, norm=["batch", "none"], before=ACT, after=ACT)
def test_another_activation_makes_the_block_that_was_built_with_it(
    kind: str, order: str, norm: str, before: str, after: str
) -> None:
    changed, built = (made(kind, order=order, norm=norm, activation=activation)[0] for activation in (before, after))
    changed.activate(after)
    results = []
    for block in (changed, built):
        x = images(3, KINDS[kind], 6, 6).requires_grad_()
        y = block(x * 1.0)
        results.append((y, *torch.autograd.grad(y.square().sum(), [x, *block.parameters()])))
    assert all(torch.equal(a, b) for a, b in zip(*results, strict=True))
    assert str(changed) == str(built)


@covering(kind=KINDS, order=ORDERS, gate=GATES, option="ABC")
def test_made_plain_a_block_has_its_branch_and_nothing_else(kind: str, order: str, gate: str, option: str) -> None:
    block, channels = made(kind, 2, order=order, gate=gate, shortcut=option, shortcut_dropout=0.5)
    path = {name: p for name, p in block.named_parameters() if name.startswith(("branch.", "after."))}
    block.make_plain()
    x = images(3, channels, 6, 6)
    assert torch.equal(block(x), block.after(block.branch(x)))
    assert dict(block.named_parameters()) == path
    assert torch.equal(block.past(x), Pad(2 * channels, 2)(x))


@every_order
def test_only_a_branch_that_ends_in_its_normalisation_has_a_last_one(order: str) -> None:
    for norm in NORMS:
        block = Block(4, 4, order=order, norm=norm)
        if norm != "none" and order in ("original", "relu_only"):
            assert block.last_norm() is block.branch[-1] is block.branch.norm2
        else:
            with pytest.raises(ValueError, match="which is no normalisation"):
                block.last_norm()


# -- dropout -------------------------------------------------------------------------------------


def dropped(p: float, seed: int, shape: tuple[int, ...] = (4, 8, 6, 6)) -> Tensor:
    dropout = Dropout(p)
    dropout.reseed(seed, "cpu")
    return dropout(torch.ones(shape))


def test_one_seed_drops_the_same_numbers_whatever_else_draws() -> None:
    first = dropped(0.5, 3)
    torch.manual_seed(7)
    torch.rand(5)
    state = torch.get_rng_state()
    assert torch.equal(dropped(0.5, 3), first)
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(dropped(0.5, 4), first)


def test_reseeding_begins_again_and_a_second_pass_goes_on() -> None:
    dropout, x = Dropout(0.5), torch.ones(4, 8, 6, 6)
    passes = []
    for _ in range(2):
        dropout.reseed(1, "cpu")
        passes += [dropout(x), dropout(x)]
    assert torch.equal(passes[0], passes[2])
    assert torch.equal(passes[1], passes[3])
    assert not torch.equal(passes[0], passes[1])


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_expectation_and_drops_its_share(p: float) -> None:
    y = dropped(p, 0, (10, 10, 50, 50))
    assert y.unique().tolist() == pytest.approx([0.0, 1 / (1 - p)])
    share = float((y == 0).double().mean())
    assert share == pytest.approx(p, abs=5 * (p * (1 - p) / y.numel()) ** 0.5)  # five standard errors
    assert float(y.double().mean()) == pytest.approx((1 - share) / (1 - p))


def test_dropout_is_on_the_shortcut_alone_and_in_training_alone() -> None:
    block, channels = made("basic", order="full", norm="none", shortcut_dropout=0.5)
    x = images(3, channels, 6, 6)
    block.shortcut_dropout.reseed(0, "cpu")
    f = block.branch(x)
    path = block.terms(x, f)[0]
    block.shortcut_dropout.reseed(0, "cpu")
    torch.testing.assert_close(block(x), f + path)
    torch.testing.assert_close(path[path != 0], 2 * x[path != 0])
    assert 0.4 < float((path == 0).double().mean()) < 0.6
    torch.testing.assert_close(block.eval()(x), f + x)


# -- what stands on a shortcut -------------------------------------------------------------------


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
        path = path_past(option, inputs, outputs, stride, "batch")
        assert type(path) is kind
        weights = inputs * outputs + 2 * outputs if kind is nn.Sequential else 0
        assert sum(p.numel() for p in path.parameters()) == weights


@every_order
def test_a_projection_is_normalised_where_the_branch_is(order: str) -> None:
    norms = [m for m in Block(4, 8, 2, order=order, shortcut="B").shortcut if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) == (order in NORMED_SUM)


@pytest.mark.parametrize("option", "ABC")
@pytest.mark.parametrize(("inputs", "outputs", "stride"), [(4, 4, 1), (4, 8, 2), (4, 16, 1), (4, 4, 2)])
def test_without_parameters_every_option_is_a(inputs: int, outputs: int, stride: int, option: str) -> None:
    x = images(2, inputs, 6, 6)
    path = without_parameters(path_past(option, inputs, outputs, stride, "batch"))
    assert list(path.parameters()) == []
    assert torch.equal(path(x), path_past("A", inputs, outputs, stride, "batch")(x))


def test_plain_and_basic_are_one_block() -> None:
    assert str(Block(4, 8, 2, block="plain")) == str(Block(4, 8, 2, block="basic"))


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
    ours = Block(inputs, width, stride, block=kind, shortcut="B")
    outputs = width * (4 if kind == "bottleneck" else 1)
    projection = None
    if stride != 1 or inputs != outputs:
        projection = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
    maker = {"basic": torchvision_resnet.BasicBlock, "bottleneck": torchvision_resnet.Bottleneck}[kind]
    theirs = maker(inputs, width, stride, projection)
    randomise(ours)
    theirs.load_state_dict(
        {
            name.replace("branch.", "").replace("norm", "bn").replace("shortcut", "downsample"): value
            for name, value in ours.state_dict().items()
        }
    )
    x = images(4, inputs, 8, 8)
    torch.testing.assert_close(ours.train(training)(x), theirs.train(training)(x), rtol=1e-6, atol=1e-6)
