// Networks before training: one pass through each, measured anew at every click. Read after net.js, plots.js, stream.js.

class Still {
  constructor(root) {
    this.root = root;
    this.abort = new AbortController();
    this.left = new Left(this.abort.signal);
    this.viewer = newViewer();
    this.records = new Records();
    this.done = [];
    this.undone = [];
    this.asked = 0;
    this.switch = el("button", { type: "button", class: "rv-switch", role: "switch", "aria-checked": "true", onclick: () => this.flip() },
      el("span", { class: "rv-knob", "aria-hidden": "true" }), el("span", { class: "rv-switch-words" }));
    this.status = el("div", { class: "rv-status", role: "status", hidden: true });
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.stage = el("div");
    this.further = el("div", { class: "rv-further" });
    this.claims = el("section", { class: "rv-claims" });
    this.links = el("div", { class: "rv-links" });
    this.root.replaceChildren(el("div", { class: "rv-bar" }, this.switch, this.finding), this.status, this.stage, this.further, this.links, this.claims);
    document.addEventListener("keydown", (event) => {
      const undo = undoKey(event);
      if (!undo || event.composedPath()[0].closest?.("input, textarea")) return;
      event.preventDefault();
      this[undo]();
    }, { signal: this.abort.signal });
  }

  // The drawing, or both: "start" has each network above its own figure, "signal" both above all figures.
  furnish(page) {
    this.view = page.view;
    const apart = page.view === "start", netBox = el("div", { class: "rv-netbox" }), plainBox = el("div", { class: "rv-stage" });
    this.net = new Net(netBox, apart ? ["residual"] : ["residual", "plain"], {
      change: (changes) => this.change(changes), undo: () => this.undo(), redo: () => this.redo(),
      repaint: () => this.paint(), window: (window) => { this.plots.show(window); this.paint(); },
    });
    if (apart) this.net.follow(new Drawing(plainBox, ["plain"], this.net.drawing.on));
    this.plots = new Plots(this.root, () => ({ records: this.records, cursor: 1, live: false }), (window) => this.net.drawing.zoom(window ?? this.net.drawing.full));
    this.place = (boxes) => this.stage.replaceChildren(...(apart ? [netBox, boxes[0], plainBox, boxes[1]] : [netBox, ...boxes]));
    this.place([]);
    if (!page.controls) return;
    this.controls = new Controls(page.controls, (name, value) => this.choose(name, value));
    this.root.prepend(this.controls.box);
  }

  // Another value of a setting: measured at once; the page around follows.
  choose(name, value) {
    const words = new URLSearchParams(this.query);
    words.set(name, value);
    return this.go(words.toString());
  }

  show(text, tell) {
    this.tell = tell;
    const page = JSON.parse(text);
    if (!this.net) this.furnish(page);
    withPlotly(page.plotly, this.root, (lib) => { this.plots.lib = lib; this.paint(); });
    this.plots.readTheme();
    if (page.query === this.query) {
      this.left.forget(); // the page has caught up
      return this.paint();
    }
    if (this.left.has(page.query)) return;
    this.asked += 1; // whatever was asked before is of another page
    this.say("");
    this.done = []; // of other networks
    this.undone = [];
    // What was seen before stays until there is something to see, unless it is of another network.
    if (page.record || JSON.stringify(page.network) !== this.shape || !this.records.any) this.turn(page);
    if (!page.record) this.look(page.query, page);
  }

  // Another page: its figures, its network, and what is known of it.
  turn(page) {
    const shape = JSON.stringify(page.network);
    if (page.figures !== this.figures) {
      const templates = JSON.parse(page.figures);
      if (!this.plots.renew(templates)) this.place(this.plots.make(templates).map(({ box }) => box));
    }
    if (shape !== this.shape) {
      this.net.show(page.network); // all of it
      this.plots.show(undefined);
    }
    Object.assign(this, { page, shape, figures: page.figures });
    if (!page.record) {
      this.records = new Records();
      this.plots.blank();
    }
    this.take(page);
  }

  // What the server says of a spec: what is cut and removed there, and, if it has been measured, what was found.
  take({ query, cut, remove, record, finding, claims, values }) {
    this.query = query;
    this.controls?.show(this.values = values);
    this.shown = { cut, remove };
    this.net.set(cut, remove);
    if (record) this.records = new Records(record);
    const [first, ...further] = paragraphs(finding ?? "");
    this.finding.replaceChildren(...(first ? [first] : []));
    this.further.replaceChildren(...further); // under the figures, which then never move
    this.tellClaims(claims ?? []);
    this.paint();
  }

