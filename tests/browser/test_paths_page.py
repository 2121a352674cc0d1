"""The Paths page: blocks taken out of trained networks by a click, many at once, paths by length, and blocks unrolled."""

import re

import pytest
from playwright.sync_api import expect

from resviz.inside import views
from resviz.inside.paths import binomial
from tests.browser.inside import (
    above_the_fold,
    answered,
    filled,
    has_scheme,
    no_wider_than_a_telephone,
    open_panel,
    panel,
    rows,
    slide,
    slider,
    watched,
)

SMALL = "depth=8&epochs=3"  # three blocks; a second of training
BLOCKS = 3
FIGURES = {
    "lesion": ("lesion_net", "lesion_single"),
    "several": ("several_out", "several_order"),
    "lengths": ("length_share", "length_norm"),
    "unravel": ("unravel",),
}


def named(page, area, trace):
    """x and y of a trace of a card, by its name."""
    which = f"panel.plots.cards.find((card) => card.template.id === '{area}').plot.data"
    return panel(page, f"(({{ x, y }}) => [[...x], [...y]])({which}.find((trace) => trace.name === '{trace}'))")


def block(page, n, arm="residual"):
    return page.locator(f'.rv-block[data-n="{n}"][data-arm="{arm}"]')


def arc(page, n):
    return page.locator(f'.rv-arc[data-n="{n}"]')


def is_on(node, on):
    expect(node).to_have_attribute("aria-checked", "true" if on else "false")


