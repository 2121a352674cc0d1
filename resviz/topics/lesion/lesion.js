// Drawing of a trained network: a click removes a block or cuts a shortcut after training.

import { el, put } from "../../ui/assets/dom.js";
import { Drawing } from "../../ui/assets/drawing.js";
import { Score } from "../../ui/assets/scores.js";

const ARMS = /** @type {const} */ (["residual", "plain"]);

/**
 * Block numbers as text: "1,3,12".
 * @param {Set<number>} numbers
 */
const words = (numbers) => [...numbers].sort((a, b) => a - b).join(",");

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
    this.scores = ARMS.map((arm) => new Score(arm));
    this.large = el("div", { class: "rv-lesion-scores", hidden: true }, ...this.scores.map(({ box }) => box));
    const net = el("div", { class: "rv-lesion-net" });
    root.append(this.large, net);
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
    for (const [k, arm] of ARMS.entries()) {
      const told = scores[arm],
        score = this.scores[k];
      this.large.hidden = !told;
      if (!told) return;
      score.show(told.misread || "–", told.right ?? undefined);
      put(score.label, told.label);
      put(score.beside, told.beside);
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
