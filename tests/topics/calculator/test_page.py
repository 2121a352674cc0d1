"""The Calculator in a real browser: its three panels and the address, files, and a measured step.

What its page says and draws is tested without a browser (tests/ui, tests/figures), its drawings in one without a server
(tests/harness/test_pictures.py).
"""

import re

import pytest
from playwright.sync_api import expect

from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.words import brief, rows, to_csv
from tests.harness.seeing import frames
from tests.inside import above_the_fold, at_rest, button, saved, until_panels

DEFAULT = {"net": "resnet50", "other": "resnet34"}


def bars(page):
    return page.locator("svg.rc-bars:visible")


def networks(words):
    spec = CountSpec.of(words)
    return [count(each) for each in (spec, spec.against) if each]


def spoken(words):
    unit = "FLOPs" if words.get("unit") == "flops" else "MACs"
    return "; ".join(
        f"{label}: {parameters} parameters, {operations} {unit}, {memory} to train on one image"
        for label, parameters, operations, memory in brief(networks(words))
    )


def until_shown(page, words):
    """Wait until the bars and the tables have the numbers of these settings, and nothing else is to come."""
    expect(bars(page)).to_have_attribute("aria-label", spoken(words))
    for number, counted in enumerate(networks(words)):
        sums = page.locator(f".rv-area-count_stages_{number} tbody tr").last.locator("th, td")
        expect(sums).to_have_text([re.compile(rf"^\s*{re.escape(cell)}\s*$") for cell in rows(counted)[-1]])


def choose(page, label, option):
    """Of the first setting of this name: the network's own, not that of the one beside it."""
    page.get_by_role("combobox", name=label, exact=True).first.select_option(label=option)


def press_pill(page, name):
    page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True).click()


# -- opens, changes, is found again ----------------------------------------------------------------


def test_start_leads_to_two_networks_in_one_screen_that_no_narrow_one_scrolls_sideways(server, new_page):
    page = new_page(f"{server.url}/?depth=8&cut=2&norm=none")
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name="Calculator")).to_be_visible(timeout=60_000)
    page.locator(".rv-of-start").scroll_into_view_if_needed()
    way = page.get_by_test_id("stMain").get_by_role("link", name=re.compile(r"^\d\. Calculator$"))
    assert "?" not in way.get_attribute("href")
    way.click()
    until_shown(page, DEFAULT)
    expect(page.get_by_text("Not every setting in the link")).to_be_hidden()
    assert page.url.endswith("/calculator")
    label = bars(page).get_attribute("aria-label")
    assert label.startswith("ResNet-50: 25.6 M parameters, 4.09 G MACs, ")
    assert "; ResNet-34: 21.8 M parameters, 3.66 G MACs, " in label
    controls = (
        page.get_by_role("combobox", name="network", exact=True),
        page.get_by_role("combobox", name="beside it", exact=True),
        page.get_by_role("combobox", name="unit", exact=True),
        page.get_by_text("Guess first", exact=True),
        page.get_by_text("One block", exact=True),
    )
    above_the_fold(page, bars(page), *controls)
    top = bars(page).bounding_box()["y"]
    assert all((box := control.bounding_box())["y"] + box["height"] <= top for control in controls)
    page.set_viewport_size({"width": 420, "height": 800})
    page.wait_for_function("() => document.scrollingElement.scrollWidth <= window.innerWidth")
    wide, seen = page.get_by_test_id("stMain").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide <= seen


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
    page.get_by_text("How it is counted", exact=True).click()
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
    page.reload()
    until_shown(page, words)
    file = saved(page, "Table (CSV)")
    assert file.suggested_filename == f"resviz-count-{CountSpec.of(words).digest}.csv"
    assert file.path().read_bytes().decode() == to_csv(networks(words))


def test_a_keyboard_reaches_the_controls_and_works_them(server, new_page):
    page = new_page(f"{server.url}/calculator")
    until_shown(page, DEFAULT)
    focused = "(e => e.labels?.[0]?.querySelector('span').innerText || e.innerText)(document.activeElement)"
    seen = []
    while "network" not in seen and len(seen) < 60:
        page.keyboard.press("Tab")
        seen.append(page.evaluate(focused).strip())
    assert seen[-3:] == ["A network", "One block", "network"]
    page.keyboard.type("VGG-19")
    until_shown(page, {"net": "vgg19", "other": "resnet34"})
    assert page.evaluate(focused).strip() == "network", "and stays there"


