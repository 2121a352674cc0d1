"""A panel's settings while something is computed, after a link that is refused, and on a telephone."""

from playwright.sync_api import expect

from tests.browser.inside import answered, panel

LONG = "depth=56&seed=9"  # trained for as long as it takes to write a number


def test_what_one_is_writing_is_not_written_over_by_an_answer(server, new_page):
    page = new_page()
    page.goto(f"{server.url}/paths?{LONG}")
    page.wait_for_function("() => window.resvizPanel?.state?.status === 'running'", timeout=60_000)
    depth = page.get_by_label("depth", exact=True)
    depth.click(click_count=3)
    depth.press_sequentially("11", delay=700)  # several answers come meanwhile
    expect(depth).to_have_value("11")
    depth.press("Enter")
    answered(page, "panel.query.includes('depth=11')")
    panel(page, "panel.stop()")


def test_after_a_link_that_is_refused_its_other_settings_are_still_there(server, new_page):
    page = new_page()
    page.goto(f"{server.url}/landscape?depth=1000&width=64&epochs=100&seed=5&finest=9")
    expect(page.locator(".rv-panel .rv-trouble")).to_be_visible(timeout=60_000)
    depth = page.get_by_label("depth", exact=True)
    expect(depth).to_have_value("1000")
    for setting, value in (("width", "4"), ("epochs", "1")):
        page.locator(".rv-more-settings summary").click()
        page.get_by_label(setting, exact=True).fill(value)
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
    depth.fill("8")
    depth.press("Enter")
    answered(page, "panel.state?.share >= 1 && panel.query.includes('depth=8')")
    words = dict(pair.split("=") for pair in panel(page, "panel.query").split("&"))
    assert words == {"depth": "8", "width": "4", "epochs": "1", "seed": "5", "finest": "9"}
    expect(page.locator(".rv-panel .rv-trouble")).to_be_hidden()
    page.wait_for_url("**depth=8**")


def test_on_a_telephone_more_settings_stay_on_the_screen(server, new_page):
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("attribution", "paths", "landscape"):
        page.goto(f"{server.url}/{name}")
        page.wait_for_function("() => window.resvizPanel?.state?.share >= 1")
        page.locator(".rv-more-settings summary").click()
        box = page.locator(".rv-more-box").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390, name


def test_blocks_can_be_taken_away_by_their_slider_alone(server, new_page):
    page = new_page()
    page.goto(f"{server.url}/paths?view=unravel")
    page.wait_for_function("() => window.resvizPanel?.state?.share >= 1")
    blocks = page.locator(".rv-settings input[type=range]").first
    blocks.evaluate("(input) => { input.value = 1; input.dispatchEvent(new Event('input')); }")
    answered(page, "panel.query.includes('blocks=2')")
    expect(page.locator(".rv-panel .rv-trouble")).to_be_hidden()
    expect(page.locator(".rv-finding")).to_contain_text("2 blocks make 2² = 4 paths")
