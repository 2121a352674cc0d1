// The sentence of a term, beside the term that is pointed at, tapped or reached by keyboard. One at a time.

import { el } from "./dom.js";

/** @import {Term} from "./glossary.js" */

const SHOW_MS = 150; // that a pointer rests on a term
const HIDE_MS = 200; // in which a pointer gets from a term to its sentence
const GAP = 4; // px between both
const EDGE = 8; // px to the edge of the screen

export class Explained {
  /** @type {{ mark: HTMLElement, term: Term, line: number } | undefined} what is explained, and which of the mark's lines */
  now;
  focused = false; // by the keyboard, or a click: a pointer that leaves does not end it
  again = false; // the tap that has begun is the second one
  /** @type {number | undefined} */
  timer;
  /** @type {AbortController | undefined} ends what listens while a sentence is shown */
  abort;

  constructor() {
    this.name = el("b");
    this.says = el("span");
    this.source = el("small");
    this.box = el(
      "div",
      { id: "rv-explained", class: "rv-explained", role: "tooltip", popover: "manual" },
      this.name,
      this.says,
      this.source,
    );
    this.box.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.box.addEventListener("pointerleave", () => this.leave());
  }

  /**
   * @param {HTMLElement} mark
   * @param {Term} term
   */
  attach(mark, term) {
    const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ act) =>
      mark.addEventListener(name, act);
    on("pointerenter", (event) => event.pointerType === "touch" || this.soon(mark, term, event.clientY));
    on("pointerleave", (event) => event.pointerType === "touch" || this.leave());
    on("pointerdown", (event) => {
      this.again = event.pointerType === "touch" && this.now?.mark === mark;
    });
    on("click", () => (this.again ? this.hide() : this.show(mark, term)));
    on("keydown", (event) => event.key === "Enter" && this.show(mark, term));
    on("focus", () => {
      this.focused = true;
      this.show(mark, term);
    });
    on("blur", async () => {
      await undefined;
      if (this.now?.mark !== mark || !mark.isConnected) return; // else it was taken off the page: `follow` knows more
      this.hide();
    });
  }

  /**
   * Show a sentence if the pointer rests on the mark.
   * @param {HTMLElement} mark
   * @param {Term} term
   * @param {number} y of the pointer
   */
  soon(mark, term, y) {
    clearTimeout(this.timer);
    if (this.now?.mark !== mark) this.timer = setTimeout(() => this.show(mark, term, y), SHOW_MS);
  }

  /** The pointer has left: hide the sentence, unless the pointer comes back. */
  leave() {
    clearTimeout(this.timer);
    if (this.now && !this.focused) this.timer = setTimeout(() => this.hide(), HIDE_MS);
  }

  /**
   * @param {HTMLElement} mark
   * @param {Term} term
   * @param {number} [y] on which of its lines it is pointed at
   */
  show(mark, term, y) {
    clearTimeout(this.timer);
    if (this.now?.mark === mark || !mark.isConnected) return;
    const focused = document.activeElement === mark;
    this.hide();
    this.focused = focused;
    const line = [...mark.getClientRects()].findIndex(({ top, bottom }) => y !== undefined && top <= y && y <= bottom);
    this.now = { mark, term, line: Math.max(0, line) };
    const spelt = mark.textContent?.toLowerCase() ?? "";
    this.name.textContent = spelt.startsWith(term.name.toLowerCase()) ? "" : term.name;
    this.says.textContent = term.says;
    this.source.textContent = term.source;
    (mark.closest(".rv-live") ?? document.querySelector(".rv-live"))?.append(this.box);
    this.box.showPopover?.();
    mark.setAttribute("aria-describedby", this.box.id);
    this.place();
    this.listen(mark);
  }

  /** @param {HTMLElement} mark */
  listen(mark) {
    this.abort = new AbortController();
    const { signal } = this.abort;
    const on = (/** @type {string} */ name, /** @type {(event: any) => void} */ act) =>
      window.addEventListener(name, act, { signal, capture: true });
    on("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.hide();
    });
    on("pointerdown", ({ target }) => {
      if (!mark.contains(target) && !this.box.contains(target)) this.hide();
    });
    on("scroll", () => this.place());
    on("resize", () => this.place());
  }

  /** Put the sentence under its term, or above it where there is no room, within the screen. */
  place() {
    if (!this.now) return;
    const { mark, line } = this.now,
      rects = mark.getClientRects(),
      at = rects[line] ?? rects[0];
    const wide = document.documentElement.clientWidth,
      high = window.innerHeight;
    if (!at || at.bottom < 0 || at.top > high) return this.hide();
    const { offsetWidth, offsetHeight } = this.box,
      below = at.bottom + GAP,
      above = at.top - GAP - offsetHeight;
    this.box.style.left = `${Math.max(EDGE, Math.min(at.left, wide - EDGE - offsetWidth))}px`;
    this.box.style.top = `${below + offsetHeight > high - EDGE && above >= EDGE ? above : below}px`;
  }

  hide() {
    this.abort?.abort();
    this.box.remove();
    this.now?.mark.removeAttribute("aria-describedby");
    this.now = undefined;
    this.focused = false;
  }

  /**
   * Stay with a term whose mark was replaced, or hide its sentence.
   * @param {(term: Term) => Element | undefined} find the mark of a term that is on the page
   */
  follow(find) {
    if (!this.now || this.now.mark.isConnected) return;
    const { term } = this.now,
      mark = find(term),
      { focused } = this;
    this.hide();
    if (!(mark instanceof HTMLElement)) return;
    if (focused && document.activeElement === document.body) return mark.focus({ preventScroll: true });
    this.show(mark, term);
    this.leave(); // unless the pointer is on it
  }
}
