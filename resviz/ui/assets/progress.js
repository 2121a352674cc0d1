// How the answer of a panel stands: a bar, words, and the button that computes or stops.

import { el, put } from "./dom.js";

/**
 * `state` is the last answer; `stopped`: a person has stopped the computation.
 * @typedef {{ page: Payload.Page, state?: Payload.State, running: boolean, stopped: boolean }} Standing
 */

/**
 * What the button says.
 * @param {Standing} standing
 */
export function buttonWords({ page, state, running, stopped }) {
  if (running) return "Stop";
  if (!state) return page.again;
  const { made, share, verb, version } = state;
  if (verb) return verb;
  if (stopped && version && share < 1 && !made) return page.rest;
  if (made) return `${page.verb} it here`;
  return state.by_press && !version ? page.first : page.again;
}

/**
 * What is computed before what this viewer waits for.
 * @param {number} ahead how many
 * @param {string} what
 */
export const waiting = (ahead, what) =>
  `Waiting: ${ahead === 1 ? `one other ${what} is` : `${ahead} other ${what}s are`} ahead of yours`;

/**
 * How far the answer is, or what it is.
 * @param {Standing} standing
 */
export function stateWords({ page, state, running, stopped }) {
  if (!state) return "";
  const { ahead, made, says } = state,
    share = percent(state);
  if (running && !page.at_once) {
    if (ahead) return waiting(ahead, "question");
    return says || `${share}%`;
  }
  if (running || says) return says;
  if (made) return `a recorded run: ${made}`;
  return stopped && state.share < 1 ? `stopped at ${share}%` : "";
}

const percent = (/** @type {Payload.State | undefined} */ state) => Math.floor(100 * (state?.share ?? 0));

export class Progress {
  /** @param {() => void} press what the button does */
  constructor(press) {
    this.button = el("button", { type: "button", class: "rv-button rv-compute", onclick: press });
    this.fill = el("i");
    this.bar = el(
      "div",
      { class: "rv-progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 },
      this.fill,
    );
    this.words = el("span", { class: "rv-state-words" });
    this.box = el("div", { class: "rv-panel-state" }, this.bar, this.words);
  }

  /** @param {Standing} standing */
  paint(standing) {
    const { page, state, running, stopped } = standing,
      learns = !page.at_once,
      share = percent(state);
    put(this.button, buttonWords(standing));
    this.button.hidden = !learns || (!state && !stopped) || ((state?.barred || state?.verb === "") && !running);
    this.bar.hidden = !running || !learns;
    this.fill.style.width = `${share}%`;
    this.bar.setAttribute("aria-valuenow", String(share));
    put(this.words, stateWords(standing));
  }
}
