"""Numbers as people type them, paste them from a page or write them in a link: one reader for fields, links and commands.

In a whole number a comma groups digits: 60,000. In a real number it stands before the decimals, 0,001, unless what follows are
three digits that could be a group: 1,024 has two readings and is refused. In a list a comma separates.
"""

from __future__ import annotations

import re
from fractions import Fraction

LONGEST = 100  # characters; a longer text is no number that anybody typed
_LARGEST_POWER = 400  # beyond it float64 holds nothing

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
_MINUS = dict.fromkeys(map(ord, "−‐‑‒–—﹣"), "-")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u200a\u202f\u3000"), " ")
_MARKS = {ord(mark): plain for mark, plain in zip("、٫٬’‘ʼ⁄", ",.,'''/", strict=True)}
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_PLAIN = {**_WIDE, **_MINUS, **_SPACES, **_MARKS, **_UNSEEN}
_RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")

_POWER = r"(?:e|(?:\s*[*x×·]\s*)10\s*\^\s*)"
_NUMBER = re.compile(rf"([+-]?)\s*([\d.,' _]*?\d[.,]?)\s*(?:{_POWER}([+-]?\d+))?", re.IGNORECASE)
_TEN_TO = re.compile(r"([+-]?)10\s*\^\s*([+-]?\d+)")
_GROUPED = r"([1-9]\d{{0,2}}(?:[{mark}]\d{{3}})+)"


class NoNumber(ValueError):
    """Raised for a text that is no number, or has two readings; the message, if there is one, says what is wrong with it."""


def plain(text: str) -> str:
    """Return the text with the signs of other keyboards and of print as ASCII: full-width forms, a typographic minus, spaces of
    any width, digits of other scripts and raised ones, which become ^5."""
    text = re.sub(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "^" + found[0].translate(_RAISED), text)
    text = text.translate(_PLAIN)
    return "".join(str(int(sign)) if sign.isdecimal() and not sign.isascii() else sign for sign in text).strip()


def split_list(text: str) -> list[str]:
    """Split a list at its commas, semicolons and spaces."""
    return [part for part in re.split(r"[,;\s]+", plain(text)) if part]


def read_number(text: str, *, whole: bool) -> int | float:
    """Return the number that a person has typed: an int if it must be `whole`, else a float.

    Raises NoNumber for a text that is no such number, and for one that can be read in two ways.
    """
    if len(text) > LONGEST:
        raise NoNumber
    first, slash, second = plain(text).partition("/")
    value = _value(first, whole and not slash)
    if slash:
        under = Fraction(_value(second, False))
        if not under:
            raise NoNumber("a division by 0 is no number")
        value = Fraction(value) / under
    if not whole:
        try:
            return float(value)
        except OverflowError:
            raise NoNumber from None
    if Fraction(value).denominator != 1:
        raise NoNumber
    return int(value)


def _value(text: str, whole: bool) -> Fraction:
    if found := _TEN_TO.fullmatch(text):
        return Fraction(_scaled("1", found[2]) * (-1 if found[1] == "-" else 1))
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise NoNumber
    sign, digits, power = found[1], found[2], found[3] or "0"
    readings = list(dict.fromkeys(_readings(digits, whole)))
    if not readings:
        raise NoNumber
    if len(readings) > 1:
        one, other = (f"{'-' * (sign == '-')}{reading}{f'e{power}' * bool(int(power))}" for reading in readings)
        raise NoNumber(f"it can be read as {one} and as {other}; write the one that you mean")
    return _scaled(readings[0], power) * (-1 if sign == "-" else 1)


def _scaled(digits: str, power: str) -> Fraction:
    if len(power) > 5 or abs(int(power)) > _LARGEST_POWER:
        raise NoNumber
    return Fraction(digits) * Fraction(10) ** int(power)


def _readings(digits: str, whole: bool) -> list[str]:
    """Return the numbers, as Python writes them, that these digits with their marks can mean."""
    if re.fullmatch(r"\d+(?:_\d+)*", digits) or re.fullmatch(r"\d+(?:_\d+)*\.\d*|\.\d+", digits):
        one = digits.replace("_", "")
        dotted = whole and re.fullmatch(_GROUPED.format(mark="."), one)  # 60.000, as much of Europe groups
        return [_tidy(one), *([one.replace(".", "")] if dotted else [])]
    for mark in " ',.":
        decimal = "," if mark == "." else "." if mark == "," else "[.,]"
        if found := re.fullmatch(_GROUPED.format(mark=mark) + rf"(?:{decimal}(\d+))?", digits):
            head, tail = found[1], found[2]
            one = head.replace(mark, "") + (f".{tail}" if tail else "")
            two_readings = mark == "," and head.count(",") == 1 and not tail and not whole
            return [one, head.replace(",", ".")] if two_readings else [one]
    if re.fullmatch(r"\d+,\d*|,\d+", digits):
        return [_tidy(digits.replace(",", "."))]
    return []


def _tidy(digits: str) -> str:
    """Return the digits with a zero before a leading point, and no trailing one."""
    return ("0" + digits if digits.startswith(".") else digits).removesuffix(".")
