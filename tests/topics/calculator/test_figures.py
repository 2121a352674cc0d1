"""Drawings of counts: lengths are the numbers' own, and nothing runs out of the picture."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.topics.calculator.architectures import Counted, count
from resviz.topics.calculator.figures import (
    NARROW,
    WIDE,
    bars,
    bars_in,
    block_sum,
    compared,
    ramp,
    ratio_in_words,
)
from resviz.topics.calculator.presets import NETS
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.terms import Comparison, Term, comparisons, terms
from resviz.topics.calculator.words import short
from resviz.words.say import percent
from tests.examples import examples
from tests.strategies import count_specs


def counted(**words: Any) -> Counted:
    return count(CountSpec.of(words))


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{markup}</div>")


def number(element: ElementTree.Element, key: str) -> float:
    return float(element.get(key))


def values(found: Counted) -> list[list[int]]:
    """Parameters, operations and memory of every stage."""
    return [
        [part.sums.all_parameters for part in found.parts],
        [found.operations(part) for part in found.parts],
        [part.sums.kept for part in found.parts],
    ]


def rows_of(svg: ElementTree.Element, found: list[Counted]) -> list[list[list[ElementTree.Element]]]:
    """The groups of every stage, by network and bar."""
    networks = []
    for each, net in zip(found, svg.findall("g"), strict=True):
        groups, size = net.findall("g"), len(each.parts)
        networks.append([groups[at : at + size] for at in range(0, len(groups), size)])
        assert [len(row) for row in networks[-1]] == [size] * 3
    return networks


def check_key(svg, found: list[Counted], layout) -> None:
    """Each part of a network is named, in a bar or in the key above it."""
    keys = [text for text in svg.iter("text") if text.get("class") == "rc-key"]
    assert all(16 <= number(text, "x") < layout.width - layout.right for text in keys)
    if len(found) == 1:
        named = {text.text.split(" ·")[0] for text in svg.iter("text") if text.get("class") in ("rc-in", "rc-key")}
        named |= {f"stage {name}" for name in named if name.isdigit()}
        names = {
            part.stage.name.replace("dense block", "block").replace("transition", "tr.") for part in found[0].parts
        }
        assert names <= named


def check_bars(found: list[Counted]) -> None:
    drawn = parsed(bars(found)).findall("div/svg")
    assert [svg.get("class") for svg in drawn] == ["rc-bars rc-wide", "rc-bars rc-narrow"]
    for svg, layout in zip(drawn, (WIDE, NARROW), strict=True):
        check_layout(svg, found, layout)


def check_layout(svg: ElementTree.Element, found: list[Counted], layout) -> None:
    left, top, width, height = (float(v) for v in svg.get("viewBox").split())
    assert (left, top, width) == (0, 0, layout.width)
    room = layout.width - layout.left - layout.right
    networks = rows_of(svg, found)
    largest = [max(1, *(sum(values(each)[row]) for each in found)) for row in range(3)]
    lines = []  # y of every bar
    for each, drawn in zip(found, networks, strict=True):
        names = ["parameters", {"macs": "MACs", "flops": "FLOPs"}[each.spec.unit], "training memory"]
        for row, groups in enumerate(drawn):
            numbers = values(each)[row]
            rects = [group.find("rect") for group in groups]
            for value, rect in zip(numbers, rects, strict=True):
                # one scale for all networks
                assert number(rect, "width") == pytest.approx(value / largest[row] * room, abs=0.006)
            assert number(rects[0], "x") == layout.left
            for a, b in pairwise(rects):
                assert number(b, "x") == pytest.approx(number(a, "x") + number(a, "width"), abs=0.11)
            assert number(rects[-1], "x") + number(rects[-1], "width") <= layout.width - layout.right + 0.06
            assert len({(rect.get("y"), rect.get("height")) for rect in rects}) == 1
            lines.append((number(rects[0], "y"), number(rects[0], "height")))
            colours = [rect.get("fill") for rect in rects]
            assert colours == ramp(len(rects))
            for value, part, group in zip(numbers, each.parts, groups, strict=True):
                share = percent(value / sum(numbers)) if sum(numbers) else "0%"
                title = group.find("title").text
                assert title.startswith(part.stage.name)
                assert title.endswith(f" × {part.stage.shape[-1]}: {value:,} {names[row]}, {share}")
                label = group.find("text")
                if label is not None:  # inside its own part
                    rect = group.find("rect")
                    assert number(label, "x") == pytest.approx(number(rect, "x") + number(rect, "width") / 2, abs=0.11)
                    assert 6 * len(label.text) < number(rect, "width")
    for (y, tall), (below, _) in pairwise(lines):
        assert y + tall < below
    assert lines[0][0] > 0 and lines[-1][0] + lines[-1][1] <= height + 0.5
    sums = [text for text in svg.iter("text") if text.get("class").endswith("rc-sum")]
    totals = [sum(numbers) for each in found for numbers in values(each)]
    assert [text.text for text in sums] == [short(n, "B" if i % 3 == 2 else "") for i, n in enumerate(totals)]
    assert all(layout.left < number(text, "x") <= layout.width - layout.right + 9.1 for text in sums)
    if layout is NARROW:  # above the bars, all at the right edge
        assert {number(text, "x") for text in sums} == {layout.width}
        assert all(number(text, "y") < y for text, (y, _) in zip(sums, lines, strict=True))
    names = [text.text for text in svg.iter("text") if text.get("class") == "rc-name"]
    assert " ".join(names).split() == " ".join(e.spec.label for e in found).split()
    check_key(svg, found, layout)
    spoken = svg.get("aria-label").split("; ")
    for each, words in zip(found, spoken, strict=True):
        assert words.startswith(f"{each.spec.label}: {short(each.total.sums.all_parameters)} parameters, ")
    assert len(list(svg.iter("path"))) == sum(2 * len(each.parts) for each in found)


@pytest.mark.parametrize("net", NETS)
def test_bars_of_every_network(net):
    check_bars([counted(net=net)])


@examples(100)
@given(count_specs(), count_specs())
def test_bars_of_two_networks_are_on_one_scale(one, other):
    other = other.replace(unit=one.unit, counted=one.counted, convention=one.convention)
    check_bars([count(one)])
    check_bars([count(one), count(other)])


def test_bars_of_more_networks():
    check_bars([counted(net=net, unit="flops") for net in ("resnet18", "resnet34", "vgg19", "densenet201", "cifar")])


@pytest.mark.parametrize("names", ["", "projection"])
def test_bars_where_nothing_is_counted(names):
    """CIFAR networks of option A project nothing."""
    found = counted(net="cifar", counted=names)
    assert found.operations(found.total) == 0
    check_bars([found])
    check_bars([found, counted(net="cifar", shortcut="C", counted=names)])


def test_ribbons_follow_a_stage_from_bar_to_bar():
    found = counted(net="resnet50")
    svg = parsed(bars_in([found], WIDE)).find("svg")
    (rows,) = rows_of(svg, [found])
    paths = [re.findall(r"[\d.]+", path.get("d")) for path in svg.iter("path")]
    edges = [
        [(number(g.find("rect"), "x"), number(g.find("rect"), "x") + number(g.find("rect"), "width")) for g in row]
        for row in rows
    ]
    expected = [
        (*above, *below[::-1]) for upper, lower in pairwise(edges) for above, below in zip(upper, lower, strict=True)
    ]
    drawn = [(float(a), float(b), float(d), float(c)) for a, _, b, d, _, c in paths]
    for one, other in zip(drawn, expected, strict=True):
        assert one == pytest.approx(other, abs=0.11)


def test_names_are_escaped():
    spec = CountSpec.of({"net": "custom", "stages": "1x8"})
    name = '<b> & "co"'
    strange = count(type("Strange", (CountSpec,), {"label": property(lambda _: name)}).of(spec.words()))
    svg = parsed(bars_in([strange], WIDE)).find("svg")
    assert [text.text for text in svg.iter("text") if text.get("class") == "rc-name"] == [name]
    assert svg.get("aria-label").startswith(name)


# -- colours -------------------------------------------------------------------------------------


def lightness(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    linear = [
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("size", range(1, 13))
def test_colours_grow_lighter(size):
    colours = ramp(size)
    assert len(set(colours)) == len(colours) == size
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in colours)
    assert all(lightness(a) < lightness(b) for a, b in pairwise(colours))


@pytest.mark.parametrize("net", NETS)
def test_words_on_a_bar_can_be_read(net):
    """At least 4.5 to 1, WCAG's contrast of text."""
    svg = parsed(bars_in([counted(net=net)], WIDE)).find("svg")
    for group in svg.iter("g"):
        label = group.find("text")
        if label is not None and label.get("class") == "rc-in":
            ink = {"#fff": "#ffffff", "#000": "#000000"}[label.get("fill")]
            dark, light = sorted(lightness(c) for c in (ink, group.find("rect").get("fill")))
            assert (light + 0.05) / (dark + 0.05) >= 4.5


