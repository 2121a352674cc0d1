// Where a network gives which class: the line between the regions, and a place for the mark of each.

import assert from "node:assert/strict";
import { test } from "node:test";

import { border, middles } from "../../resviz/ui/assets/regions.js";

/**
 * A grid of signs, row by row from below.
 * @param {number} cells
 * @param {(x: number, y: number) => boolean} second whether the second class is at a place of the unit square, y from below
 */
const grid = (cells, second) =>
  Array.from({ length: cells * cells }, (_, at) =>
    second(((at % cells) + 0.5) / cells, (Math.floor(at / cells) + 0.5) / cells) ? "1" : "0",
  ).join("");

test("a straight border is one straight line", () => {
  const upright = border(grid(10, (x) => x > 0.62));
  assert.equal(upright.length, 9);
  for (const [x, , toX] of upright) assert.ok(Math.abs(x - 0.6) < 1e-9 && Math.abs(toX - 0.6) < 1e-9);
  const level = border(grid(10, (_, y) => y > 0.81));
  for (const [, y, , toY] of level)
    assert.ok(Math.abs(y - 0.2) < 1e-9 && Math.abs(toY - 0.2) < 1e-9, "y is from above");
  assert.deepEqual(border(grid(10, () => true)), []);
});

test("a round border is closed and near the circle", () => {
  const pieces = border(grid(40, (x, y) => Math.hypot(x - 0.5, y - 0.5) < 0.3));
  const ends = new Map();
  for (const [x, y, toX, toY] of pieces) {
    for (const place of [`${x.toFixed(6)} ${y.toFixed(6)}`, `${toX.toFixed(6)} ${toY.toFixed(6)}`])
      ends.set(place, (ends.get(place) ?? 0) + 1);
    assert.ok(Math.abs(Math.hypot(x - 0.5, y - 0.5) - 0.3) < 0.03);
  }
  assert.ok([...ends.values()].every((count) => count === 2));
});

test("the mark of a class stands where its region is widest, or nowhere", () => {
  const [first, second] = middles(grid(20, (x, y) => x > 0.5 || y > 0.9));
  assert.ok(first && Math.abs(first[0] - 0.25) < 0.1 && first[1] > 0.25, String(first));
  assert.ok(second && Math.abs(second[0] - 0.75) < 0.1, String(second));
  assert.deepEqual(middles(grid(20, () => false))[1], undefined);
  assert.equal(middles(grid(60, (x, y) => x < 0.03 && y < 0.03))[1], undefined, "too small for a mark");
});
