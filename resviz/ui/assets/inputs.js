// The input of a setting's value, by kind of setting.

import { sendFile } from "./ask.js";
import { el } from "./dom.js";
import { pill, press } from "./pills.js";

/**
 * What is called when a person uses the settings.
 * @typedef {object} On
 * @property {(changes: Payload.Changes, sliding?: boolean) => void} change `sliding`: the slider is still held
 * @property {(query: string) => void} to replaces all settings
 * @property {(words: string) => void} trouble
 * @property {() => string} query returns the settings as a query
 */

/** @typedef {{ show: (value: string, said: string) => void }} Shows `value`: of the setting, `said`: beside a slider */

/**
 * An input that gets a label, with an `output` beside that, or a `node` of its own.
 * @typedef {Shows & (
 *   { input: HTMLElement, around?: HTMLElement, output?: HTMLElement, node?: undefined, keep?: (on: boolean) => void } |
 *   { node: HTMLElement, input?: undefined }
 * )} Input `around`: what the input stands in; `keep`: whether what was written, and refused, stays in it
 */

/** @typedef {(on: On, field: Payload.SettingPart, id: string) => Input} MakeInput */

/** @type {Record<string, MakeInput>} */
const KINDS = { choice, slider, file, pills, names, int, text };

/**
 * Make the input of a setting; `id` is for its label.
 * @type {MakeInput}
 */
export const inputOf = (on, field, id) => (KINDS[field.kind] ?? text)(on, field, id);

/** @type {MakeInput} */
function choice(on, { name, choices }, id) {
  const input = el("select", { id }, ...choices.map(([value, label]) => el("option", { value }, label)));
  input.addEventListener("change", () => on.change({ [name]: input.value }));
  return {
    input,
    show: (value) => {
      input.value = value;
    },
  };
}

/** @type {MakeInput} */
function slider(on, { name, stops = [] }, id) {
  const input = el("input", { id, type: "range", min: 0, max: stops.length - 1, step: 1 }),
    output = el("output", { for: id });
  input.addEventListener("input", () => on.change({ [name]: stops[input.valueAsNumber] }, true));
  input.addEventListener("change", () => on.change({ [name]: stops[input.valueAsNumber] }));
  return {
    input,
    output,
    show(value, said) {
      const place = String(nearest(stops, value));
      if (input.value !== place) input.value = place;
      output.textContent = said;
      input.setAttribute("aria-valuetext", said);
    },
  };
}

/**
 * The index of a value among the stops of a slider, or of the stop that is nearest to it by ratio.
 * @param {string[]} stops
 * @param {string} value
 */
export function nearest(stops, value) {
  if (stops.includes(value)) return stops.indexOf(value);
  const log = (/** @type {string} */ v) => Math.log(Math.abs(Number(v)) + 1e-12);
  const distances = stops.map((stop) => Math.abs(log(stop) - log(value)));
  return Math.max(0, distances.indexOf(Math.min(...distances)));
}

/**
 * Upload a file to the server, which answers with its digest.
 * @type {MakeInput}
 */
function file(on, { name, help, upload = "", also }, id) {
  const send = async () => {
    const [file] = input.files ?? [];
    input.value = "";
    if (!file) return;
    try {
      const { digest } = await sendFile(upload, file);
      on.change({ ...also, [name]: digest });
    } catch (error) {
      on.trouble(/** @type {Error} */ (error).message);
    }
  };
  const input = el("input", { id, type: "file", accept: "image/*", class: "rv-pad-file", onchange: send });
  return {
    node: el("label", { title: help, class: "rv-button rv-pad-label", for: id }, "File …", input),
    show: () => undefined,
  };
}

/**
 * One of a few choices, each a button.
 * @type {MakeInput}
 */
function pills(on, { name, label, help, choices }) {
  const buttons = choices.map(([value, text]) => pill(text, () => on.change({ [name]: value })));
  return {
    node: el("div", { class: "rv-pills rv-modes", role: "group", "aria-label": label, title: help }, ...buttons),
    show: (value) => press(buttons, choices, ([v]) => v === value),
  };
}

