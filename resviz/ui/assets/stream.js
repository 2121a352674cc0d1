// How a view hears of its run: by what the page watches, or by asking again and again. Read after watch.js.

const ENDED = ["finished", "failed", "cancelled"];
const FOREVER = 1e9;
const POLL_MS = 1000;

class Stream {
  // hear(state) with every message; wanted() says how far the viewer wants the run to go; head() how many records there are.
  constructor({ hear, wanted, head, trouble }) {
    Object.assign(this, { hear, wanted, head, trouble });
    this.viewer = newViewer();
    this.abort = new AbortController();
    document.addEventListener("visibilitychange", () => { if (this.turn && !document.hidden) this.open(this.digest); }, { signal: this.abort.signal });
  }

  url(what, extra = "") { return `runs/${this.digest}/${what}?viewer=${this.viewer}${extra}`; }

  get listening() { return this.news !== undefined; }

  open(digest) {
    this.close();
    this.digest = digest;
    const turn = this.turn = {};
    const news = this.news = Watch.here().listen({
      told: () => ({ run: digest, viewer: this.viewer, from: this.head() }),
      hear: (state) => this.hear(state),
      asks: () => { this.news = undefined; this.poll(turn); },
    });
    if (Watch.here().usable) this.want(news);
  }

  // To watch keeps a wish alive, and starts nothing by itself: it is told until the server has heard of it.
  async want(news) {
    const answer = await this.post("want", `&until=${this.wanted()}`);
    if (!answer && this.news === news) this.retry = setTimeout(() => this.want(news), POLL_MS);
  }

  async poll(turn) {
    let ended = false;
    try {
      const answer = await fetch(this.url("records", `&from=${this.head()}&until=${this.wanted()}`), { method: "POST", headers: { "X-Resviz": "1" }, signal: this.abort.signal });
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
    if (!ended) this.retry = setTimeout(() => (Watch.here().usable ? this.open(this.digest) : this.poll(turn)), POLL_MS);
  }

  close() {
    this.turn = undefined; // what was asked before no longer counts
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

// Ask the server something that it answers in JSON. Throws an error that says, in words, what is wrong.
async function ask(url, body, signal) {
  let answer;
  try {
    answer = await fetch(url, body === undefined ? { signal } : { method: "POST", headers: { "X-Resviz": "1" }, body: JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Object.assign(new Error("The server does not answer. Try again in a moment."), { silent: true });
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
