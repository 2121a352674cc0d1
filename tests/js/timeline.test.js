// Which step of a run is shown, and what is said of it; every expected value is worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";
import { Playhead } from "../../resviz/ui/assets/playhead.js";
import { countsOf, factsOf, stepWords } from "../../resviz/ui/assets/runwords.js";

const LEARNING = { steps: 33, head: 20, ended: false };
const ENDED = { steps: 33, head: 33, ended: true };

/** A playhead that has begun at a step. */
const at = (step, playing = false) => {
  const playhead = new Playhead();
  playhead.begin(step, playing);
  return playhead;
};

const state = ({ playing, cursor, position }) => ({ playing, cursor, position });

// -- the playhead ------------------------------------------------------------------------------------

test("it moves on with the time, and waits for the newest record", () => {
  const playhead = at(1, true);
  assert.equal(playhead.advance(1000, 10, LEARNING), false, "no time has passed since it was begun");
  assert.equal(playhead.advance(1150, 10, LEARNING), true);
  assert.deepEqual(state(playhead), { playing: true, cursor: 2, position: 2.5 });
  assert.equal(playhead.advance(1160, 10, LEARNING), false, "a tenth of a step is not seen");
  playhead.advance(9000, 10, LEARNING);
  assert.deepEqual(state(playhead), { playing: true, cursor: 20, position: 20 });
});

test("without a pace it shows the newest record, the first one where there is none", () => {
  const playhead = at(1, true);
  playhead.advance(1000, Infinity, { steps: 33, head: 0, ended: false });
  assert.deepEqual(state(playhead), { playing: true, cursor: 1, position: 1 });
  playhead.advance(1000, Infinity, LEARNING);
  assert.deepEqual(state(playhead), { playing: true, cursor: 20, position: 20 });
});

test("it pauses at the end of a run, and plays it again from the start", () => {
  const playhead = at(1, true);
  playhead.advance(0, Infinity, ENDED);
  assert.deepEqual(state(playhead), { playing: false, cursor: 33, position: 33 });
  assert.equal(playhead.advance(500, 10, ENDED), false);
  playhead.toggle(ENDED, 600);
  assert.deepEqual(state(playhead), { playing: true, cursor: 33, position: 1 });
  playhead.advance(1600, 10, ENDED);
  assert.deepEqual(state(playhead), { playing: true, cursor: 11, position: 11 });
});

test("a run that failed before its first step does not pause it", () => {
  const playhead = at(1, true);
  assert.equal(playhead.advance(0, Infinity, { steps: 33, head: 0, ended: true }), false);
  assert.equal(playhead.playing, true);
});

test("a pause is not caught up", () => {
  const playhead = at(1, true);
  playhead.advance(0, 10, LEARNING);
  playhead.toggle(LEARNING, 100);
  playhead.advance(5000, 10, LEARNING);
  playhead.toggle(LEARNING, 9000);
  playhead.advance(9200, 10, LEARNING);
  assert.deepEqual(state(playhead), { playing: true, cursor: 3, position: 3 });
});

test("a step may lead to one that is not there yet, but not out of the run", () => {
  const playhead = at(20, true);
  playhead.step(1, LEARNING);
  assert.deepEqual(state(playhead), { playing: false, cursor: 21, position: 21 });
  playhead.goTo(33);
  playhead.step(1, LEARNING);
  assert.equal(playhead.cursor, 33);
  playhead.goTo(1);
  playhead.step(-1, LEARNING);
  assert.equal(playhead.cursor, 1);
  playhead.goTo(7);
  playhead.step(1, { steps: 33, head: 7, ended: true }); // it was cancelled after step 7
  assert.equal(playhead.cursor, 7);
});

test("the slider shows only steps that are there", () => {
  const playhead = at(1, true);
  const shown = [0, 1, 7.9, 20, 33].map((step) => {
    playhead.scrub(step, LEARNING);
    return playhead.cursor;
  });
  assert.deepEqual(shown, [1, 1, 7, 20, 20]);
  assert.equal(playhead.playing, false);
});

test("of a run that has ended the end is shown, as far as it has arrived", () => {
  const playhead = at(1, true);
  playhead.toEnd(ENDED);
  assert.deepEqual(state(playhead), { playing: false, cursor: 1, position: 33 });
  playhead.settle({ ...ENDED, head: 12 });
  assert.equal(playhead.cursor, 12);
  playhead.settle(ENDED);
  assert.equal(playhead.cursor, 33);
});

// -- words -------------------------------------------------------------------------------------------

const HEAD = {
  digest: "d",
  status: "running",
  message: "",
  missing: "",
  steps: 33,
  seconds: 0,
  viewers: 1,
  device: "cpu",
  arms: null,
};

test("the facts about a run", () => {
  const arm = (params, checksum) => ({ params, checksum });
  assert.equal(factsOf({ ...HEAD, device: "auto" }), "");
  assert.equal(factsOf(HEAD), "CPU");
  assert.equal(factsOf({ ...HEAD, device: "xpu" }), "xpu");
  const arms = { residual: arm(1234, "0123456789"), plain: arm(1234, "0123456789") };
  const known = { ...HEAD, device: "cuda", arms, seconds: 12.34, viewers: 2 };
  assert.equal(factsOf(known), "NVIDIA GPU · 1,234 weights each · same starting weights ✓ 012345");
  assert.equal(countsOf(known), "12.3 s of training · 2 watching");
  assert.equal(countsOf(HEAD), "");
  const apart = { residual: arm(1300, "a"), plain: arm(1234, "b") };
  assert.equal(factsOf({ ...HEAD, arms: apart }), "CPU · 1,300 and 1,234 weights · different starting weights");
});

test("the step shown, or why there is none", () => {
  const shown = { head: HEAD, cursor: 7, playing: true, records: 20, preview: false, ended: false };
  assert.equal(stepWords(shown), "step 7 of 33");
  const none = { ...shown, cursor: 1, records: 0 };
  assert.equal(stepWords(none), "warming up …");
  assert.equal(stepWords({ ...none, preview: true }), "warming up …");
  assert.equal(stepWords({ ...none, preview: true, playing: false }), "before training");
  assert.equal(stepWords({ ...none, ended: true }), "no step yet");
  const queued = (position) => ({ ...none, head: { ...HEAD, status: "queued", position } });
  assert.equal(stepWords(queued(0)), "warming up …");
  assert.equal(stepWords(queued(1)), "waiting …");
});
