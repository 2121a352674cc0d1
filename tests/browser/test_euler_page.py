"""The Euler page: it opens moving, answers while a slider is dragged, and learns in front of the reader."""

import json
import re

import pytest
from playwright.sync_api import expect

from resviz.euler.rollout import RolloutSpec
from resviz.euler.rollout import finding as finding_of
from resviz.euler.solve import SolveSpec, solve
from resviz.euler.solvetext import finding
from resviz.euler.views import VIEWS
from resviz.experiments.rollout import rollout

QUICK = "blocks=3&hidden=4&steps=60"  # a second of training


def panel(page, expression):
    return page.evaluate(f"() => {{ const panel = window.resvizPanel; return {expression}; }}")


def wait(page, expression):
    page.wait_for_function(f"() => {{ const panel = window.resvizPanel; return panel?.state && ({expression}); }}")


def open_view(new_page, server, view, words="", **options):
    page = new_page(f"{server.url}/euler?view={view}{words and f'&{words}'}", **options)
    wait(page, f"panel.page.kind === '{view}'")
    return page


def slider(page, label):
    return page.locator(".rv-setting-slider", has_text=label).locator("input")


def drag(page, label, position):
    """Put a slider at one of its stops, as a pointer does: input while it moves, change when it is let go."""
    slider(page, label).evaluate(
        "(input, at) => { input.value = at; for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind)); }",
        position,
    )


def trained(page):
    # `running` too: from the press of a button until the server's first word, the state is that of before.
    wait(page, "panel.state.status === 'finished' && panel.state.share >= 1 && !panel.asking && !panel.running")


# -- the page --------------------------------------------------------------------------------------


def test_it_opens_on_a_moving_picture_of_a_recorded_run_in_one_screen(server, new_page):
    page = new_page(f"{server.url}/euler")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is a residual network an ODE solver?")
    expect(page.locator(".rv-flow-arm canvas")).to_have_count(2)
    expect(page.get_by_text("a recorded run:")).to_be_visible()
    wait(page, "panel.plots.cards[0].flow.frames > 30")
    for thing in (
        *page.locator(".rv-flow-arm canvas").all(),
        page.locator(".rv-flow-bar"),
        page.locator(".rv-settings"),
    ):
        box = thing.bounding_box()
        assert box["y"] + box["height"] <= 768
        assert box["x"] + box["width"] <= 1366
    wheres = set()
    for _ in range(40):
        wheres.add(page.locator(".rv-flow-where").inner_text())
        page.wait_for_timeout(50)
    assert len(wheres) > 1, "the points move by themselves"


def test_the_animation_is_paused_scrubbed_and_played_on(server, new_page):
    page = open_view(new_page, server, "flow")
    expect(page.locator(".rv-flow-arm canvas")).to_have_count(2)
    page.get_by_role("button", name="Pause").click()
    pixels = "panel.plots.cards[0].flow.arms.map(({ canvas }) => canvas.toDataURL().length + canvas.toDataURL().slice(-9000))"
    page.locator(".rv-flow-bar .rv-slider").fill("0")
    expect(page.locator(".rv-flow-where")).to_have_text("at the input")
    first = panel(page, pixels)
    page.wait_for_timeout(300)
    assert panel(page, pixels) == first, "paused, nothing moves"
    page.locator(".rv-flow-bar .rv-slider").fill("4.5")
    expect(page.locator(".rv-flow-where")).to_have_text("in block 5 of 10")
    assert all(a != b for a, b in zip(panel(page, pixels), first, strict=True))
    page.locator(".rv-flow-bar .rv-slider").fill("10")
    expect(page.locator(".rv-flow-where")).to_have_text("at the end")
    page.get_by_role("combobox", name="Speed").select_option("4")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".rv-flow-where")).to_have_text(re.compile(r"in block \d+ of 10"))


