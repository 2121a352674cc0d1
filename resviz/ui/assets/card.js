// One card: a heading with a note, the node in which a figure is drawn, and its numbers as a table.

import { el, put, whole } from "./dom.js";

/** @import {Content} from "./cards.js" */

export class Card {
  near = false; // so near the screen that it is drawn
  visible = true; // at least an edge of it is on the screen
  most = false; // about a third of it is
  hovered = false;

  drawn = false; // by plotly, at least once
  hasty = false; // by a quick update since then
  painted = 0; // when plotly drew it last
  key = ""; // what the drawing depends on
  beside = ""; // which other branches were drawn with it
  span = ""; // the powers of ten along its y axis
  whole = ""; // if it is a heatmap that shows a part of what is drawn: what all of that depends on
  /** @type {PlotlyLibrary | undefined} the one that drew it */
  lib;

  /** @type {Content | undefined} */
  content;
  /** @type {string | undefined} */
  markup;

  /**
   * @param {Payload.Figure} template
   * @param {2 | 3} level of its heading
   */
  constructor(template, level) {
    this.template = template;
    this.plot = /** @type {PlotlyNode} */ (
      /** @type {HTMLElement} */ (el("div", { class: "rv-plot", role: "img", "aria-label": template.title }))
    );
    this.table = el("div", { class: "rv-table", tabindex: 0 });
    this.details = el(
      "details",
      { class: "rv-data" },
      el("summary", { title: "These numbers as a table" }, "table"),
      this.table,
    );
    this.title = el("span", {}, template.title);
    this.note = el("small", {}, whole(template.note));
    this.box = el(
      "section",
      { class: `rv-card rv-area-${template.id}`, "aria-label": template.title },
      el(`h${level}`, { hidden: template.bare }, this.title, this.note, this.details),
      this.plot,
    );
    this.box.addEventListener("pointerenter", () => {
      this.hovered = true;
    });
    this.box.addEventListener("pointerleave", () => {
      this.hovered = false;
    });
  }

  /**
   * Take another template of the same figure: its words now, its drawing later.
   * @param {Payload.Figure} template
   */
  retitle(template) {
    this.template = template;
    if (template.figure)
      this.plot.setAttribute("aria-label", `${template.title}. ${template.note}. The table has all numbers.`);
    this.box.setAttribute("aria-label", template.title);
    put(this.title, template.title);
    put(this.note, whole(template.note));
  }
}
