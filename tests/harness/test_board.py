"""Several runs against each other on a page: what there is of them, the press that trains the rest, and how far that is."""

import re

import pytest
from playwright.sync_api import expect

from resviz.runs.studies import DEPTHS as RECORDED_DEPTHS
from resviz.runs.studies import Study
from tests.harness.asking import button
from tests.harness.scenes_board import DEPTHS, FULL, OPTIONS, OTHER
from tests.harness.scenes_panel import asked
from tests.harness.seeing import frames, line, nothing_strange, query, region, until_line
from tests.harness.write import words_of

READ, LOSS = "Digits read correctly (unseen)", "Training loss"
WISH, STOP = "GET panel/compared[?]", "POST panel/compared/stop"


def now(site, moment, kind="compared", query=OPTIONS):
    """From here on the server says this of the study, to who has pressed as well."""
    site.answers[asked(kind, query)] = site.answers[f"{moment}: {asked(kind, query)}"]


def board(page, kind="Choices trained against each other"):
    return page.get_by_role("group", name=kind, exact=True)


def titles(page):
    return page.get_by_role("region").evaluate_all("boxes => boxes.map((box) => box.getAttribute('aria-label'))")


def let_through(page, gate):
    """Open a gate, and wait until the browser has the answer that was held there, and has drawn what it makes of it."""
    with page.expect_event("requestfinished", lambda request: "/panel/" in request.url):
        gate.open()
    frames(page)


def later(page):
    """Ten seconds later whatever waits for its time has been done, and has reached the server."""
    page.clock.fast_forward(10_000)
    frames(page)
    page.evaluate("fetch('/told', { method: 'POST', body: '' })")


def drawn(page, title):
    """Wait until a figure is drawn, and what plotly was given for it."""
    plot = region(page, title).locator(".js-plotly-plot")
    expect(plot.locator(".scatterlayer .trace").first).to_be_attached()
    return plot.evaluate("plot => plot.data.map(({ name, x, y }) => [name, Array.from(x), Array.from(y)])")


def until_drawn(page, figure):
    """Wait until a figure has the lines that the server told."""
    wanted = [[trace["name"], trace["x"], trace["y"]] for trace in figure["figure"]["data"]]
    page.wait_for_function(
        """([title, wanted]) => {
          const cards = [...document.querySelectorAll("section[aria-label]")];
          const region = cards.find((box) => box.getAttribute("aria-label") === title);
          const data = region?.querySelector(".js-plotly-plot")?.data;
          return data && JSON.stringify(data.map(({ name, x, y }) => [name, x, y])) === JSON.stringify(wanted);
        }""",
        arg=[figure["title"], wanted],
    )


@pytest.fixture
def options(site, stage):
    """A study of which nothing is there yet, on a page whose clock can be put forward."""
    site.use("boards")
    page = stage.new_page(clock=True)
    page.goto(f"{site.url}/compared?{OPTIONS}")
    expect(page.get_by_text(re.compile("; about .* here$"))).to_be_visible()  # the first look is answered
    return page


