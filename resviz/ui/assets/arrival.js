// How a run comes on the screen, and the step that a link names: `at=47` opens a run at step 47, paused.

/**
 * Playing or not, from step `from`; `preview` and `finding` hold until its first record.
 * @typedef {object} Arrival
 * @property {boolean} playing
 * @property {number} [from]
 * @property {Payload.RecordTold} [preview]
 * @property {string} [finding]
 */

const AT = "at"; // the word of an address that names a step

/** @import {Place} from "./absence.js" */

/**
 * How the link at `search` wants a run of so many steps to arrive, or else where it was left, and what of the link cannot be
 * used, if anything.
 * @param {string} search
 * @param {number} steps
 * @param {Place} [place]
 * @returns {{ arrival: Arrival, problem: string }}
 */
export function arrivalOf(search, steps, place) {
  const text = new URLSearchParams(search).get(AT);
  if (text === null)
    return { arrival: place ? { playing: place.playing, from: place.step } : { playing: true }, problem: "" };
  const step = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (step >= 1 && step <= steps) return { arrival: { playing: false, from: step }, problem: "" };
  const given = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return { arrival: { playing: true }, problem: `${AT}=${given}: allowed are the steps of this run, 1 to ${steps}.` };
}

/**
 * The query of a link to what is shown: with its step, unless it moves on by itself or is at its end.
 * @param {string} query of the run
 * @param {{ playing: boolean, cursor: number, steps: number } | undefined} shown
 */
export function linkOf(query, shown) {
  return shown && !shown.playing && shown.cursor < shown.steps ? `${query}&${AT}=${shown.cursor}` : query;
}
