// A panel: settings, figures and a finding. It asks the server directly, without the page around it.

import { Address, RETRY_MS, asides } from "./address.js";
import { withPlotly } from "./charts.js";
import { Onward, Reading, el, fetchMissing, linesOf, newViewer, paragraphs } from "./dom.js";
import { FilledPlots } from "./filled.js";
import { Records } from "./records.js";
import { Settings } from "./settings.js";
import { ask } from "./stream.js";
import { Watch } from "./watch.js";

const AGAIN_MS = 60; // between two requests while something is being computed
const OTHERS_MS = 4000; // the same, if it is computed for other viewers

export default class Panel {
  constructor(root) {
    this.root = root;
    this.viewer = newViewer();
    this.abort = new AbortController();
    this.address = Address.here();
    this.version = this.laid = "";
    this.settings = new Settings({
      change: (changes, sliding) => this.choose(changes, sliding),
      to: (query) => this.address.to(query),
      trouble: (words) => this.trouble(words),
      query: () => this.query,
    });
    this.button = el("button", {
      type: "button",
      class: "rv-button rv-compute",
      onclick: () => (this.running ? this.stop() : this.again()),
    });
    this.fill = el("i");
    this.bar = el(
      "div",
      { class: "rv-progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 },
      this.fill,
    );
    this.words = el("span", { class: "rv-state-words" });
    this.copied = el(
      "button",
      { type: "button", class: "rv-link", title: "Copy the link to exactly this", onclick: () => this.copy() },
      "Link",
    );
    this.back = el(
      "button",
      {
        type: "button",
        class: "rv-link",
        title: "Take the last change back (Ctrl Z)",
        onclick: () => this.address.undo(),
      },
      "Undo",
    );
    this.links = el("div", { class: "rv-links" });
    this.said = el("span");
    this.fetchButton = el(
      "button",
      {
        type: "button",
        class: "rv-button",
        hidden: true,
        title: "Fetch it from the internet",
        onclick: () => this.fetch(),
      },
      "Download",
    );
    this.status = el(
      "div",
      { class: "rv-status rv-trouble", role: "alert", hidden: true },
      this.said,
      " ",
      this.fetchButton,
    );
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.further = el("div", { class: "rv-panel-further" }); // below the figures, so that it does not move them
    this.about = el("p", { class: "rv-about" });
    this.onward = new Onward();
    this.grid = el("div", { class: "rv-panel-grid" });
    this.records = new Records();
    this.plots = new FilledPlots(
      root,
      () => ({ records: this.records, cursor: 1 }),
      (window) => {
        const { drawing } = this.plots.net;
        drawing.zoom(window ?? drawing.full);
      },
    );
    Object.assign(this.plots, {
      // for the controls inside a card
      choose: (changes) => this.choose(changes),
      undo: () => this.address.undo(),
      redo: () => this.address.redo(),
      history: () => [this.address.done.length, this.address.undone.length],
    });
    this.head = el(
      "div",
      { class: "rv-panel-head" },
      this.finding,
      el("div", { class: "rv-panel-side" }, this.links, el("div", { class: "rv-panel-state" }, this.bar, this.words)),
    );
    root.replaceChildren(
      this.about,
      this.settings.box,
      this.status,
      this.head,
      this.grid,
      this.further,
      this.onward.box,
    );
    root.setAttribute("role", "group");
  }

  show(page) {
    const first = !this.page;
    this.page ??= page;
    withPlotly(page.plotly, this.root, (lib) => {
      this.plots.lib = lib;
      this.plots.draw();
    });
    this.plots.fetchWhole = () =>
      withPlotly(page.plotly_whole, this.root, (lib) => {
        this.plots.whole = lib;
        this.plots.draw();
      });
    this.plots.readTheme();
    if (this.theme !== this.plots.themeKey) this.plots.draw();
    this.theme = this.plots.themeKey;
    if (!first) return this.address.look();
    if (page.alone) this.address = new Address(false);
    this.root.setAttribute("aria-label", page.name);
    this.root.classList.add("rv-panel", `rv-of-${page.kind}`);
    this.grid.classList.add(`rv-panel-${page.kind}`);
    this.files = page.files.map(([label, suffix]) => [
      el(
        "a",
        { class: "rv-link", download: true, title: `All numbers of these figures as ${suffix.toUpperCase()}` },
        label,
      ),
      suffix,
    ]);
    this.readings = page.files.filter(([, , title]) => title).map(([, suffix, title]) => [new Reading(title), suffix]);
    this.onward.box.before(...this.readings.map(([reading]) => reading.box));
    const links = [
      ...(page.beside ? [] : [this.back]),
      ...this.files.map(([link]) => link),
      ...(page.alone || page.beside ? [] : [this.copied]),
    ];
    this.links.replaceChildren(...links.flatMap((link) => [link, " "]));
    if (!page.beside) this.links.before(this.button);
    this.paint();
    if (page.later) this.whenSeen(() => this.address.join(this));
    else this.address.join(this);
  }

  // Call `act` once the panel is scrolled into view: panels further up come first.
  whenSeen(act) {
    this.seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.seen.disconnect();
      if (!this.abort.signal.aborted) act();
    });
    this.seen.observe(this.root);
  }

  // A person has changed settings: ask at once, but while a slider is dragged only if the panel answers at once.
  choose(changes, sliding = false) {
    if (sliding && !this.page.at_once) return;
    this.stopped = false;
    this.address.change(changes, sliding);
  }

  // Take over the settings of the leading panel, and ask until the answer is complete.
  follow(query) {
    if (this.query !== query) this.stopped = false;
    this.query = query;
    return this.ask();
  }

  url(what, extra = "") {
    return `${this.page.url}${what}?viewer=${this.viewer}${extra}${this.query && `&${this.query}`}`;
  }

  // Ask the server about settings; cancels the previous request.
  async request(query, body) {
    this.deaf();
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    this.query = query;
    return ask(this.url("", `&have=${this.version}&laid=${this.laid}`), body, asked.signal);
  }

  // Ask about the current settings again; `anew`: a person has pressed the button.
  async ask(anew = false) {
    const { query } = this;
    try {
      const state = await this.request(query, { anew });
      if (query === this.query) this.take(state, true);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.declined(error.message, true);
      if (error.silent) this.timer = setTimeout(() => this.ask(), RETRY_MS);
    }
  }

  // Show an answer. `settled`: nothing has been changed since it was asked for.
  take(state, settled) {
    this.state = state;
    this.query = state.query;
    this.running = state.status === "running" && !this.stopped;
    this.version = state.version;
    const { problems } = state;
    if (problems.length || state.changed || !this.noted || state.trouble) this.trouble(asides(state), state.missing);
    this.noted = problems.length > 0 || (this.noted && !state.changed && !state.trouble);
    if (state.rows) {
      this.laid = state.laid;
      this.settings.lay(state.rows);
      if (this.page.beside) this.settings.last?.append(this.button);
    }
    this.plots.settled = settled;
    if (state.record) this.records = new Records(state.record);
    if (state.figures) this.draw(state);
    if (settled) this.reflect(state);
    this.about.textContent = state.about;
    this.onward.show(this.page.onward, state.onward);
    for (const part of Object.values(this.settings.parts)) part.know?.(state.truth, state.query);
    this.grid.classList.toggle("rv-waiting", !state.version && this.plots.cards.length > 0);
    this.grid.classList.toggle("rv-absent", !state.version && !this.running && state.trouble !== ""); // of other settings
    if (!state.version && state.by_press && !this.running) this.clear();
    const file = (suffix) => `${this.page.url}.${suffix}?${state.query}`;
    for (const [link, suffix] of this.files) link.href = file(suffix);
    for (const [reading, suffix] of this.readings) reading.show(state.version && file(suffix));
    this.paint();
    if (settled && (this.running || state.others))
      this.listen(!this.running ? OTHERS_MS : state.changed && !state.version ? 0 : AGAIN_MS);
    else this.deaf();
  }

  // Get the rest of the answer: the server sends it over a socket or, where that fails, it is asked for after each `ms`.
  listen(ms) {
    this.news ??= Watch.here().listen({
      told: () => ({
        panel: this.page.kind,
        viewer: this.viewer,
        query: this.query,
        have: this.version,
        laid: this.laid,
      }),
      hear: (state) => this.take(state, true),
      asks: () => {
        this.news = undefined;
        this.timer = setTimeout(() => this.ask(), ms);
      },
    });
  }

  deaf() {
    clearTimeout(this.timer);
    this.news?.close();
    this.news = undefined;
  }

  draw(state) {
    const shape = state.figures.map((f) => f.id).join();
    if (shape !== this.shape) {
      this.shape = shape;
      this.grid.replaceChildren(...this.plots.make(state.figures).map((card) => card.box));
    }
    this.plots.refill(state.figures);
    const [first, ...further] = paragraphs(state.finding);
    this.finding.replaceChildren(...(first ? [first] : []));
    this.further.replaceChildren(...further);
    this.painted = performance.now(); // for benchmarks
  }

  // Remove the figures: nothing has been computed for these settings, and only the button starts it.
  clear() {
    this.plots.clear();
    this.shape = undefined;
    for (const node of [this.grid, this.finding, this.further]) node.replaceChildren();
  }

  // The request failed: show the reason and go back to the settings of the last answer.
  declined(words, settled) {
    this.trouble(words);
    if (settled && this.state) {
      this.reflect(this.state);
      this.plots.settled = true;
      this.plots.draw();
    }
    if (this.running) this.timer = setTimeout(() => this.ask(), RETRY_MS);
    this.paint();
  }

  reflect({ values, said }) {
    this.settings.show(values, said);
  }

  async stop() {
    this.deaf();
    this.asked?.abort();
    this.running = false;
    this.stopped = true;
    this.paint();
    await fetch(this.url("/stop"), { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
    const state = await this.request(this.query).catch(() => undefined); // how far it got
    if (state && this.stopped && !this.abort.signal.aborted) this.take(state, true);
  }

  again() {
    this.stopped = false;
    this.running = true;
    this.trouble("");
    this.paint();
    if (this.address.lead === this) this.address.press();
    else this.ask(true);
  }

  async copy() {
    const link = new URL(location.href);
    link.search = this.address.search(["view"]);
    try {
      await navigator.clipboard.writeText(link.href);
      this.copied.textContent = "Copied";
      setTimeout(() => {
        this.copied.textContent = "Link";
      }, 1500);
    } catch {
      window.prompt("The link:", link.href);
    }
  }

  // Show a sentence or several lines as a warning; `missing` names a download that would help.
  trouble(words, missing = "") {
    const lines = linesOf(words);
    this.missing = missing;
    const key = lines.join("\n");
    if (key !== this.troubled) {
      this.troubled = key;
      this.said.replaceChildren(...lines.map((line) => el("span", { class: "rv-line-of" }, line)));
    }
    this.status.hidden = !lines.length;
    this.fetchButton.hidden = !missing;
  }

  async fetch() {
    const { missing } = this;
    try {
      await fetchMissing(missing, (words) => this.trouble(words), this.abort.signal);
    } catch (error) {
      return this.trouble(error.message, missing);
    }
    if (!this.abort.signal.aborted) this.again();
  }

  paint() {
    const { state, running, page } = this;
    const put = (node, text) => {
      if (node.textContent !== text) node.textContent = text;
    };
    const share = Math.floor(100 * (state?.share ?? 0)),
      learns = !page.at_once;
    const rest = this.stopped && state?.version && state.share < 1 && !state.made;
    put(
      this.button,
      running
        ? "Stop"
        : state?.verb ||
            (rest
              ? page.rest
              : state?.made
                ? `${page.verb} it here`
                : state?.by_press && !state.version
                  ? page.first
                  : page.again),
    );
    this.button.hidden = !learns || (!state && !this.stopped) || ((state?.barred || state?.verb === "") && !running);
    this.bar.hidden = !running || !learns;
    this.fill.style.width = `${share}%`;
    this.bar.setAttribute("aria-valuenow", share);
    put(
      this.words,
      !state
        ? ""
        : running && !learns
          ? state.says
          : running
            ? state.ahead
              ? `${state.ahead} ${state.ahead === 1 ? "other goes" : "others go"} first`
              : state.says || `${share}%`
            : state.says
              ? state.says
              : state.made
                ? `a recorded run: ${state.made}`
                : this.stopped && state.share < 1
                  ? `stopped at ${share}%`
                  : "",
    );
    // Made invisible, not removed: the button beside them must not move under a pointer.
    const show = (node, there) => {
      node.style.visibility = there ? "" : "hidden";
    };
    const drawn = this.plots.net && !this.grid.classList.contains("rv-absent"); // the network card has its own Undo
    show(this.back, this.address.done.length && !drawn);
    for (const [link] of this.files) show(link, state?.version);
    show(this.copied, state);
  }

  dispose() {
    this.deaf();
    this.seen?.disconnect();
    this.asked?.abort();
    this.abort.abort();
    this.address.leave(this);
    for (const part of Object.values(this.settings.parts)) part.dispose?.();
    this.plots.dispose();
  }
}
