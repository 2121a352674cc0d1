// A panel: settings, figures and a finding that the server answers by itself, without the page around them. Read after
// dom.js, filled.js, flow.js and stream.js, as one module; made by resviz/ui/panel.py.

const AGAIN_MS = 60;         // between two looks at what is being computed
const TELL_MS = 500;         // after the last change, until the address follows

class Settings {
  // fields: {name, label, help, kind, choices, stops, low, high, upload, also}; change(name, value, sliding, also) when a person
  // changes one, trouble(words) where a file cannot be used.
  constructor(fields, change, trouble) {
    this.trouble = trouble;
    this.inputs = {};
    this.outputs = {};
    this.fields = Object.fromEntries(fields.map((f) => [f.name, f]));
    this.nodes = fields.map((field) => this.make(field, change));
  }

  make(field, change) {
    const { name, kind } = field, id = `rv-${Math.random().toString(36).slice(2)}`;
    let input;
    if (kind === "choice") {
      input = el("select", { id }, ...Object.entries(field.choices).map(([value, label]) => el("option", { value }, label)));
    } else if (kind === "slider") {
      input = el("input", { id, type: "range", min: 0, max: field.stops.length - 1, step: 1 });
      input.addEventListener("input", () => change(name, field.stops[input.value], true));
      this.outputs[name] = el("output", { for: id });
    } else if (kind === "file") {
      input = el("input", { id, type: "file", accept: "image/*", class: "rv-pad-file", onchange: () => this.send(field, input, change) });
      return el("label", { title: field.help, class: "rv-button rv-pad-label", for: id }, "File …", input);
    } else {
      input = el("input", kind === "int" ? { id, type: "number", min: field.low, max: field.high } : { id, type: "text", spellcheck: "false" });
      // What a person has begun to write is not written over by an answer that comes meanwhile.
      input.addEventListener("input", () => { input.typing = true; });
      input.addEventListener("blur", () => { input.typing = false; });
    }
    input.addEventListener("change", () => { input.typing = false; change(name, kind === "slider" ? field.stops[input.value] : input.value.trim(), false); });
    this.inputs[name] = input;
    return el("label", { title: field.help, class: `rv-setting rv-setting-${kind}`, for: id }, el("span", {}, field.label, this.outputs[name] ? " " : "", this.outputs[name] ?? ""), input);
  }

  // A file goes to the server, which answers what names it.
  async send({ name, upload, also }, input, change) {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    try {
      const answer = await fetch(upload, { method: "POST", headers: { "X-Resviz": "1", "X-Name": encodeURIComponent(file.name) }, body: file });
      if (!answer.ok) throw new Error(await answer.text());
      change(name, (await answer.json()).digest, false, also);
    } catch (error) { this.trouble(error.message); }
  }

  show(values, said) {
    for (const [name, input] of Object.entries(this.inputs)) {
      const { kind, stops } = this.fields[name];
      let value = values[name];
      if (kind === "slider") {
        const distance = (v) => Math.abs(Math.log(Math.abs(Number(v)) + 1e-12) - Math.log(Math.abs(Number(value)) + 1e-12));
        value = stops.includes(value) ? stops.indexOf(value) : stops.reduce((best, v, i) => (distance(v) < distance(stops[best]) ? i : best), 0);
        this.outputs[name].textContent = said[name];
        input.setAttribute("aria-valuetext", said[name]);
      }
      if (input.value !== String(value) && !input.typing) input.value = value;
    }
  }
}

