"""Experiments that go on from the states that runs have kept, given to them by those who know where they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from resviz.euler.depthtime import DepthTime
from resviz.experiments import depthtime as experiment
from resviz.experiments.train import resolve_device
from resviz.runs.messages import STATES_FOLDER
from resviz.runs.states import RunStates, States
from resviz.spec import Spec


def depthtime(spec: Spec) -> Iterator[DepthTime]:
    """As `experiments.depthtime`, from the latest state of a run with this spec under the folder that the environment names.

    Runs are filed with the device that "auto" is here. Raises DeviceUnavailable.
    """
    here = spec.replace(device=resolve_device(spec.device))
    home = os.environ.get(STATES_FOLDER)
    keeper = RunStates(States(Path(home)), here) if home else None
    for record in experiment.depthtime(here, keeper=keeper):
        yield replace(record, spec=spec)  # the answer to what was asked
