"""Lesions, disorder, path lengths and the unrolled network as drawn, against the records that they are drawn from."""

from dataclasses import replace
from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.draw.palette import ARM_COLOR, ARM_DASH, FAINT, faded
from resviz.draw.table import with_table
from resviz.families.resnet.drawing import network
from resviz.families.resnet.family import ARMS
from resviz.topics.lengths.experiment import lengths as measure_lengths
from resviz.topics.lengths.figures import figures as length_figures
from resviz.topics.lengths.question import Lengths, LengthsSpec
from resviz.topics.lesion import experiment
from resviz.topics.lesion.figures import figures as lesion_figures
from resviz.topics.lesion.question import Lesions, LesionSpec
from resviz.topics.several.experiment import several as measure_several
from resviz.topics.several.figures import figures as several_figures
from resviz.topics.several.question import Several, SeveralSpec
from resviz.train.records import Training
from resviz.train.twins.trained import forget
from resviz.words.say import percent
from tests.contract.charts import UNDER_WAY, by_id, check_arms, check_learning, trace
from tests.contract.checks import check_cards
from tests.examples import examples
from tests.topics.lesion.contract import lesion
from tests.topics.several.contract import several

SHARE = st.floats(0, 1)
SMALL = {"depth": 12, "width": 4, "stages": 2, "epochs": 1, "examples": 256, "batch": 64, "device": "cpu"}  # 5 blocks


# -- at any moment ---------------------------------------------------------------------------------

KINDS = [
    (lesion_figures, Lesions, LesionSpec),
    (several_figures, Several, SeveralSpec),
    (length_figures, Lengths, LengthsSpec),
]
every_kind = pytest.mark.parametrize(("figures", "record", "spec"), KINDS, ids=lambda v: getattr(v, "__name__", ""))


@every_kind
def test_while_the_networks_learn_there_is_their_loss(figures, record, spec):
    begun = record(spec(**SMALL), 0.4, UNDER_WAY)
    found = figures(begun)
    if figures is lesion_figures:  # blocks can be chosen before anything is trained
        assert check_cards(found)[0]["id"] == "lesion_net" and found[0]["own"]["shades"] == {}
        found = found[1:]
    check_learning(found, begun)


@every_kind
def test_before_the_first_step_there_is_no_curve(figures, record, spec):
    found = check_cards(figures(record(spec(**SMALL), 0.0)))
    assert [t["id"] for t in found] == (["lesion_net"] if figures is lesion_figures else [])


@pytest.mark.parametrize("words", [{}, {"norm": "none", "lr": 100.0}, {"survival": 0.5}, {"block": "plain"}], ids=str)
def test_every_record_of_a_real_run_makes_figures(words):
    """One training for all three questions."""
    forget()
    wanted = {
        (experiment.lesions, LesionSpec, lesion_figures): {"lesion_net", "lesion_single"},
        (measure_several, SeveralSpec, several_figures): {"several_out", "several_order"},
        (measure_lengths, LengthsSpec, length_figures): {"length_share", "length_norm"}
        if words != {"block": "plain"}
        else set(),
    }
    for (ask, spec, figures), kinds in wanted.items():
        more = {"draws": 2} if spec is SeveralSpec else {}
        ids = set()
        for record in ask(spec.of({**SMALL, **words, **more, "images": 40})):
            ids |= {t["id"] for t in check_cards(figures(record))}
        assert ids >= kinds and not ids - kinds - {"inside_learning"}


@every_kind
def test_a_network_without_a_block_has_no_picture(figures, record, spec):
    whole = {"norm": (0.5,), "whole": 1.0} if record is Lengths else {"whole": dict.fromkeys(ARMS, 0.25)}
    assert figures(record(spec(depth=2), 1.0, **whole)) == []


# -- lesions ---------------------------------------------------------------------------------------


def lesion_record(single=None, whole=(0.0, 0.5), together=None, changes=(), depth=8, **words):
    """Three blocks, behind one convolution."""
    spec = LesionSpec(depth=depth, **words)
    single = single or {"residual": (0.125, None, 0.25), "plain": (0.75, 0.875, None)}
    wholes = dict(zip(ARMS, whole, strict=True))
    others = dict(zip(ARMS, together, strict=True)) if together else wholes
    return Lesions(spec, 1.0, Training(), wholes, single, others, changes, 360)


