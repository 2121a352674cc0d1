// A warning or a note above the figures of a panel, with a button that downloads what is missing.

import { fetchMissing } from "./ask.js";
import { el, linesOf } from "./dom.js";

export class Warning {
  shown = "";
  missing = "";

  /**
   * @param {AbortSignal} signal the panel is gone
   * @param {() => void} fetched is called when what was missing is there
   */
  constructor(signal, fetched) {
    this.signal = signal;
    this.fetched = fetched;
    this.words = el("span");
    this.button = el(
      "button",
      {
        type: "button",
        class: "rv-button",
        hidden: true,
        title: "Fetch it from the internet",
        onclick: () => this.fetch(),
      },
      "Download",
    );
    this.box = el("div", { class: "rv-status rv-trouble", role: "alert", hidden: true }, this.words, " ", this.button);
  }

  /**
   * Show a sentence or several lines; `missing` names a download that would help. `mild`: nothing is wrong.
   * @param {string | string[]} words
   * @param {string} missing
   * @param {boolean} mild
   */
  say(words, missing = "", mild = false) {
    const lines = linesOf(words),
      key = lines.join("\n");
    if (key !== this.shown) {
      this.shown = key;
      this.words.replaceChildren(...lines.map((line) => el("span", { class: "rv-line-of" }, line)));
    }
    this.missing = missing;
    this.box.setAttribute("role", mild ? "status" : "alert");
    this.box.classList.toggle("rv-mild", mild);
    this.box.hidden = !lines.length;
    this.button.hidden = !missing;
  }

  async fetch() {
    const { missing } = this;
    try {
      await fetchMissing(missing, (words) => this.say(words), this.signal);
    } catch (error) {
      this.say(/** @type {Error} */ (error).message, missing);
      return;
    }
    if (!this.signal.aborted) this.fetched();
  }
}
