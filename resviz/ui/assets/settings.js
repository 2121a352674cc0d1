// A panel's settings: rows of parts, as resviz/ui/panel.py describes them.

import { el } from "./dom.js";
import { Guess } from "./guess.js";
import { popover } from "./popover.js";

export class Settings {
  // Callbacks: on.change(changes, sliding), on.to(query), on.trouble(words), on.query().
  constructor(on) {
    this.on = on;
    this.parts = {};
    this.left = {}; // the query of each mode when it was last left
    this.box = el("div", { class: "rv-settings-rows", role: "group", "aria-label": "Settings" });
  }

  // Lay out the rows; parts that are there already stay, and so does the focus.
  lay(rows) {
    const before = this.parts,
      boxes = [...this.box.children];
    this.parts = {};
    const made = rows.map((row) => row.map((part) => this.part(part, before).node));
    for (const [key, part] of Object.entries(before)) if (this.parts[key] !== part) part.dispose?.();
    arrange(
      this.box,
      made.map((_, i) => boxes[i] ?? el("div", { class: "rv-settings" })),
    );
    made.forEach((nodes, i) => arrange(this.box.children[i], nodes));
    this.last = this.box.lastChild;
  }

  part(told, before) {
    const key = JSON.stringify(told);
    return (this.parts[key] = before[key] ?? PARTS[told.part](this, told));
  }

  // Show `values`, texts by setting name, and `said`, the texts beside sliders.
  show(values, said) {
    Object.assign(this, { values, said });
    for (const part of Object.values(this.parts)) part.show?.(values, said);
  }
}

// Give a node these children without moving those already in place: an input that is moved loses the focus.
function arrange(parent, nodes) {
  for (const child of [...parent.childNodes]) if (!nodes.includes(child)) child.remove();
  nodes.forEach((node, i) => {
    if (parent.childNodes[i] !== node) parent.insertBefore(node, parent.childNodes[i] ?? null);
  });
}

const PARTS = {
  setting(settings, field) {
    const { name, label, help, kind, width } = field,
      id = `rv-${Math.random().toString(36).slice(2)}`;
    const made = (KINDS_OF_INPUT[kind] ?? KINDS_OF_INPUT.text)(settings, field, id);
    if (width && made.input) made.input.style.width = `${width}px`;
    const node =
      made.node ??
      el(
        "label",
        { title: help, class: `rv-setting rv-setting-${kind}`, for: id },
        el("span", {}, label, made.output ? " " : "", made.output ?? ""),
        made.input,
      );
    return {
      node,
      show: (values, said) => {
        if (name in values) made.show(values[name], said[name]);
      },
    };
  },

  box(settings, { label, parts }) {
    const inner = parts.map((part) => PARTS[part.part](settings, part));
    const node = popover(label, el("div", { class: "rv-more-parts" }, ...inner.map((part) => part.node)));
    return {
      node,
      show: (values, said) => {
        for (const part of inner) part.show?.(values, said);
      },
      dispose: () => node.abort.abort(),
    };
  },

  pills(settings, { name, label, choices }) {
    const buttons = choices.map((choice) =>
      el(
        "button",
        { type: "button", class: "rv-pill", "aria-pressed": "false", onclick: () => settings.on.change(choice.set) },
        choice.label,
      ),
    );
    const node = el("div", { class: "rv-pills", role: "group", "aria-label": label }, ...buttons);
    return {
      node,
      show: (values) =>
        choices.forEach((choice, i) => buttons[i].setAttribute("aria-pressed", String(values[name] === choice.label))),
    };
  },

  // Like pills, but as a list to select from.
  list(settings, { name, label, choices, width }) {
    const id = `rv-${Math.random().toString(36).slice(2)}`;
    const input = el(
      "select",
      {
        id,
        style: width ? `width: ${width}px` : null,
        onchange: () => settings.on.change(choices.find((choice) => choice.label === input.value).set),
      },
      el("option", { value: "", disabled: true, hidden: true }, "a mixture"),
      ...choices.map((choice) => el("option", {}, choice.label)),
    );
    const node = el("label", { class: "rv-setting", for: id }, el("span", {}, label), input);
    return {
      node,
      show: (values) => {
        input.value = values[name];
      },
    };
  },

  modes(settings, { name, label, choices, keep }) {
    const buttons = choices.map((choice) =>
      el(
        "button",
        { type: "button", class: "rv-pill", "aria-pressed": "false", onclick: () => go(choice) },
        choice.label,
      ),
    );
    const node = el("div", { class: "rv-pills rv-modes", role: "group", "aria-label": label }, ...buttons);
    const go = (choice) => {
      const now = settings.values[name],
        query = settings.on.query();
      if (now === choice.name) return;
      settings.left[now] = query;
      const words = new URLSearchParams(settings.left[choice.name] ?? choice.words),
        here = new URLSearchParams(query);
      for (const kept of keep) {
        words.delete(kept);
        if (here.has(kept)) words.set(kept, here.get(kept));
      }
      settings.on.to(words.toString());
    };
    return {
      node,
      show: (values) =>
        choices.forEach((choice, i) => buttons[i].setAttribute("aria-pressed", String(values[name] === choice.name))),
    };
  },

  caption: (settings, { text }) => ({ node: el("div", { class: "rv-more-caption" }, text) }),

  // One switch for all shortcuts.
  switch(settings, { name, all }) {
    const words = el("span", { class: "rv-switch-words" });
    const node = el(
      "button",
      {
        type: "button",
        class: "rv-switch",
        role: "switch",
        onclick: () => settings.on.change({ cut: settings.values[name] ? null : all }),
      },
      el("span", { class: "rv-knob", "aria-hidden": "true" }),
      words,
    );
    return {
      node,
      show(values, said) {
        node.setAttribute("aria-checked", String(!values[name]));
        node.disabled = !all;
        words.textContent = said[name];
      },
    };
  },

  guess: (settings, told) => new Guess(settings, told),
};

