// The map of one network, and the way of its weights on it as far as it has come. Where the way is short, a part of the map is
// shown enlarged beside it.

import { penOf, putPixels } from "../../ui/assets/canvas.js";
import { el, put, svg } from "../../ui/assets/dom.js";
import { Score } from "../../ui/assets/scores.js";
import { short } from "../../ui/assets/shades.js";
import { relief } from "./relief.js";

/** @import {Arm} from "../../ui/assets/records.js" */

const SHARE = 0.58; // of the width of a map that its enlarged part takes
const EDGE = 8; // px between that and the edge of the map

/** @typedef {{ x: number, y: number, width: number, height: number }} Rectangle in px, from the upper left corner */
/** @typedef {{ map: Payload.MapDrawn, at: Rectangle, line: SVGGElement, now: SVGCircleElement }} View a map and where it is drawn */

/**
 * Where a way is at a step, a fraction between two moments: the number of the last moment, and the part of the way to the next.
 * @param {Payload.WayDrawn} way
 * @param {number} step
 * @returns {[k: number, part: number]}
 */
export function momentOf({ steps }, step) {
  const last = steps.length - 1,
    next = steps.findIndex((s) => s > step);
  if (next < 0 || last < 1) return [Math.max(0, last), 0];
  const k = Math.max(0, next - 1);
  return [k, Math.max(0, (step - steps[k]) / (steps[k + 1] - steps[k]))];
}

/**
 * A number between those of two moments.
 * @param {number[]} values
 * @param {number} k
 * @param {number} part
 */
export const between = (values, k, part) => values[k] + part * ((values[k + 1] ?? values[k]) - values[k]);

/**
 * A loss to two digits.
 * @param {number | null} loss null outside the range of float32
 */
function lossWords(loss) {
  if (loss === null) return "∞";
  return loss >= 1e-3 && loss < 99.5 ? loss.toPrecision(2) : loss < 9999.5 && loss > 1 ? loss.toFixed(0) : short(loss);
}

/** @param {Rectangle} at */
const rectangle = ({ x, y, width, height }, kind = "") => svg("rect", { x, y, width, height, class: kind });

export class WayMap {
  /** @type {Payload.WaysDrawn | undefined} */
  data;
  /** @type {View[]} */
  views = [];
  painted = ""; // what the canvas shows

  /** @param {Arm} arm */
  constructor(arm) {
    this.arm = arm;
    this.score = new Score(arm, `loss of the ${arm} network`);
    this.canvas = el("canvas");
    this.over = svg("svg", { "aria-hidden": "true" });
    this.none = el("p", {}, "not measured yet");
    this.map = el("div", { class: "rv-way-map", role: "img" }, this.canvas, this.over, this.none);
    this.axis = el("div", { class: "rv-way-axis", "aria-hidden": "true" });
    this.box = el("div", { class: `rv-way rv-${arm}` }, this.score.box, this.map, this.axis);
  }

  /**
   * Draw what does not move: the map, and the frame of what is enlarged.
   * @param {Payload.WaysDrawn} data
   */
  show(data) {
    this.data = data;
    const way = data.arms[this.arm],
      { clientWidth: width, clientHeight: height } = this.map;
    this.map.setAttribute("aria-label", way.said);
    const longest = Math.max(1, ...way.loss.map((loss) => lossWords(loss).length));
    this.score.number.style.minWidth = `${0.5 * longest}em`;
    this.none.hidden = Boolean(way.map);
    this.canvas.hidden = !way.map;
    this.axis.replaceChildren(...numbers(data, way));
    this.over.replaceChildren();
    this.views = [];
    if (!way.map || !width) return;
    this.over.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.view(way.map, { x: 0, y: 0, width, height });
    if (way.near) this.enlarge(way.map, way.near, width, height);
    this.paint(data);
  }

  /**
   * @param {Payload.MapDrawn} map
   * @param {Rectangle} at
   */
  view(map, at) {
    const id = `rv-way-${this.arm}-${this.views.length}`,
      [x, y] = placeOn({ map, at }, 0, 0);
    const line = svg("g", { class: "rv-way-line" }),
      now = svg("circle", { class: "rv-way-now", r: this.views.length || !this.data?.arms[this.arm].near ? 6.5 : 4 });
    const begin = svg("circle", { class: "rv-way-begin", cx: x, cy: y, r: 4 });
    this.over.append(
      svg("clipPath", { id }, rectangle(at)),
      svg("g", { "clip-path": `url(#${id})` }, line, begin, now),
    );
    if (this.views.length || !this.data?.arms[this.arm].near) {
      const start = svg("text", { x: x - 9, y: y + 4, "text-anchor": "end" });
      put(start, "start");
      this.over.append(start);
      this.name(map, at);
    }
    this.views.push({ map, at, line, now });
  }

