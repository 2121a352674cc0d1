"""The drawing and the Start page: clicks before training, by mouse and by keyboard, and what is measured of them."""

import pytest
from playwright.sync_api import expect

from resviz.experiments.initial import Initial
from resviz.spec import Spec
from tests.browser.looking import SMALL, finished, js, status, wait


@pytest.fixture(scope="module")
def measured():
    """What the first pass measures of a spec, as one arm's gradient norms."""
    initial = Initial()
    yield lambda arm="residual", **words: list(initial(Spec.of({"device": "cpu", **words})).arms[arm].grad_norm)
    initial.close()


def shown(page, card=0, trace=-1):
    """The numbers of a figure's trace, as drawn."""
    return js(page, f"Array.from(view.plots.cards[{card}].plot.data.at({trace}).y)")


def until_shown(page, numbers, card=0):
    """Wait until the figure shows these numbers, to the four digits that travel."""
    page.wait_for_function(
        """([card, numbers]) => {
          const y = window.resviz?.plots?.cards?.[card]?.plot.data?.at(-1).y ?? [];
          return y.length === numbers.length && numbers.every((v, i) => Math.abs(y[i] - v) <= 1e-3 * Math.abs(v));
        }""",
        arg=[card, numbers],
    )


def test_start_shows_both_profiles_with_no_click(server, new_page, measured):
    page = new_page(server.url)
    page.get_by_role("heading", name="What does one “+ x” change?").wait_for()
    until_shown(page, measured(), 0)
    until_shown(page, measured("plain"), 1)
    expect(page.locator(".rv-finding")).to_contain_text("times the last convolution")
    assert page.get_by_role("link", name="Train").count() >= 1
    bottom = page.locator(".rv-area-start_plain").bounding_box()
    assert bottom["y"] + bottom["height"] <= 768


def test_a_click_on_an_arc_cuts_it_and_the_profile_answers(server, new_page, measured):
    page = new_page(server.url)
    until_shown(page, measured())
    page.locator('.rv-arc[data-n="7"]').click()
    until_shown(page, measured(cut="7"))
    expect(page.get_by_role("switch", name="Shortcut 7, identity")).to_have_attribute("aria-checked", "false")
    page.wait_for_url(lambda url: "cut=7" in url)
    until_shown(page, measured("plain"), 1)  # which has no shortcut to cut
    other = new_page(page.url)
    until_shown(other, measured(cut="7"))
    page.locator('.rv-arc[data-n="7"]').click()
    until_shown(page, measured())
    page.wait_for_url(lambda url: "cut" not in url)


def test_the_keyboard_does_all_that_the_mouse_does(server, new_page, measured):
    page = new_page(server.url)
    until_shown(page, measured())
    page.get_by_role("switch", name="Shortcut 1,").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    until_shown(page, measured(cut="5"))
    assert js(page, "document.activeElement.getAttribute('aria-label')") == "Shortcut 5, identity"
    assert js(page, "document.activeElement.getAttribute('aria-checked')") == "false"
    page.keyboard.press("ArrowDown")
    assert js(page, "document.activeElement.getAttribute('aria-label')") == "Block 5"
    page.keyboard.press("Enter")
    wait(page, "view.net.remove.length === 1 && view.query.includes('remove=5')")
    page.keyboard.press("Home")
    assert js(page, "document.activeElement.getAttribute('aria-label')") == "Block 1"
    page.keyboard.press("Control+z")
    until_shown(page, measured(cut="5"))
    page.keyboard.press("Control+z")
    until_shown(page, measured())
    page.keyboard.press("Control+Shift+Z")
    until_shown(page, measured(cut="5"))


def test_the_one_switch_makes_the_residual_network_the_plain_one(server, new_page, measured):
    page = new_page(f"{server.url}/?depth=20")
    until_shown(page, measured(depth="20"))
    page.get_by_role("switch", name="+ x is on").click()
    until_shown(page, measured("plain", depth="20"))
    assert shown(page, 0) == shown(page, 1)
    expect(page.locator(".rv-finding")).to_contain_text("to the last digit")
    page.get_by_role("switch", name="+ x is off").click()
    until_shown(page, measured(depth="20"))


def test_buttons_cut_all_every_second_and_a_random_half(server, new_page, measured):
    page = new_page(f"{server.url}/?depth=20")
    until_shown(page, measured(depth="20"))
    page.get_by_role("button", name="every second").click()
    until_shown(page, measured(depth="20", cut="2,4,6,8"))
    page.get_by_role("button", name="cut all").click()
    until_shown(page, measured("plain", depth="20"))
    page.get_by_role("button", name="restore all").click()
    until_shown(page, measured(depth="20"))
    page.get_by_role("button", name="random half").click()
    wait(page, "view.query.includes('cut=')")
    cut = js(page, "view.net.cut")
    assert len(cut) == len(set(cut)) == 4
    assert set(cut) <= set(range(1, 10))
    until_shown(page, measured(depth="20", cut=",".join(map(str, cut))))


