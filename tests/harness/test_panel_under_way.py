"""A panel whose answer is under way: watched, stopped, failed, left."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness.asking import (
    button,
    later,
    now,
    opened,
    shows,
    slide,
    told,
)
from tests.harness.seeing import frames, line, query, until_line
from tests.topics.flow.scenes import FLOW
from tests.topics.lesion.scenes import LARGER, SMALL

SEED = f"{FLOW}&seed=2"


@pytest.fixture
def learning(site, stage):
    """A panel whose networks wait for their turn."""
    site.use("flow")
    page = stage.open(f"euler?{SEED}", clock=True)
    expect(page.get_by_text("Waiting: 2 other questions are ahead of yours", exact=True)).to_be_visible()
    return page


def quarter(site, page):
    now(site, "a quarter", "flow", SEED)
    shows(page, told(site, "flow", SEED))


def count(site):
    return len(site.asked("panel/flow"))


def test_it_is_watched_while_it_waits_and_learns(site, learning):
    page, bar = learning, learning.get_by_role("progressbar", name="Progress")
    expect(bar).to_have_attribute("aria-valuenow", "0")
    expect(button(page, "Stop")).to_be_visible()
    expect(page.get_by_role("link", name="Data")).to_be_hidden()
    now(site, "one first", "flow", SEED)
    expect(page.get_by_text("Waiting: one other question is ahead of yours", exact=True)).to_be_visible()
    quarter(site, page)
    expect(page.get_by_text("25%", exact=True)).to_be_visible()
    expect(bar).to_have_attribute("aria-valuenow", "25")
    expect(page.locator(".rv-finding")).to_have_text(re.compile("^After 150 of 600 steps: "))
    part = line(page, "Training loss", "residual")
    site.wait_for("seed=2", have=told(site, "flow", SEED)["version"])
    now(site, "all", "flow", SEED)
    shows(page, told(site, "flow", SEED))
    x, y = until_line(page, "Training loss", "residual", f"x.length > {len(part[0])}")
    assert [x[: len(part[0])], y[: len(part[1])]] == part
    expect(bar).to_be_hidden()
    expect(page.get_by_text("%", exact=True)).to_have_count(0)
    expect(button(page, "Train again")).to_be_visible()
    assert len({heard.words["viewer"] for heard in site.asked("panel/flow")}) == 1
    assert not site.asked("^POST")
    assert query(page) == SEED, "the settings are those of the address"


def test_it_is_stopped_and_what_there_is_stays_until_it_goes_on(site, learning):
    page = learning
    quarter(site, page)
    button(page, "Stop").click()
    expect(page.get_by_text("stopped at 25%", exact=True)).to_be_visible()
    stop = site.wait_for("^POST panel/flow/stop")
    assert stop.words["viewer"] == site.wait_for("^GET panel").words["viewer"]
    expect(page.get_by_role("progressbar")).to_have_count(0)
    later(page)  # it has looked how far it is come
    before = told(site, "flow", SEED)
    now(site, "all", "flow", SEED)
    asked_before = count(site)
    later(page)
    assert count(site) == asked_before, "nobody looks any more"
    shows(page, before)
    now(site, "a quarter", "flow", SEED)
    button(page, "Train the rest").click()
    site.wait_for("^POST panel/flow[?]")
    expect(button(page, "Stop")).to_be_visible()
    now(site, "all", "flow", SEED)
    shows(page, told(site, "flow", SEED))
    expect(page.get_by_text("stopped at", exact=False)).to_have_count(0)


def test_what_fails_is_said_and_can_be_begun_again(site, learning):
    page = learning
    now(site, "failed", "flow", SEED)
    expect(page.get_by_role("alert")).to_have_text(re.compile("^There was not enough memory."))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    now(site, "all", "flow", SEED)
    button(page, "Train again").click()
    shows(page, told(site, "flow", SEED))
    expect(page.get_by_role("alert")).to_be_hidden()
    assert site.once("^POST")


def test_a_recorded_answer_says_so_until_it_is_made_here(site, stage):
    page = opened(site, stage, "flow")
    recorded = page.get_by_text(f"a recorded run: {told(site, 'flow', FLOW)['made']}", exact=True)
    expect(recorded).to_be_visible()
    now(site, "here", "flow", FLOW)
    button(page, "Train it here").click()
    expect(recorded).to_be_hidden()
    expect(button(page, "Train again")).to_be_visible()
    assert [heard.said()["anew"] for heard in site.asked("panel/flow")] == [False, True]


def test_what_one_is_writing_is_not_written_over_by_an_answer(site, stage):
    site.use("lesion")
    page = stage.open(f"paths?{LARGER}")
    depth = page.get_by_label("depth", exact=True)
    expect(depth).to_have_value("10")
    depth.fill("")
    for digit in "08":
        depth.press(digit)
        site.wait_for("depth=10", len(site.asked("depth=10")) + 2)  # answers have come meanwhile
    expect(depth).to_have_value("08")
    depth.fill("8")
    depth.press("Enter")
    shows(page, told(site, "lesion", SMALL))
    page.wait_for_url(f"**/paths?{SMALL}")


def test_a_page_that_is_left_asks_no_more(site, learning):
    page = learning
    page.evaluate("pageIsLeft()")
    frames(page)  # it might be mounted again at once
    before = count(site)
    later(page)
    assert count(site) == before
    page.keyboard.press("Control+z")
    later(page)
    assert count(site) == before


def test_undo_and_link_are_there_also_where_nothing_can_be_computed(site, stage):
    page = opened(site, stage, "flow")
    slide(page, "seed", 2)
    expect(page.get_by_text("Waiting: 2 other questions are ahead of yours", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Data")).to_be_hidden()
    expect(button(page, "Link")).to_be_visible()
    button(page, "Undo").click()
    shows(page, told(site, "flow", FLOW))
