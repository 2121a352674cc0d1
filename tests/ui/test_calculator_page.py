"""The Calculator as Streamlit runs it, without a browser and without the process that builds networks."""

import json
import re
from concurrent.futures import Future
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from resviz.architectures import count
from resviz.countspec import CountSpec
from resviz.counttext import RATIOS, head, network_finding, rows, to_csv, to_markdown
from resviz.families import NETS
from resviz.figures.count import bars
from resviz.measured import MOST_SECONDS, Check, StepTime
from resviz.runs.prober import STOPPED, LookFailed, Prober
from resviz.runs.scheduler import Scheduler
from resviz.runs.store import Store
from resviz.ui import calculator, server
from resviz.ui.calculator import BLOCKS, PAIRS
from resviz.words import table

PAGE = Path(__file__).parents[2] / "pages" / "calculator.py"


class Slow(Prober):
    """A prober without a process. `answers`, where it is set, makes every answer at once, or raises; else all wait."""

    def __init__(self, store):
        super().__init__(store)
        self.asked, self.answers = [], None

    def ask(self, question, viewer=""):
        self.asked.append(question)
        if self.answers is None:
            return super().ask(question, viewer)
        future = Future()
        try:
            answer = self.answers(question)
        except LookFailed as error:
            future.set_exception(error)
        else:
            self._remember(question.key, answer)
            future.set_result(answer)
        return future

    def answer_waiting(self, answers):
        """What `_serve` does, for all that wait."""
        while self.waiting:
            _, (question, future) = self.waiting.popitem(last=False)
            future.set_running_or_notify_cancel()
            try:
                answer = answers(question)
            except LookFailed as error:
                future.set_exception(error)
            else:
                self._remember(question.key, answer)
                future.set_result(answer)


@pytest.fixture(autouse=True)
def slow(tmp_path, monkeypatch):
    scheduler = Scheduler(Store(tmp_path))
    scheduler.device = "cpu"
    scheduler.known_device.set()
    monkeypatch.setattr(server, "_scheduler", scheduler)
    monkeypatch.setattr(server, "_prober", Prober(scheduler.store))
    monkeypatch.setattr(server, "_slow_prober", Slow(scheduler.store))
    monkeypatch.setenv("RESVIZ_MAX_GB", "8")
    return server._slow_prober


def ran(page):
    page.run()
    assert not page.exception, page.exception
    return page


def open_page(**query):
    page = AppTest.from_file(PAGE, default_timeout=20)
    for key, value in query.items():
        page.query_params[key] = value
    return ran(page)


def put(page, kind, key, value):
    """Set a widget, as a person does; one whose value came from elsewhere is a new one, with a number behind its name."""
    found = (
        [w for w in getattr(page, kind) if w.key and re.fullmatch(rf"{key}(_\d+)?", w.key)]
        if kind != "button_group"
        else []
    )
    (found[0] if found else getattr(page, kind)(key=key)).set_value(value)
    return ran(page)


def press(page, key):
    page.button(key=key).click()
    return ran(page)


def address(page):
    return {key: value if isinstance(value, str) else value[-1] for key, value in page.query_params.items()}


def components(page, name):
    return {
        found.proto.id.rsplit("-", 1)[-1]: json.loads(found.proto.json)
        for found in page.get("bidi_component")
        if found.proto.component_name == name
    }


def drawings(page):
    return components(page, "resviz_drawing")


def texts(page):
    return [each.value for each in page.markdown]


def keys(page):
    return {each.key for each in (*page.selectbox, *page.number_input, *page.text_input, *page.button)}


def problems(page):
    return [each.value for each in page.warning if each.value.startswith("Not every setting")]


def in_tables(page):
    """Parameters, operations and memory of each network, exact."""
    return [text.splitlines()[-1].split(" | ")[3:6] for text in texts(page) if text.startswith("| stage |")]


def totals(**words):
    return rows(count(CountSpec.of(words)))[-1][3:6]


# -- what it shows ---------------------------------------------------------------------------------


