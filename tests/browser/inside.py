"""Looking into the pages that look inside trained networks: the panel that they leave at `window.resvizPanel`."""

import re

from playwright.sync_api import expect

STRANGE = re.compile(r"\b(nan|undefined|null|Infinity)\b|\[object|\d\.\d{6,}", re.IGNORECASE)
HEIGHT = 768  # px, of the window that `new_page` opens


def panel(page, expression):
    return page.evaluate(f"() => {{ const panel = window.resvizPanel; return {expression}; }}")


def wait(page, expression, timeout=60_000):
    page.wait_for_function(
        f"() => {{ const panel = window.resvizPanel; return panel?.state && ({expression}); }}", timeout=timeout
    )


def answered(page, expression="true"):
    """Until nothing is on its way any more, and what was asked last is there in full, and drawn."""
    over = "panel.state.status === 'finished' && panel.state.share >= 1 && !panel.asking && !panel.running"
    wait(
        page, f"{over} && panel.plots.lib && panel.wanted === undefined && panel.origin === undefined && ({expression})"
    )
    frames = (
        "resolve => { let n = 0; const next = () => ((n += 1) > 4 ? resolve() : requestAnimationFrame(next)); next(); }"
    )
    page.evaluate(f"() => new Promise({frames})")  # all but the first card are drawn two frames later


def open_panel(new_page, server, path):
    page = new_page(f"{server.url}/{path}")
    answered(page)
    return page


def watched(new_page, url, **options):
    """A page, what its console complains of, and what was sent to the server on a wish."""
    page, complaints, wishes = new_page(**options), [], []

    def hear(message):
        # Streamlit looks for these beside the page's own address first, and finds them one folder up.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            complaints.append(f"{message.text} {message.location}")

    page.on("console", hear)
    page.on("request", lambda request: wishes.append(request.url) if request.method == "POST" else None)
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


def no_wider_than_a_telephone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(400)
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"[document.documentElement.scrollWidth, {main}.scrollWidth]") == [390, 390]
    for node in page.locator(".rv-card, .rv-settings > *, .rv-live canvas, .rv-live .rv-button").all():
        if node.is_visible():
            box = node.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390, (node, box)


def slider(page, label):
    return page.locator(".rv-setting-slider", has_text=label).locator("input")


def slide(page, label, position):
    """Put a slider at one of its stops, as a pointer does: input while it moves, change when it is let go."""
    slider(page, label).evaluate(
        "(input, at) => { input.value = at; for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind)); }",
        position,
    )


def select(page, label, value):
    page.locator(".rv-setting-choice", has=page.get_by_text(label, exact=True)).locator("select").select_option(value)


def rows(page, area):
    """The table of a card, line by line."""
    card = page.locator(f".rv-area-{area}")
    if not card.locator("details[open]").count():
        card.locator("summary").click()
    expect(card.locator("tbody tr").first).to_be_visible()
    cells = "lines => lines.map((line) => [...line.cells].map((cell) => cell.textContent))"
    return card.locator("tbody tr").evaluate_all(cells)
