"""A panel: settings, figures and a finding, asked for while a person changes things; what is said of answers that are late,
refused or under way."""

import re
from itertools import groupby

import pytest
from playwright.sync_api import expect

from resviz.topics.solve.question import SolveSpec
from resviz.ui.panel import Control
from resviz.ui.panels import PANELS
from resviz.words.say import written
from tests.axe import audit
from tests.harness.asking import (
    CELLS,
    VIEWS,
    button,
    cells,
    choose,
    drag,
    now,
    opened,
    scheme,
    settled,
    shows,
    slide,
    slider,
    told,
)
from tests.harness.scenes_panel import asked
from tests.harness.seeing import frames, line, nothing_strange, query, region
from tests.telephone import fits_a_telephone
from tests.topics.calculator.scenes import BESIDE, DEEP, PAIR
from tests.topics.flow.scenes import FLOW
from tests.topics.solve.scenes import FAR, LONG

STOPS = next(p.stops for p in PANELS["solve"].parts(SolveSpec()) if isinstance(p, Control) and p.name == "n")
OPENED = ("attribution", "count", "flow", "landscape", "lesion", "rollout")
MOONS, SEED = f"data=moons&{FLOW}", f"{FLOW}&seed=2"


# -- what is there -----------------------------------------------------------------------------------


# Some of each way of drawing: tests/browser/test_every_page.py opens all of them, light and dark, wide and narrow.
@pytest.mark.parametrize("kind", OPENED)
def test_a_panel_opens_with_its_figures_filled(site, stage, kind):
    page = opened(site, stage, kind, dark=True)
    answer = told(site, kind, VIEWS[kind][2])
    titles = page.get_by_role("region").evaluate_all("boxes => boxes.map((box) => box.getAttribute('aria-label'))")
    assert titles == [figure["title"] for figure in answer["figures"]]
    for figure in answer["figures"]:
        if "figure" in figure:
            plot = region(page, figure["title"]).locator(".js-plotly-plot")
            expect(plot.locator(".main-svg").first).to_be_attached()
            names = plot.evaluate("plot => plot.data.map((trace) => trace.name)")
            assert names == [trace.get("name") for trace in figure["figure"]["data"]]
            assert plot.evaluate("plot => plot.data.some((t) => t.x?.length && t.y?.length)")
    nothing_strange(page)
    assert page.locator("[role=img]:not([aria-label])").count() == 0
    back, text, labels = scheme(page)
    assert back < 128 < min(ink for ink in (text, labels) if ink is not None)
    assert not site.asked("^POST")
    assert query(page) == VIEWS[kind][1].partition("?")[2], "the address is left as it was opened"


def test_settings_show_what_the_page_hands_down_with_words_beside_each_slider(site, stage):
    page = opened(site, stage, "flow")
    assert page.get_by_role("combobox", name="points").input_value() == "spirals"
    assert slider(page, "blocks").get_attribute("aria-valuetext") == "3"
    expect(page.get_by_text("blocks 3", exact=True)).to_be_visible()
    page.get_by_text("More", exact=True).click()
    values = told(site, "flow", FLOW)["values"]
    for label, name in (("width", "hidden"), ("training steps", "steps"), ("learning rate", "lr")):
        assert page.get_by_label(label, exact=True).input_value() == values[name]


def test_every_figure_has_its_numbers_as_a_table_and_all_of_them_are_a_file(site, stage):
    page = opened(site, stage, "solve")
    drag(page, "steps", STOPS.index(13))
    shows(page, told(site, "solve", LONG))
    for figure in told(site, "solve", LONG)["figures"]:
        table = figure.get("rows") or figure["table"]
        card = region(page, figure["title"])
        found = cells(card) if "table" in figure else card.locator("tbody tr").evaluate_all(CELLS)
        assert found == [[str(cell) for cell in row] for row in table["rows"]]
        expect(card.get_by_role("columnheader")).to_have_text([str(text) for text in table["header"]])
        expect(card.get_by_role("rowheader")).to_have_count(len(found))
    with page.expect_download() as download:
        page.get_by_role("link", name="Data").click()
    assert download.value.path().read_bytes().decode() == site.answers[asked("solve", LONG, ".csv")]


