// How a view hears of its run: server-sent events, or asking again and again where those do not come through.

const ENDED = ["finished", "failed", "cancelled"];
const FOREVER = 1e9;
const POLL_MS = 1000;

class Stream {
  // hear(state) with every message; wanted() says how far the viewer wants the run to go; head() how many records there are.
  constructor({ hear, wanted, head, trouble }) {
    Object.assign(this, { hear, wanted, head, trouble });
    this.viewer = newViewer();
    this.abort = new AbortController();
    // A browser opens six connections to a host: a tab that nobody sees keeps none of them, and asks now and then.
    document.addEventListener("visibilitychange", () => { if (this.turn) this.open(this.digest, this.head()); }, { signal: this.abort.signal });
  }

  url(what, extra = "") { return `runs/${this.digest}/${what}?viewer=${this.viewer}${extra}`; }

  get listening() { return this.source !== undefined; }

  open(digest, from = 0) {
    this.close();
    this.digest = digest;
    const turn = this.turn = {};
    if (this.polling || document.hidden) return this.poll(turn);
    const source = this.source = new EventSource(this.url("events", `&from=${from}`));
    this.want(source);
    source.onmessage = (event) => { this.streamed = true; this.hear(JSON.parse(event.data)); };
    source.onerror = () => {
      if (this.source !== source) return;
      source.close();
      // A stream that never spoke will not; one that did is worth another try.
      if (!this.streamed) this.polling = true;
      this.retry = setTimeout(() => this.open(digest, this.head()), this.streamed ? 1000 : 0);
      this.streamed = false;
    };
    this.patience = setTimeout(() => { if (!this.streamed && this.source === source) source.onerror(); }, 6000);
  }

  // The stream keeps a wish alive, and starts nothing by itself: it is told until the server has heard of it.
  async want(source) {
    const answer = await this.post("want", `&until=${this.wanted()}`);
    if (!answer && this.source === source) this.retry = setTimeout(() => this.want(source), POLL_MS);
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
    if (!ended) this.retry = setTimeout(() => this.poll(turn), POLL_MS);
  }

  close() {
    this.turn = undefined; // what was asked before no longer counts
    this.source?.close();
    this.source = undefined;
    clearTimeout(this.retry);
    clearTimeout(this.patience);
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
