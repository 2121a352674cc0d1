// Stripes over the pixels of a picture that are below 0, so that their sign is seen without colours too.

import { putPixels } from "./canvas.js";
import { el } from "./dom.js";

/**
 * Red, green or blue of a stripe on a colour: darker on a light one, less so near white, which is 0; lighter on a dark one.
 * @param {number} value the same of that colour
 * @param {number} green of that colour
 */
const contrast = (value, green) =>
  green > 130 ? value * (1 - Math.min(0.55, 0.15 + 2 * (1 - green / 247))) : 0.45 * value + 130;

/**
 * What stripes are cut from: in the ink that each colour needs where the picture is below 0, transparent elsewhere; undefined if
 * it is nowhere below 0.
 * @param {Uint8ClampedArray<ArrayBuffer>} pixels red, green, blue and opacity of each
 * @param {(i: number) => boolean} below whether pixel i is below 0
 * @returns {Uint8ClampedArray<ArrayBuffer> | undefined}
 */
export function inkBelow(pixels, below) {
  const ink = new Uint8ClampedArray(pixels.length);
  let any = false;
  for (let i = 0; i < pixels.length / 4; i += 1) {
    if (!below(i)) continue;
    any = true;
    for (let c = 0; c < 3; c += 1) ink[4 * i + c] = contrast(pixels[4 * i + c], pixels[4 * i + 1]);
    ink[4 * i + 3] = 255;
  }
  return any ? ink : undefined;
}

/**
 * Fill a canvas with a picture, and lay stripes over what is below 0 in it.
 * @param {HTMLCanvasElement} canvas
 * @param {{ width: number, height: number }} size
 * @param {Uint8ClampedArray<ArrayBuffer>} pixels
 * @param {(i: number) => boolean} below
 */
export function striped(canvas, size, pixels, below) {
  putPixels(canvas, size, pixels);
  const box = el("span", { class: "rv-signed" }, canvas);
  const ink = inkBelow(pixels, below);
  if (!ink) return box;
  const sheet = el("canvas");
  putPixels(sheet, size, ink);
  box.append(el("i", { class: "rv-stripes", style: `background-image:url(${sheet.toDataURL()})` }));
  return box;
}