def test_what_left_the_range_of_floats_is_a_gap_and_not_drawn(site, stage):
    site.use("solve")
    page = stage.open(f"euler?view=solve&{FAR}")
    shows(page, told(site, "solve", FAR))
    expect(page.locator(".rv-finding")).to_contain_text("left the range of floats at step 14")
    nothing_strange(page)
    for plot in page.locator(".js-plotly-plot").all():
        paths = plot.locator(".scatterlayer path").evaluate_all("paths => paths.map((path) => path.getAttribute('d'))")
        assert paths and not any(re.search("NaN|Infinity", d or "") for d in paths)


@pytest.fixture
def without_library(site, stage):
    """A page whose drawing library is on its way and will not come, and whose answer is: both gates."""
    site.use("lengths")
    site.refuse("plotly")
    library, answer = site.hold("plotly"), site.hold("GET panel")
    page = stage.open("paths?view=lengths", alone=True)
    library.wait()
    answer.wait()
    return page, library, answer


NO_LIBRARY = re.compile("^The drawing library did not load. Reload the page.")


def test_a_panel_without_its_drawing_library_says_so(site, without_library):
    page, library, answer = without_library
    answer.open()
    shows(page, told(site, "lengths"), still=True)
    library.open()
    expect(page.get_by_role("alert")).to_have_text(NO_LIBRARY)


def test_a_panel_without_its_drawing_library_still_says_so_after_the_answer(site, without_library):
    page, library, answer = without_library
    library.open()
    expect(page.get_by_role("alert")).to_have_text(NO_LIBRARY)
    answer.open()
    shows(page, told(site, "lengths"), still=True)
    expect(page.get_by_role("alert")).to_have_text(NO_LIBRARY)


# -- a person changes settings -----------------------------------------------------------------------


def test_while_a_slider_is_dragged_each_place_is_asked_and_drawn_as_theory_says(site, stage):
    page = opened(site, stage, "solve", clock=True)
    radii = []
    for words, n in (("", 50), (LONG, 13)):
        if words:
            drag(page, "steps", STOPS.index(n))  # and not let go
        shows(page, told(site, "solve", words))
        h = SolveSpec(n=n).h
        x, y = line(page, told(site, "solve", words)["figures"][0]["title"], "forward Euler")
        radii.append(x[-1] ** 2 + y[-1] ** 2)
        assert radii[-1] == pytest.approx((1 + h * h) ** n, rel=1e-3)
        assert slider(page, "steps").get_attribute("aria-valuetext") == f"h = {written(h)}, {n} steps"
    assert radii[0] < radii[1]
    page.wait_for_url(f"**/euler?view=solve&{LONG}")


def test_what_is_typed_and_taken_back_while_an_answer_comes_gives_way_to_it(site, stage):
    page = opened(site, stage, "solve", clock=True)
    page.get_by_text("More", exact=True).click()
    start = page.get_by_label("start", exact=True)
    start.focus()
    page.keyboard.type("1")
    answer = told(site, "solve", LONG)
    site.answers[asked("solve", LONG)] = answer | {"values": answer["values"] | {"start": "2,0"}}
    drag(page, "steps", STOPS.index(13))  # the focus stays where it is
    shows(page, answer)
    assert start.input_value() == "1"
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    expect(start).to_have_value("2,0")


def test_what_the_address_holds_for_streamlit_stays_in_it(site, stage):
    site.use("solve")
    page = stage.open("euler?view=solve&embed_options=a&embed_options=b")
    shows(page, told(site, "solve"))
    slide(page, "steps", STOPS.index(13))
    shows(page, told(site, "solve", LONG))
    assert query(page) == f"view=solve&embed_options=a&embed_options=b&{LONG}"


def test_what_is_learnt_is_asked_when_the_slider_is_let_go(site, stage):
    page = opened(site, stage, "flow")
    drag(page, "seed", 2)
    drag(page, "seed", 7)
    frames(page)
    slide(page, "seed", 2)
    site.wait_for(asked("flow", SEED).replace("?", "[?]"))
    assert [heard.words["seed"] for heard in site.asked("seed=")][:1] == ["2"]
    assert not site.asked("seed=7")


