// The theme's colours and font, for what does not take them from CSS: plotly and canvases.

import { el } from "./dom.js";

/** @typedef {Record<string, string>} Theme colours by role, such as "--rv-faint", and the "font" */

const PAGE = "--st-background-color",
  INK = "--st-text-color";
const ROLES = [INK, "--rv-faint", "--rv-grid", PAGE];
const FONTS = ["font", "textfont"]; // where plotly has the colour of words
const PARTS = 20; // a colour takes of the page's ink by twentieths
const LEGIBLE = 4.5; // least contrast of words, WCAG 2.2, 1.4.3

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
  for (const key of FONTS) {
    const { color } = Object(out[key]);
    if (typeof color === "string") out[key] = { ...Object(out[key]), color: inked(color, theme) };
  }
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

/**
 * A colour for words: as it is, or with as much of the page's own ink as it needs to be legible on the page.
 * @param {string} color
 * @param {Theme} theme
 */
function inked(color, theme) {
  const [own, ink, page] = [color, theme[INK] ?? "", theme[PAGE] ?? ""].map(channels);
  if (!own || !ink || !page) return color;
  for (let part = 0; part < PARTS; part++) {
    const mixed = own.map((c, i) => Math.round(c + (part / PARTS) * (ink[i] - c)));
    if (contrast(mixed, page) >= LEGIBLE) return part ? `rgb(${mixed.join(",")})` : color;
  }
  return theme[INK];
}

/**
 * Red, green and blue of an opaque colour, 0 to 255; undefined for others.
 * @param {string} color
 */
function channels(color) {
  const hex = color.match(/^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i);
  if (hex) return hex.slice(1).map((part) => Number.parseInt(part, 16));
  return color
    .match(/^rgb\((\d+), ?(\d+), ?(\d+)\)$/)
    ?.slice(1)
    .map(Number);
}

/** The contrast of two colours, 1 to 21 (WCAG 2.2). @type {(a: number[], b: number[]) => number} */
function contrast(a, b) {
  const [low, high] = [a, b].map(luminance).sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** @type {(color: number[]) => number} */
function luminance(color) {
  const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
