"""The drawing and the Start page: clicks and keys before training, what they ask, and what stands under the blocks."""

import re

import pytest
from playwright.sync_api import expect

from resviz.words.text import read_numbers
from tests import paced
from tests.harness.scenes_panel import asked
from tests.harness.seeing import (
    block,
    expect_on,
    frames,
    nothing_strange,
    query,
    region,
    shortcut,
    until_line,
    until_query,
    until_step,
)
from tests.topics.start.scenes import LARGE, ODD, OVERFLOWN
from tests.topics.train.scenes import ODD as ODD_RUNS
from tests.topics.train.scenes import spec_of

RESIDUAL = "Gradient norm of each layer's weights, residual"
PLAIN = "Gradient norm of each layer's weights, plain"
LOOK = "GET panel/start"


def norms(words, arm):
    """What one pass measures, as the figure has it: a block that is out has no number."""
    return [v or None for v in paced.record(spec_of(words), 1).arms[arm].grad_norm]


def until_measured(page, words):
    """Both figures have the numbers of these settings, to the four digits that travel."""
    for title, arm in ((RESIDUAL, "residual"), (PLAIN, "plain")):
        wanted = norms(words, arm)
        close = "w.every((v, i) => v === null ? y[i] === null : Math.abs(y[i] - v) <= 1e-3 * v)"
        until_line(
            page, title, arm, f"((w) => y.length === w.length && {close})({str(wanted).replace('None', 'null')})"
        )


@pytest.fixture
def start(site, stage):
    site.use("start")
    page = stage.open("?depth=20")
    until_measured(page, "depth=20")
    return page


# -- by mouse --------------------------------------------------------------------------------------


def test_a_click_on_an_arc_cuts_it_and_the_profile_and_the_address_follow(site, start):
    page = start
    expect(page.locator(".rv-finding")).not_to_be_empty()
    shortcut(page, 7).click()
    until_measured(page, "depth=20&cut=7")
    expect_on(shortcut(page, 7), False)
    until_query(page, "depth=20&cut=7")
    page.go_back()
    until_measured(page, "depth=20")
    expect_on(shortcut(page, 7), True)
    page.go_forward()
    until_measured(page, "depth=20&cut=7")
    shortcut(page, 7).click()
    until_measured(page, "depth=20")
    until_query(page, "depth=20")


def test_the_curve_of_before_a_click_stays_for_a_moment(site, stage):
    site.use("start")
    page = stage.open("?depth=20", motion=True)
    until_measured(page, "depth=20")
    line = region(page, RESIDUAL).locator(".js-line").first
    line.scroll_into_view_if_needed()
    before = line.get_attribute("d")
    shortcut(page, 7).click()
    page.wait_for_function("(d) => document.querySelector('.rv-before')?.getAttribute('d') === d", arg=before)
    until_measured(page, "depth=20&cut=7")
    expect(page.locator(".rv-before")).to_have_count(0)


def test_a_block_is_removed_from_both_networks(start):
    page = start
    page.locator('[data-n="3"][data-arm="plain"]').click()
    until_measured(page, "depth=20&remove=3")
    for switch in page.get_by_role("switch", name=re.compile("^Block 3(, plain)?$")).all():
        expect_on(switch, False)


def test_the_one_switch_makes_the_residual_network_the_plain_one(start):
    page = start
    page.get_by_role("switch", name="+ x is on").click()
    until_measured(page, "depth=20&cut=1-9")
    expect(page.get_by_role("switch", name="+ x is off")).to_have_attribute("aria-checked", "false")
    page.get_by_role("switch", name="+ x is off").click()
    until_measured(page, "depth=20")


def test_buttons_cut_all_every_second_and_a_random_half(site, start):
    page = start
    page.get_by_role("button", name="every second").click()
    until_measured(page, "depth=20&cut=2,4,6,8")
    expect(page.get_by_role("switch", name="+ x is on in 5 of 9")).to_be_visible()
    page.get_by_role("button", name="cut all").click()
    until_measured(page, "depth=20&cut=1-9")
    page.get_by_role("button", name="restore all").click()
    until_measured(page, "depth=20")
    site.refuse(LOOK, 409, "asked something else meanwhile")  # which half it is, no fixture can know
    page.get_by_role("button", name="random half").click()
    half = read_numbers(site.wait_for("GET panel/start.*cut=", 3).words["cut"])
    assert len(half) == 4 and set(half) <= set(range(1, 10))


