// How many unseen examples each network reads correctly at the step shown, in large type beside the drawing. A number that falls
// flashes.

import { el, put } from "./dom.js";

/** @import {Arm, Records} from "./records.js" */

/** What is said of each network beside the other, as in families/resnet/family.py. */
export const SHORT = { residual: "with shortcuts", plain: "without" };
/** @type {[Arm, string][]} */
const NAMED = [
  ["residual", SHORT.residual],
  ["plain", SHORT.plain],
];
const FALL = 0.05; // a share of examples

/**
 * The newest test accuracy of an arm up to a step; undefined if there is none.
 * @param {Records} records
 * @param {Arm} arm
 * @param {number} step
 */
export const scoreOf = (records, arm, step) =>
  records.list.slice(0, step).findLast((record) => record[arm]?.test_accuracy != null)?.[arm]?.test_accuracy ??
  undefined;

export class Scores {
  /** @type {Map<Arm, number>} what is shown */
  shown = new Map();

  constructor() {
    this.numbers = new Map(NAMED.map(([arm]) => [arm, el("strong", {}, "–")]));
    this.what = el("p", { class: "rv-score-what" });
    this.box = el(
      "div",
      { class: "rv-scores" },
      this.what,
      ...NAMED.map(([arm, name]) =>
        el("p", { class: `rv-score rv-${arm}` }, this.numbers.get(arm) ?? "", el("span", { class: "rv-ink" }, name)),
      ),
    );
  }

  /**
   * @param {Records} records
   * @param {number} step
   * @param {string} what is counted
   */
  show(records, step, what) {
    put(this.what, what);
    for (const [arm] of NAMED) {
      const score = scoreOf(records, arm, step),
        node = this.numbers.get(arm),
        before = this.shown.get(arm) ?? 0;
      if (!node) continue;
      put(node, score === undefined ? "–" : `${Math.round(100 * score)}%`);
      if (score !== undefined && score < before - FALL) flash(node);
      this.shown.set(arm, score ?? 0);
    }
  }
}

/** @param {HTMLElement} node */
function flash(node) {
  node.classList.remove("rv-fell");
  node.getBoundingClientRect(); // so that the animation begins anew
  node.classList.add("rv-fell");
}
