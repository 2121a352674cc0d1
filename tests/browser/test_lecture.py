"""Lecture mode: large type, no sidebar, one idea a screen, arrow keys, and the idea in the link."""

import re

import pytest
from playwright.sync_api import expect

from tests.axe import audit
from tests.harness.seeing import block

pytestmark = pytest.mark.browser

# Of the text that can be seen, the height of the smallest letters on screen, in px.
SMALLEST = """() => {
  const zoom = Number.parseFloat(getComputedStyle(document.querySelector('[data-testid="stMain"]')).zoom) || 1;
  const seen = [...document.querySelectorAll(".rv-live p, .rv-live small, .rv-live h2, .rv-live text")].filter((node) => {
    const { top, bottom, height } = node.getBoundingClientRect();
    return height > 0 && bottom > 0 && top < innerHeight && node.textContent.trim();
  });
  return Math.min(...seen.map((node) => zoom * Number.parseFloat(getComputedStyle(node).fontSize)));
}"""


def place(page):
    return page.get_by_role("navigation", name="Lecture").get_by_role("status")


def seen(page, title):
    """Whether the middle of a figure's heading can be seen, and no mask lies on it."""
    heading = page.get_by_role("region", name=title).get_by_role("heading").first
    return heading.evaluate(
        """(node) => {
          const { left, top, height } = node.getBoundingClientRect(),
            there = document.elementFromPoint(left + 5, top + height / 2);
          return Boolean(there && (node === there || node.contains(there)));
        }"""
    )


def test_an_arrow_leads_from_idea_to_idea_and_to_the_next_page_and_a_link_opens_the_same(server, new_page):
    page = new_page(f"{server.url}/signal?depth=14&width=4")
    expect(
        page.get_by_role("region", name="What the weights get: gradient with respect to each layer’s weights")
    ).to_be_attached()
    small = page.evaluate(SMALLEST)
    page.get_by_role("button", name="Lecture", exact=True).click()
    expect(place(page)).to_have_text(re.compile(r"^1 of \d$"))
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    assert page.evaluate(SMALLEST) > 1.1 * small
    assert audit(page) == []
    last, first = (
        "What the weights get: gradient with respect to each layer’s weights",
        "Going back: gradient with respect to each layer’s output",
    )
    assert seen(page, first)
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"\?.*\blecture=2\b"))
    expect(place(page)).to_have_text(re.compile(r"^2 of \d$"))
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 50")
    assert not seen(page, first), "one idea a screen"
    page.reload()
    expect(place(page)).to_have_text(re.compile(r"^2 of \d$"))
    assert "depth=14" in page.url, "its settings are there as well"
    expect(page.get_by_role("alert")).to_be_hidden()
    assert page.get_by_role("region", name=last).count() == 1
    page.keyboard.press("ArrowLeft")
    expect(place(page)).to_have_text(re.compile(r"^1 of \d$"))
    block(page, 1).focus()
    page.keyboard.press("ArrowRight")  # goes to the next block
    expect(place(page)).to_have_text(re.compile(r"^1 of \d$"))
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    assert "lecture" not in page.url


def until_page(page, name):
    """Press on, as a teacher does: a panel further down is asked for once one comes to it, and the last has the link onward."""
    for _ in range(40):
        if f"/{name}" in page.url:
            return
        page.keyboard.press("PageDown")
        page.wait_for_timeout(200)
    raise AssertionError(place(page).inner_text())


def test_after_the_last_idea_comes_the_next_page(server, new_page):
    page = new_page(f"{server.url}/block?lecture=1")
    expect(place(page)).to_have_text(re.compile(r"^1 of [2-9]$"))
    page.keyboard.press("PageDown")
    expect(place(page)).to_have_text(re.compile(r"^2 of [2-9]$"))
    until_page(page, "signal")
    expect(page).to_have_url(re.compile(r"/signal\?lecture=\d$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("What reaches the first layer?")
    page.get_by_role("button", name="Leave the lecture").click()
    expect(page).to_have_url(re.compile(r"/signal$"))