  // What is often said, beside what was measured here and what papers found; and these numbers to take away.
  tellClaims(claims) {
    const head = ["often said", "measured here", "found", "source"];
    this.claims.replaceChildren(...(claims.length ? [el("h3", {}, "What is often said, and what is so"), el("table", {},
      el("thead", {}, el("tr", {}, ...head.map((h) => el("th", { scope: "col" }, h)))),
      el("tbody", {}, ...claims.map((row) => el("tr", {}, ...row.map((cell, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, cell))))))] : []));
    const ask = this.query && `?${this.query}`;
    this.links.replaceChildren(...(this.view === "signal" ? [el("a", { class: "rv-link", href: `look.csv${ask}`, download: true }, "numbers (CSV)"), " · ",
      el("a", { class: "rv-link", href: `look.py${ask}`, download: true }, "PyTorch script"), " · ",
      el("button", { type: "button", class: "rv-link", onclick: () => this.copy() }, this.copied = el("span", {}, "copy link"))] : []));
  }

  async copy() {
    const link = location.search ? location.href : `${location.href}${this.query && `?${this.query}`}`;
    try { await navigator.clipboard.writeText(link); this.copied.textContent = "copied"; } catch { window.prompt("The link:", link); }
  }

  // `page` is what the answer is for, where that is not what is on screen.
  async look(query, page) {
    const asked = ++this.asked;
    const slow = setTimeout(() => {
      if (asked !== this.asked) return;
      this.say("One pass through each network …");
      this.stage.classList.add("rv-waiting"); // what is seen is not yet of these settings
    }, 600);
    try {
      const answer = await ask(`look?view=${this.view}&viewer=${this.viewer}${query && `&${query}`}`, {});
      if (asked !== this.asked || this.abort.signal.aborted) return false;
      if (page || answer.figures) this.turn({ ...(page ?? this.page), ...answer }); else this.take(answer);
      this.say("");
      return true;
    } catch (error) {
      if (asked === this.asked && !this.abort.signal.aborted) {
        if (page) this.turn(page); // what could not be measured is not shown as if it had been
        this.say(error.message, true);
        this.net.set(this.shown.cut, this.shown.remove);
        this.controls?.show(this.values);
        this.paint();
      }
      return false;
    } finally {
      clearTimeout(slow);
      if (asked === this.asked) this.stage.classList.remove("rv-waiting");
    }
  }

  change(changes) {
    const words = new URLSearchParams(this.query);
    const { net } = this;
    net.set(changes.cut ?? net.cut, changes.remove ?? net.remove);
    for (const [key, numbers] of Object.entries({ cut: net.cut, remove: net.remove })) if (numbers.length) words.set(key, numbers.join(",")); else words.delete(key);
    this.paint();
    return this.go(words.toString());
  }

  async go(query) {
    const before = this.query;
    if (await this.look(query)) {
      this.done.push(before);
      this.undone = [];
      this.moved(before);
    }
  }

  undo() { return this.step(this.done, this.undone); }

  redo() { return this.step(this.undone, this.done); }

  async step(from, to) {
    const back = from.pop();
    if (back === undefined) return;
    const before = this.query;
    if (await this.look(back)) { to.push(before); this.moved(before); } else from.push(back);
  }

  // The address follows.
  moved(before) {
    this.left.go(before);
    this.tell(this.query);
    this.paint();
  }

  flip() {
    const all = this.page.network.shortcuts.map((_, i) => i + 1);
    this.change({ cut: this.net.cut.length ? [] : all });
  }

  say(words, trouble = false) {
    this.status.textContent = words;
    this.status.hidden = !words;
    this.status.classList.toggle("rv-trouble", trouble);
  }

  paint() {
    if (!this.page) return;
    const { shortcuts } = this.page.network, { length: cut } = this.net.cut;
    this.switch.setAttribute("aria-checked", String(cut === 0));
    this.switch.disabled = !shortcuts.length;
    const words = cut === 0 ? "+ x is on" : cut === shortcuts.length ? "+ x is off" : `+ x is off in ${cut} of ${shortcuts.length}`;
    this.switch.lastChild.textContent = shortcuts.length ? words : "no + x here";
    this.net.say("");
    this.net.history(this.done.length, this.undone.length);
    if (!this.records.any) return;
    this.net.paint(this.records, 1);
    cancelAnimationFrame(this.next);
    if (this.plots.paint(performance.now(), "one")) this.next = requestAnimationFrame(() => setTimeout(() => this.abort.signal.aborted || this.paint()));
  }

  dispose() {
    this.abort.abort();
    this.plots.dispose();
    this.net.dispose();
  }
}
