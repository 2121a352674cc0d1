"""Maps beside the photograph and the five largest classes show what was measured, and say it in words too."""

import base64
import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given

from resviz.draw.diverging import COLOURS
from resviz.draw.maps import key_of
from resviz.draw.palette import ARM_COLOR
from resviz.draw.table import rows_of, to_csv, with_table
from resviz.probes.methods import METHODS, Map, Seen
from resviz.topics.photograph.experiment import photograph
from resviz.topics.photograph.figures import figures
from resviz.topics.photograph.question import DRAWN, Photograph, PhotographSpec
from resviz.words.say import times
from tests.contract.charts import by_id, trace
from tests.contract.checks import check_cards
from tests.examples import examples
from tests.topics.photograph.contract import NAMES
from tests.topics.photograph.contract import photograph as any_record

BEST = ((832, 0.5), (920, 0.25), (207, 0.125), (1, 0.0625), (999, 0.001234567))
PIXELS = base64.urlsafe_b64encode(bytes(3 * DRAWN * DRAWN)).decode().rstrip("=")


def made(values, block=0, width=2, total=None):
    return Map(block, width, len(values) // width, tuple(values), sum(values) if total is None else total)


def record(maps=None, anew=(), target=832, **words):
    seen = None if maps is None else Seen((), 2.0, -1.0, tuple(maps), (), tuple(anew), (0.5,) * len(anew))
    spec = PhotographSpec.of(words)
    return Photograph(spec, 0.05 if seen is None else 1.0, target, PIXELS, BEST, NAMES, seen)


# -- whatever was measured ---------------------------------------------------------------------------


@examples(30)
@given(any_record())
def test_whatever_was_measured_makes_figures(record):
    found = check_cards(figures(record))
    assert [t["id"] for t in found] == ["photo_maps", "photo_classes"]
    assert all(rows_of(with_table(t)) for t in found)


@examples(30)
@given(any_record())
def test_each_map_is_drawn_by_its_largest_number(record):
    drawn = [row["cells"] for row in by_id(figures(record), "photo_maps")["maps"]["rows"]]
    seen = record.seen
    measured = [] if seen is None else [maps for maps in (seen.maps, seen.destroyed) if maps]
    assert len(drawn) == len(measured)
    for cells, maps in zip(drawn, measured, strict=True):
        for cell, m in zip(cells, maps, strict=True):
            largest = max(map(abs, m.values))
            assert (cell["width"], cell["height"]) == (m.width, m.height)
            if largest == 0:
                assert set(cell["values"]) == {0} and cell["said"].endswith("up to 0")
                continue
            assert cell["values"] == pytest.approx([v / largest for v in m.values], abs=5.1e-4)
            assert cell["said"].endswith(f"up to {times(largest)}")


@pytest.mark.filterwarnings("ignore:Setting")
@pytest.mark.filterwarnings("ignore:Input Tensor")
@pytest.mark.parametrize(
    ("method", "sides"),
    [("gradcam", (28, 28, 28, 28, 14, 14, 7, 7)), ("saliency", (112,))],
    ids=["gradcam", "saliency"],
)
def test_every_record_of_a_real_look_makes_figures(method, sides):
    found = list(photograph(PhotographSpec.of({"weights": "random", "method": method})))
    first, last = (check_cards(figures(one)) for one in found)
    assert [t["id"] for t in first] == [t["id"] for t in last]
    maps = by_id(last, "photo_maps")["maps"]
    (row,) = maps["rows"]
    assert [(c["width"], c["height"]) for c in row["cells"]] == [(s, s) for s in sides]
    image = maps["image"]
    assert len(base64.urlsafe_b64decode(image["pixels"] + "==")) == 3 * image["height"] * image["width"]


# -- maps --------------------------------------------------------------------------------------------


def test_while_the_maps_are_made_there_is_the_photograph_and_what_is_read():
    maps, classes = check_cards(figures(record()))
    assert maps["maps"]["rows"] == [] and maps["table"]["rows"] == []
    assert maps["maps"]["image"]["pixels"] == PIXELS
    assert len(trace(classes, "ResNet-18")["x"]) == 5


def test_rows_are_named_for_the_network_and_for_what_is_left_of_it():
    maps, anew = [made((1.0, 0.0, 0.5, 0.25))], [made((0.0, 0.0, 0.0, -4.0))]
    rows = by_id(check_cards(figures(record(maps, anew, network="resnet50", method="saliency"))), "photo_maps")["maps"][
        "rows"
    ]
    assert [(row["title"], row["color"]) for row in rows] == [
        ("ResNet-50", ARM_COLOR["residual"]),
        ("weights drawn anew", ARM_COLOR["residual"]),
    ]
    assert [row["cells"][0]["values"] for row in rows] == [[1, 0, 0.5, 0.25], [0, 0, 0, -1]]
    assert len(by_id(figures(record(maps, method="saliency")), "photo_maps")["maps"]["rows"]) == 1


def test_nothing_that_is_drawn_of_random_weights_looks_like_the_trained_network():
    drawn, trained = (
        check_cards(figures(record([made((1.0, 3.0))], method="saliency", weights=which)))
        for which in ("random", "trained")
    )
    assert by_id(drawn, "photo_maps")["title"] == "The score of “stupa” with random weights, by saliency"
    assert [row["title"] for row in by_id(drawn, "photo_maps")["maps"]["rows"]] == ["ResNet-18, random weights"]
    assert by_id(drawn, "photo_classes")["note"].endswith("; weights drawn at random")
    assert "random" not in str([t["title"] + t["note"] for t in trained])


@pytest.mark.parametrize("method", METHODS)
def test_the_colours_are_explained_as_the_method_has_them(method):
    chosen = METHODS[method]
    t = by_id(check_cards(figures(record([made((0.5, -2.0, 1.0, 0.0), 1)], method=method, target=920))), "photo_maps")
    assert t["title"] == f"Where “traffic light” is seen, by {chosen.label}"
    assert t["maps"]["key"] == key_of(chosen, "the class") and ("against" in t["maps"]["key"]["low"]) == chosen.signed
    assert "each map on its own scale" in t["note"] and chosen.source in t["note"]
    (cell,) = t["maps"]["rows"][0]["cells"]
    assert (cell["label"], cell["said"]) == (("1", "block 1: up to 2") if chosen.blocks else ("", "up to 2"))
    assert t["maps"]["colours"] == COLOURS


def test_the_photograph_has_words_and_its_bytes():
    said = {
        name: by_id(check_cards(figures(record(image=name))), "photo_maps")["maps"]
        for name in ("china", "flower", "own")
    }
    assert [t["said"] for t in said.values()] == ["a temple", "a flower", "your photograph"]
    for t in said.values():
        assert t["image"] == {"pixels": PIXELS, "channels": 3, "height": DRAWN, "width": DRAWN, "top": 255}


def test_the_table_has_the_size_and_the_sum_of_every_map():
    maps = [made((1.0, 2.0, -5.0, 1.0), 1, total=-4.0), made((0.25, 0.0, 0.0), 3, width=3)]
    table = by_id(check_cards(figures(record(maps, method="gradcam"))), "photo_maps")["table"]
    assert [row[:5] for row in table["rows"]] == [["1", "2", "2", "-4", "5"], ["3", "1", "3", "0.25", "0.25"]]
    assert table["header"][:4] == ["block", "height", "width", "sum"]
    one = by_id(figures(record([made((1.0, 3.0))], method="saliency")), "photo_maps")["table"]
    assert [row[:5] for row in one["rows"]] == [["image", "1", "2", "4", "3"]]


# -- classes -----------------------------------------------------------------------------------------


@examples(20)
@given(any_record())
def test_bars_are_shares_with_the_largest_on_top(record):
    t = by_id(figures(record), "photo_classes")
    bars = trace(t, record.spec.known.label)
    assert bars["orientation"] == "h" and bars["marker"]["color"] == ARM_COLOR["residual"]
    assert bars["x"] == [share for _, share in reversed(record.best)], "plotly draws the last one on top"
    assert bars["y"] == [f"{NAMES[number]} ({number})" for number, _ in reversed(record.best)]
    low, high = t["figure"]["layout"]["xaxis"]["range"]
    assert low <= 0 and high >= 1
    assert [row[:2] for row in t["table"]["rows"]] == [[str(n), NAMES[n]] for n, _ in record.best]
    assert [float(row[2]) for row in t["table"]["rows"]] == pytest.approx([s for _, s in record.best], rel=6e-3)


def test_classes_of_one_name_keep_a_bar_each():
    """ImageNet has two cranes and two maillots; a category axis would put bars of one name onto each other."""
    cranes = {134: "crane", 517: "crane"}
    one = replace(record(), best=((134, 0.5), (517, 0.25), *BEST[2:]), names={**NAMES, **cranes})
    assert len(set(trace(by_id(figures(one), "photo_classes"), "ResNet-18")["y"])) == 5


def test_the_csv_has_the_maps_and_the_classes():
    lines = list(csv.reader(io.StringIO(to_csv(figures(record([made((1.0, 3.0))], method="saliency"))))))
    titles = [line[0] for line in lines if len(line) == 1]
    assert titles == ["Where “stupa” is seen, by saliency", "What the network makes of it"]
    assert ["832", "stupa", "0.5"] in lines and ["999", "toilet tissue", "0.00123"] in lines
