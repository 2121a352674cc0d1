// Pictures as numbers, apart from any page: as text in an address, in colours, and under a brush.

/**
 * The size of a picture: its numbers are (channels, height, width), from 0 to `top`.
 * @typedef {Omit<Payload.Picture, "pixels">} Size
 */

/**
 * A stop of a colour scale: its place, from 0 to 1, and red, green and blue.
 * @typedef {[place: number, rgb: number[]]} Stop
 */

const BRUSH = 0.75; // radius of the brush, in pixels of the image

// -- text ----------------------------------------------------------------------------------------

/**
 * Read base 64 in the alphabet for addresses, or in the usual one.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

/**
 * Write base 64 in the alphabet for addresses, without padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export const toBase64 = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

// -- colours -------------------------------------------------------------------------------------

/**
 * Red, green and blue of "#rrggbb".
 * @param {string} hex
 * @returns {number[]}
 */
export const rgbOf = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/**
 * A colour scale as numbers.
 * @param {Payload.Maps["colours"]} colours
 * @returns {Stop[]}
 */
export const stopsOf = (colours) => colours.map(([place, hex]) => [place, rgbOf(hex)]);

/**
 * The colour of a number from -1 to 1 on a scale whose stops run from 0 to 1.
 * @param {Stop[]} stops
 * @param {number} value
 * @returns {number[]} red, green and blue, not rounded
 */
export function colourAt(stops, value) {
  const at = (value + 1) / 2;
  const k = Math.max(
    1,
    stops.findIndex(([place]) => at <= place),
  );
  const [from, low] = stops[k - 1];
  const [to, high] = stops[k];
  const part = (at - from) / (to - from);
  return low.map((v, c) => v + part * (high[c] - v));
}

/**
 * The pixels of a map, for putPixels.
 * @param {Payload.MapCell} map
 * @param {Stop[]} stops
 * @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function mapPixels({ width, height, values }, stops) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (const [i, value] of values.entries()) {
    const rgb = colourAt(stops, value);
    for (let c = 0; c < 3; c += 1) pixels[4 * i + c] = rgb[c];
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/**
 * The pixels of a picture of one or three channels, for putPixels.
 * @param {Size} size
 * @param {Uint8Array} numbers
 * @returns {Uint8ClampedArray<ArrayBuffer>}
 */
export function imagePixels({ channels, height, width, top }, numbers) {
  const plane = width * height;
  const pixels = new Uint8ClampedArray(4 * plane);
  for (let i = 0; i < plane; i += 1) {
    for (let c = 0; c < 3; c += 1)
      pixels[4 * i + c] = (255 * (numbers[(channels === 3 ? c : 0) * plane + i] ?? 0)) / top;
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

// -- a picture of one's own ----------------------------------------------------------------------

/**
 * Paint a dot around (x, y), in pixels, into `numbers`. Painting only makes pixels lighter.
 * @param {Size} size
 * @param {Uint8Array} numbers
 * @param {number} x
 * @param {number} y
 */
export function dab({ channels, width, height, top }, numbers, x, y) {
  const radius = BRUSH * Math.max(1, width / 16);
  for (let j = Math.max(0, Math.floor(y - 2 * radius)); j < Math.min(height, y + 2 * radius); j += 1) {
    for (let i = Math.max(0, Math.floor(x - 2 * radius)); i < Math.min(width, x + 2 * radius); i += 1) {
      const far = Math.hypot(i + 0.5 - x, j + 0.5 - y) / radius;
      const value = Math.round(top * Math.max(0, Math.min(1, 1.5 - far)));
      for (let c = 0; c < channels; c += 1) {
        const at = (c * height + j) * width + i;
        numbers[at] = Math.max(numbers[at], value);
      }
    }
  }
}
