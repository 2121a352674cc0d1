// A panel: settings, figures and a finding. It asks the server directly, without the page around it.

import { Address, asides, lasting, RETRY_MS } from "./address.js";
import { ask, newViewer, POST } from "./ask.js";
import { areHere, needed } from "./cards.js";
import { withPlotly } from "./charts.js";
import { el, paragraphs } from "./dom.js";
import { FilledPlots } from "./filled.js";
import { Links } from "./links.js";
import { Onward } from "./onward.js";
import { whenPrinted } from "./print.js";
import { Progress } from "./progress.js";
import { Records } from "./records.js";
import { Settings } from "./settings.js";
import { steady } from "./steady.js";
import { markTerms } from "./terms.js";
import { Warning } from "./warning.js";
import { Watch } from "./watch.js";

/** @import {AskError} from "./ask.js" */

const AGAIN_MS = 60; // between two requests while something is being computed
const OTHERS_MS = 4000; // the same, if it is computed for other viewers

/** The view that mount.js makes of a panel. */
export default class Panel {
  /** @type {Payload.Figure[] | undefined} the figures that will be drawn next */
  coming;
  viewer = newViewer();
  abort = new AbortController();
  address = Address.here();
  records = new Records();
  /** @type {Payload.Page | undefined} what the page has handed down first */
  handed = undefined;
  /** @type {Payload.State | undefined} the last answer */
  state = undefined;
  query = "";
  version = ""; // of the figures that are drawn
  laid = ""; // the settings that are laid out
  shape = ""; // the figures that there are places for
  theme = "";
  running = false;
  stopped = false;
  noted = false;
  painted = 0; // when the figures were drawn last, for benchmarks
  /** @type {AbortController | undefined} cancels the request */
  asked = undefined;
  /** @type {{ close(): void } | undefined} the news of what is being computed */
  news = undefined;
  /** @type {number | undefined} when to ask again */
  timer = undefined;
  /** @type {IntersectionObserver | undefined} */
  seen = undefined;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.settings = new Settings({
      change: (changes, sliding) => this.choose(changes, sliding),
      to: (query) => this.address.to(query),
      trouble: (words) => this.trouble(words),
      query: () => this.query,
    });
    this.warning = new Warning(this.abort.signal, () => this.again());
    this.instead = new Warning(this.abort.signal, () => this.again()); // what is answered in place of the question
    this.progress = new Progress(() => (this.running ? this.stop() : this.again()));
    this.links = new Links(
      () => this.address.undo(),
      () => this.address.search(["view"]),
    );
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.further = el("div", { class: "rv-panel-further" }); // below the figures, so that it does not move them
    this.about = el("p", { class: "rv-about" });
    this.onward = new Onward();
    this.grid = el("div", { class: "rv-panel-grid" });
    this.plots = new FilledPlots(
      root,
      () => ({ records: this.records, cursor: 1 }),
      (window) => this.plots.net?.drawing.zoom(window),
    );
    this.plots.choose = (changes, sliding) => this.choose(changes, sliding); // for the controls inside a card
    this.plots.undo = () => this.address.undo();
    this.plots.redo = () => this.address.redo();
    this.plots.history = () => [this.address.done.length, this.address.undone.length];
    const side = el("div", { class: "rv-panel-side" }, this.links.box, this.progress.box);
    this.head = el(
      "div",
      { class: "rv-panel-head" },
      steady(this.warning.box, el("div", {}, this.instead.box, this.finding)),
      side,
    );
    root.replaceChildren(this.about, this.settings.box, this.head, this.grid, this.further, this.onward.box);
    root.setAttribute("role", "group");
    whenPrinted(root, () => this.plots.repaint(), this.abort.signal);
  }

  get page() {
    if (!this.handed) throw new Error("No page has shown this panel yet.");
    return this.handed;
  }

  /**
   * Called each time the page runs.
   * @param {Payload.Page} page
   */
  show(page) {
    const first = !this.handed;
    this.handed ??= page;
    withPlotly(page.plotly, this.root, (lib) => {
      this.plots.lib = lib;
      this.plots.draw();
    });
    this.plots.fetchWhole = () =>
      withPlotly(page.plotly_whole, this.root, (lib) => {
        this.plots.whole = lib;
        this.plots.draw();
      });
    this.plots.level = page.titled ? 3 : 2;
    this.plots.readTheme();
    if (this.theme !== this.plots.themeKey) this.plots.draw();
    this.theme = this.plots.themeKey;
    if (first) this.begin(page);
    else this.address.look();
  }

  /** @param {Payload.Page} page */
  begin(page) {
    if (page.alone) this.address = new Address(false);
    if (page.below) this.grid.after(this.head, this.settings.box);
    this.root.classList.toggle("rv-below", page.below);
    this.root.setAttribute("aria-label", page.name);
    this.root.classList.add("rv-panel", `rv-of-${page.kind}`);
    this.grid.classList.add(`rv-panel-${page.kind}`);
    this.links.lay(page);
    this.onward.box.before(...this.links.readings.map(([reading]) => reading.box));
    if (!page.beside) this.links.box.before(this.progress.button);
    this.paint();
    if (page.later) this.whenSeen(() => this.address.join(this));
    else this.address.join(this);
  }

  /**
   * Call `act` once the panel is scrolled into view: panels further up come first.
   * @param {() => void} act
   */
  whenSeen(act) {
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      if (!this.abort.signal.aborted) act();
    });
    seen.observe(this.root);
    this.seen = seen;
  }

  /**
   * A person has changed settings: ask at once, but while a slider is dragged only if the panel answers at once.
   * @param {Payload.Changes} changes
   * @param {boolean} sliding
   */
  choose(changes, sliding = false) {
    if (sliding && !this.page.at_once) return;
    this.stopped = false;
    this.address.change(changes, sliding);
  }

  /**
   * Take over the settings of the leading panel, and ask until the answer is complete.
   * @param {string} query
   */
  follow(query) {
    if (this.query !== query) this.stopped = false;
    this.query = query;
    return this.ask();
  }

  url(what = "", extra = "") {
    return `${this.page.url}${what}?viewer=${this.viewer}${extra}${this.query && `&${this.query}`}`;
  }

  /**
   * Ask the server about settings; cancels the previous request.
   * @param {string} query
   * @param {object} [body]
   * @returns {Promise<Payload.State>}
   */
  async request(query, body) {
    this.deaf();
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    this.query = query;
    return ask(this.url("", `&have=${this.version}&laid=${this.laid}`), body, asked.signal);
  }

  /** Ask about the current settings again; `anew`: a person has pressed the button. */
  async ask(anew = false) {
    const { query } = this;
    try {
      const state = await this.request(query, { anew });
      if (query === this.query) this.take(state, true);
    } catch (caught) {
      const error = /** @type {AskError} */ (caught);
      if (error.name === "AbortError") return;
      this.declined(error.message, true);
      if (error.silent) this.later(RETRY_MS);
    }
  }

  /** @param {number} ms */
  later(ms) {
    this.timer = setTimeout(() => this.ask(), ms);
  }

  /**
   * Show an answer. `settled`: nothing has been changed since it was asked for.
   * @param {Payload.State} state
   * @param {boolean} settled
   */
  take(state, settled) {
    this.state = state;
    this.query = state.query;
    this.running = state.status === "running" && !this.stopped;
    this.version = state.version;
    this.note(state);
    if (state.rows) {
      this.laid = state.laid;
      this.settings.lay(state.rows);
      if (this.page.beside) this.settings.last?.append(this.progress.button);
    }
    this.plots.settled = settled;
    if (state.record) this.records = new Records(state.record);
    if (state.figures) this.draw(state.figures, state.finding ?? "");
    if (settled) this.reflect(state);
    this.about.textContent = state.about;
    this.root.classList.add("rv-drawn");
    this.onward.show(this.page.onward, state.onward, this.page.last && state.next);
    this.settings.know(state.truth, state.query);
    this.grid.classList.toggle("rv-waiting", !state.version && this.plots.cards.length > 0);
    // Figures of other settings, while there are none of these.
    this.grid.classList.toggle("rv-absent", !state.version && !this.running && state.trouble !== "");
    if (!state.version && state.by_press && !this.running) this.clear();
    this.links.lead(this.page.url, state);
    this.paint();
    markTerms();
    if (settled && (this.running || state.others))
      this.listen(!this.running ? OTHERS_MS : state.changed && !state.version ? 0 : AGAIN_MS);
    else this.deaf();
  }

  /**
   * Show the warnings of an answer. What is said of a link stays until something is changed.
   * @param {Payload.State} state
   */
  note(state) {
    const { changed, trouble } = state;
    const told = lasting(state);
    if (told || changed || !this.noted || trouble) this.trouble(asides(state), trouble && state.missing);
    this.instead.say(state.note ?? "", state.missing, true);
    this.noted = told || (this.noted && !changed && !trouble);
  }

  /**
   * Get the rest of the answer: over a socket or, where that fails, by asking again after each `ms`.
   * @param {number} ms
   */
  listen(ms) {
    this.news ??= Watch.here().listen({
      told: () => ({
        panel: this.page.kind,
        viewer: this.viewer,
        query: this.query,
        have: this.version,
        laid: this.laid,
      }),
      hear: (/** @type {Payload.State} */ state) => this.take(state, true),
      asks: () => {
        this.news = undefined;
        this.later(ms);
      },
    });
  }

  /** Ask and hear no more. */
  deaf() {
    clearTimeout(this.timer);
    this.news?.close();
    this.news = undefined;
  }

  /**
   * Draw figures as soon as what they need is imported; if others come meanwhile, only those.
   * @param {Payload.Figure[]} figures
   * @param {string} finding
   */
  draw(figures, finding) {
    this.coming = figures;
    if (areHere(figures)) return this.drawNow(figures, finding);
    needed(figures).then(
      () => {
        if (this.coming === figures && !this.abort.signal.aborted) this.drawNow(figures, finding);
      },
      () => this.trouble("A part of the page did not load. Reload the page."),
    );
  }

  /**
   * @param {Payload.Figure[]} figures
   * @param {string} finding
   */
  drawNow(figures, finding) {
    const shape = figures.map((f) => f.id).join();
    if (shape !== this.shape) {
      this.shape = shape;
      this.grid.replaceChildren(...this.plots.make(figures).map((card) => card.box));
    }
    this.plots.refill(figures);
    const [first, ...further] = paragraphs(finding);
    this.finding.replaceChildren(...(first ? [first] : []));
    this.further.replaceChildren(...further);
    markTerms();
    this.painted = performance.now();
  }

  /** Remove the figures: nothing has been computed for these settings, and only the button starts it. */
  clear() {
    this.coming = undefined;
    this.plots.clear();
    this.shape = "";
    for (const node of [this.grid, this.finding, this.further]) node.replaceChildren();
  }

  /**
   * The request failed: show the reason and go back to the settings of the last answer.
   * @param {string} words
   * @param {boolean} settled
   */
  declined(words, settled) {
    this.trouble(words);
    if (settled && this.state) {
      this.reflect(this.state);
      this.plots.settled = true;
      this.plots.draw();
    }
    if (this.running) this.later(RETRY_MS);
    this.paint();
  }

  /** @param {Payload.State} state */
  reflect({ values, said }) {
    this.settings.show(values, said);
  }

  async stop() {
    this.deaf();
    this.asked?.abort();
    this.running = false;
    this.stopped = true;
    this.paint();
    await fetch(this.url("/stop"), POST).catch(() => undefined);
    const state = await this.request(this.query).catch(() => undefined); // how far it got
    if (state && this.stopped && !this.abort.signal.aborted) this.take(state, true);
  }

  /** Compute again. */
  again() {
    this.stopped = false;
    this.running = true;
    this.trouble("");
    this.paint();
    if (this.address.lead === this) this.address.press();
    else this.ask(true);
  }

  /**
   * Show a sentence or several lines as a warning; `missing` names a download that would help.
   * @param {string | string[]} words
   * @param {string} missing
   */
  trouble(words, missing = "") {
    this.warning.say(words, missing);
  }

  paint() {
    const { page, state, running, stopped } = this;
    this.progress.paint({ page, state, running, stopped });
    const drawn = this.plots.net && !this.grid.classList.contains("rv-absent"); // the network card has its own Undo
    this.links.paint(state, this.address.done.length > 0 && !drawn);
  }

  dispose() {
    this.deaf();
    this.seen?.disconnect();
    this.asked?.abort();
    this.abort.abort();
    this.address.leave(this);
    this.settings.dispose();
    this.plots.dispose();
  }
}
