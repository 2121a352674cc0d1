"""The Calculator's panels as the browser's half drives them: what they show, and how settings follow each other."""

import re

import pytest

from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.figures import bars
from resviz.topics.calculator.panel import BLOCKS, PAIRS
from resviz.topics.calculator.presets import NETS
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.words import RATIOS, head, network_finding, rows, to_csv, to_markdown
from resviz.ui.panels import PANELS
from tests.ui.desk import totals
from tests.ui.driving import Driven
from tests.ui.opening import address, open_page

pytestmark = pytest.mark.usefixtures("slow")
OPENING = {"net": "resnet50", "other": "resnet34"}


def in_tables(panel):
    """Parameters, operations and memory of each network, exact."""
    return [card["rows"]["rows"][-1][3:6] for card in panel.figures if card["id"].startswith("count_stages")]


# -- what it shows ---------------------------------------------------------------------------------


def test_the_page_mounts_three_panels_of_one_address():
    page = open_page("calculator")
    assert address(page) == {}
    assert len(page.get("bidi_component")) == 3
    assert not page.warning and not page.error


def test_it_opens_with_resnet_50_beside_resnet_34():
    panel = Driven("count")
    assert panel.words == OPENING and not panel.problems
    assert in_tables(panel) == [
        ["25,557,032", "4,089,184,256", "85,913,504"],
        ["21,797,672", "3,663,761,408", "32,219,040"],
    ]
    assert re.search('aria-label="([^"]*)"', panel.card("count_bars")["markup"])[1] == (
        "ResNet-50: 25.6 M parameters, 4.09 G MACs, 85.9 MB to train on one image; "
        "ResNet-34: 21.8 M parameters, 3.66 G MACs, 32.2 MB to train on one image"
    )
    assert panel.finding.startswith("Beside **ResNet-34**, **ResNet-50** has 17.2% more parameters")
    assert panel.state["values"]["Try"] == "ResNet-50 and 34"


@pytest.mark.parametrize("net", NETS)
def test_every_network_opens_with_its_findings(net):
    panel = Driven("count", net=net)
    counted = count(CountSpec.of({"net": net}))
    assert not panel.problems and not panel.state["trouble"]
    if net == "block":
        assert "70,400" in panel.card("count_sum_0")["markup"]
        assert "Equal outside, 256 channels" in panel.card("count_compared")["markup"]
        return
    assert panel.finding == network_finding(counted)
    stages = panel.card("count_stages_0")
    assert (stages["title"], stages["rows"]["header"]) == (counted.spec.label, head(counted.spec))
    assert stages["rows"]["rows"] == rows(counted)
    assert panel.card("count_tools")["title"] == f"Why tools disagree about {counted.spec.label}"


@pytest.mark.parametrize("words", [{}, {"net": "block"}, {"net": "wrn", "other": "cifar,depth:56", "unit": "flops"}])
def test_files_hold_what_the_page_shows(words):
    panel = Driven("count", **words)
    spec = CountSpec.of(words or OPENING)
    networks = [count(each) for each in (spec, spec.against) if each]
    for suffix, text, kind in (("csv", to_csv(networks), "text/csv"), ("md", to_markdown(networks), "text/markdown")):
        status, headers, found = panel.file(suffix)
        assert (status, found, headers["content-type"].partition(";")[0]) == (200, text, kind)
        assert headers["content-disposition"] == f'attachment; filename="resviz-count-{spec.digest}.{suffix}"'
    assert panel.file("pdf")[0] == 404


def test_two_blocks_stand_one_under_the_other():
    panel = Driven("count", net="block", other="block,inner:128")
    assert not panel.problems
    assert "70,400" in panel.card("count_sum_0")["markup"]
    other = count(CountSpec.of({"net": "block", "inner": "128"})).total.sums.all_parameters
    assert f"{other:,}" in panel.card("count_sum_1")["markup"]


