"""The Calculator: exact numbers of every link, controls, the check against built networks, and a measured training step."""

import re

import pytest
from playwright.sync_api import expect

from resviz.architectures import count
from resviz.countspec import CountSpec
from resviz.counttext import brief, rows, to_csv, to_markdown

DEFAULT = {"net": "resnet50", "other": "resnet34"}
SMALL = "net=cifar&depth=20&other=cifar,depth:8&batch=2"


def bars(page):
    return page.locator("svg.rc-bars")


def networks(words):
    spec = CountSpec.of(words)
    return [count(each) for each in (spec, spec.against) if each]


def spoken(words):
    unit = "FLOPs" if words.get("unit") == "flops" else "MACs"
    return "; ".join(
        f"{label}: {parameters} parameters, {operations} {unit}, {memory} to train on one image"
        for label, parameters, operations, memory in brief(networks(words))
    )


def link(server, words):
    return f"{server.url}/calculator?{'&'.join(f'{key}={value}' for key, value in words.items())}"


def until_shown(page, words):
    """Wait until the bars and the tables have the numbers of these settings."""
    expect(bars(page)).to_have_attribute("aria-label", spoken(words))
    tables = page.locator("table", has=page.get_by_text("training memory, bytes"))
    for number, counted in enumerate(networks(words)):
        wanted = [re.compile(rf"^\s*{re.escape(cell)}\s*$") for cell in rows(counted)[-1]]
        expect(tables.nth(number).locator("tbody tr").last.locator("td")).to_have_text(wanted)


def choose(page, label, option):
    box = page.get_by_role("combobox", name=label, exact=True).first
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # a list that opens while the page moves closes again
    box.click()
    page.get_by_role("option", name=option, exact=True).click()


def press_pill(page, name):
    page.get_by_role("radio", name=name, exact=True).or_(
        page.get_by_role("button", name=name, exact=True)
    ).first.click()


# -- what it shows ---------------------------------------------------------------------------------


def test_it_opens_on_two_networks_in_one_screen(server, new_page):
    page = new_page(f"{server.url}/calculator")
    until_shown(page, DEFAULT)
    label = bars(page).get_attribute("aria-label")
    assert label.startswith("ResNet-50: 25.6 M parameters, 4.09 G MACs, ")
    assert "; ResNet-34: 21.8 M parameters, 3.66 G MACs, " in label
    box = bars(page).bounding_box()
    assert box["y"] + box["height"] <= 768
    assert box["x"] + box["width"] <= 1366
    for control in (
        page.get_by_role("combobox", name="network", exact=True),
        page.get_by_role("combobox", name="beside it", exact=True),
        page.get_by_role("combobox", name="unit", exact=True),
        page.get_by_role("button", name="Guess first"),
        page.get_by_text("One block", exact=True),
    ):
        place = control.bounding_box()
        assert place["y"] >= 0
        assert place["y"] + place["height"] <= box["y"]
    assert page.url.endswith("/calculator")


@pytest.mark.parametrize(
    "words",
    [
        {"net": "resnet50", "convention": "v1", "unit": "flops"},
        {"net": "cifar", "depth": "56", "shortcut": "C"},
        {"net": "wrn"},
        {"net": "resnext29"},
        {"net": "densenet121"},
        {"net": "vgg16", "norm": "batch"},
        {"net": "custom", "block": "basic", "stages": "2x24,3x48/1,1x96", "stem": "cifar", "input": "40"},
        {"net": "resnext101_64x4d", "other": "custom,block:basic,stages:1x8,1x16,input:33", "counted": "conv,norm"},
    ],
    ids=lambda words: words["net"],
)
def test_a_link_shows_its_exact_totals(server, new_page, words):
    page = new_page(link(server, words))
    until_shown(page, words)
    expect(page.get_by_text("Not every setting in the link")).to_have_count(0)
    titles = bars(page).locator("title").all_text_contents()
    for part in networks(words)[0].parts:
        said = re.compile(rf"{part.stage.name}\b.*: {part.sums.all_parameters:,} parameters, ")
        assert any(said.match(title) for title in titles), (part.stage.name, titles)


