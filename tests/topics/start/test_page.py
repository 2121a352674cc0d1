"""The Start page with the server behind it: the replay, cut wires, networks that learn live, and a real pass of both."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from resviz.families.resnet.spec import Spec
from resviz.runs.questions import Question
from resviz.runs.recorded import held, opening, recorded
from resviz.topics.start.experiment import edit, reading, walls
from resviz.topics.start.figures import Walls, name_of
from resviz.topics.start.question import EditSpec, ReadSpec, right
from resviz.topics.start.words import read_finding, wall_finding
from resviz.train.twins.initial import Initial
from resviz.words.say import times, unmarked
from tests.harness.seeing import expect_on, shortcut, until_line
from tests.inside import above_the_fold, button, figures

RESIDUAL, PLAIN = (f"Gradient norm of each layer's weights, {arm}" for arm in ("residual", "plain"))
TITLE = "Two networks learn to read. What do shortcuts change?"


@pytest.fixture(scope="module")
def measured():
    """What the first pass measures of a spec, as one arm's gradient norms."""
    initial = Initial()
    yield lambda arm="residual", **words: list(initial(Spec.of({"device": "cpu", **words})).arms[arm].grad_norm)
    initial.close()


def wall(page):
    return page.locator(".rv-of-wall")


def why(page):
    """The section with one pass before training, which begins when it is seen: below the walls, once they have their height."""
    expect(wall(page)).to_have_class(re.compile("rv-drawn"))
    found = page.locator(".rv-of-start")
    found.scroll_into_view_if_needed()
    return found


def score(page, arm):
    return page.locator(f".rv-wall.rv-{arm} strong")


def said(page):
    return wall(page).locator(".rv-finding")


def until_shown(page, title, numbers):
    """A figure has these numbers, to the four digits that travel."""
    name = title.rsplit(" ", 1)[1]
    close = "w.every((v, i) => Math.abs(y[i] - v) <= 1e-3 * Math.abs(v))"
    until_line(page, title, name, f"((w) => y.length === w.length && {close})({numbers})")


def coloured(page, arm):
    """Whether all blocks of a network have a colour, that of the first one the strongest: its gradient is the largest."""
    boxes = why(page).locator(f".rv-{arm} .rv-box")
    shades = boxes.evaluate_all("boxes => boxes.map((box) => Number(box.style.fillOpacity))")
    return min(shades) > 0 and shades[0] == max(shades) > shades[-1]


# -- the walls -------------------------------------------------------------------------------------


def recorded_finding(**words):
    """What is said of the recorded networks without a wire or a block."""
    known, spec = recorded(opening("walls")).record, EditSpec.of(words)
    edits = {name_of(q.spec): recorded(q).record for q in held("edit")}
    return unmarked(wall_finding(Walls(spec, known, edits)))


def test_in_ten_seconds_one_wall_fills_and_the_other_does_not_and_a_cut_empties_it(server, new_page):
    page = new_page(server.url, motion=True)
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    expect(button(page, "Pause")).to_be_visible()  # it plays by itself
    expect(score(page, "residual")).to_have_text("99.4%", timeout=12_000)
    expect(score(page, "plain")).to_have_text("28.6%")
    expect(wall(page).get_by_text("a recorded run:")).to_be_visible()
    above_the_fold(page, *page.locator(".rv-wall canvas").all(), page.locator(".rv-wall-net svg"), said(page))
    large = page.locator("main *").evaluate_all(
        "all => all.filter((node) => /\\d/.test(node.textContent) && !node.children.length)"
        ".map((node) => [node.textContent, parseFloat(getComputedStyle(node).fontSize)]).filter(([, size]) => size > 40)"
    )
    assert large == [["99.4%", 64], ["28.6%", 64]], "no other number is as large"
    fell = wall(page).locator(".rv-fell")
    expect(fell).to_have_count(0)
    shortcut(wall(page), 14).click()
    expect(score(page, "residual")).to_have_text("10%")
    expect(fell).to_have_text(["10%"])  # and it flashes
    expect(wall(page).get_by_text("with averages measured anew").locator("b")).to_have_text("55.6%")
    expect(score(page, "plain")).to_have_text("28.6%")
    expect(said(page)).to_have_text(recorded_finding(sever="14"))
    expect(page).to_have_url(re.compile(r"\?sever=14$"))
    shortcut(wall(page), 14).click()
    expect(score(page, "residual")).to_have_text("99.4%")  # put back
    wall(page).get_by_role("switch", name="Block 14", exact=True).click()
    expect(score(page, "residual")).to_have_text("98.6%")
    expect(said(page)).to_have_text(recorded_finding(lesion="14"))
    page.reload()
    expect(score(page, "residual")).to_have_text("98.6%")
    expect(button(page, "Play again")).to_be_visible()  # a link to an edit opens on it
    button(page, "Play again").click()
    expect(score(page, "residual")).to_have_text(re.compile(r"^\d\d?%$"))
    expect(page).to_have_url(re.compile(r"/$"))


