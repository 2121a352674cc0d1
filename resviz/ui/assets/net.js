// The drawing with its buttons: cut and restore, colour of the blocks, undo, zoom.

import { el, put } from "./dom.js";
import { Drawing } from "./drawing.js";
import { perBlock, QUANTITIES, shadesOf } from "./shades.js";

/** @import {Layers} from "./axis.js" */
/** @import {Arm, Records} from "./records.js" */
/** @import {Shades} from "./shapes.js" */

/** @typedef {{ cut?: number[], remove?: number[] }} Change What is cut and removed then; what is left out stays. */

/**
 * What the drawing and its buttons ask for. `repaint`: another quantity colours the blocks. `window`: other layers are shown,
 * undefined for all.
 * @typedef {object} Asked
 * @property {(changes: Change) => void} change
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} repaint
 * @property {(layers: Layers | undefined) => void} window
 */

/**
 * @param {string} label
 * @param {string} title
 * @param {() => void} act
 */
const button = (label, title, act) => el("button", { type: "button", class: "rv-tool", title, onclick: act }, label);

/** Tools that stay in one line. @param {Node[]} tools */
const group = (...tools) => el("span", { class: "rv-tools-group" }, ...tools);
const gap = () => el("span", { class: "rv-gap" });

/** The numbers of all shortcuts. @param {Payload.Network} network */
const allOf = (network) => network.shortcuts.map((_, i) => i + 1);

/** Half of the shortcuts, chosen at random. @param {Payload.Network} network */
function halfOf(network) {
  const numbers = allOf(network);
  for (let i = numbers.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
  }
  return numbers.slice(0, Math.floor(numbers.length / 2)).sort((a, b) => a - b);
}

export class Net {
  /** @type {number[]} */
  cut = [];
  /** @type {number[]} */
  remove = [];
  /** @type {Payload.Network | undefined} */
  network;
  shown = ""; // what the blocks are coloured by
  when = ""; // a click takes effect
  /** @type {Shades} */
  shades = {};

  /**
   * @param {HTMLElement} root
   * @param {readonly Arm[]} arms
   * @param {Asked} on
   */
  constructor(root, arms, on) {
    this.on = on;
    this.tools = [
      this.tool("cut all", "Cut every shortcut: the residual network becomes the plain one", (network) => ({
        cut: allOf(network),
      })),
      this.tool("restore all", "Restore every shortcut and every block", () => ({ cut: [], remove: [] })),
      this.tool("every second", "Cut every second shortcut", (network) => ({
        cut: allOf(network).filter((n) => n % 2 === 0),
      })),
      this.tool("random half", "Cut half of the shortcuts, chosen at random", (network) => ({ cut: halfOf(network) })),
    ];
    this.undoButton = button("undo", "Undo the last cut or removal (Ctrl Z)", () => on.undo());
    this.redoButton = button("redo", "Redo (Ctrl Shift Z)", () => on.redo());
    this.colour = el(
      "select",
      {
        class: "rv-speed rv-colour",
        "aria-label": "Colour of the blocks",
        title: "What colours the blocks",
        onchange: () => {
          this.shown = "";
          on.repaint();
        },
      },
      ...Object.entries(QUANTITIES).map(([name, { label }]) => el("option", { value: name }, label)),
    );
    this.scale = el("span", { class: "rv-scale" });
    this.fit = button("fit", "Show the whole network (Escape)", () => this.drawing.zoom(undefined));
    this.does = el("span", { class: "rv-caption-does" });
    this.caption = el("span");
    const stage = el("div", { class: "rv-stage" });
    root.replaceChildren(this.toolbar(), stage);
    this.drawing = this.draw(stage, arms);
    this.drawings = [this.drawing];
    this.fit.hidden = true;
  }

  /**
   * A button that changes what is cut and removed.
   * @param {string} label
   * @param {string} title
   * @param {(network: Payload.Network) => Change} change
   */
  tool(label, title, change) {
    return button(label, title, () => {
      if (this.network) this.on.change(change(this.network));
    });
  }

  toolbar() {
    return el(
      "div",
      { class: "rv-tools", role: "toolbar", "aria-label": "Shortcuts and blocks" },
      el("span", { class: "rv-caption" }, this.does, this.caption),
      group(...this.tools),
      group(gap(), this.undoButton, this.redoButton),
      group(
        el("span", { class: "rv-scale-name", "aria-hidden": "true" }, "colour"),
        this.colour,
        this.scale,
        this.zoom(),
      ),
    );
  }

  zoom() {
    return el(
      "span",
      { class: "rv-zoom" },
      button("−", "Zoom out (−)", () => this.drawing.zoomBy(2)),
      button("+", "Zoom in (+, or Ctrl and the wheel)", () => this.drawing.zoomBy(0.5)),
      this.fit,
    );
  }

  /**
   * @param {HTMLElement} stage
   * @param {readonly Arm[]} arms
   */
  draw(stage, arms) {
    return new Drawing(stage, arms, {
      toggle: (part, n) => {
        const set = new Set(this[part]);
        if (!set.delete(n)) set.add(n);
        this.on.change({ [part]: [...set].sort((a, b) => a - b) });
      },
      window: (layers) => {
        for (const drawing of this.drawings) drawing.zoom(layers, false);
        const { zoomed } = this.drawing;
        this.fit.hidden = !zoomed;
        this.on.window(zoomed ? layers : undefined);
      },
      drawn: () => this.say(this.when),
    });
  }

  /**
   * Add a drawing that shows the same state and zoom, such as the other network's.
   * @param {Drawing} drawing
   */
  follow(drawing) {
    this.drawings.push(drawing);
  }

