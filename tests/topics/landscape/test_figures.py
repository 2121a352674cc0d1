"""The loss around both networks as contours, cuts and surfaces: on one scale, with what left float range at its top."""

import itertools
import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given

from resviz.draw.palette import ARM_COLOR, ARM_DASH, SEQUENTIAL
from resviz.draw.table import with_table
from resviz.families.resnet.family import ARMS
from resviz.topics.landscape import experiment
from resviz.topics.landscape.figures import HIGHEST, ROWS, Shown, drawn, figures
from resviz.topics.landscape.question import (
    Landscape,
    LandscapeSpec,
    Map,
    Moment,
    Slice,
    Step,
    Way,
    Ways,
    WaysSpec,
    is_pit,
    is_plateau,
)
from resviz.topics.landscape.scale import MOST, clipped, scale
from resviz.train.records import Training
from resviz.train.twins.trained import forget
from resviz.words.say import times
from tests.contract.charts import UNDER_WAY, check_arms, check_learning, trace
from tests.contract.checks import check_cards
from tests.examples import examples
from tests.topics.landscape.contract import landscape, ways

IDS = ["land_residual", "land_plain", "land_cut1", "land_cut2", "land_surfaces"]
END = Step(9, 0.0, 0.0, 0.25)
WAY = (Step(0, 0.75, -0.5, 2.5), END)
TOP = MOST * math.log(10)  # of ten classes


def plane(f, size=9, path=WAY):
    """Of a function of column and row, counted from the middle."""
    k = size // 2
    rows = tuple(tuple(f(i - k, j - k) for i in range(size)) for j in range(size))
    return Slice(rows, 0.125, path, (0.25, 0.5), (1.0, 1.0))


def bowl(i, j):
    return 0.5 + i * i + j * j


def made(residual=bowl, plain=bowl, size=9, **words):
    spec = LandscapeSpec(directions=words.pop("directions", "random"), dataset=words.pop("dataset", "digits"))
    paths = {arm: words.pop(f"{arm}_path", WAY) for arm in ARMS}
    arms = {"residual": plane(residual, size, paths["residual"]), "plain": plane(plain, size, paths["plain"])}
    place = {"middle": (0.0, 0.0), "half": 1.0} | words
    return Landscape(spec, 1.0, Training(), size=size, arms=arms, images=64, moved=(90, 100), **place)


def heights(template):
    return [trace["z"] for trace in template["figure"]["data"] if "z" in trace]


# -- whatever was measured -------------------------------------------------------------------------


@examples(25)
@given(landscape(measured=True))
def test_whatever_was_measured_makes_figures(record):
    found = check_cards(figures(record))
    assert [t["id"] for t in found] == IDS
    for t in found:
        assert "log scale" in t["note"] or "cut" in t["id"]
    for t in found[2:4]:
        assert all(v is None or v > 0 for shown in t["figure"]["data"] for v in shown["y"])


@examples(30)
@given(landscape(measured=True))
def test_both_arms_stand_on_one_scale_that_holds_all_that_is_drawn(record):
    low, high = scale(record)
    assert low < high
    known = [v for arm in ARMS for row in record.arms[arm].loss for v in row if v]
    assert not known or low <= math.log10(min(known))
    found = figures(record)
    for t in found[:2]:
        shown = t["figure"]["data"][0]
        assert (shown["zmin"], shown["zmax"]) == (low, high)
    for shown, scene in zip(found[4]["figure"]["data"], ("scene", "scene2"), strict=True):
        assert (shown["cmin"], shown["cmax"]) == (low, high)
        assert found[4]["figure"]["layout"][scene]["zaxis"]["range"] == [low, high]
    for t in (found[0], found[1], found[4]):
        for z in heights(t):
            assert all(low - 1e-4 <= v <= high + 1e-4 for row in z for v in row)
    ranges = [t["figure"]["layout"]["yaxis"]["range"] for t in found[2:4]]
    assert ranges[0] == ranges[1]
    bottom, top = ranges[0]
    assert bottom < low and high < top
    for t in found[2:4]:
        for shown in t["figure"]["data"]:
            assert all(bottom < math.log10(v) < top for v in shown["y"] if v)


