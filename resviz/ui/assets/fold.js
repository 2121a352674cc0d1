// On a narrow screen a panel's fields are behind one button, which says what is set: the picture stands on the first screen.
// On a wide one the button is not there (panel.css).

import { el, put } from "./dom.js";

const FEW = 3; // so many fields or fewer stay as they are
const FIELDS = ":scope > .rv-settings > :is(.rv-field, .rv-setting)";

/**
 * What a field shows: "depth 56".
 * @param {Element} field
 */
function told(field) {
  const input = field.querySelector("input, select"),
    output = field.querySelector("output")?.textContent,
    label = field.querySelector("span")?.firstChild?.textContent?.trim() ?? "";
  if (input instanceof HTMLSelectElement) return `${label} ${input.selectedOptions[0]?.textContent ?? ""}`;
  return `${label} ${output ?? (input instanceof HTMLInputElement ? input.value : "")}`;
}

export class Fold {
  opened = false;

  /** @param {HTMLElement} box the rows of the fields */
  constructor(box) {
    this.box = box;
    this.words = el("span", { class: "rv-fold-words" });
    this.node = el(
      "button",
      { type: "button", class: "rv-button rv-fold", "aria-expanded": "false", onclick: () => this.open(!this.opened) },
      el("span", {}, "Settings"),
      this.words,
    );
  }

  /** @param {boolean} open */
  open(open) {
    this.opened = open;
    this.node.setAttribute("aria-expanded", String(open));
    this.box.classList.toggle("rv-unfolded", open);
  }

  /** Say what is set now; without enough fields there is nothing to fold. */
  tell() {
    const fields = [...this.box.querySelectorAll(FIELDS)];
    this.box.classList.toggle("rv-folds", fields.length > FEW);
    put(this.words, fields.map(told).join(", "));
  }
}
