"""What the records of runs may take up of the disk: what nobody watches gives way, longest untouched first."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable

from resviz.runs.limits import size
from resviz.runs.run import Run
from resviz.runs.store import Store

log = logging.getLogger(__name__)


class Room:
    """RESVIZ_RUNS_GB of the disk."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.most_bytes = 1e9 * float(os.environ.get("RESVIZ_RUNS_GB", 5))

    def make(self, watched: Iterable[Run]) -> tuple[int, int]:
        """Give up records until the rest fits; what is watched stays, and so do the runs that it branched from."""
        return self.store.make_room(self.most_bytes, {trunk.digest for run in watched for trunk in run.spec.line()})

    def begin(self) -> None:
        """The same at a start, which says what it has removed."""
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
