"""Benchmarks of the browser: a telephone far away that has seen nothing yet, and four hours of replay."""

import statistics
import time

from tests.bench.common import browser, row, server
from tests.replay import kept, play

BYTES_PER_SECOND, LATENCY_MS = 400_000, 400
FIGURE = "() => document.querySelector('.rv-wall strong')?.textContent"


def visit(chromium, url):
    """Seconds to the question, to the line below it and to the figure; megabytes and requests until then."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    cdp, sizes = context.new_cdp_session(page), []
    cdp.send("Network.enable")
    slow = {"latency": LATENCY_MS, "downloadThroughput": BYTES_PER_SECOND, "uploadThroughput": BYTES_PER_SECOND}
    cdp.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    cdp.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    seconds = []
    for shown in (
        "() => document.querySelector('h1')",
        "() => document.querySelector('.rv-about')?.textContent",
        FIGURE,
    ):
        page.wait_for_function(shown, timeout=90_000)
        seconds.append(time.perf_counter() - began)
    context.close()
    return *seconds, sum(sizes) / 1e6, len(sizes)


def bench_phone(rounds=3):
    app = server()
    playwright, chromium = browser()
    chromium.new_page().goto(app.url)
    time.sleep(8)  # the server's processes have begun
    visits = [visit(chromium, app.url) for _ in range(rounds)]
    words, about, figure, size, requests = (statistics.median(each) for each in zip(*visits, strict=True))
    link = f"{BYTES_PER_SECOND // 1000} kB/s and {LATENCY_MS} ms"
    what = f"a telephone at {link}, nothing cached ({size:.2f} MB, {requests:.0f} requests)"
    row(what, f"{words:.1f} s", "<= 8 s", words <= 8)
    row("the same, to the first setting", f"{about:.1f} s", "(told)", True)
    row("the same, to the first figure", f"{figure:.1f} s", "<= 12 s", figure <= 12)
    chromium.close()
    playwright.stop()
    app.stop()


HOURS, HERTZ = 4, 5


def bench_replay():
    app = server()
    playwright, chromium = browser()
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(1_300_000)
    page.goto(app.url + "/train")
    page.wait_for_function("() => window.resviz?.feed?.info.status === 'finished'", polling=500)
    page.get_by_label("Speed").select_option("1")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    repaints, began = HOURS * 3600 * HERTZ, time.perf_counter()
    play(page, repaints // 4)
    early = kept(cdp)
    play(page, repaints - repaints // 4)
    late = kept(cdp)
    minutes = (time.perf_counter() - began) / 60
    row(f"{repaints} repaints, as in {HOURS} hours of replay", f"{minutes:.1f} min", "<= 20 min", minutes <= 20)
    for what, a, b, unit in zip(("heap", "DOM nodes"), early, late, (1e6, 1), strict=True):
        grown = b / a - 1
        told = f"{what} at the end over a quarter ({a / unit:.1f}, {b / unit:.1f})"
        row(told, f"{100 * grown:+.1f}%", "within 5%", abs(grown) < 0.05)
    chromium.close()
    playwright.stop()
    app.stop()