# -- what there is ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
def test_it_opens_on_recorded_runs_in_figures_with_a_finding(site, stage, dark):
    site.use("depth")
    page = stage.open("depth", dark=dark)
    expect(page.get_by_text("recorded runs:")).to_be_visible()
    expect(button(page, "Train them here")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_hidden()
    told = site.answers[asked("depth")]
    titles_when_there(page, 5)
    assert titles(page) == [figure["title"] for figure in told["figures"]]
    for figure in told["figures"]:
        for ours, trace in zip(drawn(page, figure["title"]), figure["figure"]["data"], strict=True):
            assert ours == [trace.get("name"), trace["x"], trace["y"]]
    for arm in ("residual", "plain"):
        depths, errors = line(page, told["figures"][0]["title"], arm)
        assert depths == list(RECORDED_DEPTHS) and all(0 <= error <= 1 for error in errors)
    first, *further = told["finding"].split("\n\n")
    expect(page.locator(".rv-finding p")).to_have_text(first)
    expect(page.locator(".rv-panel-further p")).to_have_text(further)
    nothing_strange(page)
    back, text, labels = page.evaluate(
        """() => {
          const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).reduce((sum, v) => sum + Number(v), 0) / 3;
          const shown = (node, name) => light(getComputedStyle(node)[name]);
          const app = document.querySelector(".stApp"), label = document.querySelector(".js-plotly-plot .xtick text");
          return [shown(app, "backgroundColor"), shown(app, "color"), shown(label, "fill")];
        }"""
    )
    assert (back < 128 < min(text, labels)) if dark else (back > 128 > max(text, labels))
    assert not [heard for heard in site.asked("panel") if heard.said().get("anew")]


def test_every_figure_has_its_numbers_as_a_table_and_a_name(site, stage):
    site.use("depth")
    page = stage.open("depth")
    for figure in site.answers[asked("depth")]["figures"]:
        card = region(page, figure["title"])
        expect(card.get_by_role("img").first).to_have_attribute(
            "aria-label", f"{figure['title']}. {figure['note']}. The table has all numbers."
        )
        if "table" not in figure:  # the next test
            continue
        card.locator("summary").click()
        expect(card.get_by_role("columnheader")).to_have_text(figure["table"]["header"])
        rows = card.locator("tbody tr").evaluate_all("rows => rows.map((r) => [...r.cells].map((c) => c.textContent))")
        assert rows == [[str(cell) for cell in row] for row in figure["table"]["rows"]]
        expect(card.get_by_role("rowheader")).to_have_count(len(rows))


def test_what_offers_a_table_has_one(site, stage):
    site.use("depth")
    page = stage.open("depth")
    titles_when_there(page, 5)
    for figure in site.answers[asked("depth")]["figures"]:
        if region(page, figure["title"]).get_by_text("table", exact=True).is_visible():
            assert figure["table"]["rows"]


def test_what_would_be_trained_is_said_before_anybody_presses(options, site):
    said = board(options)
    expect(said).to_contain_text("3 options, 2 seeds each: 6 runs of 8 steps, 4 layers deep; about 1 s here")
    assert titles(options) == []
    expect(options.get_by_role("progressbar")).to_be_hidden()
    expect(options.get_by_role("link", name="Data")).to_be_hidden()
    expect(options.get_by_role("alert")).to_be_hidden()
    later(options)
    (only,) = site.asked("panel/compared")
    assert only.said() == {"changes": [], "anew": False}


# -- a press ---------------------------------------------------------------------------------------


PRESS = "^POST panel/compared[?].* {}$"


def test_a_press_trains_them_and_the_board_fills_in(options, site):
    page = options
    now(site, "asked for")
    button(page, "Train them").focus()
    page.keyboard.press("Enter")
    expect(button(page, "Stop")).to_be_focused()
    bar = page.get_by_role("progressbar", name="Progress")
    expect(bar).to_have_attribute("aria-valuenow", "0")
    assert site.once(PRESS) and titles(page) == []
    now(site, "begun")
    page.clock.fast_forward(2000)
    expect(bar).to_have_attribute("aria-valuenow", "25")  # 12 of 48 steps
    expect(page.get_by_text(re.compile("^1 of 6 runs done, about .* to go$"))).to_be_visible()
    told = site.answers[asked("compared", OPTIONS)]
    assert titles(page) == [READ, LOSS]
    until_drawn(page, told["figures"][0])
    now(site, "finished")
    page.clock.fast_forward(2000)
    expect(page.get_by_text("3 options, 2 seeds each: 6 runs of 8 steps, 4 layers deep", exact=True)).to_be_visible()
    told = site.answers[asked("compared", OPTIONS)]
    until_line(page, READ, "C: projection everywhere", "x.length === 1")  # of two: the other left the range of float32
    until_line(page, READ, "B: projection where needed", "x.length === 2")
    expect(region(page, READ)).to_contain_text("1 of 2 left the range of float32")
    until_drawn(page, told["figures"][1])
    expect(page.locator(".rv-finding p")).to_have_text(told["finding"].split("\n\n")[0])
    expect(bar).to_be_hidden()
    # Whatever it would say: nothing is left to train.
    expect(page.locator(".rv-compute")).to_have_count(1)
    expect(page.locator(".rv-compute")).to_be_hidden()
    labels = [choice.label for choice in Study.of("options", {}).choices]
    region(page, READ).locator("summary").click()
    expect(region(page, READ).get_by_role("rowheader")).to_have_text(labels)
    nothing_strange(page)
    assert site.once(PRESS)  # the rest is asked for without another press


def test_the_data_are_offered_as_soon_as_a_run_is_done(site, stage):
    site.use("boards")
    now(site, "stopped")
    page = stage.open(f"compared?{OPTIONS}")
    link = page.get_by_role("link", name="Data")
    expect(link).to_be_visible()
    address = link.evaluate("link => link.href")
    assert address.startswith(f"{site.url}/panel/compared.csv?")
    assert words_of(address.partition("?")[2]) == words_of(OPTIONS)


def test_stop_keeps_what_is_done_and_a_press_goes_on(options, site):
    page = options
    now(site, "begun")
    button(page, "Train them").click()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    viewer = site.wait_for(WISH).words["viewer"]
    gate = site.hold(STOP)
    button(page, "Stop").click()
    gate.wait()
    assert site.wait_for(STOP).words["viewer"] == viewer
    now(site, "stopped")
    gate.open()
    expect(button(page, "Train the rest")).to_be_visible()
    expect(page.get_by_text(re.compile("^1 of 6 runs done; about .* to go$"))).to_be_visible()
    assert titles(page) == [READ, LOSS]
    now(site, "finished")
    button(page, "Train the rest").click()
    expect(button(page, "Train the rest")).to_be_hidden()
    until_line(page, READ, "B: projection where needed", "x.length === 2")


def test_an_answer_that_was_on_its_way_when_it_was_stopped_starts_nothing_again(options, site):
    page = options
    now(site, "begun")
    wish = site.hold("^POST panel/compared[?].*{}")
    button(page, "Train them").click()
    wish.wait()
    now(site, "stopped")
    button(page, "Stop").click()
    site.wait_for(STOP)
    expect(button(page, "Train the rest")).to_be_visible()
    before = len(site.asked("panel/compared"))
    wish.open()
    later(page)
    assert not [h for h in site.asked("panel/compared")[before:] if h.said()["anew"]]
    expect(button(page, "Train the rest")).to_be_visible()


def test_runs_that_others_have_trained_just_now_are_seen_to_grow(options, site):
    page = options
    now(site, "others")
    page.reload()
    expect(
        page.get_by_text("1 of 6 runs done; being trained just now, in another window or by somebody else")
    ).to_be_visible()
    expect(button(page, "Train the rest")).to_be_visible()
    now(site, "finished")
    page.clock.fast_forward(5000)
    until_line(page, READ, "B: projection where needed", "x.length === 2")
    expect(button(page, "Train the rest")).to_be_hidden()
    assert not site.asked(PRESS)


def test_runs_that_wait_for_others_say_for_how_many(options, site):
    told = site.answers[f"asked for: {asked('compared', OPTIONS)}"]
    says = "0 of 6 runs done; waiting: 2 other trainings are ahead of yours"
    site.answers[f"{asked('compared', OPTIONS).replace('GET', 'POST')} {{}}"] = {**told, "says": says}
    button(options, "Train them").click()
    expect(options.get_by_text(says)).to_be_visible()


# -- what goes wrong -------------------------------------------------------------------------------


def test_what_failed_is_said_and_can_be_tried_again(site, stage):
    site.use("boards")
    now(site, "failed")
    page = stage.open(f"compared?{OPTIONS}")
    expect(page.get_by_role("alert")).to_contain_text(f"A: zero-padded, seed 0: {FULL}")
    expect(board(page)).to_contain_text("6 runs of 8 steps, 4 layers deep; 1 failed")
    titles_when_there(page, 2)
    now(site, "begun")
    button(page, "Try again").click()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    assert site.once(PRESS)
    now(site, "finished")
    until_line(page, READ, "B: projection where needed", "x.length === 2")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_words_of_the_server_are_words_and_no_markup(site, stage):
    site.use("boards")
    site.refuse("panel/compared", 400, "seeds=<img src=x onerror=alert(1)>: allowed is <b>1</b>")
    page = stage.open(f"compared?{OPTIONS}")
    expect(page.get_by_role("alert")).to_contain_text("seeds=<img src=x onerror=alert(1)>: allowed is <b>1</b>")
    assert page.locator("main :is(img:not([aria-label]), b)").count() == 0


def test_a_server_that_does_not_answer_is_asked_again(options, site):
    page = options
    again = site.refuse("panel/compared", 0)
    button(page, "Train them").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer. Try again in a moment.")
    expect(button(page, "Stop")).to_be_visible()
    now(site, "finished")
    again()
    page.clock.fast_forward(10_000)
    until_line(page, READ, "B: projection where needed", "x.length === 2")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert site.wait_for(PRESS)  # it is not lost


# -- the page around it ----------------------------------------------------------------------------


def test_another_setting_is_another_study_and_the_one_before_is_gone_from_the_screen(site, stage):
    site.use("boards")
    now(site, "begun", "depth", DEPTHS)
    page = stage.open(f"depth?{DEPTHS}")
    titles_when_there(page, 5)
    gate = site.hold("panel/depth.*depths=8,12")
    field = page.get_by_label("depths", exact=True)
    field.fill("8,12")
    field.press("Enter")
    gate.wait()
    gate.open()
    expect(page.get_by_role("region")).to_have_count(0)  # they were of other settings
    expect(button(page, "Train them")).to_be_visible()
    expect(board(page, "Error against depth")).to_contain_text(
        "2 depths, one seed each: 2 runs of 2 steps, both networks in each"
    )
    assert page.locator(".rv-finding").inner_text() == ""
    assert words_of(query(page)) == words_of(OTHER)
    page.keyboard.press("Escape")
    button(page, "Undo").click()
    titles_when_there(page, 5)


def test_a_rerun_of_the_page_changes_nothing_on_screen(site, stage):
    site.use("boards")
    now(site, "finished", "depth", DEPTHS)
    page = stage.open(f"depth?{DEPTHS}")
    titled = titles_when_there(page, 5)
    card = region(page, titled[0])
    card.locator("summary").click()
    card.locator("summary").focus()
    node = card.element_handle()
    page.evaluate(f"pageRuns('{DEPTHS}')")
    frames(page)
    assert node.evaluate("node => node.isConnected && node.contains(document.activeElement)")
    expect(card.locator("tbody tr").first).to_be_visible()
    assert site.once("panel/depth")


def titles_when_there(page, number):
    expect(page.get_by_role("region")).to_have_count(number)
    return titles(page)


def test_a_page_that_is_left_asks_no_more(options, site):
    page = options
    now(site, "begun")
    button(page, "Train them").click()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    gate = site.hold("panel/compared")
    page.clock.fast_forward(2000)
    gate.wait()
    page.evaluate("pageIsLeft()")
    before = len(site.asked("panel/compared"))
    gate.open()
    later(page)
    assert len(site.asked("panel/compared")) == before


# -- by itself -------------------------------------------------------------------------------------


def test_what_begins_by_itself_does_so_when_somebody_looks(site, stage):
    site.use("by_itself")
    now(site, "begun", "calm", "")
    page = stage.new_page()
    page.set_viewport_size({"width": 1366, "height": 80})  # it lies below
    page.goto(f"{site.url}/calm")
    frames(page)
    assert not site.asked("panel")
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(page.get_by_text(re.compile("^step 66 of 132, about .* to go$"))).to_be_visible()
    expect(button(page, "Stop")).to_be_visible()
    now(site, "finished", "calm", "")
    told = site.answers[asked("calm")]["figures"]
    titles_when_there(page, 2)
    for figure in told:
        until_line(page, figure["title"], "after 100 updates", "x.length === 55")
        assert len(drawn(page, figure["title"])) == 4
    expect(page.locator(".rv-finding")).to_contain_text("Before the first update")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
