// The user's changes to a run: clicks on the drawing, and branches. Every change makes a new run, which the server
// creates from the spec; the previous run is kept.

import { ask } from "./ask.js";
import { accuracy, BranchForm } from "./branches.js";
import { Records, withFindings } from "./records.js";
import { ENDED, FOREVER } from "./stream.js";

/** @import {Arrival} from "./arrival.js" */
/** @import {Branch, TreeNode} from "./branches.js" */
/** @import {Kept} from "./feed.js" */
/** @import {Change} from "./net.js" */
/** @import Timeline from "./timeline.js" */

/**
 * A run that was on screen, or an ancestor of one. `parts`: the step where it differs from the run on screen, and for which
 * records of both.
 * @typedef {Kept & { parts?: { key: string, from: number } }} Shelved
 */

/** @typedef {"next" | number} When the step after which a change takes effect: 0 before training, "next" the one under way */

const BESIDE_MS = 1500; // how often the records of another branch that still runs are requested
const REMEMBERED = 50; // branches of one experiment that a tab remembers

export class Editor {
  /** The runs of these networks with their records so far, by digest. @type {Map<string, Shelved>} */
  shelf = new Map();
  /** The branches of each experiment, by the digest of its first run and by their own. @type {Map<string, Map<string, Branch>>} */
  known = new Map();
  /** The last change, which comes after all before it. @type {Promise<void>} */
  chain = Promise.resolve();
  waiting = 0; // changes without an answer
  /** @type {BranchForm | undefined} */
  form = undefined;

  /** @param {Timeline} view */
  constructor(view) {
    this.view = view;
  }

  /**
   * Start over for networks of another shape: the stored runs and branches no longer apply.
   * @param {Payload.LiveField[]} fields
   */
  begin(fields) {
    this.shelf.clear();
    this.known.clear();
    this.form?.dialog.close();
    this.form = new BranchForm(fields, (changes) => this.send(changes));
  }

  /** Store the run on screen with its records so far, to show it again later. */
  keep() {
    const { run, records, findings, info } = this.view.feed;
    if (run) this.shelf.set(run.digest, { records, findings, info });
  }

  // ---- changes ----

  /**
   * The step after which a change made now takes effect: "next" during training, 0 before training, else a step number.
   * @returns {When}
   */
  get at() {
    const { feed, playhead, bar } = this.view;
    const { head } = feed.records;
    const under = playhead.playing && !feed.ended;
    if (under && head && (playhead.position >= head || bar.newest)) return "next";
    const at = head ? playhead.cursor : playhead.from; // the records of a new branch have not arrived yet
    return at > 1 ? at : 0;
  }

  get caption() {
    const { at } = this;
    const { info, records } = this.view.feed;
    if (at === "next") return "Acts at the next step.";
    if (at === 0) return "Changes the start.";
    if (info.status !== "finished" || at < records.head) return `Branches after step ${at}.`;
    return at >= info.steps ? "Trains on from here." : "Both have ended: move back to branch.";
  }

  /**
   * Handle a click: the drawing changes at once, the numbers when they are computed. Quick clicks are sent one after the
   * other, and after pending changes of the settings.
   * @param {Change} changes
   */
  change(changes) {
    const { net, address, feed } = this.view;
    net.set(changes.cut ?? net.cut, changes.remove ?? net.remove);
    this.waiting += 1;
    const words = Object.fromEntries(Object.entries(changes).map(([key, numbers]) => [key, numbers.join(",")]));
    this.chain = this.chain.then(async () => {
      if (address.pending.length) await address.quiet();
      const wrong = await this.send(words, true);
      this.waiting -= 1;
      if (wrong) feed.problem = wrong;
      this.pattern();
      this.view.dirty = true;
    });
    return this.chain;
  }

