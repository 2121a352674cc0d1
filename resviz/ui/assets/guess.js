// Guess first: asks a question whose answer is not on the screen yet. A guess changes the settings to those that show the answer,
// and is compared with what is measured.

import { el, rich } from "./dom.js";
import { popover } from "./popover.js";

export class Guess {
  constructor(settings, { label, questions }) {
    Object.assign(this, { settings, questions, next: 0, right: 0, given: undefined });
    this.verdict = el("div", { role: "status" });
    this.text = el("p");
    this.choices = el("div", { class: "rv-pills" });
    this.node = popover(label, el("div", { class: "rv-guess" }, this.verdict, this.text, this.choices));
    this.ask();
  }

  ask() {
    const question = this.questions[this.next % this.questions.length];
    this.text.replaceChildren(...rich(question.text));
    this.choices.replaceChildren(
      ...question.choices.map((choice) =>
        el("button", { type: "button", class: "rv-pill", onclick: () => this.answer(choice) }, choice),
      ),
    );
  }

  answer(choice) {
    const question = this.questions[this.next % this.questions.length];
    this.next += 1;
    this.given = { choice, told: false };
    this.verdict.replaceChildren();
    this.settings.on.change(question.set);
    this.ask();
  }

  // Compare the guess with `truth`, measured for the settings on screen, once it is known. Other settings remove the verdict.
  know(truth, query) {
    const { given } = this;
    if (!given) return;
    if (given.told && given.query !== query) {
      this.given = undefined;
      this.verdict.replaceChildren();
      return;
    }
    if (given.told || !truth) return;
    Object.assign(given, { told: true, query });
    const right = given.choice === truth[0];
    this.right += right;
    this.verdict.replaceChildren(
      el("p", {}, "You guessed ", el("b", {}, given.choice), `: ${right ? "right" : "not so"}. ${truth[1]}`),
      el("p", { class: "rv-guess-sum" }, `${this.right} of ${this.next} right so far`),
    );
  }

  dispose() {
    this.node.abort.abort();
  }
}