@examples(30)
@given(landscape(measured=True))
def test_heights_are_powers_of_ten_of_the_losses_and_what_is_cut_off_is_said(record):
    low, high = scale(record)
    found = figures(record)
    for arm, t, surface in zip(ARMS, found[:2], heights(found[4]), strict=True):
        (contour,) = heights(t)
        assert contour == surface
        for row, losses in zip(contour, record.arms[arm].loss, strict=True):
            wanted = [
                high if v is None else low if v == 0 else min(max(math.log10(v), low), high)
                for v in losses
            ]  # fmt: skip
            assert row == pytest.approx(wanted, abs=5.1e-5)
    lost = any(
        v is None or math.log10(v or 1e-300) > high + 1e-6 for arm in ARMS for row in record.arms[arm].loss for v in row
    )
    for t in (*found[:2], found[4]):
        assert ("cut off at" in t["note"]) == lost
        assert not lost or f"cut off at {times(10.0**high)}" in t["note"]
    assert clipped(record, high) == lost


@pytest.mark.parametrize("curve", [UNDER_WAY, Training()])
def test_while_the_networks_learn_there_is_their_loss_and_at_first_nothing(curve):
    begun = Landscape(LandscapeSpec(), 0.4, curve)
    if curve.curve:
        check_learning(figures(begun), begun)
    else:
        assert figures(begun) == []


@pytest.mark.parametrize(
    "words", [{"finest": "17"}, {"finest": "9", "directions": "path", "norm": "none", "lr": 100.0}]
)
def test_every_record_of_a_real_plane_makes_figures(words):
    forget()
    small = {"depth": 6, "width": 4, "epochs": 1, "examples": 128, "batch": 32, "device": "cpu", "images": 32}
    found = [r for r in experiment.landscape(LandscapeSpec.of({**small, **words})) if r is not None]
    for record in found:
        check_cards(figures(record))
    sizes = [r.size for r in found if r.arms]
    assert sizes == ([9, 17] if words["finest"] == "17" else [9])
    assert [t["id"] for t in figures(found[-1])] == IDS


# -- the scale -------------------------------------------------------------------------------------


def test_the_scale_goes_from_the_least_loss_of_both_to_the_largest():
    low, high = scale(made(plain=lambda i, j: 0.01 + abs(i)))
    assert low == pytest.approx(-2) and high == pytest.approx(math.log10(32.5))


def test_an_overflow_in_one_arm_lifts_the_scale_of_both_to_its_limit():
    torn = made(plain=lambda i, j: None if i == 4 else bowl(i, j))
    assert scale(torn) == pytest.approx((math.log10(0.5), math.log10(TOP)))
    found = check_cards(figures(torn))
    assert "cut off at 23,000" in found[0]["note"] and "cut off at 23,000" in found[1]["note"]
    z = heights(found[1])[0]
    assert [row[8] for row in z] == pytest.approx([math.log10(TOP)] * 9, abs=1e-4)
    assert z[4][4] == pytest.approx(math.log10(0.5), abs=1e-4)
    assert heights(found[0])[0][4][8] == pytest.approx(math.log10(16.5), abs=1e-4)


def test_a_loss_beyond_the_limit_is_cut_off_there_although_it_is_finite():
    high = made(residual=lambda i, j: 1e20 if j == -4 else bowl(i, j))
    assert scale(high)[1] == pytest.approx(math.log10(TOP))
    found = figures(high)
    assert heights(found[0])[0][0] == pytest.approx([math.log10(TOP)] * 9, abs=1e-4)
    assert max(v for v in trace(found[3], "residual")["y"]) == pytest.approx(TOP)
    assert all("cut off" in found[k]["note"] for k in (0, 1, 4))


def test_what_is_not_cut_off_is_not_said_to_be():
    assert not any("cut off" in t["note"] for t in figures(made()))


