// Draws the network as a row of blocks with its shortcuts as arcs. A click on an arc asks to cut or restore that shortcut,
// a click on a block to remove it or put it back; the listener (`on`) applies the change. The x axis is the same as in the
// charts below: layers, input on the left.

import { Axis, LEFT, spoken } from "./axis.js";
import { svg } from "./dom.js";
import { Row } from "./shapes.js";
import { Steering } from "./steering.js";

/** @import {Layers} from "./axis.js" */
/** @import {Arm} from "./records.js" */
/** @import {Shades, Shape} from "./shapes.js" */
/** @import {Part} from "./steering.js" */

/** y of each network's line, px from the top, where both are drawn. @type {Record<Arm, number>} */
const ROW = { residual: 40, plain: 72 };
/** The same where only one is drawn. @type {Record<Arm, number>} */
const ALONE = { residual: 40, plain: 22 };

/**
 * What a drawing tells: that shortcut or block n was clicked, that other layers are shown, and that it has been drawn anew.
 * @typedef {object} Heard
 * @property {(part: Part, n: number) => void} toggle
 * @property {(layers: Layers) => void} window
 * @property {() => void} [drawn]
 */

/** One network, or both above each other, as large as `root` is wide. */
export class Drawing {
  /** Where the blocks of the network are; undefined until one is shown. @type {Axis | undefined} */
  axis;
  /** The shortcuts that are cut. @type {Set<number>} */
  cut = new Set();
  /** The blocks that are removed. @type {Set<number>} */
  remove = new Set();
  /** @type {Shades} */
  values = {};
  /** What is drawn. @type {Shape[]} */
  shapes = [];
  width = 0;
  clip = `rv-clip-${Math.random().toString(36).slice(2)}`;

  /**
   * @param {HTMLElement} root
   * @param {readonly Arm[]} arms
   * @param {Heard} on
   */
  constructor(root, arms, on) {
    this.arms = arms;
    this.on = on;
    this.rows = arms.length > 1 ? ROW : ALONE;
    this.height = (arms.includes("plain") ? this.rows.plain : this.rows.residual) + 20;
    this.svg = svg("svg", { class: "rv-net", height: this.height, role: "group", tabindex: -1 });
    root.replaceChildren(this.svg);
    this.steering = new Steering(this);
    this.sized = new ResizeObserver(() => {
      const width = root.clientWidth;
      if (width && width !== this.width) {
        this.width = width;
        if (this.axis) this.axis.width = width;
        this.render();
      }
    });
    this.sized.observe(root);
  }

  /** @param {Payload.Network} network */
  show(network) {
    this.axis = new Axis(network, this.width);
    this.steering.keepWithin(network.blocks);
    this.values = {};
    this.render();
  }

  /**
   * Set which shortcuts are cut and which blocks are removed.
   * @param {Iterable<number>} cut
   * @param {Iterable<number>} remove
   */
  set(cut, remove) {
    this.cut = new Set(cut);
    this.remove = new Set(remove);
    for (const shape of this.shapes) shape.update();
    this.label();
  }

  /**
   * Set how strongly each block is coloured.
   * @param {Shades} values
   */
  shade(values) {
    this.values = values;
    for (const shape of this.shapes) shape.shade();
  }

  /** All layers; undefined until a network is shown. */
  get full() {
    return this.axis?.full;
  }

  /** Whether some layers are not shown. */
  get zoomed() {
    return this.axis?.zoomed ?? false;
  }

  /**
   * Show only these layers; undefined for all.
   * @param {Layers | undefined} layers
   * @param {boolean} tell whether the listener hears of it
   */
  zoom(layers, tell = true) {
    const { axis } = this;
    if (!axis) return;
    const next = axis.fit(layers ?? axis.full);
    if (String(next) === String(axis.window)) return;
    axis.window = next;
    this.render();
    if (tell) this.on.window(next);
  }

  /**
   * Show more layers (`factor` over 1) or fewer, with layer `centre` where it is.
   * @param {number} factor
   * @param {number} [centre]
   */
  zoomBy(factor, centre) {
    if (!this.axis) return;
    const [low, high] = this.axis.window;
    const middle = centre ?? (low + high) / 2;
    this.zoom([middle - (middle - low) * factor, middle + (high - middle) * factor]);
  }

  render() {
    const { axis, width, height, clip } = this;
    if (!axis || !width) return;
    const focused = this.svg.contains(document.activeElement);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("width", String(width));
    const inside = svg("rect", { x: LEFT - 4, y: 0, width: Math.max(0, axis.length + 8), height });
    const items = axis.seen();
    const rows = this.arms.map((arm) => new Row(this, axis, arm, this.rows[arm]).draw(items, height, clip));
    this.shapes = rows.flatMap((row) => row.shapes);
    this.svg.replaceChildren(svg("clipPath", { id: clip }, inside), ...rows.map((row) => row.node));
    this.steering.rove(focused);
    this.label();
    this.on.drawn?.();
  }

  label() {
    if (!this.axis) return;
    /** @param {Set<number>} set @param {string} what */
    const say = (set, what) => (set.size ? `; ${what}: ${spoken(set)}` : "");
    this.svg.setAttribute(
      "aria-label",
      `${this.axis.network.blocks} blocks${say(this.cut, "shortcuts cut")}${say(this.remove, "blocks removed")}. ` +
        "Arrow keys move, Space toggles, plus and minus zoom.",
    );
  }

  dispose() {
    this.sized.disconnect();
  }
}
