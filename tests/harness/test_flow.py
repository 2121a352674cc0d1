"""Points that flow through blocks: they move by themselves, can be stopped and led, and stand where the numbers say."""

import re
from statistics import mode

import pytest
from playwright.sync_api import expect

from tests.harness.asking import choose, shows, told
from tests.harness.moving import (
    ALL,
    COLOURS,
    JUMPS_FROM,
    at,
    canvases,
    distance,
    lead,
    opened,
    pause,
    placed,
    plays,
    reached,
    rgb,
)  # fmt: skip
from tests.harness.scenes_panel import COARSE
from tests.harness.seeing import frames
from tests.topics.flow.scenes import BLOCKS, FLOW

MOONS = f"data=moons&{FLOW}"
BLOCK_MS = 900  # one block, at normal speed


@pytest.fixture
def flow(site, stage):
    """Points of two networks of three blocks."""
    return opened(site, stage, f"euler?{FLOW}", "flow", "flow", FLOW)


def where(page):
    return reached(page).get_attribute("aria-valuetext")


def near(a, b, most):
    return all(abs(x - y) <= most for x, y in zip(a, b, strict=False))


def stand(page, data, place):
    """Every point is drawn where its numbers say, in the colour of its class if no other class hides it; and nothing else is."""
    for arm, canvas in zip(data["arms"], canvases(page).all(), strict=True):
        per = (len(arm["x"]) - 1) / data["blocks"]
        k = min(int(place * per), len(arm["x"]) - 2)
        part = place * per - k
        if arm["jumps"]:
            part = max(0, (part - JUMPS_FROM) / (1 - JUMPS_FROM)) ** 3
        xs, ys = (
            [a + part * (b - a) for a, b in zip(arm[name][k], arm[name][k + 1], strict=True)] for name in ("x", "y")
        )
        places = [placed(data, x, y) for x, y in zip(xs, ys, strict=True)]
        inside = [n for n, (x, y) in enumerate(places) if 0.02 < x < 0.98 and 0.02 < y < 0.98]
        assert len(inside) > 10
        found = canvas.evaluate(COLOURS, [places[n] for n in inside])
        for n, colour in zip(inside, found, strict=True):
            beside = [m for m in range(len(places)) if m != n and distance(places[m], places[n]) < 0.06]
            own, other = (rgb(data["colors"][kind]) for kind in (data["labels"][n], 1 - data["labels"][n]))
            assert colour[3] == 255, (arm["name"], n, colour)
            if not beside:
                assert near(colour, own, 3), (arm["name"], n, colour)
            elif all(data["labels"][m] == data["labels"][n] for m in beside):  # whose outlines may cross it
                assert distance(colour, own) < distance(colour, other), (arm["name"], n, colour)
        opaque = canvas.evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v === 255).length"
        )
        size = canvas.evaluate("c => c.width * c.height")
        assert opaque < 0.1 * size, "and nowhere else"


# -- time --------------------------------------------------------------------------------------------


def test_the_points_move_by_themselves_at_the_speed_chosen_and_begin_anew(flow):
    page = flow
    expect(canvases(page)).to_have_count(2)
    plays(page)
    for speed in (1, 2, 0.5):
        choose(page, "Speed", str(speed))
        before = at(page)
        page.clock.run_for(640)
        assert at(page) - before == pytest.approx(640 / BLOCK_MS * speed, abs=0.1)  # the slider has steps of 0.05
    choose(page, "Speed", "4")
    seen = []
    for _ in range(60):
        page.clock.run_for(100)
        if where(page) not in seen[-1:]:
            seen.append(where(page))
    assert seen[seen.index("in block 2 of 3") :][:3] == ["in block 2 of 3", "in block 3 of 3", "at the end"]
    rest = seen[seen.index("at the end") :]
    assert rest[1] in ("at the input", "in block 1 of 3"), "after a rest it begins anew"


def test_what_is_paused_stands_still_and_can_be_led(flow):
    page = flow
    plays(page)
    pause(page)
    lead(page, 0)
    assert where(page) == "at the input"
    first = canvases(page).evaluate_all(ALL)
    page.clock.run_for(2000)
    assert canvases(page).evaluate_all(ALL) == first
    lead(page, 1.85)
    expect(page.get_by_text("in block 2 of 3", exact=True)).to_be_visible()
    assert all(a != b for a, b in zip(canvases(page).evaluate_all(ALL), first, strict=True))
    reached(page).focus()
    page.keyboard.press("ArrowRight")
    assert at(page) == pytest.approx(1.9)
    lead(page, BLOCKS)
    assert where(page) == "at the end"
    page.get_by_role("button", name="Play").click()
    assert where(page) == "at the input", "played from its end, it begins anew"
    plays(page)
    assert where(page) == "in block 1 of 3"


