"""What follows from a spec: how depth adds up, the orders of He 2016, steps and learning rates."""

import math

import pytest
from hypothesis import given

from resviz.data.datasets import DATASETS
from resviz.families.resnet.settings import MAX_DEPTH
from resviz.families.resnet.spec import Spec
from resviz.nets.settings import ORDERS
from tests.strategies import specs


@pytest.mark.parametrize(("block", "convs"), [("plain", 2), ("basic", 2), ("bottleneck", 3)])
def test_depth_adds_up(block: str, convs: int) -> None:
    for depth in range(2, MAX_DEPTH + 1):
        spec = Spec.model_construct(depth=depth, block=block, stages=1 + depth % 3)
        assert spec.stem_convs + convs * spec.blocks + 1 == depth  # and one for the head
        assert 1 <= spec.stem_convs <= convs
        each = spec.blocks_per_stage
        assert sum(each) == spec.blocks and len(each) <= spec.stages
        assert not each or (max(each) - min(each) <= 1 and list(each) == sorted(each, reverse=True))


@pytest.mark.parametrize(
    ("dataset", "shape"), [("digits", (1, 8, 8)), ("cifar10", (3, 32, 32)), ("spirals", (2, 1, 1))]
)
def test_fully_connected_layers_take_an_image_as_one_row(dataset: str, shape: tuple[int, int, int]) -> None:
    conv, mlp = (Spec.of({"dataset": dataset, "kind": kind}) for kind in ("conv", "mlp"))
    assert (conv.input_shape, conv.kernel) == (shape, 1 if dataset == "spirals" else 3)
    assert (mlp.input_shape, mlp.kernel) == ((math.prod(shape), 1, 1), 1)


@pytest.mark.parametrize(
    ("order", "basic", "after"),
    [
        ("original", "conv norm act conv norm", "act"),
        ("bn_after", "conv norm act conv", "norm act"),
        ("relu_before", "conv norm act conv norm act", ""),
        ("relu_only", "act conv norm act conv norm", ""),
        ("full", "norm act conv norm act conv", ""),
    ],
)
def test_the_orders_of_he_2016(order: str, basic: str, after: str) -> None:
    """arXiv 1603.05027, Fig. 4."""
    chosen = ORDERS[order]
    assert (" ".join(chosen.branch(2)), " ".join(chosen.after)) == (basic, after)
    assert chosen.branch(3) == (*chosen.unit, *chosen.branch(2))
    assert chosen.ends_in_norm == basic.endswith("norm")
    assert chosen.sums_normed == ("norm" in basic.rpartition("conv")[2])
    assert chosen.before == tuple(basic.partition("conv")[0].split())


def test_the_networks_of_he_2015() -> None:
    for n in (3, 5, 7, 9, 18, 200):
        spec = Spec(depth=6 * n + 2, stages=3)
        assert (spec.blocks_per_stage, spec.stem_convs) == ((n, n, n), 1)


@given(specs(edits=0))
def test_steps_are_whole_batches(spec: Spec) -> None:
    assert 1 <= spec.steps_per_epoch * spec.batch <= spec.train_examples <= DATASETS[spec.dataset].train
    assert spec.train_examples - spec.steps_per_epoch * spec.batch < spec.batch
    assert spec.steps == spec.epochs * spec.steps_per_epoch


def test_learning_rate_constant() -> None:
    assert {Spec(lr=0.1).lr_at(step, 90) for step in range(1, 91)} == {0.1}


def test_learning_rate_warms_up_in_a_line() -> None:
    spec = Spec(lr=0.1, warmup=40)
    rates = [spec.lr_at(step, 100) for step in range(1, 101)]
    assert rates[:40] == pytest.approx([0.1 * step / 40 for step in range(1, 41)], rel=1e-12)
    assert set(rates[39:]) == {0.1}


def test_learning_rate_cosine() -> None:
    rates = [Spec(lr=0.1, schedule="cosine").lr_at(step, 200) for step in range(1, 201)]
    assert rates == pytest.approx([0.05 * (1 + math.cos(math.pi * k / 200)) for k in range(200)], rel=1e-12)
    assert rates[0] == 0.1 and rates[100] == pytest.approx(0.05)
    assert rates[-1] < 1e-4 * rates[0]
    assert rates == sorted(rates, reverse=True)


def test_learning_rate_steps() -> None:
    rates = [Spec(lr=0.1, schedule="step").lr_at(step, 100) for step in range(1, 101)]
    assert rates == pytest.approx([0.1] * 50 + [0.01] * 25 + [0.001] * 25, rel=1e-12)


def test_learning_rate_warms_up_into_a_schedule() -> None:
    plain, warm = Spec(lr=0.1, schedule="cosine"), Spec(lr=0.1, schedule="cosine", warmup=10)
    for step in range(1, 51):
        assert warm.lr_at(step, 50) == pytest.approx(plain.lr_at(step, 50) * min(1, step / 10), rel=1e-12)
