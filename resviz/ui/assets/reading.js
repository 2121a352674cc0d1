// Code shown on the page.

import { el } from "./dom.js";

// Python code as nodes, with keywords, strings and comments highlighted.
const PYTHON =
  /(#.*)|("""[\s\S]*?"""|"(?:\\.|[^"\\\n])*")|\b(and|as|class|def|del|elif|else|for|from|if|import|in|is|lambda|not|or|raise|return|while|with|yield|None|True|False|assert|pass|try|except)\b/g;

/** @param {string} code */
function coloured(code) {
  const out = [];
  let at = 0;
  for (const { 0: text, 1: comment, 2: string, index } of code.matchAll(PYTHON)) {
    out.push(
      code.slice(at, index),
      el("span", { class: comment ? "rv-comment" : string ? "rv-string" : "rv-keyword" }, text),
    );
    at = index + text.length;
  }
  return [...out, code.slice(at)];
}

/**
 * A Python file shown on the page. Fetched only while it is open: colouring five hundred lines again at every change would slow
 * the browser down.
 */
export class Reading {
  /** @type {string | undefined} */
  address;
  /** @type {string | undefined} */
  shown;

  /** @param {string} title */
  constructor(title) {
    this.text = el("code");
    const copy = el(
      "button",
      { type: "button", class: "rv-link", onclick: () => navigator.clipboard?.writeText(this.text.textContent) },
      "copy",
    );
    this.box = el(
      "details",
      { class: "rv-reading" },
      el("summary", {}, title),
      el("pre", { tabindex: 0 }, this.text),
      copy,
    );
    this.box.addEventListener("toggle", () => this.read());
  }

  /** @param {string} address of the file; "" if there is none */
  show(address) {
    this.address = address;
    this.read();
  }

  async read() {
    const { address } = this;
    if (!this.box.open || !address || address === this.shown) return;
    this.shown = address;
    const answer = await fetch(address).catch(() => undefined),
      code = answer?.ok ? await answer.text() : undefined;
    if (address !== this.address) return;
    if (code === undefined) this.shown = undefined;
    else this.text.replaceChildren(...coloured(code));
  }
}
