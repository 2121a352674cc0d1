// What is wrong with the value of a field: a sentence beside it, until the value is another one.

import { el } from "./dom.js";

const EDGE = 8; // px to the edge of the screen

export class Refused {
  says = "";

  /**
   * @param {HTMLElement} input the field
   * @param {HTMLElement} label what names it
   */
  constructor(input, label) {
    this.input = input;
    this.box = el("div", { id: `${input.id}-refused`, class: "rv-refused", role: "alert", hidden: true });
    this.node = el("div", { class: "rv-field" }, label, this.box);
    for (const event of ["input", "change"]) input.addEventListener(event, () => this.say(""));
    input.addEventListener("keydown", ({ key }) => key === "Escape" && this.say(""));
  }

  /** @param {string} words "" for none */
  say(words) {
    if (words === this.says) return;
    this.says = words;
    this.box.textContent = words;
    this.box.hidden = !words;
    if (words) {
      this.input.setAttribute("aria-invalid", "true");
      this.input.setAttribute("aria-describedby", this.box.id);
      this.place();
    } else for (const name of ["aria-invalid", "aria-describedby"]) this.input.removeAttribute(name);
  }

  /** Below the field, or above it where there is no room, within the screen. */
  place() {
    const { box } = this;
    box.style.left = "";
    box.classList.remove("rv-refused-above");
    const { right, bottom } = box.getBoundingClientRect();
    box.style.left = `${Math.min(0, document.documentElement.clientWidth - EDGE - right)}px`;
    box.classList.toggle("rv-refused-above", bottom > window.innerHeight - EDGE);
  }
}
