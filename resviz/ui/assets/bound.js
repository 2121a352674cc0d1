// Figures whose data are bound to the records of a run, as plotly takes them. resviz/draw/bound.py does the same in Python.

import { fillTrace } from "./records.js";
import { themed } from "./theme.js";

/** @import {Filled, Records, Span} from "./records.js" */
/** @import {Layers} from "./axis.js" */
/** @import {Theme} from "./theme.js" */

/** @typedef {PlotlyTrace & {bind: Payload.Bind}} BoundTrace a trace of plotly's, and where its data come from */
/** @typedef {{records: Records, from: number, says: string}} Ghost another branch, from the step where it differs */

/**
 * Whether a figure's data come from records.
 * @param {Payload.Figure} template
 */
export const isBound = (template) => template.figure?.data.some((trace) => trace.bind) ?? false;

/**
 * The traces of a bound figure.
 * @param {Payload.Figure} template
 */
export const tracesOf = (template) => /** @type {BoundTrace[]} */ (template.figure?.data ?? []);

/**
 * The powers of ten along the y axis or of the colours; slopes may widen them by one at each end.
 * @param {Payload.Figure} template
 * @param {Records} records
 * @param {number} cursor
 * @returns {Span | undefined}
 */
export function spanOf(template, records, cursor) {
  const span = template.decades === undefined ? undefined : records.decades(template.decades, cursor);
  const slopes = span ? tracesOf(template).filter(({ bind }) => bind.kind === "slope") : [];
  const logs = slopes.flatMap(({ bind }) => fillTrace(bind, records, cursor).y.map((y) => Math.log10(Number(y))));
  if (!span || !logs.length) return span;
  const [low, high] = span;
  return [
    Math.max(Math.min(low, Math.floor(Math.min(...logs))), low - 1),
    Math.min(Math.max(high, Math.ceil(Math.max(...logs))), high + 1),
  ];
}

/**
 * On a log scale, turn values of 0 or less into gaps; plotly would draw a line down to them.
 * @param {Filled} filled
 * @param {Span | undefined} log
 */
const drawable = (filled, log) =>
  log && !filled.z ? { ...filled, y: filled.y.map((v) => ((v ?? 0) > 0 ? v : null)) } : filled;

/**
 * The data of each trace up to step `cursor`.
 * @param {Payload.Figure} template
 * @param {Records} records
 * @param {number} cursor
 */
export function filled(template, records, cursor) {
  const span = spanOf(template, records, cursor);
  return tracesOf(template).map(({ bind }) => drawable(fillTrace(bind, records, cursor, span), span));
}

/**
 * The traces of a figure up to step `cursor`, and those of other branches.
 * @param {Payload.Figure} template
 * @param {{records: Records, cursor: number, ghosts?: Ghost[], span?: Span}} scene
 * @param {Theme} theme
 * @returns {PlotlyTrace[]}
 */
export function dataOf(template, { records, cursor, ghosts = [], span = spanOf(template, records, cursor) }, theme) {
  const own = tracesOf(template).flatMap(({ bind, ...trace }) => {
    const data = drawable(fillTrace(bind, records, cursor, span), span);
    if (bind.kind === "edge" && !data.x.length) return []; // mostly empty
    const colours = span && trace.type === "heatmap" ? { zmin: span[0], zmax: span[1] } : {};
    return [{ ...themed(trace, theme), ...data, ...colours }];
  });
  return [...own, ...ghosts.flatMap((ghost) => ghostTraces(template, ghost, theme))];
}

/** @type {(template: Payload.Figure, ghost: Ghost, theme: Theme) => PlotlyTrace[]} */
function ghostTraces(template, { records, from, says }, theme) {
  return tracesOf(template).flatMap(({ bind, ...trace }) => {
    const { x, y } = fillTrace(bind, records, Infinity);
    const start = x.findIndex((step) => step >= from);
    if (start < 0) return [];
    return [
      {
        type: "scatter",
        mode: "lines",
        name: `${trace.name}, ${says}`,
        x: x.slice(start),
        y: y.slice(start),
        opacity: 0.42,
        line: { ...themed(trace.line, theme), width: 1.6 },
        hovertemplate: trace.hovertemplate,
        hoverlabel: { namelength: -1 },
      },
    ];
  });
}

/**
 * The layout of a figure.
 * @param {Payload.Figure} template
 * @param {{span?: Span, steps?: number, window?: Layers, forks?: number[]}} scene  `window`: the layers to show;
 *   `forks`: the steps at which other branches leave
 * @param {Theme} theme
 */
export function layoutOf(template, { span, steps, window, forks = [] }, theme) {
  /** @type {Record<string, any>} */
  const layout = { ...themed(template.figure?.layout ?? {}, theme), autosize: true };
  if (span && layout.yaxis.type === "log")
    Object.assign(layout.yaxis, { range: span, dtick: Math.ceil((span[1] - span[0]) / 4) });
  if (template.aligned && window) layout.xaxis.range = window;
  const kind = tracesOf(template)[0]?.bind.kind;
  if (steps && kind !== "profile") layout.xaxis.range = kind === "series" ? [0, steps] : [0.5, steps + 0.5]; // runs can go on
  if (kind !== "series") return layout;
  layout.margin = { ...layout.margin, t: Math.max(layout.margin?.t ?? 0, MARK_ROOM) };
  return forks.length && steps ? { ...layout, ...marks(forks, steps, theme["--rv-faint"]) } : layout;
}

const MARK_ROOM = 17; // px above a figure, for the words of its marks
const MARK_APART = 0.28; // marks closer together than this share of the axis have their words in common

/**
 * The steps at which branches leave, those close together as one group.
 * @param {number[]} forks
 * @param {number} steps of the axis
 */
function forksTogether(forks, steps) {
  /** @type {number[][]} */
  const groups = [];
  for (const step of [...forks].sort((a, b) => a - b)) {
    const last = groups.at(-1);
    if (last && step - last[0] < MARK_APART * steps) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** @param {number[]} group */
const branchWords = ([first, ...others]) =>
  others.length
    ? `branches at ${first}, ${others.length > 2 ? "…, " : ""}${others.slice(-2).join(", ")}`
    : `branch at ${first}`;

/**
 * Dotted lines where branches leave, and their words above the figure.
 * @param {number[]} forks
 * @param {number} steps
 * @param {string} color
 */
const marks = (forks, steps, color) => ({
  shapes: forks.map((step) => ({
    type: "line",
    xref: "x",
    yref: "paper",
    x0: step,
    x1: step,
    y0: 0,
    y1: 1,
    layer: "below",
    line: { color, width: 1.2, dash: "dot" },
  })),
  annotations: forksTogether(forks, steps).map((group) => ({
    x: group[0],
    y: 1,
    xref: "x",
    yref: "paper",
    yanchor: "bottom",
    xanchor: group[0] > steps / 2 ? "right" : "left",
    text: branchWords(group),
    showarrow: false,
    borderpad: 0,
    font: { size: 13, color },
  })),
});
