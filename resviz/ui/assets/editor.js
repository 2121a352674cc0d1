// The user's changes to a run: clicks on the drawing, and branches. Every change makes a new run, which the server
// creates from the spec; the previous run is kept.

import { BranchForm, accuracy } from "./branches.js";
import { Records, withFindings } from "./records.js";
import { ENDED, FOREVER, ask } from "./stream.js";

const BESIDE_MS = 1500; // how often the records of another branch that still runs are requested
const REMEMBERED = 50; // branches of one experiment that a tab remembers

export class Editor {
  constructor(view) {
    Object.assign(this, { view, shelf: new Map(), chain: Promise.resolve(), known: new Map() });
  }

  // Start over for networks of another shape: the stored runs and branches no longer apply.
  begin(fields) {
    this.shelf.clear();
    this.known.clear();
    this.form?.dialog.close();
    this.form = new BranchForm(fields, (changes) => this.send(changes));
  }

  // Store the run on screen with its records so far, to show it again later.
  keep() {
    const { run, records, findings, headInfo: head } = this.view;
    this.shelf.set(run.digest, { run, records, findings, head });
  }

  // ---- changes ----

  // The step after which a change made now takes effect: "next" during training, 0 before training, else a step number.
  get at() {
    const { view } = this,
      { head } = view.records;
    const under = view.playing && !ENDED.includes(view.headInfo.status);
    if (under && head && (view.position >= head || view.atOnce)) return "next";
    const at = head ? view.cursor : view.from; // the records of a new branch have not arrived yet
    return at > 1 ? at : 0;
  }

  get caption() {
    const { at, view } = this;
    if (at === "next") return "Acts at the next step.";
    if (at === 0) return "Changes the start.";
    if (view.headInfo.status !== "finished" || at < view.records.head) return `Branches after step ${at}.`;
    return at >= view.headInfo.steps ? "Trains on from here." : "Both have ended: move back to branch.";
  }

  // Handle a click: the drawing changes at once, the numbers when they are computed. Quick clicks are sent one after the
  // other, and after pending changes of the settings.
  change(changes) {
    const { net } = this.view;
    net.set(changes.cut ?? net.cut, changes.remove ?? net.remove);
    this.waiting = (this.waiting ?? 0) + 1;
    const words = Object.fromEntries(Object.entries(changes).map(([key, numbers]) => [key, numbers.join(",")]));
    this.chain = this.chain.then(async () => {
      if (this.view.address.pending.length) await this.view.address.quiet();
      const wrong = await this.send(words, true);
      this.waiting -= 1;
      if (wrong) this.view.problem = wrong;
      this.view.pattern();
      this.view.dirty = true;
    });
    return this.chain;
  }

  // Send a change to the server. Returns an error message, or "".
  async send(changes, quiet = false) {
    const { view } = this,
      { at } = this,
      { run } = view;
    let answer;
    try {
      answer = await ask(view.stream.url("branch"), { at, set: changes });
    } catch (error) {
      return error.message;
    }
    if (view.run !== run || view.abort.signal.aborted) return ""; // the page has moved on meanwhile
    if (answer.run.digest === view.run.digest) return quiet ? "" : "These are the settings that it has already.";
    this.arrive(
      answer,
      at === 0 ? { playing: view.playing } : { playing: true, from: at === "next" ? view.records.head : at },
    );
    return "";
  }

  arrive(answer, options) {
    const { view } = this;
    view.go(answer.run, { preview: answer.preview ?? undefined, finding: answer.finding, ...options });
    view.address.went(answer.run.address);
  }

  // Go to another branch, and see it from its start.
  visit({ digest, address }) {
    this.view.places.delete(digest);
    this.view.address.to(address);
  }

  openForm() {
    const { view } = this;
    if (this.form.dialog.isConnected) return;
    const step = this.at === "next" ? view.records.head : view.cursor;
    if (view.playing) view.toggle(); // so that the branch starts at the step on screen
    view.root.append(this.form.dialog);
    this.form.open(step, view.inForce().settings);
  }

  // ---- the tree ----

  // All branches of this experiment that this tab has seen, and the ancestors of this run.
  nodes() {
    const { lineage } = this.view.run,
      [{ digest: root }] = lineage;
    if (!this.known.has(root)) this.known.set(root, new Map(remembered(root).map((node) => [node.digest, node])));
    const nodes = this.known.get(root);
    const before = nodes.size;
    lineage.forEach((node, i) => nodes.set(node.digest, { ...node, parent: lineage[i - 1]?.digest }));
    if (nodes.size > before) remember(root, [...nodes.values()]);
    return [...nodes.values()].map((node) => {
      const records = this.shelf.get(node.digest)?.records;
      return { ...node, head: records?.head ?? 0, accuracy: records && accuracy(records) };
    });
  }

  // The other branches whose records are loaded, each from the step where it differs from the run on screen.
  ghosts() {
    const { run, records } = this.view;
    return this.nodes()
      .filter((node) => node.digest !== run.digest && node.head)
      .map((node) => {
        const entry = this.shelf.get(node.digest),
          key = `${run.digest} ${records.head} ${node.head}`;
        if (entry.parts?.key !== key) entry.parts = { key, from: Math.max(1, records.shared(entry.records)) };
        return {
          records: entry.records,
          from: entry.parts.from,
          says: node.at ? `${node.says} after ${node.at}` : "without the change",
        };
      });
  }

  // Fetch the records of this run's ancestors, drawn as ghosts: those computed so far and, once this run has ended, those to
  // the end without its change. A run that the server no longer has can be computed again by choosing it in the tree.
  async fetchLineage() {
    const { view } = this,
      { run } = view;
    const away = () => view.run !== run || view.abort.signal.aborted;
    for (const { digest } of run.lineage.slice(0, -1).reverse()) {
      for (;;) {
        const entry = this.shelf.get(digest) ?? { records: new Records(), findings: [], head: {} };
        const over = ENDED.includes(view.headInfo.status);
        if (ENDED.includes(entry.head.status)) break;
        try {
          const until = over ? FOREVER : 0;
          const { records, from, ...head } = await ask(
            `runs/${digest}/records?viewer=${view.stream.viewer}-beside&beside=1&until=${until}&from=${entry.records.head}`,
            {},
          );
          if (away()) return;
          entry.records.append(from, records);
          entry.findings = withFindings(entry.findings, from, records);
          entry.head = head;
          this.shelf.set(digest, entry);
          view.dirty = true;
          if (ENDED.includes(head.status)) break;
        } catch {
          break;
        }
        await new Promise((resolve) => {
          setTimeout(resolve, BESIDE_MS);
        });
        if (away()) return;
      }
    }
  }
}

function remembered(root) {
  try {
    return JSON.parse(sessionStorage.getItem(`resviz ${root}`)) ?? [];
  } catch {
    return [];
  }
}

function remember(root, nodes) {
  try {
    sessionStorage.setItem(`resviz ${root}`, JSON.stringify(nodes.slice(-REMEMBERED)));
  } catch {
    /* storage is optional */
  }
}
