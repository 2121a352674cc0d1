"""All blocks from one pass, against Captum's layer methods, a block at a time."""

import warnings

import torch
from captum.attr import LayerConductance, LayerGradCam
from hypothesis import example, given
from hypothesis import strategies as st

from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import still
from resviz.probes.layerwise import conductance, gradcam, outputs_and_gradients, straight_line
from tests.examples import examples

NETS = st.fixed_dictionaries(
    {
        "depth": st.integers(4, 12),
        "width": st.integers(2, 6),
        "stages": st.integers(1, 3),
        "order": st.sampled_from(["original", "bn_after", "relu_before", "relu_only", "full"]),
        "norm": st.sampled_from(["batch", "group", "none"]),
        "activation": st.sampled_from(["relu", "leaky_relu", "gelu", "tanh"]),
        "shortcut": st.sampled_from("ABC"),
        "seed": st.integers(0, 5),
    }
)


def stirred(words, arm="residual"):
    """A network in evaluation mode whose statistics have seen images, and a few images."""
    net = build(Spec.of(words), arm)
    images = torch.randn(8, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        for _ in range(3):
            net(images)
    return still(net), images


@examples(40)
@given(NETS, st.sampled_from(["residual", "plain"]), st.integers(0, 9))
@example({"depth": 10, "width": 4, "stages": 2, "shortcut": "B"}, "residual", 3)
def test_gradcam_of_every_block_is_captums(words, arm, target):
    net, images = stirred(words, arm)
    blocks = net.residual_blocks()
    logits, outputs, gradients = outputs_and_gradients(net, blocks, images, target)
    assert torch.allclose(logits, net(images), rtol=1e-5, atol=1e-5)
    for block, ours in zip(blocks, gradcam(outputs, gradients), strict=True):
        theirs = LayerGradCam(net, block).attribute(images.clone().requires_grad_(), target)[:, 0].detach()
        assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-5 * float(theirs.abs().max()))


@examples(25)
@given(NETS, st.integers(2, 20), st.integers(0, 9))
@example({"depth": 10, "width": 4, "stages": 2, "shortcut": "B"}, 6, 3)
def test_conductance_of_every_block_is_captums(words, steps, target):
    net, images = stirred(words)
    blocks = net.residual_blocks()
    x, black = images[:1], torch.full_like(images[:1], -0.5)
    _, outputs, gradients = outputs_and_gradients(net, blocks, straight_line(black[0], x[0], steps), target)
    for block, ours in zip(blocks, conductance(outputs, gradients), strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = LayerConductance(net, block).attribute(x, black, target, n_steps=steps)[0].detach()
        assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-5 * float(theirs.abs().max()))


def test_conductance_adds_up_to_the_change_of_the_score():
    net, images = stirred({"depth": 12, "width": 4, "activation": "tanh"})
    x, black = images[0], torch.zeros_like(images[0])
    change = (net(x[None]) - net(black[None]))[0, 3].item()
    missed = {}
    for steps in (100, 1000):
        _, outputs, gradients = outputs_and_gradients(net, net.residual_blocks(), straight_line(black, x, steps), 3)
        missed[steps] = max(abs(c.sum().item() - change) for c in conductance(outputs, gradients))
    assert missed[1000] < 0.03 * abs(change) + 1e-4
    assert missed[1000] < 0.2 * missed[100]  # differences of a first order: ten times the steps, a tenth of the error


def test_the_network_and_its_images_stay_as_they_were():
    net, images = stirred({"depth": 8, "width": 4})
    before, weights = images.clone(), [p.clone() for p in net.parameters()]
    outputs_and_gradients(net, net.residual_blocks(), images, 0)
    assert torch.equal(images, before) and not images.requires_grad
    assert all(torch.equal(a, b) for a, b in zip(weights, net.parameters(), strict=True))
    assert not any(p.grad is not None for p in net.parameters())
    assert not any(block._forward_hooks for block in net.residual_blocks())


def test_a_block_that_nothing_comes_back_to_has_a_gradient_of_zero():
    net, images = stirred({"depth": 8, "width": 4})
    first, last = net.residual_blocks()[0], net.residual_blocks()[-1]
    with torch.no_grad():
        net.head.weight.zero_()
    _, _, gradients = outputs_and_gradients(net, [first, last], images, 2)
    assert all(float(g.abs().max()) == 0 for g in gradients)


def test_without_layers_there_is_nothing():
    net, images = stirred({"depth": 8, "width": 4})
    logits, outputs, gradients = outputs_and_gradients(net, [], images, 0)
    assert logits.shape == (8, 10) and outputs == gradients == []
