"""Benchmarks of what a click changes: the drawing, branches, and one pass before training."""

import random
import statistics
import time

from resviz.families.resnet.spec import Spec
from tests.bench.common import apart, browser, row, server

# -- the drawing -----------------------------------------------------------------------------------------

# The panel that stands below the walls on Start, or the only one of a page.
VIEW = "([...(window.resvizAddress?.panels ?? [])].find(({ page }) => page?.kind === 'start') ?? window.resviz)"
# Whether the first of plotly's figures is drawn.
DRAWN = f"""() => {{
  document.querySelector(".rv-of-start")?.scrollIntoView();
  return {VIEW}?.plots?.cards?.some(({{ plot }}) => plot.data?.length);
}}"""
# Clicks arc n in the page and resolves, once that has been drawn from other numbers, to the milliseconds since.
CLICK = """async (n) => {
  const view = VIEW;
  const { plot } = view.plots.cards.find(({ plot }) => plot.data?.length);
  const before = JSON.stringify(plot.data.map((t) => Array.from(t.y)));
  const began = performance.now();
  (view.root ?? document).querySelector(`.rv-arc[data-n="${n}"]`).dispatchEvent(new MouseEvent("click", { bubbles: true }));
  for (;;) {
    await new Promise((done) => requestAnimationFrame(done));
    if (JSON.stringify(plot.data.map((t) => Array.from(t.y))) !== before) return performance.now() - began;
    if (performance.now() - began > 10000) return Infinity;
  }
}""".replace("VIEW", VIEW)


