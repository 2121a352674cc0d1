"""Numbers written for people."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence


def unmarked(text: str) -> str:
    """A text without its marks for the browser: **bold** and [links](page)."""
    return re.sub(r"\[([^\]]+)\]\(\w+\)", r"\1", text).replace("**", "")


def enumerated(parts: Sequence[object]) -> str:
    """Parts in a row: "8, 14 and 20"."""
    *first, last = map(str, parts) if parts else [""]
    return f"{', '.join(first)} and {last}" if first else last


def percent(share: float) -> str:
    """A share as a percentage: 0.9861 gives "98.6%", 0.000232 gives "0.02%"; only 1.0 gives "100%"."""
    value = 100 * share
    digits = 3 if value >= 1 else 2 if value >= 0.1 else 1
    while float(f"{value:.{digits}g}") == 100 and share < 1 and digits < 6:
        digits += 1
    return f"{float(f'{value:.{digits}g}'):g}%"


def times(ratio: float) -> str:
    """A ratio to two significant digits: "2,300", "5.2", "0.004"; one beyond the range of floats is "more than 10³⁰⁸"."""
    if math.isinf(ratio):
        return "more than 10³⁰⁸"
    if ratio >= 1e6 or 0 < ratio < 1e-3:
        mantissa, exponent = f"{ratio:.1e}".split("e")
        return f"{mantissa} × 10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    rounded = float(f"{ratio:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def same_accuracy(a: float, b: float, images: int) -> bool:
    """Whether two accuracies on `images` test images differ by at most two standard errors of their difference."""
    error = math.sqrt((a * (1 - a) + b * (1 - b)) / images)
    return abs(a - b) <= 2 * error


def written(value: float) -> str:
    """A number to three significant digits, without decimals from 1,000 on, and as a power of ten if it is far from 1."""
    size = abs(value)
    if size and not 0.0009995 <= size < 9999.5:
        mantissa, _, power = f"{value:.1e}".partition("e")
        raised = str(int(power)).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
        return f"{mantissa} × 10{raised}".replace("-", "−")
    return (f"{value:.3g}" if size < 999.5 else f"{value:,.0f}").replace("-", "−")


def rounded(value: float, digits: int = 4) -> float:
    """The number rounded to `digits` significant digits: enough for a figure, and short to send to the browser."""
    return float(f"{value:.{digits}g}")
