"""Maps, the images to choose from and the classes show what was measured of both networks, and say it in words too."""

import base64
import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given

from resviz.draw.diverging import COLOURS
from resviz.draw.palette import ARM_COLOR
from resviz.draw.table import to_csv, with_table
from resviz.families.resnet.family import ARMS
from resviz.probes.methods import METHODS, Map, Seen
from resviz.topics.attribution import experiment
from resviz.topics.attribution.figures import figures
from resviz.topics.attribution.question import Attribution, AttributionSpec, Example
from resviz.train.records import Training
from resviz.train.twins.trained import forget
from resviz.words.say import times
from tests.contract.charts import UNDER_WAY, by_id, check_learning, trace
from tests.contract.checks import check_cards
from tests.examples import examples
from tests.topics.attribution.contract import attribution

PIXELS = {name: base64.urlsafe_b64encode(bytes([v] * 64)).decode().rstrip("=") for name, v in (("one", 3), ("two", 9))}


def made(values, block=0, width=2):
    return Map(block, width, len(values) // width, tuple(values), sum(values))


def seen(maps, destroyed=(), shares=(0.1, 0.7, 0.2, *[0.0] * 7)):
    return Seen(shares, 2.0, -1.0, maps, (0.01,) * len(maps), destroyed, (0.5,) * len(destroyed))


def record(method="integrated", number=5, **arms):
    """Of one small map for each arm, unless others are given."""
    block = 1 if METHODS[method].blocks else 0
    maps = (made((0.5, -2.0, 1.0, 0.0), block),)
    seens = {arm: arms.get(arm) or seen(maps) for arm in ARMS}
    gallery = (
        Example(5, 3, {"residual": 3, "plain": 8}, PIXELS["one"]),
        Example(11, 1, {"residual": 1, "plain": 1}, PIXELS["two"]),
        Example(12, 1, {"residual": 7, "plain": 2}, PIXELS["two"]),
    )
    spec = AttributionSpec(method=method)
    truth = None if number is None else 3
    wrong = {"residual": 12, "plain": 1034}
    return Attribution(spec, 1.0, Training(), number, truth, 1, PIXELS["one"], seens, gallery, wrong, 10_000)


# -- whatever was measured -------------------------------------------------------------------------


@examples(30)
@given(attribution(measured=True))
def test_whatever_was_measured_makes_figures(record):
    found = [t["id"] for t in check_cards(figures(record))]
    ids = ["attr_maps", "attr_pad", "attr_gallery", "attr_classes"]
    assert found == (ids if record.pixels else ["attr_maps", "attr_classes"])


@examples(30)
@given(attribution(measured=True))
def test_each_map_is_drawn_by_its_largest_number(record):
    """Numbers from -1 to 1, of which the largest in size is 1: green stays green, 0 stays the colour of 0."""
    drawn = [row["cells"] for row in by_id(figures(record), "attr_maps")["maps"]["rows"]]
    measured = [maps for arm in ARMS for maps in (record.arms[arm].maps, record.arms[arm].destroyed) if maps]
    assert len(drawn) == len(measured)
    for cells, maps in zip(drawn, measured, strict=True):
        for cell, m in zip(cells, maps, strict=True):
            largest = max(abs(v) for v in m.values)
            assert (cell["width"], cell["height"]) == (m.width, m.height)
            assert len(cell["values"]) == m.width * m.height
            assert all(-1 <= v <= 1 for v in cell["values"])
            if largest == 0:
                assert set(cell["values"]) == {0} and cell["said"].endswith("up to 0")
                continue
            assert max(map(abs, cell["values"])) == 1
            assert cell["values"] == pytest.approx([v / largest for v in m.values], abs=5.1e-4)
            assert cell["said"].endswith(f"up to {times(largest)}")


@pytest.mark.parametrize("curve", [UNDER_WAY, Training()])
def test_while_the_networks_learn_there_is_their_loss_and_at_first_nothing(curve):
    begun = Attribution(AttributionSpec(), 0.4, curve)
    if curve.curve:
        check_learning(figures(begun), begun)
    else:
        assert figures(begun) == []


@pytest.mark.filterwarnings("ignore:Setting")
@pytest.mark.filterwarnings("ignore:Input Tensor")
@pytest.mark.parametrize("words", [{"method": "gradcam", "destroyed": "yes"}, {"dataset": "spirals", "window": 1}])
def test_every_record_of_a_real_look_makes_figures(words):
    forget()
    small = {"depth": 6, "width": 4, "epochs": 1, "batch": 64, "device": "cpu", "steps_between": 5}
    found = list(experiment.attribution(AttributionSpec.of({"examples": 128, **small, **words})))
    for one in found:
        check_cards(figures(one))
    last = figures(found[-1])
    assert len(last) == (2 if "dataset" in words else 4)
    assert with_table(last[0])["table"]["rows"]


# -- maps ------------------------------------------------------------------------------------------


def test_a_row_of_maps_is_named_and_coloured_by_its_arm():
    trained, anew = (made((1.0, 0.0, 0.5, 0.25)),), (made((0.0, 0.0, 0.0, -4.0)),)
    one = record(residual=seen(trained, anew), plain=seen(trained, anew, shares=(0.9, *[0.0] * 9)))
    rows = by_id(check_cards(figures(one)), "attr_maps")["maps"]["rows"]
    assert [(row["title"], row["color"]) for row in rows] == [
        ("residual: reads 1", ARM_COLOR["residual"]),
        ("residual, weights drawn anew", ARM_COLOR["residual"]),
        ("plain: reads 0", ARM_COLOR["plain"]),
        ("plain, weights drawn anew", ARM_COLOR["plain"]),
    ]
    assert [row["cells"][0]["values"] for row in rows] == [[1, 0, 0.5, 0.25], [0, 0, 0, -1]] * 2
    assert len(by_id(figures(record()), "attr_maps")["maps"]["rows"]) == 2


@pytest.mark.parametrize("method", METHODS)
def test_the_colours_are_explained_as_the_method_has_them(method):
    t = by_id(check_cards(figures(record(method))), "attr_maps")
    chosen = METHODS[method]
    low, high = t["maps"]["key"]["low"], t["maps"]["key"]["high"]
    assert (low, high) == (("striped: against 1", "for 1") if chosen.signed else ("", "most"))
    assert chosen.source in t["note"] and chosen.label in t["title"] and "Where 1 is seen" in t["title"]
    assert "each map on its own scale" in t["note"]
    stops = t["maps"]["colours"]
    assert stops == COLOURS
    assert stops[len(stops) // 2][0] == 0.5, "0 lies in the middle, between what is for and what is against"


def test_every_map_has_words_beside_it():
    for method, said in (("saliency", "up to 2"), ("gradcam", "block 1: up to 2")):
        t = by_id(figures(record(method)), "attr_maps")
        for row in t["maps"]["rows"]:
            assert [cell["said"] for cell in row["cells"]] == [said]
            assert [cell["label"] for cell in row["cells"]] == ["1" if method == "gradcam" else ""]
    assert by_id(figures(record()), "attr_maps")["maps"]["said"] == "unseen image 5, a 3"
    assert by_id(figures(record(number=None)), "attr_maps")["maps"]["said"] == "your image"


@pytest.mark.parametrize(("dataset", "shape", "top"), [("digits", (1, 8, 8), 16), ("cifar10", (3, 32, 32), 255)])
def test_the_image_comes_in_its_own_shape_and_brightness(dataset, shape, top):
    one = record()
    one = replace(one, spec=AttributionSpec(dataset=dataset))
    image = by_id(check_cards(figures(one)), "attr_maps")["maps"]["image"]
    assert (image["channels"], image["height"], image["width"], image["top"]) == (*shape, top)
    assert image["pixels"] == one.pixels


def test_the_table_of_an_image_has_all_its_numbers():
    maps = {
        "residual": (made((0.5, -2.0, 1.0, 0.0, 3.0, 4.0), width=3),),
        "plain": (made((7, 8, 9, 1, 2, 3), width=3),),
    }
    t = by_id(figures(record(**{arm: seen(m) for arm, m in maps.items()})), "attr_maps")
    assert t["table"] == {
        "header": ["", "1", "2", "3"],
        "rows": [
            ["residual, row 1", "0.5", "-2", "1"],
            ["residual, row 2", "0", "3", "4"],
            ["plain, row 1", "7", "8", "9"],
            ["plain, row 2", "1", "2", "3"],
        ],
    }


def test_the_table_of_blocks_has_their_sums_and_says_who_has_none():
    both = (made((1.0, 2.0, -5.0, 1.0), 1), made((0.0, 0.25, 0.0, 0.0), 3))
    t = by_id(figures(record("conductance", residual=seen(both), plain=seen(both[1:]))), "attr_maps")
    assert t["table"] == {
        "header": ["block", "sum, residual", "largest, residual", "sum, plain", "largest, plain"],
        "rows": [["1", "-1", "5", "–", "–"], ["3", "0.25", "0.25", "0.25", "0.25"]],
    }


# -- images and classes ----------------------------------------------------------------------------


def test_the_gallery_says_who_read_what_and_who_was_wrong():
    t = by_id(check_cards(figures(record())), "attr_gallery")
    gallery = t["gallery"]
    assert [item["number"] for item in gallery["items"]] == [5, 11, 12]
    assert [item["wrong"] for item in gallery["items"]] == [["plain"], [], ["residual", "plain"]]
    assert [item["pixels"] for item in gallery["items"]] == [PIXELS["one"], PIXELS["two"], PIXELS["two"]]
    assert gallery["items"][0]["reads"] == {"residual": 3, "plain": 8} and gallery["items"][0]["truth"] == 3
    assert gallery["chosen"] == 5 and gallery["colors"] == ARM_COLOR
    assert "Mistakes first: 12 and 1,034 of 10,000" in t["note"]
    assert by_id(figures(record(number=None)), "attr_gallery")["gallery"]["chosen"] is None


def test_the_pad_begins_with_the_persons_own_image_and_with_no_other():
    assert by_id(figures(record()), "attr_pad")["pad"]["pixels"] == ""
    own = by_id(figures(record(number=None)), "attr_pad")["pad"]
    assert own["pixels"] == PIXELS["one"]
    reads = [{"text": f"{arm}: 1, 70% sure", "color": ARM_COLOR[arm]} for arm in ARMS]
    assert own["reads"] == reads and by_id(figures(record()), "attr_pad")["pad"]["reads"] == []


@examples(20)
@given(attribution(measured=True))
def test_every_class_has_a_bar_of_each_arm_on_one_axis(record):
    t = by_id(figures(record), "attr_classes")
    for arm in ARMS:
        bars = trace(t, arm)
        assert bars["x"] == list(range(10)) and bars["y"] == list(record.arms[arm].shares)
        assert bars["marker"]["color"] == ARM_COLOR[arm]
        assert bars["hovertemplate"] == "%{x}: %{y:.1%}"
    patterns = {arm: trace(t, arm)["marker"]["pattern"]["shape"] for arm in ARMS}
    assert patterns["residual"] != patterns["plain"] and "striped: plain" in t["note"]
    assert t["figure"]["layout"]["barmode"] == "group", "neither hides the other"
    low, high = t["figure"]["layout"]["yaxis"]["range"]
    assert low <= 0 and high >= 1
    rows = with_table(t)["table"]["rows"]
    assert [row[0] for row in rows] == [str(k) for k in range(10)]
    for k, row in enumerate(rows):
        assert row[1:] == [f"{record.arms[arm].shares[k]:.4g}" for arm in ARMS]


@pytest.mark.parametrize(("dataset", "every"), [("digits", 1), ("cifar100", 10), ("spirals", 1)])
def test_a_hundred_classes_are_not_all_numbered(dataset, every):
    one = replace(record(), spec=AttributionSpec(dataset=dataset, window=1))
    assert by_id(figures(one), "attr_classes")["figure"]["layout"]["xaxis"]["dtick"] == every


def test_the_csv_has_the_maps_and_the_classes():
    lines = list(csv.reader(io.StringIO(to_csv(figures(record())))))
    titles = [line[0] for line in lines if len(line) == 1]
    assert titles == ["Where 1 is seen, by integrated gradients", "What each network makes of it"]
    assert ["residual, row 1", "0.5", "-2"] in lines and ["1", "0.7", "0.7"] in lines
