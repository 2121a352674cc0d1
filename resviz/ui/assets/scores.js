// Large numbers of the networks, in the colour of each, with what they count beside them. A number that falls flashes.

import { el, put } from "./dom.js";

/** @import {Arm, Records} from "./records.js" */

/** What is said of each network beside the other, as in families/resnet/family.py. */
export const SHORT = { residual: "with shortcuts", plain: "without" };
/** @type {Arm[]} */
const ARMS = ["residual", "plain"];
const FALL = 0.05; // a share of examples

export class Score {
  /** @type {number | null} the share read correctly that was shown last */
  right = null;

  /**
   * @param {Arm} arm
   * @param {string} label
   */
  constructor(arm, label = "") {
    this.number = el("strong", {}, "–");
    this.label = el("b", { class: "rv-ink" }, label);
    this.beside = el("small");
    this.box = el("p", { class: `rv-score rv-${arm}` }, this.number, el("span", {}, this.label, this.beside));
  }

  /**
   * @param {string} number
   * @param {number | null} [right] the share read correctly that it stands for: it flashes if that is far less than the one before.
   * null: what was shown before does not matter any more; without it, the next number is compared with the one before this.
   */
  show(number, right) {
    put(this.number, number);
    if (right === undefined) return;
    if (right !== null && right < (this.right ?? 0) - FALL) flash(this.number);
    this.right = right;
  }
}

/** @param {HTMLElement} node */
function flash(node) {
  node.classList.remove("rv-fell");
  node.getBoundingClientRect(); // so that the animation begins anew
  node.classList.add("rv-fell");
}

/**
 * The newest test accuracy of an arm up to a step; undefined if there is none.
 * @param {Records} records
 * @param {Arm} arm
 * @param {number} step
 */
export const scoreOf = (records, arm, step) =>
  records.list.slice(0, step).findLast((record) => record[arm]?.test_accuracy != null)?.[arm]?.test_accuracy ??
  undefined;

/** How many unseen examples each network reads correctly at the step shown. */
export class Scores {
  constructor() {
    this.what = el("p", { class: "rv-score-what" });
    this.each = ARMS.map((arm) => new Score(arm, SHORT[arm]));
    this.box = el("div", { class: "rv-scores" }, this.what, ...this.each.map(({ box }) => box));
  }

  /**
   * @param {Records} records
   * @param {number} step
   * @param {string} what is counted
   */
  show(records, step, what) {
    put(this.what, what);
    for (const [k, arm] of ARMS.entries()) {
      const score = scoreOf(records, arm, step);
      this.each[k].show(score === undefined ? "–" : `${Math.round(100 * score)}%`, score ?? null);
    }
  }
}
