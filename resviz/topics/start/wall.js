// Both walls, the replay of how they fill, and the drawing of the residual network: a click cuts a wire or tears out a block.

import { LEFT } from "../../ui/assets/axis.js";
import { el, put } from "../../ui/assets/dom.js";
import { Drawing } from "../../ui/assets/drawing.js";
import { SHORT } from "../../ui/assets/scores.js";
import { Mosaic, percent, UNREAD } from "./mosaic.js";

/** @import {Choose} from "../../ui/assets/cards.js" */
/** @import {Theme} from "../../ui/assets/theme.js" */

const REPLAY_MS = 8000; // from the first frame to the last
const FRAME_MS = 40; // least time between two pictures of the replay
const NARROW = 560; // px: on a screen this narrow the drawing shows some blocks at a time
const TOUCH = 32; // px that a block needs there

/**
 * When tile k turns within a frame, from 0 to 1: not all at once.
 * @param {number} k
 */
const turn = (k) => (k * 0.618034) % 1;

export default class WallCard {
  /** @type {Payload.WallDrawn | undefined} */
  data;
  key = ""; // which networks are shown
  at = 0; // the frame of the replay, a fraction between two
  playing = false;
  sever = 0; // the shortcut that is cut, 0 for none
  lesion = 0; // the block that is torn out
  /** @type {number | undefined} the frame that is asked for */
  next;
  /** @type {number | undefined} when the picture before was drawn */
  before;

  /**
   * @param {HTMLElement} root
   * @param {Choose} choose
   * @param {{ settled?: boolean }} cards whether the answer shown is one to the last change
   */
  constructor(root, choose, cards) {
    this.choose = choose;
    this.cards = cards;
    this.walls = { residual: new Mosaic("residual", SHORT.residual), plain: new Mosaic("plain", SHORT.plain) };
    this.button = el("button", { type: "button", class: "rv-button", onclick: () => this.toggle() });
    this.slider = el("input", {
      type: "range",
      class: "rv-slider",
      min: 0,
      step: "any",
      "aria-label": "Step of the training that is shown",
      oninput: () => {
        this.lead(Number(this.slider.value));
      },
    });
    this.where = el("span", { class: "rv-wall-where" });
    this.stage = el("div", { class: "rv-wall-net" });
    this.part = el("span");
    this.paging = el(
      "div",
      { class: "rv-bar rv-wall-paging", hidden: true },
      el(
        "button",
        { type: "button", class: "rv-button", "aria-label": "Blocks before", onclick: () => this.page(-1) },
        "‹",
      ),
      this.part,
      el(
        "button",
        { type: "button", class: "rv-button", "aria-label": "Blocks after", onclick: () => this.page(1) },
        "›",
      ),
    );
    const { residual, plain } = this.walls;
    root.replaceChildren(
      el("div", { class: "rv-walls" }, residual.box, plain.box),
      el("div", { class: "rv-bar rv-wall-bar" }, this.button, this.slider, this.where),
      this.stage,
      this.paging,
    );
    this.drawing = new Drawing(this.stage, ["residual"], {
      toggle: (part, n) => this.edit(part, n),
      window: () => this.told(),
    });
    this.size = new ResizeObserver(() => {
      for (const wall of Object.values(this.walls)) wall.reads = "";
      this.open();
      this.paint();
    });
    this.size.observe(root);
  }

  /**
   * @param {Payload.WallDrawn} data
   * @param {Theme} theme
   */
  show(data, theme) {
    const was = this.data,
      key = JSON.stringify([data.image.pixels, data.places, data.steps, data.reads.plain, data.reads.residual]);
    this.data = data;
    for (const wall of Object.values(this.walls)) wall.show(data, theme);
    if (this.cards.settled || !was) {
      this.sever = data.sever;
      this.lesion = data.lesion;
    }
    if (JSON.stringify(was?.network) !== JSON.stringify(data.network)) {
      this.drawing.show(data.network);
      this.open();
    }
    if (key !== this.key) {
      this.key = key;
      this.slider.max = String(this.last);
      const still =
        data.live ||
        !this.trained ||
        was?.live ||
        this.edited ||
        matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.at = still ? this.last : 0;
      this.playing = !still;
    }
    this.paint();
    this.run();
  }

  /** The last frame. */
  get last() {
    return Math.max(0, (this.data?.steps.length ?? 0) - 1);
  }

  /** Whether anything is known of the networks. */
  get trained() {
    return (this.data?.steps.length ?? 0) > 0;
  }

  get edited() {
    return this.sever > 0 || this.lesion > 0;
  }

  /** The edit's name in the data. */
  get name() {
    return this.sever ? `sever ${this.sever}` : `lesion ${this.lesion}`;
  }

  // ---- what a person does ----

  /**
   * Cut a shortcut, or tear out a block; the one before is put back. The same again puts it back.
   * @param {"cut" | "remove"} part
   * @param {number} n
   */
  edit(part, n) {
    if (!this.data || this.data.live || !this.trained) return;
    const sever = part === "cut" && this.sever !== n ? n : 0,
      lesion = part === "remove" && this.lesion !== n ? n : 0;
    this.change(sever, lesion);
    this.rest();
  }

  /**
   * @param {number} sever
   * @param {number} lesion
   */
  change(sever, lesion) {
    this.sever = sever;
    this.lesion = lesion;
    this.choose({ sever: sever ? String(sever) : null, lesion: lesion ? String(lesion) : null });
  }

