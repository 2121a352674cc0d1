"""Records of points that flow: what is in one, determinism, and numbers wherever training goes."""

import json
import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from resviz.nets.plane import Blocks
from resviz.probes.plane import JACOBIANS, grid, regions, row
from resviz.runs.questions import KINDS
from resviz.topics.flow import experiment as module
from resviz.topics.flow.experiment import flow, straightness
from resviz.topics.flow.question import ARROWS, Flow, PlaneSpec
from resviz.topics.flow.words import finding
from resviz.train.plane import ARMS, CELLS, SHOWN
from resviz.train.twins import descent
from resviz.train.twins.plane import points
from tests.contract.sentences import check_record, check_sentences, floats
from tests.examples import examples

SMALL = PlaneSpec(blocks=2, hidden=4, steps=6)


def net(arm, count, hidden, seed, **more) -> Blocks:
    return Blocks(arm, count, hidden, generator=torch.Generator().manual_seed(seed), **more)


def records(spec) -> list[Flow]:
    return [record for record in flow(spec) if record is not None]


@pytest.fixture(scope="module")
def learnt() -> Flow:
    """Enough steps to tell the rings apart."""
    return records(PlaneSpec(data="circles", blocks=3, steps=100))[-1]


def test_the_first_record_is_of_what_has_learnt_nothing():
    spec = SMALL.replace(h=0.5, activation="relu", seed=3)
    parts = list(flow(spec))
    begin, end = parts[0], parts[-1]
    assert (begin.step, begin.done, end.step, end.done) == (0, 0, 6, 1)
    assert parts.count(None) == 6
    data = points("spirals")
    for arm in ARMS:
        ours = net(arm, 2, 4, 3, h=0.5, activation="relu")
        states = ours.states(data.test_x)
        found = begin.arms[arm]
        assert found.x == tuple(row(s[:SHOWN, 0]) for s in states)
        assert found.y == tuple(row(s[:SHOWN, 1]) for s in states)
        for x, y, share in ((data.x, data.y, found.train_accuracy), (data.test_x, data.test_y, found.test_accuracy)):
            right = sum((v > 0) == (t > 0) for v, t in zip(ours.logit(ours.states(x)[-1]).tolist(), y, strict=True))
            assert share == pytest.approx(right / len(y))
        assert found.step == pytest.approx([(b - a).norm(dim=1).mean().item() for a, b in pairwise(states)], rel=1e-3)
        assert found.straightness == straightness(states)
        nodes = grid(begin.box, ARROWS)
        assert found.arrows == tuple(row((ours.block(k, nodes) - nodes).flatten()) for k in range(2))
        assert found.regions == regions(ours, grid(begin.box, math.isqrt(len(found.regions[0]))))
        assert found.parameters == sum(p.numel() for p in ours.parameters())
        assert found.loss is None and begin.curve[arm] == ()
        first = functional.binary_cross_entropy_with_logits(ours.logit(ours.states(data.x)[-1]), data.y)
        assert end.curve[arm][0] == pytest.approx(first.item(), rel=1e-5)
        assert found.eigenvalues == ()  # no picture of the training shows them
    assert begin.labels == tuple(data.test_y[:SHOWN].int().tolist())
    assert len(begin.labels) == SHOWN and set(begin.labels) == {0, 1}


def test_what_is_drawn_of_the_last_step(learnt):
    spec = learnt.spec
    for arm in learnt.arms.values():
        assert len(arm.x) == len(arm.y) == len(arm.regions) == spec.blocks + 1
        assert len(arm.arrows) == len(arm.step) == spec.blocks
        assert {len(states) for states in (*arm.x, *arm.y)} == {SHOWN}
        assert {len(a) for a in arm.arrows} == {2 * ARROWS**2}
    assert learnt.arms["plain"].x[0] == learnt.arms["residual"].x[0]  # the same points enter
    assert len(learnt.arms["residual"].eigenvalues) == spec.blocks * JACOBIANS * 2
    check_record(learnt)
    check_sentences(finding(learnt))


def test_half_the_step_is_each_block_twice_with_half_its_branch():
    """Written out with the network's own fields; and where everything would be classified, by the rest of that."""
    for h in (1.0, 0.3):
        ours, data = net("residual", 3, 5, 7, h=h, activation="relu"), points("moons")
        box = (-2.0, 3.0, -2.5, 2.5)
        nodes = grid(box, CELLS)
        found = module._halved(ours, data, box)
        x, states, copies = data.test_x, [data.test_x], [nodes]
        for k in range(3):
            for _ in range(2):
                x = x + h / 2 * ours.field(k, x)
                states.append(x)
                copies = [at + h / 2 * ours.field(k, at) for at in copies]
            copies.append(nodes)
        assert len(found.x) == len(found.y) == 7
        for drawn, state in zip(zip(found.x, found.y, strict=True), states, strict=True):
            assert drawn[0] == pytest.approx(state[:SHOWN, 0].tolist(), rel=1e-3, abs=1e-3)
            assert drawn[1] == pytest.approx(state[:SHOWN, 1].tolist(), rel=1e-3, abs=1e-3)
        right = ((ours.logit(x) > 0) == (data.test_y > 0)).float().mean().item()
        assert found.accuracy == pytest.approx(right)
        for signs, at in zip(found.regions, copies, strict=True):
            wanted = (ours.logit(at) > 0).int().tolist()
            assert sum(int(sign) != one for sign, one in zip(signs, wanted, strict=True)) <= 2  # rounded otherwise


