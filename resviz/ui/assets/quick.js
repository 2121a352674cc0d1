// Quick updates of a figure that plotly has drawn: new points are written into the lines of its SVG, on its axes. A full repaint
// costs twenty times as much and would slow down training on the same machine.
//
// Nothing else uses what is private to plotly: _fullLayout, c2p and the classes in its SVG.

/** @import {Filled, Span} from "./records.js" */

/** @typedef {{autorange?: boolean, range: [number, number], c2p(value: number): number}} Axis plotly's; c2p gives pixels */

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
 * @param {PlotlyNode} plot
 * @returns {{x: Axis, y: Axis} | undefined}
 */
function axesOf(plot) {
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
