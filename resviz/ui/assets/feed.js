// The run on screen: its records as they arrive, how it stands, and how far it is wanted.

import { afterAbsence, leave, meanwhile, placeOf } from "./absence.js";
import { fetchMissing } from "./ask.js";
import { Records, withFindings } from "./records.js";
import { ENDED, FOREVER, Stream } from "./stream.js";

/** @import {Place} from "./absence.js" */
/** @import {Playhead} from "./playhead.js" */
/** @import {Finding} from "./records.js" */

/**
 * A run with its records so far; `info` is undefined until the server has said how it stands.
 * @typedef {{ records: Records, findings: Finding[], info?: Payload.RunHead }} Kept
 */

/**
 * What hears of news. `changed`: words or controls show something else. `heard`: records have arrived, `first` the first ones
 * of this run itself. `lost`: the server no longer has the run, and must be asked to make it again.
 * @typedef {{ changed: () => void, heard: (first: boolean) => void, lost: () => void }} Heard
 */

const SILENT = "The server does not answer"; // how the stream's words begin if it does not

/**
 * How a run stands of which the server has said nothing yet.
 * @param {{ digest: string, steps: number }} run
 * @returns {Payload.RunHead}
 */
const unheard = ({ digest, steps }) => ({
  digest,
  steps,
  status: "paused",
  message: "",
  missing: "",
  seconds: 0,
  viewers: 0,
  device: "",
  arms: null,
  position: 0,
});

export class Feed {
  /** Undefined until one is shown. @type {Payload.RunTold | undefined} */
  run = undefined;
  records = new Records();
  /** @type {Finding[]} */
  findings = [];
  info = unheard({ digest: "", steps: 1 });
  /** Whether the run had ended before it was shown; undefined until the server says. @type {boolean | undefined} */
  fromStore = undefined;
  replays = false; // it is played from its first step, also if it has ended
  problem = ""; // what went wrong in this view
  fetching = ""; // how a download stands
  meanwhile = ""; // what went on while nobody looked
  /** Where it was when it was last looked at, until it is said what went on since. @type {Place | undefined} */
  left = undefined;
  /** Where it was when it was last left. @type {Place | undefined} */
  seen = undefined;
  gone = false; // the server no longer has it

  /**
   * @param {Playhead} playhead
   * @param {AbortSignal} signal the view is gone
   * @param {Heard} on
   */
  constructor(playhead, signal, on) {
    this.playhead = playhead;
    this.signal = signal;
    this.on = on;
    this.stream = new Stream({
      hear: (state) => this.receive(state),
      wanted: () => this.wanted,
      head: () => this.records.head,
      trouble: (words) => this.complain(words),
      lost: () => {
        this.left = this.place;
        this.gone = true;
        this.on.lost();
      },
    });
    afterAbsence(signal, () => {
      if (this.ended) return;
      this.left = this.seen ?? this.place;
      this.open();
    });
    window.addEventListener("pagehide", () => this.leave(), { signal });
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.hidden) this.leave();
        else this.seen = undefined; // after it has been said what went on since
      },
      { signal },
    );
  }

  /** What is shown now. @returns {Place} */
  get place() {
    const { playhead, records, ended } = this;
    return { step: playhead.cursor, playing: playhead.playing, head: records.head, ended, at: Date.now() };
  }

  /** Remember what is shown, for whoever comes back to this run. */
  leave() {
    this.seen = this.place;
    if (this.run && this.records.head) leave(this.run.digest, this.place);
  }

  get ended() {
    return ENDED.includes(this.info.status);
  }

  /** How far the run is, for the playhead. */
  get extent() {
    return { steps: this.info.steps, head: this.records.head, ended: this.ended };
  }

  /** The step that the run should reach: 0 before training, where the preview is enough. */
  get wanted() {
    const { playing, cursor } = this.playhead;
    return playing ? FOREVER : this.records.preview && cursor <= 1 ? 0 : Math.max(cursor, 1);
  }

  /**
   * Take another run; `open` follows it.
   * @param {Payload.RunTold} run
   * @param {Kept} kept
   * @param {boolean} replays if it has ended, it is played again
   */
  begin(run, { records, findings, info }, replays) {
    this.left = this.run ? undefined : placeOf(run.digest);
    this.run = run;
    this.replays = replays;
    this.records = records;
    this.findings = findings;
    this.info = info ?? unheard(run);
    this.fromStore = undefined;
    this.problem = "";
    this.meanwhile = "";
    this.gone = false;
  }

  /** The server has the run that is on screen, again. */
  resume() {
    if (this.gone) this.open();
    this.gone = false;
  }

  /** Get the records of the run from the last one on. */
  open() {
    if (this.run) this.stream.open(this.run.digest);
  }

  /** @param {Payload.RunState} state */
  receive(state) {
    const { run, playhead } = this;
    if (!run || state.digest !== run.digest) return;
    const { records, from, ...info } = state;
    if (this.problem.startsWith(SILENT)) this.problem = "";
    if (from > this.records.head) {
      this.open(); // a gap: request again from the last record
      return;
    }
    this.fromStore ??= info.status === "finished";
    if (this.fromStore && playhead.cursor === 1 && playhead.playing && !this.replays) playhead.toEnd(info);
    const first = !this.records.head || this.records.head === run.lineage.at(-1)?.at;
    if (from < this.records.head) this.left ??= this.place; // the server has fewer: it was started again
    this.records.append(from, records);
    this.findings = withFindings(this.findings, from, records);
    this.info = info;
    if (this.left) this.meanwhile = meanwhile(this.left, { ...info, head: this.records.head });
    this.left = undefined;
    if (this.fromStore && !playhead.playing) playhead.settle(this.extent);
    if (this.ended) this.stream.close();
    this.on.heard(first && records.length > 0);
  }

  /** Tell the server that the wanted step has changed; when polling, the next request tells it. */
  want() {
    this.meanwhile = "";
    if (this.stream.listening && !this.ended) this.stream.post("want", `&until=${this.wanted}`);
  }

  /** Start a failed or cancelled run again from its first step, and play, since the view pauses when a run ends. */
  async startOver() {
    const { run } = this;
    await this.stream.post("restart");
    if (run !== this.run || this.signal.aborted) return;
    this.info = { ...this.info, status: "paused" }; // the earlier attempt's end must not stop this one
    this.records.append(0, []);
    this.playhead.goTo(1);
    this.playhead.playing = true;
    this.open();
  }

  /** Fetch the missing data set, then start the run over. */
  async fetchData() {
    /** @param {string} words */
    const tell = (words) => {
      this.fetching = words;
      this.on.changed();
    };
    try {
      await fetchMissing(this.info.missing, tell, this.signal);
    } catch (error) {
      this.info.message = /** @type {Error} */ (error).message;
      return;
    } finally {
      tell("");
    }
    if (!this.signal.aborted) await this.startOver();
  }

  /**
   * Say in the status line what went wrong, until a run is shown anew.
   * @param {string} words
   */
  complain(words) {
    this.problem = words;
    this.on.changed();
  }

  dispose() {
    this.leave();
    this.stream.dispose();
  }
}
