"""The loss around trained networks: both on one scale, a coarse picture before a finer one, and the way of the weights."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness.asking import button, cells, choose, now, shows, told
from tests.harness.scenes_panel import asked
from tests.harness.seeing import frames, nothing_strange, region
from tests.telephone import fits_a_telephone
from tests.topics.landscape.scenes import FINER, HIGH, LOW, OTHER, PLANE, RUN, WAY, height

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
    expect(page.get_by_role("combobox", name="finest grid", exact=True)).to_have_value("9")
    now(site, "fine", "landscape", FINER)
    choose(page, "finest grid", "17")
    shows(page, told(site, "landscape", FINER))
    expect(page.get_by_role("alert")).to_be_hidden()
    page.wait_for_url(f"**/landscape?{FINER}")


# -- the ways ----------------------------------------------------------------------------------------


def way(page, arm):
    return page.locator(f".rv-way.rv-{arm}")


def score(page, arm):
    return way(page, arm).locator("strong")


def step_slider(page):
    return page.get_by_role("slider", name="Step of the training that is shown")


def now_at(page, arm, view=0):
    """Where the network is on its map, or in the enlarged part of it, in shares of the map's width and height."""
    return way(page, arm).locator(".rv-way-now").nth(view).evaluate(
        """(dot) => { const box = dot.ownerSVGElement.viewBox.baseVal;
          return [dot.cx.baseVal.value / box.width, dot.cy.baseVal.value / box.height]; }"""
    )  # fmt: skip


def of_ways(site, stage, query=RUN, **options):
    site.use("ways")
    page = stage.open(f"landscape?{query}", **options)
    expect(page.locator(".rv-way .rv-score").first).to_be_visible()
    return page


def test_both_ways_are_played_once_when_they_are_seen_and_end_where_they_end(site, stage):
    site.use("ways")
    page = stage.new_page(alone=True, motion=True)
    page.clock.install(time=0)
    page.clock.pause_at(1)  # time stands still until the test lets it go on
    page.goto(f"{site.url}/landscape?{RUN}")
    expect(button(page, "Pause")).to_be_visible()
    expect(score(page, "residual")).to_have_text("2.0")
    before = page.locator(".rv-ways-bar").bounding_box()
    page.clock.run_for(4200)
    expect(page.get_by_text("step 16 of 33")).to_be_visible()
    expect(score(page, "residual")).to_have_text("0.20")
    expect(way(page, "plain")).to_contain_text(re.compile(r"2[01](\.\d)? units from the start"))
    page.clock.run_for(4500)
    expect(button(page, "Play again")).to_be_visible()
    expect(page.get_by_text("step 33 of 33")).to_be_visible()
    assert [score(page, arm).inner_text() for arm in ARMS] == ["0.0020", "2.1"]
    assert page.locator(".rv-ways-bar").bounding_box() == before, "nothing has moved"
    (left, width), far = (-10, 70), 40  # FRAME, FAR
    assert now_at(page, "plain") == pytest.approx([(far - left) / width, 0.5], abs=0.002)
    assert now_at(page, "residual") == pytest.approx([(4 - left) / width, 0.5], abs=0.002)
    line = way(page, "plain").locator(".rv-way-line path").first.get_attribute("d")
    assert line.count("L") == 5, "all five moments, and where it is now"
    for arm, name in (("residual", "pit"), ("plain", "plateau")):
        expect(way(page, arm).locator(".rv-way-name")).to_have_text(name)
    button(page, "Play again").click()
    page.clock.run_for(1000)
    expect(button(page, "Pause")).to_be_visible()
    expect(score(page, "residual")).not_to_have_text("0.0020")
    button(page, "Pause").click()
    expect(button(page, "Play")).to_be_visible()
    stands = step_slider(page).input_value()
    page.clock.run_for(1000)
    assert step_slider(page).input_value() == stands