# -- blocks --------------------------------------------------------------------------------------


def text_of(element: ElementTree.Element) -> str:
    return "".join(element.itertext())


def as_number(text: str) -> int:
    return 0 if text == "–" else int(text.replace(",", ""))


@examples(100)
@given(count_specs(["block"], widest=200))
def test_the_table_of_a_block_adds_up(spec):
    found = count(spec)
    lines = terms(found)
    table = parsed(block_sum(found, lines)).find("table")
    columns = [sum(int(cell.get("colspan", 1)) for cell in row) for row in table.iter("tr")]
    assert len(set(columns)) == 1
    body = [[text_of(cell) for cell in row] for row in table.find("tbody")]
    assert [row[:3] for row in body] == [[t.layer, t.formula, t.figures] for t in lines]
    assert [as_number(row[3]) for row in body] == [t.parameters for t in lines]
    assert [as_number(row[5]) for row in body] == [t.operations for t in lines]
    assert [row[6] for row in body] == [str(t.sees or "") for t in lines]
    last = [text_of(cell) for cell in table.find("tfoot/tr")]
    assert as_number(last[2]) == sum(as_number(row[3]) for row in body) == found.total.sums.all_parameters
    assert as_number(last[4]) == sum(as_number(row[5]) for row in body) == found.operations(found.total)
    assert last[5] == f"{found.total.stage.sees} × {found.total.stage.sees}"
    channels, height, width = found.total.stage.shape
    assert f"{channels:,} × {height} × {width}" in last[1]
    shares = [float(i.get("style").removeprefix("width:").removesuffix("%")) for i in table.iter("i")]
    expected = [100 * t.parameters / found.total.sums.all_parameters for t in lines]
    assert shares == pytest.approx(expected, abs=0.051)