  /** @param {Payload.Network} network */
  show(network) {
    this.network = network;
    this.shown = "";
    for (const drawing of this.drawings) drawing.show(network);
    this.fit.hidden = true;
    for (const tool of this.tools) tool.hidden = !network.shortcuts.length && tool.textContent !== "restore all";
  }

  /**
   * @param {number[]} cut
   * @param {number[]} remove
   */
  set(cut, remove) {
    if (String(cut) === String(this.cut) && String(remove) === String(this.remove)) return;
    this.cut = cut;
    this.remove = remove;
    for (const drawing of this.drawings) drawing.set(cut, remove);
  }

  /**
   * Colour the blocks by the newest values up to step `cursor`; both networks share one scale.
   * @param {Records} records
   * @param {number} cursor
   */
  paint(records, cursor) {
    const { network } = this;
    const name = this.colour.value;
    const key = `${name} ${records.version} ${records.newest(name, cursor)}`;
    if (!network || key === this.shown) return;
    this.shown = key;
    /** @param {Arm} arm */
    const values = (arm) => perBlock(name, records.vector(arm, name, "cursor", cursor), network);
    const found = shadesOf(name, { residual: values("residual"), plain: values("plain") });
    this.shade(found?.shades ?? {});
    this.scale.replaceChildren(...(found ? [found.low, el("i", { "aria-hidden": "true" }), found.high] : []));
  }

  /** @param {Shades} values */
  shade(values) {
    this.shades = values;
    for (const drawing of this.drawings) drawing.shade(values);
  }

  /**
   * Show a caption that says what a click does, and when it takes effect.
   * @param {string} when
   */
  say(when) {
    this.when = when;
    const arcs = this.network?.shortcuts.length ? "an arc to cut it, " : "",
      groups = this.drawing.axis?.items().some(([first, last]) => last > first);
    const does = groups ? "Click a group (×) to see its blocks." : `Click ${arcs}a block to remove it.`;
    put(this.does, does);
    put(this.caption, when);
  }

  /**
   * Say whether there is something to undo and to redo.
   * @param {number} undo how many steps
   * @param {number} redo
   */
  history(undo, redo) {
    this.undoButton.disabled = !undo;
    this.redoButton.disabled = !redo;
  }

  dispose() {
    for (const drawing of this.drawings) drawing.dispose();
  }
}

/**
 * What a card with a drawing uses of the cards around it. `settled`: no change is waiting for its answer. `history`: how many
 * steps there are to undo and to redo.
 * @typedef {object} Cards
 * @property {Net} [net] the drawing that has the tools
 * @property {boolean} settled
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => [undo: number, redo: number]} history
 * @property {() => { records: Records }} scene
 * @property {(layers: Layers | undefined) => void} show
 * @property {() => void} draw
 */

/** The drawing as a card of a panel. A card without tools shows the other network and follows the card that has tools. */
export class NetCard {
  /** The drawing of a card with tools. @type {Net | undefined} */
  net;
  /** The drawing of a card without. @type {Drawing | undefined} */
  drawing;
  /** The network that is drawn, as text. @type {string | undefined} */
  shape;

  /**
   * @param {HTMLElement} root
   * @param {(changes: Payload.Changes) => void} choose
   * @param {Cards} cards
   */
  constructor(root, choose, cards) {
    this.root = root;
    this.choose = choose;
    this.cards = cards;
  }

  /** @param {Payload.Drawn} data */
  show(data) {
    const shape = JSON.stringify(data.network);
    const anew = shape !== this.shape;
    this.shape = shape;
    if (data.tools) this.showNet(data, anew);
    else this.showDrawing(data, anew);
  }

  /**
   * @param {Payload.Drawn} data
   * @param {boolean} anew whether it is another network than before
   */
  showNet(data, anew) {
    const { cards } = this;
    this.net ??= this.begin(data.arms);
    cards.net = this.net;
    if (anew) {
      this.net.show(data.network);
      cards.show(undefined);
    }
    if (cards.settled) this.net.set(data.cut, data.remove);
    this.net.say("");
    this.net.history(...cards.history());
    this.paint();
  }

  /** @param {readonly Arm[]} arms */
  begin(arms) {
    const { cards } = this;
    return new Net(this.root, arms, {
      change: (changes) => this.change(changes),
      undo: () => cards.undo(),
      redo: () => cards.redo(),
      repaint: () => this.paint(),
      window: (layers) => {
        cards.show(layers);
        cards.draw();
      },
    });
  }

  /**
   * @param {Payload.Drawn} data
   * @param {boolean} anew
   */
  showDrawing(data, anew) {
    const { net } = this.cards;
    if (!net) return; // the card with the tools comes first
    if (!this.drawing) {
      this.root.classList.add("rv-stage");
      this.drawing = new Drawing(this.root, data.arms, net.drawing.on);
      net.follow(this.drawing);
    }
    if (anew) {
      this.drawing.show(data.network);
      this.drawing.shade(net.shades); // as the card before it, which was painted first
    }
    this.drawing.set(net.cut, net.remove);
  }

  /**
   * Update the drawing at once; the numbers follow when the server answers.
   * @param {Change} changes
   */
  change(changes) {
    if (!this.net) return;
    const { cut, remove } = { cut: this.net.cut, remove: this.net.remove, ...changes };
    this.net.set(cut, remove);
    this.choose({ cut: cut.join(",") || null, remove: remove.join(",") || null });
  }

  paint() {
    const { records } = this.cards.scene();
    if (records.any) this.net?.paint(records, 1);
  }

  dispose() {
    this.net?.dispose();
  }
}
