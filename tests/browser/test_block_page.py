"""The Block page: an image's way through every order, zero gamma, one's own picture, and the choices trained."""

import io
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image
from playwright.sync_api import expect

from resviz.blockspec import BlockSpec
from resviz.blocktext import branch_name
from resviz.experiments.block import Through
from resviz.settings import ORDERS


@pytest.fixture(scope="module")
def through():
    return Through()


def flow(page):
    return page.locator("svg.rb-flow")


def png(width=40, height=30):
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def huge_png():
    """A PNG of a hundred million pixels, as far as its header goes."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_it_opens_on_a_real_picture_in_one_screen(server, new_page, through):
    page = new_page(f"{server.url}/block")
    record = through(BlockSpec())
    expect(flow(page)).to_be_visible(timeout=60_000)
    label = flow(page).get_attribute("aria-label")
    assert label.startswith(f"x of norm {record.node('x').norm:.3g} goes through 5 parts")
    assert label.endswith(f"y {record.node('y').norm:.3g}")
    assert flow(page).locator("image").count() == len(record.nodes) - 1  # what the shortcut carries is on its sign
    expect(page.get_by_text("4,672")).to_be_visible()
    expect(page.get_by_text("6.61%", exact=True)).to_be_visible()
    box = flow(page).bounding_box()
    assert box["y"] + box["height"] <= 768
    assert page.locator(".katex").first.is_visible()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("block", ["plain", "basic", "bottleneck"])
def test_every_order_is_drawn_with_its_own_numbers(server, new_page, through, block, order):
    words = {"block": block, "order": order, "image": "digit", "shortcut": "B", "stride": "2"}
    page = new_page(f"{server.url}/block?{'&'.join(f'{k}={v}' for k, v in words.items())}")
    spec = BlockSpec.of(words)
    record = through(spec)
    expect(flow(page)).to_be_visible(timeout=60_000)
    label = flow(page).get_attribute("aria-label")
    assert f"F(x) of norm {record.node('F').norm:.3g}" in label
    assert ("no shortcut" in label) == (block == "plain")
    expect(flow(page).get_by_text(branch_name(spec), exact=True).first).to_be_visible()


def test_a_control_answers_and_the_link_follows(server, new_page):
    page = new_page(f"{server.url}/block?image=digit")
    expect(flow(page)).to_be_visible(timeout=60_000)
    before = flow(page).get_attribute("aria-label")
    page.get_by_role("combobox", name="order").click()
    page.get_by_role("option", name="full pre-activation").click()
    expect(flow(page)).not_to_have_attribute("aria-label", before)
    page.wait_for_url(lambda url: "order=full" in url)
    expect(page.get_by_text("6.37%", exact=True)).to_be_visible()
    page.get_by_role("combobox", name="on the shortcut").click()
    page.get_by_role("option", name="dropout 0.5").click()
    page.wait_for_url(lambda url: "shortcut_dropout=0.5" in url)
    expect(page.get_by_text("report no error for this mixture")).to_be_visible()


def test_zero_gamma_shows_the_identity_and_why_it_is_a_relu(server, new_page):
    page = new_page(f"{server.url}/block?image=digit&init=zero_gamma")
    expect(page.get_by_text("F(x) is exactly 0, so y is x, to the last bit")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("get a gradient of exactly 0 now")).to_be_visible()
    page.get_by_role("radio", name="Zero gamma, x signed").or_(
        page.get_by_role("button", name="Zero gamma, x signed")
    ).first.click()
    expect(page.get_by_text("so y is max(0, x), to the last bit, and not x")).to_be_visible()
    page.wait_for_url(lambda url: "entering=signed" in url)


def test_a_guess_is_held_against_the_picture(server, new_page):
    page = new_page(f"{server.url}/block?image=digit")
    expect(flow(page)).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Guess first").click()
    page.get_by_role("button", name="x", exact=True).click()
    expect(page.get_by_text("You guessed x: right.")).to_be_visible()
    page.get_by_role("button", name="x", exact=True).click()
    expect(page.get_by_text("You guessed x: not so.")).to_be_visible()
    expect(page.get_by_text("1 of 2 right so far")).to_be_visible()


def test_a_picture_of_ones_own_goes_through_and_bad_files_are_refused_in_words(server, new_page):
    page = new_page(f"{server.url}/block?image=own")
    expect(page.get_by_text("Choose a picture")).to_be_visible()
    choose = page.locator('input[type="file"]')
    choose.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": png()})
    expect(flow(page)).to_be_visible(timeout=60_000)
    before = flow(page).get_attribute("aria-label")
    for name, data, says in (
        ("notes.png", b"these are words", "'notes.png' is no picture that can be read"),
        ("cut.png", png(400, 300)[:300], "'cut.png' begins like a picture and is damaged or cut short"),
        ("huge.png", huge_png(), "'huge.png' has 10,000 x 10,000 pixels"),
    ):
        choose.set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
        expect(page.get_by_text(says)).to_be_visible()
        expect(flow(page)).to_have_attribute("aria-label", before)  # the good one stays


def test_shapes_that_cannot_match_are_named(server, new_page):
    page = new_page(f"{server.url}/block?image=digit&inputs=64&width=16")
    expect(page.get_by_text("x is 64x8x8 and F(x) 16x8x8")).to_be_visible(timeout=60_000)
    expect(flow(page)).to_be_visible()
    expect(flow(page).get_by_text("1×1 convolution")).to_be_visible()


def test_the_code_on_the_page_runs_alone(server, new_page, tmp_path):
    page = new_page(
        f"{server.url}/block?image=digit&block=bottleneck&order=relu_only&shortcut=C&stride=2&gate=exclusive"
    )
    expect(flow(page)).to_be_visible(timeout=60_000)
    page.get_by_text("The PyTorch code of this block").click()
    code = page.get_by_test_id("stCode").first
    expect(code).to_be_visible()
    file = tmp_path / "block.py"
    file.write_text(code.inner_text().replace("\xa0", " "))
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("(1, 64, 4, 4)")


def test_what_stands_below_the_picture_does_not_jump_while_the_page_comes(server, new_page):
    page = new_page()
    page.add_init_script("""
      window.heights = [];
      const look = () => {
        const place = document.querySelector(".st-key-flow");
        // Our style comes with the page's first elements; for the few frames before nothing has its place.
        const styled = [...document.querySelectorAll("style")].some((s) => s.textContent.includes("st-key-flow"));
        if (place && styled) heights.push(place.getBoundingClientRect().height);
        requestAnimationFrame(look);
      };
      look();""")
    page.goto(f"{server.url}/block?image=digit")
    expect(flow(page)).to_be_visible(timeout=60_000)
    page.wait_for_function("heights.length > 30")
    heights = page.evaluate("heights")
    assert max(heights) - min(heights) < 60, (heights[0], min(heights), max(heights))


def test_the_numbers_can_be_taken_away(server, new_page, through):
    page = new_page(f"{server.url}/block?image=digit")
    expect(flow(page)).to_be_visible(timeout=60_000)
    page.get_by_text("All numbers of this picture").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="numbers (CSV)").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 1 + len(through(BlockSpec(image="digit")).nodes)


def test_the_choices_are_trained_at_a_press_and_stop_at_another(server, new_page):
    page = new_page(f"{server.url}/block?image=digit")
    page.get_by_role("button", name="Train them").click()
    expect(page.get_by_role("progressbar", name="Training")).to_be_visible()
    expect(page.locator(".rv-board .rv-card").first).to_be_visible(timeout=90_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train the rest")).to_be_visible()
    page.get_by_text("what sits on the shortcut", exact=True).click()
    expect(page.get_by_text("of 24 runs done")).to_be_visible()
