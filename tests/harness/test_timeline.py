"""A run as it happens: play, pause, step, slider, tables, and words for what goes wrong; the run learns as the test says."""

import re

import pytest
from playwright.sync_api import expect

from tests import paced
from tests.harness.asking import button
from tests.harness.seeing import (
    frames,
    go_to_step,
    line,
    nothing_strange,
    region,
    until_line,
    until_step,
)
from tests.topics.train.scenes import spec_of

SMALL = "depth=8&epochs=3"  # 33 steps
SPEC = spec_of(SMALL)
LOSS, ACCURACY, GRADIENTS = "Training loss", "Digits read correctly (unseen)", "Gradient norm of each layer's weights"
WATCHED, WANT = r"WATCH runs/\w+", r"POST runs/\w+/want"


@pytest.fixture
def run(site):
    """The run of SMALL, which has made no step yet."""
    site.use("train")
    run = site.run(SPEC.digest)
    run.learn(0)
    return run


def open_learning(stage, run, steps):
    """A page that shows a run with so many steps, which goes on."""
    run.learn(steps)
    page = stage.open(f"train?{SMALL}")
    until_step(page, steps, 33)
    return page


def open_finished(stage, site, query=SMALL, steps=33):
    site.use("train")
    page = stage.open(f"train?{query}")
    until_step(page, steps, steps)
    return page


# -- while it learns -------------------------------------------------------------------------------


def test_curves_grow_while_it_learns_and_have_the_numbers_of_the_records(run, stage):
    page = stage.open(f"train?{SMALL}")
    expect(page.locator(".rv-step")).to_have_text("warming up …")
    run.learn(3)
    for arm in ("residual", "plain"):
        x, y = until_line(page, LOSS, arm, "x.length === 3")
        assert x == [1, 2, 3]
        assert y == pytest.approx([paced.arm_record(SPEC, arm, step).loss for step in x], rel=1e-3)
    until_step(page, 3, 33)
    run.learn(12)
    until_line(page, LOSS, "residual", "x.length === 12")
    x, y = until_line(page, GRADIENTS, "residual", "x.length === 8")
    run.learn(33)
    until_step(page, 33, 33)
    until_line(page, GRADIENTS, "residual", f"Math.abs(y[0] - {paced.arm_record(SPEC, 'residual', 33).loss}) < 1e-3")
    expect(page.locator(".rv-finding")).to_contain_text("%")
    expect(button(page, "Play")).to_be_visible()
    expect(page.locator(".rv-facts")).to_contain_text("same starting weights ✓ 012345")
    expect(page.locator(".rv-facts")).to_contain_text("1,234 weights each")
    nothing_strange(page)


def test_a_finished_run_plays_when_it_is_opened(site, stage):
    site.use("train")
    page = stage.open(f"train?{SMALL}", motion=True)
    expect(page.locator(".rv-step")).to_have_text(
        re.compile(r"^step ([2-9]|1\d) of 33$")
    )  # eight seconds, whatever its length
    assert page.evaluate("resviz.bar.pace(33, true)") == pytest.approx(33 / 8)
    button(page, "Pause").click()
    page.get_by_role("slider", name="Step shown").press("End")
    until_step(page, 33, 33)


def test_a_finished_run_is_shown_at_its_end_at_once_with_less_motion_and_can_be_replayed(site, stage):
    page = open_finished(stage, site)
    assert site.once(WATCHED)
    page.get_by_label("Speed").select_option("10 steps/s")
    button(page, "Play").click()
    expect(button(page, "Pause")).to_be_visible()
    expect(page.locator(".rv-step")).to_have_text(re.compile(r"^step (\d|[12]\d) of 33$"))  # ten steps a second
    until_step(page, 33, 33)
    expect(button(page, "Play")).to_be_visible()
    assert site.once(WANT)  # a run that is over is asked for nothing once that is known


def test_pause_step_and_play_tell_how_far_the_run_is_wanted(site, run, stage):
    page = open_learning(stage, run, 5)
    assert site.wait_for(WANT).words["until"] == str(10**9)
    button(page, "Pause").click()
    site.wait_for(WANT, until="5")
    run.learn(7)  # what was under way arrives
    until_step(page, 5, 33)
    button(page, "Step").click()
    until_step(page, 6, 33)
    until_line(page, LOSS, "residual", "x.length === 6")
    button(page, "Step").click()
    until_step(page, 7, 33)
    button(page, "Step").click()  # one that has not been computed yet
    site.wait_for(WANT, until="8")
    run.learn(8)
    until_step(page, 8, 33)
    until_line(page, LOSS, "residual", "x.length === 8")
    button(page, "Play").click()
    site.wait_for(WANT, until=str(10**9))
    run.learn(20)
    until_step(page, 20, 33)