def test_who_wants_no_motion_gets_a_still_picture(server, new_page):
    page = open_view(new_page, server, "flow", reduced_motion="reduce")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.locator(".rv-flow-where")).to_have_text("at the input")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_opens_with_its_figures_filled(server, new_page, view, scheme):
    page = open_view(new_page, server, view, color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_have_text(VIEWS[view].question)
    trained(page)
    expect(page.locator(".rv-panel .rv-finding p").first).not_to_be_empty()
    assert page.locator(".rv-panel-grid .rv-card").count() >= 2
    for plot in page.locator(".rv-panel-grid .js-plotly-plot").all():
        assert plot.evaluate("plot => plot.data.some((trace) => trace.x?.length || trace.z?.length)")
    shown = page.locator(".rv-panel").inner_text()
    assert not re.search(r"\b(nan|undefined|null|Infinity|\[object)", shown, re.IGNORECASE)
    assert not re.search(r"\d\.\d{6,}", shown), "no number with nine digits"


def test_another_view_is_a_press_away_and_a_link(server, new_page):
    page = open_view(new_page, server, "flow")
    page.get_by_role("radio", name="Solvers").or_(page.get_by_role("button", name="Solvers")).first.click()
    wait(page, "panel.page.kind === 'solve'")
    expect(page).to_have_url(re.compile(r"[?&]view=solve"))
    expect(page.get_by_role("heading", level=1)).to_have_text("How good is one Euler step?")


def test_what_the_address_says_wrong_is_said_and_the_rest_is_used(server, new_page):
    page = open_view(new_page, server, "solve", "method=rk5&n=0&T=4")
    expect(page.get_by_text("method=rk5: allowed is one of euler, midpoint, heun, rk4, dopri5")).to_be_visible()
    expect(page.get_by_text("n=0: allowed is a whole number from 1 to 20,000; nearest that works: 1")).to_be_visible()
    assert panel(page, "panel.query") == "T=4.0"


# -- solvers ---------------------------------------------------------------------------------------


def test_dragging_h_makes_euler_spiral_out_as_theory_says(server, new_page):
    page = open_view(new_page, server, "solve")
    trained(page)
    stops = panel(page, "panel.shown[0].fields.n.stops")
    radii = []
    for steps in ("407", "50", "12"):
        at = min(range(len(stops)), key=lambda i: abs(int(stops[i]) - int(steps)))
        drag(page, "steps", at)
        wait(page, f"panel.state.values.n === '{stops[at]}' && panel.state.share >= 1")
        spec = SolveSpec.of({"n": stops[at]})
        expect(page.locator(".rv-finding")).to_have_text(finding(solve(spec)))
        end = panel(page, "(({x, y}) => [x.at(-1), y.at(-1)])(panel.plots.cards[0].plot.data.at(-1))")
        radii.append(end[0] ** 2 + end[1] ** 2)
        assert radii[-1] == pytest.approx((1 + spec.h**2) ** spec.n, rel=1e-3)
    assert radii == sorted(radii)
    expect(page).to_have_url(re.compile(r"view=solve&n=\d+"))


def test_a_step_that_leaves_float_range_is_said_and_not_drawn(server, new_page):
    page = open_view(new_page, server, "solve", "system=van_der_pol&n=10")
    trained(page)
    expect(page.locator(".rv-finding")).to_contain_text("left the range of floats at step 10, t = 15")
    expect(page.locator(".rv-area-solve_compared")).to_contain_text("left float range at step")
    numbers = "panel.plots.cards.flatMap(({ plot }) => (plot.data ?? []).flatMap(({ x, y }) => [...x, ...y]))"
    assert panel(page, f"{numbers}.every((v) => v === null || Number.isFinite(v))")


def test_an_adaptive_step_that_underflows_says_so(server, new_page):
    page = open_view(new_page, server, "solve", "system=lotka_volterra&method=dopri5&start=5,-5")
    trained(page)
    expect(page.locator(".rv-finding")).to_contain_text("its step underflowed")


def test_numbers_can_be_taken_away(server, new_page):
    page = open_view(new_page, server, "solve", "system=decay&n=10&T=1")
    trained(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Data").click()
    text = download.value.path().read_text()
    assert download.value.suggested_filename.endswith(".csv")
    assert "forward Euler,10,10,0.0192" in text
    page.locator(".rv-area-solve_ways summary").click()
    expect(page.locator(".rv-area-solve_ways tbody tr")).to_have_count(11)


# -- learning --------------------------------------------------------------------------------------


def test_another_setting_is_trained_at_once_and_stays_in_the_link(server, new_page):
    page = open_view(new_page, server, "flow", QUICK)
    trained(page)
    assert panel(page, "panel.state.made") == ""
    page.locator(".rv-setting-choice select").first.select_option("moons")
    wait(page, "panel.query.includes('data=moons')")
    trained(page)
    expect(page).to_have_url(re.compile(r"data=moons"))
    first = page.locator(".rv-finding").inner_text()
    again = new_page(page.url)
    trained(again)
    assert again.locator(".rv-finding").inner_text() == first
    page.keyboard.press("Control+z")
    wait(page, "!panel.query.includes('data=moons')")
    trained(page)


def test_training_can_be_watched_stopped_and_begun_again(server, new_page):
    page = open_view(new_page, server, "flow", "blocks=12&steps=3000&seed=4")
    wait(page, "panel.state.share > 0 && panel.state.share < 1 && panel.shape")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"stopped at \d+%"))).to_be_visible()
    stopped = panel(page, "panel.state.share")
    page.wait_for_timeout(800)
    assert panel(page, "panel.state.share") == stopped
    page.get_by_role("button", name="Train again").click()
    wait(page, "panel.running && panel.state.share > 0")
    page.get_by_role("button", name="Stop").click()


