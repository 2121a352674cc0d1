// What a panel's settings and its words need no browser for.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest, stepped } from "../../resviz/ui/assets/inputs.js";
import { buttonWords, stateWords } from "../../resviz/ui/assets/progress.js";

test("a slider shows a value at its stop, or at the nearest by ratio", () => {
  const stops = ["1", "10", "100", "1000"];
  for (const [value, place] of [
    ["100", 2],
    ["3", 0],
    ["4", 1],
    ["31", 1],
    ["32", 2],
    ["1e9", 3],
    ["0", 0],
    ["of no use", 0],
  ])
    assert.equal(nearest(stops, value), place, value);
  assert.equal(nearest(["0", "0.5", "1"], "0.0"), 0);
  assert.equal(nearest([], "3"), 0);
});

test("an arrow goes to the next step from the least value, within the bounds", () => {
  const field = { low: 2, high: 56, step: 6 };
  for (const [text, up, down] of [
    ["20", "26", "14"],
    ["21", "26", "20"],
    ["2", "8", "2"],
    ["56", "56", "50"],
    ["55", "56", "50"],
    ["1e1", "14", "8"],
    ["60,000", "60,000", "60,000"],
    ["", "", ""],
  ]) {
    assert.equal(stepped(text, 1, field), up, text);
    assert.equal(stepped(text, -1, field), down, text);
  }
});

const page = { at_once: false, verb: "Train", first: "Train it", again: "Train again", rest: "Train the rest" };
const state = { ahead: 0, by_press: false, made: "", says: "", share: 0.305, verb: null, version: "v" };

test("the button says what it does", () => {
  const says = (told, { running = false, stopped = false } = {}) =>
    buttonWords({ page, state: told && { ...state, ...told }, running, stopped });
  assert.equal(says({}, { running: true }), "Stop");
  assert.equal(says(undefined), "Train again");
  assert.equal(says({}), "Train again");
  assert.equal(says({ verb: "Try again" }, { stopped: true }), "Try again");
  assert.equal(says({}, { stopped: true }), "Train the rest");
  assert.equal(says({ share: 1 }, { stopped: true }), "Train again");
  assert.equal(says({ made: "2025" }, { stopped: true }), "Train it here");
  assert.equal(says({ by_press: true, version: "" }), "Train it");
  assert.equal(says({ by_press: true }), "Train again");
});

test("words say how far an answer is, or what it is", () => {
  const says = (told, { running = false, stopped = false, at_once = false } = {}) =>
    stateWords({ page: { ...page, at_once }, state: told && { ...state, ...told }, running, stopped });
  assert.equal(says(undefined, { running: true }), "");
  assert.equal(says({}, { running: true }), "30%");
  assert.equal(says({ says: "loading" }, { running: true }), "loading");
  assert.equal(says({ ahead: 1, says: "loading" }, { running: true }), "Waiting: one other question is ahead of yours");
  assert.equal(says({ ahead: 2 }, { running: true }), "Waiting: 2 other questions are ahead of yours");
  assert.equal(says({ ahead: 2 }, { running: true, at_once: true }), "");
  assert.equal(says({ says: "of 3 runs" }, { stopped: true }), "of 3 runs");
  assert.equal(says({ made: "2025" }), "a recorded run: 2025");
  assert.equal(says({}, { stopped: true }), "stopped at 30%");
  assert.equal(says({}), "");
});
