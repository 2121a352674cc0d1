// The page's settings, stored in its address bar.
//
// The person's last change decides what is shown. Changes are sent to the server in their order, together with the settings they
// were made to. One request is in flight at a time; changes made meanwhile go with the next. Undo, Back, Forward and an opened
// link replace all settings at once: the answer to an earlier request is then ignored.

import { undoKey } from "./dom.js";

const NO_SETTINGS = ["view", "embed", "embed_options"]; // parameters of an address that are not settings
export const RETRY_MS = 1000;
const UNUSABLE = "Not every setting in the link can be used; these take their default, or the nearest that works:";
// The messages that come with an answer: what of a link or a change cannot be used, and what went wrong.
export const asides = ({ problems, changed, trouble }) => [
  ...(problems.length && !changed ? [UNUSABLE] : []),
  ...problems,
  trouble,
];
// The fields of an Address without unanswered changes.
const nothingChanged = () => ({ pending: [], burst: undefined, held: undefined, released: false, anew: false });

export class Address {
  // The instance of this page, shared by all its panels.
  static here() {
    return (window.resvizAddress ??= new Address());
  }

  // With `bar` the settings are in the address bar. A panel that stands alone has its own settings, which are in no address.
  constructor(bar = true) {
    this.bar = bar;
    this.panels = new Set();
    this.forget();
    if (!bar) return;
    window.addEventListener("popstate", () => this.look());
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  // Drop everything that belongs to the previous page.
  forget() {
    this.epoch = (this.epoch ?? 0) + 1;
    Object.assign(
      this,
      { lead: undefined, query: "", done: [], undone: [], due: false, seen: undefined },
      nothingChanged(),
    );
  }

  // Add a panel of this page. The leading one asks the server and settles the settings; those `beside` it follow.
  join(panel) {
    this.panels.add(panel);
    if (panel.page.beside) {
      if (this.lead?.state) panel.follow(this.lead.state.query);
      return;
    }
    this.forget();
    this.lead = panel;
    this.open();
  }

  leave(panel) {
    this.panels.delete(panel);
    if (this.lead === panel) this.forget();
  }

  // The settings that the address bar names, without those of Streamlit.
  named() {
    const words = new URLSearchParams(this.bar ? location.search : "");
    for (const name of NO_SETTINGS) words.delete(name);
    return words.toString();
  }

  open() {
    this.seen = location.search;
    this.begin(this.named());
  }

  // Called when the address bar may have changed: Back, Forward, a link of the page itself.
  look() {
    if (!this.bar || !this.lead || location.search === this.seen) return;
    const view = (search) => new URLSearchParams(search).get("view") ?? "";
    if (view(location.search) !== view(this.seen)) return; // another panel will be mounted
    this.done.push(this.query);
    this.undone = [];
    this.open();
  }

  begin(query, write = false) {
    this.epoch += 1;
    Object.assign(this, { query, write, due: true }, nothingChanged());
    Object.assign(this.lead, { stopped: false, noted: false });
    this.lead.asked?.abort();
    this.pump();
  }

  // A person has changed settings: {name: text, or null for the default}. `sliding`: the slider is still held.
  change(changes, sliding = false) {
    const key = JSON.stringify(changes);
    if (!sliding && key === this.held) return this.letGo(); // released where it was dragged to
    this.held = sliding ? key : undefined;
    this.pending.push({ changes, sliding });
    this.due = true;
    this.lead.plots.hold();
    this.pump();
  }

  // The slider is released: the next change, even of the same slider, is another undo step.
  letGo() {
    this.held = undefined;
    const last = this.pending.at(-1);
    if (last) last.sliding = false;
    this.released = this.asking && !last;
    if (!this.asking) this.burst = undefined;
  }

  // A person has pressed the button to compute again.
  press() {
    this.anew = this.due = true;
    this.pump();
  }

  // The leading view has gone to other settings by itself. Unanswered changes are applied to those.
  went(query) {
    this.done.push(this.query);
    this.undone = [];
    this.epoch += 1;
    Object.assign(this, { query, due: true, burst: undefined });
    this.put(true);
    this.pump();
  }

  // Wait until every request is answered.
  async quiet() {
    while (this.asking) await this.pumping;
  }

  // Replace all settings.
  to(query) {
    this.done.push(this.query);
    this.undone = [];
    this.begin(query, true);
  }

  // Waits for the leading view's current action. Unanswered changes, if any, are undone first.
  async undo() {
    await this.lead?.acting;
    if (this.pending.length) this.begin(this.query);
    else this.step(this.done, this.undone);
  }

  async redo() {
    await this.lead?.acting;
    this.step(this.undone, this.done);
  }

  step(from, to) {
    if (!from.length) return;
    to.push(this.query);
    this.begin(from.pop(), true);
  }

  onKey(event) {
    const undo = undoKey(event);
    if (!undo || !this.lead || event.composedPath()[0].closest?.("input:not([type=range]), textarea, dialog")) return;
    event.preventDefault();
    this[undo]();
  }

  pump() {
    if (!this.asking) this.pumping = this.asks();
  }

  async asks() {
    this.asking = true;
    try {
      while (this.due && this.lead) await this.ask();
    } finally {
      this.asking = false;
    }
  }

  async ask() {
    this.due = false;
    const { epoch, lead, anew } = this,
      sent = [...this.pending];
    this.anew = false;
    let state;
    try {
      state = await lead.request(this.query, { changes: sent.map(({ changes }) => changes), anew });
    } catch (error) {
      if (epoch !== this.epoch) return;
      if (error.name === "AbortError") {
        this.due = true;
        this.anew ||= anew && !lead.stopped;
        return;
      }
      if (error.silent) {
        // the server did not answer: nothing is lost, ask again
        lead.trouble(error.message);
        await new Promise((resolve) => {
          setTimeout(resolve, RETRY_MS);
        });
        if (epoch === this.epoch) {
          this.due = true;
          this.anew ||= anew;
        }
        return;
      }
      this.pending.splice(0, sent.length);
      this.due = this.pending.length > 0;
      return lead.declined(error.message, !this.due);
    }
    if (epoch !== this.epoch) return;
    this.pending.splice(0, sent.length);
    this.due = this.pending.length > 0;
    const before = this.query;
    this.query = state.query;
    if (sent.length) this.moved(before, sent);
    else if (this.write) this.put(true);
    this.write = false;
    lead.take(state, !this.due); // does not overwrite settings changed since
    for (const panel of this.panels) if (panel !== lead) panel.follow(state.query);
  }

  // Dragging a slider adds one undo step and one entry to the browser's history.
  moved(before, sent) {
    const last = sent.at(-1),
      name = Object.keys(last.changes).join();
    const on = this.burst === name;
    this.burst = last.sliding && !this.released ? name : undefined;
    this.released = false;
    if (this.query === before) return;
    if (!on) {
      this.done.push(before);
      this.undone = [];
    }
    this.put(!on);
  }

  // The query of an address: the current address's parameters of these names, then the settings.
  search(names) {
    const words = new URLSearchParams(location.search);
    const around = new URLSearchParams(names.filter((name) => words.has(name)).map((name) => [name, words.get(name)]));
    return [around.toString(), this.query].filter(Boolean).join("&");
  }

  // Write the settings into the address bar. Streamlit is not told: it knows only the page and the view.
  put(push) {
    if (!this.bar) return;
    const search = this.search(NO_SETTINGS),
      url = `${location.pathname}${search && `?${search}`}${location.hash}`;
    if (push) history.pushState(history.state, "", url);
    else history.replaceState(history.state, "", url);
    this.seen = location.search;
  }
}