def test_both_modes_are_found_as_they_were_left_and_a_block_is_one_screen(server, new_page):
    page = new_page(f"{server.url}/calculator?net=vgg16&other=wrn")
    until_shown(page, {"net": "vgg16", "other": "wrn"})
    press_pill(page, "One block")
    sums = page.locator("table.rc-terms")
    expect(sums.locator("tfoot")).to_contain_text("70,400")
    expect(bars(page)).to_have_count(0)
    above_the_fold(page, sums, page.locator(".rc-compared"))
    press_pill(page, "Basic, 64")
    expect(sums.locator("tfoot")).to_contain_text("73,984")
    page.wait_for_url(lambda url: "block=basic" in url and "inputs=64" in url)
    choose(page, "unit", "FLOPs")
    page.wait_for_url(lambda url: "net=block" in url and "unit=flops" in url)
    press_pill(page, "A network")
    until_shown(page, {"net": "vgg16", "other": "wrn", "unit": "flops"})
    page.wait_for_url(lambda url: "net=vgg16" in url and "other=wrn" in url)
    page.goto(f"{server.url}/calculator?net=block")
    expect(sums).to_be_visible()
    page.set_viewport_size({"width": 420, "height": 800})
    page.wait_for_function("() => document.scrollingElement.scrollWidth <= window.innerWidth")
    wide, seen = page.get_by_test_id("stMain").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide <= seen


def test_a_link_that_cannot_be_is_said_in_words_that_no_browser_takes_for_markup(server, new_page):
    page = new_page(f"{server.url}/calculator?net=custom&stages=<img src=x onerror=alert(1)>")
    expect(page.get_by_text("is not blocks x channels, such as 3x64 or 3x64/2")).to_be_visible()
    until_shown(page, {"net": "custom"})
    assert page.locator("img[src=x]").count() == 0
    page.goto(f"{server.url}/calculator?net=block")
    groups = page.get_by_role("spinbutton", name="groups", exact=True)
    groups.fill("7")
    groups.press("Enter")
    expect(page.get_by_text("“7” cannot be used: a 3x3 convolution of 64 channels")).to_be_visible()
    expect(groups).to_have_value("7")
    expect(page.locator("table.rc-terms tfoot")).to_contain_text("70,400")


# -- what a person changed last ----------------------------------------------------------------------


class Slow:
    """Answers to the Calculator's questions are held back on their way until the test lets them go."""

    def __init__(self, page):
        self.page, self.held, self.holding = page, [], False
        page.route(re.compile("/panel/count[?]"), self.route)

    def route(self, route):
        if self.holding:
            self.held.append(route)
        else:
            route.continue_()

    def until_held(self, number):
        while len(self.held) < number:
            frames(self.page, 1)

    def let_go(self):
        self.holding = False
        held, self.held = self.held, []
        for route in held:
            route.continue_()


@pytest.mark.parametrize("late", [False, True])
def test_two_changes_hold_both_also_where_the_answer_to_the_first_is_late(server, new_page, late):
    page = new_page()
    slow = Slow(page)
    page.goto(f"{server.url}/calculator")
    until_shown(page, DEFAULT)
    slow.holding = late
    choose(page, "beside it", "nothing")
    if late:
        slow.until_held(1)
    choose(page, "network", "VGG-16")
    frames(page)
    slow.let_go()
    until_shown(page, {"net": "vgg16"})
    expect(page.get_by_role("combobox", name="beside it")).to_have_value("")
    page.wait_for_url(f"{server.url}/calculator?net=vgg16")
    page.reload()
    until_shown(page, {"net": "vgg16"})


def test_back_forward_reload_and_another_page_find_what_was_changed(server, new_page):
    """The address moves without a run of the page, and Streamlit does not move it back."""
    page = new_page(f"{server.url}/calculator?net=vgg16")
    until_shown(page, {"net": "vgg16"})
    choose(page, "network", "ResNet-18")
    until_shown(page, {"net": "resnet18"})
    page.wait_for_url(f"{server.url}/calculator?net=resnet18")
    choose(page, "beside it", "ResNet-34")
    until_shown(page, both := {"net": "resnet18", "other": "resnet34"})
    page.go_back()
    until_shown(page, {"net": "resnet18"})
    page.go_back()
    until_shown(page, {"net": "vgg16"})
    page.go_forward()
    page.go_forward()
    until_shown(page, both)
    at_rest(page)
    assert page.url == f"{server.url}/calculator?net=resnet18&other=resnet34"
    page.get_by_role("button", name="Undo", exact=True).click()
    until_shown(page, {"net": "resnet18"})
    page.keyboard.press("Control+Shift+z")
    until_shown(page, both)
    page.reload()
    until_shown(page, both)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Paths").click()
    until_panels(page, "Lesions")
    page.go_back()
    until_shown(page, both)
    assert page.url == f"{server.url}/calculator?net=resnet18&other=resnet34"