def test_to_lead_what_plays_stops_it(flow):
    plays(flow)
    lead(flow, 1)
    expect(flow.get_by_role("button", name="Play")).to_be_visible()
    flow.clock.run_for(500)
    assert at(flow) == 1


def test_who_wants_no_motion_gets_a_still_picture(site, stage):
    site.use("flow")
    page = stage.open(f"euler?{FLOW}", motion=False)
    shows(page, told(site, "flow", FLOW))
    frames(page, 10)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert where(page) == "at the input"
    data = told(site, "flow", FLOW)["figures"][0]["flow"]
    stand(page, data, 0)


def test_the_points_wait_a_moment_for_other_data_and_go_on_from_where_they_are(site, flow):
    page = flow
    plays(page)
    page.clock.run_for(400)
    gate = site.hold("GET panel.*moons")
    choose(page, "points", "moons")
    gate.wait()
    held = at(page)
    page.clock.run_for(250)
    assert at(page) == held
    page.clock.run_for(250)
    assert at(page) > held, "at most three tenths of a second"
    pause(page)
    lead(page, 1.5)
    gate.open()
    shows(page, told(site, "flow", MOONS), still=True)
    assert where(page) == "in block 2 of 3"
    stand(page, told(site, "flow", MOONS)["figures"][0]["flow"], 1.5)


# -- geometry ----------------------------------------------------------------------------------------


def test_points_stand_where_their_numbers_say(site, flow):
    """Between blocks those with shortcuts go straight on; the others stay, and then jump."""
    data = told(site, "flow", FLOW)["figures"][0]["flow"]
    assert [arm["jumps"] for arm in data["arms"]] == [False, True]
    for place in (0, 1, 1.5, 1.85, BLOCKS):
        lead(flow, place)
        stand(flow, data, place)


@pytest.mark.parametrize("place", [0, BLOCKS])
def test_the_shading_says_what_the_rest_of_the_network_would_say(site, flow, place):
    data = told(site, "flow", FLOW)["figures"][0]["flow"]
    lead(flow, place)
    for arm, canvas in zip(data["arms"], canvases(flow).all(), strict=True):
        signs = arm["regions"][place]
        cells = [(i, j) for i in range(1, COARSE - 1) for j in range(1, COARSE - 1)]
        around = {
            (i, j): {signs[v * COARSE + u] for u in (i - 1, i, i + 1) for v in (j - 1, j, j + 1)} for i, j in cells
        }
        sure = [cell for cell in cells if len(around[cell]) == 1]
        centres = [((i + 0.5) / COARSE, 1 - (j + 0.5) / COARSE) for i, j in sure]
        found = canvas.evaluate(COLOURS, centres)
        # Where the tip of an arrow touches a cell, it is a little less transparent than all others.
        shading = mode(colour[3] for colour in found)
        bare = [(cell, colour) for cell, colour in zip(sure, found, strict=True) if colour[3] == shading]
        assert len(bare) > 10
        for (i, j), colour in bare:
            assert near(colour, rgb(data["colors"][int(signs[j * COARSE + i])]), 12), (arm["name"], i, j, colour)


@pytest.mark.parametrize(("kind", "count"), [("refine", 6), ("ode", 2)])
def test_networks_of_other_steps_are_at_the_same_moment(site, stage, kind, count):
    page = opened(site, stage, f"euler?view={kind}", kind, kind)
    expect(canvases(page)).to_have_count(count)
    data = told(site, kind)["figures"][0]["flow"]
    assert len({len(arm["x"]) for arm in data["arms"]}) > 1
    lead(page, data["blocks"] / 2)
    assert where(page) == "time 0.50"
    stand(page, data, data["blocks"] / 2)
    boxes = canvases(page).evaluate_all(
        "all => all.map((c) => [c.getBoundingClientRect().top, c.getBoundingClientRect().left])"
    )
    columns = data["columns"] if data.get("columns") else count
    assert len({round(left) for _, left in boxes}) == columns


def test_the_pictures_have_names_and_share_the_screen(site, flow):
    data = told(site, "flow", FLOW)["figures"][0]["flow"]
    for arm, canvas in zip(data["arms"], canvases(flow).all(), strict=True):
        expect(canvas).to_have_attribute(
            "aria-label", f"{arm['name']}: points of two classes on their way. {arm['said']}."
        )
        expect(flow.get_by_text(f"{arm['name']}: {arm['formula']}", exact=True)).to_be_visible()
        box = canvas.bounding_box()
        assert box["width"] == pytest.approx(box["height"], abs=1)
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1366
    assert re.fullmatch(r"at the input|in block \d of 3", where(flow))
