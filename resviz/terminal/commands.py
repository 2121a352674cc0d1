"""What all commands share: settings, output files, progress bar, and how they end."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import EACCES, EISDIR
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from resviz.terminal import interrupt
from resviz.terminal.letters import Unprinted, legible_streams

if TYPE_CHECKING:
    from tqdm import tqdm

    from resviz.words.fields import Worded

S = TypeVar("S", bound="Worded")


class Stop(Exception):
    """Ends the program with one line on standard error and this exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Out:
    """A file to write, and its kind: the end of its name in small letters, ".csv" of "R.CSV"."""

    path: Path
    kind: str


def writable(path: Path | None, kinds: Sequence[str]) -> Out | None:
    """Return what --out names, None if it is not given. Ends the program, before anything is computed, if nothing of these kinds
    can be written there."""
    if path is None:
        return None
    out = Out(path, path.suffix.lower())
    if out.kind not in kinds:
        raise Stop(f"--out {str(path)!r} ends in {path.suffix!r}; allowed are {', '.join(kinds)}", 2)
    if not path.parent.is_dir():
        raise Stop(f"--out {str(path)!r}: there is no folder {str(path.parent)!r}", 2)
    try:
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _unwritten(out, error) from error
    return out


def _unwritten(out: Out, error: OSError) -> Stop:
    return Stop(f"--out {str(out.path)!r}: {error.strerror or error}", 1)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give another file beside `path` to write, which takes its place at the end: nobody finds half a file. Raises OSError."""
    there = path.resolve()
    part = there.with_name(f".{uuid4().hex}{there.suffix}")
    interrupt.unfinished.add(part)
    try:
        yield part
        if there.exists():
            shutil.copymode(there, part)
        os.replace(part, there)
    finally:
        part.unlink(missing_ok=True)
        interrupt.unfinished.discard(part)


@contextmanager
def writing(out: Out) -> Iterator[Path]:
    """Give a file to write in place of what --out names, as `whole` does. Ends the program if that fails."""
    try:
        with whole(out.path) as part:
            yield part
    except OSError as error:
        raise _unwritten(out, error) from error


def write(out: Out, text: str) -> None:
    with writing(out) as part:
        part.write_text(text, encoding="utf-8")


def bar(total: int, unit: str, **more: bool) -> tqdm[None]:
    """A progress bar on standard error, shown only on a terminal."""
    from tqdm import tqdm

    hidden = True if sys.stderr is None else None  # None: unless it is a terminal
    return tqdm(total=total, unit=unit, disable=hidden, leave=False, **more)  # type: ignore[call-overload]


def words_of(arguments: Sequence[str], usual: Mapping[str, str] | None = None) -> dict[str, str]:
    """The settings typed on the command line, over the defaults in `usual`. Ends the program if a word is not `key=value`."""
    from resviz.words.text import SpecError, parse_words

    try:
        return {**(usual or {}), **parse_words(arguments)}
    except SpecError as error:
        raise Stop(str(error), 2) from error


def spec_of(spec: type[S], words: Mapping[str, str]) -> S:
    """Build a spec from its words. Ends the program if a word cannot be used."""
    from resviz.words.text import SpecError

    try:
        return spec.of(words)
    except SpecError as error:
        raise Stop(str(error), 2) from error


@contextmanager
def computing(*failures: type[Exception]) -> Iterator[None]:
    """End the program with one line if data or a device is missing, or if one of these failures is raised inside."""
    from resviz.data.tensors import DataUnavailable
    from resviz.train.twins.lockstep import DeviceUnavailable

    expected: tuple[type[Exception], ...] = (DataUnavailable, DeviceUnavailable, *failures)
    try:
        yield
    except expected as error:
        raise Stop(str(error), 1) from error


# -- how a command ends ------------------------------------------------------------------------------


def ended(run: Callable[[], int], *, last: bool) -> int:
    """Carry out a command, and return its exit code: its own, or 2 for a word or value that is refused, 1 for what failed, 130
    after Ctrl-C, each with one sentence on standard error; 0 without a word if nobody reads on (`| head`). `last`: the process
    ends with it. Raises the SystemExit that ends --help."""
    with interrupt.watched(last), legible_streams():
        try:
            try:
                code = run()
            finally:
                interrupt.over()
                if sys.stdout is not None:
                    sys.stdout.flush()
            if interrupt.caught():
                raise KeyboardInterrupt
            return code
        except SystemExit:
            if not interrupt.caught():
                raise
            code, sentence = interrupt.CODE, interrupt.STOPPED
        except BaseException as error:
            code, sentence = _ending(error)
        _complain(sentence)
        if last and interrupt.caught():
            interrupt.end(0)  # nobody waits for what threads have begun
        return code


def _ending(error: BaseException) -> tuple[int, str]:
    """Return the exit code and the sentence for what ended a command."""
    from resviz.words.text import Mistake

    if isinstance(error, Stop) and (error.code == interrupt.CODE or not interrupt.caught()):
        return error.code, str(error)
    if isinstance(error, KeyboardInterrupt) or interrupt.caught():
        return interrupt.CODE, interrupt.STOPPED
    if isinstance(error, Mistake):
        return 2, str(error)
    if isinstance(error, Unprinted):
        return (0, "") if error.closed else (1, f"what was found could not be printed: {error}")
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename and error.strerror else ""
        return 1, f"{where}{error.strerror or error}"
    if sys.flags.dev_mode:
        traceback.print_exception(error)
    said = " ".join(str(error).split())
    if isinstance(error, MemoryError) or "memory" in said.lower():
        return 1, "there was not enough memory for this: try a smaller depth, width or batch"
    return 1, f"this failed with {type(error).__name__}: {said[:300]} (with PYTHONDEVMODE=1 it says where)"


def _complain(sentence: str) -> None:
    interrupt.said()
    if sentence and sys.stderr is not None:
        with suppress(OSError):  # nobody reads that either
            print(f"resviz: {sentence}", file=sys.stderr, flush=True)
