"""What every command does with words, files and the terminal."""

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
    """The settings that a person has typed, over those that are usual here. Ends the program for what is no setting."""
    from resviz.words.text import SpecError, parse_words

    try:
        return {**(usual or {}), **parse_words(arguments)}
    except SpecError as error:
        raise Stop(str(error), 2) from error


def spec_of(spec: type[S], words: Mapping[str, str]) -> S:
    """A spec from its words. Ends the program for one that cannot be used."""
    from resviz.words.text import SpecError

    try:
        return spec.of(words)
    except SpecError as error:
        raise Stop(str(error), 2) from error


@contextmanager
def computing(*failures: type[Exception]) -> Iterator[None]:
    """Ends the program with one line where data or a device is missing, or for one of these failures."""
    from resviz.data.tensors import DataUnavailable
    from resviz.train.twins.lockstep import DeviceUnavailable

    expected: tuple[type[Exception], ...] = (DataUnavailable, DeviceUnavailable, *failures)
    try:
        yield
    except expected as error:
        raise Stop(str(error), 1) from error
