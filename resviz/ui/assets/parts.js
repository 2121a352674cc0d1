// The parts of a panel's settings, as resviz/ui/panel.py describes them.

import { el } from "./dom.js";
import { Guess } from "./guess.js";
import { inputOf } from "./inputs.js";
import { pill, press } from "./pills.js";
import { popover } from "./popover.js";
import { Refused } from "./refused.js";

/** @import {On} from "./inputs.js" */

/**
 * A part that is on the page. `show` gets the values of all settings and the texts beside them, `know` the right
 * choice of a guess and the query it belongs to. `refuse` gets what of a person's changes cannot be used, and returns the
 * problems that it says itself; `forgive` takes them back.
 * @typedef {object} Part
 * @property {HTMLElement} node
 * @property {(values: Record<string, string>, said: Record<string, string>) => void} [show]
 * @property {(truth: [string, string] | undefined, query: string) => void} [know]
 * @property {(refused: Refusals) => string[]} [refuse]
 * @property {() => void} [forgive]
 * @property {() => void} [dispose]
 */

/** @typedef {Payload.State["refused"]} Refusals */

/**
 * What parts use of the settings: `left` has the query of each mode when it was last left.
 * @typedef {{ on: On, values?: Record<string, string>, left: Record<string, string> }} Around
 */

/**
 * Make a part.
 * @param {Around} settings
 * @param {Payload.Part} told
 * @returns {Part}
 */
export function partOf(settings, told) {
  switch (told.part) {
    case "setting":
      return setting(settings, told);
    case "box":
      return box(settings, told);
    case "pills":
      return pills(settings, told);
    case "list":
      return list(settings, told);
    case "modes":
      return modes(settings, told);
    case "caption":
      return { node: el("div", { class: "rv-more-caption" }, told.text) };
    case "switch":
      return shortcuts(settings, told);
    case "guess":
      return new Guess(settings.on, told);
  }
}

const newId = () => `rv-${Math.random().toString(36).slice(2)}`;

/**
 * @param {Around} settings
 * @param {Payload.SettingPart} field
 * @returns {Part}
 */
function setting({ on }, field) {
  const { name, label, help, kind, width } = field,
    id = newId();
  let used = false; // else somebody has changed this setting elsewhere, and looks there
  const change = (/** @type {Payload.Changes} */ changes, /** @type {boolean} */ sliding = false) => {
    used = true;
    on.change(changes, sliding);
  };
  const made = inputOf({ ...on, change }, field, id);
  if (made.node)
    return {
      node: made.node,
      show: (values, said) => {
        if (name in values) made.show(values[name], said[name]);
      },
    };
  const { input, around = input, output, keep } = made;
  if (width) input.style.width = `${width}px`;
  const words = el("span", {}, label, output ? " " : "", output ?? ""),
    labelled = el("label", { title: help, class: `rv-setting rv-setting-${kind}`, for: id }, words, around),
    refused = new Refused(input, labelled);
  /** @type {string | undefined} */
  let shown;
  const forgive = () => {
    refused.say("");
    keep?.(false);
  };
  return {
    node: refused.node,
    show(values, said) {
      if (!(name in values)) return;
      if (values[name] !== shown) refused.say("");
      shown = values[name];
      made.show(shown, said[name]);
    },
    refuse(told) {
      const mine = told.findLast(([about]) => used && about === name);
      if (!mine) {
        if (!keep) refused.say(""); // it has gone back already, and something else was changed
        return [];
      }
      refused.say(mine[2]);
      keep?.(true);
      return told.filter(([about]) => about === name).map(([, problem]) => problem);
    },
    forgive,
  };
}

/**
 * Parts that a button opens.
 * @param {Around} settings
 * @param {Payload.BoxPart} told
 * @returns {Part}
 */
function box(settings, { label, parts }) {
  const inner = parts.map((part) => partOf(settings, part));
  const node = popover(label, el("div", { class: "rv-more-parts" }, ...inner.map((part) => part.node)));
  return {
    node,
    show: (values, said) => {
      for (const part of inner) part.show?.(values, said);
    },
    refuse(refused) {
      const taken = inner.flatMap((part) => part.refuse?.(refused) ?? []);
      if (taken.length) node.open = true; // a click elsewhere has sent what was written, and closed it
      return taken;
    },
    forgive: () => {
      for (const part of inner) part.forgive?.();
    },
    dispose: () => node.abort.abort(),
  };
}

/**
 * @param {Around} settings
 * @param {Payload.SetsPart} told
 * @returns {Part}
 */
function pills({ on }, { name, label, choices }) {
  const buttons = choices.map((choice) => pill(choice.label, () => on.change(choice.set)));
  return {
    node: el("div", { class: "rv-pills", role: "group", "aria-label": label }, ...buttons),
    show: (values) => press(buttons, choices, (choice) => values[name] === choice.label),
  };
}

/**
 * Like pills, but as a list to select from.
 * @param {Around} settings
 * @param {Payload.SetsPart} told
 * @returns {Part}
 */
function list({ on }, { name, label, choices, width }) {
  const id = newId();
  const choose = () => {
    const chosen = choices.find((choice) => choice.label === input.value);
    if (chosen) on.change(chosen.set);
  };
  const input = el(
    "select",
    { id, style: width ? `width: ${width}px` : null, onchange: choose },
    el("option", { value: "", disabled: true, hidden: true }, "a mixture"),
    ...choices.map((choice) => el("option", {}, choice.label)),
  );
  return {
    node: el("label", { class: "rv-setting", for: id }, el("span", {}, label), input),
    show: (values) => {
      input.value = values[name];
    },
  };
}

/**
 * Kinds of question. Each is found again as it was left, but for the settings that are carried over.
 * @param {Around} settings
 * @param {Payload.ModesPart} told
 * @returns {Part}
 */
function modes(settings, { name, label, choices, keep }) {
  const go = (/** @type {Payload.Mode} */ choice) => {
    const now = settings.values?.[name],
      query = settings.on.query();
    if (now === undefined || now === choice.name) return;
    settings.left[now] = query;
    const words = new URLSearchParams(settings.left[choice.name] ?? choice.words),
      here = new URLSearchParams(query);
    for (const kept of keep) {
      const value = here.get(kept);
      words.delete(kept);
      if (value !== null) words.set(kept, value);
    }
    settings.on.to(words.toString());
  };
  const buttons = choices.map((choice) => pill(choice.label, () => go(choice)));
  return {
    node: el("div", { class: "rv-pills rv-modes", role: "group", "aria-label": label }, ...buttons),
    show: (values) => press(buttons, choices, (choice) => values[name] === choice.name),
  };
}

/**
 * One switch for all shortcuts.
 * @param {Around} settings
 * @param {Payload.SwitchPart} told
 * @returns {Part}
 */
function shortcuts(settings, { name, all }) {
  const words = el("span", { class: "rv-switch-words" });
  const flip = () => settings.on.change({ cut: settings.values?.[name] ? null : all });
  const node = el(
    "button",
    { type: "button", class: "rv-switch", role: "switch", onclick: flip },
    el("span", { class: "rv-knob", "aria-hidden": "true" }),
    words,
  );
  return {
    node,
    show(values, said) {
      const cut = values[name] ?? "";
      node.setAttribute("aria-checked", String(cut !== all));
      node.classList.toggle("rv-partly", cut !== "" && cut !== all);
      node.disabled = !all;
      words.textContent = said[name];
    },
  };
}
