"""States of runs stored during training, on disk and for a moment in memory, so that going back needs only a short replay.

The steps up to s depend only on the changes before s. So a state is stored under the experiment without the later changes
(`TrainingSpec.trunk`), and the states of a run serve every branch of it.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from resviz.latest import Latest
from resviz.runs.store import made_by
from resviz.terminal.commands import whole
from resviz.train.spec import TrainingSpec
from resviz.words.environment import number

SPACING = 1.0  # seconds of training between two states, until a run has filled its share of the disk
RUN_BYTES = 256e6
IN_MEMORY = 4  # most states in memory, for a fork or a pause that has just happened

Arms = dict[str, Any]


class States:
    """The states of one machine, in files under `root`; without a root, in memory alone."""

    def __init__(
        self,
        root: Path | None,
        *,
        spacing: float = SPACING,
        run_bytes: float = RUN_BYTES,
        all_bytes: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root, self.spacing, self.run_bytes, self.clock = root, spacing, run_bytes, clock
        self.all_bytes = all_bytes or 1e9 * number("RESVIZ_STATES_GB", 2)
        self.made_by = made_by()
        self.recent: Latest[tuple[str, int], Arms] = Latest(IN_MEMORY)
        self.writer = ThreadPoolExecutor(1, "states")
        self.told = False  # that states cannot be kept here

    def of(self, spec: TrainingSpec) -> RunStates:
        """Return the keeper of one run, for `train.twins.lockstep.train`."""
        if self.root:
            self.writer.submit(self._make_room)
        return RunStates(self, spec)

    def put(self, folder: str, step: int, arms: Arms) -> None:
        self.recent[folder, step] = arms
        if self.root:
            self.writer.submit(self._write, self.root / folder, step, arms)

    def steps(self, folder: str) -> set[int]:
        """Return the steps of a trunk after which there is a state."""
        there = {step for name, step in list(self.recent) if name == folder}
        return there | {step for step, _ in self._files(folder)}

    def get(self, folder: str, step: int) -> Arms | None:
        """Return a state, or None if there is none or its file is damaged or made by other software; such a file is deleted."""
        if kept := self.recent.get((folder, step)):
            return kept
        if self.root is None:
            return None
        from resviz.train.twins.files import read

        path = self.root / folder / f"{step}.pt"
        try:
            kept = read(path)
            if kept["made_by"] == self.made_by:
                return dict(kept["arms"])
        except FileNotFoundError:  # there is none, or another worker has deleted it
            return None
        except Exception as error:  # torch may raise anything for a half-written or foreign file
            # The run is replayed from an earlier state.
            print(f"resviz: the state {path} cannot be read, and is deleted: {error}", file=sys.stderr)
        with suppress(OSError):
            path.unlink()
        return None

    def thin(self, folder: str) -> bool:
        """Delete every second state of a trunk if all together exceed `run_bytes`. Returns whether it did."""
        files = sorted(self._files(folder))
        size = 0
        for _, path in files:
            with suppress(OSError):  # another worker may be deleting files here
                size += path.stat().st_size
        if len(files) < 3 or size <= self.run_bytes:
            return False
        for _, path in files[-2::-2]:  # the latest stays
            with suppress(OSError):
                path.unlink()
        return True

    def wait(self) -> None:
        """Wait until everything put so far is written."""
        self.writer.submit(lambda: None).result()

    def close(self) -> None:
        self.writer.shutdown(wait=True)

    def _write(self, folder: Path, step: int, arms: Arms) -> None:
        from resviz.train.twins.files import write

        try:  # a full disk must not end a run: it only has fewer states to go back to
            folder.mkdir(parents=True, exist_ok=True)
            with whole(folder / f"{step}.pt") as part:
                write(part, {"made_by": self.made_by, "arms": arms})
        except (OSError, RuntimeError) as error:
            if not self.told:
                print(f"resviz: states to go on from cannot be kept in {self.root}: {error}", file=sys.stderr)
            self.told = True

    def _files(self, folder: str) -> Iterator[tuple[int, Path]]:
        if self.root:
            with suppress(OSError):
                for path in (self.root / folder).iterdir():
                    if path.suffix == ".pt" and path.stem.isdecimal():
                        yield int(path.stem), path

    def _make_room(self) -> None:
        """Delete the states of the runs untouched longest, until the rest fits in `all_bytes`."""
        assert self.root is not None
        with suppress(OSError):
            folders = []
            for folder in self.root.iterdir():
                files = [path.stat() for path in folder.iterdir()]
                folders.append((max((f.st_mtime for f in files), default=0.0), sum(f.st_size for f in files), folder))
            folders.sort(reverse=True)
            total = 0
            for _, size, folder in folders:
                total += size
                if total > self.all_bytes:
                    shutil.rmtree(folder, ignore_errors=True)


class RunStates:
    """The keeper of one run (see `train.twins.lockstep.Keeper`)."""

    def __init__(self, states: States, spec: TrainingSpec) -> None:
        self.states, self.spec = states, spec
        self.spacing = states.spacing
        self.last = states.clock()
        self.lock = threading.Lock()
        self.begun: dict[str, int] = {"": 0}  # by arm: the latest step begun
        self.fork: int | None = None  # the step that `ask` returned last

    def ask(self, done: int) -> int:
        """Have the state stored after the next step past `done` that no arm has begun; returns that step."""
        with self.lock:
            self.fork = 1 + max(done, *self.begun.values())
            return self.fork

    def begins(self, arm: str, step: int) -> bool:
        with self.lock:
            self.begun[arm] = step
            return step == self.fork

    def wants(self, step: int) -> bool:
        if self.states.clock() - self.last < self.spacing:
            return False
        self.last = self.states.clock()
        return True

    def keep(self, spec: TrainingSpec, step: int, state: Arms) -> None:
        folder = spec.trunk(step).digest
        self.states.put(folder, step, state)
        if self.states.thin(folder):
            self.spacing *= 2

    def nearest(self, spec: TrainingSpec, step: int) -> tuple[int, Arms] | None:
        afters = [after for after, _ in spec.segments if after < step]
        for after in reversed(afters):  # the segment that `step` is in, then the ones before it
            folder = spec.trunk(step).digest
            for there in sorted((s for s in self.states.steps(folder) if after < s <= step), reverse=True):
                if arms := self.states.get(folder, there):
                    return there, arms
            step = after
        return None