@pytest.mark.parametrize("value", [None, 0.0, 1e-30, 3.0, 1e30], ids=str)
def test_a_flat_plane_still_has_a_scale(value):
    flat = made(*[lambda i, j: value] * 2)
    low, high = scale(flat)
    assert low < high
    check_cards(figures(flat))
    z = {v for row in heights(figures(flat)[0])[0] for v in row}
    assert len(z) == 1
    assert z == {round(high, 4)} or value is not None


@pytest.mark.parametrize(("low", "high"), [(0.5, 30.0), (2.0, 3.0), (1e-9, 2e4), (1.01, 1.02)])
def test_ticks_stand_on_the_scale_and_say_what_they_are(low, high):
    record = made(*[lambda i, j: low if i else high] * 2)
    bottom, top = scale(record)
    found = figures(record)
    ticks = found[1]["figure"]["data"][0]["colorbar"]
    scenes = [found[4]["figure"]["layout"][scene]["zaxis"] for scene in ("scene", "scene2")]
    for axis in (ticks, *scenes):
        assert 2 <= len(axis["tickvals"]) == len(axis["ticktext"]) <= 13
        assert all(bottom - 1e-9 <= v <= top + 1e-9 for v in axis["tickvals"])
        assert axis["ticktext"] == [times(10.0**v) for v in axis["tickvals"]]
    cuts = found[2]["figure"]["layout"]["yaxis"]
    assert cuts["type"] == "log" and cuts["ticktext"] == ticks["ticktext"]
    assert cuts["tickvals"] == pytest.approx([10.0**v for v in ticks["tickvals"]])


# -- contours --------------------------------------------------------------------------------------


def test_contours_of_both_arms_are_drawn_alike_and_share_one_bar_of_colours():
    found = figures(made())
    first, second = (t["figure"]["data"][0] for t in found[:2])
    assert first["showscale"] != second["showscale"], "one bar for both"
    assert {k: v for k, v in first.items() if k != "showscale"} == {k: v for k, v in second.items() if k != "showscale"}
    assert first["colorscale"] == SEQUENTIAL
    low, high = scale(made())
    lines = first["contours"]
    assert low < lines["start"] < lines["end"] == high
    assert (high - lines["start"]) / lines["size"] == pytest.approx(17)
    for arm, t in zip(ARMS, found, strict=False):
        assert t["title"].startswith(arm.capitalize())
        assert t["figure"]["layout"]["xaxis"]["linecolor"] == ARM_COLOR[arm]


def test_columns_are_x_and_rows_are_y():
    """A loss that grows only along x, on a plane that is nowhere the same on both axes."""
    record = made(*[lambda i, j: 10.0 ** (i / 4)] * 2, middle=(1.0, -20.0), half=4.0)
    for t, n in ((figures(record)[0], 1), (figures(record)[4], 2)):
        for shown in t["figure"]["data"][:n]:
            assert shown["x"] == [-3, -2, -1, 0, 1, 2, 3, 4, 5] and shown["y"] == [v - 21 for v in shown["x"]]
            assert all(row == pytest.approx([k / 4 - 1 for k in range(9)]) for row in shown["z"])
    layout = figures(record)[0]["figure"]["layout"]
    assert (layout["xaxis"]["range"], layout["yaxis"]["range"]) == ([-3, 5], [-24, -16])


