// The shapes of the drawing: the row of one network, with its blocks, shortcuts and groups of blocks.

import { svg } from "./dom.js";

/** @import {Axis, Item} from "./axis.js" */
/** @import {Arm} from "./records.js" */

const BOX = 20; // px: height of a block
const ARC = 25; // px: height of an arc above the line
const PLUS = 34; // px: blocks further apart than this have a plus where the arc ends
/** @type {Record<string, string>} */
const KINDS = { identity: "identity", padding: "padded with zeros", projection: "1×1 projection" };

/**
 * What the shapes show. They read it again at every update.
 * @typedef {object} Shown
 * @property {readonly Arm[]} arms
 * @property {Set<number>} cut shortcuts
 * @property {Set<number>} remove blocks
 * @property {Shades} values
 */

/**
 * How strongly each block is coloured, from 0 to 1; null if nothing was measured.
 * @typedef {Partial<Record<Arm, (number | null | undefined)[]>>} Shades
 */

/**
 * The nodes of a block or a group. `update` follows a change of what is cut and removed, `shade` one of the shades.
 * @typedef {object} Shape
 * @property {SVGElement[]} nodes
 * @property {() => void} update
 * @property {() => void} shade
 */

/** One network: its name, its line, the borders of its stages, stem and head, and its blocks. */
export class Row {
  /**
   * @param {Shown} shown
   * @param {Axis} axis
   * @param {Arm} arm
   * @param {number} y of the line, in px
   */
  constructor(shown, axis, arm, y) {
    this.shown = shown;
    this.axis = axis;
    this.arm = arm;
    this.y = y;
    // Only the first row can be reached by keyboard; the other shows the same blocks and is hidden from screen readers.
    this.reach = arm === shown.arms[0] ? -1 : null;
    this.whose = shown.arms[0] === "plain" ? ", plain" : "";
  }

  /**
   * Return the node of the row, and the shapes of its blocks.
   * @param {Item[]} items
   * @param {number} height of the drawing, in px
   * @param {string} clip the id of the clip path
   */
  draw(items, height, clip) {
    const { axis, arm, y, shown } = this;
    const { depth, stem } = axis.network;
    const inner = svg(
      "g",
      { "clip-path": `url(#${clip})` },
      svg("path", { class: "rv-wire", d: `M${axis.x(0.5)},${y}H${axis.x(depth + 0.5)}` }),
      ...this.borders(height),
      this.end(1, stem, stem > 1 ? `stem: ${stem} convolutions` : "stem: the first convolution"),
      this.end(depth, depth, "head: average and fully connected layer"),
    );
    const shapes = items.map(([first, last]) => (first === last ? this.block(first) : this.group(first, last)));
    inner.append(...shapes.flatMap((shape) => shape.nodes));
    const node = svg(
      "g",
      { class: `rv-row rv-${arm}`, "aria-hidden": arm === "residual" || shown.arms.length === 1 ? null : "true" },
      svg("text", { x: 0, y: y + 5, class: "rv-name" }, arm),
      inner,
    );
    return { node, shapes };
  }

  /**
   * A line where each stage but the first begins.
   * @param {number} height px
   */
  borders(height) {
    const { axis } = this;
    return axis.network.stages.slice(1).map((stage, i) => {
      const x = axis.x(axis.centre(stage.first) - axis.network.per / 2);
      return svg(
        "path",
        { class: "rv-border", d: `M${x},2V${height}` },
        svg("title", {}, `stage ${i + 2}: ${stage.channels} channels, half the height and width`),
      );
    });
  }

  /**
   * The stem or the head.
   * @param {number} from layer
   * @param {number} to layer
   * @param {string} name
   */
  end(from, to, name) {
    const { axis } = this;
    const x = axis.x((from + to) / 2);
    const w = Math.max(3, Math.min(26, 0.7 * axis.layer * (to - from + 1)));
    return svg(
      "g",
      { class: "rv-end" },
      svg("rect", { x: x - w / 2, y: this.y - 7, width: w, height: 14, rx: 3 }),
      svg("title", {}, name),
    );
  }

