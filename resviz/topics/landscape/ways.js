// Both ways on their maps, and below them the loss along the ways; played once when they are seen.

import { el, put, svg } from "../../ui/assets/dom.js";
import { Playhead } from "../../ui/assets/playhead.js";
import { between, momentOf, WayMap } from "./way.js";

/** @import {Arm} from "../../ui/assets/records.js" */

const REPLAY_SECONDS = 8;
const HEIGHT = 58; // px of the curve
const THUMB = 8; // px, half the width of the slider's: the curve begins and ends below its middle
/** @type {Arm[]} */
const ARMS = ["residual", "plain"];

export default class Ways {
  /** @type {Payload.WaysDrawn | undefined} */
  data;
  /** @type {number[]} the steps of which anything is known */
  steps = [0];
  key = ""; // which ways are shown
  head = new Playhead(); // its steps are the numbers of `steps`, from 1
  visible = false;
  /** @type {number | undefined} the frame that is asked for */
  next;
  /** @type {Partial<Record<Arm, SVGCircleElement>>} where the curves are now */
  now = {};

  /** @param {HTMLElement} root */
  constructor(root) {
    this.maps = { residual: new WayMap("residual"), plain: new WayMap("plain") };
    this.button = el("button", { type: "button", class: "rv-button", onclick: () => this.toggle() });
    this.slider = el("input", {
      type: "range",
      class: "rv-slider",
      min: 0,
      step: "any",
      "aria-label": "Step of the training that is shown",
      oninput: () => {
        this.lead(Number(this.slider.value));
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.press(event),
    });
    this.where = el("span", { class: "rv-ways-where" });
    this.losses = el("div", { class: "rv-ways-losses", "aria-hidden": "true" });
    this.curve = svg("svg", { class: "rv-ways-curve", role: "img" });
    this.scale = el("div", { class: "rv-ways-scale", role: "img" });
    root.replaceChildren(
      el("div", { class: "rv-ways" }, this.maps.residual.box, this.maps.plain.box),
      el("div", { class: "rv-ways-bar" }, this.button, this.slider, this.where, this.losses, this.curve, this.scale),
    );
    this.size = new ResizeObserver(() => this.lay());
    this.size.observe(root);
    this.seen = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      this.run();
    });
    this.seen.observe(this.maps.residual.map);
  }

  /** @param {Payload.WaysDrawn} data */
  show(data) {
    const key = JSON.stringify(data.arms),
      known = this.measured(data);
    if (key !== this.key || this.data?.live !== data.live) {
      this.steps = [...new Set(ARMS.flatMap((arm) => data.arms[arm].steps))].sort((a, b) => a - b);
      if (!this.steps.length) this.steps = [0];
      this.key = key;
      const still = data.live || !known || matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.head.begin(still ? this.steps.length : 1, !still);
    }
    this.data = data;
    this.lay();
    this.run();
  }

  /** @param {Payload.WaysDrawn} data */
  measured = (data) => ARMS.every((arm) => data.arms[arm].map);

  get extent() {
    const count = this.steps.length;
    return { steps: count, head: count, ended: true };
  }

  /** The step that is shown, a fraction between two. */
  get step() {
    const at = Math.max(0, this.head.position - 1),
      k = Math.min(Math.floor(at), this.steps.length - 1);
    return this.steps[k] + (at - k) * ((this.steps[k + 1] ?? this.steps[k]) - this.steps[k]);
  }

  // ---- what a person does ----

  toggle() {
    this.head.toggle(this.extent, performance.now());
    this.paint();
    this.run();
  }

  /** @param {number} at */
  lead(at) {
    this.head.playing = false;
    this.head.goTo(at + 1);
    this.paint();
  }

  /**
   * Arrow keys go from one moment of the ways to the next.
   * @param {KeyboardEvent} event
   */
  press(event) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.head.step(by, this.extent);
    this.paint();
  }

  // ---- the replay ----

  run() {
    if (this.next !== undefined || !this.head.playing || !this.visible) return;
    this.head.moved = undefined;
    this.next = requestAnimationFrame((now) => this.tick(now));
  }

  /** @param {number} now */
  tick(now) {
    this.next = undefined;
    if (!this.head.playing || !this.visible) return;
    this.head.advance(now, (this.steps.length - 1) / REPLAY_SECONDS, this.extent);
    this.paint();
    if (this.head.playing) this.next = requestAnimationFrame((later) => this.tick(later));
  }

  // ---- drawing ----

  /** Draw what does not move, at the size of now. */
  lay() {
    const { data } = this;
    if (!data) return;
    for (const map of Object.values(this.maps)) map.show(data);
    this.slider.max = String(this.steps.length - 1);
    this.layCurve(data);
    this.layScale(data);
    this.paint();
  }

  /** @param {Payload.WaysDrawn} data */
  layCurve({ arms, of, losses }) {
    const width = this.curve.clientWidth,
      [low] = losses[0],
      [high] = losses[losses.length - 1];
    this.curve.setAttribute("viewBox", `0 0 ${width || 1} ${HEIGHT}`);
    this.curve.setAttribute("aria-label", `Loss at each step, log scale. ${arms.residual.said}; ${arms.plain.said}.`);
    this.across = (/** @type {number} */ step) => THUMB + (step / of) * Math.max(0, width - 2 * THUMB);
    this.down = (/** @type {number} */ loss) =>
      HEIGHT - 6 - (Math.log(Math.max(loss, low) / low) / Math.log(high / low)) * (HEIGHT - 12);
    const { across, down } = this;
    const lines = losses.map(([loss]) =>
      svg("line", { x1: 0, x2: width, y1: down(loss), y2: down(loss), class: "rv-ways-grid" }),
    );
    const curves = ARMS.map((arm) =>
      svg("path", { class: `rv-ways-loss rv-${arm}`, d: pathOf(arms[arm], across, down) }),
    );
    for (const arm of ARMS) this.now[arm] = svg("circle", { class: `rv-ways-dot rv-${arm}`, r: 5, cx: -99 });
    this.curve.replaceChildren(...lines, ...curves, ...ARMS.flatMap((arm) => this.now[arm] ?? []));
    this.losses.replaceChildren(
      el("span", { class: "rv-ways-title" }, "loss"),
      ...losses.map(([loss, text]) => el("span", { style: `top:${down(loss)}px` }, text)),
    );
  }

  across = (/** @type {number} */ step) => step;
  down = (/** @type {number} */ loss) => loss;

  /** @param {Payload.WaysDrawn} data */
  layScale({ colours, marks }) {
    const stops = colours.map(([place, colour]) => `${colour} ${100 * place}%`).join(", ");
    const few = marks.filter((_, k) => k === 0 || k === marks.length - 1);
    this.scale.setAttribute("aria-label", `Colours of the maps: dark is a low loss, bright a high one.`);
    this.scale.replaceChildren(
      el("span", { class: "rv-ways-title" }, "loss on the maps"),
      el("i", { style: `background:linear-gradient(90deg, ${stops})` }),
      ...few.map(([place, text]) => el("b", { style: `left:${(100 * place).toFixed(1)}%` }, text)),
    );
  }

  paint() {
    const { data, step } = this;
    if (!data) return;
    const known = this.measured(data),
      last = this.head.position >= this.steps.length;
    put(this.button, this.head.playing ? "Pause" : known && last ? "Play again" : "Play");
    this.button.disabled = !known || data.live;
    this.slider.disabled = !known;
    this.slider.value = String(this.head.position - 1);
    const said = `step ${Math.floor(step).toLocaleString("en")} of ${data.of.toLocaleString("en")}`;
    put(this.where, known ? said : "");
    for (const arm of ARMS) {
      this.maps[arm].go(step);
      const way = data.arms[arm],
        [k, part] = momentOf(way, step),
        dot = this.now[arm];
      const high = way.loss.map((loss) => (loss === null ? -99 : this.down(loss)));
      dot?.setAttribute("cx", String(k in high ? this.across(between(way.steps, k, part)) : -99));
      dot?.setAttribute("cy", String(k in high ? between(high, k, part) : -99));
    }
    const each = ARMS.map((arm) => `loss ${this.maps[arm].score.number.textContent} of the ${arm} network`);
    this.slider.setAttribute("aria-valuetext", `${said}: ${each.join(", ")}`);
  }

  dispose() {
    this.head.playing = false;
    if (this.next !== undefined) cancelAnimationFrame(this.next);
    this.size.disconnect();
    this.seen.disconnect();
  }
}

/**
 * The curve of one network, with a gap where its loss left the range of float32.
 * @param {Payload.WayDrawn} way
 * @param {(step: number) => number} across
 * @param {(loss: number) => number} down
 */
function pathOf({ steps, loss }, across, down) {
  return steps
    .map((step, k) => {
      const v = loss[k];
      return v === null
        ? ""
        : `${k && loss[k - 1] !== null ? "L" : "M"}${across(step).toFixed(1)} ${down(v).toFixed(1)}`;
    })
    .join("");
}
