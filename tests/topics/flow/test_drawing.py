"""A point that is pointed at: its step as an arrow, and as a block above a step of Euler's method, in numbers; half the step."""

import copy
import re

import pytest
from playwright.sync_api import expect

from resviz.draw.palette import ARM_COLOR
from tests.harness.asking import now, shows, told
from tests.harness.moving import ALL, COLOURS, at, canvases, distance, lead, opened, placed, plays, rgb
from tests.harness.scenes_panel import asked
from tests.topics.flow.scenes import BLOCKS, FLOW

HINT = "Point at a point or tap it"
NUMBERS = re.compile(r"\((−?[\d.]+), (−?[\d.]+)\)")
TRAINING = f"{FLOW}&seed=2"


@pytest.fixture
def flow(site, stage):
    """Points of two networks of three blocks, whose time stands still."""
    return opened(site, stage, f"euler?{FLOW}", "flow", "flow", FLOW)


@pytest.fixture
def data(site, flow):
    return told(site, "flow", FLOW)["figures"][0]["flow"]


def terms(page):
    return page.locator(".rv-summands")


def halves(page):
    return page.get_by_role("button", name="Halve the step")


def lines(page):
    """What is said of the step: for each line its formula and its pairs of numbers."""
    shown = terms(page).locator(".rv-summand-lines > *")
    found, line = {}, None
    for node in shown.all():
        name = node.get_attribute("class") or ""
        if "rv-summand-formula" in name:
            line = found[node.inner_text()] = []
        elif line is not None:
            line += [tuple(float(v.replace("−", "-")) for v in pair) for pair in NUMBERS.findall(node.inner_text())]
    return found


def alone(data, place, arm=0):
    """A point with no other near it, a part of a block on the way; and where it is on the picture, as shares of its side."""
    way, k = data["arms"][arm], min(int(place), BLOCKS - 1)
    part = place - k
    xs, ys = ([a + part * (b - a) for a, b in zip(way[v][k], way[v][k + 1], strict=True)] for v in "xy")
    places = [placed(data, x, y) for x, y in zip(xs, ys, strict=True)]
    apart = [min(distance(a, b) for b in places if b != a) for a in places]
    best = max(range(len(places)), key=lambda p: apart[p])
    return best, places[best]


def point(page, place, arm=0):
    """Bring the mouse there."""
    box = canvases(page).nth(arm).bounding_box()
    page.mouse.move(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])


def step(way, p, k):
    return (way["x"][k][p], way["y"][k][p]), (way["x"][k + 1][p], way["y"][k + 1][p])


