// Records of a run and the traces made from them. Figures are described in Python; what stands here must agree with
// resviz/figures/live.py, number by number (tests/browser holds them against each other).

const ARMS = ["residual", "plain"];

class Records {
  constructor() { this.list = []; this.span = {}; }

  get head() { return this.list.length; }

  append(from, records) {
    if (from < this.list.length) { this.list.length = from; this.span = {}; }
    for (const record of records) this.list.push(record);
  }

  // Steps and values of one measured quantity, where it was measured, up to step `cursor`.
  column(arm, name, cursor) {
    const x = [], y = [];
    for (const r of this.list) {
      if (r.step > cursor) break;
      const value = r[arm]?.[name];
      if (value !== undefined) { x.push(r.step); y.push(value); }
    }
    return [x, y];
  }

  // A layerwise vector: the first one measured, or the newest one by step `cursor`.
  vector(arm, name, at, cursor) {
    if (at === "first") return this.list.find((r) => r.step <= cursor && r[arm]?.[name])?.[arm][name];
    for (let i = Math.min(cursor, this.list.length) - 1; i >= 0; i--) {
      const value = this.list[i][arm]?.[name];
      if (value) return value;
    }
  }

  // The last step up to `cursor` at which either arm measured this.
  newest(name, cursor) {
    for (let i = Math.min(cursor, this.list.length) - 1; i >= 0; i--) {
      if (ARMS.some((arm) => this.list[i][arm]?.[name] !== undefined)) return this.list[i].step;
    }
    return 0;
  }

  // Whole powers of ten around all positive values of both arms up to `cursor`; grows as records are seen.
  decades(name, cursor) {
    let memo = this.span[name];
    if (!memo || memo.upto > cursor) memo = this.span[name] = { upto: 0, low: Infinity, high: -Infinity };
    for (; memo.upto < Math.min(cursor, this.list.length); memo.upto++) {
      for (const arm of ARMS) {
        for (const value of this.list[memo.upto][arm]?.[name] ?? []) {
          if (value > 0) { memo.low = Math.min(memo.low, value); memo.high = Math.max(memo.high, value); }
        }
      }
    }
    if (memo.high === -Infinity) return undefined;
    const low = Math.floor(Math.log10(memo.low));
    return [low, Math.max(Math.ceil(Math.log10(memo.high)), low + 1)];
  }
}

const log10 = (value) => (value > 0 ? Math.log10(value) : null);

function fillTrace(bind, records, cursor) {
  if (bind.kind === "series") {
    const [x, y] = records.column(bind.arm, bind.name, cursor);
    return { x, y };
  }
  if (bind.kind === "profile") {
    const vector = records.vector(bind.arm, bind.name, bind.at, cursor) ?? [];
    const x = vector.map((_, i) => i + 1).filter((layer) => layer >= bind.from && (layer - bind.from) % bind.every === 0);
    return { x, y: x.map((layer) => vector[layer - 1]) };
  }
  const [x, vectors] = records.column(bind.arm, bind.name, cursor);
  const layers = vectors[0]?.length ?? 0;
  const y = Array.from({ length: layers }, (_, i) => i + 1);
  return { x, y, z: y.map((layer) => vectors.map((v) => log10(v[layer - 1]))) };
}
