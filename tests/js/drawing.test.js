// Where the drawing's blocks stand, how they are grouped, coloured and named, and the order of branches; every expected value is
// worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";
import { Axis, spoken } from "../../resviz/ui/assets/axis.js";
import { ordered } from "../../resviz/ui/assets/branches.js";
import { perBlock, shadesOf, short } from "../../resviz/ui/assets/shades.js";

/** A network of so many blocks of two layers, behind one layer and in front of another; `firsts`: the first block of each stage. */
const network = (blocks, firsts = [1]) => ({
  depth: 2 * blocks + 2,
  stem: 1,
  per: 2,
  blocks,
  shortcuts: Array(blocks).fill("identity"),
  stages: firsts.map((first) => ({ first, channels: 16 })),
});

const items = (net, width) => new Axis(net, width).items();
const words = (net, width) =>
  items(net, width)
    .map(([a, b]) => (a === b ? a : `${a}-${b}`))
    .join(" ");
const singles = (count) => Array.from({ length: count }, (_, i) => [i + 1, i + 1]);

// -- places ------------------------------------------------------------------------------------------

test("the first layer begins behind the left margin, the last one ends before the right one", () => {
  const axis = new Axis(network(9), 1000);
  assert.equal(axis.x(0.5), 68);
  assert.equal(axis.x(20.5), 988);
  assert.equal(axis.layerAt(68), 0.5);
  assert.equal(axis.layerAt(528), 10.5);
  assert.equal(axis.layer, 46);
  assert.equal(axis.pitch, 92);
});

test("a block stands in the middle of its layers", () => {
  const axis = new Axis(network(9), 1000);
  assert.equal(axis.centre(1), 2.5); // layers 2 and 3
  assert.equal(axis.centre(9), 18.5); // layers 18 and 19
  const bottlenecks = new Axis({ ...network(3), depth: 12, stem: 2, per: 3 }, 1000);
  assert.equal(bottlenecks.centre(2), 7); // layers 6 to 8
});

test("the layers to be shown are inside the network, four blocks at least", () => {
  const axis = new Axis(network(9), 1000);
  assert.deepEqual(axis.fit([3, 13]), [3, 13]);
  assert.deepEqual(axis.fit([-5, 7]), [0.5, 12.5]);
  assert.deepEqual(axis.fit([10, 11]), [6.5, 14.5]);
  assert.deepEqual(axis.fit([18, 30]), [8.5, 20.5]);
  assert.equal(axis.fit([0, 30]), axis.full);
  assert.equal(axis.fit([0.51, 20.5]), axis.full, "so nearly all are all");
  assert.equal(axis.zoomed, false);
  axis.window = axis.fit([3, 13]);
  assert.equal(axis.zoomed, true);
});

// -- groups ------------------------------------------------------------------------------------------

test("600 blocks are groups of 50 where 50 are the fewest that are wide enough", () => {
  // 920 px for 1202 layers: 1.53 px for each block, 54 px for 35.3 of them
  assert.equal(
    words(network(600), 1000),
    "1-50 51-100 101-150 151-200 201-250 251-300 301-350 351-400 401-450 451-500 501-550 551-600",
  );
});

test("the block that changes the shape is never grouped, and what is left over goes into the last group of its stage", () => {
  assert.equal(
    words(network(600, [1, 201, 401]), 1000),
    "1-50 51-100 101-150 151-200 201 202-251 252-301 302-400 401 402-451 452-501 502-600",
  );
});

test("few blocks stay single, and so do two, however narrow they are", () => {
  assert.deepEqual(items(network(9), 1000), singles(9));
  assert.deepEqual(items(network(2), 90), singles(2)); // 3.3 px each
  assert.deepEqual(items(network(0), 1000), []);
});

test("blocks are single from 13 px on", () => {
  assert.deepEqual(items(network(9), 210), singles(9)); // 130 px for 20 layers: 13 px each
  assert.equal(words(network(9), 209), "1-9"); // 12.9 px: 5 of them are 64.5 px, and 9 are not two times 5
  assert.equal(words(network(11), 235), "1-5 6-11");
});

