"""All runs of the server: none is computed twice, a stored run is not computed again, a branch shares the steps of its trunk."""

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
POLL_SECONDS = 90.0  # the same for a viewer who polls: hidden tabs are throttled to about one request a minute


class Scheduler:
    """Submit, watch, branch and cancel runs. All public methods are safe from any thread; all but `branch` and `resolve` return
    at once. The runs are jobs of `pool`, or, without one, of a new pool with `workers` processes, started by `command`."""

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

    # -- start and end ---------------------------------------------------------------------------

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
        """The device that "auto" stands for here, or None while that is not known."""
        return self.pool.device

    @property
    def macs_per_second(self) -> float:
        return self.pool.macs_per_second

    @property
    def workers(self) -> int:
        """The number of runs that can be computed at a time."""
        return sum(seat.lane == "runs" for seat in self.pool.seats)

    @property
    def broken(self) -> str:
        """Why nothing can be trained here; empty if it can."""
        return self.pool.broken.get("runs", "")

    @property
    def runs(self) -> dict[str, Run]:
        """The runs in memory by digest, the most recently requested last."""
        with self.lock:
            return {key: job for key, job in self.pool.jobs.items() if isinstance(job, Run)}

    # -- called by pages and routes -----------------------------------------------------------------

    def resolve(self, spec: TrainingSpec, timeout: float = 30.0) -> TrainingSpec:
        """Return the spec with device "auto" replaced by the one it stands for here; waits for the first worker if need be."""
        if spec.device != "auto":
            return spec
        self.pool.known_device.wait(timeout)
        return _on(spec, self.device or "cpu")

    def submit(self, spec: TrainingSpec) -> Run:
        """Return the run of this spec: a stored one, one under way, or a new one. Raises Refused past the limits.

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
        """Return the run that shares the steps of `run` up to `at` and then has other settings. The viewer now watches it instead
        of `run`, up to step `until`.

        Without `at`, a run under way is branched at the next step that can still be changed, any other run after its last record.
        At a run's last step, the branch trains on for as many epochs again. `run` does not change for its other viewers.
        Raises SpecError for a setting that cannot change or a step that cannot be reached, and Refused past the limits.
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
        """Return the step at which a run can be branched now."""
        return self.pool.fork(run) or run.steps_done

    def get(self, digest: str) -> Run | None:
        """Return a run by its digest, from memory alone, or None."""
        found = self.pool.get(digest)
        return found if isinstance(found, Run) else None

    def watch(
        self, run: Run, viewer: str, until: int = FOREVER, seconds: float = OPEN_SECONDS, *, waits: bool = True
    ) -> Lease:
        """Give a viewer a lease on the run up to step `until`, and return it; they renew it by moving its `expires`.

        With `waits` false, the run is computed for them only while nobody else waits for anything.
        """
        with self.lock:
            return self.pool.watch(run, viewer, Lease(until, time.monotonic() + seconds, waits))

    def cancel(self, run: Run, viewer: str) -> None:
        """End the viewer's lease on the run. The run ends if nobody else waits for it; its records so far stay."""
        with self.lock:
            run.leases.pop(viewer, None)
            if run.status not in ENDED and run.wanted_until(closed=False) == 0:
                run.leases.clear()
                run.status, run.message = "cancelled", f"Cancelled after step {run.steps_done} of {run.spec.steps}."
                self.pool.drop(run)
            self.pool.arrange()

    def restart(self, run: Run) -> Run:
        """Start a cancelled or failed run again from its first step; any other is left as it is. Returns the run."""
        with self.lock:
            if run.status in ("failed", "cancelled"):
                run.start_over()
                self._inherit(run)
                self.pool.arrange()
            return run

    def status(self) -> dict[str, Any]:
        """Return the state of the runs in numbers; `trained` counts runs begun (not resumed) since the server started."""
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
        """Give a branch the records that it shares with the closest run it branched from that is known here."""
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
        """Write a finished run to the disk and make room for it; returns an error message, empty if there is none. The run is
        marked as finished only afterwards, because whoever sees that may end the server."""
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
    """Return the spec with this device. Cached, because making a spec checks it, and studies often ask for the same ones."""
    return spec.replace(device=device)
