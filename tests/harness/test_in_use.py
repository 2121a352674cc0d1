"""What must hold while a page is used: nothing keeps people out, nothing jumps, nothing piles up; and it can be printed."""

import io

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

from tests.axe import audit
from tests.harness.seeing import shortcut, until_step
from tests.replay import kept, play
from tests.topics.train.scenes import spec_of

SMALL = "depth=8&epochs=3"  # 33 steps
SPEC = spec_of(SMALL)
AT_12 = SPEC.branch(12, cut=[2])


@pytest.fixture
def page(site, stage):
    """A page that shows a finished run."""
    site.use("train")
    page = stage.open(f"train?{SMALL}", alone=True)
    until_step(page, 33, 33)
    return page


def test_axe_finds_nothing_after_a_run_a_cut_and_an_opened_table(page):
    for table in page.get_by_text("table", exact=True).all():
        table.click()
    page.get_by_role("slider", name="Step shown").fill("12")
    shortcut(page, 2).click()
    expect(page.locator(".rv-branch")).to_have_count(2)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert audit(page) == [], scheme


def place_of(page):
    """Where the drawing stands on the page, and all controls above it."""
    return page.locator(".rv-netbox, .rv-bar, .rv-settings-rows").evaluate_all(
        "nodes => nodes.map((node) => Math.round(node.getBoundingClientRect().top + scrollY))"
    )


def test_nothing_above_the_drawing_moves_it_while_it_is_used(page):
    before = place_of(page)
    page.get_by_role("slider", name="Step shown").fill("12")
    shortcut(page, 2).click()
    expect(page.locator(".rv-branch")).to_have_count(2)
    assert place_of(page) == before
    page.get_by_role("button", name="Undo", exact=False).first.click()
    until_step(page, 12, 33)
    assert place_of(page) == before


def test_a_long_replay_leaves_nothing_behind(page):
    page.get_by_label("Speed").select_option("10 steps/s")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    play(page, 150)
    early = kept(cdp)
    play(page, 300)  # as many as in a minute
    late = kept(cdp)
    assert all(abs(b - a) < 0.05 * a for a, b in zip(early, late, strict=True)), (early, late)


def test_a_page_is_printed_with_its_figures_in_dark_ink_and_is_then_as_before(site, stage):
    site.use("train")
    page = stage.open(f"train?{SMALL}", dark=True, alone=True)
    until_step(page, 33, 33)
    ink = "getComputedStyle(document.querySelector('.rv-area-loss .xtick text')).fill"
    before = page.evaluate(ink)
    assert min(int(part) for part in before.strip("rgba()").split(",")[:3]) > 180
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    printed = [int(part) for part in page.evaluate(ink).strip("rgba()").split(",")[:3]]
    assert max(printed) < 80
    for name in ("loss", "grad_norm", "test_accuracy"):
        expect(page.locator(f".rv-area-{name} .main-svg").first).to_be_visible()
    expect(page.locator(".rv-bar")).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.evaluate(ink) == before


# A moment of a replay at a step, at which it stays; or the pause there.
SHOW = """([step, playing]) => {
  const view = window.resviz;
  view.playhead.advance = () => false;
  view.playhead.playing = playing;
  view.playhead.position = view.playhead.cursor = step;
  view.tick("all"); // in haste
  for (const _ of playing ? [] : view.plots.cards) view.tick(); // in full, one at a time
}"""


def test_a_replayed_heatmap_is_the_heatmap_up_to_that_step(page):
    plot = page.locator(".rv-area-grad_norm_residual .rv-plot")
    image = plot.locator(".heatmaplayer image")
    plot.scroll_into_view_if_needed()
    card = "window.resviz.plots.cards.find(({ template }) => template.id === 'grad_norm_residual')"
    page.wait_for_function(f"() => (({{ visible, key }}) => visible && key)({card})")
    for step in (5, 12, 32, 20):
        page.evaluate(SHOW, [step, True])
        replayed = plot.screenshot()
        assert "inset" in image.evaluate("image => image.style.clipPath"), "a part of what is drawn is shown"
        page.evaluate(SHOW, [step, False])
        assert image.evaluate("image => image.style.clipPath") == ""
        both = [Image.open(io.BytesIO(png)).convert("RGB") for png in (replayed, plot.screenshot())]
        # Columns are scaled to whole pixels: at their edges a shade may differ by a step or two.
        assert max(most for _, most in ImageChops.difference(*both).getextrema()) <= 8, step
