// The quick update of a figure: what it writes into plotly's SVG, and where it leaves the figure to plotly.

import assert from "node:assert/strict";
import test from "node:test";
import { quick, reveal, uncover } from "../../resviz/ui/assets/quick.js";

/** A node of an SVG, with what is found in it by selector. */
const node = (inside = {}) => {
  const written = new Map();
  const made = {
    querySelectorAll: (selector) => inside[selector] ?? [],
    getAttribute: (name) => written.get(name) ?? null,
    setAttribute: (name, value) => written.set(name, value),
    cloneNode: () => node(),
  };
  return made;
};

/** A figure of two points that plotly has drawn, with markers: ten pixels to the step, a hundred to one, upside down. */
function figure() {
  const points = [node(), node()];
  for (const point of points) point.parentNode = { append: (copy) => points.push(copy) };
  const line = node();
  const inside = { ".js-line": [line], ".points .point": points };
  const plot = node({ ".scatterlayer .trace": [node(inside)] });
  const axes = {
    xaxis: { c2p: (v) => 10 * v },
    yaxis: { c2p: (v) => 100 - 100 * v, autorange: true, range: [0, 1] },
  };
  return Object.assign(plot, {
    data: [{ x: [1, 2], y: [0, 0.5], marker: {} }],
    _fullLayout: axes,
    line,
    points,
    inside,
  });
}

const THREE = { x: [1, 2, 3], y: [0, 0.5, 0.25] };

test("a new point is written into the line, and gets a marker of its own", () => {
  const plot = figure();
  assert.equal(quick(plot, [THREE], undefined), true);
  assert.equal(plot.line.getAttribute("d"), "M10.0,100.0L20.0,50.0L30.0,75.0");
  assert.deepEqual(
    plot.points.map((point) => point.getAttribute("transform")),
    ["translate(10,100)", "translate(20,50)", "translate(30,75)"],
  );
  assert.deepEqual(plot.data[0], { ...THREE, marker: {} });
  assert.equal(quick(plot, [{ x: [1, 2, 3, 4], y: [0, 0.5, 0.25, 1] }], undefined), true);
  assert.equal(plot.points.length, 4);
});

test("a gap has no marker, and the line begins anew behind it", () => {
  const plot = figure();
  assert.equal(quick(plot, [{ x: [1, 2, 3], y: [0, null, 0.25] }], undefined), true);
  assert.equal(plot.line.getAttribute("d"), "M10.0,100.0M30.0,75.0");
  assert.equal(plot.points[1].getAttribute("transform"), "translate(30,75)");
});

for (const [says, spoil, traces = [THREE]] of [
  ["plotly has drawn nothing", (plot) => delete plot._fullLayout],
  ["an axis tells no pixels", (plot) => delete plot._fullLayout.yaxis.c2p],
  ["no data are known", (plot) => delete plot.data],
  ["no trace is found", (plot) => Object.assign(plot, node())],
  ["a trace has no line", (plot) => plot.inside[".js-line"].pop()],
  ["a line is in pieces", (plot) => plot.inside[".js-line"].push(node())],
  ["no marker is found", (plot) => plot.points.splice(0)],
  ["there are other markers than points", (plot) => plot.points.push(node())],
  ["there are fewer points than before", () => {}, [{ x: [1], y: [0] }]],
  ["a trace is empty", () => {}, [{ x: [], y: [] }]],
  ["there are more traces than drawn", () => {}, [THREE, THREE]],
  ["a trace is a heatmap", () => {}, [{ ...THREE, z: [[1, 2, 3]] }]],
  ["a trace has text", () => {}, [{ ...THREE, text: ["here", "", ""] }]],
  ["a value is past the axis, which would grow", () => {}, [{ x: [1, 2, 3], y: [0, 0.5, 1.1] }]],
])
  test(`it is left to plotly where ${says}`, () => {
    const plot = figure();
    spoil(plot);
    assert.equal(quick(plot, traces, undefined), false);
    assert.equal(plot.line.getAttribute("d"), null);
  });

test("an axis in given powers of ten does not grow", () => {
  assert.equal(quick(figure(), [{ x: [1, 2, 3], y: [0, 0.5, 1.1] }], [0, 1]), true);
});

/** A heatmap of four columns that plotly has drawn, ten pixels to the step: 40 pixels from 5 on. */
function heatmap(images = 1) {
  const drawn = Array.from({ length: images }, () => Object.assign(node(), { style: { clipPath: "" } }));
  for (const image of drawn) {
    image.setAttribute("x", "5");
    image.setAttribute("width", "40");
  }
  return Object.assign(node({ ".heatmaplayer image": drawn }), {
    data: [{ x: [1, 2, 3, 4] }],
    _fullLayout: { xaxis: { c2p: (v) => 10 * v }, yaxis: { c2p: (v) => v } },
    drawn,
  });
}

test("a heatmap is shown up to a step, halfway to the next column", () => {
  const plot = heatmap();
  for (const [step, clip] of [
    [1, "75.000%"],
    [2.9, "50.000%"],
    [3, "25.000%"],
    [4, "0.000%"],
    [9, "0.000%"],
  ]) {
    assert.equal(reveal(plot, step), true);
    assert.equal(plot.drawn[0].style.clipPath, `inset(0 ${clip} 0 0)`);
  }
  uncover(plot);
  assert.equal(plot.drawn[0].style.clipPath, "");
});

for (const [says, spoil, step = 2] of [
  ["no column is due yet", () => {}, 0],
  ["an axis tells no pixels", (plot) => delete plot._fullLayout],
  ["no data are known", (plot) => delete plot.data],
  ["there is another picture", (plot) => plot.drawn.push(plot.drawn[0])],
  ["the picture has no width", (plot) => plot.drawn[0].setAttribute("width", "0")],
])
  test(`a heatmap is left to plotly where ${says}`, () => {
    const plot = heatmap();
    reveal(plot, 1);
    spoil(plot);
    assert.equal(reveal(plot, step), false);
    assert.equal(plot.drawn[0].style.clipPath, "", "and nothing of it is hidden");
  });
