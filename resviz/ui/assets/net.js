// The drawing with its buttons: cut and restore, colour of the blocks, undo, zoom.

import { el } from "./dom.js";
import { Drawing } from "./drawing.js";
import { ARMS } from "./records.js";

const QUANTITIES = {
  grad_norm: { label: "gradient norm", log: true },
  activation_std: { label: "activation scale", log: true },
  residual_ratio: { label: "|F(x)| / |x|", log: true },
  dead_fraction: { label: "dead channels", log: false },
};

// Return one number per block from a vector with one number per layer (or, for the residual ratio, per block).
function perBlock(name, vector, { blocks, stem, per }) {
  if (!vector) return [];
  return Array.from({ length: blocks }, (_, i) => {
    if (name === "residual_ratio") return vector[i];
    const last = stem + (i + 1) * per; // the layer that ends block i + 1
    if (name !== "grad_norm") return vector[last - 1];
    const inside = vector.slice(last - per, last);
    return inside.some((v) => v == null) ? null : Math.hypot(...inside);
  });
}

const short = (v) =>
  v === 0 ? "0" : v >= 1e4 || v < 1e-3 ? v.toExponential(0).replace("e+", "e") : String(Number(v.toPrecision(2)));

export class Net {
  // Callbacks: on.change({cut: [...]} or {remove: [...]}), on.undo(), on.redo(), and on.window([low, high]) on zoom.
  constructor(root, arms, on) {
    Object.assign(this, { root, on, cut: [], remove: [], shown: "" });
    const button = (label, title, act) =>
      el("button", { type: "button", class: "rv-tool", title, onclick: act }, label);
    const all = () => Array.from({ length: this.network.shortcuts.length }, (_, i) => i + 1);
    this.tools = [
      button("cut all", "Cut every shortcut: the residual network becomes the plain one", () =>
        on.change({ cut: all() }),
      ),
      button("restore all", "Restore every shortcut and every block", () => on.change({ cut: [], remove: [] })),
      button("every second", "Cut every second shortcut", () => on.change({ cut: all().filter((n) => n % 2 === 0) })),
      button("random half", "Cut half of the shortcuts, chosen at random", () => on.change({ cut: this.half() })),
    ];
    this.undoButton = button("undo", "Undo the last cut or removal (Ctrl Z)", () => on.undo?.());
    this.redoButton = button("redo", "Redo (Ctrl Shift Z)", () => on.redo?.());
    this.colour = el(
      "select",
      {
        class: "rv-speed rv-colour",
        "aria-label": "Colour of the blocks",
        title: "What colours the blocks",
        onchange: () => {
          this.shown = "";
          this.on.repaint?.();
        },
      },
      ...Object.entries(QUANTITIES).map(([name, { label }]) => el("option", { value: name }, label)),
    );
    this.scale = el("span", { class: "rv-scale" });
    this.fit = button("fit", "Show the whole network (Escape)", () => this.drawing.zoom(this.drawing.full));
    this.caption = el("span", { class: "rv-caption" });
    const zoom = el(
      "span",
      { class: "rv-zoom" },
      button("−", "Zoom out (−)", () => this.drawing.zoomBy(2)),
      button("+", "Zoom in (+, or Ctrl and the wheel)", () => this.drawing.zoomBy(0.5)),
      this.fit,
    );
    this.stage = el("div", { class: "rv-stage" });
    root.replaceChildren(
      el(
        "div",
        { class: "rv-tools", role: "toolbar", "aria-label": "Shortcuts and blocks" },
        this.caption,
        ...this.tools,
        el("span", { class: "rv-gap" }),
        this.undoButton,
        this.redoButton,
        el("span", { class: "rv-gap" }),
        this.colour,
        this.scale,
        zoom,
      ),
      this.stage,
    );
    this.drawing = new Drawing(this.stage, arms, {
      toggle: (part, n) => {
        const set = new Set(this[part]);
        if (!set.delete(n)) set.add(n);
        on.change({ [part]: [...set].sort((a, b) => a - b) });
      },
      window: (window) => {
        for (const drawing of this.drawings) drawing.zoom(window, false);
        this.fit.hidden = !this.drawings[0].zoomed;
        on.window(this.drawings[0].zoomed ? window : undefined);
      },
    });
    this.drawings = [this.drawing];
    this.fit.hidden = true;
  }

