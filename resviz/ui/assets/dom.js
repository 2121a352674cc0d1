// Helpers of the page's scripts: making nodes and text, and the keys of undo.

import { travel, withSettings } from "./travel.js";

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

/**
 * Text whose lines break neither between a times sign and its factor ("× 1.17") nor in a power of ten ("3 × 10⁻⁵").
 * @param {string} text
 */
export const whole = (text) =>
  text.replace(/(?<!\d )× (?=[\d.])| × (?=10[⁻⁰¹²³])/g, (gap) => gap.replaceAll(" ", "\u00a0"));

/**
 * Text as nodes, with **this** in bold, and [this](page) as a link to another page.
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
export const rich = (text) =>
  whole(text)
    .split("**")
    .flatMap((part, i) => (i % 2 ? [el("b", {}, part)] : linked(part)))
    .filter((part) => part !== "");

/**
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
const linked = (text) =>
  text.split(/(\[[^\]]+\]\(\w+\))/).map((part, i) => {
    if (i % 2 === 0) return part;
    const [label, page] = part.slice(1, -1).split("](");
    return el("a", { href: withSettings(page), onclick: travel }, label);
  });

/**
 * Put a text into a node that may have it already.
 * @param {Node} node
 * @param {string} text
 */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * The lines of one text or of several.
 * @param {string | string[]} words
 */
export const linesOf = (words) =>
  [words]
    .flat()
    .flatMap((text) => text.split("\n"))
    .filter(Boolean);

/**
 * The paragraphs of a text, which the server separates by an empty line.
 * @param {string} text
 */
export const paragraphs = (text) =>
  text
    .split("\n\n")
    .filter(Boolean)
    .map((p) => el("p", {}, ...rich(p)));

/**
 * Ctrl Z is "undo", with Shift "redo", any other key undefined.
 * @param {KeyboardEvent} event
 * @returns {"undo" | "redo" | undefined}
 */
export const undoKey = (event) =>
  (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" ? (event.shiftKey ? "redo" : "undo") : undefined;
