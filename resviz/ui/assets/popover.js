// Content that a button opens.

import { el } from "./dom.js";

/**
 * Content behind a label; a click elsewhere or Escape closes it. Whoever takes it off the page for good calls its `abort`.
 * @param {string} label
 * @param {Node} content
 */
export function popover(label, content) {
  const abort = new AbortController(),
    summary = el("summary", {}, label),
    box = el("div", { class: "rv-more-box" }, content);
  const node = Object.assign(el("details", { class: "rv-more-settings" }, summary, box), { abort });
  document.addEventListener(
    "pointerdown",
    (event) => {
      if (!event.composedPath().includes(node)) node.open = false;
    },
    { signal: abort.signal },
  );
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      node.open = false;
      summary.focus();
    }
  });
  // Shift the box so that it stays within the screen.
  node.addEventListener("toggle", () => {
    box.style.transform = "";
    if (!node.open) return;
    const { left, right } = box.getBoundingClientRect(),
      wide = document.documentElement.clientWidth;
    box.style.transform =
      left < 8 ? `translateX(${8 - left}px)` : right > wide - 8 ? `translateX(${wide - 8 - right}px)` : "";
  });
  return node;
}
