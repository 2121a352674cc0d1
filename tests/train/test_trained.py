"""Networks to look into are those that the run ends with, wherever they come from."""

from dataclasses import replace

import pytest
import torch

from resviz.data.tensors import load
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import Spec
from resviz.latest import Latest
from resviz.runs.states import States
from resviz.train.twins import trained as training
from resviz.train.twins.lockstep import first_plan, train
from resviz.train.twins.trained import forget, trained
from resviz.train.twins.trainer import Trainer

pytestmark = pytest.mark.heavy  # real networks learn in all of these

SMALL = Spec(depth=8, width=4, epochs=2, examples=256, batch=32, device="cpu")  # 16 steps
DIVERGES = Spec(depth=8, width=4, epochs=2, examples=256, batch=32, norm="none", lr=100.0, device="cpu")


@pytest.fixture(autouse=True)
def nothing_known():
    forget()
    yield
    forget()


def last(spec, **options):
    *_, found = trained(spec, **options)
    return found


def weights(found):
    return {arm: torch.cat([p.detach().flatten() for p in found.arms[arm].parameters]) for arm in ARMS}


def test_they_read_what_the_run_says_they_read():
    events = list(train(SMALL))
    found = last(SMALL)
    assert found.over and found.step == {"residual": 16, "plain": 16} and not found.ended
    for arm in ARMS:
        data = found.data
        assert found.arms[arm].score(data, data.test_x, data.test_y) == events[-1].arms[arm].test_accuracy
        assert found.loss[arm] == [e.arms[arm].loss for e in events[1:]]


def test_changes_on_the_way_are_made():
    spec = SMALL.branch(6, cut=[2]).branch(9, lr=0.1)
    events, found = list(train(spec)), last(spec)
    assert found.loss["residual"] == [e.arms["residual"].loss for e in events[1:]]
    assert [b.connected for b in found.net("residual").residual_blocks()] == [True, False, True]


def test_asked_again_nothing_is_trained(monkeypatch):
    found = last(SMALL)
    monkeypatch.setattr(training, "step", None)
    assert last(SMALL) is found
    assert len(list(trained(SMALL))) == 1


def test_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(training, "_known", Latest(1))
    first = last(SMALL)
    last(SMALL.replace(seed=1))
    assert last(SMALL) is not first


@pytest.mark.parametrize("spec", [SMALL, SMALL.branch(4, cut=[2], lr=0.1, activation="tanh")], ids=["plain", "changes"])
def test_kept_states_are_gone_on_from_to_the_same_weights(spec, tmp_path, monkeypatch):
    whole = weights(last(spec))
    states = States(tmp_path, spacing=0.0)
    for event in train(spec, keeper=states.of(spec)):
        if getattr(event, "step", 0) == 10:
            break
    states.wait()
    forget()
    made = []
    monkeypatch.setattr(
        training, "step", lambda arm, task, make=training.step: made.append(task.step) or make(arm, task)
    )
    found = last(spec, keeper=states.of(spec))
    assert found.over and not found.whole and 0 < min(made) - 1 <= 10
    assert all(torch.equal(whole[arm], w) for arm, w in weights(found).items())
    states.close()


def test_the_end_is_kept_for_the_next_process(tmp_path, monkeypatch):
    states = States(tmp_path)
    whole = weights(last(SMALL, keeper=states.of(SMALL)))
    states.close()
    forget()
    monkeypatch.setattr(training, "step", None)
    again = last(SMALL, keeper=States(tmp_path).of(SMALL))
    assert all(torch.equal(whole[arm], w) for arm, w in weights(again).items())


def test_the_whole_way_is_trained_from_the_first_step(tmp_path):
    states = States(tmp_path)
    short = last(SMALL, keeper=states.of(SMALL))
    states.close()
    forget()
    part = last(SMALL, keeper=States(tmp_path).of(SMALL))
    assert not part.whole
    found = last(SMALL, keeper=States(tmp_path).of(SMALL), course=True)
    assert found is not part and found.whole
    for arm in ARMS:
        steps = [step for step, _ in found.course[arm]]
        assert steps == list(range(17))
        parameters = sum(p.numel() for p in found.arms[arm].parameters)
        assert torch.equal(found.course[arm][-1][1][:parameters], weights(short)[arm])
    assert last(SMALL, course=True) is found


def test_of_a_long_run_some_of_the_way_is_kept(monkeypatch):
    assert training.ON_THE_WAY == 40
    monkeypatch.setattr(training, "ON_THE_WAY", 5)
    found = last(SMALL.replace(epochs=5))  # 40 steps
    steps = [step for step, _ in found.course["plain"]]
    assert steps == [0, 8, 16, 24, 32, 40]


def test_what_leaves_float_range_stops_and_is_looked_at_as_it_was():
    found = last(DIVERGES)
    ends = {arm: e.step for e in train(DIVERGES) for arm in getattr(e, "ended", {})}
    assert found.over and "residual" in ends and found.share == 1
    assert {arm: found.step[arm] + 1 for arm in found.ended} == ends
    for arm in ARMS:
        assert all(p.isfinite().all() for p in found.arms[arm].parameters)
        assert all(b.isfinite().all() for b in found.net(arm).buffers())
    assert found.told.ended.keys() == found.ended.keys()


@pytest.fixture
def told_at_every_step(monkeypatch):
    monkeypatch.setattr(training, "TOLD_SECONDS", 0.0)


def test_a_step_that_cannot_be_made_leaves_no_trace():
    """Not in the running statistics either, which the pass that failed has moved."""
    arm, data = Trainer(SMALL, "residual", torch.device("cpu")), load("digits", 256)
    before = {name: value.clone() for name, value in arm.net.state_dict().items()}
    assert any("running_mean" in name for name in before)
    task = first_plan(SMALL, data)
    said = training.step(arm, replace(task, x=task.x * torch.inf))
    assert isinstance(said, str) and "leaves the range of float32" in said
    assert all(torch.equal(before[name], value) for name, value in arm.net.state_dict().items())


@pytest.mark.usefixtures("told_at_every_step")
def test_it_says_on_the_way_how_far_it_is():
    assert [f.share for f in trained(SMALL)] == [step / 16 for step in range(17)] + [1]


@pytest.mark.usefixtures("told_at_every_step")
def test_the_curve_is_that_of_the_steps_made_here(monkeypatch):
    monkeypatch.setattr(training, "CURVE_POINTS", 7)
    seen = [(f.told, list(f.loss["plain"])) for f in trained(SMALL)]
    assert seen[-1][0].curve == {}, "what is over is not shown any more"
    for step, (told, all_losses) in enumerate(seen[:-1]):
        steps, losses = told.curve["plain"]
        assert told.step["plain"] == step == len(all_losses)
        every = -(-step // 7) or 1  # up to 7 points, as many steps apart, the latest among them
        assert list(steps) == list(range(step, 0, -every))[::-1]
        assert losses == pytest.approx([all_losses[int(at) - 1] for at in steps], rel=1e-3)
