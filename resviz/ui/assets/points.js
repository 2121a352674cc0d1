// Draws the points of one network at one moment of their way through its blocks, on a canvas.

import { penOf } from "./canvas.js";
import { el } from "./dom.js";
import { rgbOf } from "./pictures.js";

const HELD = 0.7; // share of a block's time for which points that jump stay in place
const TRAILS = 36; // number of points whose trajectory is drawn
const SHADE = 46; // how opaque the shading is, of 255

/** @typedef {(p: number) => [x: number, y: number]} Places where each point is, in px of the canvas */

/**
 * The class that a network would tell at each cell of a square grid, as an image with one pixel per cell.
 * @param {string} signs "0" or "1" for each cell, row by row from below
 * @param {string[]} colors
 */
function shading(signs, colors) {
  const cells = Math.sqrt(signs.length);
  const image = document.createElement("canvas");
  Object.assign(image, { width: cells, height: cells });
  const pen = penOf(image);
  const pixels = pen.createImageData(cells, cells);
  const rgb = colors.map(rgbOf);
  for (let i = 0; i < cells * cells; i++) {
    const at = 4 * ((cells - 1 - Math.floor(i / cells)) * cells + (i % cells));
    pixels.data.set([...rgb[signs.charCodeAt(i) - 48], SHADE], at);
  }
  pen.putImageData(pixels, 0, 0);
  return image;
}

/**
 * Draw what the next block does at the nodes of a grid, as arrows of one scale, the longest at most two cells long.
 * @param {CanvasRenderingContext2D} pen
 * @param {number[]} flat x and y in turn
 * @param {Payload.Moving} data
 * @param {number} side of the canvas, in px
 */
