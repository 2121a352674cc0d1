"""What holds of every finding and every figure, whatever it is about."""

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import plotly.graph_objects as go

from resviz.draw import diverging, palette
from resviz.draw.bound import _in_plain_colors
from resviz.draw.figure import Figure
from resviz.draw.table import rows_of, to_csv, with_table
from tests.contract.kinds import Entry

# What panel.js knows how to draw; each card has one of them.
PICTURES = ("net", "figure", "flow", "rows", "markup", "maps", "gallery", "pad", "own")
# What no person is shown: the names of no number.
NEVER = re.compile(r"\b(?:nan|None|undefined|inf|Infinity)\b")
# Two factors that differ late are told to the digit where they do; papers have long numbers, and a loss may be NaN.
_FACTORS = re.compile(r"multiplies it by \|R\(hλ\)\| = [\d.]+|the true solution by [\d.]+")
_PAPER = re.compile(r"(?:arXiv|doi) \S+")
_WORDS = ("title", "note", "label", "said", "says", "text", "name", "header", "rows", "formula", "noun", "ticktext")
_DATA = ("pixels", "regions")  # written as text, and no words

_ROLES = {palette.TEXT, palette.FAINT, palette.GRID}
_ARMS = {*palette.ARM_COLOR.values(), *palette.CLASS_COLOR, *palette.METHOD_COLOR.values()}
_PLAIN = {"white", "inherit", "rgba(0,0,0,0)"}  # white edges of marks; what follows the card it stands on
_PLAIN |= {diverging.COLOURS[0][1], diverging.COLOURS[-1][1]}  # marks on pale parts of a map, in the darkest of its own
_SCALES = {palette.SEQUENTIAL}
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|rgba?\(.*\)|hsla?\(.*\)|--[\w-]+")


def check_shown(entry: Entry, spec: Any, record: Any) -> None:
    """All that is said and drawn of a record."""
    for finding in entry.findings:
        check_sentences(finding(spec, record))
    if entry.figures:
        check_cards(entry.figures(record))


# -- words -----------------------------------------------------------------------------------------


def check_sentences(text: str) -> None:
    """Whole sentences in paragraphs, each of which begins with a capital, a number or a formula, and ends with a full stop."""
    assert text == text.strip()
    for paragraph in text.split("\n\n"):
        assert paragraph == paragraph.strip() and paragraph.endswith((".", " …")), paragraph
        first = paragraph.lstrip("*“$")[0]
        formula = re.match(r"y[₀-₉]* = |\d", paragraph)
        assert first.isupper() or formula, paragraph
        for wrong in ("  ", "..", ". .", ",,", " ,", " .", "()", "e+"):
            assert wrong not in paragraph, (wrong, paragraph)
        assert readable(_FACTORS.sub("", paragraph)), paragraph


def readable(text: str) -> bool:
    """Whether it says no name of no number, and no number of nine digits or more that count, if not in groups of three."""
    digits = (re.sub(r"^[0.]+|\.", "", number) for number in re.findall(r"\d[\d.]*", _PAPER.sub("", text)))
    return not NEVER.search(text) and all(len(number) < 9 for number in digits)


def _said(value: Any, key: str = "") -> Iterator[str]:
    """All texts that are shown to a person."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name not in _DATA:
                yield from _said(part, name if isinstance(name, str) else key)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _said(part, key)
    elif isinstance(value, str) and key in _WORDS:
        yield value


# -- colours ---------------------------------------------------------------------------------------


def colours(value: Any, key: str = "") -> Iterator[str]:
    """Every colour inside a card; a scale of several is one of its own, and not among them."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name in ("colorscale", "colours"):
                continue
            yield from colours(part, name if isinstance(name, str) else key)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from colours(part, key)
    elif isinstance(value, str) and (_COLOUR.fullmatch(value) or key in ("color", "fillcolor", "bgcolor")):
        yield value


def of_palette(colour: str) -> bool:
    """Whether it is one of the app's colours, or one of them made transparent."""
    if colour in _ROLES | _ARMS | _PLAIN:
        return True
    found = re.fullmatch(r"rgba\((\d+),(\d+),(\d+),(0?\.\d+|1|0|1\.0)\)", colour)
    if not found:
        return False
    solid = "#" + "".join(f"{int(part):02X}" for part in found.groups()[:3])
    return solid in {known.upper() for known in _ARMS} | {"#FFFFFF"}


def _scales(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from (value[name] for name in ("colorscale", "colours") if name in value)
        for part in value.values():
            yield from _scales(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _scales(part)


def _check_scale(scale: Any) -> None:
    """The one even scale by name, or colours that go from 0 to 1 and pass a light or a dark middle."""
    if isinstance(scale, str):
        assert scale in _SCALES, scale
        return
    if isinstance(scale[0], str):
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in scale)
        return
    places = [place for place, _ in scale]
    assert places == sorted(places) and (places[0], places[-1]) == (0, 1)
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for _, colour in scale)


# -- cards -----------------------------------------------------------------------------------------