def test_of_several_quick_changes_the_latest_is_asked_when_the_one_on_its_way_is_answered(site, stage):
    page = opened(site, stage, "unravel", clock=True)
    gate = site.hold("opened=0")
    slide(page, "unrolled", 0)
    gate.wait()
    for stop in (1, 2, 1):
        drag(page, "unrolled", stop)
    frames(page)
    assert [heard.words.get("opened") for heard in site.asked("GET panel")] == [None, "0"]
    gate.open()
    shows(page, told(site, "unravel", "opened=1"))
    assert [heard.words.get("opened") for heard in site.asked("GET panel")] == [None, "0", "1"]
    settled(page)
    page.wait_for_url("**opened=1")
    page.keyboard.press("Control+z")  # a slider that is dragged is one step of a person
    shows(page, told(site, "unravel", "opened=0"))


def test_changes_are_taken_back_and_made_again_step_by_step(site, stage):
    page = opened(site, stage, "unravel", clock=True)
    undo = button(page, "Undo")
    expect(undo).to_be_hidden()
    for stop, words in ((1, "opened=1"), (0, "opened=0")):
        slide(page, "unrolled", stop)
        shows(page, told(site, "unravel", words))
        settled(page)
        page.wait_for_url(f"**{words}")
    undo.click()
    shows(page, told(site, "unravel", "opened=1"))
    page.keyboard.press("Meta+z")
    shows(page, told(site, "unravel"))
    expect(undo).to_be_hidden()
    page.keyboard.press("Control+z")  # nothing is left
    page.keyboard.press("Control+Shift+z")
    shows(page, told(site, "unravel", "opened=1"))
    page.keyboard.press("Control+Shift+z")
    shows(page, told(site, "unravel", "opened=0"))
    page.wait_for_url("**opened=0")
    assert slider(page, "unrolled").input_value() == "0"


def test_ctrl_z_in_a_line_of_text_is_the_browsers_own(site, stage):
    page = opened(site, stage, "solve", clock=True)
    slide(page, "steps", STOPS.index(13))
    shows(page, told(site, "solve", LONG))
    settled(page)
    expect(button(page, "Undo")).to_be_visible()
    page.get_by_text("More", exact=True).click()
    page.get_by_label("start", exact=True).focus()
    page.keyboard.press("Control+z")
    frames(page)
    page.keyboard.press("Escape")
    slider(page, "steps").focus()
    shows(page, told(site, "solve", LONG))
    page.keyboard.press("Control+z")
    shows(page, told(site, "solve"))


def test_back_and_forward_lead_through_the_settings(site, stage):
    page = opened(site, stage, "solve", clock=True)
    slide(page, "steps", STOPS.index(13))
    shows(page, told(site, "solve", LONG))
    settled(page)
    page.wait_for_url(f"**{LONG}")
    page.go_back()
    shows(page, told(site, "solve"))
    assert slider(page, "steps").input_value() == str(STOPS.index(51)), "50 is nearest to that"
    page.go_forward()
    shows(page, told(site, "solve", LONG))
    page.go_back()
    shows(page, told(site, "solve"))
    page.keyboard.press("Control+z")  # to go back was a change, too
    shows(page, told(site, "solve", LONG))
    page.reload()
    shows(page, told(site, "solve", LONG))


def test_a_link_of_the_page_leads_to_other_settings_and_a_run_of_the_page_does_not_lead_back(site, stage):
    page = opened(site, stage, "solve")
    slide(page, "steps", STOPS.index(13))
    shows(page, told(site, "solve", LONG))
    page.evaluate("pageRuns('view=solve')")  # with what Streamlit knows of the address
    frames(page)
    shows(page, told(site, "solve", LONG))
    assert query(page) == f"view=solve&{LONG}"
    page.evaluate("pageGoesTo('view=solve')")
    shows(page, told(site, "solve"))
    numbers = [n for n, _ in groupby(heard.words.get("n") for heard in site.asked("GET panel"))]
    assert numbers == [None, "13", None]


def test_changes_made_before_an_answer_all_hold_and_their_settings_are_not_taken_back(site, stage):
    """As on a slow server: the answer to the first change knows nothing of the second."""
    page = opened(site, stage, "count")
    gate = site.hold("panel/count[?]net=resnet50$")
    choose(page, "beside it", "")
    gate.wait()
    choose(page, "network", "vgg16")
    frames(page)
    gate.open()
    shows(page, told(site, "count", "net=vgg16"))
    page.wait_for_url("**/calculator?net=vgg16")
    networks = [heard.words.get("net") for heard in site.asked("panel/count")]
    assert networks == [None, "resnet50", "vgg16"]
    button(page, "Undo").click()
    shows(page, told(site, "count", "net=resnet50"))
    page.keyboard.press("Control+z")
    shows(page, told(site, "count", PAIR))