def test_a_click_is_seen_at_once_and_a_late_answer_does_not_bring_the_one_before_back(site, start):
    page = start
    gate = site.hold(r"cut=7\b")
    shortcut(page, 7).click()
    expect_on(shortcut(page, 7), False)
    gate.wait()
    shortcut(page, 7).click()  # taken back before it was answered
    expect_on(shortcut(page, 7))
    shortcut(page, 5).click()
    gate.open()
    until_measured(page, "depth=20&cut=5")
    expect_on(shortcut(page, 7), True)
    expect_on(shortcut(page, 5), False)


def test_two_quick_clicks_both_hold(site, start):
    page = start
    gate = site.hold(r"cut=7\b")
    shortcut(page, 7).click()
    gate.wait()
    shortcut(page, 5).click()
    gate.open()
    until_measured(page, "depth=20&cut=5,7")
    until_query(page, "depth=20&cut=5,7")
    for n in (5, 7):
        expect_on(shortcut(page, n), False)


def test_what_the_server_declines_is_said_and_the_drawing_goes_back(site, start):
    page = start
    site.refuse(r"cut=7\b", 400, "This cannot be.")
    shortcut(page, 7).click()
    expect(page.get_by_role("alert")).to_contain_text("This cannot be.")
    expect_on(shortcut(page, 7), True)
    assert query(page) == "depth=20"
    until_measured(page, "depth=20")


@pytest.mark.parametrize("words", ["depth=8", "depth=20&seed=5"])
def test_numbers_of_other_settings_do_not_stand_for_those_that_cannot_be_measured(site, start, words):
    page = start
    known = site.answers[asked("start", words)]
    told = {key: value for key, value in known.items() if key not in ("figures", "finding", "record")}
    barred = {
        "version": "",
        "status": "waiting",
        "share": 0.0,
        "trouble": "MNIST is not in this folder.",
        "barred": True,
    }
    site.answers[asked("start", words)] = {**told, **barred}
    page.evaluate("(words) => pageGoesTo(words)", words)
    expect(page.get_by_role("alert")).to_contain_text("MNIST is not in this folder.")
    expect(page.get_by_role("region")).to_have_count(0)  # not to be seen, and not read out
    until_query(page, words)
    page.get_by_role("button", name="Undo").click()
    until_measured(page, "depth=20")
    expect(page.get_by_role("region", name=RESIDUAL)).to_be_visible()


def test_a_click_whose_answer_comes_after_its_page_has_gone_does_nothing(site, start):
    page = start
    gate = site.hold(r"cut=7\b")
    shortcut(page, 7).click()
    gate.wait()
    page.evaluate("pageIsLeft()")
    gate.open()
    frames(page)
    page.evaluate("fetch('/told', { method: 'POST', body: '' })")
    assert query(page) == "depth=20"


# -- by keyboard -----------------------------------------------------------------------------------


def test_the_keyboard_does_all_that_the_mouse_does(start):
    page = start
    shortcut(page, 1).focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    until_measured(page, "depth=20&cut=5")
    expect(shortcut(page, 5)).to_be_focused()
    expect_on(shortcut(page, 5), False)
    page.keyboard.press("ArrowDown")
    expect(block(page, 5)).to_be_focused()
    page.keyboard.press("Enter")
    until_measured(page, "depth=20&cut=5&remove=5")
    page.keyboard.press("Home")
    expect(block(page, 1)).to_be_focused()
    page.keyboard.press("End")
    expect(block(page, 9)).to_be_focused()
    page.keyboard.press("Control+z")
    until_measured(page, "depth=20&cut=5")
    page.keyboard.press("Control+z")
    until_measured(page, "depth=20")
    page.keyboard.press("Control+Shift+Z")
    until_measured(page, "depth=20&cut=5")


def test_each_switch_has_a_name_and_the_drawing_is_one_tab_stop(site, stage):
    site.use("oddruns", "train")
    page = stage.open("train?depth=8&epochs=1&cut=1-3&remove=1-3")
    until_step(page, 11, 11)
    items = page.locator(".rv-residual [data-n]").evaluate_all(
        "(nodes) => nodes.map((node) => ['role', 'aria-checked', 'aria-label'].map((name) => node.getAttribute(name)))"
    )
    assert items == [["switch", "false", name] for n in (1, 2, 3) for name in (f"Shortcut {n}, identity", f"Block {n}")]
    assert page.locator(".rv-net [tabindex='0']").count() == 1
    label = page.locator(".rv-net").get_attribute("aria-label")
    assert label.startswith("3 blocks; shortcuts cut: 1 to 3; blocks removed: 1 to 3.")
    page.get_by_role("button", name="+", exact=True).last.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Shortcut 1, identity"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.rv-net')") is None


