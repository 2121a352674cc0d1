// Quick updates of a figure that plotly has drawn: new points are written into the lines of its SVG, on its axes; a heatmap of a
// whole run is shown up to a step. A full repaint costs twenty times as much and would slow down training on the same machine.
//
// Nothing else uses what is private to plotly, _fullLayout, c2p and the classes in its SVG, but sketch.js, which takes the axes
// from here.

/** @import {Filled, Span} from "./records.js" */

/**
 * Plotly's; c2p gives pixels within the plotted area, which begins at _offset and is _length long.
 * @typedef {{autorange?: boolean, range: [number, number], c2p(value: number): number, type: string, tickformat?: string,
 *   _offset: number, _length: number}} Axis
 */

/**
 * Draw the lines of a figure anew. Returns false, and draws nothing, where plotly would draw another picture than this could:
 * it must then repaint the figure in full.
 * @param {PlotlyNode} plot
 * @param {Filled[]} traces the data of its first traces
 * @param {Span | undefined} span the powers of ten along y, if plotly was given them
 */
export function quick(plot, traces, span) {
  const axes = axesOf(plot),
    nodes = [...plot.querySelectorAll(".scatterlayer .trace")],
    { data } = plot;
  if (!axes || !data || !traces.length || nodes.length !== data.length || traces.length > data.length) return false;
  const updates = [];
  for (const [i, trace] of traces.entries()) {
    const lines = nodes[i].querySelectorAll(".js-line");
    if (lines.length !== 1 || !trace.x.length || trace.z || trace.text) return false;
    if (!span && !inside(axes.y, trace.y)) return false;
    const marks = data[i].marker ? marksOf(nodes[i], data[i], trace) : [];
    if (!marks) return false;
    updates.push({ trace, drawn: data[i], line: lines[0], marks });
  }
  for (const { trace, drawn, line, marks } of updates) {
    put(line, "d", pathOf(trace, axes));
    if (drawn.marker) move(marks, placesOf(trace, axes));
    Object.assign(drawn, { x: trace.x, y: trace.y });
  }
  return true;
}

/**
 * Leave the lines of a figure where they are for a moment, paler and paler, beside those that come: one sees what has changed.
 * Call what this returns once the new ones are drawn, with whether they stand on the same axes.
 * @param {PlotlyNode} plot
 * @returns {(same: boolean) => void}
 */
export function afterglow(plot) {
  for (const old of plot.querySelectorAll(".rv-before")) old.remove();
  const lines = [...plot.querySelectorAll(".scatterlayer .js-line")],
    copies = lines.map((line) => /** @type {SVGPathElement} */ (line.cloneNode()));
  return (same) => {
    for (const [i, copy] of copies.entries()) {
      if (!same || copy.getAttribute("d") === lines[i].getAttribute("d")) continue;
      copy.setAttribute("class", "rv-before");
      copy.addEventListener("animationend", () => copy.remove());
      lines[i].before(copy);
    }
  };
}

/**
 * Show the columns of a heatmap up to `step`, of all that plotly has drawn. Returns false, and shows all of them, where the
 * drawing is not as expected.
 * @param {PlotlyNode} plot
 * @param {number} step
 */
export function reveal(plot, step) {
  uncover(plot);
  const axes = axesOf(plot),
    images = imagesOf(plot);
  /** @type {number[]} */
  const steps = plot.data?.[0]?.x ?? [];
  const count = steps.filter((x) => x <= step).length;
  if (!axes || images.length !== 1 || !count) return false;
  const [left, width] = ["x", "width"].map((name) => Number(images[0].getAttribute(name) ?? Number.NaN));
  if (!(width > 0)) return false;
  // A column ends halfway to the next one, at a whole pixel.
  const end = count < steps.length ? Math.round(axes.x.c2p((steps[count - 1] + steps[count]) / 2)) : left + width;
  images[0].style.clipPath = `inset(0 ${(100 * (1 - (end - left) / width)).toFixed(3)}% 0 0)`;
  return true;
}

/**
 * Show all columns of a heatmap again, before plotly draws it anew.
 * @param {PlotlyNode} plot
 */
export function uncover(plot) {
  for (const image of imagesOf(plot)) image.style.clipPath = "";
}

/** @type {(plot: PlotlyNode) => SVGImageElement[]} */
const imagesOf = (plot) =>
  [...plot.querySelectorAll(".heatmaplayer image")].map((image) => /** @type {SVGImageElement} */ (image));

/**
 * @param {PlotlyNode} plot
 * @returns {{x: Axis, y: Axis} | undefined}
 */
export function axesOf(plot) {
  const { xaxis: x, yaxis: y } = plot._fullLayout ?? {};
  return x?.c2p && y?.c2p ? { x, y } : undefined;
}

/**
 * Whether the axis need not grow.
 * @type {(axis: Axis, values: (number | null)[]) => boolean}
 */
const inside = ({ autorange, range }, values) =>
  !autorange || values.every((v) => v === null || (range[0] <= v && v <= range[1]));

/** @type {(trace: Filled, axes: {x: Axis, y: Axis}) => string} */
const pathOf = ({ x, y }, axes) =>
  x
    .map((place, i) => {
      const value = y[i];
      if (value == null) return "";
      return `${y[i - 1] == null ? "M" : "L"}${axes.x.c2p(place).toFixed(1)},${axes.y.c2p(value).toFixed(1)}`;
    })
    .join("");

/** @type {(trace: Filled, axes: {x: Axis, y: Axis}) => string[]} */
const placesOf = ({ x, y }, axes) =>
  x.flatMap((place, i) => {
    const value = y[i];
    return value == null ? [] : [`translate(${axes.x.c2p(place)},${axes.y.c2p(value)})`];
  });

/** @type {(y: (number | null)[]) => number} */
const known = (y) => y.filter((v) => v != null).length;

/**
 * The markers of a trace, one for each point that was drawn; undefined where there are others, or more than there are points now.
 * @type {(node: Element, drawn: PlotlyTrace, trace: Filled) => Element[] | undefined}
 */
function marksOf(node, drawn, trace) {
  const marks = [...node.querySelectorAll(".points .point")];
  return marks.length && marks.length === known(drawn.y) && marks.length <= known(trace.y) ? marks : undefined;
}

/**
 * Move plotly's markers, and add copies for new points; plotly's next full repaint replaces them.
 * @type {(marks: Element[], places: string[]) => void}
 */
function move(marks, places) {
  places.forEach((place, n) => {
    let mark = marks[n];
    if (!mark) {
      mark = /** @type {Element} */ (marks[0].cloneNode());
      marks[0].parentNode?.append(mark);
    }
    put(mark, "transform", place);
  });
}

/** @type {(node: Element, name: string, value: string) => void} */
function put(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}
