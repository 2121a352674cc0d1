"""A Neural ODE beside a residual network, trained: what is in a record, determinism, and numbers wherever training goes."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from resviz.nets.plane import Blocks
from resviz.probes.plane import grid, regions, row
from resviz.topics.ode import experiment as module
from resviz.topics.ode.experiment import Flowing, GaveUp, neuralode
from resviz.topics.ode.question import BETWEEN, BLOCKS, TOLERANCES, NeuralOde, NeuralOdeSpec
from resviz.topics.ode.words import finding
from resviz.train.twins.plane import points
from tests.contract.sentences import check_record, check_sentences
from tests.examples import examples

SMALL = NeuralOdeSpec(hidden=4, steps=4, augment=0, gradient="adjoint")


def records(spec) -> list[NeuralOde]:
    return [record for record in neuralode(spec) if record is not None]


def timeless(record: NeuralOde) -> NeuralOde:
    """Without what the clock says."""
    reached = record.reached and (record.reached[0], 0.0)
    return replace(record, nets={n: replace(x, seconds=0.0) for n, x in record.nets.items()}, reached=reached)


@pytest.fixture
def few_tolerances(monkeypatch):
    monkeypatch.setattr(module, "TOLERANCES", (1e-1, 1e-3))


@pytest.mark.heavy
@pytest.mark.parametrize("steps", [100, pytest.param(NeuralOdeSpec().steps, marks=pytest.mark.grid)])
def test_it_learns_the_spirals_within_two_hundred_steps(steps, monkeypatch):
    """At the defaults, to the end: nothing gives up on the way, and what is said is what was measured. Half as many steps are
    enough; `make thorough` makes all of them."""
    monkeypatch.setattr(module, "EVERY_SECONDS", 1e9)  # no pictures on the way
    assert NeuralOdeSpec().steps == 200
    begin, *_, end = records(NeuralOdeSpec(steps=steps))
    assert begin.nets["ode"].test_accuracy < 0.6 and begin.reached is None
    assert end.reached is not None and end.reached[0] <= steps and end.reached[1] > 0
    step = end.at.index(end.reached[0])
    assert end.nets["ode"].accuracy[step] >= 0.95 and max(end.nets["ode"].accuracy[:step], default=0) < 0.95
    assert end.nets["ode"].test_accuracy >= 0.95 and end.stopped == ""
    assert end.nets["ode"].parameters < end.nets["residual"].parameters / 5
    assert end.nets["ode"].test_accuracy == end.nets["ode"].accuracy[-1]
    assert len(end.forward) == len(end.backward) == len(end.nets["ode"].curve) == end.spec.steps
    assert end.forward[-1] > end.forward[0]  # the field gets more curved
    # The tighter the tolerance the more is kept on the way; the adjoint keeps nothing of it.
    sizes = [m.backprop_bytes for m in end.memory]
    assert sizes == sorted(sizes) and sizes[-1] > 3 * sizes[0]
    assert len({m.adjoint_bytes for m in end.memory}) == 1 and end.memory[0].adjoint_bytes < sizes[0]
    check_record(end)
    check_sentences(finding(end))


# -- what is in a record ---------------------------------------------------------------------------


def test_the_first_record_is_of_what_has_learnt_nothing(few_tolerances):
    spec = SMALL.replace(seed=3, data="moons", augment=1, tol=1e-4)
    parts = list(neuralode(spec))
    begin, end = parts[0], parts[-1]
    assert (begin.step, begin.done, end.step, end.done) == (0, 0, 4, 1)
    assert begin.memory == () and [m.tol for m in end.memory] == [1e-1, 1e-3, 1e-4]
    assert parts.count(None) == 4 + 3  # a part for each step, and for each tolerance
    data, shown = points("moons"), slice(0, 240)
    residual = Blocks("residual", BLOCKS, 4, generator=torch.Generator().manual_seed(3))
    flow = Flowing(4, 1, torch.Generator().manual_seed(3))
    states = residual.states(data.test_x)
    found = begin.nets["residual"]
    assert found.x == tuple(row(s[shown, 0]) for s in states) and found.y == tuple(row(s[shown, 1]) for s in states)
    assert found.regions == regions(residual, grid(begin.box, math.isqrt(len(found.regions[0]))))
    assert found.test_accuracy == pytest.approx(right(residual.logit(states[-1]), data.test_y))
    assert found.train_accuracy == pytest.approx(right(residual.logit(residual.states(data.x)[-1]), data.y))
    moments = torch.linspace(0, 1, BLOCKS * BETWEEN + 1)
    with torch.no_grad():
        ways = flow.solve(flow.enter(data.test_x[shown]), moments, 1e-4)
        found = begin.nets["ode"]
        assert found.x == tuple(row(s[:, 0]) for s in ways) and found.y == tuple(row(s[:, 1]) for s in ways)
        for x, y, share in ((data.x, data.y, found.train_accuracy), (data.test_x, data.test_y, found.test_accuracy)):
            ends = flow.solve(flow.enter(x), torch.tensor([0.0, 1.0]), 1e-4)[-1]
            assert share == pytest.approx(right(flow.logit(ends), y))
            if y is data.y:
                first = functional.binary_cross_entropy_with_logits(flow.logit(ends), y)
                assert end.nets["ode"].curve[0] == pytest.approx(first.item(), rel=1e-3)
        first = functional.binary_cross_entropy_with_logits(residual.logit(residual.states(data.x)[-1]), data.y)
        assert end.nets["residual"].curve[0] == pytest.approx(first.item(), rel=1e-3)
    assert [net.parameters for net in begin.nets.values()] == [
        sum(p.numel() for p in net.parameters()) for net in (flow, residual)
    ]
    assert set(begin.labels) == {0, 1} and len(begin.labels) == 240


def right(logits, y) -> float:
    return sum((a > 0) == (b > 0) for a, b in zip(logits.tolist(), y.tolist(), strict=True)) / len(y)


def test_shading_is_what_the_rest_of_the_flow_says():
    """Against the adaptive solver from each moment on, where the logit is not near 0."""
    begin = next(iter(neuralode(SMALL)))
    flow = Flowing(4, 0, torch.Generator().manual_seed(SMALL.seed))
    found = begin.nets["ode"].regions
    assert len(found) == BLOCKS + 1
    nodes = grid(begin.box, math.isqrt(len(found[0])))
    with torch.no_grad():
        for first in (0, 4, 9, 10):
            moments = torch.tensor([first / BLOCKS, 1.0])
            ends = nodes if first == BLOCKS else flow.solve(nodes, moments, 1e-5)[-1]
            logits = flow.logit(ends).tolist()
            clear = [(sign, logit) for sign, logit in zip(found[first], logits, strict=True) if abs(logit) > 0.01]
            assert len(clear) > 0.95 * len(logits)
            assert all(sign == "01"[logit > 0] for sign, logit in clear)


@pytest.mark.heavy
def test_steps_are_noted_on_the_way(few_tolerances):
    end = records(SMALL.replace(steps=65))[-1]
    assert end.at == (*range(2, 65, 2), 65)  # every thirtieth of the steps, and the last
    for net in end.nets.values():
        assert len(net.accuracy) == len(end.at) and len(net.curve) == 65
        assert net.curve[-1] < net.curve[0] and net.seconds > 0
    assert len(end.forward) == len(end.backward) == end.step == 65 and min(end.backward) > 0


@pytest.mark.heavy
def test_equal_specs_give_equal_records_but_for_the_clock(few_tolerances, monkeypatch):
    before = records(SMALL)[-1]
    torch.manual_seed(99)
    monkeypatch.setattr(module, "EVERY_SECONDS", -1.0)
    often = records(SMALL)
    monkeypatch.setattr(module, "EVERY_SECONDS", 1e9)
    seldom = records(SMALL)
    assert [record.step for record in often] == [0, 1, 2, 3, 4] and len(seldom) == 2
    assert timeless(often[-1]) == timeless(seldom[-1]) == timeless(before)
    for changed in (
        {"seed": 1},
        {"lr": 0.1},
        {"tol": 0.1},
        {"augment": 1},
    ):
        assert records(SMALL.replace(**changed))[-1].nets["ode"].curve != before.nets["ode"].curve
    assert before.spec.tol in [m.tol for m in before.memory] and TOLERANCES[0] == 0.1


def test_backprop_takes_no_evaluations_on_the_way_back(few_tolerances):
    adjoint, backprop = (records(SMALL.replace(gradient=gradient))[-1] for gradient in ("adjoint", "backprop"))
    assert set(backprop.backward) == {0} and min(adjoint.backward) > 0
    assert adjoint.nets["ode"].curve == pytest.approx(backprop.nets["ode"].curve, rel=0.05)


# -- where the solver gives up ---------------------------------------------------------------------


def test_a_flow_that_becomes_too_stiff_ends_the_training_in_words(few_tolerances, monkeypatch):
    """The largest learning rate, and a solver that is soon tired."""
    monkeypatch.setattr(module, "MOST_EVALUATIONS", 60)
    parts = list(neuralode(NeuralOdeSpec(hidden=16, lr=1.0, steps=40)))
    end = parts[-1]
    assert end.stopped == (
        f"Training of the flow ended at step {end.step + 1}. The solver gave up after 60 evaluations of the "
        "field. A larger tolerance takes fewer."
    )
    assert 2 < end.step < 40 and len(end.forward) == len(end.nets["ode"].curve) == end.step
    assert end.done == 1 and len(end.memory) == 2
    check_record(end)
    text = finding(end)
    check_sentences(text)
    assert end.stopped in text
    assert parts.count(None) == end.step + 1 + 2  # nothing is computed for the rest of the steps


def test_what_was_not_solved_is_not_called_wrong(few_tolerances, monkeypatch):
    """An accuracy of 0% would be a measurement; where the solver gives up there is none."""
    monkeypatch.setattr(module, "MOST_EVALUATIONS", 6)
    begin, end = records(SMALL)
    assert end.step == 0 and end.stopped.startswith("Training of the flow ended at step 1. The solver gave up after 6")
    for record in (begin, end):
        check_record(record)
        check_sentences(finding(record))
        assert "0%" not in finding(record)
        assert record.nets["ode"].test_accuracy is record.nets["ode"].train_accuracy is None
        assert record.nets["residual"].test_accuracy is not None
    assert set(end.nets["ode"].accuracy) == {None} and end.reached is None
    assert end.memory[0].adjoint_bytes is None


def test_the_solver_that_gives_up_is_said_as_such(monkeypatch):
    monkeypatch.setattr(module, "MOST_EVALUATIONS", 6)
    flow = Flowing(4, 0, torch.Generator().manual_seed(0))
    with pytest.raises(GaveUp, match=r"^The solver gave up after 6 evaluations of the field\. A larger "):
        flow.solve(points("moons").x, torch.tensor([0.0, 1.0]), 1e-3)


SPECS = st.builds(
    NeuralOdeSpec,
    data=st.sampled_from(["spirals", "circles", "moons"]),
    gradient=st.sampled_from(["adjoint", "backprop"]),
    tol=st.floats(-5, -0.5).map(lambda power: 10**power),
    augment=st.integers(0, 5),
    hidden=st.integers(2, 6),
    steps=st.integers(1, 3),
    lr=st.floats(1e-5, 1),
    seed=st.integers(0, 2**31 - 1),
)


@pytest.mark.heavy
@examples(6)
@given(SPECS)
def test_any_settings(spec):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TOLERANCES", (1e-1, 1e-3))
        begin, *_, end = records(spec)
    for record in (begin, end):
        check_record(record)
        check_sentences(finding(record))
    assert len(end.memory) in (2, 3) and spec.tol in [m.tol for m in end.memory]
