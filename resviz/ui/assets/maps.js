// A card of attribution maps: the image, and beside it what each network looked at.

import { putPixels } from "./canvas.js";
import { el } from "./dom.js";
import { fromBase64, imagePixels, mapPixels, stopsOf } from "./pictures.js";

/** @import { Stop } from "./pictures.js" */

/**
 * @param {HTMLCanvasElement} canvas
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
  putPixels(canvas, cell, mapPixels(cell, stops));
  return canvas;
}

/** A single map is a figure beside the image; the maps of several blocks are a row of their own. */
export class Maps {
  /** @type {Payload.Maps | undefined} */
  data;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {Payload.Maps} data */
  show(data) {
    if (this.data === data) return;
    this.data = data;
    const stops = stopsOf(data.colours);
    const many = data.rows.some((row) => row.cells.length > 1);
    const nodes = data.rows.map((row) => {
      const canvases = row.cells.map((cell) => mapCanvas(row, cell, stops));
      if (!many) return figure(canvases[0], row.title, row.cells[0].said, row.color);
      const named = canvases.map((canvas, i) =>
        el("figure", { class: "rv-map" }, canvas, el("small", {}, row.cells[i].label)),
      );
      const name = el("div", { class: "rv-maps-name rv-ink", style: `--rv-ink:${row.color}` }, row.title);
      return el("div", { class: "rv-maps-row" }, name, ...named);
    });
    if (data.image) nodes.unshift(imageFigure(data.image, data.said));
    this.root.replaceChildren(el("div", { class: many ? "rv-maps rv-maps-many" : "rv-maps" }, ...nodes));
  }
}
