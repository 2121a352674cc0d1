// The numbers along the x axis of a figure, as many as its width has room for.

const DIGIT = 8; // px: width of a digit beside an axis
const EVERY = [1, 2, 5, 10, 20, 50, 100];

/**
 * A layout whose numbers at equal distances along x do not lie on each other: as many are left out as is needed.
 * @param {Record<string, any>} layout
 * @param {number} width of the whole figure, px
 * @returns {Record<string, any>}
 */
export function spaced(layout, width) {
  /** @type {number[]} */
  const tickvals = layout.xaxis?.tickvals ?? [];
  /** @type {string[]} */
  const ticktext = layout.xaxis?.ticktext ?? tickvals.map(String);
  const { l = 0, r = 0 } = layout.margin ?? {},
    [first = 0, second = 0] = tickvals;
  const even = tickvals.every((v, i) => Math.abs(v - first - i * (second - first)) < 1e-6);
  if (!tickvals.length || !even || !ticktext.every((text) => /^\d+$/.test(text))) return layout;
  const room = DIGIT * (1 + Math.max(0, ...ticktext.map((text) => text.length)));
  const every = EVERY.find((n) => (tickvals.length / n) * room <= width - l - r) ?? tickvals.length;
  const kept = tickvals.map((_, i) => i).filter((i) => (i + 1) % every === 0);
  return {
    ...layout,
    xaxis: { ...layout.xaxis, tickvals: kept.map((i) => tickvals[i]), ticktext: kept.map((i) => ticktext[i]) },
  };
}
