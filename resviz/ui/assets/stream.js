// How a view receives the records of its run: over the page's WebSocket, or by polling.

import { newViewer, POST } from "./ask.js";
import { Watch } from "./watch.js";

/** @import {News} from "./watch.js" */

/**
 * What a stream asks of its view. `hear` takes every message; `wanted` is the step that the run should reach, `head` the number
 * of records that are here; `trouble` takes words to show, "" for none; `lost`: the server answers, but has no such run.
 * @typedef {object} View
 * @property {(state: Payload.RunState) => void} hear
 * @property {() => number} wanted
 * @property {() => number} head
 * @property {(words: string) => void} trouble
 * @property {() => void} lost
 */

export const ENDED = ["finished", "failed", "cancelled"];
export const FOREVER = 1e9;
const POLL_MS = 1000;
const NOT_FOUND = 404;

export class Stream {
  viewer = newViewer();
  abort = new AbortController();
  digest = "";
  /** @type {object | undefined} changes with each run: answers about an earlier one are ignored */
  turn;
  /** @type {News | undefined} while the socket tells */
  news;
  /** @type {number | undefined} a timer */
  retry;

  /** @param {View} view */
  constructor(view) {
    this.view = view;
    document.addEventListener(
      "visibilitychange",
      () => {
        if (this.turn && !document.hidden) this.open(this.digest);
      },
      { signal: this.abort.signal },
    );
  }

  /**
   * @param {string} what
   * @param {string} extra
   */
  url(what, extra = "") {
    return `runs/${this.digest}/${what}?viewer=${this.viewer}${extra}`;
  }

  get listening() {
    return this.news !== undefined;
  }

  /**
   * Receive the records of this run from now on.
   * @param {string} digest
   */
  open(digest) {
    this.close();
    this.digest = digest;
    const turn = {};
    this.turn = turn;
    const news = Watch.here().listen({
      told: () => ({ run: digest, viewer: this.viewer, from: this.view.head() }),
      hear: (/** @type {Payload.RunState} */ state) => this.view.hear(state),
      asks: () => {
        this.news = undefined;
        this.poll(turn);
      },
    });
    this.news = news;
    if (Watch.here().usable) this.want(news);
  }

  /**
   * Tell the server how far to run, and retry until it answers. Watching alone keeps that request alive, but starts no run.
   * @param {News} news
   */
  async want(news) {
    const answer = await this.post("want", `&until=${this.view.wanted()}`);
    if (!answer && this.news === news) this.retry = setTimeout(() => this.want(news), POLL_MS);
  }

  /** @param {object} turn */
  async poll(turn) {
    let ended = false;
    try {
      const url = this.url("records", `&from=${this.view.head()}&until=${this.view.wanted()}`);
      const answer = await fetch(url, { ...POST, signal: this.abort.signal });
      if (answer.status === NOT_FOUND) {
        if (turn !== this.turn) return;
        this.close();
        this.view.trouble("");
        this.view.lost();
        return;
      }
      if (!answer.ok) throw new Error(await answer.text());
      /** @type {Payload.RunState} */
      const state = await answer.json();
      if (turn !== this.turn) return;
      this.view.trouble("");
      this.view.hear(state);
      ended = ENDED.includes(state.status);
    } catch {
      if (turn !== this.turn) return;
      this.view.trouble("The server does not answer; trying again.");
    }
    if (!ended)
      this.retry = setTimeout(() => (Watch.here().usable ? this.open(this.digest) : this.poll(turn)), POLL_MS);
  }

  close() {
    this.turn = undefined; // answers to earlier requests are now ignored
    this.news?.close();
    this.news = undefined;
    clearTimeout(this.retry);
  }

  /**
   * @param {string} what
   * @param {string} extra
   */
  post(what, extra = "") {
    return fetch(this.url(what, extra), POST).catch(() => undefined);
  }

  dispose() {
    this.close();
    this.abort.abort();
  }
}
