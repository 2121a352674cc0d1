// The changes of a person that the server has not answered yet, and which of them are one step to undo.

/**
 * A change of settings. `sliding`: by a slider that is still held.
 * @typedef {object} Change
 * @property {Payload.Changes} changes
 * @property {boolean} sliding
 */

/** The unanswered changes in their order, and the slider that is being dragged. */
export class Queue {
  /** @type {Change[]} */
  pending = [];
  /** @type {string | undefined} the last change, as text, while its slider is held */
  held = undefined;
  /** @type {string | undefined} the slider whose next answer belongs to the same step as its last one */
  dragged = undefined;

  /**
   * Add a change. Returns false if it is none: the slider was released where it was dragged to.
   * @param {Payload.Changes} changes
   * @param {boolean} sliding
   */
  add(changes, sliding) {
    const key = JSON.stringify(changes);
    if (!sliding && key === this.held) {
      this.letGo();
      return false;
    }
    this.held = sliding ? key : undefined;
    this.pending.push({ changes, sliding });
    return true;
  }

  /** The slider is released: the next change, even of the same slider, is another step. */
  letGo() {
    this.held = undefined;
    const last = this.pending.at(-1);
    if (last) last.sliding = false;
    else this.dragged = undefined;
  }

  /**
   * Take out the first changes, which are answered or refused.
   * @param {number} count
   */
  drop(count) {
    this.pending.splice(0, count);
  }

  /**
   * Whether the answer to these changes belongs to the step of the answer before it, because a slider is being dragged.
   * @param {Change[]} sent
   */
  continues(sent) {
    const last = sent.at(-1);
    if (!last) return false;
    const name = Object.keys(last.changes).join(),
      same = this.dragged === name;
    this.dragged = last.sliding ? name : undefined;
    return same;
  }
}