def test_it_opens_with_resnet_50_beside_resnet_34():
    page = open_page()
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
    page = open_page(net=net)
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
    page = open_page(**words)
    spec = CountSpec.of(words or {"other": "resnet34"})
    networks = [count(each) for each in (spec, spec.against) if each]
    csv, markdown = components(page, "resviz_file").values()
    assert (csv["name"], csv["text"]) == ("resviz-count.csv", to_csv(networks))
    assert (markdown["name"], markdown["text"]) == ("resviz-count.md", to_markdown(networks))


def test_two_blocks_stand_one_under_the_other():
    page = open_page(net="block", other="block,inner:128")
    assert not page.warning
    assert "70,400" in drawings(page)["sum True"]
    assert (
        f"{count(CountSpec.of({'net': 'block', 'inner': '128'})).total.sums.all_parameters:,}"
        in (drawings(page)["sum False"])
    )


def test_the_unit_and_what_is_counted_change_the_numbers():
    page = open_page(net="resnet50")
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
    page = put(open_page(net="resnet50", other="resnet34"), "button_group", "set_counted", [])
    assert [line[1] for line in in_tables(page)] == ["0", "0"]
    assert any("nothing of what it does is counted" in text for text in texts(page))
    again = open_page(**address(page))
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
    page = put(open_page(**FULL), kind, f"set_{key}", value)
    assert not page.warning
    assert address(page) == {k: v for k, v in {**FULL, **word}.items() if v is not None}
    assert in_tables(page)[0] == totals(**address(page))


def test_a_widget_of_the_page_as_it_opens_keeps_both_networks():
    page = put(open_page(), "number_input", "set_classes", 10)
    assert address(page) == {"net": "resnet50", "classes": "10", "other": "resnet34"}
    page = put(open_page(), "number_input", "set_other_classes", 10)
    assert address(page) == {"net": "resnet50", "other": "resnet34,classes:10"}


def test_another_network_drops_the_structure_of_the_old_one_only():
    kept = {key: FULL[key] for key in ("input", "classes", "convention", "unit", "batch", "other")}
    page = open_page(**FULL)
    for net in ("resnet50", "wrn", "custom", "densenet121"):
        put(page, "selectbox", "network", net)
        assert not page.warning
        # A hundred classes and 64 pixels are no default anywhere.
        assert address(page) == {"net": net, **kept}
        assert in_tables(page)[0] == totals(net=net, input="64", classes="100", unit="flops", convention="v1")
    put(page, "selectbox", "network", "cifar")
    assert address(page) == {"net": "cifar", **kept}


def test_an_image_too_small_for_another_network_is_said_and_made_larger():
    page = put(open_page(net="resnet50", input="20"), "selectbox", "network", "vgg16")
    assert "input=20: too small" in page.warning[0].value
    assert address(page) == {"net": "vgg16", "input": "32"}


def test_an_image_too_small_for_another_network_beside_is_said_too():
    page = put(open_page(net="resnet50", other="resnet34,input:20"), "selectbox", "beside", "vgg16")
    assert page.warning
    assert "input=20: too small" in page.warning[0].value
    assert address(page) == {"net": "resnet50", "other": "vgg16,input:32"}


def test_nothing_beside_takes_the_second_network_away():
    page = put(open_page(), "selectbox", "beside", "")
    assert address(page) == {"net": "resnet50"}
    assert len(in_tables(page)) == 1
    assert "ResNet-34" not in drawings(page)["bars"]
    assert not any(key.startswith("set_other_") for key in keys(page) if key)
    put(page, "selectbox", "beside", "vgg16")
    assert address(page) == {"net": "resnet50", "other": "vgg16"}
    assert page.selectbox(key="set_other_norm").value == "none"


def test_widgets_of_the_other_network_change_only_it():
    page = open_page(net="cifar", depth="20", unit="flops", other="cifar,depth:56,shortcut:B")
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
    page = open_page(net="cifar", depth="20", other="wrn")
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
    page = put(open_page(net="block", unit="flops"), "button_group", "count_mode", "network")
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
    page = open_page(**start, **kept)
    for label, words in choices.items():
        put(page, "button_group", "scenario_", label)
        assert not problems(page)
        assert page.button_group(key="scenario_").value == label
        wanted = CountSpec.of({"net": start["net"], **words, **kept})
        assert CountSpec.of(address(page)) == wanted
        put(page, "button_group", "scenario_", None)  # a press on what is chosen
        assert CountSpec.of(address(page)) == wanted


