"""Let experiments continue from the states that runs have stored, by passing them the states of their run."""

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
    """A function that yields records of what was asked, and None where there is nothing new."""

    def __call__(self, spec: Any, *, keeper: RunStates | None) -> Iterator[Any]: ...


def from_states(experiment: Experiment) -> Callable[[TrainingSpec], Iterator[Any]]:
    """Return a function of a spec that runs `experiment` with the states of that run, from the folder named by RESVIZ_STATES.

    Runs are stored under the device that "auto" stands for here; the records carry the spec as asked. Raises DeviceUnavailable.
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
