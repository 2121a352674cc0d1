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
from resviz.topics.block.figures import BIG, HEIGHT, MOST_SMALL, WIDTH, drawn, flow
from resviz.topics.block.question import BLOCK_FIELDS, BlockRecord, BlockSpec, Node, decimals
from resviz.topics.block.words import branch_name, shortcut_in_words
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
            words = {text.get("class"): text.text for text in reversed(group.findall("text"))}
            name = words.get("rb-strong") or words[""]
            self.boxes.append((group.find("image"), name, words["rb-norm"], group.find("title").text))
        self.made = {group.find("title").text.partition(":")[0]: made(group) for group in self.svg.findall("g")}
        self.photo = self.svg.find("image")
        self.pulses = [p.get("d") for p in self.svg.findall("path") if p.get("class") == "rb-pulse"]

    @property
    def view(self) -> list[float]:
        return [float(v) for v in self.svg.get("viewBox").split()]


def number(image: ElementTree.Element, key: str) -> float:
    return float(image.get(key))


def made(group: ElementTree.Element) -> str:
    return next((text.text for text in group.findall("text") if text.get("class") == "rb-made"), "")


def shown(spec: BlockSpec, record: BlockRecord) -> list[Node]:
    """The nodes that the drawing has. No picture stands twice: the last part of the branch gives F(x), if nothing is done to it
    there, and the last part after the sum gives y; where nothing comes after the sum, that is y, too."""
    branch, after = ([n for n in record.nodes if n.role == role] for role in ("branch", "after"))
    x, f, total, y = (record.node(role) for role in ("x", "F", "sum", "y"))
    if branch[-1].picture == f.picture and branch[-1].norm == f.norm:
        branch.pop()
    if spec.block == "plain":
        return [x, *branch, *([f, *after[:-1]] if after else []), y]
    return [x, *branch, f, *([total, *after[:-1]] if after else []), y]


