// Cards with plotly figures that repaint in place from records.

import { el, toRgb } from "./dom.js";
import { fillTrace } from "./records.js";

const HEATMAP_MS = 1000; // least time between repaints of a heatmap: costly, and it changes little per step
const WHOLE_MS = 12000; // while live, longest time between full repaints by plotly; quick updates in between
// Whether browser and training share a machine with few cores.
export const SHARED =
  ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname) && (navigator.hardwareConcurrency ?? 2) < 4;
const TURNS = 3;

// On a log scale, turn values of 0 or less into gaps; plotly would draw a line down to them.
const drawable = (filled, log) =>
  log && !filled.z ? { ...filled, y: filled.y.map((v) => (v > 0 ? v : null)) } : filled;

export class Plots {
  // scene() returns what to show now: {records, cursor, steps, live, ghosts: [{records, from, says}], forks: [step]}.
  // zoomed([low, high] or undefined) is called when the user zooms a figure that shares the drawing's x axis.
  constructor(root, scene, zoomed) {
    Object.assign(this, { root, scene, zoomed, cards: [] });
    this.seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const card = this.cards.find((c) => c.box === entry.target);
          if (card) Object.assign(card, { visible: entry.isIntersecting, most: entry.intersectionRatio > 0.35 });
        }
      },
      { threshold: [0, 0.35] },
    );
  }

  make(figures) {
    this.clear();
    this.window = undefined;
    this.cards = figures.map((template) => {
      const plot = el("div", { class: "rv-plot", role: "img", "aria-label": template.title });
      const table = el("div", { class: "rv-table" });
      const details = el(
        "details",
        { class: "rv-data" },
        el("summary", { title: "These numbers as a table" }, "table"),
        table,
      );
      const note = el("small", {}, template.note);
      const box = el(
        "section",
        { class: `rv-card rv-area-${template.id}`, "aria-label": template.title },
        el("h3", { hidden: template.bare }, template.title, note, details),
        plot,
      );
      const card = { template, plot, box, note, table, details, visible: true, painted: 0, key: "" };
      box.addEventListener("pointerenter", () => {
        card.hovered = true;
      });
      box.addEventListener("pointerleave", () => {
        card.hovered = false;
      });
      details.addEventListener("toggle", () => this.fillTable(card));
      this.seen.observe(box);
      return card;
    });
    return this.cards;
  }

  hold() {} // no animations to pause here

  clear() {
    for (const card of this.cards) {
      this.seen.unobserve(card.box);
      card.lib?.purge(card.plot);
    }
    this.cards = [];
  }

  // Set the range of layers that aligned figures show; undefined for all.
  show(window) {
    this.window = window;
    for (const card of this.cards) if (card.template.aligned) card.key = "";
  }

  // `urgent` repaints at once, without waiting for a figure's turn: "hero" only the first figure, "aligned" those that share the
  // drawing's x axis, "all" every figure.
  paint(now, urgent = "") {
    const { records, cursor: at, live, steps, ghosts = [], forks = [] } = this.scene();
    if (!this.lib || !records.any) return;
    const cursor = Math.min(at, Math.max(1, records.head));
    // Where training needs every core, figures take turns: each is redrawn at every third tick.
    const turn = live && SHARED ? (this.turn = ((this.turn ?? 0) + 1) % TURNS) : undefined;
    const beside = ghosts.map((g) => `${g.says}${g.from}${g.records.head}`).join() + forks.join();
    for (const [index, card] of this.cards.entries()) {
      if (turn !== undefined && index % TURNS !== turn && card.key && !urgent) continue;
      const { bind, type } = card.template.figure.data[0];
      // A figure changes only when its quantity was measured again: test accuracy, for example, is not measured at most steps.
      const series = bind.kind === "series";
      const key = `${records.version} ${steps} ${records.newest(bind.name, cursor)} ${this.themeKey} ${series ? beside : ""}`;
      if (card.key === key) card.shown = cursor;
      if (
        !card.visible ||
        card.key === key ||
        (urgent === "hero" && index) ||
        (urgent === "aligned" && !card.template.aligned)
      )
        continue;
      if (type === "heatmap" && live && (!card.most || now - card.painted < HEATMAP_MS)) continue;
      const whole =
        !live || !card.key || card.hovered || card.beside !== (series && beside) || now - card.painted > WHOLE_MS;
      card.key = key;
      card.shown = cursor;
      if (!whole && this.extend(card, records, cursor)) continue;
      card.painted = now;
      card.beside = series && beside;
      this.fill(card, records, cursor, steps, series ? ghosts : [], series ? forks : []);
    }
  }

  // Quick update while a run is live: write new points into the SVG lines that plotly has drawn, on plotly's axes. A full
  // repaint costs twenty times as much and would slow down training on the same machine; it follows later, to update the hover
  // labels. Returns false where the quick update would not draw the same picture.
  extend(card, records, cursor) {
    const { template, plot } = card;
    const { xaxis, yaxis } = plot._fullLayout ?? {};
    const lines = plot.querySelectorAll(".scatterlayer .trace .js-line");
    const traces = template.figure.data;
    if (!xaxis?.c2p || lines.length !== plot.data.length || card.details.open) return false;
    const span = template.decades && records.decades(template.decades, cursor);
    if (span && String(span) !== card.span) return false;
    const paths = [];
    for (const { bind } of traces) {
      const { x, y } = drawable(fillTrace(bind, records, cursor), span);
      const inside = span || !yaxis.autorange || y.every((v) => v <= yaxis.range[1]);
      if (!x.length || !inside) return false;
      const points = x.map((v, i) =>
        y[i] == null ? "" : `${y[i - 1] == null ? "M" : "L"}${xaxis.c2p(v).toFixed(1)},${yaxis.c2p(y[i]).toFixed(1)}`,
      );
      paths.push({ x, y, d: points.join("") });
    }
    paths.forEach(({ x, y, d }, i) => {
      if (lines[i].getAttribute("d") !== d) lines[i].setAttribute("d", d);
      if (traces[i].marker)
        this.mark(
          lines[i].closest(".trace"),
          x.map((v, n) => `translate(${xaxis.c2p(v)},${yaxis.c2p(y[n])})`),
        );
      Object.assign(plot.data[i], { x, y });
    });
    return true;
  }

  // Move plotly's markers to `places` and add copies for new points; plotly's next full repaint replaces them.
  mark(trace, places) {
    const marks = trace.querySelectorAll(".points .point");
    places.forEach((place, n) => {
      const mark = marks[n] ?? marks[0].parentNode.appendChild(marks[0].cloneNode());
      if (mark.getAttribute("transform") !== place) mark.setAttribute("transform", place);
    });
  }

  fill(card, records, cursor, steps, ghosts = [], forks = []) {
    const { template, plot } = card;
    const span = template.decades && records.decades(template.decades, cursor);
    const data = template.figure.data.map(({ bind, ...trace }) => {
      const filled = { ...this.themed(trace), ...drawable(fillTrace(bind, records, cursor), span) };
      if (span && trace.type === "heatmap") Object.assign(filled, { zmin: span[0], zmax: span[1] });
      return filled;
    });
    const drawn = data.filter((trace, i) => template.figure.data[i].bind.kind !== "edge" || trace.x.length); // mostly empty
    for (const ghost of ghosts) drawn.push(...this.ghost(template, ghost));
    const layout = this.themed(template.figure.layout);
    if (span && layout.yaxis.type === "log")
      Object.assign(layout.yaxis, { range: span, dtick: Math.ceil((span[1] - span[0]) / 4) });
    if (template.aligned && this.window) layout.xaxis.range = this.window;
    const { kind } = template.figure.data[0].bind;
    if (steps && kind !== "profile") layout.xaxis.range = kind === "series" ? [0, steps] : [0.5, steps + 0.5]; // runs can go on
    if (forks.length) {
      layout.shapes = forks.map((step) => ({
        type: "line",
        xref: "x",
        yref: "paper",
        x0: step,
        x1: step,
        y0: 0,
        y1: 1,
        layer: "below",
        line: { color: this.theme["--rv-faint"], width: 1.2, dash: "dot" },
      }));
      layout.annotations = forks.map((step) => ({
        x: step,
        y: 1,
        xref: "x",
        yref: "paper",
        yanchor: "top",
        xanchor: "left",
        text: `branch at ${step}`,
        showarrow: false,
        font: { size: 11, color: this.theme["--rv-faint"] },
      }));
    }
    layout.autosize = true;
    const first = !plot._fullLayout;
    card.lib = this.lib;
    card.lib.react(plot, drawn, layout, {
      displayModeBar: false,
      responsive: true,
      scrollZoom: false,
      doubleClick: "reset",
    });
    if (first && template.aligned) {
      plot.on("plotly_relayout", (change) => {
        const low = change["xaxis.range[0]"] ?? change["xaxis.range"]?.[0],
          high = change["xaxis.range[1]"] ?? change["xaxis.range"]?.[1];
        if (low != null && high != null) this.zoomed([low, high]);
      });
      plot.on("plotly_doubleclick", () => this.zoomed(undefined));
    }
    card.span = String(span);
    if (card.details.open) this.fillTable(card);
  }

  // The traces of another branch of the same experiment, from the step where it differs.
  ghost(template, { records, from, says }) {
    return template.figure.data.flatMap(({ bind, ...trace }) => {
      const { x, y } = fillTrace(bind, records, Infinity);
      const start = x.findIndex((step) => step >= from);
      if (start < 0) return [];
      const themed = this.themed(trace);
      return [
        {
          type: "scatter",
          mode: "lines",
          name: `${trace.name}, ${says}`,
          x: x.slice(start),
          y: y.slice(start),
          opacity: 0.42,
          line: { ...themed.line, width: 1.6 },
          hovertemplate: trace.hovertemplate,
          hoverlabel: { namelength: -1 },
        },
      ];
    });
  }

  fillTable(card) {
    const { records, cursor } = this.scene();
    if (!card.details.open || !records.any) return;
    const told = card.template.figure.data.filter((t) => t.bind.kind !== "edge"); // a value of 0 is already in its own column
    const traces = told.map((t) => ({ name: t.name, ...fillTrace(t.bind, records, cursor) }));
    const number = (v) => (v == null ? "–" : String(Number(Number(v).toPrecision(4))));
    let header, rows;
    if (traces[0].z) {
      header = ["step", ...traces[0].y.map((l) => `layer ${l}`)];
      rows = traces[0].x.map((s, i) => [
        s,
        ...traces[0].z.map((line) => (line[i] == null ? "–" : number(10 ** line[i]))),
      ]);
    } else {
      const all = [...new Set(traces.flatMap((t) => t.x))].sort((a, b) => a - b);
      const maps = traces.map((t) => new Map(t.x.map((x, i) => [x, t.y[i]])));
      const layers = card.template.aligned || traces.some((t) => t.name?.includes("first step"));
      header = [
        layers ? "layer" : card.template.figure.layout.xaxis.title.text.split(",")[0],
        ...traces.map((t) => t.name),
      ];
      rows = all.map((x) => [x, ...maps.map((m) => number(m.get(x)))]);
    }
    card.table.replaceChildren(
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ...header.map((h) => el("th", { scope: "col" }, h)))),
        el(
          "tbody",
          {},
          ...rows.map((row) =>
            el("tr", {}, ...row.map((c, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, String(c)))),
          ),
        ),
      ),
    );
  }

  readTheme() {
    const style = getComputedStyle(this.root);
    this.theme = {};
    for (const role of ["--st-text-color", "--rv-faint", "--rv-grid"])
      this.theme[role] = style.getPropertyValue(role).trim();
    const probe = el("i");
    this.root.append(probe);
    for (const role in this.theme) {
      // plotly understands rgb, but not color-mix
      probe.style.color = `var(${role})`;
      this.theme[role] = toRgb(getComputedStyle(probe).color);
    }
    probe.remove();
    this.theme.font = style.fontFamily;
    this.themeKey = JSON.stringify(this.theme);
  }

  themed(value) {
    if (typeof value === "string") return this.theme[value] ?? value;
    if (Array.isArray(value)) return value.map((v) => this.themed(v));
    if (value && typeof value === "object") {
      const out = {};
      for (const key in value) out[key] = this.themed(value[key]);
      if ("paper_bgcolor" in out) out.font.family = this.theme.font;
      return out;
    }
    return value;
  }

  dispose() {
    this.seen.disconnect();
    this.clear();
  }
}