class Panel {
  constructor(root) {
    this.root = root;
    this.viewer = newViewer();
    this.abort = new AbortController();
    this.left = new Left(this.abort.signal);
    this.done = [];
    this.undone = [];
    this.version = "";
    this.settings = el("div", { class: "rv-settings", role: "group", "aria-label": "Settings" });
    this.button = el("button", { type: "button", class: "rv-button", onclick: () => (this.running ? this.stop() : this.again()) });
    this.fill = el("i");
    this.bar = el("div", { class: "rv-progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.words = el("span", { class: "rv-board-words" });
    this.csv = el("a", { class: "rv-link", download: true, title: "All numbers of these figures as CSV" }, "Data");
    this.copied = el("button", { type: "button", class: "rv-link", onclick: () => this.copy() }, "Link");
    this.back = el("button", { type: "button", class: "rv-link", title: "Take the last change back (Ctrl Z)", onclick: () => this.step(this.done, this.undone) }, "Undo");
    this.said = el("span");
    this.fetchButton = el("button", { type: "button", class: "rv-button", hidden: true, title: "Fetch it from the internet", onclick: () => this.fetch() }, "Download");
    this.status = el("div", { class: "rv-status rv-trouble", role: "alert", hidden: true }, this.said, " ", this.fetchButton);
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.further = el("div", { class: "rv-panel-further" }); // under the figures, which then do not move
    this.grid = el("div", { class: "rv-panel-grid" });
    this.plots = new FilledPlots(root);
    this.plots.choose = (changes) => this.chooseAll(changes); // what is pressed inside a card
    this.head = el("div", { class: "rv-panel-head" }, this.finding,
      el("div", { class: "rv-panel-side" }, el("div", { class: "rv-links" }, this.back, " ", this.csv, " ", this.copied), el("div", { class: "rv-panel-state" }, this.bar, this.words)));
    root.replaceChildren(this.settings, this.status, this.head, this.grid, this.further);
    root.setAttribute("role", "group");
    document.addEventListener("keydown", (event) => {
      const undo = undoKey(event);
      if (!undo || event.composedPath()[0].closest?.("input[type=text], input[type=number], textarea")) return;
      event.preventDefault();
      if (undo === "undo") this.step(this.done, this.undone); else this.step(this.undone, this.done);
    }, { signal: this.abort.signal });
  }

  show(text, tell) {
    this.tell = tell;
    const page = JSON.parse(text);
    if (!this.page) this.furnish(page);
    withPlotly(page.plotly, this.root, (lib) => { this.plots.lib = lib; this.plots.draw(); });
    this.plots.readTheme();
    if (this.theme !== this.plots.themeKey) this.plots.draw();
    this.theme = this.plots.themeKey;
    if (page.query === this.query) return this.left.forget();
    if (this.left.has(page.query)) return;
    this.page = page;
    this.query = page.query; // whatever comes of it, what a person changes next is a change of this
    this.reflect(page);
    this.ask(page.query);
  }

  furnish(page) {
    this.page = page;
    this.root.setAttribute("aria-label", page.name);
    this.grid.classList.add(`rv-panel-${page.kind}`);
    const change = (...changed) => this.choose(...changed), trouble = (words) => this.trouble(words);
    this.shown = [new Settings(page.controls, change, trouble), new Settings(page.more, change, trouble)];
    this.settings.replaceChildren(...this.shown[0].nodes);
    this.settings.append(this.button);
    if (page.more.length) {
      const more = el("details", { class: "rv-more-settings" }, el("summary", {}, "More"), el("div", { class: "rv-more-box" }, ...this.shown[1].nodes));
      document.addEventListener("pointerdown", (event) => { if (!event.composedPath().includes(more)) more.open = false; }, { signal: this.abort.signal });
      more.addEventListener("keydown", (event) => { if (event.key === "Escape") more.open = false; });
      this.button.before(more);
    }
    this.paint();
  }

  // A person has changed a setting: asked at once; while a slider is dragged only what is answered at once.
  choose(name, value, sliding, also = {}) {
    if (sliding && !this.page.at_once) return;
    return this.chooseAll({ ...also, [name]: value });
  }

  chooseAll(changes) {
    const words = new URLSearchParams(this.wanted ?? this.query);
    for (const [name, value] of Object.entries(changes)) words.set(name, value);
    if (this.wanted === undefined && words.toString() !== this.query && this.origin === undefined) this.origin = this.query;
    return this.go(words.toString());
  }

  // One question is on its way at a time; of those that come meanwhile the latest is asked next.
  go(query) {
    this.wanted = query;
    if (!this.asking) this.advance();
  }

  async advance() {
    while (this.wanted !== undefined) {
      const query = this.wanted;
      this.asking = true;
      await this.ask(query, true);
      this.asking = false;
      if (this.wanted === query) this.wanted = undefined;
    }
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.settle(), TELL_MS);
  }

  // Nothing has been changed for a moment: this is a step that can be undone, and the address follows.
  settle() {
    if (this.origin === undefined) return;
    if (this.origin !== this.query) { this.done.push(this.origin); this.undone = []; this.left.go(this.origin); this.tell(this.query); }
    this.origin = undefined;
    this.paint();
  }

  async step(from, to) {
    const back = from.pop();
    if (back === undefined) return;
    const before = this.query;
    await this.ask(back, true);
    to.push(before);
    this.left.go(before);
    this.tell(this.query);
    this.paint();
  }

  url(query, what = "", extra = "") { return `${this.page.url}${what}?viewer=${this.viewer}${extra}${query && `&${query}`}`; }

  // `chosen` by a person here: what cannot be used is said, and nothing changes.
  async ask(query, chosen = false, pressed = false) {
    clearTimeout(this.timer);
    const turn = this.turn = {};
    if (chosen) this.plots.hold();
    try {
      const state = await ask(this.url(query, "", `&have=${this.version}`), { anew: pressed });
      if (turn !== this.turn || this.abort.signal.aborted) return;
      this.trouble(state.trouble, state.missing);
      this.take(state);
      if (state.status === "running") this.timer = setTimeout(() => this.ask(this.query), AGAIN_MS);
    } catch (error) {
      if (turn !== this.turn || this.abort.signal.aborted) return;
      this.trouble(error.message);
      if (this.state) this.reflect(this.state);
      if (!chosen) { this.running = false; this.paint(); }
      else if (this.state?.status === "running") this.timer = setTimeout(() => this.ask(this.query), AGAIN_MS);
    }
  }

  take(state) {
    this.state = state;
    this.query = state.query;
    this.running = state.status === "running";
    this.version = state.version;
    if (state.figures) {
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
    if (!(this.wanted !== undefined && this.wanted !== state.query)) this.reflect(state);
    this.grid.classList.toggle("rv-waiting", !state.version);
    this.csv.href = `${this.page.url}.csv?${state.query}`;
    this.paint();
  }

  reflect({ values, said }) { for (const settings of this.shown) settings.show(values, said); }

  async stop() {
    clearTimeout(this.timer);
    this.turn = undefined;
    this.running = false;
    this.stopped = true;
    this.paint();
    await fetch(this.url(this.query, "/stop"), { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
  }

  again() {
    this.stopped = false;
    this.running = true;
    this.paint();
    return this.ask(this.query, false, true);
  }

  async copy() {
    const link = new URL(location.href);
    const own = new URLSearchParams(this.query);
    link.search = new URLSearchParams([["view", this.page.kind], ...own]).toString();
    try { await navigator.clipboard.writeText(link.href); this.copied.textContent = "Copied"; setTimeout(() => { this.copied.textContent = "Link"; }, 1500); }
    catch { window.prompt("The link:", link.href); }
  }

  // `missing` names a download that would help.
  trouble(words, missing = "") {
    this.missing = missing;
    this.said.textContent = words;
    this.status.hidden = !words;
    this.fetchButton.hidden = !missing;
  }

  async fetch() {
    const missing = this.missing;
    try { await fetchMissing(missing, (words) => this.trouble(words), this.abort.signal); } catch (error) { return this.trouble(error.message, missing); }
    if (!this.abort.signal.aborted) { this.trouble(""); this.again(); }
  }

  paint() {
    const { state, running, page } = this;
    const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
    const share = Math.floor(100 * (state?.share ?? 0)), learns = !page.at_once;
    put(this.button, running ? "Stop" : state?.made ? `${page.verb} it here` : `${page.verb} again`);
    this.button.hidden = !learns || (!state && !this.stopped);
    this.bar.hidden = !running || !learns;
    this.fill.style.width = `${share}%`;
    this.bar.setAttribute("aria-valuenow", share);
    put(this.words, !state ? "" : running && learns ? (state.ahead ? `${state.ahead} ${state.ahead === 1 ? "other goes" : "others go"} first` : `${share}%`)
      : state.made ? `a recorded run: ${state.made}` : this.stopped && state.share < 1 ? `stopped at ${share}%` : "");
    this.back.hidden = !this.done.length;
    this.csv.hidden = !state?.version;
  }

  dispose() {
    clearTimeout(this.timer);
    clearTimeout(this.telling);
    this.abort.abort();
    this.plots.dispose();
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".rv-panel");
  root.view ??= new Panel(root);
  const view = root.view;
  clearTimeout(view.farewell);
  view.show(data, (query) => setTriggerValue("query", query));
  window.resvizPanel = view; // for the console, and for tests
  return () => { view.farewell = setTimeout(() => { view.dispose(); root.view = undefined; }, 0); };
}
