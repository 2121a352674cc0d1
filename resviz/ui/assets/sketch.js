// A curve that a person draws over a figure of plotly's before its own curves are shown.

import { svg } from "./dom.js";
import { axesOf } from "./quick.js";

const STEP = 0.05; // of the height, for a press on an arrow key
const NEAR_POINTS = 0.1,
  NEAR_FACTOR = 3; // a drawn curve this near to the measured one, on average, is right

/** @param {number} value */
const share = (value) => `${(100 * value).toFixed(value < 0.0995 ? 1 : 0)}%`;
/** @param {number} value */
const short = (value) => Number(value.toPrecision(2)).toLocaleString("en", { maximumSignificantDigits: 2 });

export class Sketch {
  /** @type {(number | undefined)[]} of the height, from 0 below to 1, at each point of the line */
  heights = [];
  at = 0; // the point that the keyboard is at
  /** @type {number | undefined} the point where the stroke was last */
  before;

  /**
   * @param {HTMLElement} panel
   * @param {Payload.Sketched} told
   * @param {() => void} drawn called after each change
   */
  constructor(panel, told, drawn) {
    this.told = told;
    this.drawn = drawn;
    this.card = panel.querySelector(`.rv-area-${told.figure}`);
    this.plot = /** @type {PlotlyNode | null} */ (this.card?.querySelector(".js-plotly-plot") ?? null);
    this.line = this.plot?.data?.find((/** @type {any} */ trace) => trace.name === told.line);
    this.path = svg("polyline", { class: "rv-sketch-line" });
    this.dot = svg("circle", { r: 5, class: "rv-sketch-dot", visibility: "hidden" });
    this.pad = svg("svg", {
      class: "rv-sketch",
      tabindex: 0,
      role: "slider",
      "aria-label": `Your guess. ${told.how}`,
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    });
    this.pad.append(this.path, this.dot);
    if (!this.plot || !this.line) return;
    this.card?.classList.add("rv-sketching");
    this.plot.append(this.pad);
    this.pad.addEventListener("pointerdown", (event) => this.press(event));
    this.pad.addEventListener("pointermove", (event) => this.move(event));
    this.pad.addEventListener("keydown", (event) => this.key(event));
    this.sized = new ResizeObserver(() => this.paint());
    this.sized.observe(this.plot);
    this.paint();
  }

  /** Whether there is a line to compare with. */
  get there() {
    return Boolean(this.plot && this.line);
  }

  /** @returns {number[]} where the line has points */
  get places() {
    return [...(this.line?.x ?? [])].map(Number);
  }

  get complete() {
    return this.there && this.places.every((_, k) => this.heights[k] !== undefined);
  }

  /** The axes as plotly has laid them out. */
  get axes() {
    const axes = this.plot && axesOf(this.plot);
    if (!axes) throw new Error("This figure has no axes.");
    return axes;
  }

  /**
   * The place on screen of a point, in px from the figure's corner.
   * @param {number} k
   * @param {number} height
   */
  point(k, height) {
    const { x, y } = this.axes,
      [low, high] = x.range;
    return [x._offset + (x._length * (this.places[k] - low)) / (high - low), y._offset + y._length * (1 - height)];
  }

  /**
   * The value that a height stands for.
   * @param {number} height
   */
  value(height) {
    const { y } = this.axes,
      [low, high] = y.range,
      value = low + height * (high - low);
    return y.type === "log" ? 10 ** value : Math.max(0, value);
  }

  // ---- drawing ----

  /** @param {PointerEvent} event */
  press(event) {
    event.preventDefault();
    this.pad.focus({ preventScroll: true });
    this.pad.setPointerCapture(event.pointerId);
    this.before = undefined;
    this.stroke(event);
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.pad.hasPointerCapture(event.pointerId)) this.stroke(event);
  }

  /** @param {PointerEvent} event */
  stroke(event) {
    const { left, top } = this.pad.getBoundingClientRect(),
      { y } = this.axes,
      across = this.places.map((_, k) => Math.abs(this.point(k, 0)[0] - (event.clientX - left))),
      k = across.indexOf(Math.min(...across)),
      height = Math.min(1, Math.max(0, 1 - (event.clientY - top - y._offset) / y._length)),
      from = this.before ?? k,
      first = this.heights[from] ?? height;
    // A quick stroke skips points: those between lie on a straight line.
    for (let i = Math.min(from, k); i <= Math.max(from, k); i += 1)
      this.heights[i] = from === k ? height : first + ((height - first) * (i - from)) / (k - from);
    this.before = k;
    this.at = k;
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key],
      up = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (along === undefined && up === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const height = this.heights[this.at] ?? 0.5;
    this.heights[this.at] = height;
    this.at = Math.min(this.places.length - 1, Math.max(0, this.at + (along ?? 0)));
    this.heights[this.at] = up ? Math.min(1, Math.max(0, height + up)) : (this.heights[this.at] ?? height);
    this.changed();
  }

  changed() {
    this.paint();
    this.drawn();
  }

  paint() {
    const points = this.places.flatMap((_, k) => {
      const height = this.heights[k];
      return height === undefined
        ? []
        : [
            this.point(k, height)
              .map((v) => v.toFixed(1))
              .join(),
          ];
    });
    this.path.setAttribute("points", points.join(" "));
    const height = this.heights[this.at];
    this.dot.setAttribute("visibility", height === undefined ? "hidden" : "visible");
    if (height === undefined) return;
    const [x, y] = this.point(this.at, height);
    this.dot.setAttribute("cx", String(x));
    this.dot.setAttribute("cy", String(y));
    this.pad.setAttribute("aria-valuenow", String(Math.round(100 * height)));
    this.pad.setAttribute("aria-valuetext", `${this.places[this.at]}: ${this.said(this.value(height))}`);
  }

  // ---- comparing ----

  get isShare() {
    return String(this.axes.y.tickformat ?? "").includes("%");
  }

  /** @param {number} value */
  said(value) {
    return this.isShare ? share(value) : short(value);
  }

  /**
   * Show the figure's own curves under the drawn one. Returns whether they are near each other, and a sentence.
   * @returns {[boolean, string]}
   */
  compare() {
    this.uncover();
    this.pad.classList.add("rv-compared");
    const mine = this.heights.map((height) => this.value(height ?? 0)),
      theirs = [...(this.line?.y ?? [])].map(Number),
      k = Math.max(0, this.places.indexOf(this.told.at)),
      apart = (/** @type {number} */ i) =>
        this.isShare ? Math.abs(mine[i] - theirs[i]) : Math.abs(Math.log10(mine[i] / theirs[i])),
      measured = mine.map((_, i) => i).filter((i) => Number.isFinite(apart(i))),
      mean = measured.reduce((sum, i) => sum + apart(i), 0) / measured.length,
      off = this.isShare ? `${Math.round(100 * mean)} points` : `a factor of ${short(10 ** mean)}`,
      near = mean <= (this.isShare ? NEAR_POINTS : Math.log10(NEAR_FACTOR));
    return [
      near,
      `You drew ${this.said(mine[k])} ${this.told.where}; measured: ${this.said(theirs[k])}. On average your curve is off by ${off}.`,
    ];
  }

  uncover() {
    this.card?.classList.remove("rv-sketching");
  }

  dispose() {
    this.uncover();
    this.sized?.disconnect();
    this.pad.remove();
  }
}
