// One wall: the same images for each network, as tiles. A tile has the network's colour where it reads the image correctly; else
// it is grey, with what is read in its corner.

import { penOf, putPixels } from "../../ui/assets/canvas.js";
import { el, put } from "../../ui/assets/dom.js";
import { fromBase64, imagePixels } from "../../ui/assets/pictures.js";
import { Score } from "../../ui/assets/scores.js";

/** @import {Arm} from "../../ui/assets/records.js" */
/** @import {Theme} from "../../ui/assets/theme.js" */

const NARROW = 480; // px, of a wall
const GAP = 3; // px between tiles
/** Columns and rows of a wall. @type {Record<"wide" | "narrow", [columns: number, rows: number]>} */
const SHAPE = { wide: [16, 7], narrow: [12, 4] };
/** @type {Record<Arm, string>} */
const COLOUR = { residual: "#66B2E0", plain: "#F29B5C" }; // lighter than the networks' colours: the ink on them is black
export const UNREAD = " ";

/**
 * A share of images as it is written large: "99.4%", or "99%" where `whole`.
 * @param {number} right
 * @param {number} of
 * @param {boolean} whole
 */
export const percent = (right, of, whole = false) =>
  `${Number(((100 * right) / of).toFixed(whole ? 0 : 1)).toString()}%`;

/**
 * The images of all tiles beside each other, as ink: black or white where there is some, else transparent; or in their colours.
 * @param {Payload.Picture} image
 * @param {string} ink
 */
function sheet(image, ink) {
  const { channels, height, width } = image,
    numbers = fromBase64(image.pixels),
    size = channels * height * width;
  const canvas = el("canvas", { width: (width * numbers.length) / size, height });
  const pen = penOf(canvas),
    one = el("canvas");
  for (let k = 0; k * size < numbers.length; k += 1) {
    putPixels(one, image, inked(image, numbers.subarray(k * size, (k + 1) * size)));
    pen.drawImage(one, k * width, 0);
  }
  if (channels === 1) {
    pen.globalCompositeOperation = "source-in";
    pen.fillStyle = ink;
    pen.fillRect(0, 0, canvas.width, height);
  }
  return canvas;
}

/**
 * @param {Payload.Picture} image
 * @param {Uint8Array} numbers
 */
function inked(image, numbers) {
  const pixels = imagePixels(image, numbers);
  if (image.channels === 1) for (let i = 0; i < pixels.length; i += 4) pixels[i + 3] = pixels[i];
  return pixels;
}

export class Mosaic {
  /** @type {Payload.WallDrawn | undefined} */
  data;
  /** @type {Theme} */
  theme = {};
  /** @type {HTMLCanvasElement | undefined} the ink of read images, and of misread ones */
  read;
  /** @type {HTMLCanvasElement | undefined} */
  misread;
  reads = ""; // what is drawn
  inks = ""; // what both sheets were made of

  /**
   * @param {Arm} arm
   * @param {string} name
   */
  constructor(arm, name) {
    this.arm = arm;
    this.name = name;
    this.score = new Score(arm);
    this.canvas = el("canvas", { role: "img" });
    this.box = el("div", { class: `rv-wall rv-${arm}` }, this.score.box, this.canvas);
    this.canvas.addEventListener("pointermove", (event) => this.tell(event));
  }

  /**
   * @param {Payload.WallDrawn} data
   * @param {Theme} theme
   */
  show(data, theme) {
    this.data = data;
    this.theme = theme;
    const inks = `${data.image.pixels} ${theme["--st-text-color"]}`;
    if (inks !== this.inks && data.image.pixels) {
      this.inks = inks;
      this.read = sheet(data.image, "black");
      this.misread = sheet(data.image, theme["--st-text-color"]);
    }
    this.reads = "";
  }

  /** Columns and rows that fit. */
  get shape() {
    return SHAPE[this.canvas.clientWidth < NARROW ? "narrow" : "wide"];
  }

