"""Cuts while it learns, going back, branches, undo: what a click asks for, what is shown before the answer, and after it."""

import re

import pytest
from playwright.sync_api import expect

from tests import paced
from tests.harness.scenes_panel import asked
from tests.harness.seeing import (
    block,
    expect_on,
    frames,
    go_to_step,
    nothing_strange,
    query,
    region,
    shortcut,
    until_line,
    until_query,
    until_step,
)
from tests.topics.train.scenes import shown, spec_of

SMALL = "depth=8&epochs=3"  # 33 steps
SPEC = spec_of(SMALL)
AT_12, AT_20 = SPEC.branch(12, cut=[2]), SPEC.branch(20, cut=[1])
LOSS = "Training loss"
BOTH_CHANGED = "depth=8&norm=none&epochs=3&edits=7:cut:2"
BRANCH, SETTINGS = r"POST runs/\w+/branch", "GET panel/train"


@pytest.fixture
def learning(site, stage):
    """A page that shows the run of SMALL after 6 steps, while it learns; the run."""
    site.use("train")
    run = site.run(SPEC.digest)
    run.learn(6)
    page = stage.open(f"train?{SMALL}")
    until_step(page, 6, 33)
    return page, run


@pytest.fixture
def finished(site, stage):
    site.use("train")
    page = stage.open(f"train?{SMALL}")
    until_step(page, 33, 33)
    return page


def address_is(page, spec):
    until_query(page, shown(spec))


def expect_tree(page, *branches):
    """The branches listed, in this order, whatever accuracies stand beside them."""
    expect(page.locator(".rv-branch")).to_have_text(
        [re.compile(rf"^(↳ )?{re.escape(name)}(\d+\.\d%)?$") for name in branches]
    )


def cut_at(page, step, n):
    go_to_step(page, step)
    until_step(page, step)
    shortcut(page, n).click()


# -- a click ---------------------------------------------------------------------------------------


def test_a_cut_while_it_learns_acts_at_the_next_step_and_is_a_branch(site, learning):
    page, run = learning
    expect(page.get_by_text("Acts at the next step.")).to_be_visible()
    new = SPEC.branch(7, cut=[2])
    site.run(new.digest).learn(7)
    shortcut(page, 2).click()
    assert site.wait_for(BRANCH).said() == {"at": "next", "set": {"cut": "2"}}
    address_is(page, new)
    expect(page.locator(".rv-branch", has_text="after step 7: cut shortcut 2")).to_have_attribute(
        "aria-current", "true"
    )
    site.run(new.digest).learn(33)
    until_step(page, 33, 33)
    expect_on(shortcut(page, 2), False)
    _, y = until_line(page, LOSS, "residual", "x.length === 33")
    assert y == pytest.approx([paced.arm_record(new, "residual", step).loss for step in range(1, 34)], rel=1e-3)
    expect(page.locator(".rv-finding")).to_contain_text("You cut shortcut 2 after step 7.")
    run.learn(33)  # what it would have been without the cut is drawn beside it
    until_line(page, LOSS, "residual, without the change", "x[0] === 7 && x.at(-1) === 33")
    marks = "document.querySelector('.rv-area-loss .js-plotly-plot').layout.shapes?.map((shape) => shape.x0)"
    page.wait_for_function(f"() => String({marks}) === '7'")


def test_a_second_click_at_the_same_place_takes_the_first_back(site, learning):
    """Whatever appears on the page after a click, the drawing stays under the pointer."""
    page, _ = learning
    cut, restored = SPEC.branch(7, cut=[2]), SPEC.branch(7, cut=[2]).branch(15, cut=[])
    site.run(cut.digest).learn(14)
    site.run(restored.digest).learn(20)
    arc = shortcut(page, 2)
    arc.hover()
    before = arc.bounding_box()
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    page.mouse.click(x, y)
    address_is(page, cut)
    until_step(page, 14)
    expect(page.locator(".rv-branch")).to_have_count(2)
    expect(page.locator(".rv-finding")).to_contain_text("You cut shortcut 2")
    assert arc.bounding_box() == before
    page.mouse.click(x, y)
    assert site.wait_for(BRANCH, 2).said() == {"at": "next", "set": {"cut": ""}}
    address_is(page, restored)
    site.refuse(BRANCH, 400, "This would take about 3 days and 9 GB; the limit is 20 min.")
    page.mouse.click(x, y)
    expect(page.get_by_role("status")).to_contain_text("about 3 days")
    site.run(restored.digest).learn(33)
    until_step(page, 33)  # the buttons of a run that has ended are others
    assert arc.bounding_box() == before


