"""Figures over a real run: what a template shows is what the records say, and no more."""

import copy
import json
import math
import re
from itertools import combinations

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.draw import palette
from resviz.draw.bound import decades, fill, fill_trace
from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import FIELDS, Spec
from resviz.topics.train.figures import templates
from resviz.train.records import LAYERWISE, ArmRecord, History, Record

CURSORS = [1, 4, 5, 9, 22]  # first; before, at and after a probed step; last


def traces(history: History, step: int | None = None):
    """Every bound trace of the page: its template, its bind and its data as filled in."""
    for template in templates(history.spec):
        figure = fill(template, history, step)
        assert isinstance(figure, go.Figure)
        assert len(figure.data) == len(template["figure"]["data"])
        for before, trace in zip(template["figure"]["data"], figure.data, strict=True):
            yield template, before["bind"], trace


def plain(values):
    """A filled-in column as plain numbers."""
    return [None if v is None else float(v) for v in values]


# -- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", [*CURSORS, None])
def test_every_figure_shows_the_records_up_to_the_cursor(cursor, real_run):
    seen = [r for r in real_run.records if r.step <= (cursor or real_run.spec.steps)]
    kinds = set()
    for _, bind, trace in traces(real_run, cursor):
        kinds.add((bind["kind"], bind.get("at")))
        measured = [(r.step, v) for r in seen if (v := getattr(r.arms[bind["arm"]], bind["name"])) is not None]
        if bind["kind"] == "series":
            assert list(zip(trace.x, plain(trace.y), strict=True)) == measured
        elif bind["kind"] == "profile":
            vector = measured[0 if bind["at"] == "first" else -1][1]
            layers = list(range(1, len(vector) + 1))[bind["from"] - 1 :: bind["every"]]
            assert list(trace.x) == layers
            assert plain(trace.y) == [vector[layer - 1] for layer in layers]
        else:
            assert list(trace.x) == [step for step, _ in measured]
            assert list(trace.y) == list(range(1, real_run.spec.depth + 1))
            for layer, row in zip(trace.y, trace.z, strict=True):
                assert plain(row) == [math.log10(v[layer - 1]) for _, v in measured]
    assert kinds == {("series", None), ("profile", "first"), ("profile", "cursor"), ("heatmap", None)}


def test_the_cursor_shows_the_history_as_it_stood(real_run):
    for template in templates(real_run.spec):
        for step in CURSORS:
            assert fill(template, real_run, step) == fill(template, real_run.until(step))
        assert fill(template, real_run) == fill(template, real_run, real_run.spec.steps)


def test_before_the_first_record_every_figure_is_empty():
    for _, _, trace in traces(History(Spec(depth=8))):
        assert not trace.x
        assert not trace.y
        assert trace.type != "heatmap" or not trace.z


def test_filling_leaves_template_and_history_as_they_are(real_run):
    records = list(real_run.records)
    for template in templates(real_run.spec):
        before = copy.deepcopy(template)
        fill(template, real_run, 5)
        assert template == before
    assert real_run.records == records


def test_an_arm_that_ended_keeps_what_was_measured(make_history):
    history = make_history(
        Spec(depth=4), losses={"residual": [3.0, 2.0, 1.0], "plain": [3.0, None, None]}, ended={"plain": 2}
    )
    bind = {"kind": "series", "arm": "plain", "name": "loss"}
    assert fill_trace(bind, history) == {"x": [1], "y": [3.0]}


def test_what_has_no_logarithm_is_a_gap(make_history):
    history = make_history(
        Spec(depth=4), profiles={"plain": [(0.0, 1e-30, 100.0, math.inf), (1.0, math.nan, -1.0, 1e25)]}
    )
    filled = fill_trace({"kind": "heatmap", "arm": "plain", "name": "grad_norm"}, history)
    assert filled == {"x": [1, 2], "y": [1, 2, 3, 4], "z": [[None, 0.0], [-30.0, None], [2.0, None], [None, 25.0]]}
    for template in templates(history.spec):
        fill(template, history)


def test_an_unknown_bind_is_refused_with_what_is_allowed(real_run):
    with pytest.raises(ValueError, match=r"'pie'.*series, profile, heatmap, slope or edge"):
        fill_trace({"kind": "pie", "arm": "plain", "name": "loss"}, real_run)


