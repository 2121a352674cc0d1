// Draws the network as a row of blocks with its shortcuts as arcs. A click on an arc asks to cut or restore that shortcut,
// a click on a block to remove it or put it back; the listener (`on`) applies the change. The x axis is the same as in the
// charts below: layers, input on the left.

import { svg } from "./dom.js";

const ROW = { residual: 40, plain: 72 }; // y of each network's line, px from the top, where both are drawn
const ALONE = { residual: 40, plain: 22 }; // the same where only one is drawn
const BOX = 20,
  ARC = 25; // px: height of a block, and of an arc above the line
const SINGLE = 13; // px: blocks closer together than this are drawn as counted groups
const GROUP = 54; // px: least width of a group
const LEFT = 68,
  RIGHT = 12; // margins, as in resviz/draw/profile.py

// "blocks 3, 7 and 10 to 12"
function spoken(numbers) {
  const runs = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([a, b]) => (a === b ? `${a}` : b === a + 1 ? `${a}, ${b}` : `${a} to ${b}`)).join(", ");
}

export class Drawing {
  // on.toggle("cut" | "remove", number) is called on a click or key; on.window([low, high]) on zoom or pan.
  constructor(root, arms, on) {
    Object.assign(this, { root, arms, on, cut: new Set(), remove: new Set(), values: {}, at: 1, part: "cut" });
    this.rows = arms.length > 1 ? ROW : ALONE;
    this.height = (arms.includes("plain") ? this.rows.plain : this.rows.residual) + 20;
    this.svg = svg("svg", { class: "rv-net", height: this.height, role: "group", tabindex: -1 });
    root.replaceChildren(this.svg);
    this.width = 0;
    this.sized = new ResizeObserver(() => {
      const width = root.clientWidth;
      if (width && width !== this.width) {
        this.width = width;
        this.render();
      }
    });
    this.sized.observe(root);
    this.svg.addEventListener("click", (event) => this.onClick(event));
    this.svg.addEventListener("keydown", (event) => this.onKey(event));
    this.svg.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.svg.addEventListener("pointerdown", (event) => this.onDown(event));
    this.svg.addEventListener("focusin", (event) => {
      const item = event.target.closest?.("[data-n]");
      if (item) {
        this.at = Number(item.dataset.n);
        this.part = item.dataset.part;
      }
    });
  }

  // network: {depth, stem, per, blocks, shortcuts: [kind of each] or [], stages: [{first, channels}]}
  show(network) {
    this.network = network;
    this.full = [0.5, network.depth + 0.5];
    this.window = this.full;
    this.at = Math.min(this.at, Math.max(1, network.blocks));
    this.values = {};
    this.render();
  }

  // Return a function that sets a node's shade if it changed; rounded to 1/24, too fine to see, so that most need no update.
  shader(node, read) {
    let last;
    return () => {
      const value = read(),
        shade = value == null ? 0.06 : 0.08 + (0.84 * Math.round(24 * value)) / 24;
      if (shade !== last) node.style.fillOpacity = last = shade;
    };
  }

  // Set which shortcuts are cut and which blocks are removed.
  set(cut, remove) {
    this.cut = new Set(cut);
    this.remove = new Set(remove);
    for (const update of this.updates ?? []) update();
    this.label();
  }

  // Set how strongly each block is coloured: {arm: [0 to 1, or null, for each block]}.
  shade(values) {
    this.values = values;
    for (const update of this.shades ?? []) update();
  }

  zoom([low, high], tell = true) {
    const { full } = this,
      least = Math.min(full[1] - full[0], 4 * this.network.per);
    const span = Math.min(full[1] - full[0], Math.max(least, high - low));
    const start = Math.max(full[0], Math.min((low + high - span) / 2, full[1] - span));
    const next = span >= (full[1] - full[0]) * 0.999 ? full : [start, start + span];
    if (String(next) === String(this.window)) return;
    this.window = next;
    this.render();
    if (tell) this.on.window(next);
  }

  zoomBy(factor, centre = (this.window[0] + this.window[1]) / 2) {
    const [low, high] = this.window;
    this.zoom([centre - (centre - low) * factor, centre + (high - centre) * factor]);
  }

  get zoomed() {
    return this.window !== this.full;
  }

  x(layer) {
    const [low, high] = this.window;
    return LEFT + ((layer - low) / (high - low)) * (this.width - LEFT - RIGHT);
  }

  layerAt(x) {
    const [low, high] = this.window;
    return low + ((x - LEFT) / (this.width - LEFT - RIGHT)) * (high - low);
  }

  // The x position of block n, in layers: the middle of its layers.
  centre(n) {
    return this.network.stem + (n - 0.5) * this.network.per + 0.5;
  }

  kind(n) {
    return this.network.shortcuts[n - 1];
  }

