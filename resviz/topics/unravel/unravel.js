// Residual blocks unrolled into paths (Veit 2016, Fig. 1): each opened sum shows both paths through its block.

import { svg } from "../../ui/assets/dom.js";

const LINE = 40,
  COLUMN = 128,
  TALL = 26,
  WIDE = 46; // px: distance of rows, of blocks; height and width of a block

export default class Unravel {
  // choose({out}) is called when a block is clicked.
  constructor(root, choose) {
    this.root = root;
    this.choose = choose;
    this.svg = svg("svg", { class: "rv-unravel", role: "group" });
    root.replaceChildren(this.svg);
    this.svg.addEventListener("click", (event) => this.act(event.target.closest("[data-block]")));
    this.svg.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      this.act(event.target.closest("[data-block]"));
    });
  }

  show(data) {
    this.data = data;
    const { blocks, opened, said } = data,
      rows = 2 ** opened;
    const width = 70 + COLUMN * blocks + 60,
      height = LINE * rows + 46;
    this.marks = [];
    this.lines = [];
    this.first = new Set();
    const end = this.part(blocks, opened, 0);
    const x = this.at(blocks) + 26;
    this.wire(`M${end.x},${end.y}H${x}`, end.alive);
    this.marks.push(svg("text", { x: x + 6, y: end.y + 5, class: "rv-unravel-y" }, `y${sub(blocks)}`));
    for (const attribute of ["width", "height"]) this.svg.setAttribute(attribute, { width, height }[attribute]);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("aria-label", said);
    const focus = document.activeElement?.dataset?.block;
    this.svg.replaceChildren(...this.lines, ...this.marks);
    if (focus) this.svg.querySelector(`[data-block="${focus}"]`)?.focus({ preventScroll: true });
  }

  at(block) {
    return 70 + COLUMN * (block - 0.5) + COLUMN / 2 - 8;
  }

  y(row) {
    return 30 + LINE * (row + 0.5);
  }

  wire(d, alive) {
    this.lines.push(svg("path", { d, class: alive ? "rv-unravel-wire" : "rv-unravel-wire rv-unravel-out" }));
  }

  // Draw block k and all before it, with `open` more sums opened, from `row` on. Returns where its line ends, and if it is alive.
  part(k, open, row) {
    const x = this.at(k);
    if (k === 0) {
      const y = this.y(row);
      this.marks.push(svg("text", { x: 40, y: y + 5, class: "rv-unravel-x" }, "x"));
      return { x: 56, y, alive: true };
    }
    if (open > 0) {
      const past = this.part(k - 1, open - 1, row),
        through = this.part(k - 1, open - 1, row + 2 ** (open - 1));
      const alive = through.alive && !this.data.out.includes(k),
        y = (past.y + through.y) / 2;
      this.box(k, x - COLUMN / 2 - 2, through.y);
      this.wire(`M${through.x},${through.y}H${x - COLUMN / 2 - 2 - WIDE / 2}`, through.alive);
      this.wire(`M${past.x},${past.y}H${x - 22}L${x - 8},${y}`, past.alive);
      this.wire(`M${x - COLUMN / 2 - 2 + WIDE / 2},${through.y}H${x - 22}L${x - 8},${y}`, alive);
      this.sum(x, y);
      return { x: x + 8, y, alive: true };
    }
    const before = this.part(k - 1, 0, row),
      { y } = before,
      left = x - COLUMN + 20,
      middle = x - COLUMN / 2 - 2;
    this.wire(`M${before.x},${y}H${middle - WIDE / 2}`, true);
    this.wire(`M${left},${y}C${left},${y - 34} ${x},${y - 34} ${x},${y - 8}`, true);
    this.wire(`M${middle + WIDE / 2},${y}H${x - 8}`, !this.data.out.includes(k));
    this.box(k, middle, y);
    this.sum(x, y);
    return { x: x + 8, y, alive: true };
  }

  box(k, x, y) {
    const out = this.data.out.includes(k),
      first = !this.first.has(k);
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

  sum(x, y) {
    this.marks.push(
      svg("circle", { cx: x, cy: y, r: 8, class: "rv-unravel-sum" }),
      svg("path", { d: `M${x - 4},${y}h8M${x},${y - 4}v8`, class: "rv-unravel-plus" }),
    );
  }

  act(node) {
    if (!node) return;
    const k = Number(node.dataset.block),
      out = new Set(this.data.out);
    if (!out.delete(k)) out.add(k);
    this.choose({ out: [...out].sort((a, b) => a - b).join(",") });
  }
}

const sub = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);
