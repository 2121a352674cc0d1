// Pictures made of numbers: attribution maps, a gallery of images to choose from, and a pad to draw one.

import { el } from "./dom.js";

const BRUSH = 0.75; // radius of the brush, in pixels of the image

const fromBase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toBase64 = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

// Paint an image of one or three channels, (C, H, W) numbers from 0 to `top`, on a canvas of the same size in pixels.
function paintImage(canvas, { channels, height, width, top }, numbers) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"),
    made = context.createImageData(width, height),
    plane = width * height;
  for (let i = 0; i < plane; i += 1) {
    for (let c = 0; c < 3; c += 1)
      made.data[4 * i + c] = (255 * (numbers[(channels === 3 ? c : 0) * plane + i] ?? 0)) / top;
    made.data[4 * i + 3] = 255;
  }
  context.putImageData(made, 0, 0);
}

// Paint numbers from -1 to 1 with a colour scale whose stops run from 0 to 1.
function paintMap(canvas, { width, height, values }, stops) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"),
    made = context.createImageData(width, height);
  values.forEach((value, i) => {
    const at = (value + 1) / 2,
      k = Math.max(
        1,
        stops.findIndex(([place]) => at <= place),
      );
    const [from, low] = stops[k - 1],
      [to, high] = stops[k],
      part = (at - from) / (to - from);
    for (let c = 0; c < 3; c += 1) made.data[4 * i + c] = low[c] + part * (high[c] - low[c]);
    made.data[4 * i + 3] = 255;
  });
  context.putImageData(made, 0, 0);
}

const parsed = (colours) =>
  colours.map(([place, hex]) => [place, [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))]);

export class Maps {
  constructor(root) {
    this.root = root;
  }

  show(data) {
    if (this.data === data) return;
    this.data = data;
    const stops = parsed(data.colours),
      many = data.rows.some((row) => row.cells.length > 1);
    const figure = (canvas, title, said, color) =>
      el(
        "figure",
        { class: "rv-map" },
        el("figcaption", color ? { style: `color:${color}` } : {}, title),
        canvas,
        el("small", {}, said),
      );
    const nodes = [];
    if (data.image) {
      const canvas = el("canvas", { role: "img", "aria-label": data.said });
      paintImage(canvas, data.image, fromBase64(data.image.pixels));
      nodes.push(figure(canvas, "the image", data.said));
    }
    const made = (row, cell) => {
      const canvas = el("canvas", { role: "img", title: cell.said, "aria-label": `${row.title}. ${cell.said}` });
      paintMap(canvas, cell, stops);
      return canvas;
    };
    for (const row of data.rows) {
      if (!many) {
        nodes.push(figure(made(row, row.cells[0]), row.title, row.cells[0].said, row.color));
        continue;
      }
      nodes.push(
        el(
          "div",
          { class: "rv-maps-row" },
          el("div", { class: "rv-maps-name", style: `color:${row.color}` }, row.title),
          ...row.cells.map((cell) => el("figure", { class: "rv-map" }, made(row, cell), el("small", {}, cell.label))),
        ),
      );
    }
    this.root.replaceChildren(el("div", { class: many ? "rv-maps rv-maps-many" : "rv-maps" }, ...nodes));
  }
}

export class Gallery {
  constructor(root, choose) {
    this.root = root;
    this.choose = choose;
  }

  show(data) {
    const { items, image, chosen, colors } = data;
    const key = JSON.stringify(items.map(({ number, reads }) => [number, reads]));
    if (this.key !== key) {
      this.key = key;
      this.buttons = new Map(
        items.map((item) => {
          const canvas = el("canvas", { "aria-hidden": "true" });
          paintImage(canvas, image, fromBase64(item.pixels));
          const said = Object.entries(item.reads)
            .map(([arm, read]) => `${arm} reads ${read}`)
            .join(", ");
          const marks = Object.entries(item.reads).map(([arm, read]) =>
            el("b", { class: item.wrong.includes(arm) ? "rv-wrong" : "", style: `color:${colors[arm]}` }, String(read)),
          );
          const button = el(
            "button",
            {
              type: "button",
              class: "rv-thumb",
              title: `a ${item.truth}; ${said}`,
              "aria-label": `Image ${item.number}, a ${item.truth}; ${said}`,
              onclick: () => this.choose({ image: String(item.number), own: "" }),
            },
            canvas,
            el("span", {}, ...marks),
          );
          return [item.number, button];
        }),
      );
      this.root.replaceChildren(el("div", { class: "rv-gallery" }, ...this.buttons.values()));
    }
    for (const [number, button] of this.buttons) button.setAttribute("aria-pressed", number === chosen);
  }
}