  // [first, last] block of each item to draw: single blocks, or groups of equal blocks where single ones would be too narrow.
  items() {
    const { blocks, per } = this.network;
    const pitch = (this.pitch = per * (this.x(1) - this.x(0)));
    if (pitch >= SINGLE || blocks < 3) return Array.from({ length: blocks }, (_, i) => [i + 1, i + 1]);
    const size = [2, 5, 10, 20, 25, 50, 100, 200, 600].find((n) => n * pitch >= GROUP) ?? 600;
    const items = [];
    for (const [i, stage] of this.network.stages.entries()) {
      const last = (this.network.stages[i + 1]?.first ?? blocks + 1) - 1;
      let first = stage.first;
      if (i > 0) {
        items.push([first, first]);
        first += 1;
      } // the block that changes the shape is never grouped
      while (first <= last) {
        const rest = last - first + 1,
          end = rest < 2 * size ? last : first + size - 1;
        items.push([first, end]);
        first = end + 1;
      }
    }
    return items;
  }

  render() {
    if (!this.network || !this.width) return;
    const focused = this.svg.contains(document.activeElement);
    this.updates = [];
    this.shades = [];
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.setAttribute("width", this.width);
    const items = this.items();
    const [low, high] = this.window;
    const inside = items.filter(
      ([a, b]) => this.centre(b) + 1.5 * this.network.per > low && this.centre(a) - 1.5 * this.network.per < high,
    );
    const parts = [
      svg(
        "clipPath",
        { id: (this.clip ??= `rv-clip-${Math.random().toString(36).slice(2)}`) },
        svg("rect", { x: LEFT - 4, y: 0, width: Math.max(0, this.width - LEFT - RIGHT + 8), height: this.height }),
      ),
    ];
    for (const arm of this.arms) parts.push(this.row(arm, inside));
    this.svg.replaceChildren(...parts);
    this.rove(focused);
    this.label();
  }

  row(arm, items) {
    const y = this.rows[arm],
      { depth, stem } = this.network;
    const residual = arm === "residual";
    const layer = this.x(1) - this.x(0);
    const inner = svg("g", { "clip-path": `url(#${this.clip})` });
    const row = svg(
      "g",
      { class: `rv-row rv-${arm}`, "aria-hidden": residual || this.arms.length === 1 ? null : "true" },
      svg("text", { x: 0, y: y + 5, class: "rv-name" }, arm),
      inner,
    );
    inner.append(svg("path", { class: "rv-wire", d: `M${this.x(0.5)},${y}H${this.x(depth + 0.5)}` }));
    for (const [i, stage] of this.network.stages.entries()) {
      if (i === 0) continue;
      const x = this.x(this.centre(stage.first) - this.network.per / 2);
      inner.append(
        svg(
          "path",
          { class: "rv-border", d: `M${x},2V${this.height}` },
          svg("title", {}, `stage ${i + 1}: ${stage.channels} channels, half the height and width`),
        ),
      );
    }
    const end = (from, to, name) => {
      const x = this.x((from + to) / 2),
        w = Math.max(3, Math.min(26, 0.7 * layer * (to - from + 1)));
      inner.append(
        svg(
          "g",
          { class: "rv-end" },
          svg("rect", { x: x - w / 2, y: y - 7, width: w, height: 14, rx: 3 }),
          svg("title", {}, name),
        ),
      );
    };
    end(1, stem, stem > 1 ? `stem: ${stem} convolutions` : "stem: the first convolution");
    end(depth, depth, "head: average and fully connected layer");
    for (const [first, last] of items)
      inner.append(...(first === last ? this.block(arm, first, y) : this.group(arm, first, last, y)));
    return row;
  }

  // Only the first row can be reached by keyboard; the other shows the same blocks and is hidden from screen readers.
  reach(arm) {
    return arm === this.arms[0] ? -1 : null;
  }

