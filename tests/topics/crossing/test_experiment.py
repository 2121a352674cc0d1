"""What flows cannot do, against a floor found by brute force, an exact solver, and order kept by construction."""

import itertools
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from torch.nn import functional
from torchdiffeq import odeint

from resviz.topics.crossing.experiment import Model, ModelLearner, least_error, task
from resviz.topics.crossing.question import MODELS, SUBSTEPS, CrossingSpec
from resviz.train.twins import descent
from resviz.train.twins.descent import one_cycle

LINE = CrossingSpec(blocks=3, hidden=4, steps=6)


# -- the tasks -------------------------------------------------------------------------------------


def test_on_the_line_each_point_is_to_become_its_negative():
    found = task("crossing")
    assert found.line and found.x.shape == (40, 1)
    x, between = found.x[:, 0], found.test_x[:, 0]
    assert torch.equal(found.y, -x) and torch.equal(found.test_y, -between)
    assert all(0.8 <= abs(v) <= 1.2000001 for v in x.tolist())
    assert (x.diff() > 0).all() and (x < 0).sum() == 20
    # The unseen ones stand in the middle between two neighbours, none of them in the gap.
    middles = [(a + b) / 2 for a, b in pairwise(x.tolist()) if a * b > 0]
    assert between.tolist() == pytest.approx(middles) and len(middles) == 38


def test_rings_are_rings():
    found = task("rings")
    assert not found.line
    for x, y, count in ((found.x, found.y, 200), (found.test_x, found.test_y, 1000)):
        assert x.shape == (2 * count, 2) and y.sum() == count
        for inner, radius in ((1, 1.0), (0, 2.0)):
            ring = x[y == inner]
            assert ring.norm(dim=1).tolist() == pytest.approx([radius] * count, rel=1e-5)
            assert ring.mean(0).abs().max() < 1e-5
            assert (ring - ring.roll(1, 0)).norm(dim=1).tolist() == pytest.approx(
                [2 * radius * math.sin(math.pi / count)] * count, rel=1e-3
            )  # evenly, without a gap


# -- the floor -------------------------------------------------------------------------------------


def by_brute_force(wanted: list[float]) -> float:
    """The best rising step function: some partition into neighbours, each group at its mean, the means rising."""
    best = math.inf
    for cuts in itertools.product((False, True), repeat=len(wanted) - 1):
        groups = [[wanted[0]]]
        for value, cut in zip(wanted[1:], cuts, strict=True):
            groups.append([value]) if cut else groups[-1].append(value)
        means = [sum(group) / len(group) for group in groups]
        if all(a <= b for a, b in pairwise(means)):
            off = sum((v - mean) ** 2 for group, mean in zip(groups, means, strict=True) for v in group)
            best = min(best, off / len(wanted))
    return best


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_the_floor_is_that_of_brute_force(wanted, random):
    places = list(range(len(wanted)))
    random.shuffle(places)  # it may be told the points in any order
    x = torch.tensor([float(p) for p in places])
    y = torch.tensor([float(wanted[p]) for p in places])
    assert least_error(x, y) == pytest.approx(by_brute_force([float(v) for v in wanted]), abs=1e-9)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=30))
def test_no_map_that_keeps_the_order_gets_below_the_floor(pairs):
    y = torch.tensor([wanted for wanted, _ in pairs], dtype=torch.float64)
    rising = torch.tensor(sorted(place for _, place in pairs), dtype=torch.float64)
    assert least_error(torch.arange(len(y)), y) <= (rising - y).square().mean().item() + 1e-9


def test_the_floor_of_known_tasks():
    x = torch.linspace(-1, 1, 9)
    assert least_error(x, x) == 0
    assert least_error(x, -x) == pytest.approx(x.double().square().mean().item())  # all at one place
    assert least_error(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, 3.0, 1.0])) == pytest.approx(2 / 3)
    line = task("crossing")
    # 1 for the way to the other side, and the spread of 19 places evenly within 0.4.
    assert least_error(line.test_x[:, 0], line.test_y) == pytest.approx(
        1 + (0.4 / 19) ** 2 * (19**2 - 1) / 12, abs=1e-6
    )


# -- the models ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("name", MODELS)
def test_how_points_go_through(name, dimension):
    spec = CrossingSpec(blocks=4, hidden=5, augment=3, seed=2)
    model = Model(name, spec, dimension)
    x = torch.randn(7, dimension, generator=torch.Generator().manual_seed(1))
    states = model.states(x)
    wide = dimension + (3 if name == "augmented" else 0)
    assert len(states) == 1 + (4 if name == "residual" else SUBSTEPS)
    assert all(s.shape == (7, wide) for s in states)
    assert torch.equal(states[0][:, :dimension], x) and not states[0][:, dimension:].any()
    out = model.out(states[-1])
    if dimension == 1:
        assert torch.equal(out, states[-1][:, 0])
    else:
        head = model.blocks if name == "residual" else model
        torch.testing.assert_close(out, states[-1] @ head.head + head.bias)
    sizes = 4 * (2 * 5 * wide + 5 + wide) if name == "residual" else 2 * 5 * wide + 2 * 5 + wide
    # On the line there is no head: a number stands for itself.
    assert sum(p.numel() for p in model.learnt) == sizes + (0 if dimension == 1 else wide + 1)