  /**
   * Draw what is read in each tile, if that is not drawn yet.
   * @param {string} reads
   */
  draw(reads) {
    const { canvas, data } = this,
      wide = canvas.clientWidth;
    if (!data || !wide || reads === this.reads) return;
    this.reads = reads;
    const [columns, rows] = this.shape,
      ratio = window.devicePixelRatio || 1,
      side = (wide + GAP) / columns - GAP;
    canvas.style.aspectRatio = "auto";
    canvas.style.height = `${rows * (side + GAP) - GAP}px`;
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round((rows * (side + GAP) - GAP) * ratio);
    const pen = penOf(canvas);
    pen.scale(ratio, ratio);
    pen.imageSmoothingEnabled = data.image.width > side;
    const count = Math.min(columns * rows, data.truth.length);
    for (let k = 0; k < count; k += 1) {
      const x = (k % columns) * (side + GAP),
        y = Math.floor(k / columns) * (side + GAP);
      this.tile(pen, data, k, reads[k] ?? UNREAD, [x, y, side]);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Payload.WallDrawn} data
   * @param {number} k
   * @param {string} read
   * @param {[x: number, y: number, side: number]} place
   */
  tile(pen, data, k, read, [x, y, side]) {
    const right = read === data.truth[k],
      { height, width } = data.image;
    pen.fillStyle = right ? COLOUR[this.arm] : this.theme["--rv-grid"];
    pen.beginPath();
    pen.roundRect(x, y, side, side, 3);
    pen.fill();
    const ink = right ? this.read : this.misread;
    pen.globalAlpha = right ? 1 : read === UNREAD ? 0.25 : 0.6;
    if (data.places) dot(pen, data.places[k], [x, y, side], right ? "black" : this.theme["--st-text-color"]);
    else if (ink) pen.drawImage(ink, k * width, 0, width, height, x + 1, y + 1, side - 2, side - 2);
    pen.globalAlpha = 1;
    if (right || read === UNREAD) return;
    pen.font = `700 ${Math.max(11, side * 0.36)}px ${this.theme.font}`;
    pen.textAlign = "right";
    pen.textBaseline = "bottom";
    pen.strokeStyle = getComputedStyle(this.canvas).getPropertyValue("--st-background-color");
    pen.lineWidth = 3;
    pen.fillStyle = this.theme["--st-text-color"];
    const named = String(read.charCodeAt(0) - 48);
    pen.strokeText(named, x + side - 1, y + side);
    pen.fillText(named, x + side - 1, y + side);
  }

  /**
   * Write the score in large type, and what else is said of it. `share` is the share that it stands for (scores.js), `second` a
   * smaller number with its words.
   * @param {string} score
   * @param {string} label
   * @param {number | null} [share]
   * @param {[number: string, words: string] | undefined} [second]
   */
  say(score, label, share, second) {
    this.score.show(score, share);
    put(this.score.label, label);
    this.score.beside.replaceChildren(...(second ? [el("b", {}, second[0]), ` ${second[1]}`] : []));
    const { data, reads } = this;
    if (!data) return;
    const [columns, rows] = this.shape,
      count = Math.min(columns * rows, data.truth.length),
      right = [...data.truth.slice(0, count)].filter((letter, k) => letter === reads[k]).length;
    this.canvas.setAttribute(
      "aria-label",
      `${count} of ${data.images.toLocaleString("en")} unseen images, ${right} of them read correctly ${label}`,
    );
  }

  /**
   * Say what the image under the pointer is, and what is read.
   * @param {PointerEvent} event
   */
  tell(event) {
    const { canvas, data, reads } = this;
    if (!data) return;
    const [columns] = this.shape,
      side = (canvas.clientWidth + GAP) / columns;
    const k = Math.floor(event.offsetY / side) * columns + Math.floor(event.offsetX / side);
    const truth = data.truth.charCodeAt(k) - 48,
      read = reads.charCodeAt(k) - 48;
    canvas.title = read >= 0 ? `a ${truth}, read as ${read}` : `a ${truth}`;
  }
}

/**
 * A point of the plane in its tile.
 * @param {CanvasRenderingContext2D} pen
 * @param {number[]} at from 0 to 1, y upwards
 * @param {[x: number, y: number, side: number]} place
 * @param {string} ink
 */
function dot(pen, [across, up], [x, y, side], ink) {
  pen.fillStyle = ink;
  pen.beginPath();
  pen.arc(x + 3 + across * (side - 6), y + side - 3 - up * (side - 6), 2.5, 0, 2 * Math.PI);
  pen.fill();
}
