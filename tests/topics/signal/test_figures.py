"""The figures of the Signal page: lines of theory, marks at the edge, and the same numbers in the browser."""

import json
import math
import random
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resviz.draw.bound import decades, fill, fill_trace, span_of
from resviz.draw.palette import ARM_COLOR
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import FIELDS, Spec
from resviz.nets.settings import ORDERS
from resviz.runs.run import encoded, rounded
from resviz.topics.signal.figures import CHARTS, templates
from resviz.topics.signal.theory import BACK, FORTH, RELU_OF_NORMAL, slopes
from resviz.topics.train import figures as train
from resviz.train.records import ArmRecord, History, Record
from tests.examples import examples

NAMES = [name for name, _, _ in CHARTS]
RECORDS_JS = Path(__file__).parents[3] / "resviz/ui/assets/records.js"


def record_of(spec: Spec, vectors: dict[tuple[str, str], tuple[float, ...]]) -> History:
    """A history of one record, whose profiles are these where given, and 1 everywhere else."""
    arms = {}
    for arm in ARMS:
        ones = {name: (1.0,) * (spec.depth - (name != "grad_norm")) for name in NAMES}
        given = {name: vectors.get((arm, name), ones[name]) for name in NAMES}
        arms[arm] = ArmRecord(2.3, 0.1, **given)
    return History(spec, None, [Record(1, 1, 0.1, arms)])


def traces(spec: Spec, history: History, kind: str):
    """Every trace of a kind of bind: its template, its bind and its data as filled in."""
    for template in templates(spec):
        figure = fill(template, history)
        for before, trace in zip(template["figure"]["data"], figure.data, strict=True):
            if before["bind"]["kind"] == kind:
                yield template, before["bind"], trace


# Where theory has lines, and where it has none.
WORDS = st.fixed_dictionaries(
    {
        "depth": st.integers(2, 12),
        "order": st.sampled_from(list(ORDERS)),
        "block": st.sampled_from(["basic", "basic", "plain", "bottleneck"]),
        "norm": st.sampled_from(["none", "none", "batch", "group"]),
        "init": st.sampled_from(list(FIELDS["init"].choices)),
        "kind": st.sampled_from(["conv", "mlp"]),
        "stages": st.sampled_from([1, 1, 2]),
        "activation": st.sampled_from(["relu", "relu", "gelu"]),
        "branch_scale": st.sampled_from([0.0, 5e-324, 1e-200, 0.3, 1.0, 4.0]),
        "shortcut_scale": st.sampled_from([0.0, 5e-324, 1e-200, 0.3, 1.0, 4.0]),
    }
)
SPECS = WORDS.map(lambda words: Spec.read(words)[0])
# What may stand in a profile: float64 norms of float32 numbers.
SIZES = st.sampled_from([0.0, math.inf, math.nan]) | st.floats(1e-45, 1e43) | st.floats(0.01, 100)


@st.composite
def measured(draw: st.DrawFn) -> History:
    spec = draw(SPECS)
    vectors = {
        (arm, name): tuple(draw(st.lists(SIZES, min_size=n, max_size=n)))
        for arm in ARMS
        for name in NAMES
        for n in [spec.depth - (name != "grad_norm")]
    }
    return record_of(spec, vectors)


def check_range(figure, span):
    """All that was measured is inside, and theory, as far as one more power of ten at each end has room for it."""
    if span is None:
        assert figure.layout.yaxis.range is None
        return
    low, high = figure.layout.yaxis.range
    assert span[0] - 1 <= low <= span[0] and span[1] <= high <= span[1] + 1
    theory = [math.log10(v) for trace in figure.data if trace.line.dash == "dot" for v in trace.y]
    assert all(y >= low for y in theory) or low == span[0] - 1
    assert all(y <= high for y in theory) or high == span[1] + 1
    assert (low, high) == span or theory


@examples(40)
@given(measured())
@example(record_of(Spec(depth=8, init="zero_gamma", shortcut_scale=0.0), {}))
@example(record_of(Spec(depth=8, norm="none", branch_scale=0.0, shortcut_scale=0.0), {}))
def test_any_record_of_any_network_fills_every_figure_with_numbers_or_gaps(history):
    for template in templates(history.spec):
        figure = fill(template, history)
        assert len(figure.data) == len(template["figure"]["data"])
        span = decades(history, template["decades"])
        assert figure.layout.yaxis.type == "log"
        check_range(figure, span)
        for before, trace in zip(template["figure"]["data"], figure.data, strict=True):
            assert len(trace.x) == len(trace.y)
            if span:  # without one there is nothing that could be drawn
                assert all(v is None or v > 0 for v in trace.y)
            if before["bind"]["kind"] != "profile":
                assert all(0 < v < math.inf for v in trace.y)


