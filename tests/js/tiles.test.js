// Channels in one picture: where each lies, which one is pointed at, and how one is enlarged.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cutOut, fit, signOf, tileAt, tileOf } from "../../resviz/topics/block/tiles.js";

const SIX = { columns: 4, width: 8, height: 8 }; // six channels: a row of four, and two
const BOX = { width: 70, height: 70 }; // twice as wide as their picture: 35 by 17 pixels
const [PURPLE, GRAY, GREEN, BLACK] = [
  [0x99, 0x70, 0xab],
  [0xf7, 0xf7, 0xf7],
  [0x00, 0x44, 0x1b],
  [0x40, 0x00, 0x4b],
];

/** @param {number[][]} colours of pixels in a row */
function sheetOf(colours) {
  const data = Uint8ClampedArray.from(colours.flatMap((rgb) => [...rgb, 255]));
  return /** @type {ImageData} */ ({ data, width: colours.length, height: 1 });
}

test("channels stand four a row with a pixel between them", () => {
  const places = [0, 3, 4, 5].map((channel) => tileOf(SIX, channel));
  assert.deepEqual(places, [
    { x: 0, y: 0 },
    { x: 27, y: 0 },
    { x: 0, y: 9 },
    { x: 9, y: 9 },
  ]);
});

test("a picture keeps its proportions, in the middle of its box", () => {
  assert.deepEqual(fit(SIX, 6, BOX), { by: 2, left: 0, top: 18 });
});

test("each channel is found under the pointer, and the nearest one beside it", () => {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => tileAt(SIX, 6, BOX, x, y);
  for (let channel = 0; channel < 6; channel += 1) {
    const { x, y } = tileOf(SIX, channel);
    assert.equal(at(2 * x + 1, 18 + 2 * y + 1), channel);
    assert.equal(at(2 * x + 15, 18 + 2 * y + 15), channel);
  }
  assert.deepEqual([at(-5, 0), at(200, 0), at(0, 300), at(69, 50)], [0, 3, 4, 5], "there is no seventh");
});

test("the sign of a number is that of green over red", () => {
  assert.deepEqual(
    [PURPLE, GRAY, GREEN, BLACK].map(([red, green]) => signOf(red, green)),
    [-1, 0, 1, -1],
  );
});

test("a channel is cut out of its picture", () => {
  const sheet = sheetOf([PURPLE, GRAY, GREEN, BLACK]);
  assert.deepEqual([...cutOut({ sheet, x: 1, y: 0 }, { width: 2, height: 1 })], [...GRAY, 255, ...GREEN, 255]);
});
