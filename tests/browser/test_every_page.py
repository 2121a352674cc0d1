"""What holds for every page of the app as a person opens it: nothing moves while it loads, and axe finds nothing, on a desk and
on a telephone, on light and on dark, before and after something is done."""

import os

import pytest

from resviz.topic import pages
from tests.js import FOLDER

AXE = FOLDER / "node_modules/axe-core/axe.min.js"
PAGES = [
    name if number == 0 else f"{name}?view={topic.name}"
    for name, found in pages().items()
    for number, topic in enumerate(found)
    if number == 0 or (FOLDER.parents[1] / f"pages/{name}.py").read_text("utf-8").rstrip().endswith(f'views("{name}")')
]
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
# Streamlit's own navigation is not ours to mend.
AUDIT = """async () => {
  const outside = ["stSidebar", "stHeader", "stToolbar"].map((name) => [`[data-testid="${name}"]`]);
  const { violations } = await axe.run({ exclude: outside }, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) =>
    `${id}: ${html.slice(0, 120)} (${[...any, ...all, ...none].map(({ message }) => message).join("; ").slice(0, 200)})`));
}"""
DRAWN = """() => {
  const panel = document.querySelector(".rv-panel-grid, .rv-grid"), chart = panel?.querySelector(".rv-plot:not(.rv-laid)");
  return panel?.children.length && (!chart || panel.querySelector(".js-plotly-plot .main-svg"));
}"""


def audit(page):
    """What axe finds on a page."""
    if not AXE.exists():
        if os.environ.get("RESVIZ_REQUIRE_ALL"):
            pytest.fail(f"{AXE} is missing: run `make check`, which fetches it")
        pytest.skip("axe is not here: `make check` fetches it, where Node is there")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    return page.evaluate(AUDIT)


def drawn(page):
    page.wait_for_function(DRAWN)
    page.wait_for_timeout(300)  # for what is drawn in the frames after


@pytest.fixture
def watched(new_page):
    """Open a page and add up what moves."""

    def open_page(url, size=DESK, **options):
        page = new_page(alone=True, **options)
        page.set_viewport_size(size)
        page.add_init_script(SHIFTS)
        page.goto(url)
        drawn(page)
        return page

    return open_page


def still(page):
    found = page.evaluate("window.moved")
    return found["sum"] < MOST_SHIFT or found


@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_it_loads_and_axe_finds_nothing(name, server, watched):
    page = watched(f"{server.url}/{name}")
    assert still(page) is True
    assert audit(page) == []
    page.set_viewport_size(TELEPHONE)
    page.emulate_media(color_scheme="dark")
    page.reload()
    drawn(page)
    assert still(page) is True
    assert audit(page) == []


def test_nothing_moves_on_a_server_that_has_just_begun(make_paced, watched):
    assert still(watched(f"{make_paced().url}/train")) is True
