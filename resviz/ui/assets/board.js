// A study on a board: runs against each other, which fill it in as they finish. Read after dom.js, filled.js and
// stream.js, as one module; made by resviz/ui/board.py.

const ASK_MS = 1000;         // while they are trained for us
const LOOK_MS = 4000;        // while somebody else has them trained

class Board {
  constructor(root) {
    this.root = root;
    this.viewer = newViewer();
    this.abort = new AbortController();
    this.button = el("button", { type: "button", class: "rv-button rv-primary", onclick: () => (this.asking ? this.stop() : this.train()) }, "Train them");
    this.heading = el("h3", { class: "rv-board-title" });
    this.fill = el("i");
    this.bar = el("div", { class: "rv-progress", role: "progressbar", "aria-label": "Training", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.words = el("span", { class: "rv-board-words" });
    this.link = el("a", { class: "rv-link", download: true, title: "Final numbers of every run as CSV" }, "Data");
    this.said = el("div", { class: "rv-board-said", role: "status" });
    this.status = el("div", { class: "rv-status rv-trouble", role: "alert", hidden: true });
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.grid = el("div", { class: "rv-board-grid" });
    this.plots = new FilledPlots(root);
    this.root.replaceChildren(this.heading,
      el("div", { class: "rv-bar" }, this.button, this.bar, this.words, el("span", { class: "rv-links" }, this.link)),
      this.said, this.status, this.finding, this.grid);
    this.root.setAttribute("role", "group");
  }

  // What the page shows: another study, or the same one described anew by a rerun of the page.
  show(text) {
    const page = JSON.parse(text);
    withPlotly(page.plotly, this.root, (lib) => { this.plots.lib = lib; this.plots.draw(); });
    this.plots.readTheme();
    if (this.theme !== this.plots.themeKey) this.plots.draw(); // a rerun of the page costs nothing here
    this.theme = this.plots.themeKey;
    if (this.page?.url === page.url && this.page.query === page.query) return;
    const other = this.page !== undefined;
    if (this.asking) this.post("/stop"); // of the study shown before
    this.seen?.disconnect();
    this.page = page;
    this.heading.textContent = page.title;
    this.heading.hidden = !page.title;
    this.root.setAttribute("aria-label", page.name);
    this.link.href = `${page.url}.csv?${page.query}`;
    this.state = undefined;
    this.asking = false;
    this.begun = false;
    this.version = "";
    this.trouble("");
    if (other) this.clear();
    this.paint();
    this.ask(true);
  }

  url(what, extra = "") {
    const { url, query } = this.page;
    return `${url}${what}?viewer=${this.viewer}${extra}${query && `&${query}`}`;
  }

  post(what) {
    return fetch(this.url(what), { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
  }

  train() {
    this.asking = this.begun = true;
    this.paint();
    this.ask(false, true);
  }

  // Begin by itself, but not before anybody looks: what is measured further up comes first.
  whenSeen() {
    this.seen?.disconnect();
    this.seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.seen.disconnect();
      if (!this.begun && !this.abort.signal.aborted) this.train();
    });
    this.seen.observe(this.root);
  }

  async stop() {
    this.asking = false;
    clearTimeout(this.timer);
    this.turn = undefined; // whatever is on its way no longer counts
    this.paint();
    await this.post("/stop");
    if (!this.asking && !this.abort.signal.aborted) this.ask(true);
  }

  // Look at what is there, or wish for the rest of it; and again until all of it is there. `pressed`: a person has just
  // said so, and what has failed is tried again.
  async ask(look, pressed = false) {
    clearTimeout(this.timer);
    const turn = this.turn = {};
    let wait = look ? LOOK_MS : ASK_MS;
    try {
      const state = await ask(this.url("", `&have=${this.version}`), look ? undefined : { anew: pressed });
      if (turn !== this.turn || this.abort.signal.aborted) return;
      this.trouble(state.troubles.join("\n"));
      this.take(state);
      if (state.status === "finished") return;
      if (look && this.page.auto && !this.begun) return this.whenSeen();
      if (look && state.status !== "running") return;
    } catch (error) {
      if (turn !== this.turn || this.abort.signal.aborted) return;
      this.trouble(error.message);
      if (!this.asking) return this.paint();
      wait = LOOK_MS;
    }
    this.timer = setTimeout(() => this.ask(look), wait);
  }

  take(state) {
    if (this.state?.status !== "finished" && state.status === "finished" && this.begun) this.said.textContent = "All runs are finished.";
    this.state = state;
    if (state.status === "finished") this.asking = false;
    if (state.figures) this.draw(state.figures);
    this.version = state.version;
    if (this.found !== state.finding) {
      this.found = state.finding;
      this.finding.replaceChildren(...paragraphs(state.finding));
    }
    this.paint();
  }

  draw(figures) {
    if (!figures.length) return this.clear();
    const shape = figures.map((f) => f.id).join();
    if (shape !== this.shape) {
      this.shape = shape;
      this.grid.replaceChildren(...this.plots.make(figures).map((card) => card.box));
      this.grid.classList.toggle("rv-pair", figures.every((f) => /^(calm|depth)/.test(f.id)));
    }
    this.plots.refill(figures);
  }

  clear() {
    for (const { plot } of this.plots.cards) if (this.plots.lib) this.plots.lib.purge(plot);
    this.plots.clear();
    this.grid.replaceChildren();
    this.finding.replaceChildren();
    this.shape = this.found = undefined;
  }

  trouble(words) {
    if (this.troubled === words) return; // said once, it need not be read out again
    this.troubled = words;
    this.status.replaceChildren(...words.split("\n").filter(Boolean).map((line) => el("p", {}, line)));
    this.status.hidden = !words;
  }

  paint() {
    const { state, asking } = this;
    const over = state?.status === "finished", share = state ? Math.floor((100 * state.steps_done) / state.steps) : 0;
    const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
    const begun = state && (state.done > 0 || state.steps_done > 0);
    put(this.button, asking ? "Stop" : over && state.failed ? "Try again" : begun ? "Train the rest" : state?.made ? "Train them here" : "Train them");
    this.button.classList.toggle("rv-primary", !asking);
    this.button.title = asking ? "Nothing is lost: what is finished is kept" : "Train these runs on the server";
    // A board that begins by itself offers nothing to press before it has.
    this.button.hidden = (over && !state.failed) || (this.page.auto && !this.begun && !this.troubled);
    this.bar.hidden = !asking && (!begun || over);
    this.bar.setAttribute("aria-valuenow", share);
    this.fill.style.width = `${share}%`;
    this.link.parentElement.hidden = !state?.done;
    put(this.words, this.describe());
    this.bar.setAttribute("aria-valuetext", this.words.textContent);
  }

  describe() {
    const { state, asking } = this;
    if (!state) return asking ? "starting …" : "";
    const { takes, done, total, eta_words: eta, position, status, failed } = state;
    if (status === "finished") return failed ? `${takes}; ${failed} failed` : takes;
    const runs = total > 1 ? `${done} of ${total} runs done` : `step ${state.steps_done} of ${state.steps}`;
    if (!asking && status === "running") return `${runs}; somebody else has them trained just now`;
    if (!asking && state.made) return `recorded runs: ${state.made}; ${done ? `here ${runs}, ` : ""}about ${eta} ${done ? "to go" : "here"}`;
    if (!asking) return done || state.steps_done ? `${runs}; about ${eta} to go` : `${takes}; about ${eta} here`;
    if (position) return `${runs}; ${position} other ${position === 1 ? "run goes" : "runs go"} first`;
    return `${runs}, about ${eta} to go`;
  }

  dispose() {
    clearTimeout(this.timer); // and nobody asks any more: the server lets the wish run out
    this.abort.abort();
    this.seen?.disconnect();
    this.plots.dispose();
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".rv-board");
  root.view ??= new Board(root);
  const board = root.view;
  clearTimeout(board.farewell);
  board.show(data);
  (window.resvizBoards ??= {})[board.page.url] = board; // for the console, and for tests
  return () => { board.farewell = setTimeout(() => { board.dispose(); root.view = undefined; }, 0); };
}
