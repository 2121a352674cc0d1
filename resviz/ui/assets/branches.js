// Branches of an experiment: the tree under the slider, and the form that starts one.

import { el } from "./dom.js";
import { scoreOf } from "./scores.js";

/** @import {Records} from "./records.js" */

/**
 * A run as a branch of an experiment: the run from which it branched, if any, after which step, and what it changed.
 * @typedef {Payload.Ancestor & { parent?: string }} Branch
 */

/**
 * The same with the number of its records that are loaded, and its test accuracy so far.
 * @typedef {Branch & { head: number, accuracy: number | null | undefined }} TreeNode
 */

const ARM_SHOWN = "residual"; // the arm whose test accuracy is shown beside a branch
const INSET = 8; // px: half the width of a slider's thumb: its first step is there

/**
 * The newest test accuracy; undefined if none was measured.
 * @param {Records} records
 */
export const accuracy = (records) => scoreOf(records, ARM_SHOWN, Infinity);

/** The tree of branches, each with a line from the step where it begins to its newest one. */
export class Tree {
  key = ""; // what is shown, as text
  /** @type {HTMLElement | undefined} */
  slider;
  resized = new ResizeObserver(() => this.place());

  /**
   * @param {HTMLElement} root
   * @param {(node: TreeNode) => void} go is called when a person picks a branch
   */
  constructor(root, go) {
    this.root = root;
    this.go = go;
  }

  /**
   * Show these branches under a slider of `steps` steps.
   * @param {TreeNode[]} nodes
   * @param {string} active the digest of the run on screen
   * @param {number} steps
   * @param {HTMLElement} slider
   */
  show(nodes, active, steps, slider) {
    if (slider !== this.slider) {
      this.resized.disconnect();
      this.resized.observe(slider);
      this.slider = slider;
    }
    const key = JSON.stringify([nodes, active, steps]);
    if (key === this.key) return;
    this.key = key;
    this.root.hidden = nodes.length < 2;
    if (this.root.hidden) {
      this.root.replaceChildren();
      return;
    }
    /** @type {Map<string, number>} */
    const depth = new Map();
    const rows = ordered(nodes).map((node) => {
      const level = 1 + (depth.get(node.parent ?? "") ?? -1);
      depth.set(node.digest, level);
      return this.row(node, level, steps, node.digest === active);
    });
    this.root.replaceChildren(...rows);
    this.place();
  }

  /** Put the lines under the slider, wherever it is now. */
  place() {
    if (!this.slider || this.root.hidden) return;
    const { offsetLeft, offsetWidth } = this.slider;
    this.root.style.setProperty("--label", `${Math.max(150, offsetLeft - this.root.offsetLeft + INSET - 8)}px`);
    this.root.style.setProperty("--span", `${Math.max(80, offsetWidth - 2 * INSET)}px`);
  }

  /**
   * @param {TreeNode} node
   * @param {number} level 0 for a run that has no parent
   * @param {number} steps
   * @param {boolean} active
   */
  row(node, level, steps, active) {
    /** @param {number} step */
    const place = (step) => `${(100 * Math.min(step, steps)) / steps}%`;
    const where = node.at ? `after step ${node.at}: ` : "";
    const line = el("span", { class: "rv-fork-line" });
    line.style.left = place(node.at);
    line.style.right = `calc(100% - ${place(Math.max(node.head, node.at))})`;
    const result = node.accuracy == null ? "" : `${(100 * node.accuracy).toFixed(1)}%`;
    return el(
      "button",
      {
        type: "button",
        class: "rv-branch",
        "aria-current": active ? "true" : false,
        title: `${where}${node.says}${node.head ? ` (${node.head} steps so far)` : ""}. Click to go there.`,
        onclick: () => this.go(node),
      },
      el("span", { class: "rv-branch-name" }, `${level ? "↳ " : ""}${where}${node.says}`),
      el("span", { class: "rv-branch-result" }, result),
      el("span", { class: "rv-line-box", "aria-hidden": "true" }, line),
    );
  }
}

/**
 * Sort nodes: parents before their children, siblings by the step at which they branch off.
 * @template {{ digest: string, parent?: string, at: number }} T
 * @param {T[]} nodes
 * @returns {T[]}
 */
export function ordered(nodes) {
  /** @type {T[]} */
  const out = [];
  const known = new Set(nodes.map((node) => node.digest));
  /** @param {T[]} siblings */
  const visit = (siblings) => {
    for (const node of siblings.sort((a, b) => a.at - b.at)) {
      out.push(node);
      visit(nodes.filter(({ parent }) => parent === node.digest));
    }
  };
  visit(nodes.filter(({ parent }) => parent === undefined || !known.has(parent)));
  return out;
}

/** The form behind "Branch here": other settings from a step on. */
export class BranchForm {
  /** The settings in force at the step of the branch. @type {Record<string, string>} */
  settings = {};

  /**
   * @param {Payload.LiveField[]} fields
   * @param {(changes: Record<string, string>) => Promise<string>} submit resolves to an error message, or to ""
   */
  constructor(fields, submit) {
    this.submit = submit;
    this.title = el("h2");
    this.trouble = el("p", { class: "rv-form-trouble", role: "alert" });
    /** By name of the setting. @type {Map<string, HTMLInputElement | HTMLSelectElement>} */
    this.inputs = new Map();
    const labels = fields.map((field) => {
      const input = inputOf(field);
      this.inputs.set(field.name, input);
      return el("label", { title: field.help, for: input.id }, field.label, input);
    });
    const form = el(
      "form",
      {
        method: "dialog",
        onsubmit: (event) => {
          event.preventDefault();
          this.send();
        },
      },
      this.title,
      el("p", {}, "The steps so far are shared; both networks go on from here with what you change."),
      el("div", { class: "rv-fields" }, ...labels),
      this.trouble,
      el(
        "div",
        { class: "rv-form-end" },
        el("button", { type: "button", class: "rv-button", onclick: () => this.dialog.close() }, "Cancel"),
        el("button", { type: "submit", class: "rv-button rv-primary" }, "Branch"),
      ),
    );
    /** @type {HTMLDialogElement} */
    this.dialog = el(
      "dialog",
      { class: "rv-dialog", "aria-label": "Branch here", onclose: () => this.dialog.remove() },
      form,
    );
  }

  /**
   * @param {number} step
   * @param {Record<string, string>} settings in force there
   */
  open(step, settings) {
    this.title.textContent = step > 1 ? `Branch after step ${step}` : "Begin with other settings";
    this.settings = settings;
    this.trouble.textContent = "";
    for (const [name, input] of this.inputs) input.value = settings[name];
    this.dialog.showModal();
  }

  async send() {
    /** @type {Record<string, string>} */
    const changes = {};
    for (const [name, input] of this.inputs) {
      const value = input.value.trim();
      if (value !== this.settings[name]) changes[name] = value;
    }
    if (!Object.keys(changes).length) {
      this.trouble.textContent = "Nothing is different yet: change at least one setting.";
      return;
    }
    const wrong = await this.submit(changes);
    if (wrong) this.trouble.textContent = wrong;
    else this.dialog.close();
  }
}

/**
 * A list of its choices, or a line to write in.
 * @param {Payload.LiveField} field
 */
function inputOf(field) {
  const id = `rv-branch-${field.name}`;
  if (field.kind !== "choice") return el("input", { id, type: "text", autocomplete: "off", placeholder: "none" });
  const options = Object.entries(field.choices).map(([value, label]) => el("option", { value }, label));
  return el("select", { id }, ...options);
}
