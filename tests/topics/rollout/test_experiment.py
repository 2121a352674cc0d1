"""Learning and running freely against closed forms, torch's own layers and optimiser, and arms made by hand."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from resviz.topics.rollout import experiment as module
from resviz.topics.rollout.experiment import (
    SYSTEMS,
    Arm,
    Curves,
    band,
    draw,
    first,
    number,
    predict,
    rate,
    record,
    rollout,
    run_freely,
    task,
    trajectories,
)
from resviz.topics.rollout.question import PAIRS, SHARE, STARTS, Rollout, RolloutSpec
from resviz.topics.rollout.words import finding
from resviz.train.plane import ARMS
from tests.examples import examples

ADAPTER = TypeAdapter(Rollout)
SMALL = RolloutSpec(steps=30, examples=40, hidden=6, blocks=2, horizon=40)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def last(spec: RolloutSpec) -> Rollout:
    *_, found = rollout(spec)
    return found


@pytest.fixture(scope="module")
def usual() -> list[Rollout]:
    """The defaults, as they learn."""
    return list(filter(None, rollout(RolloutSpec())))


# -- the networks ----------------------------------------------------------------------------------


def test_a_block_is_two_layers_of_torch():
    spec = RolloutSpec(hidden=5, blocks=2, branch=1.0)
    weights = draw(spec, generator())
    assert [tuple(w.shape) for w in weights] == [(2, 2, 5), (2, 5), (2, 5, 2), (2, 2)]
    x = torch.randn(7, 2, generator=generator(1))
    h, plain = x, x
    for w1, b1, w2, b2 in zip(*weights, strict=True):
        inner, outer = torch.nn.Linear(2, 5), torch.nn.Linear(5, 2)
        for layer, w, b in ((inner, w1, b1), (outer, w2, b2)):
            bound = 1 / math.sqrt(layer.in_features)
            assert w.abs().max() <= bound and b.abs().max() <= bound
            layer.load_state_dict({"weight": w.T, "bias": b})
        field = torch.nn.Sequential(inner, torch.nn.Tanh(), outer)
        h, plain = h + field(h), field(plain)
    torch.testing.assert_close(predict(x, weights, True), h)
    torch.testing.assert_close(predict(x, weights, False), plain)


def test_the_arms_differ_by_the_shortcut_alone():
    weights = draw(RolloutSpec(blocks=1), generator())
    arms = {arm: Arm(arm, weights) for arm in ARMS}
    x = torch.randn(9, 2, generator=generator(1))
    torch.testing.assert_close(arms["residual"](x), x + arms["plain"](x))
    for a, b, w in zip(arms["residual"].weights, arms["plain"].weights, weights, strict=True):
        assert torch.equal(a, b) and torch.equal(a, w)
        assert len({t.data_ptr() for t in (a, b, w)}) == 3


def test_the_branch_is_scaled_and_nothing_else():
    full, small = (draw(RolloutSpec(branch=b), generator()) for b in (1.0, 0.25))
    for place, (a, b) in enumerate(zip(full, small, strict=True)):
        assert torch.equal(a * (1 if place < 2 else 0.25), b)


@pytest.mark.parametrize("arm", ARMS)
def test_learning_is_torchs_adam_on_a_cosine(arm):
    spec = RolloutSpec(hidden=4, blocks=2, steps=20, lr=0.05)
    start = draw(spec, generator())
    ours = Arm(arm, start)
    x = torch.randn(30, 2, generator=generator(1))
    y = x.roll(1, 1) * 0.9
    weights = [w.clone().requires_grad_() for w in start]
    theirs = torch.optim.Adam(weights, lr=spec.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, spec.steps)
    for step in range(1, spec.steps + 1):
        assert rate(spec, step) == pytest.approx(schedule.get_last_lr()[0], abs=1e-9)
        ours.learn(x, y, rate(spec, step), step)
        theirs.zero_grad()
        torch.nn.functional.mse_loss(predict(x, tuple(weights), arm == "residual"), y).backward()
        theirs.step()
        schedule.step()
    for a, b in zip(ours.weights, weights, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


def test_a_loss_that_is_no_number_ends_the_learning():
    arm = Arm("residual", draw(RolloutSpec(hidden=3), generator()))
    before = [w.clone() for w in arm.weights]
    x = torch.full((4, 2), 1e30)
    arm.learn(x, -x, 0.1, 7)
    assert arm.stopped == 7
    arm.learn(torch.zeros(4, 2), torch.zeros(4, 2), 0.1, 8)
    assert arm.stopped == 7
    assert all(torch.equal(a, b) for a, b in zip(arm.weights, before, strict=True))


# -- what is learnt --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SYSTEMS)
def test_pairs_are_one_time_step_apart(name):
    spec = RolloutSpec(system=name, dt=0.2, horizon=10, examples=50)
    given = task(spec, generator())
    assert given.x.shape == given.y.shape == (50, 2)
    assert given.unseen.shape == given.after.shape == (PAIRS, 2)
    assert given.truth.shape == (11, STARTS, 2)
    assert given.x.mean(0).abs().max() < 1e-6
    assert given.x.std(0, unbiased=False).tolist() == pytest.approx([1, 1])
    for x, y in ((given.x, given.y), (given.unseen, given.after)):
        state = x.double().numpy() * given.spread + given.mean
        (after,) = trajectories(SYSTEMS[name], state[:5], np.array([0.2]))
        assert np.abs(y[:5].double().numpy() * given.spread + given.mean - after).max() < 1e-5
    assert given.orbit[0] == pytest.approx(given.truth[0, given.drawn] * given.spread + given.mean, rel=1e-4)
    kept = SYSTEMS[name].kept(given.truth[0] * given.spread + given.mean)
    assert (kept < kept[given.drawn]).sum() == STARTS // 2


def test_noise_is_added_to_what_is_learnt_from_alone():
    spec = RolloutSpec(horizon=10)
    clean, noisy = (task(s, generator()) for s in (spec, spec.replace(noise=0.3)))
    assert torch.equal(clean.unseen, noisy.unseen) and torch.equal(clean.after, noisy.after)
    assert np.array_equal(clean.truth, noisy.truth)
    for a, b in ((clean.x, noisy.x), (clean.y, noisy.y)):
        assert (b - a).std().item() == pytest.approx(0.3, rel=0.05)
    assert abs(torch.corrcoef(torch.stack([(noisy.x - clean.x).flatten(), (noisy.y - clean.y).flatten()]))[0, 1]) < 0.1


# -- running freely --------------------------------------------------------------------------------


def test_each_state_is_predicted_from_the_one_before():
    start = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    turn = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    free = run_freely(lambda x: x @ turn, start, 4)
    assert free.shape == (5, 2, 2)
    assert free[1].tolist() == [[0, 1], [-2, 0]]
    assert free[4].tolist() == free[0].tolist() == start.tolist()


def test_what_has_left_float_range_does_not_come_back():
    def odd(x):
        return torch.where(x.isfinite(), x * 1e20, torch.zeros_like(x))

    free = run_freely(odd, torch.tensor([[1.0, 1.0], [1e-30, 0.0]]), 5)
    assert np.isfinite(free[:2]).all()
    assert np.isnan(free[2:, 0]).all()
    assert np.isfinite(free[3, 1]).all() and np.isnan(free[4:, 1]).all()


def test_the_median_counts_what_left_as_far_off():
    off = np.full((4, 16), 0.01)
    off[1, :9] = 0.5
    off[2, :8] = np.nan
    off[3] = np.inf
    found, passes = band(off, [0, 1, 2, 3])
    assert passes == 1
    assert found.median == (0.01, 0.5, None, None)
    assert found.low == (0.01, 0.01, 0.01, None)
    assert found.high == (0.01, 0.5, None, None)
    found, passes = band(off[:1], [0])
    assert passes is None
    assert band(np.full((2, 16), SHARE), [0])[1] is None  # at the line is not above it


def test_first_and_number():
    assert first(np.array([False, False])) is None
    assert first(np.array([False, True, True])) == 1
    assert number(math.nan) is number(math.inf) is None
    assert number(1 / 3) == 0.333333


class Exact:
    """The true flow in the place of a network."""

    stopped = None

    def __init__(self, spec, given):
        self.spec, self.given = spec, given

    def __call__(self, x):
        given = self.given
        state = x.double().numpy() * given.spread + given.mean
        (after,) = trajectories(SYSTEMS[self.spec.system], state, np.array([self.spec.dt]))
        return torch.from_numpy((after - given.mean) / given.spread).float()

    def loss(self, x, y):
        return (self(x) - y).square().mean()


class Formula(Exact):
    def __init__(self, formula):
        self.formula = formula

    def __call__(self, x):
        return self.formula(x)


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_true_flow_makes_no_error(name):
    """And one that changes nothing has the identity's error, and keeps all there is to keep."""
    spec = RolloutSpec(system=name, horizon=60, dt=0.3)
    given = task(spec, generator())
    arms = {"residual": Exact(spec, given), "plain": Formula(lambda x: x)}
    curves = Curves(given)
    curves.add(arms)
    found = record(spec, given, arms, curves, spec.steps)
    assert found.one_step["residual"][0] < 1e-5 and found.loss["residual"][0] < 1e-10
    assert found.moves["residual"][0] == pytest.approx(found.identity, rel=1e-4)
    assert max(found.error["residual"].high) < 1e-3
    assert found.passes["residual"] is None
    assert found.strays["residual"] < 1e-3
    assert found.path["residual"][-1] == pytest.approx(found.arrival, abs=1e-3)
    assert found.one_step["plain"][0] == found.identity and found.moves["plain"][0] == 0
    assert found.strays["plain"] < 1e-6 and len(set(found.path["plain"])) == 1
    assert found.passes["plain"] == 1
    assert "stays within 10% of the spread" in finding(found)