def test_slider_and_reset_move_every_figure(site, stage):
    page = open_finished(stage, site)
    for step in (12, 5):
        go_to_step(page, step)
        until_step(page, step, 33)
        for title in (LOSS, ACCURACY):
            x, _ = until_line(page, title, "residual", f"x.at(-1) <= {step} && x.length > 0")
            assert x[-1] == max(s for s in range(1, step + 1) if title == LOSS or s == 1 or s % 5 == 0)
        norms = [paced.arm_record(SPEC, "plain", step).grad_norm[n] for n in (0, 7)]
        until_line(
            page, GRADIENTS, "plain", f"Math.abs(y[0] - {norms[0]}) < 1e-3 && Math.abs(y[7] - {norms[1]}) < 1e-3"
        )
    button(page, "Reset").click()
    until_step(page, 1, 33)
    until_line(page, LOSS, "plain", "x.length === 1")


def test_keys_play_pause_step_and_go_back(site, run, stage):
    page = open_learning(stage, run, 6)
    page.keyboard.press(" ")
    expect(button(page, "Play")).to_be_visible()
    page.keyboard.press(",")
    until_step(page, 5, 33)
    page.keyboard.press(".")
    until_step(page, 6, 33)
    page.keyboard.press("0")
    until_step(page, 1, 33)
    page.keyboard.press(" ")
    expect(button(page, "Pause")).to_be_visible()
    run.learn(9)
    until_step(page, 9, 33)
    button(page, "Pause").click()  # which has the focus from now on, and keeps Space for itself
    page.keyboard.press(",")
    until_step(page, 8, 33)
    page.keyboard.press("0")
    until_step(page, 1, 33)
    page.keyboard.press("?")
    expect(page.get_by_text("go on from here with other settings")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_text("go on from here with other settings")).to_be_hidden()
    page.get_by_role("spinbutton", name="depth").focus()
    page.keyboard.press(",")  # is written there
    until_step(page, 1, 33)


def test_the_speed_of_the_picture_does_not_hold_up_the_training(site, run, stage):
    page = open_learning(stage, run, 2)
    page.get_by_label("Speed", exact=True).select_option("3 steps/s")
    run.learn(30)
    expect(page.locator(".rv-step")).to_have_text(re.compile(r"^step ([3-9]|[12]\d) of 33$"))  # on its way there
    assert site.once(WANT)  # the server goes on at full speed


# What a browser says of a tab that nobody sees.
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_tab_that_nobody_sees_holds_no_stream_and_has_one_again_when_it_is_seen(site, run, stage):
    page = open_learning(stage, run, 5)
    streams = len(site.asked(WATCHED))
    page.evaluate(HIDE, True)
    site.wait_for(r"GET runs/\w+/records", until=str(10**9))  # it still wants the run, and says so
    run.learn(9)
    site.wait_for(r"GET runs/\w+/records", **{"from": "9"})  # and has what was learnt meanwhile
    assert len(site.asked(WATCHED)) == streams
    page.evaluate(HIDE, False)
    site.wait_for(WATCHED, streams + 1)
    polled = len(site.asked(r"GET runs/\w+/records"))
    until_step(page, 9, 33)
    run.learn(33)
    until_step(page, 33, 33)
    assert len(site.asked(r"GET runs/\w+/records")) == polled, "who has a stream need not ask"


# Time goes on while nobody looks.
ASLEEP = "(ms) => { const real = Date.now; Date.now = () => real() + ms; }"


def test_who_comes_back_after_a_while_is_told_what_went_on_until_they_press_something(site, run, stage):
    page = open_learning(stage, run, 5)
    page.evaluate(HIDE, True)
    run.learn(9)
    site.wait_for(r"GET runs/\w+/records", **{"from": "9"})
    page.evaluate(ASLEEP, 3_600_000)
    page.evaluate(HIDE, False)
    said = page.get_by_role("status")
    expect(said).to_have_text("Meanwhile both networks learned on from step 5 to step 9.")
    button(page, "Pause").click()
    expect(said).to_have_count(0)
    page.keyboard.press(",")
    until_step(page, 8, 33)
    page.reload()
    until_step(page, 8, 33)  # it comes back as it was
    expect(button(page, "Play")).to_be_visible()


