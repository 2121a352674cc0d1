"""Drawings that the server makes, in a real browser with their style sheets: words inside their bars, ink that can be read, and
narrow screens that scroll nowhere sideways."""

import base64
import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from resviz.topics.block.figures import flow
from resviz.topics.block.question import BlockRecord, BlockSpec, Channel, Node
from resviz.topics.calculator.architectures import count
from resviz.topics.calculator.figures import bars, block_sum, compared, roofs
from resviz.topics.calculator.measured import Roofline
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.terms import comparisons, other_kind, terms
from tests.harness.components import style
from tests.harness.site import PAGE

DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
STYLE = style()
HEAD = PAGE.partition("{style}")[0] + STYLE + "</style></head><body>"
LONG = CountSpec.of({"net": "densenet121", "other": "cifar"})


def networks(spec=LONG):
    return [count(each) for each in (spec, spec.against) if each]


def block_sums():
    spec = CountSpec.of({"net": "block"})
    found = count(spec)
    return block_sum(found, terms(found)) + compared(comparisons(spec), spec.block, other_kind(spec))


def block(**words):
    """A block's picture, from a record made up."""
    spec = BlockSpec.of({"image": "digit", **words})
    roles = [
        ("x", "x"), ("branch", "conv1"), ("branch", "norm1"), ("branch", "act1"), ("branch", "conv2"), ("branch", "norm2"),
        ("F", "F"), *([] if spec.block == "plain" else [("shortcut", "shortcut")]), ("sum", "sum"), ("after", "act2"), ("y", "y"),
    ]  # fmt: skip
    channels = (Channel(3.0, -1.0, 1.0, 0.5),) * 16
    nodes = tuple(Node(role, part, (16, 8, 8), 12.345, 0.25, 0.5, DOT, channels) for role, part in roles)
    return flow(spec, BlockRecord(DOT, 1.0, nodes, None, False, {}, 4672, 1, 16, ((0, 0),) * 16))


DRAWINGS = {
    "bars": lambda: bars(networks()),
    "block": block_sums,
    "flow": block,
    "roofs": lambda: roofs([(each.spec.label, Roofline(1e-3, 2e-3, 5e-3)) for each in networks()]),
}


def show(new_page, markup, **options):
    page = new_page(**options)
    page.set_content(f'{HEAD}<div class="stApp"><main><div class="rb">{markup}</div></main></div></body></html>')
    return page


@pytest.mark.parametrize(
    ("scheme", "width", "shown"), [("light", 1280, "wide"), ("dark", 1280, "wide"), ("light", 390, "narrow")]
)
def test_words_in_bars_keep_their_ink_and_stay_inside(new_page, scheme, width, shown):
    page = show(new_page, bars(networks()), color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    expect(page.locator("svg.rc-bars:visible")).to_have_count(1)
    expect(page.locator(f"svg.rc-{shown}")).to_be_visible()
    sizes = page.locator("svg.rc-bars:visible text").evaluate_all(
        "texts => texts.map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"
    )
    assert min(sizes) > 12.5  # px on the screen
    found = page.evaluate(
        """(shown) => [...document.querySelectorAll(`svg.rc-${shown} g[class^=rc-] > rect + text`)].map((text) => {
          const box = text.parentElement.querySelector("rect").getBoundingClientRect(), words = text.getBoundingClientRect();
          return { ink: getComputedStyle(text).fill, inside: words.left >= box.left && words.right <= box.right
            && words.top >= box.top && words.bottom <= box.bottom, text: text.textContent };
        })""",
        shown,
    )
    assert len(found) > (10 if shown == "wide" else 4)
    assert {each["ink"] for each in found} <= {"rgb(255, 255, 255)", "rgb(0, 0, 0)"}
    assert [each["text"] for each in found if not each["inside"]] == []
    for label in ("DenseNet-121", "training memory"):
        ink = (
            page.locator(f".rc-{shown}")
            .get_by_text(label, exact=True)
            .first.evaluate("text => getComputedStyle(text).fill")
        )
        assert (sum(map(int, re.findall(r"\d+", ink)[:3])) > 3 * 128) == (scheme == "dark")


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_narrow_screen_scrolls_no_page_sideways(new_page, name):
    page = show(new_page, DRAWINGS[name]())
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 420
    widths = page.evaluate(
        "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.rb'))"
    )
    assert widths[1] <= 420
    if name == "flow":  # what would be too small to read scrolls in itself
        assert widths[0] > widths[1]


@pytest.mark.parametrize("name", DRAWINGS)
def test_on_a_wide_screen_all_of_it_is_seen(new_page, name):
    page = show(new_page, DRAWINGS[name]())
    assert page.evaluate(
        "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector('.rb'))"
    )
    for picture in page.locator("svg:visible").all():
        whole = picture.bounding_box()
        texts = "nodes => nodes.map((n) => n.getBoundingClientRect()).map((b) => [b.left, b.top, b.right, b.bottom])"
        for left, top, right, bottom in picture.locator("text").evaluate_all(texts):
            assert whole["x"] - 1 <= left and right <= whole["x"] + whole["width"] + 1
            assert whole["y"] - 1 <= top and bottom <= whole["y"] + whole["height"] + 1


@pytest.mark.parametrize("words", [{}, {"block": "plain"}, {"gate": "exclusive", "gate_bias": "-6"}])
def test_a_block_is_drawn_with_all_its_pictures_and_words_apart(new_page, words):
    page = show(new_page, block(**words))
    picture = page.get_by_role("group", name=re.compile("^x of norm 12.3 goes through 5 parts to F"))
    expect(picture).to_be_visible()
    images = [image.bounding_box() for image in picture.locator("image").all()]
    assert len(images) == (8 if words.get("block") == "plain" else 9)  # the photo, and no picture twice
    for a, b in pairwise(images):
        assert a["x"] + a["width"] <= b["x"]
    label = picture.locator(".rb-label")
    assert label.count() == (words.get("block") != "plain")
    if label.count():
        box, text = label.bounding_box(), picture.get_by_text(re.compile(": ‖·‖ 12.3$")).bounding_box()
        assert box["x"] <= text["x"] and text["x"] + text["width"] <= box["x"] + box["width"]


def test_the_stage_under_the_pointer_stands_out_in_all_bars_of_its_network(new_page):
    page = show(new_page, bars(networks()))
    first, second = page.locator("svg.rc-wide > g").all()
    first.locator("> .rc-1 rect").first.hover(force=True)  # a word lies on it
    look = "nodes => nodes.map((n) => [n.getAttribute('class'), Number(getComputedStyle(n).opacity)])"
    page.wait_for_function(
        "() => [...document.querySelectorAll('.rc-wide > g:first-of-type > g:not(.rc-1)')]"
        ".every((node) => getComputedStyle(node).opacity < 0.2)"
    )
    groups = first.locator("> g")
    assert all((opacity > 0.9) == (name == "rc-1") for name, opacity in groups.evaluate_all(look))
    assert all(opacity == 1 for _, opacity in second.locator("> g").evaluate_all(look))