def test_with_less_motion_the_end_stands_and_keys_go_from_moment_to_moment_both_ways(site, stage):
    page = of_ways(site, stage, motion=False)
    expect(button(page, "Play again")).to_be_visible()
    expect(score(page, "residual")).to_have_text("0.0020")
    slider = step_slider(page)
    for key, step, loss in (
        ("ArrowLeft", 24, "0.020"),
        ("ArrowDown", 16, "0.20"),
        ("ArrowRight", 24, "0.020"),
        ("Home", 0, "2.0"),
        ("ArrowUp", 8, "1.0"),
        ("End", 33, "0.0020"),
    ):
        slider.press(key)
        expect(page.get_by_text(f"step {step} of 33")).to_be_visible()
        expect(score(page, "residual")).to_have_text(loss)
        said = rf"^step {step} of 33: loss {re.escape(loss)} of the residual network, loss 2.\d of the plain network$"
        expect(slider).to_have_attribute("aria-valuetext", re.compile(said))
    slider.press("Home")
    (left, width) = (-10, 70)
    assert now_at(page, "plain") == pytest.approx([-left / width, 0.5], abs=0.002)
    expect(way(page, "plain")).to_contain_text("0 units from the start")


def test_a_short_way_is_shown_larger_inside_its_map_and_a_far_one_is_not(site, stage):
    page = of_ways(site, stage, motion=False)
    expect(way(page, "residual").get_by_text("4 × larger")).to_be_attached()
    assert way(page, "plain").locator(".rv-way-now").count() == 1
    inside = way(page, "residual").locator("rect.rv-way-frame").last
    x, share = inside.evaluate(
        "r => [r.x.baseVal.value, r.width.baseVal.value].map((v) => v / r.ownerSVGElement.viewBox.baseVal.width)"
    )
    assert now_at(page, "residual", 1)[0] == pytest.approx(x + share * (4 - -2.5) / 10, abs=0.002)  # NEAR
    painted = way(page, "residual").locator("canvas").evaluate(
        """(canvas) => { const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let dark = 0; for (let i = 0; i < data.length; i += 4) if (data[i] < 40 && data[i + 2] > 60) dark += 1;
          return [dark / (data.length / 4), data.filter((v, k) => k % 4 === 3).every((v) => v === 255)]; }"""
    )  # fmt: skip
    assert painted[0] > 0.01 and painted[1]
    dark_plain = way(page, "plain").locator("canvas").evaluate(
        """(canvas) => { const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((v, k) => k % 4 === 0 && v < 40).length; }"""
    )  # fmt: skip
    assert dark_plain == 0, "its plateau is as bright as the loss there on the scale of both"


def test_other_ways_are_measured_at_a_press_with_their_losses_first_and_maps_that_grow_finer(site, stage):
    page = of_ways(site, stage, OTHER)
    expect(page.get_by_text("not measured yet", exact=True)).to_have_count(2)
    expect(button(page, "Play")).to_be_disabled()
    expect(score(page, "plain")).to_have_text("–")
    high = page.locator(".rv-ways").bounding_box()["height"]
    now(site, "learning", "way", OTHER)
    button(page, "Measure both ways").click()
    expect(page.locator(".rv-finding")).to_contain_text("Both networks learn: step 12 of 33.")
    assert [heard.path for heard in site.heard if '"anew":true' in heard.body] == ["/panel/way"]
    expect(score(page, "plain")).to_have_text("0.17")
    expect(button(page, "Stop")).to_be_visible()
    now(site, "coarse", "way", OTHER)
    expect(way(page, "residual").locator(".rv-way-now")).to_have_count(2)
    expect(score(page, "residual")).to_have_text("0.0020")
    expect(button(page, "Play again")).to_be_disabled()
    assert page.locator(".rv-ways").bounding_box()["height"] == high
    now(site, "measured", "way", OTHER)
    expect(button(page, "Pause")).to_be_visible()  # and now they are played


def test_on_a_dark_telephone_the_maps_stand_below_each_other_as_wide_as_it_is(site, stage):
    page = of_ways(site, stage, motion=False, telephone=True, dark=True)
    above, below = (way(page, arm).locator(".rv-way-map").bounding_box() for arm in ARMS)
    assert above["y"] + above["height"] < below["y"] and above["width"] == below["width"] > 340
    assert above["width"] == pytest.approx(2 * above["height"], rel=0.03)
    fits_a_telephone(page)
    nothing_strange(page)
