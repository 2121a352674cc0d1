"""The browser fills a figure with the numbers that Python would: resviz/draw/bound.py beside what plotly was given."""

import math

import pytest
from playwright.sync_api import TimeoutError

from resviz.draw.bound import fill
from resviz.topics.start import figures as start
from resviz.topics.train import figures as train
from resviz.train.records import History
from tests import paced
from tests.harness.seeing import go_to_step, until_step
from tests.topics.start.scenes import OVERFLOWN, pass_of
from tests.topics.train.scenes import spec_of

PLOT = """(id) => {
  const plot = document.querySelector(`.rv-area-${id} .js-plotly-plot`);
  if (!plot?.data) return null;
  const numbers = (found) => Array.from(found ?? [], (v) => (v?.length === undefined ? v : Array.from(v)));
  return { log: plot.layout.yaxis.type === "log", range: numbers(plot.layout.yaxis.range),
    traces: plot.data.map(({ x, y, z }) => [numbers(x), numbers(z ?? y)]) };
}"""


SAME = """([a, b]) => {
  const close = (x, y) => (x == null || y == null ? x == y : Math.abs(x - y) <= 1e-3 * Math.max(1, Math.abs(y)));
  return a?.length === b.length && b.every(([x, y], n) => {
    const [seen, values] = [a[n][0], a[n][1].flat()];
    return String(seen) === String(x) && values.length === y.length && y.every((v, i) => close(values[i], v));
  });
}"""


def flat(values):
    return [v for value in values for v in (value if isinstance(value, list | tuple) else [value])]


def same(page, template, history, step):
    """Wait until a figure has what Python puts into it at this step; four digits travel, and what is no number is a gap."""
    page.locator(f".rv-area-{template['id']}").scroll_into_view_if_needed()
    figure = fill(template, history, step)
    log = figure.layout.yaxis.type == "log"

    def gap(value, trace):
        return value is None or not math.isfinite(value) or (log and not value and trace.type != "heatmap")

    numbers = [
        (list(t.x), [None if gap(v, t) else v for v in flat(t.z if t.type == "heatmap" else t.y)], t)
        for t in figure.data
    ]
    wanted = [[x, y] for x, y, _ in numbers]
    try:
        page.wait_for_function(
            f"([id, wanted]) => ({SAME})([({PLOT})(id)?.traces, wanted])", arg=[template["id"], wanted]
        )
    except TimeoutError as error:
        raise AssertionError((template["id"], page.evaluate(PLOT, template["id"]), wanted)) from error
    drawn = page.evaluate(PLOT, template["id"])
    if log and drawn["log"] and figure.layout.yaxis.range:
        assert drawn["range"] == pytest.approx(list(figure.layout.yaxis.range))


@pytest.mark.parametrize("words", ["depth=8&epochs=3&norm=none&lr=0.1", "depth=8&epochs=3"])
def test_a_run_at_its_end_and_at_a_step_between(site, stage, words):
    site.use("train")
    page = stage.open(f"train?{words}")
    until_step(page, 33, 33)
    history = paced.history(spec_of(words))
    for step in (33, 7):
        go_to_step(page, step)
        until_step(page, step)
        for template in train.templates(history.spec):
            same(page, template, history, step)


@pytest.mark.parametrize("words", ["depth=20", "depth=20&remove=3"])
def test_one_pass_before_training(site, stage, words):
    site.use("start")
    page = stage.open(f"?{words}")
    spec = spec_of(words)
    for template in start.templates(spec):
        same(page, template, History(spec, None, [pass_of(spec)]), 1)


def test_a_pass_that_leaves_the_range(site, stage):
    site.use("odd")
    page = stage.open(f"?{OVERFLOWN}")
    spec = spec_of(OVERFLOWN)
    for template in start.templates(spec):
        same(page, template, History(spec, None, [pass_of(spec)]), 1)
