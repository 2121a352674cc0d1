"""Blocks unrolled into the paths through them: sums opened by a slider, blocks taken out of all their copies."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness.asking import button, cells, drag, settled, shows, slide, slider, told
from tests.harness.seeing import expect_on, region


@pytest.fixture
def page(site, stage):
    """Three blocks, all sums opened."""
    site.use("unravel")
    page = stage.open("paths?view=unravel", clock=True)
    shows(page, told(site, "unravel"))
    return page


def copies(page, n):
    return page.get_by_role("switch", name=f"Block {n}", exact=True)


def counts(page):
    return [copies(page, n).count() for n in (1, 2, 3, 4)]


def drawing(page):
    return page.get_by_role("group", name=re.compile("rows?$"))


def test_sums_are_opened_by_a_slider_while_it_is_dragged(site, page):
    assert counts(page) == [4, 2, 1, 0]
    for opened, expected in ((0, [1, 1, 1, 0]), (1, [2, 2, 1, 0]), (2, [4, 2, 1, 0])):
        drag(page, "unrolled", opened)  # and not let go
        shows(page, told(site, "unravel", f"opened={opened}"))
        assert counts(page) == expected
        expect(drawing(page)).to_have_attribute("aria-label", re.compile(f"{2**opened} rows$"))
    slide(page, "unrolled", 3)
    shows(page, told(site, "unravel"))
    slide(page, "blocks", 3)
    shows(page, told(site, "unravel", "blocks=4"))
    assert counts(page) == [8, 4, 2, 1]
    expect(page.locator(".rv-finding")).to_contain_text("4 blocks make 2⁴ = 16 paths")
    settled(page)
    page.wait_for_url("**blocks=4")


def test_sliders_are_moved_by_keys_and_say_where_they_are(site, page):
    blocks = slider(page, "blocks")
    blocks.focus()
    assert blocks.get_attribute("aria-valuetext") == "3"
    page.keyboard.press("ArrowRight")
    shows(page, told(site, "unravel", "blocks=4"))
    expect(blocks).to_have_attribute("aria-valuetext", "4")
    expect(blocks).to_be_focused()


def test_blocks_can_be_taken_away_by_their_slider_alone(site, page):
    """Though by default more sums are opened than there are blocks then."""
    drag(page, "blocks", 1)
    shows(page, told(site, "unravel", "blocks=2"))
    assert counts(page) == [2, 1, 0, 0]
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator(".rv-finding")).to_contain_text("2 blocks make 2² = 4 paths")
    drag(page, "blocks", 0)
    shows(page, told(site, "unravel", "blocks=1"))
    assert counts(page) == [1, 0, 0, 0]


def test_a_click_takes_a_block_out_of_all_its_copies(site, page):
    copies(page, 2).last.click()
    shows(page, told(site, "unravel", "out=2"))
    for n, on in ((1, True), (2, False), (3, True)):
        for copy in copies(page, n).all():
            expect_on(copy, on)
    expect(page.locator(".rv-finding")).to_contain_text("with 1 out, 4 are left: 1 through 0, 2 through 1, 1 through 2")
    assert cells(region(page, "All ways from x to the output")) == [["paths", "1", "2", "1"]]
    settled(page)
    page.wait_for_url("**out=2")
    copies(page, 3).focus()
    page.keyboard.press("Enter")
    shows(page, told(site, "unravel", "out=2,3"))
    expect(copies(page, 3)).to_be_focused()
    expect(page.locator("[role=switch][aria-checked=false]")).to_have_count(3)
    settled(page)
    page.keyboard.press("Control+z")
    shows(page, told(site, "unravel", "out=2"))
    button(page, "Undo").click()
    shows(page, told(site, "unravel"))
    expect(page.locator("[role=switch][aria-checked=false]")).to_have_count(0)
    for words in ("out=2", ""):  # another click on a block that is out puts it back
        copies(page, 2).first.click()
        shows(page, told(site, "unravel", words))


def test_each_block_is_one_stop_of_the_tab_key_however_many_copies_it_has(page):
    assert [copies(page, n).evaluate_all("all => all.map((box) => box.tabIndex)") for n in (1, 2, 3)] == [
        [0, -1, -1, -1], [0, -1], [0],
    ]  # fmt: skip


def test_the_drawing_is_whole_and_nothing_lies_on_anything(page):
    boxes = page.evaluate(
        """[...document.querySelectorAll("[role=switch] rect")].map((node) => {
          const { left, right, top, bottom } = node.getBoundingClientRect();
          return [left, right, top, bottom];
        })"""
    )
    assert len(boxes) == 7
    frame = drawing(page).bounding_box()
    for n, (left, right, top, bottom) in enumerate(boxes):
        assert frame["x"] <= left < right <= frame["x"] + frame["width"]
        assert frame["y"] <= top < bottom <= frame["y"] + frame["height"]
        for other in boxes[:n]:
            apart = right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
            assert apart


def test_the_name_of_the_figure_follows_its_heading(site, page):
    drag(page, "unrolled", 1)
    answer = told(site, "unravel", "opened=1")
    shows(page, answer)
    assert region(page, answer["figures"][0]["title"]).count() == 1
