"""The same weights with finer steps, against hand-made steps, straight lines through the weights, and an exact solver."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from torch.nn import functional

from resviz.nets.plane import Blocks, finer
from resviz.probes.plane import grid, regions, row
from resviz.topics.refine import experiment as module
from resviz.topics.refine.experiment import change, refine, regions_at_end
from resviz.topics.refine.question import DRAWN, FINER, NETS, SHOWN, SPLITS, Refine, RefineSpec
from resviz.topics.refine.words import finding
from resviz.train.twins import descent
from resviz.train.twins.plane import points, roughness
from tests.contract.sentences import check_record, check_sentences
from tests.examples import examples

SMALL = RefineSpec(blocks=3, hidden=4, steps=6)


def net(count=3, hidden=5, seed=0, **more) -> Blocks:
    return Blocks("residual", count, hidden, generator=torch.Generator().manual_seed(seed), **more)


def cloud(count=20):
    return torch.randn(count, 2, generator=torch.Generator().manual_seed(9))


def records(spec) -> list[Refine]:
    return [record for record in refine(spec) if record is not None]


@pytest.fixture(scope="module")
def learnt() -> Refine:
    """Enough steps to tell the rings apart."""
    return records(RefineSpec(data="circles", blocks=4, h=1.0, steps=120))[-1]


# -- finer steps -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", SPLITS)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_factor_of_one_is_the_same_network(way, activation):
    ours, x = net(h=0.7, activation=activation), cloud()
    with torch.no_grad():
        ours.bias.fill_(0.5)
    same = finer(ours, 1, way)
    assert len(same) == 3 and same.h == ours.h
    for a, b in zip(same.parameters(), ours.parameters(), strict=True):
        assert torch.equal(a, b) and a.data_ptr() != b.data_ptr()
    assert torch.equal(same.logit(same.states(x)[-1]), ours.logit(ours.states(x)[-1]))


@pytest.mark.parametrize("factor", FINER)
def test_a_repeated_block_makes_shorter_steps_in_its_own_field(factor):
    ours, x = net(h=0.8, activation="relu"), cloud()
    fine = finer(ours, factor, "shared")
    assert len(fine) == 3 * factor and fine.h == pytest.approx(0.8 / factor)
    now, by_hand = x, [x]
    for k in range(3):
        for _ in range(factor):
            now = now + 0.8 / factor * ours.field(k, now)
            by_hand.append(now)
    for found, true in zip(fine.states(x), by_hand, strict=True):
        torch.testing.assert_close(found, true)
    assert torch.equal(fine.logit(x), ours.logit(x))


@pytest.mark.parametrize("factor", FINER)
def test_interpolated_weights_are_straight_lines_through_the_trained_ones(factor):
    ours = net(count=4)
    for fine, w in zip(finer(ours, factor, "interpolated").layers, ours.layers, strict=True):
        assert torch.equal(fine[::factor], w)  # at the nodes
        for k in range(4):
            following = w[min(k + 1, 3)]
            for j in range(factor):
                part = j / factor
                torch.testing.assert_close(fine[k * factor + j], (1 - part) * w[k] + part * following)
        assert all(torch.equal(last, w[3]) for last in fine[3 * factor :])  # the last block has its own alone


def test_the_trained_network_is_not_touched():
    ours = net()
    before = [p.clone() for p in ours.parameters()]
    for way in SPLITS:
        with torch.no_grad():
            for p in finer(ours, 2, way).parameters():
                p.zero_()
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), before, strict=True))


def test_alike_blocks_are_the_same_both_ways():
    ours, x = net(alike=True), cloud()
    for factor in FINER:
        shared, between = (finer(ours, factor, way).states(x)[-1] for way in SPLITS)
        torch.testing.assert_close(shared, between)


def test_finer_steps_come_to_the_equation_at_order_one():
    """With repeated blocks each field is followed for a time of h; the distance to that halves with the step."""
    ours, start = net(count=2, h=1.0), cloud(1).double()
    true = start[0].numpy()
    for k in range(2):
        w1, b1, w2, b2 = (w[k].detach().double().numpy() for w in ours.layers)
        slope = lambda t, x, w1=w1, b1=b1, w2=w2, b2=b2: (np.tanh(x @ w1 + b1) @ w2 + b2)[0]  # noqa: E731
        true = solve_ivp(slope, (0, 1), true, rtol=1e-11, atol=1e-11).y[:, -1]
    off = [
        np.linalg.norm(finer(ours, factor, "shared").double().states(start)[-1].detach().numpy() - true)
        for factor in (1, 32, 64)
    ]
    assert off[0] > 10 * off[1]
    assert off[1] / off[2] == pytest.approx(2, abs=0.1)


def test_roughness_does_not_grow_with_finer_steps():
    """It is a sum of squares over h so that weights on a straight line through depth have one roughness at any step."""
    ours = net(count=5, h=0.5)
    with torch.no_grad():
        for w in ours.layers:
            w.copy_(w[:1] + torch.arange(5.0)[:, None, None] * (w[1:2] - w[:1]))
    for factor in FINER:
        assert roughness(finer(ours, factor, "interpolated")).item() == pytest.approx(roughness(ours).item(), rel=1e-4)


# -- what is measured ------------------------------------------------------------------------------


def test_the_change_is_the_share_of_all_weights_of_a_block():
    ours = net(count=4)
    found = change(ours)
    flat = [[v for w in ours.layers for v in w[k].flatten().tolist()] for k in range(4)]
    for k in range(3):
        assert found[k] == pytest.approx(math.dist(flat[k], flat[k + 1]) / math.hypot(*flat[k]), rel=1e-3)
    assert len(found) == 3 and change(net(alike=True)) == (0, 0)
    doubled = net(count=2, alike=True)
    with torch.no_grad():
        for w in doubled.layers:
            w[1] *= 3
    assert change(doubled) == (2,)
    with torch.no_grad():
        for w in doubled.layers:
            w.zero_()
    assert change(doubled) == (0,)  # not divided by the size of nothing


def test_the_region_at_the_end_is_the_last_of_all_regions():
    ours, box = net(), (-1.0, 2.0, -3.0, 0.0)
    found = regions_at_end(ours, box)
    side = math.isqrt(len(found))
    assert found == regions(ours, grid(box, side))[-1]
    with torch.no_grad():
        ours.head.copy_(torch.tensor([1.0, 0.0]))
        ours.bias.fill_(-0.5)
    half = side // 2  # the line x = 0.5 stands in the middle of this picture
    assert regions_at_end(ours, box) == ("0" * half + "1" * (side - half)) * side


# -- records ---------------------------------------------------------------------------------------


def test_the_first_record_is_of_what_has_learnt_nothing():
    spec = SMALL.replace(h=0.25, seed=3, data="moons")
    parts = list(refine(spec))
    begin, end = parts[0], parts[-1]
    assert (begin.step, begin.done, end.step, end.done) == (0, 0, 6, 1)
    assert parts.count(None) == 6
    data = points("moons")
    for name in NETS:
        ours, found = net(3, 4, 3, h=0.25, alike=name == "smooth"), begin.nets[name]
        own = ours.states(data.test_x)[-1]
        spread = (own - own.mean(0)).norm(dim=1).mean().item()
        for way in SPLITS:
            for place, factor in enumerate(FINER):
                fine = finer(ours, factor, way)
                ends = fine.states(data.test_x)[-1]
                right = ((fine.logit(ends) > 0) == (data.test_y > 0)).double().mean().item()
                assert found.accuracy[way][place] == pytest.approx(right)
                moved = (ends - own).norm(dim=1).mean().item() / spread
                assert found.moved[way][place] == pytest.approx(moved, abs=1e-6)
            assert found.moved[way][0] == 0
        assert found.change == change(ours)
        for i, factor in enumerate(DRAWN):
            states = finer(ours, factor, "shared").states(data.test_x[:: 400 // SHOWN][:SHOWN])
            assert found.x[i] == tuple(row(s[:, 0]) for s in states)
            assert found.y[i] == tuple(row(s[:, 1]) for s in states)
            assert len(found.x[i]) == 3 * factor + 1
        assert found.region == regions_at_end(ours, begin.box) and found.loss is None
    # The only loss of a single step is that of the weights it began with, on the points to learn from.
    once = records(spec.replace(steps=1))[-1]
    for name in NETS:
        ours = net(3, 4, 3, h=0.25, alike=name == "smooth")
        first = functional.binary_cross_entropy_with_logits(ours.logit(ours.states(data.x)[-1]), data.y)
        assert once.nets[name].loss == pytest.approx(first.item(), rel=1e-5)
    assert begin.nets["smooth"].change == (0, 0) and min(begin.nets["free"].change) > 0.1
    assert len(begin.labels) == SHOWN and set(begin.labels) == {0, 1}


def test_the_smooth_network_is_smooth_and_both_learn(learnt):
    assert all(net.accuracy["shared"][0] > 0.9 for net in learnt.nets.values())
    free, smooth = (sum(learnt.nets[name].change) for name in ("free", "smooth"))
    assert smooth < 0.3 * free
    assert all(net.moved["shared"][0] == 0 < net.moved["shared"][1] for net in learnt.nets.values())
    text = finding(learnt)
    check_sentences(text)
    assert "cut finer" in text
    check_record(learnt)


def test_the_price_of_roughness_makes_it_smooth():
    """Both begin alike; what is free to differ does."""
    rough, smooth = (
        sum(records(SMALL.replace(steps=60, smooth=price))[-1].nets["smooth"].change) for price in (0.0, 1.0)
    )
    assert 3 * smooth < rough
    free = [records(SMALL.replace(steps=20, smooth=price))[-1].nets["free"] for price in (0.0, 1.0)]
    assert free[0].change == free[1].change and free[0].loss == free[1].loss


def test_equal_specs_give_equal_records_to_the_bit_whatever_the_clock_does(monkeypatch):
    before = records(SMALL)[-1]
    torch.manual_seed(99)
    monkeypatch.setattr(descent, "EVERY_SECONDS", 0.0)
    often = records(SMALL)
    monkeypatch.setattr(descent, "EVERY_SECONDS", 1e9)
    seldom = records(SMALL)
    assert [record.step for record in often] == list(range(7)) and len(seldom) == 2
    assert often[-1] == seldom[-1] == before
    for changed in ({"seed": 2}, {"h": 0.9}, {"lr": 0.1}, {"data": "moons"}, {"smooth": 1.0}):
        assert records(SMALL.replace(**changed))[-1].nets["smooth"] != before.nets["smooth"]


def test_one_that_leaves_float_range_is_as_it_was_before(monkeypatch):
    monkeypatch.setattr(descent, "EVERY_SECONDS", 1e9)
    monkeypatch.setattr(descent, "one_cycle", lambda step, steps: 1e30)
    begin, end = records(SMALL)
    for name in NETS:
        assert end.nets[name].stopped == 2 and end.nets[name].loss is None
        for what in ("x", "y", "accuracy", "moved", "change", "region"):
            assert getattr(end.nets[name], what) == getattr(begin.nets[name], what)
    check_record(end)
    assert finding(end).count("training left float range at step 2") == 2


@pytest.mark.heavy
def test_the_largest_learning_rate_makes_numbers_too(monkeypatch):
    monkeypatch.setattr(descent, "EVERY_SECONDS", 0.0)
    for record in records(RefineSpec(blocks=24, h=2.0, hidden=16, smooth=10.0, steps=6, lr=1.0)):
        check_record(record)
        check_sentences(finding(record))


def test_finer_steps_that_leave_float_range_have_no_accuracy():
    """One linear block, x - 1e18 x: run with 4 steps it is 1e17 to the power of 4 and more."""
    learner, one = module.Learner(net(count=1, hidden=4, activation="relu"), 1, 0.1, 0.0), torch.eye(2)
    data = points("circles")
    with torch.no_grad():
        learner.net.b1.zero_()
        learner.net.w1[0] = torch.cat([one, -one], dim=1)
        learner.net.w2[0] = -1e18 * torch.cat([one, -one])
        drawn = [finer(learner.net, factor, "shared").states(data.test_x) for factor in DRAWN]
        ends = [finer(learner.net, factor, "shared").states(data.test_x)[-1] for factor in FINER]
        found = module._net(learner, drawn, ends, data, (-1.0, 1.0, -1.0, 1.0))
    for way in SPLITS:
        assert [share is None for share in found.accuracy[way]] == [False, False, True, True]
        assert found.moved[way][0] == 0 and found.moved[way][2:] == (None, None)


SPECS = st.builds(
    RefineSpec,
    data=st.sampled_from(["spirals", "circles", "moons"]),
    blocks=st.integers(2, 4),
    h=st.floats(0.01, 2),
    smooth=st.floats(0, 10),
    hidden=st.integers(2, 8),
    steps=st.integers(1, 4),
    lr=st.floats(1e-5, 1),
    seed=st.integers(0, 2**31 - 1),
)


@examples(12)
@given(SPECS)
def test_any_settings(spec):
    begin, *_, end = records(spec)
    for record in (begin, end):
        check_record(record)
        check_sentences(finding(record))
        for net in record.nets.values():
            assert len(net.change) == spec.blocks - 1
            assert net.accuracy["shared"][0] == net.accuracy["interpolated"][0]