def test_a_roll_out_that_explodes_is_ended_and_said():
    spec = RolloutSpec(system="lotka_volterra", horizon=30)
    given = task(spec, generator())
    arms = {"residual": Formula(lambda x: x - 1), "plain": Formula(lambda x: x * 100)}
    curves = Curves(given)
    curves.add(arms)
    found = record(spec, given, arms, curves, spec.steps)
    at = found.lost["plain"]
    assert 15 < at < 25 and len(found.path["plain"]) == at
    assert found.left == {"residual": 0, "plain": STARTS}
    assert found.lost["residual"] is None and len(found.path["residual"]) == 31
    assert found.error["plain"].median[-1] is found.error["plain"].low[-1] is None
    gone = found.without["residual"]  # prey and hunters fall below 0 but are numbers
    assert gone is not None and gone < 10
    assert found.energy["residual"][gone - 1] is not None and found.energy["residual"][gone] is None
    text = finding(found)
    assert f"the one drawn at prediction {at}, time {spec.time(at):g}" in text
    assert "no longer above 0" in text
    assert ADAPTER.validate_json(ADAPTER.dump_json(found)) == found


# -- records ---------------------------------------------------------------------------------------


@pytest.mark.heavy
def test_the_first_record_is_of_what_has_learnt_nothing(usual):
    spec = RolloutSpec()
    begin, end = usual[0], usual[-1]
    assert (begin.step, begin.done, end.step, end.done) == (0, 0, spec.steps, 1)
    given = task(spec, generator(1))
    weights = draw(spec, generator(0))
    for arm in ARMS:
        predicted = predict(given.unseen, weights, arm == "residual")
        assert begin.one_step[arm][0] == pytest.approx(
            (predicted - given.after).square().mean().sqrt().item(), rel=1e-5
        )
        assert begin.moves[arm][0] == pytest.approx((predicted - given.unseen).square().mean().sqrt().item(), rel=1e-5)
        assert begin.loss[arm][0] == end.loss[arm][0]
    assert all(a.step < b.step for a, b in pairwise(usual))
    for found in usual:
        assert len(found.loss["plain"]) == len(found.steps) == len([s for s in spec.measured if s <= found.step])
        assert (found.identity, found.average, found.orbit) == (begin.identity, begin.average, begin.orbit)


