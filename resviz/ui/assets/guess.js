// Guess first: asks a question before its answer is shown. A guess changes the settings to those that show the answer, or
// uncovers the figures that do, and is compared with what is measured.

import { el, rich } from "./dom.js";
import { Sketch } from "./sketch.js";

/** @import {On} from "./inputs.js" */

/** The questions of a panel, one after the other, and how many were guessed right. */
export class Guess {
  next = 0; // which question comes next
  asked = 0;
  right = 0;
  /** @type {{ choice: string, told: boolean, query?: string } | undefined} `query`: what its verdict is about */
  given = undefined;
  /** @type {Sketch | undefined} the curve that is being drawn */
  sketch;
  /** @type {HTMLElement | undefined} what the question stands on */
  place;
  /** @type {[[string, string] | undefined, string]} the latest truth and the query that it belongs to */
  known = [undefined, ""];

  /**
   * @param {Pick<On, "change">} on
   * @param {Payload.GuessPart} told
   */
  constructor(on, { label, questions, stands }) {
    this.on = on;
    this.questions = questions;
    this.stands = stands;
    this.opener = el("button", { type: "button", class: "rv-button rv-guess-open", onclick: () => this.open() }, label);
    this.verdict = el("div", { class: "rv-guess-verdict", role: "status" });
    this.text = el("p");
    this.choices = el("div", { class: "rv-pills" });
    this.further = el(
      "button",
      { type: "button", class: "rv-button", onclick: () => this.ask() },
      questions.length > 1 ? "Next question" : "Again",
    );
    this.closer = el(
      "button",
      {
        type: "button",
        class: "rv-button rv-guess-close",
        "aria-label": "Close the question",
        onclick: () => this.close(),
      },
      "✕",
    );
    this.box = el(
      "div",
      { class: "rv-guess", role: "group", "aria-label": label },
      this.text,
      this.choices,
      this.verdict,
      this.further,
      ...(stands ? [] : [this.closer]),
    );
    this.node = el("div", { class: `rv-guess-part${stands ? " rv-guess-stands" : ""}` }, this.opener, this.box);
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !stands) this.close();
    });
    this.opener.hidden = stands;
    this.box.hidden = !stands;
    if (!stands) {
      this.size = new ResizeObserver(() => this.makeRoom());
      this.size.observe(this.box);
    }
    this.ask();
  }

  /** What the question stands on is as high as the question, which would cover what is below it. */
  makeRoom() {
    const place = this.box.offsetParent;
    if (place instanceof HTMLElement) this.place = place;
    this.place?.style.setProperty("min-height", place ? `${this.box.offsetHeight}px` : null);
  }

  get question() {
    return this.questions[this.next % this.questions.length];
  }

  open() {
    this.box.hidden = false;
    this.opener.hidden = true;
    this.ask();
    if (!this.sketch) this.choices.querySelector("button")?.focus();
  }

  close() {
    this.box.hidden = true;
    this.opener.hidden = false;
    this.given = undefined;
    this.verdict.replaceChildren();
    this.sketch?.dispose();
    this.sketch = undefined;
    this.cover(false);
    this.opener.focus();
  }

  dispose() {
    this.size?.disconnect();
    this.sketch?.dispose();
  }

  /**
   * The verdict is on screen no more: other settings are shown. What was covered once stays uncovered, since somebody moves a
   * slider and looks.
   */
  leave() {
    if (Object.keys(this.question.set).length) return this.ask();
    this.given = undefined;
    this.verdict.replaceChildren();
  }

  /** Show the next question, and nothing of the answer to it. */
  ask() {
    const { text, choices, set, draws } = this.question;
    this.given = undefined;
    this.verdict.replaceChildren();
    this.text.replaceChildren(...rich(text));
    this.sketch?.dispose();
    this.sketch = undefined;
    if (draws) return this.askToDraw(draws);
    this.choices.replaceChildren(
      ...choices.map((choice) =>
        el("button", { type: "button", class: "rv-pill", onclick: () => this.answer(choice) }, choice),
      ),
    );
    this.further.hidden = true;
    this.cover(!this.box.hidden && Object.keys(set).length === 0);
  }

  /** @param {Payload.Sketched} draws */
  askToDraw(draws) {
    const panel = /** @type {HTMLElement | null} */ (this.node.closest(".rv-panel")),
      compare = el(
        "button",
        { type: "button", class: "rv-button", disabled: true, onclick: () => this.compare() },
        "Compare",
      );
    this.further.hidden = true;
    if (!panel || this.box.hidden) return this.choices.replaceChildren();
    this.sketch = new Sketch(panel, draws, () => {
      compare.disabled = !this.sketch?.complete;
    });
    const { there } = this.sketch;
    this.choices.replaceChildren(...(there ? [draws.how, compare] : ["Nothing is measured yet to compare with."]));
    this.cover(there);
    if (there) this.sketch.pad.focus({ preventScroll: true });
  }

  /** Compare the drawn curve with the measured one. */
  compare() {
    if (!this.sketch) return;
    const [right, words] = this.sketch.compare();
    this.cover(false);
    this.next += 1;
    this.choices.replaceChildren();
    this.judge(right, el("b", {}, right ? "Near. " : "Not near. "), words);
    this.further.hidden = false;
  }

  /**
   * @param {boolean} right
   * @param {...(Node | string)} words
   */
  judge(right, ...words) {
    this.asked += 1;
    if (right) this.right += 1;
    const sum = el("span", { class: "rv-guess-sum" }, ` ${this.right} of ${this.asked} right so far.`);
    this.verdict.replaceChildren(...words, sum);
  }

  /**
   * Cover the figures, where they show the answer already.
   * @param {boolean} on
   */
  cover(on) {
    this.node.closest(".rv-panel")?.classList.toggle("rv-guessing", on);
  }

  /** @param {string} choice */
  answer(choice) {
    if (this.given) return;
    const { set } = this.question;
    this.next += 1;
    this.given = { choice, told: false };
    for (const button of this.choices.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.textContent === choice));
      button.setAttribute("aria-disabled", "true");
    }
    this.cover(false);
    if (Object.keys(set).length) this.on.change(set);
    else this.know(...this.known);
  }

  /**
   * Compare the guess with `truth`, measured for the settings on screen, once it is known. Other settings bring the next question.
   * @param {[string, string] | undefined} truth the right choice, and a sentence
   * @param {string} query
   */
  know(truth, query) {
    this.known = [truth, query];
    const { given } = this;
    if (!given) return;
    if (given.told && given.query !== query) return this.leave();
    if (given.told) return;
    if (!truth) return this.verdict.replaceChildren("Your guess is compared once this is measured.");
    given.told = true;
    given.query = query;
    const right = given.choice === truth[0];
    this.choices.replaceChildren();
    const words = right ? `Right: ${truth[0]}. ` : `You guessed “${given.choice}”. No: ${truth[0]}. `;
    this.judge(right, el("b", {}, words), truth[1]);
    this.further.hidden = false;
  }
}