def says(page, data, p, k, way=None):
    """The step of this point in this block, as its numbers are: both lines the same, their sums true as they are written."""
    (x, y), (to_x, to_y) = step(way or data["arms"][0], p, k)
    found = lines(page)
    block, euler = (
        found[name] for name in (("x + F(x)", "x + h f(x)") if way is None else ("x + ½ F(x)", "x + (h/2) f(x)"))
    )
    assert block[0] == pytest.approx((x, y), abs=0.0051) and block[-1] == pytest.approx((to_x, to_y), abs=0.0051)
    assert [round(a + b, 6) for a, b in zip(block[0], block[1], strict=True)] == list(block[2])
    assert (euler[0], euler[2]) == (block[0], block[2])
    h = 1 if way is None else 0.5
    assert [round(a + h * b, 6) for a, b in zip(euler[0], euler[1], strict=True)] == list(euler[2])
    plain = data["arms"][1]
    (x, y), (to_x, to_y) = step(plain, p, k if way is None else k // 2)
    assert found["x"] == [pytest.approx((x, y), abs=0.0051)]
    assert found["F(x)"] == [pytest.approx((to_x, to_y), abs=0.0051)]


# -- pointing ----------------------------------------------------------------------------------------


def test_under_the_mouse_all_stands_still_and_the_step_is_said_in_numbers(flow, data):
    page = flow
    expect(terms(page)).to_contain_text(HINT)
    lead(page, 1)
    page.get_by_role("button", name="Play").click()
    plays(page)
    for _ in range(20):  # until it stands far enough from all others
        p, place = alone(data, at(page))
        point(page, place)
        if not terms(page).get_by_text(HINT).is_visible():
            break
        page.clock.run_for(60)
    stood = at(page)
    page.clock.run_for(2000)
    assert at(page) == stood and 1 < stood < 2
    says(page, data, p, 1)
    expect(terms(page)).to_contain_text("block 2")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.mouse.move(5, 5)
    expect(terms(page)).to_contain_text(HINT)
    page.clock.run_for(200)
    assert at(page) > stood


def test_a_click_holds_the_point_at_the_begin_of_its_block_until_it_is_let_go(flow, data):
    page = flow
    for let_go in ("Escape", "the point again", "a place without a point"):
        lead(page, 1.5)
        page.get_by_role("button", name="Play").click()
        p, place = alone(data, 1.5)
        point(page, place)
        page.mouse.down()
        page.mouse.up()
        assert at(page) == 1, "its block begins there"
        page.mouse.move(5, 5)
        page.clock.run_for(1000)
        assert at(page) == 1
        says(page, data, p, 1)
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        if let_go == "Escape":
            page.keyboard.press("Escape")
        else:
            way = data["arms"][0]
            point(page, placed(data, way["x"][1][p], way["y"][1][p]) if "again" in let_go else (0.02, 0.02))
            page.mouse.down()
            page.mouse.up()
            page.mouse.move(5, 5)
        expect(terms(page)).to_contain_text(HINT)
        page.clock.run_for(300)
        assert at(page) > 1, "it plays on"


def test_a_tap_does_what_a_click_does(site, stage):
    page = opened(site, stage, f"euler?{FLOW}", "flow", "flow", FLOW, has_touch=True)
    data = told(site, "flow", FLOW)["figures"][0]["flow"]
    lead(page, 2)
    p, (x, y) = alone(data, 2)
    box = canvases(page).first.bounding_box()
    page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
    expect(terms(page)).to_contain_text("block 3")
    says(page, data, p, 2)


def test_the_step_is_an_arrow_in_the_colour_of_its_term_and_without_a_shortcut_a_dashed_line(flow, data):
    page = flow
    lead(page, 0)
    for number, arm in enumerate(data["arms"]):
        far = [distance(*step(arm, p, 0)) for p in range(len(data["labels"]))]
        p = max(range(len(far)), key=lambda p: far[p])
        start, end = (placed(data, *place) for place in step(arm, p, 0))
        between = [
            (start[0] + k / 60 * (end[0] - start[0]), start[1] + k / 60 * (end[1] - start[1])) for k in range(15, 46)
        ]
        point(page, start, number)
        expect(terms(page)).to_contain_text("block 1")
        found = canvases(page).nth(number).evaluate(COLOURS, between)
        of_arm = [distance(colour, rgb(ARM_COLOR[arm["name"]])) < 60 for colour in found]
        assert all(of_arm) if number == 0 else 0.3 < sum(of_arm) / len(of_arm) < 0.9, (arm["name"], of_arm)
    ink = terms(page).locator(".rv-summand").nth(1)
    assert ink.evaluate("(node) => getComputedStyle(node).getPropertyValue('--rv-ink')") == ARM_COLOR["residual"]


# -- keys --------------------------------------------------------------------------------------------


def test_keys_go_from_point_to_point_and_from_block_to_block_and_hold(flow, data):
    page = flow
    lead(page, 1)
    picture = page.get_by_role("application", name=re.compile("^residual"))
    picture.focus()
    described = picture.get_attribute("aria-describedby")
    assert "arrows go to another point" in page.locator(f"#{described}").text_content()
    page.keyboard.press("ArrowRight")
    for key, axis, sign in (("ArrowRight", 0, 1), ("ArrowUp", 1, 1), ("ArrowLeft", 0, -1), ("ArrowDown", 1, -1)):
        before = lines(page)["x + F(x)"][0]
        page.keyboard.press(key)
        after = lines(page)["x + F(x)"][0]
        assert sign * (after[axis] - before[axis]) > 0, key
    expect(terms(page)).to_contain_text("block 2")
    page.keyboard.press("]")
    assert at(page) == 2
    expect(terms(page)).to_contain_text("block 3")
    page.keyboard.press("[")
    page.keyboard.press("[")
    assert at(page) == 0
    page.keyboard.press("Enter")
    held = lines(page)
    page.get_by_role("button", name="Play").focus()
    assert lines(page) == held, "held though another thing has the focus"
    picture.focus()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play").focus()
    expect(terms(page)).to_contain_text(HINT)


def test_a_held_point_is_followed_while_the_points_move(flow, data):
    page = flow
    lead(page, 0)
    p, place = alone(data, 0)
    point(page, place)
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(5, 5)
    expect(terms(page)).to_have_attribute("aria-live", "polite")
    page.get_by_role("button", name="Play").click()
    plays(page)
    page.clock.run_for(1000)
    says(page, data, p, 1)
    expect(terms(page)).to_have_attribute("aria-live", "off")


def test_pictures_of_other_views_are_pictures_only(site, stage):
    page = opened(site, stage, "euler?view=refine", "refine", "refine")
    expect(canvases(page).first).to_have_attribute("role", "img")
    assert canvases(page).first.get_attribute("tabindex") is None
    expect(halves(page)).to_be_hidden()
    expect(terms(page)).to_be_hidden()


# -- half the step -----------------------------------------------------------------------------------


def test_half_the_step_takes_twice_as_many_steps_and_says_what_is_still_right(flow, data):
    page = flow
    lead(page, 1.5)
    before = canvases(page).evaluate_all(ALL)
    half = data["arms"][0]["halved"]
    assert len(half["x"]) == 2 * BLOCKS + 1
    halves(page).click()
    expect(halves(page)).to_have_attribute("aria-pressed", "true")
    expect(terms(page)).to_have_text(re.compile(re.escape(data["step"]["said"])))
    expect(page.get_by_text("residual: x + ½ F(x), twice", exact=True)).to_be_visible()
    expect(page.get_by_text(half["said"], exact=True)).to_be_visible()
    after = canvases(page).evaluate_all(ALL)
    assert after[0] != before[0] and after[1] == before[1], "without a shortcut there is no step to halve"
    x, y = half["x"][3], half["y"][3]
    found = canvases(page).first.evaluate(COLOURS, [placed(data, *place) for place in zip(x, y, strict=True)])
    right = [
        distance(colour, rgb(data["colors"][kind])) < 60 for colour, kind in zip(found, data["labels"], strict=True)
    ]
    assert sum(right) > 0.8 * len(right), "half a block on, they have made one half step"
    halves(page).click()
    expect(halves(page)).to_have_attribute("aria-pressed", "false")
    expect(terms(page)).to_contain_text(HINT)
    assert canvases(page).evaluate_all(ALL) == before


def test_half_a_step_is_said_in_numbers_too(flow, data):
    page = flow
    halves(page).click()
    half = data["arms"][0]["halved"]
    for place in (1, 1.5):
        lead(page, place)
        xs, ys = half["x"][int(2 * place)], half["y"][int(2 * place)]
        places = [placed(data, x, y) for x, y in zip(xs, ys, strict=True)]
        p = max(range(len(places)), key=lambda p: min(distance(places[p], b) for b in places if b != places[p]))
        point(page, places[p])
        expect(terms(page)).to_contain_text("½ block 2")
        says(page, data, p, int(2 * place), half)


def test_half_the_step_is_measured_when_the_training_is_over(site, stage):
    site.use("flow")
    now(site, "a quarter", "flow", TRAINING)
    page = stage.open(f"euler?{TRAINING}", motion=False)
    shows(page, told(site, "flow", TRAINING))
    expect(halves(page)).to_be_disabled()
    expect(halves(page)).to_have_attribute("title", "Measured when the training is over")


def test_nothing_moves_whatever_is_said_of_a_step(flow, data):
    page = flow
    lead(page, 1)

    def tops():
        return page.evaluate(
            """[...document.querySelectorAll(".rv-player, .rv-flow-picture, .rv-summands, section")].map((node) => {
              const { left, top, height } = node.getBoundingClientRect();
              return [left, top, height];
            })"""
        )

    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        _, place = alone(data, 1)
        canvases(page).first.scroll_into_view_if_needed()
        began = tops()
        for _ in range(2):
            point(page, place)
            assert tops() == began
            page.mouse.move(5, 5)
            assert tops() == began
            halves(page).evaluate("(button) => button.click()")
            assert tops() == began
        box = terms(page).bounding_box()
        point(page, place)
        for part in terms(page).locator(".rv-summand-lines").all():
            inner = part.bounding_box()
            assert inner["y"] >= box["y"] - 1 and inner["y"] + inner["height"] <= box["y"] + box["height"] + 1, (
                width,
                box,
                inner,
            )
            assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 1, (width, box, inner)
        page.mouse.move(5, 5)


# -- without colour, and outside ---------------------------------------------------------------------


def test_regions_have_a_border_and_a_mark_that_need_no_colour(flow, data):
    """Darker than both regions, where two cells of different classes meet."""
    page = flow
    lead(page, 0)
    signs = data["arms"][0]["regions"][0]
    cells = int(len(signs) ** 0.5)
    meet = [(i, j) for j in range(cells) for i in range(cells - 1) if signs[j * cells + i] != signs[j * cells + i + 1]]
    assert meet
    for i, j in meet:
        y = 1 - (j + 0.5) / cells
        around = canvases(page).first.evaluate(COLOURS, [((i + 1) / cells + k / 400, y) for k in range(-3, 4)])
        assert max(colour[3] for colour in around) > 80, "where the shading alone has 46"


def test_points_outside_the_picture_are_hollow_at_its_edge_and_counted(site, stage):
    site.use("flow")
    answer = copy.deepcopy(told(site, "flow", FLOW))
    data = answer["figures"][0]["flow"]
    data["box"] = [-1.0, 1.0, -1.0, 1.0]
    site.answers[asked("flow", FLOW)] = answer
    page = stage.open(f"euler?{FLOW}", motion=False)
    shows(page, answer)
    for number, arm in enumerate(data["arms"]):
        places = [placed(data, x, y) for x, y in zip(arm["x"][0], arm["y"][0], strict=True)]
        outside = [p for p, place in enumerate(places) if not all(0 <= v <= 1 for v in place)]
        assert 3 < len(outside) < len(places)
        figure = page.locator("figure").nth(number)
        expect(figure.get_by_text(f"{len(outside)} outside, hollow", exact=True)).to_be_visible()
        canvas = figure.locator("canvas")
        side = canvas.bounding_box()["width"]
        margin = 1.6 * max(2.6, side / 120) / side
        for p in outside:
            x, y = (min(max(v, margin), 1 - margin) for v in places[p])
            ring = canvas.evaluate(
                COLOURS, [(x + dx / side, y + dy / side) for dx in range(-4, 5) for dy in range(-4, 5)]
            )
            own = rgb(data["colors"][data["labels"][p]])
            assert any(distance(colour, own) < 70 and colour[3] > 200 for colour in ring), (arm["name"], p)
