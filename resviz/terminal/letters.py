"""Text in the encoding of a terminal or file that lacks letters: 10⁻⁵ becomes 10^-5, not 10??."""

from __future__ import annotations

import functools
import io
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, TextIO

RAISED, LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙₖₗᵢⱼ"
_PLAIN = str.maketrans(RAISED + LOWERED, "0123456789+-()ni0123456789+-()nklij")
_INSTEAD = {
    **{
        "×": "x",
        "·": "*",
        "⋅": "*",
        "÷": "/",
        "−": "-",
        "±": "+/-",
        "√": "sqrt ",
        "‖": "||",
        "∞": "infinity",
        "∑": "sum ",
    },
    **{
        "≈": "~",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "∂": "d",
        "½": "1/2",
        "‰": "/1000",
        "µ": "u",
        "⊕": "(+)",
        "°": " degrees",
    },
    **{"→": "->", "←": "<-", "↔": "<->", "⇒": "=>", "↑": "up", "↓": "down", "▶": ">", "✓": "yes", "•": "*", "…": "..."},
    **{"–": "-", "—": "-", "‐": "-", "‑": "-", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "′": "'", "″": '"'},
}
_PARTS = re.compile(rf"[{RAISED}]+|[{LOWERED}]+| {{3,}}|.", re.DOTALL)


@functools.lru_cache(4096)
def _has(encoding: str, text: str) -> bool:
    """Whether the encoding has all letters of the text; one that Python does not know has those of ASCII."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    except LookupError:
        return text.isascii()
    return True


def legible(text: str, encoding: str) -> str:
    """Return the text in letters of an encoding. Columns stay where they are as long as there is space between them."""
    if text.isascii() or _has.__wrapped__(encoding, text):
        return text
    return "\n".join(_line(line, encoding) for line in text.split("\n"))


def _line(line: str, encoding: str) -> str:
    out, longer, named = "", 0, False
    for part in _PARTS.findall(line):
        new, was_named, named = part, named, False
        if part.startswith("   "):
            new = part[: max(2, len(part) - longer)]
        elif not _has(encoding, part):
            new, named = _instead(part)
        if (was_named and new[:1].isalnum()) or (named and out[-1:].isalnum()):
            new = f" {new}"  # "h theta", not "htheta"
        out += new
        longer = max(0, longer + len(new) - len(part))
    return out


def _instead(part: str) -> tuple[str, bool]:
    """Return what stands for letters that an encoding lacks, in ASCII, and whether that is the name of a letter."""
    if part[0] in RAISED + LOWERED:
        return f"{'^' if part[0] in RAISED else '_'}{part.translate(_PLAIN)}", False
    if part in _INSTEAD:
        return _INSTEAD[part], False
    name = unicodedata.name(part, "")
    if found := re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", name):
        letter = found[2].replace("LAMDA", "LAMBDA")  # as Unicode spells it
        return letter.lower() if found[1] == "SMALL" else letter.capitalize(), True
    near = unicodedata.normalize("NFKD", part)  # é is e and an accent, a narrow space is a space
    return "".join(letter for letter in near if letter.isascii()) or "?", False


class Unprinted(Exception):
    """Raised if standard output takes no more: nobody reads on (`closed`), or a disk is full. No OSError, which others catch."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.closed = isinstance(error, BrokenPipeError)


class Legible:
    """A stream that writes what its encoding lacks in letters that it has. If it takes no more, Unprinted is raised where it
    `matters`, and else nothing."""

    def __init__(self, stream: TextIO, matters: bool) -> None:
        self._stream, self._matters = stream, matters

    def write(self, text: str) -> int:
        with self._told():
            self._stream.write(legible(text, self._stream.encoding or "ascii"))
        return len(text)

    def flush(self) -> None:
        with self._told():
            self._stream.flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            with suppress(
                OSError, ValueError
            ):  # so that what is left unwritten is no trouble at the end of the process
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if self._matters:
                raise Unprinted(error) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def legible_streams() -> Iterator[None]:
    """Have standard output and standard error write so; one that is closed stays as it is."""
    with ExitStack() as stack:
        for stream, redirect in (sys.stdout, redirect_stdout), (sys.stderr, redirect_stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # for what no encoding has, as in names of files
                stack.enter_context(redirect(Legible(stream, matters=stream is sys.stdout)))
        yield
