"""Experiments that go on from the states that runs have kept, given to them by those who know where they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from resviz.experiments.train import Keeper, resolve_device
from resviz.inside.network import InsideSpec
from resviz.runs.messages import STATES_FOLDER
from resviz.runs.states import States
from resviz.spec import Spec


class Experiment(Protocol):
    """It yields records of what was asked, and None where there is nothing new."""

    def __call__(self, spec: Any, *, keeper: Keeper | None) -> Iterator[Any]: ...


def _from_states(module: str, name: str) -> Callable[[Spec], Iterator[Any]]:
    """The experiment of that name, given the states of the run with this spec under the folder that the environment names.

    Runs are filed with the device that "auto" is here; the records answer what was asked. Raises DeviceUnavailable.
    """

    def run(spec: Spec) -> Iterator[Any]:
        experiment: Experiment = getattr(import_module(f"resviz.experiments.{module}"), name)
        here = spec.replace(device=resolve_device(spec.device))
        for record in experiment(here, keeper=_keeper(here)):
            yield None if record is None else replace(record, spec=spec)

    return run


def _keeper(spec: Spec) -> Keeper | None:
    home = os.environ.get(STATES_FOLDER)
    return States(Path(home)).of(spec.run if isinstance(spec, InsideSpec) else spec) if home else None


depthtime = _from_states("depthtime", "depthtime")
attribution = _from_states("attribution", "attribution")
landscape = _from_states("landscape", "landscape")
lesions = _from_states("paths", "lesions")
several = _from_states("paths", "several")
lengths = _from_states("paths", "lengths")