@pytest.mark.parametrize("block", FIELDS["block"].choices)
@pytest.mark.parametrize("depth", [2, 3, 5, 20, 21, 56])
def test_the_spread_is_shown_where_the_stem_and_each_block_end(depth, block):
    """Activations follow convolutions, so the last of a block has the number of the block's last convolution."""
    spec = Spec(depth=depth, block=block)
    values = tuple(map(float, range(1, depth)))
    record = ArmRecord(1.0, 0.5, (1.0,) * depth, activation_std=values)
    shown = [
        trace
        for _, bind, trace in traces(History(spec, None, [Record(1, 1, 0.1, dict.fromkeys(ARMS, record))]))
        if bind["name"] == "activation_std"
    ]
    ends = [spec.stem_convs + n * spec.convs_per_block for n in range(spec.blocks + 1)]
    assert ends[-1] == depth - 1
    assert len(shown) == 4
    for trace in shown:
        assert list(trace.x) == ends
        assert plain(trace.y) == ends


# -- ranges --------------------------------------------------------------------------------------


NUMBERS = st.sampled_from([0.0, math.inf, math.nan]) | st.floats(1e-30, 1e30)


@given(st.lists(st.tuples(*[NUMBERS] * 4), min_size=1, max_size=4))
def test_decades_are_the_closest_powers_of_ten_around_all_positive_values(rows):
    """Also where one value is all there is: an axis from 10^0 to 10^0 would show nothing."""
    history = History(Spec(depth=2))
    for step, row in enumerate(rows, start=1):
        history.add(
            Record(step, 1, 0.1, {"residual": ArmRecord(1.0, 0.5, row[:2]), "plain": ArmRecord(1.0, 0.5, row[2:])})
        )
    known = [x for row in rows for x in row if 0 < x < math.inf]
    span = decades(history, "grad_norm")
    if not known:
        assert span is None
        return
    low, high = span
    assert low < high
    logs = [math.log10(x) for x in known]
    assert low <= min(logs) < low + 1
    assert high - 1 < max(logs) <= high or (max(logs) == low and high == low + 1)


@pytest.mark.parametrize(
    ("values", "span"),
    [
        ((1e-3, 20.0), (-3, 2)),
        ((0.02, 0.9), (-2, 0)),
        ((1.0, 1.0), (0, 1)),
        ((10.0, 10.0), (1, 2)),
        ((3.0, 4.0), (0, 1)),
    ],
)
def test_decades_by_example(values, span):
    history = History(Spec(depth=2), None, [Record(1, 1, 0.1, {"plain": ArmRecord(1.0, 0.5, values)})])
    assert decades(history, "grad_norm") == span


@pytest.mark.parametrize("cursor", CURSORS)
def test_both_arms_share_one_log_range(cursor, real_run):
    """Of what has been seen: a range that knew the future would tell it."""
    heatmaps = [t for t in traces(real_run, cursor) if t[1]["kind"] == "heatmap"]
    span = decades(real_run.until(cursor), "grad_norm")
    assert {bind["arm"] for _, bind, _ in heatmaps} == set(ARMS)
    assert {(trace.zmin, trace.zmax) for _, _, trace in heatmaps} == {span}
    for template in templates(real_run.spec):
        axis = fill(template, real_run, cursor).layout.yaxis
        if axis.type == "log":
            assert axis.range == decades(real_run.until(cursor), template["decades"])


def test_a_log_axis_always_follows_the_records():
    for template in templates(Spec()):
        is_log = template["figure"]["layout"]["yaxis"].get("type") == "log"
        assert not is_log or template["decades"] in LAYERWISE


# -- the description -----------------------------------------------------------------------------

SPECS = [
    Spec(),
    Spec(depth=2),
    Spec(depth=3, block="plain"),
    Spec(depth=1202, dataset="cifar100", epochs=1),
    Spec(depth=20, dataset="spirals"),
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.query() or "default")
def test_templates_are_plain_json_and_have_names_of_their_own(spec):
    described = templates(spec)
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    assert len({t["id"] for t in described}) == len(described)
    assert all(t["title"] and t["note"] for t in described)
    assert described[0]["id"] == "grad_norm"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.query() or "default")
