"""Closed forms against published sizes, and against what torch holds, computes and keeps."""

import subprocess
import sys
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from resviz.count.cost import Cost, seconds
from resviz.families.resnet import cost as module
from resviz.families.resnet.cost import cost, count
from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import FIELDS, Spec
from resviz.nets.resnet import ResNet
from tests.examples import examples
from tests.reference import CIFAR_FAMILY

ARMS = ("plain", "residual")


def cifar(depth: int, shortcut: str = "A") -> Spec:
    """The CIFAR-10 networks of He 2015, section 4.2."""
    return Spec.of({"depth": depth, "shortcut": shortcut, "stages": 3, "width": 16, "dataset": "cifar10"})


@st.composite
def small_specs(draw: st.DrawFn, datasets: tuple[str, ...] = ("digits", "mnist", "cifar100", "spirals")) -> Spec:
    """Any shape of network, small enough to be built and run in milliseconds."""
    chosen = ("kind", "block", "order", "norm", "activation", "shortcut", "gate")
    words: dict[str, Any] = {name: draw(st.sampled_from(list(FIELDS[name].choices))) for name in chosen}
    words |= {
        "depth": draw(st.integers(2, 14)),
        "width": draw(st.integers(2, 6)),
        "stages": draw(st.integers(1, 3)),
        "dataset": draw(st.sampled_from(datasets)),
        "branch_scale": draw(st.sampled_from([1.0, 0.5])),
        "shortcut_scale": draw(st.sampled_from([1.0, 0.5])),
        "shortcut_dropout": draw(st.sampled_from([0.0, 0.0, 0.5])),
    }
    if words["norm"] == "group" and (words["dataset"] == "spirals" or words["kind"] == "mlp"):
        words["width"] = 8  # in four groups: one channel of one pixel normalises to nothing
    shortcuts = Spec.of(words).shortcuts
    cut = draw(st.sets(st.integers(1, shortcuts))) if shortcuts else set()
    return Spec.of({**words, "cut": cut})


@st.composite
def ungated_specs(draw: st.DrawFn, **more: Any) -> Spec:
    return draw(small_specs(**more)).replace(gate="none", shortcut_dropout=0.0)


def images(spec: Spec, number: int) -> torch.Tensor:
    return torch.randn(number, *spec.input_shape, generator=torch.Generator().manual_seed(0))


def parameters(net: ResNet) -> int:
    return sum(p.numel() for p in net.parameters())


# -- published and closed forms ------------------------------------------------------------------


@pytest.mark.parametrize(("depth", "a", "b", "c", "macs"), CIFAR_FAMILY)
def test_cifar_family(depth: int, a: int, b: int, c: int, macs: int) -> None:
    assert [count(cifar(depth, option), "residual").parameters for option in "ABC"] == [a, b, c]
    assert [count(cifar(depth, option), "plain").parameters for option in "ABC"] == [a, a, a]
    assert [count(cifar(depth), arm).macs for arm in ARMS] == [macs, macs]


@pytest.mark.parametrize("n", [1, 2, 3, 7, 18, 50, 111, 200])
def test_cifar_family_is_linear_in_depth(n: int) -> None:
    a, b, c = (count(cifar(6 * n + 2, option), "residual").parameters for option in "ABC")
    assert a == 97_216 * n - 21_926
    assert b == a + 2_752
    assert c == a + 5_600 * n - 2_560


@pytest.mark.parametrize(
    ("block", "width", "convs", "weights"),
    [
        ("bottleneck", 64, 3, 69_632),  # 256-64-64-256, 17 C^2 / 16
        ("basic", 64, 2, 73_728),  # 18 C^2
        ("basic", 256, 2, 1_179_648),
    ],
)
def test_one_more_block(block: str, width: int, convs: int, weights: int) -> None:
    fewer, more = (Spec.of({"block": block, "width": width, "norm": "none", "depth": 2 + k * convs}) for k in (2, 3))
    assert count(more, "residual").parameters - count(fewer, "residual").parameters == weights
    assert count(more, "residual").macs - count(fewer, "residual").macs == weights * 8 * 8


