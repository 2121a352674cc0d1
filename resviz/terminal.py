"""What every command does with words, files and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tqdm import tqdm


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