def test_the_way_is_drawn_where_it_is_on_the_picture_and_told_whole_in_the_table():
    way = (Step(0, 5.0, 0.0, None), Step(3, 0.5, -0.25, 7.125), Step(6, 0.25, 1.5, 1.0), Step(9, 0.0, 0.0, 0.25))
    record = made(plain_path=way)
    t = check_cards(figures(record))[1]
    _, line, end = t["figure"]["data"]
    assert (line["x"], line["y"]) == ([0.5, 0.0], [-0.25, 0.0])
    assert line["customdata"] == [[3, "7.1"], [9, "0.25"]]
    assert (end["x"], end["y"]) == ([0.0], [0.0]) and "trained weights" in end["hovertemplate"]
    assert t["table"]["header"] == ["step", "x", "y", "real loss there"]
    assert t["table"]["rows"] == [
        ["0", "5", "0", "beyond float range"],
        ["3", "0.5", "-0.25", "7.12"],
        ["6", "0.25", "1.5", "1"],
        ["9", "0", "0", "0.25"],
    ]
    beyond = made(plain_path=(Step(0, 0.5, 0.0, None), END))
    assert figures(beyond)[1]["figure"]["data"][1]["customdata"][0] == [0, "beyond float range"]
    assert figures(beyond)[0]["figure"]["data"][1]["customdata"][0] == [0, "2.5"]


@pytest.mark.parametrize(
    ("directions", "unit"), [("random", "1 = as long as the weights"), ("path", "distance from its end")]
)
def test_both_axes_say_their_direction_and_their_unit(directions, unit):
    for t in figures(made(directions=directions))[:2]:
        for axis, number in (("xaxis", 1), ("yaxis", 2)):
            title = t["figure"]["layout"][axis]["title"]["text"]
            assert f"direction {number}" in title and unit in title


# -- cuts ------------------------------------------------------------------------------------------


def test_cuts_go_through_the_point_nearest_to_the_trained_weights():
    """On a plane that the way of its weights does not end in the middle of."""
    place = {"middle": (10.0, 0.0), "half": 4.0}  # columns at 6 to 14, rows at -4 to 4
    end = {f"{arm}_path": (Step(4, x, y, 1.0),) for arm, x, y in (("residual", 12.2, -0.9), ("plain", 7.0, 3.4))}
    record = made(lambda i, j: 50 + 10 * i + j, lambda i, j: 60 + 10 * i + j, **place, **end)
    _, _, first, second, _ = check_cards(figures(record))
    assert trace(first, "residual")["x"] == [6, 7, 8, 9, 10, 11, 12, 13, 14]
    assert trace(first, "residual")["y"] == [50 + 10 * i - 1 for i in range(-4, 5)]  # the row at -1
    assert trace(first, "plain")["y"] == [60 + 10 * i + 3 for i in range(-4, 5)]
    assert trace(second, "residual")["x"] == [-4, -3, -2, -1, 0, 1, 2, 3, 4]
    assert trace(second, "residual")["y"] == [50 + 20 + j for j in range(-4, 5)]  # the column at 12
    assert trace(second, "plain")["y"] == [60 - 30 + j for j in range(-4, 5)]


def test_cuts_are_in_the_arms_colours_and_dashes():
    for t in figures(made())[2:4]:
        check_arms(t)
        assert [shown["name"] for shown in t["figure"]["data"]] == ["plain", "residual"], "residual on top"
        assert "solid: residual, dashed: plain" in t["note"] and ARM_DASH == {"residual": "solid", "plain": "dash"}


def test_the_csv_of_a_cut_has_both_curves():
    t = with_table(figures(made(plain=lambda i, j: None if i == 4 else 2.0 + abs(i)))[2])
    assert t["table"]["header"] == ["at", "plain", "residual"]
    assert t["table"]["rows"][0] == ["-1", "6", "16.5"] and t["table"]["rows"][4] == ["0", "2", "0.5"]
    assert len(t["table"]["rows"]) == 9


# -- surfaces --------------------------------------------------------------------------------------


def test_surfaces_stand_side_by_side_under_their_names():
    t = figures(made())[4]
    layout = t["figure"]["layout"]
    assert [shown["scene"] for shown in t["figure"]["data"]] == ["scene", "scene2"]
    domains = [layout[scene]["domain"]["x"] for scene in ("scene", "scene2")]
    assert 0 <= domains[0][0] < domains[0][1] < domains[1][0] < domains[1][1] <= 1
    for arm, domain, shown, a in zip(ARMS, domains, t["figure"]["data"], layout["annotations"], strict=True):
        assert a["text"] == arm and a["font"]["color"] == ARM_COLOR[arm] and domain[0] < a["x"] < domain[1]
        assert shown["hovertemplate"].endswith(f"<extra>{arm}</extra>") and shown["colorscale"] == SEQUENTIAL
    assert layout["scene"]["camera"] == layout["scene2"]["camera"]
    assert layout["scene"]["aspectratio"] == layout["scene2"]["aspectratio"]


