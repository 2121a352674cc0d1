// Which point is pointed at: by a mouse that passes over it, by a click or a tap that holds it, or by keys.

/** @import { Points } from "./points.js" */

/** @type {Record<string, [dx: number, dy: number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pointing {
  /** @type {number | undefined} the point */
  point;
  held = false; // until it is let go
  keyed = false; // it was found by keys

  /**
   * @param {() => void} changed is called with another point, or none
   * @param {(by: number) => void} blocks goes so many blocks on
   */
  constructor(changed, blocks) {
    this.changed = changed;
    this.blocks = blocks;
  }

  /**
   * @param {number | undefined} point
   * @param {boolean} [held]
   */
  mark(point, held = false) {
    if (point === this.point && held === this.held) return;
    this.point = point;
    this.held = held && point !== undefined;
    this.changed();
  }

  /**
   * Listen to a picture.
   * @param {Points} points
   * @param {string} keys id of what says the keys
   */
  listen(points, keys) {
    const { canvas } = points;
    /** @param {MouseEvent} event */
    const under = (event) => {
      const { left, top } = canvas.getBoundingClientRect();
      return points.nearest(event.clientX - left - canvas.clientLeft, event.clientY - top - canvas.clientTop);
    };
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-describedby", keys);
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      const point = under(event);
      canvas.style.cursor = point === undefined ? "" : "pointer";
      if (this.held) return;
      this.keyed = false;
      this.mark(point);
    });
    canvas.addEventListener("pointerleave", () => {
      if (!this.held && !this.keyed) this.mark(undefined);
    });
    canvas.addEventListener("click", (event) => {
      const point = under(event);
      this.keyed = false;
      this.mark(point, !(this.held && this.point === point));
    });
    canvas.addEventListener("blur", () => {
      if (!this.held) this.mark(undefined);
    });
    canvas.addEventListener("keydown", (event) => this.onKey(event, points));
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Points} points
   */
  onKey(event, points) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    if (move) {
      this.keyed = true;
      this.mark(this.point === undefined ? points.middle() : points.towards(this.point, ...move), this.held);
    } else if (event.key === "[" || event.key === "]") this.blocks(event.key === "]" ? 1 : -1);
    else if (event.key === "Enter" || event.key === " ") this.mark(this.point ?? points.middle(), !this.held);
    else if (event.key === "Escape" && this.point !== undefined) this.mark(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
