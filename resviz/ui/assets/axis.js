// The x axis of the drawing: which layers are shown, where each block stands, and which blocks are drawn as one group.
// Nothing here touches the page.

export const LEFT = 68; // margins, as in resviz/draw/profile.py
const RIGHT = 12;
const SINGLE = 13; // px: blocks closer together than this are drawn as counted groups
const GROUP = 54; // px: least width of a group
const SIZES = [2, 5, 10, 20, 25, 50, 100, 200, 600]; // of groups, in blocks

/** @typedef {[low: number, high: number]} Layers A range of layers. */
/** @typedef {[first: number, last: number]} Item What is drawn as one: a single block, or a group of equal blocks. */

/** Where the blocks of one network stand, in layers and in px. */
export class Axis {
  /** The layers that are shown. @type {Layers} */
  window;
  /** All layers. @type {Layers} */
  full;

  /**
   * @param {Payload.Network} network
   * @param {number} width px
   */
  constructor(network, width) {
    this.network = network;
    this.width = width;
    this.full = [0.5, network.depth + 0.5];
    this.window = this.full;
  }

  get zoomed() {
    return this.window !== this.full;
  }

  /** The width of the axis without its margins, in px. */
  get length() {
    return this.width - LEFT - RIGHT;
  }

  /** How many px one layer is wide. */
  get layer() {
    return this.x(1) - this.x(0);
  }

  /** How many px lie between two blocks. */
  get pitch() {
    return this.network.per * this.layer;
  }

  /**
   * Where a layer is, in px.
   * @param {number} layer
   */
  x(layer) {
    const [low, high] = this.window;
    return LEFT + ((layer - low) / (high - low)) * this.length;
  }

  /**
   * The layer at a place in px.
   * @param {number} x
   */
  layerAt(x) {
    const [low, high] = this.window;
    return low + ((x - LEFT) / this.length) * (high - low);
  }

  /**
   * The x position of block n, in layers: the middle of its layers.
   * @param {number} n
   */
  centre(n) {
    return this.network.stem + (n - 0.5) * this.network.per + 0.5;
  }

  /**
   * The kind of shortcut n; undefined if the network has none.
   * @param {number} n
   * @returns {string | undefined}
   */
  kind(n) {
    return this.network.shortcuts[n - 1];
  }

  /**
   * The range of layers to show if this one is wanted: it lies inside the network and is not too narrow.
   * @param {Layers} wanted
   * @returns {Layers}
   */
  fit([low, high]) {
    const { full } = this;
    const whole = full[1] - full[0];
    const least = Math.min(whole, 4 * this.network.per);
    const span = Math.min(whole, Math.max(least, high - low));
    const start = Math.max(full[0], Math.min((low + high - span) / 2, full[1] - span));
    return span >= whole * 0.999 ? full : [start, start + span];
  }

  /** [first, last] block of each item to draw: single blocks, or groups of equal blocks where single ones would be too narrow. */
  items() {
    const { blocks, stages } = this.network;
    const { pitch } = this;
    if (pitch >= SINGLE || blocks < 3)
      return Array.from({ length: blocks }, (_, i) => /** @type {Item} */ ([i + 1, i + 1]));
    const size = SIZES.find((n) => n * pitch >= GROUP) ?? 600;
    /** @type {Item[]} */
    const items = [];
    for (const [i, stage] of stages.entries()) {
      const last = (stages[i + 1]?.first ?? blocks + 1) - 1;
      let first = stage.first;
      if (i > 0) {
        items.push([first, first]); // the block that changes the shape is never grouped
        first += 1;
      }
      while (first <= last) {
        const rest = last - first + 1;
        const end = rest < 2 * size ? last : first + size - 1;
        items.push([first, end]);
        first = end + 1;
      }
    }
    return items;
  }

  /** The items of which something is to be seen, and those close to the edge. */
  seen() {
    const [low, high] = this.window;
    const near = 1.5 * this.network.per;
    return this.items().filter(([a, b]) => this.centre(b) + near > low && this.centre(a) - near < high);
  }
}

/**
 * Numbers in words: "3, 7, 10 to 12".
 * @param {Iterable<number>} numbers
 */
export function spoken(numbers) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([a, b]) => (a === b ? `${a}` : b === a + 1 ? `${a}, ${b}` : `${a} to ${b}`)).join(", ");
}