@pytest.mark.parametrize("size", [9, 17, 33, 65])
def test_the_table_has_every_place_of_the_coarsest_grid(size):
    record = made(lambda i, j: 100 + 8 * i / (size - 1) + j, lambda i, j: None if i < 0 else 0.125, size)
    table = with_table(figures(record)[4])["table"]
    places = [f"{k / 4 - 1:.3g}" for k in range(ROWS)]
    assert table["header"] == ["loss at", *(f"x = {p}" for p in places)]
    assert [row[0] for row in table["rows"]] == [f"{arm}, y = {p}" for arm in ARMS for p in places]
    every = (size - 1) // 8
    for k, row in enumerate(table["rows"][:ROWS]):
        assert row[1:] == [f"{record.arms['residual'].loss[k * every][i * every]:.3g}" for i in range(ROWS)]
    assert all(row[1:] == ["–"] * 4 + ["0.125"] * 5 for row in table["rows"][ROWS:])


def test_the_limit_is_that_of_guessing_among_the_classes_there_are():
    torn = made(plain=lambda i, j: None, dataset="moons")
    assert scale(torn)[1] == pytest.approx(math.log10(MOST * math.log(2)))


def test_figures_are_functions_of_the_record():
    record = made(plain=lambda i, j: None if i == j else bowl(i, j))
    assert json.dumps(figures(record)) == json.dumps(figures(replace(record)))
    assert not re.search(r"NaN|Infinity", json.dumps(figures(record)))


# -- the ways ----------------------------------------------------------------------------------------


def own(record, **shown):
    (card,) = check_cards(drawn(Shown(record, **shown)))
    return card["own"]


def places(map_):
    """The heights of a map as losses would be told from its colours, row by row."""
    columns = map_["columns"]
    return [map_["heights"][k : k + columns] for k in range(0, len(map_["heights"]), columns)]


def of_ways(plain, half=10.0, near=None, **words):
    """Two ways on maps of one frame; the loss of the plain network is a function of column and row."""
    moments = Moment(0, 0.0, 0.0, 0.0, 2.0), Moment(5, 1.0, 0.5, 1.2, None), Moment(9, 3.0, -1.0, 3.2, 0.5)
    grids = [tuple(tuple(f(i, j) for i in range(13)) for j in range(7)) for f in (lambda i, j: 0.1, plain)]
    maps = [Map((2.0, 1.0), half, grid) for grid in grids]
    arms = {
        arm: Way(moments, each, near if arm == "plain" else None, (0.5, 0.9), 0.25, 40.0)
        for arm, each in zip(ARMS, maps, strict=True)
    }
    return Ways(WaysSpec(**words), 1.0, Training(), arms, 64)


@examples(30)
@given(ways(measured=True))
def test_both_maps_and_their_enlarged_parts_stand_on_one_scale(record):
    found, guess = own(record), math.log(record.spec.data.classes)
    told = []
    for arm, way in record.arms.items():
        for name, map_ in (("map", way.map), ("near", way.near)):
            assert (name in found["arms"][arm]) == (map_ is not None)
            if map_:
                drawn_ = places(found["arms"][arm][name])
                assert [len(row) for row in drawn_] == [len(row) for row in map_.loss]
                told += zip((v for row in map_.loss for v in row), (v for row in drawn_ for v in row), strict=True)
        assert found["arms"][arm]["name"] == ("plateau" if is_plateau(way) else "pit" if is_pit(way) else "")
    assert all(0 <= height <= 1 for _, height in told)
    most = HIGHEST * guess
    if any(loss and loss < most for loss, _ in told):
        assert all(height == 1 for loss, height in told if loss is None or loss >= most)
    inside = [(math.log10(loss), height) for loss, height in told if loss and 0 < height < 1]
    for (a, low), (b, high) in itertools.pairwise(inside):
        assert high - low == pytest.approx(found["decade"] * (b - a), abs=2e-4)
    least = min(1.0, found["decade"]) - 1e-3
    assert all(height >= least for loss, height in told if loss and loss >= guess), "as bad as guessing is never dark"


