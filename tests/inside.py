"""Looking at the pages that compute: what a person sees of a panel on a real server."""

import re

from playwright.sync_api import Page, expect

STRANGE = re.compile(r"\b(nan|undefined|null|Infinity)\b|\[object|\d\.\d{6,}", re.IGNORECASE)
HEIGHT = 768  # px, of the window that `new_page` opens
# Every figure is drawn: plotly's have data, of the others every canvas has been painted. Those far down are drawn when they are
# scrolled near, and the page is at its top again in the end.
DRAWN = """() => {
  const cards = [...document.querySelectorAll(".rv-panel section")];
  const missing = cards.find((card) => {
    const plot = card.querySelector(".js-plotly-plot"), canvases = [...card.querySelectorAll("canvas")];
    if (plot) return !plot.querySelector(".main-svg") || !plot.data.some((trace) => trace.x?.length && trace.y?.length);
    return !card.querySelector("table, svg, canvas, p") || !canvases.every((canvas) => canvas.width > 0);
  });
  if (missing) missing.scrollIntoView({ block: "nearest" });
  else document.querySelector("[data-testid=stMain]").scrollTo(0, 0);
  return cards.length && !missing;
}"""


def at_rest(page):
    """Until Streamlit says that nothing of the page is being made anew: what is pressed while it is may be another's by then."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def saved(page, name):
    """The file behind a link of a page or of a part of one, taken by the keyboard: what stands above it may still grow, and move
    it away from under a pointer between down and up."""
    with (page if isinstance(page, Page) else page.page).expect_download() as download:
        page.get_by_role("link", name=name, exact=True).press("Enter")
    return download.value


def answered(page):
    """Until all that was asked is computed and drawn."""
    expect(page.locator(".rv-panel .rv-finding p").first).not_to_be_empty(timeout=60_000)
    expect(button(page, "Stop")).to_have_count(0, timeout=60_000)
    page.wait_for_function(DRAWN)


def figures(page):
    """Of the panel: Streamlit has regions of its own."""
    return page.locator(".rv-panel").get_by_role("region")


def button(page, name):
    """Of the page itself: while it works, Streamlit shows a Stop of its own above."""
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)


def until_panels(page, *labels):
    """Until these panels stand on the page, and no others: those of the view before stay for a moment beside them."""
    shown = "[...document.querySelectorAll('.rv-panel')].map((panel) => panel.getAttribute('aria-label'))"
    page.wait_for_function(f"(labels) => String({shown}) === String(labels)", arg=list(labels))


def watched(new_page, url, **options):
    """A page, what its console complains of, and what was sent to the server at a press of a button."""
    page, complaints, wishes = new_page(**options), [], []

    def hear(message):
        # Streamlit looks for these beside the page's own address first, and finds them one folder up.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            complaints.append(f"{message.text} {message.location}")

    page.on("console", hear)

    def pressed(request):
        """Not what a page wishes for by itself when it is opened."""
        said = request.post_data or ""
        return request.method == "POST" and ('"anew":true' in said or "anew" not in said)

    page.on("request", lambda request: wishes.append(request.url) if pressed(request) else None)
    page.goto(url)
    return page, complaints, wishes


def above_the_fold(page, *nodes):
    """All of each lies within the first screen."""
    for node in nodes:
        box = node.bounding_box()
        assert box["height"] > 0 and box["width"] > 0
        assert box["y"] >= 0 and box["y"] + box["height"] <= HEIGHT, (node, box)
        assert box["x"] >= 0 and box["x"] + box["width"] <= 1366, (node, box)


def has_scheme(page, scheme):
    """Its background is light or dark, and its text is the other."""
    colours = page.evaluate(
        "(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.querySelector('.stApp')))"
    )
    back, text = (sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3 for colour in colours)
    assert (back > 128 > text) if scheme == "light" else (back < 128 < text), colours


def filled(page, root):
    """Every figure that plotly draws there has something in it, and no text is what a program says of missing numbers."""
    for plot in page.locator(f"{root} .js-plotly-plot").all():
        assert plot.evaluate("plot => plot.data.some((trace) => trace.x?.length && trace.y?.length)")
    said = page.locator(root).inner_text()
    assert not STRANGE.search(said), STRANGE.search(said)


def press_view(page, label):
    """Go to another view of the page."""
    page.get_by_role("radio", name=label).or_(page.get_by_role("button", name=label)).first.click()


def finding(page):
    """All that is said, above the figures and under them."""
    return [page.locator(".rv-finding").inner_text(), *page.locator(".rv-panel-further > *").all_inner_texts()]


def rows(page, title):
    """The table of a figure, line by line."""
    card = page.get_by_role("region", name=title, exact=True)
    if not card.locator("details[open]").count():
        card.locator("summary").click()
    expect(card.locator("tbody tr").first).to_be_visible()
    cells = "lines => lines.map((line) => [...line.cells].map((cell) => cell.textContent))"
    return card.locator("tbody tr").evaluate_all(cells)


def pictures(page, title):
    """What is painted on the canvases of a figure."""
    canvases = page.get_by_role("region", name=title).locator("canvas")
    return canvases.evaluate_all("all => all.map((canvas) => canvas.toDataURL())")