def test_a_block_is_a_sum_that_can_be_redone(server, new_page):
    page = new_page(f"{server.url}/calculator?net=block")
    sums = page.locator("table.rc-terms")
    expect(sums).to_be_visible(timeout=60_000)
    expect(sums.locator("tfoot")).to_contain_text("70,400")
    expect(sums.locator("tfoot")).to_contain_text("69,632 in convolutions")
    column = sums.locator("tbody tr td:nth-child(4)").all_inner_texts()
    assert sum(int(text.replace(",", "")) for text in column if text != "–") == 70_400
    column = sums.locator("tbody tr td:nth-child(6)").all_inner_texts()
    total = count(CountSpec.of({"net": "block"})).total.sums.macs()
    assert sum(int(text.replace(",", "")) for text in column if text != "–") == total
    expect(sums.locator("tfoot td").nth(3)).to_have_text(f"{total:,}")
    cards = page.locator(".rc-compared section")
    expect(cards).to_have_count(2)
    expect(cards.nth(0)).to_contain_text("16.94")
    expect(cards.nth(1)).to_contain_text("0.944")
    expect(bars(page)).to_have_count(0)
    box = page.locator(".rc-compared").bounding_box()
    assert box["y"] + box["height"] <= 768
    press_pill(page, "Basic, 64")
    expect(sums.locator("tfoot")).to_contain_text("73,984")
    page.wait_for_url(lambda url: "block=basic" in url and "inputs=64" in url)


# -- controls and the address ----------------------------------------------------------------------


def test_controls_change_the_bars_and_the_address_and_a_reload_shows_the_same(server, new_page):
    page = new_page(f"{server.url}/calculator")
    until_shown(page, words := dict(DEFAULT))
    press_pill(page, "Deep or wide")
    until_shown(page, words := {"net": "cifar", "other": "wrn"})
    choose(page, "shortcut", "C: always 1×1")
    until_shown(page, words := {**words, "shortcut": "C"})
    choose(page, "beside it", "VGG-16")
    until_shown(page, words := {**words, "other": "vgg16"})
    choose(page, "unit", "FLOPs")
    until_shown(page, words := {**words, "unit": "flops"})
    page.get_by_role("button", name="How it is counted").click()
    press_pill(page, "projections on shortcuts")
    until_shown(page, words := {**words, "counted": "conv,linear"})
    press_pill(page, "ReLU")
    until_shown(page, words := {**words, "counted": "conv,linear,relu"})
    page.keyboard.press("Escape")
    field = page.get_by_role("spinbutton", name="input", exact=True).first
    field.fill("40")
    field.press("Enter")
    until_shown(page, words := {**words, "input": "40"})
    page.wait_for_url(lambda url: all(word in url for word in ("net=cifar", "other=vgg16", "input=40", "unit=flops")))
    address = page.url
    page.reload()
    until_shown(page, words)
    until_shown(new_page(address), words)


@pytest.mark.parametrize(
    ("query", "more", "change", "words"),
    [
        ("net=cifar", False, ("network", "ResNet-18"), {"net": "resnet18"}),  # its shortcuts are B, under "More"
        ("net=cifar&depth=20", False, ("network", "WRN-d-k"), {"net": "wrn"}),
        ("net=cifar", True, ("network", "ResNet-50"), {"net": "resnet50"}),  # a thousand classes, not ten
        ("net=resnet50&other=cifar", False, ("beside it", "ResNet-34"), DEFAULT),
        ("net=custom", True, ("network", "VGG-16"), {"net": "vgg16"}),
    ],
)
def test_what_stood_in_a_widget_before_does_not_come_back(server, new_page, query, more, change, words):
    """A closed box of widgets hears of nothing in the browser, which sends its old values with the next change."""
    page = new_page(f"{server.url}/calculator?{query}")
    expect(bars(page)).to_be_visible(timeout=60_000)
    if more:
        open_and_close_more(page)
    choose(page, *change)
    until_shown(page, words)
    choose(page, "unit", "FLOPs")
    until_shown(page, {**words, "unit": "flops"})


