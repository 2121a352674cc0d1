"""Benchmarks of the walls on Start: how soon they play, how soon they answer a cut, and what they weigh."""

import statistics

from tests.bench.common import browser, row, server

# Notes when the question is painted, and when the walls first show a number of the replay.
NOTES = """
window.noted = {};
const look = () => {
  if (document.querySelector("h1")) window.noted.painted ??= performance.now();
  if (/%$/.test(document.querySelector(".rv-wall strong")?.textContent ?? "")) window.noted.playing ??= performance.now();
  if (!window.noted.playing) requestAnimationFrame(look);
};
look();
"""
# Cuts shortcut n and resolves to the milliseconds until the wall shows what is read then, and until the sentence says it. Two
# cuts may leave the same number: which wire is cut stands beside it.
CUT = """async (n) => {
  const wall = document.querySelector(".rv-wall"), said = document.querySelector(".rv-of-wall .rv-finding"), times = [];
  const arc = document.querySelector(`.rv-wall-net .rv-arc[data-n="${n}"]`), began = performance.now();
  arc.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const shown = () => wall.textContent.includes(`wire ${n} cut`) && !wall.textContent.includes("…");
  for (const there of [shown, () => said.textContent.includes(`Wire ${n} cut`)]) {
    while (!there() && performance.now() - began < 10000) await new Promise((done) => requestAnimationFrame(done));
    times.push(performance.now() - began);
  }
  return times;
}"""
OURS = ("topics/start/", "panel/wall")
SMALL = "depth=20&seed=77&epochs=2"


def cuts(page, numbers):
    """The medians of a cut to the redrawn wall and to the sentence, and the slowest wall, in milliseconds."""
    times = []
    for n in numbers:
        times.append(page.evaluate(CUT, n))
        page.wait_for_timeout(300)
    walls, said = zip(*times, strict=True)
    return statistics.median(walls), statistics.median(said), max(walls)


def bench_wall(rounds=5):
    app = server()
    playwright, chromium = browser()
    page, begins, sizes = None, [], []
    for _ in range(rounds + 1):  # the first visit finds a server that is still getting ready
        if page:
            page.close()
        page, bytes_ = chromium.new_page(viewport={"width": 1366, "height": 768}), {}
        cdp = page.context.new_cdp_session(page)
        cdp.send("Network.enable")
        names = {}
        cdp.on("Network.requestWillBeSent", lambda e, names=names: names.update({e["requestId"]: e["request"]["url"]}))
        cdp.on(
            "Network.loadingFinished",
            lambda e, names=names, bytes_=bytes_: bytes_.update(
                {names.get(e["requestId"], ""): e["encodedDataLength"]}
            ),
        )
        page.add_init_script(NOTES)
        page.goto(app.url)
        page.wait_for_function("() => window.noted.playing", timeout=30_000)
        begins.append(page.evaluate("window.noted.playing - window.noted.painted"))
        page.wait_for_timeout(1500)
        sizes.append(sum(size for name, size in bytes_.items() if any(part in name for part in OURS)) / 1000)
    begin = statistics.median(begins[1:])
    row(
        f"Start: from the painted page to the replay (first {begins[0]:.0f} ms)",
        f"{begin:.0f} ms",
        "<= 1000 ms",
        begin <= 1000,
    )
    weight = statistics.median(sizes)
    row("what the walls weigh, as transferred", f"{weight:.0f} kB", "<= 100 kB", weight <= 100)
    page.get_by_role("button", name="Pause").click()
    wall, said, worst = cuts(page, [1 + (7 * i) % 27 for i in range(30)])
    row(f"Start: a cut to the redrawn wall (worst {worst:.0f} ms)", f"p50 {wall:.0f} ms", "<= 150 ms", wall <= 150)
    row("the same, to the sentence", f"p50 {said:.0f} ms", "<= 300 ms", said <= 300)
    page.goto(f"{app.url}/?{SMALL}")
    page.get_by_role("button", name="Train both, live").click()
    page.get_by_role("button", name="Train again, live, here").wait_for(timeout=60_000)
    wall, _, worst = cuts(page, range(1, 10))
    row(
        f"a cut of networks trained there, to the first tiles (worst {worst:.0f} ms)",
        f"p50 {wall:.0f} ms",
        "<= 300 ms",
        wall <= 300,
    )
    chromium.close()
    playwright.stop()
    app.stop()
