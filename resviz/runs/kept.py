"""Experiments that go on from the states that runs have kept, given to them by those who know where they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from resviz.runs.messages import STATES_FOLDER
from resviz.runs.states import RunStates, States
from resviz.train.spec import TrainingSpec


class Experiment(Protocol):
    """It yields records of what was asked, and None where there is nothing new."""

    def __call__(self, spec: Any, *, keeper: RunStates | None) -> Iterator[Any]: ...


def from_states(experiment: Experiment) -> Callable[[TrainingSpec], Iterator[Any]]:
    """The experiment, given the states of the run with its spec under the folder that the environment names.

    Runs are filed with the device that "auto" is here; the records answer what was asked. Raises DeviceUnavailable.
    """
    from resviz.train.twins.lockstep import resolve_device

    def run(spec: TrainingSpec) -> Iterator[Any]:
        here = spec.replace(device=resolve_device(spec.device))
        for record in experiment(here, keeper=_keeper(here)):
            yield None if record is None else replace(record, spec=spec)

    return run


def _keeper(spec: TrainingSpec) -> RunStates | None:
    home = os.environ.get(STATES_FOLDER)
    return States(Path(home)).of(spec.run) if home else None
