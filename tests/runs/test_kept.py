"""Depth as time goes on from what a worker has kept of the run."""

import pytest

from resviz.families.resnet.spec import Spec
from resviz.runs.messages import STATES_FOLDER
from resviz.runs.questions import answerer
from resviz.runs.states import States
from resviz.topics.depthtime import experiment as measuring
from resviz.train.twins.lockstep import train

SMALL = Spec(depth=8, width=4, epochs=1, examples=256)


def last(spec):
    return list(answerer("depthtime")(spec))[-1]


def test_the_state_that_a_worker_left_is_found_and_nothing_trained(monkeypatch, tmp_path):
    monkeypatch.delenv(STATES_FOLDER, raising=False)
    whole = last(SMALL)
    on_cpu = SMALL.replace(device="cpu")  # runs are filed with the device that they had
    states = States(tmp_path, spacing=0.0)
    for _ in train(on_cpu, keeper=states.of(on_cpu)):
        pass
    states.close()
    monkeypatch.setenv(STATES_FOLDER, str(tmp_path))
    monkeypatch.setattr(measuring, "step", None)  # would fail if called
    assert last(SMALL) == whole
    monkeypatch.setenv(STATES_FOLDER, str(tmp_path / "not there"))
    with pytest.raises(TypeError):
        last(SMALL)
