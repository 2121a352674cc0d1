// Loading plotly: a part of it for most figures, the whole of it, three times as large, for those that need more.

import { el } from "./dom.js";

const loaded = new Map(); // by address: promise of the library

function load(url) {
  if (!loaded.has(url))
    loaded.set(
      url,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = () => resolve(window.Plotly);
        script.onerror = () => {
          loaded.delete(url);
          reject(new Error(url));
        };
        document.head.append(script);
      }),
    );
  return loaded.get(url);
}

// Whether a figure needs the whole library.
export const needsWhole = ({ data }) => data.some((trace) => trace.type === "surface");

// Call `use` with plotly once it is loaded. If it cannot be loaded, a message at the top says so and stays, because no later
// answer can be drawn.
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
