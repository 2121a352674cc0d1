"""The Attribution page: maps of real networks, an image of one's own in the link, and photographs without weights."""

import re

import pytest
from playwright.sync_api import expect

from tests.inside import above_the_fold, answered, button, filled, finding, has_scheme, pictures, watched
from tests.servers import ForkedServer
from tests.topics.attribution.test_maps import picture, stroke

SMALL = "depth=8&width=4&epochs=3"  # a second of training
MAPS = re.compile("^(Where|The score of) ")
BLOCKS = 8  # of ResNet-18


def test_it_opens_on_recorded_maps_in_one_screen_without_complaint(server, new_page):
    page, complaints, wishes = watched(new_page, f"{server.url}/attribution", color_scheme="dark")
    expect(page.get_by_role("heading", level=1)).to_have_text("What does it look at?")
    expect(page.get_by_text("a recorded run:")).to_be_visible()
    answered(page)
    gallery = page.get_by_role("region", name="Or choose an image")
    pad = page.get_by_role("region", name="Draw a digit of your own")
    above_the_fold(page, page.get_by_role("group", name="Settings"), pad, gallery)
    above_the_fold(page, *page.get_by_role("region", name=MAPS).locator("canvas").all())
    assert len(set(pictures(page, MAPS))) == 3 + 1, "the image, both maps and the key"
    expect(page.locator(".rv-finding")).to_contain_text("The maps show")
    filled(page, ".rv-panel")
    has_scheme(page, "dark")
    assert (complaints, [url for url in wishes if "/panel/" in url]) == ([], [])


def test_another_image_and_one_of_ones_own_reach_the_address_and_a_link_gives_the_same(server, new_page):
    page = new_page(f"{server.url}/attribution?{SMALL}&own=AAAA&image=9999")
    expect(page.get_by_text("own=AAAA: an image of")).to_contain_text("has 64 numbers, this one 3")
    expect(page.get_by_text("image=9999:")).to_contain_text("has unseen images 0 to 359")
    answered(page)
    first = pictures(page, MAPS)
    thumb = page.locator(".rv-thumb[aria-pressed=false]").nth(3)
    number, truth = re.match(r"Image (\d+), a (\d)", thumb.get_attribute("aria-label")).groups()
    thumb.click()
    page.wait_for_url(re.compile(rf"[?&]image={number}\b"))
    expect(page.locator(".rv-finding")).to_contain_text(f"this {truth} as")
    answered(page)
    second = pictures(page, MAPS)
    assert all(a != b for a, b in zip(first[:-1], second[:-1], strict=True)), "all but the key"
    before = page.locator(".rv-pad").bounding_box()
    stroke(page, (4, 0), (4, 7))
    page.wait_for_url(re.compile(r"[?&]own="))
    expect(page.locator(".rv-finding")).to_contain_text("your image as")
    answered(page)
    own, said = pictures(page, MAPS), finding(page)
    assert page.locator(".rv-pad").bounding_box() == before, "it does not move under a person who draws"
    assert own != second
    page.reload()
    answered(page)
    assert (pictures(page, MAPS), finding(page)) == (own, said)


@pytest.fixture
def bare(tmp_path):
    """A server on a machine that has no weights."""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    server = ForkedServer(tmp_path, RESVIZ_DATA=str(nothing), TORCH_HOME=str(nothing))
    yield server
    server.stop()
    assert not any(nothing.rglob("*.pth")), "nobody has pressed Download"


def test_photographs_without_weights_are_of_random_ones_and_of_ones_own_until_the_server_starts_anew(bare, new_page):
    page, complaints, wishes = watched(new_page, f"{bare.url}/attribution?view=photograph")
    expect(page.get_by_role("heading", level=1)).to_have_text("And a network trained on a million photographs?")
    trouble = page.locator(".rv-panel").get_by_role("alert")
    note = page.get_by_text(
        "The trained weights of ResNet-18 (45 MB) are not on this machine; these are drawn at random."
    )
    expect(note).to_be_visible(timeout=60_000)
    expect(trouble).to_be_hidden()
    above_the_fold(page, page.get_by_role("group", name="Settings"), note, button(page, "Download"))
    answered(page)
    temple = pictures(page, MAPS)
    assert len(temple) == 1 + BLOCKS + 1, "with the key"
    page.get_by_role("combobox", name="weights", exact=True).select_option("random")
    page.wait_for_url(re.compile("weights=random"))
    expect(note).to_be_hidden()
    assert pictures(page, MAPS) == temple, "the same question"
    above_the_fold(page, *page.get_by_role("region", name=MAPS).locator("canvas").all())
    expect(page.locator(".rv-finding")).to_contain_text("ResNet-18 with weights drawn at random, not trained:")
    filled(page, ".rv-panel")
    known = page.url
    assert [url for url in wishes if "/data/" in url] == []
    file = page.locator("label", has_text="File …").locator("input[type=file]")
    file.set_input_files(picture((90, 60), "lightblue", "darkred", (30, 20, 60, 60)))
    page.wait_for_url(re.compile(r"image=own&own=[0-9a-f]{16}"))
    answered(page)
    own, link = pictures(page, MAPS), page.url
    assert own != temple
    file.set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"})
    expect(trouble).to_contain_text("'notes.txt' is no picture that can be read. What can be read is PNG")
    page.reload()
    answered(page)
    assert pictures(page, MAPS) == own, "while the server keeps it"
    assert [c for c in complaints if "400" not in c] == []
    bare.stop()
    bare.start()
    page = new_page(link)
    expect(page.locator(".rv-panel").get_by_role("alert")).to_contain_text(
        "this picture is not on this machine any more; choose the file again"
    )
    heard = []
    page.on("response", lambda response: heard.append(response) if "/panel/photograph" in response.url else None)
    page.goto(known)
    answered(page)
    assert pictures(page, MAPS) == temple
    assert heard[0].json()["share"] == 1, "what was computed is kept"
