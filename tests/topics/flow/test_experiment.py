"""What is measured of points that flow, against closed forms, torch's own derivatives and optimiser, and direct evaluation."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from resviz.data.tensors import load
from resviz.nets.plane import Blocks
from resviz.probes.plane import JACOBIANS, eigenvalues, grid, picture, regions, row, rows
from resviz.topics.flow.experiment import straightness
from resviz.train.plane import ARMS, CELLS
from resviz.train.twins import descent
from resviz.train.twins.descent import WARM_UP, one_cycle
from resviz.train.twins.plane import EXAMPLES, Learner, points, roughness
from resviz.words.say import rounded


def net(arm="residual", count=3, hidden=5, seed=0, **more) -> Blocks:
    return Blocks(arm, count, hidden, generator=torch.Generator().manual_seed(seed), **more)


def cloud(count=30, seed=9):
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(seed))


# -- points ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spirals", "circles", "moons"])
def test_points_are_those_of_the_data_set_twice_as_far_out(name):
    found, stored = points(name), load(name, 512)
    assert EXAMPLES == 512
    assert found.x.shape == (512, 2) and found.test_x.shape == (400, 2)
    for ours, theirs in ((found.x, stored.train_x), (found.test_x, stored.test_x)):
        assert torch.equal(ours, 2 * theirs[:, :, 0, 0]) and ours.dtype == torch.float32
    assert found.y.dtype == torch.float32 and torch.equal(found.y.long(), stored.train_y)
    assert torch.equal(found.test_y.long(), stored.test_y)
    assert 1.9 < found.test_x.norm(dim=1).quantile(0.95) < 2.3 or name == "moons"


# -- learning --------------------------------------------------------------------------------------


@given(st.integers(1, 3000))
def test_the_learning_rate_rises_then_falls(steps):
    shares = [one_cycle(step, steps) for step in range(steps)]
    assert shares[0] == pytest.approx(0.04)
    assert all(1e-4 <= share <= 1 for share in shares)
    up = math.ceil(WARM_UP * steps)
    assert all(a < b for a, b in pairwise(shares[:up]))
    assert all(a >= b for a, b in pairwise(shares[up:]))
    if steps >= 100:
        assert max(shares) > 0.99 and shares[-1] < 0.001
    # A cosine: halfway up it is in the middle, and halfway down.
    assert one_cycle(15, 100) == pytest.approx(0.52)
    assert one_cycle(30, 100) == 1 and one_cycle(65, 100) == pytest.approx(0.5)


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize(("effort", "smooth"), [(0.0, 0.0), (0.1, 0.0), (0.0, 0.05), (0.1, 0.05)])
def test_learning_is_torchs_adam_on_what_is_said(arm, effort, smooth):
    """Against the same network of torch's layers, with the loss written out."""
    ours, x = net(arm, count=2, hidden=4, h=0.5), cloud()
    y = (x[:, 0] > 0).float()
    layers = nn.ModuleList(nn.Linear(*size) for _ in range(2) for size in ((2, 4), (4, 2)))
    head = nn.Linear(2, 1)
    weights = [w.detach().clone() for w in ours.layers]
    for k in range(2):
        w1, b1, w2, b2 = (w[k] for w in weights)
        layers[2 * k].load_state_dict({"weight": w1.T, "bias": b1[0]})
        layers[2 * k + 1].load_state_dict({"weight": w2.T, "bias": b2[0]})
    head.load_state_dict({"weight": ours.head.detach()[None].clone(), "bias": ours.bias.detach()[None].clone()})
    theirs = torch.optim.Adam([*layers.parameters(), *head.parameters()], lr=0.05)
    learner = Learner(ours, 10, 0.05, effort, smooth)
    for step in range(10):
        for group in theirs.param_groups:
            group["lr"] = 0.05 * one_cycle(step, 10)
        now, way = x, 0.0
        for k in range(2):
            moved = 0.5 * layers[2 * k + 1](torch.tanh(layers[2 * k](now)))
            way = way + (moved**2).sum(1).mean()
            now = now + moved if arm == "residual" else moved
        loss = nn.functional.binary_cross_entropy_with_logits(head(now)[:, 0], y)
        rough = sum(((a - b) ** 2).sum() for a, b in zip(layers[:2].parameters(), layers[2:].parameters(), strict=True))
        theirs.zero_grad()
        (loss + effort * way + smooth * rough / 0.5).backward()
        theirs.step()
        learner.step(step + 1, x, y)
        assert learner.loss == pytest.approx(loss.item(), rel=2e-4)
    assert learner.stopped is None