def test_half_the_step_is_measured_at_the_end_and_of_the_residual_network_only(learnt):
    begin, *_ = records(SMALL)
    assert [begin.arms[arm].halved for arm in ARMS] == [None, None]
    half = learnt.arms["residual"].halved
    assert half is not None and learnt.arms["plain"].halved is None
    assert half.x[0] == learnt.arms["residual"].x[0] and half.regions[-1] == learnt.arms["residual"].regions[-1]
    assert half.x[1:] != learnt.arms["residual"].x[1:]


def test_points_that_leave_float_range_with_half_the_step_have_no_accuracy():
    ours = net("residual", 2, 4, 0, activation="relu")
    with torch.no_grad():
        ours.w2.mul_(1e30)
    found = module._halved(ours, points("moons"), (-2.0, 2.0, -2.0, 2.0))
    assert found.accuracy is None and len(found.x) == 5


def test_a_record_of_before_half_the_step_was_measured_is_read(learnt):
    kind = KINDS["flow"]
    text = kind.to_text(learnt)
    assert kind.from_text(text) == learnt
    old = json.loads(text)
    for arm in ARMS:
        del old["arms"][arm]["halved"]
    read = kind.from_text(json.dumps(old))
    assert read.arms["plain"] == learnt.arms["plain"]
    assert read.arms["residual"] == replace(learnt.arms["residual"], halved=None)


def test_the_loss_is_noted_on_the_way(learnt):
    for arm in ARMS:
        assert len(learnt.curve[arm]) == len(learnt.curve_steps)
        assert learnt.curve[arm][-1] == learnt.arms[arm].loss
        assert learnt.curve[arm][-1] < 0.3 < learnt.curve[arm][0]
    assert learnt.curve_steps == tuple(range(1, 101))


def test_long_trainings_note_the_loss_every_few_steps(monkeypatch):
    monkeypatch.setattr(descent, "CURVE_POINTS", 3)
    end = records(SMALL.replace(steps=11))[-1]
    assert end.curve_steps == (1, 4, 7, 10, 11)
    assert all(len(end.curve[arm]) == 5 for arm in ARMS)


def test_both_learn_the_rings(learnt):
    assert all(arm.test_accuracy > 0.95 and arm.train_accuracy > 0.95 for arm in learnt.arms.values())


def test_equal_specs_give_equal_records_to_the_bit_whatever_the_clock_does(monkeypatch):
    before = records(SMALL)[-1]
    torch.manual_seed(99)
    monkeypatch.setattr(descent, "EVERY_SECONDS", 0.0)
    often = records(SMALL)
    monkeypatch.setattr(descent, "EVERY_SECONDS", 1e9)
    seldom = records(SMALL)
    assert len(often) == 7 and len(seldom) == 2
    assert [record.step for record in often] == list(range(7))
    assert often[-1] == seldom[-1] == before
    for changed in ({"seed": 2}, {"h": 0.9}, {"effort": 0.0}, {"lr": 0.1}, {"data": "moons"}, {"activation": "relu"}):
        assert records(SMALL.replace(**changed))[-1].arms != before.arms


def test_a_price_of_moving_shortens_the_ways():
    free, dear = (records(SMALL.replace(steps=60, effort=effort))[-1] for effort in (0.0, 1.0))
    assert sum(dear.arms["residual"].step) < 0.5 * sum(free.arms["residual"].step)


def test_an_arm_that_leaves_float_range_is_as_it_was_before(monkeypatch):
    monkeypatch.setattr(descent, "EVERY_SECONDS", 1e9)
    monkeypatch.setattr(descent, "one_cycle", lambda step, steps: 1e30)
    begin, end = records(SMALL)
    for arm in ARMS:
        assert end.arms[arm].stopped == 2 and end.arms[arm].loss is None
        for name in ("x", "y", "arrows", "test_accuracy", "straightness"):
            assert getattr(end.arms[arm], name) == getattr(begin.arms[arm], name)
        assert end.curve[arm][0] is not None and set(end.curve[arm][1:]) == {None}
    check_record(end)
    assert finding(end).count("left float range at step 2") == 2


@pytest.mark.heavy
def test_a_network_that_diverges_has_numbers_at_every_step(monkeypatch):
    """The largest learning rate there is, and fields without a bound."""
    monkeypatch.setattr(descent, "EVERY_SECONDS", 0.0)
    for shading in ("CELLS", "COARSE"):
        monkeypatch.setattr(module, shading, 4)  # which is not what is looked at, and takes most of the time
    spec = PlaneSpec(data="moons", blocks=40, hidden=16, activation="relu", steps=10, lr=1.0, seed=40)
    found = records(spec)
    assert found[-1].arms["plain"].stopped == 5
    for record in found:
        check_record(record)


SPECS = st.builds(
    PlaneSpec,
    data=st.sampled_from(["spirals", "circles", "moons"]),
    blocks=st.integers(1, 4),
    h=st.floats(0.01, 2),
    hidden=st.integers(2, 8),
    activation=st.sampled_from(["tanh", "relu"]),
    effort=st.floats(0, 1),
    steps=st.integers(1, 4),
    lr=st.floats(1e-5, 1),
    seed=st.integers(0, 2**31 - 1),
)


@examples(12)
@given(SPECS)
def test_any_settings(spec):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(descent, "EVERY_SECONDS", 0.0)
        found = records(spec)
    assert len(found) == spec.steps + 1
    for record in found:
        check_record(record)
        check_sentences(finding(record))
        assert sum(1 for _ in floats(record)) > 1000  # the walk above did walk
