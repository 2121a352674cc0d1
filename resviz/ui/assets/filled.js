// Cards with figures that come ready from the server: plotly's, tables, text, and what cards.js lists. Here
// the theme's colours are added, and the data of figures that are bound to a record.

import { isBound } from "./bound.js";
import { contentOf, kindOf } from "./cards.js";
import { needsWhole } from "./charts.js";
import { paragraphs } from "./dom.js";
import { draw, Plots } from "./plots.js";
import { afterglow } from "./quick.js";
import { rowsTable } from "./table.js";
import { markTerms } from "./terms.js";
import { themed } from "./theme.js";

/** @import {Card} from "./card.js" */
/** @import {Choose} from "./cards.js" */
/** @import {Net} from "./net.js" */

const NEAR = "50% 0px"; // of the screen's height, above and below it: near enough to be drawn

export class FilledPlots extends Plots {
  // What the controls inside a card may do: the panel says how. `history` gives the numbers of steps to undo and to redo.
  /** @type {Choose} */
  choose = () => undefined;
  /** @type {() => void} */
  undo = () => undefined;
  /** @type {() => void} */
  redo = () => undefined;
  /** @type {() => [undo: number, redo: number]} */
  history = () => [0, 0];
  settled = false; // nothing has been changed since these figures were asked for

  /** @type {Net | undefined} the drawing in one of the cards */
  net;
  /** @type {PlotlyLibrary | undefined} the whole of plotly, until it is loaded */
  whole;
  /** @type {() => void} loads it, then draws */
  fetchWhole = () => undefined;
  sized = new ResizeObserver((entries) => {
    for (const { target } of entries) reach(target);
  });
  later = 0; // the next frame in which a figure is drawn
  /** @type {Card[]} the figures to be drawn in the next frames, or once they come near the screen */
  waiting = [];
  /** @type {IntersectionObserver | undefined} tells which figures are near the screen */
  near;

  /**
   * @override
   * @param {Payload.Figure[]} figures
   */
  make(figures) {
    const cards = super.make(figures);
    this.near = this.nearness();
    for (const { box, template, plot, details } of cards) {
      this.near.observe(box);
      if (!template.table && !isBound(template)) details.hidden = true;
      if (template.figure) plot.style.height = `${template.height}px`;
      else {
        plot.removeAttribute("role"); // not an image: it has controls and text
        plot.removeAttribute("aria-label");
        plot.classList.add("rv-laid");
        this.sized.observe(plot);
      }
    }
    return cards;
  }