def test_the_flow_is_the_solution_of_its_equation():
    model = Model("flow", CrossingSpec(seed=5, hidden=8), 2).double()
    x = torch.tensor([[0.3, -0.7], [1.0, 0.5]]).double()
    w1, w, b1, w2, b2 = (p.detach().numpy() for p in model.field.parameters())
    names = [name for name, _ in model.field.named_parameters()]
    assert names == ["w1", "time", "b1", "w2", "b2"]
    times = torch.linspace(0, 1, SUBSTEPS + 1, dtype=torch.float64)
    found = odeint(model.field, x, times, method="rk4")
    for p, point in enumerate(x.numpy()):
        true = solve_ivp(lambda t, s: np.tanh(s @ w1 + w * t + b1) @ w2 + b2, (0, 1), point, rtol=1e-11, atol=1e-11)
        assert found[-1, p].tolist() == pytest.approx(true.y[:, -1].tolist(), abs=1e-3)
    for a, b in zip(model.float().states(x.float()), found, strict=True):
        torch.testing.assert_close(a.double(), b, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_a_flow_on_a_line_never_changes_the_order(seed):
    """At any moment, from any weights it begins with."""
    x = torch.linspace(-2, 2, 80)[:, None]
    for hidden in (2, 16, 64):
        states = Model("flow", CrossingSpec(hidden=hidden, seed=seed), 1).states(x)
        assert all((state[:, 0].diff() > 0).all() for state in states)


def test_a_residual_network_may():
    model = Model("residual", CrossingSpec(blocks=1, hidden=2), 1)
    with torch.no_grad():
        model.blocks.b1.zero_()
        model.blocks.w1.fill_(0.1)
        model.blocks.w2.fill_(-10.0)  # x - 20 tanh(x / 10), about -x
    ends = model.states(torch.linspace(-1, 1, 20)[:, None])[-1]
    assert (ends.diff(dim=0) < 0).all()
    torch.testing.assert_close(ends, -torch.linspace(-1, 1, 20)[:, None], atol=0.01, rtol=0)


def test_an_extra_dimension_gives_room():
    """The rotation by half a turn of a number and a zero beside it: a flow that takes x to -x."""
    model = Model("augmented", CrossingSpec(hidden=2), 1)
    with torch.no_grad():
        for p in model.field.parameters():
            p.zero_()
        model.field.w1.copy_(torch.eye(2) * 1e-3)
        model.field.w2.copy_(torch.tensor([[0.0, math.pi], [-math.pi, 0.0]]) * 1e3)
    x = torch.linspace(-1, 1, 9)[:, None]
    torch.testing.assert_close(model.states(x)[-1][:, :1], -x, atol=1e-3, rtol=0)


# -- learning --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("which", ["crossing", "rings"])
def test_learning_is_torchs_adam(which, name):
    spec = CrossingSpec(task=which, hidden=4, blocks=2, steps=10, lr=0.05)
    data = task(which)
    ours, theirs = (Model(name, spec, data.x.shape[1]) for _ in range(2))
    learner = ModelLearner(ours, spec)
    weights = [p for p in theirs.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(weights, lr=0.05)
    for step in range(5):
        optimizer.param_groups[0]["lr"] = 0.05 * one_cycle(step, 10)
        out = theirs.out(theirs.states(data.x)[-1])
        if which == "crossing":
            loss = (out + data.x[:, 0]).square().mean()
        else:
            loss = -(data.y * functional.logsigmoid(out) + (1 - data.y) * functional.logsigmoid(-out)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        learner.step(step + 1, data.x, data.y)
        assert learner.loss == pytest.approx(loss.item(), rel=1e-4)


def test_a_step_that_leaves_float_range_is_taken_back(monkeypatch):
    monkeypatch.setattr(descent, "one_cycle", lambda step, steps: 1e30 if step == 2 else 0.01)
    data = task("crossing")
    for name in MODELS:
        learner = ModelLearner(Model(name, LINE, 1), LINE)
        for number in range(1, 6):
            if number == 3:
                before = [p.clone() for p in learner.model.parameters()]
            learner.step(number, data.x, data.y)
        assert learner.stopped == 4 and learner.loss is None
        assert all(torch.equal(a, b) for a, b in zip(learner.model.parameters(), before, strict=True))
