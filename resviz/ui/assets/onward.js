// Links to other pages, which take these settings along.

import { el, rich } from "./dom.js";

/** The links below a page. A click changes the address and fires popstate, as Back does. */
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
    const link = el("a", { href }, label);
    link.addEventListener("click", (event) => this.go(event, link.href));
    return el("p", { class: look }, link, " ", ...rich(text));
  }

  /**
   * @param {MouseEvent} event
   * @param {string} address
   */
  go(event, address) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // opens a new tab
    event.preventDefault();
    history.pushState(null, "", address);
    window.dispatchEvent(new PopStateEvent("popstate"));
    document.querySelector(".stMain")?.scrollTo(0, 0);
  }
}
