// Pages that nobody looked at for a while: hidden tabs, laptops that slept, Back and reload. Where a run was when it was last
// looked at, and what went on since, in a sentence.

/**
 * What was shown of a run: the step, whether it played, and how many records there were; `ended`: there were all of them;
 * `at`: when it was left, in ms since 1970.
 * @typedef {{ step: number, playing: boolean, head: number, ended: boolean, at: number }} Place
 */

const KEY = "resviz places";
const REMEMBERED = 50; // runs that a tab remembers
const LONG_MS = 30_000; // after this long a connection may be dead, and a run that nobody watches waits
const SHORT_MS = 5000; // shorter absences are not worth a word
const BEAT_MS = 5000;

/**
 * Call `back` when the page is looked at again after a long time: its tab was hidden, or its machine slept.
 * @param {AbortSignal} signal
 * @param {() => void} back
 */
export function afterAbsence(signal, back) {
  let seen = Date.now();
  const look = () => {
    if (document.hidden) return;
    const away = Date.now() - seen;
    seen = Date.now();
    if (away > LONG_MS) back();
  };
  const timer = setInterval(look, BEAT_MS); // a machine that sleeps runs none
  document.addEventListener("visibilitychange", look, { signal });
  signal.addEventListener("abort", () => clearInterval(timer));
}

/**
 * Where this tab last showed a run.
 * @param {string} digest
 * @returns {Place | undefined}
 */
export const placeOf = (digest) => places()[digest];

/**
 * Remember where a run is left.
 * @param {string} digest
 * @param {Place} place
 */
export function leave(digest, place) {
  const { [digest]: _, ...others } = places();
  const latest = Object.entries(others).slice(1 - REMEMBERED);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...latest, [digest, place]])));
  } catch {
    // a browser that keeps nothing shows the run as if for the first time
  }
}

/** @returns {Record<string, Place>} */
function places() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/**
 * What went on with a run since it was left; empty where nothing did that is not said already.
 * @param {Place} before
 * @param {{ head: number, steps: number, status: string }} now
 * @param {number} at now, in ms since 1970
 */
export function meanwhile(before, { head, steps, status }, at = Date.now()) {
  if (before.ended || !before.head || status === "failed" || status === "cancelled") return "";
  if (head < before.head)
    return "The server was started again meanwhile and no longer had this run: it is made again, and its numbers come again.";
  if (at - before.at < SHORT_MS) return "";
  if (status === "finished")
    return `Meanwhile both networks learned on from step ${before.head} to the end, step ${steps}.`;
  if (head > before.head) return `Meanwhile both networks learned on from step ${before.head} to step ${head}.`;
  return before.playing && at - before.at > LONG_MS
    ? `Meanwhile the training waited at step ${head}, since nobody watched. It goes on now.`
    : "";
}