@pytest.mark.heavy
def test_at_the_defaults_both_learn_and_the_residual_network_keeps_its_course_longer(usual):
    """Measured over seeds 0 to 4 with room to spare: 3 to 6 times one step, 5 to 16 times the time."""
    begin, end = usual[0], usual[-1]
    error = {arm: end.one_step[arm][-1] for arm in ARMS}
    assert error["plain"] < 0.02 < end.identity and 2 * error["residual"] < error["plain"]
    assert begin.one_step["residual"][0] < 0.15 < 0.9 < begin.one_step["plain"][0]
    assert end.passes["residual"] > 3 * end.passes["plain"]
    assert end.strays["residual"] < 0.2 < end.strays["plain"]


def test_with_no_branch_it_begins_at_the_identity():
    found = next(rollout(SMALL.replace(branch=0.0)))
    assert found.one_step["residual"][0] == found.identity
    assert found.moves["residual"][0] == 0
    assert found.strays["residual"] < 1e-6
    # The plain one says the mean of the states, which is that of the spreads' own 0.
    assert found.one_step["plain"][0] == pytest.approx(found.average, rel=0.01)


def test_equal_specs_give_equal_numbers_to_the_bit_whatever_the_clock_does(monkeypatch):
    before = last(SMALL)
    torch.manual_seed(99)
    np.random.seed(3)
    monkeypatch.setattr(module.time, "monotonic", lambda: 0.0)  # records cost nothing by this clock
    monkeypatch.setattr(module, "EVERY_SECONDS", 0.0)
    often = list(filter(None, rollout(SMALL)))
    monkeypatch.setattr(module, "EVERY_SECONDS", 1e9)
    seldom = list(filter(None, rollout(SMALL)))
    assert len(often) == 1 + SMALL.steps and len(seldom) == 2
    assert often[-1] == seldom[-1] == before
    assert ADAPTER.dump_json(often[-1]) == ADAPTER.dump_json(before)
    assert last(SMALL.replace(seed=1)).one_step != before.one_step