def test_a_scenario_of_blocks_keeps_what_no_scenario_sets():
    page = put(open_page(net="block", bias="yes", shortcut="C"), "button_group", "scenario_", "Basic, 64")
    assert address(page) == {"net": "block", "block": "basic", "inputs": "64", "bias": "yes", "shortcut": "C"}


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
        ({"net": "cifar", "depth": "57"}, ["depth=57: this family has 6n+2 layers; nearest that works: 56"]),
        ({"depth": "20", "norm": "none"}, ["depth=20: ResNet-50 has its own", "norm=none: ResNet-50 has its own"]),
        ({"lr": "0.1", "cut": "3"}, ["lr=0.1: no such setting", "cut=3: no such setting"]),
        ({"unit": "ops"}, ["unit=ops: allowed is one of macs, flops"]),
        ({"counted": "conv,magic"}, ["counted=conv,magic: allowed is names of conv"]),
        ({"net": "custom", "stages": "`<b>1</b>`\n# x"}, ["stages='<b>1</b>' # x:"]),
        ({"net": "cifar", "depth": "1" * 5000}, ["(5,000 characters)"]),
    ],
)
def test_what_cannot_be_used_is_said_in_words(query, said):
    page = open_page(**query)
    (warning,) = page.warning
    for words in said:
        assert words in warning.value
    assert {"bars", "sum True"} & set(drawings(page))
    # And the page still works.
    put(page, "selectbox", "set_unit", "flops")
    assert not page.warning
    assert address(page)["unit"] == "flops"


@pytest.mark.parametrize(
    ("query", "kind", "key", "value", "said"),
    [
        ({"net": "block"}, "number_input", "set_groups", 7, "groups=7: a 3x3 convolution of 64 channels"),
        ({"net": "resnext29", "depth": "20"}, "number_input", "set_groups", 7, "groups=7:"),
        ({"net": "cifar", "depth": "20"}, "number_input", "set_depth", 57, "depth=57: this family has 6n+2 layers"),
        ({"net": "resnet50", "other": "resnet34"}, "number_input", "set_input", 5, "input=5: too small"),
        ({"net": "custom", "stages": "2x64"}, "text_input", "set_stages", "3y64", "stages=3y64: '3y64' is not"),
        ({"net": "vgg16", "other": "cifar,depth:20"}, "number_input", "set_other_depth", 57, "depth=57:"),
        ({"net": "vgg16", "other": "custom,stages:2x64"}, "text_input", "set_other_stages", "x", "stages=x: 'x' is"),
    ],
)
def test_a_widget_with_an_unusable_value_says_so_and_changes_nothing(query, kind, key, value, said):
    page = open_page(**query)
    before, shown = getattr(page, kind)(key=key).value, in_tables(page)
    put(page, kind, key, value)
    assert said in page.warning[0].value
    assert address(page) == query
    assert getattr(page, kind)(key=key).value == before
    assert in_tables(page) == shown
    assert not ran(page).warning  # said once


# -- guesses ---------------------------------------------------------------------------------------

TRUTH = {
    "ResNet-50 and 34": "as many or more",
    "152 layers of basic blocks": "fewer",
    "… as wide outside": "less than half",
    "32 groups": "fewer",
    "A plain network": "more than twice",
    "Deep or wide": "less than half",
}


def test_every_pair_can_be_guessed_and_is_judged():
    page = open_page()
    order = [*list(PAIRS)[1:], next(iter(PAIRS))]  # the page opens with the first one's answer on it
    for number, name in enumerate(order, start=1):
        spec = CountSpec.of(PAIRS[name])
        question = f"How many parameters has **{spec.label}** beside **{spec.against.label}**?"
        assert question in texts(page)
        a, b = (count(each).total.sums.all_parameters for each in (spec, spec.against))
        truth = RATIOS[0 if 2 * a < b else 1 if a < b else 2 if a <= 2 * b else 3]
        assert truth == TRUTH[name]
        press(page, f"guess_calculator_{truth}")
        assert CountSpec.of(address(page)) == spec
        assert any(text.startswith(f"You guessed **{truth}**: right. {spec.label} has ") for text in texts(page))
        assert any(each.value == f"{number} of {number} right so far" for each in page.caption)
    press(page, "guess_calculator_more than twice")
    assert any(text.startswith("You guessed **more than twice**: not so.") for text in texts(page))
    assert any(each.value == "6 of 7 right so far" for each in page.caption)


