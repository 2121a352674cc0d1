"""The Train page with a real server: real networks and their bits, and the same page over runs that learn at the test's pace."""

import re

import pytest
from playwright.sync_api import expect

from resviz.families.resnet.spec import Spec
from resviz.runs.store import Store
from resviz.train.records import History, Record
from resviz.train.twins.initial import Initial
from resviz.train.twins.lockstep import train
from tests.harness.seeing import (
    block,
    expect_on,
    go_to_step,
    nothing_strange,
    query,
    region,
    shortcut,
    until_line,
    until_query,
    until_step,
)
from tests.inside import saved, watched
from tests.runs.waiting import wait

SMALL = "depth=8&epochs=3"  # 33 steps
LOSS, ACCURACY, GRADIENTS = "Training loss", "Digits read correctly (unseen)", "Gradient norm of each layer's weights"


def spec_of(seed: int, **words: str) -> Spec:
    return Spec.of({"depth": "8", "epochs": "3", "seed": str(seed), "device": "cpu", **words})


def kept(server, spec: Spec) -> History:
    """A finished run as the server's store has it, to the last bit, when it is there."""
    store = Store(server.home)
    found, message = wait(lambda: (loaded := store.load(spec.digest))[0] and loaded, "the run in the store")
    store.close()
    assert not message
    return found.history


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def begun(paced, seed):
    """How often the paced trainer began a run of this seed, whatever was changed on the way."""
    return [line for line in (paced.folder / "log").read_text().splitlines() if re.match(rf"begin {seed}(@|$| )", line)]


@pytest.fixture(autouse=True)
def no_gate_stays(request):
    """What a failed test has held would hold up all that come after it."""
    yield
    if "paced" in request.fixturenames:
        for pattern in ("hold*", "raise*", "die*"):
            for gate in request.getfixturevalue("paced").folder.glob(pattern):
                gate.unlink()


# -- real networks ---------------------------------------------------------------------------------


@pytest.mark.heavy
def test_real_networks_are_trained_in_one_screen_a_change_reaches_the_address_and_a_reload_finds_them(server, new_page):
    page, errors, _ = watched(new_page, f"{server.url}/train?{SMALL}&seed=71")
    expect(page.get_by_role("heading", name="What happens when both learn?")).to_be_visible()
    until_step(page, 33, 33)
    for title in (LOSS, ACCURACY, "Finding"):
        box = region(page, title).bounding_box()
        assert box["y"] + box["height"] <= 768, title
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".rv-finding")).to_contain_text("%")
    expect(page.locator(".rv-facts")).to_contain_text("same starting weights ✓")
    history = kept(server, spec_of(71))
    assert history.records == [event for event in train(spec_of(71)) if isinstance(event, Record)]
    for arm in ("residual", "plain"):
        x, y = until_line(page, LOSS, arm, "x.length === 33")
        assert (x, y) == (list(range(1, 34)), pytest.approx(history.column(arm, "loss")[1], rel=1e-3))
    depth = page.get_by_role("spinbutton", name="depth")
    depth.fill("12")
    depth.press("Enter")
    page.wait_for_url(re.compile("depth=12"))
    expect(shortcut(page, 5)).to_be_visible()
    until_step(page, 33, 33)
    until_query(page, "depth=12&epochs=3&seed=71")
    _, y = until_line(page, LOSS, "residual", "x.length === 33")
    trained = server.told()["trained"]
    page.reload()
    until_step(page, 33, 33)
    assert until_line(page, LOSS, "residual", "x.length === 33")[1] == y
    assert server.told()["trained"] == trained, "what is kept was trained again"
    nothing_strange(page)
    assert not errors


@pytest.mark.heavy
def test_a_cut_while_real_networks_learn_is_the_run_that_its_link_makes_from_nothing(server, new_page):
    page = new_page()
    # The first wish is for ten steps only: the run waits there, still to be learnt on.
    page.route("**/want?*", lambda route: route.continue_(url=re.sub(r"until=\d+", "until=10", route.request.url)))
    page.goto(f"{server.url}/train?{SMALL}&seed=72")
    until_step(page, 10, 33)
    expect(page.get_by_text("Acts at the next step.")).to_be_visible()
    page.unroute("**/want?*")
    shortcut(page, 2).click()
    until_step(page, 33, 33)
    page.wait_for_url(re.compile("edits="))
    at = int(re.search(r"edits=(\d+):cut:2$", query(page))[1])
    assert at >= 10
    expect(page.locator(".rv-branch", has_text=f"after step {at}: cut shortcut 2")).to_be_visible()
    expect(page.locator(".rv-finding")).to_contain_text(f"You cut shortcut 2 after step {at}.")
    spec = spec_of(72, edits=f"{at}:cut:2")
    assert kept(server, spec).records == [event for event in train(spec) if isinstance(event, Record)]
    without = [event for event in train(spec_of(72)) if isinstance(event, Record)]
    until_line(page, LOSS, "residual, without the change", "x.at(-1) === 33")  # it is trained beside, to be compared
    assert kept(server, spec_of(72)).records == without


