"""What holds of every record of the Euler page, and of every figure made of one."""

import json
import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import plotly.graph_objects as go
from pydantic import BaseModel, TypeAdapter

from resviz.figures.filled import rows_of, with_table
from resviz.figures.live import Template, _in_plain_colors


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


def check_sentences(text: str) -> None:
    """A finding is whole sentences about numbers that exist."""
    for word in ("None", "nan", "inf ", "inf%", "  ", ". .", "..", ",,", " ,", "e+"):
        assert word not in text, word
    assert text.endswith(".") and text == text.strip() and text[:1].isupper()


def check_figures(templates: list[Template]) -> list[Template]:
    """Plain JSON that plotly, or the animation, takes; a table where the page offers one."""
    assert len({template["id"] for template in templates}) == len(templates)
    for template in templates:
        assert template["id"] and template["title"] and isinstance(template["note"], str)
        assert sum(key in template for key in ("figure", "flow", "rows")) == 1
        json.dumps(template, allow_nan=False)
        if "figure" in template:
            _check_figure(template)
        if "flow" in template:
            _check_animation(template["flow"])
        if told := rows_of(with_table(template)):
            assert all(len(row) == len(told["header"]) for row in told["rows"])
            assert all(isinstance(cell, str) for row in told["rows"] for cell in row)
    return templates


def _check_figure(template: Template) -> None:
    go.Figure(_in_plain_colors(template["figure"]))  # plotly knows every key
    layout = template["figure"]["layout"]
    for trace in template["figure"]["data"]:
        assert len(trace["x"]) == len(trace["y"])
        for axis in ("x", "y"):
            if layout[f"{axis}axis"].get("type") == "log":
                assert all(v is None or v > 0 for v in trace[axis])


def _check_animation(flow: dict[str, Any]) -> None:
    """What ui/assets/flow.js reads: all arms at the same moments, or at several a block."""
    left, right, bottom, top = flow["box"]
    assert left < right and bottom < top
    assert set(flow["labels"]) <= {0, 1} and len(flow["colors"]) == 2
    for arm in flow["arms"]:
        assert len(arm["x"]) == len(arm["y"]) >= 2
        assert {len(states) for states in (*arm["x"], *arm["y"])} == {len(flow["labels"])}
        assert len(arm["regions"]) in (0, 1, flow["blocks"] + 1)
        for shading in arm["regions"]:
            assert math.isqrt(len(shading)) ** 2 == len(shading) and set(shading) <= {"0", "1"}
        assert len(set(map(len, arm["regions"]))) <= 1
        if arrows := arm.get("arrows"):
            assert len(arrows) == flow["blocks"]
            assert {len(row) for row in arrows} == {2 * flow["grid"] ** 2}


def trace(template: Template, name: str) -> dict[str, Any]:
    """The one line of that name."""
    (found,) = [t for t in template["figure"]["data"] if t["name"] == name]
    return found
