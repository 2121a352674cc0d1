// Links to other pages, which take these settings along.

import { el, rich } from "./dom.js";
import { travel } from "./travel.js";

/** The links below a page. */
export class Onward {
  box = el("div", { class: "rv-onward" });
  key = "";

  /**
   * @param {string} title
   * @param {[string, string, string][]} links label, address and text of each
   * @param {[string, string, string] | null | undefined | false} next the same of the page after this one
   */
  show(title, links, next) {
    const key = JSON.stringify([links, next]);
    if (key === this.key) return;
    this.key = key;
    this.box.replaceChildren(
      ...(links.length ? [el("h2", {}, title)] : []),
      ...links.map((link) => this.line(link)),
      ...(next ? [this.line(next, "rv-next")] : []),
    );
  }

  /**
   * @param {[string, string, string]} link
   * @param {string | null} look
   */
  line([label, href, text], look = null) {
    return el("p", { class: look }, el("a", { href, onclick: travel }, label), " ", ...rich(text));
  }
}
