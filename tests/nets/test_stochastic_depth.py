"""Stochastic depth (Huang 2016, arXiv 1603.09382): which blocks sleep, how often, and what is computed when they do."""

import math
from collections import Counter
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.blocks import Block
from resviz.nets.resnet import ResNet
from resviz.nets.settings import ORDERS
from resviz.topics.signal.theory import slopes
from resviz.words.text import SpecError
from tests.examples import examples

# All that may stand on a shortcut, or beside it.
BESIDE: list[dict[str, Any]] = [
    {"shortcut": "A"},
    {"shortcut": "B", "gate": "exclusive", "gate_bias": -1.0},
    {"shortcut": "C", "gate": "shortcut_only", "shortcut_scale": 0.5},
    {"shortcut": "B", "branch_scale": 0.5, "block": "bottleneck", "depth": 17},
    {"shortcut": "A", "kind": "mlp", "norm": "layer"},
]
every_beside = pytest.mark.parametrize("beside", BESIDE, ids=lambda words: "-".join(map(str, words.values())))
every_order = pytest.mark.parametrize("order", ORDERS)

SURVIVALS = st.floats(0.05, 1.0)


def small(**changes: Any) -> Spec:
    """Six blocks, unless something else is asked for."""
    return Spec.of({"depth": 14, "width": 4, "stages": 2, "device": "cpu", **changes})


def images(spec: Spec, number: int = 4, seed: int = 0) -> Tensor:
    return torch.randn(number, *spec.input_shape, generator=torch.Generator().manual_seed(seed))


def sleepers(net: ResNet) -> list[int]:
    return [number for number, block in enumerate(net.residual_blocks(), start=1) if block.asleep]


def put_to_sleep(net: ResNet, numbers: set[int]) -> None:
    for number, block in enumerate(net.residual_blocks(), start=1):
        block.asleep = number in numbers


def randomised(net: ResNet) -> ResNet:
    """With running statistics and gammas that all matter, in 64 bits."""
    generator = torch.Generator().manual_seed(3)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
            nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator)
            nn.init.normal_(module.bias, std=0.2, generator=generator)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.2, generator=generator)
            nn.init.uniform_(module.running_var, 0.5, 1.5, generator=generator)
    return net.double()


# -- the setting ---------------------------------------------------------------------------------


@given(SURVIVALS, st.integers(4, 40), st.integers(1, 3), st.sampled_from(ARMS))
@examples(40)
def test_survival_decays_in_a_line_to_that_of_the_last_block(survival, depth, stages, arm):
    """Huang 2016, equation 4: p_l = 1 - l / L (1 - p_L)."""
    spec = small(depth=depth, stages=stages, width=1, survival=survival)
    found = [block.survival for block in build(spec, arm).residual_blocks()]
    count = len(found)
    assert count == spec.blocks
    assert found == pytest.approx([1 - n / count * (1 - survival) for n in range(1, count + 1)], rel=1e-12)
    assert found[-1] == pytest.approx(survival, rel=1e-12)
    falls = [a - b for a, b in pairwise([1.0, *found])]
    assert falls == pytest.approx([(1 - survival) / count] * count, abs=1e-12)


def test_huangs_own_network_keeps_three_quarters_of_its_blocks():
    """54 blocks that decay to 0.5: sum of 1 - l / 108 over l = 1..54 is (3 * 54 - 1) / 4, about 40 there at a time."""
    net = build(Spec(depth=110, width=1, stages=3, survival=0.5), "residual")
    assert math.fsum(b.survival for b in net.residual_blocks()) == pytest.approx((3 * 54 - 1) / 4)


@pytest.mark.parametrize("value", [0.0, 0.04, 1.01, -1])
def test_what_is_no_probability_to_train_with_is_declined(value):
    with pytest.raises(SpecError, match="survival"):
        Spec.of({"survival": value})


def test_survival_goes_through_the_link_and_makes_another_experiment():
    spec = Spec.of({"survival": "0.35"})
    assert spec.survival == 0.35 and Spec.of(spec.words()) == spec and spec.query() == "survival=0.35"
    assert spec.digest != Spec().digest
    with pytest.raises(SpecError, match="survival"):
        Spec().branch(5, survival=0.5)


