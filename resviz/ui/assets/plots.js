// Cards with plotly figures that repaint in place from records.

import { dataOf, filled, layoutOf, spanOf, tracesOf } from "./bound.js";
import { Card } from "./card.js";
import { quick, reveal, uncover } from "./quick.js";
import { fillTrace } from "./records.js";
import { tracesTable } from "./table.js";
import { readTheme } from "./theme.js";
import { spaced } from "./ticks.js";

/** @import {Layers} from "./axis.js" */
/** @import {Ghost} from "./bound.js" */
/** @import {Records, Span} from "./records.js" */
/** @import {Theme} from "./theme.js" */

/**
 * What the figures show now.
 * @typedef {object} Scene
 * @property {Records} records
 * @property {number} cursor the step shown
 * @property {number} [steps] of the whole run
 * @property {boolean} [live] whether records are still arriving
 * @property {boolean} [moving] whether the cursor moves by itself: the run is live, or played again
 * @property {Ghost[]} [ghosts] other branches
 * @property {number[]} [forks] the steps at which they leave
 */

/** @typedef {"" | "hero" | "aligned" | "all"} Urgent */

const HEATMAP_MS = 1000; // least time between repaints of a heatmap: costly, and it changes little per step
const WHOLE_MS = 12000; // while the cursor moves, longest time between full repaints by plotly; quick updates in between
// Whether browser and training share a machine with few cores.
export const SHARED =
  ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname) && (navigator.hardwareConcurrency ?? 2) < 4;
const TURNS = 3;

export class Plots {
  /** @type {Card[]} */
  cards = [];
  /** @type {PlotlyLibrary | undefined} until it is loaded */
  lib;
  /** @type {Layers | undefined} the layers that aligned figures show; undefined for all */
  window;
  /** @type {Theme} */
  theme = {};
  themeKey = "";
  /** @type {2 | 3} of the cards' headings */
  level = 2;
  turn = 0;

