// A map of the loss, painted pixel by pixel: colours, lines of equal loss, and a light from the upper left that shows slopes.
// Nothing here touches the page.

import { colourAt, stopsOf } from "../../ui/assets/pictures.js";

const SHADES = 256; // colours of the scale
const LINES = 2; // lines of equal loss for each power of ten
const LINE = 0.34; // their opacity
const STEEP = 26; // how much steeper slopes are lit than they are, in px
const LIGHT = 0.32; // how strongly

/**
 * The smooth surface through the heights of a map, at each pixel: rows from the top, as many as `height`.
 * @param {Payload.MapDrawn} map
 * @param {number} width
 * @param {number} height
 */
export function surface({ columns, heights }, width, height) {
  const rows = heights.length / columns,
    along = weights(columns, width),
    up = weights(rows, height);
  const wide = new Float32Array(rows * width);
  for (let j = 0; j < rows; j += 1)
    for (let x = 0; x < width; x += 1)
      wide[j * width + x] = along[x].reduce((sum, [i, w]) => sum + w * heights[j * columns + i], 0);
  const found = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const parts = up[height - 1 - y];
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (const [j, w] of parts) sum += w * wide[j * width + x];
      found[y * width + x] = Math.max(0, Math.min(1, sum));
    }
  }
  return found;
}

/**
 * For each of `pixels` the points beside it and their weights (Catmull and Rom 1974): a curve through all points. The first point
 * lies on the first pixel's edge, the last on that of the last.
 * @param {number} points
 * @param {number} pixels
 * @returns {[point: number, weight: number][][]}
 */
function weights(points, pixels) {
  const last = points - 1;
  return Array.from({ length: pixels }, (_, x) => {
    const at = ((x + 0.5) / pixels) * last,
      k = Math.min(Math.floor(at), last - 1),
      t = at - k;
    const four = [
      t * (-0.5 + t * (1 - 0.5 * t)),
      1 + t * t * (-2.5 + 1.5 * t),
      t * (0.5 + t * (2 - 1.5 * t)),
      t * t * (-0.5 + 0.5 * t),
    ];
    return four.map((w, n) => [Math.max(0, Math.min(last, k - 1 + n)), w]);
  });
}

/**
 * The pixels of a map, for putPixels. `ratio`: pixels of the device for each px.
 * @param {Payload.MapDrawn} map
 * @param {Pick<Payload.WaysDrawn, "colours" | "decade">} scale
 * @param {{ width: number, height: number }} size
 * @param {number} ratio
 */
export function relief(map, { colours, decade }, { width, height }, ratio) {
  const z = surface(map, width, height),
    stops = stopsOf(colours),
    table = Array.from({ length: SHADES }, (_, k) => colourAt(stops, (2 * k) / (SHADES - 1) - 1)),
    pixels = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const i = y * width + x,
        dx = z[i + (x < width - 1 ? 1 : 0)] - z[i - (x > 0 ? 1 : 0)],
        dy = z[i + (y < height - 1 ? width : 0)] - z[i - (y > 0 ? width : 0)],
        lit = light((dx * ratio) / 2 / decade, (dy * ratio) / 2 / decade),
        line = LINE * lined((z[i] / decade) * LINES, (Math.hypot(dx, dy) / 2 / decade) * LINES, ratio),
        rgb = table[Math.round(z[i] * (SHADES - 1))];
      for (let c = 0; c < 3; c += 1) pixels[4 * i + c] = rgb[c] * lit * (1 - line) + 255 * line;
      pixels[4 * i + 3] = 255;
    }
  return pixels;
}

/**
 * How light a slope is, 1 where it is flat: lit from the upper left. Slopes are in powers of ten for each px, to the right and
 * down.
 * @param {number} right
 * @param {number} down
 */
function light(right, down) {
  const a = STEEP * right,
    b = STEEP * down;
  return 1 + (LIGHT * (a + b)) / Math.sqrt(2 * (1 + a * a + b * b));
}

/**
 * How much of a pixel a line covers that lies wherever `value` is whole.
 * @param {number} value
 * @param {number} slope its change from pixel to pixel
 * @param {number} ratio
 */
function lined(value, slope, ratio) {
  if (slope < 1e-4) return 0;
  const away = Math.abs(value - Math.round(value)) / slope;
  return Math.max(0, Math.min(1, 0.5 * ratio + 0.5 - away));
}
