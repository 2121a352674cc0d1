// Loading plotly: a part of it for most figures, the whole of it, three times as large, for those that need more.

import { el } from "./dom.js";

/** @type {Map<string, Promise<PlotlyLibrary>>} by address */
const loaded = new Map();

/**
 * @param {string} url
 * @returns {Promise<PlotlyLibrary>}
 */
function load(url) {
  const known = loaded.get(url);
  if (known) return known;
  /** @type {Promise<PlotlyLibrary>} */
  const coming = new Promise((resolve, reject) => {
    const script = el("script", { src: url });
    const done = () => (window.Plotly ? resolve(window.Plotly) : fail());
    const fail = () => {
      loaded.delete(url);
      script.remove();
      reject(new Error(url));
    };
    script.addEventListener("load", done);
    script.addEventListener("error", fail);
    document.head.append(script);
  });
  loaded.set(url, coming);
  return coming;
}

/**
 * Whether a figure needs the whole library.
 * @param {Payload.Plot} figure
 */
export const needsWhole = ({ data }) => data.some((trace) => trace.type === "surface");

/**
 * Call `use` with plotly once it is loaded. If it cannot be loaded, a message at the top says so and stays, because no later
 * answer can be drawn.
 * @param {string} url
 * @param {HTMLElement} root
 * @param {(lib: PlotlyLibrary) => void} use
 */
export function withPlotly(url, root, use) {
  load(url).then(
    (lib) => {
      root.querySelector(":scope > .rv-undrawn")?.remove();
      use(lib);
    },
    () => {
      if (root.querySelector(":scope > .rv-undrawn")) return;
      root.prepend(
        el(
          "p",
          { class: "rv-status rv-trouble rv-undrawn", role: "alert" },
          "The drawing library did not load. Reload the page.",
        ),
      );
    },
  );
}
