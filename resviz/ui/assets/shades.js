// What colours the blocks of the drawing, and how strongly. Nothing here touches the page.

import { ARMS } from "./records.js";

/** @import {Arm, Vector} from "./records.js" */

/** @typedef {(number | null | undefined)[]} PerBlock one number per block; null or undefined where nothing was measured */

/** The quantities that may colour the blocks; `log`: on a log scale. @type {Record<string, {label: string, log: boolean}>} */
export const QUANTITIES = {
  grad_norm: { label: "gradient norm", log: true },
  activation_std: { label: "activation scale", log: true },
  residual_ratio: { label: "|F(x)| / |x|", log: true },
  dead_fraction: { label: "dead channels", log: false },
};

/**
 * Return one number per block from a vector with one number per layer (or, for the residual ratio, per block).
 * @param {string} name of the quantity
 * @param {Vector | undefined} vector
 * @param {Payload.Network} network
 * @returns {PerBlock}
 */
export function perBlock(name, vector, { blocks, stem, per }) {
  if (!vector) return [];
  return Array.from({ length: blocks }, (_, i) => {
    if (name === "residual_ratio") return vector[i];
    const last = stem + (i + 1) * per; // the layer that ends block i + 1
    if (name !== "grad_norm") return vector[last - 1];
    const inside = vector.slice(last - per, last);
    const finite = inside.filter((v) => v != null);
    return finite.length < inside.length ? null : Math.hypot(...finite);
  });
}

/**
 * A number in a few signs.
 * @param {number} v
 */
export const short = (v) =>
  v === 0 ? "0" : v >= 1e4 || v < 1e-3 ? v.toExponential(0).replace("e+", "e") : String(Number(v.toPrecision(2)));

/** @param {number} v */
const percent = (v) => `${Math.round(100 * v)}%`;

/**
 * Return how strongly each block is coloured, on one scale for both networks, and the ends of that scale in words; undefined
 * where nothing was measured.
 * @param {string} name of the quantity
 * @param {Record<Arm, PerBlock>} values
 */
export function shadesOf(name, values) {
  const { log } = QUANTITIES[name];
  /** @type {number[]} */
  const all = [];
  for (const v of ARMS.flatMap((arm) => values[arm])) if (v != null && (!log || v > 0)) all.push(v);
  if (!all.length) return undefined;
  const low = log ? Math.min(...all) : 0;
  const high = log ? Math.max(...all) : 1;
  /** @param {number} v */
  const onLog = (v) => (v > 0 ? (high > low ? Math.log(v / low) / Math.log(high / low) : 0.5) : null);
  /** @param {PerBlock} numbers */
  const shades = (numbers) => numbers.map((v) => (v == null ? null : log ? onLog(v) : v));
  const words = log ? short : percent;
  return {
    shades: { residual: shades(values.residual), plain: shades(values.plain) },
    low: words(low),
    high: words(high),
  };
}
