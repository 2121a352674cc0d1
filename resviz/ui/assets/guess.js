// Guess first: asks a question whose answer is not on the screen yet. A guess changes the settings to those that show
// the answer, and is compared with what is measured.

import { el, rich } from "./dom.js";
import { popover } from "./popover.js";

/** @import {On} from "./inputs.js" */

/** The questions of a panel, one after the other, and how many were guessed right. */
export class Guess {
  next = 0;
  right = 0;
  /** @type {{ choice: string, told: boolean, query?: string } | undefined} `query`: what its verdict is about */
  given = undefined;

  /**
   * @param {Pick<On, "change">} on
   * @param {Payload.GuessPart} told
   */
  constructor(on, { label, questions }) {
    this.on = on;
    this.questions = questions;
    this.verdict = el("div", { role: "status" });
    this.text = el("p");
    this.choices = el("div", { class: "rv-pills" });
    this.node = popover(label, el("div", { class: "rv-guess" }, this.verdict, this.text, this.choices));
    this.ask();
  }

  get question() {
    return this.questions[this.next % this.questions.length];
  }

  ask() {
    const { text, choices } = this.question;
    this.text.replaceChildren(...rich(text));
    this.choices.replaceChildren(
      ...choices.map((choice) =>
        el("button", { type: "button", class: "rv-pill", onclick: () => this.answer(choice) }, choice),
      ),
    );
  }

  /** @param {string} choice */
  answer(choice) {
    const { set } = this.question;
    this.next += 1;
    this.given = { choice, told: false };
    this.verdict.replaceChildren();
    this.on.change(set);
    this.ask();
  }

  /**
   * Compare the guess with `truth`, measured for the settings on screen, once it is known. Other settings remove the
   * verdict.
   * @param {[string, string] | undefined} truth the right choice, and a sentence
   * @param {string} query
   */
  know(truth, query) {
    const { given } = this;
    if (!given) return;
    if (given.told && given.query !== query) {
      this.given = undefined;
      this.verdict.replaceChildren();
      return;
    }
    if (given.told || !truth) return;
    given.told = true;
    given.query = query;
    const right = given.choice === truth[0];
    if (right) this.right += 1;
    this.verdict.replaceChildren(
      el("p", {}, "You guessed ", el("b", {}, given.choice), `: ${right ? "right" : "not so"}. ${truth[1]}`),
      el("p", { class: "rv-guess-sum" }, `${this.right} of ${this.next} right so far`),
    );
  }

  dispose() {
    this.node.abort.abort();
  }
}