  /** Show the end of training. */
  rest() {
    this.at = this.last;
    this.playing = false;
    this.paint();
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing) this.begin();
    this.paint();
    this.run();
  }

  /** Nothing is edited while the training is shown again. */
  begin() {
    if (this.at >= this.last) this.at = 0;
    if (this.edited) this.change(0, 0);
  }

  /** @param {number} at */
  lead(at) {
    this.playing = false;
    this.at = at;
    if (this.edited && at < this.last) this.change(0, 0);
    this.paint();
  }

  // ---- the drawing on a narrow screen ----

  /** Show only the first blocks where all of them would be too small to press. */
  open() {
    const { axis } = this.drawing;
    if (!axis) return;
    const wide = this.stage.clientWidth,
      fit = Math.floor((wide - LEFT) / TOUCH);
    this.paging.hidden = wide >= NARROW || fit >= axis.network.blocks;
    if (this.paging.hidden) {
      if (this.drawing.zoomed && wide < NARROW) this.drawing.zoom(undefined);
    } else if (!this.drawing.zoomed) {
      const { per, stem } = axis.network,
        before = Math.max(0, (this.sever || this.lesion) - Math.ceil(fit / 2));
      const low = before ? stem + before * per + 0.5 : 0.5;
      this.drawing.zoom([low, low + stem + fit * per]);
    }
    this.told();
  }

  /**
   * Show the blocks before or after those that are shown.
   * @param {1 | -1} by
   */
  page(by) {
    const { axis } = this.drawing;
    if (!axis) return;
    const [low, high] = axis.window;
    this.drawing.zoom([low + by * (high - low), high + by * (high - low)]);
  }

  /** Say which blocks are shown. */
  told() {
    const { axis } = this.drawing;
    if (!axis || this.paging.hidden) return;
    const [low, high] = axis.window,
      { blocks, per, stem } = axis.network;
    const first = Math.max(1, Math.round((low - 0.5 - stem) / per) + 1),
      last = Math.min(blocks, Math.round((high - 0.5 - stem) / per));
    put(this.part, `blocks ${first} to ${last} of ${blocks}`);
  }

  // ---- the replay ----

  run() {
    if (this.next !== undefined || !this.playing) return;
    this.before = undefined;
    this.next = requestAnimationFrame((now) => this.tick(now));
  }

  /** @param {number} now */
  tick(now) {
    this.next = undefined;
    if (!this.playing || !this.data) return;
    const passed = now - (this.before ?? now);
    if (this.before === undefined || passed >= FRAME_MS) {
      this.before = now;
      this.at = Math.min(this.last, this.at + (Math.min(passed, 250) / REPLAY_MS) * this.last);
      if (this.at >= this.last) this.playing = false;
      this.paint();
    }
    if (this.playing) this.next = requestAnimationFrame((later) => this.tick(later));
  }

  // ---- painting ----

  paint() {
    const { data, drawing, sever, lesion } = this;
    if (!data) return;
    drawing.set(sever ? [sever] : [], lesion ? [lesion] : []);
    this.bar(data);
    this.wall(data, "plain");
    if (this.edited && this.trained && !data.live) this.paintEdit(data);
    else this.wall(data, "residual");
  }

  /** @param {Payload.WallDrawn} data */
  bar(data) {
    put(this.button, this.playing ? "Pause" : this.trained && this.at >= this.last ? "Play again" : "Play");
    this.button.disabled = data.live || !this.trained;
    this.slider.disabled = data.live || !this.trained;
    this.slider.value = String(this.at);
    const step = data.steps[Math.floor(this.at)] ?? 0,
      said = `step ${step.toLocaleString("en")} of ${data.of.toLocaleString("en")}`;
    put(this.where, data.live ? `live: ${said}` : this.trained ? said : "not trained yet");
    this.slider.setAttribute("aria-valuetext", said);
  }

  /**
   * Draw one wall as it is at the frame of now.
   * @param {Payload.WallDrawn} data
   * @param {"residual" | "plain"} arm
   */
  wall(data, arm) {
    const frames = data.reads[arm],
      most = frames.length - 1,
      shown = this.walls[arm];
    if (most < 0) {
      shown.draw(UNREAD.repeat(data.truth.length));
      return shown.say("–", shown.name, null);
    }
    const reads = [...data.truth].map((_, k) => frames[Math.min(most, Math.floor(this.at + turn(k)))][k]);
    shown.draw(this.at >= most ? frames[most] : reads.join(""));
    const right = data.right[arm][Math.min(most, Math.floor(this.at))];
    const rests = this.at >= this.last; // that a replay begins anew is no fall
    shown.say(percent(right, data.images, !rests), shown.name, rests ? right / data.images : null);
  }

  /**
   * Draw the wall of the residual network without a shortcut or a block.
   * @param {Payload.WallDrawn} data
   */
  paintEdit(data) {
    const shown = this.walls.residual,
      found = data.edits[this.name],
      label = this.sever ? `wire ${this.sever} cut` : `without block ${this.lesion}`;
    shown.draw(found?.reads ?? UNREAD.repeat(data.truth.length));
    if (!found?.seen) return shown.say("…", label);
    shown.say(
      percent(found.right, found.seen),
      label,
      found.right / found.seen,
      found.anew === null ? undefined : [percent(found.anew, data.images), "with averages measured anew"],
    );
  }

  dispose() {
    this.playing = false;
    if (this.next !== undefined) cancelAnimationFrame(this.next);
    this.size.disconnect();
    this.drawing.dispose();
  }
}