def test_undo_while_an_answer_is_on_its_way_wins(site, stage):
    page = opened(site, stage, "count")
    choose(page, "network", "vgg16")
    shows(page, told(site, "count", BESIDE))
    gate = site.hold("net=vgg16$")
    choose(page, "beside it", "")
    gate.wait()
    page.keyboard.press("Control+z")  # takes back what has not been answered
    shows(page, told(site, "count", BESIDE))
    expect(page.get_by_role("combobox", name="beside it")).to_have_value("resnet34")
    gate.open()
    frames(page)
    shows(page, told(site, "count", BESIDE))
    expect(page.get_by_role("combobox", name="beside it")).to_have_value("resnet34")
    page.wait_for_url(f"**/calculator?{BESIDE}")
    page.keyboard.press("Control+z")
    shows(page, told(site, "count", PAIR))


def test_named_settings_modes_and_names_are_pressed(site, stage):
    page = opened(site, stage, "count")
    pair = button(page, "ResNet-50 and 34")
    expect(pair).to_have_attribute("aria-pressed", "true")
    button(page, "152 layers of basic blocks").click()
    shows(page, told(site, "count", DEEP))
    expect(pair).to_have_attribute("aria-pressed", "false")
    pair.click()
    shows(page, told(site, "count", PAIR))
    choose(page, "unit", "flops")
    shows(page, told(site, "count", f"{PAIR}&unit=flops"))
    button(page, "One block").click()
    shows(page, told(site, "count", "net=block&unit=flops"))
    expect(button(page, "One block")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("combobox", name="network")).to_have_count(0)
    button(page, "A network").click()
    shows(page, told(site, "count", f"{PAIR}&unit=flops"))
    choose(page, "unit", "macs")
    shows(page, told(site, "count", PAIR))
    page.get_by_text("How it is counted", exact=True).click()
    button(page, "fully connected layers").click()
    shows(page, told(site, "count", f"{PAIR}&counted=conv,projection"))
    expect(button(page, "fully connected layers")).to_have_attribute("aria-pressed", "false")


def test_a_setting_keeps_the_focus_when_the_settings_around_it_change(site, stage):
    page = opened(site, stage, "count")
    network = page.get_by_role("combobox", name="network")
    network.focus()
    network.select_option("vgg16")
    shows(page, told(site, "count", BESIDE))
    expect(network).to_be_focused()


def test_what_of_a_link_cannot_be_used_is_said_until_something_is_changed(site, stage):
    site.use("calculator")
    answer = told(site, "count", PAIR)
    site.answers[asked("count", "net=pie")] = {
        **answer,
        "problems": ["net=pie: allowed is one of resnet18", "<img>: no"],
    }
    page = stage.open("calculator?net=pie")
    shows(page, answer)
    said_so = page.get_by_role("alert")
    expect(said_so).to_contain_text("Not every setting in the link can be used")
    expect(said_so).to_contain_text("net=pie: allowed is one of resnet18")
    expect(said_so).to_contain_text("<img>: no")
    choose(page, "network", "vgg16")
    shows(page, told(site, "count", BESIDE))
    expect(said_so).to_be_hidden()


def test_a_damaged_link_is_corrected_in_the_address_and_said_until_something_is_changed(site, stage):
    site.use("calculator")
    answer = told(site, "count", PAIR)
    says = "The link was damaged on its way: “net=vgg16.” was read as net=vgg16."
    site.answers[asked("count", "net=vgg16.&utm_source=chat&amp;lecture=1")] = {
        **answer,
        "read": {"says": says, "query": PAIR, "around": "lecture=1"},
    }
    page = stage.open("calculator?net=vgg16.&utm_source=chat&amp;lecture=1")
    shows(page, answer)
    said_so = page.get_by_role("alert")
    expect(said_so).to_contain_text(says)
    assert query(page) == f"lecture=1&{PAIR}"
    assert page.evaluate("history.length") == 2, "a step back would lead to the damaged link"
    choose(page, "network", "vgg16")
    shows(page, told(site, "count", BESIDE))
    expect(said_so).to_be_hidden()


