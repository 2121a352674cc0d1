"""The Attribution page: what both networks look at in images of the data set, in drawn ones and in photographs."""

import base64
import io
import re

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.inside import (
    above_the_fold,
    answered,
    filled,
    has_scheme,
    no_wider_than_a_telephone,
    open_panel,
    panel,
    select,
    slide,
    watched,
)
from tests.servers import Server

SMALL = "depth=8&width=4&epochs=3"  # a second of training
SIDE = 8  # pixels of a digit
RESIDUAL_BLOCKS = 8  # of ResNet-18


def maps(page):
    """The numbers of all maps, row by row."""
    return panel(
        page, "panel.plots.cards[0].template.maps.rows.map(({ cells }) => cells.map(({ values }) => values.join()))"
    )


def own(page):
    """The drawn image, as the address has it: rows of numbers from 0 to 16."""
    text = re.search(r"[?&]own=([^&]+)", page.url)[1]
    numbers = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
    return [list(numbers[SIDE * y : SIDE * y + SIDE]) for y in range(SIDE)]


def picture(size, background, color, box):
    """A PNG with a rectangle on it."""
    image, out = Image.new("RGB", size, background), io.BytesIO()
    ImageDraw.Draw(image).rectangle(box, fill=color)
    image.save(out, "PNG")
    return out.getvalue()


def png(name, data):
    return {"name": name, "mimeType": "image/png", "buffer": data}


NO_PICTURE = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}


def draw(page, *places):
    """A stroke with the pointer through these pixels of the pad."""
    page.locator(".rv-pad").scroll_into_view_if_needed()
    box = page.locator(".rv-pad").bounding_box()
    for k, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + (x + 0.5) / SIDE * box["width"], box["y"] + (y + 0.5) / SIDE * box["height"])
        if not k:
            page.mouse.down()
    page.mouse.up()


