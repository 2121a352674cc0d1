"""The Landscape page: a recorded one at once, a real one coarse first and then finer, and a link that shows the same."""

import json
import re

from playwright.sync_api import expect

from tests.inside import above_the_fold, answered, figures, filled, finding, rows, watched

SMALL = "depth=8&width=4&epochs=3&images=32"
RESIDUAL = "Residual: loss around the trained weights"


def test_it_opens_on_a_recorded_landscape_in_one_screen_without_complaint(server, new_page):
    page, complaints, wishes = watched(new_page, f"{server.url}/landscape")
    expect(page.get_by_role("heading", level=1)).to_have_text("What does the optimiser walk on?")
    expect(page.get_by_text("a recorded run:")).to_be_visible()
    answered(page)
    expect(figures(page)).to_have_count(5)
    expect(figures(page).last.locator("canvas").first).to_be_attached()  # what plotly draws in three dimensions
    above_the_fold(page, page.get_by_role("group", name="Settings"), *figures(page).all()[:4])
    filled(page, ".rv-panel")
    expect(page.locator(".rv-panel").get_by_text("proves nothing about convexity")).to_be_attached()
    assert (complaints, [url for url in wishes if "/panel/" in url]) == ([], [])


def test_a_coarse_picture_comes_first_grows_finer_and_a_link_gives_the_same(server, new_page):
    page, heard = new_page(), []
    page.on(
        "websocket",
        lambda ws: ws.on("framereceived", lambda frame: heard.append(frame)) if "/watch" in ws.url else None,
    )
    page.goto(f"{server.url}/landscape?{SMALL}&finest=9&directions=path")
    answered(page)
    heading = page.get_by_role("region", name=RESIDUAL).get_by_role("heading")
    expect(heading).to_contain_text("9 × 9")
    expect(heading).to_contain_text("white: the way there")
    coarse = rows(page, "The same as surfaces")
    heard.clear()
    page.get_by_role("combobox", name="finest grid").select_option("17")
    page.wait_for_url(re.compile("finest=17"))
    expect(heading).to_contain_text("17 × 17", timeout=60_000)
    answered(page)
    told = [
        news for news in (json.loads(frame).get("news", {}) for frame in heard) if "finest=17" in news.get("query", "")
    ]
    shares = [one["share"] for one in told]
    assert shares == sorted(shares) and shares[-1] == 1
    notes = [(one["figures"][0]["note"], one["share"] < 1) for one in told if "figures" in one]
    sizes = [(re.search(r"(\d+) × \d+", note)[1], partly) for note, partly in notes if "×" in note]
    assert sizes == [("9", True), ("17", False)], "one picture while the next is measured"
    assert rows(page, "The same as surfaces") == coarse, "the same points"
    said = finding(page)
    page.reload()
    answered(page)
    assert finding(page) == said
    expect(heading).to_contain_text("17 × 17")
