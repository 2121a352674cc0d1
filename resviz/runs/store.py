"""Finished runs on disk: a sqlite catalogue, and one parquet file of records per run, named by digest.

The row of a run, with its spec, is never deleted, so that the run can be computed again from any link; only its records may be.
"""

from __future__ import annotations

import functools
import logging
import os
import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile

from resviz.terminal.commands import whole
from resviz.train.records import RECORDS_VERSION, History, from_table, save
from resviz.train.spec import TrainingSpec, spec_from_json
from resviz.words.environment import folder, home

log = logging.getLogger(__name__)

KEPT_LOOKS = 2000
CATALOGUE = "runs.sqlite"
INSTEAD = "set RESVIZ_HOME to a folder that can be written."


class Unusable(OSError):
    """Raised if nothing can be kept in a folder; the message is a sentence that says what to do."""


def reason(error: Exception) -> str:
    """Why something could not be written, in a few words."""
    return getattr(error, "strerror", None) or str(error)


def default_root() -> Path:
    """Return the folder where runs are stored: RESVIZ_HOME, else a folder in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return folder("RESVIZ_HOME") or (Path(cache) if cache else home() / ".cache") / "resviz"


def made_by() -> str:
    """Return what the numbers of a run depend on besides its spec. A run made by anything else is not shown as the same run."""
    return f"records {RECORDS_VERSION}, torch {version('torch')}"


@functools.lru_cache(200)
def _read(text: str) -> TrainingSpec | None:
    """Return a stored spec, or None if it has settings that no longer exist."""
    try:
        return spec_from_json(text)
    except ValueError as error:
        log.warning("a kept run is of another time, and not offered: %s", str(error).splitlines()[0])
        return None


@dataclass(frozen=True)
class Kept:
    """A run from the store. `seconds` is the time it took to compute."""

    history: History
    seconds: float


class Store:
    """The store of finished runs, answers and facts. Safe to use from several threads. `root` is created if need be. Raises
    Unusable."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or default_root()
        self.folder = self.root / "records"
        self.lock = threading.Lock()
        self.made_by = made_by()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.folder):
                self._open()
        except (OSError, sqlite3.OperationalError) as error:
            raise Unusable(f"Nothing can be kept in {self.root} ({reason(error)}): {INSTEAD}") from error
        except sqlite3.DatabaseError as error:
            catalogue = self.root / CATALOGUE
            raise Unusable(
                f"{catalogue}, the list of kept runs, is damaged ({error}): move it away, or {INSTEAD}"
            ) from error

    def _open(self) -> None:
        """Open the catalogue, and make what it lacks."""
        self.db = sqlite3.connect(self.root / CATALOGUE, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS runs (digest TEXT PRIMARY KEY, spec TEXT NOT NULL, made_by TEXT NOT NULL,"
            " seconds REAL NOT NULL, kept TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)"
        )
        if "here" not in {name for _, name, *_ in self.db.execute("PRAGMA table_info(runs)")}:
            self.db.execute("ALTER TABLE runs ADD COLUMN here INTEGER NOT NULL DEFAULT 1")  # are its records here?
        self.db.execute("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS looks (digest TEXT PRIMARY KEY, made_by TEXT NOT NULL, record TEXT NOT NULL)"
        )

    def spec(self, digest: str) -> TrainingSpec | None:
        """Return the spec of a run that was stored here, even if its records are gone; None if it never was."""
        row = self._one("SELECT spec FROM runs WHERE digest = ?", digest)
        return spec_from_json(row[0]) if row else None

    def latest(self, most: int) -> list[TrainingSpec]:
        """Return the specs of the runs stored last whose records are here, the latest first."""
        with self.lock:
            rows = self.db.execute(
                "SELECT spec FROM runs WHERE made_by = ? AND here ORDER BY kept DESC, rowid DESC LIMIT ?",
                (self.made_by, most),
            ).fetchall()
        return [spec for (text,) in rows if (spec := _read(text))]

    def load(self, digest: str) -> tuple[Kept | None, str]:
        """Return a stored run, or None with a message if its file is damaged or gone. The message comes only once; a damaged file
        is set aside."""
        row = self._one("SELECT seconds FROM runs WHERE digest = ? AND made_by = ? AND here", digest, self.made_by)
        if row is None:
            return None, ""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path(digest)
        try:
            with pq.ParquetFile(path) as file:  # pq.read_table would import pandas
                history = from_table(file.read())
            if history.spec.digest != digest:
                raise ValueError(f"holds run {history.spec.digest}")
        except (OSError, ValueError, pa.ArrowException) as error:
            self._gone(digest)
            if not path.exists():
                return None, f"The records of run {digest} are gone from the disk; the run is made again."
            aside = path.with_suffix(".damaged")
            os.replace(path, aside)
            reason = (str(error) or type(error).__name__).splitlines()[0][:120]
            message = f"The kept records of run {digest} are damaged ({reason})"
            return None, f"{message}; they were set aside as {aside.name}, and the run is made again."
        with suppress(OSError):
            os.utime(path)  # `make_room` deletes those untouched longest first
        return Kept(history, row[0]), ""

    def keep(self, history: History, seconds: float) -> None:
        """Write a finished run; a reader never sees half a file. Raises OSError if it cannot be written."""
        digest = history.spec.digest
        try:
            with whole(self.path(digest)) as part:
                save(history, part)
            with self.lock:
                self.db.execute(
                    "INSERT OR REPLACE INTO runs (digest, spec, made_by, seconds) VALUES (?, ?, ?, ?)",
                    (digest, history.spec.model_dump_json(), self.made_by, seconds),
                )
        except sqlite3.Error as error:
            raise OSError(None, str(error)) from error

    def make_room(self, most: float, spare: Collection[str] = ()) -> tuple[int, int]:
        """Delete records, those untouched longest first, until all together take up at most `most` bytes; never those of the runs
        in `spare` (digests). Returns the number of runs whose records were deleted, and the number of bytes freed."""
        files: list[tuple[float, int, Path]] = []
        with suppress(OSError):
            found = [path for path in self.folder.glob("[!.]*") if path.suffix in (".parquet", ".damaged")]
            files = [(path.stat().st_mtime, path.stat().st_size, path) for path in found]
        total, runs, freed = sum(size for _, size, _ in files), 0, 0
        for _, size, path in sorted(files):
            if total - freed <= most:
                break
            if path.stem in spare:
                continue
            with suppress(OSError):
                path.unlink()
                freed += size
                if path.suffix == ".parquet":
                    self._gone(path.stem)
                    runs += 1
        return runs, freed

    def _gone(self, digest: str) -> None:
        """Note in the catalogue that the records of a run are no longer here."""
        with self._written():
            self.db.execute("UPDATE runs SET here = 0 WHERE digest = ?", (digest,))

    def path(self, digest: str) -> Path:
        return self.folder / f"{digest}.parquet"

    def answer_text(self, key: str) -> str | None:
        """Return the stored text of the answer to a question (runs.questions), or None."""
        row = self._one("SELECT record FROM looks WHERE digest = ? AND made_by = ?", key, self.made_by)
        return row[0] if row else None

    def keep_answer_text(self, key: str, text: str) -> None:
        """Store an answer for the next start, with the latest others; one that cannot be stored is computed again."""
        with self._written():
            self.db.execute("INSERT OR REPLACE INTO looks VALUES (?, ?, ?)", (key, self.made_by, text))
            self.db.execute("DELETE FROM looks WHERE rowid <= (SELECT MAX(rowid) FROM looks) - ?", (KEPT_LOOKS,))

    def forget_answer_text(self, key: str) -> None:
        """Delete the stored text, so that the answer is computed again when asked for."""
        with self._written():
            self.db.execute("DELETE FROM looks WHERE digest = ?", (key,))

    def fact(self, name: str) -> str | None:
        """Return something learnt about this machine, such as what device "auto" is, or None."""
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return row[0] if row else None

    def learn(self, name: str, value: str) -> None:
        """Store a fact for the next start; one that cannot be stored is learnt again."""
        with self._written():
            self.db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def close(self) -> None:
        with self.lock:
            self.db.close()

    @contextmanager
    def _written(self) -> Iterator[None]:
        """Hold the lock during a write that is only a convenience: if it fails, that is logged and not raised."""
        with self.lock:
            try:
                yield
            except sqlite3.Error as error:
                log.warning("could not be kept in %s: %s", self.root, error)

    def _one(self, query: str, *values: str) -> tuple | None:  # type: ignore[type-arg]
        with self.lock:
            row: tuple | None = self.db.execute(query, values).fetchone()  # type: ignore[type-arg]
            return row