def test_the_replay_stops_where_it_is_and_with_less_motion_it_stands_at_its_end(server, new_page):
    page = new_page(server.url, motion=True)
    button(page, "Pause").click()
    before = score(page, "residual").inner_text()
    page.wait_for_timeout(500)
    assert score(page, "residual").inner_text() == before != "99.4%"
    slider = page.get_by_role("slider", name="Step of the training that is shown")
    slider.press("End")
    expect(score(page, "residual")).to_have_text("99.4%")
    slider.press("Home")
    expect(score(page, "residual")).to_have_text("10%")  # one in ten, before it has learnt anything
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    expect(score(page, "residual")).to_have_text("99.4%")
    expect(button(page, "Play again")).to_be_visible()


def test_other_networks_learn_live_and_their_wires_are_measured_as_the_experiment_does(server, new_page):
    words = {"depth": "8", "epochs": "2", "seed": "4"}
    page = new_page(f"{server.url}/?depth=8&epochs=2&seed=4")
    expect(said(page)).to_contain_text("These two have not learnt yet. Train both, live: about")
    expect(score(page, "residual")).to_have_text("–")
    button(page, "Train both, live").click()
    expect(button(page, "Stop")).to_be_visible()
    expect(button(page, "Train again, live, here")).to_be_visible()
    *_, found = walls(EditSpec.of(words).wall)
    for arm in ("residual", "plain"):
        expect(score(page, arm)).to_have_text(f"{round(100 * found.right(arm) / 360, 1):g}%")
    shortcut(wall(page), 2).click()
    spec = EditSpec.of({**words, "sever": "2"})
    *_, cut = edit(spec)
    expect(score(page, "residual")).to_have_text(f"{round(100 * right(cut.reads, found.truth) / 360, 1):g}%")
    expect(said(page)).to_have_text(unmarked(wall_finding(Walls(spec, found, {"sever 2": cut}))))
    assert recorded(Question("walls", spec.wall)) is None


def test_on_a_telephone_some_blocks_are_shown_at_a_time(server, new_page):
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.url}/?sever=1")
    expect(page.get_by_text("blocks 1 to 9 of 27")).to_be_visible()
    page.get_by_role("button", name="Blocks after").click()
    page.get_by_role("button", name="Blocks after").click()
    expect(page.get_by_text("blocks 19 to 27 of 27")).to_be_visible()
    shortcut(wall(page), 27).click()
    expect(score(page, "residual")).to_have_text("77.5%")
    page.goto(f"{server.url}/?lesion=14")
    expect(wall(page).get_by_role("switch", name="Block 14", exact=True)).to_be_visible()


def test_a_digit_is_read_by_both_while_it_is_drawn_and_is_in_the_link(server, new_page):
    page = new_page(server.url)
    page.locator(".rv-of-drawn").scroll_into_view_if_needed()
    pad, read = page.locator(".rv-pad"), page.locator(".rv-read-class")
    expect(read).to_have_text(["–", "–"])
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    at = lambda x, y: (box["x"] + x * box["width"] / 8, box["y"] + y * box["height"] / 8)  # noqa: E731
    page.mouse.move(*at(4, 0.5))
    page.mouse.down()
    page.mouse.move(*at(4, 6.5), steps=12)
    expect(read.first).to_have_text(re.compile(r"^\d$"))  # before the stroke has ended
    page.mouse.up()
    page.wait_for_function(
        "() => !resvizAddress.asking && !resvizAddress.pending.length"
    )  # the end of the stroke is told
    (own,) = parse_qs(urlsplit(page.url).query)["own"]
    *_, found = reading(ReadSpec.of({"own": own}))
    expect(page.locator(".rv-of-drawn .rv-finding")).to_have_text(read_finding(found))
    best = [str(max(range(10), key=found.shares[arm].__getitem__)) for arm in ("residual", "plain")]
    expect(read).to_have_text(best)
    page.reload()
    page.locator(".rv-of-drawn").scroll_into_view_if_needed()
    expect(read).to_have_text(best)
    page.get_by_role("button", name="Clear").click()
    expect(read).to_have_text(["–", "–"])
    page.goto(f"{server.url}/?depth=8&seed=9&own={own}")
    page.locator(".rv-of-drawn").scroll_into_view_if_needed()
    expect(page.locator(".rv-of-drawn").get_by_role("alert")).to_contain_text(
        "These two have not learnt yet: train both, above."
    )


# -- one pass before training ------------------------------------------------------------------------