def test_a_guess_is_not_judged_on_another_pair():
    page = press(open_page(), "guess_calculator_fewer")
    put(page, "selectbox", "network", "vgg16")
    assert not any(text.startswith("You guessed") for text in texts(page))


# -- the check -------------------------------------------------------------------------------------


def built(question, off=0):
    sums = count(question.spec).total.sums
    return Check("the real thing", sums.all_parameters - off, sums.macs(), sums.kept)


def test_the_page_asks_nothing_and_starts_nothing_by_itself(slow, monkeypatch):
    page = open_page()
    put(page, "selectbox", "set_unit", "flops")
    put(page, "button_group", "count_mode", "block")
    assert slow.asked == []
    monkeypatch.setattr(server, "_slow_prober", None)
    open_page(net="cifar", depth="8")
    assert server._slow_prober is None


@pytest.mark.parametrize("words", [{"net": "resnet50", "other": "resnet34"}, {"net": "block", "groups": "2"}])
def test_the_check_says_equal(slow, words):
    slow.answers = built
    page = press(open_page(**words), "check")
    spec = CountSpec.of(words)
    labels = [each.label for each in (spec, spec.against) if each]
    for label in labels:
        assert f"**{label}** against the real thing: equal to the last unit." in texts(page)
    tables = [text for text in texts(page) if text.startswith("|  | counted | built |  |")]
    assert len(tables) == len(labels)
    assert all(text.count("| equal |") == 3 for text in tables)
    assert not page.error


def test_the_check_names_what_differs_and_by_how_much(slow):
    slow.answers = lambda question: built(question, off=1)
    page = press(open_page(net="resnet18"), "check")
    assert "**ResNet-18** against the real thing: parameters differ; please report this link." in texts(page)
    assert any("| parameters | 11,689,512 | 11,689,511 | the count is 1 more |" in text for text in texts(page))


def test_the_check_that_fails_says_why(slow):
    def fails(question):
        raise LookFailed("The process ended.")

    slow.answers = fails
    page = press(open_page(), "check")
    assert [each.value for each in page.error] == ["The process ended."]
    assert not any("against" in text for text in texts(page) if text.startswith("**"))
    slow.answers = built
    press(page, "check")
    assert not page.error


def test_the_check_that_takes_too_long_says_so(slow, monkeypatch):
    monkeypatch.setattr(calculator, "CHECK_SECONDS", 0.05)
    page = press(open_page(), "check")
    assert ["busy" in each.value for each in page.error] == [True]
    slow.answer_waiting(built)  # it has come meanwhile
    assert any("equal to the last unit" in text for text in texts(ran(page)))


def test_an_answer_serves_every_unit_and_every_neighbour(slow):
    slow.answers = built
    press(open_page(), "check")
    press(open_page(net="resnet50", unit="flops", counted="conv", batch="32", other="vgg16"), "check")
    one, _, other, _ = slow.asked
    assert one.key == other.key
    alone = open_page(net="resnet50", unit="flops")
    assert any("equal to the last unit" in text for text in texts(alone))
    v1 = open_page(net="resnet50", convention="v1")  # which is another network
    assert not any("equal to the last unit" in text for text in texts(v1))


# -- a training step -------------------------------------------------------------------------------

SMALL = {"net": "cifar", "depth": "20", "other": "cifar,depth:8", "batch": "2"}


def took(question):
    return StepTime(
        question.spec.batch, "cpu", 1, question.spec.depth / 1000, question.spec.depth / 1100, 9, 5e10, 1e10
    )