@examples(25)
@given(SPECS)
def test_every_part_is_there_with_its_picture_and_its_norm(spec):
    record = THROUGH(spec)
    drawing = Drawing(spec, record)
    nodes = shown(spec, record)
    assert len(drawing.boxes) == len(nodes)
    for node, (image, name, norm, title) in zip(nodes, drawing.boxes, strict=True):
        kind, data = image.get("href").split(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(data) == node.picture
        assert norm == f"‖·‖ {node.norm:.3g}"
        assert title.startswith(f"{name}: {' × '.join(map(str, node.shape))}, norm {node.norm:.3g}, ")
        assert f"{node.negative:.0%} negative, {node.zero:.0%} exactly 0" in title
    named = [name for _, name, _, _ in drawing.boxes]
    assert named[0] == "x" and named[-1] in ("y", f"y = {branch_name(spec)}")
    assert base64.b64decode(drawing.photo.get("href").split(",")[1]) == record.image
    plain_sum = [node.picture for node in nodes if node.role in ("F", "sum", "y")]
    assert spec.block != "plain" or len(plain_sum) == 1 + ("after" in {node.role for node in record.nodes})


@examples(25)
@given(SPECS)
def test_pictures_stand_in_a_row_inside_the_drawing(spec):
    record = THROUGH(spec)
    drawing = Drawing(spec, record)
    left, top, width, height = drawing.view
    assert (left, top, height) == (0, 0, HEIGHT)
    assert width == WIDTH
    images = [drawing.photo, *(image for image, *_ in drawing.boxes)]
    for image in images:
        assert number(image, "x") >= 0
        assert number(image, "x") + number(image, "width") <= width + 0.6  # rounded in the view box
        assert number(image, "y") >= 0
        assert number(image, "y") + number(image, "height") + 33 <= height  # with two lines below it
    assert number(images[0], "x") == 0 and number(images[-1], "x") + BIG == pytest.approx(WIDTH, abs=0.2)
    for a, b in pairwise(images):
        assert number(b, "x") > number(a, "x") + number(a, "width")
        middles = {number(i, "y") + number(i, "height") / 2 for i in (a, b)}
        assert max(middles) - min(middles) < 0.2
    for node, image in zip(shown(spec, record), images[1:], strict=True):
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
    bends = [path for path in drawing.pulses if "Q" in path]
    assert bends == ([] if plain else [arcs[0].get("d")]), "the pulse runs where something is connected"
    assert len(drawing.pulses) == (4 if plain else 7)
    # Without a sum one wire after the other leads from picture to picture, and none ends in the open.
    wires = [path for path in drawing.svg.findall("path") if path.get("class") == "rb-wire"]
    assert len(wires) == len(drawing.boxes) + (not plain)
    told = next(t.text for t in drawing.svg.findall("text") if t.get("class") in ("rb-way", "rb-faint"))
    if plain:
        assert told == "no shortcut: only F(x) goes on"
        return
    assert told == f"{shortcut_in_words(spec)}: ‖·‖ {record.node('shortcut').norm:.3g}"
    label = next(r for r in drawing.svg.findall("rect") if r.get("class") == "rb-label")
    begin, end = number(label, "x"), number(label, "x") + number(label, "width")
    assert 0 <= begin < end <= drawing.view[2]
    assert number(label, "y") + number(label, "height") < min(number(image, "y") for image, *_ in drawing.boxes)


@pytest.mark.parametrize("order", ORDERS)
def test_every_part_is_called_what_it_is(order):
    names = {"conv": "3×3", "norm": "BN", "act": "ReLU"}
    spec = BlockSpec.of({"order": order, "image": "digit", "inputs": 4, "width": 4})
    drawing = Drawing(spec, THROUGH(spec))
    *branch, last = (names[part] for part in ORDERS[order].branch(2))
    after = [names[part] for part in ORDERS[order].after]
    assert [name for _, name, _, _ in drawing.boxes] == [
        "x",
        *branch,
        "F(x)",
        *(["the sum", *after[:-1]] if after else []),
        "y",
    ]
    assert (drawing.made["x"], drawing.made["F(x)"]) == ("first layer", last)
    assert drawing.made["y"] == (after[-1] if after else "the sum")


def test_sizes_and_strides_of_convolutions_are_told():
    spec = BlockSpec.of({"block": "bottleneck", "stride": 2, "norm": "group", "activation": "silu", "image": "digit"})
    drawn = [name for _, name, _, _ in Drawing(spec, THROUGH(spec)).boxes]
    assert drawn == ["x", "1×1", "GN", "SiLU", "3×3 ↓2", "GN", "SiLU", "1×1", "F(x)", "the sum", "y"]


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


def test_it_says_how_many_channels_are_shown_and_what_the_colours_mean():
    for channels, told in ((1, "1 channel"), (16, "16 channels"), (17, "16 of 17 channels")):
        spec = BlockSpec.of({"inputs": channels, "width": channels, "image": "digit"})
        record = THROUGH(spec)
        drawing = Drawing(spec, record)
        said = ["".join(text.itertext()) for text in drawing.svg.iter("text")]
        assert said.count(told) == 4, "of x, F(x), the sum and y"
        text = "".join(drawing.root.find("div").itertext())
        assert text.endswith(f"−{record.scale:.2g}+{record.scale:.2g}")


# -- enlarged --------------------------------------------------------------------------------------


def number_of(text: str) -> float:
    return float(text.replace("−", "-"))


@examples(25)
@given(SPECS)
def test_enlarged_channels_have_the_numbers_of_the_record_and_add_up(spec):
    record = THROUGH(spec)
    told = drawn(spec, record)
    nodes = shown(spec, record)
    past = record.node("shortcut")
    if past and past.picture != nodes[0].picture:
        nodes.append(past)
    assert ("picture" in told["stations"][-1]) == (nodes[-1] is past)
    for node, station in zip(nodes, told["stations"], strict=True):
        assert (station["channels"], station["height"], station["width"]) == node.shape
        for channel, said in zip(node.channels, station["said"], strict=True):
            assert said.startswith(f"‖·‖ {channel.norm:.3g}, from ")
            low, high = map(number_of, re.fullmatch(r".* from (\S+) to (\S+)", said).groups())
            assert (low, high) == pytest.approx((channel.low, channel.high), abs=0.51 * 10.0 ** -decimals(record.scale))
    added = [nodes[term["station"]].role for term in told["terms"]]
    signs = [term["sign"] for term in told["terms"]]
    assert added[-1] == "y"
    if past:
        assert signs[:3] == ["", "+", "="] and added[1] == "F"
        assert nodes[told["terms"][0]["station"]].picture == past.picture
    else:
        assert "+" not in signs and added[0] == "x" and told["terms"][0]["marked"] is False
    for k, sentence in enumerate(told["there"]):
        sums = re.fullmatch(r"In the marked pixel (\S+) (\+|−) (\S+) = (\S+?)(?:; after .*)?\.", sentence)
        assert bool(sums) == bool(past), sentence
        for role in ("F", "sum", "y"):
            digits = decimals(record.scale)
            assert f"{round(abs(record.node(role).channels[k].there), digits):.{digits}f}" in sentence
        if sums:
            a, sign, b, c = sums.groups()
            assert number_of(a) + (1 if sign == "+" else -1) * number_of(b) == pytest.approx(
                number_of(c), abs=1.1 * 10.0**-digits
            )


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
