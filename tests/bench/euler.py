"""The Euler page: a slider's way to the picture, the animation, the solvers beside torchdiffeq's, and a Neural ODE's training."""

import statistics
import time

from resviz.topics.solve.solvers import METHODS, integrate
from resviz.topics.solve.systems import SYSTEMS
from tests.bench.common import browser, row, server

# From a slider's event to the frame after the figures are drawn.
LATENCY = """async ([stops, event]) => {
  const panel = window.resviz, input = document.querySelectorAll('.rv-settings input[type=range]')[0], took = [];
  for (const at of stops) {
    const began = performance.now(), before = panel.painted;
    input.value = at;
    input.dispatchEvent(new Event(event));
    while (panel.painted === before) await new Promise(requestAnimationFrame);
    took.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return took;
}"""
# The first slider of each view that learns, and how many stops it has: each is taken once, so that none has been trained before.
LEARNING = {"flow": 24, "refine": 23, "ode": 7, "crossing": 12, "rollout": 7}


def bench_euler(rounds=5):
    import torch

    torch.set_num_threads(1)
    _solvers(rounds)
    _neural_ode()
    there = server()
    playwright, chromium = browser()
    try:
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        drag = [10 + (7 * k) % 45 for k in range(40)]
        _latency(page, there.url, "solve", drag, "input", "a drag of h to the picture")
        for view, count in LEARNING.items():
            stops = [(5 * k) % count for k in range(count)]
            _latency(
                page, there.url, view, stops, "change", f"{view}: another setting to the first picture of its training"
            )
        page.goto(f"{there.url}/euler")
        page.wait_for_function("() => window.resviz?.plots.cards[0]?.content?.player?.frames > 10")
        frames = "window.resviz.plots.cards[0].content.player.frames"
        before, began = page.evaluate(frames), time.perf_counter()
        page.wait_for_timeout(4000)
        rate = (page.evaluate(frames) - before) / (time.perf_counter() - began)
        row("frames a second of the animation, 480 points, 450 arrows", f"{rate:.0f}", ">= 30", rate >= 30)
    finally:
        chromium.close()
        playwright.stop()
        there.stop()


def _latency(page, url, view, stops, event, what):
    """To the card that the view is about; the others follow a frame or two later."""
    took = []
    for seed in range(1 if len(stops) > 10 else 3):  # of few stops each has a large part in the median
        page.goto(f"{url}/euler?view={view}&seed={seed}")
        page.wait_for_function("() => window.resviz?.state?.share >= 1 && window.Plotly")
        page.evaluate(LATENCY, [stops[:2], event])  # starts the process that answers
        page.wait_for_timeout(4000)
        took += page.evaluate(LATENCY, [stops[2:], event])
    p50, p95 = statistics.median(took), sorted(took)[int(0.95 * len(took))]
    row(f"{what}, p50 (p95 {p95:.0f} ms)", f"{p50:.0f} ms", "<= 150 ms", p50 <= 150)


def _solvers(rounds, steps=1000):
    """Ours on plain floats beside torchdiffeq's on tensors: the same method, system and steps, in turn."""
    import torch
    from torchdiffeq import odeint

    system = SYSTEMS["pendulum"](1.0)
    times = torch.linspace(0, system.time, steps + 1, dtype=torch.float64)
    start = torch.tensor(system.start, dtype=torch.float64)

    def field(t, x):
        return torch.stack([x[1], -x[0].sin()])

    def timed(work):
        began = time.perf_counter()
        found = work()
        return time.perf_counter() - began, found

    ratios, ours = [], []
    for _ in range(rounds):
        took, path = timed(lambda: integrate(METHODS["rk4"], system.field, system.start, system.time / steps, steps))
        theirs, end = timed(lambda: odeint(field, start, times, method="rk4")[-1])
        assert max(abs(a - b) for a, b in zip(path.states[-1], end.tolist(), strict=True)) < 1e-6
        ratios.append(theirs / took)
        ours.append(took)
    ratio, ms = statistics.median(ratios), 1e3 * statistics.median(ours)
    row(f"torchdiffeq's RK4 over ours, pendulum, {steps:,} steps ({ms:.1f} ms)", f"{ratio:.0f} x", ">= 5", ratio >= 5)


def _neural_ode():
    """Seconds of training until 95% of new spiral points are right, beside the residual network's whole training."""
    from resviz.topics.ode.experiment import neuralode
    from resviz.topics.ode.question import NeuralOdeSpec

    began, last = time.perf_counter(), None
    for part in neuralode(NeuralOdeSpec()):
        last = part or last
    whole = time.perf_counter() - began
    step, seconds = last.reached or (None, float("inf"))
    ratio = last.nets["ode"].seconds / last.nets["residual"].seconds
    row(
        f"a Neural ODE to 95% on spirals, step {step} (all of it {whole:.0f} s)",
        f"{seconds:.1f} s",
        "<= 30 s",
        seconds <= 30,
    )
    row("training of the Neural ODE over the residual network's", f"{ratio:.1f} x", "(told)", True)
