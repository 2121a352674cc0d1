// Records and the traces made from them; every expected value is worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";
import { fillTrace, Records, withFindings } from "../../resviz/ui/assets/records.js";

/** A record of the residual network, of the plain one if that was measured, and of nothing if neither was. */
const record = (step, residual, plain) => ({
  step,
  epoch: 1,
  ...(residual && { residual }),
  ...(plain && { plain }),
});

const made = (...list) => {
  const records = new Records();
  records.append(0, list);
  return records;
};

// Three layers; the plain network ends after its second step.
const RUN = [
  record(1, { loss: 2, grad_norm: [0.02, 3, 0] }, { loss: 4, grad_norm: [1, null, 40] }),
  record(2, { loss: 1.5 }, { loss: null }),
  record(3, { loss: 1, grad_norm: [5, 500, 0.001] }),
];

/** The numbers of a trace, to twelve digits: a power of ten need not be exact. */
const rounded = (value) =>
  JSON.parse(JSON.stringify(value), (_, v) => (typeof v === "number" ? Number(v.toPrecision(12)) : v));
const filled = (bind, records, cursor) => rounded(fillTrace(bind, records, cursor));

test("records are appended, and replaced from an index on", () => {
  const records = made(...RUN);
  assert.equal(records.head, 3);
  records.append(3, [record(4, { loss: 0.5 })]);
  assert.deepEqual(
    records.list.map((r) => r.step),
    [1, 2, 3, 4],
  );
  records.append(1, [record(2, { loss: 9 })]);
  assert.deepEqual(records.column("residual", "loss", 9), [
    [1, 2],
    [2, 9],
  ]);
  assert.notEqual(new Records().version, new Records().version);
});

test("two runs share their first steps while loss and accuracy of both networks are the same", () => {
  const run = made(...RUN);
  assert.equal(run.shared(made(...RUN)), 3);
  assert.equal(run.shared(made(...RUN.slice(0, 2))), 2);
  assert.equal(run.shared(made(RUN[0], record(2, { loss: 1.5 }, { loss: 7 }), RUN[2])), 1);
  assert.equal(run.shared(made(record(1, { loss: 2, accuracy: 0.5 }, { loss: 4 }))), 0);
  assert.equal(run.shared(new Records()), 0);
});

test("a column has the steps at which a quantity was measured, up to the cursor", () => {
  const records = made(...RUN);
  assert.deepEqual(records.column("residual", "loss", 2), [
    [1, 2],
    [2, 1.5],
  ]);
  assert.deepEqual(records.column("plain", "loss", 3), [
    [1, 2],
    [4, null],
  ]);
  assert.deepEqual(records.column("residual", "grad_norm", 3)[0], [1, 3]);
  assert.deepEqual(records.column("plain", "dead_fraction", 3), [[], []]);
});

test("a vector is the first one measured, or the newest one up to the cursor", () => {
  const records = made(...RUN);
  assert.deepEqual(records.vector("residual", "grad_norm", "first", 3), [0.02, 3, 0]);
  assert.deepEqual(records.vector("residual", "grad_norm", "cursor", 2), [0.02, 3, 0]);
  assert.deepEqual(records.vector("residual", "grad_norm", "cursor", 3), [5, 500, 0.001]);
  assert.deepEqual(records.vector("plain", "grad_norm", "cursor", 99), [1, null, 40]);
  assert.equal(records.vector("plain", "activation_std", "cursor", 3), undefined);
  const late = made(record(1, { loss: 1 }), record(2, { grad_norm: [7] }));
  assert.equal(late.vector("residual", "grad_norm", "first", 1), undefined);
  assert.deepEqual(late.vector("residual", "grad_norm", "first", 2), [7]);
});

test("the newest step at which either network measured a quantity", () => {
  const records = made(...RUN);
  assert.equal(records.newest("loss", 2), 2);
  assert.equal(records.newest("grad_norm", 2), 1);
  assert.equal(records.newest("grad_norm", 9), 3);
  assert.equal(records.newest("accuracy", 3), 0);
});

test("decades enclose the positive values of both networks, at every cursor", () => {
  const records = made(...RUN);
  assert.deepEqual(records.decades("grad_norm", 1), [-2, 2]); // 0.02 to 40
  assert.deepEqual(records.decades("grad_norm", 3), [-3, 3]); // 0.001 to 500
  assert.deepEqual(records.decades("grad_norm", 2), [-2, 2]); // back again
  records.append(0, [record(1, { grad_norm: [10, 10] })]);
  assert.deepEqual(records.decades("grad_norm", 1), [1, 2]); // at least one wide
  assert.equal(made(record(1, { grad_norm: [0, null] })).decades("grad_norm", 1), undefined);
});