  /**
   * Send a change to the server. Returns an error message, or "".
   * @param {Record<string, string>} changes
   * @param {boolean} quiet whether a change that changes nothing is none
   */
  async send(changes, quiet = false) {
    const { view, at } = this;
    const { feed, run } = view;
    if (!run) return "";
    /** @type {Payload.Branched} */
    let answer;
    try {
      answer = await ask(feed.stream.url("branch"), { at, set: changes });
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
    if (view.run !== run || view.abort.signal.aborted) return ""; // the page has moved on meanwhile
    if (answer.run.digest === run.digest) return quiet ? "" : "These are the settings that it has already.";
    this.arrive(
      answer,
      at === 0 ? { playing: view.playing } : { playing: true, from: at === "next" ? view.records.head : at },
    );
    return "";
  }

  /**
   * @param {Payload.Branched} answer
   * @param {Arrival} arrival
   */
  arrive({ run, preview, finding }, arrival) {
    const { view } = this;
    view.go(run, { preview, finding, ...arrival });
    view.address.went(run.address);
  }

  /**
   * Go to another branch, and see it from its start.
   * @param {Branch} branch
   */
  visit({ digest, address }) {
    this.view.places.delete(digest);
    this.view.address.to(address);
  }

  openForm() {
    const { view, form } = this;
    if (!form || form.dialog.isConnected) return;
    const step = this.at === "next" ? view.records.head : view.cursor;
    if (view.playing) view.toggle(); // so that the branch starts at the step on screen
    const now = this.inForce();
    if (!now) return;
    view.root.append(form.dialog);
    form.open(step, now.settings);
  }

  // ---- the step on screen ----

  /** The settings in force at the step shown; at the newest step, those of the next step. Undefined until a run is shown. */
  inForce() {
    const { run, cursor, records } = this.view;
    const step = cursor >= records.head ? cursor + 1 : cursor;
    return run?.segments.findLast((segment) => segment.after < step) ?? run?.segments[0];
  }

  /** Update the drawing to the cuts and removals at the step shown, unless a click is still being processed. */
  pattern() {
    const now = this.inForce();
    if (now && !this.waiting) this.view.net.set(now.cut, now.remove);
  }

  // ---- the tree ----

  /**
   * All branches of this experiment that this tab has seen, and the ancestors of this run.
   * @returns {TreeNode[]}
   */
  nodes() {
    const lineage = this.view.run?.lineage ?? [];
    const root = lineage.at(0)?.digest;
    if (root === undefined) return [];
    const nodes = this.known.get(root) ?? new Map(remembered(root).map((node) => [node.digest, node]));
    this.known.set(root, nodes);
    const before = nodes.size;
    for (const [i, node] of lineage.entries()) nodes.set(node.digest, { ...node, parent: lineage[i - 1]?.digest });
    if (nodes.size > before) remember(root, [...nodes.values()]);
    return [...nodes.values()].map((node) => {
      const records = this.shelf.get(node.digest)?.records;
      return { ...node, head: records?.head ?? 0, accuracy: records && accuracy(records) };
    });
  }

  /** The other branches whose records are loaded, each from the step where it differs from the run on screen. */
  ghosts() {
    const { run, records } = this.view;
    return this.nodes().flatMap((node) => {
      const entry = this.shelf.get(node.digest);
      if (!run || !entry || node.digest === run.digest || !node.head) return [];
      const key = `${run.digest} ${records.head} ${node.head}`;
      const parts = entry.parts?.key === key ? entry.parts : { key, from: Math.max(1, records.shared(entry.records)) };
      entry.parts = parts;
      const says = node.at ? `${node.says} after ${node.at}` : "without the change";
      return [{ records: entry.records, from: parts.from, says }];
    });
  }

  /**
   * Fetch the records of this run's ancestors, drawn as ghosts: those computed so far and, once this run has ended, those to
   * the end without its change. A run that the server no longer has can be computed again by choosing it in the tree.
   */
  async fetchLineage() {
    const { run, abort } = this.view;
    const away = () => this.view.run !== run || abort.signal.aborted;
    for (const { digest } of run?.lineage.slice(0, -1).reverse() ?? []) {
      while (await this.fetchMore(digest, away)) {
        await new Promise((resolve) => {
          setTimeout(resolve, BESIDE_MS);
        });
        if (away()) return;
      }
      if (away()) return;
    }
  }

  /**
   * Fetch the next records of an ancestor. Returns whether more of them may come.
   * @param {string} digest
   * @param {() => boolean} away whether another run is on screen
   */
  async fetchMore(digest, away) {
    const { feed } = this.view;
    /** @type {Shelved} */
    const entry = this.shelf.get(digest) ?? { records: new Records(), findings: [] };
    if (entry.info && ENDED.includes(entry.info.status)) return false;
    const until = feed.ended ? FOREVER : 0;
    const viewer = `${feed.stream.viewer}-beside`;
    /** @type {Payload.RunState | undefined} */
    const answer = await ask(
      `runs/${digest}/records?viewer=${viewer}&beside=1&until=${until}&from=${entry.records.head}`,
      {},
    ).catch(() => undefined);
    if (!answer || away()) return false;
    const { records, from, ...info } = answer;
    entry.records.append(from, records);
    entry.findings = withFindings(entry.findings, from, records);
    entry.info = info;
    this.shelf.set(digest, entry);
    this.view.dirty = true;
    return !ENDED.includes(info.status);
  }
}

/**
 * @param {string} root
 * @returns {Branch[]}
 */
function remembered(root) {
  try {
    return JSON.parse(sessionStorage.getItem(`resviz ${root}`) ?? "[]");
  } catch {
    return [];
  }
}

/**
 * @param {string} root
 * @param {Branch[]} nodes
 */
function remember(root, nodes) {
  try {
    sessionStorage.setItem(`resviz ${root}`, JSON.stringify(nodes.slice(-REMEMBERED)));
  } catch {
    /* storage is optional */
  }
}
