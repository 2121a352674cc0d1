// The maps of the landscape, pixel by pixel, and where a way is at a step.

import assert from "node:assert/strict";
import { test } from "node:test";
import { relief, surface } from "../../resviz/topics/landscape/relief.js";
import { between, momentOf } from "../../resviz/topics/landscape/way.js";

const SCALE = {
  colours: /** @type {[number, string][]} */ ([
    [0, "#000000"],
    [1, "#c8c8c8"],
  ]),
  decade: 0.25,
};
const COLUMNS = 5;

// A map of 5 columns and 3 rows whose heights are a function of column and row.
const mapOf = (/** @type {(i: number, j: number) => number} */ f) => ({
  box: [0, 1, 0, 0.5],
  columns: COLUMNS,
  heights: Array.from({ length: 15 }, (_, n) => f(n % COLUMNS, Math.floor(n / COLUMNS))),
});

// Where a pixel's middle lies among so many points.
const at = (/** @type {number} */ pixel, /** @type {number} */ pixels, /** @type {number} */ points) =>
  ((pixel + 0.5) / pixels) * (points - 1);

const red = (/** @type {Uint8ClampedArray} */ pixels) => [...pixels].filter((_, k) => k % 4 === 0);

test("the surface of a slope is the slope, except beside the edge, and rows of a map go up", () => {
  const z = surface(
    mapOf((i, j) => 0.1 * i + 0.2 * j),
    40,
    20,
  );
  for (let y = 6; y < 14; y += 1)
    for (let x = 12; x < 28; x += 1) {
      const height = 0.1 * at(x, 40, 5) + 0.2 * at(19 - y, 20, 3);
      if (at(19 - y, 20, 3) > 1) continue; // one row from the edge
      assert.ok(Math.abs(z[y * 40 + x] - height) < 0.03, `${x} ${y}: ${z[y * 40 + x]} for ${height}`);
    }
  assert.ok(z[0] > z[19 * 40] && z[39] > z[0]);
});

test("the surface passes through the points of the map and stays on the scale", () => {
  const map = mapOf((i, j) => ((7 * i + 5 * j) % 4) / 3);
  const z = surface(map, 401, 201);
  for (const [i, j] of [
    [1, 1],
    [2, 1],
    [3, 1],
  ]) {
    const x = Math.round((i / 4) * 401 - 0.5),
      y = 200 - Math.round((j / 2) * 201 - 0.5);
    assert.ok(Math.abs(z[y * 401 + x] - map.heights[j * COLUMNS + i]) < 0.02);
  }
  assert.ok(z.every((v) => v >= 0 && v <= 1));
});

test("flat ground has the colour of its height and no line", () => {
  const pixels = relief(
    mapOf(() => 0.5),
    SCALE,
    { width: 20, height: 10 },
    1,
  );
  assert.ok(red(pixels).every((v) => Math.abs(v - 100) <= 1));
  assert.ok([...pixels].every((v, k) => k % 4 !== 3 || v === 255));
});

test("slopes that look to the upper left are lighter than those that look away", () => {
  const size = { width: 20, height: 10 };
  const middle = (/** @type {(i: number, j: number) => number} */ f) =>
    red(relief(mapOf(f), SCALE, size, 1))[5 * 20 + 11];
  const flat = middle(() => 0.43);
  assert.ok(middle((i) => 0.43 + 0.05 * (i - 2.3)) > flat + 3); // rises to the right
  assert.ok(middle((i) => 0.43 - 0.05 * (i - 2.3)) < flat - 3);
  assert.ok(middle((_, j) => 0.43 - 0.05 * (j - 1)) > flat + 3); // rises downwards
});

test("a line of equal loss lies at each half of a power of ten", () => {
  const scale = {
    ...SCALE,
    colours: /** @type {[number, string][]} */ ([
      [0, "#000000"],
      [1, "#000000"],
    ]),
  };
  const row = red(
    relief(
      mapOf((i) => 0.2 + 0.06 * i),
      scale,
      { width: 200, height: 100 },
      1,
    ),
  ).slice(50 * 200, 51 * 200);
  const crossings = row.flatMap((v, x) => (v > row[x - 1] && v >= row[x + 1] ? [0.2 + 0.06 * at(x, 200, 5)] : []));
  assert.equal(crossings.length, 2); // at 0.25 and 0.375
  assert.ok(Math.abs(crossings[0] - 0.25) < 0.01 && Math.abs(crossings[1] - 0.375) < 0.01);
});

test("a step lies between two moments, before the first or behind the last", () => {
  const way = /** @type {Payload.WayDrawn} */ ({ steps: [0, 4, 10] });
  assert.deepEqual(momentOf(way, 0), [0, 0]);
  assert.deepEqual(momentOf(way, 1), [0, 0.25]);
  assert.deepEqual(momentOf(way, 4), [1, 0]);
  assert.deepEqual(momentOf(way, 7), [1, 0.5]);
  assert.deepEqual(momentOf(way, 10), [2, 0]);
  assert.deepEqual(momentOf(way, 99), [2, 0]);
  assert.deepEqual(momentOf(/** @type {Payload.WayDrawn} */ ({ steps: [0] }), 3), [0, 0]);
  assert.equal(between([1, 3, 9], 1, 0.5), 6);
  assert.equal(between([1, 3, 9], 2, 0), 9);
});
