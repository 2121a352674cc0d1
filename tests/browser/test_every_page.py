"""What holds for every page of the app as a person opens it: nothing moves while it loads, axe finds nothing, each term of the
glossary is marked where it first stands; on a desk and on a telephone, which it fits and where all is
large enough for eyes and fingers, on light and on dark."""

from pathlib import Path

import pytest

from resviz.topic import pages
from tests.axe import audit
from tests.glossed import check_marks
from tests.telephone import fits_a_telephone, too_small, touched

ROOT = Path(__file__).parents[2]


def shows_one(page):
    """Whether a page shows one of its topics at a time."""
    return f'views("{page}")' in (ROOT / f"pages/{page}.py").read_text("utf-8")


PAGES = [
    name if number == 0 else f"{name}?view={topic.name}"
    for name, found in pages().items()
    for number, topic in enumerate(found)
    if number == 0 or shows_one(name)
]
# Other tests look at what a study of the default run says before any of it is trained here.
SETTINGS = {"train": "train?depth=8&epochs=1"}
MOST_SHIFT = 0.1  # "good" on https://web.dev/articles/cls
DESK, TELEPHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}

pytestmark = pytest.mark.browser

# Adds up what moved without a person's doing, and names what moved most.
SHIFTS = """
window.moved = { sum: 0, what: [] };
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    if (hadRecentInput) continue;
    window.moved.sum += value;
    window.moved.what.push([value, ...sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? "gone").slice(0, 90))]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# The first panel has its figures, those far down excepted, or says why it has none.
DRAWN = """() => {
  const panel = document.querySelector(".rv-live.rv-drawn"), grid = panel?.querySelector(".rv-panel-grid, .rv-grid");
  if (panel?.querySelector("[role=alert]:not([hidden])")) return true;
  const chart = grid?.querySelector(".rv-plot:not(.rv-laid)");
  const far = chart?.getBoundingClientRect().top > 1.5 * innerHeight;
  return grid?.children.length && (!chart || far || grid.querySelector(".js-plotly-plot .main-svg"));
}"""


def drawn(page):
    page.wait_for_function(DRAWN)
    page.wait_for_timeout(300)  # for what is drawn in the frames after


@pytest.fixture
def watched(new_page):
    """Open a page and add up what moves."""

    def open_page(url, *, alone=False):
        page = new_page(alone=alone, motion=True)
        page.set_viewport_size(DESK)
        page.add_init_script(SHIFTS)
        page.goto(url)
        drawn(page)
        return page

    return open_page


def still(page):
    found = page.evaluate("window.moved")
    return found["sum"] < MOST_SHIFT or found


@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_it_loads_axe_finds_nothing_and_terms_are_marked_also_on_a_telephone_for_fingers(
    name, server, watched
):
    page = watched(f"{server.url}/{SETTINGS.get(name, name)}")
    assert still(page) is True
    assert audit(page) == []
    assert check_marks(page)
    page.set_viewport_size(TELEPHONE)
    touched(page)
    page.emulate_media(color_scheme="dark")
    page.reload()
    drawn(page)
    assert still(page) is True
    fits_a_telephone(page)
    assert too_small(page) == []
    assert audit(page) == []


def test_nothing_moves_on_a_server_that_has_just_begun_in_a_browser_that_has_nothing(make_paced, watched):
    assert still(watched(f"{make_paced().url}/train", alone=True)) is True