def test_more_examples_leave_the_weights_as_they_are():
    a, b = (draw(spec, generator(2 * spec.seed)) for spec in (SMALL, SMALL.replace(examples=60)))
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))
    assert next(rollout(SMALL)).moves != next(rollout(SMALL.replace(hidden=7))).moves


def test_whose_loss_was_no_number_says_so(monkeypatch):
    honest = Arm.loss

    def spoilt(self, x, y):
        found = honest(self, x, y)
        return found if self.shortcut else found * math.inf

    monkeypatch.setattr(Arm, "loss", spoilt)
    found = last(SMALL)
    assert found.stopped == {"residual": None, "plain": 1}
    assert set(found.loss["plain"]) == {None} and None not in found.loss["residual"]
    assert "The plain network stopped learning at step 1" in finding(found)
    json.loads(ADAPTER.dump_json(found), parse_constant=pytest.fail)


SPECS = st.builds(
    RolloutSpec,
    system=st.sampled_from(list(SYSTEMS)),
    dt=st.floats(0.01, 1),
    blocks=st.integers(1, 16),
    hidden=st.integers(2, 8),
    branch=st.floats(0, 2),
    examples=st.integers(10, 50),
    noise=st.floats(0, 0.5),
    steps=st.integers(10, 20),
    lr=st.floats(1e-5, 0.3),
    horizon=st.integers(10, 40),
    seed=st.integers(0, 2**31 - 1),
)


@examples(15)
@given(SPECS)
def test_any_settings(spec):
    found = last(spec)
    text = ADAPTER.dump_json(found)
    json.loads(text, parse_constant=pytest.fail)
    assert ADAPTER.validate_json(text) == found
    assert finding(found)
    for arm in ARMS:
        assert len(found.error[arm].median) == len(found.energy[arm]) == len(found.times)
        assert len(found.path[arm]) == spec.horizon + 1
        low, middle, high = found.error[arm].low, found.error[arm].median, found.error[arm].high
        assert all(a <= b <= c for a, b, c in zip(low, middle, high, strict=True))
        assert found.energy[arm][0] == 1
        at = found.passes[arm]
        if at in spec.seen:
            assert middle[spec.seen.index(at)] > SHARE * 0.99999
        assert all(m <= SHARE for n, m in zip(spec.seen, middle, strict=True) if at is None or n < at)
