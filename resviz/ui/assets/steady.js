// A place for words that other words take over, such as a finding and a warning. What stands below never moves up, and moves down
// only for words that are longer than all before.

import { el } from "./dom.js";

/**
 * Both nodes in one place: the second is seen only while the first is hidden.
 * @param {HTMLElement} first
 * @param {HTMLElement} second
 */
export function steady(first, second) {
  const box = el("div", { class: "rv-said" }, first, second);
  let wide = 0;
  new ResizeObserver(([{ contentRect }]) => {
    const { width, height } = contentRect;
    box.style.minHeight = width === wide ? `${Math.max(Number.parseFloat(box.style.minHeight) || 0, height)}px` : "";
    wide = width;
  }).observe(box);
  return box;
}
