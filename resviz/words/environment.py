"""The environment variables of this program: what each may be, and its value. Every command checks all of them first."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from resviz.words.text import Mistake, Problem


@dataclass(frozen=True)
class Number:
    """A variable that is a number from `least` to `most`; `whole`: without decimals."""

    least: float = 0
    most: float = math.inf
    whole: bool = False

    @property
    def allowed(self) -> str:
        upto = f"from {self.least:g} to {self.most:g}" if self.most < math.inf else f"of {self.least:g} or more"
        return f"allowed is a {'whole ' if self.whole else ''}number {upto}"


NUMBERS: Mapping[str, Number] = {
    "RESVIZ_WORKERS": Number(1, 999, whole=True),
    "RESVIZ_RUNS_GB": Number(),
    "RESVIZ_STATES_GB": Number(),
    "RESVIZ_MAX_MINUTES": Number(),
    "RESVIZ_MAX_GB": Number(),
}
FOLDERS = ("RESVIZ_HOME", "RESVIZ_DATA", "RESVIZ_STATES")


def number(name: str, usual: float) -> float:
    """Return the value of a variable of NUMBERS, `usual` if it is not set. Raises Mistake for one that it may not have."""
    text, known = os.environ.get(name, "").strip(), NUMBERS[name]
    if not text:
        return usual
    try:
        value = float(int(text) if known.whole else text)
    except (ValueError, OverflowError):
        value = math.nan
    if not known.least <= value <= known.most:
        raise Mistake(str(Problem(name, text, known.allowed)))
    return value


def folder(name: str) -> Path | None:
    """Return the folder that a variable names, with "~" as the home of the person; None if it is not set or empty. Raises Mistake
    for a path that no folder can have."""
    text = os.environ.get(name, "")
    if not text:
        return None
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise Mistake(str(Problem(name, text, "this machine does not know whose home that is"))) from None


def home() -> Path:
    """Return the home of the person who runs this. Raises Mistake if the system knows none."""
    try:
        return Path.home()
    except RuntimeError:
        raise Mistake(
            "This user has no home folder: set RESVIZ_HOME and RESVIZ_DATA to folders for runs and data."
        ) from None


def check() -> None:
    """Raise Mistake for the first variable with a value that it may not have."""
    for name in NUMBERS:
        number(name, 0)
    for name in FOLDERS:
        path = folder(name)
        if path and path.exists() and not path.is_dir():
            raise Mistake(str(Problem(name, os.environ[name], "this is a file; allowed is a folder")))