// A grid of pixels to draw on with the pointer, or with the arrow keys and Space; it can also be filled from a file.
export class Pad {
  constructor(root, choose) {
    this.choose = choose;
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
    root.replaceChildren(
      el(
        "div",
        { class: "rv-pad-box" },
        this.canvas,
        el(
          "div",
          {},
          this.clear,
          " ",
          el("label", { class: "rv-button rv-pad-label" }, "File …", this.file),
          this.said,
        ),
      ),
    );
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.drawing = true;
      this.last = undefined;
      this.stroke(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (this.drawing) this.stroke(event);
    });
    for (const kind of ["pointerup", "pointercancel"])
      this.canvas.addEventListener(kind, () => {
        if (this.drawing) {
          this.drawing = false;
          this.tell();
        }
      });
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    this.cursor = [0, 0];
  }

  show(image) {
    if (this.drawing) return;
    const { channels, height, width, pixels } = image;
    this.image = image;
    this.canvas.setAttribute(
      "aria-label",
      `A place to draw, ${width} by ${height} pixels: arrow keys move, Space paints`,
    );
    if (pixels) this.numbers = fromBase64(pixels);
    else if (!this.numbers || this.numbers.length !== channels * height * width || this.told)
      this.numbers = new Uint8Array(channels * height * width);
    this.told = pixels;
    this.paint();
  }

  paint() {
    paintImage(this.canvas, this.image, this.numbers);
    if (document.activeElement !== this.canvas) return;
    const context = this.canvas.getContext("2d");
    context.fillStyle = "rgba(230, 159, 0, .6)";
    context.fillRect(...this.cursor, 1, 1);
  }

  stroke(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = [
      ((event.clientX - box.left) / box.width) * this.image.width,
      ((event.clientY - box.top) / box.height) * this.image.height,
    ];
    const from = this.last ?? at,
      steps = Math.max(1, Math.ceil(4 * Math.hypot(at[0] - from[0], at[1] - from[1])));
    for (let k = 1; k <= steps; k += 1)
      this.dab(from[0] + ((at[0] - from[0]) * k) / steps, from[1] + ((at[1] - from[1]) * k) / steps);
    this.last = at;
    this.paint();
  }

  // Paint a dot around (x, y), in pixels. Painting only makes pixels lighter.
  dab(x, y) {
    const { channels, width, height, top } = this.image,
      radius = BRUSH * Math.max(1, width / 16);
    for (let j = Math.max(0, Math.floor(y - 2 * radius)); j < Math.min(height, y + 2 * radius); j += 1) {
      for (let i = Math.max(0, Math.floor(x - 2 * radius)); i < Math.min(width, x + 2 * radius); i += 1) {
        const far = Math.hypot(i + 0.5 - x, j + 0.5 - y) / radius,
          value = Math.round(top * Math.max(0, Math.min(1, 1.5 - far)));
        for (let c = 0; c < channels; c += 1) {
          const at = (c * height + j) * width + i;
          this.numbers[at] = Math.max(this.numbers[at], value);
        }
      }
    }
  }

  onKey(event) {
    const { width, height } = this.image;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in moves)
      this.cursor = this.cursor.map((v, i) => Math.max(0, Math.min([width, height][i] - 1, v + moves[event.key][i])));
    else if (event.key === " ") {
      this.dab(this.cursor[0] + 0.5, this.cursor[1] + 0.5);
      this.tell();
    } else return;
    event.preventDefault();
    this.paint();
  }

  empty() {
    this.numbers = new Uint8Array(this.numbers.length);
    this.paint();
    this.said.textContent = "";
    if (this.told) this.choose({ own: "" });
  }

  tell() {
    if (this.numbers.some((v) => v)) this.choose({ own: toBase64(this.numbers) });
  }

  // Read the middle square of a picture of any size; dark strokes on light paper are inverted, to match the data set.
  async read() {
    const file = this.file.files[0];
    this.file.value = "";
    if (!file) return;
    let bitmap;
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      this.said.textContent = `“${file.name}” is no picture that this browser can read.`;
      return;
    }
    const { channels, width, height, top } = this.image,
      side = Math.min(bitmap.width, bitmap.height),
      plane = width * height;
    const small = Object.assign(document.createElement("canvas"), { width, height }),
      context = small.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const numbers = new Uint8Array(channels * plane);
    if (channels === 3)
      for (let i = 0; i < plane; i += 1) for (let c = 0; c < 3; c += 1) numbers[c * plane + i] = data[4 * i + c];
    else {
      const light = Array.from(
        { length: plane },
        (_, i) => (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255,
      );
      const edge = light.filter(
        (_, i) => i < width || i >= plane - width || i % width === 0 || i % width === width - 1,
      );
      const turned = edge.reduce((sum, v) => sum + v, 0) / edge.length > 0.5;
      light.forEach((v, i) => {
        numbers[i] = Math.round(top * (turned ? 1 - v : v));
      });
    }
    this.numbers = numbers;
    this.said.textContent = `${file.name}, ${width} × ${height}`;
    this.paint();
    this.tell();
  }
}