@examples(30)
@given(measured())
def test_marks_stand_at_the_edge_exactly_where_a_log_scale_has_no_place(history):
    for template, bind, trace in traces(history.spec, history, "edge"):
        values = getattr(history.records[0].arms[bind["arm"]], bind["name"])
        span = span_of(template, history)
        lost = [n for n, v in enumerate(values, 1) if (v == 0 if not bind["over"] else not math.isfinite(v))]
        if span is None:  # then there is no axis to stand at
            assert not trace.x
            continue
        assert list(trace.x) == lost
        assert list(trace.y) == [10.0 ** span[bind["over"]]] * len(lost)
        assert list(trace.text) == ([bind["says"]] + [""] * (len(lost) - 1) if lost else [])
        assert template["decades"] == bind["name"]
    found = [(b["arm"], b["name"], b["over"], b["says"]) for _, b, _ in traces(history.spec, history, "edge")]
    assert sorted(found) == sorted(
        (arm, name, over, says)
        for arm in ARMS
        for name in NAMES
        for over, says in ((0, "exactly 0"), (1, "past float32"))
    )


@examples(30)
@given(measured())
def test_a_line_of_theory_passes_through_the_first_value_on_the_signals_way(history):
    drawn = 0
    for _, bind, trace in traces(history.spec, history, "slope"):
        values = getattr(history.records[0].arms[bind["arm"]], bind["name"])
        way = list(range(1, len(values) + 1))[:: -1 if bind["name"] == BACK else 1]
        drawn += 1
        anchor = next((n for n in way if 0 < values[n - 1] < math.inf), None)
        if anchor is None:
            assert not trace.x
            continue
        line = dict(zip(trace.x, trace.y, strict=True))
        if bind["factor"] > 1e-20:
            assert list(line) == list(range(1, len(values) + 1))
            height = bind["level"] or values[anchor - 1]
            assert line[anchor] == pytest.approx(height, rel=1e-9)
            for before, after in pairwise(way):
                rise = math.log10(line[after]) - math.log10(line[before])
                assert rise * bind["per"] == pytest.approx(math.log10(bind["factor"]), abs=1e-6)
    assert drawn == len(slopes(history.spec))


def test_a_line_by_hand():
    """Xavier without normalisation: 0.707 a layer; going back it begins at the last layer that has a value."""
    spec = Spec(depth=7, kind="mlp", norm="none", init="xavier")
    history = record_of(
        spec,
        {
            ("plain", BACK): (9.0, 9.0, 9.0, 9.0, 8.0, 0.0),
            ("plain", FORTH): (math.nan, 4.0, 9.0, 9.0, 9.0, 9.0),
        },
    )
    lines = {b["name"]: list(t.y) for _, b, t in traces(spec, history, "slope") if b["arm"] == "plain"}
    root = math.sqrt(0.5)
    assert lines[BACK] == pytest.approx([8 * root**n for n in (4, 3, 2, 1, 0, -1)])
    assert lines[FORTH] == pytest.approx([4 * root**n for n in (-1, 0, 1, 2, 3, 4)])


def test_a_line_whose_height_is_known_is_not_measured():
    spec = Spec(depth=7)
    history = record_of(spec, {("plain", FORTH): (50.0,) * 6})
    (line,) = [t for _, b, t in traces(spec, history, "slope") if b["name"] == FORTH]
    assert list(line.y) == pytest.approx([RELU_OF_NORMAL] * 6)


@examples(25)
@given(SPECS)
def test_every_line_of_theory_is_said_in_words_and_told_from_what_was_measured(spec):
    described = templates(spec)
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    assert [t["id"] for t in described] == [f"signal_{name}" for name in NAMES]
    for template in described:
        name = template["decades"]
        lines = [line for line in slopes(spec) if line.name == name]
        assert ("dotted" in template["note"]) == bool(lines)
        for line in lines:
            assert f"{line.arm} {line.says}" in template["note"]
        for trace in template["figure"]["data"]:
            dotted = trace.get("line", {}).get("dash") == "dot"
            assert dotted == (trace["bind"]["kind"] == "slope")
            assert trace["bind"]["name"] == name