# -- images of the data set ------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_on_the_maps_of_a_recorded_run_in_one_screen_and_fits_a_telephone(server, new_page, scheme):
    page, complaints, wishes = watched(new_page, f"{server.url}/attribution", color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_have_text("What does it look at?")
    expect(page.get_by_text("a recorded run:")).to_be_visible()
    answered(page)
    expect(page.locator(".rv-area-attr_maps canvas")).to_have_count(3)
    above_the_fold(page, page.locator(".rv-settings"), *page.locator(".rv-map").all(), page.locator(".rv-gallery"))
    for canvas in page.locator(".rv-area-attr_maps canvas").all():
        assert canvas.evaluate("c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size") > 3
    expect(page.locator(".rv-finding p")).to_contain_text("The maps speak of")
    filled(page, ".rv-panel")
    has_scheme(page, scheme)
    no_wider_than_a_telephone(page)
    assert page.locator(".rv-panel [role=img]:not([aria-label])").count() == 0
    assert (complaints, [url for url in wishes if "/panel/" in url]) == ([], [])


def test_another_image_of_the_gallery_changes_maps_and_link(server, new_page):
    page = open_panel(new_page, server, f"attribution?{SMALL}")
    first, pressed = maps(page), page.locator(".rv-thumb[aria-pressed=true]")
    expect(pressed).to_have_count(1)
    thumb = page.locator(".rv-thumb[aria-pressed=false]").nth(3)
    name = thumb.get_attribute("aria-label")
    number, truth = re.match(r"Image (\d+), a (\d)", name).groups()
    thumb.click()
    answered(page, f"panel.query.includes('image={number}')")
    expect(pressed).to_have_attribute("aria-label", name)
    expect(page).to_have_url(re.compile(rf"[?&]image={number}\b"))
    expect(page.locator(".rv-area-attr_maps")).to_contain_text(f"unseen image {number}, a {truth}")
    expect(page.locator(".rv-finding")).to_contain_text(f"This {truth} is read as")
    second = maps(page)
    assert all(a != b for a, b in zip(first, second, strict=True))
    again = new_page(page.url)
    answered(again)
    assert maps(again) == second
    expect(again.locator(".rv-finding")).to_have_text(page.locator(".rv-finding").inner_text())


def test_another_class_and_another_method(server, new_page):
    page = open_panel(new_page, server, f"attribution?{SMALL}")
    read = maps(page)
    slide(page, "class", 8)  # the stops begin with -1
    answered(page, "panel.query.includes('target=7')")
    expect(page.locator(".rv-area-attr_maps h3")).to_contain_text("Where 7 is seen, by integrated gradients")
    assert maps(page) != read
    select(page, "method", "gradcam")
    answered(page, "panel.query.includes('method=gradcam')")
    expect(page).to_have_url(re.compile("method=gradcam"))
    expect(page.locator(".rv-area-attr_maps h3")).to_contain_text("Where 7 is seen, by GradCAM")
    expect(page.locator(".rv-maps-row")).to_have_count(2)
    for row in page.locator(".rv-maps-row").all():
        expect(row.locator("small")).to_have_text(["1", "2", "3"])
    page.keyboard.press("Control+z")
    answered(page, "!panel.query.includes('method=gradcam')")
    expect(page.locator(".rv-maps-row")).to_have_count(0)


def test_destroyed_networks_get_maps_of_their_own(server, new_page):
    page = open_panel(new_page, server, f"attribution?{SMALL}&method=saliency")
    before = maps(page)
    expect(page.locator(".rv-panel-further")).not_to_contain_text("drawn anew")
    select(page, "destroy the networks", "yes")
    answered(page, "panel.query.includes('destroyed=yes')")
    names = page.locator(".rv-area-attr_maps figcaption").all_inner_texts()
    assert [name.partition(":")[0] for name in names] == [
        "the image", "residual", "residual, weights drawn anew", "plain", "plain, weights drawn anew",
    ]  # fmt: skip
    after = maps(page)
    assert [after[0], after[2]] == before, "the trained networks are the same"
    assert after[1] != after[0] and after[3] != after[2]
    expect(page.locator(".rv-panel-further")).to_contain_text("With all weights drawn anew the map's rank correlation")


# -- images of one's own ---------------------------------------------------------------------------


def test_a_drawn_digit_is_read_and_undo_takes_it_back(server, new_page):
    page = open_panel(new_page, server, f"attribution?{SMALL}")
    before, said = maps(page), page.locator(".rv-finding").inner_text()
    draw(page, (4, 0), (4, 7))
    answered(page, "panel.query.includes('own=')")
    expect(page).to_have_url(re.compile(r"[?&]own="))
    drawn = own(page)
    assert all(row[4] == 16 for row in drawn), drawn
    assert all(row[x] == 0 for row in drawn for x in (0, 1, 7)), drawn
    expect(page.locator(".rv-area-attr_maps")).to_contain_text("your image")
    expect(page.locator(".rv-finding")).to_contain_text("Your image is read as")
    expect(page.locator(".rv-thumb[aria-pressed=true]")).to_have_count(0)
    found = maps(page)
    assert found != before
    again = new_page(page.url)
    answered(again)
    assert maps(again) == found
    page.get_by_role("button", name="Undo").click()
    answered(page, "!panel.query.includes('own=')")
    expect(page).not_to_have_url(re.compile("own="))
    assert maps(page) == before
    assert page.locator(".rv-finding").inner_text() == said
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_a_digit_is_drawn_with_the_keyboard(server, new_page):
    page = open_panel(new_page, server, f"attribution?{SMALL}")
    pad = page.locator(".rv-pad")
    expect(pad).to_have_attribute("aria-label", "A place to draw, 8 by 8 pixels: arrow keys move, Space paints")
    pad.focus()
    for key in ["ArrowRight"] * 3 + ["ArrowDown"] * 2:
        page.keyboard.press(key)
    where = page.evaluate("window.scrollY")
    page.keyboard.press(" ")
    answered(page, "panel.query.includes('own=')")
    assert page.evaluate("window.scrollY") == where, "the page does not scroll"
    expect(pad).to_be_focused()
    expect(page).to_have_url(re.compile("own="))
    first = own(page)
    assert max(map(max, first)) == first[2][3] == 16
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    query = panel(page, "panel.query")
    page.keyboard.press(" ")
    answered(page, f"panel.query !== {query!r}")
    page.wait_for_url(lambda url: url.partition("own=")[2] != query.partition("own=")[2])
    second = own(page)
    assert second[2][3] == second[2][1] == 16, "what was painted stays"
    expect(page.locator(".rv-finding")).to_contain_text("Your image is read as")


def test_a_file_fills_the_pad_and_clear_empties_it(server, new_page):
    page = open_panel(new_page, server, f"attribution?{SMALL}")
    number = page.locator(".rv-thumb[aria-pressed=true]").get_attribute("aria-label")
    file = page.locator(".rv-area-attr_pad input[type=file]")
    # Ink on paper, as a camera sees it: columns 2 and 3 of 8. The data set has light strokes on black.
    file.set_input_files(png("one.png", picture((160, 160), "white", "black", (40, 0, 79, 160))))
    answered(page, "panel.query.includes('own=')")
    expect(page.locator(".rv-area-attr_pad small").last).to_have_text("one.png, 8 × 8")
    expect(page).to_have_url(re.compile("own="))
    assert all(min(row[2], row[3]) > 12 and max(row[0], *row[5:]) < 3 for row in own(page)), own(page)
    expect(page.locator(".rv-finding")).to_contain_text("Your image is read as")
    query = panel(page, "panel.query")
    file.set_input_files(NO_PICTURE)
    expect(page.locator(".rv-area-attr_pad")).to_contain_text("“notes.txt” is no picture that this browser can read.")
    assert panel(page, "panel.query") == query
    page.get_by_role("button", name="Clear").click()
    answered(page, "!panel.query.includes('own=')")
    expect(page.locator(".rv-thumb[aria-pressed=true]")).to_have_attribute("aria-label", number)
    assert page.locator(".rv-pad").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, 8, 8).data.every((v, i) => v === (i % 4 === 3 ? 255 : 0))"
    )


