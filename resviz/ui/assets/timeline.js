// The live view of a run: play, pause, step and slider over the records as they arrive, and the drawing, where a click
// changes the network during training. Settings are read from the page's address, as in a panel.

import { Address, asides } from "./address.js";
import { Tree } from "./branches.js";
import { withPlotly } from "./charts.js";
import { Onward, Reading, el, fetchMissing, linesOf, newViewer, paragraphs } from "./dom.js";
import { Editor } from "./editor.js";
import { Net } from "./net.js";
import { Plots, SHARED } from "./plots.js";
import { ARMS, Records, withFindings } from "./records.js";
import { Settings } from "./settings.js";
import { ENDED, FOREVER, Stream, ask } from "./stream.js";

const PAINT_MS = 200; // 5 Hz
const PACES = [
  ["as it learns", Infinity],
  ["10 steps/s", 10],
  ["3 steps/s", 3],
  ["1 step/s", 1],
];

export default class Timeline {
  constructor(root) {
    this.root = root;
    this.viewer = newViewer();
    this.address = Address.here();
    this.laid = "";
    this.places = new Map(); // by digest of the run: the step shown, and whether it was playing
    this.settings = new Settings({
      change: (changes, sliding) => this.address.change(changes, sliding),
      to: (query) => this.address.to(query),
      trouble: (words) => {
        this.problem = words;
        this.dirty = true;
      },
      query: () => this.address.query,
    });
    this.abort = new AbortController();
    this.records = new Records();
    this.editor = new Editor(this);
    this.stream = new Stream({
      hear: (state) => this.receive(state),
      wanted: () => this.wanted,
      head: () => this.records.head,
      trouble: (words) => {
        this.problem = words;
        this.dirty = true;
      },
    });
    this.build();
    this.plots = new Plots(
      root,
      () => this.scene(),
      (window) => this.net.drawing.zoom(window ?? this.net.drawing.full),
    );
    document.addEventListener("keydown", (event) => this.onKey(event), { signal: this.abort.signal });
    this.timer = setInterval(() => this.tick(), PAINT_MS);
  }

  build() {
    const button = (label, title, on, cls = "") =>
      el("button", { type: "button", class: `rv-button ${cls}`, title, onclick: on }, label);
    this.play = button("Play", "Play or pause (Space)", () => this.toggle(), "rv-primary");
    this.stepButton = button("Step", "Train one step, then wait (.)", () => this.step());
    this.reset = button("Reset", "Back to the first step (0)", () => this.toStart());
    this.branchButton = button("Branch here", "Go on from this step with other settings (b)", () =>
      this.editor.openForm(),
    );
    this.cancelButton = button("Cancel", "Stop this run for good", () => this.stream.post("cancel"));
    this.again = button("Run again", "Start this run over", () => this.startOver(), "rv-primary");
    this.fetchButton = button(
      "Download",
      "Fetch this data set from the internet",
      () => this.fetchData(),
      "rv-primary",
    );
    this.speed = el(
      "select",
      {
        class: "rv-speed",
        "aria-label": "Speed",
        title: "How fast the picture moves; training itself always goes at full speed",
      },
      ...PACES.map(([label], i) => el("option", { value: i }, label)),
    );
    this.slider = el("input", {
      type: "range",
      min: 1,
      max: 1,
      value: 1,
      class: "rv-slider",
      "aria-label": "Step shown",
      oninput: () => this.scrub(Number(this.slider.value)),
    });
    this.stepLabel = el("span", { class: "rv-step", "aria-live": "off" });
    this.links = el("span", { class: "rv-links" });
    this.status = el("div", { class: "rv-status", role: "status", hidden: true });
    this.treeBox = el("div", { class: "rv-tree", role: "group", "aria-label": "Branches" });
    this.tree = new Tree(this.treeBox, (node) => this.editor.visit(node));
    const netBox = el("div", { class: "rv-netbox" });
    this.net = new Net(netBox, ["residual", "plain"], {
      change: (changes) => this.editor.change(changes),
      undo: () => this.address.undo(),
      redo: () => this.address.redo(),
      repaint: () => {
        this.dirty = true;
        this.tick();
      },
      window: (window) => {
        this.plots.show(window);
        this.dirty = true;
        this.tick();
      },
    });
    this.grid = el("div", { class: "rv-grid" });
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.facts = el("div", { class: "rv-facts" });
    this.findingBox = el(
      "section",
      { class: "rv-card rv-area-finding", "aria-label": "Finding" },
      el("h3", {}, "Finding"),
      this.finding,
      this.facts,
    );
    this.about = el("p", { class: "rv-about" });
    this.asides = el("div", { class: "rv-status rv-trouble", role: "alert", hidden: true });
    this.reading = new Reading("The PyTorch code of exactly these networks");
    this.onward = new Onward();
    this.root.setAttribute("role", "group");
    this.root.replaceChildren(
      this.about,
      this.settings.box,
      this.asides,
      el(
        "div",
        { class: "rv-bar" },
        this.play,
        this.stepButton,
        this.reset,
        this.speed,
        this.slider,
        this.stepLabel,
        this.branchButton,
        this.cancelButton,
        this.fetchButton,
        this.again,
        this.links,
      ),
      this.treeBox,
      this.status,
      netBox,
      this.grid,
      this.onward.box,
      this.reading.box,
    );
  }

