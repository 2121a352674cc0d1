// Helpers of the page's scripts: making nodes and text, links, downloads.

/** @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} AttributeValue */

/**
 * Make an element. An attribute that is true stands without a value; false, null and undefined leave it out; "onclick" and
 * the like take a function.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, AttributeValue>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * Make an element of a drawing. An attribute that is false, null or undefined is left out.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

// A name of this tab for the server, which continues a run while somebody watches it.
export const newViewer = () => crypto.randomUUID?.() ?? String(Math.random());

// Text as nodes, with **this** in bold.
export const rich = (text) =>
  text
    .split("**")
    .map((part, i) => (i % 2 ? el("b", {}, part) : part))
    .filter((part) => part !== "");

// Python code as nodes, with keywords, strings and comments highlighted.
const PYTHON =
  /(#.*)|("""[^]*?"""|"(?:\\.|[^"\\\n])*")|\b(and|as|class|def|del|elif|else|for|from|if|import|in|is|lambda|not|or|raise|return|while|with|yield|None|True|False|assert|pass|try|except)\b/g;
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

// A Python file shown on the page. Fetched only while it is open: colouring five hundred lines again at every change would slow
// the browser down.
export class Reading {
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

// The lines of one text or of several.
export const linesOf = (words) =>
  [words]
    .flat()
    .flatMap((text) => text.split("\n"))
    .filter(Boolean);

// The paragraphs of a text, which the server separates by an empty line.
export const paragraphs = (text) =>
  text
    .split("\n\n")
    .filter(Boolean)
    .map((p) => el("p", {}, ...rich(p)));

// Links to other pages, which take these settings along. A click changes the address and fires popstate, as Back does.
export class Onward {
  constructor() {
    this.box = el("div", { class: "rv-onward" });
  }

  show(title, links) {
    const key = JSON.stringify(links);
    if (key === this.key) return;
    this.key = key;
    this.box.replaceChildren(
      ...(links.length ? [el("h2", {}, title)] : []),
      ...links.map(([label, href, text]) =>
        el("p", {}, el("a", { href, onclick: (event) => this.go(event) }, label), " ", ...rich(text)),
      ),
    );
  }

  go(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // opens a new tab
    event.preventDefault();
    history.pushState(null, "", event.currentTarget.href);
    window.dispatchEvent(new PopStateEvent("popstate"));
    document.querySelector(".stMain")?.scrollTo(0, 0);
  }
}

// Ctrl Z is "undo", with Shift "redo", any other key undefined.
export const undoKey = (event) =>
  (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" ? (event.shiftKey ? "redo" : "undo") : undefined;

// Have the server download a data set or trained weights; calls `told` with the progress. Throws an Error if that fails.
export async function fetchMissing(name, told, signal) {
  const url = `data/${name}`,
    mb = (bytes) => (bytes / 1e6).toFixed(1);
  let answer = await fetch(url, { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
  for (;;) {
    const item = answer?.ok ? await answer.json() : { state: "failed", message: "The server does not answer." };
    if (item.state === "failed") throw new Error(item.message);
    if (item.state === "done") return;
    told(`Downloading: ${mb(item.done)}${item.total ? ` of ${mb(item.total)}` : ""} MB`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (signal.aborted) return;
    answer = await fetch(url).catch(() => undefined);
  }
}

export function toRgb(color) {
  // "color(srgb r g b / a)", the computed value of color-mix, as the rgba() that plotly reads
  const m = color.match(/^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)$/);
  return m
    ? `rgba(${m
        .slice(1, 4)
        .map((c) => Math.round(255 * c))
        .join(",")},${m[4] ?? 1})`
    : color;
}