  /**
   * A block, and its shortcut if it has one.
   * @param {number} n
   * @returns {Shape}
   */
  block(n) {
    const kind = this.axis.kind(n);
    const box = this.box(n);
    const arc = this.arm === "residual" && kind ? this.arc(n, kind) : undefined;
    const update = () => {
      box.update();
      arc?.update();
    };
    update();
    box.shade();
    return { nodes: arc ? [arc.node, box.node] : [box.node], update, shade: box.shade };
  }

  /** @param {number} n */
  box(n) {
    const { axis, arm, y, shown, whose } = this;
    const cx = axis.x(axis.centre(n));
    const w = Math.max(2, Math.min(26, 0.5 * axis.pitch));
    const place = { x: cx - w / 2, y: y - BOX / 2, width: w, height: BOX };
    const box = svg("rect", { ...place, rx: Math.min(4, w / 4), class: "rv-box" });
    const title = svg("title");
    const node = svg(
      "g",
      { class: "rv-block", role: "switch", tabindex: this.reach, "data-n": n, "data-part": "remove", "data-arm": arm },
      svg("rect", { ...place, class: "rv-under" }),
      box,
      title,
    );
    const update = () => {
      const removed = shown.remove.has(n);
      node.classList.toggle("rv-removed", removed);
      node.setAttribute("aria-checked", String(!removed));
      node.setAttribute("aria-label", `Block ${n}${whose}`);
      title.textContent = removed
        ? `Block ${n} is removed: x passes by. Click to put it back.`
        : `Block ${n}. Click to remove it: it becomes x.`;
    };
    return { node, update, shade: shader(box, () => shown.values[arm]?.[n - 1]) };
  }

  /**
   * A shortcut.
   * @param {number} n
   * @param {string} kind
   */
  arc(n, kind) {
    const { axis, y, shown } = this;
    const cx = axis.x(axis.centre(n));
    const half = 0.43 * axis.pitch;
    const [left, right, top] = [cx - half, cx + half, y - ARC];
    const d = `M${left},${y}C${left},${y - 1.33 * ARC} ${right},${y - 1.33 * ARC} ${right},${y}`;
    const title = svg("title");
    const node = svg(
      "g",
      { class: `rv-arc rv-${kind}`, role: "switch", tabindex: -1, "data-n": n, "data-part": "cut" },
      svg("path", { class: "rv-hit", d }),
      svg("path", { class: "rv-line", d }),
    );
    if (kind === "padding") node.append(svg("circle", { class: "rv-mark", cx, cy: top, r: 4 }));
    if (kind === "projection")
      node.append(svg("rect", { class: "rv-mark", x: cx - 4, y: top - 4, width: 8, height: 8 }));
    if (axis.pitch >= PLUS) node.append(plus(right, y));
    node.append(svg("path", { class: "rv-cross", d: `M${cx - 4},${top - 4}l8,8m0,-8l-8,8` }), title);
    const update = () => {
      const cut = shown.cut.has(n);
      node.classList.toggle("rv-cut", cut);
      node.setAttribute("aria-checked", String(!cut));
      node.setAttribute("aria-label", `Shortcut ${n}, ${kind}`);
      title.textContent = cut
        ? `Shortcut ${n} is cut: F(x) alone. Click to restore it: x + F(x).`
        : `Shortcut ${n}, ${KINDS[kind]}. Click to cut it: x + F(x) becomes F(x).`;
    };
    return { node, update };
  }

