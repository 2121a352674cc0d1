"""What a panel has computed for it: begun, stopped, begun again, shared."""

import re

from playwright.sync_api import expect

from tests.harness.seeing import until_step
from tests.inside import answered, button, finding, until_panels

QUICK = "blocks=3&hidden=4&steps=60"  # under a second of training
LONG = "blocks=12&steps=3000&seed=4"


def under_way(page):
    """Until some of it is learnt and drawn."""
    page.wait_for_function("Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')) > 0")
    expect(page.locator(".rv-finding")).to_have_text(re.compile("^After "))


def test_it_is_watched_stopped_begun_again_and_left_for_another_setting(server, new_page):
    page = new_page(f"{server.url}/euler?{LONG}")
    under_way(page)
    expect(page.get_by_text(re.compile(r"^\d+%$"))).to_be_visible()
    button(page, "Stop").click()
    expect(page.get_by_text(re.compile(r"^stopped at \d+%$"))).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.locator(".rv-finding")).to_have_text(re.compile("^After "))  # what there is stays
    stopped = int(re.search(r"stopped at (\d+)%", page.locator(".rv-state-words").inner_text())[1])
    button(page, "Train the rest").click()
    under_way(page)
    assert int(page.get_by_role("progressbar").get_attribute("aria-valuenow")) >= stopped
    page.get_by_role("slider", name=re.compile("^blocks")).fill("2")
    page.wait_for_url(re.compile("blocks=3"))
    button(page, "Stop").click()
    expect(page.get_by_text(re.compile(r"^stopped at \d+%$"))).to_be_visible()


def test_two_viewers_share_one_training_and_one_who_stops_does_not_end_it(server, new_page):
    """Which of them goes on is seen by how far it is: what was begun anew would be back at the start."""
    first, second = (new_page(f"{server.url}/euler?{LONG}&data=moons") for _ in range(2))
    told = []
    second.on("response", lambda answer: told.append(answer) if "/panel/flow?" in answer.url else None)
    for page in (first, second):
        under_way(page)
    button(first, "Stop").click()
    expect(first.get_by_text(re.compile(r"^stopped at \d+%$"))).to_be_visible()
    stopped = int(re.search(r"\d+", first.get_by_text(re.compile(r"^stopped at \d+%$")).inner_text())[0])
    progress = "Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow'))"
    second.wait_for_function(f"(stopped) => {progress} > stopped + 1", arg=stopped)
    shares = [answer.json()["share"] for answer in told if answer.ok]
    assert shares == sorted(shares)
    button(second, "Stop").click()
    expect(second.get_by_text(re.compile(r"^stopped at \d+%$"))).to_be_visible()


def test_another_setting_is_learnt_at_once_stays_in_the_link_and_is_taken_back(server, new_page):
    page = new_page(f"{server.url}/euler?{QUICK}")
    answered(page)
    expect(button(page, "Train again")).to_be_visible()
    first = finding(page)
    page.get_by_role("combobox", name="points").select_option("moons")
    page.wait_for_url(re.compile("data=moons"))
    answered(page)
    moons = finding(page)
    assert moons != first
    again = new_page(page.url)
    answered(again)
    assert finding(again) == moons
    page.keyboard.press("Control+z")
    page.wait_for_url(lambda url: "moons" not in url)
    answered(page)
    assert finding(page) == first


def test_views_and_settings_are_found_again_by_back_and_forward(server, new_page):
    """Streamlit moves the address from view to view, the panel from setting to setting; a person goes back through both."""
    page = new_page(f"{server.url}/paths?view=unravel")

    def until(query, label, opened=None):
        page.wait_for_url(f"{server.url}/paths?{query}")
        until_panels(page, label)
        if opened is not None:
            expect(page.get_by_role("slider", name=re.compile("^unrolled"))).to_have_attribute("aria-valuetext", opened)

    def unroll(to):
        page.get_by_role("slider", name=re.compile("^unrolled")).fill(to)

    until("view=unravel", "Unrolled", "3")
    unroll("1")
    until("view=unravel&opened=1", "Unrolled", "1")
    page.get_by_test_id("stMain").get_by_text("Path lengths", exact=True).click()
    until("view=lengths", "Path lengths")
    page.go_back()
    until("view=unravel&opened=1", "Unrolled", "1")
    unroll("0")
    until("view=unravel&opened=0", "Unrolled", "0")
    page.go_back()
    until("view=unravel&opened=1", "Unrolled", "1")
    page.go_back()
    until("view=unravel", "Unrolled", "3")
    page.go_forward()
    until("view=unravel&opened=1", "Unrolled", "1")
    page.reload()
    until("view=unravel&opened=1", "Unrolled", "1")


def test_eight_tabs_of_which_some_learn_and_others_have_several_panels_all_answer(paced, new_page):
    """A browser opens six connections to a host: none may be held. Each of these tabs is one that somebody sees."""
    gate = paced.hold(801, 4)
    train = f"{paced.url}/train?depth=8&epochs=3&seed=801"
    first = new_page(train)
    learning = [first, *(first.context.new_page() for _ in range(3))]
    for tab in learning[1:]:
        tab.goto(train)
    tabs = [first.context.new_page() for _ in range(4)]
    for tab in tabs:
        tab.goto(f"{paced.url}/calculator")
    for tab in learning:
        until_step(tab, 3, 33)
        expect(tab.locator(".rv-facts")).to_contain_text("4 watching")
    gate.unlink()
    for tab in learning:
        until_step(tab, 33, 33)
    for number, tab in enumerate(tabs):
        tab.get_by_role("spinbutton", name="batch").fill(str(10 + number))
        tab.keyboard.press("Enter")
        tab.wait_for_url(re.compile(f"batch={10 + number}"))
        expect(tab.locator("svg.rc-bars:visible")).to_be_visible()
        tab.get_by_role("combobox", name="network").first.select_option("resnet18")
        expect(tab.locator("svg.rc-bars:visible")).to_have_attribute("aria-label", re.compile("^ResNet-18"))