def test_the_unit_and_what_is_counted_change_the_numbers():
    panel = Driven("count", net="resnet50")
    sums = count(CountSpec.of({})).total.sums
    panel.change(unit="flops")
    assert panel.words == {"net": "resnet50", "unit": "flops"}
    assert in_tables(panel)[0][1] == f"{2 * sums.macs():,}"
    assert "8.18 G FLOPs" in panel.card("count_bars")["markup"]
    panel.change(counted="conv,linear,norm")
    assert panel.words == {"net": "resnet50", "unit": "flops", "counted": "conv,linear,norm"}
    expected = 2 * (sums.operations["conv"] + sums.operations["linear"]) + sums.operations["norm"]
    assert in_tables(panel)[0][1] == f"{expected:,}"
    assert "Left out: projections on shortcuts" in panel.card("count_bars")["note"]
    panel.change(convention="v1")
    assert in_tables(panel)[0][1] == totals(**panel.words)[1] != f"{expected:,}"


def test_nothing_need_be_counted():
    panel = Driven("count", **OPENING).change(counted="")
    assert [line[1] for line in in_tables(panel)] == ["0", "0"]
    assert "nothing of what it does is counted" in panel.card("count_where")["text"]
    again = Driven("count", panel.query)
    assert not again.problems
    assert in_tables(again) == in_tables(panel)


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


# -- settings and the address ----------------------------------------------------------------------

FULL = {
    "net": "cifar", "depth": "20", "width": "32", "shortcut": "C", "input": "64", "classes": "100",
    "convention": "v1", "unit": "flops", "batch": "2", "other": "resnet34,input:64",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("depth", "32", {"depth": "32"}),
        ("width", "24", {"width": "24"}),
        ("shortcut", "B", {"shortcut": "B"}),
        ("order", "full", {"order": "full"}),
        ("channels", "1", {"channels": "1"}),
        ("batch", "8", {"batch": "8"}),
        ("depth", "110", {"depth": None}),  # the default needs no word
        ("unit", "macs", {"unit": None}),
    ],
)
def test_a_setting_reaches_the_address_and_keeps_the_rest(key, value, word):
    panel = Driven("count", **FULL).change({key: value})
    assert not panel.problems
    assert panel.words == {k: v for k, v in {**FULL, **word}.items() if v is not None}
    assert in_tables(panel)[0] == totals(**panel.words)
    assert key == "batch" or panel.state["values"][key] == value


def test_a_setting_of_the_page_as_it_opens_keeps_both_networks():
    assert Driven("count").change(classes="10").words == {"net": "resnet50", "classes": "10", "other": "resnet34"}
    panel = Driven("count").change({"other.classes": "10"})
    assert panel.words == {"net": "resnet50", "other": "resnet34,classes:10"}


def test_another_network_drops_the_structure_of_the_old_one_only():
    kept = {key: FULL[key] for key in ("input", "classes", "convention", "unit", "batch", "other")}
    panel = Driven("count", **FULL)
    for net in ("resnet50", "wrn", "custom", "densenet121"):
        panel.change(net=net)
        assert not panel.problems
        # A hundred classes and 64 pixels are no default anywhere.
        assert panel.words == {"net": net, **kept}
        assert in_tables(panel)[0] == totals(net=net, input="64", classes="100", unit="flops", convention="v1")
    assert panel.change(net="cifar").words == {"net": "cifar", **kept}


def test_an_image_too_small_for_another_network_is_said_and_made_larger():
    panel = Driven("count", net="resnet50", input="20").change(net="vgg16")
    assert panel.problems[0].startswith("input=20: too small")
    assert panel.words == {"net": "vgg16", "input": "32"}
    panel = Driven("count", net="resnet50", other="resnet34,input:20").change({"other.net": "vgg16"})
    assert panel.problems[0].startswith("input=20: too small")
    assert panel.words == {"net": "resnet50", "other": "vgg16,input:32"}


def test_nothing_beside_takes_the_second_network_away():
    panel = Driven("count").change({"other.net": ""})
    assert panel.words == {"net": "resnet50"}
    assert len(in_tables(panel)) == 1
    assert "ResNet-34" not in panel.card("count_bars")["markup"]
    assert {name for name in panel.names() if name.startswith("other.")} == {"other.net"}
    panel.change({"other.net": "vgg16"})
    assert panel.words == {"net": "resnet50", "other": "vgg16"}
    assert panel.state["values"]["other.norm"] == "none"


