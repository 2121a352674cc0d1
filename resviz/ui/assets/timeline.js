// The live view of a run: play, pause, step and slider over the records as they arrive, and the drawing, where a click
// changes the network during training. Settings are read from the page's address, as in a panel.

import { placeOf } from "./absence.js";
import { Address, asides, lasting } from "./address.js";
import { arrivalOf } from "./arrival.js";
import { ask, newViewer } from "./ask.js";
import { Bar } from "./bar.js";
import { Tree } from "./branches.js";
import { withPlotly } from "./charts.js";
import { el, linesOf } from "./dom.js";
import { Editor } from "./editor.js";
import { Feed } from "./feed.js";
import { Net } from "./net.js";
import { Onward } from "./onward.js";
import { Playhead } from "./playhead.js";
import { Plots, SHARED } from "./plots.js";
import { whenPrinted } from "./print.js";
import { Reading } from "./reading.js";
import { ARMS, Records } from "./records.js";
import { RunWords } from "./runwords.js";
import { Scores } from "./scores.js";
import { Settings } from "./settings.js";

/** @import {Arrival} from "./arrival.js" */

const PAINT_MS = 200; // 5 Hz
const COLOUR_MS = 900; // least time between two updates of the colours during training on a machine with few cores

/** The view that mount.js makes of a run. */
export default class Timeline {
  viewer = newViewer();
  address = Address.here();
  abort = new AbortController();
  playhead = new Playhead();
  feed = new Feed(this.playhead, this.abort.signal, {
    changed: () => {
      this.dirty = true;
    },
    heard: (first) => this.heard(first),
    lost: () => this.address.begin(),
  });
  editor = new Editor(this);
  words = new RunWords();
  reading = new Reading("The PyTorch code of exactly these networks");
  onward = new Onward();
  /** @type {Payload.Page | undefined} */
  page = undefined;
  /** Of runs seen before, by digest: the step shown, and whether it was playing. @type {Map<string, Arrival>} */
  places = new Map();
  laid = ""; // the settings that are laid out
  noted = false; // problems of the settings are on the screen
  shape = ""; // the figures and the network on the screen
  counted = ""; // what the scores count
  dirty = false; // words or controls are to be updated
  even = false; // every second tick
  coloured = 0; // when the blocks were coloured last

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.settings = new Settings({
      change: (changes, sliding) => this.address.change(changes, sliding),
      to: (query) => this.address.to(query),
      trouble: (words) => this.feed.complain(words),
      query: () => this.address.query,
    });
    this.bar = new Bar({
      toggle: () => this.toggle(),
      step: (by) => this.step(by),
      toStart: () => this.scrub(1),
      scrub: (step) => this.scrub(step),
      branch: () => this.editor.openForm(),
      cancel: () => this.feed.stream.post("cancel"),
      startOver: () => this.feed.startOver(),
      fetchData: () => this.feed.fetchData(),
    });
    this.about = el("p", { class: "rv-about" });
    this.asides = el("div", { class: "rv-status rv-trouble", role: "alert", hidden: true });
    this.grid = el("div", { class: "rv-grid" });
    const tree = el("div", { class: "rv-tree", role: "group", "aria-label": "Branches" });
    this.tree = new Tree(tree, (node) => this.editor.visit(node));
    const net = el("div", { class: "rv-netbox" });
    this.net = this.drawIn(net);
    this.scores = new Scores();
    root.setAttribute("role", "group");
    root.replaceChildren(
      this.about,
      this.settings.box,
      this.bar.box,
      el("div", { class: "rv-top" }, net, this.scores.box),
      this.asides, // from here on may move what is below: nothing above the drawing does
      this.words.status,
      tree,
      this.grid,
      this.onward.box,
      this.reading.box,
    );
    this.plots = new Plots(
      root,
      () => this.scene(),
      (layers) => this.net.drawing.zoom(layers),
    );
    whenPrinted(root, () => this.plots.repaint(), this.abort.signal);
    document.addEventListener("keydown", (event) => this.bar.onKey(event), { signal: this.abort.signal });
    this.timer = setInterval(() => this.tick(), PAINT_MS);
  }

  /** @param {HTMLElement} box */
  drawIn(box) {
    const repaint = () => {
      this.dirty = true;
      this.tick();
    };
    return new Net(box, ARMS, {
      change: (changes) => this.editor.change(changes),
      undo: () => this.address.undo(),
      redo: () => this.address.redo(),
      repaint,
      window: (layers) => {
        this.plots.show(layers);
        repaint();
      },
    });
  }

  /**
   * Called each time the page runs.
   * @param {Payload.Page} page
   */
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

  /**
   * @param {string} query
   * @param {{ changes: Payload.Changes[], anew: boolean }} body
   * @returns {Promise<Payload.State>}
   */
  async request(query, body) {
    const url = `${this.page?.url}?viewer=${this.viewer}&have=${this.run?.digest ?? ""}&laid=${this.laid}`;
    return ask(url + (query && `&${query}`), body);
  }

  /**
   * Show an answer. `settled`: nothing has been changed since it was asked for.
   * @param {Payload.State} state
   * @param {boolean} settled
   */
  take(state, settled) {
    const { rows, run, figures = [], fields = [], network } = state;
    const told = lasting(state);
    if (told || state.changed || state.trouble || !this.noted) this.note(asides(state));
    this.noted = told;
    if (rows) {
      this.laid = state.laid;
      this.settings.lay(rows);
    }
    if (settled) this.settings.show(state.values, state.said);
    this.about.textContent = state.about;
    this.root.classList.add("rv-drawn");
    this.onward.show(this.page?.onward ?? "", state.onward, this.page?.last && state.next);
    if (!run || !network) return this.feed.resume(); // it is the one on screen
    const shape = JSON.stringify([figures, network]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.arrange(figures);
      this.net.show(network);
      this.editor.begin(fields);
    }
    if (run.digest !== this.run?.digest) this.go(run, this.places.get(run.digest) ?? this.arrive(run, state));
    else this.feed.resume();
  }

  /**
   * How a run is shown for the first time: the first one of a page as the page's link says.
   * @param {Payload.RunTold} run
   * @param {Payload.State} state
   */
  arrive({ digest, steps }, state) {
    const { arrival, problem } = arrivalOf(this.run ? "" : location.search, steps, placeOf(digest));
    if (problem) this.note([...asides(state), problem]);
    return arrival;
  }

  /** @param {string} words */
  declined(words) {
    this.note([words]);
    if (this.settings.values) this.settings.show(this.settings.values, this.settings.said);
  }

  /** @param {string} words */
  trouble(words) {
    this.note([words]);
  }

  /** @param {string[]} lines */
  note(lines) {
    this.asides.replaceChildren(...linesOf(lines).map((line) => el("span", { class: "rv-line-of" }, line)));
    this.asides.hidden = !this.asides.firstChild;
  }

  /** The promise of pending clicks: undo waits for it. */
  get acting() {
    return this.editor.chain;
  }

  /** @param {Payload.Figure[]} figures */
  arrange(figures) {
    const [hero, second, third, fourth, ...rest] = this.plots.make(figures).map((card) => card.box);
    this.counted = figures[3].title;
    const names = ARMS.map((arm) => el("span", { class: `rv-${arm}` }, arm));
    hero.querySelector("h2")?.append(el("div", { class: "rv-legend", "aria-hidden": "true" }, ...names));
    const more = el("div", { class: "rv-more" }, ...rest);
    const side = el("div", { class: "rv-side" }, fourth, this.words.box);
    this.grid.replaceChildren(hero, side, second, third, more);
  }

  /**
   * Show another run of the same networks.
   * @param {Payload.RunTold} run
   * @param {Arrival} arrival
   */
  go(run, { playing, preview, finding, from = 1 }) {
    if (this.run) this.places.set(this.run.digest, { from: this.cursor, playing: this.playing });
    const kept = this.editor.shelf.get(run.digest);
    const findings = finding ? [{ step: 1, text: finding }] : [];
    // The first run of a page is played again if it has ended; one that a person goes back to is shown at its end.
    const replays = !this.run && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.feed.begin(run, kept ?? { records: new Records(preview), findings }, replays);
    this.editor.keep();
    this.words.renew();
    this.playhead.begin(from, playing);
    this.bar.begin(run);
    this.reading.show(`runs/${run.digest}/script.py`);
    this.editor.pattern();
    this.feed.open();
    this.editor.fetchLineage();
    this.dirty = true;
    this.tick("hero"); // first the main figure, to answer the click; the aligned figures in the next frame
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (!this.abort.signal.aborted) this.tick("aligned");
      }),
    );
  }

  /**
   * Records have arrived.
   * @param {boolean} first whether they are the first ones of this run itself
   */
  heard(first) {
    this.editor.keep();
    this.dirty = true;
    if (first) this.tick("all"); // show the first answer to a click at once, without waiting for the timer
  }

  // ---- what is on the screen ----

  get run() {
    return this.feed.run;
  }

  get records() {
    return this.feed.records;
  }

  get playing() {
    return this.playhead.playing;
  }

  /** The step that is shown. */
  get cursor() {
    return this.playhead.cursor;
  }

  /** Whether the figures move on by themselves. */
  get live() {
    return this.playing && !this.feed.ended;
  }

  // ---- controls ----

  toggle() {
    const { feed, playhead } = this;
    if (!feed.run) return;
    playhead.toggle(feed.extent, performance.now());
    if (playhead.playing && feed.ended) feed.fromStore = true; // a replay
    this.wish();
  }

  /** @param {number} by */
  step(by) {
    this.playhead.step(by, this.feed.extent);
    this.wish();
  }

  /** @param {number} step */
  scrub(step) {
    this.playhead.scrub(step, this.feed.extent);
    this.wish();
  }

  /** Show the step that a person wants to see, and tell the server. */
  wish() {
    this.feed.want();
    this.dirty = true;
    this.tick();
  }

  // ---- painting ----

  /**
   * `urgent` is as in Plots.paint, set right after a click or when its answer arrives.
   * @param {"" | "hero" | "aligned" | "all"} urgent
   */
  tick(urgent = "") {
    if (!this.run) return;
    const now = performance.now();
    const pace = this.bar.pace(this.run.steps, this.feed.fromStore === true);
    if (this.playhead.advance(now, pace, this.feed.extent)) this.dirty = true;
    if (document.hidden) return;
    // While live, update words and slider only at every second tick: training needs the processor.
    this.even = !this.even;
    if (this.dirty && (this.even || !this.live)) {
      this.paintWords(this.run);
      this.dirty = false;
    }
    // Update colours about once a second during training on a machine with few cores; otherwise at every tick.
    if (this.records.any && (!this.live || !SHARED || urgent || now - this.coloured > COLOUR_MS)) {
      this.coloured = now;
      this.net.paint(this.records, this.cursor);
    }
    this.plots.paint(now, urgent);
  }

  /** Return what the figures show, as Plots expects it. */
  scene() {
    const { lineage, steps } = this.run ?? { lineage: [], steps: 0 };
    const ghosts = this.editor.ghosts();
    const forks = new Set([...lineage.slice(1).map((node) => node.at), ...ghosts.map((ghost) => ghost.from)]);
    return {
      records: this.records,
      cursor: this.cursor,
      steps,
      live: this.live,
      moving: this.playing,
      ghosts,
      forks: [...forks].filter((step) => step > 1),
    };
  }

  /** @param {Payload.RunTold} run */
  paintWords(run) {
    const { address, cursor, editor, feed, net, playing } = this;
    const { info: head, fetching, records, ended } = feed;
    editor.pattern();
    net.say(editor.caption);
    net.history(address.done.length, address.undone.length);
    this.tree.show(editor.nodes(), run.digest, head.steps, this.bar.slider);
    this.bar.paint({
      head,
      cursor,
      playing,
      records: records.head,
      preview: records.preview !== undefined,
      ended,
      stored: feed.fromStore === true,
      fetching: fetching !== "",
    });
    this.words.say(head, feed);
    this.settings.know(this.words.find(feed.findings, cursor), run.digest);
    this.scores.show(feed.records, cursor, this.counted);
  }

  dispose() {
    this.feed.dispose();
    clearInterval(this.timer);
    this.bar.help.abort.abort();
    this.abort.abort();
    this.address.leave(this);
    this.settings.dispose();
    this.plots.dispose();
    this.net.dispose();
  }
}
