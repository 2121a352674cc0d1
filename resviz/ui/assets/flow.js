// Animates points on their way through the blocks of networks, side by side, from data the server computed once.

import { el, put } from "./dom.js";
import { Points } from "./points.js";

const BLOCK_MS = 900; // one block at normal speed
const REST_MS = 1800; // pause at the end, before it starts again
const HOLD_MS = 300; // longest pause while other data is awaited
const SPEEDS = [0.25, 0.5, 1, 2, 4];

/**
 * Where the points are, in words.
 * @param {number} at
 * @param {Payload.Moving} data
 */
function placeSaid(at, { blocks, noun }) {
  if (at >= blocks) return "at the end";
  if (at === 0) return "at the input";
  return noun === "time" ? `time ${(at / blocks).toFixed(2)}` : `in block ${Math.floor(at) + 1} of ${blocks}`;
}

export class Flow {
  /** @type {Payload.Moving | undefined} */
  data;
  /** @type {Record<string, string> | undefined} */
  theme;
  /** @type {Points[]} */
  arms = [];
  at = 0; // blocks passed, a fraction within a block
  speed = 1;
  playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  held = 0; // until when it waits for other data
  rested = 0; // ms at the end
  visible = false;
  disposed = false;
  frames = 0; // for tests
  /** @type {number | undefined} the frame that is asked for */
  next;
  /** @type {number | undefined} when the frame before was */
  before;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.button = el("button", { type: "button", class: "rv-button", onclick: () => this.toggle() });
    this.slider = el("input", {
      type: "range",
      class: "rv-slider",
      min: 0,
      step: 0.05,
      "aria-label": "Block that the points have reached",
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
    this.stage = el("div", { class: "rv-flow-stage" });
    root.replaceChildren(
      this.stage,
      el("div", { class: "rv-bar rv-flow-bar" }, this.button, this.slider, this.where, this.select),
    );
    this.size = new ResizeObserver(() => this.paint());
    this.size.observe(this.stage);
    this.seen = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      if (this.visible) this.run();
    });
    this.seen.observe(root);
    this.words();
  }

  /**
   * Show other data; the animation continues from where it is.
   * @param {Payload.Moving} data
   * @param {Record<string, string>} [theme]
   */
  show(data, theme) {
    this.theme = theme;
    if (this.data === data) return this.paint();
    const fresh = this.data?.blocks !== data.blocks || this.arms.length !== data.arms.length;
    this.data = data;
    this.held = 0;
    if (fresh) {
      this.slider.max = String(data.blocks);
      this.at = Math.min(this.at, data.blocks);
      this.arms = data.arms.map((arm) => new Points(data, arm));
      this.stage.style.setProperty("--rv-columns", String(data.columns ?? data.arms.length));
      this.stage.replaceChildren(...this.arms.map(({ box }) => box));
    } else {
      for (const [i, arm] of data.arms.entries()) this.arms[i].show(data, arm);
    }
    this.paint();
    this.run();
  }

  /** Wait for other data, for a moment at most. */
  hold() {
    this.held = performance.now() + HOLD_MS;
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.data && this.at >= this.data.blocks) this.at = 0;
    this.rested = 0;
    this.words();
    this.run();
  }

  /**
   * Stop where the slider is.
   * @param {number} at
   */
  lead(at) {
    this.playing = false;
    this.at = at;
    this.paint();
  }

  run() {
    if (this.next !== undefined || !this.data) return;
    this.before = undefined;
    this.next = requestAnimationFrame((now) => this.tick(now));
  }

  /** @param {number} now */
  tick(now) {
    this.next = undefined;
    if (this.disposed || !this.playing || !this.visible || !this.data) return;
    const passed = Math.min(now - (this.before ?? now), 100);
    this.before = now;
    if (now >= this.held) {
      this.advance(passed, this.data.blocks);
      this.frames += 1;
      this.paint();
    }
    this.next = requestAnimationFrame((later) => this.tick(later));
  }

  /**
   * Go on for `passed` ms; after a rest at the end, begin anew.
   * @param {number} passed
   * @param {number} blocks
   */
  advance(passed, blocks) {
    if (this.at < blocks) {
      this.at = Math.min(this.at + (passed / BLOCK_MS) * this.speed, blocks);
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
    if (!this.data) return;
    const said = placeSaid(this.at, this.data);
    put(this.where, said);
    this.slider.value = String(this.at);
    this.slider.setAttribute("aria-valuetext", said);
  }

  paint() {
    if (!this.data || !this.theme) return;
    this.words();
    for (const points of this.arms) points.draw(this.at, this.theme["--st-text-color"]);
  }

  dispose() {
    this.disposed = true;
    this.size.disconnect();
    this.seen.disconnect();
    if (this.next !== undefined) cancelAnimationFrame(this.next);
  }
}
