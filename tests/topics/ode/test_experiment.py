"""A Neural ODE's parts against an exact solver, torch's own optimiser, and bytes counted by hand."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from resviz.topics.ode import experiment as module
from resviz.topics.ode.experiment import DISTANCE, Flowing, FlowLearner, GaveUp, Holding, explained
from resviz.topics.ode.question import NeuralOdeSpec
from resviz.train.twins.descent import one_cycle
from resviz.train.twins.plane import points

SMALL = NeuralOdeSpec(hidden=4, steps=6, tol=1e-3, augment=0, gradient="adjoint")
GRADIENTS = ("adjoint", "backprop")


def flowing(hidden=6, augment=0, seed=0) -> Flowing:
    return Flowing(hidden, augment, torch.Generator().manual_seed(seed))


def cloud(count=12):
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(9))


def labelled(count=40):
    x = cloud(count)
    return x, (x[:, 0] > 0).float()


# -- the flow --------------------------------------------------------------------------------------


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_points_go_where_the_equation_takes_them(gradient):
    net, x = flowing(augment=1).double(), cloud(3).double()
    w1, w, b1, w2, b2 = (p.detach().numpy() for p in net.field.parameters())
    times = torch.tensor([0.0, 0.3, 1.0]).double()
    found = net.solve(net.enter(x), times, 1e-9, gradient).detach().numpy()
    assert found.shape == (3, 3, 3)
    for p, point in enumerate(net.enter(x).numpy()):
        true = solve_ivp(
            lambda t, s: np.tanh(s @ w1 + w * t + b1) @ w2 + b2, (0, 1), point, rtol=1e-11, atol=1e-11, t_eval=times
        )
        assert np.abs(found[:, p] - true.y.T).max() < 1e-6


def test_a_looser_tolerance_takes_fewer_evaluations_and_is_further_off():
    net, x = flowing(16), cloud()
    net.double()
    x, times = x.double(), torch.tensor([0.0, 1.0]).double()
    true = net.solve(x, times, 1e-10)[-1]
    off, evaluations = [], []
    for tol in (1e-2, 1e-4, 1e-6):
        net.field.evaluations = 0
        off.append((net.solve(x, times, tol)[-1] - true).abs().max().item())
        evaluations.append(net.field.evaluations)
    assert off[0] > 10 * off[1] > 100 * off[2] > 0
    assert evaluations[0] < evaluations[1] < evaluations[2]


def test_extra_dimensions_begin_at_zero():
    net, x = flowing(augment=3), cloud()
    assert net.enter(x).shape == (12, 5)
    assert torch.equal(net.enter(x)[:, :2], x) and not net.enter(x)[:, 2:].any()
    end = net.solve(net.enter(x), torch.tensor([0.0, 1.0]), 1e-3)[-1]
    assert end[:, 2:].abs().max() > 0.01  # and are used
    torch.testing.assert_close(net.logit(end), (end * net.head).sum(1) + net.bias)
    assert sum(p.numel() for p in net.parameters()) == 2 * 6 * 5 + 2 * 6 + 5 + 5 + 1


@pytest.mark.parametrize("augment", [0, 2])
def test_the_adjoints_gradient_is_that_of_backprop(augment):
    """Of the parameters, the head and the points, at a tight tolerance."""
    net, x = flowing(8, augment).double(), cloud().double()
    y = (x[:, 0] > 0).double()
    found = {}
    for gradient in GRADIENTS:
        start = net.enter(x).requires_grad_()
        end = net.solve(start, torch.tensor([0.0, 1.0]).double(), 1e-9, gradient)[-1]
        loss = nn.functional.binary_cross_entropy_with_logits(net.logit(end), y)
        found[gradient] = torch.autograd.grad(loss, [start, *net.parameters()])
    for adjoint, backprop in zip(found["adjoint"], found["backprop"], strict=True):
        assert backprop.abs().max() > 1e-5
        assert (adjoint - backprop).norm() < 1e-4 * backprop.norm()


def test_the_adjoint_is_as_exact_as_the_solver():
    net, x = flowing(8).double(), cloud().double()
    gradients = {}
    for gradient, tol in (("backprop", 1e-10), ("adjoint", 1e-1), ("adjoint", 1e-4)):
        end = net.solve(x, torch.tensor([0.0, 1.0]).double(), tol, gradient)[-1]
        (gradients[gradient, tol],) = torch.autograd.grad(end.square().sum(), net.field.w1)
    true = gradients["backprop", 1e-10]
    loose, tight = ((gradients["adjoint", tol] - true).norm() for tol in (1e-1, 1e-4))
    assert loose > 10 * tight > 0


# -- learning --------------------------------------------------------------------------------------


def test_learning_is_torchs_adam_on_what_is_said():
    """Against the flow by many steps of Runge and Kutta's method, and the loss written out."""
    spec = SMALL.replace(tol=1e-6, gradient="backprop", lr=0.05)
    x, y = labelled()
    ours, theirs = FlowLearner(spec), FlowLearner(spec).net
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.05)
    for step in range(6):
        optimizer.param_groups[0]["lr"] = 0.05 * one_cycle(step, 6)
        now, h = x, 1 / 40
        for n in range(40):
            t, f = torch.tensor(n * h), theirs.field
            a = f(t, now)
            b = f(t + h / 2, now + h / 2 * a)
            c = f(t + h / 2, now + h / 2 * b)
            d = f(t + h, now + h * c)
            now = now + h / 6 * (a + 2 * b + 2 * c + d)
        loss = nn.functional.binary_cross_entropy_with_logits(now @ theirs.head + theirs.bias, y)
        optimizer.zero_grad()
        (loss + DISTANCE * ((now - x) ** 2).sum(1).mean()).backward()
        optimizer.step()
        ours.step(x, y)
        assert ours.curve[-1] == pytest.approx(loss.item(), rel=1e-3)
    assert ours.stopped == "" and len(ours.curve) == 6


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_evaluations_are_counted_there_and_back(gradient):
    learner = FlowLearner(SMALL.replace(gradient=gradient))
    asked = []
    learner.net.field.register_forward_pre_hook(lambda *_: asked.append(1))
    _, forward, backward = learner.passed(*labelled(), 1e-3, gradient)
    assert forward > 0 and forward + backward == len(asked)
    assert (backward > 0) == (gradient == "adjoint")
    learner.step(*labelled())
    assert (learner.forward, learner.backward) == ([forward], [backward])


