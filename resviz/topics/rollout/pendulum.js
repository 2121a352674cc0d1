// Three pendulums that swing at the same time: the true one, and as two networks predict it.

import { el, put, svg } from "../../ui/assets/dom.js";
import { Player } from "../../ui/assets/player.js";

// px: width and height of a pendulum's picture, the pivot's y, length of the rod
const WIDE = 180;
const TALL = 224;
const PIVOT = 112;
const ROD = 76;
const UNIT_MS = 500; // one unit of time
const MOST_MS = 20_000; // the whole roll-out

/** @typedef {{ rod: SVGElement, ghost?: SVGElement, off?: SVGElement, group: SVGElement }} Hung */

/**
 * The difference of two angles, from 0 to half a turn.
 * @param {number} a
 * @param {number} b
 */
function apart(a, b) {
  const turn = 2 * Math.PI;
  const gap = Math.abs(a - b) % turn;
  return Math.min(gap, turn - gap);
}

/**
 * The angle after a time, on a straight line between two predictions; undefined after the last.
 * @param {number[]} angles
 * @param {number} at in steps
 */
function angleAt(angles, at) {
  const n = Math.floor(at + 1e-9);
  if (n >= angles.length) return undefined;
  const next = angles[n + 1] ?? angles[n];
  return angles[n] + (at - n) * (next - angles[n]);
}

/** @param {number} angle rad from hanging down, to the right */
const turned = (angle) => `rotate(${((-angle * 180) / Math.PI).toFixed(2)})`;

export default class Pendulum {
  /** @type {Payload.PendulumsDrawn | undefined} */
  data;
  /** @type {Record<string, Hung>} */
  hung = {};

  /** @param {HTMLElement} root */
  constructor(root) {
    this.picture = svg("svg", { class: "rv-pendulums", viewBox: `0 0 ${3 * WIDE} ${TALL}`, role: "img" });
    this.played = {
      label: "Time of the roll-out",
      unit: UNIT_MS,
      said: (/** @type {number} */ at) => `time ${at.toFixed(1)}`,
      paint: () => this.paint(),
    };
    this.player = new Player(root, this.played);
    root.replaceChildren(el("div", {}, this.picture), this.player.box);
  }

  /** @param {Payload.PendulumsDrawn} data */
  show(data) {
    this.data = data;
    const names = ["true", ...data.arms.map(({ name }) => name)];
    const colors = [undefined, ...data.arms.map(({ color }) => color)];
    if (!Object.keys(this.hung).length) {
      this.hung = Object.fromEntries(names.map((name, n) => [name, hang(name, n, colors[n])]));
      this.picture.replaceChildren(...Object.values(this.hung).map(({ group }) => group));
      this.picture.setAttribute(
        "aria-label",
        `Pendulums: ${names.join(", ")}. The numbers are in the figures beside them.`,
      );
    }
    const end = Number((data.dt * (data.true.length - 1)).toPrecision(6));
    this.played.unit = Math.min(UNIT_MS, MOST_MS / end);
    this.player.until(end);
    this.paint();
    this.player.run();
  }

  hold() {
    this.player.hold();
  }

  paint() {
    const { data, player } = this;
    if (!data) return;
    player.words();
    const at = Math.min(player.at / data.dt, data.true.length - 1);
    const true_ = angleAt(data.true, at) ?? 0;
    this.hung.true.rod.setAttribute("transform", turned(true_));
    for (const { name, angles } of data.arms) {
      const { rod, ghost, off } = this.hung[name];
      const angle = angleAt(angles, at);
      ghost?.setAttribute("transform", turned(true_));
      rod.style.visibility = angle === undefined ? "hidden" : "";
      if (angle !== undefined) rod.setAttribute("transform", turned(angle));
      if (off) put(off, angle === undefined ? "left float range" : `off by ${apart(angle, true_).toFixed(2)} rad`);
    }
  }

  dispose() {
    this.player.dispose();
  }
}

/**
 * A pendulum under its name. One of a network has the true one behind it, and says how far it is off.
 * @param {string} name
 * @param {number} n its place, from the left
 * @param {string | undefined} color
 * @returns {Hung}
 */
function hang(name, n, color) {
  const own = `rv-pendulum rv-pendulum-${name}`;
  const bob =
    name === "plain" ? svg("rect", { x: -11, y: ROD - 11, width: 22, height: 22 }) : svg("circle", { cy: ROD, r: 12 });
  const rod = svg("g", { class: own }, svg("path", { d: `M0,0V${ROD}` }), bob);
  rod.style.setProperty("--rv-ink", color ?? "var(--st-text-color)");
  const ghost = color
    ? svg("g", { class: "rv-pendulum-ghost" }, svg("path", { d: `M0,0V${ROD}` }), svg("circle", { cy: ROD, r: 12 }))
    : undefined;
  const off = color ? svg("text", { y: TALL - PIVOT - 5, class: "rv-pendulum-off" }) : undefined;
  const title = svg("text", { y: 16 - PIVOT, class: "rv-pendulum-name" }, name);
  const parts = [title, ghost, rod, svg("circle", { r: 3, class: "rv-pendulum-pivot" }), off].filter(
    (part) => part !== undefined,
  );
  return { rod, ghost, off, group: svg("g", { transform: `translate(${WIDE * (n + 0.5)}, ${PIVOT})` }, ...parts) };
}
