// Pictures as numbers: base 64, colours and the brush.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sub } from "../../resviz/topics/unravel/unravel.js";
import {
  colourAt,
  dab,
  fromBase64,
  imagePixels,
  mapPixels,
  stopsOf,
  toBase64,
} from "../../resviz/ui/assets/pictures.js";

const ALL = Uint8Array.from({ length: 256 }, (_, i) => i);
const STOPS = stopsOf([
  [0, "#000000"],
  [0.25, "#400000"],
  [0.5, "#80ff10"],
  [1, "#ffffff"],
]);
const GRAY = { channels: 1, height: 8, width: 8, top: 16 };
const COLOURED = { channels: 3, height: 4, width: 5, top: 255 };

// Red, green, blue and opacity of pixels of these grays.
const rgba = (/** @type {number[]} */ grays) => grays.flatMap((v) => [v, v, v, 255]);

// What a stroke's dot at (x, y) paints on black.
function painted(/** @type {number} */ x, /** @type {number} */ y, size = GRAY) {
  const numbers = new Uint8Array(size.channels * size.height * size.width);
  dab(size, numbers, x, y);
  return numbers;
}

// -- base 64 --------------------------------------------------------------------------------------

test("base 64 gives back all bytes, at every length, and is Node's for addresses", () => {
  for (let length = 0; length <= 256; length += 1) {
    const bytes = ALL.subarray(256 - length);
    const text = toBase64(bytes);
    assert.match(text, /^[\w-]*$/);
    assert.equal(text, Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(fromBase64(text), bytes);
  }
});

test("base 64 in the usual alphabet, and with padding, is read too", () => {
  assert.deepEqual(fromBase64(Buffer.from(ALL).toString("base64")), ALL);
  assert.deepEqual([...fromBase64("-_8")], [...fromBase64("+/8=")]);
});

// -- colours --------------------------------------------------------------------------------------

test("at its stops the scale has their colours", () => {
  const found = [-1, -0.5, 0, 1].map((value) => colourAt(STOPS, value));
  assert.deepEqual(found, [
    [0, 0, 0],
    [64, 0, 0],
    [128, 255, 16],
    [255, 255, 255],
  ]);
});

test("between two stops the scale goes straight on", () => {
  assert.deepEqual(colourAt(STOPS, -0.75), [32, 0, 0]);
  assert.deepEqual(colourAt(STOPS, -0.25), [96, 127.5, 8]);
  assert.deepEqual(colourAt(STOPS, 0.5), [191.5, 255, 135.5]);
});

test("a map has the colours of its numbers, row by row, and is opaque", () => {
  const map = { label: "", said: "", width: 2, height: 1, values: [-0.5, 1] };
  assert.deepEqual([...mapPixels(map, STOPS)], [64, 0, 0, 255, 255, 255, 255, 255]);
});

test("a picture's numbers become pixels, one channel as gray, three as colours", () => {
  const gray = { channels: 1, height: 1, width: 3, top: 16 };
  assert.deepEqual([...imagePixels(gray, Uint8Array.of(0, 4, 16))], rgba([0, 63.75, 255]).map(Math.round));
  const coloured = { channels: 3, height: 1, width: 2, top: 255 };
  assert.deepEqual([...imagePixels(coloured, Uint8Array.of(1, 2, 3, 4, 5, 6))], [1, 3, 5, 255, 2, 4, 6, 255]);
});

// -- the brush ------------------------------------------------------------------------------------

test("a dot is white in its middle, fades, and ends after a pixel", () => {
  const numbers = painted(3.5, 4.5);
  const row = [...numbers.subarray(8 * 4, 8 * 5)];
  assert.deepEqual(row, [0, 0, Math.round(16 * (1.5 - 1 / 0.75)), 16, Math.round(16 * (1.5 - 1 / 0.75)), 0, 0, 0]);
  assert.equal(numbers.filter((v) => v > 0).length, 5);
});

test("a dot looks the same from all sides", () => {
  const numbers = painted(4, 4);
  const at = (/** @type {number} */ x, /** @type {number} */ y) => numbers[8 * y + x];
  for (let y = 0; y < 8; y += 1)
    for (let x = 0; x < 8; x += 1) {
      assert.equal(at(x, y), at(7 - x, y));
      assert.equal(at(x, y), at(x, 7 - y));
      assert.equal(at(x, y), at(y, x));
    }
});

test("painting only makes pixels lighter", () => {
  const before = Uint8Array.from({ length: 64 }, (_, i) => i % 17);
  const numbers = before.slice();
  dab(GRAY, numbers, 3.2, 4.7);
  const dot = painted(3.2, 4.7);
  for (const [i, v] of numbers.entries()) assert.equal(v, Math.max(before[i], dot[i]));
  assert.notDeepEqual(numbers, before);
});

test("at the edge a dot is cut off, and does not come in again on the other side", () => {
  for (const [x, y] of [
    [0.5, 3.5],
    [7.5, 3.5],
    [3.5, 0.5],
    [3.5, 7.5],
  ]) {
    const numbers = painted(x, y);
    assert.equal(numbers.filter((v) => v > 0).length, 4, `${x}, ${y}`);
    assert.equal(numbers[8 * Math.floor(y) + Math.floor(x)], 16);
  }
  for (const [x, y] of [
    [-9, 3],
    [17, 3],
    [3, -9],
    [3, 17],
  ])
    assert.ok(painted(x, y).every((v) => v === 0));
});

test("a dot is white in all channels, and larger on a larger picture", () => {
  const numbers = painted(2.5, 1.5, COLOURED);
  for (const c of [0, 1, 2]) assert.deepEqual(numbers.subarray(20 * c, 20 * (c + 1)), numbers.subarray(0, 20));
  assert.equal(Math.max(...numbers), 255);
  const large = { channels: 1, height: 32, width: 32, top: 16 };
  assert.ok(painted(16, 16, large).filter((v) => v > 0).length > 2 * painted(4, 4).filter((v) => v > 0).length);
});

// -- unrolled -------------------------------------------------------------------------------------

test("numbers become subscripts", () => {
  assert.deepEqual([0, 7, 10, 1234567890].map(sub), ["₀", "₇", "₁₀", "₁₂₃₄₅₆₇₈₉₀"]);
});