@examples(30)
@given(lesion(measured=True))
def test_whatever_a_lesion_costs_makes_figures(record):
    found = check_cards(lesion_figures(record))
    assert [t["id"] for t in found] == ["lesion_net", "lesion_single"]
    t = found[1]
    check_arms(t)
    low, high = t["figure"]["layout"]["yaxis"]["range"]
    assert low <= 0 and high >= 1, "every error that there can be"
    for arm in ARMS:
        shown = trace(t, arm)
        assert shown["y"] == list(record.single.get(arm, ()))
        assert shown["customdata"] == list(range(1, record.spec.blocks + 1))
        assert "without block" in shown["hovertemplate"]


@examples(30)
@given(lesion(measured=True))
def test_the_table_of_lesions_has_all_that_is_drawn(record):
    rows = with_table(lesion_figures(record)[1])["table"]["rows"]
    touched = bool(record.spec.lesion)
    assert rows[0] == ["no block", *(percent(record.whole[arm]) for arm in ARMS)]
    if touched:
        assert rows[1] == ["as drawn", *(percent(record.together[arm]) for arm in ARMS)]
    told = rows[1 + touched :]
    assert len(told) == (record.spec.blocks if record.single else 0)
    for n, row in enumerate(told):
        values = [record.single[arm][n] for arm in ARMS]
        assert row == [str(n + 1), *("–" if v is None else percent(v) for v in values)]


@pytest.mark.parametrize("depth", [3, 8, 9, 20, 57])
@pytest.mark.parametrize("block", ["basic", "bottleneck", "plain"])
def test_each_error_stands_under_its_block_in_the_drawing(block, depth):
    """On the axis of layers, which the drawing has too: a block's middle is the mean of the layers that it stands on."""
    spec = LesionSpec(depth=depth, block=block)
    if not spec.blocks:
        return
    single = dict.fromkeys(ARMS, (0.5,) * spec.blocks)
    record = Lesions(spec, 1.0, Training(), dict.fromkeys(ARMS, 0.5), single, dict.fromkeys(ARMS, 0.5), (), 360)
    net, t = check_cards(lesion_figures(record))
    drawn = net["own"]["network"]
    assert drawn == network(spec)
    wanted = [
        fmean(range(drawn["stem"] + n * drawn["per"] + 1, drawn["stem"] + (n + 1) * drawn["per"] + 1))
        for n in range(spec.blocks)
    ]
    assert trace(t, "plain")["x"] == pytest.approx(wanted)
    axis = t["figure"]["layout"]["xaxis"]
    assert axis["range"] == [0.5, depth + 0.5]
    numbers = [int(text) for text in axis["ticktext"]]
    assert len(numbers) <= 30 and axis["tickvals"] == pytest.approx([wanted[n - 1] for n in numbers])


def test_the_drawing_is_shaded_by_what_each_block_costs():
    net, _ = lesion_figures(lesion_record(single={"residual": (0.5, None, 0.0), "plain": (0.5, 0.75, 0.25)}))
    drawing = net["own"]
    assert drawing["shades"] == {"residual": [0.5, None, 0.0], "plain": [0.0, 0.25, 0.0]}, "nothing costs less than 0"
    assert (drawing["cut"], drawing["removed"], drawing["lesion"], drawing["sever"]) == ([], [], [], [])


def test_the_drawing_knows_what_the_run_cut_and_what_is_chosen_now():
    spec = LesionSpec.of({"depth": 12, "cut": "1", "lesion": "2,3", "sever": "5"}).branch(4, cut=[4], remove=[5])
    net = check_cards(lesion_figures(Lesions(spec, 0.0)))[0]
    drawing = net["own"]
    assert (drawing["cut"], drawing["removed"]) == ([4], [5]), "as after the last step"
    assert (drawing["lesion"], drawing["sever"]) == ([2, 3], [5])
    assert "Click" in net["title"] and "darker" in net["note"]


def levels(t):
    """Lines over the whole width: (height, colour, dash) to how thick they are."""
    return {
        (s["y0"], s["line"]["color"], s["line"]["dash"]): s["line"]["width"]
        for s in t["figure"]["layout"]["shapes"]
        if s.get("xref") == "paper"
    }