def test_a_scenario_of_blocks_stays_when_something_else_is_changed(server, new_page):
    page = new_page(f"{server.url}/calculator?net=block")
    expect(page.locator("table.rc-terms")).to_be_visible(timeout=60_000)
    open_and_close_more(page)
    press_pill(page, "ResNeXt 32x4d")
    page.wait_for_url(lambda url: "width_factor=2" in url)
    choose(page, "unit", "FLOPs")
    counted = count(CountSpec.of({"net": "block", "groups": "32", "width_factor": "2", "unit": "flops"}))
    expect(page.locator("table.rc-terms tfoot")).to_contain_text(f"{counted.operations(counted.total):,}")
    expect(page.get_by_role("columnheader", name="FLOPs")).to_be_visible()


def open_and_close_more(page):
    page.get_by_role("button", name="More", exact=True).first.click()
    inside = page.get_by_test_id("stPopoverBody").get_by_role("spinbutton").first
    expect(inside).to_be_visible()
    page.keyboard.press("Escape")
    expect(inside).to_have_count(0)


def test_both_modes_are_found_as_they_were_left(server, new_page):
    page = new_page(f"{server.url}/calculator?net=vgg16&other=wrn")
    until_shown(page, {"net": "vgg16", "other": "wrn"})
    press_pill(page, "One block")
    expect(page.locator("table.rc-terms tfoot")).to_contain_text("70,400")
    choose(page, "unit", "FLOPs")
    page.wait_for_url(lambda url: "net=block" in url and "unit=flops" in url)
    press_pill(page, "A network")
    until_shown(page, {"net": "vgg16", "other": "wrn", "unit": "flops"})
    page.wait_for_url(lambda url: "net=vgg16" in url and "other=wrn" in url)


def test_nothing_counted_is_a_link_too(server, new_page):
    words = {"net": "resnet50", "counted": ""}
    page = new_page(link(server, words))
    until_shown(page, words)
    assert "0 MACs" in bars(page).get_attribute("aria-label")


def test_bad_input_is_said_in_words_and_put_back(server, new_page):
    page = new_page(f"{server.url}/calculator?net=cifar&depth=57&other=resnet34,foo:3&lr=0.1&input=2")
    for words in (
        "depth=57: this family has 6n+2 layers; nearest that works: 56",
        "other=resnet34,foo:3: foo=3: no such setting",
        "lr=0.1: no such setting",
        "input=2: too small",
    ):
        expect(page.get_by_text(words)).to_be_visible(timeout=60_000)
    until_shown(page, {"net": "cifar", "depth": "56", "input": "3"})
    page.goto(f"{server.url}/calculator?net=block")
    groups = page.get_by_role("spinbutton", name="groups", exact=True)
    groups.fill("7")
    groups.press("Enter")
    expect(page.get_by_text("groups=7: a 3x3 convolution of 64 channels")).to_be_visible()
    expect(groups).to_have_value("1")
    expect(page.locator("table.rc-terms tfoot")).to_contain_text("70,400")
    page.goto(f"{server.url}/calculator?net=custom&stages=<img src=x onerror=alert(1)>")
    expect(page.get_by_text("is not blocks x channels, such as 3x64 or 3x64/2")).to_be_visible()
    until_shown(page, {"net": "custom"})


