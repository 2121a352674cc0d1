// Mouse and keyboard in the drawing: which item has the focus, and what a click, a key, the wheel and a drag do.

/** @import {Axis, Layers} from "./axis.js" */

/** @typedef {"cut" | "remove"} Part What a click on a shortcut asks for, and on a block. */

/**
 * What is steered: the drawing.
 * @typedef {object} Steered
 * @property {SVGSVGElement} svg
 * @property {readonly string[]} arms
 * @property {Axis | undefined} axis of the network that is shown
 * @property {{ toggle: (part: Part, n: number) => void }} on
 * @property {(layers: Layers | undefined) => void} zoom
 * @property {(factor: number, centre?: number) => void} zoomBy
 */

const DRAG = 4; // px: a pointer that moves less than this clicks

/** A block, a shortcut or a group. @param {Element | null} node */
const itemOf = (node) => {
  const item = node?.closest("[data-n]");
  return item instanceof SVGElement ? item : undefined;
};

/** @param {Event} event */
const itemAt = (event) => itemOf(event.target instanceof Element ? event.target : null);

export class Steering {
  at = 1; // the block that has the focus, or had it last
  part = "cut"; // what of it: "cut" its shortcut, "remove" the block itself, "group"
  dragged = false; // the click that ends a drag does nothing

  /** @param {Steered} drawing */
  constructor(drawing) {
    this.drawing = drawing;
    const { svg } = drawing;
    svg.addEventListener("click", (event) => this.onClick(event));
    svg.addEventListener("keydown", (event) => this.onKey(event));
    svg.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.onDown(event));
    svg.addEventListener("focusin", (event) => {
      const item = itemAt(event);
      if (!item) return;
      this.at = Number(item.dataset.n);
      this.part = item.dataset.part ?? this.part;
    });
  }

  /**
   * Stay inside a network of so many blocks.
   * @param {number} blocks
   */
  keepWithin(blocks) {
    this.at = Math.min(this.at, Math.max(1, blocks));
  }

  /**
   * Only one item of the row can be reached with Tab; arrow keys move from there.
   * @param {boolean} focus whether it gets the focus, too
   */
  rove(focus) {
    const { svg, arms } = this.drawing;
    /** @type {NodeListOf<SVGElement>} */
    const items = svg.querySelectorAll("[data-n]");
    const all = [...items].filter((node) => (node.dataset.arm ?? arms[0]) === arms[0]);
    const best = all.sort((a, b) => this.distance(a) - this.distance(b))[0];
    if (!best) return;
    svg.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    best.setAttribute("tabindex", "0");
    if (focus) best.focus({ preventScroll: true });
  }

  /**
   * How far an item is from the one that had the focus.
   * @param {SVGElement} item
   */
  distance({ dataset: { n, last, part } }) {
    const first = Number(n);
    const inside = last !== undefined && this.at >= first && this.at <= Number(last);
    return Math.abs(first - this.at) + (part === this.part ? 0 : 0.5) - (inside ? 1e6 : 0);
  }

  /**
   * Open a group; cut, remove, restore anything else.
   * @param {SVGElement} item
   */
  act(item) {
    const { axis } = this.drawing;
    const { n, last, part } = item.dataset;
    if (!axis) return;
    this.at = Number(n);
    if (part === "cut" || part === "remove") {
      this.part = part;
      this.rove(false);
      this.drawing.on.toggle(part, this.at);
      return;
    }
    const { per, shortcuts } = axis.network;
    this.part = shortcuts.length ? "cut" : "remove";
    this.drawing.zoom([axis.centre(this.at) - per, axis.centre(Number(last)) + per]);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    if (this.dragged) {
      this.dragged = false;
      return;
    }
    const item = itemAt(event);
    if (item) this.act(item);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { drawing } = this;
    const { axis } = drawing;
    if (!axis || event.ctrlKey || event.metaKey || event.altKey) return;
    const item = itemAt(event);
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowRight: () => this.move(1, axis, item, event.shiftKey),
      ArrowLeft: () => this.move(-1, axis, item, event.shiftKey),
      ArrowUp: () => this.turnTo("cut"),
      ArrowDown: () => this.turnTo("remove"),
      Home: () => this.goTo(1, axis),
      End: () => this.goTo(axis.network.blocks, axis),
      " ": () => item && this.act(item),
      Enter: () => item && this.act(item),
      "+": () => drawing.zoomBy(0.5, axis.centre(this.at)),
      "=": () => drawing.zoomBy(0.5, axis.centre(this.at)),
      "-": () => drawing.zoomBy(2, axis.centre(this.at)),
      Escape: () => drawing.zoom(undefined),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /**
   * Move the focus by blocks or, with Shift, the range of layers by a quarter.
   * @param {1 | -1} by
   * @param {Axis} axis
   * @param {SVGElement | undefined} item
   * @param {boolean} shift
   */
  move(by, axis, item, shift) {
    if (shift) {
      const [low, high] = axis.window;
      const step = (by * (high - low)) / 4;
      this.drawing.zoom([low + step, high + step]);
      return;
    }
    const { n, last } = item?.dataset ?? { n: this.at, last: undefined };
    this.goTo(Number(by > 0 && last ? last : n) + by, axis);
  }

  /**
   * Go to the shortcut of this block, or to the block itself.
   * @param {Part} part
   */
  turnTo(part) {
    this.part = part;
    this.rove(true);
  }

  /**
   * Give block n the focus; where it is not to be seen, show the layers around it.
   * @param {number} n
   * @param {Axis} axis
   */
  goTo(n, axis) {
    const { per, blocks } = axis.network;
    this.at = Math.max(1, Math.min(n, blocks));
    const [low, high] = axis.window;
    const at = axis.centre(this.at);
    if (at - per / 2 < low || at + per / 2 > high) {
      const by = at < (low + high) / 2 ? at - per - low : at + per - high;
      this.drawing.zoom([low + by, high + by]);
    }
    this.rove(true);
  }

  /** @param {WheelEvent} event */
  onWheel(event) {
    const { axis } = this.drawing;
    if (!axis || (!event.ctrlKey && !event.metaKey)) return; // without Ctrl the wheel scrolls the page
    event.preventDefault();
    this.drawing.zoomBy(Math.exp(event.deltaY / 300), axis.layerAt(event.offsetX));
  }

  /**
   * Drag the range of layers.
   * @param {PointerEvent} event
   */
  onDown(event) {
    const { axis } = this.drawing;
    if (!axis?.zoomed || event.button) return;
    const start = event.clientX;
    const [low, high] = axis.window;
    const scale = (high - low) / axis.length;
    /** @param {PointerEvent} e */
    const move = (e) => {
      if (Math.abs(e.clientX - start) < DRAG && !this.dragged) return;
      this.dragged = true;
      const by = (start - e.clientX) * scale;
      this.drawing.zoom([low + by, high + by]);
    };
    const up = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      setTimeout(() => {
        this.dragged = false;
      }, 0);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
  }
}