  /**
   * Write what the way leads over or into on the map, as maps name what they show: a pit below its lowest point.
   * @param {Payload.MapDrawn} map
   * @param {Rectangle} at
   */
  name({ box, columns, heights }, at) {
    const { name } = this.data?.arms[this.arm] ?? {};
    if (!name) return;
    const lowest = heights.indexOf(Math.min(...heights)),
      [left, right, bottom, top] = box,
      rows = heights.length / columns;
    const [x, y] = placeOn(
      { map: { box }, at },
      left + ((right - left) * (lowest % columns)) / (columns - 1),
      bottom + ((top - bottom) * Math.floor(lowest / columns)) / (rows - 1),
    );
    const pit = name === "pit";
    const text = svg("text", {
      x: pit ? Math.max(at.x + 30, Math.min(at.x + at.width - 30, x)) : at.x + at.width / 2,
      y: pit ? Math.min(at.y + at.height - 12, y + 34) : at.y + 0.78 * at.height,
      "text-anchor": "middle",
      class: "rv-way-name",
    });
    put(text, name);
    this.over.append(text);
  }

  /**
   * Show a part of the map larger, on the side where there is room, with lines from one to the other.
   * @param {Payload.MapDrawn} map
   * @param {Payload.MapDrawn} near
   * @param {number} width of the whole map
   * @param {number} height
   */
  enlarge(map, near, width, height) {
    const whole = { map, at: { x: 0, y: 0, width, height } },
      [left, right, bottom, top] = near.box;
    const [x, y] = placeOn(whole, left, top),
      [x2, y2] = placeOn(whole, right, bottom);
    const from = { x, y, width: x2 - x, height: y2 - y },
      large = { width: SHARE * width, height: SHARE * height };
    const after = (x + x2) / 2 < width / 2,
      to = { ...large, x: after ? width - large.width - EDGE : EDGE, y: (height - large.height) / 2 };
    const side = after ? x2 : x,
      near_ = after ? to.x : to.x + to.width;
    const guide = (/** @type {number} */ a, /** @type {number} */ b) =>
      svg("line", { x1: side, y1: a, x2: near_, y2: b, class: "rv-way-frame" });
    this.over.append(guide(y, to.y), guide(y2, to.y + to.height), rectangle(from, "rv-way-frame"));
    this.view(near, to);
    const times = svg("text", { x: to.x + 8, y: to.y + 18 });
    put(times, `${Math.round(large.width / from.width)} × larger`);
    this.over.append(rectangle(to, "rv-way-frame"), times);
  }

  /**
   * Paint the maps, if they are not painted yet.
   * @param {Payload.WaysDrawn} data
   */
  paint(data) {
    const ratio = window.devicePixelRatio || 1,
      key = JSON.stringify([this.views.map(({ map, at }) => [map, at]), ratio]);
    if (key === this.painted) return;
    this.painted = key;
    const [{ at: all }] = this.views;
    Object.assign(this.canvas, { width: Math.round(all.width * ratio), height: Math.round(all.height * ratio) });
    const pen = penOf(this.canvas),
      one = el("canvas");
    for (const { map, at } of this.views) {
      const size = { width: Math.round(at.width * ratio), height: Math.round(at.height * ratio) };
      putPixels(one, size, relief(map, data, size, ratio));
      pen.drawImage(one, Math.round(at.x * ratio), Math.round(at.y * ratio));
    }
  }

  /**
   * Draw the way up to a step, and say how far it is.
   * @param {number} step
   */
  go(step) {
    const way = this.data?.arms[this.arm];
    if (!way) return;
    const [k, part] = momentOf(way, step),
      loss = way.loss[k];
    this.score.show(loss === undefined ? "–" : lossWords(loss));
    put(this.score.beside, way.map ? `${short(between(way.far, k, part))} units from the start` : "");
    if (!way.map) return;
    const x = [...way.x.slice(0, k + 1), between(way.x, k, part)],
      y = [...way.y.slice(0, k + 1), between(way.y, k, part)];
    for (const view of this.views) {
      const at = x.map((v, n) => placeOn(view, v, y[n]).map((p) => p.toFixed(1)));
      const line = `M${at.join("L")}`,
        dots = at.slice(0, -1).map((p) => `M${p}h0`);
      view.line.replaceChildren(
        svg("path", { d: line, class: "rv-way-under" }),
        svg("path", { d: line }),
        svg("path", { d: dots.join(""), class: "rv-way-dots" }),
      );
      const [cx, cy] = at[at.length - 1];
      view.now.setAttribute("cx", cx);
      view.now.setAttribute("cy", cy);
    }
  }
}

/**
 * Where a place is drawn, in px.
 * @param {{ map: Pick<Payload.MapDrawn, "box">, at: Rectangle }} view
 * @param {number} x
 * @param {number} y
 */
function placeOn({ map, at }, x, y) {
  const [left, right, bottom, top] = map.box;
  return [at.x + ((x - left) / (right - left)) * at.width, at.y + ((top - y) / (top - bottom)) * at.height];
}

/**
 * The numbers below a map.
 * @param {Payload.WaysDrawn} data
 * @param {Payload.WayDrawn} way
 */
function numbers({ along }, { map }) {
  if (!map) return [];
  const [left, right] = map.box;
  return along.map(([x, text]) =>
    el("span", { style: `left:${((100 * (x - left)) / (right - left)).toFixed(2)}%` }, text),
  );
}
