"""What a page hears over its one socket, without asking: news of its panels; and what it does where none come."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness.asking import button, later, now, shows, told
from tests.harness.seeing import frames
from tests.harness.test_timeline import HIDE

SEED = "blocks=3&seed=2"
WATCHED = "WATCH panel/flow"


@pytest.fixture
def learning(site, stage):
    """A panel whose networks wait for their turn, on a page that is told."""
    site.use("flow")
    site.tells = True
    page = stage.open(f"euler?{SEED}", clock=True)
    site.wait_for(WATCHED)
    expect(page.get_by_text("Waiting: 2 other questions are ahead of yours", exact=True)).to_be_visible()
    return page


def asks(site):
    return len(site.asked("(GET|POST) panel/flow"))


def test_what_is_computed_is_told_until_its_end_and_nothing_is_asked_meanwhile(site, learning):
    page, before = learning, asks(site)
    for moment in ("one first", "a quarter", "all"):
        now(site, moment, "flow", SEED)
        if moment == "one first":
            expect(page.get_by_text("Waiting: one other question is ahead of yours", exact=True)).to_be_visible()
        else:
            shows(page, told(site, "flow", SEED))
    expect(button(page, "Train again")).to_be_visible()
    assert asks(site) == before and site.once(WATCHED)
    assert site.wait_for(WATCHED).words["viewer"] == site.wait_for("GET panel/flow").words["viewer"]
    assert site.sockets == 1


def test_what_is_stopped_is_heard_of_no_more_and_again_once_it_goes_on(site, learning):
    page = learning
    now(site, "a quarter", "flow", SEED)
    shows(page, before := told(site, "flow", SEED))
    button(page, "Stop").click()
    expect(page.get_by_text("stopped at 25%", exact=True)).to_be_visible()
    later(page)
    now(site, "all", "flow", SEED)
    later(page)
    shows(page, before)
    now(site, "a quarter", "flow", SEED)
    button(page, "Train the rest").click()
    site.wait_for(WATCHED, 2)
    now(site, "all", "flow", SEED)
    shows(page, told(site, "flow", SEED))


def test_a_tab_that_nobody_sees_gives_its_socket_back_and_asks_until_it_is_seen(site, learning):
    page, before = learning, asks(site)
    page.evaluate(HIDE, True)
    site.wait_for("GET panel/flow", before + 2)
    assert site.sockets == 0
    page.evaluate(HIDE, False)
    site.wait_for(WATCHED, 2)
    now(site, "all", "flow", SEED)
    shows(page, told(site, "flow", SEED))
    assert site.sockets == 1


def test_where_no_socket_comes_through_it_asks(site, stage):
    site.use("flow")
    site.tells = True
    site.refuse("GET watch", 404)
    page = stage.open(f"euler?{SEED}")
    site.wait_for("GET panel/flow", 3)
    now(site, "all", "flow", SEED)
    shows(page, told(site, "flow", SEED))
    assert not site.asked(WATCHED)
    assert site.once("GET watch")  # it is tried once


def test_a_socket_that_breaks_is_opened_again(site, learning):
    page = learning
    page.evaluate("() => window.resvizWatch.socket.close()")
    site.wait_for(WATCHED, 2)
    now(site, "all", "flow", SEED)
    shows(page, told(site, "flow", SEED))
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_page_that_is_left_hears_nothing_more(site, learning):
    page = learning
    page.evaluate("pageIsLeft()")
    frames(page)
    before = asks(site)
    page.wait_for_function("() => window.resvizWatch.subjects.size === 0")
    now(site, "all", "flow", SEED)
    later(page)
    assert asks(site) == before and site.once(WATCHED)


def test_of_another_setting_news_come_and_none_of_the_one_before(site, learning):
    page = learning
    other = SEED.replace("seed=2", "seed=3")
    site.answers[f"GET panel/flow?{other}"] = {**site.answers[f"GET panel/flow?{SEED}"], "query": other}
    page.evaluate("() => window.resviz.choose({ seed: '3' })")
    heard = site.wait_for("WATCH panel/flow.*seed=3")
    assert heard.words["viewer"] == site.wait_for(WATCHED).words["viewer"]
    now(site, "all", "flow", SEED)
    later(page)
    expect(page.get_by_text("Waiting: 2 other questions are ahead of yours", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("seed=3"))
