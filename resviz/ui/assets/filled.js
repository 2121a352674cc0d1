// Cards with figures that Python has filled: plotly's, animations and tables.
// animations, flow.js.

import { CARDS } from "./cards.js";
import { needsWhole } from "./charts.js";
import { el, paragraphs, rich } from "./dom.js";
import { Flow } from "./flow.js";
import { Plots } from "./plots.js";

// Whether a figure's data are columns of a record.
const bound = (template) => template.figure?.data.some((trace) => trace.bind);

// {header, rows} as a table; the first cell of each row is its heading.
function rowsTable({ header, rows }) {
  const number = header.map(
    (_, i) => i > 0 && rows.every((row) => /^\**[–\d.,]*( [kMGT]?B?)?\**$/.test(String(row[i]))),
  );
  const cell = (text, i) =>
    el(i ? "td" : "th", i ? { class: number[i] && "rv-number" } : { scope: "row" }, ...rich(String(text)));
  return el(
    "table",
    {},
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ...header.map((text, i) =>
          text ? el("th", { scope: "col", class: number[i] && "rv-number" }, text) : el("td"),
        ),
      ),
    ),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cell)))),
  );
}

// Cards whose figures and tables come ready from the server; the theme's colours are added here, and the data of bound figures.
export class FilledPlots extends Plots {
  make(figures) {
    const cards = super.make(figures);
    for (const card of cards) {
      const { template, plot } = card;
      if (!template.table && !bound(template)) card.details.hidden = true;
      if (template.figure) plot.style.height = `${template.height}px`;
      else {
        plot.removeAttribute("role");
        plot.classList.add("rv-laid");
      } // not an image: it has controls and text
    }
    return cards;
  }

  // Show other data in the same figures. The cards stay on the page, and so does the focus.
  refill(figures) {
    figures.forEach((template, i) => {
      const card = this.cards[i];
      card.template = template;
      if (template.figure)
        card.plot.setAttribute("aria-label", `${template.title}. ${template.note}. The table has all numbers.`);
      card.box.setAttribute("aria-label", template.title);
      card.box.querySelector("h3").firstChild.textContent = template.title;
      card.box.querySelector("small").textContent = template.note;
      this.fillTable(card);
    });
    this.draw();
  }

  // Draw the first plotly figure and everything else at once, each further plotly figure in its own frame: one takes 20 ms.
  draw() {
    cancelAnimationFrame(this.later);
    const [first, ...rest] = this.cards.filter((card) => card.template.figure);
    for (const card of this.cards) if (card === first || !card.template.figure) this.drawCard(card);
    const next = () => {
      const card = rest.shift();
      if (!card) return;
      this.drawCard(card);
      this.later = requestAnimationFrame(next);
    };
    this.later = requestAnimationFrame(() => {
      this.later = requestAnimationFrame(next);
    });
  }

  drawCard(card) {
    const { template, plot } = card;
    if (template.rows || template.text)
      plot.replaceChildren(...paragraphs(template.text ?? ""), ...(template.rows ? [rowsTable(template.rows)] : []));
    if (template.markup) {
      // drawn on the server; not replaced if unchanged, so that hovering is not interrupted
      if (card.markup !== template.markup) plot.innerHTML = card.markup = template.markup;
    }
    if (template.flow) (card.flow ??= new Flow(plot)).show(template.flow, this.theme);
    for (const [kind, Made] of Object.entries(CARDS)) {
      const data = template.own?.by === kind ? template.own : template[kind];
      if (data) (card.inner ??= new Made(plot, this.choose, this)).show(data);
    }
    if (!template.figure) return;
    if (needsWhole(template.figure) && !this.whole) return this.fetchWhole();
    const lib = needsWhole(template.figure) ? this.whole : this.lib;
    if (!lib) return;
    const { records } = this.scene();
    if (bound(template)) return records.any && this.fill(card, records, 1);
    const layout = { ...this.themed(template.figure.layout), autosize: true };
    card.lib = lib;
    lib.react(plot, this.themed(template.figure.data), layout, {
      displayModeBar: false,
      responsive: true,
      doubleClick: "reset",
    });
  }

  // Pause animations while new data is awaited, for a moment at most: the server may compute it on this machine.
  hold() {
    for (const card of this.cards) card.flow?.hold();
  }

  fillTable(card) {
    if (!card.details.open) return;
    if (bound(card.template)) return super.fillTable(card);
    card.table.replaceChildren(rowsTable(card.template.table));
  }

  clear() {
    cancelAnimationFrame(this.later);
    for (const card of this.cards) {
      card.flow?.dispose();
      card.inner?.dispose?.();
    }
    super.clear();
  }
}
