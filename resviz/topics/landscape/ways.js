// Both ways on their maps, and below them the loss along the ways; played once when they are seen.

import { el, svg } from "../../ui/assets/dom.js";
import { Player } from "../../ui/assets/player.js";
import { between, momentOf, WayMap } from "./way.js";

/** @import {Arm} from "../../ui/assets/records.js" */

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
  /** @type {Partial<Record<Arm, SVGCircleElement>>} where the curves are now */
  now = {};

  /** @param {HTMLElement} root */
  constructor(root) {
    this.maps = { residual: new WayMap("residual"), plain: new WayMap("plain") };
    this.player = new Player(this.maps.residual.map, {
      label: "Step of the training that is shown",
      said: () => this.said,
      spoken: () => `${this.said}: ${ARMS.map((arm) => this.lossOf(arm)).join(", ")}`,
      paint: () => this.paint(),
    });
    this.losses = el("div", { class: "rv-ways-losses", "aria-hidden": "true" });
    this.curve = svg("svg", { class: "rv-ways-curve", role: "img" });
    this.scale = el("div", { class: "rv-ways-scale", role: "img" });
    this.player.box.append(this.losses, this.curve, this.scale);
    root.replaceChildren(el("div", { class: "rv-ways" }, this.maps.residual.box, this.maps.plain.box), this.player.box);
    this.size = new ResizeObserver(() => this.lay());
    this.size.observe(root);
  }

  /** @param {Payload.WaysDrawn} data */
  show(data) {
    const key = JSON.stringify(data.arms);
    const begins = key !== this.key || this.data?.live !== data.live;
    this.data = data;
    if (begins) {
      this.steps = [...new Set(ARMS.flatMap((arm) => data.arms[arm].steps))].sort((a, b) => a - b);
      if (!this.steps.length) this.steps = [0];
      this.key = key;
      this.player.begin(this.steps.length - 1, this.known && !data.live);
    }
    this.lay();
  }

  /** Whether both ways are measured. */
  get known() {
    const { data } = this;
    return data !== undefined && ARMS.every((arm) => data.arms[arm].map);
  }

  /** The step that is shown, a fraction between two. */
  get step() {
    const { at } = this.player,
      k = Math.min(Math.floor(at), this.steps.length - 1);
    return this.steps[k] + (at - k) * ((this.steps[k + 1] ?? this.steps[k]) - this.steps[k]);
  }

  get said() {
    if (!this.data || !this.known) return "";
    return `step ${Math.floor(this.step).toLocaleString("en")} of ${this.data.of.toLocaleString("en")}`;
  }

  /** @param {Arm} arm */
  lossOf = (arm) => `loss ${this.maps[arm].score.number.textContent} of the ${arm} network`;

  // ---- drawing ----

  /** Draw what does not move, at the size of now. */
  lay() {
    const { data } = this;
    if (!data) return;
    for (const map of Object.values(this.maps)) map.show(data);
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
    for (const arm of ARMS) {
      this.maps[arm].go(step);
      const way = data.arms[arm],
        [k, part] = momentOf(way, step),
        dot = this.now[arm];
      const high = way.loss.map((loss) => (loss === null ? -99 : this.down(loss)));
      dot?.setAttribute("cx", String(k in high ? this.across(between(way.steps, k, part)) : -99));
      dot?.setAttribute("cy", String(k in high ? between(high, k, part) : -99));
    }
    this.player.button.disabled = !this.known || data.live;
    this.player.slider.disabled = !this.known;
    this.player.words();
  }

  dispose() {
    this.player.dispose();
    this.size.disconnect();
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
