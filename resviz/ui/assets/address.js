// The page's settings, stored in its address bar.
//
// The person's last change decides what is shown. Changes are sent to the server in their order, together with the
// settings they were made to. One request is in flight at a time; changes made meanwhile go with the next. Undo, Back,
// Forward and an opened link replace all settings at once: the answer to an earlier request is then ignored.

import { undoKey } from "./dom.js";
import { Queue } from "./queue.js";
import { Steps } from "./steps.js";

/** @import {AskError} from "./ask.js" */
/** @import {Change} from "./queue.js" */

/**
 * A panel, or the view of a run, as its page's address uses it. Only what stands beside a leading one must `follow`.
 * @typedef {object} View
 * @property {{ beside: boolean, kind?: string, at_once?: boolean, view?: string }} [page]
 * @property {string} [viewer]
 * @property {{ hold(): void }} plots
 * @property {{ refuse(refused: Payload.State["refused"]): string[], forgive(): void }} [settings]
 * @property {Payload.State} [state] the last answer
 * @property {AbortController} [asked] cancels the request
 * @property {boolean} [stopped] a person has stopped the computation
 * @property {boolean} [noted] problems of the settings are on the screen
 * @property {Promise<unknown>} [acting] the current action, which undo waits for
 * @property {(query: string, body: { changes: Payload.Changes[], anew: boolean, along?: string[][] }) => Promise<Payload.State>} request
 * @property {(state: Payload.State, settled: boolean) => unknown} take
 * @property {(words: string, settled: boolean) => unknown} declined
 * @property {(words: string) => unknown} trouble
 * @property {(query: string) => unknown} [follow]
 */

const NO_SETTINGS = ["view", "lecture", "embed", "embed_options"]; // parameters of an address that are not settings
export const RETRY_MS = 1000;
const UNUSABLE = "Not every setting in the link can be used; these take their default, or the nearest that works:";

/**
 * The messages that come with an answer: what of a link or a change cannot be used, and what went wrong.
 * @param {Pick<Payload.State, "read" | "problems" | "changed" | "trouble">} state
 */
export const asides = ({ read, problems, changed, trouble }) => [
  ...(read?.says ? [read.says] : []),
  ...(problems.length && !changed ? [UNUSABLE] : []),
  ...problems,
  trouble,
];

/**
 * Whether an answer says something of the link, which stays until something is changed.
 * @param {Pick<Payload.State, "read" | "problems">} state
 */
export const lasting = ({ read, problems }) => problems.length > 0 || Boolean(read?.says);

/** The settings of a page: sends changes to the server, and keeps what undo and redo lead to. */
export class Address {
  /** @type {Set<View>} */
  panels = new Set();
  /** @type {View | undefined} the panel that asks the server */
  lead = undefined;
  steps = new Steps();
  queue = new Queue();
  epoch = 0; // the answer to a request of an earlier one is ignored
  due = false; // there is something to ask
  anew = false; // a person has pressed the button to compute again
  write = false; // the next answer goes into the address bar
  asking = false;
  pumping = Promise.resolve();
  seen = ""; // the address bar when it was last read or written

  /** The instance of this page, shared by all its panels. */
  static here() {
    window.resvizAddress ??= new Address();
    return window.resvizAddress;
  }