// The input of a value, by kind of setting: {input, show(value, said)}, and an `output` beside its label or a `node` of its own.
const KINDS_OF_INPUT = {
  choice(settings, { name, choices }, id) {
    const input = el(
      "select",
      { id, onchange: () => settings.on.change({ [name]: input.value }) },
      ...choices.map(([value, label]) => el("option", { value }, label)),
    );
    return {
      input,
      show: (value) => {
        input.value = value;
      },
    };
  },

  slider(settings, { name, stops }, id) {
    const input = el("input", { id, type: "range", min: 0, max: stops.length - 1, step: 1 }),
      output = el("output", { for: id });
    input.addEventListener("input", () => settings.on.change({ [name]: stops[input.value] }, true));
    input.addEventListener("change", () => settings.on.change({ [name]: stops[input.value] }));
    const nearest = (value) => {
      const distance = (v) =>
        Math.abs(Math.log(Math.abs(Number(v)) + 1e-12) - Math.log(Math.abs(Number(value)) + 1e-12));
      return stops.reduce((best, v, i) => (distance(v) < distance(stops[best]) ? i : best), 0);
    };
    return {
      input,
      output,
      show(value, said) {
        const place = String(stops.includes(value) ? stops.indexOf(value) : nearest(value));
        if (input.value !== place) input.value = place;
        output.textContent = said;
        input.setAttribute("aria-valuetext", said);
      },
    };
  },

  // Upload a file to the server, which answers with its digest.
  file(settings, { name, help, upload, also }, id) {
    const send = async () => {
      const [file] = input.files;
      input.value = "";
      if (!file) return;
      try {
        const answer = await fetch(upload, {
          method: "POST",
          headers: { "X-Resviz": "1", "X-Name": encodeURIComponent(file.name) },
          body: file,
        });
        if (!answer.ok) throw new Error(await answer.text());
        settings.on.change({ ...also, [name]: (await answer.json()).digest });
      } catch (error) {
        settings.on.trouble(error.message);
      }
    };
    const input = el("input", { id, type: "file", accept: "image/*", class: "rv-pad-file", onchange: send });
    return {
      node: el("label", { title: help, class: "rv-button rv-pad-label", for: id }, "File …", input),
      show: () => undefined,
    };
  },

  // One of a few choices, each a button.
  pills(settings, { name, label, help, choices }) {
    const buttons = choices.map(([value, text]) =>
      el(
        "button",
        {
          type: "button",
          class: "rv-pill",
          "aria-pressed": "false",
          onclick: () => settings.on.change({ [name]: value }),
        },
        text,
      ),
    );
    const node = el("div", { class: "rv-pills rv-modes", role: "group", "aria-label": label, title: help }, ...buttons);
    return {
      node,
      show: (value) => choices.forEach(([v], i) => buttons[i].setAttribute("aria-pressed", String(v === value))),
    };
  },

  // Any number of a few names, each a button.
  names(settings, { name, label, help, choices }) {
    let now = [];
    const buttons = choices.map(([value, text]) =>
      el("button", { type: "button", class: "rv-pill", "aria-pressed": "false", onclick: () => press(value) }, text),
    );
    const press = (value) =>
      settings.on.change({
        [name]: choices
          .map(([v]) => v)
          .filter((v) => (v === value) !== now.includes(v))
          .join(","),
      });
    const node = el(
      "div",
      { class: "rv-setting rv-setting-names", role: "group", "aria-label": label, title: help },
      el("span", {}, label),
      el("div", { class: "rv-pills" }, ...buttons),
    );
    return {
      node,
      show(value) {
        now = value ? value.split(",") : [];
        choices.forEach(([v], i) => buttons[i].setAttribute("aria-pressed", String(now.includes(v))));
      },
    };
  },

  int(settings, field, id) {
    const { low, high, step } = field;
    return written(settings, field, el("input", { id, type: "number", min: low, max: high, step }));
  },

  text: (settings, field, id) =>
    written(settings, field, el("input", { id, type: "text", spellcheck: "false", placeholder: field.form || null })),
};

// A text or number input. An answer that comes while a person types does not overwrite it.
function written(settings, { name }, input) {
  let typing = false,
    shown = "";
  input.addEventListener("input", () => {
    typing = true;
  });
  input.addEventListener("blur", () => {
    typing = false;
    if (input.value.trim() === shown) return;
  });
  input.addEventListener("change", () => {
    typing = false;
    settings.on.change({ [name]: input.value.trim() });
  });
  return {
    input,
    show(value) {
      shown = value;
      if (!typing && input.value !== value) input.value = value;
    },
  };
}