function drawArrows(pen, flat, { grid, box: [left, right] }, side) {
  const cell = side / grid;
  const perUnit = side / (right - left);
  let longest = 0;
  for (let i = 0; i < flat.length; i += 2) longest = Math.max(longest, Math.hypot(flat[i], flat[i + 1]));
  const scale = Math.min(1, (1.6 * cell) / (longest * perUnit || 1)) * perUnit;
  pen.globalAlpha = 0.3;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 0; i < grid * grid; i++) {
    const x = ((i % grid) + 0.5) * cell;
    const y = side - (Math.floor(i / grid) + 0.5) * cell;
    const dx = flat[2 * i] * scale;
    const dy = -flat[2 * i + 1] * scale;
    const long = Math.hypot(dx, dy);
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

/**
 * Draw the points: circles of the first class, triangles of the second.
 * @param {CanvasRenderingContext2D} pen
 * @param {Places} placeOf
 * @param {Payload.Moving} data
 * @param {number} size in px
 */
function drawPoints(pen, placeOf, { labels, colors }, size) {
  for (const kind of [0, 1]) {
    pen.fillStyle = colors[kind];
    pen.lineWidth = 0.7;
    pen.beginPath();
    for (let p = 0; p < labels.length; p++) {
      if (labels[p] !== kind) continue;
      const [x, y] = placeOf(p);
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

/** The points of one network: a canvas under its name. */
export class Points {
  canvas = el("canvas", { role: "img" });
  title = el("b");
  said = el("span");
  box = el("figure", { class: "rv-flow-arm" }, el("figcaption", {}, this.title, this.said), this.canvas);
  /** @type {HTMLCanvasElement[]} what the network from block n on would tell, made when it is needed */
  shades = [];

  /**
   * @param {Payload.Moving} data
   * @param {Payload.MovingArm} arm
   */
  constructor(data, arm) {
    this.data = data;
    this.arm = arm;
    this.show(data, arm);
  }

  /**
   * @param {Payload.Moving} data
   * @param {Payload.MovingArm} arm
   */
  show(data, arm) {
    this.data = data;
    this.arm = arm;
    this.shades = [];
    this.title.className = "rv-ink";
    this.title.style.setProperty("--rv-ink", arm.color);
    this.title.textContent = arm.formula ? `${arm.name}: ${arm.formula}` : arm.name;
    this.said.textContent = arm.said;
    this.canvas.setAttribute("aria-label", `${arm.name}: points of two classes on their way. ${arm.said}.`);
  }

  /**
   * Draw the moment at which `at` blocks are passed.
   * @param {number} at
   * @param {string} ink colour of lines
   */
  draw(at, ink) {
    const { canvas, arm } = this;
    const { blocks, box } = this.data;
    const side = canvas.clientWidth;
    const ratio = window.devicePixelRatio || 1;
    if (!side) return;
    const pixels = Math.round(side * ratio);
    if (canvas.width !== pixels) Object.assign(canvas, { width: pixels, height: pixels });
    // An arm may make several steps per block: `per`. It is between steps k and k + 1, `u` of the way along.
    const per = (arm.x.length - 1) / blocks;
    const k = Math.min(Math.floor(at * per), arm.x.length - 2);
    const part = at * per - k;
    const u = arm.jumps ? Math.max(0, (part - HELD) / (1 - HELD)) ** 3 : part;
    const [left, right, bottom, top] = box;
    /** @param {number} x */
    const px = (x) => ((x - left) / (right - left)) * side;
    /** @param {number} y */
    const py = (y) => side - ((y - bottom) / (top - bottom)) * side;
    const [xs, ys, nextXs, nextYs] = [arm.x[k], arm.y[k], arm.x[k + 1], arm.y[k + 1]];
    /** @type {Places} */
    const now = (p) => [px(xs[p] + u * (nextXs[p] - xs[p])), py(ys[p] + u * (nextYs[p] - ys[p]))];
    const block = Math.min(Math.floor(at), blocks - 1);

    const pen = penOf(canvas);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, side, side);
    this.drawShades(pen, block, arm.jumps ? u : at - block, side);
    pen.strokeStyle = ink;
    if (arm.arrows && at < blocks) drawArrows(pen, arm.arrows[block], this.data, side);
    this.drawTrails(pen, k, (n, p) => [px(arm.x[n][p]), py(arm.y[n][p])], u > 0 ? now : undefined);
    pen.strokeStyle = ink;
    drawPoints(pen, now, this.data, Math.max(2.6, side / 120));
  }

  /**
   * Shade each place in the colour of the class that the rest of the network would tell there. During a block, `gone` of it,
   * one shading turns into the next.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} block
   * @param {number} gone
   * @param {number} side
   */
  drawShades(pen, block, gone, side) {
    const { regions } = this.arm;
    /** @param {number} n @param {number} alpha */
    const shade = (n, alpha) => {
      this.shades[n] ??= shading(regions[n], this.data.colors);
      pen.globalAlpha = alpha;
      pen.drawImage(this.shades[n], 0, 0, side, side);
    };
    pen.imageSmoothingEnabled = true;
    if (regions.length > this.data.blocks) {
      if (gone < 1) shade(block, 1 - gone);
      if (gone > 0) shade(block + 1, gone);
    } else if (regions.length) shade(0, 1); // only the regions of the final linear classifier
    pen.globalAlpha = 1;
  }

  /**
   * Draw the trajectories of some points from the input to step k, and on to where they are `now`.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} k
   * @param {(n: number, p: number) => [x: number, y: number]} placeAt where each point is at each step
   * @param {Places} [now]
   */
  drawTrails(pen, k, placeAt, now) {
    const { labels, colors } = this.data;
    const every = Math.max(1, Math.floor(labels.length / TRAILS));
    pen.lineWidth = 1;
    pen.globalAlpha = 0.45;
    for (let p = 0; p < labels.length; p += every) {
      pen.strokeStyle = colors[labels[p]];
      pen.beginPath();
      pen.moveTo(...placeAt(0, p));
      for (let n = 1; n <= k; n++) pen.lineTo(...placeAt(n, p));
      if (now) pen.lineTo(...now(p));
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }
}
