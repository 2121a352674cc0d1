// Rows of buttons of which some are pressed.

import { el } from "./dom.js";

/**
 * Make such a button, not pressed.
 * @param {string} label
 * @param {() => void} act
 */
export const pill = (label, act) =>
  el("button", { type: "button", class: "rv-pill", "aria-pressed": "false", onclick: act }, label);

/**
 * Press some of the buttons and release the others.
 * @template T
 * @param {HTMLButtonElement[]} pills
 * @param {T[]} choices one for each button
 * @param {(choice: T) => boolean} pressed
 */
export function press(pills, choices, pressed) {
  choices.forEach((choice, i) => {
    pills[i].setAttribute("aria-pressed", String(pressed(choice)));
  });
}