def test_theory_has_a_line_for_the_plain_network_alone():
    """What is left out at random has no line in the theory of signals; the plain network loses nothing."""
    words = {"depth": 32, "norm": "none", "stages": 1}
    with_it, without = slopes(Spec.of({**words, "survival": 0.5})), slopes(Spec.of(words))
    assert {line.arm for line in without} == set(ARMS)
    assert with_it == tuple(line for line in without if line.arm == "plain")


# -- who sleeps ----------------------------------------------------------------------------------

STEPS = 4000


@pytest.fixture(scope="module", params=[(0.5, 0), (0.1, 7)], ids=str)
def slept(request) -> tuple[list[float], list[set[int]]]:
    """The survival of each of nine blocks, and who slept at each of many steps."""
    survival, seed = request.param
    net = build(small(depth=20, width=1, survival=survival, seed=seed), "residual")
    found = []
    for step in range(1, STEPS + 1):
        net.begin(step)
        found.append(set(sleepers(net)))
    return [b.survival for b in net.residual_blocks()], found


def test_every_block_sleeps_as_often_as_its_probability_says(slept):
    """Within 4 standard deviations of a binomial: of right ones all nine stay within, but for once in 1,700."""
    survival, found = slept
    often = Counter(number for step in found for number in step)
    for number, p in enumerate(survival, start=1):
        assert often[number] == pytest.approx(STEPS * (1 - p), abs=4 * math.sqrt(STEPS * p * (1 - p))), number


