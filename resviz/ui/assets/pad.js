// A grid of pixels to draw on with the pointer, or with the arrow keys and Space; it can also be filled from a file.

import { sendFile } from "./ask.js";
import { penOf, putPixels } from "./canvas.js";
import { el } from "./dom.js";
import { dab, fromBase64, imagePixels, toBase64 } from "./pictures.js";

/** @import { Size } from "./pictures.js" */

/** @type {Record<string, [dx: number, dy: number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pad {
  /** @type {Size} */
  image = { channels: 1, height: 0, width: 0, top: 1 };
  /** What is drawn, as the server reads it. */
  numbers = new Uint8Array();
  /** The drawing that the server told, as text; none if it is empty. */
  told = "";
  /** @type {string | undefined} the same as it was last asked for, while the answer to it has not come */
  asked;
  /** @type {[x: number, y: number]} where Space paints */
  cursor = [0, 0];
  drawing = false;
  answered = true; // what was told on the way is on the screen
  keyed = false; // it is painted on by the keyboard
  /** @type {[x: number, y: number] | undefined} where the stroke is */
  last;

  /**
   * @param {HTMLElement} root
   * @param {import("./cards.js").Choose} choose
   * @param {{ settled?: boolean }} cards whether the answer shown is one to the last change
   */
  constructor(root, choose, cards) {
    this.choose = choose;
    this.cards = cards;
    this.canvas = el("canvas", { class: "rv-pad", tabindex: 0, role: "img" });
    this.file = el("input", {
      type: "file",
      accept: "image/*",
      class: "rv-pad-file",
      "aria-label": "An image from a file",
      onchange: () => this.read(),
    });
    this.clear = el("button", { type: "button", class: "rv-button", onclick: () => this.empty() }, "Clear");
    this.said = el("small", { role: "status" });
    this.reads = el("div", { class: "rv-pad-reads" });
    const upload = el("label", { class: "rv-button rv-pad-label" }, "File …", this.file);
    root.replaceChildren(
      el("div", { class: "rv-pad-box" }, this.canvas, el("div", {}, this.clear, " ", upload, this.reads, this.said)),
    );
    this.listen();
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.keyed = false;
      this.drawing = true;
      this.last = undefined;
      this.stroke(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.drawing) this.stroke(event);
    });
    const end = () => {
      if (!this.drawing) return;
      this.drawing = false;
      this.tell();
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    canvas.addEventListener("focus", () => {
      this.keyed = canvas.matches(":focus-visible");
      this.paint();
    });
    canvas.addEventListener("blur", () => this.paint());
  }

  /**
   * Show the server's picture. An answer to an earlier drawing does not take away what has been drawn since.
   * @param {Payload.Picture} image
   */
  show(image) {
    const { channels, height, width, pixels, reads = [] } = image;
    this.reads.replaceChildren(
      ...reads.map(({ text, color }) => el("div", { class: "rv-ink", style: `--rv-ink:${color}` }, text)),
    );
    const fits = this.numbers.length === channels * height * width;
    this.answered = true;
    const late = fits && !this.cards.settled && this.asked !== undefined && this.asked !== pixels;
    if (this.drawing || late) return;
    this.image = image;
    this.canvas.setAttribute(
      "aria-label",
      `A place to draw, ${width} by ${height} pixels: arrow keys move, Space paints`,
    );
    if (pixels) this.numbers = fromBase64(pixels);
    else if (!fits || this.told) this.numbers = new Uint8Array(channels * height * width);
    this.told = pixels;
    this.asked = undefined;
    this.paint();
  }

  paint() {
    putPixels(this.canvas, this.image, imagePixels(this.image, this.numbers));
    if (!this.keyed || document.activeElement !== this.canvas) return;
    const pen = penOf(this.canvas);
    pen.fillStyle = "rgba(230, 159, 0, .6)";
    pen.fillRect(...this.cursor, 1, 1);
  }

  /** @param {PointerEvent} event */
  stroke(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.image.width;
    const y = ((event.clientY - box.top) / box.height) * this.image.height;
    const [fromX, fromY] = this.last ?? [x, y];
    const steps = Math.max(1, Math.ceil(4 * Math.hypot(x - fromX, y - fromY)));
    for (let k = 1; k <= steps; k += 1)
      dab(this.image, this.numbers, fromX + ((x - fromX) * k) / steps, fromY + ((y - fromY) * k) / steps);
    this.last = [x, y];
    this.paint();
    if (this.image.live && this.answered) {
      this.answered = false;
      this.tell(true);
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { width, height } = this.image;
    const [x, y] = this.cursor;
    const move = MOVES[event.key];
    if (move)
      this.cursor = [Math.max(0, Math.min(width - 1, x + move[0])), Math.max(0, Math.min(height - 1, y + move[1]))];
    else if (event.key === " ") {
      dab(this.image, this.numbers, x + 0.5, y + 0.5);
      this.tell();
    } else return;
    event.preventDefault();
    this.keyed = true;
    this.paint();
  }

  empty() {
    this.numbers = new Uint8Array(this.numbers.length);
    this.paint();
    this.said.textContent = "";
    if (this.told || this.asked) this.ask("");
  }

  /** @param {boolean} [sliding] the stroke goes on */
  tell(sliding) {
    if (this.numbers.some((v) => v > 0)) this.ask(toBase64(this.numbers), sliding);
  }

  /**
   * @param {string} own the drawing as text
   * @param {boolean} [sliding] the stroke goes on
   */
  ask(own, sliding) {
    this.asked = own;
    this.choose({ own }, sliding);
  }

  /** Have the server make an image of the data set of a picture of any size. */
  async read() {
    const file = this.file.files?.[0];
    this.file.value = "";
    if (!file || !this.image.upload) return;
    try {
      const { own } = await sendFile(this.image.upload, file);
      this.numbers = fromBase64(own);
    } catch (error) {
      this.said.textContent = /** @type {Error} */ (error).message;
      return;
    }
    this.said.textContent = `${file.name}, ${this.image.width} × ${this.image.height}`;
    this.paint();
    this.tell();
  }
}