@examples(25)
@given(SPECS)
def test_charts_stand_on_the_axis_of_the_drawing(spec):
    hero = train.templates(spec)[0]["figure"]["layout"]
    described = templates(spec)
    for template in described:
        layout = template["figure"]["layout"]
        assert template["aligned"]
        assert {side: layout["margin"][side] for side in "lr"} == {side: hero["margin"][side] for side in "lr"}
        assert layout["xaxis"]["range"] == [0.5, spec.depth + 0.5] == hero["xaxis"]["range"]
        assert layout["yaxis"]["type"] == "log"
    assert ["title" in t["figure"]["layout"]["xaxis"] for t in described] == [False, False, True]  # said once


@examples(25)
@given(SPECS)
def test_lines_join_what_leaves_the_blocks_and_dots_are_every_layer(spec):
    values = tuple(map(float, range(1, spec.depth)))
    history = record_of(spec, {(arm, name): values for arm in ARMS for name in (BACK, FORTH)})
    ends = list(range(spec.stem_convs, spec.depth, spec.convs_per_block)) if spec.blocks else list(range(1, spec.depth))
    for _, bind, trace in traces(spec, history, "profile"):
        weights = bind["name"] == "grad_norm"
        dots = trace.mode == "markers" and "every layer" in trace.name
        every = list(range(1, spec.depth + weights))
        assert list(trace.x) == (every if weights or dots else ends)
        if not weights:
            assert list(trace.y) == [float(n) for n in trace.x]
        if not dots:
            assert trace.line.color == ARM_COLOR[bind["arm"]]


# -- the browser ---------------------------------------------------------------------------------

NODE = shutil.which("node")
HARNESS = """
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({ record, binds, preview }) => {
  const records = new Records(preview ? record : undefined);
  if (!preview) records.append(0, [record]);
  return binds.map((bind) => fillTrace(bind, records, 1));
})));
"""


def as_sent(history: History) -> History:
    """What is left of a record when it has gone to the browser: four digits."""
    (record,) = history.records
    arms = {
        arm: ArmRecord(a.loss, a.accuracy, **{n: tuple(_sent(v) for v in getattr(a, n)) for n in NAMES})
        for arm, a in record.arms.items()
    }
    return History(history.spec, None, [Record(1, 1, 0.1, arms)])


def _sent(value: float) -> float:
    short = rounded(value)
    return math.nan if short is None else short


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_the_browser_fills_every_trace_with_the_same_numbers():
    """records.js against draw/bound.py, over profiles with zeros, gaps, one value, none, and powers of ten."""
    draw = random.Random(0)
    sizes = [0.0, 0.0, math.inf, math.nan, 1.0, 10.0, 1000.0, 1e-3, 1e-45, 1e38]
    cases = []
    for number in range(120):
        words = {"norm": draw.choice(["none", "batch"]), "init": draw.choice(["he", "xavier", "torch", "zero_gamma"])}
        words |= {"order": draw.choice(["original", "full", "relu_only"]), "depth": draw.randint(2, 12)}
        words |= {
            "shortcut_scale": draw.choice([0.0, 1e-200, 1e-30, 0.5, 1.0]),
            "branch_scale": draw.choice([0.0, 1.0]),
        }
        spec = Spec.read(words)[0]
        kinds = draw.choice([[0.0], [math.nan], [0.0, 5.0], sizes, sizes])
        vectors = {
            (arm, name): tuple(
                draw.choice(kinds) if draw.random() < 0.5 or number % 5 == 0 else 10 ** draw.uniform(-40, 38)
                for _ in range(spec.depth - (name != "grad_norm"))
            )
            for arm in ARMS
            for name in NAMES
        }
        cases.append(record_of(spec, vectors))
    binds = [[trace["bind"] for t in templates(h.spec) for trace in t["figure"]["data"]] for h in cases]
    sent = [
        {"record": encoded(history.records[0]), "binds": its, "preview": number % 2 == 0}
        for number, (history, its) in enumerate(zip(cases, binds, strict=True))
    ]
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", RECORDS_JS.read_text() + HARNESS],
        input=json.dumps(sent, allow_nan=False),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    compared = set()
    for history, its, answers in zip(cases, binds, json.loads(done.stdout), strict=True):
        here = as_sent(history)
        for bind, there in zip(its, answers, strict=True):
            made = fill_trace(bind, here)
            assert made["x"] == there["x"], (bind, here)
            assert made.get("text") == there.get("text")
            for a, b in zip(made["y"], there["y"], strict=True):
                assert b is None if not math.isfinite(a) else a == pytest.approx(b, rel=1e-9, abs=0), (bind, here)
            compared.add((bind["kind"], bool(made["x"])))
    assert compared == {(kind, filled) for kind in ("profile", "slope", "edge") for filled in (True, False)} - {
        ("profile", False)
    }