# -- the solver gives up ---------------------------------------------------------------------------


def grown(factor, spec=SMALL) -> FlowLearner:
    """With a field whose weights are too large to follow."""
    learner = FlowLearner(spec)
    with torch.no_grad():
        for p in learner.net.field.parameters():
            p.mul_(factor)
    return learner


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_too_many_steps_are_said_in_words(gradient, monkeypatch):
    monkeypatch.setattr(module, "MOST_EVALUATIONS", 300)
    with pytest.raises(GaveUp, match=r"^The solver gave up after 300 evaluations of the field\. A larger"):
        grown(1e3).passed(*labelled(), 1e-4, gradient)


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_an_underflow_is_said_in_words(gradient):
    with pytest.raises(GaveUp, match=r"^The solver’s step underflowed: [^.]*\.$"):
        grown(1e25).passed(*labelled(), 1e-3, gradient)


def test_what_the_solver_asserts_is_explained():
    """The three things that torchdiffeq's Dormand and Prince asserts, word for word."""
    assert "underflowed" in explained("underflow in dt 1.1920928955078125e-07")
    assert "gave up after" in explained("max_num_steps exceeded (333>=333)")
    told = explained(f"non-finite values in state `y`: {torch.full((3, 2), math.nan)}")
    for code in ("tensor", "nan", "\n", "`"):
        assert code not in told


def test_the_way_back_has_the_limit_of_the_way_there(monkeypatch):
    """Followed backwards a field may be far stiffer than forwards."""
    learner = FlowLearner(NeuralOdeSpec(hidden=8))
    data = points("spirals")
    _, forward, backward = learner.passed(data.x, data.y, 1e-3, "adjoint")
    assert forward < 24 < backward - 6
    monkeypatch.setattr(module, "MOST_EVALUATIONS", 24)
    with pytest.raises(GaveUp, match="gave up after 24 evaluations"):
        learner.passed(data.x, data.y, 1e-3, "adjoint")


def test_a_step_after_which_the_solver_gives_up_is_taken_back(monkeypatch):
    """The one before it, whose weights the solver could not follow; those it began from it could."""
    learner, (x, y) = FlowLearner(SMALL), labelled()
    for number in range(6):
        if number == 2:
            before = [p.clone() for p in learner.net.parameters()]
        if number == 3:
            monkeypatch.setattr(module, "MOST_EVALUATIONS", 6)
        learner.step(x, y)
    assert learner.stopped == (
        "Training of the flow ended at step 4. The solver gave up after 6 evaluations of the field. "
        "A larger tolerance takes fewer."
    )
    assert len(learner.curve) == len(learner.forward) == len(learner.backward) == 3
    assert all(torch.equal(a, b) for a, b in zip(learner.net.parameters(), before, strict=True))