  show(page) {
    const first = !this.page;
    this.page ??= page;
    withPlotly(page.plotly, this.root, (lib) => {
      this.plots.lib = lib;
      this.dirty = true;
      this.tick();
    });
    this.plots.readTheme();
    this.dirty = true;
    this.root.setAttribute("aria-label", page.name);
    if (first) this.address.join(this);
    else this.address.look();
  }

  // ---- settings, as in the main panel of a page ----

  async request(query, body) {
    return ask(
      `${this.page.url}?viewer=${this.viewer}&have=${this.run?.digest ?? ""}&laid=${this.laid}${query && `&${query}`}`,
      body,
    );
  }

  take(state, settled) {
    const { problems } = state;
    if (problems.length || state.changed || state.trouble || !this.noted) this.note(asides(state));
    this.noted = problems.length > 0;
    if (state.rows) {
      this.laid = state.laid;
      this.settings.lay(state.rows);
    }
    if (settled) this.settings.show(state.values, state.said);
    this.about.textContent = state.about;
    this.onward.show(this.page.onward, state.onward);
    if (!state.run) return;
    const shape = JSON.stringify([state.figures, state.network]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.arrange(this.plots.make(state.figures));
      this.net.show(state.network);
      this.editor.begin(state.fields);
    }
    if (state.run.digest !== this.run?.digest)
      this.go(state.run, this.places.get(state.run.digest) ?? { playing: true });
  }

  declined(words) {
    this.note([words]);
    if (this.settings.values) this.settings.show(this.settings.values, this.settings.said);
  }

  trouble(words) {
    this.note([words]);
  }

  note(lines) {
    this.asides.replaceChildren(...linesOf(lines).map((line) => el("span", { class: "rv-line-of" }, line)));
    this.asides.hidden = !this.asides.firstChild;
  }

  // The promise of pending clicks: undo waits for it.
  get acting() {
    return this.editor.chain;
  }

  arrange([hero, activations, ...rest]) {
    hero.box
      .querySelector("h3")
      .append(
        el(
          "div",
          { class: "rv-legend", "aria-hidden": "true" },
          ...ARMS.map((arm) => el("span", { class: `rv-${arm}` }, arm)),
        ),
      );
    this.grid.replaceChildren(
      hero.box,
      activations.box,
      rest[0].box,
      rest[1].box,
      this.findingBox,
      el("div", { class: "rv-more" }, ...rest.slice(2).map((c) => c.box)),
    );
  }

