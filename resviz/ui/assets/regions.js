// Where a network gives which class: two shades, the line between them, and the mark of each class inside its region, so that
// the regions can be told apart without colour.

import { penOf } from "./canvas.js";
import { rgbOf } from "./pictures.js";

const SHADE = 46; // how opaque the shading is, of 255
const LINE = 0.55; // how opaque the line between the regions is
const MARK = 0.5; // how opaque the marks are
const ROOM = 0.05; // share of the picture's side that a region must have around its mark

/**
 * An image with one pixel for each cell of a square grid.
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
 * The line between both classes, by marching squares: from the middle of one side of the square between four cells to that of
 * another. In the unit square, y from above.
 * @param {string} signs
 * @returns {[number, number, number, number][]} x and y of both ends of each piece
 */
export function border(signs) {
  const cells = Math.sqrt(signs.length);
  /** @type {[number, number, number, number][]} */
  const pieces = [];
  const px = (/** @type {number} */ i) => (i + 0.5) / cells;
  const py = (/** @type {number} */ j) => 1 - (j + 0.5) / cells;
  for (let j = 0; j + 1 < cells; j++) {
    for (let i = 0; i + 1 < cells; i++) {
      const [a, b, c, d] = [
        signs[j * cells + i],
        signs[j * cells + i + 1],
        signs[(j + 1) * cells + i + 1],
        signs[(j + 1) * cells + i],
      ];
      /** @type {[number, number][]} the middles of the sides that the line crosses, around the square */
      const ends = [];
      if (a !== b) ends.push([px(i + 0.5), py(j)]);
      if (b !== c) ends.push([px(i + 1), py(j + 0.5)]);
      if (c !== d) ends.push([px(i + 0.5), py(j + 1)]);
      if (d !== a) ends.push([px(i), py(j + 0.5)]);
      for (let n = 0; n + 1 < ends.length; n += 2) pieces.push([...ends[n], ...ends[n + 1]]);
    }
  }
  return pieces;
}

/**
 * For each class the place that is farthest from the other class and from the edge, in the unit square, y from above; undefined
 * for a class without a region that is large enough for a mark.
 * @param {string} signs
 * @returns {([x: number, y: number] | undefined)[]}
 */
export function middles(signs) {
  const cells = Math.sqrt(signs.length);
  // Steps from each cell to the next cell of another class or outside of the picture, diagonals counted as one step: two passes.
  const far = new Float64Array(signs.length);
  /** @param {number} i @param {number} j @param {string} sign */
  const known = (i, j, sign) =>
    i < 0 || j < 0 || i >= cells || j >= cells || signs[j * cells + i] !== sign ? 0 : far[j * cells + i];
  /** @param {number} i @param {number} j @param {number} by */
  const pass = (i, j, by) => {
    const at = j * cells + i;
    const sign = signs[at];
    const beside = [
      known(i + by, j, sign),
      known(i - 1, j + by, sign),
      known(i, j + by, sign),
      known(i + 1, j + by, sign),
    ];
    far[at] = Math.min(far[at], 1 + Math.min(...beside));
  };
  far.fill(cells);
  for (let j = 0; j < cells; j++) for (let i = 0; i < cells; i++) pass(i, j, -1);
  for (let j = cells - 1; j >= 0; j--) for (let i = cells - 1; i >= 0; i--) pass(i, j, 1);
  return ["0", "1"].map((sign) => {
    let best = -1;
    for (let at = 0; at < far.length; at++) if (signs[at] === sign && (best < 0 || far[at] > far[best])) best = at;
    if (best < 0 || far[best] < ROOM * cells) return undefined;
    return [((best % cells) + 0.5) / cells, 1 - (Math.floor(best / cells) + 0.5) / cells];
  });
}

/**
 * Add the outline of the mark of a class to the path: a circle for the first, a triangle for the second.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} kind
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
export function outline(pen, kind, x, y, size) {
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

export class Regions {
  /**
   * @param {string} signs
   * @param {string[]} colors
   */
  constructor(signs, colors) {
    this.colors = colors;
    this.image = shading(signs, colors);
    this.border = border(signs);
    this.middles = middles(signs);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} side of the picture, in px
   * @param {number} alpha how much of it is seen
   * @param {string} ink
   */
  draw(pen, side, alpha, ink) {
    pen.imageSmoothingEnabled = true;
    pen.globalAlpha = alpha;
    pen.drawImage(this.image, 0, 0, side, side);
    pen.strokeStyle = ink;
    pen.lineWidth = 1;
    pen.globalAlpha = LINE * alpha;
    pen.beginPath();
    for (const [x, y, toX, toY] of this.border) {
      pen.moveTo(side * x, side * y);
      pen.lineTo(side * toX, side * toY);
    }
    pen.stroke();
    pen.globalAlpha = MARK * alpha;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const [kind, place] of this.middles.entries()) {
      if (place) outline(pen, kind, side * place[0], side * place[1], Math.max(5, side / 48));
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }
}