  half() {
    const numbers = Array.from({ length: this.network.shortcuts.length }, (_, i) => i + 1);
    for (let i = numbers.length - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
    }
    return numbers.slice(0, Math.floor(numbers.length / 2)).sort((a, b) => a - b);
  }

  // Add a drawing that shows the same state and zoom, such as the other network's.
  follow(drawing) {
    this.drawings.push(drawing);
  }

  show(network) {
    this.network = network;
    this.shown = "";
    for (const drawing of this.drawings) drawing.show(network);
    this.fit.hidden = true;
    for (const tool of this.tools) tool.hidden = !network.shortcuts.length && tool.textContent !== "restore all";
  }

  set(cut, remove) {
    if (String(cut) === String(this.cut) && String(remove) === String(this.remove)) return;
    this.cut = cut;
    this.remove = remove;
    for (const drawing of this.drawings) drawing.set(cut, remove);
  }

  // Colour the blocks by the newest values up to step `cursor`; both networks share one scale.
  paint(records, cursor) {
    const name = this.colour.value,
      { log } = QUANTITIES[name];
    const key = `${name} ${records.version} ${records.newest(name, cursor)}`;
    if (key === this.shown) return;
    this.shown = key;
    const values = {},
      all = [];
    for (const arm of ARMS) {
      values[arm] = perBlock(name, records.vector(arm, name, "cursor", cursor), this.network);
      all.push(...values[arm].filter((v) => v != null && (!log || v > 0)));
    }
    let low = log ? Math.min(...all) : 0,
      high = log ? Math.max(...all) : 1;
    if (!all.length) {
      this.scale.replaceChildren();
      return this.shade({});
    }
    const place = log
      ? (v) => (v > 0 ? (high > low ? Math.log(v / low) / Math.log(high / low) : 0.5) : null)
      : (v) => v;
    for (const arm of ARMS) values[arm] = values[arm].map((v) => (v == null ? null : place(v)));
    this.shade(values);
    const percent = (v) => `${Math.round(100 * v)}%`;
    this.scale.replaceChildren(
      log ? short(low) : percent(low),
      el("i", { "aria-hidden": "true" }),
      log ? short(high) : percent(high),
    );
  }

  shade(values) {
    for (const drawing of this.drawings) drawing.shade(values);
  }

  // Show a caption that says what a click does, and when it takes effect.
  say(when) {
    const words = `${this.network.shortcuts.length ? "Arc off: only F(x). " : ""}Block off: only x. ${when}`;
    if (this.caption.textContent !== words) this.caption.textContent = words;
  }

  history(undo, redo) {
    this.undoButton.disabled = !undo;
    this.redoButton.disabled = !redo;
  }

  dispose() {
    for (const drawing of this.drawings) drawing.dispose();
  }
}

// The drawing as a card of a panel. A card without tools shows the other network and follows the card that has tools.
export class NetCard {
  constructor(root, choose, cards) {
    Object.assign(this, { root, choose, cards });
  }

  begin({ arms, tools }) {
    const { cards } = this;
    if (!tools) {
      this.root.classList.add("rv-stage");
      this.drawing = new Drawing(this.root, arms, cards.net.drawing.on);
      return cards.net.follow(this.drawing);
    }
    this.net = cards.net = new Net(this.root, arms, {
      change: (changes) => this.change(changes),
      undo: cards.undo,
      redo: cards.redo,
      repaint: () => this.paint(),
      window: (window) => {
        cards.show(window);
        cards.draw();
      },
    });
  }

  // Update the drawing at once; the numbers follow when the server answers.
  change(changes) {
    const { net } = this,
      now = { cut: net.cut, remove: net.remove, ...changes };
    net.set(now.cut, now.remove);
    this.choose({ cut: now.cut.join(",") || null, remove: now.remove.join(",") || null });
  }

  show(data) {
    if (!this.net && !this.drawing) this.begin(data);
    const shape = JSON.stringify(data.network);
    if (shape !== this.shape) {
      this.shape = shape;
      if (this.net) {
        this.net.show(data.network);
        this.cards.show(undefined);
      } else this.drawing.show(data.network);
    }
    if (!this.net) return this.drawing.set(this.cards.net.cut, this.cards.net.remove);
    if (this.cards.settled) this.net.set(data.cut, data.remove);
    this.net.say("");
    this.net.history(...this.cards.history());
    this.paint();
  }

  paint() {
    const { records } = this.cards.scene();
    if (records.any) this.net.paint(records, 1);
  }

  dispose() {
    this.net?.dispose();
  }
}
