"""The Block page with the server behind it: an image's way through a block, one's own picture, and the choices trained.

What it says and draws of every block is tested without a browser (tests/topics/block/test_panel.py).
"""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from resviz.topics.block.experiment import Through
from resviz.topics.block.figures import flow
from resviz.topics.block.question import BlockSpec
from resviz.topics.block.words import code
from tests.inside import at_rest, button, saved, watched


@pytest.fixture(scope="module")
def through():
    return Through()


def picture(page):
    return page.locator("svg.rb-flow")


def until_drawn(page):
    """Wait until the page stands still, with the picture."""
    expect(picture(page)).to_be_visible(timeout=60_000)
    at_rest(page)


def spoken(spec, record):
    """What a screen reader says of the drawing."""
    return flow(spec, record).partition('aria-label="')[2].partition('"')[0]


def png(width=40, height=30):
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def test_it_opens_on_a_real_picture_in_one_screen_and_a_change_is_a_link_that_shows_the_same(server, new_page, through):
    page, complaints, _ = watched(new_page, f"{server.url}/block")
    until_drawn(page)
    record = through(BlockSpec())
    expect(picture(page)).to_have_attribute("aria-label", spoken(BlockSpec(), record))
    # What the shortcut carries is on its sign; the last parts give F(x) and y; the photo goes in.
    assert picture(page).locator("image").count() == len(record.nodes) - 3 + 1
    expect(page.get_by_text("4,672")).to_be_visible()
    expect(page.get_by_text("6.61%", exact=True)).to_be_visible()
    box = picture(page).bounding_box()
    assert box["y"] + box["height"] <= 768 and box["x"] + box["width"] <= 1366
    expect(page.locator(".rb-formula math")).to_be_visible()
    page.get_by_role("combobox", name="order").select_option("full")
    spec = BlockSpec(order="full")
    expect(picture(page)).to_have_attribute("aria-label", spoken(spec, through(spec)))
    page.wait_for_url(lambda url: "order=full" in url)
    expect(page.get_by_text("6.37%", exact=True)).to_be_visible()
    page.get_by_role("combobox", name="on the shortcut").select_option("dropout 0.5")
    page.wait_for_url(lambda url: "shortcut_dropout=0.5" in url)
    expect(page.get_by_text("report no error for this mixture")).to_be_visible()
    spec = BlockSpec(order="full", shortcut_dropout=0.5)
    page.reload()
    expect(picture(page)).to_have_attribute("aria-label", spoken(spec, through(spec)))
    block = page.get_by_role("group", name="An image through a block")
    assert len(saved(block, "Data").path().read_text().splitlines()) == 1 + len(through(spec).nodes)
    page.get_by_text("The PyTorch code of this block").click()
    expect(page.locator("pre")).to_have_text(code(spec))
    assert complaints == []


def test_a_picture_of_ones_own_goes_through_and_a_bad_file_leaves_it_there(server, new_page):
    page = new_page(f"{server.url}/block?image=own")
    expect(page.get_by_role("alert").first).to_contain_text("choose a file")
    choose = page.locator('input[type="file"]')
    choose.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": png()})
    until_drawn(page)
    expect(page).to_have_url(re.compile(r"image=own&own=[0-9a-f]{16}$"))
    before = picture(page).get_attribute("aria-label")
    choose.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"these are words"})
    expect(page.get_by_text("'notes.png' is no picture that can be read")).to_be_visible()
    expect(picture(page)).to_have_attribute("aria-label", before)
    button(page, "Undo").click()
    expect(page.get_by_role("alert").first).to_contain_text("choose a file")


def test_the_choices_are_trained_at_a_press_and_stop_at_another(paced, new_page, request):
    request.addfinalizer(paced.hold(2, 1).unlink)  # the last seed of each does not begin
    page = new_page(f"{paced.url}/block?image=digit")
    until_drawn(page)
    board = page.get_by_role("group", name="Choices trained against each other")
    board.scroll_into_view_if_needed()
    board.get_by_role("button", name="Train them").click()
    expect(board.get_by_role("progressbar", name="Progress")).to_be_visible()
    expect(board.get_by_role("region").first).to_be_visible()
    board.get_by_role("button", name="Stop").click()
    expect(board.get_by_role("button", name="Train the rest")).to_be_visible()
    board.get_by_role("button", name="what sits on the shortcut").click()
    expect(board.get_by_text("of 24 runs done")).to_be_visible()  # one is a run of the five orders, too
    assert "compare" not in page.url, "its settings are its own"
