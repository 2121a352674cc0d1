"""The Depth page with the server behind it: recorded errors, and runs that are trained at a press, stop, and go on."""

import re

from playwright.sync_api import expect

from resviz.runs.studies import DEPTHS
from tests.harness.seeing import line, until_line
from tests.inside import above_the_fold, button, filled, finding, saved, watched

TINY = "depths=8,10&seeds=1&width=4&epochs=1&examples=128&batch=64"  # 2 runs of 2 steps
TRAIN, TEST = "Training error", "Test error"


def board(page):
    return page.get_by_role("group", name="Error against depth")


def errors(page):
    """Depths and errors as both figures have them."""
    return {(title, arm): line(page, title, arm) for title in (TRAIN, TEST) for arm in ("residual", "plain")}


def test_it_opens_on_recorded_runs_in_one_screen_and_a_change_is_a_link_that_shows_the_same(server, new_page):
    trained = server.told()["trained"]
    page, complaints, wishes = watched(new_page, f"{server.url}/depth")
    expect(page.get_by_role("heading", level=1)).to_have_text("Does deeper mean better?")
    expect(page.get_by_text("recorded runs:")).to_be_visible()
    for title in (TRAIN, TEST):
        for arm in ("residual", "plain"):
            until_line(
                page, title, arm, f"String(x) === '{','.join(map(str, DEPTHS))}' && y.every((v) => v >= 0 && v <= 1)"
            )
    expect(page.locator(".rv-area-depth_train .scatterlayer .trace").first).to_be_visible()
    above_the_fold(
        page,
        *(page.get_by_label(label, exact=True) for label in ("depths", "seeds", "epochs")),
        page.get_by_text("All settings", exact=True),
        button(page, "Train them here"),
        *(page.get_by_role("region", name=title) for title in (TRAIN, TEST)),
    )
    page.get_by_role("region", name="Published, of another data set").scroll_into_view_if_needed()
    filled(page, ".rv-panel")
    depths = page.get_by_label("depths", exact=True)
    depths.fill("10, 12, 16-18")
    depths.press("Enter")
    expect(page).to_have_url(re.compile(r"depths=10(,|%2C)12(,|%2C)16-18"))
    said = "5 depths, 3 seeds each"
    expect(board(page)).to_contain_text(said)
    page.reload()
    expect(board(page)).to_contain_text(said)
    expect(depths).to_have_value("10,12,16-18")
    expect(board(page).get_by_role("region")).to_have_count(0)
    depths.fill("14,32")
    depths.press("Enter")
    until_line(page, TRAIN, "plain", "String(x) === '14,32'")  # these are recorded
    assert (complaints, wishes) == ([], [])
    assert (server.told()["trained"], server.told()["running"]) == (trained, 0)


def test_one_draws_what_one_expects_and_then_sees_what_was_measured(server, new_page):
    page = new_page(f"{server.url}/depth")
    until_line(page, TRAIN, "plain", "y.length === 9")
    button(page, "Guess first").click()
    lines = page.get_by_role("region", name=TRAIN).locator(".scatterlayer").first
    expect(lines).to_have_css("opacity", "0")
    expect(page.get_by_role("region", name=TEST)).to_be_hidden()
    pad = page.get_by_role("slider", name=re.compile("^Your guess"))
    expect(pad).to_be_focused()
    expect(button(page, "Compare")).to_be_disabled()
    for _ in DEPTHS:
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    drawn = pad.get_attribute("aria-valuetext")
    assert drawn.startswith("110: ")
    button(page, "Compare").click()
    expect(lines).to_have_css("opacity", "1")
    told = page.get_by_role("status").filter(has_text="You drew")
    expect(told).to_contain_text(f"You drew {drawn.removeprefix('110: ')} at 110 layers; measured: 89%.")
    button(page, "Close the question").click()
    expect(page.locator(".rv-sketch")).to_have_count(0)


def test_a_study_is_trained_at_a_press_stops_goes_on_and_is_there_for_the_next_visitor(paced, new_page, request):
    seed = 7100
    gate = paced.hold(seed, 2)
    request.addfinalizer(lambda: gate.unlink(missing_ok=True))
    page = new_page(f"{paced.url}/depth?{TINY}&seed={seed}")
    before = paced.told()["trained"]
    expect(board(page)).to_contain_text("2 depths, one seed each: 2 runs of 2 steps, both networks in each")
    button(page, "Train them").click()
    bar = page.get_by_role("progressbar", name="Progress")
    expect(bar).to_have_attribute("aria-valuenow", "25")  # one step of four: the other run waits
    expect(board(page).get_by_role("region")).to_have_count(0)  # no run is over
    button(page, "Stop").click()
    expect(button(page, "Train the rest")).to_be_visible()
    gate.unlink()
    button(page, "Train the rest").click()
    for title in (TRAIN, TEST):
        for arm in ("residual", "plain"):
            until_line(page, title, arm, "String(x) === '8,10'")
    expect(button(page, "Stop")).to_be_hidden()
    assert paced.told()["trained"] == before + 2
    filled(page, ".rv-panel")
    shown, said = errors(page), finding(page)
    assert said
    page.get_by_role("region", name=TRAIN).locator("summary").click()
    expect(page.get_by_role("region", name=TRAIN).get_by_role("rowheader")).to_have_text(["8", "10"])

    page.reload()
    other = new_page(page.url)
    for visit in (page, other):
        until_line(visit, TEST, "plain", "String(x) === '8,10'")
        assert errors(visit) == shown
        assert finding(visit) == said
        expect(visit.get_by_role("button", name="Train")).to_have_count(0)
    assert paced.told()["trained"] == before + 2, "nothing was trained again"
    assert len(saved(page, "Data").path().read_text().splitlines()) == 1 + 2 * 2


def test_a_run_that_fails_is_said_and_can_be_tried_again(paced, new_page):
    seed = 7200
    paced.asked_to("raise", seed, 2)
    page = new_page(f"{paced.url}/depth?{TINY}&seed={seed}")
    button(page, "Train them").click()
    expect(board(page).get_by_role("alert")).to_contain_text("asked to fail at 2")
    expect(button(page, "Try again")).to_be_visible()
    (paced.folder / f"raise-{seed}-2").unlink()
    button(page, "Try again").click()
    until_line(page, TRAIN, "plain", "String(x) === '8,10'")
    expect(board(page).get_by_role("alert")).to_be_hidden()