def test_focus_stays_on_the_item_when_it_is_drawn_anew_and_never_goes_where_no_reader_follows(start):
    page = start
    shortcut(page, 5).focus()
    page.keyboard.press(" ")
    until_measured(page, "depth=20&cut=5")
    page.set_viewport_size({"width": 1100, "height": 768})
    page.wait_for_function("() => document.querySelector('.rv-net').getAttribute('width') < 900")
    expect(shortcut(page, 5)).to_be_focused()
    assert page.locator(".rv-net").first.locator("[tabindex='0']").count() == 1


# -- places ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["depth=8", "depth=20"])
def test_a_block_stands_above_its_layers_in_the_figure(site, stage, words):
    site.use("start")
    page = stage.open(f"?{words}")
    until_measured(page, words)
    spec = spec_of(words)
    for n in (1, spec.blocks):
        box = page.locator(f'[data-n="{n}"][data-arm="residual"] .rv-box').bounding_box()
        layers = [spec.stem_convs + (n - 1) * spec.convs_per_block + k for k in (1, spec.convs_per_block)]
        area = page.locator(".rv-area-start_residual .nsewdrag").bounding_box()
        low, high = page.locator(".rv-area-start_residual .js-plotly-plot").evaluate(
            "(plot) => plot.layout.xaxis.range"
        )
        at = area["x"] + (sum(layers) / 2 - low) / (high - low) * area["width"]
        assert box["x"] + box["width"] / 2 == pytest.approx(at, abs=1.5)  # px


@pytest.mark.parametrize(
    ("option", "kinds"), [("A", {"identity", "padding"}), ("B", {"identity", "projection"}), ("C", {"projection"})]
)
def test_shortcuts_that_change_shapes_look_different(site, stage, option, kinds):
    site.use("odd")
    page = stage.open(f"?depth=20&stages=3&shortcut={option}")
    expect(shortcut(page, 9)).to_be_visible()
    names = page.locator('[role=switch][aria-label^="Shortcut"]').evaluate_all(
        "(all) => all.map((a) => a.ariaLabel.split(', ')[1])"
    )
    assert set(names) == kinds and len(names) == 9
    looks = page.locator('[role=switch][aria-label^="Shortcut"]').evaluate_all(
        """(all) => all.map((arc) => {
          const { strokeDasharray, strokeWidth } = getComputedStyle(arc.querySelector(".rv-line"));
          return [arc.ariaLabel.split(", ")[1], strokeDasharray + strokeWidth + arc.querySelector(".rv-mark")?.tagName];
        })"""
    )
    assert len({look for _, look in looks}) == len(kinds) == len({tuple(pair) for pair in looks})


def test_six_hundred_blocks_are_groups_that_open(site, stage):
    site.use("large")
    page = stage.open(f"?{LARGE}")
    groups = page.get_by_role("button", name=re.compile(r"^Blocks \d+ to \d+, ×50: open$"))
    expect(groups.first).to_be_visible()
    assert 5 < groups.count() < 30
    counts = [int(text[1:]) for text in page.locator(".rv-residual .rv-count").all_text_contents()]
    assert sum(counts) == 600
    expect(page.locator('[role=switch][aria-label^="Shortcut"]')).to_have_count(0)
    page.get_by_role("button", name="Blocks 1 to 50, ×50: open").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Blocks 51 to 100, ×50: open")).to_be_focused()
    page.keyboard.press("Enter")
    expect(shortcut(page, 60)).to_be_visible()
    axis = "document.querySelector('.rv-area-start_residual .js-plotly-plot').layout.xaxis.range"
    page.wait_for_function(f"() => {axis}[0] > 90 && {axis}[1] < 210")  # the figure shows the same layers
    fit = page.get_by_role("button", name="fit")
    expect(fit).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => {axis}[1] > 1202")
    expect(fit).to_be_hidden()
    nothing_strange(page)


