// A page on paper: figures are drawn in dark ink on white, as wide as the sheet, and as before once it is printed.

const SHEET = 690; // px of CSS: the width of a sheet of A4 or Letter within its margins

/**
 * Draw anew before and after the page is printed. Called with the theme of that moment in force at `root`.
 * @param {HTMLElement} root
 * @param {() => void} repaint
 * @param {AbortSignal} signal ends it
 */
export function whenPrinted(root, repaint, signal) {
  /** @type {(printing: boolean) => void} */
  const turn = (printing) => {
    root.classList.toggle("rv-printing", printing);
    root.style.zoom = printing ? String(Math.min(1, SHEET / root.clientWidth)) : "";
    repaint();
  };
  window.addEventListener("beforeprint", () => turn(true), { signal });
  window.addEventListener("afterprint", () => turn(false), { signal });
}
