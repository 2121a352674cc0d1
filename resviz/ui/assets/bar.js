// The bar of controls of a run: play, step, speed, the slider, branch and cancel, its links, and its keys.

import { linkOf } from "./arrival.js";
import { copyLink } from "./copy.js";
import { el, put } from "./dom.js";
import { popover } from "./popover.js";
import { stepWords } from "./runwords.js";

/** @type {[string, number][]} */
const PACES = [
  ["as it learns", Infinity],
  ["10 steps/s", 10],
  ["3 steps/s", 3],
  ["1 step/s", 1],
];
const NEWEST = "0"; // the choice of a speed at which the newest step is always shown
const REPLAY_SECONDS = 8; // a whole run that has ended, at that speed
const TYPED = "input, select, textarea, [role=combobox], dialog, [contenteditable=true]";
const CONTROLS = `${TYPED}, button, a, summary, [role=slider], [role=switch]`;
/** The keys and what they do, for the page and for the drawing. */
const KEYS = [
  ["Space", "play or pause"],
  [". and ,", "a step on, a step back"],
  ["0", "back to the first step"],
  ["b", "go on from here with other settings"],
  ["Ctrl Z", "take the last change back"],
  ["in the drawing", "arrows move, Space cuts or removes, + and − zoom, Esc shows all"],
];

/**
 * What the bar asks for.
 * @typedef {object} Acts
 * @property {() => void} toggle
 * @property {(by: number) => void} step
 * @property {() => void} toStart
 * @property {(step: number) => void} scrub
 * @property {() => void} branch
 * @property {() => void} cancel
 * @property {() => void} startOver
 * @property {() => void} fetchData
 */

/**
 * What the bar shows: how the run stands, how many `records` it has, and whether measurements before training stand in for the
 * first one (`preview`). `stored`: it had ended before it was shown. `fetching`: its data are being downloaded.
 * @typedef {object} Shown
 * @property {Payload.RunHead} head
 * @property {number} cursor
 * @property {boolean} playing
 * @property {number} records
 * @property {boolean} preview
 * @property {boolean} ended
 * @property {boolean} stored
 * @property {boolean} fetching
 */

/**
 * @param {string} label
 * @param {string} title
 * @param {() => void} act
 * @param {string} look a class
 */
const button = (label, title, act, look = "") =>
  el("button", { type: "button", class: `rv-button ${look}`, title, onclick: act }, label);

const keyList = () => el("dl", {}, ...KEYS.flatMap(([key, does]) => [el("dt", {}, key), el("dd", {}, does)]));

export class Bar {
  /** Of the run on the screen. @type {{ playing: boolean, cursor: number, steps: number } | undefined} */
  shown = undefined;

  /** @param {Acts} acts */
  constructor(acts) {
    this.acts = acts;
    this.play = button("Play", "Play or pause (Space)", () => acts.toggle(), "rv-primary");
    this.cancel = button("Cancel", "Stop this run for good", () => acts.cancel());
    this.again = button("Run again", "Start this run over", () => acts.startOver(), "rv-primary");
    this.fetch = button("Download", "Fetch this data set from the internet", () => acts.fetchData(), "rv-primary");
    this.speed = el(
      "select",
      {
        class: "rv-speed",
        "aria-label": "Speed",
        title: "How fast the picture moves; training itself always goes at full speed",
      },
      ...PACES.map(([label], i) => el("option", { value: i }, label)),
    );
    /** @type {HTMLInputElement} */
    this.slider = el("input", {
      type: "range",
      min: 1,
      max: 1,
      value: 1,
      class: "rv-slider",
      "aria-label": "Step shown",
      oninput: () => acts.scrub(Number(this.slider.value)),
    });
    this.stepLabel = el("span", { class: "rv-step", "aria-live": "off" });
    this.links = el("span", { class: "rv-links" });
    this.help = popover("?", keyList());
    this.help.querySelector("summary")?.setAttribute("aria-label", "Keys");
    this.help.classList.add("rv-keys");
    this.box = el(
      "div",
      { class: "rv-bar" },
      this.play,
      button("Step", "Train one step, then wait (.)", () => acts.step(1)),
      button("Reset", "Back to the first step (0)", () => acts.toStart()),
      this.speed,
      this.slider,
      this.stepLabel,
      button("Branch here", "Go on from this step with other settings (b)", () => acts.branch()),
      this.cancel,
      this.fetch,
      this.again,
      this.links,
      this.help,
    );
  }

  /**
   * How many steps are shown per second.
   * @param {number} steps of the run
   * @param {boolean} stored it had ended before it was shown
   */
  pace(steps, stored) {
    return stored && this.newest ? Math.max(3, steps / REPLAY_SECONDS) : PACES[Number(this.speed.value)][1];
  }

  /** Whether the newest step is always shown. */
  get newest() {
    return this.speed.value === NEWEST;
  }

  /**
   * Show another run.
   * @param {Payload.RunTold} run
   */
  begin({ digest, query, steps }) {
    this.shown = undefined;
    this.slider.max = String(steps);
    /** @type {(label: string, file: string, title: string) => HTMLElement} */
    const file = (label, name, title) =>
      el("a", { class: "rv-link", href: `runs/${digest}/${name}`, download: true, title }, label);
    /** @type {HTMLElement} */
    const link = el(
      "button",
      {
        type: "button",
        class: "rv-link",
        title: "Copy the link to exactly this experiment; while it is paused, to this step of it",
        onclick: () => copyLink(link, linkOf(query, this.shown), "The link to this experiment"),
      },
      "Link",
    );
    this.links.replaceChildren(
      link,
      " · ",
      file("Data", "records.csv", "All numbers of this run as CSV"),
      " · ",
      file("Code", "script.py", "These networks as one PyTorch file that runs alone"),
    );
  }

  /** @param {Shown} shown */
  paint(shown) {
    const { head, cursor, playing, records, stored, fetching } = shown;
    this.shown = { playing, cursor, steps: head.steps };
    put(this.play, playing ? "Pause" : "Play");
    this.play.setAttribute("aria-pressed", String(playing));
    if (this.slider.valueAsNumber !== cursor) this.slider.value = String(cursor);
    put(this.stepLabel, stepWords(shown));
    // Hidden with `visibility`, so that the bar's layout does not move when a run ends.
    this.cancel.style.visibility = head.status === "queued" || head.status === "running" ? "" : "hidden";
    this.again.hidden = fetching || (head.status !== "failed" && head.status !== "cancelled");
    this.cancel.hidden = stored || !this.again.hidden;
    this.fetch.hidden = !head.missing || fetching;
    this.play.hidden = !this.again.hidden && !records;
  }

  /**
   * The keys of the page, where they are not for the control that has the focus.
   * @param {KeyboardEvent} event
   */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.isFor(event.composedPath()[0], event.key)) return;
    const { acts } = this;
    /** @type {Record<string, () => void>} */
    const keys = {
      " ": () => acts.toggle(),
      ".": () => acts.step(1),
      ",": () => acts.step(-1),
      0: () => acts.toStart(),
      b: () => acts.branch(),
      "?": () => {
        this.help.open = !this.help.open;
      },
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * Whether a control keeps a key for itself: all of them where something is written or chosen, Space where it presses. The slider
   * leaves those that move the picture.
   * @param {EventTarget} target
   * @param {string} key
   */
  isFor(target, key) {
    if (target === this.slider) return key === " " || key === ".";
    if (!(target instanceof Element)) return false;
    if (target.closest(TYPED)) return key !== "." || target.closest("input, textarea") !== null;
    return key === " " && target.closest(CONTROLS) !== null;
  }
}
