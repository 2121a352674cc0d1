// The settings of a page as queries: those of now, and those that undo and redo lead to.

/** A person's steps from settings to settings. */
export class Steps {
  query = "";
  /** @type {string[]} where undo leads, the nearest last */
  done = [];
  /** @type {string[]} where redo leads, the nearest last */
  undone = [];

  /**
   * Go to other settings. Undo leads back to those of now.
   * @param {string} query
   */
  go(query) {
    this.done.push(this.query);
    this.undone = [];
    this.query = query;
  }

  /** Go back one step. Returns whether there was one. */
  undo() {
    return this.move(this.done, this.undone);
  }

  /** Make the last step again that was undone. Returns whether there was one. */
  redo() {
    return this.move(this.undone, this.done);
  }

  /**
   * @param {string[]} from
   * @param {string[]} to
   */
  move(from, to) {
    const query = from.pop();
    if (query === undefined) return false;
    to.push(this.query);
    this.query = query;
    return true;
  }
}