def test_a_recorded_run_can_be_made_here_and_gives_what_the_experiment_gives(server, new_page):
    page = open_view(new_page, server, "rollout")
    expect(page.get_by_text("a recorded run:")).to_be_visible()
    page.get_by_role("button", name="Train it here").click()
    trained(page)
    expect(page.get_by_text("a recorded run:")).to_have_count(0)
    expect(page.get_by_role("button", name="Train again")).to_be_visible()
    *_, last = rollout(RolloutSpec())
    # How near it comes to the recorded run, which another processor made, is the business of tests/runs/test_recorded.py.
    shown = [page.locator(".rv-finding").inner_text(), *page.locator(".rv-panel-further > *").all_inner_texts()]
    assert shown == finding_of(last).split("\n\n")


def test_a_setting_that_cannot_be_used_changes_nothing(server, new_page):
    page = open_view(new_page, server, "solve")
    trained(page)
    before = panel(page, "panel.query")
    page.locator(".rv-more-settings summary").click()
    page.get_by_label("start").fill("far away")
    page.get_by_label("start").press("Tab")
    expect(page.get_by_role("alert").filter(has_text="start=far away")).to_contain_text(
        "allowed is one number for each"
    )
    assert panel(page, "panel.query") == before


def test_two_people_with_one_link_see_one_training(server, new_page):
    words = "blocks=4&hidden=8&steps=400&seed=7"
    first = open_view(new_page, server, "flow", words)
    wait(first, "panel.state.share > 0")
    second = open_view(new_page, server, "flow", words)
    trained(first)
    trained(second)
    assert first.locator(".rv-finding").inner_text() == second.locator(".rv-finding").inner_text()


def test_the_panel_is_reached_and_used_by_keyboard(server, new_page):
    page = open_view(new_page, server, "solve")
    trained(page)
    slider(page, "steps").focus()
    before = panel(page, "panel.state.values.n")
    page.keyboard.press("ArrowRight")
    wait(page, f"panel.state.values.n !== '{before}'")
    assert page.locator(".rv-panel [role=img]:not([aria-label])").count() == 0
    assert slider(page, "steps").get_attribute("aria-valuetext").startswith("h = ")


def test_on_a_telephone_nothing_is_wider_than_the_screen(server, new_page):
    page = open_view(new_page, server, "flow")
    page.set_viewport_size({"width": 420, "height": 900})
    expect(page.locator(".rv-flow-arm canvas").first).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    for canvas in page.locator(".rv-flow-arm canvas").all():
        box = canvas.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 420


def test_the_recorded_values_are_those_of_the_file(server, new_page):
    from resviz.runs.recorded import opening, path_of

    page = open_view(new_page, server, "flow")
    trained(page)
    record = json.loads(path_of(opening("flow")).read_text().partition("\n")[2])
    shown = panel(page, "panel.plots.cards[0].flow.data.arms.map(({ x }) => x)")
    assert shown == [record["arms"][arm]["x"] for arm in ("residual", "plain")]