def test_a_training_step_is_measured_at_a_press(slow):
    page = open_page(**SMALL)
    assert page.button(key="time").label == "Measure a training step"
    press(page, "time")
    assert [question.kind for question in slow.asked] == ["steptime", "steptime"]
    assert [question.spec.batch for question in slow.asked] == [2, 2]
    assert len(slow.waiting) == 2
    assert "time" not in keys(page)
    assert re.fullmatch(r"\S+ (s|ms|time) of about \S+ s", page.get("progress")[0].proto.text)
    slow.answer_waiting(took)
    ran(page)
    assert not page.get("progress")
    roofs = drawings(page)["roofs"]
    assert roofs.count("rc-measured") == 2
    assert ">20 ms<" in roofs and ">8 ms<" in roofs
    said = "\n".join(texts(page))
    spec = CountSpec.of(SMALL)
    assert f"**{spec.label}**: 20 ms for a training step of 2 images. The floor: " in said
    assert f"times the products of **{spec.against.label}** and takes 2.50 times as long" in said
    assert any("the median of at least 9 steps" in each.value for each in page.caption)
    assert page.button(key="time").label == "Measure again"


def test_a_step_is_measured_anew_and_the_bars_stay_in_another_unit(slow):
    press(open_page(**SMALL), "time")
    slow.answer_waiting(took)
    page = open_page(**SMALL, unit="flops")
    assert "roofs" in drawings(page)
    assert "roofs" not in drawings(open_page(**SMALL | {"batch": "3"}))
    press(page, "time")
    assert "roofs" not in drawings(page)
    slow.answer_waiting(lambda question: took(question))
    assert "roofs" in drawings(ran(page))
    assert len({question.key for question in slow.asked}) == 2
    assert len(slow.asked) == 4


def test_a_measurement_can_be_stopped(slow):
    page = press(open_page(**SMALL), "time")
    futures = [future for _, future in slow.waiting.values()]
    press(page, "time_stop")
    assert not slow.waiting
    assert [str(future.exception(0)) for future in futures] == [STOPPED, STOPPED]
    assert not page.get("progress")
    assert not page.error
    press(page, "time")  # and begun again
    slow.answer_waiting(took)
    assert "roofs" in drawings(ran(page))


def test_another_network_stops_what_nobody_waits_for(slow):
    page = press(open_page(**SMALL), "time")
    put(page, "selectbox", "set_unit", "flops")  # the same networks
    assert len(slow.waiting) == 2 and page.get("progress")
    put(page, "number_input", "set_depth", 14)
    assert not slow.waiting
    assert page.button(key="time").label == "Measure a training step"
    assert not page.error


def test_a_measurement_that_fails_says_why(slow):
    def fails(question):
        raise LookFailed("There is not enough memory.")

    page = press(open_page(**SMALL), "time")
    slow.answer_waiting(fails)
    ran(page)
    assert [each.value for each in page.error] == ["There is not enough memory."]
    assert page.button(key="time").label == "Measure a training step"
    assert not ran(page).error  # said once


def test_too_large_a_batch_is_refused_with_the_nearest_that_works(slow):
    page = open_page(net="resnet50", batch="1024")
    (refusal,) = page.warning
    said = re.fullmatch(
        r"batch=1024: a step of ResNet-50 would take about (\S+ s|\d+ min) and \S+ GB here; "
        rf"the limit is {MOST_SECONDS:g} s and 8.00 GB; nearest that works: (\d+)\.",
        refusal.value,
    )
    assert said, refusal.value
    assert "time" not in keys(page)
    nearest = int(said[2])
    put(page, "number_input", "set_batch", nearest + 1)
    assert f"batch={nearest + 1}:" in page.warning[0].value
    put(page, "number_input", "set_batch", nearest)
    assert not page.warning
    assert address(page) == {"net": "resnet50", "batch": str(nearest)}
    press(page, "time")
    assert slow.asked[0].spec.batch == nearest


def test_a_network_too_large_even_for_one_image_is_refused():
    page = open_page(net="vgg19", input="4096", batch="1")
    label = CountSpec.of({"net": "vgg19", "input": "4096"}).label
    assert f"batch=1: a step of {label} would take about" in page.warning[0].value
    assert "A smaller input or network would fit." in page.warning[0].value
    assert "time" not in keys(page)
