// What is said to somebody who comes back to a run; every expected sentence is worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";

import { meanwhile } from "../../resviz/ui/assets/absence.js";
import { arrivalOf } from "../../resviz/ui/assets/arrival.js";

const LEFT = { step: 80, playing: true, head: 80, ended: false, at: 0 };
const MINUTE = 60_000;

test("what went on is said where something did, and nothing else", () => {
  for (const [before, now, at, says] of [
    [{}, { head: 199 }, MINUTE, "Meanwhile both networks learned on from step 80 to step 199."],
    [{}, { head: 199 }, 1000, ""],
    [
      {},
      { head: 500, status: "finished" },
      MINUTE,
      "Meanwhile both networks learned on from step 80 to the end, step 500.",
    ],
    [{ playing: false }, { head: 199 }, MINUTE, "Meanwhile both networks learned on from step 80 to step 199."],
    [{}, { head: 80 }, MINUTE, "Meanwhile the training waited at step 80, since nobody watched. It goes on now."],
    [{}, { head: 80 }, 10_000, ""],
    [{ playing: false }, { head: 80 }, MINUTE, ""],
    [{ ended: true }, { head: 80, status: "finished" }, MINUTE, ""],
    [{ head: 0 }, { head: 30 }, MINUTE, ""],
    [{}, { head: 90, status: "failed" }, MINUTE, ""],
    [{}, { head: 90, status: "cancelled" }, MINUTE, ""],
    [
      {},
      { head: 3 },
      1000,
      "The server was started again meanwhile and no longer had this run: it is made again, and its numbers come again.",
    ],
  ])
    assert.equal(meanwhile({ ...LEFT, ...before }, { steps: 500, status: "running", ...now }, at), says);
});

test("a run arrives as it was left, unless its link names a step", () => {
  const paused = { ...LEFT, playing: false };
  assert.deepEqual(arrivalOf("?depth=8", 500, paused).arrival, { playing: false, from: 80 });
  assert.deepEqual(arrivalOf("?depth=8", 500, LEFT).arrival, { playing: true, from: 80 });
  assert.deepEqual(arrivalOf("?depth=8", 500).arrival, { playing: true });
  assert.deepEqual(arrivalOf("?at=7", 500, paused).arrival, { playing: false, from: 7 });
});