def test_a_run_that_the_server_no_longer_has_is_made_again(site, run, stage):
    site.refuse("GET watch", 404)
    page = open_learning(stage, run, 9)
    gone = site.refuse(r"runs/\w+/records", 404)
    looks = len(site.asked("GET panel/train"))
    site.wait_for("GET panel/train", looks + 1)  # it asks for the run's page again
    run.learn(3)
    gone()
    expect(page.get_by_role("status")).to_have_text(
        "The server was started again meanwhile and no longer had this run: it is made again, and its numbers come again."
    )
    until_step(page, 3, 33)


# -- what goes wrong -------------------------------------------------------------------------------


def test_a_run_that_fails_says_why_and_can_be_run_again(site, run, stage):
    page = open_learning(stage, run, 5)
    run.end("failed", "The worker was ended (signal 9).")
    expect(page.get_by_role("status")).to_have_text("The worker was ended (signal 9).")
    run.tell(message="")
    run.learn(6)  # as the server says from the press on
    button(page, "Run again").click()
    site.wait_for(r"POST runs/\w+/restart")
    until_step(page, 6, 33)
    expect(button(page, "Run again")).to_have_count(0)
    expect(button(page, "Cancel")).to_be_visible()
    run.learn(33)
    until_step(page, 33, 33)
    expect(page.get_by_role("status")).to_have_count(0)


def test_a_run_can_be_cancelled(site, run, stage):
    page = open_learning(stage, run, 5)
    button(page, "Cancel").click()
    site.wait_for(r"POST runs/\w+/cancel")
    expect(page.get_by_role("status")).to_have_text("Cancelled after step 5.")
    expect(button(page, "Run again")).to_be_visible()


def test_it_says_how_many_runs_go_first(run, stage):
    for position, says in (
        (1, "Waiting: one other training is ahead of yours"),
        (3, "Waiting: 3 other trainings are ahead of yours"),
    ):
        run.tell(status="queued", position=position)
        page = stage.open(f"train?{SMALL}")
        expect(page.locator(".rv-status[role=status]")).to_have_text(says)
        expect(page.locator(".rv-step")).to_have_text("waiting …")


def test_missing_data_are_downloaded_at_a_press_with_progress(site, run, stage):
    run.end("failed", "MNIST is not in this folder.", missing="mnist")
    page = stage.open(f"train?{SMALL}")
    expect(page.get_by_text("MNIST is not in this folder.")).to_be_visible()
    assert not site.asked("data/")
    site.answers["GET data/mnist"] = {"state": "running", "done": 2_500_000, "total": 10_000_000, "message": ""}
    button(page, "Download").click()
    site.wait_for("POST data/mnist")
    expect(page.get_by_text("Downloading: 2.5 of 10.0 MB")).to_be_visible()
    site.answers["GET data/mnist"] = {"state": "done", "done": 10_000_000, "total": 10_000_000, "message": ""}
    site.wait_for(r"POST runs/\w+/restart")
    run.learn(33)
    until_step(page, 33, 33)


def test_it_asks_again_and_again_where_no_stream_comes_through(site, run, stage):
    site.refuse("GET watch", 404)
    run.learn(4)
    page = stage.open(f"train?{SMALL}")
    until_step(page, 4, 33)
    run.learn(33)
    until_step(page, 33, 33)
    assert len(site.asked(r"GET runs/\w+/records")) >= 2


def test_a_server_that_does_not_answer_is_said_and_tried_again(site, run, stage):
    site.refuse("GET watch", 404)
    end = site.refuse(r"GET runs/\w+/records", 0)
    run.learn(4)
    page = stage.open(f"train?{SMALL}")
    expect(page.get_by_role("status")).to_have_text("The server does not answer; trying again.")
    end()
    until_step(page, 4, 33)
    expect(page.get_by_role("status")).to_have_count(0)


# -- figures ---------------------------------------------------------------------------------------


def test_a_zoom_is_kept_while_it_learns(run, stage):
    page = open_learning(stage, run, 5)
    area = region(page, LOSS).locator(".nsewdrag").first.bounding_box()
    page.mouse.move(area["x"] + 5, area["y"] + 10)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] - 10, steps=5)
    page.mouse.up()
    axis = "document.querySelector('.rv-area-loss .js-plotly-plot').layout.xaxis.range"
    page.wait_for_function(f"() => {axis}[1] < 20")
    zoomed = page.evaluate(axis)
    node = page.evaluate_handle("document.querySelector('.rv-area-loss .js-plotly-plot svg')")
    run.learn(15)
    until_line(page, LOSS, "residual", "x.length === 15")
    assert page.evaluate(axis) == zoomed
    assert page.evaluate("node => node.isConnected", node), "the picture was mounted anew"


