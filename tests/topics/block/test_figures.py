"""The drawing of one image's way through one block: every number is the record's, and nothing stands on something else."""

import base64
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.nets.settings import ORDERS
from resviz.topics.block.experiment import Through
from resviz.topics.block.figures import BIG, HEIGHT, MOST_SMALL, WIDTH, flow
from resviz.topics.block.question import BLOCK_FIELDS, BlockRecord, BlockSpec, Node
from resviz.topics.block.words import shortcut_in_words
from tests.examples import examples

THROUGH = Through()


def choices(name: str) -> st.SearchStrategy:
    return st.sampled_from(list(BLOCK_FIELDS[name].choices))


SPECS = st.fixed_dictionaries(
    {
        **{n: choices(n) for n in ("block", "order", "norm", "activation", "init", "shortcut", "gate")},
        "inputs": st.integers(1, 20),
        "width": st.integers(1, 20),
        "stride": st.integers(1, 2),
        "shortcut_dropout": st.sampled_from([0.0, 0.3]),
        "shortcut_scale": st.sampled_from([1.0, 0.0, 0.1234]),
        "branch_scale": st.sampled_from([1.0, 0.0, 2.5]),
        "image": st.just("digit"),
    }
).map(lambda words: BlockSpec.read(words)[0])


class Drawing:
    """The parts of a drawing, read back."""

    def __init__(self, spec: BlockSpec, record: BlockRecord) -> None:
        markup = flow(spec, record)
        self.root = ElementTree.fromstring(f"<div>{markup}</div>")
        self.svg = self.root.find("svg")
        self.boxes = []
        for group in self.svg.findall("g"):
            image = group.find("image")
            name, norm = group.findall("text")
            self.boxes.append((image, name.text, norm.text, group.find("title").text))
        self.texts = [t.text for t in self.svg.findall("text")]

    @property
    def view(self) -> list[float]:
        return [float(v) for v in self.svg.get("viewBox").split()]


def number(image: ElementTree.Element, key: str) -> float:
    return float(image.get(key))


def shown(record: BlockRecord) -> list[Node]:
    """The nodes that the drawing has: where nothing comes after the sum, the sum is y."""
    ends = any(node.role == "after" for node in record.nodes)
    return [n for n in record.nodes if n.role != "shortcut" and (ends or n.role != "sum")]


