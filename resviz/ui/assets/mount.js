// Where Streamlit mounts a component: a run as it happens (Timeline), or a panel.

import { addKinds } from "./cards.js";
import { el } from "./dom.js";
import { offerLecture } from "./lecture.js";
import { markTerms } from "./terms.js";

/** @typedef {{show(page: Payload.Page): void, dispose(): void}} View */
/** @typedef {{made: Promise<View>, farewell?: number, gone: boolean}} Mounted a view, and the timer that takes it away */

/** @type {WeakMap<HTMLElement, Mounted>} by root */
const mounted = new WeakMap();

/** @type {(root: HTMLElement, page: Payload.Page) => Promise<View>} */
async function make(root, page) {
  addKinds(page.modules);
  const { default: Made } = await (page.timeline ? import("./timeline.js") : import("./panel.js"));
  return new Made(root);
}

/**
 * @param {{data: Uint8Array, parentElement: HTMLElement}} component `data`: what the page hands down, as JSON
 * @returns {() => void} what Streamlit calls when it takes the component away
 */
export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".rv-live");
  if (!(root instanceof HTMLElement)) throw new Error("the component has no place for a view");
  /** @type {Payload.Page} */
  const page = JSON.parse(new TextDecoder().decode(data));
  offerLecture();
  const here = mounted.get(root) ?? { made: make(root, page), gone: false };
  mounted.set(root, here);
  clearTimeout(here.farewell);
  here.made.then(
    (view) => {
      if (here.gone) return;
      view.show(page);
      markTerms(); // those around the panel, too
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
