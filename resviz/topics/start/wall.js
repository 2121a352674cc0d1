// Both walls, the replay of how they fill, and the drawing of the residual network: a click cuts a wire or tears out a block.

import { LEFT } from "../../ui/assets/axis.js";
import { el, put } from "../../ui/assets/dom.js";
import { Drawing } from "../../ui/assets/drawing.js";
import { Player } from "../../ui/assets/player.js";
import { SHORT } from "../../ui/assets/scores.js";
import { Mosaic, percent, UNREAD } from "./mosaic.js";

/** @import {Choose} from "../../ui/assets/cards.js" */
/** @import {Theme} from "../../ui/assets/theme.js" */

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
  sever = 0; // the shortcut that is cut, 0 for none
  lesion = 0; // the block that is torn out

  /**
   * @param {HTMLElement} root
   * @param {Choose} choose
   * @param {{ settled?: boolean }} cards whether the answer shown is one to the last change
   */
  constructor(root, choose, cards) {
    this.choose = choose;
    this.cards = cards;
    this.walls = { residual: new Mosaic("residual", SHORT.residual), plain: new Mosaic("plain", SHORT.plain) };
    this.player = new Player(root, {
      label: "Step of the training that is shown",
      said: () => this.said,
      paint: () => this.paint(),
      moved: () => this.moved(),
      least: FRAME_MS,
    });
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
      this.player.box,
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
      this.player.begin(this.last, this.trained && !data.live && !was?.live && !this.edited);
    }
    this.paint();
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
    this.player.lead(this.last); // the end of training
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

  /** Nothing is edited while the training is shown again. */
  moved() {
    if (this.edited && (this.player.playing || this.player.at < this.last)) this.change(0, 0);
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

  // ---- painting ----

  paint() {
    const { data, drawing, sever, lesion } = this;
    if (!data) return;
    drawing.set(sever ? [sever] : [], lesion ? [lesion] : []);
    this.player.button.disabled = data.live || !this.trained;
    this.player.slider.disabled = data.live || !this.trained;
    this.player.words();
    this.wall(data, "plain");
    if (this.edited && this.trained && !data.live) this.paintEdit(data);
    else this.wall(data, "residual");
  }

  /** The step shown, in words. */
  get said() {
    const { data } = this;
    if (!data || !(data.live || this.trained)) return "not trained yet";
    const step = data.steps[Math.floor(this.player.at)] ?? 0;
    return `${data.live ? "live: " : ""}step ${step.toLocaleString("en")} of ${data.of.toLocaleString("en")}`;
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
    const reads = [...data.truth].map((_, k) => frames[Math.min(most, Math.floor(this.player.at + turn(k)))][k]);
    shown.draw(this.player.at >= most ? frames[most] : reads.join(""));
    const right = data.right[arm][Math.min(most, Math.floor(this.player.at))];
    const rests = this.player.at >= this.last; // that a replay begins anew is no fall
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
    this.player.dispose();
    this.size.disconnect();
    this.drawing.dispose();
  }
}
