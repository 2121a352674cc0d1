// The bar under what moves: play and pause, a slider for the moment shown, the moment in words, and the speed.

import { el, put } from "./dom.js";

const REST_MS = 1800; // pause at the end, before it starts again
const HOLD_MS = 300; // longest pause while other data is awaited
const SPEEDS = [0.25, 0.5, 1, 2, 4];

/**
 * @typedef {object} Played
 * @property {string} label of the slider
 * @property {number} unit ms for a unit of time at normal speed
 * @property {number} [step] of the slider
 * @property {(at: number) => string} said the moment in words
 * @property {() => void} paint draws the moment `at`
 */

export class Player {
  at = 0; // the moment shown
  end = 0; // the last moment; 0 until there is something to play
  speed = 1;
  playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  still = false; // stands still for as long as someone looks at a detail
  held = 0; // until when it waits for other data
  rested = 0; // ms at the end
  visible = false;
  disposed = false;
  frames = 0; // for benchmarks
  /** @type {number | undefined} the frame that is asked for */
  next;
  /** @type {number | undefined} when the frame before was */
  before;

  /**
   * @param {Element} root what has to be on the screen for anything to move
   * @param {Played} played
   */
  constructor(root, played) {
    this.played = played;
    this.button = el("button", { type: "button", class: "rv-button", onclick: () => this.toggle() });
    this.slider = el("input", {
      type: "range",
      class: "rv-slider",
      min: 0,
      step: played.step ?? 0.05,
      "aria-label": played.label,
      oninput: () => {
        this.lead(Number(this.slider.value));
      },
    });
    this.where = el("span", { class: "rv-flow-where" });
    this.select = el(
      "select",
      {
        class: "rv-speed",
        "aria-label": "Speed",
        onchange: () => {
          this.speed = Number(this.select.value);
        },
      },
      ...SPEEDS.map((v) => el("option", { value: v, selected: v === 1 }, `${v} ×`)),
    );
    this.box = el("div", { class: "rv-bar rv-flow-bar" }, this.button, this.slider, this.where, this.select);
    this.seen = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      if (this.visible) this.run();
    });
    this.seen.observe(root);
    this.words();
  }

  /**
   * There is something to play, up to this moment; what played before goes on from where it is.
   * @param {number} end
   */
  until(end) {
    this.held = 0;
    this.end = end;
    this.slider.max = String(end);
    this.at = Math.min(this.at, end);
  }

  /** Wait for other data, for a moment at most. */
  hold() {
    this.held = performance.now() + HOLD_MS;
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.at >= this.end) this.at = 0;
    this.rested = 0;
    this.words();
    this.run();
  }

  /**
   * Stop at a moment.
   * @param {number} at
   */
  lead(at) {
    this.playing = false;
    this.at = Math.max(0, Math.min(at, this.end));
    this.played.paint();
  }

  run() {
    if (this.next !== undefined || !this.end) return;
    this.before = undefined;
    this.next = requestAnimationFrame((now) => this.tick(now));
  }

  /** @param {number} now */
  tick(now) {
    this.next = undefined;
    if (this.disposed || !this.playing || !this.visible || !this.end) return;
    const passed = Math.min(now - (this.before ?? now), 100);
    this.before = now;
    if (now >= this.held && !this.still) {
      this.advance(passed);
      this.frames += 1;
      this.played.paint();
    }
    this.next = requestAnimationFrame((later) => this.tick(later));
  }

  /**
   * Go on for `passed` ms; after a rest at the end, begin anew.
   * @param {number} passed
   */
  advance(passed) {
    if (this.at < this.end) {
      this.at = Math.min(this.at + (passed / this.played.unit) * this.speed, this.end);
      return;
    }
    this.rested += passed;
    if (this.rested > REST_MS) {
      this.at = 0;
      this.rested = 0;
    }
  }

  words() {
    put(this.button, this.playing ? "Pause" : "Play");
    if (!this.end) return;
    const said = this.played.said(this.at);
    put(this.where, said);
    this.slider.value = String(this.at);
    this.slider.setAttribute("aria-valuetext", said);
  }

  dispose() {
    this.disposed = true;
    this.seen.disconnect();
    if (this.next !== undefined) cancelAnimationFrame(this.next);
  }
}
