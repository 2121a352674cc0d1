// Draws the points of one network at one moment of their way through its blocks, on a canvas.

import { penOf } from "./canvas.js";
import { el, put } from "./dom.js";
import { outline, Regions } from "./regions.js";

const HELD = 0.7; // share of a block's time for which points that jump stay in place
const TRAILS = 36; // number of points whose trajectory is drawn
const REACH = 18; // px: so near to a point a pointer means it

/** @typedef {[x: number, y: number]} Place in px of the canvas */
/** @typedef {(p: number) => Place} Places where each point is */
/** @typedef {{ k: number, u: number }} Moment between steps k and k + 1, the share u of the way along */

/**
 * Draw what the next step does at the nodes of a grid, as arrows of one scale, the longest at most two cells long.
 * @param {CanvasRenderingContext2D} pen
 * @param {number[]} flat x and y in turn
 * @param {number} share of the block that a step makes
 * @param {Payload.Moving} data
 * @param {number} side of the canvas, in px
 */
function drawArrows(pen, flat, share, { grid, box: [left, right] }, side) {
  const cell = side / grid;
  const perUnit = side / (right - left);
  let longest = 0;
  for (let i = 0; i < flat.length; i += 2) longest = Math.max(longest, Math.hypot(flat[i], flat[i + 1]));
  const scale = share * Math.min(1, (1.6 * cell) / (longest * perUnit || 1)) * perUnit;
  pen.globalAlpha = 0.3;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let i = 0; i < grid * grid; i++) {
    const x = ((i % grid) + 0.5) * cell;
    const y = side - (Math.floor(i / grid) + 0.5) * cell;
    arrow(pen, [x, y], [x + flat[2 * i] * scale, y - flat[2 * i + 1] * scale], 3.5);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

/**
 * Add an arrow to the path; one too short to be seen is left out.
 * @param {CanvasRenderingContext2D} pen
 * @param {Place} from
 * @param {Place} to
 * @param {number} most length of its head, in px
 */
function arrow(pen, from, to, most) {
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 0.5) return;
  pen.moveTo(...from);
  pen.lineTo(...to);
  head(pen, from, to, most);
}

/** @type {typeof arrow} add only its head */
function head(pen, [x, y], [toX, toY], most) {
  const [dx, dy] = [toX - x, toY - y];
  const long = Math.hypot(dx, dy);
  const share = Math.min(most, long / 2) / (long || 1);
  pen.moveTo(toX - share * (dx - 0.6 * dy), toY - share * (dy + 0.6 * dx));
  pen.lineTo(toX, toY);
  pen.lineTo(toX - share * (dx + 0.6 * dy), toY - share * (dy - 0.6 * dx));
}

/** The points of one network: a canvas under its name. */
export class Points {
  canvas = el("canvas", { role: "img" });
  title = el("b");
  said = el("span");
  beyond = el("small", { class: "rv-flow-beyond" });
  box = el(
    "figure",
    { class: "rv-flow-arm" },
    el("figcaption", {}, this.title, this.said),
    el("div", { class: "rv-flow-picture" }, this.canvas, this.beyond),
  );
  /** @type {Regions[]} what the network from block n on would tell, made when it is needed */
  shades = [];
  halved = false; // as it is with half the step
  /** @type {Moment} the moment that is drawn */
  moment = { k: 0, u: 0 };
  side = 0; // of the canvas, in px, when it was drawn last

  /**
   * @param {Payload.Moving} data
   * @param {Payload.MovingArm} arm
   */
  constructor(data, arm) {
    this.data = data;
    this.arm = arm;
    this.show(data, arm, false);
  }

  /** Where the points are at each step, and what the network would tell there: with half the step if that is wanted and known. */
  get way() {
    return (this.halved && this.arm.halved) || this.arm;
  }

  /** Steps for each block. */
  get per() {
    return (this.way.x.length - 1) / this.data.blocks;
  }

  /**
   * @param {Payload.Moving} data
   * @param {Payload.MovingArm} arm
   * @param {boolean} halved
   */
  show(data, arm, halved) {
    this.data = data;
    this.arm = arm;
    this.halved = halved;
    this.shades = [];
    const { formula, said } = this.way;
    this.title.className = "rv-ink";
    this.title.style.setProperty("--rv-ink", arm.color);
    this.title.textContent = formula ? `${arm.name}: ${formula}` : arm.name;
    this.said.textContent = said;
    this.canvas.setAttribute("aria-label", `${arm.name}: points of two classes on their way. ${said}.`);
  }