@examples(25)
@given(SPECS)
def test_every_part_is_there_with_its_picture_and_its_norm(spec):
    record = THROUGH(spec)
    drawing = Drawing(spec, record)
    nodes = shown(record)
    assert len(drawing.boxes) == len(nodes)
    for node, (image, name, norm, title) in zip(nodes, drawing.boxes, strict=True):
        kind, data = image.get("href").split(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(data) == node.picture
        assert norm == f"‖·‖ {node.norm:.3g}"
        assert title.startswith(f"{name}: {' × '.join(map(str, node.shape))}, norm {node.norm:.3g}, ")
        assert f"{node.negative:.0%} negative, {node.zero:.0%} exactly 0" in title
    named = [name for _, name, _, _ in drawing.boxes]
    assert (named[0], named[-1]) == ("x", "y")


@examples(25)
@given(SPECS)
def test_pictures_stand_in_a_row_inside_the_drawing(spec):
    record = THROUGH(spec)
    drawing = Drawing(spec, record)
    left, top, width, height = drawing.view
    assert (left, top, height) == (0, 0, HEIGHT)
    assert 0 < width <= WIDTH + 0.5
    images = [image for image, *_ in drawing.boxes]
    for image in images:
        assert number(image, "x") >= 0
        assert number(image, "x") + number(image, "width") <= width + 0.6  # rounded in the view box
        assert number(image, "y") >= 0
        assert number(image, "y") + number(image, "height") + 17 <= height  # with its norm below it
    for a, b in pairwise(images):
        assert number(b, "x") > number(a, "x") + number(a, "width")
        middles = {number(i, "y") + number(i, "height") / 2 for i in (a, b)}
        assert max(middles) - min(middles) < 0.2
    for node, image in zip(shown(record), images, strict=True):
        large = node.role in ("x", "F", "sum", "y")
        assert number(image, "width") == number(image, "height")
        assert number(image, "width") == BIG if large else 20 < number(image, "width") <= MOST_SMALL


@examples(25)
@given(SPECS)
def test_the_shortcut_is_an_arc_with_its_words_and_a_plain_block_has_none(spec):
    record = THROUGH(spec)
    drawing = Drawing(spec, record)
    arcs = [path for path in drawing.svg.findall("path") if path.get("class") == "rb-arc"]
    plain = spec.block == "plain"
    assert bool(arcs) == (not plain)
    assert len(drawing.svg.findall("circle")) == (not plain)
    if plain:
        assert drawing.texts == ["no shortcut: x reaches y through F alone"]
        return
    assert drawing.texts == [f"{shortcut_in_words(spec)}: ‖·‖ {record.node('shortcut').norm:.3g}"]
    label = drawing.svg.find("rect")
    begin, end = number(label, "x"), number(label, "x") + number(label, "width")
    assert 0 <= begin < end <= drawing.view[2]
    assert number(label, "y") + number(label, "height") < min(number(image, "y") for image, *_ in drawing.boxes)


@pytest.mark.parametrize("order", ORDERS)
def test_every_part_is_called_what_it_is(order):
    names = {"conv": "3×3", "norm": "BN", "act": "ReLU"}
    spec = BlockSpec.of({"order": order, "image": "digit", "inputs": 4, "width": 4})
    drawn = [name for _, name, _, _ in Drawing(spec, THROUGH(spec)).boxes]
    branch = [names[part] for part in ORDERS[order].branch(2)]
    after = [names[part] for part in ORDERS[order].after]
    assert drawn == ["x", *branch, "F(x)", *(["the sum", *after] if after else []), "y"]


def test_sizes_and_strides_of_convolutions_are_told():
    spec = BlockSpec.of({"block": "bottleneck", "stride": 2, "norm": "group", "activation": "silu", "image": "digit"})
    drawn = [name for _, name, _, _ in Drawing(spec, THROUGH(spec)).boxes]
    assert drawn == ["x", "1×1", "GN", "SiLU", "3×3 ↓2", "GN", "SiLU", "1×1", "GN", "F(x)", "the sum", "SiLU", "y"]


def test_what_is_said_aloud_has_the_numbers_of_the_record():
    for words in ({}, {"block": "plain"}, {"gate": "exclusive", "order": "full"}):
        spec = BlockSpec.of({**words, "image": "digit"})
        record = THROUGH(spec)
        spoken = Drawing(spec, record).svg.get("aria-label")
        x, f, total, y = (f"{record.node(role).norm:.3g}" for role in ("x", "F", "sum", "y"))
        assert spoken.startswith(f"x of norm {x} goes through ")
        assert f"F(x) of norm {f}; " in spoken
        assert spoken.endswith(f"; the sum has norm {total}, y {y}")
        way = record.node("shortcut")
        assert (f"brings norm {way.norm:.3g}" if way else "no shortcut") in spoken


def test_the_key_says_how_many_channels_are_shown_and_what_the_colours_mean():
    for channels, told in ((4, None), (16, None), (17, "drawn are 16 of 17 channels")):
        spec = BlockSpec.of({"inputs": channels, "width": channels, "image": "digit"})
        record = THROUGH(spec)
        key = Drawing(spec, record).root.find("div")
        text = "".join(key.itertext())
        assert ("drawn are" in text) == (told is not None)
        assert told is None or told in text
        assert text.endswith(f"−{record.scale:.2g}+{record.scale:.2g}")
        assert base64.b64decode(key.find("img").get("src").split(",")[1]) == record.image


def test_one_scale_of_colours_is_that_of_the_style_sheet():
    """The key's band is painted in CSS, the pictures in Python."""
    from pathlib import Path

    from resviz.draw.diverging import COLOURS

    css = (Path(__file__).parents[3] / "resviz/topics/block/style.css").read_text()
    band = re.findall(r"#[0-9a-f]{6}", re.search(r"linear-gradient\(([^;]*)\)", css)[1])
    assert band == [colour for _, colour in COLOURS]
    assert [stop for stop, _ in COLOURS] == [0, 0.25, 0.5, 0.75, 1]  # even, as CSS spreads them


@pytest.mark.parametrize("norm", [0.0, 1e-30, 123456.0, float("inf"), float("nan")])
def test_numbers_out_of_range_are_drawn_as_they_are(norm):
    spec = BlockSpec.of({"image": "digit"})
    record = THROUGH(spec)
    strange = replace(record, nodes=tuple(replace(node, norm=norm) for node in record.nodes))
    assert {text for _, _, text, _ in Drawing(spec, strange).boxes} == {f"‖·‖ {norm:.3g}"}
