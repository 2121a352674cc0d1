// The step of one point in numbers: what the block computes, a step of Euler's method, and the block without shortcut.

import { el } from "./dom.js";

/** @import { Points } from "./points.js" */

/** @typedef {[x: number, y: number]} Vector */

const MARKS = [
  ["●", "○"],
  ["▲", "△"],
]; // by class: where a step begins, and where it ends

/**
 * How many decimals numbers are written with: two if the largest is between 0.1 and 10, so that none has more than three digits;
 * negative: zeros before the point.
 * @param {number[]} numbers
 */
export function decimals(numbers) {
  const most = Math.max(...numbers.map(Math.abs));
  const power = most ? Math.floor(Math.log10(most)) : 0;
  return power < 0 ? Math.min(1 - power, 6) : 2 - power;
}

/**
 * @param {number} value
 * @param {number} places
 */
const rounded = (value, places) => Math.round(value * 10 ** places) / 10 ** places;

/**
 * @param {Vector} vector
 * @param {number} places
 */
function written(vector, places) {
  const format = { minimumFractionDigits: Math.max(0, places), maximumFractionDigits: Math.max(0, places) };
  const said = vector.map((v) => (v || 0).toLocaleString("en", format).replace("-", "−"));
  return `(${said.join(", ")})`;
}

/**
 * A step from `from` to `to` as a sum that is true of the rounded numbers: F is the difference of both as they are written.
 * `slope` is F / h in as many decimals; `exact` says whether h times it is F.
 * @param {Vector} from
 * @param {Vector} to
 * @param {number} h
 */
export function sum(from, to, h) {
  const places = decimals([...from, ...to]);
  const both = [from, to].map((vector) => /** @type {Vector} */ (vector.map((v) => rounded(v, places))));
  const change = /** @type {Vector} */ (both[1].map((v, i) => rounded(v - both[0][i], places)));
  const finer = h < 0.1 ? places - 1 : places;
  const slope = /** @type {Vector} */ (change.map((v) => rounded(v / h, finer)));
  return {
    from: written(both[0], places),
    change: written(change, places),
    slope: written(slope, finer),
    to: written(both[1], places),
    exact: slope.every((v, i) => Math.abs(v * h - change[i]) < 1e-3 * 10 ** -places),
  };
}

/**
 * @param {string} mark
 * @param {string} text
 * @param {string} color
 */
function term(mark, text, color) {
  const node = el("span", { class: "rv-ink rv-summand" }, el("i", { "aria-hidden": "true" }, mark), text);
  node.style.setProperty("--rv-ink", color);
  return node;
}

/**
 * Where the step begins that a point makes now, and where it ends.
 * @param {Points} arm
 * @param {number} p
 * @returns {Vector[]}
 */
const step = ({ way, moment: { k } }, p) => [k, k + 1].map((n) => [way.x[n][p], way.y[n][p]]);

export class Summands {
  box = el("div", { class: "rv-summands" });
  key = "";

  /** @param {HTMLElement} keys what says the keys; it stays, unseen where something else is said */
  constructor(keys) {
    this.keys = keys;
  }

  /**
   * Say something in words, with the keys or without them.
   * @param {string} words
   * @param {boolean} keys
   */
  say(words, keys) {
    this.put(words, () => [el("p", {}, words)], keys);
  }

  /**
   * Say the step that a point makes now. While the points move, a screen reader is not told every block.
   * @param {Points[]} arms
   * @param {number} p
   * @param {boolean} moving
   */
  show(arms, p, moving) {
    this.box.setAttribute("aria-live", moving ? "off" : "polite");
    const key = arms.map((arm) => `${arm.moment.k} ${arm.per} ${step(arm, p)}`).join();
    this.put(key, () => arms.map((arm) => (arm.arm.jumps ? plain(arm, p) : residual(arm, p))), false);
  }

  /**
   * @param {string} key
   * @param {() => Node[]} nodes
   * @param {boolean} keys
   */
  put(key, nodes, keys) {
    if (key === this.key) return;
    this.key = key;
    this.keys.hidden = !keys;
    this.box.replaceChildren(...nodes(), this.keys);
  }
}

/**
 * The block of the network with shortcuts above the step of Euler's method.
 * @param {Points} arm
 * @param {number} p
 */
function residual(arm, p) {
  const { data, per } = arm;
  const { k } = arm.moment;
  const h = (data.step?.h ?? 1) / per;
  const kind = data.labels[p];
  const [from, to] = step(arm, p);
  const said = sum(from, to, h);
  const half = per === 2;
  const block = `block ${Math.floor(k / per) + 1}`;
  const x = () => term(MARKS[kind][0], said.from, data.colors[kind]);
  const y = () => term(MARKS[kind][1], said.to, data.colors[kind]);
  const change = term("→", said.change, arm.arm.color);
  const slope = term("", `${Number(h.toPrecision(3))} · ${said.slope}`, arm.arm.color);
  const names = half ? [`½ ${block}`, "½ step"] : [block, "Euler step"];
  const formulas = half ? ["x + ½ F(x)", "x + (h/2) f(x)"] : ["x + F(x)", "x + h f(x)"];
  return el(
    "div",
    { class: "rv-summand-lines" },
    ...line(names[0], formulas[0], "=", x(), "+", change, "=", y()),
    ...line(names[1], formulas[1], "=", x(), "+", slope, said.exact ? "=" : "≈", y()),
  );
}

/**
 * The network without shortcuts: x is replaced by F(x).
 * @param {Points} arm
 * @param {number} p
 */
function plain(arm, p) {
  const { data } = arm;
  const kind = data.labels[p];
  const [from, to] = step(arm, p);
  const said = sum(from, to, 1);
  return el(
    "div",
    { class: "rv-summand-lines" },
    ...line("plain", "x", "=", term(MARKS[kind][0], said.from, data.colors[kind])),
    ...line("", "F(x)", "=", term(MARKS[kind][1], said.to, data.colors[kind])),
  );
}

/**
 * A line of the grid: a name, a formula, and its terms.
 * @param {string} name
 * @param {string} formula
 * @param {(string | Node)[]} terms
 */
function line(name, formula, ...terms) {
  const cells = [el("span", { class: "rv-summand-name" }, name), el("span", { class: "rv-summand-formula" }, formula)];
  return [...cells, ...terms.map((part) => (typeof part === "string" ? el("span", {}, part) : part))];
}
