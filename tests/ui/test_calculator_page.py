"""The Calculator as Streamlit runs it: what it shows, and how its widgets and its address follow each other."""

import re

import pytest

from resviz.architectures import count
from resviz.countspec import CountSpec
from resviz.counttext import head, network_finding, rows, to_csv, to_markdown
from resviz.families import NETS
from resviz.figures.count import bars
from resviz.ui.calculator import BLOCKS, PAIRS
from resviz.words import table
from tests.ui.calculating import components, drawings, in_tables, keys, problems, put, texts, totals
from tests.ui.opening import address, open_page

pytestmark = pytest.mark.usefixtures("slow")


# -- what it shows ---------------------------------------------------------------------------------


def test_it_opens_with_resnet_50_beside_resnet_34():
    page = open_page("calculator")
    assert not page.warning
    assert address(page) == {}
    assert in_tables(page) == [
        ["25,557,032", "4,089,184,256", "85,913,504"],
        ["21,797,672", "3,663,761,408", "32,219,040"],
    ]
    assert re.search('aria-label="([^"]*)"', drawings(page)["bars"])[1] == (
        "ResNet-50: 25.6 M parameters, 4.09 G MACs, 85.9 MB to train on one image; "
        "ResNet-34: 21.8 M parameters, 3.66 G MACs, 32.2 MB to train on one image"
    )
    assert any(text.startswith("Beside **ResNet-34**, **ResNet-50** has 17.2% more parameters") for text in texts(page))
    assert page.button_group(key="scenario_").value == "ResNet-50 and 34"


@pytest.mark.parametrize("net", NETS)
def test_every_network_opens_with_its_findings(net):
    page = open_page("calculator", net=net)
    counted = count(CountSpec.of({"net": net}))
    assert not page.warning
    assert not page.error
    if net == "block":
        assert "70,400" in drawings(page)["sum True"]
        assert "Equal outside, 256 channels" in drawings(page)["compared"]
        return
    assert list(drawings(page)) == ["bars"]
    assert network_finding(counted) in texts(page)
    assert table(head(counted.spec), rows(counted)[-1:]).splitlines()[-1] in "\n".join(texts(page))
    assert f"Why tools disagree about {counted.spec.label}" in [each.value for each in page.subheader]


@pytest.mark.parametrize("words", [{}, {"net": "block"}, {"net": "wrn", "other": "cifar,depth:56", "unit": "flops"}])
def test_files_hold_what_the_page_shows(words):
    page = open_page("calculator", **words)
    spec = CountSpec.of(words or {"other": "resnet34"})
    networks = [count(each) for each in (spec, spec.against) if each]
    csv, markdown = components(page, "resviz_file").values()
    assert (csv["name"], csv["text"]) == ("resviz-count.csv", to_csv(networks))
    assert (markdown["name"], markdown["text"]) == ("resviz-count.md", to_markdown(networks))


def test_two_blocks_stand_one_under_the_other():
    page = open_page("calculator", net="block", other="block,inner:128")
    assert not page.warning
    assert "70,400" in drawings(page)["sum True"]
    assert (
        f"{count(CountSpec.of({'net': 'block', 'inner': '128'})).total.sums.all_parameters:,}"
        in (drawings(page)["sum False"])
    )


def test_the_unit_and_what_is_counted_change_the_numbers():
    page = open_page("calculator", net="resnet50")
    sums = count(CountSpec.of({})).total.sums
    put(page, "selectbox", "set_unit", "flops")
    assert address(page) == {"net": "resnet50", "unit": "flops"}
    assert in_tables(page)[0][1] == f"{2 * sums.macs():,}"
    assert "8.18 G FLOPs" in drawings(page)["bars"]
    put(page, "button_group", "set_counted", ["conv", "linear", "norm"])
    assert address(page) == {"net": "resnet50", "unit": "flops", "counted": "conv,linear,norm"}
    expected = 2 * (sums.operations["conv"] + sums.operations["linear"]) + sums.operations["norm"]
    assert in_tables(page)[0][1] == f"{expected:,}"
    assert any("Not counted: projections on shortcuts" in each.value for each in page.caption)
    put(page, "selectbox", "set_convention", "v1")
    assert in_tables(page)[0][1] == totals(**address(page))[1] != f"{expected:,}"