def check_cards(templates: list[Figure]) -> list[Figure]:
    """Cards as a panel shows them: JSON for a browser, words for all, plotly's own keys, tables, and the same in a file."""
    ids = [t["id"] for t in templates]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in ids), ids
    for t in templates:
        assert sum(key in t for key in PICTURES) == 1 or "text" in t, t["id"]
        assert t["title"].strip() == t["title"] != "" and t["note"].strip() == t["note"] != "", t["id"]
        for picture in ("maps", "unravel"):
            assert picture not in t or t[picture]["said"].strip(), "a screen reader says what is drawn"
        _check_json(t)
        for said in _said(with_table(t)):
            assert readable(said), (t["id"], said)
        for colour in colours(t):
            assert of_palette(colour), (t["id"], colour)
        for scale in _scales(t):
            _check_scale(scale)
        if "figure" in t:
            _check_figure(t["figure"])
        if "flow" in t:
            _check_flow(t["flow"])
        _check_table(t)
    _check_csv(templates)
    return templates


def _check_json(t: Figure) -> None:
    """What the server sends is what was drawn: orjson would make a gap of what is no number."""
    text = json.dumps(t, allow_nan=False)
    assert json.loads(text) == orjson.loads(orjson.dumps(t))
    assert set(json.loads(text)) == set(t)


def _check_figure(figure: dict[str, Any]) -> None:
    bound = [trace for trace in figure["data"] if "bind" in trace]
    filled = [{key: value for key, value in trace.items() if key != "bind"} for trace in figure["data"]]
    go.Figure(_in_plain_colors({**figure, "data": filled}))  # plotly knows every key
    layout = figure["layout"]
    assert bound in ([], figure["data"]), "all of it is filled here, or all in the browser"
    for trace in figure["data"] if not bound else ():
        assert trace.get("hovertemplate") or trace.get("hoverinfo") == "skip" or trace.get("name"), "it can be asked"
        if "z" in trace:
            assert len(trace["z"]) == len(trace["y"]) and {len(row) for row in trace["z"]} == {len(trace["x"])}
            continue
        if trace["y"]:
            assert len(trace["x"]) == len(trace["y"]) == len(trace.get("customdata", trace["y"]))
        for axis in ("x", "y"):
            if layout[f"{trace.get(f'{axis}axis', axis)[0]}axis"].get("type") == "log":
                assert all(v is None or v > 0 for v in trace[axis]), "a logarithmic axis has no 0"
    for note in layout.get("annotations", ()):
        assert note["text"]


def _check_flow(flow: dict[str, Any]) -> None:
    """What flow.js reads: all arms at the same moments, or at several a block."""
    left, right, bottom, top = flow["box"]
    assert left < right and bottom < top
    assert set(flow["labels"]) <= {0, 1} and len(flow["colors"]) == 2
    for arm in flow["arms"]:
        assert arm["name"]
        if half := arm.get("halved"):
            assert len(half["x"]) == len(half["y"]) == 2 * len(arm["x"]) - 1 and half["formula"] and half["said"]
            assert {len(states) for states in (*half["x"], *half["y"])} == {len(flow["labels"])}
            assert len(half["regions"]) == flow["blocks"] + 1 and flow["step"]["said"]
        assert len(arm["x"]) == len(arm["y"]) >= 2
        assert {len(states) for states in (*arm["x"], *arm["y"])} == {len(flow["labels"])}
        assert len(arm["regions"]) in (0, 1, flow["blocks"] + 1)
        for shading in arm["regions"]:
            assert math.isqrt(len(shading)) ** 2 == len(shading) and set(shading) <= {"0", "1"}
        assert len(set(map(len, arm["regions"]))) <= 1
        if arrows := arm.get("arrows"):
            assert len(arrows) == flow["blocks"] and {len(row) for row in arrows} == {2 * flow["grid"] ** 2}


def _check_table(t: Figure) -> None:
    shown = with_table(t)
    told = rows_of(shown)
    if "figure" in t and not any(
        "bind" in trace for trace in t["figure"]["data"]
    ):  # of what the browser fills it makes the table, too
        assert told, f"{t['id']}: what plotly draws can be read as numbers"
        assert isinstance(shown["height"], int) and 100 < shown["height"] < 2000
    if told:
        nothing = not told["rows"] or not t.get("figure", {}).get("data", True)
        assert len(told["header"]) > 1 or nothing
        assert all(isinstance(name, str) for name in told["header"])
        assert all(len(row) == len(told["header"]) for row in told["rows"]), t["id"]
        assert all(isinstance(cell, str | int) for row in told["rows"] for cell in row)


def _check_csv(templates: list[Figure]) -> None:
    """Every table is in the file, under its title, and nothing else."""
    found = iter(csv.reader(io.StringIO(to_csv(templates)), strict=True))
    for t in map(with_table, templates):
        if told := rows_of(t):
            assert next(found) == [t["title"]] and next(found) == told["header"]
            for row in told["rows"]:
                assert next(found) == [str(cell) for cell in row]
            assert next(found) == []
    assert next(found, None) is None