def test_a_guess_is_held_against_what_is_counted_and_leaves_with_it(site, stage):
    page = opened(site, stage, "count")
    button(page, "Guess first").click()
    expect(page.get_by_text("152 basic layers", exact=False).last).to_be_visible()
    button(page, "fewer").click()
    shows(page, told(site, "count", DEEP))
    assert audit(page) == []
    verdict = page.get_by_role("status")
    expect(verdict).to_contain_text(f"Right: fewer. {told(site, 'count', DEEP)['truth'][1]}")
    expect(verdict).to_contain_text("1 of 1 right so far")
    expect(page.get_by_role("group", name="Guess first").get_by_role("button")).to_have_text(["Next question", "✕"])
    page.keyboard.press("Control+z")  # other settings than those that the verdict is about
    shows(page, told(site, "count", PAIR))
    expect(verdict).to_be_empty()
    page.get_by_role("group", name="Guess first").get_by_role("button").first.focus()
    page.keyboard.press("Escape")
    expect(button(page, "Guess first")).to_be_focused()


def test_a_guess_covers_the_figures_once_and_the_question_never_lies_on_what_stands_below(site, stage):
    page = opened(site, stage, "solve", clock=True)
    page.set_viewport_size({"width": 700, "height": 844})
    chart = region(page, told(site, "solve")["figures"][0]["title"])
    button(page, "Guess first").click()
    expect(chart).to_be_hidden()
    assert audit(page) == []
    button(page, "about half").click()
    expect(chart).to_be_visible()
    verdict, says = page.locator(".rv-guess-verdict"), told(site, "solve")["truth"]
    expect(verdict).to_contain_text(f"Right: {says[0]}. {says[1]}")
    question, finding = page.get_by_role("group", name="Guess first"), page.locator(".rv-finding")
    bottom = question.bounding_box()["y"] + question.bounding_box()["height"]
    assert bottom <= finding.bounding_box()["y"]
    slide(page, "steps", STOPS.index(13))  # somebody looks on
    shows(page, told(site, "solve", LONG))
    expect(verdict).to_be_empty()
    expect(chart).to_be_visible()
    button(page, "Again").click()
    expect(chart).to_be_hidden()
    page.get_by_role("button", name="Close the question").click()  # without a guess
    expect(chart).to_be_visible()


def test_what_begins_when_it_is_seen_fills_in_and_a_failure_can_be_tried_again(site, stage):
    site.use("shattered")
    page = stage.new_page()
    now(site, "failed", "shattered")
    page.goto(f"{site.url}/shattered?depth=8")
    expect(page.get_by_role("alert")).to_have_text(re.compile("^There was not enough memory."))
    assert "depth" not in site.wait_for("panel/shattered").words, "its settings are its own"
    now(site, "finished", "shattered")
    button(page, "Measure again").click()
    shows(page, told(site, "shattered"))
    expect(page.get_by_role("alert")).to_be_hidden()
    for title, name in ((f["title"], f["figure"]["data"][0]["name"]) for f in told(site, "shattered")["figures"]):
        assert line(page, title, name)[0]
    nothing_strange(page)


def test_an_answer_that_comes_after_the_page_went_elsewhere_is_not_shown(site, stage):
    page = opened(site, stage, "flow")
    gate = site.hold("seed=2")
    slide(page, "seed", 2)
    gate.wait()
    page.evaluate(f"pageGoesTo({MOONS!r})")
    shows(page, told(site, "flow", MOONS))
    gate.open()
    frames(page)
    shows(page, told(site, "flow", MOONS))
    assert page.get_by_role("combobox", name="points").input_value() == "moons"
    expect(button(page, "Train again")).to_be_visible()
    assert site.once("seed=2")  # nobody asks again for what nobody looks at


WRONG = {  # what is written in a field that cannot take it, and what is said beside that: a number, a text, nothing at all
    ("depth", "9999"): "“9999” cannot be used: allowed is a whole number from 2 to 1,202; nearest that works: 1202.",
    ("learning rate", "fast"): "“fast” cannot be used: allowed is a number from 0.000001 to 100.",
    (
        "learning rate",
        "1,024",
    ): "“1,024” cannot be used: it can be read as 1024 and as 1.024; write the one that you mean; "
    "allowed is a number from 0.000001 to 100.",
    (
        "depth",
        "60,000",
    ): "“60,000” cannot be used: allowed is a whole number from 2 to 1,202; nearest that works: 1202.",
    ("seed", ""): "A value is missing: allowed is a whole number from 0 to 2,147,483,647.",
}