  /** Streamlit scrolls a part of the page: a margin around the window would not count there. */
  nearness() {
    return new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const card = this.cards.find(({ box }) => box === target);
          if (card) card.near = isIntersecting;
        }
        this.drawSoon();
      },
      { root: this.root.closest('[data-testid="stMain"]'), rootMargin: NEAR },
    );
  }

  /**
   * Show other data in the same figures. The cards stay on the page, and so does the focus.
   * @param {Payload.Figure[]} figures
   */
  refill(figures) {
    for (const [i, template] of figures.entries()) {
      this.cards[i].retitle(template);
      this.fillTable(this.cards[i]);
    }
    this.draw();
  }

  /**
   * Draw at once: the first figure, all that plotly does not draw, and in haste what gives the same picture so. Each further
   * figure of plotly's, and then what was drawn in haste, in its own frame: one takes 20 ms, a surface without a GPU seconds. Those
   * far from the screen wait until they are scrolled near it.
   */
  draw() {
    const [first] = this.cards,
      ofPlotly = this.cards.filter((card) => card.template.figure);
    for (const card of ofPlotly) card.hasty = this.hastily(card);
    for (const card of this.cards) if (!card.template.figure || (card === first && !card.hasty)) this.drawCard(card);
    const due = [...ofPlotly.filter((card) => card !== first && !card.hasty), ...ofPlotly.filter(({ hasty }) => hasty)];
    // Those that wait already go first: news may come faster than all can be drawn.
    const longest = this.waiting.filter((card) => due.includes(card));
    this.waiting = [...longest, ...due.filter((card) => !longest.includes(card))];
    this.drawSoon();
  }

  drawSoon() {
    cancelAnimationFrame(this.later);
    this.later = requestAnimationFrame(() => {
      this.later = requestAnimationFrame(() => this.drawNext());
    });
  }

  /** Draw the figure near the screen that has waited longest, and the others in the next frames. */
  drawNext() {
    const card = this.waiting.find(({ near }) => near);
    if (!card) return;
    this.waiting = this.waiting.filter((other) => other !== card);
    this.drawCard(card);
    this.later = requestAnimationFrame(() => this.drawNext());
  }

  /** @override */
  repaint() {
    this.readTheme();
    this.waiting = [];
    for (const card of this.cards) this.drawCard(card);
  }

  /**
   * Draw the lines of a figure that are bound to records from those of now. Returns false, and draws nothing, where plotly would
   * draw another picture.
   * @param {Card} card
   */
  hastily(card) {
    const { records } = this.scene();
    if (!isBound(card.template) || !records.any || card.key !== this.keyOf(card)) return false;
    const fade = afterglow(card.plot),
      done = this.quickly(card, { records, cursor: 1 });
    fade(done);
    return done;
  }

  /**
   * What a figure that is bound to records depends on besides those.
   * @param {Card} card
   */
  keyOf({ template }) {
    return `${JSON.stringify(template.figure)} ${this.themeKey}`;
  }

  /** @param {Card} card */
  drawCard(card) {
    const { template, plot } = card;
    if (template.rows || template.text)
      plot.replaceChildren(...paragraphs(template.text ?? ""), ...(template.rows ? [rowsTable(template.rows)] : []));
    // drawn on the server; not replaced if unchanged, so that hovering is not interrupted
    if (template.markup && card.markup !== template.markup) {
      card.markup = template.markup;
      plot.innerHTML = template.markup;
      plot.classList.add("rv-markup");
    }
    markTerms();
    const content = contentOf(template),
      Made = content && kindOf(content.kind);
    if (Made) {
      card.content ??= new Made(plot, this.choose, this);
      card.content.show(content.data, this.theme);
    }
    if (template.figure) this.drawFigure(card, template.figure);
  }

  /**
   * @param {Card} card
   * @param {Payload.Plot} figure
   */
  drawFigure(card, figure) {
    const whole = needsWhole(figure);
    if (whole && !this.whole) return this.fetchWhole();
    const lib = whole ? this.whole : this.lib;
    if (!lib) return;
    if (isBound(card.template)) {
      const { records } = this.scene();
      card.key = this.keyOf(card);
      if (records.any) this.fill(card, { records, cursor: 1 });
      return;
    }
    draw(card, lib, themed(figure.data, this.theme), { ...themed(figure.layout, this.theme), autosize: true });
  }

  /**
   * Pause animations while new data is awaited, for a moment at most: the server may compute it on this machine.
   * @override
   */
  hold() {
    for (const card of this.cards) card.content?.hold?.();
  }

  /**
   * @override
   * @param {Card} card
   */
  fillTable(card) {
    if (!card.details.open) return;
    const { template } = card;
    if (isBound(template)) super.fillTable(card);
    else if (template.table) card.table.replaceChildren(rowsTable(template.table));
  }

  /** @override */
  clear() {
    cancelAnimationFrame(this.later);
    this.waiting = [];
    this.near?.disconnect();
    this.sized.disconnect();
    for (const card of this.cards) card.content?.dispose?.();
    super.clear();
  }
}

/**
 * Have what is wider than its card be scrolled by keyboard, too.
 * @param {Element} node
 */
function reach(node) {
  if (node.scrollWidth > node.clientWidth) node.setAttribute("tabindex", "0");
  else node.removeAttribute("tabindex");
}
