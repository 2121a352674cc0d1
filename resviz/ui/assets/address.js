// The page's settings, which stand in its address bar. Read before panel.js.
//
// What a person changed last is what is shown. Changes go to the server as changes, in their order, together with the settings that
// they were made to; one question is on its way at a time, and those made meanwhile go with the next one. Undo, Back, Forward and a
// link that is opened are changes too, of everything at once: what was on its way before them no longer counts.

const NO_SETTINGS = ["view", "embed", "embed_options"]; // words of an address
const RETRY_MS = 1000;
const UNUSABLE = "Not every setting in the link can be used; these take their default, or the nearest that works:";
// What an answer says beside itself: what of a link or a change cannot be used, and what is wrong.
const asides = ({ problems, changed, trouble }) => [...(problems.length && !changed ? [UNUSABLE] : []), ...problems, trouble];
// Nothing has been changed since the settings were what they are.
const nothingChanged = () => ({ pending: [], burst: undefined, held: undefined, released: false, anew: false });

class Address {
  // The one of this page, which all its panels share.
  static here() { return (window.resvizAddress ??= new Address()); }

  // With `bar` its settings stand in the address bar. A panel that stands alone has some of its own, which no address names.
  constructor(bar = true) {
    this.bar = bar;
    this.panels = new Set();
    this.forget();
    if (!bar) return;
    window.addEventListener("popstate", () => this.look());
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  // Another page: nothing of the one before counts.
  forget() {
    this.epoch = (this.epoch ?? 0) + 1;
    Object.assign(this, { lead: undefined, query: "", done: [], undone: [], due: false, seen: undefined }, nothingChanged());
  }

  // A panel of this page; the one that leads answers what its settings lead to, the others follow.
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

  // The address bar may have changed: Back, Forward, a link of the page itself.
  look() {
    if (!this.bar || !this.lead || location.search === this.seen) return;
    const view = (search) => new URLSearchParams(search).get("view") ?? "";
    if (view(location.search) !== view(this.seen)) return; // another panel comes
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

  // A person has changed settings: {name: text, or null for the default}. `sliding`: and holds the slider still.
  change(changes, sliding = false) {
    const key = JSON.stringify(changes);
    if (!sliding && key === this.held) return this.letGo(); // where the slider was already
    this.held = sliding ? key : undefined;
    this.pending.push({ changes, sliding });
    this.due = true;
    this.lead.plots.hold();
    this.pump();
  }

  // The next change, even of the same slider, is another step.
  letGo() {
    this.held = undefined;
    const last = this.pending.at(-1);
    if (last) last.sliding = false;
    this.released = this.asking && !last;
    if (!this.asking) this.burst = undefined;
  }

  // A person has pressed the button that has it computed once more.
  press() {
    this.anew = this.due = true;
    this.pump();
  }

  // What leads has gone on to other settings by itself. What has been changed meanwhile is changed there.
  went(query) {
    this.done.push(this.query);
    this.undone = [];
    this.epoch += 1;
    Object.assign(this, { query, due: true, burst: undefined });
    this.put(true);
    this.pump();
  }

  // When everything that was asked is answered.
  async quiet() { while (this.asking) await this.pumping; }

  // Go to other settings altogether.
  to(query) {
    this.done.push(this.query);
    this.undone = [];
    this.begin(query, true);
  }

  // After what leads is about to do. What has not been answered yet is taken back first.
  async undo() {
    await this.lead?.acting;
    if (this.pending.length) this.begin(this.query); else this.step(this.done, this.undone);
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
    } finally { this.asking = false; }
  }

  async ask() {
    this.due = false;
    const { epoch, lead, anew } = this, sent = [...this.pending];
    this.anew = false;
    let state;
    try {
      state = await lead.request(this.query, { changes: sent.map(({ changes }) => changes), anew });
    } catch (error) {
      if (epoch !== this.epoch) return;
      if (error.name === "AbortError") { this.due = true; this.anew ||= anew && !lead.stopped; return; }
      if (error.silent) { // nothing is lost: it is asked again
        lead.trouble(error.message);
        await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
        if (epoch === this.epoch) { this.due = true; this.anew ||= anew; }
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
    lead.take(state, !this.due); // settings that a person has changed since are not taken back
    for (const panel of this.panels) if (panel !== lead) panel.follow(state.query);
  }

  // A slider that is dragged makes one step to undo, and one place to go back to.
  moved(before, sent) {
    const last = sent.at(-1), name = Object.keys(last.changes).join();
    const on = this.burst === name;
    this.burst = last.sliding && !this.released ? name : undefined;
    this.released = false;
    if (this.query === before) return;
    if (!on) { this.done.push(before); this.undone = []; }
    this.put(!on);
  }

  // The settings as they stand in an address, after what it says besides under these names.
  search(names) {
    const words = new URLSearchParams(location.search);
    const around = new URLSearchParams(names.filter((name) => words.has(name)).map((name) => [name, words.get(name)]));
    return [around.toString(), this.query].filter(Boolean).join("&");
  }

  // Streamlit hears nothing of this: what it knows of the address is the page and the view.
  put(push) {
    if (!this.bar) return;
    const search = this.search(NO_SETTINGS), url = `${location.pathname}${search && `?${search}`}${location.hash}`;
    if (push) history.pushState(history.state, "", url); else history.replaceState(history.state, "", url);
    this.seen = location.search;
  }
}