  /**
   * Equal blocks, too narrow to be drawn one by one: a box with a stripe for each.
   * @param {number} first
   * @param {number} last
   * @returns {Shape}
   */
  group(first, last) {
    const { axis, arm, y, shown } = this;
    const { pitch } = axis;
    const left = axis.x(axis.centre(first)) - pitch / 2 + 2;
    const right = axis.x(axis.centre(last)) + pitch / 2 - 2;
    const place = { x: left, y: y - BOX / 2, width: Math.max(1, right - left), height: BOX };
    const stripes = svg("g", { class: "rv-stripes" }, svg("rect", { ...place, class: "rv-under" }));
    /** @type {(() => void)[]} */
    const shades = [];
    for (let n = first; n <= last; n++) {
      const x = axis.x(axis.centre(n)) - pitch / 2;
      const stripe = svg("rect", { x, y: y - BOX / 2, width: pitch + 0.3, height: BOX });
      shades.push(shader(stripe, () => (shown.remove.has(n) ? 0 : shown.values[arm]?.[n - 1])));
      stripes.append(stripe);
    }
    const count = svg("text", { x: (left + right) / 2, y: y + 4.5, class: "rv-count" });
    const title = svg("title");
    const node = svg(
      "g",
      {
        class: "rv-group",
        role: "button",
        tabindex: this.reach,
        "data-n": first,
        "data-last": last,
        "data-part": "group",
        "data-arm": arm,
      },
      stripes,
      svg("rect", { class: "rv-box", ...place, rx: 4 }),
      count,
      title,
    );
    const arcs = arm === "residual" && axis.kind(first) ? [0, 5].map((inset) => groupArc(left, right, y, inset)) : [];
    node.prepend(...arcs);
    const update = () => this.updateGroup(first, last, { node, count, title, arcs });
    const shade = () => {
      for (const act of shades) act();
    };
    update();
    shade();
    return { nodes: [node], update, shade };
  }

  /**
   * Say how many blocks a group has, and how many of them are cut and removed.
   * @param {number} first
   * @param {number} last
   * @param {{ node: SVGElement, count: SVGElement, title: SVGElement, arcs: SVGElement[] }} parts
   */
  updateGroup(first, last, { node, count, title, arcs }) {
    const { shown, whose } = this;
    /** @param {Set<number>} set */
    const inRange = (set) => [...set].filter((n) => n >= first && n <= last).length;
    const blocks = last - first + 1;
    const cut = this.arm === "residual" ? inRange(shown.cut) : 0;
    const removed = inRange(shown.remove);
    const notes = [cut && `${cut} cut`, removed && `${removed} removed`].filter(Boolean).join(", ");
    count.textContent = `×${blocks}`;
    arcs[1]?.classList.toggle("rv-hidden", cut > 0);
    arcs[0]?.classList.toggle("rv-cutline", cut === blocks);
    node.setAttribute("aria-label", `Blocks ${first} to ${last}, ×${blocks}${whose}${notes && `, ${notes}`}: open`);
    title.textContent = `${blocks} equal blocks, ${first} to ${last}${notes && `: ${notes}`}. Click to open.`;
  }
}

/**
 * One of the two arcs over a group.
 * @param {number} left
 * @param {number} right
 * @param {number} y
 * @param {number} inset px
 */
function groupArc(left, right, y, inset) {
  const [from, to, base, top] = [left + inset, right - inset, y - BOX / 2, y - 1.33 * ARC + inset];
  return svg("path", { class: "rv-line", d: `M${from},${base}C${from},${top} ${to},${top} ${to},${base}` });
}

/**
 * A plus in a circle, where x and F(x) are added.
 * @param {number} cx
 * @param {number} cy
 */
function plus(cx, cy) {
  return svg(
    "g",
    { class: "rv-plus" },
    svg("circle", { cx, cy, r: 5 }),
    svg("path", { d: `M${cx - 3},${cy}h6M${cx},${cy - 3}v6` }),
  );
}

/**
 * Return a function that sets a node's shade if it changed; rounded to 1/24, too fine to see, so that most need no update.
 * @param {SVGElement} node
 * @param {() => number | null | undefined} read
 */
function shader(node, read) {
  /** @type {number | undefined} */
  let last;
  return () => {
    const value = read();
    const shade = value == null ? 0.06 : 0.08 + (0.84 * Math.round(24 * value)) / 24;
    if (shade === last) return;
    last = shade;
    node.style.fillOpacity = String(shade);
  };
}