def test_levels_are_those_of_the_whole_networks_and_of_guessing():
    t = lesion_figures(lesion_record(whole=(0.125, 0.5)))[1]
    lines = levels(t)
    assert set(lines) == {
        (0.9, FAINT, "dot"),
        (0.125, ARM_COLOR["residual"], ARM_DASH["residual"]),
        (0.5, ARM_COLOR["plain"], ARM_DASH["plain"]),
    }
    names = {a["text"]: (a["y"], a["font"]["color"]) for a in t["figure"]["layout"]["annotations"]}
    assert names == {
        "residual, whole": (0.125, ARM_COLOR["residual"]),
        "plain, whole": (0.5, ARM_COLOR["plain"]),
        "guessing": (0.9, FAINT),
    }
    assert "as drawn" not in t["note"]


@pytest.mark.parametrize("words", [{"lesion": (2,)}, {"sever": (1,)}])
def test_what_is_drawn_has_thick_lines_and_their_names(words):
    t = check_cards(lesion_figures(lesion_record(whole=(0.125, 0.5), together=(0.25, 0.75), **words)))[1]
    lines = levels(t)
    for arm, y, old in (("residual", 0.25, 0.125), ("plain", 0.75, 0.5)):
        assert lines[y, ARM_COLOR[arm], ARM_DASH[arm]] > 2 * lines[old, ARM_COLOR[arm], ARM_DASH[arm]]
    names = {a["text"]: a["y"] for a in t["figure"]["layout"]["annotations"]}
    assert names == {"residual, as drawn": 0.25, "plain, as drawn": 0.75, "guessing": 0.9}
    assert "thick lines: as drawn" in t["note"]


@given(st.lists(SHARE, min_size=2, max_size=2))
@examples(40)
def test_names_at_the_edge_keep_apart_and_in_their_order(whole):
    t = lesion_figures(lesion_record(whole=tuple(whole)))[1]
    names = {a["text"].split(",")[0]: a["y"] for a in t["figure"]["layout"]["annotations"]}
    true = {"residual": whole[0], "plain": whole[1], "guessing": 0.9}
    order = sorted(true, key=lambda name: names[name])
    assert all(names[b] - names[a] > 0.0699 for a, b in pairwise(order))
    assert all(true[a] <= true[b] for a, b in pairwise(order))
    assert all(-1e-9 <= v <= 1 + 1e-9 for v in names.values()), "beyond the axis none is drawn"
    assert all(abs(v - true[name]) < 0.1401 for name, v in names.items())


def test_the_guess_is_that_among_the_classes_there_are():
    two = lesion_record()
    t = lesion_figures(replace(two, spec=two.spec.replace(dataset="moons")))[1]
    assert (0.5, FAINT, "dot") in levels(t)


def test_where_shapes_change_is_marked_and_said():
    t = check_cards(lesion_figures(lesion_record(changes=(2, 3))))[1]
    columns = [s["x0"] for s in t["figure"]["layout"]["shapes"] if s.get("yref") == "paper"]
    assert columns == [trace(t, "plain")["x"][k - 1] for k in (2, 3)]
    assert "shape changes at block 2, 3" in t["note"]
    assert "shape" not in lesion_figures(lesion_record())[1]["note"]


# -- several ---------------------------------------------------------------------------------------


def several_record(**words):
    spec = SeveralSpec(depth=8, draws=2)
    parts = {
        "whole": {"residual": 0.0, "plain": 0.5},
        "counts": (1, 2, 3),
        "out": {"residual": ((0.25, 0.5), (0.5, 1.0)), "plain": ((0.75, 0.75), (0.875, 1.0))},
        "swaps": (1, 2, 3),
        "tau": ((0.25, 0.75), (-0.5, 0.5)),
        "order": {"residual": ((0.125, 0.375), (0.5, 1.0)), "plain": ((0.5, 0.5), (1.0, 0.75))},
    }
    return Several(spec, 0.9, Training(), **(parts | words), images=360)


