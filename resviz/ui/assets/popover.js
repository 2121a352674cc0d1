import { el } from "./dom.js";

// Content that a button opens; a click elsewhere or Escape closes it.
export function popover(label, content) {
  const abort = new AbortController();
  const node = el(
    "details",
    { class: "rv-more-settings" },
    el("summary", {}, label),
    el("div", { class: "rv-more-box" }, content),
  );
  node.abort = abort;
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
      node.firstChild.focus();
    }
  });
  // Shift the box so that it stays within the screen.
  node.addEventListener("toggle", () => {
    const box = node.lastChild;
    box.style.transform = "";
    if (!node.open) return;
    const { left, right } = box.getBoundingClientRect(),
      wide = document.documentElement.clientWidth;
    box.style.transform =
      left < 8 ? `translateX(${8 - left}px)` : right > wide - 8 ? `translateX(${wide - 8 - right}px)` : "";
  });
  return node;
}