test("the preview stands in until there is a record", () => {
  const records = new Records(record(1, { grad_norm: [0.5, 20] }));
  assert.deepEqual([records.any, records.head], [true, 0]);
  assert.deepEqual([new Records().any, made(RUN[0]).any], [false, true]);
  assert.deepEqual(records.vector("residual", "grad_norm", "cursor", 1), [0.5, 20]);
  assert.equal(records.newest("grad_norm", 1), 1);
  assert.deepEqual(records.decades("grad_norm", 1), [-1, 2]);
  assert.deepEqual(records.column("residual", "grad_norm", 1), [[], []]); // only records are steps
  records.append(0, [record(1, { grad_norm: [2, 3] })]);
  assert.deepEqual(records.vector("residual", "grad_norm", "first", 1), [2, 3]);
  assert.deepEqual(records.decades("grad_norm", 1), [0, 1]);
});

test("findings after a step are replaced by those of the records that came", () => {
  const before = [
    { step: 1, text: "one" },
    { step: 3, text: "three" },
    { step: 4, text: "four" },
  ];
  const came = [record(4, { loss: 1 }), { ...record(5, { loss: 1 }), finding: "five" }];
  assert.deepEqual(withFindings(before, 3, came), [
    { step: 1, text: "one" },
    { step: 3, text: "three" },
    { step: 5, text: "five" },
  ]);
});

test("a series: steps and values", () => {
  const bind = { kind: "series", arm: "plain", name: "loss" };
  assert.deepEqual(filled(bind, made(...RUN), 3), { x: [1, 2], y: [4, null] });
  assert.deepEqual(filled(bind, new Records(), 3), { x: [], y: [] });
});

test("a profile: every so many layers of a vector", () => {
  const bind = { kind: "profile", arm: "residual", name: "grad_norm", at: "cursor", from: 1, every: 1 };
  const records = made(record(1, { grad_norm: [1, 2, 3, 4, null, 6] }), record(2, { grad_norm: [9, 8, 7, 6, 5, 4] }));
  assert.deepEqual(filled({ ...bind, from: 2, every: 3 }, records, 1), { x: [2, 5], y: [2, null] });
  assert.deepEqual(filled({ ...bind, at: "first", from: 6 }, records, 2), { x: [6], y: [6] });
  assert.deepEqual(filled({ ...bind, from: 4, every: 2 }, records, 2), { x: [4, 6], y: [6, 4] });
  assert.deepEqual(filled(bind, new Records(), 1), { x: [], y: [] });
});

test("a heatmap: the logarithm by layer and step, with gaps where there is none", () => {
  const bind = { kind: "heatmap", arm: "residual", name: "grad_norm" };
  const records = made(
    record(1, { grad_norm: [100, 0] }),
    record(2, { loss: 1 }),
    record(3, { grad_norm: [null, 0.1] }),
  );
  assert.deepEqual(filled(bind, records, 3), {
    x: [1, 3],
    y: [1, 2],
    z: [
      [2, null],
      [null, -1],
    ],
  });
  assert.deepEqual(filled(bind, records, 2), { x: [1], y: [1, 2], z: [[2], [null]] });
  assert.deepEqual(filled(bind, new Records(), 3), { x: [], y: [], z: [] });
});

test("a slope: a straight line through the first positive value in its direction", () => {
  const bind = { kind: "slope", arm: "residual", name: "grad_norm", factor: 2, per: 1, back: false, level: null };
  const records = made(record(1, { grad_norm: [0, 3, null, 5] }));
  // From layer 2 on, where it is 3, twice as much at each further layer.
  assert.deepEqual(filled(bind, records, 1), { x: [1, 2, 3, 4], y: [1.5, 3, 6, 12] });
  // Towards the input from layer 4, where it is 5: four times as much every two layers.
  assert.deepEqual(filled({ ...bind, factor: 4, per: 2, back: true }, records, 1), {
    x: [1, 2, 3, 4],
    y: [40, 20, 10, 5],
  });
  assert.deepEqual(filled({ ...bind, level: 10 }, records, 1), { x: [1, 2, 3, 4], y: [5, 10, 20, 40] });
  // What is past the 300th power of ten is left out: layer 4 would be at 3e400.
  assert.deepEqual(filled({ ...bind, factor: 1e200 }, records, 1).x, [1, 2, 3]);
  const none = made(record(1, { grad_norm: [0, null] }));
  assert.deepEqual(filled(bind, none, 1), { x: [], y: [] });
  assert.deepEqual(filled(bind, new Records(), 1), { x: [], y: [] });
});

test("an edge: marks where a value is 0, or past what can be drawn", () => {
  const bind = { kind: "edge", arm: "residual", name: "grad_norm", over: 0, says: "here" };
  const records = made(record(1, { grad_norm: [0, 30, 0, null] })); // between 10 and 100
  assert.deepEqual(filled(bind, records, 1), { x: [1, 3], y: [10, 10], text: ["here", ""] });
  assert.deepEqual(filled({ ...bind, over: 1 }, records, 1), { x: [4], y: [100], text: ["here"] });
  assert.deepEqual(filled({ ...bind, arm: "plain" }, records, 1), { x: [], y: [], text: [] });
  const nothing = { x: [], y: [], text: [] };
  assert.deepEqual(filled(bind, made(record(1, { grad_norm: [0, null] })), 1), nothing); // no axis to be at the edge of
  assert.deepEqual(filled(bind, new Records(), 1), nothing);
});
