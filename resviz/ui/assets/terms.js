// Marks each term of the glossary where it first stands on the page. What the page says stays as it is: to the eye a dotted line is
// added, to a screen reader a description, to the keyboard a stop.

import { el } from "./dom.js";
import { Explained } from "./explained.js";
import { glossary } from "./glossary.js";

/** @import {Found, Glossary, Term} from "./glossary.js" */

// The texts of a page in which terms are marked, none of them inside another; who changes one replaces all of it. The other texts
// around our panels belong to React.
const BLOCKS = [
  ".rv-lead",
  ".rv-about",
  ".rv-finding > p",
  ".rv-panel-further > p",
  ".rv-facts > p:first-child",
  ".rv-card > :is(h2, h3) > :is(span, small)",
  ".rv-laid:not(.rv-markup) > :is(p, table)",
  ".rv-markup",
].join();
// What inside them is left alone: controls, formulas, drawings, and what only the eye sees.
const APART = 'a, button, input, select, summary, label, code, svg, math, [aria-hidden="true"]';
const QUIET_MS = 1000; // until a screen reader has taken in what changed

/** @type {WeakMap<Element, { text: string, terms: Term[] }>} the terms of a block that has this text */
const known = new WeakMap();
/** @type {WeakMap<Element, Term>} the term of a mark */
const marked = new WeakMap();
/** @type {WeakMap<Element, number>} when a region that is silent speaks again */
const silent = new WeakMap();
/** @type {Glossary | undefined} */
let words;
let waiting = false;

/** @type {Explained | undefined} from the first mark on */
let explained;

/** Mark the terms as soon as the script that has changed the page ends: before that is painted, or read out. */
export async function markTerms() {
  if (waiting) return;
  waiting = true;
  words ??= await glossary();
  await undefined;
  waiting = false;
  if (words) pass(words);
}

/**
 * Mark each term where it first stands on the page, and nowhere else.
 * @param {Glossary} words
 */
function pass(words) {
  /** @type {Map<Term, Element>} */
  const first = new Map();
  for (const block of document.querySelectorAll(BLOCKS)) {
    const fresh = !known.has(block),
      here = termsIn(block, words).filter((term) => !first.has(term)),
      wanted = new Set(block.closest("[hidden]") ? [] : here);
    const marks = marksIn(block);
    if (marks.length !== wanted.size || marks.some((mark) => !wanted.has(termOf(mark)))) {
      hush(block, fresh);
      unmark(block);
      mark(block, wanted, words);
    }
    for (const mark of marksIn(block)) first.set(termOf(mark), mark);
  }
  explained?.follow((term) => first.get(term));
}

/** @param {Element} block */
const marksIn = (block) => [...block.getElementsByClassName("rv-term")];

/** @param {Element} mark */
const termOf = (mark) => /** @type {Term} */ (marked.get(mark));

/**
 * The terms in a block, each once.
 * @param {Element} block
 * @param {Glossary} words
 */
function termsIn(block, words) {
  const text = block.textContent ?? "",
    seen = known.get(block);
  if (seen?.text === text) return seen.terms;
  unmark(block);
  const terms = [...new Set(textsIn(block).flatMap(({ data }) => words.find(data).map(({ term }) => term)))];
  known.set(block, { text, terms });
  return terms;
}

/**
 * The texts of a block that may be marked.
 * @param {Element} block
 */
function textsIn(block) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    node instanceof Text
      ? NodeFilter.FILTER_ACCEPT
      : node instanceof Element && node.matches(APART)
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_SKIP,
  );
  /** @type {Text[]} */
  const found = [];
  while (walker.nextNode()) found.push(/** @type {Text} */ (walker.currentNode));
  return found;
}

/**
 * Mark the first place of each wanted term in a block without marks.
 * @param {Element} block
 * @param {Set<Term>} wanted
 * @param {Glossary} words
 */
function mark(block, wanted, words) {
  const left = new Set(wanted);
  for (const text of textsIn(block)) {
    const firsts = words.find(text.data).filter(({ term }) => left.delete(term));
    for (const found of firsts.reverse()) wrap(text, found); // from the end, so that the places before stay right
  }
}

/**
 * @param {Text} text
 * @param {Found} found
 */
function wrap(text, { term, at, length }) {
  const word = text.splitText(at);
  word.splitText(length);
  const node = el("dfn", { class: "rv-term", tabindex: 0, "aria-description": term.says });
  word.replaceWith(node);
  node.append(word);
  marked.set(node, term);
  explained ??= new Explained();
  explained.attach(node, term);
}

/** @param {Element} block */
function unmark(block) {
  const marks = marksIn(block);
  for (const mark of marks) mark.replaceWith(...mark.childNodes);
  if (marks.length) block.normalize();
}

/**
 * Keep a region whose words stay the same from being read out again; what is new in it is read out.
 * @param {Element} block
 * @param {boolean} fresh
 */
function hush(block, fresh) {
  const region = block.closest("[aria-live]");
  if (!region) return;
  clearTimeout(silent.get(region));
  const speak = () => region.setAttribute("aria-live", "polite");
  if (fresh) return speak();
  region.setAttribute("aria-live", "off");
  silent.set(region, setTimeout(speak, QUIET_MS));
}
