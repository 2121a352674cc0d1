// Records of a run and the traces made from them. Figures are described in Python; the numbers computed here must equal
// those of resviz/draw/bound.py (tests/harness/test_same_numbers.py compares them).

/**
 * @typedef {"residual" | "plain"} Arm one of the two networks
 * @typedef {(number | null)[]} Vector one value per layer, null where it is not finite
 * @typedef {[number, number]} Span two powers of ten, as exponents
 * @typedef {{step: number, text: string, truth?: [string, string]}} Finding what is found by a step, and the truth of a guess
 */

/**
 * The data of a trace, as plotly reads them.
 * @typedef {{x: number[], y: (number | null)[], z?: (number | null)[][], text?: string[]}} Filled
 */

/** @type {readonly Arm[]} */
export const ARMS = ["residual", "plain"];

/**
 * What was measured of a network at one step; undefined if it was not.
 * @param {Payload.RecordTold} record
 * @param {Arm} arm
 * @param {string} name of a quantity
 */
function measured(record, arm, name) {
  const told = /** @type {Record<string, number | null | Vector | undefined> | undefined} */ (record[arm]);
  return told?.[name];
}

/**
 * The same for a quantity with one value per layer.
 * @param {Payload.RecordTold} record
 * @param {Arm} arm
 * @param {string} name
 */
const layerwise = (record, arm, name) => /** @type {Vector | undefined} */ (measured(record, arm, name));

/** The records of a run, one per step from step 1 on. */
export class Records {
  static made = 0;

  /** @type {Payload.RecordTold[]} */
  list = [];
  /** @type {Record<string, {upto: number, preview: boolean, low: number, high: number}>} */
  span = {};

  /** @param {Payload.RecordTold} [preview] the measurements before training; stands in for the first record until that exists */
  constructor(preview) {
    this.preview = preview;
    Records.made += 1;
    this.version = Records.made; // new for each object: figures are redrawn even at the same step
  }

  get head() {
    return this.list.length;
  }

  get any() {
    return this.head > 0 || this.preview !== undefined;
  }

  /** The records that vectors are read from: the preview while there are no records. */
  get told() {
    return this.head || !this.preview ? this.list : [this.preview];
  }

  /**
   * Take over records from the one with index `from` on; those that were there are replaced.
   * @param {number} from
   * @param {Payload.RecordTold[]} records
   */
  append(from, records) {
    if (from < this.list.length) {
      this.list.length = from;
      this.span = {};
    }
    for (const record of records) this.list.push(record);
  }

  /**
   * The number of first steps for which both hold the same records.
   * @param {Records} other
   */
  shared(other) {
    /** @type {(a: Payload.RecordTold, b: Payload.RecordTold) => boolean} */
    const same = (a, b) => ARMS.every((arm) => a[arm]?.loss === b[arm]?.loss && a[arm]?.accuracy === b[arm]?.accuracy);
    let n = 0;
    while (n < this.head && n < other.head && same(this.list[n], other.list[n])) n++;
    return n;
  }

  /**
   * The steps up to `cursor` at which a quantity was measured, and its values there.
   * @param {Arm} arm
   * @param {string} name
   * @param {number} cursor
   * @returns {[number[], (number | null | Vector)[]]}
   */
  column(arm, name, cursor) {
    const x = [],
      y = [];
    for (const r of this.list) {
      if (r.step > cursor) break;
      const value = measured(r, arm, name);
      if (value !== undefined) {
        x.push(r.step);
        y.push(value);
      }
    }
    return [x, y];
  }

  /**
   * A vector with one value per layer: the first one measured, or the newest one up to step `cursor`.
   * @param {Arm} arm
   * @param {string} name
   * @param {"first" | "cursor"} at
   * @param {number} cursor
   * @returns {Vector | undefined}
   */
  vector(arm, name, at, cursor) {
    const { told } = this;
    if (at === "first") {
      const first = told.find((r) => r.step <= cursor && layerwise(r, arm, name));
      return first && layerwise(first, arm, name);
    }
    for (let i = Math.min(cursor, told.length) - 1; i >= 0; i--) {
      const value = layerwise(told[i], arm, name);
      if (value) return value;
    }
    return undefined;
  }

  /**
   * The last step up to `cursor` at which either arm measured this; 0 if none did.
   * @param {string} name
   * @param {number} cursor
   */
  newest(name, cursor) {
    const { told } = this;
    for (let i = Math.min(cursor, told.length) - 1; i >= 0; i--) {
      if (ARMS.some((arm) => measured(told[i], arm, name) !== undefined)) return told[i].step;
    }
    return 0;
  }

