"""What networks look at: images and maps pixel by pixel, images to choose from, a place to draw one's own, and methods."""

import base64
import copy
import io
import re

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from resviz.draw.diverging import COLOURS
from tests.harness.asking import button, choose, settled, shows, slide, told
from tests.harness.seeing import frames, nothing_strange, region
from tests.harness.site import question
from tests.harness.write import address
from tests.topics.attribution.scenes import NET, OTHER, OWN, other_image

SIDE, TOP = 8, 16  # pixels of a digit, and the largest number of one
PIXELS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return Array.from({ length: data.length / 4 }, (_, i) => [...data.slice(4 * i, 4 * i + 4)]);
}"""
MASK = """async node => {
  const image = new Image();
  image.src = getComputedStyle(node).backgroundImage.slice(5, -2);
  await image.decode();
  const pen = document.createElement("canvas").getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, image.width, image.height);
  return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 3] > 0);
}"""
PAD = "Draw a digit of your own"
NO_PICTURE = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}


def asks(more=""):
    return f"{NET}{more and '&'}{more}"


@pytest.fixture
def page(site, stage):
    """Maps of an image that is read wrong, by two networks of three blocks."""
    site.use("attribution")
    page = stage.open(f"attribution?{NET}", clock=True)
    shows(page, told(site, "attribution", NET))
    return page


def data_of(answer, id):
    return next(figure for figure in answer["figures"] if figure["id"] == id)[id.removeprefix("attr_")]


def maps(page):
    """The pixels of every map, without the image itself."""
    drawn = page.get_by_role("region").first.locator(".rv-map canvas")
    return [canvas.evaluate(PIXELS) for canvas in drawn.all()][1:]


def colour(value):
    """A number from -1 to 1 on the scale, which has stops from 0 to 1."""
    stops = [(place, [int(text[i : i + 2], 16) for i in (1, 3, 5)]) for place, text in COLOURS]
    at = (value + 1) / 2
    k = next(k for k in range(1, len(stops)) if at <= stops[k][0])
    (low, first), (high, last) = stops[k - 1 : k + 1]
    return [a + (at - low) / (high - low) * (b - a) for a, b in zip(first, last, strict=True)]


def numbers(text):
    return list(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_"))


def answered(page, site, gate, number=1):
    """Let the server say of a drawn image what it says of another, with the numbers that came. Returns those, row by row."""
    gate.wait()
    heard = site.wait_for("GET panel.*own=[^&]", number)
    own = heard.words["own"]
    answer = copy.deepcopy(told(site, "attribution", asks(f"own={OWN}")))
    answer["query"] = answer["query"].replace(OWN, own)
    data_of(answer, "attr_maps")["image"]["pixels"] = data_of(answer, "attr_pad")["pixels"] = own
    answer["version"] += own
    site.answers[question("GET", heard.path, heard.words)] = answer
    place = {"like": address("attribution", NET), "with": {"query": answer["query"]}}
    site.pages[address("attribution", asks(f"own={own}"))] = place
    gate.open()
    shows(page, answer)
    found = numbers(own)
    return [found[SIDE * y : SIDE * y + SIDE] for y in range(SIDE)]


def pad(page):
    return page.get_by_role("img", name="A place to draw, 8 by 8 pixels: arrow keys move, Space paints")


def stroke(page, *places):
    """A stroke with the pointer through the middles of these pixels of the pad."""
    pad(page).scroll_into_view_if_needed()
    box = pad(page).bounding_box()
    for k, (x, y) in enumerate(places):
        page.mouse.move(box["x"] + (x + 0.5) / SIDE * box["width"], box["y"] + (y + 0.5) / SIDE * box["height"])
        if not k:
            page.mouse.down()
    page.mouse.up()


def picture(size, background, ink, box):
    """A PNG with a rectangle on it."""
    image, out = Image.new("RGB", size, background), io.BytesIO()
    ImageDraw.Draw(image).rectangle(box, fill=ink)
    image.save(out, "PNG")
    return {"name": "one.png", "mimeType": "image/png", "buffer": out.getvalue()}


def file(page):
    return region(page, PAD).locator("input[type=file]")


def gray(row):
    """Numbers of pixels as a canvas has them."""
    return [[int(255 * v / TOP)] * 3 + [255] for v in row]


def alike(pixels, wanted):
    """To the rounding of a canvas."""
    assert len(pixels) == len(wanted)
    for pixel, other in zip(pixels, wanted, strict=True):
        assert pixel == pytest.approx(other, abs=1)


# -- what is drawn -----------------------------------------------------------------------------------


def test_the_image_and_every_map_are_drawn_pixel_by_pixel(site, page):
    data = data_of(told(site, "attribution", NET), "attr_maps")
    drawn = page.get_by_role("region").first.locator(".rv-map canvas")
    expect(drawn).to_have_count(3)
    alike(drawn.first.evaluate(PIXELS), gray(numbers(data["image"]["pixels"])))
    for canvas, row in zip(maps(page), data["rows"], strict=True):
        (cell,) = row["cells"]
        assert any(v < 0 for v in cell["values"]) and any(v > 0 for v in cell["values"])
        alike(canvas, [[*colour(value), 255] for value in cell["values"]])
    for canvas, row in zip(drawn.all()[1:], data["rows"], strict=True):
        expect(canvas).to_have_attribute("aria-label", f"{row['title']}. {row['cells'][0]['said']}")
        expect(page.get_by_text(row["title"], exact=True)).to_be_visible()
    expect(drawn.first).to_have_attribute("aria-label", data["said"])


def test_what_is_below_0_is_striped_and_each_sign_can_be_seen_alone(site, page):
    values = [row["cells"][0]["values"] for row in data_of(told(site, "attribution", NET), "attr_maps")["rows"]]
    striped = page.locator(".rv-map .rv-stripes")
    masks = [node.evaluate(MASK) for node in striped.all()]
    assert masks == [[v < 0 for v in numbers] for numbers in values], "and nowhere else"
    everything = maps(page)
    against, favour = (page.get_by_role("button", name=name, exact=True) for name in ("striped: against 9", "for 9"))
    against.click()
    for canvas, numbers in zip(maps(page), values, strict=True):
        alike(canvas, [[*colour(min(v, 0)), 255] for v in numbers])
    expect(striped).to_have_count(2)
    favour.click()
    expect(against).to_have_attribute("aria-pressed", "false")
    for canvas, numbers in zip(maps(page), values, strict=True):
        alike(canvas, [[*colour(max(v, 0)), 255] for v in numbers])
    expect(striped).to_have_count(0)
    favour.press("Enter")
    assert maps(page) == everything
    expect(favour).to_be_focused()


def test_every_image_to_choose_from_says_what_it_is_and_what_is_read(site, page):
    data = data_of(told(site, "attribution", NET), "attr_gallery")
    for item in data["items"]:
        reads = ", ".join(f"{arm} reads {read}" for arm, read in item["reads"].items())
        thumb = page.get_by_role("button", name=f"Image {item['number']}, a {item['truth']}; {reads}", exact=True)
        expect(thumb).to_have_attribute("aria-pressed", str(item["number"] == data["chosen"]).lower())
        alike(thumb.locator("canvas").evaluate(PIXELS), gray(numbers(item["pixels"])))
        marks = thumb.locator("b")
        for mark, (arm, read) in zip(marks.all(), item["reads"].items(), strict=True):
            assert mark.evaluate("node => getComputedStyle(node, '::before').content") == f'"{read}"'
            lines = mark.evaluate("node => getComputedStyle(node).textDecorationLine")
            assert (lines == "underline") == (arm in item["wrong"])


# -- what is chosen ----------------------------------------------------------------------------------


def test_another_image_changes_maps_and_link_and_undo_brings_the_first_back(site, page):
    first, pressed = maps(page), page.locator(".rv-thumb[aria-pressed=true]")
    expect(pressed).to_have_count(1)
    before = pressed.get_attribute("aria-label")
    thumb = page.locator(".rv-thumb[aria-pressed]").nth(OTHER)
    name = thumb.get_attribute("aria-label")
    number, truth = re.match(r"Image (\d+), a (\d)", name).groups()
    thumb.click()
    shows(page, told(site, "attribution", asks(other_image())))
    expect(pressed).to_have_attribute("aria-label", name)
    expect(thumb).to_be_focused()
    expect(page.get_by_text(f"unseen image {number}, a {truth}", exact=True)).to_be_visible()
    expect(page.locator(".rv-finding")).to_contain_text(f"this {truth} as ")
    assert all(a != b for a, b in zip(first, maps(page), strict=True))
    settled(page)
    page.wait_for_url(f"**/attribution?{asks(other_image())}")
    page.keyboard.press("Control+z")
    shows(page, told(site, "attribution", NET))
    assert maps(page) == first
    expect(pressed).to_have_attribute("aria-label", before)


def test_another_class_and_a_method_that_has_a_map_for_every_block(site, page):
    read = maps(page)
    expect(page.get_by_text("class as read", exact=True)).to_be_visible()
    slide(page, "class", 8)  # the stops begin with -1
    shows(page, told(site, "attribution", asks("target=7")))
    expect(page.get_by_role("heading", name="Where 7 is seen, by integrated gradients")).to_be_visible()
    seven = maps(page)
    assert seven != read
    settled(page)
    choose(page, "method", "gradcam")
    answer = told(site, "attribution", asks("target=7&method=gradcam"))
    shows(page, answer)
    expect(page.get_by_role("heading", name="Where 7 is seen, by GradCAM")).to_be_visible()
    labels = page.get_by_role("region").first.locator("figure small")
    expect(labels).to_have_text(["unseen image 175, a 5", *("1", "2", "3") * 2])
    drawn, rows = maps(page), data_of(answer, "attr_maps")["rows"]
    assert [len(pixels) for pixels in drawn] == [c["width"] * c["height"] for row in rows for c in row["cells"]]
    settled(page)
    page.keyboard.press("Control+z")
    shows(page, told(site, "attribution", asks("target=7")))
    assert maps(page) == seven


def test_destroyed_networks_get_maps_of_their_own(site, page):
    choose(page, "method", "saliency")
    shows(page, told(site, "attribution", asks("method=saliency")))
    expect(page.locator(".rv-maps-key")).to_have_text("0most")
    before = maps(page)
    expect(page.locator(".rv-panel-grid")).not_to_contain_text("drawn anew")
    choose(page, "compare with random weights", "yes")
    shows(page, told(site, "attribution", asks("method=saliency&destroyed=yes")))
    names = page.get_by_role("region").first.locator("figcaption").all_inner_texts()
    assert [name.partition(":")[0] for name in names] == [
        "the image", "residual", "residual, weights drawn anew", "plain", "plain, weights drawn anew",
    ]  # fmt: skip
    after = maps(page)
    assert [after[0], after[2]] == before, "the trained networks are the same"
    assert after[1] != after[0] and after[3] != after[2]
    expect(page.locator("main")).to_contain_text("Between this map and that of random weights the rank correlation")


# -- an image of one's own ---------------------------------------------------------------------------


def test_a_drawn_digit_is_read_and_undo_takes_it_back(site, page):
    before = maps(page)
    gate = site.hold("GET panel.*own=[^&]")
    stroke(page, (4, 0), (4, 7))
    drawn = answered(page, site, gate)
    assert all(row[4] == TOP for row in drawn), drawn
    assert all(row[x] == 0 for row in drawn for x in (0, 1, 7)), drawn
    beside = round(TOP * (1.5 - 1 / 0.75))  # the brush is three quarters of a pixel, and fades
    assert all(row[3] == row[5] == beside for row in drawn), drawn
    expect(page.locator(".rv-thumb[aria-pressed=true]")).to_have_count(0)
    expect(page.get_by_text("your image", exact=True)).to_be_visible()
    found = maps(page)
    assert found != before
    reads = [each["text"] for each in data_of(told(site, "attribution", asks(f"own={OWN}")), "attr_pad")["reads"]]
    expect(region(page, PAD).locator(".rv-pad-reads > div")).to_have_text(reads)
    shown = pad(page).evaluate(PIXELS)
    alike(shown[1:], [pixel for row in drawn for pixel in gray(row)][1:])
    assert shown[0][0] == shown[0][2], "a mouse needs no mark where keys would paint"
    settled(page)
    page.wait_for_url(re.compile("[?&]own="))
    button(page, "Undo").click()
    shows(page, told(site, "attribution", NET))
    assert maps(page) == before
    expect(button(page, "Undo")).to_be_hidden()
    page.wait_for_url(f"**/attribution?{NET}")


def test_a_digit_is_drawn_with_the_keyboard_and_what_is_painted_stays(site, page):
    gate = site.hold("GET panel.*own=[^&]")
    pad(page).focus()
    page.keyboard.press("ArrowUp")  # the pad ends there
    for key in ["ArrowRight"] * 3 + ["ArrowDown"] * 2:
        page.keyboard.press(key)
    shown = pad(page).evaluate(PIXELS)
    assert shown[2 * 8 + 3][0] > shown[2 * 8 + 3][2], "where the keys would paint"
    where = page.evaluate("window.scrollY")
    page.keyboard.press(" ")
    first = answered(page, site, gate)
    assert page.evaluate("window.scrollY") == where, "the page does not scroll"
    expect(pad(page)).to_be_focused()
    assert max(map(max, first)) == first[2][3] == TOP
    gate = site.hold("GET panel.*own=[^&]")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press(" ")
    second = answered(page, site, gate, 2)
    assert second[2][3] == second[2][1] == TOP
    assert all(b >= a for row, more in zip(first, second, strict=True) for a, b in zip(row, more, strict=True))


@pytest.mark.parametrize(
    ("size", "background", "ink", "box"),
    [
        ((160, 160), "white", "black", (40, 0, 79, 160)),
        ((160, 160), "black", "white", (40, 0, 79, 160)),
        ((320, 160), "white", "black", (120, 0, 159, 160)),
    ],
    ids=["ink on paper", "light on black", "wide"],
)
def test_a_file_becomes_light_strokes_on_black_of_its_middle_square(site, page, size, background, ink, box):
    gate = site.hold("GET panel.*own=[^&]")
    file(page).set_input_files(picture(size, background, ink, box))
    drawn = answered(page, site, gate)
    expect(region(page, PAD).get_by_role("status")).to_have_text("one.png, 8 × 8")
    assert all(min(row[2], row[3]) > 12 and max(row[0], *row[5:]) < 3 for row in drawn), drawn


def test_clear_empties_the_pad_and_brings_back_the_image_before(site, page):
    pressed = page.locator(".rv-thumb[aria-pressed=true]").get_attribute("aria-label")
    gate = site.hold("GET panel.*own=[^&]")
    file(page).set_input_files(picture((80, 80), "white", "black", (20, 0, 39, 80)))
    answered(page, site, gate)
    button(page, "Clear").click()
    shows(page, told(site, "attribution", NET))
    expect(page.locator(".rv-thumb[aria-pressed=true]")).to_have_attribute("aria-label", pressed)
    expect(region(page, PAD).get_by_role("status")).to_have_text("")
    assert pad(page).evaluate(PIXELS) == [[0, 0, 0, 255]] * SIDE * SIDE


def test_a_file_that_is_no_picture_is_said_and_changes_nothing(site, page):
    file(page).set_input_files(NO_PICTURE)
    expect(region(page, PAD)).to_contain_text("'notes.txt' is no picture that can be read.")
    frames(page)
    assert site.once("panel/attribution")
    nothing_strange(page)


def test_what_is_drawn_while_an_answer_comes_is_not_taken_away(site, page):
    """The answer to the first stroke comes in the midst of the second."""
    gate = site.hold("GET panel.*own=[^&]")
    stroke(page, (1, 1), (1, 6))
    gate.wait()
    box = pad(page).bounding_box()
    at = [(box["x"] + (x + 0.5) / SIDE * box["width"], box["y"] + 1.5 / SIDE * box["height"]) for x in (5, 6)]
    page.mouse.move(*at[0])
    page.mouse.down()
    answered(page, site, gate)
    gate = site.hold("GET panel.*own=[^&]")
    page.mouse.move(*at[1])
    page.mouse.up()
    both = answered(page, site, gate, 2)
    assert both[1][5] == both[1][6] == both[5][1] == TOP


def test_a_stroke_is_not_lost_when_the_answer_to_the_one_before_comes(site, page):
    gate = site.hold("GET panel.*own=[^&]")
    stroke(page, (1, 1), (1, 6))
    gate.wait()
    stroke(page, (5, 1), (6, 1))
    second = site.hold("GET panel.*own=[^&]")
    answered(page, site, gate)
    second.wait()
    stroke(page, (4, 6), (6, 6))
    third = site.hold("GET panel.*own=[^&]")
    answered(page, site, second, 2)
    drawn = answered(page, site, third, 3)
    assert drawn[5][1] == drawn[1][5] == drawn[6][5] == TOP


def test_what_was_cleared_does_not_come_back_with_the_answer_to_it(site, page):
    black = [[0, 0, 0, 255]] * SIDE * SIDE
    gate = site.hold("GET panel.*own=[^&]")
    stroke(page, (1, 1), (1, 6))
    gate.wait()
    cleared = site.hold("panel/attribution")
    button(page, "Clear").click()
    assert pad(page).evaluate(PIXELS) == black
    answered(page, site, gate)
    assert pad(page).evaluate(PIXELS) == black
    cleared.open()
    shows(page, told(site, "attribution", NET))
    settled(page)
    assert pad(page).evaluate(PIXELS) == black
