// The live view of a run: play, pause, step and slider over records that arrive by event stream, and plotly figures
// that repaint in place. Read after records.js and dom.js, as one module (resviz/ui/live.py).

const ENDED = ["finished", "failed", "cancelled"];
const FOREVER = 1e9;
const PAINT_MS = 200;        // 5 Hz
const HEATMAP_MS = 1000;     // a heatmap's pixels change little from step to step, and cost the most
const WHOLE_MS = 4000;      // while live, how long a figure lives on quick updates before plotly draws all of it
const POLL_MS = 1000;
const SHARED = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
const SPEEDS = [["as it learns", Infinity], ["10 steps/s", 10], ["3 steps/s", 3], ["1 step/s", 1]];

// ---- the view --------------------------------------------------------------------------------------------------

class View {
  constructor(root) {
    this.root = root;
    this.viewer = crypto.randomUUID?.() ?? String(Math.random());
    this.abort = new AbortController();
    this.cards = [];
    this.build();
    document.addEventListener("keydown", (event) => this.onKey(event), { signal: this.abort.signal });
    this.timer = setInterval(() => this.tick(), PAINT_MS);
    this.seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const card = this.cards.find((c) => c.box === entry.target);
        if (card) Object.assign(card, { visible: entry.isIntersecting, most: entry.intersectionRatio > 0.35 });
      }
    }, { threshold: [0, 0.35] });
  }

  build() {
    const button = (label, title, on, cls = "") =>
      el("button", { type: "button", class: `rv-button ${cls}`, title, onclick: on }, label);
    this.play = button("Play", "Play or pause (Space)", () => this.toggle(), "rv-primary");
    this.stepButton = button("Step", "Train one step, then wait (.)", () => this.step());
    this.reset = button("Reset", "Back to the first step (0)", () => this.toStart());
    this.cancelButton = button("Cancel", "Stop this run for good", () => this.post("cancel"));
    this.again = button("Run again", "Start this run over", () => this.startOver(), "rv-primary");
    this.fetchButton = button("Download", "Fetch this data set from the internet", () => this.fetchData(), "rv-primary");
    this.speed = el("select", { class: "rv-speed", "aria-label": "Speed", title: "How fast the picture moves; training itself always goes at full speed" },
      ...SPEEDS.map(([label], i) => el("option", { value: i }, label)));
    this.slider = el("input", { type: "range", min: 1, max: 1, value: 1, class: "rv-slider", "aria-label": "Step shown",
      oninput: () => this.scrub(Number(this.slider.value)) });
    this.stepLabel = el("span", { class: "rv-step", "aria-live": "off" });
    this.links = el("span", { class: "rv-links" });
    this.status = el("div", { class: "rv-status", role: "status" });
    this.grid = el("div", { class: "rv-grid" });
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.facts = el("div", { class: "rv-facts" });
    this.findingBox = el("section", { class: "rv-card rv-area-finding", "aria-label": "Finding" },
      el("h3", {}, "Finding"), this.finding, this.facts);
    this.root.replaceChildren(
      el("div", { class: "rv-bar" }, this.play, this.stepButton, this.reset, this.speed, this.slider, this.stepLabel,
        this.cancelButton, this.fetchButton, this.again, this.links),
      this.status, this.grid);
  }

  // A new run, or the same one described anew by a rerun of the page.
  show(data) {
    const same = this.data?.digest === data.digest;
    this.data = data;
    loadPlotly(data.plotly).then((lib) => { this.lib = lib; this.dirty = true; this.tick(); },
      () => { this.problem = "The drawing library did not load. Reload the page."; });
    if (same) { this.readTheme(); return; }
    this.records = new Records();
    this.findings = [];
    this.cursor = 1;
    this.position = 1;
    this.playing = true;
    this.fromStore = undefined;
    this.headInfo = { status: "paused", steps: data.steps, message: "", position: 0 };
    this.slider.max = data.steps;
    this.links.replaceChildren(
      el("button", { type: "button", class: "rv-link", title: "Copy the link to exactly this experiment", onclick: (e) => this.copyLink(e.target) }, "Link"), " · ",
      el("a", { class: "rv-link", href: `runs/${data.digest}/records.csv`, download: true, title: "All numbers of this run as CSV" }, "Data"), " · ",
      el("a", { class: "rv-link", href: `runs/${data.digest}/script.py`, download: true, title: "These networks as one PyTorch file that runs alone" }, "Code"));
    this.makeCards(JSON.parse(data.figures));
    this.readTheme();
    this.open(0);
  }

  makeCards(figures) {
    for (const card of this.cards) { this.seen.unobserve(card.box); if (this.lib) this.lib.purge(card.plot); }
    this.cards = figures.map((template) => {
      const plot = el("div", { class: "rv-plot", role: "img", "aria-label": template.title });
      const table = el("div", { class: "rv-table" });
      const details = el("details", { class: "rv-data" }, el("summary", { title: "These numbers as a table" }, "table"), table);
      const box = el("section", { class: `rv-card rv-area-${template.id}`, "aria-label": template.title },
        el("h3", {}, template.title, el("small", {}, template.note), details), plot);
      const card = { template, plot, box, table, details, visible: true, painted: 0, key: "" };
      box.addEventListener("pointerenter", () => { card.hovered = true; });
      box.addEventListener("pointerleave", () => { card.hovered = false; });
      details.addEventListener("toggle", () => this.fillTable(card));
      return card;
    });
    const [hero, ...rest] = this.cards;
    hero.box.querySelector("h3").append(
      el("div", { class: "rv-legend", "aria-hidden": "true" }, ...ARMS.map((arm) => el("span", { class: `rv-${arm}` }, arm))));
    this.grid.replaceChildren(
      hero.box, rest[0].box, rest[1].box, this.findingBox,
      el("div", { class: "rv-more" }, ...rest.slice(2).map((c) => c.box)));
    for (const card of this.cards) this.seen.observe(card.box);
  }

  // ---- the stream ----

  get live() { return this.playing && !ENDED.includes(this.headInfo.status); }

  get wanted() { return this.playing ? FOREVER : Math.max(this.cursor, 1); }

  url(what, extra = "") {
    return `runs/${this.data.digest}/${what}?viewer=${this.viewer}${extra}`;
  }

  open(from) {
    this.close();
    if (this.polling) return this.poll();
    const query = `&from=${from}&until=${this.wanted}`;
    const stream = this.stream = new EventSource(this.url("events", query));
    stream.onmessage = (event) => { this.streamed = true; this.receive(JSON.parse(event.data)); };
    stream.onerror = () => {
      if (this.stream !== stream) return;
      stream.close();
      // A stream that never spoke will not; one that did is worth another try.
      if (!this.streamed) this.polling = true;
      this.retry = setTimeout(() => this.open(this.records.head), this.streamed ? 1000 : 0);
      this.streamed = false;
    };
    this.patience = setTimeout(() => { if (!this.streamed && this.stream === stream) stream.onerror(); }, 6000);
  }

  async poll() {
    try {
      const answer = await fetch(this.url("records", `&from=${this.records.head}&until=${this.wanted}`), { signal: this.abort.signal });
      if (!answer.ok) throw new Error(await answer.text());
      this.problem = "";
      this.receive(await answer.json());
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.problem = "The server does not answer; trying again.";
      this.dirty = true;
    }
    if (!ENDED.includes(this.headInfo.status)) this.retry = setTimeout(() => this.poll(), POLL_MS);
  }

  close() {
    this.stream?.close();
    this.stream = undefined;
    clearTimeout(this.retry);
    clearTimeout(this.patience);
  }

  receive(state) {
    if (state.digest !== this.data.digest) return;
    const { records, from, ...head } = state;
    if (from > this.records.head) return this.open(this.records.head); // a gap: ask again from where we are
    this.fromStore ??= head.status === "finished";
    if (this.fromStore && this.cursor === 1 && this.playing) { this.position = head.steps; this.playing = false; }
    this.records.append(from, records);
    this.findings = this.findings.filter((f) => f.step <= from);
    for (const r of records) if (r.finding) this.findings.push({ step: r.step, text: r.finding });
    this.headInfo = head;
    if (this.fromStore && !this.playing) this.cursor = this.clamp(this.position);
    if (ENDED.includes(head.status)) this.close();
    this.dirty = true;
  }

  post(what, extra = "") {
    return fetch(this.url(what, extra), { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
  }

  // A failed or cancelled run again from its first step, playing: a run that has ended leaves the view paused.
  async startOver() {
    await this.post("restart");
    this.position = this.cursor = 1;
    this.playing = true;
    this.open(0);
  }

  // Fetch the missing data set, then start the run over.
  async fetchData() {
    const url = `data/${this.headInfo.missing}`;
    let answer = await fetch(url, { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
    for (;;) {
      const item = answer?.ok ? await answer.json() : { state: "failed", message: "The server does not answer." };
      const mb = (bytes) => (bytes / 1e6).toFixed(1);
      this.fetching = item.state === "running" ? `Downloading: ${mb(item.done)}${item.total ? ` of ${mb(item.total)}` : ""} MB` : "";
      this.dirty = true;
      if (item.state === "done") return this.startOver();
      if (item.state === "failed") { this.headInfo.message = item.message; return; }
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (this.abort.signal.aborted) return;
      answer = await fetch(url).catch(() => undefined);
    }
  }

  // How far we want the run to go has changed: tell the server, by whichever way we listen.
  wish() {
    if (this.stream && !ENDED.includes(this.headInfo.status)) this.post("want", `&until=${this.wanted}`);
    this.dirty = true;
    this.tick();
  }

  // ---- controls ----

  clamp(step) { return Math.max(1, Math.min(Math.floor(step), Math.max(1, this.records.head))); }

  toggle() {
    if (!this.playing && this.cursor >= this.lastStep && ENDED.includes(this.headInfo.status)) this.position = 1;
    this.playing = !this.playing;
    this.then = performance.now();
    if (this.playing && this.fromStore && this.speed.value === "0") this.speed.value = "1"; // a kept run is replayed
    this.wish();
  }

  get lastStep() { return ENDED.includes(this.headInfo.status) ? this.records.head : this.headInfo.steps; }

  step(by = 1) {
    this.playing = false;
    this.position = Math.max(1, Math.min(this.cursor + by, this.lastStep));
    this.cursor = this.position; // may be ahead of the records for a moment: the picture follows when they are there
    this.wish();
  }

  toStart() {
    this.playing = false;
    this.position = this.cursor = 1;
    this.wish();
  }

  scrub(step) {
    this.playing = false;
    this.position = this.cursor = this.clamp(step);
    this.wish();
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (target.closest?.("input, select, textarea, button, a, summary, [role=combobox], [role=slider], [contenteditable=true]")
      && !(target === this.slider && event.key !== " " && event.key !== ".")) {
      if (event.key !== "." || target.closest("input, textarea")) return;
    }
    const act = { " ": () => this.toggle(), ".": () => this.step(1), ",": () => this.step(-1), "0": () => this.toStart() }[event.key];
    if (act) { event.preventDefault(); act(); }
  }

  async copyLink(button) {
    const link = new URL(location.href);
    link.search = this.data.query;
    try {
      await navigator.clipboard.writeText(link.href);
      button.textContent = "Copied";
    } catch { // no clipboard without https: show it, selected, to be copied by hand
      window.prompt("The link to this experiment", link.href);
    }
    setTimeout(() => { button.textContent = "Link"; }, 1500);
  }

  // ---- painting ----

  tick() {
    if (!this.data) return;
    const now = performance.now();
    if (this.playing) {
      const speed = SPEEDS[Number(this.speed.value)][1];
      const before = this.position;
      this.position = Math.min(this.records.head, speed === Infinity ? Infinity : before + speed * (now - (this.then ?? now)) / 1000);
      this.position = Math.max(1, this.position);
      const cursor = this.clamp(this.position);
      if (cursor !== this.cursor) { this.cursor = cursor; this.dirty = true; }
      if (ENDED.includes(this.headInfo.status) && this.cursor >= this.records.head && this.records.head) {
        this.playing = false;
        this.dirty = true;
      }
    }
    this.then = now;
    if (document.hidden) return;
    // While live every second time is enough for words and slider: the processor is wanted for learning.
    this.even = !this.even;
    if (this.dirty && (this.even || !this.live)) {
      this.paintWords();
      this.dirty = false;
    }
    this.paintFigures(now);
  }

  paintWords() {
    const { headInfo: head, cursor } = this;
    const total = head.steps, over = ENDED.includes(head.status);
    const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
    put(this.play, this.playing ? "Pause" : "Play");
    this.play.setAttribute("aria-pressed", String(this.playing));
    if (this.slider.valueAsNumber !== cursor) this.slider.value = cursor;
    let where = `step ${cursor} of ${total}`;
    if (head.status === "queued" && head.position) where = `${head.position} ${head.position === 1 ? "run goes" : "runs go"} first`;
    else if (!this.records.head) where = over ? "no step yet" : "warming up …";
    put(this.stepLabel, where);
    // Made invisible, not taken away: the bar must not move when a run ends.
    this.cancelButton.style.visibility = head.status === "queued" || head.status === "running" ? "" : "hidden";
    this.cancelButton.hidden = this.fromStore || !this.again.hidden;
    this.fetchButton.hidden = !head.missing || this.fetching;
    this.again.hidden = this.fetching || head.status !== "failed" && head.status !== "cancelled";
    this.play.hidden = !this.again.hidden && !this.records.head;
    let words = head.message || unreadableLink();
    if (this.fetching) words = this.fetching;
    else if (this.problem) words = this.problem;
    else if (head.broken) words = head.broken;
    put(this.status, words);
    this.status.hidden = !words;
    this.status.classList.toggle("rv-trouble", head.status === "failed" || Boolean(this.problem || head.broken));

    let found;
    for (const f of this.findings) { if (f.step > cursor) break; found = f; }
    const text = found?.text ?? "";
    if (this.findingText !== text) {
      this.findingText = text;
      this.finding.replaceChildren(...text.split("\n\n").filter(Boolean).map((p) => el("p", {}, p)));
    }
    const device = { cpu: "CPU", cuda: "NVIDIA GPU", mps: "Apple GPU" }[head.device] ?? head.device;
    const facts = [head.device === "auto" ? "" : device];
    if (head.arms) {
      const { residual, plain } = head.arms;
      facts.push(residual.params === plain.params ? `${plain.params.toLocaleString("en")} weights each`
        : `${residual.params.toLocaleString("en")} and ${plain.params.toLocaleString("en")} weights`);
      facts.push(residual.checksum === plain.checksum ? `same start ✓ ${plain.checksum.slice(0, 6)}` : "different starts");
    }
    if (head.seconds) facts.push(`${head.seconds.toFixed(1)} s of training`);
    if (head.viewers > 1) facts.push(`${head.viewers} watching`);
    put(this.facts, facts.filter(Boolean).join(" · "));
  }

  paintFigures(now) {
    if (!this.lib || !this.records.head) return;
    const cursor = Math.min(this.cursor, this.records.head);
    const { live } = this;
    // Where browser and training share a machine, figures take turns: each redrawn at every second tick.
    const turn = live && SHARED ? (this.turn = 1 - (this.turn ?? 0)) : undefined;
    for (const [index, card] of this.cards.entries()) {
      if (turn !== undefined && index % 2 !== turn) continue;
      const { bind, type } = card.template.figure.data[0];
      // A figure changes only when what it shows has been measured again: most steps measure no test accuracy.
      const key = `${this.records.newest(bind.name, cursor)} ${this.themeKey}`;
      if (card.key === key) card.shown = cursor;
      if (!card.visible || card.key === key) continue;
      if (type === "heatmap" && live && (!card.most || now - card.painted < HEATMAP_MS)) continue;
      const whole = !live || card.hovered || now - card.painted > WHOLE_MS;
      card.key = key;
      card.shown = cursor;
      if (!whole && this.extend(card, cursor)) continue;
      card.painted = now;
      this.paint(card, cursor);
    }
  }

  // The quick way while a run is live: put new points into the lines that plotly has drawn, by its own axes. A whole
  // repaint costs twenty times as much, and the networks that learn beside this browser would wait for it; it follows
  // soon after, for what hangs on the points (hover). False where the quick way would not draw the same picture.
  extend(card, cursor) {
    const { template, plot } = card;
    const { xaxis, yaxis } = plot._fullLayout ?? {};
    const lines = plot.querySelectorAll(".scatterlayer .trace .js-line");
    if (!xaxis?.c2p || template.figure.data.some((t) => t.marker) || lines.length !== template.figure.data.length || card.details.open) return false;
    const span = template.decades && this.records.decades(template.decades, cursor);
    if (span && String(span) !== card.span) return false;
    const paths = [];
    for (const { bind } of template.figure.data) {
      const { x, y } = fillTrace(bind, this.records, cursor);
      const inside = span || !yaxis.autorange || y.every((v) => v <= yaxis.range[1]);
      if (!x.length || !inside || y.some((v) => v == null || (span && v <= 0))) return false;
      paths.push({ x, y, d: "M" + x.map((v, i) => `${xaxis.c2p(v).toFixed(1)},${yaxis.c2p(y[i]).toFixed(1)}`).join("L") });
    }
    paths.forEach(({ x, y, d }, i) => {
      if (lines[i].getAttribute("d") !== d) lines[i].setAttribute("d", d);
      Object.assign(plot.data[i], { x, y });
    });
    return true;
  }

  paint(card, cursor) {
    const { template } = card;
    const span = template.decades && this.records.decades(template.decades, cursor);
    const data = template.figure.data.map(({ bind, ...trace }) => {
      const filled = { ...this.themed(trace), ...fillTrace(bind, this.records, cursor) };
      if (span && trace.type === "heatmap") Object.assign(filled, { zmin: span[0], zmax: span[1] });
      return filled;
    });
    const layout = this.themed(template.figure.layout);
    if (span && layout.yaxis.type === "log") Object.assign(layout.yaxis, { range: span, dtick: Math.ceil((span[1] - span[0]) / 6) });
    layout.autosize = true;
    this.lib.react(card.plot, data, layout, { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: "reset" });
    card.span = String(span);
    if (card.details.open) this.fillTable(card);
  }

  fillTable(card) {
    if (!card.details.open || !this.records.head) return;
    const traces = card.template.figure.data.map((t) => ({ name: t.name, ...fillTrace(t.bind, this.records, this.cursor) }));
    const number = (v) => (v == null ? "–" : String(Number(Number(v).toPrecision(4))));
    let header, rows;
    if (traces[0].z) {
      header = ["step", ...traces[0].y.map((l) => `layer ${l}`)];
      rows = traces[0].x.map((s, i) => [s, ...traces[0].z.map((line) => (line[i] == null ? "–" : number(10 ** line[i])))]);
    } else {
      const all = [...new Set(traces.flatMap((t) => t.x))].sort((a, b) => a - b);
      const maps = traces.map((t) => new Map(t.x.map((x, i) => [x, t.y[i]])));
      header = [card.template.figure.layout.xaxis.title.text.split(",")[0], ...traces.map((t) => t.name)];
      rows = all.map((x) => [x, ...maps.map((m) => number(m.get(x)))]);
    }
    card.table.replaceChildren(el("table", {},
      el("thead", {}, el("tr", {}, ...header.map((h) => el("th", { scope: "col" }, h)))),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((c, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, String(c))))))));
  }

  readTheme() {
    const style = getComputedStyle(this.root);
    this.theme = {};
    for (const role of ["--st-text-color", "--rv-faint", "--rv-grid"]) this.theme[role] = style.getPropertyValue(role).trim();
    const probe = el("i");
    this.root.append(probe);
    for (const role in this.theme) { // plotly reads rgb, not color-mix
      probe.style.color = `var(${role})`;
      this.theme[role] = toRgb(getComputedStyle(probe).color);
    }
    probe.remove();
    this.theme.font = style.fontFamily;
    this.themeKey = JSON.stringify(this.theme);
    this.dirty = true;
  }

  themed(value) {
    if (typeof value === "string") return this.theme[value] ?? value;
    if (Array.isArray(value)) return value.map((v) => this.themed(v));
    if (value && typeof value === "object") {
      const out = {};
      for (const key in value) out[key] = this.themed(value[key]);
      if ("paper_bgcolor" in out) out.font.family = this.theme.font;
      return out;
    }
    return value;
  }

  dispose() {
    this.close();
    clearInterval(this.timer);
    this.abort.abort();
    this.seen.disconnect();
    if (this.lib) for (const card of this.cards) this.lib.purge(card.plot);
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".rv-live");
  root.view ??= new View(root);
  const view = root.view;
  clearTimeout(view.farewell);
  view.show(data);
  window.resviz = view; // for the console, and for tests
  return () => { view.farewell = setTimeout(() => { view.dispose(); root.view = undefined; }, 0); };
}
