// Animates points on their way through the blocks of networks, side by side, from data the server computed once.

import { el } from "./dom.js";
import { Player } from "./player.js";
import { Pointing } from "./pointing.js";
import { Points } from "./points.js";
import { Summands } from "./summands.js";

const BLOCK_MS = 900; // one block at normal speed
const HINT = "Point at a point or tap it: the step that its block makes, in numbers.";
const KEYS = "Keys: arrows go to another point, [ and ] to another block, Enter holds the point, Escape lets it go.";
let flows = 0; // on this page

/**
 * Where the points are, in words.
 * @param {number} at
 * @param {Payload.Moving} data
 */
function placeSaid(at, { blocks, noun }) {
  if (at >= blocks) return "at the end";
  if (at === 0) return "at the input";
  return noun === "time" ? `time ${(at / blocks).toFixed(2)}` : `in block ${Math.floor(at) + 1} of ${blocks}`;
}

export class Flow {
  /** @type {Payload.Moving | undefined} */
  data;
  /** @type {Record<string, string> | undefined} */
  theme;
  /** @type {Points[]} */
  arms = [];
  halved = false; // with half the step
  resumes = false; // plays on when the point is let go

  /** @param {HTMLElement} root */
  constructor(root) {
    this.player = new Player(root, {
      label: "Block that the points have reached",
      unit: BLOCK_MS,
      said: (at) => (this.data ? placeSaid(at, this.data) : ""),
      paint: () => this.paint(),
    });
    this.half = el(
      "button",
      { type: "button", class: "rv-button rv-flow-half", hidden: true, onclick: () => this.halve(!this.halved) },
      "Halve the step",
    );
    this.player.where.after(this.half);
    this.stage = el("div", { class: "rv-flow-stage" });
    this.keys = el("p", { id: `rv-flow-keys-${++flows}`, class: "rv-flow-keys" }, KEYS);
    this.terms = new Summands(this.keys);
    this.terms.box.hidden = true;
    this.pointing = new Pointing(
      () => this.mark(),
      (by) => this.player.step(by),
    );
    root.replaceChildren(this.stage, this.player.box, this.terms.box);
    this.size = new ResizeObserver(() => this.paint());
    this.size.observe(this.stage);
  }

  /**
   * Show other data; the animation continues from where it is.
   * @param {Payload.Moving} data
   * @param {Record<string, string>} [theme]
   */
  show(data, theme) {
    this.theme = theme;
    if (this.data === data) return this.paint();
    const fresh = this.data?.blocks !== data.blocks || this.arms.length !== data.arms.length;
    this.data = data;
    this.player.until(data.blocks);
    if (fresh) this.make(data);
    this.halve(this.halved);
    this.player.run();
  }

  /** @param {Payload.Moving} data */
  make(data) {
    this.arms = data.arms.map((arm) => new Points(data, arm));
    this.stage.style.setProperty("--rv-columns", String(data.columns ?? data.arms.length));
    this.stage.replaceChildren(...this.arms.map(({ box }) => box));
    if (data.step) for (const points of this.arms) this.pointing.listen(points, this.keys.id);
  }

  /**
   * Show both networks as they are, or the residual one with half its step.
   * @param {boolean} halved
   */
  halve(halved) {
    const { data } = this;
    if (!data) return;
    const known = data.arms.some((arm) => arm.halved);
    this.half.hidden = !data.step;
    this.terms.box.hidden = !data.step;
    this.half.disabled = !known;
    this.half.title = known ? "" : "Measured when the training is over";
    this.half.setAttribute("aria-pressed", String(halved && known));
    this.halved = halved && known;
    for (const [i, arm] of data.arms.entries()) this.arms[i].show(data, arm, this.halved);
    this.paint();
  }

  /** Another point is pointed at, held, or let go. */
  mark() {
    const { player, pointing } = this;
    player.still = pointing.point !== undefined && !pointing.held;
    if (pointing.held) this.stand();
    else if (this.resumes) {
      this.resumes = false;
      if (!player.playing) player.toggle();
    }
    this.paint();
  }

  /** A point is held: it stands at the begin of its step. */
  stand() {
    const { player } = this;
    this.resumes ||= player.playing;
    const per = Math.max(...this.arms.map((arm) => arm.per));
    const step = Math.min(Math.floor(player.at * per + 1e-9), player.end * per - 1);
    player.lead(step / per);
  }

  /** Wait for other data, for a moment at most. */
  hold() {
    this.player.hold();
  }

  paint() {
    const { data, theme, player, pointing } = this;
    if (!data || !theme) return;
    player.words();
    const point = pointing.point !== undefined && pointing.point < data.labels.length ? pointing.point : undefined;
    for (const points of this.arms) points.draw(player.at, theme["--st-text-color"], point);
    if (!data.step) return;
    if (point !== undefined) this.terms.show(this.arms, point, player.playing && !player.still);
    else if (this.halved) this.terms.say(data.step.said, false);
    else this.terms.say(HINT, true);
  }

  dispose() {
    this.player.dispose();
    this.size.disconnect();
  }
}
