// The settings of a page without a browser: what undo and redo give, and what is asked and taken from the server.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Address, asides, RETRY_MS } from "../../resviz/ui/assets/address.js";
import { Queue } from "../../resviz/ui/assets/queue.js";
import { Steps } from "../../resviz/ui/assets/steps.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A panel whose requests wait until `answer` or `fail` is called; the oldest is dealt with first. */
class Asking {
  page = { beside: false };
  plots = { hold: () => undefined };
  asked = { abort: () => this.fail(Object.assign(new Error("aborted"), { name: "AbortError" })) };
  sent = [];
  waiting = [];
  taken = [];
  refused = [];
  troubles = [];

  request(query, { changes, anew, along }) {
    this.along = along;
    this.sent.push([query, changes, anew]);
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  async answer(query) {
    this.waiting.shift().resolve({ query });
    await settled();
  }

  async fail(error) {
    this.waiting.shift()?.reject(error);
    await settled();
  }

  take({ query }, last) {
    this.taken.push([query, last]);
  }

  declined(words, last) {
    this.refused.push([words, last]);
  }

  trouble(words) {
    this.troubles.push(words);
  }
}

/** An address in which nothing is kept outside of it, with a panel whose first answer has come. */
async function opened(query = "n=1") {
  const address = new Address(false),
    panel = new Asking();
  address.join(panel);
  await panel.answer(query);
  panel.sent.length = 0;
  panel.taken.length = 0;
  return { address, panel };
}

/** Change settings, one after the other, and have each answered. */
async function changed({ address, panel }, ...queries) {
  for (const query of queries) {
    address.change(Object.fromEntries(new URLSearchParams(query)));
    await panel.answer(query);
  }
}

const of = ({ query, done, undone }) => ({ query, done, undone });

// -- steps -------------------------------------------------------------------------------------------

test("undo and redo lead back and forth, and a new step drops what could be redone", () => {
  const steps = new Steps();
  for (const query of ["a", "b", "c"]) steps.go(query);
  assert.deepEqual(of(steps), { query: "c", done: ["", "a", "b"], undone: [] });
  assert.equal(steps.redo(), false);
  assert.equal(steps.undo(), true);
  assert.equal(steps.undo(), true);
  assert.deepEqual(of(steps), { query: "a", done: [""], undone: ["c", "b"] });
  assert.equal(steps.redo(), true);
  assert.deepEqual(of(steps), { query: "b", done: ["", "a"], undone: ["c"] });
  steps.go("d");
  assert.deepEqual(of(steps), { query: "d", done: ["", "a", "b"], undone: [] });
});

test("undo ends at the first settings, which may be the defaults", () => {
  const steps = new Steps();
  steps.go("a");
  assert.equal(steps.undo(), true);
  assert.equal(steps.query, "");
  assert.equal(steps.undo(), false);
  assert.deepEqual(of(steps), { query: "", done: [], undone: ["a"] });
});

// -- the queue ---------------------------------------------------------------------------------------

/** Answer the first changes of a queue, each by itself; returns whether each belongs to the step before it. */
function answers(queue, count = queue.pending.length) {
  return Array.from({ length: count }, () => {
    const same = queue.continues(queue.pending.slice(0, 1));
    queue.drop(1);
    return same;
  });
}

test("what a held slider passes is one step, and the next drag of it another", () => {
  const queue = new Queue();
  for (const n of ["1", "2", "3"]) assert.equal(queue.add({ n }, true), true);
  assert.deepEqual(answers(queue), [false, true, true]);
  assert.equal(queue.add({ n: "3" }, false), false, "released where it was dragged to");
  queue.add({ n: "4" }, true);
  assert.deepEqual(answers(queue), [false]);
});

test("a slider that is released before it is answered has ended its step", () => {
  const queue = new Queue();
  queue.add({ n: "1" }, true);
  queue.add({ n: "2" }, true);
  assert.deepEqual(answers(queue, 1), [false]);
  queue.add({ n: "2" }, false);
  assert.deepEqual(queue.pending, [{ changes: { n: "2" }, sliding: false }]);
  queue.add({ n: "3" }, true);
  assert.deepEqual(answers(queue), [true, false]);
});

test("another slider is another step, and a change that repeats another is one", () => {
  const queue = new Queue();
  queue.add({ n: "1" }, true);
  queue.add({ m: "1" }, true);
  assert.deepEqual(answers(queue), [false, false]);
  assert.equal(queue.add({ n: "1" }, false), true);
  assert.equal(queue.add({ n: "1" }, false), true);
  assert.deepEqual(answers(queue), [false, false]);
});

// -- an address --------------------------------------------------------------------------------------

test("the first answer settles the settings and is no step", async () => {
  const { address } = await opened("n=1&m=2");
  assert.deepEqual(of(address), { query: "n=1&m=2", done: [], undone: [] });
});

test("changes are steps; undo and redo ask for the settings before and after", async () => {
  const page = await opened();
  const { address, panel } = page;
  await changed(page, "n=2", "n=3");
  assert.deepEqual(of(address), { query: "n=3", done: ["n=1", "n=2"], undone: [] });
  panel.sent.length = 0;
  for (const query of ["n=2", "n=1"]) {
    await address.undo();
    await panel.answer(query);
  }
  await address.undo(); // nothing is left
  assert.deepEqual(of(address), { query: "n=1", done: [], undone: ["n=3", "n=2"] });
  await address.redo();
  await panel.answer("n=2");
  assert.deepEqual(panel.sent, [
    ["n=2", [], false],
    ["n=1", [], false],
    ["n=2", [], false],
  ]);
  await changed(page, "n=5");
  assert.deepEqual(of(address), { query: "n=5", done: ["n=1", "n=2"], undone: [] });
});

test("a change that leads to the same settings is no step", async () => {
  const page = await opened();
  await changed(page, "n=1");
  assert.deepEqual(of(page.address), { query: "n=1", done: [], undone: [] });
});

test("a slider that is dragged is one step to undo, and the next drag another", async () => {
  const page = await opened();
  const { address, panel } = page;
  const drag = async (...stops) => {
    for (const n of stops) {
      address.change({ n }, true);
      await panel.answer(`n=${n}`);
    }
    address.change({ n: stops.at(-1) });
  };
  await drag("2", "3", "4");
  await drag("5", "6");
  assert.equal(panel.waiting.length, 0, "to release a slider asks nothing");
  assert.deepEqual(of(address), { query: "n=6", done: ["n=1", "n=4"], undone: [] });
});

test("a slider that is released while another request is on its way has ended its step", async () => {
  const page = await opened();
  const { address, panel } = page;
  address.change({ n: "2" }, true);
  await panel.answer("n=2");
  address.press();
  address.change({ n: "2" });
  await panel.answer("n=2");
  address.change({ n: "3" }, true);
  await panel.answer("n=3");
  assert.deepEqual(address.done, ["n=1", "n=2"]);
});

test("one request is on its way; changes made meanwhile go with the next, in their order", async () => {
  const { address, panel } = await opened();
  address.change({ n: "2" });
  address.change({ m: "1" });
  address.change({ n: null });
  assert.equal(panel.sent.length, 1);
  await panel.answer("n=2");
  assert.deepEqual(panel.taken, [["n=2", false]], "its settings are not those on the screen");
  await panel.answer("m=1");
  assert.deepEqual(panel.sent, [
    ["n=1", [{ n: "2" }], false],
    ["n=2", [{ m: "1" }, { n: null }], false],
  ]);
  assert.deepEqual(panel.taken.at(-1), ["m=1", true]);
  assert.deepEqual(address.done, ["n=1", "n=2"]);
});

test("the answer to an earlier epoch is ignored", async () => {
  const { address, panel } = await opened();
  panel.asked.abort = () => undefined; // too late: the answer is under way
  address.change({ n: "2" });
  address.to("n=7");
  await panel.answer("n=2");
  assert.deepEqual(panel.taken, []);
  assert.equal(address.query, "n=7");
  await panel.answer("n=7");
  assert.deepEqual(panel.taken, [["n=7", true]]);
  assert.deepEqual(of(address), { query: "n=7", done: ["n=1"], undone: [] });
});

test("undo takes back what is not answered, before any step", async () => {
  const page = await opened();
  const { address, panel } = page;
  await changed(page, "n=2");
  address.change({ n: "3" });
  await address.undo(); // cancels the request
  await settled();
  await panel.answer("n=2");
  assert.deepEqual(panel.sent.at(-1), ["n=2", [], false]);
  assert.deepEqual(of(address), { query: "n=2", done: ["n=1"], undone: [] });
});

test("a view that goes elsewhere by itself makes a step, and unanswered changes are made there", async () => {
  const { address, panel } = await opened();
  address.change({ n: "2" });
  address.went("cut=1");
  await panel.answer("n=2"); // of before
  assert.deepEqual(panel.sent.at(-1), ["cut=1", [{ n: "2" }], false]);
  await panel.answer("n=2&cut=1");
  assert.deepEqual(of(address), { query: "n=2&cut=1", done: ["n=1", "cut=1"], undone: [] });
  assert.deepEqual(panel.taken, [["n=2&cut=1", true]]);
});

test("undo waits for what the view is doing", async () => {
  const page = await opened();
  await changed(page, "n=2");
  let ends;
  page.panel.acting = new Promise((resolve) => {
    ends = resolve;
  });
  const undone = page.address.undo();
  await settled();
  assert.equal(page.address.query, "n=2");
  ends();
  await undone;
  assert.equal(page.address.query, "n=1");
});

test("changes that are refused are dropped, and those made since are asked", async () => {
  const { address, panel } = await opened();
  address.change({ n: "far" });
  await panel.fail(new Error("n=far: allowed is a number"));
  assert.deepEqual(panel.refused, [["n=far: allowed is a number", true]]);
  address.change({ n: "far" });
  address.change({ m: "3" });
  await panel.fail(new Error("no"));
  assert.deepEqual(panel.refused.at(-1), ["no", false]);
  assert.deepEqual(panel.sent.at(-1), ["n=1", [{ m: "3" }], false]);
});

test("where the server does not answer, the same is asked again a moment later", async () => {
  const { address, panel } = await opened();
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    address.press();
    await panel.fail(Object.assign(new Error("The server does not answer."), { silent: true }));
    assert.deepEqual([panel.sent.length, panel.troubles.length], [1, 1]);
    mock.timers.tick(RETRY_MS);
    await settled();
  } finally {
    mock.timers.reset();
  }
  assert.deepEqual(panel.sent, [
    ["n=1", [], true],
    ["n=1", [], true],
  ]);
});

