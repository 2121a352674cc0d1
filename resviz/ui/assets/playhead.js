// Which step of a run is shown: at a pace, step by step, or where the slider is. Nothing here touches the page.

/**
 * How far a run is: its steps, how many of them have records, and whether there will be no more.
 * @typedef {{ steps: number, head: number, ended: boolean }} Extent
 */

/**
 * The nearest step that has a record.
 * @param {number} step
 * @param {number} head how many records there are
 */
const clamp = (step, head) => Math.max(1, Math.min(Math.floor(step), Math.max(1, head)));

export class Playhead {
  playing = false;
  from = 1; // the step at which this run was first shown
  cursor = 1; // the step that is shown
  position = 1; // the same, with a fraction of a step
  /** When it last moved, in ms. @type {number | undefined} */
  moved = undefined;

  /**
   * Show another run.
   * @param {number} step
   * @param {boolean} playing
   */
  begin(step, playing) {
    this.playing = playing;
    this.from = Math.max(1, step);
    this.goTo(this.from);
  }

  /**
   * Show a step. It may be ahead of the records until they arrive.
   * @param {number} step
   */
  goTo(step) {
    this.position = step;
    this.cursor = step;
  }

  /**
   * Pause, or play: from the start where there is nothing more to play.
   * @param {Extent} extent
   * @param {number} now
   */
  toggle({ head, ended }, now) {
    if (!this.playing && ended && this.cursor >= head) this.position = 1;
    this.playing = !this.playing;
    this.moved = now;
  }

  /**
   * Pause, and go so many steps on or back.
   * @param {number} by
   * @param {Extent} extent
   */
  step(by, { steps, head, ended }) {
    this.playing = false;
    this.goTo(Math.max(1, Math.min(this.cursor + by, ended ? head : steps)));
  }

  /**
   * Pause at the nearest step that has a record.
   * @param {number} step
   * @param {Extent} extent
   */
  scrub(step, { head }) {
    this.playing = false;
    this.goTo(clamp(step, head));
  }

  /**
   * Pause at the end of a run whose records are on their way; `settle` shows as much of them as has arrived.
   * @param {Pick<Extent, "steps">} extent
   */
  toEnd({ steps }) {
    this.playing = false;
    this.position = steps;
  }

  /** @param {Extent} extent */
  settle({ head }) {
    this.cursor = clamp(this.position, head);
  }

  /**
   * Move on to the time `now`; at the end of the run, pause. Returns whether something has changed.
   * @param {number} now
   * @param {number} pace in steps per second
   * @param {Extent} extent
   */
  advance(now, pace, { head, ended }) {
    const { cursor, playing } = this;
    if (playing) {
      const gone = pace === Infinity ? Infinity : (pace * (now - (this.moved ?? now))) / 1000;
      this.position = Math.max(1, Math.min(head, this.position + gone));
      this.cursor = clamp(this.position, head);
      if (ended && head && this.cursor >= head) this.playing = false;
    }
    this.moved = now;
    return this.cursor !== cursor || this.playing !== playing;
  }
}