def test_roughness_is_that_of_a_curve():
    """Weights on a straight line through depth: (N - 1) |d|^2 / h, whatever N is, if h is 1 / (N - 1)."""
    d = [torch.randn(w.shape[1:], generator=torch.Generator().manual_seed(i)) for i, w in enumerate(net().layers)]
    for count in (2, 5, 9):
        line = net(count=count, h=1 / (count - 1))
        with torch.no_grad():
            for w, way in zip(line.layers, d, strict=True):
                w.copy_(torch.linspace(0, 1, count)[:, None, None] * way)
        assert roughness(line).item() == pytest.approx(sum((way**2).sum().item() for way in d), rel=1e-4)
    assert roughness(net(alike=True)) == 0 and roughness(net(count=1)) == 0


def broken(at: int, share: float = 1e30):
    """A schedule of small steps but for one."""
    return lambda step, steps: share if step == at else 0.01


def test_a_step_that_leaves_float_range_is_the_last(monkeypatch):
    monkeypatch.setattr(descent, "one_cycle", broken(1))
    learner, x = Learner(net(), 10, 0.1, 0.003), cloud()
    for number in range(1, 6):
        if number == 2:
            before = [p.clone() for p in learner.net.parameters()]
        learner.step(number, x, (x[:, 0] > 0).float())
    assert learner.stopped == 3 and learner.loss is None  # the second made the weights, the third its loss
    assert all(torch.equal(a, b) for a, b in zip(learner.net.parameters(), before, strict=True))


def test_the_last_step_of_all_is_looked_at_too(monkeypatch):
    """No other step comes, whose loss would tell."""
    monkeypatch.setattr(descent, "one_cycle", broken(4))
    learner, x = Learner(net(), 5, 0.1, 0.003), cloud()
    y = (x[:, 0] > 0).float()
    for number in range(1, 6):
        learner.step(number, x, y)
    assert learner.stopped is None
    learner.end(5, x, y)
    assert learner.stopped == 5 and learner.loss is None
    assert learner.of(learner.net.states(x), y).isfinite()
    sound = Learner(net(), 5, 0.1, 0.003)
    sound.step(1, x, y)
    sound.end(5, x, y)
    assert sound.stopped is None and sound.loss is not None


def test_what_a_step_is_taken_back_to_works(monkeypatch):
    """Also where what breaks it is the very step after which the weights are kept."""
    monkeypatch.setattr(descent, "one_cycle", broken(49))
    learner, x = Learner(net(), 60, 0.1, 0.003), cloud()
    for number in range(1, 61):
        learner.step(number, x, (x[:, 0] > 0).float())
    assert learner.stopped in (50, 51)  # by its weights, or the next by its loss
    assert learner.net.logit(learner.net.states(x)[-1]).isfinite().all()
    assert max(p.abs().max().item() for p in learner.net.parameters()) < 100


# -- what is measured ------------------------------------------------------------------------------


def test_straightness_of_known_ways():
    a, b, c = torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 0.0]]), torch.tensor([[3.0, 4.0]])
    assert straightness([a, b, 2 * b]) == pytest.approx(1)
    assert straightness([a, b, a]) == 0
    assert straightness([a, b, c]) == pytest.approx(5 / 7)
    assert straightness([a, a, a]) == 1
    # A mean over the points that moved: those that stayed have no way.
    together = [torch.cat(states) for states in zip([a, b, a], [a, b, 3 * b], [a, a, a], strict=True)]
    assert straightness(together) == pytest.approx(0.5)


@given(st.integers(1, 5), st.integers(1, 20), st.integers(0, 99))
def test_no_way_is_shorter_than_the_straight_one(steps, count, seed):
    states = torch.randn(steps + 1, count, 2, generator=torch.Generator().manual_seed(seed))
    assert 0 <= straightness(list(states)) <= 1 + 1e-6


def test_straightness_of_points_that_left_is_a_number():
    far = [torch.zeros(2, 2), torch.ones(2, 2), torch.tensor([[math.inf, 0.0], [2.0, 2.0]])]
    assert math.isfinite(straightness(far))
    assert math.isfinite(straightness([torch.zeros(1, 2), torch.tensor([[math.inf, math.nan]])]))


def test_eigenvalues_are_those_of_jacrev():
    ours = net(h=0.7, activation="tanh")
    states = [s.detach() for s in ours.states(cloud(JACOBIANS))]
    found = torch.tensor(eigenvalues(ours, states)).reshape(3, JACOBIANS, 2, 2)
    for k in range(3):
        jacobian = torch.func.jacrev(lambda p, k=k: 0.7 * ours.field(k, p[None])[0])
        for p, point in enumerate(states[k]):
            true = sorted((v.real, v.imag) for v in torch.linalg.eigvals(jacobian(point).detach()).tolist())
            for value, theirs in zip(sorted(found[k, p].tolist()), true, strict=True):
                assert value == pytest.approx(theirs, rel=1e-3, abs=1e-4)


