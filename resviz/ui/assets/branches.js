// Branches of an experiment: the tree under the slider, and the form that starts one.

import { el } from "./dom.js";

const ARM_SHOWN = "residual"; // the arm whose test accuracy is shown beside a branch

export function accuracy(records) {
  for (let i = records.head - 1; i >= 0; i--) {
    const value = records.list[i][ARM_SHOWN]?.test_accuracy;
    if (value !== undefined) return value;
  }
}

export class Tree {
  // go(node) is called when a person picks a branch.
  constructor(root, go) {
    Object.assign(this, { root, go, key: "" });
  }

  // nodes: [{digest, parent, at, says, head, accuracy}], parents before children; drawn under a slider of `steps` steps.
  show(nodes, active, steps, slider) {
    const key = JSON.stringify([nodes, active, steps, slider.offsetLeft, slider.offsetWidth]);
    if (key === this.key) return;
    this.key = key;
    this.root.hidden = nodes.length < 2;
    if (this.root.hidden) return this.root.replaceChildren();
    const inset = 8; // half the width of a slider's thumb: its first step is there
    this.root.style.setProperty("--label", `${Math.max(150, slider.offsetLeft - this.root.offsetLeft + inset - 8)}px`);
    this.root.style.setProperty("--span", `${Math.max(80, slider.offsetWidth - 2 * inset)}px`);
    const place = (step) => `${(100 * Math.min(step, steps)) / steps}%`;
    const depth = new Map();
    const rows = ordered(nodes).map((node) => {
      depth.set(node.digest, (depth.get(node.parent) ?? -1) + 1);
      const accuracy = node.accuracy == null ? "" : `${(100 * node.accuracy).toFixed(1)}%`;
      const where = node.at ? `after step ${node.at}: ` : "";
      const line = el("span", { class: "rv-line-box", "aria-hidden": "true" }, el("span", { class: "rv-fork-line" }));
      Object.assign(line.firstChild.style, {
        left: place(node.at),
        right: `calc(100% - ${place(Math.max(node.head, node.at))})`,
      });
      const row = el(
        "button",
        {
          type: "button",
          class: "rv-branch",
          "aria-current": node.digest === active ? "true" : false,
          title: `${where}${node.says}${node.head ? ` (${node.head} steps so far)` : ""}. Click to go there.`,
          onclick: () => this.go(node),
        },
        el("span", { class: "rv-branch-name" }, `${depth.get(node.digest) ? "↳ " : ""}${where}${node.says}`),
        el("span", { class: "rv-branch-result" }, accuracy),
        line,
      );
      return row;
    });
    this.root.replaceChildren(...rows);
  }
}

// Sort nodes: parents before their children, siblings by the step at which they branch off.
function ordered(nodes) {
  const out = [],
    known = new Set(nodes.map((n) => n.digest));
  const visit = (parent) => {
    const children = nodes.filter((n) => (parent ? n.parent === parent : !known.has(n.parent)));
    for (const node of children.sort((a, b) => a.at - b.at)) {
      out.push(node);
      visit(node.digest);
    }
  };
  visit(undefined);
  return out;
}

// The form behind "Branch here": other settings from a step on.
export class BranchForm {
  // fields: [{name, label, help, kind, choices}]; submit(changes) resolves to an error message, or to nothing.
  constructor(fields, submit) {
    this.fields = fields;
    this.submit = submit;
    this.title = el("h3");
    this.trouble = el("p", { class: "rv-form-trouble", role: "alert" });
    this.inputs = Object.fromEntries(
      fields.map((f) => [
        f.name,
        f.kind === "choice"
          ? el(
              "select",
              { id: `rv-branch-${f.name}` },
              ...Object.entries(f.choices).map(([value, label]) => el("option", { value }, label)),
            )
          : el("input", { id: `rv-branch-${f.name}`, type: "text", autocomplete: "off", placeholder: "none" }),
      ]),
    );
    this.form = el(
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
      el(
        "div",
        { class: "rv-fields" },
        ...fields.map((f) => el("label", { title: f.help, for: `rv-branch-${f.name}` }, f.label, this.inputs[f.name])),
      ),
      this.trouble,
      el(
        "div",
        { class: "rv-form-end" },
        el("button", { type: "button", class: "rv-button", onclick: () => this.dialog.close() }, "Cancel"),
        el("button", { type: "submit", class: "rv-button rv-primary" }, "Branch"),
      ),
    );
    this.dialog = el(
      "dialog",
      { class: "rv-dialog", "aria-label": "Branch here", onclose: () => this.dialog.remove() },
      this.form,
    );
  }

  open(step, settings) {
    this.title.textContent = step > 1 ? `Branch after step ${step}` : "Begin with other settings";
    this.settings = settings;
    this.trouble.textContent = "";
    for (const { name } of this.fields) this.inputs[name].value = settings[name];
    this.dialog.showModal();
  }

  async send() {
    const changes = {};
    for (const { name } of this.fields) {
      const value = this.inputs[name].value.trim();
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