def test_a_map_has_its_heights_row_by_row_and_a_decade_has_its_length():
    record = of_ways(lambda i, j: 10.0 ** (j / 6 - 2 * (i == 0)))
    found = own(record)
    rows = places(found["arms"]["plain"]["map"])
    assert [row[5] for row in rows] == pytest.approx([(2 + j / 6) / 3 for j in range(7)], abs=1e-4)
    assert [row[0] for row in rows] == pytest.approx([j / 18 for j in range(7)], abs=1e-4)
    assert found["arms"]["plain"]["map"]["box"] == (-8.0, 12.0, -4.0, 6.0)
    assert found["decade"] == pytest.approx(1 / 3)
    assert [text for _, text in found["marks"]] == ["0.01", "0.1", "1", "10"]
    assert [place for place, _ in found["marks"]] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert found["along"] == [(0.0, "0"), (5.0, "5"), (10.0, "10")]


def test_a_way_is_told_with_its_steps_places_distances_and_losses():
    record = of_ways(lambda i, j: 0.1)
    (card,) = drawn(Shown(record))
    way = card["own"]["arms"]["plain"]
    assert (way["steps"], way["x"], way["y"]) == ([0, 5, 9], [0.0, 1.0, 3.0], [0.0, 0.5, -1.0])
    assert (way["far"], way["loss"]) == ([0.0, 1.2, 3.2], [2.0, None, 0.5])
    assert way["said"] == "plain: the loss is 2 at the beginning and 0.5 at the end, 3.2 units away"
    assert card["table"]["header"] == [
        "step", "residual: distance", "residual: loss", "plain: distance", "plain: loss"
    ]  # fmt: skip
    assert card["table"]["rows"][1] == ["5", "1.2", "–", "1.2", "–"]
    assert card["own"]["losses"] == [(0.1, "0.1"), (1.0, "1"), (10.0, "10")], "of 0.5 to 2"


@pytest.mark.parametrize("half", [5e-4, 0.35, 1.5, 46.0, 5e19])
def test_numbers_along_the_maps_are_round_and_begin_at_the_start(half):
    record = of_ways(lambda i, j: 0.1)
    arms = {
        arm: replace(way, map=replace(way.map, middle=(half / 2, 0.0), half=half)) for arm, way in record.arms.items()
    }
    along = own(replace(record, arms=arms))["along"]
    assert along[0] == (0.0, "0") and 3 <= len(along) <= 9
    step = along[1][0]
    assert f"{step:e}"[0] in "125" and [x for x, _ in along] == pytest.approx([k * step for k in range(len(along))])
    assert along[-1][0] <= 1.5 * half < along[-1][0] + step
    assert [float(text) for _, text in along] == pytest.approx([x for x, _ in along])


def test_before_there_are_maps_there_is_the_loss_of_each_step_so_far():
    curve = dict.fromkeys(ARMS, ((1.0, 2.0), (2.5, 2.0)))
    begun = Ways(WaysSpec(), 0.1, Training(dict.fromkeys(ARMS, 2), {}, curve))
    found = own(begun, live=True)
    assert found["live"] and not found["along"] and not found["marks"]
    for arm in ARMS:
        way = found["arms"][arm]
        assert (way["steps"], way["loss"], "map" in way) == ((1.0, 2.0), (2.5, 2.0), False)
    assert not own(Ways(WaysSpec(), 0.0))["arms"]["plain"]["loss"]