def test_nothing_need_be_counted():
    page = put(open_page("calculator", net="resnet50", other="resnet34"), "button_group", "set_counted", [])
    assert [line[1] for line in in_tables(page)] == ["0", "0"]
    assert any("nothing of what it does is counted" in text for text in texts(page))
    again = open_page("calculator", **address(page))
    assert not again.warning
    assert in_tables(again) == in_tables(page)


def luminance(color):
    """WCAG 2.1's relative luminance of "#123456" or "#123"."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize(
    "words",
    [
        *({"net": net} for net in NETS if net != "block"),
        *({"net": "custom", "stages": ",".join(["1x64"] * stages), "input": "512"} for stages in range(1, 9)),
    ],
    ids=lambda words: words.get("stages", words["net"]),
)
def test_words_in_bars_can_be_read(words):
    pairs = set(
        re.findall(r'<rect [^>]*fill="(#\w+)"[^>]*/><text [^>]*fill="(#\w+)"', bars([count(CountSpec.of(words))]))
    )
    assert pairs
    for bar, ink in pairs:
        less, more = sorted((luminance(bar), luminance(ink)))
        assert (more + 0.05) / (less + 0.05) >= 4.5, (bar, ink)


# -- widgets and the address -----------------------------------------------------------------------

FULL = {
    "net": "cifar", "depth": "20", "width": "32", "shortcut": "C", "input": "64", "classes": "100",
    "convention": "v1", "unit": "flops", "batch": "2", "other": "resnet34,input:64",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "value", "word"),
    [
        ("number_input", "depth", 32, {"depth": "32"}),
        ("number_input", "width", 24, {"width": "24"}),
        ("selectbox", "shortcut", "B", {"shortcut": "B"}),
        ("selectbox", "order", "full", {"order": "full"}),
        ("number_input", "channels", 1, {"channels": "1"}),
        ("number_input", "batch", 8, {"batch": "8"}),
        ("number_input", "depth", 110, {"depth": None}),  # the default needs no word
        ("selectbox", "unit", "macs", {"unit": None}),
    ],
)
def test_a_widget_writes_the_address_and_keeps_the_rest(kind, key, value, word):
    page = put(open_page("calculator", **FULL), kind, f"set_{key}", value)
    assert not page.warning
    assert address(page) == {k: v for k, v in {**FULL, **word}.items() if v is not None}
    assert in_tables(page)[0] == totals(**address(page))


def test_a_widget_of_the_page_as_it_opens_keeps_both_networks():
    page = put(open_page("calculator"), "number_input", "set_classes", 10)
    assert address(page) == {"net": "resnet50", "classes": "10", "other": "resnet34"}
    page = put(open_page("calculator"), "number_input", "set_other_classes", 10)
    assert address(page) == {"net": "resnet50", "other": "resnet34,classes:10"}


def test_another_network_drops_the_structure_of_the_old_one_only():
    kept = {key: FULL[key] for key in ("input", "classes", "convention", "unit", "batch", "other")}
    page = open_page("calculator", **FULL)
    for net in ("resnet50", "wrn", "custom", "densenet121"):
        put(page, "selectbox", "network", net)
        assert not page.warning
        # A hundred classes and 64 pixels are no default anywhere.
        assert address(page) == {"net": net, **kept}
        assert in_tables(page)[0] == totals(net=net, input="64", classes="100", unit="flops", convention="v1")
    put(page, "selectbox", "network", "cifar")
    assert address(page) == {"net": "cifar", **kept}


def test_an_image_too_small_for_another_network_is_said_and_made_larger():
    page = put(open_page("calculator", net="resnet50", input="20"), "selectbox", "network", "vgg16")
    assert "input=20: too small" in page.warning[0].value
    assert address(page) == {"net": "vgg16", "input": "32"}


def test_an_image_too_small_for_another_network_beside_is_said_too():
    page = put(open_page("calculator", net="resnet50", other="resnet34,input:20"), "selectbox", "beside", "vgg16")
    assert page.warning
    assert "input=20: too small" in page.warning[0].value
    assert address(page) == {"net": "resnet50", "other": "vgg16,input:32"}


def test_nothing_beside_takes_the_second_network_away():
    page = put(open_page("calculator"), "selectbox", "beside", "")
    assert address(page) == {"net": "resnet50"}
    assert len(in_tables(page)) == 1
    assert "ResNet-34" not in drawings(page)["bars"]
    assert not any(key.startswith("set_other_") for key in keys(page) if key)
    put(page, "selectbox", "beside", "vgg16")
    assert address(page) == {"net": "resnet50", "other": "vgg16"}
    assert page.selectbox(key="set_other_norm").value == "none"


def test_widgets_of_the_other_network_change_only_it():
    page = open_page("calculator", net="cifar", depth="20", unit="flops", other="cifar,depth:56,shortcut:B")
    mine = {"net": "cifar", "depth": "20", "unit": "flops"}
    for kind, key, value, other in (
        ("number_input", "set_other_depth", 32, "cifar,depth:32,shortcut:B"),
        ("selectbox", "set_other_shortcut", "A", "cifar,depth:32"),
        ("number_input", "set_other_input", 64, "cifar,depth:32,input:64"),
        ("selectbox", "beside", "wrn", "wrn,input:64"),
        ("number_input", "set_other_width_factor", 4, "wrn,width_factor:4,input:64"),
        ("selectbox", "beside", "densenet121", "densenet121,input:64"),
        ("number_input", "set_other_input", 224, "densenet121"),
        ("selectbox", "beside", "custom", "custom"),
        ("text_input", "set_other_stages", "2x64,3x128/1", "custom,stages:2x64,3x128/1"),
        ("selectbox", "set_other_block", "basic", "custom,block:basic,stages:2x64,3x128/1"),
        ("number_input", "set_other_classes", 7, "custom,block:basic,stages:2x64,3x128/1,classes:7"),
    ):
        put(page, kind, key, value)
        assert not page.warning
        assert address(page) == {**mine, "other": other}
    assert page.number_input(key="set_depth").value == 20
    spec = CountSpec.of(address(page))
    assert in_tables(page) == [rows(count(each))[-1][3:6] for each in (spec, spec.against)]


def test_both_modes_are_found_as_they_were_left():
    page = open_page("calculator", net="cifar", depth="20", other="wrn")
    put(page, "button_group", "count_mode", "block")
    assert address(page) == {"net": "block"}
    put(page, "number_input", "set_inner", 128)
    put(page, "number_input", "set_groups", 32)
    put(page, "selectbox", "set_unit", "flops")
    put(page, "selectbox", "set_convention", "v1")
    put(page, "button_group", "set_counted", ["conv", "relu"])
    how = {"unit": "flops", "convention": "v1", "counted": "conv,relu"}
    assert address(page) == {"net": "block", "inner": "128", "groups": "32", **how}
    put(page, "button_group", "count_mode", "network")
    assert not page.warning
    assert address(page) == {"net": "cifar", "depth": "20", "other": "wrn", **how}
    put(page, "selectbox", "set_unit", "macs")
    put(page, "button_group", "count_mode", "block")
    how.pop("unit")
    assert address(page) == {"net": "block", "inner": "128", "groups": "32", **how}
    assert "bars" not in drawings(page)


def test_a_block_that_is_opened_first_has_networks_to_go_to():
    page = put(open_page("calculator", net="block", unit="flops"), "button_group", "count_mode", "network")
    assert address(page) == {"net": "resnet50", "other": "resnet34", "unit": "flops"}
    put(page, "button_group", "count_mode", None)  # a press on what is chosen
    assert address(page) == {"net": "resnet50", "other": "resnet34", "unit": "flops"}
    assert page.button_group(key="count_mode").value == "network"


@pytest.mark.parametrize(
    ("choices", "start", "kept"),
    [
        (PAIRS, {"net": "cifar", "depth": "20"}, {"unit": "flops", "convention": "v1"}),
        (BLOCKS, {"net": "block"}, {"unit": "flops", "input": "28"}),
    ],
)
def test_scenarios_are_one_press_away(choices, start, kept):
    page = open_page("calculator", **start, **kept)
    for label, words in choices.items():
        put(page, "button_group", "scenario_", label)
        assert not problems(page)
        assert page.button_group(key="scenario_").value == label
        wanted = CountSpec.of({"net": start["net"], **words, **kept})
        assert CountSpec.of(address(page)) == wanted
        put(page, "button_group", "scenario_", None)  # a press on what is chosen
        assert CountSpec.of(address(page)) == wanted


def test_a_scenario_of_blocks_keeps_what_no_scenario_sets():
    page = put(open_page("calculator", net="block", bias="yes", shortcut="C"), "button_group", "scenario_", "Basic, 64")
    assert address(page) == {"net": "block", "block": "basic", "inputs": "64", "bias": "yes", "shortcut": "C"}
