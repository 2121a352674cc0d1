// Channels beside each other in one picture: where each lies, and how one is enlarged.

import { penOf } from "../../ui/assets/canvas.js";
import { el } from "../../ui/assets/dom.js";

const GAP = 1; // pixels between channels (experiment.py)

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
 * The pixels of one channel, for putPixels.
 * @param {Tile} tile
 * @param {{ width: number, height: number }} size
 * @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function cutOut({ sheet, x, y }, { width, height }) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let row = 0; row < height; row += 1) {
    const from = 4 * ((y + row) * sheet.width + x);
    pixels.set(sheet.data.subarray(from, from + 4 * width), 4 * row * width);
  }
  return pixels;
}
