// Drawing of a trained network: a click removes a block or cuts a shortcut after training.

import { el, put } from "../../ui/assets/dom.js";
import { Drawing } from "../../ui/assets/drawing.js";

const ARMS = /** @type {const} */ (["residual", "plain"]);

/**
 * Block numbers as text: "1,3,12".
 * @param {Set<number>} numbers
 */
const words = (numbers) => [...numbers].sort((a, b) => a - b).join(",");

/** @param {string} arm */
const scoreBox = (arm) =>
  el("p", { class: `rv-score rv-${arm}` }, el("strong"), el("span", {}, el("b", { class: "rv-ink" }), el("small")));

export default class Lesion {
  /** @type {Payload.LesionDrawn | undefined} */
  data;
  /** @type {Set<number>} blocks taken out after training */
  lesion = new Set();
  /** @type {Set<number>} shortcuts cut after training */
  sever = new Set();
  /** The network drawn, as text. */
  shape = "";

  /**
   * @param {HTMLElement} root
   * @param {(changes: Payload.Changes) => void} choose is called with block numbers as comma-separated text
   * @param {{ settled?: boolean }} cards whether the answer shown is one to the last change
   */
  constructor(root, choose, cards) {
    this.choose = choose;
    this.cards = cards;
    this.scores = el("div", { class: "rv-lesion-scores" });
    const net = el("div", { class: "rv-lesion-net" });
    root.append(this.scores, net);
    this.drawing = new Drawing(net, [...ARMS], {
      toggle: (part, n) => this.toggle(part, n),
      window: () => undefined,
    });
  }

  /** @param {Payload.LesionDrawn} data */
  show(data) {
    const shape = JSON.stringify(data.network);
    if (shape !== this.shape) {
      this.shape = shape;
      this.drawing.show(data.network);
    }
    if (this.cards.settled || !this.data) {
      this.lesion = new Set(data.lesion);
      this.sever = new Set(data.sever);
    }
    this.data = data;
    this.drawing.shade(data.shades);
    this.paint(data);
    this.say(data.scores);
  }

  /**
   * What each network misreads as drawn, in large type; while it is measured, a dash.
   * @param {Record<string, Payload.LesionScore>} scores none while they learn
   */
  say(scores) {
    const made = this.scores.children.length > 0;
    for (const arm of ARMS) {
      const score = scores[arm];
      if (!score) return this.scores.replaceChildren();
      if (!made) this.scores.append(scoreBox(arm));
      const [number, label, beside] = this.scores.querySelectorAll(`.rv-${arm} :is(strong, span > *)`);
      put(number, score.misread || "–");
      put(label, score.label);
      put(beside, score.beside);
    }
  }

  /**
   * @param {"cut" | "remove"} part
   * @param {number} n
   */
  toggle(part, n) {
    const { data } = this;
    if (!data) return;
    const chosen = part === "cut" ? this.sever : this.lesion;
    const fixed = part === "cut" ? data.cut : data.removed;
    if (fixed.includes(n)) return; // it was trained without it
    if (!chosen.delete(n)) chosen.add(n);
    this.paint(data); // at once; the measured numbers follow
    this.choose({ lesion: words(this.lesion), sever: words(this.sever) });
  }

  /** @param {Payload.LesionDrawn} data */
  paint(data) {
    this.drawing.set([...data.cut, ...this.sever], [...data.removed, ...this.lesion]);
  }

  dispose() {
    this.drawing.dispose();
  }
}