def test_eigenvalues_of_known_matrices():
    """relu(x) - relu(-x) is x: a rotation has ±i, times h; those of the branch, not of the block."""
    ours, one = net(count=1, hidden=4, h=0.5, activation="relu"), torch.eye(2)
    with torch.no_grad():
        ours.b1.zero_()
        ours.w1[0] = torch.cat([one, -one], dim=1)
        ours.w2[0] = torch.tensor([[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    found = eigenvalues(ours, ours.states(cloud(100)))
    assert len(found) == 2 * JACOBIANS
    assert {(abs(re), abs(im)) for re, im in found} == {(0, 0.5)}


def test_the_grid_is_the_middles_of_cells_row_by_row_from_below():
    assert grid((0.0, 4.0, -2.0, 0.0), 2).tolist() == [[1, -1.5], [3, -1.5], [1, -0.5], [3, -0.5]]
    nodes = grid((-2.0, 2.0, -2.0, 2.0), CELLS)
    assert nodes.shape == (CELLS**2, 2) and nodes.abs().max().item() == pytest.approx(2 - 2 / CELLS)


@pytest.mark.parametrize("arm", ARMS)
def test_regions_say_what_the_rest_of_the_network_says(arm):
    """Point by point, in the field's own formula; where it cannot tell, either sign will do."""
    ours = net(arm, h=0.8).double()
    nodes = grid((-2.0, 2.0, -2.0, 2.0), 15)
    found = regions(ours.float(), nodes)
    ours.double()
    assert len(found) == 4
    w1, b1, w2, b2 = (w.tolist() for w in ours.layers)
    head, bias = ours.head.tolist(), ours.bias.item()
    doubtful = 0
    for first, signs in enumerate(found):
        assert len(signs) == 225 and set(signs) <= {"0", "1"}
        for sign, point in zip(signs, nodes.tolist(), strict=True):
            x = point
            for k in range(first, 3):
                hidden = [math.tanh(x[0] * w1[k][0][j] + x[1] * w1[k][1][j] + b1[k][0][j]) for j in range(5)]
                step = [0.8 * (sum(hidden[j] * w2[k][j][i] for j in range(5)) + b2[k][0][i]) for i in range(2)]
                x = [a + b for a, b in zip(x, step, strict=True)] if arm == "residual" else step
            logit = x[0] * head[0] + x[1] * head[1] + bias
            doubtful += abs(logit) < 1e-5
            assert abs(logit) < 1e-5 or sign == "01"[logit > 0]
    assert doubtful < 5


def test_a_picture_holds_all_arms_with_a_margin():
    x = cloud(2000)
    left, right, bottom, top = picture([[x], [x + 3, 2 * x]])
    every = torch.cat([x, x + 3, 2 * x])
    inside = (every > torch.tensor([left, bottom])) & (every < torch.tensor([right, top]))
    assert inside.all(1).float().mean() > 0.985
    assert right - left == pytest.approx(top - bottom, rel=1e-3)
    low, high = (every.quantile(q, dim=0) for q in (0.005, 0.995))
    assert right - left == pytest.approx(1.16 * (high - low).max().item(), rel=1e-3)
    still = picture([[torch.full((5, 2), 0.25)]])  # one place, which a picture of no size would not show
    assert still == (-0.25, 0.75, -0.25, 0.75)
    gone = torch.cat([x, torch.tensor([[math.nan, 0.0], [math.inf, 1.0]])])
    assert picture([[gone]]) == picture([[x]])


@pytest.mark.parametrize("size", [1e5, 1e9, 1e15, 3e38])
def test_a_picture_has_a_size_wherever_the_points_went(size):
    """ReLU without a bound: with 40 blocks and a learning rate of 1 they go as far as floats do."""
    for middle in (0.0, 1.0):
        far = torch.stack([torch.linspace(middle - 0.5, middle, 50) * size] * 2, dim=1)
        box = picture([[cloud()], [far]])
        assert all(map(math.isfinite, box))
        assert box[0] < box[1] and box[2] < box[3]


def test_numbers_of_a_picture():
    assert rounded(1.23456) == 1.235 and rounded(-123456.0) == -123500 and rounded(0.0) == 0
    assert row(torch.tensor([1 / 3, math.nan, math.inf, -math.inf])) == (0.3333, 1e6, 1e6, -1e6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_numbers_of_a_picture_are_the_nearest_with_four_digits(values):
    (found,) = rows(torch.tensor([values], dtype=torch.float64))
    for value, shown in zip(values, found, strict=True):
        if abs(value) < 1e-15:
            assert shown == 0
            continue
        assert shown == float(f"{shown:.4g}")  # written with four digits
        assert shown == pytest.approx(float(f"{value:.4g}"), rel=1e-15) or shown == pytest.approx(value, rel=5.0001e-4)


def test_where_points_have_left_float_range_there_are_no_eigenvalues():
    ours, x = net(count=2), cloud()
    states = ours.states(x)
    gone = [states[0], states[1] * math.inf, states[2]]
    assert eigenvalues(ours, gone) == eigenvalues(ours, states)[: len(eigenvalues(ours, states)) // 2]
