// A card of attribution maps: the image, and beside it what each network looked at. What is below 0 is striped, so that its sign
// is seen without colours too.

import { putPixels } from "./canvas.js";
import { el } from "./dom.js";
import { fromBase64, imagePixels, mapPixels, stopsOf } from "./pictures.js";
import { striped } from "./stripes.js";

/** @import { Stop } from "./pictures.js" */

/**
 * @param {HTMLElement} canvas
 * @param {string} title
 * @param {string} said
 * @param {string} [color]
 */
const figure = (canvas, title, said, color) =>
  el(
    "figure",
    { class: "rv-map" },
    el("figcaption", color ? { class: "rv-ink", style: `--rv-ink:${color}` } : {}, title),
    canvas,
    el("small", {}, said),
  );

/**
 * @param {Payload.Picture} image
 * @param {string} said
 */
function imageFigure(image, said) {
  const canvas = el("canvas", { role: "img", "aria-label": said });
  putPixels(canvas, image, imagePixels(image, fromBase64(image.pixels)));
  return figure(canvas, "the image", said);
}

/**
 * @param {Payload.MapsRow} row
 * @param {Payload.MapCell} cell
 * @param {Stop[]} stops
 */
function mapCanvas(row, cell, stops) {
  const canvas = el("canvas", { role: "img", title: cell.said, "aria-label": `${row.title}. ${cell.said}` });
  return striped(canvas, cell, mapPixels(cell, stops), (i) => cell.values[i] < 0);
}

/**
 * The bar of all colours: from the most negative number, or from 0, to the largest.
 * @param {boolean} signed
 * @param {Stop[]} stops
 */
function barOf(signed, stops) {
  const width = 64;
  const values = Array.from({ length: width }, (_, i) => (signed ? (2 * i) / (width - 1) - 1 : i / (width - 1)));
  const bar = { width, height: 1, values, label: "", said: "" };
  const canvas = el("canvas", { "aria-hidden": "true" });
  return striped(canvas, bar, mapPixels(bar, stops), (i) => values[i] < 0);
}

/**
 * A map without the numbers of the other sign.
 * @param {Payload.MapCell} cell
 * @param {number} sign 0 for all numbers
 * @returns {Payload.MapCell}
 */
const only = (cell, sign) => (sign ? { ...cell, values: cell.values.map((v) => (v * sign > 0 ? v : 0)) } : cell);

/**
 * A single map is a figure beside the image; the maps of several blocks are a row of their own. Below them is what the colours mean;
 * a press on a sign leaves only the numbers of that sign: where pixels are too small for stripes, that tells them apart.
 */
export class Maps {
  /** @type {Payload.Maps | undefined} */
  data;
  sign = 0; // of the numbers shown, 0 for all

  /** @param {HTMLElement} root */
  constructor(root) {
    this.maps = el("div");
    this.key = el("div", { class: "rv-maps-key" });
    root.replaceChildren(this.maps, this.key);
  }

  /** @param {Payload.Maps} data */
  show(data) {
    if (this.data === data) return;
    this.data = data;
    const { low, high } = data.key;
    if (!low) this.sign = 0;
    /** @type {[words: string, sign: number][]} */
    const sides = [
      [low || "0", -1],
      [high, 1],
    ];
    const [left, right] = sides.map(([words, sign]) => (low ? this.side(words, sign) : el("span", {}, words)));
    this.key.replaceChildren(left, barOf(low !== "", stopsOf(data.colours)), right);
    this.key.hidden = !data.rows.length;
    this.draw();
  }

  /**
   * @param {string} words
   * @param {number} sign
   */
  side(words, sign) {
    const press = () => {
      this.sign = this.sign === sign ? 0 : sign;
      this.draw();
    };
    return el(
      "button",
      { type: "button", class: "rv-button", title: "Show only this", "data-sign": sign, onclick: press },
      words,
    );
  }

  draw() {
    if (!this.data) return;
    const { colours, image, rows, said } = this.data;
    const stops = stopsOf(colours);
    const many = rows.some((row) => row.cells.length > 1);
    const nodes = rows.map((row) => {
      const canvases = row.cells.map((cell) => mapCanvas(row, only(cell, this.sign), stops));
      if (!many) return figure(canvases[0], row.title, row.cells[0].said, row.color);
      const named = canvases.map((canvas, i) =>
        el("figure", { class: "rv-map" }, canvas, el("small", {}, row.cells[i].label)),
      );
      const name = el("div", { class: "rv-maps-name rv-ink", style: `--rv-ink:${row.color}` }, row.title);
      return el("div", { class: "rv-maps-row" }, name, ...named);
    });
    if (image) nodes.unshift(imageFigure(image, said));
    const kind = many ? " rv-maps-many" : rows.length > 2 ? " rv-maps-twice" : "";
    this.maps.className = `rv-maps${kind}`;
    this.maps.replaceChildren(...nodes);
    for (const button of this.key.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(Number(button.dataset.sign) === this.sign));
  }
}