def one_pass(changes):
    """The milliseconds of a look at the initial weights, for the default with each of these changes in turn; the median of all
    but the first ones."""
    from resviz.train.twins.initial import Initial

    initial, times = Initial(), []
    for change in changes:
        began = time.perf_counter()
        initial(Spec(device="cpu", **change))
        times.append(1e3 * (time.perf_counter() - began))
    initial.close()
    return statistics.median(times[len(times) // 4 :])


def bench_click(clicks=40):
    """Before training: a click on a shortcut to the redrawn gradient profile; the floor is the pass it needs."""
    floor = apart(one_pass, [{"cut": [n]} for n in range(1, 16)])
    app = server()
    playwright, chromium = browser()
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    for path, settle in (("/", None), ("/train?epochs=1", "Reset")):
        page.goto(app.url + path)
        page.wait_for_function(DRAWN, timeout=60_000)
        if settle:
            page.wait_for_function("() => window.resviz.feed.info.status === 'finished'", timeout=60_000)
            page.get_by_role("button", name=settle).click()
        page.wait_for_timeout(1500)
        times = []
        for i in range(clicks):
            times.append(page.evaluate(CLICK, 1 + (7 * i) % 27))
            page.wait_for_timeout(250)
        times.sort()
        p50, p95 = statistics.median(times), times[int(0.95 * len(times))]
        name = f"{path.partition('?')[0]}: click to redrawn profile (one pass {floor:.0f} ms; {p50 / floor:.1f} x)"
        row(name, f"p50 {p50:.0f} ms", "<= 150 ms", p50 <= 150)
        row("the same", f"p95 {p95:.0f} ms", "<= 300 ms", p95 <= 300)
    chromium.close()
    playwright.stop()
    app.stop()


def cut_until(page, n, condition):
    """Seconds from a cut of shortcut n until the view's run and records are so."""
    began = time.perf_counter()
    page.evaluate("n => window.resviz.net.drawing.on.toggle('cut', n)", n)
    page.wait_for_function(f"() => (({{ run, records }}) => {condition})(window.resviz)", timeout=30_000, polling=20)
    return time.perf_counter() - began


def bench_branch(rounds=3):
    """A branch at step 60 of the finished default run, from the click to its first own record; and a cut while it learns."""
    app = server()
    playwright, chromium = browser()
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    back, live = [], []
    for seed in range(rounds):
        page.goto(f"{app.url}/train?seed={seed}")
        page.wait_for_function("() => window.resviz?.records?.head >= 40", timeout=90_000, polling=50)
        live.append(cut_until(page, 7, "run.segments.length === 2 && records.head > run.segments[1].after"))
        page.wait_for_function("() => window.resviz.feed.info.status === 'finished'", timeout=90_000, polling=500)
        page.get_by_role("slider", name="Step shown").fill("60")
        page.wait_for_timeout(3000)
        back.append(cut_until(page, 20, "run.segments.length === 3 && records.head > 60"))
        page.get_by_role("button", name="Cancel").click()
        page.wait_for_timeout(500)
    row(f"a cut while it learns, to the first record (worst {max(live):.2f} s)", f"{statistics.median(live):.2f} s", "<= 1 s",
        statistics.median(live) <= 1)  # fmt: skip
    row(f"a branch at step 60, to its first own record (worst {max(back):.2f} s)", f"{statistics.median(back):.2f} s", "<= 2 s",
        statistics.median(back) <= 2)  # fmt: skip
    chromium.close()
    playwright.stop()
    app.stop()


PAINT = """async () => {
  const { drawing, network } = window.resviz.plots.net, times = [];
  for (let i = 0; i < 10; i++) {
    await new Promise((done) => setTimeout(done, 100));
    const began = performance.now();
    drawing.show(network);
    drawing.svg.getBoundingClientRect();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    times.push(performance.now() - began);
  }
  return times;
}"""


def bench_drawing():
    """600 blocks drawn anew, up to after the frame in which they are painted; beside the 27 of the default."""
    app = server()
    playwright, chromium = browser()
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    medians = {}
    for depth in (56, 1202):
        page.goto(f"{app.url}/signal?depth={depth}&batch=2")
        page.wait_for_function(DRAWN, timeout=120_000)
        medians[depth] = statistics.median(page.evaluate(PAINT))
    row(f"drawing 600 blocks ({medians[1202] / medians[56]:.1f} x the default's 27)", f"{medians[1202]:.0f} ms", "<= 200 ms",
        medians[1202] <= 200)  # fmt: skip
    chromium.close()
    playwright.stop()
    app.stop()


# -- Signal ----------------------------------------------------------------------------------------------


def bench_signal(rounds=5):
    """One pass with every probe over the bare forward and backward pass of the same two networks, at depth 1000; and what
    depth costs."""
    deep, shallow = (apart(bare_and_look, depth, rounds) for depth in (1000, 100))
    ratio = statistics.median(look / bare for bare, look in deep)
    seconds, before = (statistics.median(look for _, look in pairs) for pairs in (deep, shallow))
    row(f"Signal at depth 1000 over the bare pass ({seconds:.2f} s)", f"{ratio:.3f} x", "<= 1.2", ratio <= 1.2)
    row("Signal at depth 1000 over depth 100", f"{seconds / before:.2f} x", "<= 11", seconds / before <= 11)


def bare_and_look(depth, rounds):
    """The seconds of a bare pass of both networks and of one with every probe, for each round."""
    import torch
    from torch.nn import functional

    from resviz.families.resnet.family import ARMS
    from resviz.train.twins.initial import Twins
    from resviz.train.twins.lockstep import Lanes, task_of

    lanes = Lanes(ARMS)

    def timed(work):
        began = time.perf_counter()
        for wait in [lanes.submit(name, lambda name=name: work(name)) for name in ARMS]:
            wait()
        return time.perf_counter() - began

    spec = Spec(depth=depth, device="cuda" if torch.cuda.is_available() else "cpu")
    task = task_of(spec)
    twins = Twins(spec, task.read(*task.source(spec)))

    def bare(name):
        arm = twins.arms[name]
        for p in arm.parameters:
            p.grad = None
        functional.cross_entropy(arm.net(twins.plan.x), twins.plan.y).backward()

    def look(name):
        twins.arms[name].first_pass(twins.plan.x, twins.plan.y)

    timed(bare), timed(look)
    pairs = [(timed(bare), timed(look)) for _ in range(rounds)]
    lanes.close()
    return pairs


# From the change of a control to the frame after the figure has been drawn from other numbers.
WATCH = """() => document.addEventListener("change", () => {
  const before = resviz.painted, began = performance.now();
  window.took = null;
  const look = () => {
    if (resviz.painted !== before) return requestAnimationFrame(() => { window.took = performance.now() - began; });
    requestAnimationFrame(look);
  };
  look();
}, { capture: true })"""


def bench_control(changes=20):
    """On the Signal page, from a control to the redrawn figures: values that have never been measured before."""
    draw = random.Random(0)
    floor = apart(
        one_pass, [{"batch": 32, "branch_scale": draw.random()} for _ in range(12)]
    )  # what the page begins with
    app = server()
    playwright, chromium = browser()
    page = chromium.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{app.url}/signal")
    page.wait_for_function(DRAWN, timeout=60_000)
    page.wait_for_timeout(3000)
    page.evaluate(WATCH)
    everything = []
    for label, values in {
        "branch scale": [f"{draw.random():.6f}" for _ in range(changes)],
        "width": draw.sample(range(10, 23), changes // 2),
        "initial weights": ["xavier", "torch", "orthogonal", "zero_gamma", "he"] * (changes // 5),
    }.items():
        times = []
        for value in values:
            if label == "initial weights":
                page.get_by_label("branch scale").fill(f"{draw.random():.6f}")  # never measured before
                page.get_by_label("branch scale").press("Enter")
                page.wait_for_timeout(700)
                page.get_by_label(label).select_option(value)
            else:
                page.get_by_label(label, exact=True).fill(str(value))
                page.wait_for_timeout(100)
                page.get_by_label(label, exact=True).press("Enter")
            page.wait_for_function("() => window.took", timeout=20_000, polling=20)
            times.append(page.evaluate("window.took"))
            page.wait_for_timeout(400)
        everything += times
        row(f"Signal: {label} to redrawn figures", f"p50 {statistics.median(times):.0f} ms", "(told)", True)
    p50 = statistics.median(everything)
    row(
        f"Signal: any of these (both passes {floor:.0f} ms; {p50 / floor:.1f} x)",
        f"p50 {p50:.0f} ms",
        "<= 150 ms",
        p50 <= 150,
    )
    chromium.close()
    playwright.stop()
    app.stop()
