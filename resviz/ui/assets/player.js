// The bar under what moves: play and pause, a slider for the moment shown, the moment in words, and the speed. What is a replay is
// played once, without a choice of speed, and arrow keys go from one of its moments to the next.

import { el, put } from "./dom.js";

const REST_MS = 1800; // pause at the end, before it starts again
const HOLD_MS = 300; // longest pause while other data is awaited
const REPLAY_MS = 8000; // from the first moment of a replay to the last
const LATE_MS = 250; // longest time between two pictures that counts
const SPEEDS = [0.25, 0.5, 1, 2, 4];

/**
 * @typedef {object} Played
 * @property {string} label of the slider
 * @property {number} [unit] ms for a unit of time at normal speed; without it, it is a replay
 * @property {number} [step] of the slider
 * @property {(at: number) => string} said the moment in words
 * @property {(at: number) => string} [spoken] the same for a screen reader, with what is seen then
 * @property {() => void} paint draws the moment `at`
 * @property {() => void} [moved] somebody plays it, or has gone to another moment
 * @property {number} [least] least ms between two pictures
 */

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Player {
  at = 0; // the moment shown
  end = 0; // the last moment; 0 until there is something to play
  speed = 1;
  playing = !calm();
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
    const once = played.unit === undefined;
    this.button = el("button", { type: "button", class: "rv-button", onclick: () => this.toggle() });
    this.slider = el("input", {
      type: "range",
      class: "rv-slider",
      min: 0,
      step: once ? "any" : (played.step ?? 0.05),
      "aria-label": played.label,
      oninput: () => {
        this.lead(Number(this.slider.value));
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => once && this.press(event),
    });
    this.where = el("span", { class: "rv-moment" });
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
    this.box = el("div", { class: `rv-bar rv-player${once ? " rv-once" : ""}` }, this.button, this.slider, this.where);
    if (once)
      this.playing = false; // until there is something to play
    else this.box.append(this.select);
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

  /**
   * There is another replay: played, or standing at its end.
   * @param {number} end
   * @param {boolean} playing
   */
  begin(end, playing) {
    this.playing = playing && !calm();
    this.at = this.playing ? 0 : end;
    this.until(end);
    this.run();
  }

  /** Wait for other data, for a moment at most. */
  hold() {
    this.held = performance.now() + HOLD_MS;
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.at >= this.end) this.at = 0;
    this.rested = 0;
    this.played.moved?.();
    this.played.paint();
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
    this.played.moved?.();
    this.played.paint();
  }

  /**
   * Stop at the next moment, or the one before.
   * @param {number} by 1 or -1
   */
  step(by) {
    this.lead((by > 0 ? Math.floor(this.at + 1e-9) : Math.ceil(this.at - 1e-9)) + by);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.step(by);
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
    const passed = Math.min(now - (this.before ?? now), LATE_MS);
    if (this.before === undefined || passed >= (this.played.least ?? 0)) {
      this.before = now;
      if (now >= this.held && !this.still) {
        this.advance(passed);
        this.frames += 1;
        this.played.paint();
      }
    }
    if (!this.playing) return;
    this.next = requestAnimationFrame((later) => this.tick(later));
  }

  /**
   * Go on for `passed` ms. At the end a replay stops; all else rests there, and begins anew.
   * @param {number} passed
   */
  advance(passed) {
    const { unit = REPLAY_MS / this.end } = this.played;
    if (this.at < this.end) {
      this.at = Math.min(this.at + (passed / unit) * this.speed, this.end);
      if (this.at >= this.end && this.played.unit === undefined) this.playing = false;
      return;
    }
    this.rested += passed;
    if (this.rested > REST_MS) {
      this.at = 0;
      this.rested = 0;
    }
  }

  words() {
    const { said, spoken = said, unit } = this.played,
      over = unit === undefined && this.end > 0 && this.at >= this.end;
    put(this.button, this.playing ? "Pause" : over ? "Play again" : "Play");
    if (!this.end && unit !== undefined) return;
    put(this.where, said(this.at));
    this.slider.value = String(this.at);
    this.slider.setAttribute("aria-valuetext", spoken(this.at));
  }

  dispose() {
    this.disposed = true;
    this.seen.disconnect();
    if (this.next !== undefined) cancelAnimationFrame(this.next);
  }
}