def test_it_tells_why_by_a_real_pass_and_a_cut_is_a_link_that_shows_the_same(server, new_page, measured):
    page = new_page(server.url)
    why(page)
    until_shown(page, RESIDUAL, measured())
    until_shown(page, PLAIN, measured("plain"))
    assert coloured(page, "plain") and coloured(page, "residual")
    expect(why(page).locator(".rv-finding")).to_contain_text("times as hard as the last convolution")
    assert page.get_by_role("link", name="Train").count() >= 1
    shortcut(why(page), 7).click()
    until_shown(page, RESIDUAL, measured(cut="7"))
    expect(page).to_have_url(re.compile(r"\?cut=7$"))
    until_shown(page, PLAIN, measured("plain"))  # which has no shortcut to cut
    page.reload()
    why(page)
    until_shown(page, RESIDUAL, measured(cut="7"))
    expect_on(shortcut(why(page), 7), False)
    page.go_back()
    expect_on(shortcut(why(page), 7), True)
    until_shown(page, RESIDUAL, measured())
    page.get_by_role("switch", name="+ x is on").click()
    until_shown(page, RESIDUAL, measured("plain"))
    expect(why(page).locator(".rv-finding")).to_contain_text("the same network, to the last digit")


def test_a_guess_cuts_the_wire_and_its_answer_stands_beside_it(server, new_page):
    page = new_page(server.url)
    expect(score(page, "residual")).to_have_text("99.4%")
    asked = wall(page).get_by_role("group", name="Guess first")
    expect(asked).to_contain_text("wire 14 is cut")
    asked.get_by_role("button", name="over 90%").click()
    expect(score(page, "residual")).to_have_text("10%")
    expect(asked.get_by_role("status")).to_contain_text(
        "You guessed “over 90%”. No: under 20%. It read 99.4% of 360 unseen digits"
    )
    asked.get_by_role("button", name="Next question").click()
    expect(asked).to_contain_text("block 14 is torn out")
    asked.get_by_role("button", name="over 90%").click()
    expect(asked.get_by_role("status")).to_contain_text(
        "Right: over 90%. It read 99.4% of 360 unseen digits, and reads 98.6%"
    )
    expect(page).to_have_url(re.compile(r"\?lesion=14$"))


def test_a_drawn_gradient_is_compared_on_its_log_scale(server, new_page, measured):
    page = new_page(server.url)
    panel = why(page)
    until_shown(page, PLAIN, measured("plain"))
    panel.get_by_role("button", name="Guess first").click()
    pad = panel.get_by_role("slider", name=re.compile("^Your guess"))
    page.keyboard.press("ArrowDown")
    first = pad.get_attribute("aria-valuetext").removeprefix("1: ")
    for _ in range(55):
        page.keyboard.press("ArrowRight")
    panel.get_by_role("button", name="Compare").click()
    told = panel.get_by_role("status").filter(has_text="You drew")
    expect(told).to_contain_text(f"You drew {first} at the first layer; measured: {times(measured('plain')[0])}.")
    low, high = page.locator(".rv-area-start_plain .js-plotly-plot").evaluate("plot => plot.layout.yaxis.range")
    assert float(first) == pytest.approx(10 ** (low + 0.45 * (high - low)), rel=0.06)


def test_what_cannot_be_measured_is_refused_in_words_and_nothing_is_shown_as_if_it_had_been(server, new_page, measured):
    page = new_page(f"{server.url}/?depth=14")
    page.get_by_role("spinbutton", name="depth").fill("8")
    page.keyboard.press("Enter")
    why(page)
    until_shown(page, RESIDUAL, measured(depth="8"))
    assert coloured(page, "plain") and coloured(page, "residual")
    page.get_by_role("combobox", name="data").select_option("mnist")
    expect(why(page).get_by_role("alert")).to_contain_text("MNIST")
    expect(why(page).get_by_role("button", name="Download")).to_be_visible()
    expect(figures(why(page))).to_have_count(0)
    wall(page).get_by_role("button", name="Undo").click()
    until_shown(page, RESIDUAL, measured(depth="8"))
    expect(page.get_by_role("region", name=RESIDUAL)).to_be_visible()
    page.goto(f"{server.url}/?depth=1202&width=256&batch=1024&cut=900")
    expect(wall(page).get_by_role("alert")).to_contain_text("cut=900: depth 1202 has shortcuts 1 to 600")
    expect(why(page).get_by_role("alert")).to_contain_text("the limit is")


def test_the_path_leads_on_with_the_same_settings_without_loading_the_app_anew(server, new_page, measured):
    page = new_page(f"{server.url}/?depth=8")
    why(page)
    until_shown(page, RESIDUAL, measured(depth="8"))
    shortcut(why(page), 2).click()
    until_shown(page, RESIDUAL, measured(depth="8", cut="2"))
    expect(page).to_have_url(re.compile(r"\?depth=8&cut=2$"))
    page.evaluate("window.sameApp = true")
    page.get_by_role("link", name="4. Signal").click()
    expect(page.get_by_role("heading", name="What reaches the first layer?")).to_be_visible()
    expect_on(shortcut(page, 2), False)
    assert page.evaluate("window.sameApp")
    page.go_back()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    why(page)
    until_shown(page, RESIDUAL, measured(depth="8", cut="2"))