  /**
   * The moment at which `at` blocks are passed. A network may make several steps for each block.
   * @param {number} at
   * @returns {Moment}
   */
  momentAt(at) {
    const { way, per } = this;
    const k = Math.min(Math.floor(at * per + 1e-9), way.x.length - 2);
    const part = Math.max(0, at * per - k);
    return { k, u: this.arm.jumps ? Math.max(0, (part - HELD) / (1 - HELD)) ** 3 : part };
  }

  /**
   * Where point p is after n steps.
   * @param {number} n
   * @param {number} p
   * @returns {Place}
   */
  placeAt(n, p) {
    const { way } = this;
    return this.inPixels(way.x[n][p], way.y[n][p]);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {Place}
   */
  inPixels(x, y) {
    const { side } = this;
    const [left, right, bottom, top] = this.data.box;
    return [((x - left) / (right - left)) * side, side - ((y - bottom) / (top - bottom)) * side];
  }

  /**
   * Where point p is now.
   * @param {number} p
   * @returns {Place}
   */
  now(p) {
    const { x, y } = this.way;
    const { k, u } = this.moment;
    return this.inPixels(x[k][p] + u * (x[k + 1][p] - x[k][p]), y[k][p] + u * (y[k + 1][p] - y[k][p]));
  }

  /**
   * The point that a pointer means, if any.
   * @param {number} x px from the left of the canvas
   * @param {number} y
   */
  nearest(x, y) {
    let [best, far] = [-1, REACH];
    for (let p = 0; p < this.data.labels.length; p++) {
      const place = this.inside(this.now(p));
      const distance = Math.hypot(place[0] - x, place[1] - y);
      if (distance < far) [best, far] = [p, distance];
    }
    return best < 0 ? undefined : best;
  }

  /**
   * The next point in a direction: near, and not far off that direction.
   * @param {number} p
   * @param {number} dx 1 to the right, -1 to the left
   * @param {number} dy 1 down, -1 up
   */
  towards(p, dx, dy) {
    const [x, y] = this.inside(this.now(p));
    let [best, least] = [p, Number.POSITIVE_INFINITY];
    for (let q = 0; q < this.data.labels.length; q++) {
      const [toX, toY] = this.inside(this.now(q));
      const along = dx * (toX - x) + dy * (toY - y);
      const aside = Math.abs(dy * (toX - x) + dx * (toY - y));
      if (along > 0.5 && aside <= 2 * along && along + 2 * aside < least) [best, least] = [q, along + 2 * aside];
    }
    return best;
  }

  /**
   * A place, or the nearest one at the edge of the picture.
   * @param {Place} place
   * @returns {Place}
   */
  inside([x, y]) {
    const margin = 1.6 * this.size;
    const most = this.side - margin;
    return [Math.max(margin, Math.min(x, most)), Math.max(margin, Math.min(y, most))];
  }

  /** Of a point, in px. */
  get size() {
    return Math.max(2.6, this.side / 120);
  }

  /** The point nearest to the middle of the picture. */
  middle() {
    const far = (/** @type {number} */ p) => {
      const [x, y] = this.now(p);
      return Math.hypot(x - this.side / 2, y - this.side / 2);
    };
    let best = 0;
    for (let p = 1; p < this.data.labels.length; p++) if (far(p) < far(best)) best = p;
    return best;
  }

  /**
   * Draw the moment at which `at` blocks are passed.
   * @param {number} at
   * @param {string} ink colour of lines
   * @param {number} [marked] the point whose step is drawn
   */
  draw(at, ink, marked) {
    const { canvas, arm } = this;
    const { blocks } = this.data;
    const side = canvas.clientWidth;
    const ratio = window.devicePixelRatio || 1;
    this.side = side;
    if (!side) return;
    const pixels = Math.round(side * ratio);
    if (canvas.width !== pixels) Object.assign(canvas, { width: pixels, height: pixels });
    this.moment = this.momentAt(at);
    const block = Math.min(Math.floor(at), blocks - 1);
    const pen = penOf(canvas);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, side, side);
    this.drawShades(pen, block, arm.jumps ? this.moment.u : at - block, ink);
    pen.strokeStyle = ink;
    if (arm.arrows && at < blocks) drawArrows(pen, arm.arrows[block], this.way === arm ? 1 : 0.5, this.data, side);
    this.drawTrails(pen);
    pen.strokeStyle = ink;
    this.drawPoints(pen);
    if (marked !== undefined) this.drawStep(pen, marked, ink);
  }