def test_words_of_a_term_are_escaped():
    found = counted(net="block")
    table = parsed(block_sum(found, [Term("a < b", "<i> & co", '"', 1, 0, 0)])).find("table")
    assert [text_of(cell) for cell in table.find("tbody/tr")][:3] == ["a < b", "<i> & co", '"']


@examples(100)
@given(count_specs(["block"], widest=200))
def test_pairs_are_drawn_on_the_scale_of_the_larger(spec):
    pairs = comparisons(spec)
    root = parsed(compared(pairs, "this one", "that one"))
    cards = list(root.iter("section"))
    assert [card.find("h4").text for card in cards] == [pair.title for pair in pairs]
    for card, pair in zip(cards, pairs, strict=True):
        weights = (pair.this_weights, pair.that_weights)
        bars_drawn = [float(i.get("style").removeprefix("width:").removesuffix("%")) for i in card.iter("i")]
        assert bars_drawn == pytest.approx([100 * w / max(weights) for w in weights], abs=0.051)
        told = [text_of(line) for line in card.findall("div")]
        assert told == [
            f"this one{pair.this} = {pair.this_weights:,}",
            f"that one{pair.that} = {pair.that_weights:,}",
        ]
        assert card.find("p").text == ratio_in_words(pair, "this one", "that one")


@examples(200)
@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_ratio_in_words_is_true(one, other):
    text = ratio_in_words(Comparison("", "", one, "", other), "bottleneck", "basic block")
    if one == other:
        assert text == "Both have exactly as many weights."
        return
    more, times, less, again, small, last = re.fullmatch(
        r"The (.+) has (\S+) times the weights of the (.+?)(?:; the (.+) has (\S+) of the (.+))?\.", text
    ).groups()
    assert (more, less) == (("bottleneck", "basic block") if one > other else ("basic block", "bottleneck"))
    ratio = max(one, other) / min(one, other)
    assert float(times.replace(",", "")) == pytest.approx(ratio, rel=6e-4)
    if again is None:
        assert ratio >= 1000
    else:
        assert (again, last) == (less, more)
        assert float(small) == pytest.approx(1 / ratio, rel=6e-3)


def test_ratios_of_he_2015():
    """Fig. 5: 69,632 weights of a bottleneck, 1,179,648 and 73,728 of basic blocks."""
    outside, within = (
        ratio_in_words(pair, "bottleneck", "basic block") for pair in comparisons(CountSpec.of({"net": "block"}))
    )
    assert outside == (
        "The basic block has 16.94 times the weights of the bottleneck; the bottleneck has 0.059 of the basic block."
    )
    assert within == (
        "The basic block has 1.059 times the weights of the bottleneck; the bottleneck has 0.944 of the basic block."
    )


def test_a_large_ratio_is_written_as_people_write_it():
    """A basic block in 16,384 groups beside a whole bottleneck: not "1.552e+04 times"."""
    spec = CountSpec.of({"block": "basic", "inputs": 16384, "inner": 16384, "groups": 16384})
    for pair in comparisons(spec):
        assert not re.search(r"\de[-+]\d", ratio_in_words(pair, "basic block", "bottleneck"))