def test_a_projection_on_an_identity_bottleneck() -> None:
    fewer, more = (Spec(block="bottleneck", width=64, norm="none", shortcut="C", depth=d) for d in (8, 11))
    assert count(more, "residual").parameters - count(fewer, "residual").parameters == 69_632 + 65_536


def test_option_a_costs_nothing() -> None:
    for block in FIELDS["block"].choices:
        for order in FIELDS["order"].choices:
            residual, plain = (count(Spec.of({"block": block, "order": order, "stages": 3}), arm) for arm in ARMS[::-1])
            assert (residual.parameters, residual.macs) == (plain.parameters, plain.macs)
            # Only where the branch ends in its activation is the sum one more tensor to keep.
            assert (residual == plain) == (order != "relu_before" or block == "plain")


def test_arms_of_the_control_are_equal() -> None:
    spec = Spec(block="plain", shortcut="C", stages=3)
    assert count(spec, "residual") == count(spec, "plain")


def test_a_cut_projection_keeps_its_parameters_and_is_not_computed() -> None:
    whole = Spec(depth=8, shortcut="C", dataset="cifar10")
    before, after = (count(s, "residual") for s in (whole, whole.replace(cut="2")))
    assert after.parameters == before.parameters
    assert before.macs - after.macs == 16 * 16 * 32 * 32
    assert before.activations - after.activations == 16 * 32 * 32


@pytest.mark.parametrize("gate", ["exclusive", "shortcut_only"])
def test_a_gate_is_a_matrix_and_a_bias_for_every_pixel(gate: str) -> None:
    without, gated = Spec(depth=8, dataset="cifar10"), Spec(depth=8, dataset="cifar10", gate=gate)
    before, after = (count(s, "residual") for s in (without, gated))
    assert after.parameters - before.parameters == 3 * (16 * 16 + 16)
    assert after.macs - before.macs == 3 * 16 * 16 * 32 * 32
    cut = count(gated.replace(cut="2"), "residual")
    assert (cut.parameters, after.macs - cut.macs) == (after.parameters, 16 * 16 * 32 * 32)
    assert count(gated, "plain") == count(without, "plain")


def test_a_fully_connected_network_in_closed_form() -> None:
    """784-32-...-32-10: each layer a matrix, whose every number is used once an image."""
    spec = Spec(kind="mlp", dataset="mnist", depth=8, width=32, norm="none")
    weights = 784 * 32 + 6 * 32 * 32 + 32 * 10
    for arm in ARMS:
        counted = count(spec, arm)
        assert (counted.parameters, counted.macs) == (weights + 10, weights)


def test_unknown_arm() -> None:
    with pytest.raises(ValueError, match="'twin': allowed is plain or residual"):
        count(Spec(), "twin")


# -- against torch -------------------------------------------------------------------------------


@examples(25)
@given(small_specs(), st.sampled_from(ARMS))
def test_parameters_and_macs_are_those_of_the_network(spec: Spec, arm: str) -> None:
    net = build(spec, arm).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as flops:
        net(images(spec, 2))
    counted = count(spec, arm)
    assert counted.parameters == parameters(net)
    assert 2 * 2 * counted.macs == flops.get_total_flops()  # two images, two operations a multiply-accumulate


@pytest.mark.parametrize("shortcut", "ABC")
@pytest.mark.parametrize("arm", ARMS)
def test_parameters_of_a_deep_network(shortcut: str, arm: str) -> None:
    spec = cifar(110, shortcut)
    assert count(spec, arm).parameters == parameters(build(spec, arm))


def kept_bytes(spec: Spec, net: ResNet, number: int) -> int:
    """Bytes that autograd keeps of a batch of `number` images until the backward pass, every storage once."""
    own = {t.untyped_storage().data_ptr() for t in (*net.parameters(), *net.buffers())}
    kept: dict[int, torch.UntypedStorage] = {}  # holds the storages, so that no address comes up twice

    def pack(t: torch.Tensor) -> torch.Tensor:
        storage = t.untyped_storage()
        if t.is_floating_point() and storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage
        return t

    labels = torch.zeros(number, dtype=torch.long)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        functional.cross_entropy(net(images(spec, number)), labels)
    return sum(storage.nbytes() for storage in kept.values())


