"""The Start page with the server behind it: a real pass of both networks, clicks, links."""

import re

import pytest
from playwright.sync_api import expect

from resviz.families.resnet.spec import Spec
from resviz.train.twins.initial import Initial
from tests.harness.seeing import expect_on, shortcut, until_line
from tests.inside import figures

RESIDUAL, PLAIN = (f"Gradient norm of each layer's weights, {arm}" for arm in ("residual", "plain"))


@pytest.fixture(scope="module")
def measured():
    """What the first pass measures of a spec, as one arm's gradient norms."""
    initial = Initial()
    yield lambda arm="residual", **words: list(initial(Spec.of({"device": "cpu", **words})).arms[arm].grad_norm)
    initial.close()


def until_shown(page, title, numbers):
    """A figure has these numbers, to the four digits that travel."""
    name = title.rsplit(" ", 1)[1]
    close = "w.every((v, i) => Math.abs(y[i] - v) <= 1e-3 * Math.abs(v))"
    until_line(page, title, name, f"((w) => y.length === w.length && {close})({numbers})")


def coloured(page, arm):
    """Whether all blocks of a network have a colour, that of the first one the strongest: its gradient is the largest."""
    boxes = page.locator(f".rv-{arm} .rv-box")
    shades = boxes.evaluate_all("boxes => boxes.map((box) => Number(box.style.fillOpacity))")
    return min(shades) > 0 and shades[0] == max(shades) > shades[-1]


def test_it_opens_on_a_real_pass_in_one_screen_and_a_cut_is_a_link_that_shows_the_same(server, new_page, measured):
    page = new_page(server.url)
    expect(page.get_by_role("heading", name="What does one “+ x” change?")).to_be_visible()
    until_shown(page, RESIDUAL, measured())
    until_shown(page, PLAIN, measured("plain"))
    assert coloured(page, "plain") and coloured(page, "residual")
    expect(page.locator(".rv-finding")).to_contain_text("times the last convolution")
    assert page.get_by_role("link", name="Train").count() >= 1
    bottom = page.locator(".rv-area-start_plain").bounding_box()
    assert bottom["y"] + bottom["height"] <= 768
    shortcut(page, 7).click()
    until_shown(page, RESIDUAL, measured(cut="7"))
    expect(page).to_have_url(re.compile(r"\?cut=7$"))
    until_shown(page, PLAIN, measured("plain"))  # which has no shortcut to cut
    page.reload()
    until_shown(page, RESIDUAL, measured(cut="7"))
    expect_on(shortcut(page, 7), False)
    page.go_back()
    expect_on(shortcut(page, 7), True)
    until_shown(page, RESIDUAL, measured())
    page.get_by_role("switch", name="+ x is on").click()
    until_shown(page, RESIDUAL, measured("plain"))
    expect(page.locator(".rv-finding")).to_contain_text("to the last digit")


def test_what_cannot_be_measured_is_refused_in_words_and_nothing_is_shown_as_if_it_had_been(server, new_page, measured):
    page = new_page(f"{server.url}/?depth=14")
    page.get_by_role("spinbutton", name="depth").fill("8")
    page.keyboard.press("Enter")
    until_shown(page, RESIDUAL, measured(depth="8"))
    assert coloured(page, "plain") and coloured(page, "residual")
    page.get_by_role("combobox", name="data").select_option("mnist")
    expect(page.get_by_role("alert")).to_contain_text("MNIST")
    expect(page.get_by_role("button", name="Download")).to_be_visible()
    expect(figures(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    until_shown(page, RESIDUAL, measured(depth="8"))
    expect(page.get_by_role("region", name=RESIDUAL)).to_be_visible()
    page.goto(f"{server.url}/?depth=1202&width=256&batch=1024&cut=900")
    expect(page.get_by_role("alert")).to_contain_text("cut=900: depth 1202 has shortcuts 1 to 600")
    expect(page.get_by_role("alert")).to_contain_text("the limit is")


def test_the_path_leads_on_with_the_same_settings_without_loading_the_app_anew(server, new_page, measured):
    page = new_page(f"{server.url}/?depth=8")
    until_shown(page, RESIDUAL, measured(depth="8"))
    shortcut(page, 2).click()
    until_shown(page, RESIDUAL, measured(depth="8", cut="2"))
    expect(page).to_have_url(re.compile(r"\?depth=8&cut=2$"))
    page.evaluate("window.sameApp = true")
    page.get_by_role("link", name="2. Signal").click()
    expect(page.get_by_role("heading", name="What reaches the first layer?")).to_be_visible()
    expect_on(shortcut(page, 2), False)
    assert page.evaluate("window.sameApp")
    page.go_back()
    expect(page.get_by_role("heading", name="What does one “+ x” change?")).to_be_visible()
    until_shown(page, RESIDUAL, measured(depth="8", cut="2"))