def test_a_click_is_seen_before_it_is_answered(site, learning):
    page, _ = learning
    gate = site.hold(BRANCH)
    shortcut(page, 2).click()
    expect_on(shortcut(page, 2), False)
    gate.wait()
    expect(page.locator(".rv-branch")).to_have_count(0)
    gate.open()
    expect(page.locator(".rv-branch")).to_have_count(2)


def test_a_click_that_is_refused_is_taken_back_and_said(site, learning):
    page, _ = learning
    site.refuse(BRANCH, 400, "This would take about 3 days and 9 GB; the limit is 20 min.")
    shortcut(page, 2).click()
    expect(page.get_by_role("status")).to_have_text("This would take about 3 days and 9 GB; the limit is 20 min.")
    expect_on(shortcut(page, 2), True)
    assert query(page) == SMALL


def test_clicks_in_quick_succession_all_count_in_turn(site, finished):
    page = finished
    go_to_step(page, 12)
    until_step(page, 12)
    expect(page.get_by_text("Branches after step 12.")).to_be_visible()
    gate = site.hold(BRANCH)
    shortcut(page, 2).click()
    shortcut(page, 1).click()
    for n in (1, 2):
        expect_on(shortcut(page, n), False)
    gate.wait()
    assert site.once(BRANCH)  # the second waits for the first
    gate.open()
    assert site.wait_for(BRANCH, 2).said() == {"at": 12, "set": {"cut": "1,2"}}
    address_is(page, AT_12.branch(12, cut=[1, 2]))
    until_step(page, 33)
    for n in (1, 2):
        expect_on(shortcut(page, n), False)


def test_a_slider_moved_back_is_where_the_next_click_branches(site, finished):
    page = finished
    cut_at(page, 12, 2)
    address_is(page, AT_12)
    until_step(page, 33)
    expect_tree(page, "from the start", "after step 12: cut shortcut 2")
    go_to_step(page, 12)
    expect_on(shortcut(page, 2), True)  # as the network was there
    until_line(page, LOSS, "residual", "x.length === 12")
    go_to_step(page, 13)
    expect_on(shortcut(page, 2), False)
    page.locator(".rv-branch").first.click()
    address_is(page, SPEC)
    cut_at(page, 20, 1)
    address_is(page, AT_20)
    until_step(page, 33)  # its numbers have come
    expect_tree(page, "from the start", "after step 12: cut shortcut 2", "after step 20: cut shortcut 1")
    page.locator(".rv-branch").nth(1).click()  # nothing is lost
    address_is(page, AT_12)
    until_step(page, 33)
    until_line(page, LOSS, "residual, cut shortcut 1 after 20", "x[0] === 12")


def test_at_the_end_a_click_trains_on(site, finished):
    page = finished
    expect(page.get_by_text("Trains on from here.")).to_be_visible()
    block(page, 2).click()
    longer = SPEC.branch(33, epochs=6, remove=[2])
    address_is(page, longer)
    until_step(page, 66, 66)
    for title in (LOSS, "Digits read correctly (unseen)"):
        axis = f"[...document.querySelectorAll('section')].find((s) => s.getAttribute('aria-label') === {title!r})"
        page.wait_for_function(f"() => {axis}.querySelector('.js-plotly-plot').layout.xaxis.range[1] >= 66")
    until_line(
        page, "Gradient norm of each layer's weights", "residual", "y.filter((v) => v === null || v === 0).length === 2"
    )
    page.get_by_role("slider", name="Step shown").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+z")
    address_is(page, SPEC)
    until_step(page, 33, 33)


def test_before_training_a_click_changes_the_start_and_shows_what_is_measured(site, stage):
    site.use("train")
    page = stage.open(f"train?{SMALL}")
    until_step(page, 33, 33)
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("Changes the start.")).to_be_visible()
    new = SPEC.branch(0, cut=[2])
    site.run(new.digest).learn(0)
    site.run(new.digest).tell(status="paused")
    shortcut(page, 2).click()
    assert site.wait_for(BRANCH).said() == {"at": 0, "set": {"cut": "2"}}
    address_is(page, new)
    expect(page.locator(".rv-step")).to_have_text("before training")
    until_line(
        page,
        "Gradient norm of each layer's weights",
        "residual",
        f"Math.abs(y[0] - {paced.arm_record(new, 'residual', 1).loss}) < 1e-3",
    )
    page.get_by_role("button", name="Play").click()
    site.wait_for(r"POST runs/\w+/want", until=str(10**9))
    site.run(new.digest).learn(33)
    until_step(page, 33, 33)


# -- undo ------------------------------------------------------------------------------------------