def test_undo_wins_over_an_answer_that_is_on_its_way(server, new_page):
    page = new_page()
    slow = Slow(page)
    page.goto(f"{server.url}/calculator?net=vgg16")
    until_shown(page, {"net": "vgg16"})
    choose(page, "network", "ResNet-18")
    until_shown(page, {"net": "resnet18"})
    slow.holding = True
    choose(page, "beside it", "ResNet-34")
    slow.until_held(1)
    slow.holding = False
    page.keyboard.press("Control+z")
    expect(page.get_by_role("combobox", name="beside it")).to_have_value("")
    slow.let_go()
    frames(page)
    until_shown(page, {"net": "resnet18"})
    expect(page.get_by_role("combobox", name="beside it")).to_have_value("")


def test_a_setting_in_a_box_of_another_network_does_not_come_back(server, new_page):
    page = new_page(f"{server.url}/calculator?net=custom")
    until_shown(page, {"net": "custom"})
    page.get_by_text("More", exact=True).first.click()
    expect(page.get_by_role("combobox", name="stem")).to_be_visible()
    page.keyboard.press("Escape")
    choose(page, "network", "VGG-16")
    until_shown(page, {"net": "vgg16"})
    choose(page, "unit", "FLOPs")
    until_shown(page, {"net": "vgg16", "unit": "flops"})
    press_pill(page, "One block")
    expect(page.locator("table.rc-terms")).to_be_visible()
    press_pill(page, "ResNeXt 32x4d")
    page.wait_for_url(lambda url: "width_factor=2" in url)
    choose(page, "unit", "MACs")
    counted = count(CountSpec.of({"net": "block", "groups": "32", "width_factor": "2"}))
    expect(page.locator("table.rc-terms tfoot")).to_contain_text(f"{counted.operations(counted.total):,}")
    expect(page.get_by_role("columnheader", name="MACs")).to_be_visible()


# -- built and measured ----------------------------------------------------------------------------


def test_the_count_is_equal_to_what_is_built(server, new_page):
    page = new_page(f"{server.url}/calculator")
    until_shown(page, DEFAULT)
    page.get_by_role("button", name="Build and compare").click()
    for label, net in (("ResNet-50", "resnet50"), ("ResNet-34", "resnet34")):
        says = f"{label} against torchvision’s {net}: equal to the last unit."
        expect(page.get_by_text(says)).to_be_visible(timeout=90_000)
    built = page.locator("table", has=page.get_by_role("columnheader", name="built", exact=True))
    expect(built).to_have_count(2)
    expect(built.first.locator("tbody tr").first).to_contain_text("25,557,032")
    expect(built.get_by_text("equal", exact=True)).to_have_count(6)
    choose(page, "unit", "FLOPs")  # what is named otherwise need not be built again
    until_shown(page, {**DEFAULT, "unit": "flops"})
    expect(page.get_by_text("equal to the last unit")).to_have_count(2)


def test_a_training_step_is_measured_at_a_press_stops_at_another_and_is_measured_again(server, new_page):
    page = new_page(f"{server.url}/calculator?net=cifar&depth=20")
    until_shown(page, {"net": "cifar", "depth": "20"})
    measure, again = (page.get_by_role("button", name=name) for name in ("Measure a training step", "Measure again"))
    stop, roof = button(page, "Stop"), page.locator(".rc-roof")
    expect(roof).to_have_count(0)
    measure.click()
    expect(page.get_by_text(re.compile(r"^\d+ s of about \d+ (s|min)"))).to_be_visible()
    stop.click()
    expect(measure).to_be_visible()
    expect(stop).to_have_count(0)
    choose(page, "beside it", "CIFAR ResNet, 6n+2 layers")
    until_shown(page, words := {"net": "cifar", "depth": "20", "other": "cifar"})
    measure.click()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    expect(roof).to_be_visible(timeout=100_000)
    expect(roof.locator("i")).to_have_count(6)
    one, other = (each.spec.label for each in networks(words))
    for label in (one, other):
        expect(page.get_by_text(re.compile(f"^{label}: .* for a training step of 4 images"))).to_be_visible()
    expect(page.get_by_text(re.compile(f"^{one} does .* times the products of {other}"))).to_be_visible()
    expect(page.get_by_text("one thread, in float32")).to_be_visible()
    again.click()
    stop.click()
    expect(measure.or_(again)).to_be_visible()
    expect(stop).to_have_count(0)


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