def test_every_figure_has_a_name_and_its_numbers_as_a_table(site, stage):
    page = open_finished(stage, site)
    expect(page.get_by_role("img", name=LOSS)).to_be_visible()
    table = region(page, LOSS)
    table.get_by_text("table", exact=True).click()
    rows = table.get_by_role("row")
    expect(rows).to_have_count(34)
    assert rows.nth(0).inner_text().split() == ["step", "plain", "residual"]
    numbers = [float(text) for text in rows.nth(7).inner_text().split()]
    assert numbers == pytest.approx(
        [7, *(paced.arm_record(SPEC, arm, 7).loss for arm in ("plain", "residual"))], rel=1e-3
    )
    go_to_step(page, 4)
    expect(rows).to_have_count(5)
    layers = region(page, GRADIENTS)
    layers.get_by_text("table", exact=True).click()
    expect(layers.get_by_role("row")).to_have_count(9)
    assert layers.get_by_role("row").nth(0).inner_text().startswith("layer")


def test_numbers_and_code_are_a_press_away_and_the_link_is_copied(site, stage):
    site.use("train")
    page = stage.open(f"train?{SMALL}", permissions=["clipboard-read", "clipboard-write"])
    until_step(page, 33, 33)
    assert page.get_by_role("link", name="Data").get_attribute("href") == f"runs/{SPEC.digest}/records.csv"
    assert page.get_by_role("link", name="Code").get_attribute("href") == f"runs/{SPEC.digest}/script.py"
    button(page, "Link").click()
    expect(button(page, "Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site.url}/train?{SMALL}&device=cpu"


def test_a_link_made_while_paused_names_the_step_and_opens_there(site, run, stage):
    run.learn(12)
    page = stage.open(f"train?{SMALL}&at=7", permissions=["clipboard-read", "clipboard-write"])
    until_step(page, 7, 33)
    expect(button(page, "Play")).to_be_visible()
    assert site.wait_for(WANT).words["until"] == "7"  # it need not train further
    button(page, "Step").click()
    until_step(page, 8, 33)
    button(page, "Link").click()
    expect(button(page, "Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.url}/train?{SMALL}&device=cpu&at=8"


@pytest.mark.parametrize("at", ["0", "34", "-1", "7.5", "soon", ""])
def test_a_step_that_the_run_does_not_have_is_quoted(site, run, stage, at):
    run.learn(12)
    page = stage.open(f"train?{SMALL}&at={at}")
    expect(page.get_by_role("alert")).to_have_text(f"at={at}: allowed are the steps of this run, 1 to 33.")
    until_step(page, 12, 33)


def test_where_values_leave_the_range_there_are_gaps_and_words(site, run, stage):
    """A network that has ended has no line any more, and the other goes on."""
    for step, told in enumerate(run.records, 1):
        if step > 4:
            told.pop("plain", None)
        elif step == 4:
            told["plain"]["loss"] = None
            told["ended"] = {"plain": "the loss is NaN."}
    run.learn(33)
    page = stage.open(f"train?{SMALL}")
    until_step(page, 33, 33)
    x, y = until_line(page, LOSS, "plain", "x.length > 0")
    assert max(x) <= 4 and y[-1] is None
    assert len(line(page, LOSS, "residual")[0]) == 33
    nothing_strange(page)


# -- screens ---------------------------------------------------------------------------------------


def test_a_telephone_shows_all_of_it_dark_too(site, stage):
    site.use("train")
    page = stage.open(f"train?{SMALL}", telephone=True, dark=True)
    until_step(page, 33, 33)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for box in page.locator(".rv-card, .rv-bar button, .rv-tools button").all():
        if box.is_visible():
            place = box.bounding_box()
            assert place["x"] >= 0 and place["x"] + place["width"] <= 390, box
    ink = page.locator(".rv-live").evaluate("(node) => getComputedStyle(node).color")
    assert sum(map(int, re.findall(r"\d+", ink)[:3])) > 450
    frames(page)
    drawn = page.evaluate("document.querySelector('.rv-area-grad_norm .js-plotly-plot').layout.font?.color ?? ''")
    assert drawn == ink or not drawn


def test_the_figures_and_the_finding_fit_one_screen(site, stage):
    page = open_finished(stage, site)
    for title in (LOSS, ACCURACY, "Finding"):
        box = region(page, title).bounding_box()
        assert box["y"] + box["height"] <= 768, title
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_wish_that_the_server_did_not_hear_is_told_again(site, run, stage):
    again = site.refuse(WANT, 0)
    page = open_learning(stage, run, 5)
    site.wait_for(WANT)
    again()
    site.wait_for(WANT, 2, until=str(10**9))
    run.learn(8)
    until_step(page, 8, 33)
