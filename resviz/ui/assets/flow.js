// Animates points on their way through the blocks of networks, side by side, on canvases, from data the server computed once.
//

import { el } from "./dom.js";

const BLOCK_MS = 900; // one block at normal speed
const REST_MS = 1800; // pause at the end, before it starts again
const HELD = 0.7; // share of a block's time for which points that jump stay in place
const HOLD_MS = 300; // longest pause while other data is awaited
const TRAILS = 36; // number of points whose trajectory is drawn
const SPEEDS = [0.25, 0.5, 1, 2, 4];

export class Flow {
  constructor(root) {
    this.root = root;
    this.at = 0; // blocks passed, a fraction within a block
    this.speed = 1;
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.playing = !this.still;
    this.abort = new AbortController();
    this.frames = 0; // for tests
    this.button = el("button", { type: "button", class: "rv-button", onclick: () => this.toggle() });
    this.slider = el("input", {
      type: "range",
      class: "rv-slider",
      min: 0,
      step: 0.05,
      "aria-label": "Block that the points have reached",
      oninput: () => {
        this.playing = false;
        this.at = Number(this.slider.value);
        this.paint();
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
      this.visible = entries.at(-1).isIntersecting;
      if (this.visible) this.run();
    });
    this.seen.observe(root);
    this.words();
  }

  // Show other data; the animation continues from where it is.
  show(data, theme) {
    this.theme = theme;
    if (this.data === data) return this.paint();
    const fresh = this.data?.blocks !== data.blocks;
    this.data = data;
    this.held = 0;
    if (fresh || this.arms?.length !== data.arms.length) {
      this.slider.max = data.blocks;
      this.at = Math.min(this.at, data.blocks);
      this.arms = data.arms.map((arm) => {
        const canvas = el("canvas", { role: "img", style: `--rv-arm:${arm.color}` });
        const title = el("b", { style: `color:${arm.color}` }),
          said = el("span");
        return {
          canvas,
          title,
          said,
          box: el("figure", { class: "rv-flow-arm" }, el("figcaption", {}, title, said), canvas),
        };
      });
      this.stage.style.setProperty("--rv-columns", data.columns ?? data.arms.length);
      this.stage.replaceChildren(...this.arms.map(({ box }) => box));
    }
    data.arms.forEach((arm, i) => {
      const { canvas, title, said } = this.arms[i];
      title.textContent = arm.formula ? `${arm.name}: ${arm.formula}` : arm.name;
      said.textContent = arm.said;
      canvas.setAttribute("aria-label", `${arm.name}: points of two classes on their way. ${arm.said}.`);
    });
    this.shades = data.arms.map(() => []);
    this.paint();
    this.run();
  }

  hold() {
    this.held = performance.now() + HOLD_MS;
  }

  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.at >= this.data.blocks) this.at = 0;
    this.rested = 0;
    this.words();
    this.run();
  }

  run() {
    if (this.next || !this.data) return;
    let last;
    const tick = (now) => {
      this.next = undefined;
      if (this.abort.signal.aborted || !this.playing || !this.visible) return;
      if (now < this.held) {
        last = now;
        this.next = requestAnimationFrame(tick);
        return;
      }
      const passed = Math.min(now - (last ?? now), 100);
      last = now;
      if (this.at >= this.data.blocks) {
        this.rested = (this.rested ?? 0) + passed;
        if (this.rested > REST_MS) {
          this.at = 0;
          this.rested = 0;
        }
      } else this.at = Math.min(this.at + (passed / BLOCK_MS) * this.speed, this.data.blocks);
      this.frames += 1;
      this.paint();
      this.next = requestAnimationFrame(tick);
    };
    this.next = requestAnimationFrame(tick);
  }

  words() {
    const put = (node, text) => {
      if (node.textContent !== text) node.textContent = text;
    };
    put(this.button, this.playing ? "Pause" : "Play");
    if (!this.data) return;
    const { blocks } = this.data,
      k = Math.floor(this.at);
    const { noun } = this.data;
    put(
      this.where,
      this.at >= blocks
        ? "at the end"
        : this.at === 0
          ? "at the input"
          : noun === "time"
            ? `time ${(this.at / blocks).toFixed(2)}`
            : `in block ${k + 1} of ${blocks}`,
    );
    this.slider.value = this.at;
    this.slider.setAttribute("aria-valuetext", this.where.textContent);
  }

  paint() {
    if (!this.data || !this.theme) return;
    this.words();
    this.data.arms.forEach((arm, i) => this.draw(arm, this.arms[i].canvas, i));
  }

  // Draw one arm at the current moment.
  draw(arm, canvas, index) {
    const side = canvas.clientWidth,
      ratio = window.devicePixelRatio || 1;
    if (!side) return;
    const pixels = Math.round(side * ratio);
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
    const pen = canvas.getContext("2d"),
      {
        blocks,
        box: [left, right, bottom, top],
        labels,
        colors,
      } = this.data;
    // An arm may make several steps per block: `per`.
    const per = (arm.x.length - 1) / blocks,
      passed = this.at * per,
      k = Math.min(Math.floor(passed), arm.x.length - 2),
      part = passed - k;
    const u = arm.jumps ? Math.max(0, (part - HELD) / (1 - HELD)) ** 3 : part;
    const px = (x) => ((x - left) / (right - left)) * side,
      py = (y) => side - ((y - bottom) / (top - bottom)) * side;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, side, side);
    const shade = (n, alpha) => {
      pen.globalAlpha = alpha;
      pen.drawImage(this.shade(arm, index, n), 0, 0, side, side);
    };
    pen.imageSmoothingEnabled = true;
    const block = Math.min(Math.floor(this.at), blocks - 1),
      gone = arm.jumps ? u : this.at - block;
    if (arm.regions.length > blocks) {
      if (gone < 1) shade(block, 1 - gone);
      if (gone > 0) shade(block + 1, gone);
    } else if (arm.regions.length) shade(0, 1); // only the regions of the final linear classifier
    pen.globalAlpha = 1;
    if (arm.arrows && this.at < blocks) this.arrows(pen, arm.arrows[block], side, px, py);
    const xs = arm.x,
      ys = arm.y;
    pen.lineWidth = 1;
    const every = Math.max(1, Math.floor(labels.length / TRAILS));
    for (let p = 0; p < labels.length; p += every) {
      pen.strokeStyle = colors[labels[p]];
      pen.globalAlpha = 0.45;
      pen.beginPath();
      pen.moveTo(px(xs[0][p]), py(ys[0][p]));
      for (let n = 1; n <= k; n++) pen.lineTo(px(xs[n][p]), py(ys[n][p]));
      if (u > 0) pen.lineTo(px(xs[k][p] + u * (xs[k + 1][p] - xs[k][p])), py(ys[k][p] + u * (ys[k + 1][p] - ys[k][p])));
      pen.stroke();
    }
    pen.globalAlpha = 1;
    const size = Math.max(2.6, side / 120);
    for (const kind of [0, 1]) {
      pen.fillStyle = colors[kind];
      pen.strokeStyle = this.theme["--st-text-color"];
      pen.lineWidth = 0.7;
      pen.beginPath();
      for (let p = 0; p < labels.length; p++) {
        if (labels[p] !== kind) continue;
        const x = px(xs[k][p] + u * (xs[k + 1][p] - xs[k][p])),
          y = py(ys[k][p] + u * (ys[k + 1][p] - ys[k][p]));
        if (kind) {
          pen.moveTo(x, y - 1.25 * size);
          pen.lineTo(x + 1.15 * size, y + 0.85 * size);
          pen.lineTo(x - 1.15 * size, y + 0.85 * size);
          pen.closePath();
        } else {
          pen.moveTo(x + size, y);
          pen.arc(x, y, size, 0, 7);
        }
      }
      pen.fill();
      pen.globalAlpha = 0.55; // faint outlines: where points overlap, their fill must stay visible
      pen.stroke();
      pen.globalAlpha = 1;
    }
  }

  // Draw what the next block does at the nodes of a grid, as arrows of one scale, the longest at most two cells long.
  arrows(pen, flat, side, px, py) {
    const {
        grid,
        box: [left, right, bottom, top],
      } = this.data,
      cell = side / grid,
      perUnit = side / (right - left);
    let longest = 0;
    for (let i = 0; i < flat.length; i += 2) longest = Math.max(longest, Math.hypot(flat[i], flat[i + 1]));
    const scale = Math.min(1, (1.6 * cell) / (longest * perUnit || 1)) * perUnit;
    pen.strokeStyle = this.theme["--st-text-color"];
    pen.globalAlpha = 0.3;
    pen.lineWidth = 1;
    pen.beginPath();
    for (let i = 0; i < grid * grid; i++) {
      const x = ((i % grid) + 0.5) * cell,
        y = side - (Math.floor(i / grid) + 0.5) * cell;
      const dx = flat[2 * i] * scale,
        dy = -flat[2 * i + 1] * scale,
        long = Math.hypot(dx, dy);
      if (long < 0.5) continue;
      pen.moveTo(x, y);
      pen.lineTo(x + dx, y + dy);
      const head = Math.min(3.5, long / 2) / long;
      pen.lineTo(x + dx - head * (dx + 0.6 * dy), y + dy - head * (dy - 0.6 * dx));
      pen.moveTo(x + dx, y + dy);
      pen.lineTo(x + dx - head * (dx - 0.6 * dy), y + dy - head * (dy + 0.6 * dx));
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }

  // The class that the network from block n on would predict at each cell, as an image with one pixel per cell.
  shade(arm, index, n) {
    return (this.shades[index][n] ??= (() => {
      const { colors } = this.data,
        signs = arm.regions[n],
        cells = Math.sqrt(signs.length),
        image = document.createElement("canvas");
      image.width = image.height = cells;
      const pen = image.getContext("2d"),
        pixels = pen.createImageData(cells, cells);
      const rgb = colors.map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));
      for (let i = 0; i < cells * cells; i++) {
        const [r, g, b] = rgb[signs.charCodeAt(i) - 48],
          at = 4 * ((cells - 1 - Math.floor(i / cells)) * cells + (i % cells));
        pixels.data.set([r, g, b, 46], at);
      }
      pen.putImageData(pixels, 0, 0);
      return image;
    })());
  }

  dispose() {
    this.abort.abort();
    this.size.disconnect();
    this.seen.disconnect();
    cancelAnimationFrame(this.next);
  }
}
