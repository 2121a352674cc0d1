"""Networks in the plane against torch's own layers, matrices, published numbers and an exact solver."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from torch import nn

from resviz.families.resnet.family import ARMS
from resviz.nets.plane import ACTIVATIONS, Blocks, Field
from tests.examples import examples


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def blocks(arm="residual", count=3, hidden=5, seed=0, **more):
    return Blocks(arm, count, hidden, generator=seeded(seed), **more)


def points(count=7, dimension=2, seed=9):
    return torch.randn(count, dimension, generator=seeded(seed))


def linear(matrices, arm="residual", h=1.0):
    """Blocks whose fields are these matrices: relu(x) - relu(-x) is x."""
    size = len(matrices[0])
    net = Blocks(arm, len(matrices), 2 * size, h=h, dimension=size, activation="relu", generator=seeded())
    one = torch.eye(size)
    with torch.no_grad():
        net.b1.zero_()
        for k, matrix in enumerate(matrices):
            net.w1[k] = torch.cat([one, -one], dim=1)
            net.w2[k] = torch.cat([matrix.T, -matrix.T])
    return net


# -- blocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [1, 2, 5])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_block_is_two_layers_of_torch(activation, dimension):
    net = blocks(h=0.3, dimension=dimension, activation=activation)
    with torch.no_grad():
        net.b2.copy_(torch.randn(net.b2.shape, generator=seeded(3)))
    x = points(dimension=dimension)
    for k in range(len(net)):
        inner, outer = nn.Linear(dimension, 5), nn.Linear(5, dimension)
        inner.load_state_dict({"weight": net.w1[k].T, "bias": net.b1[k, 0]})
        outer.load_state_dict({"weight": net.w2[k].T, "bias": net.b2[k, 0]})
        field = nn.Sequential(inner, {"tanh": nn.Tanh(), "relu": nn.ReLU()}[activation], outer)
        torch.testing.assert_close(net.field(k, x), field(x))
        torch.testing.assert_close(net.block(k, x), x + 0.3 * field(x))


@pytest.mark.parametrize("h", [0.5, 1.0, 0.3])
def test_the_arms_have_the_same_weights_and_one_of_them_adds_x(h):
    residual, plain = (blocks(arm, h=h) for arm in ARMS)
    for a, b in zip(residual.parameters(), plain.parameters(), strict=True):
        assert torch.equal(a, b) and a.data_ptr() != b.data_ptr()
    x = points()
    for k in range(3):
        assert torch.equal(residual.block(k, x), x + plain.block(k, x))
    assert torch.equal(residual.logit(x), plain.logit(x))


def test_half_the_step_is_half_the_way():
    whole, half = blocks("plain", h=1.0), blocks("plain", h=0.5)
    x = points()
    for k in range(3):
        assert torch.equal(whole.field(k, x), half.field(k, x))
        assert torch.equal(half.block(k, x), whole.block(k, x) / 2)


@pytest.mark.parametrize("arm", ARMS)
def test_states_go_from_block_to_block(arm):
    net, x = blocks(arm), points()
    states = net.states(x)
    assert len(states) == 4 == len(net) + 1
    assert states[0] is x
    for k in range(3):
        assert torch.equal(states[k + 1], net.block(k, states[k]))


def test_the_head_is_a_straight_line():
    net, x = blocks(), points()
    with torch.no_grad():
        net.bias.fill_(0.25)
    for point, found in zip(x.tolist(), net.logit(x).tolist(), strict=True):
        assert found == pytest.approx(sum(a * b for a, b in zip(point, net.head.tolist(), strict=True)) + 0.25)


def test_weights_stand_by_block():
    net = blocks(count=4, hidden=6, dimension=3)
    assert [tuple(w.shape) for w in net.layers] == [(4, 3, 6), (4, 1, 6), (4, 6, 3), (4, 1, 3)]
    assert sum(p.numel() for p in net.parameters()) == 4 * (3 * 6 + 6 + 6 * 3 + 3) + 3 + 1


def test_how_large_the_weights_begin():
    net = Blocks("residual", 400, 50, generator=seeded())
    for weights, std in ((net.w1, 1 / math.sqrt(2)), (net.b1, 0.5), (net.w2, 0.5 / math.sqrt(50))):
        assert weights.std().item() == pytest.approx(std, rel=0.03)
        assert abs(weights.mean().item()) < 0.03 * std
    assert not net.b2.any() and not net.bias.any()
    heads = torch.cat([Blocks("residual", 1, 2, generator=seeded(n)).head for n in range(2000)])
    assert heads.std().item() == pytest.approx(4, rel=0.05)


def test_the_seed_makes_the_weights_and_nothing_else_does():
    same = [blocks(), blocks("plain"), blocks(h=0.1), blocks(activation="relu")]
    assert all(torch.equal(net.w1, same[0].w1) and torch.equal(net.head, same[0].head) for net in same)
    torch.manual_seed(77)
    assert torch.equal(blocks().w2, same[0].w2)
    assert not torch.equal(blocks(seed=1).w1, same[0].w1)


def test_blocks_that_begin_alike_are_the_first_of_the_others():
    free, alike = blocks(), blocks(alike=True)
    for a, b in zip(free.layers, alike.layers, strict=True):
        assert a.shape == b.shape and b.is_leaf
        assert all(torch.equal(b[k], a[0]) for k in range(3))
    assert torch.equal(free.head, alike.head)
    alike.block(1, points()).sum().backward()
    assert alike.w1.grad[1].any() and not alike.w1.grad[0].any()  # alike at first; each learns by itself


# -- known truth -----------------------------------------------------------------------------------


def test_linear_blocks_multiply():
    matrices = [torch.randn(2, 2, generator=seeded(n)) for n in range(5)]
    x, one = points(), torch.eye(2)
    residual, plain = one, one
    for matrix in matrices:
        residual, plain = (one + 0.7 * matrix) @ residual, 0.7 * matrix @ plain
    torch.testing.assert_close(linear(matrices, h=0.7).states(x)[-1], x @ residual.T, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(linear(matrices, "plain", h=0.7).states(x)[-1], x @ plain.T, rtol=1e-5, atol=1e-6)


def test_the_gradient_of_a_plain_linear_network_is_the_transposed_product():
    matrices = [torch.linalg.qr(torch.randn(2, 2, generator=seeded(n)))[0] for n in range(6)]
    x, g = points(1).requires_grad_(), torch.tensor([[0.6, -0.8]])
    (found,) = torch.autograd.grad(linear(matrices, "plain").states(x)[-1], x, g)
    product = torch.linalg.multi_dot(matrices[::-1])
    torch.testing.assert_close(found, g @ product, rtol=1e-5, atol=1e-5)
    assert found.norm().item() == pytest.approx(1, abs=1e-5)  # orthogonal weights keep the norm


def test_blocks_are_eulers_steps():
    """The numbers of any correct Euler's method: decay in ten steps to time 1, a rotation of a hundred steps of 0.1."""
    decay = linear([-torch.eye(1)] * 10, h=0.1).states(torch.ones(1, 1))[-1].item()
    assert abs(decay - math.exp(-1)) == pytest.approx(0.019201, abs=1e-6)
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    end = linear([turn] * 100, h=0.1).states(torch.tensor([[1.0, 0.0]]))[-1]
    assert end.norm().item() == pytest.approx(1.64463, abs=1e-5)


