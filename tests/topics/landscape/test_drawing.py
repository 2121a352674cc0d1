"""The loss around trained networks: both on one scale, a coarse picture before a finer one, and the way of the weights."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness.asking import button, cells, choose, now, shows, told
from tests.harness.scenes_panel import asked
from tests.harness.seeing import frames, region
from tests.topics.landscape.scenes import FINER, HIGH, LOW, PLANE, WAY, height

ARMS = ("residual", "plain")
PLOT = "plot => ({ data: JSON.parse(JSON.stringify(plot.data)), layout: JSON.parse(JSON.stringify(plot.layout)) })"


def opened(site, stage, words=PLANE, **options):
    site.use("landscape")
    return stage.open(f"landscape?{words}", **options)


def titles(site, words=PLANE):
    return [figure["title"] for figure in told(site, "landscape", words)["figures"]]


def plot(page, title):
    """What plotly was given for a figure, once it is drawn."""
    drawn = region(page, title).locator(".js-plotly-plot")
    expect(drawn.locator(".main-svg").first).to_be_attached()
    return drawn.evaluate(PLOT)


def note(page, arm):
    return region(page, f"{arm.capitalize()}: loss around the trained weights").get_by_role("heading")


def scales(plots):
    """Both ends of the colour scale of every trace that has one."""
    ends = {"contour": ("zmin", "zmax"), "surface": ("cmin", "cmax")}
    return [[t[end] for end in ends[t["type"]]] for p in plots for t in p["data"] if t["type"] in ends]


def test_both_networks_have_one_scale_what_it_does_not_prove_is_said_and_a_path_shows_the_way(site, stage):
    """One after the other on one page: each opening draws surfaces, which takes seconds."""
    page = opened(site, stage)
    shows(page, told(site, "landscape", PLANE))
    on_one_scale(page, site)
    warning = page.get_by_text("proves nothing about convexity")
    last = region(page, titles(site)[4]).bounding_box()
    assert warning.bounding_box()["y"] >= last["y"] + last["height"] - 1
    expect(note(page, "residual")).not_to_contain_text("the way there")
    choose(page, "directions", "path")
    shows(page, told(site, "landscape", WAY))
    shows_the_way(page, site)


def on_one_scale(page, site):
    plots = [plot(page, title) for title in titles(site)]
    found = scales(plots)
    assert len(found) == 4 and len({tuple(ends) for ends in found}) == 1
    low, high = found[0]
    assert [10**low, 10**high] == pytest.approx([LOW["residual"], HIGH["plain"]], rel=1e-3)
    for one in plots[:2]:
        heights = one["data"][0]["z"]
        assert len(heights) == 9 and all(len(row) == 9 for row in heights)
        assert all(low - 1e-4 <= z <= high + 1e-4 for row in heights for z in row)
        assert one["data"][0]["contours"]["size"] == pytest.approx((high - low) / 18)
    assert plots[2]["layout"]["yaxis"]["range"] == plots[3]["layout"]["yaxis"]["range"]
    assert [plots[4]["layout"][scene]["zaxis"]["range"] for scene in ("scene", "scene2")] == [[low, high]] * 2
    # The cut passes through the middle of the plane, and its lines are those of the arms.
    middle = [10**z for z in plots[0]["data"][0]["z"][4]]
    cut = {trace["name"]: trace["y"] for trace in plots[2]["data"]}
    assert cut["residual"] == pytest.approx(middle, rel=1e-3)
    assert cut["plain"] == pytest.approx([height("plain", x / 4 - 1, 0) for x in range(9)], rel=1e-3)
    expect(region(page, titles(site)[4]).locator("canvas").first).to_be_attached()
    assert len(cells(region(page, titles(site)[4]))) == 18


def shows_the_way(page, site):
    frames(page)
    for arm, title in zip(ARMS, titles(site, WAY), strict=False):
        expect(note(page, arm)).to_contain_text("white: the way there")
        contour, way, end = plot(page, title)["data"]
        assert contour["x"][0] <= min(way["x"]) and max(way["x"]) <= contour["x"][-1]
        assert contour["y"][0] <= min(way["y"]) and max(way["y"]) <= contour["y"][-1]
        assert [way["x"][-1], way["y"][-1]] == [*end["x"], *end["y"]]
        drawn = region(page, title).locator(".scatterlayer .js-line").first
        assert len(re.findall("[LCHV]", drawn.get_attribute("d"))) >= 4
        table = cells(region(page, title))
        assert len(table) == len(way["x"]) and table[0][0] == "0"
    expect(page.locator("main")).to_contain_text("Of the way that the weights took while they learnt")
    page.wait_for_url("**directions=path**")


def test_it_is_stopped_gone_on_with_and_left_for_another(site, stage):
    page = opened(site, stage, FINER)
    now(site, "coarse", "landscape", FINER)
    shows(page, told(site, "landscape", FINER))
    button(page, "Stop").click()
    expect(page.get_by_text("stopped at 50%", exact=True)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    site.wait_for("POST panel/landscape/stop")
    expect(note(page, "plain")).to_contain_text("9 × 9")  # what there is stays
    button(page, "Measure the rest").click()
    expect(page.get_by_text("50%", exact=True)).to_be_visible()
    button(page, "Stop").click()
    expect(page.get_by_text("stopped at 50%", exact=True)).to_be_visible()
    choose(page, "finest grid", "9")
    shows(page, told(site, "landscape", PLANE))
    expect(page.get_by_text("stopped at")).to_have_count(0)


def test_after_a_link_that_is_refused_its_other_settings_are_still_there(site, stage):
    site.use("landscape")
    told_before = {key: v for key, v in told(site, "landscape", PLANE).items() if key not in ("figures", "finding")}
    says = "This run would take about 3 h here; the limit is 20 min."
    site.answers[asked("landscape", PLANE)] = {
        **told_before,
        **{"status": "waiting", "share": 0.0, "version": "", "made": "", "trouble": says, "barred": True},
    }
    page = stage.open(f"landscape?{PLANE}")
    expect(page.get_by_role("alert")).to_have_text(re.compile("^This run would take about 3 h here"))
    expect(page.get_by_label("depth", exact=True)).to_have_value("8")
    now(site, "fine", "landscape", FINER)
    choose(page, "finest grid", "17")
    shows(page, told(site, "landscape", FINER))
    expect(page.get_by_role("alert")).to_be_hidden()
    page.wait_for_url(f"**/landscape?{FINER}")