def test_blocks_and_steps_sleep_independently_of_each_other(slept):
    survival, found = slept
    count, p = len(survival), survival
    for a, b in [(1, 2), (3, 4), (count - 1, count), (1, count), (4, 8)]:
        both = (1 - p[a - 1]) * (1 - p[b - 1])
        seen = sum({a, b} <= step for step in found)
        assert seen == pytest.approx(STEPS * both, abs=4 * math.sqrt(STEPS * both * (1 - both))), (a, b)
    for number in (count // 2, count):
        q = (1 - p[number - 1]) ** 2
        # Neighbouring pairs share a step, so that their number spreads a little more than a binomial: 3 q (1 - q) bounds it.
        seen = sum(number in one and number in other for one, other in pairwise(found))
        assert seen == pytest.approx(STEPS * q, abs=4 * math.sqrt(3 * STEPS * q * (1 - q)))


def test_a_step_has_its_sleepers_whatever_was_drawn_before_and_other_steps_and_seeds_have_others():
    def pattern(seed: int, step: int) -> list[list[int]]:
        net = build(small(depth=42, width=1, survival=0.3, seed=seed), "residual")
        found = []
        for _ in range(2):
            torch.manual_seed(step)
            torch.rand(step % 5)
            net.begin(step + 1)
            net.begin(step)
            found.append(sleepers(net))
        assert found[0] == found[1]
        return found[0]

    pairs = [(0, 1), (0, 2), (0, 500), (1, 1), (2**31 - 1, 1), (2**31 - 1, 2**20)]
    first = [pattern(*pair) for pair in pairs]
    assert first == [pattern(*pair) for pair in pairs]
    assert len({tuple(p) for p in first}) == len(pairs)


@pytest.mark.parametrize("words", [{}, {"shortcut_dropout": 0.5, "gate": "exclusive"}], ids=str)
def test_with_a_survival_of_1_nobody_ever_sleeps(words):
    net = build(small(**words), "residual")
    for step in range(1, 200):
        net.begin(step)
        assert sleepers(net) == []


def test_what_has_no_way_past_it_never_sleeps():
    plain = build(small(survival=0.05), "plain")
    control = build(small(survival=0.05, block="plain"), "residual")
    cut = build(small(survival=0.05, cut=(2, 6)), "residual")
    ever: set[int] = set()
    for step in range(1, 100):
        for net in (plain, control, cut):
            net.begin(step)
        assert sleepers(plain) == sleepers(control) == []
        ever |= set(sleepers(cut))
    assert ever == {1, 3, 4, 5}
    cut.cut([])
    for step in range(1, 100):
        cut.begin(step)
        ever |= set(sleepers(cut))
    assert ever == {1, 2, 3, 4, 5, 6}


def test_a_network_without_a_block_has_no_one_to_sleep():
    net = build(small(depth=2, stages=1, survival=0.05), "residual")
    net.begin(1)
    assert torch.equal(net(images(small())), build(small(depth=2, stages=1), "residual")(images(small())))


# -- in training ---------------------------------------------------------------------------------


@every_beside
@every_order
def test_a_sleeping_block_passes_exactly_its_shortcut(order, beside):
    spec = small(order=order, survival=0.5, **beside)
    net = randomised(build(spec, "residual"))
    at = net.stem(images(spec).double())
    for block in net.residual_blocks():
        ran: list[nn.Module] = []
        hooks = [m.register_forward_hook(lambda m, *_, ran=ran: ran.append(m)) for m in block.branch]
        block.asleep = True
        found = block(at.clone())
        carried = block.shortcut(at)
        if block.shortcut_gate is not None:
            carried = (1 - torch.sigmoid(block.shortcut_gate.conv(carried))) * carried
        assert torch.allclose(found, block.after(spec.shortcut_scale * carried), rtol=1e-12, atol=1e-12)
        assert not ran, "nothing of the branch is computed"
        if spec.gate == "none" and spec.shortcut_scale == 1 and isinstance(block.shortcut, nn.Identity):
            assert torch.equal(found, block.after(at.clone())), "x itself, to the last bit"
        for hook in hooks:
            hook.remove()
        block.asleep = False
        assert not torch.allclose(block(at.clone()), found, rtol=1e-3)
        at = found.detach()


@every_order
@examples(8)
@given(st.sets(st.integers(1, 6)))
def test_a_network_with_sleepers_is_one_without_those_blocks(order, asleep):
    """In orders that end with the sum, what sleeps might as well not be there; else only its last activation is left."""
    spec = small(order=order, survival=0.5, shortcut="B")
    x = images(spec).double()
    net, other = (randomised(build(spec, "residual")) for _ in range(2))
    put_to_sleep(net, asleep)
    at = other.stem(x)
    for number, block in enumerate(other.residual_blocks(), start=1):
        carried = block.shortcut(at)
        at = block.after(carried if number in asleep else block.branch(at) + carried)
    assert torch.allclose(net(x), other.head(other.final(at).mean((2, 3))), rtol=1e-11, atol=1e-12)
    if not ORDERS[order].after:
        removed = randomised(build(spec, "residual"))
        removed.remove(asleep)
        assert torch.equal(removed(x), net(x))


def test_a_sleeper_learns_nothing_and_keeps_its_statistics():
    spec = small(survival=0.5, shortcut="B", gate="exclusive", gate_bias=0.0)
    net = build(spec, "residual")
    put_to_sleep(net, {2, 4})  # block 4 projects
    before = {name: b.clone() for name, b in net.named_buffers()}
    net(images(spec)).square().sum().backward()
    for number, block in enumerate(net.residual_blocks(), start=1):
        asleep = number in (2, 4)
        assert all((p.grad is None) == asleep for p in block.branch.parameters())
        assert all(p.grad is not None for p in block.shortcut.parameters()), "the shortcut is awake"
        for name, b in block.branch.named_buffers():
            same = torch.equal(b, before[f"blocks.{number - 1}.branch.{name}"])
            assert same == asleep, name


def test_what_awakes_is_as_large_in_training_as_ever():
    """Huang 2016 scales at test time, not in training: awake, a block is the block it was (equation 2)."""
    x = images(small())
    with_it, without = (build(small(survival=p), "residual") for p in (0.2, 1.0))
    put_to_sleep(with_it, set())
    assert torch.equal(with_it(x), without(x))


def test_dropout_on_a_shortcut_drops_while_its_block_sleeps():
    spec = small(survival=0.5, shortcut_dropout=0.5, order="full", stages=1)
    net = build(spec, "residual")
    net.begin(5)
    put_to_sleep(net, {1})
    block, x = net.residual_blocks()[0], torch.ones(2, 4, 8, 8)
    found = block(x)
    assert set(found.unique().tolist()) == {0.0, 2.0}


# -- in evaluation -------------------------------------------------------------------------------


@every_beside
@every_order
def test_in_evaluation_each_branch_is_multiplied_by_its_survival(order, beside):
    """Huang 2016, equation 5, against the sum written out: after(b s(x) + p a F(x))."""
    survival = 0.3
    spec = small(order=order, survival=survival, **beside)
    net = randomised(build(spec, "residual")).eval()
    x = images(spec).double()
    at, count = net.stem(x), spec.blocks
    for number, block in enumerate(net.residual_blocks(), start=1):
        p = 1 - number / count * (1 - survival)
        path, branch = block.shortcut(at), block.branch(at)
        if block.shortcut_gate is not None:
            gate = torch.sigmoid(block.shortcut_gate.conv(path))
            path = (1 - gate) * path
            branch = gate * branch if spec.gate == "exclusive" else branch
        at = block.after(spec.shortcut_scale * path + p * spec.branch_scale * branch)
    expected = net.head(net.final(at).mean((2, 3)))
    assert torch.allclose(net(x), expected, rtol=1e-10, atol=1e-11)
    other = randomised(build(spec.replace(survival=1.0), "residual")).eval()
    assert not torch.allclose(net(x), other(x), rtol=1e-3)


@given(SURVIVALS, st.integers(0, 99))
@examples(30)
def test_evaluation_is_the_mean_over_awake_and_asleep(survival, seed):
    """What equation 5 is for: with nothing behind the sum, E[x + b F(x)] = x + p F(x) for b of mean p."""
    generator = torch.Generator().manual_seed(seed)
    block = Block(4, 4, order="full", norm="none", activation="tanh").double()
    for p in block.parameters():
        nn.init.normal_(p, std=0.3, generator=generator)
    block.survival = survival
    x = torch.randn(2, 4, 5, 5, generator=generator, dtype=torch.float64)
    found = {}
    for asleep in (False, True):
        block.asleep = asleep
        found[asleep] = block(x)
    mean = survival * found[False] + (1 - survival) * found[True]
    for block.asleep in (False, True):
        assert torch.allclose(block.eval()(x), mean, rtol=1e-12, atol=1e-12)


def test_nobody_sleeps_in_evaluation():
    net = build(small(survival=0.05), "residual").eval()
    outputs = []
    for step in range(1, 30):
        net.begin(step)
        outputs.append(net(images(small())))
    assert any(b.asleep for b in net.residual_blocks()), "the last step had sleepers, had it been one"
    assert all(torch.equal(a, b) for a, b in pairwise(outputs))


def test_what_is_cut_or_out_is_not_scaled():
    """A cut block is F(x) alone, which is never left out, and one that is out has no branch: neither has a p."""
    x = images(small())
    everything = range(1, 7)
    for act in (partial(ResNet.cut, numbers=everything), partial(ResNet.remove, numbers=everything)):
        nets = [build(small(survival=p), "residual").eval() for p in (0.2, 1.0)]
        assert not torch.allclose(*(net(x) for net in nets), rtol=1e-3)
        for net in nets:
            act(net)
        assert torch.equal(*(net(x) for net in nets))


# -- the plain arm, and 1 ------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("words", [{}, {"norm": "none"}, {"kind": "mlp"}], ids=str)
def test_the_plain_arm_never_hears_of_it(words, training):
    x = images(small(**words))
    nets = [build(small(**words, survival=p), "plain").train(training) for p in (0.05, 1.0)]
    for step in (1, 2, 3):
        for net in nets:
            net.begin(step)
        assert torch.equal(*(net(x) for net in nets))


@pytest.mark.parametrize("training", [True, False])
@every_order
def test_a_survival_of_1_is_the_sum_alone_bit_for_bit(order, training):
    """Against the block's equation, x + F(x), with no survival in it: neither a rounding nor a draw."""
    spec = small(order=order, survival=1.0, shortcut="B")
    net, other = (build(spec, "residual").train(training) for _ in range(2))
    net.begin(3)
    x = images(spec)
    at = other.stem(x)
    for block in other.residual_blocks():
        assert block.survival == 1.0
        at = block.after(block.branch(at) + block.shortcut(at))
    assert torch.equal(net(x), other.head(other.final(at).mean((2, 3))))