test("every block is in exactly one item", () => {
  for (const net of [network(600), network(600, [1, 201, 401]), network(27, [1, 10, 19]), network(4, [1, 2, 3, 4])]) {
    for (const width of [85, 200, 390, 700, 1000, 1400, 3000]) {
      const found = items(net, width).flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
      assert.deepEqual(
        found,
        singles(net.blocks).map(([n]) => n),
        `${net.blocks} blocks, ${width} px`,
      );
    }
  }
});

test("only what is near the layers shown is drawn", () => {
  const axis = new Axis(network(600), 1000);
  axis.window = axis.fit([101, 201]);
  assert.deepEqual(axis.items(), singles(600)); // 18.4 px each
  // block n is at layer 2 n + 0.5; three layers further it is still drawn
  assert.deepEqual(
    axis.seen(),
    singles(600).filter(([n]) => n >= 49 && n <= 101),
  );
});

// -- words -------------------------------------------------------------------------------------------

test("numbers in words", () => {
  assert.equal(spoken([]), "");
  assert.equal(spoken([3]), "3");
  assert.equal(spoken([2, 1]), "1, 2");
  assert.equal(spoken([12, 3, 11, 7, 10]), "3, 7, 10 to 12");
  assert.equal(spoken(new Set([1, 2, 4, 5, 6])), "1, 2, 4 to 6");
  assert.equal(spoken([9, 10, 100]), "9, 10, 100");
});

test("a number in a few signs", () => {
  const found = [0, 0.00042, 0.001, 0.0123, 1, 1.27, 150, 9876, 10000, 123456].map(short);
  assert.deepEqual(found, ["0", "4e-4", "0.001", "0.012", "1", "1.3", "150", "9900", "1e4", "1e5"]);
});

// -- colours -----------------------------------------------------------------------------------------

test("a block has the number of the layer that ends it, its gradient the length of both", () => {
  const net = network(3);
  const vector = [9, 3, 4, 5, 12, 8, 15, 7];
  assert.deepEqual(perBlock("activation_std", vector, net), [4, 12, 15]);
  assert.deepEqual(perBlock("dead_fraction", vector, net), [4, 12, 15]);
  assert.deepEqual(perBlock("grad_norm", vector, net), [5, 13, 17]);
  assert.deepEqual(perBlock("grad_norm", [9, 3, null, 5, 12, 8, 15, 7], net), [null, 13, 17]);
  assert.deepEqual(perBlock("residual_ratio", [0.1, null, 0.3], net), [0.1, null, 0.3]);
  assert.deepEqual(perBlock("grad_norm", undefined, net), []);
});

test("both networks have one scale, on which the least is 0 and the largest 1", () => {
  assert.deepEqual(shadesOf("grad_norm", { residual: [1, 100], plain: [10, null, 0] }), {
    shades: { residual: [0, 1], plain: [0.5, null, null] },
    low: "1",
    high: "100",
  });
  assert.deepEqual(shadesOf("grad_norm", { residual: [2, 2], plain: [] })?.shades.residual, [0.5, 0.5]);
  assert.deepEqual(shadesOf("dead_fraction", { residual: [0, 0.25], plain: [0.5] }), {
    shades: { residual: [0, 0.25], plain: [0.5] },
    low: "0%",
    high: "100%",
  });
  assert.equal(shadesOf("grad_norm", { residual: [null, 0], plain: [] }), undefined);
});

// -- branches ----------------------------------------------------------------------------------------

test("parents come before their children, siblings by the step at which they branch off", () => {
  const node = (digest, parent, at) => ({ digest, parent, at });
  const nodes = [
    node("late's", "late", 40),
    node("late", "root", 30),
    node("alone", "gone", 5), // its parent is not there
    node("early's second", "early", 25),
    node("early", "root", 10),
    node("root", undefined, 0),
    node("early's first", "early", 12),
  ];
  const before = [...nodes];
  const found = ordered(nodes).map(({ digest }) => digest);
  assert.deepEqual(found, ["root", "early", "early's first", "early's second", "late", "late's", "alone"]);
  assert.deepEqual(nodes, before, "the list itself stays as it is");
  assert.deepEqual(ordered([]), []);
});
