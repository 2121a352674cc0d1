// A panel: settings, figures and a finding that the server answers by itself, without the page around them. Read after
// address.js, settings.js, filled.js and stream.js, as one module; made by resviz/ui/page.py.

const AGAIN_MS = 60;         // between two looks at what is being computed

class Panel {
  constructor(root) {
    this.root = root;
    this.viewer = newViewer();
    this.abort = new AbortController();
    this.address = Address.here();
    this.version = this.laid = "";
    this.settings = new Settings({
      change: (changes, sliding) => this.choose(changes, sliding), to: (query) => this.address.to(query),
      trouble: (words) => this.trouble(words), query: () => this.query,
    });
    this.button = el("button", { type: "button", class: "rv-button rv-compute", onclick: () => (this.running ? this.stop() : this.again()) });
    this.fill = el("i");
    this.bar = el("div", { class: "rv-progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.words = el("span", { class: "rv-board-words" });
    this.copied = el("button", { type: "button", class: "rv-link", title: "Copy the link to exactly this", onclick: () => this.copy() }, "Link");
    this.back = el("button", { type: "button", class: "rv-link", title: "Take the last change back (Ctrl Z)", onclick: () => this.address.undo() }, "Undo");
    this.links = el("div", { class: "rv-links" });
    this.said = el("span");
    this.fetchButton = el("button", { type: "button", class: "rv-button", hidden: true, title: "Fetch it from the internet", onclick: () => this.fetch() }, "Download");
    this.status = el("div", { class: "rv-status rv-trouble", role: "alert", hidden: true }, this.said, " ", this.fetchButton);
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.further = el("div", { class: "rv-panel-further" }); // under the figures, which then do not move
    this.grid = el("div", { class: "rv-panel-grid" });
    this.plots = new FilledPlots(root);
    this.plots.choose = (changes) => this.choose(changes); // what is pressed inside a card
    this.head = el("div", { class: "rv-panel-head" }, this.finding,
      el("div", { class: "rv-panel-side" }, this.links, el("div", { class: "rv-panel-state" }, this.bar, this.words)));
    root.replaceChildren(this.settings.box, this.status, this.head, this.grid, this.further);
    root.setAttribute("role", "group");
  }

  show(text) {
    const page = JSON.parse(text);
    const first = !this.page;
    this.page ??= page;
    withPlotly(page.plotly, this.root, (lib) => { this.plots.lib = lib; this.plots.draw(); });
    this.plots.readTheme();
    if (this.theme !== this.plots.themeKey) this.plots.draw();
    this.theme = this.plots.themeKey;
    if (!first) { if (!page.alone) this.address.look(); return; }
    this.root.setAttribute("aria-label", page.name);
    this.root.classList.add(`rv-of-${page.kind}`);
    this.grid.classList.add(`rv-panel-${page.kind}`);
    this.files = page.files.map(([label, suffix]) => [el("a", { class: "rv-link", download: true, title: `All numbers of these figures as ${suffix.toUpperCase()}` }, label), suffix]);
    const links = [...(page.alone || page.beside ? [] : [this.back]), ...this.files.map(([link]) => link), ...(page.alone || page.beside ? [] : [this.copied])];
    this.links.replaceChildren(...links.flatMap((link) => [link, " "]));
    if (!page.beside) this.links.before(this.button);
    this.paint();
    if (!page.alone) return this.address.join(this);
    this.whenSeen(() => this.follow(""));
  }

  // Not before anybody looks: what stands further up comes first.
  whenSeen(act) {
    this.seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.seen.disconnect();
      if (!this.abort.signal.aborted) act();
    });
    this.seen.observe(this.root);
  }

  // A person has changed settings: asked at once; while a slider is dragged only what is answered at once.
  choose(changes, sliding = false) {
    if (sliding && !this.page.at_once) return;
    this.stopped = false;
    this.address.change(changes, sliding);
  }

  // Settings that another panel of the page leads: the answer to them, and again until all of it is there.
  follow(query) {
    if (this.query !== query) this.stopped = false;
    this.query = query;
    return this.ask();
  }

  url(what, extra = "") { return `${this.page.url}${what}?viewer=${this.viewer}${extra}${this.query && `&${this.query}`}`; }

  // Ask the server about settings; what was asked before no longer counts.
  async request(query, body) {
    clearTimeout(this.timer);
    this.asked?.abort();
    const asked = this.asked = new AbortController();
    this.query = query;
    return ask(this.url("", `&have=${this.version}&laid=${this.laid}`), body, asked.signal);
  }

  // Look again; `anew`: a person has pressed the button.
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