def test_settings_of_the_other_network_change_only_it():
    panel = Driven("count", net="cifar", depth="20", unit="flops", other="cifar,depth:56,shortcut:B")
    mine = {"net": "cifar", "depth": "20", "unit": "flops"}
    for key, value, other in (
        ("depth", "32", "cifar,depth:32,shortcut:B"),
        ("shortcut", "A", "cifar,depth:32"),
        ("input", "64", "cifar,depth:32,input:64"),
        ("net", "wrn", "wrn,input:64"),
        ("width_factor", "4", "wrn,width_factor:4,input:64"),
        ("net", "densenet121", "densenet121,input:64"),
        ("input", "224", "densenet121"),
        ("net", "custom", "custom"),
        ("stages", "2x64,3x128/1", "custom,stages:2x64,3x128/1"),
        ("block", "basic", "custom,block:basic,stages:2x64,3x128/1"),
        ("classes", "7", "custom,block:basic,stages:2x64,3x128/1,classes:7"),
    ):
        panel.change({f"other.{key}": value})
        assert not panel.problems
        assert panel.words == {**mine, "other": other}
        assert panel.state["values"][f"other.{key}"] == value
    assert panel.state["values"]["depth"] == "20"
    spec = CountSpec.of(panel.words)
    assert in_tables(panel) == [rows(count(each))[-1][3:6] for each in (spec, spec.against)]


def test_changes_made_before_an_answer_act_in_their_order():
    panel = Driven("count").change({"other.net": ""}, {"net": "vgg16"}, {"unit": "flops"})
    assert panel.words == {"net": "vgg16", "unit": "flops"}
    panel.change({"net": "cifar"}, {"depth": "57"}, {"depth": "20"})
    assert panel.words == {"net": "cifar", "depth": "20", "unit": "flops"}
    assert [problem.partition(":")[0] for problem in panel.problems] == ["depth=57"]


def test_modes_say_what_each_begins_with_and_what_goes_along():
    (modes,) = Driven("count").parts("modes")
    assert {mode["name"]: mode["words"] for mode in modes["choices"]} == {"network": OPENING, "block": {"net": "block"}}
    assert modes["keep"] == ["convention", "unit", "counted", "batch"]
    assert Driven("count").state["values"]["mode"] == "network"
    assert Driven("count", net="block").state["values"]["mode"] == "block"


@pytest.mark.parametrize(
    ("choices", "start", "kept"),
    [
        (PAIRS, {"net": "cifar", "depth": "20"}, {"unit": "flops", "convention": "v1"}),
        (BLOCKS, {"net": "block"}, {"unit": "flops", "input": "28"}),
    ],
)
def test_scenarios_are_one_press_away(choices, start, kept):
    panel = Driven("count", **start, **kept)
    for label, words in choices.items():
        panel.pill(label)
        assert not panel.problems
        assert panel.state["values"]["Try"] == label
        assert CountSpec.of(panel.words) == CountSpec.of({"net": start["net"], **words, **kept})


def test_a_scenario_of_blocks_keeps_what_no_scenario_sets():
    panel = Driven("count", net="block", bias="yes", shortcut="C").pill("Basic, 64")
    assert panel.words == {"net": "block", "block": "basic", "inputs": "64", "bias": "yes", "shortcut": "C"}