  /**
   * With `bar` the settings are in the address bar. A panel that stands alone has its own settings, which are in no
   * address.
   * @param {boolean} bar
   */
  constructor(bar = true) {
    this.bar = bar;
    if (!bar) return;
    window.addEventListener("popstate", () => this.look());
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  get query() {
    return this.steps.query;
  }

  get done() {
    return this.steps.done;
  }

  get undone() {
    return this.steps.undone;
  }

  get pending() {
    return this.queue.pending;
  }

  /** Drop everything that belongs to the previous page. */
  forget() {
    this.epoch += 1;
    this.lead = undefined;
    this.steps = new Steps();
    this.due = false;
    this.clear();
  }

  /** Drop what is not answered. */
  clear() {
    this.queue = new Queue();
    this.anew = false;
  }

  /**
   * Add a panel of this page. The leading one asks the server and settles the settings; those `beside` it follow.
   * @param {View} panel
   */
  join(panel) {
    this.panels.add(panel);
    if (panel.page?.beside) {
      if (this.lead?.state) panel.follow?.(this.lead.state.query);
      return;
    }
    this.forget();
    this.lead = panel;
    this.steps.query = this.read();
    if (panel.page?.view && new URLSearchParams(this.seen).get("view") !== panel.page.view) this.put(false);
    this.begin();
  }

  /** @param {View} panel */
  leave(panel) {
    this.panels.delete(panel);
    if (this.lead === panel) this.forget();
  }

  /** The settings that the address bar names now, without those of Streamlit. */
  read() {
    if (!this.bar) return "";
    this.seen = location.search;
    const words = new URLSearchParams(this.seen);
    for (const name of NO_SETTINGS) words.delete(name);
    return words.toString();
  }

  /** Called when the address bar may have changed: Back, Forward, a link of the page itself. */
  look() {
    if (!this.bar || !this.lead || location.search === this.seen) return;
    const view = (/** @type {string} */ search) => new URLSearchParams(search).get("view") ?? "";
    if (view(location.search) !== view(this.seen)) return; // another panel will be mounted
    this.steps.go(this.read());
    this.begin();
  }

  /** Ask about other settings. `write`: they are not in the address bar yet. */
  begin(write = false) {
    const { lead } = this;
    if (!lead) return;
    this.epoch += 1;
    this.write = write;
    this.due = true;
    this.clear();
    lead.stopped = false;
    lead.noted = false;
    for (const { settings } of this.panels) settings?.forgive();
    lead.asked?.abort();
    this.pump();
  }

  /**
   * A person has changed settings: {name: text, or null for the default}. `sliding`: the slider is still held.
   * @param {Payload.Changes} changes
   * @param {boolean} sliding
   */
  change(changes, sliding = false) {
    if (!this.lead || !this.queue.add(changes, sliding)) return;
    this.due = true;
    this.lead.plots.hold();
    this.pump();
  }

  /** A person has pressed the button to compute again. */
  press() {
    this.anew = true;
    this.due = true;
    this.pump();
  }

  /**
   * The leading view has gone to other settings by itself. Unanswered changes are applied to those.
   * @param {string} query
   */
  went(query) {
    this.steps.go(query);
    this.epoch += 1;
    this.due = true;
    this.queue.dragged = undefined;
    this.put(true);
    this.pump();
  }

  /** Wait until every request is answered. */
  async quiet() {
    while (this.asking) await this.pumping;
  }

  /**
   * Replace all settings.
   * @param {string} query
   */
  to(query) {
    this.steps.go(query);
    this.begin(true);
  }

  /** Waits for the leading view's current action. Unanswered changes, if any, are undone first. */
  async undo() {
    await this.lead?.acting;
    if (this.pending.length) this.begin();
    else if (this.steps.undo()) this.begin(true);
  }

  async redo() {
    await this.lead?.acting;
    if (this.steps.redo()) this.begin(true);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const undo = undoKey(event),
      [target] = event.composedPath();
    if (!undo || !this.lead) return;
    if (target instanceof Element && target.closest("input:not([type=range]), textarea, dialog")) return;
    event.preventDefault();
    if (undo === "redo") this.redo();
    else this.undo();
  }

  pump() {
    if (!this.asking) this.pumping = this.asks();
  }

  async asks() {
    this.asking = true;
    try {
      while (this.due && this.lead) await this.ask(this.lead);
    } finally {
      this.asking = false;
    }
  }

  /** @param {View} lead */
  async ask(lead) {
    const { epoch, anew } = this,
      sent = [...this.pending];
    this.due = false;
    this.anew = false;
    let state;
    try {
      state = await lead.request(this.query, {
        changes: sent.map(({ changes }) => changes),
        anew,
        ...this.along(lead),
      });
    } catch (error) {
      if (epoch === this.epoch) await this.failed(lead, /** @type {AskError} */ (error), sent, anew);
      return;
    }
    if (epoch !== this.epoch) return;
    this.answered(sent.length);
    if (sent.length) this.moved(state.query, sent);
    else {
      this.steps.query = state.query;
      if (this.write) this.put(true);
      else if (state.read) this.put(false, state.read); // what cannot be used of it stays, to be mended by a person
    }
    this.write = false;
    if (state.changed) state.problems = this.left(state);
    lead.take(state, !this.due); // does not overwrite settings changed since
    for (const panel of this.panels) if (panel !== lead) panel.follow?.(state.query);
  }

  /**
   * The panels that answer at once and are going to follow: the server begins on their answers, too, before they ask.
   * @param {View} lead
   */
  along(lead) {
    const others = [...this.panels].filter((panel) => panel !== lead && panel.page?.at_once);
    return others.length ? { along: others.map(({ page, viewer }) => [page?.kind ?? "", viewer ?? ""]) } : {};
  }

  /**
   * Have the fields say what of their changes cannot be used; returns the problems that are left to be said.
   * @param {Payload.State} state
   */
  left({ problems, refused }) {
    const said = new Set([...this.panels].flatMap(({ settings }) => settings?.refuse(refused) ?? []));
    return problems.filter((problem) => !said.has(problem));
  }

  /**
   * A request has failed. What was cancelled, or not answered at all, is asked again.
   * @param {View} lead
   * @param {AskError} error
   * @param {Change[]} sent
   * @param {boolean} anew
   */
  async failed(lead, error, sent, anew) {
    const { epoch } = this;
    if (error.name === "AbortError") {
      this.due = true;
      this.anew ||= anew && !lead.stopped;
    } else if (error.silent) {
      lead.trouble(error.message);
      await new Promise((resolve) => {
        setTimeout(resolve, RETRY_MS);
      });
      if (epoch !== this.epoch) return;
      this.due = true;
      this.anew ||= anew;
    } else {
      this.answered(sent.length);
      lead.declined(error.message, !this.due);
    }
  }

  /**
   * The first `count` changes are answered or refused. Those made since are asked next.
   * @param {number} count
   */
  answered(count) {
    this.queue.drop(count);
    this.due = this.pending.length > 0;
  }

  /**
   * Changes have led to other settings. Dragging a slider adds one undo step and one entry to the browser's history.
   * @param {string} query
   * @param {Change[]} sent
   */
  moved(query, sent) {
    const on = this.queue.continues(sent);
    if (query === this.query) return;
    if (on) this.steps.query = query;
    else this.steps.go(query);
    this.put(!on);
  }

  /**
   * The query of an address: the current address's parameters of these names, then the settings. The view is that of the page,
   * which the address may name with an error.
   * @param {string[]} names
   * @param {{ query: string, around: string }} [link]
   */
  search(names, { query, around } = { query: this.query, around: "" }) {
    const words = new URLSearchParams(`${location.search}&${around}`);
    const view = this.lead?.page?.view;
    if (view && words.has("view")) words.set("view", view);
    const kept = new URLSearchParams(names.flatMap((name) => words.getAll(name).map((value) => [name, value])));
    return [kept.toString(), query].filter(Boolean).join("&");
  }

  /**
   * Write the settings into the address bar. Streamlit is not told: it knows only the page and the view.
   * @param {boolean} push
   * @param {Payload.Mended} [link] instead of the settings, those of a link as it should have been
   */
  put(push, link) {
    if (!this.bar) return;
    const search = this.search(NO_SETTINGS, link);
    const url = `${location.pathname}${search && `?${search}`}${location.hash}`;
    if (push) history.pushState(history.state, "", url);
    else history.replaceState(history.state, "", url);
    this.seen = location.search;
  }
}