  block(arm, n, y) {
    const cx = this.x(this.centre(n)),
      { pitch } = this;
    const whose = this.arms[0] === "plain" ? ", plain" : "";
    const w = Math.max(2, Math.min(26, 0.5 * pitch)),
      half = 0.43 * pitch;
    const box = svg("rect", {
      x: cx - w / 2,
      y: y - BOX / 2,
      width: w,
      height: BOX,
      rx: Math.min(4, w / 4),
      class: "rv-box",
    });
    const boxTitle = svg("title");
    const boxSwitch = svg(
      "g",
      {
        class: "rv-block",
        role: "switch",
        tabindex: this.reach(arm),
        "data-n": n,
        "data-part": "remove",
        "data-arm": arm,
      },
      svg("rect", { x: cx - w / 2, y: y - BOX / 2, width: w, height: BOX, class: "rv-under" }),
      box,
      boxTitle,
    );
    this.shades.push(this.shader(box, () => this.values[arm]?.[n - 1]));
    const out = [boxSwitch];
    let arc;
    const kind = this.kind(n);
    if (arm === "residual" && kind) {
      const path = `M${cx - half},${y}C${cx - half},${y - 1.33 * ARC} ${cx + half},${y - 1.33 * ARC} ${cx + half},${y}`;
      const top = y - ARC;
      arc = svg(
        "g",
        { class: `rv-arc rv-${kind}`, role: "switch", tabindex: -1, "data-n": n, "data-part": "cut" },
        svg("path", { class: "rv-hit", d: path }),
        svg("path", { class: "rv-line", d: path }),
      );
      if (kind === "padding") arc.append(svg("circle", { class: "rv-mark", cx, cy: top, r: 4 }));
      if (kind === "projection")
        arc.append(svg("rect", { class: "rv-mark", x: cx - 4, y: top - 4, width: 8, height: 8 }));
      if (pitch >= 34) {
        arc.append(
          svg(
            "g",
            { class: "rv-plus" },
            svg("circle", { cx: cx + half, cy: y, r: 5 }),
            svg("path", { d: `M${cx + half - 3},${y}h6M${cx + half},${y - 3}v6` }),
          ),
        );
      }
      arc.append(svg("path", { class: "rv-cross", d: `M${cx - 4},${top - 4}l8,8m0,-8l-8,8` }), svg("title"));
      out.unshift(arc);
    }
    this.updates.push(() => {
      const removed = this.remove.has(n),
        cut = this.cut.has(n);
      boxSwitch.classList.toggle("rv-removed", removed);
      boxSwitch.setAttribute("aria-checked", String(!removed));
      boxSwitch.setAttribute("aria-label", `Block ${n}${whose}`);
      boxTitle.textContent = removed
        ? `Block ${n} is removed: x passes by. Click to put it back.`
        : `Block ${n}. Click to remove it: it becomes x.`;
      if (arc) {
        arc.classList.toggle("rv-cut", cut);
        arc.setAttribute("aria-checked", String(!cut));
        arc.setAttribute("aria-label", `Shortcut ${n}, ${kind}`);
        arc.lastChild.textContent = cut
          ? `Shortcut ${n} is cut: F(x) alone. Click to restore it: x + F(x).`
          : `Shortcut ${n}, ${{ identity: "identity", padding: "padded with zeros", projection: "1×1 projection" }[kind]}. Click to cut it: x + F(x) becomes F(x).`;
      }
    });
    this.updates.at(-1)();
    this.shades.at(-1)();
    return out;
  }

  group(arm, first, last, y) {
    const { pitch } = this,
      count = last - first + 1;
    const left = this.x(this.centre(first)) - pitch / 2 + 2,
      right = this.x(this.centre(last)) + pitch / 2 - 2,
      cx = (left + right) / 2;
    const stripes = svg(
      "g",
      { class: "rv-stripes" },
      svg("rect", { x: left, y: y - BOX / 2, width: Math.max(1, right - left), height: BOX, class: "rv-under" }),
    );
    for (let n = first; n <= last; n++) {
      const stripe = svg("rect", {
        x: this.x(this.centre(n)) - pitch / 2,
        y: y - BOX / 2,
        width: pitch + 0.3,
        height: BOX,
      });
      this.shades.push(this.shader(stripe, () => (this.remove.has(n) ? 0 : this.values[arm]?.[n - 1])));
      this.shades.at(-1)();
      stripes.append(stripe);
    }
    const text = svg("text", { x: cx, y: y + 4.5, class: "rv-count" });
    const note = svg("text", { x: cx, y: y - 13, class: "rv-note" });
    const title = svg("title");
    const node = svg(
      "g",
      {
        class: "rv-group",
        role: "button",
        tabindex: this.reach(arm),
        "data-n": first,
        "data-last": last,
        "data-part": "group",
        "data-arm": arm,
      },
      stripes,
      svg("rect", { class: "rv-box", x: left, y: y - BOX / 2, width: Math.max(1, right - left), height: BOX, rx: 4 }),
      text,
      title,
    );
    let arcs = [];
    if (arm === "residual" && this.kind(first)) {
      arcs = [0, 5].map((d) =>
        svg("path", {
          class: "rv-line",
          d: `M${left + d},${y - BOX / 2}C${left + d},${y - 1.33 * ARC + d} ${right - d},${y - 1.33 * ARC + d} ${right - d},${y - BOX / 2}`,
        }),
      );
      node.prepend(...arcs);
    }
    this.updates.push(() => {
      const inRange = (set) => [...set].filter((n) => n >= first && n <= last).length;
      const cut = arm === "residual" ? inRange(this.cut) : 0,
        removed = inRange(this.remove);
      const notes = [cut && `${cut} cut`, removed && `${removed} removed`].filter(Boolean);
      text.textContent = `×${count}`;
      note.textContent = arm === "residual" ? notes.join(", ") : "";
      arcs[1]?.classList.toggle("rv-hidden", cut > 0);
      arcs[0]?.classList.toggle("rv-cutline", cut === count);
      node.setAttribute(
        "aria-label",
        `Blocks ${first} to ${last}${this.arms[0] === "plain" ? ", plain" : ""}${notes.length ? `, ${notes.join(", ")}` : ""}: open`,
      );
      title.textContent = `${count} equal blocks, ${first} to ${last}${notes.length ? `: ${notes.join(", ")}` : ""}. Click to open.`;
    });
    this.updates.at(-1)();
    return [node];
  }

