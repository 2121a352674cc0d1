"""What the drawing is told of a network, against the network itself."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from resviz.families.resnet.drawing import network
from resviz.families.resnet.nets import build
from resviz.families.resnet.spec import Spec
from resviz.nets.blocks import Pad
from resviz.nets.settings import ORDERS

KINDS = {nn.Identity: "identity", Pad: "padding", nn.Sequential: "projection"}


@st.composite
def specs(draw):
    return Spec(
        depth=draw(st.integers(2, 40)),
        width=draw(st.integers(1, 5)),
        stages=draw(st.integers(1, 3)),
        kind=draw(st.sampled_from(["conv", "mlp"])),
        block=draw(st.sampled_from(["basic", "bottleneck", "plain"])),
        order=draw(st.sampled_from(list(ORDERS))),
        gate=draw(st.sampled_from(["none", "exclusive"])),
        norm=draw(st.sampled_from(["batch", "none"])),
        shortcut=draw(st.sampled_from("ABC")),
    )


@given(specs())
@example(Spec(depth=2))
@example(Spec(depth=5, block="bottleneck", width=2))  # one block, which widens what it is given
@example(Spec(depth=8, stages=3, width=2, shortcut="B"))
def test_the_drawing_is_told_what_the_network_is(spec):
    told, net = network(spec), build(spec, "residual")
    blocks, layers = net.residual_blocks(), net.layers()
    assert told["blocks"] == len(blocks) == spec.blocks
    assert told["depth"] == len(layers) == spec.depth

    # Which way each shortcut goes; a network whose shortcuts are all cut has none to draw.
    kinds = [KINDS[type(block.shortcut)] for block in blocks]
    assert told["shortcuts"] == ([] if spec.block == "plain" else kinds)

    # Block n stands on layers stem + (n - 1) per + 1 to stem + n per, and nothing else does.
    owner = {
        id(layer): n for n, block in enumerate(blocks, 1) for layer in block.modules() if isinstance(layer, nn.Conv2d)
    }
    for number, layer in enumerate(layers, 1):
        n, inside = divmod(number - told["stem"] - 1, told["per"])
        expected = n + 1 if inside >= 0 and 0 <= n < told["blocks"] else None
        assert owner.get(id(layer)) == expected, number

    # A stage begins where the image gets smaller, and says how many channels leave its blocks.
    firsts = [stage["first"] for stage in told["stages"]]
    assert firsts == sorted(set(firsts))
    smaller = [
        n
        for n, block in enumerate(blocks, 1)
        if any(2 in m.stride for m in block.modules() if isinstance(m, nn.Conv2d))
    ]
    assert firsts[1:] == smaller
    assert firsts[:1] == [1] * bool(blocks)
    for stage, after in pairwise([*told["stages"], {"first": len(blocks) + 1}]):
        for block in blocks[stage["first"] - 1 : after["first"] - 1]:
            convs = [m for m in block.branch if isinstance(m, nn.Conv2d)]
            assert convs[-1].out_channels == stage["channels"]


@given(specs(), st.lists(st.integers(1, 19)), st.lists(st.integers(1, 19)))
def test_what_is_cut_or_removed_changes_nothing_about_the_shape(spec, cut, remove):
    fitting = {"cut": [n for n in cut if n <= spec.shortcuts], "remove": [n for n in remove if n <= spec.blocks]}
    assert network(spec.replace(**fitting)) == network(spec)
