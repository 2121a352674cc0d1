// Lecture mode: large type, no sidebar, one idea a screen. Arrow keys lead from idea to idea, and from the last one to the next
// page; the address says which one is shown. An idea is the head of a panel with its first figures, then as many further rows of
// figures as fit on a screen.

import { el, put } from "./dom.js";

const PARAMETER = "lecture",
  BAR = 50, // px of the screen for the buttons
  LARGE = 1.35, // how much larger everything is
  LEAST = 1.1, // the same for an idea that is too high for the screen
  PLACE_MS = 200; // between two looks at where things are, since figures grow
// What uses arrow keys itself.
const BUSY =
  "input, select, textarea, summary, [role=slider], [role=switch], [role=application], .rv-netbox, .rv-table";

/**
 * The rows of figures of a panel from top to bottom: those side by side are one.
 * @param {Element} panel
 * @returns {Element[][]}
 */
function rowsOf(panel) {
  /** @type {Element[][]} */
  const rows = [];
  const cards = [...panel.querySelectorAll(".rv-card")]
    .map((card) => ({ card, box: card.getBoundingClientRect() }))
    .filter(({ box }) => box.height > 0)
    .sort((a, b) => a.box.top - b.box.top);
  let bottom = -Infinity;
  for (const { card, box } of cards) {
    if (box.top < bottom - 8) rows.at(-1)?.push(card);
    else rows.push([card]);
    bottom = Math.max(bottom, box.bottom);
  }
  return rows;
}

class Lecture {
  at = 0; // the idea that is shown
  on = false;
  path = ""; // of the page that is shown
  /** @type {Element | null} the first panel of the page that was left last */
  left = null;
  /** @type {number | undefined} */
  timer;

  constructor() {
    this.begin = el("button", { type: "button", class: "rv-lecture-begin", onclick: () => this.enter(0) }, "Lecture");
    this.begin.title = "Large type, one idea a screen, arrow keys";
    this.where = el("span", { role: "status" });
    const button = (/** @type {string} */ label, /** @type {string} */ text, /** @type {() => void} */ act) =>
      el("button", { type: "button", class: "rv-button", "aria-label": label, onclick: act }, text);
    this.bar = el(
      "nav",
      { class: "rv-lecture-bar", "aria-label": "Lecture" },
      button("Idea before", "‹", () => this.go(-1)),
      this.where,
      button("Next idea", "›", () => this.go(1)),
      button("Leave the lecture", "✕", () => this.leave()),
    );
    this.above = el("div", { class: "rv-lecture-mask", "aria-hidden": "true" });
    this.below = el("div", { class: "rv-lecture-mask", "aria-hidden": "true" });
    document.body.append(this.begin);
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("popstate", () => this.look());
    this.look();
  }

  /** Take over what the address says. */
  look() {
    const said = new URLSearchParams(location.search).get(PARAMETER);
    if (said) this.enter(Math.max(0, Number.parseInt(said, 10) - 1 || 0));
    else if (this.on) this.leave();
  }

  /** @param {number} at */
  enter(at) {
    this.at = at;
    this.path = location.pathname;
    if (this.on) {
      this.write();
      return this.show();
    }
    this.on = true;
    this.write();
    document.documentElement.classList.add("rv-lecture");
    document.body.append(this.above, this.below, this.bar);
    this.colour();
    this.timer = setInterval(() => this.place(), PLACE_MS);
    this.show();
  }

  leave() {
    this.on = false;
    clearInterval(this.timer);
    document.documentElement.classList.remove("rv-lecture");
    for (const node of [this.above, this.below, this.bar]) node.remove();
    this.write();
  }

  /** Write the idea that is shown into the address, which keeps all its other words. */
  write() {
    const words = new URLSearchParams(location.search);
    if (this.on) words.set(PARAMETER, String(this.at + 1));
    else words.delete(PARAMETER);
    const search = words.size ? `?${words}` : "";
    if (search !== location.search)
      history.replaceState(history.state, "", `${location.pathname}${search}${location.hash}`);
  }