def test_more_blocks_of_shorter_steps_come_to_the_equation():
    """Euler's method is of order 1: the distance halves with the step."""
    one = blocks(count=1).double()
    w1, b1, w2, b2 = (w[0].detach().numpy() for w in one.layers)
    start = points(1).double()
    true = solve_ivp(lambda t, x: (np.tanh(x @ w1 + b1) @ w2 + b2)[0], (0, 1), start[0].numpy(), rtol=1e-11, atol=1e-11)
    off = []
    for count in (32, 64, 128):
        net = blocks(count=count, h=1 / count, alike=True).double()
        with torch.no_grad():
            for ours, first in zip(net.layers, one.layers, strict=True):
                ours.copy_(first.expand_as(ours))
        off.append(np.linalg.norm(net.states(start)[-1][0].detach().numpy() - true.y[:, -1]))
    assert off[0] > 1e-4
    assert off[0] / off[1] == pytest.approx(2, abs=0.1) and off[1] / off[2] == pytest.approx(2, abs=0.1)


@examples(30)
@given(
    st.sampled_from(ARMS),
    st.integers(1, 6),
    st.integers(1, 9),
    st.integers(1, 4),
    st.sampled_from(list(ACTIVATIONS)),
    st.floats(0.01, 2),
    st.booleans(),
)
def test_any_form(arm, count, hidden, dimension, activation, h, alike):
    net = blocks(arm, count, hidden, dimension=dimension, activation=activation, h=h, alike=alike)
    x = points(dimension=dimension)
    states = net.states(x)
    assert len(states) == count + 1 and all(s.shape == x.shape and s.isfinite().all() for s in states)
    assert net.logit(states[-1]).shape == (7,)
    net.logit(states[-1]).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())


# -- a field ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [1, 2, 4])
def test_a_field_is_written_out(dimension):
    net, x = Field(6, dimension=dimension, generator=seeded()), points(dimension=dimension)
    with torch.no_grad():
        net.b2.copy_(torch.randn(dimension, generator=seeded(4)))
    w1, w, b1, w2, b2 = (p.tolist() for p in (net.w1, net.time, net.b1, net.w2, net.b2))
    for t in (0.0, 0.4, 1.0):
        for point, found in zip(x.tolist(), net(torch.tensor(t), x).tolist(), strict=True):
            hidden = [math.tanh(sum(v * w1[i][j] for i, v in enumerate(point)) + w[j] * t + b1[j]) for j in range(6)]
            slope = [sum(v * w2[j][i] for j, v in enumerate(hidden)) + b2[i] for i in range(dimension)]
            assert found == pytest.approx(slope, abs=1e-5)


def test_a_field_counts_how_often_it_is_asked():
    net = Field(3, generator=seeded())
    assert net.evaluations == 0
    for _ in range(4):
        net(torch.tensor(0.0), points())
    assert net.evaluations == 4


def test_how_large_a_field_begins():
    net = Field(20_000, generator=seeded())
    for weights, std in ((net.w1, 3 / math.sqrt(2)), (net.time, 1), (net.b1, 1.5), (net.w2, 1 / math.sqrt(20_000))):
        assert weights.std().item() == pytest.approx(std, rel=0.03)
    assert not net.b2.any()
    assert sum(p.numel() for p in net.parameters()) == 20_000 * (2 + 1 + 1 + 2) + 2
    assert not torch.equal(Field(3, generator=seeded()).w1, Field(3, generator=seeded(1)).w1)
