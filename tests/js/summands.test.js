// The step of one point in numbers: whatever is rounded, the sum that is written is true.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decimals, sum } from "../../resviz/ui/assets/summands.js";

/** @param {string} text "(−0.31, 1.2)" */
const read = (text) =>
  text
    .slice(1, -1)
    .replaceAll(/(?<=\d),(?=\d)/g, "")
    .replaceAll("−", "-")
    .split(", ")
    .map(Number);

/** Numbers that seem drawn at random, and are the same every time. */
function* drawn() {
  for (let n = 1; ; n++) yield ((n * 7919) % 10007) / 10007 - 0.5;
}

test("no number has more than three digits", () => {
  for (const [numbers, places] of /** @type {[number[], number][]} */ ([
    [[0.31, -0.82], 2],
    [[-1.86, 0.12], 2],
    [[9.99, 0], 2],
    [[10.2, 0.5], 1],
    [[123, 4], 0],
    [[1e6, 3], -4],
    [[0.04, 0.001], 3],
    [[0, 0], 2],
    [[1e-12, 0], 6],
  ]))
    assert.equal(decimals(numbers), places, String(numbers));
});

test("the sum that is written is true of the written numbers, and so is the product where = stands", () => {
  const random = drawn();
  const next = (/** @type {number} */ size) => size * Number(random.next().value);
  for (const size of [0.01, 0.4, 4, 40, 4000, 2e6]) {
    for (const h of [1, 0.5, 0.3, 0.15, 0.05, 2, 1.5]) {
      for (let n = 0; n < 40; n++) {
        const from = /** @type {[number, number]} */ ([next(size), next(size)]);
        const to = /** @type {[number, number]} */ ([next(size), next(size)]);
        const said = sum(from, to, h);
        const [x, change, slope, y] = [said.from, said.change, said.slope, said.to].map(read);
        const unit = 10 ** -decimals([...from, ...to]);
        for (const i of [0, 1]) {
          assert.ok(Math.abs(x[i] + change[i] - y[i]) < 1e-6 * unit, `${said.from} + ${said.change} = ${said.to}`);
          assert.ok(Math.abs(x[i] - from[i]) <= 0.5000001 * unit && Math.abs(y[i] - to[i]) <= 0.5000001 * unit);
          assert.ok(Math.abs(h * slope[i] - change[i]) <= 0.5 * h * unit + 1e-9 * unit, `${h} · ${said.slope}`);
          if (said.exact)
            assert.ok(Math.abs(h * slope[i] - change[i]) < 2e-3 * unit, `${h} · ${said.slope} = ${said.change}`);
        }
        if (h === 1 || h === 0.5) assert.ok(said.exact);
      }
    }
  }
});

test("a number below 0 has a minus sign, and none is −0", () => {
  assert.deepEqual(sum([-0.312, -0.001], [-0.82, 0.1], 1), {
    from: "(−0.31, 0.00)",
    change: "(−0.51, 0.10)",
    slope: "(−0.51, 0.10)",
    to: "(−0.82, 0.10)",
    exact: true,
  });
  assert.equal(sum([0.31, -0.82], [0.44, -0.77], 0.3).exact, false);
});
