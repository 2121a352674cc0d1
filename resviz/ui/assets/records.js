// Records of a run and the traces made from them. Figures are described in Python; the numbers computed here must equal
// those of resviz/draw/bound.py (tests/browser compares them).

export const ARMS = ["residual", "plain"];

export class Records {
  // `preview` holds the measurements before training; it stands in for the first record until that exists.
  constructor(preview) {
    this.list = [];
    this.span = {};
    this.preview = preview;
    this.version = Records.made = (Records.made ?? 0) + 1; // new for each object: figures are redrawn even at the same step
  }

  get head() {
    return this.list.length;
  }

  get any() {
    return this.head > 0 || this.preview !== undefined;
  }

  // The records that vectors are read from: the preview while there are no records.
  get told() {
    return this.head || !this.preview ? this.list : [this.preview];
  }

  append(from, records) {
    if (from < this.list.length) {
      this.list.length = from;
      this.span = {};
    }
    for (const record of records) this.list.push(record);
  }

  // The number of first steps for which both hold the same records.
  shared(other) {
    const same = (a, b) => ARMS.every((arm) => a[arm]?.loss === b[arm]?.loss && a[arm]?.accuracy === b[arm]?.accuracy);
    let n = 0;
    while (n < this.head && n < other.head && same(this.list[n], other.list[n])) n++;
    return n;
  }

  // The steps up to `cursor` at which a quantity was measured, and its values there.
  column(arm, name, cursor) {
    const x = [],
      y = [];
    for (const r of this.list) {
      if (r.step > cursor) break;
      const value = r[arm]?.[name];
      if (value !== undefined) {
        x.push(r.step);
        y.push(value);
      }
    }
    return [x, y];
  }

  // A vector with one value per layer: the first one measured, or the newest one up to step `cursor`.
  vector(arm, name, at, cursor) {
    const { told } = this;
    if (at === "first") return told.find((r) => r.step <= cursor && r[arm]?.[name])?.[arm][name];
    for (let i = Math.min(cursor, told.length) - 1; i >= 0; i--) {
      const value = told[i][arm]?.[name];
      if (value) return value;
    }
  }

  // The last step up to `cursor` at which either arm measured this.
  newest(name, cursor) {
    for (let i = Math.min(cursor, this.told.length) - 1; i >= 0; i--) {
      if (ARMS.some((arm) => this.told[i][arm]?.[name] !== undefined)) return this.told[i].step;
    }
    return 0;
  }

  // [low, high] exponents of the powers of ten that enclose all positive values of both arms up to `cursor`; cached in `span`.
  decades(name, cursor) {
    let memo = this.span[name];
    if (!memo || memo.upto > cursor) memo = this.span[name] = { upto: 0, low: Infinity, high: -Infinity };
    const { told } = this;
    if (memo.preview !== (told !== this.list))
      Object.assign(memo, { upto: 0, low: Infinity, high: -Infinity, preview: told !== this.list });
    for (; memo.upto < Math.min(cursor, told.length); memo.upto++) {
      for (const arm of ARMS) {
        for (const value of told[memo.upto][arm]?.[name] ?? []) {
          if (value > 0) {
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

// Return the findings with those after step `from` replaced by the ones in `records`.
export function withFindings(findings, from, records) {
  return [
    ...findings.filter((f) => f.step <= from),
    ...records.filter((r) => r.finding).map((r) => ({ step: r.step, text: r.finding })),
  ];
}

const log10 = (value) => (value > 0 ? Math.log10(value) : null);

export function fillTrace(bind, records, cursor) {
  if (bind.kind === "series") {
    const [x, y] = records.column(bind.arm, bind.name, cursor);
    return { x, y };
  }
  if (bind.kind === "profile") {
    const vector = records.vector(bind.arm, bind.name, bind.at, cursor) ?? [];
    const x = vector
      .map((_, i) => i + 1)
      .filter((layer) => layer >= bind.from && (layer - bind.from) % bind.every === 0);
    return { x, y: x.map((layer) => vector[layer - 1]) };
  }
  if (bind.kind === "slope") return slope(bind, records.vector(bind.arm, bind.name, "cursor", cursor) ?? []);
  if (bind.kind === "edge") {
    const span = records.decades(bind.name, cursor),
      vector = records.vector(bind.arm, bind.name, "cursor", cursor) ?? [];
    const x = span ? vector.map((v, i) => ((bind.over ? v === null : v === 0) ? i + 1 : 0)).filter(Boolean) : [];
    return { x, y: x.map(() => 10 ** span[bind.over ? 1 : 0]), text: x.map((_, i) => (i ? "" : bind.says)) };
  }
  const [x, vectors] = records.column(bind.arm, bind.name, cursor);
  const layers = vectors[0]?.length ?? 0;
  const y = Array.from({ length: layers }, (_, i) => i + 1);
  return { x, y, z: y.map((layer) => vectors.map((v) => log10(v[layer - 1]))) };
}

function slope({ factor, per, back, level }, vector) {
  const layers = vector.map((_, i) => i + 1);
  const start = (back ? layers.toReversed() : layers).find((n) => vector[n - 1] > 0);
  if (!start) return { x: [], y: [] };
  const height = Math.log10(level ?? vector[start - 1]),
    rise = (Math.log10(factor) / per) * (back ? -1 : 1);
  const logs = layers.map((n) => [n, height + rise * (n - start)]).filter(([, y]) => Math.abs(y) < 300);
  return { x: logs.map(([n]) => n), y: logs.map(([, y]) => 10 ** y) };
}
