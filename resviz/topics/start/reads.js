// What each network reads in a person's own image: the class, how sure it is, and the share of every class as a bar.

import { el } from "../../ui/assets/dom.js";

export default class Reads {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.box = el("div", { class: "rv-reads" });
    root.replaceChildren(this.box);
  }

  /** @param {Payload.ReadDrawn} data */
  show({ arms }) {
    this.box.replaceChildren(...arms.map(([arm, name, shares]) => one(arm, name, shares)));
  }
}

/**
 * One network.
 * @param {string} arm
 * @param {string} name
 * @param {number[]} shares
 */
function one(arm, name, shares) {
  const best = shares.indexOf(Math.max(...shares)),
    sure = `${Number((100 * (shares[best] ?? 0)).toPrecision(3))}%`;
  const bars = shares.map((share, n) =>
    el("span", { class: n === best ? "rv-best" : null }, el("i", { style: `height:${100 * share}%` }), `${n}`),
  );
  return el(
    "div",
    { class: `rv-read rv-${arm}` },
    el("b", { class: "rv-read-class" }, shares.length ? `${best}` : "–"),
    el(
      "p",
      {},
      el("span", { class: "rv-ink" }, name),
      el("small", {}, shares.length ? `${sure} sure` : "nothing drawn yet"),
    ),
    el("div", { class: "rv-read-bars", "aria-hidden": "true" }, ...bars),
  );
}
