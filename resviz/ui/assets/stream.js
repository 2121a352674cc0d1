// How a view receives the records of its run: over the page's WebSocket, or by polling.

import { newViewer } from "./dom.js";
import { Watch } from "./watch.js";

export const ENDED = ["finished", "failed", "cancelled"];
export const FOREVER = 1e9;
const POLL_MS = 1000;

export class Stream {
  // hear(state) is called with every message; wanted() returns the step that the run should reach, head() the number of records.
  constructor({ hear, wanted, head, trouble }) {
    Object.assign(this, { hear, wanted, head, trouble });
    this.viewer = newViewer();
    this.abort = new AbortController();
    document.addEventListener(
      "visibilitychange",
      () => {
        if (this.turn && !document.hidden) this.open(this.digest);
      },
      { signal: this.abort.signal },
    );
  }

  url(what, extra = "") {
    return `runs/${this.digest}/${what}?viewer=${this.viewer}${extra}`;
  }

  get listening() {
    return this.news !== undefined;
  }

  open(digest) {
    this.close();
    this.digest = digest;
    const turn = (this.turn = {});
    const news = (this.news = Watch.here().listen({
      told: () => ({ run: digest, viewer: this.viewer, from: this.head() }),
      hear: (state) => this.hear(state),
      asks: () => {
        this.news = undefined;
        this.poll(turn);
      },
    }));
    if (Watch.here().usable) this.want(news);
  }

  // Tell the server how far to run, and retry until it answers. Watching alone keeps that request alive, but starts no run.
  async want(news) {
    const answer = await this.post("want", `&until=${this.wanted()}`);
    if (!answer && this.news === news) this.retry = setTimeout(() => this.want(news), POLL_MS);
  }

  async poll(turn) {
    let ended = false;
    try {
      const answer = await fetch(this.url("records", `&from=${this.head()}&until=${this.wanted()}`), {
        method: "POST",
        headers: { "X-Resviz": "1" },
        signal: this.abort.signal,
      });
      if (!answer.ok) throw new Error(await answer.text());
      const state = await answer.json();
      if (turn !== this.turn) return;
      this.trouble("");
      this.hear(state);
      ended = ENDED.includes(state.status);
    } catch {
      if (turn !== this.turn) return;
      this.trouble("The server does not answer; trying again.");
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

  post(what, extra = "") {
    return fetch(this.url(what, extra), { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
  }

  dispose() {
    this.close();
    this.abort.abort();
  }
}

// Send a request that the server answers in JSON. Throws an error with a readable message.
export async function ask(url, body, signal) {
  let answer;
  try {
    answer = await fetch(
      url,
      body === undefined
        ? { signal }
        : { method: "POST", headers: { "X-Resviz": "1" }, body: JSON.stringify(body), signal },
    );
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Object.assign(new Error("The server does not answer. Try again in a moment."), { silent: true });
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
