"""Runs as the source of a panel, and runs by their digest. Their records come by ui/watch.py, or by polling ui/routes.py."""

from __future__ import annotations

import json

from resviz.runs.run import Run
from resviz.train.spec import TrainingSpec
from resviz.ui.describe import describe
from resviz.ui.http import NotHere
from resviz.ui.payloads import RunTold
from resviz.ui.server import scheduler
from resviz.ui.sources import Look


class Training:
    """The source whose record is the run of a spec. Asking submits the run; it is computed while someone watches it."""

    def ask(self, spec: TrainingSpec, viewer: str, anew: bool) -> None:
        scheduler().submit(spec)

    def stay(self, spec: TrainingSpec, viewer: str) -> None:
        pass

    def moment(self, spec: TrainingSpec) -> object:
        return None

    def look(self, spec: TrainingSpec, viewer: str = "") -> Look:
        run = scheduler().submit(spec)
        return Look(run, 1.0, version=run.digest)

    def stop(self, spec: TrainingSpec, viewer: str) -> None:
        pass


def found(digest: str) -> Run:
    """Return a run by its digest, from memory or from the store. Raises NotHere."""
    runs = scheduler()
    run = runs.get(digest)
    if run is None and (spec := runs.store.spec(digest)):
        run = runs.submit(spec)
    if run is None:
        raise NotHere(
            f"There is no run {digest!r} on this server. Open its link instead: a link holds all "
            "settings, and the run can be made again from them."
        )
    return run


def state_of(run: Run, first: int) -> str:
    """Return what has happened since record `first`, as JSON: the head of the run, and its encoded records."""
    runs = scheduler()
    head = json.dumps({**run.head(), "position": runs.pool.position(run), "broken": runs.broken, "from": first})
    return head[:-1] + ',"records":' + run.encoded(first) + "}"


def described(run: Run) -> RunTold:
    """Return the description of a run that the browser reads, for the device of this server."""
    return describe(run, scheduler().device or "")