def test_undo_goes_back_to_the_parent_and_redo_to_the_branch(site, finished):
    page = finished
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("undo", "redo"))
    expect(undo).to_be_disabled()
    cut_at(page, 12, 2)
    address_is(page, AT_12)
    until_step(page, 33)
    go_to_step(page, 20)
    expect_on(shortcut(page, 2), False)
    shortcut(page, 1).click()
    both = AT_12.branch(20, cut=[1, 2])
    address_is(page, both)
    until_step(page, 33)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    address_is(page, SPEC)
    expect_on(shortcut(page, 2), True)
    expect(undo).to_be_disabled()
    page.keyboard.press("Control+Shift+Z")
    page.keyboard.press("Control+Shift+Z")
    address_is(page, both)
    expect(redo).to_be_disabled()
    undo.click()
    address_is(page, AT_12)


def test_undo_takes_back_the_click_just_made(site, learning):
    page, _ = learning
    new = SPEC.branch(7, cut=[2])
    site.run(new.digest).learn(7)
    gate = site.hold(BRANCH)
    shortcut(page, 2).click()
    page.keyboard.press("Control+z")
    gate.wait()
    gate.open()
    assert site.wait_for(BRANCH).said()["at"] == "next"
    address_is(page, SPEC)
    expect_on(shortcut(page, 2), True)


def test_an_undo_that_the_server_does_not_hear_is_done_when_it_does(site, finished):
    page = finished
    cut_at(page, 12, 2)
    address_is(page, AT_12)
    until_step(page, 33)
    end = site.refuse(SETTINGS, 0)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("The server does not answer. Try again in a moment.")).to_be_visible()
    end()
    address_is(page, SPEC)
    expect(page.get_by_text("The server does not answer.")).to_be_hidden()
    expect_on(shortcut(page, 2), True)


def test_back_and_forward_lead_through_the_branches(finished):
    page = finished
    cut_at(page, 12, 2)
    address_is(page, AT_12)
    page.go_back()
    address_is(page, SPEC)
    expect_on(shortcut(page, 2), True)
    page.go_forward()
    address_is(page, AT_12)
    expect_on(shortcut(page, 2), False)
    page.reload()
    until_step(page, 33)
    expect_on(shortcut(page, 2), False)
    expect_tree(page, "from the start", "after step 12: cut shortcut 2")


# -- the page and the click ------------------------------------------------------------------------


def test_a_link_opened_right_after_a_cut_is_what_is_shown(site, learning):
    page, _ = learning
    gate = site.hold(BRANCH)
    shortcut(page, 2).click()
    gate.wait()
    page.evaluate("pageGoesTo('depth=12&epochs=3')")
    expect(page.get_by_role("switch", name=re.compile("^Shortcut 5,"))).to_be_visible()
    gate.open()
    until_step(page, 33, 33)
    until_line(page, "Gradient norm of each layer's weights", "residual", "x.length === 12")
    frames(page)
    assert query(page) == "depth=12&epochs=3"
    nothing_strange(page)


def test_a_setting_changed_right_after_a_cut_holds_with_it(site, learning):
    page, _ = learning
    site.run(SPEC.branch(7, cut=[2]).digest).learn(7)
    gate = site.hold(BRANCH)
    shortcut(page, 2).click()
    gate.wait()
    settings = site.hold(f"{SETTINGS}.*norm=none")
    page.get_by_label("normalisation").select_option("none")
    settings.wait()
    gate.open()
    until_query(page, shown(SPEC.branch(7, cut=[2])))
    settings.open()
    site.wait_for(f"{SETTINGS}.*edits=7:cut:2.*norm=none")
    until_query(page, BOTH_CHANGED)
    expect(page.get_by_label("normalisation")).to_have_value("none")
    page.keyboard.press("Control+z")
    address_is(page, SPEC.branch(7, cut=[2]))
    page.keyboard.press("Control+z")
    address_is(page, SPEC)


def test_settings_stand_above_and_another_value_is_another_run(site, finished):
    page = finished
    settings = page.get_by_role("group", name="Settings")
    expect(settings.get_by_label("depth")).to_have_value("8")
    expect(page.get_by_text("Two networks, 8 layers deep")).to_be_visible()
    settings.get_by_label("depth").fill("12")
    settings.get_by_label("depth").press("Enter")
    until_query(page, "depth=12&epochs=3")
    expect(page.get_by_role("switch", name=re.compile("^Shortcut 5,"))).to_be_visible()
    expect(page.get_by_text("Two networks, 12 layers deep")).to_be_visible()
    until_step(page, 33, 33)
    settings.get_by_label("learning rate").fill("fast")
    settings.get_by_label("learning rate").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("“fast” cannot be used: allowed is a number from 0.000001 to 100.")
    expect(settings.get_by_label("learning rate")).to_have_value("fast")
    page.keyboard.press("Escape")
    expect(settings.get_by_label("learning rate")).to_have_value("0.02")
    page.get_by_role("button", name="undo", exact=True).click()
    address_is(page, SPEC)
    expect(settings.get_by_label("depth")).to_have_value("8")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_run_that_is_declined_is_said_and_the_settings_stay_to_be_changed(site, finished):
    page = finished
    words = f"{SMALL}&batch=512"
    known = site.answers[asked("train", SMALL)]
    told = {k: v for k, v in known.items() if k not in ("figures", "finding", "run", "network", "fields")}
    says = "This run would take about 3 days; the limit is 20 min."
    barred = {"query": words, "version": "", "status": "waiting", "trouble": says, "barred": True}
    site.answers[asked("train", words)] = {**told, **barred, "values": {**told["values"], "batch": "512"}}
    page.evaluate("(words) => pageGoesTo(words)", words)
    expect(page.get_by_role("alert")).to_have_text(says)
    page.get_by_text("All settings", exact=True).click()
    expect(page.get_by_label("batch", exact=True)).to_have_value("512")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="undo", exact=True).click()
    expect(page.get_by_role("alert")).to_be_hidden()
    until_query(page, SMALL)