def test_a_block_is_removed_from_both_networks(server, new_page, measured):
    page = new_page(f"{server.url}/?depth=20")
    until_shown(page, measured(depth="20"))
    page.locator('.rv-block[data-n="3"][data-arm="plain"]').click()
    wait(page, "view.query.includes('remove=3')")
    for card, arm in enumerate(("residual", "plain")):
        expected = [v if v else None for v in measured(arm, depth="20", remove="3")]
        seen = shown(page, card)
        assert [v is None for v in seen] == [v is None for v in expected]
        assert seen.count(None) == 2
        assert [v for v in seen if v] == pytest.approx([v for v in expected if v], rel=1e-3)
    expect(page.get_by_role("switch", name="Block 3").first).to_have_attribute("aria-checked", "false")


def test_shortcuts_that_change_shapes_look_different(server, new_page):
    for option, kinds in (("A", {"identity", "padding"}), ("B", {"identity", "projection"}), ("C", {"projection"})):
        page = new_page(f"{server.url}/?depth=20&stages=3&shortcut={option}")
        page.locator(".rv-arc").nth(8).wait_for()
        classes = js(page, "[...document.querySelectorAll('.rv-arc')].map((a) => a.classList[1])")
        assert {c.removeprefix("rv-") for c in classes} == kinds
        look = "(({ strokeDasharray, strokeWidth }) => strokeDasharray + strokeWidth)(getComputedStyle(line))"
        looks = js(page, f"[...document.querySelectorAll('.rv-arc .rv-line')].map((line) => {look})")
        assert len(set(looks)) == len(kinds)


def test_six_hundred_blocks_are_groups_that_open(server, new_page):
    page = new_page(f"{server.url}/?depth=1202&batch=2")
    wait(page, "view.records.any", 120_000)
    groups = page.locator(".rv-residual .rv-group")
    assert 5 < groups.count() < 30
    counts = js(
        page, "[...document.querySelectorAll('.rv-residual .rv-count')].map((t) => Number(t.textContent.slice(1)))"
    )
    assert sum(counts) == 600
    expect(page.locator(".rv-arc")).to_have_count(0)
    page.get_by_role("button", name="Blocks 1 to 50: open").focus()
    page.keyboard.press("ArrowRight")
    assert js(page, "document.activeElement.dataset.n") == "51"
    page.keyboard.press("Enter")
    page.get_by_role("switch", name="Shortcut 60,").wait_for()
    low, high = js(page, "view.plots.cards[0].plot.layout.xaxis.range")
    drawing = js(page, "view.net.drawing.window")
    assert [low, high] == drawing  # the charts show the same layers
    assert 100 < low < high < 210
    page.keyboard.press("Escape")
    wait(page, "!view.net.drawing.zoomed && view.plots.cards[0].plot.layout.xaxis.range[1] > 1202")


@pytest.mark.parametrize("depth", [8, 56])
def test_a_block_stands_above_its_layers_in_the_charts(server, new_page, depth):
    page = new_page(f"{server.url}/?depth={depth}")
    wait(page, "view.plots.cards[0].plot._fullLayout")
    apart = js(
        page,
        """[1, view.page.network.blocks].map((n) => {
          const box = document.querySelector(`.rv-block[data-n="${n}"] .rv-box`).getBoundingClientRect();
          const plot = view.plots.cards[0].plot, area = plot.querySelector(".nsewdrag").getBoundingClientRect();
          return box.x + box.width / 2 - (area.x + plot._fullLayout.xaxis.c2p(view.net.drawing.centre(n)));
        })""",
    )
    assert all(abs(pixels) < 1.5 for pixels in apart), apart


def test_before_training_on_the_train_page_a_click_changes_the_start(server, new_page, measured):
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    page.get_by_role("button", name="Reset").click()
    before = status(server)["trained"]
    page.locator('.rv-arc[data-n="2"]').click()
    until_shown(page, measured(depth="8", epochs="3", cut="2"))
    page.wait_for_url(lambda url: "cut=2" in url)
    wait(page, "view.run.query.includes('cut=2') && view.records.head === 0")
    page.wait_for_timeout(500)
    assert js(page, "view.records.head") == 0
    assert status(server)["trained"] == before, "a look before training trained something"
    page.get_by_role("button", name="Play").click()
    finished(page)
    wait(page, "view.plots.cards[2].plot.data[1].x.at(-1) === 33")
    page.get_by_role("button", name="undo").click()
    wait(page, "view.run.segments[0].cut.length === 0")


def test_what_colours_the_blocks_is_chosen(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}")
    finished(page)
    seen = set()
    for name in ("gradient norm", "activation scale", "|F(x)| / |x|", "dead channels"):
        page.get_by_label("Colour of the blocks").select_option(name)
        page.wait_for_timeout(400)
        seen.add(
            str(js(page, "[...document.querySelectorAll('.rv-residual .rv-box')].map((b) => b.style.fillOpacity)"))
        )
    assert len(seen) == 4


def test_a_look_that_is_too_large_is_refused_in_words_and_nothing_is_shown_as_if_measured(server, new_page):
    page = new_page(f"{server.url}/?depth=1202&width=256&batch=1024")
    page.locator(".rv-trouble").wait_for()
    expect(page.locator(".rv-trouble")).to_contain_text("the limit is")
    page = new_page(f"{server.url}/?depth=20&cut=3,30&dataset=mnist")
    page.get_by_text("cut=30: depth 20 has shortcuts 1 to 9").wait_for()
    page.get_by_text("MNIST").first.wait_for()
