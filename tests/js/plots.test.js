// When the figures of a panel or a run are drawn, and whether in haste; what is drawn is left out.

import assert from "node:assert/strict";
import test from "node:test";

class Observer {
  constructor(call) {
    Observer.last = call;
  }
  observe() {}
  disconnect() {}
}

/** The functions to call in the next frame. */
const frames = [];
Object.assign(globalThis, {
  IntersectionObserver: Observer,
  ResizeObserver: Observer,
  location: { hostname: "another machine" },
  requestAnimationFrame: (next) => frames.push(next),
  cancelAnimationFrame: (id) => {
    frames[id - 1] = undefined;
  },
});
const { layoutOf } = await import("../../resviz/ui/assets/bound.js");
const { FilledPlots } = await import("../../resviz/ui/assets/filled.js");
const { Plots } = await import("../../resviz/ui/assets/plots.js");

/** Let one frame pass. */
const frame = () => {
  for (const next of frames.splice(0)) next?.();
};

/** A panel of cards by name, with a log of what was drawn; those in capitals are plotly's. */
function panel(...names) {
  frames.length = 0;
  const drawn = [];
  const plots = new FilledPlots(
    {},
    () => ({}),
    () => undefined,
  );
  plots.cards = names.map((name) => ({
    name,
    box: name,
    near: true,
    template: name === name.toUpperCase() ? { figure: {} } : {},
  }));
  plots.drawCard = (card) => drawn.push(card.name);
  plots.hastily = (card) => {
    if (plots.hasty) drawn.push(`${card.name} in haste`);
    return plots.hasty;
  };
  return Object.assign(plots, { drawn, hasty: false });
}

// -- a panel ------------------------------------------------------------------------------------------

test("the first figure is drawn at once, plotly's others one by one in later frames", () => {
  const plots = panel("A", "text", "B", "C");
  plots.draw();
  assert.deepEqual(plots.drawn, ["A", "text"]);
  frame();
  assert.deepEqual(plots.drawn, ["A", "text"], "the frame in which the first is seen");
  frame();
  assert.deepEqual(plots.drawn, ["A", "text", "B"]);
  frame();
  frame();
  frame();
  assert.deepEqual(plots.drawn, ["A", "text", "B", "C"]);
});

test("plotly's figures wait where another card is the first", () => {
  const plots = panel("drawing", "A");
  plots.draw();
  assert.deepEqual(plots.drawn, ["drawing"]);
  frame();
  frame();
  assert.deepEqual(plots.drawn, ["drawing", "A"]);
});

test("a figure far from the screen is drawn when it comes near, at once or not", () => {
  const plots = panel("drawing", "A", "B");
  plots.root.closest = () => null;
  plots.nearness();
  const [, far] = plots.cards;
  far.near = false;
  plots.draw();
  for (let i = 0; i < 5; i += 1) frame();
  assert.deepEqual(plots.drawn, ["drawing", "B"]);
  Observer.last([{ target: "A", isIntersecting: true }]);
  for (let i = 0; i < 5; i += 1) frame();
  assert.deepEqual(plots.drawn, ["drawing", "B", "A"]);
});

test("what was drawn in haste is drawn in full in later frames", () => {
  const plots = panel("drawing", "A", "B");
  plots.hasty = true;
  plots.draw();
  assert.deepEqual(plots.drawn, ["A in haste", "B in haste", "drawing"]);
  for (let i = 0; i < 5; i += 1) frame();
  assert.deepEqual(plots.drawn.slice(3), ["A", "B"]);
});

test("what cannot be drawn in haste goes before what was", () => {
  const plots = panel("drawing", "A", "B");
  plots.hastily = ({ name }) => name === "A";
  plots.draw();
  for (let i = 0; i < 5; i += 1) frame();
  assert.deepEqual(plots.drawn, ["drawing", "B", "A"]);
});

test("each figure gets its turn, even if news come faster than all can be drawn", () => {
  const plots = panel("first", "A", "B", "C");
  for (let news = 0; news < 3; news += 1) {
    plots.draw();
    frame();
    frame(); // one of three
  }
  assert.deepEqual(
    plots.drawn.filter((name) => name !== "first"),
    ["A", "B", "C"],
  );
});

test("nothing is drawn of a panel that is gone", () => {
  const plots = panel("A", "B");
  plots.draw();
  frame();
  plots.cards = [];
  plots.clear();
  frame();
  frame();
  assert.deepEqual(plots.drawn, ["A"]);
});

// -- a run --------------------------------------------------------------------------------------------

/** Figures of a run by name, at rest; a new `version` means other numbers. */
function run(...names) {
  const drawn = [];
  const scene = { records: { any: true, version: 1, head: 1, newest: () => 1 }, cursor: 1, steps: 10, moving: false };
  const plots = new Plots(
    {},
    () => scene,
    () => undefined,
  );
  plots.lib = {};
  const trace = { type: "scatter", bind: { kind: "profile", name: "loss" } };
  plots.cards = names.map((name) => ({
    name,
    key: "",
    beside: "",
    visible: true,
    template: { aligned: true, figure: { data: [trace], layout: {} } },
  }));
  plots.fill = (card) => drawn.push(card.name);
  plots.quickly = (card) => drawn.push(`${card.name} in haste`) > 0;
  const paint = (urgent) => {
    plots.paint(0, urgent);
    return drawn.splice(0);
  };
  return { scene, paint };
}

test("a click is answered in haste; then the figures are drawn in full, one at a time", () => {
  const { scene, paint } = run("A", "B", "C");
  assert.deepEqual(paint(""), ["A", "B", "C"], "there is nothing to draw in haste yet");
  scene.records.version = 2;
  assert.deepEqual(paint("hero"), ["A in haste"]);
  assert.deepEqual(paint("aligned"), ["B in haste", "C in haste"]);
  assert.deepEqual([paint(""), paint(""), paint(""), paint("")], [["A"], ["B"], ["C"], []]);
});

test("what was drawn in haste waits while the run moves", () => {
  const { scene, paint } = run("A", "B");
  paint("");
  scene.moving = true;
  scene.records.version = 3;
  assert.deepEqual(paint(""), ["A in haste", "B in haste"]);
  assert.deepEqual(paint(""), []);
  scene.moving = false;
  assert.deepEqual([paint(""), paint("")], [["A"], ["B"]]);
});

test("marks of branches that are close together have their words in common, above the figure", () => {
  const series = { figure: { data: [{ bind: { kind: "series" } }], layout: { margin: { t: 10 }, xaxis: {} } } };
  const words = (forks) =>
    layoutOf(series, { steps: 100, forks }, {}).annotations.map(({ x, text, xanchor }) => [x, text, xanchor]);
  assert.deepEqual(words([21, 20]), [[20, "branches at 20, 21", "left"]]);
  assert.deepEqual(words([20, 52]), [
    [20, "branch at 20", "left"],
    [52, "branch at 52", "right"],
  ]);
  assert.deepEqual(words([60, 61, 62, 63]), [[60, "branches at 60, …, 62, 63", "right"]]);
  assert.equal(
    layoutOf(series, { steps: 100 }, {}).margin.t,
    layoutOf(series, { steps: 100, forks: [3] }, {}).margin.t,
  );
});