@pytest.mark.parametrize("view", views.PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_opens_at_once_in_one_screen_and_fits_a_telephone(server, new_page, view, scheme):
    page, complaints, wishes = watched(new_page, f"{server.url}/paths?view={view}", color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_have_text(views.PATHS[view].question)
    answered(page)
    if view != "unravel":  # which is computed at once
        expect(page.get_by_text("a recorded run:")).to_be_visible()
    expect(page.locator(".rv-panel-grid .rv-card")).to_have_count(len(FIGURES[view]))
    above_the_fold(page, page.locator(".rv-settings"), *(page.locator(f".rv-area-{id}") for id in FIGURES[view]))
    expect(page.locator(".rv-finding p")).not_to_be_empty()
    filled(page, ".rv-panel")
    has_scheme(page, scheme)
    no_wider_than_a_telephone(page)
    assert (complaints, [url for url in wishes if "/panel/" in url]) == ([], [])


def test_the_default_opens_without_a_view_in_the_address(server, new_page):
    page = open_panel(new_page, server, "paths")
    assert panel(page, "panel.page.kind") == "lesion"
    page.get_by_role("radio", name="Path lengths").or_(page.get_by_role("button", name="Path lengths")).first.click()
    answered(page, "panel.page.kind === 'lengths'")
    expect(page).to_have_url(re.compile(r"[?&]view=lengths"))
    expect(page.get_by_role("heading", level=1)).to_have_text(views.PATHS["lengths"].question)


# -- lesions ---------------------------------------------------------------------------------------


def test_a_click_takes_a_block_out_and_ctrl_z_puts_it_back(server, new_page):
    page = open_panel(new_page, server, f"paths?{SMALL}")
    whole = page.locator(".rv-finding").inner_text()
    before = rows(page, "lesion_single")
    assert [line[0] for line in before] == [before[0][0], "1", "2", "3"]
    single = {arm: named(page, "lesion_single", arm)[1] for arm in ("residual", "plain")}
    assert all(len(errors) == BLOCKS and None not in errors for errors in single.values())
    block(page, 1).click()
    is_on(block(page, 1), False)
    is_on(block(page, 1, "plain"), False)
    answered(page, "panel.query.includes('lesion=1')")
    expect(page).to_have_url(re.compile(r"[?&]lesion=1\b"))
    after = rows(page, "lesion_single")
    assert [line[0] for line in after] == [before[0][0], after[1][0], "1", "2", "3"]
    assert after[1][1:] == before[1][1:], "one block out is that block out"
    assert after[1][1:] != before[0][1:], "the error changes"
    block(page, 3).click()
    answered(page, "panel.query.includes('lesion=1,3')")
    page.keyboard.press("Control+z")
    answered(page, "/lesion=1($|&)/.test(panel.query)")
    is_on(block(page, 3), True)
    assert rows(page, "lesion_single") == after
    page.keyboard.press("Control+z")
    answered(page, "!panel.query.includes('lesion')")
    is_on(block(page, 1), True)
    expect(page).not_to_have_url(re.compile("lesion="))
    assert page.locator(".rv-finding").inner_text() == whole
    assert rows(page, "lesion_single") == before
    page.keyboard.press("Control+Shift+z")
    answered(page, "panel.query.includes('lesion=1')")
    is_on(block(page, 1), False)


def test_a_click_on_an_arc_cuts_the_shortcut_of_the_trained_network(server, new_page):
    page = open_panel(new_page, server, f"paths?{SMALL}")
    is_on(arc(page, 2), True)
    line = arc(page, 2).locator(".rv-line").bounding_box()
    page.mouse.click(line["x"] + line["width"] / 2, line["y"] + 1)  # on the top of the arc, as a person does
    is_on(arc(page, 2), False)
    answered(page, "panel.query.includes('sever=2')")
    expect(page).to_have_url(re.compile(r"[?&]sever=2\b"))
    drawn = rows(page, "lesion_single")[1]
    whole = rows(page, "lesion_single")[0]
    assert drawn[2] == whole[2], "a plain network has no shortcut to cut"
    assert drawn[1] != whole[1]
    again = new_page(page.url)
    answered(again)
    is_on(arc(again, 2), False)
    assert rows(again, "lesion_single")[1] == drawn
    arc(page, 2).focus()
    page.keyboard.press(" ")
    answered(page, "!panel.query.includes('sever')")
    is_on(arc(page, 2), True)


def test_the_drawing_is_used_by_keyboard(server, new_page):
    page = open_panel(new_page, server, f"paths?{SMALL}")
    page.locator('.rv-net [tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")  # to the row of blocks
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(block(page, 2)).to_be_focused()
    page.keyboard.press(" ")
    answered(page, "panel.query.includes('lesion=2')")
    is_on(block(page, 2), False)
    expect(block(page, 2)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    expect(arc(page, 3)).to_be_focused()
    page.keyboard.press("Enter")
    answered(page, "panel.query.includes('sever=3')")
    expect(page).to_have_url(re.compile(r"lesion=2&sever=3"))
    expect(page.locator(".rv-net")).to_have_attribute(
        "aria-label", re.compile(r"^3 blocks; shortcuts cut: 3; blocks removed: 2\.")
    )


def test_blocks_that_are_not_there_are_said(server, new_page):
    page = open_panel(new_page, server, f"paths?{SMALL}&lesion=2,9&sever=x")
    expect(page.get_by_text("lesion=9: depth 8 has blocks 1 to 3")).to_be_visible()
    expect(page.get_by_text("sever=x: allowed is block numbers from 1")).to_be_visible()
    assert panel(page, "panel.query").endswith("lesion=2")
    is_on(block(page, 2), False)


def test_another_network_can_be_asked_for_and_comes_with_its_own_blocks(server, new_page):
    page = open_panel(new_page, server, f"paths?{SMALL}")
    depth = page.locator(".rv-setting-int", has_text="depth").locator("input").first
    depth.fill("10")
    depth.press("Tab")
    answered(page, "panel.query.includes('depth=10')")
    expect(page.locator('.rv-block[data-arm="residual"]')).to_have_count(4)
    assert named(page, "lesion_single", "residual")[0] == [2.5, 4.5, 6.5, 8.5], "each under the middle of its block"
    centres = page.locator('.rv-block[data-arm="residual"] .rv-box').evaluate_all(
        "boxes => boxes.map((box) => (({ left, width }) => left + width / 2)(box.getBoundingClientRect()))"
    )
    points = page.locator(".rv-area-lesion_single .scatterlayer .trace").last.locator(".points path")
    expect(points).to_have_count(4)
    under = points.evaluate_all(
        "marks => marks.map((mark) => (({ left, width }) => left + width / 2)(mark.getBoundingClientRect()))"
    )
    assert under == pytest.approx(centres, abs=2)  # px


# -- the other views -------------------------------------------------------------------------------


def test_several_at_once_has_a_point_for_each_number_of_blocks(server, new_page):
    page = open_panel(new_page, server, f"paths?view=several&{SMALL}")
    for arm in ("residual", "plain"):
        x, y = named(page, "several_out", arm)
        assert x == [0, 1, 2, 3]
        assert all(0 <= error <= 1 for error in y)
        taus, errors = named(page, "several_order", arm)
        assert len(taus) == len(errors) >= 2
        assert max(taus) == 1 and min(taus) >= -1
        assert errors[taus.index(1)] == y[0], "in the old order it is the whole network"
    assert [line[0] for line in rows(page, "several_out")] == ["0", "1", "2", "3"]
    expect(page.locator(".rv-area-several_out h3")).to_contain_text("mean of 8 draws")
    slide(page, "draws", 0)
    answered(page, "panel.query.includes('draws=1')")
    expect(page.locator(".rv-area-several_out h3")).to_contain_text("mean of 1 draw")


def test_path_lengths_has_a_bar_for_each_length(server, new_page):
    page = open_panel(new_page, server, f"paths?view=lengths&{SMALL}")
    lengths, paths = named(page, "length_share", "paths")
    assert lengths == [0, 1, 2, 3]
    assert paths == pytest.approx(binomial(BLOCKS), abs=1e-5)
    taken = named(page, "length_share", "gradient")
    assert taken[0] == lengths and sum(taken[1]) == pytest.approx(1, abs=1e-4)
    assert named(page, "length_norm", "residual")[0] == lengths
    bars = page.locator(".rv-area-length_share .barlayer .trace")
    expect(bars).to_have_count(2)
    for trace in bars.all():
        expect(trace.locator(".point")).to_have_count(BLOCKS + 1)
    expect(page.locator(".rv-finding")).to_contain_text("3 blocks make 8 paths")


# -- unrolled --------------------------------------------------------------------------------------


def boxes(page, n=None):
    return page.locator(".rv-unravel-box" if n is None else f'.rv-unravel-box[data-block="{n}"]')


def test_sums_are_opened_by_a_slider_while_it_is_dragged(server, new_page):
    page = open_panel(new_page, server, "paths?view=unravel")
    expect(boxes(page)).to_have_count(4 + 2 + 1)
    expect(page.locator(".rv-unravel-sum")).to_have_count(7)
    for opened, counts in ((0, [1, 1, 1]), (1, [2, 2, 1]), (2, [4, 2, 1])):
        # Only dragged, and not let go.
        slider(page, "unrolled").evaluate(
            "(input, at) => { input.value = at; input.dispatchEvent(new Event('input')); }", opened
        )
        answered(page, f"panel.query.includes('opened={opened}')")
        assert [boxes(page, n).count() for n in (1, 2, 3)] == counts
        expect(page.locator(".rv-unravel")).to_have_attribute("aria-label", re.compile(f"{2**opened} rows$"))
    slide(page, "unrolled", 3)
    answered(page, "!panel.query.includes('opened')")
    slide(page, "blocks", 3)
    answered(page, "panel.query.includes('blocks=4')")
    expect(page.locator(".rv-finding")).to_contain_text("4 blocks make 2⁴ = 16 paths")
    expect(page).to_have_url(re.compile(r"[?&]blocks=4\b"))


def test_a_click_takes_a_block_out_of_all_its_copies(server, new_page):
    page = open_panel(new_page, server, "paths?view=unravel")
    out = page.locator(".rv-unravel-box.rv-unravel-out")
    expect(boxes(page, 2)).to_have_count(2)
    boxes(page, 2).last.click()
    answered(page, "panel.query.includes('out=2')")
    expect(out).to_have_count(2)
    for copy in boxes(page, 2).all():
        is_on(copy, False)
    expect(page.locator(".rv-finding")).to_contain_text("with 1 out, 4 are left: 1 through 0, 2 through 1, 1 through 2")
    assert rows(page, "unravel") == [["paths", "1", "2", "1"]]
    expect(page).to_have_url(re.compile(r"[?&]out=2\b"))
    boxes(page, 3).focus()
    page.keyboard.press("Enter")
    answered(page, "panel.query.includes('out=2-3')")
    expect(boxes(page, 3)).to_be_focused()
    expect(out).to_have_count(3)
    page.keyboard.press("Control+z")
    answered(page, "/out=2($|&)/.test(panel.query)")
    page.get_by_role("button", name="Undo").click()
    answered(page, "!panel.query.includes('out')")
    expect(out).to_have_count(0)