def test_a_guess_is_held_against_the_bars(server, new_page):
    page = new_page(f"{server.url}/calculator")
    until_shown(page, DEFAULT)
    page.get_by_role("button", name="Guess first").click()
    expect(page.get_by_text("How many parameters has ResNet-152 beside 152 basic layers")).to_be_visible()
    page.get_by_role("button", name="fewer", exact=True).click()
    expect(page.get_by_text("You guessed fewer: right. ResNet-152 has 60.2 M")).to_be_visible()
    page.wait_for_url(lambda url: "net=resnet152" in url)
    page.get_by_role("button", name="more than twice", exact=True).click()
    expect(page.get_by_text("You guessed more than twice: not so.")).to_be_visible()
    expect(page.get_by_text("1 of 2 right so far")).to_be_visible()


def test_files_hold_the_numbers(server, new_page):
    page = new_page(f"{server.url}/calculator?net=wrn&other=resnet34&unit=flops")
    counted = networks(words := {"net": "wrn", "other": "resnet34", "unit": "flops"})
    until_shown(page, words)
    for name, file, text in (
        ("Table (CSV)", "resviz-count.csv", to_csv(counted)),
        ("Table (Markdown)", "resviz-count.md", to_markdown(counted)),
    ):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename == file
        assert download.value.path().read_bytes().decode() == text


def test_start_leads_here_without_its_settings(server, new_page):
    page = new_page(f"{server.url}/?depth=8&cut=2&norm=none")
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Calculator")).to_be_visible(timeout=60_000)
    way = page.get_by_test_id("stMain").get_by_role("link", name=re.compile(r"^\d\. Calculator$"))
    assert "?" not in way.get_attribute("href")
    way.click()
    until_shown(page, DEFAULT)
    expect(page.get_by_text("Not every setting in the link")).to_have_count(0)
    assert "depth" not in page.url


# -- for every eye, hand and screen ----------------------------------------------------------------


def test_a_keyboard_reaches_the_controls_and_works_them(server, new_page):
    page = new_page(f"{server.url}/calculator")
    until_shown(page, DEFAULT)
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("() => (e => e.getAttribute('aria-label') || e.innerText || e.id)(document.activeElement)")
        )
        if any("network" in name for name in seen) and page.evaluate(
            "() => document.activeElement.getAttribute('role') === 'combobox'"
        ):
            break
    assert any("A network" in name for name in seen), seen
    page.keyboard.type("VGG-19")
    page.keyboard.press("Enter")
    until_shown(page, {"net": "vgg19", "other": "resnet34"})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_in_bars_keep_their_ink(server, new_page, scheme):
    page = new_page(f"{server.url}/calculator?net=densenet121&other=cifar", color_scheme=scheme)
    until_shown(page, {"net": "densenet121", "other": "cifar"})
    inks = page.evaluate(
        """() => [...document.querySelectorAll("svg.rc-bars text.rc-in")].map((text) => {
          const rect = text.parentElement.querySelector("rect"), fill = (e) => getComputedStyle(e).fill;
          const box = rect.getBoundingClientRect(), words = text.getBoundingClientRect();
          return { ink: fill(text), bar: fill(rect), inside: words.left >= box.left && words.right <= box.right,
                   text: text.textContent };
        })"""
    )
    assert len(inks) > 10
    assert {each["ink"] for each in inks} <= {"rgb(255, 255, 255)", "rgb(0, 0, 0)"}
    assert [each for each in inks if not each["inside"]] == []
    name = page.evaluate("""() => getComputedStyle(document.querySelector(".rc-name")).fill""")
    assert (name == "rgb(255, 255, 255)" or sum(map(int, re.findall(r"\d+", name)[:3])) > 500) == (scheme == "dark")


