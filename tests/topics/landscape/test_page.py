"""The Landscape page: recorded ways at once, others at a press; below them a landscape, coarse first and then finer."""

import json
import re

from playwright.sync_api import expect

from resviz.runs.recorded import opening, recorded
from resviz.topics.landscape.figures import Shown
from resviz.topics.landscape.words import ways_finding
from tests.inside import DRAWN, above_the_fold, answered, button, filled, rows, watched

SMALL = "depth=8&width=4&epochs=3&images=32"
RESIDUAL = "Residual: loss around the trained weights"


def top(page):
    return page.locator(".rv-of-way")


def below(page):
    """The panel of other directions, which begins when it is seen: below the ways, once they have their height."""
    expect(top(page)).to_have_class(re.compile("rv-drawn"))
    found = page.locator(".rv-of-landscape")
    found.scroll_into_view_if_needed()
    return found


def finding(page):
    """What is said of other directions, above the figures and under them."""
    panel = below(page)
    return [panel.locator(".rv-finding").inner_text(), *panel.locator(".rv-panel-further > *").all_inner_texts()]


def scores(page):
    return page.locator(".rv-way .rv-score strong")


def test_it_opens_on_recorded_ways_in_one_screen_plays_them_and_asks_for_a_press_for_others(server, new_page):
    page, complaints, wishes = watched(new_page, f"{server.url}/landscape", motion=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Why does a deep plain network not train?")
    expect(top(page).get_by_text("a recorded run:")).to_be_visible()
    expect(button(page, "Pause")).to_be_visible()  # it plays by itself
    expect(button(page, "Play again")).to_be_visible(timeout=20_000)
    expect(scores(page)).to_have_text(["0.0029", "1.9"])
    known = Shown(recorded(opening("ways")).record)
    expect(top(page).locator(".rv-finding")).to_have_text(ways_finding(known).split("\n\n")[0].replace("**", ""))
    maps = page.locator(".rv-way-map").all()
    controls = (button(page, "Play again"), page.get_by_role("slider", name="Step of the training"))
    above_the_fold(page, *maps, *controls, page.locator(".rv-ways-curve"), top(page).locator(".rv-finding"))
    slider = controls[1]
    slider.press("Home")
    expect(scores(page)).to_have_text(["4.1", "2.3"])
    slider.press("ArrowRight")
    expect(top(page).get_by_text("step 3 of 132")).to_be_visible()
    page.get_by_role("spinbutton", name="depth").fill("20")
    page.keyboard.press("Enter")
    expect(top(page).get_by_text("not measured yet", exact=True)).to_have_count(2)
    expect(button(page, "Measure both ways")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?depth=20$"))
    expect(button(page, "Play")).to_be_disabled()
    assert (complaints, [url for url in wishes if "/panel/" in url]) == ([], [])


def test_other_ways_are_measured_here_and_are_there_again_after_a_reload(server, new_page):
    page = new_page(f"{server.url}/landscape?depth=8&width=4&epochs=2&examples=256&seed=3")
    button(page, "Measure both ways").click()
    expect(button(page, "Measure again")).to_be_visible(timeout=120_000)
    expect(top(page).locator(".rv-finding b")).not_to_be_empty()
    expect(page.locator(".rv-way-line path").first).to_have_attribute("d", re.compile("^M.*L"))
    shown, said = scores(page).all_inner_texts(), top(page).locator(".rv-finding").inner_text()
    page.reload()
    expect(button(page, "Measure again")).to_be_visible()
    expect(scores(page)).to_have_text(shown)
    expect(top(page).locator(".rv-finding")).to_have_text(said)


def test_other_directions_open_on_a_recorded_landscape(server, new_page):
    page = new_page(f"{server.url}/landscape")
    expect(below(page).get_by_text("a recorded run:")).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="Other directions")).to_be_visible()
    expect(below(page).get_by_role("region")).to_have_count(5)
    page.wait_for_function(DRAWN)
    filled(page, ".rv-of-landscape")
    said = finding(page)
    assert said[0].startswith("The residual network lies in a pit: at the edge the loss is 2,200 times larger.")
    assert "proves nothing about convexity" in said[-1]


def test_a_coarse_picture_comes_first_grows_finer_and_a_link_gives_the_same(server, new_page):
    page, heard = new_page(), []
    page.on(
        "websocket",
        lambda ws: ws.on("framereceived", lambda frame: heard.append(frame)) if "/watch" in ws.url else None,
    )
    page.on("response", lambda response: heard.append(response) if "/panel/landscape?" in response.url else None)
    page.goto(f"{server.url}/landscape?{SMALL}&finest=9&directions=path")
    heading = below(page).get_by_role("region", name=RESIDUAL).get_by_role("heading")
    expect(heading).to_contain_text("9 × 9", timeout=60_000)
    expect(heading).to_contain_text("white: the way there")
    answered(page)
    coarse = rows(page, "The same as surfaces")
    heard.clear()
    page.get_by_role("combobox", name="finest grid").select_option("17")
    page.wait_for_url(re.compile("finest=17"))
    expect(heading).to_contain_text("17 × 17", timeout=60_000)
    answered(page)
    found = [json.loads(one).get("news", {}) if isinstance(one, str) else one.json() for one in heard]
    told = [
        one for one in found if "finest=17" in one.get("query", "") and one["about"] == ""
    ]  # what is above says more
    shares = [one["share"] for one in told]
    assert shares == sorted(shares) and shares[-1] == 1
    notes = [(one["figures"][0]["note"], one["share"] < 1) for one in told if "figures" in one]
    sizes = [(re.search(r"(\d+) × \d+", note)[1], partly) for note, partly in notes if "×" in note]
    assert sizes == [("9", True), ("17", False)], "one picture while the next is measured"
    assert rows(page, "The same as surfaces") == coarse, "the same points"
    said = finding(page)
    page.reload()
    expect(below(page).get_by_role("region", name=RESIDUAL).get_by_role("heading")).to_contain_text("17 × 17")
    answered(page)
    assert finding(page) == said