def test_axes_cover_the_whole_run_and_every_layer(spec):
    for template in templates(spec):
        layout = template["figure"]["layout"]
        for trace in template["figure"]["data"]:
            kind, name = trace["bind"]["kind"], trace["bind"]["name"]
            low, high = layout["xaxis"]["range"]
            layers = spec.depth if name == "grad_norm" else spec.depth - 1
            assert low <= 1
            assert high >= (layers if kind == "profile" else spec.steps)
            if kind == "heatmap":
                assert layout["yaxis"]["range"] == [0.5, spec.depth + 0.5]


@pytest.mark.parametrize("dataset", FIELDS["dataset"].choices)
def test_titles_name_what_is_read(dataset):
    spec = Spec(dataset=dataset)
    titles = [t["title"] for t in templates(spec) if t["id"] == "test_accuracy"]
    assert titles == [f"{spec.data.noun.capitalize()} read correctly (unseen)"]


# -- colours -------------------------------------------------------------------------------------

COLOR = re.compile(r"#[0-9a-fA-F]{3,8}|rgba?\(.*|hsla?\(.*|--.*")


def words(value, key=""):
    """Every text in a description, with the key that it stands under."""
    if isinstance(value, dict):
        for k, v in value.items():
            yield from words(v, k)
    elif isinstance(value, list):
        for v in value:
            yield from words(v, key)
    elif isinstance(value, str):
        yield key, value


def pale(color):
    """A colour made transparent, however much."""
    return palette.faded(color, "pale")


def test_every_colour_is_one_of_the_palette():
    allowed = {*palette.ARM_COLOR.values(), palette.TEXT, palette.FAINT, palette.GRID, "rgba(0,0,0,0)"}
    allowed |= {pale(color) for color in palette.ARM_COLOR.values()}
    found = set()
    for template in templates(Spec()):
        for key, word in words(template["figure"]):
            if key == "colorscale":
                assert word == palette.SEQUENTIAL
            elif "color" in key or COLOR.fullmatch(word):
                word = re.sub(r"0?\.\d+\)$", "pale)", word)
                assert word in allowed, f"{template['id']}: {key}={word}"
                found.add(word)
    assert found == allowed


def test_in_a_notebook_the_colours_of_the_theme_are_filled_in(real_run):
    for template in templates(real_run.spec):
        left = [word for _, word in words(fill(template, real_run).to_plotly_json()) if word.startswith("--")]
        assert left == []


def test_each_arm_has_its_own_colour_and_its_own_dash(real_run):
    for template, bind, trace in traces(real_run):
        if trace.type == "scatter":
            color = palette.ARM_COLOR[bind["arm"]]
            if bind.get("at") == "first":
                assert re.sub(r"0?\.\d+\)$", "pale)", trace.line.color) == pale(color), template["id"]
            else:
                assert trace.line.color == color, template["id"]
            assert trace.line.dash == palette.ARM_DASH[bind["arm"]], template["id"]
    for look in (palette.ARM_COLOR, palette.ARM_DASH, palette.ARM_SYMBOL):
        assert set(look) == set(ARMS)
        assert all(a != b for a, b in combinations(look.values(), 2))


def luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_as_wcag_defines_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the well-known lightest grey for AA text


@pytest.mark.parametrize("page", ["#ffffff", "#0e1117"])
@pytest.mark.parametrize("arm", ARMS)
def test_lines_stand_out_from_the_light_and_the_dark_page(arm, page):
    assert contrast(palette.ARM_COLOR[arm], page) >= 3


def test_faded_is_the_same_colour_made_transparent():
    assert palette.faded("#0072B2", 0.3) == "rgba(0,114,178,0.3)"


def test_a_zero_is_a_gap_in_a_profile_on_a_log_scale(make_history):
    """As in a block that was taken out: plotly would draw a line down to it."""
    spec = Spec(depth=4)
    history = make_history(spec, profiles={arm: [(1.0, 0.0, 0.0, 2.0)] for arm in ARMS})
    figure = fill(templates(spec)[0], history)
    assert [list(trace.y) for trace in figure.data] == [[1.0, None, None, 2.0]] * 4