  // Show another run of the same networks, from step `from`; with `playing`, it runs to the end.
  go(run, { playing, preview, finding, from = 1 }) {
    if (this.run) this.places.set(this.run.digest, { from: this.cursor, playing: this.playing });
    this.run = run;
    const kept = this.editor.shelf.get(run.digest);
    this.records = kept?.records ?? new Records(preview);
    this.findings = kept?.findings ?? (finding ? [{ step: 1, text: finding }] : []);
    this.headInfo = kept?.head ?? { status: "paused", steps: run.steps, message: "", position: 0 };
    this.editor.keep();
    this.findingText = undefined;
    this.problem = "";
    this.fromStore = undefined;
    this.playing = playing;
    this.position = this.cursor = this.from = Math.max(1, from);
    this.slider.max = run.steps;
    this.links.replaceChildren(
      el(
        "button",
        {
          type: "button",
          class: "rv-link",
          title: "Copy the link to exactly this experiment",
          onclick: (e) => this.copyLink(e.target),
        },
        "Link",
      ),
      " · ",
      el(
        "a",
        {
          class: "rv-link",
          href: `runs/${run.digest}/records.csv`,
          download: true,
          title: "All numbers of this run as CSV",
        },
        "Data",
      ),
      " · ",
      el(
        "a",
        {
          class: "rv-link",
          href: `runs/${run.digest}/script.py`,
          download: true,
          title: "These networks as one PyTorch file that runs alone",
        },
        "Code",
      ),
    );
    this.reading.show(`runs/${run.digest}/script.py`);
    this.pattern();
    this.stream.open(run.digest);
    this.editor.fetchLineage();
    this.dirty = true;
    this.tick("hero"); // first the main figure, to answer the click; the aligned figures in the next frame
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (!this.abort.signal.aborted) this.tick("aligned");
      }),
    );
  }

  // ---- the stream ----

  get pace() {
    return PACES[Number(this.speed.value)][1];
  }

  // Whether the view always shows the newest step.
  get atOnce() {
    return this.pace === Infinity;
  }

  get live() {
    return this.playing && !ENDED.includes(this.headInfo.status);
  }

  // The step that the run should reach: 0 before training, where the preview is enough.
  get wanted() {
    return this.playing ? FOREVER : this.records.preview && this.cursor <= 1 ? 0 : Math.max(this.cursor, 1);
  }

  receive(state) {
    if (state.digest !== this.run.digest) return;
    const { records, from, ...head } = state;
    if (this.problem?.startsWith("The server does not answer")) this.problem = "";
    if (from > this.records.head) return this.stream.open(this.run.digest); // a gap: request again from the last record
    this.fromStore ??= head.status === "finished";
    if (this.fromStore && this.cursor === 1 && this.playing) {
      this.position = head.steps;
      this.playing = false;
    }
    const waiting = !this.records.head || this.records.head === this.run.lineage.at(-1).at;
    this.records.append(from, records);
    this.findings = withFindings(this.findings, from, records);
    this.headInfo = head;
    if (this.fromStore && !this.playing) this.cursor = this.clamp(this.position);
    if (ENDED.includes(head.status)) this.stream.close();
    this.editor.keep();
    this.dirty = true;
    if (waiting && records.length) this.tick("all"); // show the first answer to a click at once, without waiting for the timer
  }

  // Start a failed or cancelled run again from its first step, and play, since the view pauses when a run ends.
  async startOver() {
    await this.stream.post("restart");
    this.headInfo = { ...this.headInfo, status: "paused" }; // the earlier attempt's end must not stop this one
    this.position = this.cursor = 1;
    this.playing = true;
    this.stream.open(this.run.digest);
  }

  // Fetch the missing data set, then start the run over.
  async fetchData() {
    const tell = (words) => {
      this.fetching = words;
      this.dirty = true;
    };
    try {
      await fetchMissing(this.headInfo.missing, tell, this.abort.signal);
    } catch (error) {
      this.headInfo.message = error.message;
      return;
    } finally {
      tell("");
    }
    if (!this.abort.signal.aborted) return this.startOver();
  }

  // Tell the server that the wanted step has changed; when polling, the next request tells it.
  wish() {
    if (this.stream.listening && !ENDED.includes(this.headInfo.status))
      this.stream.post("want", `&until=${this.wanted}`);
    this.dirty = true;
    this.tick();
  }

  // ---- controls ----

  clamp(step) {
    return Math.max(1, Math.min(Math.floor(step), Math.max(1, this.records.head)));
  }

  toggle() {
    if (!this.playing && this.cursor >= this.lastStep && ENDED.includes(this.headInfo.status)) this.position = 1;
    this.playing = !this.playing;
    this.then = performance.now();
    if (this.playing && this.fromStore && this.speed.value === "0") this.speed.value = "1"; // replay a stored run
    this.wish();
  }

  get lastStep() {
    return ENDED.includes(this.headInfo.status) ? this.records.head : this.headInfo.steps;
  }

  step(by = 1) {
    this.playing = false;
    this.position = Math.max(1, Math.min(this.cursor + by, this.lastStep));
    this.cursor = this.position; // may be ahead of the records until they arrive
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
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (
      target.closest?.(
        "input, select, textarea, button, a, summary, [role=combobox], [role=slider], [role=switch], dialog, [contenteditable=true]",
      ) &&
      !(target === this.slider && event.key !== " " && event.key !== ".")
    ) {
      if (event.key !== "." || target.closest("input, textarea")) return;
    }
    const act = {
      " ": () => this.toggle(),
      ".": () => this.step(1),
      ",": () => this.step(-1),
      0: () => this.toStart(),
      b: () => this.editor.openForm(),
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  async copyLink(button) {
    const link = new URL(location.href);
    link.search = this.run.query;
    try {
      await navigator.clipboard.writeText(link.href);
      button.textContent = "Copied";
    } catch {
      // no clipboard without https: show it, selected, to be copied by hand
      window.prompt("The link to this experiment", link.href);
    }
    setTimeout(() => {
      button.textContent = "Link";
    }, 1500);
  }

  // ---- painting ----

  // `urgent` is as in Plots.paint, set right after a click or when its answer arrives.
  tick(urgent = "") {
    if (!this.run) return;
    const now = performance.now();
    if (this.playing) {
      const { pace: speed } = this;
      const before = this.position;
      this.position = Math.min(
        this.records.head,
        speed === Infinity ? Infinity : before + (speed * (now - (this.then ?? now))) / 1000,
      );
      this.position = Math.max(1, this.position);
      const cursor = this.clamp(this.position);
      if (cursor !== this.cursor) {
        this.cursor = cursor;
        this.dirty = true;
      }
      if (ENDED.includes(this.headInfo.status) && this.cursor >= this.records.head && this.records.head) {
        this.playing = false;
        this.dirty = true;
      }
    }
    this.then = now;
    if (document.hidden) return;
    // While live, update words and slider only at every second tick: training needs the processor.
    this.even = !this.even;
    if (this.dirty && (this.even || !this.live)) {
      this.paintWords();
      this.dirty = false;
    }
    // Update colours about once a second during training on a machine with few cores; otherwise at every tick.
    if (this.records.any && (!this.live || !SHARED || urgent || now - (this.coloured ?? 0) > 900)) {
      this.coloured = now;
      this.net.paint(this.records, this.cursor);
    }
    this.plots.paint(now, urgent);
  }

  // Return what the figures show, as Plots expects it.
  scene() {
    const ghosts = this.editor.ghosts();
    const forks = [
      ...new Set([...this.run.lineage.slice(1).map((node) => node.at), ...ghosts.map((g) => g.from)]),
    ].filter((step) => step > 1);
    return { records: this.records, cursor: this.cursor, steps: this.run.steps, live: this.live, ghosts, forks };
  }

  // The settings in force at the step shown; at the newest step, those of the next step.
  inForce() {
    const { segments } = this.run;
    const step = this.cursor >= this.records.head ? this.cursor + 1 : this.cursor;
    return segments.findLast((segment) => segment.after < step) ?? segments[0];
  }

  // Update the drawing to the cuts and removals at the step shown, unless a click is still being processed.
  pattern() {
    if (this.editor.waiting) return;
    const { cut, remove } = this.inForce();
    this.net.set(cut, remove);
  }

  paintWords() {
    const { headInfo: head, cursor } = this;
    const total = head.steps,
      over = ENDED.includes(head.status);
    const put = (node, text) => {
      if (node.textContent !== text) node.textContent = text;
    };
    this.pattern();
    this.net.say(this.editor.caption);
    this.net.history(this.address.done.length, this.address.undone.length);
    this.tree.show(this.editor.nodes(), this.run.digest, head.steps, this.slider);
    put(this.play, this.playing ? "Pause" : "Play");
    this.play.setAttribute("aria-pressed", String(this.playing));
    if (this.slider.valueAsNumber !== cursor) this.slider.value = cursor;
    let where = `step ${cursor} of ${total}`;
    if (head.status === "queued" && head.position)
      where = `${head.position} ${head.position === 1 ? "run goes" : "runs go"} first`;
    else if (!this.records.head)
      where = over ? "no step yet" : this.records.preview && !this.playing ? "before training" : "warming up …";
    put(this.stepLabel, where);
    // Hidden with `visibility`, so that the bar's layout does not move when a run ends.
    this.cancelButton.style.visibility = head.status === "queued" || head.status === "running" ? "" : "hidden";
    this.again.hidden = this.fetching || (head.status !== "failed" && head.status !== "cancelled");
    this.cancelButton.hidden = this.fromStore || !this.again.hidden;
    this.fetchButton.hidden = !head.missing || this.fetching;
    this.play.hidden = !this.again.hidden && !this.records.head;
    let words = head.message;
    if (this.fetching) words = this.fetching;
    else if (this.problem) words = this.problem;
    else if (head.broken) words = head.broken;
    put(this.status, words);
    this.status.hidden = !words;
    this.status.classList.toggle("rv-trouble", head.status === "failed" || Boolean(this.problem || head.broken));

    let found;
    for (const f of this.findings) {
      if (f.step > cursor) break;
      found = f;
    }
    const text = found?.text ?? "";
    if (this.findingText !== text) {
      this.findingText = text;
      this.finding.replaceChildren(...paragraphs(text));
    }
    const device = { cpu: "CPU", cuda: "NVIDIA GPU", mps: "Apple GPU" }[head.device] ?? head.device;
    const facts = [head.device === "auto" ? "" : device];
    if (head.arms) {
      const { residual, plain } = head.arms;
      facts.push(
        residual.params === plain.params
          ? `${plain.params.toLocaleString("en")} weights each`
          : `${residual.params.toLocaleString("en")} and ${plain.params.toLocaleString("en")} weights`,
      );
      facts.push(
        residual.checksum === plain.checksum ? `same start ✓ ${plain.checksum.slice(0, 6)}` : "different starts",
      );
    }
    if (head.seconds) facts.push(`${head.seconds.toFixed(1)} s of training`);
    if (head.viewers > 1) facts.push(`${head.viewers} watching`);
    put(this.facts, facts.filter(Boolean).join(" · "));
  }

  dispose() {
    this.stream.dispose();
    clearInterval(this.timer);
    this.abort.abort();
    this.address.leave(this);
    for (const part of Object.values(this.settings.parts)) part.dispose?.();
    this.plots.dispose();
    this.net.dispose();
  }
}
