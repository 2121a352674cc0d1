// What is said of a run beside its figures: the status line, the finding, and facts about the two networks.

import { el, paragraphs, put } from "./dom.js";
import { waiting } from "./progress.js";
import { markTerms } from "./terms.js";

/** @import {Finding} from "./records.js" */

/** @type {Record<string, string>} */
const DEVICES = { auto: "", cpu: "CPU", cuda: "NVIDIA GPU", mps: "Apple GPU" };

/**
 * The facts about a run that stay: where it runs, the weights and the start of its networks.
 * @param {Payload.RunHead} head
 */
export function factsOf({ arms, device }) {
  const facts = [DEVICES[device] ?? device];
  if (arms) {
    const { residual, plain } = arms;
    /** @param {{ params: number }} arm */
    const weights = ({ params }) => params.toLocaleString("en");
    facts.push(
      residual.params === plain.params
        ? `${weights(plain)} weights each`
        : `${weights(residual)} and ${weights(plain)} weights`,
      residual.checksum === plain.checksum
        ? `same starting weights ✓ ${plain.checksum.slice(0, 6)}`
        : "different starting weights",
    );
  }
  return facts.filter(Boolean).join(" · ");
}

/**
 * Those that change while it trains: how long it has trained, who watches.
 * @param {Payload.RunHead} head
 */
export function countsOf({ seconds, viewers }) {
  const counts = [seconds && `${seconds.toFixed(1)} s of training`, viewers > 1 && `${viewers} watching`];
  return counts.filter(Boolean).join(" · ");
}

/**
 * Which step is shown, or why none is.
 * @param {object} shown
 * @param {Payload.RunHead} shown.head
 * @param {number} shown.cursor
 * @param {boolean} shown.playing
 * @param {number} shown.records how many there are
 * @param {boolean} shown.preview whether measurements before training stand in for the first one
 * @param {boolean} shown.ended
 */
export function stepWords({ head, cursor, playing, records, preview, ended }) {
  if (head.status === "queued" && head.position) return "waiting …";
  if (records) return `step ${cursor} of ${head.steps}`;
  if (ended) return "no step yet";
  return preview && !playing ? "before training" : "warming up …";
}

export class RunWords {
  /** The finding on screen. @type {string | undefined} */
  found = undefined;

  constructor() {
    this.status = el("div", { class: "rv-status", role: "status", hidden: true });
    this.finding = el("div", { class: "rv-finding", "aria-live": "polite" });
    this.facts = el("p");
    this.counts = el("p");
    this.box = el(
      "section",
      { class: "rv-card rv-area-finding", "aria-label": "Finding" },
      el("h2", {}, "Finding"),
      this.finding,
      el("div", { class: "rv-facts" }, this.facts, this.counts),
    );
  }

  /** Say the next finding anew, even if it is the one on screen. */
  renew() {
    this.found = undefined;
  }

  /**
   * @param {Payload.RunHead} head
   * @param {object} view
   * @param {string} view.problem what went wrong in this view
   * @param {string} view.fetching how a download stands
   * @param {string} view.meanwhile what went on while nobody looked
   */
  say(head, { problem, fetching, meanwhile }) {
    const queued = head.status === "queued" && head.position ? waiting(head.position, "training") : "",
      words = fetching || problem || head.broken || head.message || queued || meanwhile;
    put(this.status, words);
    this.status.hidden = !words;
    this.status.classList.toggle("rv-trouble", head.status === "failed" || Boolean(problem || head.broken));
    put(this.counts, countsOf(head));
    const facts = factsOf(head);
    if (this.facts.textContent === facts) return;
    put(this.facts, facts);
    markTerms();
  }

  /**
   * Show what is found by a step. Returns the truth of a guess that comes with it.
   * @param {Finding[]} findings in the order of their steps
   * @param {number} step
   */
  find(findings, step) {
    const found = findings.findLast((finding) => finding.step <= step),
      text = found?.text ?? "";
    if (this.found === text) return undefined;
    this.found = text;
    this.finding.replaceChildren(...paragraphs(text));
    markTerms();
    return found?.truth;
  }
}
