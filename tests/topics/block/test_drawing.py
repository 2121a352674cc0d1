"""The drawing of a block in the browser: the pulse that goes through it, and its channels enlarged, by pointer and by keys."""

import re

import pytest
from playwright.sync_api import expect

from resviz.topics.block.experiment import Through
from resviz.topics.block.panel import Through as Shown
from resviz.topics.block.question import BlockSpec
from tests.axe import audit
from tests.harness.asking import button, told
from tests.harness.scenes_panel import Scene
from tests.harness.write import server_of_nothing, words_of

# As the browser asks for them. The answers are real, and so not the same to the last digit on every machine: no file keeps them.
ASKED = ("image=digit", "block=plain&image=digit", "image=digit&stride=2&shortcut=B")
# What has a way to go, however far it has come.
PULSES = """() => [...document.querySelectorAll(".rb-pulse, .rb-plus")]
  .filter((node) => getComputedStyle(node).animationName !== "none").map((node) => node.getAttribute("d") ?? "sum")"""
GOING = "() => document.querySelector('svg.rb-flow').getAnimations({ subtree: true })"


@pytest.fixture(scope="module")
def scene():
    through, scene = Through(), Scene("block")
    with server_of_nothing():
        scene.opens("block", view=False)
        for query in ASKED:
            spec = BlockSpec.of(words_of(query))
            scene.knows("block", query, Shown(spec, through(spec)))
    through.lanes.close()
    return scene.written()


@pytest.fixture
def block(site, stage, scene):
    """Open the page with these settings, until it is drawn."""
    site.pages |= scene["pages"]
    site.answers |= scene["answers"]

    def open_page(query=ASKED[0], **options):
        page = stage.open(f"block?{query}", **options)
        expect(page.locator("svg.rb-flow")).to_be_visible()
        return page, told(site, "block", query)["figures"][0]["own"]

    return open_page


def test_a_pulse_goes_through_at_once_after_each_change_and_at_a_press_where_something_is_connected(block):
    page, _ = block()
    place = "JSON.stringify(document.querySelector('svg.rb-flow').getBoundingClientRect())"
    before = page.evaluate(place)
    pulses = page.evaluate(PULSES)
    assert pulses.count("sum") == 1 and len(pulses) == 8
    assert sum("Q" in path for path in pulses) == 1, "along the shortcut"
    page.evaluate(f"({GOING})().forEach((pulse) => pulse.finish())")
    assert page.evaluate(f"({GOING})().length") == 0 and page.evaluate(place) == before
    page.evaluate("addEventListener('animationstart', () => { globalThis.begun = true; })")
    button(page, "Play").click()
    page.wait_for_function("globalThis.begun")
    page.get_by_role("combobox", name="block").select_option("plain")
    expect(page.locator("svg.rb-flow")).to_have_attribute("aria-label", re.compile("no shortcut"))
    pulses = page.evaluate(PULSES)
    assert len(pulses) == 4 and not any("Q" in path for path in pulses)
    assert page.evaluate(place) == before


def test_who_wants_no_motion_sees_none_and_no_button_for_it(block):
    page, _ = block(motion=False)
    assert page.evaluate(PULSES) == []
    expect(button(page, "Play")).to_have_count(0)


def tile(page, station, column, row):
    """The middle of a channel in a picture of four a row."""
    box = page.locator(f'[data-station="{station}"] image').bounding_box()
    return box["x"] + box["width"] * (column + 0.5) / 4, box["y"] + box["height"] * (row + 0.5) / 4


def expect_channel(page, own, n, stations):
    """The dialog shows this channel of these stations, with their numbers, and what is added."""
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"Channel {n} of 16", exact=True)).to_be_visible()
    names = [f"{own['stations'][k]['name']}, channel {n}: {own['stations'][k]['said'][n - 1]}" for k in stations]
    expect(dialog.get_by_role("img")).to_have_count(len(names))
    assert [image.get_attribute("aria-label") for image in dialog.get_by_role("img").all()] == names
    expect(dialog.get_by_text(own["there"][n - 1], exact=True)).to_be_visible()
    expect(dialog.get_by_text(f"+{own['scale']}", exact=True)).to_be_visible()


def test_a_click_enlarges_that_channel_of_x_the_branch_and_the_sum_and_keys_lead_to_the_next(block):
    page, own = block()
    added = [term["station"] for term in own["terms"]]
    page.mouse.click(*tile(page, 0, 1, 1))
    expect_channel(page, own, 6, added)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert audit(page) == [], scheme
    page.keyboard.press("ArrowRight")
    expect_channel(page, own, 7, added)
    page.get_by_role("button", name="Previous channel").click()
    expect_channel(page, own, 6, added)
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect_channel(page, own, 16, added)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    first = page.locator('[data-station="0"]')
    expect(first).to_be_focused()
    first.press("Enter")
    expect_channel(page, own, 16, added)
    page.get_by_role("dialog").get_by_role("img").first.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.mouse.click(*tile(page, 2, 0, 0))  # a part of the branch stands beside the sum
    expect_channel(page, own, 1, [2, *added])


def test_what_is_added_is_what_the_shortcut_makes_of_x_in_the_colours_of_the_numbers(block):
    page, own = block(ASKED[2])
    page.mouse.click(*tile(page, 0, 0, 0))
    first, *further = [term["station"] for term in own["terms"]]
    assert own["stations"][first]["name"] == "x, 1×1 convolution"
    expect_channel(page, own, 1, [0, first, *further])
    record = Through()(BlockSpec.of(words_of(ASKED[2])))
    colours = (
        page.get_by_role("dialog")
        .get_by_role("img")
        .evaluate_all(
            """(canvases, [row, column]) => Promise.all(canvases.slice(1).map(async (canvas) => {
          const at = (pen) => [...pen.getImageData(column, row, 1, 1).data];
          const over = canvas.parentElement.querySelector(".rv-stripes"), image = new Image();
          if (!over) return [at(canvas.getContext("2d")), 0];
          image.src = getComputedStyle(over).backgroundImage.slice(5, -2);
          await image.decode();
          const sheet = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
          sheet.getContext("2d").drawImage(image, 0, 0);
          return [at(canvas.getContext("2d")), at(sheet.getContext("2d"))[3]];
        }))""",
            own["marked"][0],
        )
    )
    for ((red, green, _, _), stripes), role in zip(colours, ("shortcut", "F", "sum", "y"), strict=True):
        number = record.node(role).channels[0].there
        assert (green > red) - (green < red) == (number > 0) - (number < 0), role
        assert (stripes > 0) == (number < 0), f"{role}: striped if below 0"
    expect(page.get_by_role("dialog").locator(".rb-spot")).to_have_count(len(own["terms"]))
