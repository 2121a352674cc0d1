"""Blocks taken out of trained networks, and shortcuts cut: by a click, by keys, and back again."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness.asking import cells, now, settled, shows, told
from tests.harness.seeing import block, expect_on, line, nothing_strange, region, shortcut, until_line
from tests.topics.lesion.scenes import LARGER, SMALL

SINGLE = "Read wrong without one block"


def words(lesion="", sever=""):
    """As the browser asks for it."""
    return f"{SMALL}&lesion={lesion}&sever={sever}"


def plain(page, n):
    """A block of the plain network, which to a screen reader is the residual one's."""
    return page.locator(f'[data-n="{n}"][data-arm="plain"]')


def scores(answer):
    """What stands in large type, by network."""
    return next(figure for figure in answer["figures"] if figure["id"] == "lesion_net")["own"]["scores"]


@pytest.fixture
def paths(site, stage):
    """Two networks of three blocks."""
    site.use("lesion")
    page = stage.open(f"paths?{SMALL}", clock=True)
    shows(page, told(site, "lesion", SMALL))
    return page


def answered(page, site, **changed):
    shows(page, told(site, "lesion", words(**changed)))


def test_a_click_takes_a_block_out_of_both_and_undo_puts_it_back(site, paths):
    page = paths
    before = cells(region(page, SINGLE))
    for arm in ("residual", "plain"):
        x, y = line(page, SINGLE, arm)
        assert len(x) == len(y) == 3 and None not in y
    expect(page.locator(".rv-fell")).to_have_count(0)
    gate = site.hold("lesion=1")
    block(page, 1).click()
    gate.wait()
    for same in (block, plain):
        expect_on(same(page, 1), False)  # at once; the numbers follow
        expect_on(same(page, 2))
    gate.open()
    answered(page, site, lesion="1")
    whole, torn = (scores(told(site, "lesion", asked)) for asked in (SMALL, words(lesion="1")))
    fell = [torn[arm]["misread"] for arm in ("residual", "plain") if torn[arm]["right"] < whole[arm]["right"] - 0.05]
    assert fell
    expect(page.locator(".rv-fell")).to_have_text(fell)
    after = cells(region(page, SINGLE))
    assert [row[0] for row in after] == ["no block", "as drawn", "1", "2", "3"]
    assert after[1][1:] == before[1][1:], "one block out is that block out"
    settled(page)
    plain(page, 3).click()
    answered(page, site, lesion="1,3")
    expect_on(block(page, 3), False)
    settled(page)
    page.wait_for_url(re.compile(r"lesion=1(,|%2C)3$"))
    page.keyboard.press("Control+z")
    answered(page, site, lesion="1")
    expect_on(block(page, 3))
    assert cells(region(page, SINGLE)) == after
    page.keyboard.press("Control+z")
    shows(page, told(site, "lesion", SMALL))
    expect_on(block(page, 1))
    assert cells(region(page, SINGLE)) == before
    page.keyboard.press("Control+Shift+z")
    answered(page, site, lesion="1")
    expect_on(plain(page, 1), False)
    page.wait_for_url(re.compile("lesion=1$"))


def test_a_click_on_the_top_of_an_arc_cuts_that_shortcut(site, paths):
    page = paths
    expect_on(shortcut(page, 2))
    page.mouse.click(*shortcut(page, 2).evaluate(
        """arc => {
          const paths = [...arc.querySelectorAll("path")].map((node) => node.getBoundingClientRect());
          const boxes = paths.filter(({ width }) => width > 20); // and no mark on it
          const { left, top, width } = boxes.sort((a, b) => a.width - b.width)[0];
          return [left + width / 2, top + 1];
        }"""
    ))  # fmt: skip
    answered(page, site, sever="2")
    expect_on(shortcut(page, 2), False)
    whole, drawn = (row for row in cells(region(page, SINGLE))[:2])
    assert drawn[2] == whole[2], "a plain network has no shortcut to cut"
    assert drawn[1] != whole[1]
    settled(page)
    page.wait_for_url("**sever=2")
    shortcut(page, 2).focus()
    page.keyboard.press(" ")
    shows(page, told(site, "lesion", SMALL))
    expect_on(shortcut(page, 2))


def test_the_drawing_is_used_by_keyboard_and_keeps_the_focus(site, paths):
    page = paths
    page.locator('svg [tabindex="0"]').first.focus()
    for key in ("ArrowDown", "Home", "ArrowRight"):  # to the row of blocks
        page.keyboard.press(key)
    expect(block(page, 2)).to_be_focused()
    page.keyboard.press(" ")
    answered(page, site, lesion="2")
    expect_on(block(page, 2), False)
    expect(block(page, 2)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    expect(shortcut(page, 3)).to_be_focused()
    page.keyboard.press("Enter")
    answered(page, site, lesion="2", sever="3")
    settled(page)
    page.wait_for_url("**lesion=2&sever=3")
    expect(
        page.get_by_role("group", name=re.compile(r"^3 blocks; shortcuts cut: 3; blocks removed: 2\."))
    ).to_be_visible()


def test_a_link_with_blocks_out_shows_them_so(site, stage):
    site.use("lesion")
    page = stage.open(f"paths?{SMALL}&lesion=2&sever=3")
    answered(page, site, lesion="2", sever="3")
    expect_on(block(page, 2), False)
    expect_on(shortcut(page, 3), False)
    expect_on(shortcut(page, 2))
    assert site.once("GET panel")


def test_another_network_learns_and_comes_with_blocks_of_its_own(site, paths):
    page = paths
    page.get_by_label("depth", exact=True).fill("10")
    page.keyboard.press("Tab")
    expect(page.locator(".rv-finding")).to_have_text(re.compile("^Both networks learn: step 22 of 33"))
    found = until_line(page, "Both networks learn first", "plain", "x.length")
    assert found == [[1, 12, 22], [2.3, 1.6, 1.2]]
    expect(region(page, SINGLE)).to_have_count(0)
    expect(page.get_by_role("switch", name=re.compile("^Block"))).to_have_count(4)
    now(site, "partly", "lesion", LARGER)
    expect(region(page, SINGLE)).to_be_visible()
    assert until_line(page, SINGLE, "residual", "x.length") == [[2.5, 4.5, 6.5, 8.5], [0.3, 0.2, None, None]]
    expect(page.get_by_text("80%", exact=True).first).to_be_visible()
    nothing_strange(page)
    now(site, "all", "lesion", LARGER)
    shows(page, told(site, "lesion", LARGER))
    points = region(page, SINGLE).locator(".scatterlayer .trace").last.locator(".points path")
    expect(points).to_have_count(4)
    middle = "nodes => nodes.map((node) => (({ left, width }) => left + width / 2)(node.getBoundingClientRect()))"
    drawn = page.get_by_role("switch", name=re.compile("^Block")).evaluate_all(middle)
    assert points.evaluate_all(middle) == pytest.approx(drawn, abs=2), "each under the middle of its block"
    page.wait_for_url(f"**/paths?{LARGER}")
