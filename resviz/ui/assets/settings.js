// A panel's settings: rows of parts.

import { el } from "./dom.js";
import { Fold } from "./fold.js";
import { partOf } from "./parts.js";

/** @import {On} from "./inputs.js" */
/** @import {Part} from "./parts.js" */

/** The settings of a panel: what is laid out, and what it shows. */
export class Settings {
  /** @type {Record<string, Part>} by what describes them */
  parts = {};
  /** @type {Record<string, string>} the query of each mode when it was last left */
  left = {};
  /** @type {Record<string, string> | undefined} texts by setting name */
  values = undefined;
  /** @type {Record<string, string>} the texts beside sliders */
  said = {};
  /** @type {Element | null} the last row */
  last = null;

  /** @param {On} on */
  constructor(on) {
    this.on = on;
    this.box = el("div", { class: "rv-settings-rows", role: "group", "aria-label": "Settings" });
    this.fold = new Fold(this.box);
  }

  /**
   * Lay out the rows; parts that are there already stay, and so does the focus.
   * @param {Payload.Part[][]} rows
   */
  lay(rows) {
    const before = this.parts,
      boxes = [...this.box.children];
    this.parts = {};
    const made = rows.map((row) => row.map((part) => this.part(part, before).node));
    for (const [key, part] of Object.entries(before)) if (this.parts[key] !== part) part.dispose?.();
    const lines = made.map((_, i) => boxes[i] ?? el("div", { class: "rv-settings" }));
    arrange(this.box, lines);
    made.forEach((nodes, i) => {
      arrange(lines[i], i ? nodes : [this.fold.node, ...nodes]);
    });
    this.last = this.box.lastElementChild;
  }

  /**
   * @param {Payload.Part} told
   * @param {Record<string, Part>} before
   */
  part(told, before) {
    const key = JSON.stringify(told);
    this.parts[key] = before[key] ?? partOf(this, told);
    return this.parts[key];
  }

  /**
   * Show `values`, texts by setting name, and `said`, the texts beside sliders.
   * @param {Record<string, string>} values
   * @param {Record<string, string>} said
   */
  show(values, said) {
    this.values = values;
    this.said = said;
    for (const part of Object.values(this.parts)) part.show?.(values, said);
    this.fold.tell();
  }

  /**
   * Say beside the fields what of a person's changes cannot be used. Returns the problems that are said there.
   * @param {Payload.State["refused"]} refused
   */
  refuse(refused) {
    return Object.values(this.parts).flatMap((part) => part.refuse?.(refused) ?? []);
  }

  /** All settings are replaced: nothing that was refused stays in a field. */
  forgive() {
    for (const part of Object.values(this.parts)) part.forgive?.();
  }

  /**
   * Hold a guess against what is measured.
   * @param {[string, string] | undefined} truth
   * @param {string} query the settings that it belongs to
   */
  know(truth, query) {
    for (const part of Object.values(this.parts)) part.know?.(truth, query);
  }

  dispose() {
    for (const part of Object.values(this.parts)) part.dispose?.();
  }
}

/**
 * Give a node these children without moving those already in place: an input that is moved loses the focus.
 * @param {Element} parent
 * @param {Node[]} nodes
 */
function arrange(parent, nodes) {
  for (const child of [...parent.childNodes]) if (!nodes.includes(child)) child.remove();
  nodes.forEach((node, i) => {
    if (parent.childNodes[i] !== node) parent.insertBefore(node, parent.childNodes[i] ?? null);
  });
}
