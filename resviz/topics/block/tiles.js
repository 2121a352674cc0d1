// Channels beside each other in one picture: where each lies, and how one is enlarged.

import { penOf } from "../../ui/assets/canvas.js";
import { el } from "../../ui/assets/dom.js";

const GAP = 1; // pixels between channels (experiment.py)
const EVERY = 9; // px from one line of the stripes to the next
const THICK = 2; // px

/** @typedef {Pick<Payload.StationDrawn, "columns" | "width" | "height">} Tiled */
/** @typedef {{ sheet: ImageData, x: number, y: number }} Tile a part of a picture: its pixels begin at (x, y) */

/**
 * Where a channel lies in the picture, in its pixels.
 * @param {Tiled} told
 * @param {number} channel
 */
export const tileOf = ({ columns, width, height }, channel) => ({
  x: (channel % columns) * (width + GAP),
  y: Math.floor(channel / columns) * (height + GAP),
});

/**
 * Where a picture of `count` channels stands in a box that keeps its proportions: how many px one of its pixels takes, and what is
 * left beside it.
 * @param {Tiled} told
 * @param {number} count
 * @param {{ width: number, height: number }} box
 */
export function fit({ columns, width, height }, count, box) {
  const wide = columns * (width + GAP) - GAP;
  const high = Math.ceil(count / columns) * (height + GAP) - GAP;
  const by = Math.min(box.width / wide, box.height / high);
  return { by, left: (box.width - by * wide) / 2, top: (box.height - by * high) / 2 };
}

/**
 * The channel at a place in such a box, or the nearest one.
 * @param {Tiled} told
 * @param {number} count
 * @param {{ width: number, height: number }} box
 * @param {number} x
 * @param {number} y
 */
export function tileAt(told, count, box, x, y) {
  const { by, left, top } = fit(told, count, box);
  const within = (/** @type {number} */ at, /** @type {number} */ last) => Math.max(0, Math.min(last, Math.floor(at)));
  const column = within((x - left) / by / (told.width + GAP), told.columns - 1);
  const row = within((y - top) / by / (told.height + GAP), Math.ceil(count / told.columns) - 1);
  return Math.min(count - 1, row * told.columns + column);
}

/**
 * The pixels of a picture at an address.
 * @param {string} address
 */
export async function pixelsOf(address) {
  const image = el("img", { src: address });
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const pen = penOf(Object.assign(el("canvas"), { width, height }));
  pen.drawImage(image, 0, 0);
  return pen.getImageData(0, 0, width, height);
}

/**
 * The sign of a number by its colour: green is above 0, purple below, gray 0.
 * @param {number} red
 * @param {number} green
 */
export const signOf = (red, green) => Math.sign(green - red);

/**
 * One channel, each of its pixels `by` px wide and high, for putPixels; what is below 0 is striped, so that it can be told apart
 * without its colour. `spot`: a pixel, (row, column), with a frame around it.
 * @param {Tile} tile
 * @param {{ width: number, height: number }} size
 * @param {number} by
 * @param {number[]} [spot]
 * @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function striped({ sheet, x, y }, { width, height }, by, spot) {
  const wide = width * by;
  const pixels = new Uint8ClampedArray(4 * wide * height * by);
  for (let i = 0; i < wide * height * by; i += 1) {
    const column = i % wide;
    const row = Math.floor(i / wide);
    const at = 4 * ((y + Math.floor(row / by)) * sheet.width + x + Math.floor(column / by));
    const lined = (row + column) % EVERY < THICK && signOf(sheet.data[at], sheet.data[at + 1]) < 0;
    const ink = spot && framed(spot, by, row, column);
    for (let c = 0; c < 3; c += 1) {
      const value = sheet.data[at + c];
      pixels[4 * i + c] = ink ?? (lined ? contrast(value, sheet.data[at + 1]) : value);
    }
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/**
 * Red, green or blue of a line on a colour: darker on a light one, lighter on a dark one.
 * @param {number} value the same of that colour
 * @param {number} green of that colour
 */
const contrast = (value, green) => (green > 130 ? 0.45 * value : 0.45 * value + 130);

/**
 * The gray of a frame around a pixel, black with a white edge; undefined beside it.
 * @param {number[]} spot
 * @param {number} by
 * @param {number} row
 * @param {number} column
 */
function framed([r, c], by, row, column) {
  const far = Math.max(Math.abs(row + 0.5 - (r + 0.5) * by), Math.abs(column + 0.5 - (c + 0.5) * by)) - by / 2;
  return far < 2 || far >= 10 ? undefined : far < 4 || far >= 8 ? 255 : 0;
}
