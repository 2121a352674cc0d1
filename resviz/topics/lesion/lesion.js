// Drawing of a trained network: a click removes a block or cuts a shortcut after training.

import { Drawing } from "../../ui/assets/drawing.js";

export default class Lesion {
  // choose({lesion, sever}) is called with block numbers as comma-separated text.
  constructor(root, choose, cards) {
    Object.assign(this, { choose, cards });
    this.drawing = new Drawing(root, ["residual", "plain"], {
      toggle: (part, n) => this.toggle(part, n),
      window: () => undefined,
    });
  }

  show(data) {
    const shape = JSON.stringify(data.network);
    if (shape !== this.shape) {
      this.shape = shape;
      this.drawing.show(data.network);
    }
    this.data = data;
    if (this.cards.settled || !this.lesion)
      Object.assign(this, { lesion: new Set(data.lesion), sever: new Set(data.sever) });
    this.drawing.shade(data.shades);
    this.paint();
  }

  toggle(part, n) {
    const chosen = part === "cut" ? this.sever : this.lesion,
      fixed = part === "cut" ? this.data.cut : this.data.removed;
    if (fixed.includes(n)) return; // it was trained without it
    if (!chosen.delete(n)) chosen.add(n);
    this.paint(); // at once; the measured numbers follow
    const words = (set) => [...set].sort((a, b) => a - b).join(",");
    this.choose({ lesion: words(this.lesion), sever: words(this.sever) });
  }

  paint() {
    this.drawing.set([...this.data.cut, ...this.sever], [...this.data.removed, ...this.lesion]);
  }

  dispose() {
    this.drawing.dispose();
  }
}