def test_what_is_no_image_of_the_data_set_is_said(server, new_page):
    page = open_panel(new_page, server, "attribution?own=AAAA&image=9999")
    expect(page.get_by_text("own=AAAA: an image of")).to_contain_text("has 64 numbers, this one 3")
    expect(page.get_by_text("image=9999:")).to_contain_text("has unseen images 0 to 359")
    assert panel(page, "panel.query") == ""


# -- photographs -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A server on a machine that has no weights."""
    home = tmp_path_factory.mktemp("bare")
    nothing = home / "nothing"
    nothing.mkdir()
    server = Server(home, RESVIZ_DATA=str(nothing), TORCH_HOME=str(nothing))
    yield server
    assert not any(nothing.rglob("*.pth")), "nobody has pressed Download"
    server.stop()


@pytest.fixture
def random(bare, new_page):
    """The view with weights drawn at random, answered."""
    return open_panel(new_page, bare, "attribution?view=photograph&weights=random")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_weights_it_says_so_and_offers_them(bare, new_page, scheme):
    page, complaints, wishes = watched(new_page, f"{bare.url}/attribution?view=photograph", color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_have_text("And a network trained on a million photographs?")
    trouble = page.locator(".rv-panel .rv-trouble")
    expect(trouble).to_contain_text("The weights of ResNet-18 (45 MB) are not on this machine")
    expect(trouble).to_contain_text("choose weights drawn at random")
    button = trouble.get_by_role("button", name="Download")
    expect(button).to_be_visible()
    above_the_fold(page, page.locator(".rv-settings"), trouble, button)
    has_scheme(page, scheme)
    no_wider_than_a_telephone(page)
    assert (complaints, [url for url in wishes if "/data/" in url]) == ([], [])


def test_weights_drawn_at_random_show_maps_of_all_blocks(bare, new_page):
    page = new_page(f"{bare.url}/attribution?view=photograph")
    expect(page.get_by_role("button", name="Download")).to_be_visible()
    select(page, "weights", "random")
    answered(page, "panel.query.includes('weights=random') && panel.state.version")
    expect(page.locator(".rv-panel .rv-trouble")).to_be_hidden()
    expect(page.get_by_role("button", name="Download")).to_be_hidden()
    labels = [str(n + 1) for n in range(RESIDUAL_BLOCKS)]
    expect(page.locator(".rv-maps-row small")).to_have_text(labels)
    above_the_fold(page, *page.locator(".rv-map canvas").all())
    expect(page.locator(".rv-area-photo_maps")).to_contain_text("a temple")
    expect(page.locator(".rv-finding")).to_contain_text("ResNet-18 with weights drawn at random reads this photograph")
    assert panel(page, "panel.plots.cards[1].plot.data[0].x.length") == 5
    filled(page, ".rv-panel")
    select(page, "photograph", "flower")
    answered(page, "panel.query.includes('image=flower')")
    expect(page.locator(".rv-area-photo_maps")).to_contain_text("a flower")
    no_wider_than_a_telephone(page)


def test_a_photograph_of_ones_own_is_looked_at(random, new_page):
    page = random
    before = maps(page)
    file = page.locator(".rv-settings input[type=file]")
    file.set_input_files(png("house.png", picture((90, 60), "lightblue", "darkred", (30, 20, 60, 60))))
    answered(page, "panel.query.includes('own=')")
    expect(page.locator(".rv-area-photo_maps")).to_contain_text("your photograph")
    expect(page).to_have_url(re.compile(r"image=own&own=[0-9a-f]{16}"))
    found = maps(page)
    assert found != before
    again = new_page(page.url)  # while the server keeps it
    answered(again)
    assert maps(again) == found
    page.keyboard.press("Control+z")
    answered(page, "!panel.query.includes('own=')")
    assert maps(page) == before


def test_a_file_that_is_no_picture_is_refused_by_name(random):
    query = panel(random, "panel.query")
    random.locator(".rv-settings input[type=file]").set_input_files(NO_PICTURE)
    expect(random.locator(".rv-panel .rv-trouble")).to_contain_text(
        "'notes.txt' is no picture that can be read. What can be read is PNG"
    )
    assert panel(random, "panel.query") == query
    expect(random.locator(".rv-maps-row small")).to_have_count(RESIDUAL_BLOCKS)


def test_a_photograph_that_is_gone_is_said(bare, new_page):
    page = new_page(f"{bare.url}/attribution?view=photograph&weights=random&image=own&own=0123456789abcdef")
    expect(page.locator(".rv-panel .rv-trouble")).to_contain_text(
        "this photograph is not on this machine any more; choose the file again"
    )
