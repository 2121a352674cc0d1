"""The Landscape page: the loss on a plane through the weights, coarse first, finer while one looks."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.inside import (
    above_the_fold,
    answered,
    filled,
    has_scheme,
    no_wider_than_a_telephone,
    open_panel,
    panel,
    rows,
    select,
    wait,
    watched,
)

SMALL = "depth=8&width=4&epochs=3&images=64"
CARDS = ("land_residual", "land_plain", "land_cut1", "land_cut2", "land_surfaces")
# What every answer of the server brings, from now on: share, note of the first figure if there is a new one, progress shown.
LISTEN = """() => {
    const panel = window.resvizPanel, take = panel.take.bind(panel), heard = window.heard = [];
    panel.take = (state) => {
        take(state);
        const bar = [Number(panel.bar.getAttribute("aria-valuenow")), panel.bar.hidden];
        heard.push([state.share, state.figures?.[0].note ?? "", ...bar]);
    };
}"""


def plot(page, card, what):
    return panel(page, f"panel.plots.cards[{card}].plot.{what}")


def scales(page):
    """Both ends of the colour scale of every figure that has one."""
    return panel(
        page,
        "panel.plots.cards.flatMap(({ plot }) => plot.data).flatMap((t) => t.type === 'contour' ? [[t.zmin, t.zmax]] : "
        "t.type === 'surface' ? [[t.cmin, t.cmax]] : [])",
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_on_a_recorded_landscape_in_one_screen_and_fits_a_telephone(server, new_page, scheme):
    page, complaints, wishes = watched(new_page, f"{server.url}/landscape", color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_have_text("What does the optimiser walk on?")
    expect(page.get_by_text("a recorded run:")).to_be_visible()
    answered(page)
    expect(page.locator(".rv-area-land_surfaces .gl-container canvas").first).to_be_attached()
    above_the_fold(page, page.locator(".rv-settings"), *(page.locator(f".rv-area-{id}") for id in CARDS[:4]))
    assert panel(page, "panel.plots.cards.map((card) => card.template.id)") == list(CARDS)
    filled(page, ".rv-panel")
    has_scheme(page, scheme)
    no_wider_than_a_telephone(page)
    expect(page.locator(".rv-panel-further p").last).to_contain_text("proves nothing about convexity")
    assert (complaints, [url for url in wishes if "/panel/" in url]) == ([], [])


def test_both_networks_have_the_same_scale(server, new_page):
    page = open_panel(new_page, server, f"landscape?{SMALL}&finest=9")
    found = scales(page)
    assert len(found) == 4 and len({tuple(ends) for ends in found}) == 1, found
    low, high = found[0]
    for card in (0, 1):
        heights = plot(page, card, "data[0].z")
        assert len(heights) == 9 and all(len(row) == 9 for row in heights)
        assert all(low - 1e-4 <= z <= high + 1e-4 for row in heights for z in row)
        assert plot(page, card, "data[0].contours.size") == pytest.approx((high - low) / 18)
    cuts = [plot(page, card, "layout.yaxis.range") for card in (2, 3)]
    assert cuts[0] == cuts[1]
    surfaces = [plot(page, 4, f"layout.{scene}.zaxis.range") for scene in ("scene", "scene2")]
    assert surfaces == [[low, high]] * 2
    # The cut passes through the middle of the plane.
    middle = [10**z for z in plot(page, 0, "data[0].z")[4]]
    assert plot(page, 2, "data[1].y") == pytest.approx(middle, rel=1e-3)
    assert len(rows(page, "land_surfaces")) == 18


def test_a_coarse_picture_comes_first_and_grows_finer(server, new_page):
    page = open_panel(new_page, server, f"landscape?{SMALL}&finest=9")
    coarse = plot(page, 0, "data[0].z")
    page.evaluate(LISTEN)
    select(page, "finest grid", "17")
    answered(page, "panel.query.includes('finest=17')")
    heard = page.evaluate("window.heard")
    shares = [share for share, *_ in heard]
    assert shares == sorted(shares) and shares[-1] == 1
    sizes = [(re.search(r"(\d+) × \d+", note)[1], share < 1) for share, note, *_ in heard if "×" in note]
    assert sizes == [("9", True), ("17", False)], "one picture while the next is measured"
    shown = [(share, bar) for share, _, bar, hidden in heard if not hidden]
    assert shown, "progress is shown while it is measured"
    assert all(bar == int(100 * share) for share, bar in shown)
    expect(page.locator(".rv-progress")).to_be_hidden()
    fine = plot(page, 0, "data[0].z")
    assert [row[::2] for row in fine[::2]] == [pytest.approx(row, abs=2e-3) for row in coarse], "the same points"


def test_it_can_be_stopped_and_gone_on_with(server, new_page):
    page = new_page(f"{server.url}/landscape?{SMALL}&finest=65")
    wait(page, "panel.running && panel.plots.cards[0]?.note.textContent.includes(' × ')")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"^stopped at \d+%$"))).to_be_visible()
    expect(page.locator(".rv-progress")).to_be_hidden()
    stopped, note = panel(page, "panel.state.share"), page.locator(".rv-area-land_plain h3").inner_text()
    assert 0 < stopped < 1
    page.wait_for_timeout(1200)
    assert panel(page, "panel.state.share") == stopped
    assert page.locator(".rv-area-land_plain h3").inner_text() == note, "what there is stays"
    again = page.get_by_role("button", name="Measure again")
    again.click()
    wait(page, "panel.running && panel.state.share > 0")
    expect(page.get_by_text(re.compile(r"^\d+%$"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"^stopped at \d+%$"))).to_be_visible()
    select(page, "finest grid", "9")
    answered(page, "panel.query.includes('finest=9')")
    expect(page.get_by_text("stopped at")).to_have_count(0)
    expect(page.locator(".rv-area-land_plain h3")).to_contain_text("9 × 9")


def test_the_directions_of_the_path_show_the_way(server, new_page):
    page = open_panel(new_page, server, f"landscape?{SMALL}&finest=9")
    expect(page.locator(".rv-area-land_residual h3")).not_to_contain_text("the way there")
    select(page, "directions", "path")
    answered(page, "panel.query.includes('directions=path')")
    expect(page).to_have_url(re.compile("directions=path"))
    for card, arm in enumerate(("residual", "plain")):
        expect(page.locator(f".rv-area-land_{arm} h3")).to_contain_text("white: the way there")
        xs, ys = plot(page, card, "data[0].x"), plot(page, card, "data[0].y")
        way = plot(page, card, "data[1].x"), plot(page, card, "data[1].y")
        assert len(way[0]) == len(way[1]) >= 5
        assert xs[0] <= min(way[0]) and max(way[0]) <= xs[-1]
        assert ys[0] <= min(way[1]) and max(way[1]) <= ys[-1]
        assert max(way[0]) - min(way[0]) > 0.2 * (xs[-1] - xs[0]), "it crosses the picture"
        assert [way[0][-1], way[1][-1]] == [*plot(page, card, "data[2].x"), *plot(page, card, "data[2].y")]
        line = page.locator(f".rv-area-land_{arm} .scatterlayer .js-line").first
        assert line.get_attribute("d").count("L") + line.get_attribute("d").count("C") >= 1
        table = rows(page, f"land_{arm}")
        assert len(table) == len(way[0]) and table[0][0] == "0"
    expect(page.locator(".rv-panel-further")).to_contain_text("Of the way that the weights took while they learnt")
    assert len({tuple(ends) for ends in scales(page)}) == 1
