"""Which runs there are: none is computed twice, what is kept is not computed again, a branch shares the steps of its trunk."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from resviz.runs.jobs import ENDED, FOREVER, Lease
from resviz.runs.lanes import COMMANDS
from resviz.runs.limits import Limits
from resviz.runs.pool import Pool
from resviz.runs.room import Room
from resviz.runs.run import Run
from resviz.runs.store import Store
from resviz.train.spec import TrainingSpec

OPEN_SECONDS = 15.0  # how long a viewer counts after the last sign of an open stream
POLL_SECONDS = 90.0  # likewise for one who polls: hidden tabs are throttled to about one request a minute


class Scheduler:
    """All public methods are safe from any thread; all but `branch` and `resolve` return at once. The runs are jobs of a pool: of
    the one given, or of its own with so many workers, started by `command`."""

    def __init__(
        self,
        store: Store,
        pool: Pool | None = None,
        *,
        workers: int = 1,
        limits: Limits | None = None,
        command: Sequence[str] = COMMANDS["runs"],
    ) -> None:
        self.store, self.limits, self.room = store, limits or Limits(), Room(store)
        self.pool = pool or Pool(store, {"runs": workers}, commands={"runs": command})
        self.lock = self.pool.lock

    # -- life ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Make room on the disk, and start the pool."""
        self.room.begin()
        self.pool.start()

    def close(self) -> None:
        """End the pool; finished runs stay in the store."""
        self.pool.close()
        self.store.close()

    @property
    def device(self) -> str | None:
        """What "auto" stands for here, once that is known."""
        return self.pool.device

    @property
    def macs_per_second(self) -> float:
        return self.pool.macs_per_second

    @property
    def workers(self) -> int:
        """How many runs are computed at a time."""
        return sum(seat.lane == "runs" for seat in self.pool.seats)

    @property
    def broken(self) -> str:
        """Why nothing can be trained here, if so."""
        return self.pool.broken.get("runs", "")

    @property
    def runs(self) -> dict[str, Run]:
        """Those in memory by digest, the latest asked for last."""
        with self.lock:
            return {key: job for key, job in self.pool.jobs.items() if isinstance(job, Run)}

    # -- what pages and routes ask ------------------------------------------------------------------

    def resolve(self, spec: TrainingSpec, timeout: float = 30.0) -> TrainingSpec:
        """The spec with device "auto" replaced by the one it stands for here; waits for the first worker if need be."""
        if spec.device != "auto":
            return spec
        self.pool.known_device.wait(timeout)
        return _on(spec, self.device or "cpu")

    def submit(self, spec: TrainingSpec) -> Run:
        """The run of this spec: one that is kept, under way, or new. Raises Refused past the limits.

        Nothing is computed before someone watches.
        """
        spec = self.resolve(spec)
        with self.lock:
            run = self.get(spec.digest)
            if run is None:
                kept, message = self.store.load(spec.digest)
                if kept is None:
                    self.limits.check(spec, self.macs_per_second)
                run = Run(spec, self._keep, status="finished" if kept else "paused", message=message)
                if kept:
                    run.history, run.seconds = kept.history, kept.seconds
                else:
                    self._inherit(run)
                self.pool.add(run)
            return run

    def branch(self, run: Run, viewer: str, at: int | None, changes: Mapping[str, str], until: int = FOREVER) -> Run:
        """The run that shares the steps of `run` up to `at`, and then has other settings; the viewer goes over to it,
        and wants to see step `until`.

        Without `at` it leaves a run under way at the next step that can still be changed, and any other where it stands.
        At a run's last step it trains on for as many epochs again. `run` itself does not change for who else watches it.
        Raises SpecError for what cannot change or a step that cannot be reached, and Refused past the limits.
        """
        at = self._fork(run) if at is None else at
        if at >= run.spec.steps:
            now = run.spec.during(run.spec.steps)
            changes = {"epochs": str(now.epochs + run.spec.epochs), **changes}
        new = self.submit(run.spec.branch(at, **changes))
        with self.lock:
            if new is not run:
                run.leases.pop(viewer, None)
                if until:
                    self.watch(new, viewer, until)
            return new

    def _fork(self, run: Run) -> int:
        """The step to branch a run at, now."""
        return self.pool.fork(run) or run.steps_done

    def get(self, digest: str) -> Run | None:
        """A run by its digest, from memory alone."""
        found = self.pool.get(digest)
        return found if isinstance(found, Run) else None

    def watch(
        self, run: Run, viewer: str, until: int = FOREVER, seconds: float = OPEN_SECONDS, *, waits: bool = True
    ) -> Lease:
        """Viewer `viewer` wants to see the run reach step `until`; they renew that by moving the lease's `expires`.

        One who does not wait has it computed only while nobody else waits for anything.
        """
        with self.lock:
            return self.pool.watch(run, viewer, Lease(until, time.monotonic() + seconds, waits))

    def cancel(self, run: Run, viewer: str) -> None:
        """The viewer wants no more of it. It ends if nobody else watches; its records so far stay."""
        with self.lock:
            run.leases.pop(viewer, None)
            if run.status not in ENDED and run.wanted_until(closed=False) == 0:
                run.leases.clear()
                run.status, run.message = "cancelled", f"Cancelled after step {run.steps_done} of {run.spec.steps}."
                self.pool.drop(run)
            self.pool.arrange()

    def restart(self, run: Run) -> Run:
        """A cancelled or failed run from its first step again; any other is left as it is."""
        with self.lock:
            if run.status in ("failed", "cancelled"):
                run.start_over()
                self._inherit(run)
                self.pool.arrange()
            return run

    def status(self) -> dict[str, Any]:
        """What is going on, in numbers; `trained` counts runs begun from nothing since the server started."""
        with self.lock:
            states = [run.status for run in self.runs.values()]
            return {
                "device": self.device,
                "workers": sum(seat.ready for seat in self.pool.seats if seat.lane == "runs"),
                "trained": self.pool.begun["runs"],
                "running": states.count("running"),
                "queued": states.count("queued"),
                "broken": self.broken,
            }

    def _inherit(self, run: Run) -> None:
        """Give a branch the steps that it shares with a run known here, the closest one first."""
        for at in sorted({edit.at for edit in run.spec.edits}, reverse=True):
            digest = run.spec.trunk(at).digest
            parent = self.get(digest)
            history = parent.history if parent else None
            if history is None and (kept := self.store.load(digest)[0]):
                history = kept.history
            if history and history.start and history.records:
                run.inherit(history.until(at))
                return

    def _keep(self, run: Run) -> str:
        """Finished means kept: who sees it may end the server."""
        trouble = ""
        try:
            self.store.keep(run.history, run.seconds)
        except OSError as error:
            trouble = f"The run is finished, but could not be kept on disk: {error.strerror}."
        watched = [other for other in self.runs.values() if other.leases or other.status == "running"]
        self.room.make([run, *watched])
        return trouble


@lru_cache(1000)
def _on(spec: TrainingSpec, device: str) -> TrainingSpec:
    """A spec is checked when it is made, and studies ask for the same ones at every look."""
    return spec.replace(device=device)
