"""Looking into a page as the tests do: the view that it leaves at `window.resviz`, and the server beside it."""

import json
import urllib.request

SMALL = "depth=8&epochs=3"  # 33 steps, about a second


def js(page, expression):
    return page.evaluate(f"() => {{ const view = window.resviz; return {expression}; }}")


def wait(page, expression, timeout=30_000):
    page.wait_for_function(
        f"() => {{ const view = window.resviz; return view && view.records && ({expression}); }}", timeout=timeout
    )


def status(server):
    with urllib.request.urlopen(f"{server.url}/status") as answer:
        return json.load(answer)


def finished(page):
    wait(page, "view.headInfo.status === 'finished'", 90_000)


def trained_on(page):
    """Remove block 2 at the end of a finished SMALL run, which then goes on for as many steps again."""
    finished(page)
    page.get_by_text("Trains on from here.").wait_for()
    page.locator('.rv-block[data-n="2"][data-arm="residual"]').click()
    wait(page, "view.run.steps === 66 && view.headInfo.status === 'finished'")


def drawn(page, card, trace):
    """x and y that plotly holds for one trace of one figure."""
    return js(page, f"(({{x, y}}) => [Array.from(x), Array.from(y)])(view.plots.cards[{card}].plot.data[{trace}])")
