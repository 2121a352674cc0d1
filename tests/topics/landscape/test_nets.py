"""The folded network against the network itself, with its filters moved by hand."""

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.fused import Summed, fused
from resviz.nets.resnet import still
from resviz.topics.landscape.nets import Folded, filters, with_weights
from tests.examples import examples

NETS = st.fixed_dictionaries(
    {
        "depth": st.integers(2, 11),
        "width": st.just(8),
        "stages": st.integers(1, 3),
        "block": st.sampled_from(["basic", "bottleneck"]),
        "order": st.sampled_from(["original", "bn_after", "relu_before", "relu_only", "full"]),
        "norm": st.sampled_from(["batch", "batch", "layer", "group", "none"]),
        "shortcut": st.sampled_from("ABC"),
        "gate": st.sampled_from(["none", "exclusive", "shortcut_only"]),
        "kind": st.sampled_from(["conv", "conv", "mlp"]),
        "seed": st.integers(0, 5),
    }
).filter(
    lambda w: w["kind"] == "conv" or w["norm"] in ("batch", "none")
)  # of two numbers a group norm makes nearly a sign


def seen(words, arm="residual"):
    """A network whose normalisations have seen images and learnt something, and images of its shape."""
    spec = Spec.of(words)
    net = build(spec, arm).to(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(20, *spec.input_shape, generator=generator).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        for _ in range(3):
            net(images)
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.copy_(torch.rand(module.weight.shape, generator=generator) + 0.5)
                module.bias.copy_(torch.randn(module.bias.shape, generator=generator) * 0.3)
    return net.eval(), images


@examples(60)
@given(NETS, st.sampled_from(["residual", "plain"]), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
@example({"depth": 11, "width": 8, "stages": 2, "shortcut": "B", "gate": "exclusive"}, "residual", 0.3, -0.2)
@example({"depth": 8, "width": 8, "kind": "mlp", "block": "bottleneck", "order": "full"}, "plain", 0.1, 0.3)
def test_moving_the_folded_network_is_moving_the_network(words, arm, a, b):
    net, images = seen(words, arm)
    folded = Folded(net)
    generator = torch.Generator().manual_seed(2)
    d, e = ([torch.randn(w.shape, generator=generator) * w.std() for w in filters(net)] for _ in range(2))
    places = folded.places
    folded.move(([a, *[b] * (places - 1)], folded.direction(d)), ([b, *[a] * (places - 1)], folded.direction(e)))
    moved = still(net)
    with torch.no_grad():
        for w, x, y in zip(filters(moved), d, e, strict=True):
            w += a * x + b * y
        theirs = moved(images)
    assert torch.allclose(folded.logits(images)[0], theirs, rtol=1e-4, atol=2e-5 * float(theirs.abs().max()))
    with torch.no_grad():
        for w, x, y in zip(filters(moved), d, e, strict=True):
            w += (b - a) * x + (a - b) * y
        theirs = moved(images)
    for beside in folded.logits(images)[1:]:
        assert torch.allclose(beside, theirs, rtol=1e-4, atol=2e-5 * float(theirs.abs().max()))


def flat(net):
    """All parameters, then the running statistics."""
    return torch.cat([t.flatten() for t in (*net.parameters(), *net.buffers()) if t.is_floating_point()]).detach()


@examples(30)
@given(NETS, st.sampled_from(["residual", "plain"]), st.booleans())
def test_with_many_weights_side_by_side_it_is_the_network_with_each(words, arm, own):
    net, images = seen(words, arm)
    rows = torch.stack([flat(net) * factor for factor in (1.0, 0.7, 1.2, 0.9, 1.1)])
    if own:
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean = module.running_var = None
    beside = list(with_weights(net, rows, images))
    assert len(beside) == len(rows) and not list(with_weights(net, rows[:0], images))
    for found, row in zip(beside, rows, strict=True):
        numbers = [*net.parameters(), *(b for b in net.buffers() if b.is_floating_point())]
        with torch.no_grad():
            for into, part in zip(numbers, row[: len(flat(net))].split([t.numel() for t in numbers]), strict=True):
                into.copy_(part.view(into.shape))
            theirs = net(images)
        assert torch.allclose(found, theirs, rtol=1e-4, atol=2e-5 * float(theirs.abs().max()))


@examples(30)
@given(NETS, st.sampled_from(["residual", "plain"]))
def test_one_pass_for_convolution_sum_and_relu_gives_what_three_give(words, arm):
    net, images = seen(words, arm)
    folded = Folded(net)
    together = folded.logits(images)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
        apart = folded.logits(images)
    assert torch.allclose(together, apart, rtol=1e-4, atol=2e-5 * float(apart.abs().max()))


def test_where_it_can_every_convolution_takes_sum_and_relu_along():
    net, _ = seen({"depth": 8, "width": 4, "stages": 2, "shortcut": "B"})
    made = fused(Folded(net).net)
    summed = [m for m in made if isinstance(m, Summed)]
    assert len(summed) == len(net.residual_blocks()) and all(m.last.relu and not len(m.after) for m in summed)
    assert not any(isinstance(m, nn.ReLU) for m in made.modules())


def test_a_cut_a_scaled_and_a_removed_block_stay_what_they_are():
    net, images = seen({"depth": 11, "width": 4})
    first, second, third, *_ = net.residual_blocks()
    first.connected, second.scale, third.removed = False, 0.5, True
    with torch.no_grad():
        theirs = net(images)
    assert torch.allclose(Folded(net).logits(images)[0], theirs, rtol=1e-4, atol=2e-5 * float(theirs.abs().max()))


def test_the_network_itself_stays_as_it_was():
    net, _images = seen({"depth": 8, "width": 4})
    before = [p.clone() for p in net.parameters()]
    folded = Folded(net)
    folded.move(([1.0] * folded.places, torch.ones_like(folded.origin)))
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
    assert sum(isinstance(m, nn.BatchNorm2d) for m in net.modules()) == 7


def test_behind_a_convolution_every_normalisation_is_gone_and_nothing_else():
    net, _ = seen({"depth": 8, "width": 4, "stages": 2, "shortcut": "C"})
    assert not any(isinstance(m, nn.BatchNorm2d) for m in Folded(net).net.modules())
    net, _ = seen({"depth": 8, "width": 4, "order": "full"})
    assert any(isinstance(m, nn.BatchNorm2d) for m in Folded(net).net.modules())


def test_back_at_nothing_it_is_the_trained_network():
    net, images = seen({"depth": 8, "width": 4})
    folded = Folded(net)
    there = folded.logits(images)
    folded.move(([3.0] * folded.places, torch.ones_like(folded.origin)))
    assert not torch.allclose(folded.logits(images), there)
    folded.move()
    assert torch.equal(folded.logits(images), there)


def test_images_may_come_in_any_number():
    net, images = seen({"depth": 8, "width": 4})
    folded = Folded(net)
    many = images.repeat(300, 1, 1, 1)
    assert torch.allclose(folded.logits(many)[:, :20], folded.logits(images), rtol=1e-5, atol=1e-5)
    assert folded.logits(images[:1]).shape == (folded.places, 1, 10)
