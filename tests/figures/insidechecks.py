"""What holds of every figure of networks that are looked into, whatever is on it."""

import csv
import io
import json
import re
from typing import Any

import plotly.graph_objects as go
from pydantic import TypeAdapter

from resviz.figures.filled import rows_of, to_csv, with_table
from resviz.figures.live import Template, _in_plain_colors
from resviz.figures.palette import ARM_COLOR, ARM_DASH, ARM_SYMBOL
from resviz.inside.network import Training
from resviz.records import ARMS
from tests.euler.checks import floats

PICTURES = ("figure", "maps", "gallery", "pad", "drawing", "unravel")  # what ui/assets knows how to draw
LONG = re.compile(
    r"[1-9]\d*\.\d{7,}|0\.0*[1-9]\d{6,}|\d{12,}|nan|inf\b|None"
)  # what no sentence and no cell of a table says

# A training that has come as far as step 3 of its plain network, which then ended.
UNDER_WAY = Training(
    {"residual": 5, "plain": 3},
    {"plain": "the loss is infinite."},
    {"residual": ((1, 3, 5), (2.3, 1.5, 0.75)), "plain": ((1, 3), (2.4, 2.25))},
)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


def check(templates: list[Template]) -> list[Template]:
    """Plain JSON that comes back the same and that plotly takes; words for all; and tables of all that plotly draws."""
    assert len({t["id"] for t in templates}) == len(templates)
    for t in templates:
        assert t["id"] and t["title"] and t["note"] and sum(key in t for key in PICTURES) == 1
        text = json.dumps(t, allow_nan=False)
        assert json.loads(text) == t, "tuples and numbers for keys would not come back"
        assert not any(LONG.search(said) for said in (t["title"], t["note"]))
        if "figure" in t:
            _check_figure(t["figure"])
            assert isinstance(with_table(t)["height"], int)
        told = rows_of(with_table(t))
        assert told or "figure" not in t
        if told:
            assert all(len(row) == len(told["header"]) for row in told["rows"])
            assert all(isinstance(cell, str) and not LONG.search(cell) for row in told["rows"] for cell in row)
    _check_csv(templates)
    return templates


def _check_figure(figure: dict[str, Any]) -> None:
    go.Figure(_in_plain_colors(figure))  # plotly knows every key
    for t in figure["data"]:
        assert t.get("hovertemplate") or t.get("hoverinfo") == "skip"
        if "z" in t:
            assert len(t["z"]) == len(t["y"]) and {len(row) for row in t["z"]} == {len(t["x"])}
            continue
        if t["y"]:
            assert len(t["x"]) == len(t["y"])
            assert len(t.get("customdata", t["y"])) == len(t["y"])
    for a in figure["layout"].get("annotations", ()):
        assert a["text"] and not LONG.search(a["text"])


def _check_csv(templates: list[Template]) -> None:
    """Every table is in it, under its title, and nothing else."""
    found = iter(csv.reader(io.StringIO(to_csv(templates))))
    for t in map(with_table, templates):
        if told := rows_of(t):
            assert next(found) == [t["title"]] and next(found) == told["header"]
            for row in told["rows"]:
                assert next(found) == row
            assert next(found) == []
    assert next(found, None) is None


def check_record(record: Any) -> None:
    """A record comes back from JSON as it was, bit for bit, so that what is drawn of it is too."""
    adapter: TypeAdapter[Any] = TypeAdapter(type(record))
    text = adapter.dump_json(record)
    again = adapter.validate_json(text)
    assert again == record and adapter.dump_json(again) == text
    assert all(v == v and abs(v) != float("inf") for v in floats(record))


def check_learning(templates: list[Template], record: Any) -> None:
    """While the networks learn: their losses so far, in the colours and dashes of both."""
    (t,) = check(templates)
    assert t["id"] == "inside_learning"
    for arm in ARMS:
        shown = trace(t, arm)
        assert (shown["x"], shown["y"]) == tuple(map(list, record.training.curve[arm]))
        assert shown["line"]["color"] == ARM_COLOR[arm] and shown["line"]["dash"] == ARM_DASH[arm]
    assert t["figure"]["layout"]["xaxis"]["range"] == [0, record.spec.steps]


def check_arms(template: Template) -> None:
    """Both curves told apart three times: by colour, dash and symbol."""
    for arm in ARMS:
        shown = trace(template, arm)
        assert shown["line"]["color"] == ARM_COLOR[arm] and shown["line"]["dash"] == ARM_DASH[arm]
        assert "marker" not in shown or shown["marker"]["symbol"] == ARM_SYMBOL[arm]


def trace(template: Template, name: str) -> dict[str, Any]:
    """The one line of that name; a band may have none."""
    (found,) = [t for t in template["figure"]["data"] if t.get("name") == name]
    return found


def by_id(templates: list[Template], id: str) -> Template:
    (found,) = [t for t in templates if t["id"] == id]
    return found
