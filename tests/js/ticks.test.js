// Which numbers along an x axis are shown.

import assert from "node:assert/strict";
import test from "node:test";
import { spaced } from "../../resviz/ui/assets/ticks.js";

test("numbers along x that would lie on each other are left out, at equal distances", () => {
  const numbers = (count, first = 1) => Array.from({ length: count }, (_, i) => first + i);
  const layout = (tickvals, ticktext) => ({
    height: 7,
    margin: { l: 60, r: 40 },
    xaxis: { title: "block", tickvals, ticktext },
  });
  const blocks = layout(numbers(27, 1.5), numbers(27).map(String));
  assert.equal(spaced(blocks, 1000).xaxis.ticktext.length, 27);
  const narrow = spaced(blocks, 360);
  assert.deepEqual(narrow.xaxis.ticktext, ["5", "10", "15", "20", "25"]);
  assert.deepEqual(narrow.xaxis.tickvals, [5.5, 10.5, 15.5, 20.5, 25.5]);
  assert.deepEqual([narrow.height, narrow.xaxis.title], [7, "block"]);
  for (const kept of [
    layout([0, 1], ["residual", "plain"]),
    layout([20, 32, 44, 56, 110], undefined),
    { xaxis: {} },
    {},
  ])
    assert.deepEqual(spaced(kept, 110), kept); // names, unequal distances, plotly's own
  for (let width = 140; width < 1400; width += 7) {
    const { ticktext } = spaced(blocks, width).xaxis;
    assert.ok(ticktext.length * 24 <= Math.max(width - 100, 48));
  }
});