def test_a_click_whose_answer_comes_after_its_page_has_gone_does_nothing(site, learning):
    page, _ = learning
    gate = site.hold(BRANCH)
    shortcut(page, 2).click()
    gate.wait()
    page.evaluate("pageIsLeft()")
    frames(page)
    listened = len(site.asked("WATCH runs"))
    gate.open()
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/branch'))"
    )
    frames(page)
    page.evaluate("fetch('/told', { method: 'POST', body: 'after' })")
    assert len(site.asked("WATCH runs")) == listened, "a page that is gone listens to a run"


# -- the form and the tree -------------------------------------------------------------------------


def test_branch_here_takes_other_settings_and_quotes_what_it_cannot_use(site, finished):
    page = finished
    go_to_step(page, 15)
    until_step(page, 15)
    page.get_by_role("button", name="Branch here").click()
    form = page.get_by_role("dialog")
    expect(form.get_by_text("Branch after step 15")).to_be_visible()
    form.get_by_role("button", name="Branch", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("change at least one setting")
    end = site.refuse(BRANCH, 400, "learning rate: “fast” cannot be used: allowed is a number from 0.000001 to 100.")
    form.get_by_label("learning rate").fill("fast")
    form.get_by_role("button", name="Branch", exact=True).click()
    expect(form.get_by_role("alert")).to_have_text(
        "learning rate: “fast” cannot be used: allowed is a number from 0.000001 to 100."
    )
    assert site.wait_for(BRANCH).said() == {"at": 15, "set": {"lr": "fast"}}
    end()
    form.get_by_label("learning rate").fill("0.001")
    form.get_by_label("optimiser").select_option("adam")
    form.get_by_role("button", name="Branch", exact=True).click()
    expect(form).to_have_count(0)
    address_is(page, SPEC.branch(15, optimizer="adam", lr=0.001))
    expect(page.locator(".rv-branch").nth(1)).to_contain_text("learning rate 0.02 to 0.001")


@pytest.mark.parametrize("end", ["Escape", "Cancel"])
def test_the_form_closes_and_gives_the_focus_back(finished, end):
    page = finished
    page.get_by_role("button", name="Branch here").click()
    page.get_by_role("dialog").wait_for()
    if end == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Branch here")).to_be_focused()


def test_the_tree_fits_a_telephone(site, stage):
    site.use("train")
    page = stage.open(f"train?{shown(AT_12)}", telephone=True)
    until_step(page, 33)
    expect(page.locator(".rv-branch")).to_have_count(2)
    page.wait_for_function(
        "() => (({scrollWidth, clientWidth}) => scrollWidth <= clientWidth)(document.querySelector('.rv-tree'))"
    )
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    nothing_strange(page)


def test_a_run_that_has_ended_says_that_one_must_move_back(site, stage):
    """Nothing is left to go on with at its end; from before it, there is."""
    site.use("train")
    run = site.run(SPEC.digest)
    run.records[4]["ended"] = {"plain": "the loss is NaN.", "residual": "the loss is NaN."}
    del run.records[5:]
    run.learn(5)
    page = stage.open(f"train?{SMALL}")
    until_step(page, 5, 33)
    expect(page.get_by_text("Both have ended: move back to branch.")).to_be_visible()
    go_to_step(page, 3)
    expect(page.get_by_text("Branches after step 3.")).to_be_visible()


def test_two_figures_show_the_fork_and_the_other_branch_has_a_name(finished):
    page = finished
    cut_at(page, 12, 2)
    address_is(page, AT_12)
    until_step(page, 33)
    for title in (LOSS, "Digits read correctly (unseen)"):
        expect(region(page, title).locator(".annotation-text", has_text="branch at 12")).to_have_count(1)
    until_line(page, LOSS, "plain, without the change", "x.length > 0")
