// Cards with figures that Python has filled: plotly's, animations and tables. Read after dom.js, plots.js and, where there are
// animations, flow.js.

// What a card may hold beside plotly's figures, by the key of its template or, in the folder of a topic, by the name that `own.by`
// gives: made with the card's box, `choose`, which changes settings, and the cards around it; `show` takes the data.
const INNER = {};

// A figure whose data are columns of a record.
const bound = (template) => template.figure?.data.some((trace) => trace.bind);

// {header, rows} as a table; the first cell of each line names it.
function rowsTable({ header, rows }) {
  const number = header.map((_, i) => i > 0 && rows.every((row) => /^\**[–\d.,]*( [kMGT]?B?)?\**$/.test(String(row[i]))));
  const cell = (text, i) => el(i ? "td" : "th", i ? { class: number[i] && "rv-number" } : { scope: "row" }, ...rich(String(text)));
  return el("table", {},
    el("thead", {}, el("tr", {}, ...header.map((text, i) => (text ? el("th", { scope: "col", class: number[i] && "rv-number" }, text) : el("td"))))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map(cell)))));
}

// Only the theme's colours are put in here, and the tables are as they come.
class FilledPlots extends Plots {
  make(figures) {
    const cards = super.make(figures);
    for (const card of cards) {
      const { template, plot } = card;
      if (!template.table && !bound(template)) card.details.hidden = true;
      if (template.figure) plot.style.height = `${template.height}px`;
      else { plot.removeAttribute("role"); plot.classList.add("rv-laid"); } // no image: it holds what can be pressed and read
    }
    return cards;
  }

  // The same figures with other data: what is on screen stays there, and so does what has the focus.
  refill(figures) {
    figures.forEach((template, i) => {
      const card = this.cards[i];
      card.template = template;
      if (template.figure) card.plot.setAttribute("aria-label", `${template.title}. ${template.note}. The table has all numbers.`);
      card.box.setAttribute("aria-label", template.title);
      card.box.querySelector("h3").firstChild.textContent = template.title;
      card.box.querySelector("small").textContent = template.note;
      this.fillTable(card);
    });
    this.draw();
  }

  // The first of plotly's figures at once, and each other in a frame of its own: one takes 20 ms. What is not plotly's at once too.
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
    this.later = requestAnimationFrame(() => { this.later = requestAnimationFrame(next); });
  }

  drawCard(card) {
    const { template, plot } = card;
    if (template.rows || template.text) plot.replaceChildren(...paragraphs(template.text ?? ""), ...(template.rows ? [rowsTable(template.rows)] : []));
    if (template.markup) { // drawn on the server; as it was, it keeps what the pointer is on
      if (card.markup !== template.markup) plot.innerHTML = card.markup = template.markup;
    }
    if (template.flow) (card.flow ??= new Flow(plot)).show(template.flow, this.theme);
    for (const [kind, Made] of Object.entries(INNER)) {
      const data = template.own?.by === kind ? template.own : template[kind];
      if (data) (card.inner ??= new Made(plot, this.choose, this)).show(data);
    }
    if (!template.figure || !this.lib) return;
    const { records } = this.scene();
    if (bound(template)) return records.any && this.fill(card, records, 1);
    const layout = { ...this.themed(template.figure.layout), autosize: true };
    this.lib.react(plot, this.themed(template.figure.data), layout, { displayModeBar: false, responsive: true, doubleClick: "reset" });
  }

  // What moves stands still while its successor is awaited, for a moment at most: what computes that may share this machine.
  hold() { for (const card of this.cards) card.flow?.hold(); }

  fillTable(card) {
    if (!card.details.open) return;
    if (bound(card.template)) return super.fillTable(card);
    card.table.replaceChildren(rowsTable(card.template.table));
  }

  clear() {
    cancelAnimationFrame(this.later);
    for (const card of this.cards) { card.flow?.dispose(); card.inner?.dispose?.(); }
    super.clear();
  }
}
