"""Gradients along single paths: of linear networks by hand, and all paths together against autograd."""

from itertools import product
from math import comb, prod

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import still
from resviz.topics.lengths.probes import Unravelled, norms_by_length, sampled
from tests.examples import examples


def unravelled(words, images=5, cut=(), remove=()):
    spec = Spec.of(words)
    net = build(spec, "residual")
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(images, 1, 8, 8, generator=generator)
    y = torch.randint(0, 10, (images,), generator=generator)
    with torch.no_grad():
        for _ in range(3):
            net(x)
    net.cut(cut)
    net.remove(remove)
    net = still(net)
    return net, x, y, Unravelled(net, x, y)


def by_autograd(net, x, y):
    """The gradient of each image's loss with respect to what enters the first block."""
    entering = net.stem(x).detach().requires_grad_()
    at = entering
    for block in net.residual_blocks():
        at = block.past(at) if block.removed else block(at)
    loss = functional.cross_entropy(net.head(net.final(at).mean((2, 3))), y, reduction="sum")
    return torch.autograd.grad(loss, entering)[0]


NETS = st.fixed_dictionaries(
    {
        "depth": st.sampled_from([4, 6, 8, 10]),
        "width": st.integers(2, 4),
        "stages": st.integers(1, 3),
        "order": st.sampled_from(["original", "bn_after", "relu_before", "relu_only", "full"]),
        "norm": st.sampled_from(["batch", "none"]),
        "shortcut": st.sampled_from("ABC"),
        "gate": st.sampled_from(["none", "none", "exclusive"]),
        "seed": st.integers(0, 3),
    }
)


@examples(30)
@given(NETS)
def test_all_paths_together_are_the_gradient(words):
    net, x, y, paths = unravelled(words)
    whole = by_autograd(net, x, y)
    assert torch.allclose(paths.whole(), whole, rtol=1e-4, atol=1e-5 * float(whole.abs().max()))
    n = len(paths.choices)
    total = sum(paths.gradient(torch.tensor([way] * len(y), dtype=torch.bool)) for way in product([0, 1], repeat=n))
    assert torch.allclose(total, whole, rtol=1e-4, atol=1e-5 * float(whole.abs().max()))


def test_each_image_goes_its_own_way():
    _, _, y, paths = unravelled({"depth": 8, "width": 3})
    ways = torch.tensor([[0, 0, 0], [1, 0, 0], [0, 1, 1], [1, 1, 1], [0, 0, 1]], dtype=torch.bool)
    together = paths.gradient(ways)
    for image, way in enumerate(ways):
        alone = paths.gradient(way.expand(len(y), -1))[image]
        assert torch.allclose(together[image], alone, rtol=1e-5, atol=1e-7)


def test_past_every_block_of_identities_the_gradient_arrives_as_it_was():
    """Without a ReLU after the sum the shortcut is the identity, and hands back what it gets."""
    _, _, y, paths = unravelled({"depth": 8, "width": 3, "order": "full"})
    none = torch.zeros(len(y), 3, dtype=torch.bool)
    assert torch.equal(paths.gradient(none), paths.arriving)


def test_of_a_linear_network_every_path_is_a_product_of_matrices():
    """Branches that multiply by a: a path of length k brings a^k times what arrives (REFERENCE: Binomial(n, a / (1 + a)))."""
    a = -0.25
    paths, y = multiplying((a, a, a))
    for way in product([0, 1], repeat=3):
        back = paths.gradient(torch.tensor([way] * len(y), dtype=torch.bool))
        assert torch.allclose(back, a ** sum(way) * paths.arriving, rtol=1e-6, atol=0)
    arriving = torch.linalg.vector_norm(paths.arriving.flatten(1), dim=1).mean().item()
    for length, norms in norms_by_length(paths, 2, torch.Generator().manual_seed(0)):
        assert len(norms) == 2 * len(y)
        assert sum(norms) / len(norms) == pytest.approx(abs(a) ** length * arriving, rel=1e-5)


def test_a_path_goes_through_the_very_blocks_it_names():
    factors = (0.5, -2.0, 3.0)
    paths, y = multiplying(factors)
    ways = list(product([0, 1], repeat=3))
    for way in ways:
        expected = prod(factor for factor, through in zip(factors, way, strict=True) if through) * paths.arriving
        back = paths.gradient(torch.tensor([way] * len(y), dtype=torch.bool))
        assert torch.allclose(back, expected, rtol=1e-6, atol=0)
    # And where each image goes its own way.
    chosen = torch.tensor([ways[1], ways[2], ways[4], ways[6], ways[3]], dtype=torch.bool)
    for image, (back, way) in enumerate(zip(paths.gradient(chosen), chosen.tolist(), strict=True)):
        expected = prod(factor for factor, through in zip(factors, way, strict=True) if through)
        assert torch.allclose(back, expected * paths.arriving[image], rtol=1e-6, atol=0)


def multiplying(factors):
    """The paths through a network whose branches multiply by these numbers, and the classes of its images."""
    net, x, y, _ = unravelled({"depth": 8, "width": 2, "order": "full", "norm": "none"})
    for a, block in zip(factors, net.residual_blocks(), strict=True):
        block.branch = torch.nn.Sequential(torch.nn.Conv2d(2, 2, 1, bias=False))
        with torch.no_grad():
            block.branch[0].weight.copy_(a * torch.eye(2)[:, :, None, None])
    return Unravelled(net, x, y), y


def test_where_there_is_no_choice_a_path_takes_the_only_way():
    net, x, y, paths = unravelled({"depth": 12, "width": 3}, cut=[2], remove=[4])
    assert paths.choices == [1, 3, 5]
    total = sum(paths.gradient(torch.tensor([way] * len(y), dtype=torch.bool)) for way in product([0, 1], repeat=3))
    whole = by_autograd(net, x, y)
    assert torch.allclose(total, whole, rtol=1e-4, atol=1e-5 * float(whole.abs().max()))


def test_without_a_shortcut_there_is_one_path():
    net, x, y, _ = unravelled({"depth": 6, "width": 3})
    net.cut([1, 2])
    paths = Unravelled(net, x, y)
    assert paths.choices == []
    found = list(norms_by_length(paths, 1, torch.Generator()))
    assert [length for length, _ in found] == [0]
    assert found[0][1] == pytest.approx(
        torch.linalg.vector_norm(by_autograd(net, x, y).flatten(1), dim=1).tolist(), rel=1e-5
    )


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), st.integers(0, 99))
def test_sampled_paths_have_their_length(sizes, seed):
    n, length = sizes
    through = sampled(50, length, n, torch.Generator().manual_seed(seed))
    assert through.shape == (50, n) and through.dtype == torch.bool
    assert (through.sum(1) == length).all()


def test_every_choice_of_blocks_is_equally_likely():
    through = sampled(30_000, 2, 4, torch.Generator().manual_seed(0))
    counts = torch.unique(through, dim=0, return_counts=True)[1]
    assert len(counts) == comb(4, 2)
    assert counts.min() > 4700 and counts.max() < 5300  # 5,000 each, give or take four standard deviations