test("what was cancelled is asked again, but a button is not pressed again for one who has stopped it", async () => {
  for (const stopped of [false, true]) {
    const { address, panel } = await opened();
    address.press();
    panel.stopped = stopped;
    await panel.asked.abort();
    assert.deepEqual(panel.sent, [
      ["n=1", [], true],
      ["n=1", [], !stopped],
    ]);
  }
});

test("panels beside the leading one follow it, and without it nothing is asked", async () => {
  const { address, panel } = await opened();
  const followed = [],
    beside = (kind, at_once) => ({
      page: { beside: true, kind, at_once },
      viewer: `who ${kind}`,
      follow: (query) => followed.push([kind, query]),
    });
  panel.state = { query: "n=1" };
  assert.equal(panel.along, undefined);
  address.join(beside("quick", true));
  address.join(beside("slow", false));
  await changed({ address, panel }, "n=2");
  assert.deepEqual(followed, [
    ["quick", "n=1"],
    ["slow", "n=1"],
    ["quick", "n=2"],
    ["slow", "n=2"],
  ]);
  assert.deepEqual(panel.along, [["quick", "who quick"]]); // the server may begin on its answer already
  address.leave(panel);
  address.change({ n: "3" });
  await address.undo();
  assert.deepEqual(of(address), { query: "", done: [], undone: [] });
  assert.equal(panel.sent.length, 1);
});

test("what cannot be used of a link is said with a heading, of a change without", () => {
  const state = { problems: ["n=pie: no"], trouble: "late" };
  assert.deepEqual(asides({ ...state, changed: true }), ["n=pie: no", "late"]);
  assert.match(asides({ ...state, changed: false })[0], /^Not every setting in the link can be used/);
  assert.deepEqual(asides({ problems: [], changed: false, trouble: "" }), [""]);
});
