"""What holds of every record of the Euler page."""

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from tests.contract.checks import check_sentences  # noqa: F401 (asked for beside `check_record`)


def floats(value: Any) -> Iterator[float]:
    """Every float inside records, specs, figures, however deep."""
    if isinstance(value, BaseModel):
        value = value.model_dump()
    elif is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from floats(part)
    elif isinstance(value, float):
        yield value


def check_record(record: Any) -> None:
    """No nan and no infinity, a picture that has a size, and JSON that keeps every bit."""
    assert all(map(math.isfinite, floats(record)))
    left, right, bottom, top = record.box
    assert left < right and bottom < top
    assert 0 <= record.done <= 1
    adapter: TypeAdapter[Any] = TypeAdapter(type(record))
    text = adapter.dump_json(record)
    again = adapter.validate_json(text)
    assert again == record and adapter.dump_json(again) == text