def kept_and_counted(spec: Spec, arm: str) -> tuple[int, int]:
    # Large enough batches to make small what batch normalisation keeps once for all images.
    number = 32 if spec.input_shape[1] > 1 else 128
    net = build(spec, arm)
    net.begin(1)
    return kept_bytes(spec, net, number), module.FLOAT * number * count(spec, arm).activations


@examples(40)
@given(ungated_specs(datasets=("digits", "cifar100", "spirals")), st.sampled_from(ARMS))
def test_activations_are_what_autograd_keeps(spec: Spec, arm: str) -> None:
    kept, counted = kept_and_counted(spec, arm)
    assert counted <= kept <= 1.01 * counted


@examples(40)
@given(small_specs(datasets=("digits", "cifar100", "spirals")), st.sampled_from(ARMS))
def test_with_gates_and_dropout_they_are_at_most_what_is_counted(spec: Spec, arm: str) -> None:
    kept, counted = kept_and_counted(spec, arm)
    assert 0.6 * counted <= kept <= 1.01 * counted


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"momentum": 0.0},
        {"optimizer": "adam"},
        {"optimizer": "adamw", "shortcut": "C"},
        {"norm": "none", "width": 48},
    ],
)
def test_bytes_of_a_training_step(changes: dict[str, Any]) -> None:
    spec = Spec.of({"depth": 14, "stages": 3, "batch": 16, **changes})
    total = 0
    for arm in ARMS:
        net = build(spec, arm)
        optimizer: torch.optim.Optimizer = (
            torch.optim.SGD(net.parameters(), lr=spec.lr, momentum=spec.momentum)
            if spec.optimizer == "sgd"
            else {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[spec.optimizer](net.parameters(), lr=spec.lr)
        )
        net(images(spec, spec.batch)).sum().backward()
        optimizer.step()
        tensors = [t for p in net.parameters() for t in (p, p.grad, *optimizer.state[p].values())]
        total += sum(t.nbytes for t in tensors if torch.is_tensor(t)) + kept_bytes(spec, net, spec.batch)
    assert cost(spec).bytes == pytest.approx(total, rel=0.03)  # the smallest images here are 2x2: see above


# -- a run ---------------------------------------------------------------------------------------


def test_cost_of_a_run() -> None:
    spec = Spec(depth=20, shortcut="B", stages=3, batch=100, epochs=3, examples=250)
    forward = sum(count(spec, arm).macs for arm in ARMS)
    found = cost(spec)
    assert spec.steps == 6
    assert found.macs == 3 * forward * 100 * 6
    assert found.layer_steps == 2 * 20 * 6
    assert cost(spec.replace(epochs=6)) == Cost(2 * found.macs, found.bytes, 2 * found.layer_steps)
    assert cost(spec.branch(6, epochs=6)) == cost(spec.replace(epochs=6))


@pytest.mark.parametrize("change", [{"activation": "silu"}, {"optimizer": "adam"}, {"cut": []}])
def test_memory_is_that_of_the_largest_settings_on_the_way(change: dict[str, Any]) -> None:
    spec = Spec(depth=20, shortcut="C", cut=(1, 2, 3))
    there, back = spec.branch(5, **change), spec.branch(5, **change).branch(6, **{k: getattr(spec, k) for k in change})
    assert cost(there).bytes == cost(back).bytes == cost(spec.replace(**change)).bytes


def test_seconds() -> None:
    assert seconds(Cost(macs=3_000, bytes=1, layer_steps=20), 1_000.0, 0.25) == 8.0


# -- without building ----------------------------------------------------------------------------


def lines_run(spec: Spec) -> int:
    """How many lines of cost.py one `cost` executes."""
    lines = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace if frame.f_code.co_filename == module.__file__ else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        cost(spec)
    finally:
        sys.settrace(before)
    return lines


def test_effort_does_not_grow_with_depth() -> None:
    shallow, deep = (cifar(depth, "C") for depth in (20, 1202))
    assert 0 < lines_run(deep) == lines_run(shallow)
    assert lines_run(deep.replace(cut="1-600")) == lines_run(shallow)


@pytest.mark.process
def test_needs_neither_torch_nor_streamlit() -> None:
    code = "import sys, resviz.families.resnet.cost; print([m for m in ('torch', 'streamlit') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
