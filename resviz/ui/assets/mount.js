// Where Streamlit mounts a component: a run as it happens (Timeline), or a panel.

import { addCards } from "./cards.js";
import { el } from "./dom.js";

const mounted = new WeakMap(); // by root: {made: promise of the view, farewell: timer, gone}

async function make(root, page) {
  await addCards(page.modules);
  const { default: View } = await (page.timeline ? import("./timeline.js") : import("./panel.js"));
  return new View(root);
}

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".rv-live"),
    page = JSON.parse(data);
  if (!mounted.has(root)) mounted.set(root, { made: make(root, page) });
  const here = mounted.get(root);
  clearTimeout(here.farewell);
  here.made.then(
    (view) => {
      if (here.gone) return;
      view.show(page);
      if (!page.beside && !page.alone) window.resviz = view; // for the console, for tests and for benchmarks
    },
    () => {
      mounted.delete(root);
      root.replaceChildren(
        el(
          "p",
          { class: "rv-status rv-trouble", role: "alert" },
          "This part of the page did not load. Reload the page.",
        ),
      );
    },
  );
  return () => {
    here.farewell = setTimeout(() => {
      here.gone = true;
      mounted.delete(root);
      here.made.then(
        (view) => view.dispose(),
        () => undefined,
      );
    }, 0);
  };
}
