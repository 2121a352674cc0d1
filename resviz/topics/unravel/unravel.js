// Residual blocks unrolled into paths (Veit 2016, Fig. 1): each opened sum shows both paths through its block.

import { svg } from "../../ui/assets/dom.js";

const LEAST = 0.87; // smaller, its words could not be read: it is scrolled
// px: distance of rows, of blocks; height and width of a block
const LINE = 40;
const COLUMN = 128;
const TALL = 26;
const WIDE = 46;

/** @typedef {{ x: number, y: number }} End where a line ends */

/**
 * A number as subscript digits.
 * @param {number} n
 */
export const sub = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[Number(d)]);

/**
 * The middle of the right side of a block, where its sum is.
 * @param {number} block
 */
const columnOf = (block) => 70 + COLUMN * (block - 0.5) + COLUMN / 2 - 8;

/**
 * The block that an event is about: its node.
 * @param {Event} event
 * @returns {SVGElement | null}
 */
const blockOf = ({ target }) => (target instanceof Element ? target.closest("[data-block]") : null);

export default class Unravel {
  /** @type {Set<number>} */
  out = new Set();
  /** @type {SVGElement[]} */
  marks = [];
  /** @type {SVGElement[]} */
  lines = [];
  /** @type {Set<number>} blocks of which one copy is drawn */
  first = new Set();

  /**
   * @param {HTMLElement} root
   * @param {(changes: Payload.Changes) => void} choose is called with {out} when a block is clicked
   */
  constructor(root, choose) {
    this.choose = choose;
    this.svg = svg("svg", { class: "rv-unravel", role: "group" });
    root.replaceChildren(this.svg);
    this.svg.addEventListener("click", (event) => this.act(blockOf(event)));
    this.svg.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      this.act(blockOf(event));
    });
  }

  /** @param {Payload.UnravelDrawn} data */
  show({ blocks, opened, out, said }) {
    this.out = new Set(out);
    this.marks = [];
    this.lines = [];
    this.first = new Set();
    const width = 70 + COLUMN * blocks + 60;
    const height = LINE * 2 ** opened + 46;
    const end = this.part(blocks, opened, 0);
    const x = columnOf(blocks) + 26;
    this.wire(`M${end.x},${end.y}H${x}`);
    this.marks.push(svg("text", { x: x + 6, y: end.y + 5, class: "rv-unravel-y" }, `y${sub(blocks)}`));
    this.svg.setAttribute("width", String(width));
    this.svg.style.minWidth = `${LEAST * width}px`;
    this.svg.setAttribute("height", String(height));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("aria-label", said);
    const active = document.activeElement;
    const focus = active instanceof SVGElement ? active.dataset.block : undefined;
    this.svg.replaceChildren(...this.lines, ...this.marks);
    /** @type {SVGElement | null} */
    const again = focus ? this.svg.querySelector(`[data-block="${focus}"]`) : null;
    again?.focus({ preventScroll: true });
  }

  /**
   * Draw a line, faint if nothing comes through it.
   * @param {string} d
   * @param {boolean} [alive]
   */
  wire(d, alive = true) {
    this.lines.push(svg("path", { d, class: alive ? "rv-unravel-wire" : "rv-unravel-wire rv-unravel-out" }));
  }

  /**
   * Draw block k and all before it, with `open` more sums opened, from `row` on.
   * @param {number} k
   * @param {number} open
   * @param {number} row
   * @returns {End}
   */
  part(k, open, row) {
    if (k === 0) {
      const y = 30 + LINE * (row + 0.5);
      this.marks.push(svg("text", { x: 40, y: y + 5, class: "rv-unravel-x" }, "x"));
      return { x: 56, y };
    }
    const y = open > 0 ? this.opened(k, open, row) : this.closed(k, row);
    const x = columnOf(k);
    this.sum(x, y);
    return { x: x + 8, y };
  }

  /**
   * Draw an opened sum: what is before it twice, once past the block and once through it. Returns y of the sum.
   * @param {number} k
   * @param {number} open
   * @param {number} row
   */
  opened(k, open, row) {
    const x = columnOf(k);
    const middle = x - COLUMN / 2 - 2;
    const past = this.part(k - 1, open - 1, row);
    const through = this.part(k - 1, open - 1, row + 2 ** (open - 1));
    const y = (past.y + through.y) / 2;
    this.box(k, middle, through.y);
    this.wire(`M${through.x},${through.y}H${middle - WIDE / 2}`);
    this.wire(`M${past.x},${past.y}H${x - 22}L${x - 8},${y}`);
    this.wire(`M${middle + WIDE / 2},${through.y}H${x - 22}L${x - 8},${y}`, !this.out.has(k));
    return y;
  }

  /**
   * Draw a block with its shortcut as an arc. Returns y of the sum.
   * @param {number} k
   * @param {number} row
   */
  closed(k, row) {
    const x = columnOf(k);
    const left = x - COLUMN + 20;
    const middle = x - COLUMN / 2 - 2;
    const before = this.part(k - 1, 0, row);
    const { y } = before;
    this.wire(`M${before.x},${y}H${middle - WIDE / 2}`);
    this.wire(`M${left},${y}C${left},${y - 34} ${x},${y - 34} ${x},${y - 8}`);
    this.wire(`M${middle + WIDE / 2},${y}H${x - 8}`, !this.out.has(k));
    this.box(k, middle, y);
    return y;
  }

  /**
   * Draw a copy of a block. The Tab key stops at the first of each.
   * @param {number} k
   * @param {number} x
   * @param {number} y
   */
  box(k, x, y) {
    const out = this.out.has(k);
    const first = !this.first.has(k);
    this.first.add(k);
    this.marks.push(
      svg(
        "g",
        {
          class: `rv-unravel-box${out ? " rv-unravel-out" : ""}`,
          "data-block": k,
          role: "switch",
          tabindex: first ? 0 : -1,
          "aria-checked": String(!out),
          "aria-label": `Block ${k}`,
        },
        svg("rect", { x: x - WIDE / 2, y: y - TALL / 2, width: WIDE, height: TALL, rx: 5 }),
        svg("text", { x, y: y + 5 }, `f${sub(k)}`),
        svg("title", {}, out ? `Block ${k} is out: click to put it back` : `Click to take block ${k} out, everywhere`),
      ),
    );
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  sum(x, y) {
    this.marks.push(
      svg("circle", { cx: x, cy: y, r: 8, class: "rv-unravel-sum" }),
      svg("path", { d: `M${x - 4},${y}h8M${x},${y - 4}v8`, class: "rv-unravel-plus" }),
    );
  }

  /**
   * Take a block out, or put it back.
   * @param {SVGElement | null} node
   */
  act(node) {
    if (!node) return;
    const k = Number(node.dataset.block);
    const out = new Set(this.out);
    if (!out.delete(k)) out.add(k);
    this.choose({ out: [...out].sort((a, b) => a - b).join(",") });
  }
}