  // `settled`: nothing has been changed since this was asked.
  take(state, settled) {
    this.state = state;
    this.query = state.query;
    this.running = state.status === "running" && !this.stopped;
    this.version = state.version;
    const { problems } = state;
    if (problems.length && !state.changed) problems.unshift("Not every setting in the link can be used; these take their default, or the nearest that works:");
    if (problems.length || state.changed || !this.noted || state.trouble) this.trouble(problems.length ? problems : state.trouble, state.missing);
    this.noted = problems.length > 0 || (this.noted && !state.changed && !state.trouble);
    if (state.rows) { this.laid = state.laid; this.settings.lay(state.rows); if (this.page.beside) this.settings.last?.append(this.button); }
    if (state.figures) this.draw(state);
    if (settled) this.reflect(state);
    for (const part of Object.values(this.settings.parts)) part.know?.(state.truth, state.query);
    this.grid.classList.toggle("rv-waiting", !state.version && this.plots.cards.length > 0);
    if (!state.version && this.page.by_press && !this.running) this.clear();
    for (const [link, suffix] of this.files) link.href = `${this.page.url}.${suffix}?${state.query}`;
    this.paint();
    // What a change leads to is awaited at the server, from now on.
    if (this.running && settled) this.timer = setTimeout(() => this.ask(), state.changed && !state.version ? 0 : AGAIN_MS);
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

  // Nothing has been computed of these settings, and only a press would have it.
  clear() {
    this.plots.clear();
    this.shape = undefined;
    for (const node of [this.grid, this.finding, this.further]) node.replaceChildren();
  }

  // What was asked cannot be had: that is said, and nothing changes.
  declined(words, settled) {
    this.trouble(words);
    if (settled && this.state) this.reflect(this.state);
    if (this.running) this.timer = setTimeout(() => this.ask(), RETRY_MS);
    this.paint();
  }

  reflect({ values, said }) { this.settings.show(values, said); }

  async stop() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.running = false;
    this.stopped = true;
    this.paint();
    await fetch(this.url("/stop"), { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
  }

  again() {
    this.stopped = false;
    this.running = true;
    this.trouble("");
    this.paint();
    if (this.address.lead === this) this.address.press(); else this.ask(true);
  }

  async copy() {
    const link = new URL(location.href);
    link.search = this.address.search(["view"]);
    try { await navigator.clipboard.writeText(link.href); this.copied.textContent = "Copied"; setTimeout(() => { this.copied.textContent = "Link"; }, 1500); }
    catch { window.prompt("The link:", link.href); }
  }

  // A sentence, or several lines; `missing` names a download that would help.
  trouble(words, missing = "") {
    const lines = [words].flat().filter(Boolean);
    this.missing = missing;
    const key = lines.join("\n");
    if (key !== this.troubled) { this.troubled = key; this.said.replaceChildren(...lines.map((line) => el("span", { class: "rv-line-of" }, line))); }
    this.status.hidden = !lines.length;
    this.fetchButton.hidden = !missing;
  }

  async fetch() {
    const { missing } = this;
    try { await fetchMissing(missing, (words) => this.trouble(words), this.abort.signal); } catch (error) { return this.trouble(error.message, missing); }
    if (!this.abort.signal.aborted) this.again();
  }

  paint() {
    const { state, running, page } = this;
    const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
    const share = Math.floor(100 * (state?.share ?? 0)), learns = !page.at_once;
    put(this.button, running ? "Stop" : state?.made ? `${page.verb} it here` : page.by_press && !state?.version ? page.first : page.again);
    this.button.hidden = !learns || (!state && !this.stopped) || (state?.barred && !running);
    this.bar.hidden = !running || !learns;
    this.fill.style.width = `${share}%`;
    this.bar.setAttribute("aria-valuenow", share);
    put(this.words, !state ? "" : running && learns ? (state.ahead ? `${state.ahead} ${state.ahead === 1 ? "other goes" : "others go"} first` : state.says || `${share}%`)
      : state.made ? `a recorded run: ${state.made}` : this.stopped && state.share < 1 ? `stopped at ${share}%` : "");
    // Made invisible, not taken away: the button beside them must not move under a pointer.
    const show = (node, there) => { node.style.visibility = there ? "" : "hidden"; };
    show(this.back, this.address.done.length);
    for (const [link] of this.files) show(link, state?.version);
    show(this.copied, state);
  }

  dispose() {
    clearTimeout(this.timer);
    this.seen?.disconnect();
    this.asked?.abort();
    this.abort.abort();
    this.address.leave(this);
    for (const part of Object.values(this.settings.parts)) part.dispose?.();
    this.plots.dispose();
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".rv-panel");
  root.view ??= new Panel(root);
  const view = root.view;
  clearTimeout(view.farewell);
  view.show(data);
  if (!view.page.beside && !view.page.alone) window.resvizPanel = view; // for the console, and for benchmarks
  return () => { view.farewell = setTimeout(() => { view.dispose(); root.view = undefined; }, 0); };
}