def test_what_is_refused_stays_in_its_field_with_one_sentence_beside_it(site, stage):
    fixture, place, words = VIEWS["way"]
    site.use(fixture)
    page = stage.open(place)
    expect(page.locator(".rv-finding")).not_to_be_empty()
    for (label, text), says in WRONG.items():
        field = page.get_by_label(label, exact=True)
        before = field.input_value()
        field.fill(text)
        field.press("Tab")
        alert = page.get_by_role("alert")
        expect(alert).to_have_text(says)
        expect(field).to_have_value(text)
        expect(field).to_have_accessible_description(says)
        assert alert.bounding_box()["y"] == pytest.approx(field.bounding_box()["y"] + 38, abs=4)
        assert audit(page) == []
        field.press("Escape")
        expect(alert).to_be_hidden()
        expect(field).to_have_value(before)
    assert query(page) == words


def test_what_is_refused_outlasts_other_changes_and_opens_what_was_closed_over_it(site, stage):
    page = opened(site, stage, "solve", clock=True)
    page.get_by_text("More", exact=True).click()
    start = page.get_by_label("start", exact=True)
    start.fill("far away")
    page.locator(".rv-finding").click()  # closes what the field is in
    says = re.compile("^“far away” cannot be used: allowed is ")
    expect(page.get_by_role("alert")).to_have_text(says)
    expect(start).to_have_value("far away")
    shows(page, told(site, "solve"))
    settled(page)
    assert query(page) == "view=solve"
    slide(page, "steps", STOPS.index(13))
    shows(page, told(site, "solve", LONG))
    expect(page.get_by_role("alert")).to_have_text(says)
    assert "start" not in site.wait_for("n=13").words
    page.evaluate("history.back()")  # all settings are others
    shows(page, told(site, "solve"))
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(start).to_have_value("")


def test_a_server_that_does_not_answer_is_said_and_another_try_helps(site, stage):
    page = opened(site, stage, "solve")
    again = site.refuse("GET panel.*n=13", 0)
    drag(page, "steps", STOPS.index(13))
    expect(page.get_by_role("alert")).to_have_text(re.compile("^The server does not answer. Try again in a moment."))
    shows(page, told(site, "solve"))
    assert slider(page, "steps").input_value() == str(STOPS.index(13)), "what was chosen stays"
    again()  # and is asked for again, without another press
    shows(page, told(site, "solve", LONG))
    expect(page.get_by_role("alert")).to_be_hidden()


def test_more_settings_open_and_close_and_on_a_telephone_all_of_them_are_behind_one_button(site, stage):
    page = opened(site, stage, "attribution")
    width = page.get_by_label("width", exact=True)
    more = page.get_by_text("More", exact=True)
    for closes in (lambda: page.keyboard.press("Escape"), lambda: page.locator(".rv-finding").click()):
        more.click()
        expect(width).to_be_visible()
        width.focus()
        closes()
        expect(width).to_be_hidden()
    fold, depth = page.get_by_role("button", name=re.compile("^Settings")), page.get_by_label("depth", exact=True)
    expect(fold).to_be_hidden()
    fits_a_telephone(page)
    expect(depth).to_be_hidden()
    expect(fold).to_contain_text("depth 8, method integrated gradients")
    expect(button(page, "Guess first")).to_be_visible()
    fold.click()
    expect(depth).to_be_visible()
    expect(fold).to_have_attribute("aria-expanded", "true")
    more.click()
    fits_a_telephone(page)


def test_the_link_is_copied_or_else_shown(site, stage):
    page = opened(site, stage, "solve", clock=True, permissions=["clipboard-read", "clipboard-write"])
    drag(page, "steps", STOPS.index(13))
    shows(page, told(site, "solve", LONG))
    page.get_by_role("button", name="Link").click()
    expect(button(page, "Copied")).to_be_visible()
    link = f"{site.url}/euler?view=solve&{LONG}"
    assert page.evaluate("navigator.clipboard.readText()") == link
    settled(page)
    settled(page)
    expect(button(page, "Link")).to_be_visible()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    prompts = []
    page.once("dialog", lambda dialog: (prompts.append((dialog.message, dialog.default_value)), dialog.dismiss()))
    button(page, "Link").click()
    assert prompts == [("The link:", link)]