@examples(30)
@given(several(measured=True))
def test_whatever_disorder_does_makes_figures(record):
    found = check_cards(several_figures(record))
    assert [t["id"] for t in found] == ["several_out", "several_order"][: 1 + bool(record.swaps)]
    for t in found:
        check_arms(t)
        assert t["figure"]["layout"]["yaxis"]["range"] == [-0.03, 1.03]
        assert f"mean of {record.spec.draws} draw" in t["note"]
        for arm in ARMS:
            assert "wrong" in trace(t, arm)["hovertemplate"]
            assert trace(t, arm)["x"] == sorted(trace(t, arm)["x"])


@examples(30)
@given(several(measured=True))
def test_means_stand_above_their_counts_inside_their_bands(record):
    t = several_figures(record)[0]
    for arm in ARMS:
        shown, errors = trace(t, arm), [(record.whole[arm],), *record.out[arm]]
        assert shown["x"] == [0, *record.counts][: len(errors)]
        assert shown["y"] == pytest.approx([fmean(e) for e in errors], abs=5.1e-5)
        n = len(errors)
        (band,) = [d for d in t["figure"]["data"] if d.get("fillcolor") == faded(ARM_COLOR[arm], 0.15)]
        assert band["x"] == shown["x"] + shown["x"][::-1] and band["fill"] == "toself"
        assert band["y"][:n] == [max(e) for e in errors] and band["y"][n:][::-1] == [min(e) for e in errors]


def test_errors_stand_above_the_mean_rank_correlation_from_order_to_disorder():
    order = by_id(check_cards(several_figures(several_record())), "several_order")
    assert trace(order, "residual")["x"] == [0.0, 0.5, 1.0]
    assert trace(order, "residual")["y"] == [0.75, 0.25, 0.0]
    assert trace(order, "plain")["y"] == [0.875, 0.5, 0.5]
    left, right = order["figure"]["layout"]["xaxis"]["range"]
    assert left > 1 and right < 0, "the untouched network stands left"
    assert "1: untouched" in order["figure"]["layout"]["xaxis"]["title"]["text"]
    much = several_record(tau=((-0.5, -0.75), (-1.0, -1.0)))
    assert by_id(several_figures(much), "several_order")["figure"]["layout"]["xaxis"]["range"][1] <= -1


def test_residual_lies_on_top_and_guessing_is_dotted():
    for t in several_figures(several_record()):
        assert [d["name"] for d in t["figure"]["data"] if d.get("name")] == ["plain", "residual"]
        (line,) = t["figure"]["layout"]["shapes"]
        assert (line["y0"], line["y1"], line["line"]["dash"]) == (0.9, 0.9, "dot")


def test_the_csv_of_disorder_has_the_means():
    t = with_table(several_figures(several_record())[0])
    assert t["table"]["header"] == ["blocks taken out at random", "residual", "plain"]
    assert [row[0] for row in t["table"]["rows"]] == ["0", "1", "2"]
    means = [[cell.partition(" ")[0] for cell in row[1:]] for row in t["table"]["rows"]]
    assert means == [["0%", "50%"], ["37.5%", "75%"], ["75%", "93.8%"]]


def test_places_that_come_twice_have_two_rows():
    """Two swaps can bring the old order back."""
    again = several_record(tau=((-1.0, -1.0), (1.0, 1.0)))
    rows = with_table(by_id(several_figures(again), "several_order"))["table"]["rows"]
    assert [row[0] for row in rows] == ["-1", "1", "1"]


def test_names_stay_inside_the_axis():
    whole = dict.fromkeys(ARMS, 0.9)
    record = Lesions(LesionSpec(depth=8), 1.0, Training(), whole, dict.fromkeys(ARMS, (0.9,) * 3), whole, (), 360)
    layout = lesion_figures(record)[1]["figure"]["layout"]
    places = sorted(a["y"] for a in layout["annotations"])
    assert len(places) == 3 and places[-1] <= layout["yaxis"]["range"][1]
    assert all(b - a > 0.05 for a, b in pairwise(places))


def test_with_nothing_to_swap_there_is_one_figure():
    alone = several_record(swaps=(), tau=(), order=dict.fromkeys(ARMS, ()))
    assert [t["id"] for t in check_cards(several_figures(alone))] == ["several_out"]
