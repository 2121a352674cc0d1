"""The disk space for the records of runs: records that nobody watches are deleted, those untouched longest first."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from resviz.runs.limits import size
from resviz.runs.run import Run
from resviz.runs.store import Store
from resviz.words.environment import number

log = logging.getLogger(__name__)


class Room:
    """A limit of RESVIZ_RUNS_GB on the records in a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.most_bytes = 1e9 * number("RESVIZ_RUNS_GB", 5)

    def make(self, watched: Iterable[Run]) -> tuple[int, int]:
        """Delete records until the rest fits, except those of the runs in `watched` and of the runs that these branched from.
        Returns the number of runs and of bytes deleted."""
        return self.store.make_room(self.most_bytes, {trunk.digest for run in watched for trunk in run.spec.line()})

    def begin(self) -> None:
        """Do the same at the start of the server, and log what was removed."""
        runs, freed = self.make(())
        if runs:
            log.warning(
                "the records of %d run%s, those longest untouched, were removed: %s of %s. RESVIZ_RUNS_GB sets how much is "
                "kept; a link to one of them makes it again.",
                runs,
                "s" * (runs != 1),
                size(freed),
                self.store.folder,
            )