@pytest.mark.heavy
def test_before_training_a_click_is_measured_and_trains_nothing(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=73")
    until_step(page, 33, 33)
    press(page, "Reset")
    trained = server.told()["trained"]
    shortcut(page, 2).click()
    page.wait_for_url(re.compile("cut=2"))
    expect(page.locator(".rv-step")).to_have_text("before training")
    initial = Initial()
    norm = initial(spec_of(73, cut="2")).arms["residual"].grad_norm[0]
    initial.close()
    until_line(page, GRADIENTS, "residual", f"Math.abs(y[0] - {norm}) <= 1e-3 * {norm}")
    assert server.told(f"status/{spec_of(73, cut='2').digest}")["done"] == 0
    assert server.told()["trained"] == trained, "a look before training trained something"
    press(page, "Play")
    until_step(page, 33, 33)
    press(page, "undo")
    page.wait_for_function("() => !location.search.includes('cut=2')")
    expect_on(shortcut(page, 2))


def test_numbers_and_code_are_files(server, new_page):
    page = new_page(f"{server.url}/train?{SMALL}&seed=74")
    until_step(page, 33, 33)
    lines = saved(page, "Data").path().read_text().splitlines()
    assert len(lines) == 34
    assert lines[0].startswith("step,epoch,lr,residual.loss")
    assert "import torch" in saved(page, "Code").path().read_text()
    assert "Traceback" not in server.log.read_text()


def test_missing_data_are_a_sentence_and_an_offer(server, new_page):
    page = new_page(f"{server.url}/train?dataset=mnist&epochs=1&examples=512&depth=8")
    expect(page.get_by_text("MNIST is not in")).to_be_visible()
    expect(page.get_by_role("button", name="Download")).to_be_visible()


# -- links and settings ----------------------------------------------------------------------------


def test_a_link_that_cannot_be_used_says_why_setting_by_setting_and_goes_on(paced, new_page):
    page = new_page()
    long = "9" * 1_000_000
    for link, says in (
        (
            f"{SMALL}&seed=101&cut=900&lr=-1&edits=500:cut:1+20:cut:1",
            ("cut=900: depth 8", "lr=-1: allowed", "edits=500"),
        ),
        (f"{SMALL}&seed={long}", ("(1,000,000 characters)",)),
    ):
        page.goto(f"{paced.url}/train?{link}", wait_until="commit")
        for words in says:
            expect(page.get_by_text(words).first).to_be_visible()
        expect(page.locator(".rv-step")).to_have_text(re.compile(r"^step \d+ of"))
        if "edits" in link:
            expect(page.locator(".rv-branch", has_text="after step 20: cut shortcut 1")).to_be_visible()


def test_all_settings_are_a_press_away_and_what_cannot_be_used_changes_nothing(paced, new_page):
    page = new_page(f"{paced.url}/train?{SMALL}&seed=102")
    page.get_by_text("All settings", exact=True).click()
    for label in ("width", "cut shortcuts", "branch scale", "momentum", "seed"):
        expect(page.get_by_label(label, exact=True)).to_be_visible()
    for label in ("block", "optimiser", "device"):
        expect(page.get_by_role("combobox", name=label, exact=True)).to_be_visible()
    cut = page.get_by_label("cut shortcuts", exact=True)
    for value, says in (("2", ""), ("900", "“900” cannot be used: depth 8 has shortcuts 1 to 3")):
        cut.fill(value)
        cut.press("Enter")
        if says:
            expect(page.get_by_text(says)).to_be_visible()
        else:
            page.wait_for_url(re.compile("cut=2"))
            expect_on(shortcut(page, 2), False)
    assert "cut=2" in page.url


def test_fewer_blocks_keep_the_changes_that_still_fit(paced, new_page):
    page = new_page(f"{paced.url}/train?depth=20&epochs=3&seed=103&edits=10:cut:9+20:cut:2")
    until_step(page, 33, 33)
    depth = page.get_by_role("spinbutton", name="depth")
    depth.fill("8")
    depth.press("Enter")
    expect(page.get_by_text("edits=10:cut:9: depth 8 has shortcuts 1 to 3")).to_be_visible()
    expect(page.locator('[role=switch][aria-label^="Shortcut"]')).to_have_count(3)
    expect(page.locator(".rv-branch", has_text="after step 20: cut shortcut 2")).to_be_visible()


# -- a run that still learns -----------------------------------------------------------------------


def test_a_pause_stops_the_training_and_play_goes_on(paced, new_page):
    gate = paced.hold(111, 8)
    page = new_page(f"{paced.url}/train?depth=8&epochs=300&seed=111")
    until_step(page, 7, 3300)
    press(page, "Pause")
    press(page, "Reset")
    with page.expect_response(re.compile(r"/want\?.*until=9\b")):  # the run is wanted up to step 9
        go_to_step(page, 7)
        press(page, "Step")
        gate.unlink()
        until_step(page, 8)
        press(page, "Step")
    until_step(page, 9)
    until_line(page, LOSS, "residual", "x.length === 9")  # it has been computed, too
    assert paced.told(f"status/{spec_of(111, epochs='300').digest}")["done"] == 9, "training went on behind a pause"
    press(page, "Play")
    expect(page.locator(".rv-step")).to_have_text(re.compile(r"^step [1-9]\d+ of 3300$"))
    press(page, "Cancel")
    expect(page.get_by_text("Cancelled after step")).to_be_visible()


def test_a_run_that_fails_or_is_cancelled_can_be_run_again_to_its_end(paced, new_page):
    paced.asked_to("raise", 112, 6)
    page = new_page(f"{paced.url}/train?{SMALL}&seed=112")
    expect(page.get_by_text("asked to fail at 6")).to_be_visible()
    (paced.folder / "raise-112-6").unlink()
    gate = paced.hold(112, 9)
    press(page, "Run again")
    until_step(page, 8, 33)
    press(page, "Cancel")
    expect(page.get_by_text("Cancelled after step 8 of 33.")).to_be_visible()
    gate.unlink()
    press(page, "Run again")
    until_step(page, 33, 33)
    assert kept(paced, spec_of(112)).records[-1].step == 33


def test_a_process_that_dies_fails_its_run_and_another_takes_its_place(paced, new_page):
    paced.asked_to("die", 113, 6)
    page = new_page(f"{paced.url}/train?{SMALL}&seed=113")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    expect(page.get_by_role("status")).not_to_be_empty()
    page.goto(f"{paced.url}/train?{SMALL}&seed=114")
    until_step(page, 33, 33)


def test_two_people_share_one_training_and_have_each_their_own_branch(paced, new_page):
    gate = paced.hold(115, 11)
    ann, ben, cem = (new_page(f"{paced.url}/train?{SMALL}&seed=115") for _ in range(3))
    for page in (ann, ben, cem):
        until_step(page, 10, 33)
        expect(page.locator(".rv-facts")).to_contain_text("3 watching")
    assert len(begun(paced, 115)) == 1
    for page, n in ((ann, 1), (ben, 3)):
        with page.expect_request(re.compile("/branch")):
            shortcut(page, n).click()
    gate.unlink()  # they act at the next step, which comes now
    for page in (ann, ben, cem):
        until_step(page, 33, 33)
    for page, n in ((ann, 1), (ben, 3)):
        page.wait_for_url(re.compile("edits"))
        assert re.fullmatch(rf"{SMALL}&seed=115&edits=[123]\d:cut:{n}", query(page))
    assert query(cem) == f"{SMALL}&seed=115"
    for page, cut in ((ann, {1}), (ben, {3}), (cem, set())):
        for n in (1, 2, 3):
            expect_on(shortcut(page, n), n not in cut)


def test_a_click_while_others_go_first_waits_with_them(make_paced, new_page):
    server = make_paced(RESVIZ_WORKERS="1")
    gate = server.hold(116, 6)
    first = new_page(f"{server.url}/train?{SMALL}&seed=116")
    until_step(first, 5, 33)
    page = new_page(f"{server.url}/train?{SMALL}&seed=117")
    expect(page.locator(".rv-status[role=status]")).to_have_text("Waiting: one other training is ahead of yours")
    expect(page.get_by_text("Changes the start.")).to_be_visible()
    shortcut(page, 2).click()
    page.wait_for_url(re.compile("cut=2"))
    assert "edits" not in page.url
    expect(page.locator(".rv-status[role=status]")).to_have_text("Waiting: one other training is ahead of yours")
    assert server.told()["queued"] == 1, "what nobody waits for any more still waits"
    press(first, "Cancel")
    gate.unlink()
    until_step(page, 33, 33)
    expect_on(shortcut(page, 2), False)
    page.go_back()
    expect_on(shortcut(page, 2))
    page.go_forward()
    until_step(page, 33, 33)
    expect_on(shortcut(page, 2), False)


def test_a_restarted_server_has_what_was_finished_and_takes_the_undo_that_it_missed(make_paced, new_page):
    server = make_paced()
    page = new_page(f"{server.url}/train?{SMALL}&seed=118")
    until_step(page, 33, 33)
    go_to_step(page, 12)
    shortcut(page, 1).click()
    page.wait_for_url(re.compile("edits"))
    until_step(page, 33, 33)
    begun_before = begun(server, 118)
    server.stop()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    server.start()  # it is told again until it hears
    until_step(page, 12, 33)  # where it was cut
    expect_on(shortcut(page, 1))
    go_to_step(page, 33)
    expect_on(shortcut(page, 1))
    expect(page.get_by_text("The server does not answer.")).to_be_hidden()
    other = new_page(f"{server.url}/train?{SMALL}&seed=118&edits=12:cut:1")  # a deep link on a fresh server
    until_step(other, 33, 33)
    assert begun(server, 118) == begun_before, "what was kept was trained again"


def test_two_tabs_reload_back_and_forward(paced, new_page):
    gate = paced.hold(119, 11)
    page = new_page(f"{paced.url}/train?{SMALL}&seed=119")
    until_step(page, 10, 33)
    other = page.context.new_page()
    other.goto(page.url)
    until_step(other, 10, 33)
    with page.expect_request(re.compile("/branch")):
        shortcut(page, 2).click()
    gate.unlink()
    page.wait_for_url(re.compile("edits"))
    until_step(page, 33, 33)
    page.reload()
    until_step(page, 33, 33)
    expect_on(shortcut(page, 2), False)
    expect(page.locator(".rv-branch", has_text=re.compile(r"after step \d+: cut shortcut 2"))).to_be_visible()
    until_step(other, 33, 33)
    expect_on(shortcut(other, 2))
    assert "edits" not in other.url
    page.go_back()
    page.wait_for_function("() => !location.search.includes('edits')")
    expect_on(shortcut(page, 2))
    page.go_forward()
    expect_on(shortcut(page, 2), False)
    other.close()


def test_training_goes_on_past_the_end_and_the_key_takes_it_back(paced, new_page):
    page = new_page(f"{paced.url}/train?{SMALL}&seed=120")
    until_step(page, 33, 33)
    expect(page.get_by_text("Trains on from here.")).to_be_visible()
    block(page, 2).click()
    until_step(page, 66, 66)
    page.wait_for_url(re.compile("edits"))
    assert query(page).replace("+", " ") == f"{SMALL}&seed=120&edits=33:epochs:6 33:remove:2"
    assert len(kept(paced, spec_of(120, edits="33:epochs:6 33:remove:2")).records) == 66
    page.keyboard.press("Control+z")
    until_step(page, 33, 33)


# -- the page around it ----------------------------------------------------------------------------


def test_a_page_that_is_left_with_a_click_on_its_way_stays_left(paced, new_page):
    gate = paced.hold(121, 11)
    page, held, said = new_page(), [], []
    page.on(
        "websocket",
        lambda ws: ws.on("framesent", lambda each: said.append(each)) if ws.url.endswith("/watch") else None,
    )
    page.goto(f"{paced.url}/train?{SMALL}&seed=121")
    until_step(page, 10, 33)
    assert len([each for each in said if '"run"' in each]) == 1
    page.route("**/branch?*", lambda route: held.append(route))
    shortcut(page, 1).click()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Start").click()
    expect(page.get_by_role("heading", name="Two networks learn to read")).to_be_visible()
    expect(page.locator(".rv-step")).to_have_count(0)
    (route,) = held
    url = page.url
    route.continue_()
    page.locator(".rv-of-start").scroll_into_view_if_needed()
    # Of the page that is there now; what comes back to the one before comes sooner.
    shortcut(page.locator(".rv-of-start"), 1).click()
    page.wait_for_url(re.compile("cut=1"))
    assert page.url.startswith(url.split("?")[0])
    assert len([each for each in said if '"run"' in each]) == 1, "a page that is gone listens to a run"
    assert "KeyError" not in paced.log.read_text()
    gate.unlink()
