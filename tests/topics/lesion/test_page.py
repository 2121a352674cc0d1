"""The Paths page: every view opens on an answer, blocks of real networks are taken out, and a link shows the same."""

import re

from playwright.sync_api import expect

from resviz.topic import pages
from tests.harness.seeing import block, expect_on, shortcut
from tests.inside import above_the_fold, answered, figures, filled, finding, press_view, rows, watched

SMALL = "depth=8&epochs=3"  # three blocks; a second of training
FIGURES = {"lesion": 2, "several": 2, "lengths": 2, "unravel": 1}
SINGLE = "Read wrong without one block"


def test_every_view_opens_at_once_in_one_screen_without_complaint(server, new_page):
    page, complaints, wishes = watched(new_page, f"{server.url}/paths")
    for kind, view in ((topic.name, topic) for topic in pages()["paths"]):
        if kind != "lesion":
            press_view(page, view.label)
            page.wait_for_url(re.compile(rf"[?&]view={kind}\b"))
        expect(page.get_by_role("heading", level=1)).to_have_text(view.question)
        expect(page.get_by_role("group", name=view.label)).to_be_visible()
        answered(page)
        expect(page.get_by_text("a recorded run:")).to_have_count(int(kind != "unravel"))  # which is computed at once
        expect(figures(page)).to_have_count(FIGURES[kind])
        above_the_fold(page, page.get_by_role("group", name="Settings"), *figures(page).all())
        filled(page, ".rv-panel")
    assert (complaints, [url for url in wishes if "/panel/" in url]) == ([], [])


def test_the_answer_is_covered_until_somebody_has_guessed(server, new_page):
    page = new_page(f"{server.url}/paths")
    answered(page)
    chart = page.get_by_role("region", name=SINGLE)
    expect(chart).to_be_visible()
    page.get_by_role("button", name="Guess first").click()
    expect(chart).to_be_hidden()
    expect(page.locator(".rv-finding")).to_be_hidden()
    page.get_by_role("button", name="none", exact=True).click()
    expect(chart).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="You guessed")).to_contain_text(
        "No: half or more. Without 20 of its 27 blocks"
    )
    page.get_by_role("button", name="Close the question").click()
    expect(page.get_by_role("button", name="Guess first")).to_be_focused()


def test_a_block_out_and_a_shortcut_cut_reach_the_address_and_a_link_gives_the_same(server, new_page):
    page = new_page(f"{server.url}/paths?{SMALL}&lesion=9&sever=x")
    expect(page.get_by_text("lesion=9: depth 8 has blocks 1 to 3")).to_be_visible()
    expect(page.get_by_text("sever=x: allowed is block numbers from 1")).to_be_visible()
    answered(page)
    before = rows(page, SINGLE)
    assert [line[0] for line in before] == ["no block", "1", "2", "3"]
    block(page, 1).click()
    page.wait_for_url(re.compile(r"[?&]lesion=1\b"))
    answered(page)
    expect(page.get_by_text("thick lines: as drawn")).to_be_visible()
    after = rows(page, SINGLE)
    assert [line[0] for line in after] == ["no block", "as drawn", "1", "2", "3"]
    assert after[1][1:] == before[1][1:], "one block out is that block out"
    assert after[1][1:] != before[0][1:], "the error changes"
    block(page, 1).click()
    page.wait_for_url(lambda url: "lesion" not in url)
    shortcut(page, 2).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"[?&]sever=2\b"))
    answered(page)
    expect(page.get_by_text("thick lines: as drawn")).to_be_visible()
    whole, drawn = rows(page, SINGLE)[:2]
    assert drawn[2] == whole[2], "a plain network has no shortcut to cut"
    assert drawn[1] != whole[1]
    said = finding(page)
    page.reload()
    answered(page)
    expect_on(shortcut(page, 2), False)
    assert rows(page, SINGLE)[:2] == [whole, drawn]
    assert finding(page) == said