/**
 * Any number of a few names, each a button.
 * @type {MakeInput}
 */
function names(on, { name, label, help, choices }) {
  /** @type {string[]} */
  let now = [];
  const buttons = choices.map(([value, text]) => pill(text, () => toggle(value)));
  const toggle = (/** @type {string} */ value) => {
    const chosen = choices.map(([v]) => v).filter((v) => (v === value) !== now.includes(v));
    on.change({ [name]: chosen.join(",") });
  };
  return {
    node: el(
      "div",
      { class: "rv-setting rv-setting-names", role: "group", "aria-label": label, title: help },
      el("span", {}, label),
      el("div", { class: "rv-pills" }, ...buttons),
    ),
    show(value) {
      now = value ? value.split(",") : [];
      press(buttons, choices, ([v]) => now.includes(v));
    },
  };
}

/**
 * A whole number. Not an input of type "number": that drops what it cannot read itself, such as 60,000, before the server can.
 * @type {MakeInput}
 */
function int(on, field, id) {
  const { low, high } = field;
  const input = el("input", {
    id,
    type: "text",
    role: "spinbutton",
    inputmode: "numeric",
    autocomplete: "off",
    "aria-valuemin": low,
    "aria-valuemax": high,
  });
  const made = written(on, field, input);
  const go = (/** @type {number} */ by) => {
    const next = stepped(input.value, by, field);
    if (next === input.value) return;
    input.value = next;
    input.dispatchEvent(new Event("input"));
    input.dispatchEvent(new Event("change"));
  };
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    go(event.key === "ArrowUp" ? 1 : -1);
  });
  const arrow = (/** @type {number} */ by) => {
    const press = (/** @type {PointerEvent} */ event) => {
      event.preventDefault(); // the focus stays
      go(by);
    };
    return el("i", { onpointerdown: press });
  };
  const arrows = el("span", { class: "rv-arrows", "aria-hidden": "true" }, arrow(1), arrow(-1));
  return {
    ...made,
    input,
    around: el("span", { class: "rv-stepped" }, input, arrows),
    show(value) {
      made.show(value);
      input.setAttribute("aria-valuenow", value);
    },
  };
}

/**
 * The whole number one step up (`by` 1) or down (-1) from what is written, within the bounds; steps count from the least.
 * @param {string} text
 * @param {number} by
 * @param {Pick<Payload.SettingPart, "low" | "high" | "step">} field
 */
export function stepped(text, by, { low, high, step }) {
  const now = Number(text),
    first = low ?? 0,
    each = step || 1;
  if (!text.trim() || !Number.isFinite(now)) return text;
  const steps = (now - first) / each;
  const next = first + (by > 0 ? Math.floor(steps) + 1 : Math.ceil(steps) - 1) * each;
  return String(Math.max(first, Math.min(high ?? Infinity, next)));
}

/** @type {MakeInput} */
function text(on, field, id) {
  const input = el("input", { id, type: "text", spellcheck: "false", placeholder: field.form || null });
  return written(on, field, input);
}

/**
 * An input that is written in. An answer that comes while a person types does not overwrite it, nor what was refused.
 * @param {On} on
 * @param {Payload.SettingPart} field
 * @param {HTMLInputElement} input
 */
function written(on, { name }, input) {
  let typing = false,
    kept = false,
    shown = "";
  const back = () => {
    typing = false;
    kept = false;
    input.value = shown;
  };
  input.addEventListener("keydown", ({ key }) => key === "Escape" && back());
  input.addEventListener("input", () => {
    typing = true;
  });
  input.addEventListener("change", () => {
    typing = false;
    on.change({ [name]: input.value.trim() });
  });
  input.addEventListener("blur", () => {
    if (typing) back(); // typed, and taken back: nothing is changed, but an answer may have come meanwhile
  });
  return {
    input,
    keep(/** @type {boolean} */ on) {
      kept = on;
      if (!kept && !typing) back();
    },
    show(/** @type {string} */ value) {
      const stays = typing || (kept && value === shown);
      shown = value;
      if (!stays && input.value !== value) back();
    },
  };
}
