"""Helpers for all commands: settings, output files, progress bar and errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

    from resviz.words.fields import Worded

S = TypeVar("S", bound="Worded")


class Stop(Exception):
    """Ends the program with one line on standard error and this exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def writable(out: Path | None, suffixes: Sequence[str]) -> Path | None:
    if out and out.suffix not in suffixes:
        raise Stop(f"--out {str(out)!r} ends in {out.suffix!r}; allowed are {', '.join(suffixes)}", 2)
    if out and not out.parent.is_dir():
        raise Stop(f"--out {str(out)!r}: there is no folder {str(out.parent)!r}", 2)
    return out


def write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Stop(f"--out {str(out)!r}: {error.strerror}", 1) from error


def bar(total: int, unit: str, **more: bool) -> tqdm[None]:
    """A progress bar on standard error, shown only on a terminal."""
    from tqdm import tqdm

    return tqdm(total=total, unit=unit, disable=None, leave=False, **more)  # type: ignore[call-overload]


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