@pytest.mark.parametrize("words", ["start: depth=20", f"large: {LARGE}"])
def test_on_a_telephone_no_word_is_clipped_and_none_overlap(site, stage, words):
    scene, _, words = words.partition(": ")
    site.use(scene)
    page = stage.open(f"?{words}", telephone=True)
    expect(page.locator(".rv-finding")).not_to_be_empty()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    clipped = """() => [...document.querySelectorAll(".rv-net text")].filter((text) => {
      const words = text.getBoundingClientRect(), box = text.closest(".rv-stage").getBoundingClientRect();
      const clip = text.closest("[clip-path]") ? box.left + 64 : box.left;
      return words.left < clip - 1 || words.right > box.right + 1 || words.top < box.top - 1 || words.bottom > box.bottom + 1;
    }).map((text) => text.textContent)"""
    assert page.evaluate(clipped) == []
    overlapping = """() => {
      const boxes = [...document.querySelectorAll(".rv-residual text")].map((text) => text.getBoundingClientRect());
      const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      return boxes.some((a, i) => boxes.some((b, j) => i < j && a.width && b.width && meet(a, b)));
    }"""
    assert page.evaluate(overlapping) is False


# -- networks that nobody plans for ----------------------------------------------------------------


def sound(page, spec):
    """What is drawn is the network of these settings, and every number drawn is one."""
    expect(page.locator('[role=switch][aria-label^="Shortcut"]')).to_have_count(spec.shortcuts)
    expect(page.locator('.rv-residual [role=switch][aria-label^="Block"]')).to_have_count(spec.blocks)
    expect(page.get_by_role("button", name="cut all")).to_have_count(int(spec.shortcuts > 0))
    expect(page.locator(".rv-net").first.locator("[tabindex='0']")).to_have_count(int(spec.blocks > 0))
    nothing_strange(page)


def one_after_the_other(page, queries):
    """The page at each of these, as links of the page lead from one to the next: nothing of the one before may stay."""
    for words in queries:
        if query(page) != words:
            page.evaluate("words => window.pageGoesTo(words)", words)
        yield words, spec_of(words)


def test_start_shows_any_network(site, stage):
    site.use("odd")
    page = stage.open(f"?{ODD[0]}")
    for words, spec in one_after_the_other(page, ODD):
        is_start_of(page, words, spec)


def is_start_of(page, words, spec):
    until_measured(page, words)
    sound(page, spec)
    expect(page.get_by_role("alert")).to_be_hidden()
    switch = page.get_by_role("switch", name=re.compile(r"^(\+ x is|no \+ x here)"))
    expect(switch).to_be_enabled(enabled=bool(spec.shortcuts))
    if not spec.shortcuts:
        expect(page.get_by_text("no + x here")).to_be_visible()
        expect(page.get_by_text("Neither network has a shortcut here")).to_be_visible()


def test_numbers_that_leave_the_range_are_gaps_and_said_in_words(site, stage):
    site.use("odd")
    page = stage.open(f"?{OVERFLOWN}")
    expect(page.get_by_text("leave the range of float32")).to_be_visible()
    for title, arm in ((RESIDUAL, "residual"), (PLAIN, "plain")):
        until_line(page, title, arm, "y.length > 0 && y.every((v) => v === null)")
    nothing_strange(page)


def test_train_shows_any_network(site, stage):
    site.use("oddruns")
    page = stage.open(f"train?{ODD_RUNS[0]}")
    for _, spec in one_after_the_other(page, ODD_RUNS):
        is_train_of(page, spec)


def is_train_of(page, spec):
    until_step(page, spec.steps, spec.steps)
    seen = {}
    for colour in ("activation scale", "|F(x)| / |x|", "dead channels", "gradient norm"):
        page.get_by_label("Colour of the blocks").select_option(colour)
        frames(page)
        seen[colour] = page.locator(".rv-residual .rv-box").evaluate_all(
            "(all) => all.map((b) => b.style.fillOpacity).join()"
        )
    if spec.blocks > 2 and not spec.remove:
        assert len(set(seen.values())) == 4, "what colours the blocks makes no difference"
    page.locator(".rv-more").scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.querySelectorAll('.rv-more .js-plotly-plot')].length === 3")
    sound(page, spec)
    page.get_by_role("button", name="Reset").click()
    until_line(page, "Training loss", "residual", "x.length === 1")
    nothing_strange(page)
