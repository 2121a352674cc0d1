"""Outputs as they are made: what a tap is shown, and that it leaves no trace."""

import pytest
import torch
from torch import nn

from resviz.probes.taps import tapped


def test_it_is_shown_what_each_module_gives_in_the_order_of_the_pass():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    seen = []
    with tapped([net[2], net[0]], lambda row, output: seen.append((row, output))):
        out = net(torch.randn(5, 3))
    net(torch.randn(5, 3))
    assert [row for row, _ in seen] == [1, 0] and seen[1][1] is out


def test_several_taps_on_one_module_are_all_shown_it_and_end_in_any_case():
    layer, seen = nn.Linear(3, 4), []
    with tapped([layer, layer], lambda row, output: seen.append(row)):
        with pytest.raises(ZeroDivisionError), tapped([layer], lambda row, output: 1 / 0):
            layer(torch.randn(1, 3))
        assert seen == [0, 1]
        layer(torch.randn(1, 3))
    layer(torch.randn(1, 3))
    assert seen == [0, 1, 0, 1] and "forward" not in vars(layer)


def test_a_module_with_a_forward_pass_of_its_own_keeps_it():
    layer = nn.Identity()
    layer.forward = own = lambda x: 2 * x
    with tapped([layer], lambda row, output: None):
        assert layer(torch.tensor(3.0)) == 6
    assert layer.forward is own
