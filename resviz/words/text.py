"""Settings as text: block numbers, changes, `key=value` words, and messages for those that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, PlainSerializer

from resviz.words.typed import NoNumber, plain, read_number, split_list

LARGEST_NUMBER = 1202  # the largest block number: no network here has more blocks
MOST_EDITS = 100
LONGEST_EDITS = 100_000  # characters


@dataclass(frozen=True)
class Problem:
    """One setting that cannot be used: its key, the value given, and what is allowed."""

    key: str
    value: str
    allowed: str

    def __str__(self) -> str:
        return f"{shown(self.key)}={shown(self.value)}: {self.allowed}"

    @property
    def sentence(self) -> str:
        """What is said beside the field in which the value was written."""
        value = shown(self.value.strip())
        end = "" if self.allowed.endswith("?") else "."
        return f"{f'“{value}” cannot be used' if value else 'A value is missing'}: {self.allowed.rstrip('.')}{end}"


def shown(text: str) -> str:
    """The text on one line, shortened if it has more than 60 characters."""
    text = text.replace("\n", " ").replace("\r", " ")
    return text if len(text) <= 60 else f"{text[:40]}… ({len(text):,} characters)"


class Mistake(ValueError):
    """Raised when a person's request cannot be met. The message is a sentence for that person, and says what is allowed.

    Any other exception raised while a request is answered is a bug: its traceback goes to the log, and the person is told only
    that there was an error.
    """


class SpecError(Mistake):
    """Raised when words or a query do not make a valid spec; `problems` lists which settings are wrong and why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def read_numbers(value: Any) -> Any:
    """Turn "3,7,10-12" (or any iterable of whole numbers) into a sorted tuple without repeats."""
    if isinstance(value, int):
        return (value,)
    if not isinstance(value, str):
        try:
            return tuple(sorted(set(value)))
        except TypeError:
            raise ValueError("neither text nor whole numbers") from None
    if len(value) > 10_000:  # any choice of 600 blocks is shorter, so do not spend time on more
        raise ValueError("too long")
    numbers: set[int] = set()
    for part in split_list(re.sub(r"\s*-\s*", "-", plain(value))):
        match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
        if match is None:
            raise ValueError(f"{part!r} is not a number or a range")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last > LARGEST_NUMBER:
            raise ValueError(f"{part!r} is not a range up to {LARGEST_NUMBER}")
        numbers.update(range(first, last + 1))
    return tuple(sorted(numbers))


def write_numbers(numbers: Iterable[int]) -> str:
    """The inverse of `read_numbers`: (3, 7, 10, 11, 12) becomes "3,7,10-12"."""
    parts: list[list[int]] = []
    for n in sorted(set(numbers)):
        if parts and parts[-1][-1] == n - 1:
            parts[-1][1:] = [n]
        else:
            parts.append([n])
    return ",".join("-".join(map(str, part)) for part in parts)


def listed(numbers: Iterable[int]) -> str:
    """Numbers in a sentence: (3, 7, 10, 11, 12) becomes "3, 7, 10 to 12"."""
    return write_numbers(numbers).replace(",", ", ").replace("-", " to ")


Numbers = Annotated[tuple[int, ...], BeforeValidator(read_numbers), PlainSerializer(write_numbers, return_type=str)]

Vector = tuple[float, ...]


class Edit(NamedTuple):
    """A change during training: from step `at` + 1 on, the setting `key` has this `value`. As text: "60:cut:7"."""

    at: int
    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.at}:{self.key}:{self.value}"


def read_edits(value: Any) -> Any:
    """Turn "60:cut:7 90:lr:0.01" (or edits, or triples of their parts) into a tuple of edits, in the order given."""
    edits, strange = sort_edits(value)
    if strange:
        raise ValueError(f"{strange[0]!r} is not step:setting:value")
    if len(edits) > MOST_EDITS:
        raise ValueError(f"more than {MOST_EDITS} changes")
    return tuple(edits)


def sort_edits(value: Any) -> tuple[list[Edit], list[str]]:
    """Return the changes in a text (or in triples of their parts), and the words that are no changes. Raises ValueError for
    any other input, or if it is too long."""
    try:
        text = value if isinstance(value, str) else " ".join(f"{at}:{key}:{value}" for at, key, value in value)
    except TypeError:
        raise ValueError("neither text nor changes") from None
    if len(text) > LONGEST_EDITS:
        raise ValueError("too long")
    edits, strange = [], []
    for part in filter(None, re.split(r"[\s;]+", plain(text))):
        match = re.fullmatch(r"([\d.,'_]{1,12}):([a-z_]{1,40}):([^\s;]*)", part)
        step = match and _step(match[1])
        if match is None or step is None:
            strange.append(part)
        else:
            edits.append(Edit(step, match[2], match[3]))
    return edits, strange


def _step(text: str) -> int | None:
    """Return the step that a change names, as 1000 or 1,000; None if it names none."""
    try:
        step = int(read_number(text, whole=True))
    except NoNumber:
        return None
    return step if step < 10**9 else None


def write_edits(edits: Iterable[Edit]) -> str:
    """The inverse of `read_edits`."""
    return " ".join(map(str, edits))


Edits = Annotated[tuple[Edit, ...], BeforeValidator(read_edits), PlainSerializer(write_edits, return_type=str)]


def parse_words(words: Iterable[str]) -> dict[str, str]:
    """Split `key=value` words. Raises SpecError for a word without an equals sign or a key given twice."""
    pairs: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise SpecError([Problem(word, "", "write settings as key=value, such as depth=56")])
        if key in pairs:
            raise SpecError([Problem(key, value, f"given twice; the first was {shown(pairs[key])}")])
        pairs[key] = value
    return pairs


def text_of(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Container[int] = ()) -> str:
    """A Markdown table; the columns in `numbers` are right-aligned. Streamlit's own table would import pandas, which takes a
    second on the first visit."""
    lines = [head, ["---:" if i in numbers else "---" for i in range(len(head))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
