// The links of a panel: undo, its numbers as files, and the link to exactly what it shows.

import { copyLink } from "./copy.js";
import { el } from "./dom.js";
import { Reading } from "./reading.js";

/**
 * Hide or show a node, whose place it keeps: the button beside the links must not move under a pointer.
 * @param {HTMLElement} node
 * @param {unknown} there
 */
function show(node, there) {
  node.style.visibility = there ? "" : "hidden";
}

export class Links {
  /** @type {[HTMLAnchorElement, string][]} a link and the suffix of its file */
  files = [];
  /** @type {[Reading, string][]} what can be read on the page, and the suffix of its file */
  readings = [];

  /**
   * @param {() => void} undo
   * @param {() => string} search returns the query of the link
   */
  constructor(undo, search) {
    this.back = el(
      "button",
      { type: "button", class: "rv-link", title: "Take the last change back (Ctrl Z)", onclick: undo },
      "Undo",
    );
    /** @type {HTMLElement} */
    this.copied = el(
      "button",
      {
        type: "button",
        class: "rv-link",
        title: "Copy the link to exactly this",
        onclick: () => copyLink(this.copied, search(), "The link:"),
      },
      "Link",
    );
    this.box = el("div", { class: "rv-links" });
  }

  /**
   * Lay out the links of a page.
   * @param {Payload.Page} page
   */
  lay({ files, alone, beside }) {
    this.files = files.map(([label, suffix]) => {
      const title = `All numbers of these figures as ${suffix.toUpperCase()}`;
      return [el("a", { class: "rv-link", download: true, title }, label), suffix];
    });
    this.readings = files.filter(([, , title]) => title).map(([, suffix, title]) => [new Reading(title), suffix]);
    const links = [
      ...(beside ? [] : [this.back]),
      ...this.files.map(([link]) => link),
      ...(alone || beside ? [] : [this.copied]),
    ];
    this.box.replaceChildren(...links.flatMap((link) => [link, " "]));
  }

  /**
   * Lead to the files of an answer.
   * @param {string} url of the panel
   * @param {Payload.State} state
   */
  lead(url, { query, version }) {
    const file = (/** @type {string} */ suffix) => `${url}.${suffix}?${query}`;
    for (const [link, suffix] of this.files) link.href = file(suffix);
    for (const [reading, suffix] of this.readings) reading.show(version && file(suffix));
  }

  /**
   * Show the links that lead somewhere.
   * @param {Payload.State | undefined} state the last answer
   * @param {boolean} undoes there is something to undo
   */
  paint(state, undoes) {
    show(this.back, undoes);
    for (const [link] of this.files) show(link, state?.version);
    show(this.copied, state);
  }
}