  /**
   * Shade each place in the colour of the class that the rest of the network would tell there. During a block, `gone` of it,
   * one shading turns into the next.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} block
   * @param {number} gone
   * @param {string} ink
   */
  drawShades(pen, block, gone, ink) {
    const { regions } = this.way;
    /** @param {number} n @param {number} alpha */
    const shade = (n, alpha) => {
      this.shades[n] ??= new Regions(regions[n], this.data.colors);
      this.shades[n].draw(pen, this.side, alpha, ink);
    };
    if (regions.length > this.data.blocks) {
      if (gone < 1) shade(block, 1 - gone);
      if (gone > 0) shade(block + 1, gone);
    } else if (regions.length) shade(0, 1); // only the regions of the final linear classifier
  }

  /**
   * Draw the trajectories of some points from the input to step k, and on to where they are now.
   * @param {CanvasRenderingContext2D} pen
   */
  drawTrails(pen) {
    const { labels, colors } = this.data;
    const { k, u } = this.moment;
    const every = Math.max(1, Math.floor(labels.length / TRAILS));
    pen.lineWidth = 1;
    pen.globalAlpha = 0.45;
    for (let p = 0; p < labels.length; p += every) {
      pen.strokeStyle = colors[labels[p]];
      pen.beginPath();
      pen.moveTo(...this.placeAt(0, p));
      for (let n = 1; n <= k; n++) pen.lineTo(...this.placeAt(n, p));
      if (u > 0) pen.lineTo(...this.now(p));
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  /**
   * Draw the points: circles of the first class, triangles of the second. One outside of the picture is hollow, at its edge.
   * @param {CanvasRenderingContext2D} pen
   */
  drawPoints(pen) {
    const { labels, colors } = this.data;
    const { size } = this;
    let outside = 0;
    for (const kind of [0, 1]) {
      const hollow = [];
      pen.fillStyle = colors[kind];
      pen.lineWidth = 0.7;
      pen.beginPath();
      for (let p = 0; p < labels.length; p++) {
        if (labels[p] !== kind) continue;
        const place = this.now(p);
        if (this.isOutside(place)) hollow.push(this.inside(place));
        else outline(pen, kind, ...place, size);
      }
      pen.fill();
      pen.globalAlpha = 0.55; // faint outlines: where points overlap, their fill must stay visible
      pen.stroke();
      pen.globalAlpha = 1;
      outside += hollow.length;
      this.drawHollow(pen, kind, hollow);
    }
    put(this.beyond, outside ? `${outside} outside, hollow` : "");
  }

  /** @param {Place} place */
  isOutside([x, y]) {
    const { side } = this;
    return x < 0 || y < 0 || x > side || y > side;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} kind
   * @param {Place[]} places
   */
  drawHollow(pen, kind, places) {
    const ink = pen.strokeStyle;
    pen.strokeStyle = this.data.colors[kind];
    pen.lineWidth = 1.6;
    pen.beginPath();
    for (const place of places) outline(pen, kind, ...place, this.size);
    pen.stroke();
    pen.strokeStyle = ink;
  }

  /**
   * Draw the step of one point: where the step begins, an arrow or, for one that jumps, a dashed line, and where it ends.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} p
   * @param {string} ink
   */
  drawStep(pen, p, ink) {
    const { labels, colors } = this.data;
    const { size } = this;
    const kind = labels[p];
    const [from, to] = [this.placeAt(this.moment.k, p), this.placeAt(this.moment.k + 1, p)];
    pen.lineJoin = "round";
    pen.strokeStyle = ink;
    pen.fillStyle = colors[kind];
    pen.lineWidth = 1.6;
    pen.beginPath();
    outline(pen, kind, ...this.inside(from), 1.35 * size);
    pen.fill();
    pen.stroke();
    pen.beginPath();
    pen.arc(...this.inside(from), 2.9 * size, 0, 7);
    outline(pen, kind, ...this.inside(to), 1.35 * size);
    pen.stroke();
    pen.strokeStyle = this.arm.color;
    pen.lineWidth = 3;
    pen.setLineDash(this.arm.jumps ? [7, 4] : []);
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
    pen.setLineDash([]);
    pen.beginPath();
    head(pen, from, to, 11);
    pen.stroke();
  }
}
