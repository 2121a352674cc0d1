// A card of pictures to choose from, each with what the networks read.

import { putPixels } from "./canvas.js";
import { el } from "./dom.js";
import { fromBase64, imagePixels } from "./pictures.js";

export class Gallery {
  /** All that is seen of the pictures, as text. */
  key = "";
  /** @type {Map<number, HTMLButtonElement>} by number */
  buttons = new Map();

  /**
   * @param {HTMLElement} root
   * @param {(changes: Payload.Changes) => void} choose
   */
  constructor(root, choose) {
    this.root = root;
    this.choose = choose;
  }

  /** @param {Payload.Gallery} data */
  show(data) {
    const key = JSON.stringify([data.image, data.items]);
    if (this.key !== key) {
      this.key = key;
      this.buttons = new Map(data.items.map((item) => [item.number, this.button(item, data)]));
      this.root.replaceChildren(el("div", { class: "rv-gallery" }, ...this.buttons.values()));
    }
    for (const [number, button] of this.buttons) button.setAttribute("aria-pressed", String(number === data.chosen));
  }

  /**
   * @param {Payload.GalleryItem} item
   * @param {Payload.Gallery} data
   */
  button(item, { image, colors }) {
    const canvas = el("canvas", { "aria-hidden": "true" });
    putPixels(canvas, image, imagePixels(image, fromBase64(item.pixels)));
    const reads = Object.entries(item.reads);
    const said = reads.map(([arm, read]) => `${arm} reads ${read}`).join(", ");
    // Written by CSS: the button's name says it already.
    const marks = reads.map(([arm, read]) =>
      el("b", {
        class: item.wrong.includes(arm) ? "rv-ink rv-wrong" : "rv-ink",
        style: `--rv-ink:${colors[arm]}`,
        "data-read": read,
      }),
    );
    return el(
      "button",
      {
        type: "button",
        class: "rv-thumb",
        title: `a ${item.truth}; ${said}`,
        "aria-label": `Image ${item.number}, a ${item.truth}; ${said}`,
        onclick: () => this.choose({ image: String(item.number), own: "" }),
      },
      canvas,
      el("span", {}, ...marks),
    );
  }
}
