// The theme's colours and font, for what does not take them from CSS: plotly and canvases.

import { el } from "./dom.js";

/** @typedef {Record<string, string>} Theme colours by role, such as "--rv-faint", and the "font" */

const ROLES = ["--st-text-color", "--rv-faint", "--rv-grid"];

/**
 * Read the theme in force at a node.
 * @param {HTMLElement} root
 */
export function readTheme(root) {
  /** @type {Theme} */
  const theme = {};
  const probe = el("i");
  root.append(probe);
  for (const role of ROLES) {
    // plotly understands rgb, but not color-mix
    probe.style.color = `var(${role})`;
    theme[role] = toRgb(getComputedStyle(probe).color);
  }
  probe.remove();
  theme.font = getComputedStyle(root).fontFamily;
  return theme;
}

/**
 * A part of a plotly figure, with the theme's colours in the place of their roles, and its font.
 * @template T
 * @param {T} value
 * @param {Theme} theme
 */
export const themed = (value, theme) => /** @type {T} */ (coloured(value, theme));

/** @type {(value: unknown, theme: Theme) => unknown} */
function coloured(value, theme) {
  if (typeof value === "string") return theme[value] ?? value;
  if (Array.isArray(value)) return value.map((v) => coloured(v, theme));
  if (!value || typeof value !== "object") return value;
  /** @type {Record<string, unknown>} */
  const out = {};
  for (const [key, inner] of Object.entries(value)) out[key] = coloured(inner, theme);
  if ("paper_bgcolor" in out) out.font = { ...Object(out.font), family: theme.font }; // a layout
  return out;
}

/**
 * "color(srgb r g b / a)", the computed value of color-mix, as the rgba() that plotly reads.
 * @param {string} color
 */
function toRgb(color) {
  const m = color.match(/^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)$/);
  if (!m) return color;
  const [r, g, b] = m.slice(1, 4).map((c) => Math.round(255 * Number(c)));
  return `rgba(${r},${g},${b},${m[4] ?? 1})`;
}