  label() {
    if (!this.network) return;
    const say = (set, what) => (set.size ? `; ${what}: ${spoken(set)}` : "");
    this.svg.setAttribute(
      "aria-label",
      `${this.network.blocks} blocks${say(this.cut, "shortcuts cut")}${say(this.remove, "blocks removed")}. ` +
        "Arrow keys move, Space toggles, plus and minus zoom.",
    );
  }

  // ---- mouse and keyboard ----

  // Only one item of the row can be reached with Tab; arrow keys move from there.
  rove(focus) {
    const all = [...this.svg.querySelectorAll("[data-n]")].filter(
      (node) => (node.dataset.arm ?? this.arms[0]) === this.arms[0],
    );
    const near = (node) =>
      Math.abs(Number(node.dataset.n) - this.at) +
      (node.dataset.part === this.part ? 0 : 0.5) -
      (node.dataset.last && this.at >= Number(node.dataset.n) && this.at <= Number(node.dataset.last) ? 1e6 : 0);
    const best = all.sort((a, b) => near(a) - near(b))[0];
    if (!best) return;
    this.svg.querySelector('[tabindex="0"]')?.setAttribute("tabindex", -1);
    best.setAttribute("tabindex", 0);
    if (focus) best.focus({ preventScroll: true });
  }

  act(item) {
    const { n, last, part } = item.dataset;
    if (part === "group") {
      this.at = Number(n);
      this.part = this.network.shortcuts.length ? "cut" : "remove";
      return this.zoom([this.centre(Number(n)) - this.network.per, this.centre(Number(last)) + this.network.per]);
    }
    this.at = Number(n);
    this.part = part;
    this.rove(false);
    this.on.toggle(part, Number(n));
  }

  onClick(event) {
    if (this.dragged) {
      this.dragged = false;
      return;
    }
    const item = event.target.closest("[data-n]");
    if (item) this.act(item);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const item = event.target.closest("[data-n]");
    const [low, high] = this.window,
      span = high - low;
    const move = (by) => {
      if (event.shiftKey) return this.zoom([low + (by * span) / 4, high + (by * span) / 4]);
      const from = by > 0 && item?.dataset.last ? Number(item.dataset.last) : item ? Number(item.dataset.n) : this.at;
      this.goTo(from + by);
    };
    const acts = {
      ArrowRight: () => move(1),
      ArrowLeft: () => move(-1),
      ArrowUp: () => {
        this.part = "cut";
        this.rove(true);
      },
      ArrowDown: () => {
        this.part = "remove";
        this.rove(true);
      },
      Home: () => this.goTo(1),
      End: () => this.goTo(this.network.blocks),
      " ": () => item && this.act(item),
      Enter: () => item && this.act(item),
      "+": () => this.zoomBy(0.5, this.centre(this.at)),
      "=": () => this.zoomBy(0.5, this.centre(this.at)),
      "-": () => this.zoomBy(2, this.centre(this.at)),
      Escape: () => this.zoom(this.full),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  goTo(n) {
    this.at = Math.max(1, Math.min(n, this.network.blocks));
    const [low, high] = this.window,
      at = this.centre(this.at),
      { per } = this.network;
    if (at - per / 2 < low || at + per / 2 > high) {
      const by = at < (low + high) / 2 ? at - per - low : at + per - high;
      this.zoom([low + by, high + by]);
    }
    this.rove(true);
  }

  onWheel(event) {
    if (!event.ctrlKey && !event.metaKey) return; // without Ctrl the wheel scrolls the page
    event.preventDefault();
    this.zoomBy(Math.exp(event.deltaY / 300), this.layerAt(event.offsetX));
  }

  onDown(event) {
    if (!this.zoomed || event.button) return;
    const start = event.clientX,
      [low, high] = this.window,
      scale = (high - low) / (this.width - LEFT - RIGHT);
    const move = (e) => {
      if (Math.abs(e.clientX - start) < 4 && !this.dragged) return;
      this.dragged = true;
      const by = (start - e.clientX) * scale;
      this.zoom([low + by, high + by]);
    };
    const up = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      setTimeout(() => {
        this.dragged = false;
      }, 0);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
  }

  dispose() {
    this.sized.disconnect();
  }
}