@pytest.mark.parametrize("query", ["", "?net=block"])
def test_a_narrow_screen_scrolls_no_page_sideways(server, new_page, query):
    page = new_page(f"{server.url}/calculator{query}")
    page.set_viewport_size({"width": 420, "height": 800})
    expect(page.locator("table.rc-terms" if query else "svg.rc-bars")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Build and compare")).to_be_visible()
    page.wait_for_function("() => document.scrollingElement.scrollWidth <= window.innerWidth")
    main = page.get_by_test_id("stMain").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert main[0] <= main[1]


# -- built and measured ----------------------------------------------------------------------------


def test_the_count_is_equal_to_what_is_built(server, new_page):
    page = new_page(f"{server.url}/calculator")
    until_shown(page, DEFAULT)
    page.get_by_role("button", name="Build and compare").click()
    for label, net in (("ResNet-50", "resnet50"), ("ResNet-34", "resnet34")):
        says = f"{label} against torchvision’s {net}: equal to the last unit."
        expect(page.get_by_text(says)).to_be_visible(timeout=90_000)
    built = page.locator("table", has=page.get_by_role("columnheader", name="built"))
    expect(built).to_have_count(2)
    expect(built.first.locator("tbody tr").first).to_contain_text("25,557,032")
    expect(built.get_by_text("equal", exact=True)).to_have_count(6)
    choose(page, "unit", "FLOPs")  # what is named otherwise need not be built again
    until_shown(page, {**DEFAULT, "unit": "flops"})
    expect(page.get_by_text("equal to the last unit")).to_have_count(2)


def test_a_training_step_is_measured_at_a_press(server, new_page):
    page = new_page(f"{server.url}/calculator?{SMALL}")
    expect(page.locator(".rc-roof")).to_have_count(0)
    page.get_by_role("button", name="Measure a training step").click()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\S+ (s|ms|time) of about \S+ s$"))).to_be_visible()
    expect(page.locator(".rc-roof")).to_be_visible(timeout=120_000)
    expect(page.locator(".rc-roof i")).to_have_count(6)
    expect(page.get_by_text(re.compile("^CIFAR ResNet-20.*: .* for a training step of 2 images"))).to_be_visible()
    expect(page.get_by_text(re.compile("^CIFAR ResNet-8.*: .* for a training step of 2 images"))).to_be_visible()
    expect(
        page.get_by_text(re.compile("^CIFAR ResNet-20.* does .* times the products of CIFAR ResNet-8"))
    ).to_be_visible()
    expect(page.get_by_text("one thread, in float32")).to_be_visible()
    before = page.locator(".rc-roof").inner_text()
    page.get_by_role("button", name="Measure again").click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.locator(".rc-roof")).to_be_visible(timeout=120_000)
    assert page.locator(".rc-roof").inner_text() != before


def test_a_measurement_stops_and_another_can_begin(server, new_page):
    page = new_page(f"{server.url}/calculator")
    until_shown(page, DEFAULT)
    for _ in range(2):
        page.get_by_role("button", name="Measure a training step").click()
        stop = page.get_by_role("button", name="Stop", exact=True)
        expect(stop).to_be_visible()
        page.wait_for_timeout(3000)  # until it is at work
        stop.click()
        expect(page.get_by_role("button", name="Measure a training step")).to_be_visible()
        expect(stop).to_have_count(0)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.get_by_role("button", name="Measure a training step").click()
    choose(page, "network", "CIFAR ResNet, 6n+2 layers")  # nobody waits for the two any more
    until_shown(page, {"net": "cifar", "other": "resnet34"})
    page.get_by_role("button", name="Measure a training step").click()
    expect(page.locator(".rc-roof")).to_be_visible(timeout=120_000)
    expect(page.locator(".rc-roof i")).to_have_count(6)


def test_too_large_a_batch_is_refused_in_words(server, new_page):
    page = new_page(f"{server.url}/calculator?net=resnet50&batch=1024")
    refusal = page.get_by_text(re.compile(r"^batch=1024: a step of ResNet-50 .* nearest that works: \d+\.$"))
    expect(refusal).to_be_visible(timeout=60_000)
    nearest = re.search(r"works: (\d+)", refusal.inner_text())[1]
    expect(page.get_by_role("button", name="Measure a training step")).to_have_count(0)
    batch = page.get_by_role("spinbutton", name="batch")
    batch.fill(nearest)
    batch.press("Enter")
    expect(page.get_by_role("button", name="Measure a training step")).to_be_visible()
    expect(refusal).to_have_count(0)
