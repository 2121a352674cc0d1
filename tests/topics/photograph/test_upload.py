"""Photographs: weights that are not here and can be fetched, a map for every block, and a picture of one's own."""

import re

import pytest
from playwright.sync_api import expect

from tests.harness.asking import button, choose, now, scheme, settled, shows, told
from tests.harness.scenes_panel import asked
from tests.harness.seeing import frames, line
from tests.telephone import fits_a_telephone
from tests.topics.attribution.test_maps import NO_PICTURE, PIXELS, numbers, picture
from tests.topics.photograph.scenes import BLOCKS, CHOSEN, DIGEST

RANDOM, FLOWER = "weights=random", "weights=random&image=flower"
MISSING = "The trained weights of ResNet-18 (45 MB) are not on this machine; these are drawn at random."


@pytest.fixture
def without(site, stage):
    """The view on a machine that has no weights."""
    site.use("photograph")
    page = stage.open("attribution?view=photograph", clock=True)
    shows(page, told(site, "photograph"))
    return page


def note(page):
    """What says, beside the finding, that other weights are shown."""
    return page.locator(".rv-mild")


@pytest.fixture
def random(site, stage):
    """The view with weights drawn at random."""
    site.use("photograph")
    page = stage.open(f"attribution?view=photograph&{RANDOM}", clock=True)
    shows(page, told(site, "photograph", RANDOM))
    return page


def maps(page):
    return [canvas.evaluate(PIXELS) for canvas in page.get_by_role("region").first.locator(".rv-map canvas").all()]


def labels(page):
    return page.get_by_role("region").first.locator("figure small")


def file(page):
    return page.locator("label", has_text="File …").locator("input[type=file]")


# -- weights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
def test_without_weights_there_are_maps_of_random_ones_and_a_small_note_that_offers_them(site, stage, dark):
    site.use("photograph")
    page = stage.open("attribution?view=photograph", dark=dark)
    expect(note(page)).to_contain_text(MISSING)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator(".rv-finding")).to_contain_text("ResNet-18 with weights drawn at random, not trained")
    expect(labels(page)).to_have_count(1 + BLOCKS)
    expect(page.get_by_role("combobox", name="weights", exact=True).locator("option:checked")).to_have_text(
        "trained on ImageNet (not here)"
    )
    expect(note(page).get_by_role("button", name="Download")).to_be_visible()
    box = note(page).bounding_box()
    assert box["y"] + box["height"] < 768 and 0 < box["height"] < 40
    back, text, _ = scheme(page)
    assert (back < 128 < text) if dark else (back > 128 > text)
    fits_a_telephone(page)
    assert not site.asked("^POST") and not site.asked("data/"), "nothing is fetched unless a person says so"


def test_a_press_fetches_them_and_then_the_map_is_made(site, without):
    page = without
    gate = site.hold("GET data/")
    button(page, "Download").click()
    expect(page.get_by_role("alert")).to_contain_text("Downloading: 12.3 of 46.8 MB")
    expect(button(page, "Download")).to_be_hidden()
    page.clock.fast_forward(600)
    gate.wait()
    site.answers["GET data/resnet18"] = site.answers["done: GET data/resnet18"]
    now(site, "here", "photograph")
    gate.open()
    shows(page, told(site, "photograph"))
    expect(note(page)).to_be_hidden()
    expect(button(page, "Download")).to_be_hidden()
    assert [heard.path for heard in site.asked("^POST")] == ["/data/resnet18", "/panel/photograph"]


def test_a_download_that_breaks_off_says_why_and_can_be_tried_again(site, without):
    page = without
    site.answers["GET data/resnet18"] = site.answers["failed: GET data/resnet18"]
    button(page, "Download").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("^The download broke off."))
    expect(button(page, "Download")).to_be_visible()
    ends = site.refuse("data/", 0)
    button(page, "Download").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("^The server does not answer."))
    ends()
    site.answers["GET data/resnet18"] = site.answers["done: GET data/resnet18"]
    now(site, "here", "photograph")
    button(page, "Download").click()
    shows(page, told(site, "photograph"))