def test_a_loss_that_is_no_number_ends_the_learning():
    learner = FlowLearner(SMALL.replace(gradient="backprop"))
    with torch.no_grad():
        learner.net.bias.fill_(math.nan)
    learner.step(*labelled())
    assert learner.stopped == "Training of the flow ended at step 1. The loss left float range."
    assert learner.curve == [] and learner.net.bias == 0


# -- what autograd holds ---------------------------------------------------------------------------


def held(compute, own=()) -> Holding:
    holding = Holding(own)
    with saved_tensors_hooks(holding.save, lambda kept: kept.tensor):
        compute()
    return holding


def test_what_small_graphs_hold():
    """exp and tanh keep their result, a product what the gradient of the other factor takes; 100 floats are 400 bytes."""
    x, w, other = torch.randn(100, requires_grad=True), torch.randn(100, requires_grad=True), torch.randn(100)
    assert held(lambda: x.exp().sum().backward()).most == 400
    assert held(lambda: x.exp().tanh().tanh().sum().backward()).most == 1200
    assert held(lambda: (x + other).sum().backward()).most == 0
    assert held(lambda: (x * other).sum().backward()).most == 400
    assert held(lambda: (x * w).sum().backward()).most == 800
    # What is there anyway does not count.
    assert held(lambda: (x * w).sum().backward(), own=[x]).most == 400
    assert held(lambda: (x * w).sum().backward(), own=[x, w]).most == 0


def test_one_storage_is_held_once():
    x = torch.randn(100, requires_grad=True)

    def views():
        e = x.exp()
        (e[:50] * e[50:] * e[25:75]).sum().backward()  # and the product of the first two, 200 bytes

    assert held(views, own=[x]).most == 400 + 200
    assert held(lambda: (x.exp() ** 2).sum().backward()).most == 400  # kept by exp, and again by the power


def test_the_most_is_of_one_moment():
    x = torch.randn(100, requires_grad=True)

    def twice():
        for _ in range(3):
            x.exp().sum().backward()

    holding = held(twice)
    assert holding.most == 400 and holding.now == 0
    kept = []
    holding = held(lambda: kept.extend(x.exp() for _ in range(3)))
    assert holding.most == holding.now == 1200
    kept.pop()
    assert holding.now == 800
    kept.clear()
    assert holding.now == 0 and holding.most == 1200


def test_gradients_are_the_same_while_it_is_measured():
    net, (x, y) = flowing(), labelled()

    def gradients():
        end = net.solve(net.enter(x), torch.tensor([0.0, 1.0]), 1e-3)[-1]
        return torch.autograd.grad((net.logit(end) * y).sum(), list(net.parameters()))

    plain, measured = gradients(), []
    holding = held(lambda: measured.extend(gradients()))
    assert holding.most > 0 and all(torch.equal(a, b) for a, b in zip(plain, measured, strict=True))


def test_memory_of_a_pass():
    learner, (x, y) = FlowLearner(SMALL), labelled()
    found = [learner.memory(x, y, tol) for tol in (1e-1, 1e-3, 1e-5)]
    assert [m.tol for m in found] == [1e-1, 1e-3, 1e-5]
    assert len({m.adjoint_bytes for m in found}) == 1  # nothing is kept on the way
    assert found[0].adjoint_bytes < found[0].backprop_bytes < found[1].backprop_bytes < found[2].backprop_bytes
    for m in found:
        assert (m.forward, m.backward) == learner.passed(x, y, m.tol, "adjoint")[1:]
        # Each evaluation keeps at least its tanh, for each point and neuron.
        assert m.backprop_bytes > 4 * len(x) * 4 * m.forward
    learner.memory(x, y, 1e-3)
    assert all(p.grad is None for p in learner.net.parameters())


def test_there_is_no_memory_where_the_solver_gives_up(monkeypatch):
    monkeypatch.setattr(module, "MOST_EVALUATIONS", 300)
    found = grown(1e3).memory(*labelled(), 1e-4)
    assert (found.adjoint_bytes, found.backprop_bytes, found.forward, found.backward) == (None,) * 4