# -- what cannot be used ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"groups": "7"}, ["groups=7: ResNet-50 has its own"]),
        ({"net": "block", "groups": "7"}, ["groups=7: a 3x3 convolution of 64 channels", "nearest that works: 8"]),
        ({"net": "block", "inner": "0"}, ["inner=0:", "a branch without channels", "nearest that works: 1"]),
        ({"inner": "0"}, ["inner=0:", "nearest that works: 1"]),
        ({"input": "5"}, ["input=5: too small", "nearest that works: 7"]),
        ({"input": "many"}, ["input=many: allowed is a whole number from 1 to 4,096"]),
        ({"net": "custom", "stages": "x"}, ["stages=x: 'x' is not blocks x channels, such as 3x64"]),
        ({"net": "resnet51"}, ["net=resnet51: allowed is one of resnet18, resnet34"]),
        ({"other": "resnet34,foo:3"}, ["other=resnet34,foo:3: foo=3: no such setting"]),
        ({"other": "block"}, ["other=block: a block goes beside a block"]),
        (
            {"net": "cifar", "depth": "57"},
            ["depth=57: this family has 6n+2 layers, such as 56 and 62; nearest that works: 56"],
        ),
        ({"depth": "20", "norm": "none"}, ["depth=20: ResNet-50 has its own", "norm=none: ResNet-50 has its own"]),
        ({"lr": "0.1", "cut": "3"}, ["lr=0.1: no such setting", "cut=3: no such setting"]),
        ({"unit": "ops"}, ["unit=ops: allowed is one of macs, flops"]),
        ({"counted": "conv,magic"}, ["counted=conv,magic: allowed is names of conv"]),
        ({"net": "custom", "stages": "`<b>1</b>`\n# x"}, ["stages=`<b>1</b>` # x:"]),
        ({"net": "cifar", "depth": "1" * 5000}, ["(5,000 characters)"]),
    ],
)
def test_what_cannot_be_used_of_a_link_is_said_in_words(query, said):
    panel = Driven("count", **query)
    assert not panel.state["changed"]
    for words in said:
        assert words in "\n".join(panel.problems)
    assert {"count_bars", "count_sum_0"} & set(panel.cards())
    panel.change(unit="flops")  # and it still works
    assert not panel.problems
    assert panel.words["unit"] == "flops"


@pytest.mark.parametrize(
    ("query", "key", "value", "said"),
    [
        ({"net": "block"}, "groups", "7", "groups=7: a 3x3 convolution of 64 channels"),
        ({"net": "resnext29", "depth": "20"}, "groups", "7", "groups=7:"),
        ({"net": "cifar", "depth": "20"}, "depth", "57", "depth=57: this family has 6n+2 layers"),
        ({"net": "resnet50", "other": "resnet34"}, "input", "5", "input=5: too small"),
        ({"net": "custom", "stages": "2x64"}, "stages", "3y64", "stages=3y64: '3y64' is not"),
        ({"net": "vgg16", "other": "cifar,depth:20"}, "other.depth", "57", "other.depth=57:"),
        ({"net": "vgg16", "other": "custom,stages:2x64"}, "other.stages", "x", "other.stages=x: 'x' is"),
    ],
)
def test_an_unusable_value_is_said_and_changes_nothing(query, key, value, said):
    panel = Driven("count", **query)
    before, shown = panel.state["values"], in_tables(panel)
    panel.change({key: value})
    assert panel.problems[0].startswith(said) and panel.state["changed"]
    assert panel.words == query
    assert panel.state["values"] == before
    assert in_tables(panel) == shown
    assert not panel.look().problems, "said once"


# -- guesses ---------------------------------------------------------------------------------------

TRUTH = {
    "ResNet-50 and 34": "as many or more",
    "152 layers of basic blocks": "fewer",
    "… as wide outside": "less than half",
    "32 groups": "fewer",
    "A plain network": "more than twice",
    "Dense": "less than half",
    "Deep or wide": "less than half",
}


def test_every_pair_can_be_guessed_and_is_judged():
    panel = Driven("count")
    (guess,) = panel.parts("guess")
    order = [*list(PAIRS)[1:], next(iter(PAIRS))]  # the page opens with the first one's answer on it
    for question, name in zip(guess["questions"], order, strict=True):
        spec = CountSpec.of(PAIRS[name])
        assert question["text"] == f"How many parameters has **{spec.label}** beside **{spec.against.label}**?"
        assert question["choices"] == list(RATIOS)
        panel.change(question["set"])
        assert CountSpec.of(panel.words) == spec
        truth, sentence = panel.state["truth"]
        a, b = (count(each).total.sums.all_parameters for each in (spec, spec.against))
        assert truth == RATIOS[0 if 2 * a < b else 1 if a < b else 2 if a <= 2 * b else 3] == TRUTH[name]
        assert sentence.startswith(f"{spec.label} has ")
    assert "truth" not in panel.change({"other.net": ""}).state


def test_the_three_panels_read_the_same_addresses():
    for query in ("", "net=vgg16", "unit=flops", "net=block&inner=32", "other=wrn"):
        found = {name: Driven(name, query).words for name in ("count", "built", "step")}
        assert len({tuple(words.items()) for words in found.values()}) == 1, found
    assert PANELS["built"].by_press and PANELS["step"].by_press