def test_weights_drawn_at_random_need_no_download(site, without):
    page = without
    before = maps(page)
    choose(page, "weights", "random")
    shows(page, told(site, "photograph", RANDOM))
    expect(note(page)).to_be_hidden()
    assert maps(page) == before
    expect(button(page, "Download")).to_be_hidden()
    settled(page)
    page.wait_for_url("**view=photograph&weights=random")


# -- maps --------------------------------------------------------------------------------------------


def test_every_block_has_a_map_and_the_five_largest_shares_are_shown(site, random):
    page = random
    expect(labels(page)).to_have_text(["a temple", *map(str, range(1, BLOCKS + 1))])
    for canvas in page.get_by_role("region").first.locator(".rv-map canvas").all():
        box = canvas.bounding_box()
        assert box["width"] > 20 and box["y"] + box["height"] <= 768
    shares, names = line(page, "What the network makes of it", "ResNet-18")
    assert len(shares) == len(names) == 5 and shares == sorted(shares)
    assert names[-1] == "stupa (832)"
    data = told(site, "photograph", RANDOM)["figures"][0]["maps"]
    drawn = maps(page)
    assert len(drawn) == 1 + BLOCKS and len({str(pixels) for pixels in drawn}) == 1 + BLOCKS
    red = numbers(data["image"]["pixels"])
    assert drawn[0][: len(red)] == [[v, 0, 0, 255] for v in red], "red comes first of three"
    before = drawn
    choose(page, "photograph", "flower")
    shows(page, told(site, "photograph", FLOWER))
    expect(labels(page).first).to_have_text("a flower")
    assert maps(page) != before


def test_a_photograph_of_ones_own_is_sent_and_named_in_the_link(site, random):
    page = random
    before = maps(page)
    sent = picture((90, 60), "lightblue", "darkred", (30, 20, 60, 60))
    with page.expect_request("**/panel/photograph/picture") as request:
        file(page).set_input_files({**sent, "name": "our house é.png"})
    headers = request.value.headers
    assert (headers["x-resviz"], headers["x-name"]) == ("1", "our%20house%20%C3%A9.png")
    assert site.wait_for("POST panel/photograph/picture").body == sent["buffer"].decode("utf-8", "replace")
    shows(page, told(site, "photograph", CHOSEN))
    expect(labels(page).first).to_have_text("your photograph")
    assert maps(page) != before
    settled(page)
    page.wait_for_url(f"**image=own&own={DIGEST}")
    page.keyboard.press("Control+z")
    shows(page, told(site, "photograph", RANDOM))
    assert maps(page) == before


def test_a_file_that_is_no_picture_is_refused_by_name_and_changes_nothing(site, random):
    page = random
    site.refuse("photograph/picture", 400, "'notes.txt' is no picture that can be read. What can be read is PNG")
    file(page).set_input_files(NO_PICTURE)
    expect(page.get_by_role("alert")).to_have_text(re.compile("^'notes.txt' is no picture that can be read."))
    frames(page)
    assert site.once("GET panel/photograph")
    expect(labels(page)).to_have_count(1 + BLOCKS)


def test_a_photograph_that_is_gone_is_said(site, stage):
    site.use("photograph")
    gone = f"own='{DIGEST}': this photograph is not on this machine any more; choose the file again."
    told_before = {key: v for key, v in told(site, "photograph", CHOSEN).items() if key not in ("figures", "finding")}
    nothing = {"status": "waiting", "share": 0.0, "version": "", "trouble": gone, "barred": True}
    site.answers[asked("photograph", CHOSEN)] = {**told_before, **nothing}
    page = stage.open(f"attribution?view=photograph&{CHOSEN}")
    expect(page.get_by_role("alert")).to_have_text(re.compile("this photograph is not on this machine any more"))
    expect(page.get_by_role("combobox", name="photograph")).to_have_value("own")