  /**
   * Where each idea begins and ends, in px from the top of the page.
   * @returns {[number, number][]}
   */
  get ideas() {
    const { origin } = this;
    /** @type {[number, number][]} */
    const found = [];
    let end = 0;
    for (const panel of document.querySelectorAll(".rv-live")) {
      for (const [k, row] of rowsOf(panel).entries()) {
        const boxes = row.map((card) => card.getBoundingClientRect()),
          top = Math.min(...boxes.map((box) => box.top)) - origin,
          bottom = Math.max(...boxes.map((box) => box.bottom)) - origin;
        const before = found.at(-1);
        if (k && before && bottom - before[0] < window.innerHeight - BAR) before[1] = bottom;
        else found.push([k ? top : end, bottom]);
        end = bottom;
      }
      // Where finding and settings stand below the figures, they belong to the last row.
      const last = found.at(-1);
      if (!last || !panel.classList.contains("rv-below")) continue;
      end = Math.max(end, ...[...panel.children].map((part) => part.getBoundingClientRect().bottom - origin));
      last[1] = end;
    }
    return found;
  }

  /** What Streamlit scrolls. */
  get main() {
    return document.querySelector('[data-testid="stMain"]');
  }

  /** How much larger everything is: the page is enlarged as a whole. */
  get zoom() {
    return (this.main && Number.parseFloat(getComputedStyle(this.main).zoom)) || 1;
  }

  /** Where the page begins, in px from the top of the screen. */
  get origin() {
    const { main } = this;
    return main ? main.getBoundingClientRect().top - main.scrollTop * this.zoom : 0;
  }

  /** @param {1 | -1} by */
  go(by) {
    const next = this.at + by,
      { ideas } = this;
    if (next < 0 || (this.left && this.left === document.querySelector(".rv-live"))) return;
    if (next >= ideas.length) return this.turn();
    this.at = next;
    this.write();
    this.show();
  }

  /** Go to the next page. Until it stands, keys do nothing: they would act on the page that is left. */
  turn() {
    const link = document.querySelector(".rv-next a");
    if (!(link instanceof HTMLElement)) {
      // The last panel, which has the link, is asked for once it is scrolled into view.
      return this.main?.scrollTo(0, this.main.scrollHeight);
    }
    this.left = document.querySelector(".rv-live");
    link.click();
  }

  /** @param {number} zoom how much larger everything is, at most */
  enlarge(zoom) {
    const fits = Math.min(LARGE, Math.max(LEAST, zoom));
    document.documentElement.style.setProperty("--rv-lecture-zoom", fits.toFixed(3));
  }

  /** Scroll to the idea, and cover what is above and below it. */
  show() {
    this.enlarge(LARGE);
    const idea = this.ideas[this.at];
    if (idea) this.main?.scrollTo(0, this.at ? (idea[0] - 8) / this.zoom : 0);
    this.place();
  }

  /** The masks and buttons stand outside the page, and take its colours. */
  colour() {
    const { backgroundColor, color } = getComputedStyle(document.querySelector(".stApp") ?? document.body);
    for (const node of [this.above, this.below, this.bar]) {
      node.style.setProperty("--rv-paper", backgroundColor);
      node.style.setProperty("--rv-ink", color);
    }
  }

  place() {
    this.colour();
    if (this.path !== location.pathname) {
      this.path = location.pathname;
      this.at = 0;
      this.write();
      return this.show();
    }
    const { ideas } = this;
    put(this.where, ideas.length ? `${Math.min(this.at + 1, ideas.length)} of ${ideas.length}` : "");
    const idea = ideas[this.at];
    if (!idea) return;
    if (idea[1] - idea[0] > window.innerHeight) this.enlarge(this.zoom * (window.innerHeight / (idea[1] - idea[0])));
    const { origin } = this;
    Object.assign(this.above.style, { top: "0", height: `${this.at ? Math.max(0, idea[0] + origin - 4) : 0}px` });
    Object.assign(this.below.style, { top: `${idea[1] + origin + 4}px`, bottom: "0" });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (event.key === "Escape") return this.leave();
    if (!by || /** @type {HTMLElement} */ (event.target).closest?.(BUSY)) return;
    event.preventDefault();
    this.go(/** @type {1 | -1} */ (by));
  }
}

/** @type {Lecture | undefined} */
let lecture;

/** Offer the lecture mode; once for all panels of all pages. */
export function offerLecture() {
  lecture ??= new Lecture();
  return lecture;
}
