// Numbers as tables.

import { el, rich } from "./dom.js";

/** @import {Filled} from "./records.js" */

const WORDY = 48; // characters of a cell that on a telephone gets a line of its own (touch.css)

/**
 * A table whose rows are ready; the first cell of each is its heading.
 * @param {Payload.Table} table
 */
export function rowsTable({ header, rows }) {
  const number = header.map(
    (_, i) => i > 0 && rows.every((row) => /^\**[–\d.,]*( [kMGT]?B?)?\**$/.test(String(row[i]))),
  );
  /** @type {(text: unknown, i: number) => HTMLElement} */
  const cell = (text, i) =>
    el(
      i ? "td" : "th",
      i ? { class: number[i] && "rv-number", "data-head": header[i] } : { scope: "row" },
      ...rich(String(text)),
    );
  const wordy = rows.flat().some((/** @type {unknown} */ text) => String(text).length > WORDY);
  return el(
    "table",
    { class: wordy && "rv-wordy" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ...header.map((text, i) =>
          text ? el("th", { scope: "col", class: number[i] && "rv-number" }, text) : el("td"),
        ),
      ),
    ),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cell)))),
  );
}

/**
 * A table of what the traces of a figure show; `axis` is what is along x.
 * @param {(Filled & {name?: string})[]} traces
 * @param {string} axis
 */
export function tracesTable(traces, axis) {
  const { header, rows } = traces[0]?.z ? byStep(traces[0], traces[0].z) : byPlace(traces, axis);
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...header.map((h) => el("th", { scope: "col" }, h)))),
    el(
      "tbody",
      {},
      ...rows.map((row) =>
        el("tr", {}, ...row.map((c, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, String(c)))),
      ),
    ),
  );
}

/** @typedef {{header: string[], rows: (string | number)[][]}} Cells */

/** @type {(v: number | null | undefined) => string} */
const short = (v) => (v == null ? "–" : String(Number(v.toPrecision(4))));

/** @type {(log: number | null) => number | null} */
const powerOfTen = (log) => (log === null ? null : 10 ** log);

/**
 * A heatmap: a row for each step, a column for each layer.
 * @type {(trace: Filled, z: (number | null)[][]) => Cells}
 */
const byStep = ({ x, y }, z) => ({
  header: ["step", ...y.map((layer) => `layer ${layer}`)],
  rows: x.map((step, i) => [step, ...z.map((line) => short(powerOfTen(line[i])))]),
});

/**
 * Lines: a row for each place along x, a column for each line.
 * @type {(traces: (Filled & {name?: string})[], axis: string) => Cells}
 */
function byPlace(traces, axis) {
  const all = [...new Set(traces.flatMap((t) => t.x))].sort((a, b) => a - b);
  const maps = traces.map((t) => new Map(t.x.map((x, i) => [x, t.y[i]])));
  return {
    header: [axis, ...traces.map((t) => t.name ?? "")],
    rows: all.map((x) => [x, ...maps.map((m) => short(m.get(x)))]),
  };
}