  /**
   * The exponents of the powers of ten that enclose all positive values of both arms up to `cursor`; undefined if there are
   * none. Cached in `span`.
   * @param {string} name
   * @param {number} cursor
   * @returns {Span | undefined}
   */
  decades(name, cursor) {
    const { told } = this,
      preview = told !== this.list;
    let memo = this.span[name];
    if (!memo || memo.upto > cursor || memo.preview !== preview) {
      memo = { upto: 0, preview, low: Infinity, high: -Infinity };
      this.span[name] = memo;
    }
    for (; memo.upto < Math.min(cursor, told.length); memo.upto++) {
      for (const arm of ARMS) {
        for (const value of layerwise(told[memo.upto], arm, name) ?? []) {
          if (value !== null && value > 0) {
            memo.low = Math.min(memo.low, value);
            memo.high = Math.max(memo.high, value);
          }
        }
      }
    }
    if (memo.high === -Infinity) return undefined;
    const low = Math.floor(Math.log10(memo.low));
    return [low, Math.max(Math.ceil(Math.log10(memo.high)), low + 1)];
  }
}

/**
 * Return the findings with those after step `from` replaced by the ones in `records`.
 * @param {Finding[]} findings
 * @param {number} from
 * @param {Payload.RecordTold[]} records
 * @returns {Finding[]}
 */
export function withFindings(findings, from, records) {
  return [
    ...findings.filter((f) => f.step <= from),
    ...records.flatMap((r) =>
      r.finding ? [{ step: r.step, text: r.finding, ...(r.truth && { truth: r.truth }) }] : [],
    ),
  ];
}

/** @type {(value: number | null) => number | null} */
const log10 = (value) => (value !== null && value > 0 ? Math.log10(value) : null);

/**
 * The data of a trace as of step `cursor`; resviz/draw/bound.py says what each bind means.
 * @param {Payload.Bind} bind
 * @param {Records} records
 * @param {number} cursor
 * @param {Span} [span] the powers of ten that its axis ends at
 * @returns {Filled}
 */
export function fillTrace(bind, records, cursor, span) {
  const newest = () => records.vector(bind.arm, bind.name, "cursor", cursor) ?? [];
  switch (bind.kind) {
    case "series": {
      const [x, values] = records.column(bind.arm, bind.name, cursor);
      return { x, y: /** @type {(number | null)[]} */ (values) };
    }
    case "profile":
      return profile(bind, records.vector(bind.arm, bind.name, bind.at, cursor) ?? []);
    case "slope":
      return slope(bind, newest());
    case "edge":
      return edge(bind, newest(), span ?? records.decades(bind.name, cursor));
    case "heatmap": {
      const [x, values] = records.column(bind.arm, bind.name, cursor);
      return heatmap(x, /** @type {Vector[]} */ (values));
    }
  }
}

/** @type {(bind: Payload.ProfileBind, vector: Vector) => Filled} */
function profile({ from, every }, vector) {
  const x = vector.map((_, i) => i + 1).filter((layer) => layer >= from && (layer - from) % every === 0);
  return { x, y: x.map((layer) => vector[layer - 1]) };
}

/** @type {(steps: number[], vectors: Vector[]) => Filled} */
function heatmap(steps, vectors) {
  const layers = vectors[0]?.length ?? 0;
  const y = Array.from({ length: layers }, (_, i) => i + 1);
  return { x: steps, y, z: y.map((layer) => vectors.map((v) => log10(v[layer - 1]))) };
}

/** @type {(bind: Payload.SlopeBind, vector: Vector) => Filled} */
function slope({ factor, per, back, level }, vector) {
  const layers = vector.map((_, i) => i + 1);
  const start = (back ? layers.toReversed() : layers).find((n) => (vector[n - 1] ?? 0) > 0);
  if (!start) return { x: [], y: [] };
  const height = Math.log10(level ?? /** @type {number} */ (vector[start - 1])),
    rise = (Math.log10(factor) / per) * (back ? -1 : 1);
  const logs = layers.map((n) => [n, height + rise * (n - start)]).filter(([, y]) => Math.abs(y) < 300);
  return { x: logs.map(([n]) => n), y: logs.map(([, y]) => 10 ** y) };
}

/** @type {(bind: Payload.EdgeBind, vector: Vector, span: Span | undefined) => Filled} */
function edge({ over, says }, vector, span) {
  if (!span) return { x: [], y: [], text: [] };
  const x = vector.map((v, i) => ((over ? v === null : v === 0) ? i + 1 : 0)).filter(Boolean);
  return { x, y: x.map(() => 10 ** span[over ? 1 : 0]), text: x.map((_, i) => (i ? "" : says)) };
}