  /**
   * @param {HTMLElement} root
   * @param {() => Scene} scene
   * @param {(window: Layers | undefined) => void} zoomed called when the user zooms a figure that shares the drawing's x axis
   */
  constructor(root, scene, zoomed) {
    this.root = root;
    this.scene = scene;
    this.zoomed = zoomed;
    this.seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const card = this.cards.find((c) => c.box === entry.target);
          if (!card) continue;
          card.visible = entry.isIntersecting;
          card.most = entry.intersectionRatio > 0.35;
        }
      },
      { threshold: [0, 0.35] },
    );
  }

  /**
   * Make a card for each figure; the caller puts their boxes on the page.
   * @param {Payload.Figure[]} figures
   */
  make(figures) {
    this.clear();
    this.window = undefined;
    this.cards = figures.map((template) => {
      const card = new Card(template, this.level);
      card.details.addEventListener("toggle", () => this.fillTable(card));
      this.seen.observe(card.box);
      return card;
    });
    return this.cards;
  }

  hold() {} // no animations to pause here

  clear() {
    for (const card of this.cards) {
      this.seen.unobserve(card.box);
      card.lib?.purge(card.plot);
    }
    this.cards = [];
  }

  /**
   * Set the range of layers that aligned figures show.
   * @param {Layers | undefined} window
   */
  show(window) {
    this.window = window;
    for (const card of this.cards) if (card.template.aligned) card.key = "";
  }

  /**
   * Draw what has changed, in haste where that gives the same picture; in full later. `urgent` repaints at once, without
   * waiting for a figure's turn: "hero" only the first figure, "aligned" those that share the drawing's x axis, "all" every one.
   * @param {number} now
   * @param {Urgent} urgent
   */
  paint(now, urgent = "") {
    const scene = this.scene(),
      { records, live, moving, steps } = scene;
    if (!this.lib || !records.any) return;
    const cursor = Math.min(scene.cursor, Math.max(1, records.head));
    // Where training needs every core, figures take turns: each is redrawn at every third tick.
    const turns = live && SHARED;
    if (turns) this.turn = (this.turn + 1) % TURNS;
    const others = besides(scene);
    let inFull = urgent ? 0 : 1; // of those drawn in haste: one at a time, so that none holds up the page
    for (const [index, card] of this.cards.entries()) {
      if (turns && index % TURNS !== this.turn && card.key && !urgent) continue;
      if ((urgent === "hero" && index) || (urgent === "aligned" && !card.template.aligned) || !card.visible) continue;
      const { bind, type } = tracesOf(card.template)[0];
      // A figure changes only when its quantity was measured again: test accuracy, for example, is not measured at most steps.
      const series = bind.kind === "series",
        beside = series ? others : "";
      const key = `${records.version} ${steps} ${records.newest(bind.name, cursor)} ${this.themeKey} ${beside}`;
      // What was drawn in haste is drawn in full once nothing moves, for the labels under a pointer.
      const same = card.key === key;
      if (same && (!card.hasty || moving || inFull-- <= 0)) continue;
      if (type === "heatmap" && live && (!card.most || now - card.painted < HEATMAP_MS)) continue;
      const whole =
        same ||
        !card.key ||
        (type === "heatmap" && (live || !moving)) || // all that is known would be drawn, to show a part of it once
        card.hovered ||
        card.beside !== beside ||
        (type !== "heatmap" && now - card.painted > WHOLE_MS);
      card.key = key;
      if (!whole && this.quickly(card, { records, steps, cursor })) {
        card.hasty = true;
        continue;
      }
      card.hasty = false;
      card.painted = now;
      card.beside = beside;
      this.fill(card, { ...scene, cursor, ...(series ? {} : { ghosts: [], forks: [] }) });
    }
  }

  /**
   * Quick update; a full repaint follows once nothing moves, to update the hover labels. Returns false where it would
   * not draw the same picture.
   * @param {Card} card
   * @param {Scene} scene
   */
  quickly(card, scene) {
    const { records, cursor } = scene,
      span = spanOf(card.template, records, cursor);
    if (card.details.open) return false;
    if (tracesOf(card.template)[0].type === "heatmap") return this.revealed(card, scene, span);
    if (span && String(span) !== card.span) return false;
    return quick(card.plot, filled(card.template, records, cursor), span);
  }

  /**
   * Show a heatmap up to the cursor in a replay: all that is known of the run is drawn once, and as much of it shown as the
   * cursor has passed. Returns false where that would not be the same picture.
   * @param {Card} card
   * @param {Scene} scene
   * @param {Span | undefined} span
   */
  revealed(card, scene, span) {
    const { records, steps, cursor } = scene;
    const drawn = `${records.version} ${records.head} ${steps} ${span} ${this.themeKey}`;
    if (card.whole !== drawn) {
      this.fill(card, scene, records.head);
      card.whole = drawn;
    }
    return reveal(card.plot, cursor);
  }

  /**
   * Have plotly draw a figure whose data are bound to records, up to the cursor or `last`; its axes are those at the cursor.
   * @param {Card} card
   * @param {Scene} scene
   * @param {number} last
   */
  fill(card, scene, last = scene.cursor) {
    const { template } = card,
      span = spanOf(template, scene.records, scene.cursor);
    const layout = layoutOf(template, { ...scene, span, window: this.window }, this.theme);
    const { lib } = this;
    if (!lib) return;
    const first = !card.drawn;
    card.whole = "";
    uncover(card.plot);
    draw(card, lib, dataOf(template, { ...scene, cursor: last, span }, this.theme), layout);
    if (first && template.aligned) this.follow(card.plot);
    card.span = String(span);
    if (card.details.open) this.fillTable(card);
  }

  /**
   * Have the drawing zoom with a figure.
   * @param {PlotlyNode} plot
   */
  follow(plot) {
    plot.on("plotly_relayout", (change) => {
      const low = change["xaxis.range[0]"] ?? change["xaxis.range"]?.[0],
        high = change["xaxis.range[1]"] ?? change["xaxis.range"]?.[1];
      if (low != null && high != null) this.zoomed([low, high]);
    });
    plot.on("plotly_doubleclick", () => this.zoomed(undefined));
  }

  /** @param {Card} card */
  fillTable(card) {
    const { records, cursor } = this.scene();
    if (!card.details.open || !records.any) return;
    const told = tracesOf(card.template).filter((t) => t.bind.kind !== "edge"); // a value of 0 is already in its own column
    const traces = told.map((t) => ({ name: t.name, ...fillTrace(t.bind, records, cursor) }));
    const layers = card.template.aligned || traces.some((t) => t.name?.includes("first step"));
    const axis = layers ? "layer" : card.template.figure?.layout.xaxis.title.text.split(",")[0];
    card.table.replaceChildren(tracesTable(traces, axis));
  }

  /** Draw everything again, in the theme of this moment. */
  repaint() {
    this.readTheme();
    const { records } = this.scene();
    if (records.any) for (const card of this.cards) this.fill(card, this.scene());
  }

  readTheme() {
    this.theme = readTheme(this.root);
    this.themeKey = JSON.stringify(this.theme);
  }

  dispose() {
    this.seen.disconnect();
    this.clear();
  }
}

/**
 * What the drawings of other branches depend on.
 * @param {Scene} scene
 */
const besides = ({ ghosts = [], forks = [] }) =>
  ghosts.map((g) => `${g.says}${g.from}${g.records.head}`).join() + forks.join();

/**
 * Have plotly draw a card.
 * @param {Card} card
 * @param {PlotlyLibrary} lib
 * @param {PlotlyTrace[]} data
 * @param {Record<string, any>} layout
 */
export function draw(card, lib, data, layout) {
  card.lib = lib;
  card.drawn = true;
  lib.react(card.plot, data, spaced(layout, card.plot.clientWidth), {
    displayModeBar: false,
    responsive: true,
    doubleClick: "reset",
  });
}
